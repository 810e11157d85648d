# Rules that stand in their group, some of them made of a list, and rules of the older kind.

resource "aws_security_group" "worker" {
  name_prefix = "prod-worker-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "worker" }

  ingress {
    protocol        = "tcp"
    from_port       = 10250
    to_port         = 10250
    security_groups = [aws_security_group.controlplane.id]
  }

  dynamic "ingress" {
    for_each = var.ports
    content {
      protocol    = "tcp"
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = ["10.20.0.0/16"]
    }
  }

  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_security_group" "controlplane" {
  name_prefix = "prod-controlplane-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "controlplane" }
}

resource "aws_security_group" "etcd" {
  count       = 2
  name_prefix = "prod-etcd-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
}

resource "aws_security_group_rule" "kubelet" {
  type                     = "egress"
  security_group_id        = aws_security_group.controlplane.id
  protocol                 = "tcp"
  from_port                = 10250
  to_port                  = 10250
  source_security_group_id = aws_security_group.worker.id
}

resource "aws_security_group_rule" "clients" {
  count                    = 2
  type                     = "ingress"
  security_group_id        = element(aws_security_group.etcd[*].id, count.index)
  protocol                 = "tcp"
  from_port                = 2379
  to_port                  = 2379
  source_security_group_id = aws_security_group.controlplane.id
}

resource "aws_security_group_rule" "within" {
  type              = "ingress"
  security_group_id = aws_security_group.etcd[0].id
  protocol          = "tcp"
  from_port         = 2380
  to_port           = 2380
  self              = true
}

variable "ports" {
  type    = list(number)
  default = [80, 443]
}
