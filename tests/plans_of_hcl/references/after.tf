# Whom rules name, in each way in which HCL may say it of groups that are made at once.

locals {
  blocks = ["10.20.0.0/16"]
  tags   = { for role in ["etcd", "controlplane", "worker"] : role => { "rancher-ports:owner" = "prod", "rancher-ports:role" = role } }
  peer   = aws_security_group.controlplane.id
}

resource "aws_security_group" "etcd" {
  name_prefix = "prod-etcd-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = local.tags["etcd"]
}

resource "aws_security_group" "controlplane" {
  name_prefix = "prod-controlplane-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = local.tags["controlplane"]
}

resource "aws_security_group" "worker" {
  name_prefix = "prod-worker-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = local.tags["worker"]
}

resource "aws_security_group" "pool" {
  for_each    = toset(["blue", "green"])
  name_prefix = "prod-${each.key}-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
}

resource "aws_security_group" "spare" {
  count       = 2
  name_prefix = "prod-spare-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
}

# One of two, by the value of each.
resource "aws_vpc_security_group_ingress_rule" "kubelet" {
  for_each = {
    etcd         = aws_security_group.etcd.id
    controlplane = aws_security_group.controlplane.id
  }
  security_group_id            = aws_security_group.worker.id
  ip_protocol                  = "tcp"
  from_port                    = 10250
  to_port                      = 10250
  referenced_security_group_id = each.value
}

# One of two, by the key of each.
resource "aws_vpc_security_group_ingress_rule" "from_pool" {
  for_each                     = aws_security_group.pool
  security_group_id            = aws_security_group.worker.id
  ip_protocol                  = "tcp"
  from_port                    = 8472
  to_port                      = 8472
  referenced_security_group_id = aws_security_group.pool[each.key].id
}

# A carrier by number.
resource "aws_vpc_security_group_ingress_rule" "to_spare" {
  count             = 2
  security_group_id = aws_security_group.spare[count.index].id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = local.blocks[0]
}

# Exactly one, by a literal key.
resource "aws_vpc_security_group_ingress_rule" "from_blue" {
  security_group_id            = aws_security_group.worker.id
  ip_protocol                  = "tcp"
  from_port                    = 9100
  to_port                      = 9100
  referenced_security_group_id = aws_security_group.pool["blue"].id
}

# Either, by a condition.
resource "aws_vpc_security_group_ingress_rule" "either" {
  security_group_id            = aws_security_group.worker.id
  ip_protocol                  = "tcp"
  from_port                    = 9796
  to_port                      = 9796
  referenced_security_group_id = var.is_joint ? aws_security_group.etcd.id : aws_security_group.controlplane.id
}

# By a local, of which a plan says nothing.
resource "aws_vpc_security_group_ingress_rule" "from_local" {
  security_group_id            = aws_security_group.etcd.id
  ip_protocol                  = "tcp"
  from_port                    = 2379
  to_port                      = 2379
  referenced_security_group_id = local.peer
}

variable "is_joint" {
  type    = bool
  default = true
}
