"""A highly available Rancher on a cluster of its own, and a downstream cluster that it manages.

The documented table describes Rancher in a single container. A highly available Rancher runs on the
nodes of a Kubernetes cluster, usually called local: each of its nodes is a rancher node and has that
cluster's roles as well, so it carries all four groups.
"""

from rancher_ports import lazy_providers

lazy_providers.enable()

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.instance import Instance
from cdktf_cdktf_provider_aws.provider import AwsProvider

from rancher_ports import Peer
from rancher_ports.cdk import RancherCluster, RancherServer

app = App(stack_traces=False)
stack = TerraformStack(app, "highly-available")
LocalBackend(stack, path="../../../terraform.highly-available.tfstate")
AwsProvider(stack, "aws", region="eu-central-1")

office = Peer.cidr("office", "203.0.113.0/24")
load_balancer = Peer.security_group("load-balancer", "sg-0123456789abcdef0")
mirrors = Peer.prefix_list("mirrors", "pl-0123456789abcdef0")

server = RancherServer(
    stack,
    "central",
    vpc_id="vpc-0123456789abcdef0",
    features=["image-pulls"],
    slots={"load_balancer": [load_balancer], "ui_api_clients": [office, load_balancer], "registries": [mirrors]},
)
local = RancherCluster(stack, "local", server=server, features=["image-pulls"], slots={"registries": [mirrors]})
downstream = RancherCluster(
    stack,
    "downstream",
    server=server,
    features=["image-pulls"],
    slots={"registries": [mirrors], "ingress_clients": [office]},
)

for index in range(3):
    Instance(
        stack,
        f"rancher_{index}",
        ami="ami-0123456789abcdef0",
        instance_type="t3.large",
        # Four groups of the five that AWS allows on an interface by default.
        vpc_security_group_ids=local.security_group_ids("rancher", "etcd", "controlplane", "worker"),
    )
Instance(
    stack,
    "worker",
    ami="ami-0123456789abcdef0",
    instance_type="t3.large",
    vpc_security_group_ids=[downstream.security_group_id("worker")],
)

app.synth()
