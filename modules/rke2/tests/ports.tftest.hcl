# The documented ports of RKE2, stated by hand. No AWS calls. Needs Terraform 1.7 or OpenTofu 1.8.

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

  # Both halves of each: etcd's 2379, 2380 and 2381 4 each, the supervisor's 9345 12, 6443 6, Rancher's 443 6; between all
  # nodes of a cluster, 18 each, the kubelet's 10250, NodePorts, Canal's 8472 and 9099.
  assert {
    condition     = length(output.rules) == 108
    error_message = "The documents have 108 rules between roles."
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
        aws_vpc_security_group_ingress_rule.controlplane_from_worker_tcp_9345[0],
        aws_vpc_security_group_egress_rule.worker_to_controlplane_tcp_9345[0],
      ] : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"
    ] == ["tcp 9345-9345", "tcp 9345-9345"]
    error_message = "Nodes register at the supervisor on 9345."
  }

  assert {
    condition = [
      for rule in [
        aws_vpc_security_group_ingress_rule.worker_from_etcd_udp_8472[0],
        aws_vpc_security_group_ingress_rule.worker_from_etcd_tcp_9099[0],
      ] : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"
    ] == ["udp 8472-8472", "tcp 9099-9099"]
    error_message = "Canal uses VXLAN on 8472/udp, and 9099 for health checks."
  }
}

run "network_and_features" {
  command = plan

  variables {
    cni      = "cilium"
    features = ["embedded-registry", "windows"]
  }

  assert {
    condition = (
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_tcp_4240) == 1 &&
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_icmp_8-0) == 1 &&
      length(aws_vpc_security_group_ingress_rule.worker_from_worker_tcp_9099) == 0
    )
    error_message = "Cilium's health checks have to take the place of Canal's."
  }

  assert {
    condition = [
      for rule in [
        aws_vpc_security_group_ingress_rule.worker_from_etcd_tcp_5001[0],
        aws_vpc_security_group_ingress_rule.worker_from_etcd_udp_4789[0],
      ] : "${rule.ip_protocol} ${rule.from_port}-${rule.to_port}"
    ] == ["tcp 5001-5001", "udp 4789-4789"]
    error_message = "The embedded registry is asked on 5001, and Windows nodes use VXLAN on 4789/udp."
  }
}
