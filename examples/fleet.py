"""A hundred clusters of one Rancher, in ten stacks of ten.

A stack is what one plan covers, and what one lock holds up: with one for each team, teams do not wait for each other.
"""

from rancher_ports import lazy_providers

lazy_providers.enable()

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

from rancher_ports import Peer
from rancher_ports.cdk import AgentsGroup, RancherCluster, RancherServer

VPC = "vpc-0123456789abcdef0"

app = App(stack_traces=False)


def new_stack(name: str) -> TerraformStack:
    stack = TerraformStack(app, name)
    LocalBackend(stack, path=f"../../../terraform.{name}.tfstate")
    AwsProvider(stack, "aws", region="us-east-1")
    return stack


rancher = new_stack("rancher")
server = RancherServer(
    rancher,
    "central",
    vpc_id=VPC,
    egress="all",
    slots={"ui_api_clients": [Peer.cidr("office", "203.0.113.0/24")]},
)
# Without it the clusters would put 300 rules on the server's group, of which AWS allows 60.
agents = AgentsGroup(rancher, "agents", server=server)

for team in range(10):
    stack = new_stack(f"team-{team}")
    for number in range(10):
        RancherCluster(stack, f"team-{team}-{number}", server=server, agents=agents, egress="all")

app.synth()
