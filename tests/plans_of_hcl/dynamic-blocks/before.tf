resource "aws_security_group" "worker" {
  name_prefix = "prod-worker-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "worker" }

  dynamic "ingress" {
    for_each = ["10.20.0.0/16"]
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
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = { "rancher-ports:owner" = "prod", "rancher-ports:role" = "etcd" }
}
