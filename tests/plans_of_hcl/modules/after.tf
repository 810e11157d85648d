# Groups that modules make at once, named by each other through inputs and outputs.

module "server" {
  source = "./modules/node_groups"
  owner  = "local"
  roles  = ["rancher"]
}

module "cluster" {
  for_each = toset(["blue", "green"])
  source   = "./modules/cluster"
  owner    = each.key
  server   = module.server.ids["rancher"]
}

# What comes of a module as a whole, and of one of its instances.
resource "aws_vpc_security_group_ingress_rule" "from_blue" {
  security_group_id            = module.server.first
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = module.cluster["blue"].worker
}

resource "aws_vpc_security_group_ingress_rule" "from_each" {
  for_each                     = module.cluster
  security_group_id            = module.server.first
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  referenced_security_group_id = each.value.worker
}
