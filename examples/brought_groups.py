"""A cluster some of whose nodes have security groups already.

The group of worker nodes belongs to another team: it gets no rule, and the findings say which ones it needs. The group
of etcd nodes was made by hand: it gets the rules, and stays otherwise as it is.
"""

from rancher_ports import lazy_providers

lazy_providers.enable()

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_security_group import DataAwsSecurityGroup
from cdktf_cdktf_provider_aws.provider import AwsProvider

from rancher_ports import BroughtGroup, Peer
from rancher_ports.cdk import RancherPorts

app = App(stack_traces=False)
stack = TerraformStack(app, "brought-groups")
LocalBackend(stack, path="../../../terraform.brought-groups.tfstate")
AwsProvider(stack, "aws", region="us-east-1")

workers = DataAwsSecurityGroup(stack, "workers", name="shared-workers")

rancher = RancherPorts(
    stack,
    "rancher",
    vpc_id="vpc-0123456789abcdef0",
    egress="all",
    slots={"ui_api_clients": [Peer.cidr("office", "203.0.113.0/24")]},
    groups={
        # A construct, whose id is known after apply, and no rules.
        "worker": workers,
        "etcd": BroughtGroup("sg-0123456789abcdef0", add_rules=True),
    },
)

for finding in rancher.findings():
    print(finding)

app.synth()
