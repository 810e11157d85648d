terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {}

variable "s3_prefix_list_id" {
  description = "The prefix list of the gateway endpoint for S3."
  type        = string
}

variable "image_id" {
  description = "The image of the nodes."
  type        = string
}

resource "aws_vpc" "edge" {
  cidr_block = "10.30.0.0/16"
  tags       = { Name = "edge" }
}

resource "aws_security_group" "load_balancer" {
  name_prefix = "edge-lb-"
  description = "In front of Rancher and of what runs on the cluster"
  vpc_id      = aws_vpc.edge.id
  tags        = { Name = "edge-lb" }

  lifecycle {
    create_before_destroy = true
  }
}

# Who owns the endpoints' group writes its rules: it is a peer and no brought group.
resource "aws_security_group" "endpoints" {
  name_prefix = "edge-endpoints-"
  description = "Interface endpoints"
  vpc_id      = aws_vpc.edge.id
  tags        = { Name = "edge-endpoints" }

  lifecycle {
    create_before_destroy = true
  }
}

# A group of the workers from before: other groups' rules name it, and it gets rules too.
resource "aws_security_group" "workers" {
  name_prefix = "edge-workers-"
  description = "Workers"
  vpc_id      = aws_vpc.edge.id
  tags        = { Name = "edge-workers" }

  lifecycle {
    create_before_destroy = true
  }
}

module "ports" {
  # Outside of this repository: "git::https://example.com/rancher-ports.git//modules/k3s?ref=main"
  source = "../.."

  vpc_id            = aws_vpc.edge.id
  group_name_prefix = "edge"
  tags              = { team = "edge" }

  # WireGuard on 51820 in place of VXLAN on 8472; nodes give each other images on 5001.
  cni      = "flannel-wireguard"
  features = ["authorized-cluster-endpoint", "embedded-registry", "vpc-endpoints"]

  peers = {
    load-balancer = { security_group_id = aws_security_group.load_balancer.id, label = "Load balancer" }
    endpoints     = { security_group_id = aws_security_group.endpoints.id, label = "Interface endpoints" }
    s3            = { prefix_list_id = var.s3_prefix_list_id, label = "S3" }
    vpc           = { cidr_ipv4 = aws_vpc.edge.cidr_block, label = "VPC" }
    sites-ipv6    = { cidr_ipv6 = "2001:db8:1300::/48", label = "Sites" }
  }
  slots = {
    load_balancer          = ["load-balancer"]
    ui_api_clients         = ["sites-ipv6", "vpc"]
    ingress_clients        = ["load-balancer", "sites-ipv6"]
    kubernetes_api_clients = ["vpc"]
    vpc_endpoints          = ["endpoints", "s3"]
  }

  groups = {
    worker = { security_group_id = aws_security_group.workers.id, add_rules = true }
  }
}

# A server of K3s is etcd and controlplane, and works as well.
resource "aws_launch_template" "servers" {
  name_prefix   = "servers-"
  image_id      = var.image_id
  instance_type = "t3.large"
  vpc_security_group_ids = [
    for role in ["etcd", "controlplane", "worker"] : module.ports.security_group_ids[role]
  ]
}

resource "aws_launch_template" "agents" {
  name_prefix            = "agents-"
  image_id               = var.image_id
  instance_type          = "t3.medium"
  vpc_security_group_ids = [module.ports.security_group_ids["worker"]]
}

resource "aws_launch_template" "rancher" {
  name_prefix            = "rancher-"
  image_id               = var.image_id
  instance_type          = "t3.large"
  vpc_security_group_ids = [module.ports.security_group_ids["rancher"]]
}

output "rules" {
  description = "What is open, a line for each rule."
  value       = module.ports.rules
}
