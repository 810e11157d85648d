resource "aws_security_group" "nodes" {
  name_prefix = "prod-etcd-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "etcd" }
}

resource "aws_vpc_security_group_ingress_rule" "office" {
  for_each          = toset(["203.0.113.0/24", "198.51.100.0/24"])
  security_group_id = aws_security_group.nodes.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = each.value
}
