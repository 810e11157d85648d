"""Rancher with three clusters in two VPCs, a stack for each: two clusters beside it, one in a peered VPC.

Every rule between Rancher and a cluster stands in the cluster's stack, so that clusters come and go without a change to
Rancher's stack or to each other's. Deploy the stacks in the order in which they stand here.
"""

from rancher_ports import lazy_providers

lazy_providers.enable()

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.instance import Instance
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_peering_connection import VpcPeeringConnection

from rancher_ports import Peer, Port
from rancher_ports.cdk import AgentsGroup, Connection, NodePool, RancherCluster, RancherServer

app = App(stack_traces=False)


def new_stack(name: str) -> TerraformStack:
    stack = TerraformStack(app, name)
    LocalBackend(stack, path=f"../../../terraform.{name}.tfstate")
    AwsProvider(stack, "aws", region="us-east-1")
    return stack


network = new_stack("network")
tools = Vpc(network, "tools", cidr_block="10.0.0.0/16")
shop = Vpc(network, "shop", cidr_block="10.1.0.0/16")
# Rules may name groups of the other VPC once they are peered.
VpcPeeringConnection(network, "peering", vpc_id=tools.id, peer_vpc_id=shop.id, auto_accept=True)

rancher = new_stack("rancher")
server = RancherServer(
    rancher,
    "central",
    vpc_id=tools.id,
    egress="all",
    slots={"ui_api_clients": [Peer.cidr("office", "203.0.113.0/24")]},
)
# The nodes of all clusters in this VPC join it, and the server's group needs one rule for them.
agents = AgentsGroup(rancher, "agents", server=server)

builds_stack = new_stack("builds")
builds = RancherCluster(builds_stack, "builds", server=server, agents=agents, egress="all")

metrics_stack = new_stack("metrics")
metrics = RancherCluster(metrics_stack, "metrics", server=server, agents=agents, egress="all")

shop_stack = new_stack("shop")
shop_cluster = RancherCluster(
    shop_stack,
    "shop",
    server=server,
    vpc_id=shop.id,
    connection=Connection.peering(),
    egress="all",
    kubernetes_cluster="shop",
    slots={"ingress_clients": Peer.anywhere()},
)
# Prometheus runs on the workers of metrics, whose egress is open: the other half is there.
shop_cluster.allow_from("worker", metrics.peer("worker"), Port.tcp(9100), why="Node exporter")

Instance(
    builds_stack,
    "builder",
    ami="ami-0123456789abcdef0",
    instance_type="t3.large",
    vpc_security_group_ids=NodePool(builds, roles=["worker"]).security_group_ids,
)
Instance(
    shop_stack,
    "node",
    ami="ami-0123456789abcdef0",
    instance_type="t3.large",
    vpc_security_group_ids=NodePool(shop_cluster, roles=["etcd", "controlplane", "worker"]).security_group_ids,
)

app.synth()
