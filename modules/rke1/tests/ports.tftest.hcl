# The documented ports of RKE1, stated by hand. No AWS calls. Needs Terraform 1.7 or OpenTofu 1.8.

mock_provider "aws" {}

variables {
  vpc_id = "vpc-0123456789abcdef0"
}

run "defaults" {
  command = plan

  assert {
    condition = (
      length(aws_security_group.rancher) == 1 &&
      length(aws_security_group.etcd) == 1 &&
      length(aws_security_group.controlplane) == 1 &&
      length(aws_security_group.worker) == 1
    )
    error_message = "There has to be a group for each role."
  }

  # Between roles, both halves of each: Rancher's 443 6, etcd's 2379 and 2380 4 each, Canal's 8472 18, the kubelet's
  # 10250 from controlplane nodes 6, 6443 6. Three documented addresses of git.rancher.io.
  assert {
    condition     = length(output.rules) == 44 + 3
    error_message = "The documents have 44 rules between roles, and 3 to git.rancher.io."
  }

  assert {
    condition = [
      for rule in [
        aws_vpc_security_group_ingress_rule.etcd_from_controlplane_tcp_2379[0],
        aws_vpc_security_group_ingress_rule.etcd_from_etcd_tcp_2380[0],
      ] : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"
    ] == ["tcp 2379-2379", "tcp 2380-2380"]
    error_message = "etcd is asked on 2379 by controlplane nodes, and on 2380 by its peers."
  }

  assert {
    condition = [
      for rule in [
        aws_vpc_security_group_ingress_rule.worker_from_etcd_udp_8472[0],
        aws_vpc_security_group_egress_rule.controlplane_to_worker_tcp_10250[0],
      ] : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"
    ] == ["udp 8472-8472", "tcp 10250-10250"]
    error_message = "Canal uses VXLAN on 8472/udp, and controlplane nodes ask every node's kubelet on 10250."
  }

  assert {
    condition = join(" ", [
      for rule in values(aws_vpc_security_group_egress_rule.rancher_to_peers_tcp_443) : rule.cidr_ipv4
    ]) == "35.160.43.145/32 35.167.242.46/32 52.33.59.17/32"
    error_message = "git_rancher_io has to have its documented peers by default."
  }
}

run "network_features_and_own_catalogs" {
  command = plan

  variables {
    cni       = "calico"
    features  = ["node-driver"]
    one_sided = "documented"
    peers     = { mirror = { cidr_ipv4 = "198.51.100.7/32" } }
    slots     = { git_rancher_io = ["mirror"] }
  }

  assert {
    condition = (
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_tcp_179) == 1 &&
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_tcp_5473) == 1 &&
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_udp_8472) == 0
    )
    error_message = "Calico's BGP and Typha have to take the place of Canal's VXLAN."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.worker_from_rancher_tcp_2376) == 1
    error_message = "The node driver of RKE1 needs Docker's port."
  }

  assert {
    condition = (
      length(aws_vpc_security_group_ingress_rule.controlplane_from_controlplane_tcp_6443) == 1 &&
      length(aws_vpc_security_group_egress_rule.controlplane_to_controlplane_tcp_6443) == 0
    )
    error_message = "The apiserver's flow between controlplane nodes is documented as ingress alone."
  }

  assert {
    condition     = join(" ", keys(aws_vpc_security_group_egress_rule.rancher_to_peers_tcp_443)) == "mirror"
    error_message = "Peers of a slot have to take the place of its default ones."
  }
}
