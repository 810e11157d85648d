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

variable "registries_prefix_list_id" {
  description = "The prefix list of the registries from which nodes pull images."
  type        = string
}

variable "image_id" {
  description = "The image of the nodes."
  type        = string
}

resource "aws_vpc" "rancher" {
  cidr_block                       = "10.20.0.0/16"
  assign_generated_ipv6_cidr_block = true
  tags                             = { Name = "rancher" }
}

resource "aws_security_group" "load_balancer" {
  name_prefix = "rancher-lb-"
  description = "In front of Rancher"
  vpc_id      = aws_vpc.rancher.id
  tags        = { Name = "rancher-lb" }

  lifecycle {
    create_before_destroy = true
  }
}

# What the load balancer itself may do is its owner's affair: here, to reach Rancher.
resource "aws_vpc_security_group_egress_rule" "load_balancer_to_rancher" {
  for_each = toset(["80", "443"])

  security_group_id            = aws_security_group.load_balancer.id
  description                  = "Rancher"
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)
  referenced_security_group_id = module.ports.security_group_ids["rancher"]
}

# Workers bring their group, which has rules of its own besides.
resource "aws_security_group" "workers" {
  name_prefix = "workers-"
  description = "Workers"
  vpc_id      = aws_vpc.rancher.id
  tags        = { Name = "workers" }

  lifecycle {
    create_before_destroy = true
  }
}

module "ports" {
  # Outside of this repository: "git::https://example.com/rancher-ports.git//modules/rke2?ref=main"
  source = "../.."

  vpc_id            = aws_vpc.rancher.id
  group_name_prefix = "prod"
  tags              = { team = "platform" }

  # Health checks on 4240 and by ping in place of those of Canal on 9099.
  cni = "cilium"
  features = [
    "external-load-balancer",
    "image-pulls",
    "monitoring",
  ]

  peers = {
    office        = { cidr_ipv4 = "203.0.113.0/24", label = "Office" }
    office-ipv6   = { cidr_ipv6 = "2001:db8:1200::/48", label = "Office" }
    load-balancer = { security_group_id = aws_security_group.load_balancer.id, label = "Load balancer" }
    registries    = { prefix_list_id = var.registries_prefix_list_id }
  }
  slots = {
    load_balancer   = ["load-balancer"]
    ui_api_clients  = ["office", "office-ipv6"]
    ingress_clients = ["load-balancer", "office", "office-ipv6"]
    registries      = ["registries"]
  }

  groups = {
    worker = { security_group_id = aws_security_group.workers.id, add_rules = true }
  }
}

# Nodes that are etcd and controlplane at once have the groups of both.
resource "aws_launch_template" "servers" {
  name_prefix   = "servers-"
  image_id      = var.image_id
  instance_type = "m6i.large"
  vpc_security_group_ids = [
    module.ports.security_group_ids["etcd"],
    module.ports.security_group_ids["controlplane"],
  ]
}

resource "aws_launch_template" "workers" {
  name_prefix            = "workers-"
  image_id               = var.image_id
  instance_type          = "m6i.large"
  vpc_security_group_ids = [module.ports.security_group_ids["worker"]]
}

resource "aws_launch_template" "rancher" {
  name_prefix            = "rancher-"
  image_id               = var.image_id
  instance_type          = "m6i.large"
  vpc_security_group_ids = [module.ports.security_group_ids["rancher"]]
}

output "rules" {
  description = "What is open, a line for each rule."
  value       = module.ports.rules
}
