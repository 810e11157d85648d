# The documented ports of K3s, stated by hand. No AWS calls. Needs Terraform 1.7 or OpenTofu 1.8.

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

  # Both halves of each: etcd's 2379-2380 4, 6443 12, Rancher's 443 6; between all nodes of a cluster, 18 each, Flannel's
  # 8472 and the kubelet's 10250.
  assert {
    condition     = length(output.rules) == 58
    error_message = "The documents have 58 rules between roles."
  }

  assert {
    condition = [
      for rule in [
        aws_vpc_security_group_ingress_rule.etcd_from_controlplane_tcp_2379-2380[0],
        aws_vpc_security_group_egress_rule.controlplane_to_etcd_tcp_2379-2380[0],
      ] : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"
    ] == ["tcp 2379-2380", "tcp 2379-2380"]
    error_message = "etcd is asked on 2379 and 2380."
  }

  assert {
    condition = [
      for rule in [
        aws_vpc_security_group_ingress_rule.controlplane_from_worker_tcp_6443[0],
        aws_vpc_security_group_ingress_rule.worker_from_etcd_udp_8472[0],
      ] : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"
    ] == ["tcp 6443-6443", "udp 8472-8472"]
    error_message = "Agents register at servers on 6443, and Flannel uses VXLAN on 8472/udp."
  }
}

run "network_features_and_all_egress" {
  command = plan

  variables {
    cni      = "flannel-wireguard-dual-stack"
    features = ["embedded-registry"]
    egress   = "all"
  }

  assert {
    condition = (
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_udp_51820) == 1 &&
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_udp_51821) == 1 &&
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_udp_8472) == 0
    )
    error_message = "WireGuard for both families has to take the place of VXLAN."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.worker_from_etcd_tcp_5001) == 1
    error_message = "The embedded registry is asked on 5001."
  }

  assert {
    condition     = join(" ", keys(aws_vpc_security_group_egress_rule.worker_to_peers_all)) == "anywhere-ipv4 anywhere-ipv6"
    error_message = "All egress has to be a rule for each family."
  }
}
