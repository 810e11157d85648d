variable "owner" {
  type = string
}

variable "roles" {
  type = list(string)
}

resource "aws_security_group" "role" {
  count       = length(var.roles)
  name_prefix = "${var.owner}-${var.roles[count.index]}-"
  description = "Nodes"
  vpc_id      = "vpc-0123456789abcdef0"
  tags = {
    "rancher-ports:owner" = var.owner
    "rancher-ports:role"  = var.roles[count.index]
  }
}

output "first" {
  value = aws_security_group.role[0].id
}

output "ids" {
  value = { for index, role in var.roles : role => aws_security_group.role[index].id }
}
