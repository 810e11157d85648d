# Groups whose rules are all made of dynamic blocks, which a plan leaves out of its configuration: one is changed, one is
# replaced, and one is made.

locals {
  open = ["10.20.0.0/16", "0.0.0.0/0"]
}

resource "aws_security_group" "worker" {
  name_prefix = "prod-worker-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "worker" }

  dynamic "ingress" {
    for_each = local.open
    content {
      protocol    = "tcp"
      from_port   = 443
      to_port     = 443
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_security_group" "etcd" {
  name_prefix = "prod-etcd-"
  description = "Nodes of etcd"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "etcd" }

  dynamic "ingress" {
    for_each = local.open
    content {
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_security_group" "controlplane" {
  name_prefix = "prod-controlplane-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "controlplane" }

  dynamic "ingress" {
    for_each = [aws_security_group.etcd.id]
    content {
      protocol        = "tcp"
      from_port       = 6443
      to_port         = 6443
      security_groups = [ingress.value]
    }
  }
}
