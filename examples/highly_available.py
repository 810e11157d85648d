"""A highly available Rancher on a cluster of its own, behind a network load balancer, and a cluster that it manages.

The documented table describes Rancher in a single container. A highly available Rancher runs on the
nodes of a Kubernetes cluster, usually called local: each of its nodes is a rancher node and has that
cluster's roles as well, so it carries all four groups.
"""

from rancher_ports import lazy_providers

lazy_providers.enable()

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.instance import Instance
from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.lb_listener import LbListener, LbListenerDefaultAction
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from cdktf_cdktf_provider_aws.lb_target_group_attachment import LbTargetGroupAttachment
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from rancher_ports import Peer
from rancher_ports.cdk import NodePool, RancherCluster, RancherServer

VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
OFFICE = "203.0.113.0/24"
# The agents of all clusters reach Rancher by the load balancer: without it no node registers.
FEATURES = ["image-pulls", "external-load-balancer"]

app = App(stack_traces=False)
stack = TerraformStack(app, "highly-available")
LocalBackend(stack, path="../../../terraform.highly-available.tfstate")
AwsProvider(stack, "aws", region="us-east-1")

balancer_group = SecurityGroup(
    stack, "balancer", name_prefix="rancher-nlb-", description="Load balancer of Rancher", vpc_id=VPC
)
office = Peer.cidr("office", OFFICE)
# It passes TLS on. Its group stands for all whom it lets in, whether or not it keeps
# their addresses (Network Load Balancers user guide, "Update the security groups for your Network Load Balancer").
balancer = Peer.security_group("nlb", balancer_group.id)
mirrors = Peer.prefix_list("mirrors", "pl-0123456789abcdef0", max_entries=20)

server = RancherServer(
    stack,
    "central",
    vpc_id=VPC,
    features=FEATURES,
    slots={"load_balancer": [balancer], "registries": [mirrors], "git_rancher_io": []},
)
slots = {"load_balancer": [balancer], "registries": [mirrors]}
local = RancherCluster(stack, "local", server=server, features=FEATURES, slots=slots)
downstream = RancherCluster(
    stack, "downstream", server=server, features=FEATURES, slots={**slots, "ingress_clients": [office]}
)

nlb = Lb(
    stack,
    "nlb",
    name_prefix="ranch-",
    load_balancer_type="network",
    internal=True,
    security_groups=[balancer_group.id],
    subnets=SUBNETS,
    enable_cross_zone_load_balancing=True,
)
targets = LbTargetGroup(stack, "rancher_targets", name_prefix="ranch-", port=443, protocol="TCP", vpc_id=VPC)
LbListener(
    stack,
    "https",
    load_balancer_arn=nlb.arn,
    port=443,
    protocol="TCP",
    default_action=[LbListenerDefaultAction(type="forward", target_group_arn=targets.arn)],
)
# The load balancer's own rules are the stack's: everybody reaches Rancher by it, the agents of both clusters, too.
clients = {
    "office": {"cidr_ipv4": OFFICE},
    **{
        f"{cluster.owner}_{role}": {"referenced_security_group_id": cluster.security_group_id(role)}
        for cluster in (local, downstream)
        for role in cluster.roles
    },
}
for name, peer in clients.items():
    VpcSecurityGroupIngressRule(
        stack,
        f"balancer_from_{name}",
        security_group_id=balancer_group.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        description="Rancher UI, API and agents",
        **peer,
    )
VpcSecurityGroupEgressRule(
    stack,
    "balancer_to_rancher",
    security_group_id=balancer_group.id,
    ip_protocol="tcp",
    from_port=443,
    to_port=443,
    referenced_security_group_id=server.security_group_id("rancher"),
    description="Rancher",
)

for index, subnet in enumerate(SUBNETS):
    node = Instance(
        stack,
        f"rancher_{index}",
        ami="ami-0123456789abcdef0",
        instance_type="t3.large",
        subnet_id=subnet,
        # Four groups of the five that AWS allows on an interface by default.
        vpc_security_group_ids=local.security_group_ids("rancher", "etcd", "controlplane", "worker"),
    )
    LbTargetGroupAttachment(stack, f"target_{index}", target_group_arn=targets.arn, target_id=node.id)
Instance(
    stack,
    "worker",
    ami="ami-0123456789abcdef0",
    instance_type="t3.large",
    subnet_id=SUBNETS[0],
    vpc_security_group_ids=NodePool(downstream, roles=["worker"]).security_group_ids,
)

app.synth()
