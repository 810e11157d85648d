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

variable "image_id" {
  description = "The image of the nodes."
  type        = string
}

resource "aws_vpc" "rancher" {
  cidr_block = "10.10.0.0/16"
  tags       = { Name = "rancher" }
}

resource "aws_security_group" "load_balancer" {
  name_prefix = "rancher-lb-"
  description = "Terminates TLS in front of Rancher"
  vpc_id      = aws_vpc.rancher.id
  tags        = { Name = "rancher-lb" }

  lifecycle {
    create_before_destroy = true
  }
}

# Another team's group of the Rancher server: rules of the cluster's groups name it, it gets the module's as well.
resource "aws_security_group" "rancher" {
  name_prefix = "rancher-server-"
  description = "Rancher server"
  vpc_id      = aws_vpc.rancher.id
  tags        = { Name = "rancher-server" }

  lifecycle {
    create_before_destroy = true
  }
}

module "ports" {
  # Outside of this repository: "git::https://example.com/rancher-ports.git//modules/rke1?ref=main"
  source = "../.."

  vpc_id            = aws_vpc.rancher.id
  group_name_prefix = "legacy"
  tags              = { team = "platform" }

  # BGP and Typha in place of Canal's VXLAN; the node driver of RKE1 needs Docker's port as well as SSH.
  cni      = "calico"
  features = ["metrics-server", "node-driver", "os-packages", "ssh-admin"]

  peers = {
    office        = { cidr_ipv4 = "203.0.113.0/24", label = "Office" }
    office-ipv6   = { cidr_ipv6 = "2001:db8:1100::/48", label = "Office" }
    bastion       = { cidr_ipv4 = "10.10.255.10/32", label = "Bastion" }
    load-balancer = { security_group_id = aws_security_group.load_balancer.id, label = "Load balancer" }
    proxy         = { cidr_ipv4 = "198.51.100.7/32", label = "Proxy" }
  }
  slots = {
    load_balancer      = ["load-balancer"]
    ui_api_clients     = ["office", "office-ipv6", "load-balancer"]
    ingress_clients    = ["load-balancer"]
    nodeport_clients   = ["bastion"]
    ssh_clients        = ["bastion"]
    os_package_mirrors = ["proxy"]
    # In place of the documented addresses, which are stale: catalogs are fetched by the proxy.
    git_rancher_io = ["proxy"]
  }

  groups = {
    rancher = { security_group_id = aws_security_group.rancher.id, add_rules = true }
  }
}

# One template for each role of the cluster.
resource "aws_launch_template" "nodes" {
  for_each = toset(["etcd", "controlplane", "worker"])

  name_prefix            = "${each.key}-"
  image_id               = var.image_id
  instance_type          = "m6i.large"
  vpc_security_group_ids = [module.ports.security_group_ids[each.key]]
}

output "security_group_arns" {
  description = "The groups that were made, by role: not the brought one."
  value       = module.ports.security_group_arns
}
