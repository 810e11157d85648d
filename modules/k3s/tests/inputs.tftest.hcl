# What holds of inputs whatever the distribution: this file is the same in every module.
# No AWS calls. Needs Terraform 1.7 or OpenTofu 1.8.

mock_provider "aws" {}

variables {
  vpc_id = "vpc-0123456789abcdef0"
}

run "peers_slots_and_features" {
  command = plan

  variables {
    tags     = { team = "platform" }
    features = ["external-load-balancer", "monitoring"]
    peers = {
      office = { cidr_ipv4 = "203.0.113.0/24", label = "Office" }
      lb     = { security_group_id = "sg-0123456789abcdef0" }
      spare  = { cidr_ipv6 = "2001:db8::/48" }
    }
    slots = {
      hosted_kubernetes = ["office"]
      ui_api_clients    = ["office"]
      load_balancer     = ["lb"]
    }
  }

  assert {
    condition     = join(" ", keys(aws_vpc_security_group_ingress_rule.rancher_from_peers_tcp_443)) == "lb office"
    error_message = "A peer in two slots has to make one rule, under its key, and a peer in no slot none."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.rancher_from_peers_tcp_443["office"].cidr_ipv4 == "203.0.113.0/24" &&
      aws_vpc_security_group_ingress_rule.rancher_from_peers_tcp_443["lb"].referenced_security_group_id == "sg-0123456789abcdef0"
    )
    error_message = "A rule has to name its peer."
  }

  assert {
    condition     = startswith(aws_vpc_security_group_ingress_rule.rancher_from_peers_tcp_443["office"].description, "Office: ")
    error_message = "A label has to begin the description."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.worker_from_peers_tcp_80) == 0
    error_message = "An empty slot must not make a rule."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.etcd_from_worker_tcp_9796) == 1
    error_message = "monitoring has to let Prometheus on workers ask the node exporter of etcd nodes."
  }

  assert {
    condition     = join(" ", keys(aws_vpc_security_group_egress_rule.worker_to_peers_tcp_443)) == "lb"
    error_message = "external-load-balancer has to let agents reach Rancher by the load balancer."
  }

  assert {
    condition = (
      aws_security_group.worker[0].tags["team"] == "platform" &&
      aws_security_group.worker[0].tags["Name"] == "rancher-worker" &&
      aws_security_group.worker[0].tags["rancher-ports:role"] == "worker"
    )
    error_message = "A group has to have the caller's tags and the module's."
  }
}

run "brought_groups" {
  command = plan

  variables {
    groups = {
      etcd   = { security_group_id = "sg-0123456789abcdef1" }
      worker = { security_group_id = "sg-0123456789abcdef2", add_rules = true }
    }
  }

  assert {
    condition = (
      length(aws_security_group.rancher) == 1 &&
      length(aws_security_group.etcd) == 0 &&
      length(aws_security_group.worker) == 0
    )
    error_message = "A brought group has to take the place of the module's."
  }

  assert {
    condition     = length([for rule in output.rules : rule if startswith(rule, "etcd ")]) == 0
    error_message = "A brought group must not get rules without add_rules."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.worker_from_controlplane_tcp_10250[0].security_group_id == "sg-0123456789abcdef2"
    error_message = "A brought group has to get rules with add_rules."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.controlplane_from_etcd_tcp_6443[0].referenced_security_group_id == "sg-0123456789abcdef1"
    error_message = "Rules of other groups have to name a brought group."
  }

  assert {
    condition     = output.security_group_ids["etcd"] == "sg-0123456789abcdef1"
    error_message = "security_group_ids has to have brought groups as well."
  }
}

# Each of the following gives several variables a bad value at once, which all have to be refused.

run "bad_first" {
  command = plan

  variables {
    vpc_id            = "vpc-1"
    group_name_prefix = ""
    tags              = { "aws:team" = "platform" }
    one_sided         = "both"
    egress            = "none"
    cni               = "no-such-network"
    features          = ["no-such-feature"]
    peers             = { Office = { cidr_ipv4 = "203.0.113.0/24" } }
    slots             = { no_such_slot = [] }
    groups            = { master = { security_group_id = "sg-0123456789abcdef0" } }
  }

  expect_failures = [
    var.vpc_id,
    var.group_name_prefix,
    var.tags,
    var.one_sided,
    var.egress,
    var.cni,
    var.features,
    var.peers,
    var.slots,
    var.groups,
  ]
}

run "bad_second" {
  command = plan

  variables {
    vpc_id            = "sg-0123456789abcdef0"
    group_name_prefix = "sg-prod"
    tags              = { Name = "mine" }
    peers             = { etcd = { cidr_ipv4 = "203.0.113.0/24" } }
    slots             = { ui_api_clients = null }
    groups            = { worker = null }
  }

  expect_failures = [var.vpc_id, var.group_name_prefix, var.tags, var.peers, var.slots, var.groups]
}

run "bad_third" {
  command = plan

  variables {
    group_name_prefix = "prod?"
    tags              = { "" = "no key" }
    peers             = { two-values = { cidr_ipv4 = "203.0.113.0/24", cidr_ipv6 = "2001:db8::/48" } }
    groups            = { worker = { security_group_id = "workers" } }
  }

  expect_failures = [var.group_name_prefix, var.tags, var.peers, var.groups]
}

run "bad_fourth" {
  command = plan

  variables {
    tags   = { team = "two\nlines" }
    peers  = { host-bits = { cidr_ipv4 = "203.0.113.7/24" } }
    groups = { worker = { security_group_id = "123456789012/sg-0123456789abcdef0", add_rules = true } }
  }

  expect_failures = [var.tags, var.peers, var.groups]
}

run "bad_fifth" {
  command = plan

  variables {
    peers = { other-family = { cidr_ipv6 = "203.0.113.0/24" } }
    groups = {
      etcd   = { security_group_id = "sg-0123456789abcdef0" }
      worker = { security_group_id = "sg-0123456789abcdef0" }
    }
  }

  expect_failures = [var.peers, var.groups]
}

run "bad_prefix_list" {
  command = plan

  variables {
    peers = { list = { prefix_list_id = "registries" } }
  }

  expect_failures = [var.peers]
}

run "bad_security_group" {
  command = plan

  variables {
    peers = { lb = { security_group_id = "load-balancer" } }
  }

  expect_failures = [var.peers]
}

run "bad_label" {
  command = plan

  variables {
    peers = { office = { cidr_ipv4 = "203.0.113.0/24", label = "Who's there?" } }
  }

  expect_failures = [var.peers]
}

run "bad_twice_the_same" {
  command = plan

  variables {
    peers = {
      office       = { cidr_ipv6 = "2001:db8::/48" }
      headquarters = { cidr_ipv6 = "2001:0db8::/48" }
    }
  }

  expect_failures = [var.peers]
}

# What several variables have to agree about.

run "unknown_peer" {
  command = plan

  variables {
    slots = { ui_api_clients = ["nobody"] }
  }

  expect_failures = [output.security_group_ids]
}

run "everybody_as_load_balancer" {
  command = plan

  variables {
    peers = { everybody = { cidr_ipv4 = "0.0.0.0/0" } }
    slots = { load_balancer = ["everybody"] }
  }

  expect_failures = [aws_vpc_security_group_ingress_rule.rancher_from_peers_tcp_80]
}

run "brought_group_as_peer" {
  command = plan

  variables {
    peers  = { lb = { security_group_id = "sg-0123456789abcdef0" } }
    slots  = { load_balancer = ["lb"] }
    groups = { worker = { security_group_id = "sg-0123456789abcdef0" } }
  }

  expect_failures = [output.security_group_ids]
}
