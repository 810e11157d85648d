variable "owner" {
  type = string
}

variable "server" {
  type = string
}

module "nodes" {
  source = "../node_groups"
  owner  = var.owner
  roles  = ["worker"]
}

resource "aws_vpc_security_group_egress_rule" "to_server" {
  security_group_id            = module.nodes.first
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = var.server
}

output "worker" {
  value = module.nodes.first
}
