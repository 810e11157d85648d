"""The documented flows written by hand, as an app of the CDK without rancher-ports.

It opens what the app opens with the settings it is shipped with. Twelve of the 59 flows are to or from peers outside
the cluster that those settings do not name; they open nothing there, and are left out here.
"""

from constructs import Construct

from bench.bindings import (
    AwsProvider,
    DataAwsVpc,
    SecurityGroup,
    VpcSecurityGroupEgressRule,
    VpcSecurityGroupIngressRule,
)
from bench.cdk import App, LocalBackend, TerraformStack

ROLES = ["rancher", "etcd", "controlplane", "worker"]

# The group, whom it lets in, and on what.
INGRESS = [
    ("rancher", "etcd", "tcp", 443, "Rancher agent, Rancher UI/API, kubectl"),
    ("rancher", "controlplane", "tcp", 443, "Rancher agent, Rancher UI/API, kubectl"),
    ("rancher", "worker", "tcp", 443, "Rancher agent, Rancher UI/API, kubectl"),
    ("etcd", "etcd", "tcp", 2379, "etcd client requests"),
    ("etcd", "controlplane", "tcp", 2379, "etcd client requests"),
    ("etcd", "etcd", "tcp", 2380, "etcd peer communication"),
    ("etcd", "controlplane", "tcp", 2380, "etcd peer communication"),
    ("etcd", "etcd", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("etcd", "controlplane", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("etcd", "worker", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("etcd", "controlplane", "tcp", 10250, "kubelet"),
    ("controlplane", "etcd", "tcp", 6443, "Kubernetes apiserver"),
    ("controlplane", "controlplane", "tcp", 6443, "Kubernetes apiserver"),
    ("controlplane", "worker", "tcp", 6443, "Kubernetes apiserver"),
    ("controlplane", "etcd", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("controlplane", "controlplane", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("controlplane", "worker", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("controlplane", "controlplane", "tcp", 10250, "kubelet"),
    ("worker", "etcd", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("worker", "controlplane", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("worker", "worker", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("worker", "controlplane", "tcp", 10250, "kubelet"),
]

# The group, whom it reaches, and on what.
EGRESS = [
    ("etcd", "rancher", "tcp", 443, "Rancher agent"),
    ("etcd", "etcd", "tcp", 2379, "etcd client requests"),
    ("etcd", "etcd", "tcp", 2380, "etcd peer communication"),
    ("etcd", "controlplane", "tcp", 6443, "Kubernetes apiserver"),
    ("etcd", "etcd", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("etcd", "controlplane", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("etcd", "worker", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("controlplane", "rancher", "tcp", 443, "Rancher agent"),
    ("controlplane", "etcd", "tcp", 2379, "etcd client requests"),
    ("controlplane", "etcd", "tcp", 2380, "etcd peer communication"),
    ("controlplane", "etcd", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("controlplane", "controlplane", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("controlplane", "worker", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("controlplane", "etcd", "tcp", 10250, "kubelet"),
    ("controlplane", "controlplane", "tcp", 10250, "kubelet"),
    ("controlplane", "worker", "tcp", 10250, "kubelet"),
    ("worker", "rancher", "tcp", 443, "Rancher agent"),
    ("worker", "controlplane", "tcp", 6443, "Kubernetes apiserver"),
    ("worker", "etcd", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("worker", "controlplane", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
    ("worker", "worker", "udp", 8472, "Canal/Flannel VXLAN overlay networking"),
]

OFFICE = "203.0.113.0/24"
GIT_RANCHER_IO = ["35.160.43.145/32", "35.167.242.46/32", "52.33.59.17/32"]


class PlainStack(TerraformStack):
    """The four security groups and their rules.

    Args:
        scope: the app.
        id: the stack's name.
    """

    def __init__(self, scope: Construct, id: str) -> None:  # noqa: A002  # the CDK's word
        super().__init__(scope, id)
        LocalBackend(self, path="../../../terraform.plain.tfstate")
        AwsProvider(self, "aws", region="us-east-1")
        vpc = DataAwsVpc(self, "default", default=True)
        groups = {
            role: SecurityGroup(
                self,
                role,
                name_prefix=f"rancher-{role}-",
                description=f"{role} nodes",
                vpc_id=vpc.id,
                lifecycle={"create_before_destroy": True},
            )
            for role in ROLES
        }
        for role, peer, protocol, port, why in INGRESS:
            VpcSecurityGroupIngressRule(
                self,
                f"{role}_from_{peer}_{protocol}_{port}",
                security_group_id=groups[role].id,
                referenced_security_group_id=groups[peer].id,
                ip_protocol=protocol,
                from_port=port,
                to_port=port,
                description=why,
            )
        for role, peer, protocol, port, why in EGRESS:
            VpcSecurityGroupEgressRule(
                self,
                f"{role}_to_{peer}_{protocol}_{port}",
                security_group_id=groups[role].id,
                referenced_security_group_id=groups[peer].id,
                ip_protocol=protocol,
                from_port=port,
                to_port=port,
                description=why,
            )
        VpcSecurityGroupIngressRule(
            self,
            "rancher_from_office_tcp_443",
            security_group_id=groups["rancher"].id,
            cidr_ipv4=OFFICE,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="Rancher agent, Rancher UI/API, kubectl",
        )
        for number, block in enumerate(GIT_RANCHER_IO, start=1):
            VpcSecurityGroupEgressRule(
                self,
                f"rancher_to_git-rancher-io-{number}_tcp_443",
                security_group_id=groups["rancher"].id,
                cidr_ipv4=block,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                description="git.rancher.io (catalogs)",
            )


def main() -> None:
    """Synthesize the stack."""
    app = App(stack_traces=False)
    PlainStack(app, "plain")
    app.synth()


if __name__ == "__main__":
    main()
