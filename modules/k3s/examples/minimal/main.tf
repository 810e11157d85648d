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

variable "vpc_id" {
  description = "The VPC in which the nodes are."
  type        = string
}

variable "office" {
  description = "The IPv4 block from which people use Rancher and what runs on the cluster."
  type        = string
  default     = "203.0.113.0/24"
}

module "ports" {
  # Outside of this repository: "git::https://example.com/rancher-ports.git//modules/k3s?ref=main"
  source = "../.."

  vpc_id = var.vpc_id

  peers = {
    office = { cidr_ipv4 = var.office, label = "Office" }
  }
  slots = {
    ui_api_clients  = ["office"]
    ingress_clients = ["office"]
  }
}

output "security_group_ids" {
  description = "The groups for the nodes, by role."
  value       = module.ports.security_group_ids
}
