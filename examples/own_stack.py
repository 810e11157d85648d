"""Security groups for a Rancher server and one cluster, in a stack that has a VPC and more."""

from rancher_ports import lazy_providers

lazy_providers.enable()

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.instance import Instance
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc import Vpc

from rancher_ports import Peer
from rancher_ports.cdk import RancherPorts

app = App(stack_traces=False)
stack = TerraformStack(app, "infrastructure")
LocalBackend(stack, path="../../../terraform.infrastructure.tfstate")
AwsProvider(stack, "aws", region="eu-central-1")

vpc = Vpc(stack, "vpc", cidr_block="10.20.0.0/16")
load_balancer = SecurityGroup(stack, "load_balancer", name_prefix="rancher-lb-", vpc_id=vpc.id)

rancher = RancherPorts(
    stack,
    "rancher",
    vpc_id=vpc.id,
    features=["image-pulls"],
    slots={
        # Known only after apply, and named all the same.
        "load_balancer": [Peer.security_group("load-balancer", load_balancer.id)],
        "ui_api_clients": [Peer.cidr("office", "203.0.113.0/24"), Peer.cidr("office-v6", "2001:db8::/48")],
        "registries": [Peer.prefix_list("mirrors", "pl-0123456789abcdef0")],
        # The documented addresses of git.rancher.io are stale, and this Rancher fetches no catalogs.
        "git_rancher_io": [],
    },
    tags={"team": "platform"},
)

Instance(
    stack,
    "rancher_node",
    ami="ami-0123456789abcdef0",
    instance_type="t3.large",
    vpc_security_group_ids=[rancher.security_group_id("rancher")],
)
Instance(
    stack,
    "first_node",
    ami="ami-0123456789abcdef0",
    instance_type="t3.large",
    # A node of two roles has the groups of both.
    vpc_security_group_ids=rancher.security_group_ids("etcd", "controlplane"),
)

for finding in rancher.findings():
    print(finding)

app.synth()
