"""A Rancher server and one cluster in a VPC that exists.

Behind an application load balancer, which ends TLS; the workers in an Auto Scaling group.
"""

from rancher_ports import lazy_providers

lazy_providers.enable()

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.autoscaling_group import AutoscalingGroup, AutoscalingGroupLaunchTemplate
from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc
from cdktf_cdktf_provider_aws.instance import Instance
from cdktf_cdktf_provider_aws.launch_template import LaunchTemplate, LaunchTemplateMetadataOptions
from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.lb_listener import LbListener, LbListenerDefaultAction
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from cdktf_cdktf_provider_aws.lb_target_group_attachment import LbTargetGroupAttachment
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from rancher_ports import Peer
from rancher_ports.cdk import NodePool, RancherPorts

SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
CLUSTER_ROLES = ("etcd", "controlplane", "worker")
OFFICE = "203.0.113.0/24"
IMAGE = "ami-0123456789abcdef0"

app = App(stack_traces=False)
stack = TerraformStack(app, "existing-vpc")
LocalBackend(stack, path="../../../terraform.existing-vpc.tfstate")
AwsProvider(stack, "aws", region="us-east-1")

vpc = DataAwsVpc(stack, "vpc", tags={"Name": "shared"})

# The load balancer ends TLS, and reaches Rancher on 80.
balancer_group = SecurityGroup(
    stack, "balancer", name_prefix="rancher-alb-", description="Load balancer of Rancher", vpc_id=vpc.id
)
alb = Peer.security_group("alb", balancer_group.id)
rancher = RancherPorts(
    stack,
    "rancher",
    vpc_id=vpc.id,
    # Agents on the nodes reach Rancher by the load balancer, as everybody does.
    features=["image-pulls", "external-load-balancer"],
    # The load balancers of Services: AWS's cloud controller finds the nodes' group by its tag.
    kubernetes_cluster="rancher",
    slots={
        "load_balancer": [alb],
        "ingress_clients": [Peer.cidr("office", OFFICE)],
        "registries": [Peer.prefix_list("mirrors", "pl-0123456789abcdef0", max_entries=20)],
        "git_rancher_io": [],
    },
)

# The load balancer's own rules are the stack's.
clients = {
    "office": {"cidr_ipv4": OFFICE},
    **{role: {"referenced_security_group_id": rancher.security_group_id(role)} for role in CLUSTER_ROLES},
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
    from_port=80,
    to_port=80,
    referenced_security_group_id=rancher.security_group_id("rancher"),
    description="Rancher",
)

balancer = Lb(
    stack,
    "alb",
    name_prefix="ranch-",
    load_balancer_type="application",
    internal=True,
    security_groups=[balancer_group.id],
    subnets=SUBNETS,
    drop_invalid_header_fields=True,
)
targets = LbTargetGroup(
    stack,
    "rancher_targets",
    name_prefix="ranch-",
    port=80,
    protocol="HTTP",
    vpc_id=vpc.id,
    health_check=LbTargetGroupHealthCheck(path="/healthz"),
)
LbListener(
    stack,
    "https",
    load_balancer_arn=balancer.arn,
    port=443,
    protocol="HTTPS",
    ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef",
    default_action=[LbListenerDefaultAction(type="forward", target_group_arn=targets.arn)],
)
server = Instance(
    stack,
    "rancher_node",
    ami=IMAGE,
    instance_type="t3.large",
    subnet_id=SUBNETS[0],
    vpc_security_group_ids=NodePool(rancher, roles=["rancher"]).security_group_ids,
)
LbTargetGroupAttachment(stack, "rancher_target", target_group_arn=targets.arn, target_id=server.id)

first = NodePool(rancher, roles=["etcd", "controlplane"])
for index, subnet in enumerate(SUBNETS):
    Instance(
        stack,
        f"control_{index}",
        ami=IMAGE,
        instance_type="t3.large",
        subnet_id=subnet,
        vpc_security_group_ids=first.security_group_ids,
    )

workers = LaunchTemplate(
    stack,
    "workers",
    name_prefix="rancher-worker-",
    image_id=IMAGE,
    instance_type="t3.large",
    metadata_options=LaunchTemplateMetadataOptions(http_tokens="required", http_endpoint="enabled"),
    vpc_security_group_ids=NodePool(rancher, roles=["worker"]).security_group_ids,
)
AutoscalingGroup(
    stack,
    "worker_nodes",
    name_prefix="rancher-worker-",
    min_size=2,
    max_size=6,
    desired_capacity=3,
    vpc_zone_identifier=SUBNETS,
    launch_template=AutoscalingGroupLaunchTemplate(id=workers.id, version="$Latest"),
)

for finding in rancher.findings():
    print(finding)

app.synth()
