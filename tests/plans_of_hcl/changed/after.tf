# The group stands under another name, rules for blocks go and come, and a group that is made at once is let in.

resource "aws_security_group" "etcd" {
  name_prefix = "prod-etcd-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "etcd" }
}

moved {
  from = aws_security_group.nodes
  to   = aws_security_group.etcd
}

resource "aws_security_group" "controlplane" {
  name_prefix = "prod-controlplane-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "controlplane" }
}

resource "aws_vpc_security_group_ingress_rule" "office" {
  for_each          = toset(["203.0.113.0/24", "0.0.0.0/0"])
  security_group_id = aws_security_group.etcd.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = each.value
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each                     = { etcd = aws_security_group.etcd.id, controlplane = aws_security_group.controlplane.id }
  security_group_id            = aws_security_group.etcd.id
  ip_protocol                  = "tcp"
  from_port                    = 2379
  to_port                      = 2379
  referenced_security_group_id = each.value
}

resource "aws_vpc_security_group_egress_rule" "clients" {
  security_group_id            = aws_security_group.controlplane.id
  ip_protocol                  = "tcp"
  from_port                    = 2379
  to_port                      = 2379
  referenced_security_group_id = aws_security_group.etcd.id
}
