"""A cluster whose nodes migrate from RKE1 to RKE2, in two steps and without an outage.

``STEP=before``, ``STEP=meanwhile`` (the default) and ``STEP=after`` give the three states; each is applied upon the one
before.
"""

from rancher_ports import lazy_providers

lazy_providers.enable()

import os
from typing import Any

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.instance import Instance
from cdktf_cdktf_provider_aws.provider import AwsProvider

from rancher_ports import Peer
from rancher_ports.cdk import NodePool, RancherCluster, RancherServer

VPC = "vpc-0123456789abcdef0"
STATES: dict[str, dict[str, Any]] = {
    "before": {"distribution": "rke1", "cni": "canal"},
    # Meanwhile nodes of either kind have these groups, and what either needs is open.
    "meanwhile": {"distribution": "rke2", "cni": "calico", "migrating_from": {"distribution": "rke1", "cni": "canal"}},
    "after": {"distribution": "rke2", "cni": "calico"},
}

app = App(stack_traces=False)
stack = TerraformStack(app, "migrating")
LocalBackend(stack, path="../../../terraform.migrating.tfstate")
AwsProvider(stack, "aws", region="us-east-1")

office = Peer.cidr("office", "203.0.113.0/24")
mirrors = Peer.prefix_list("mirrors", "pl-0123456789abcdef0", max_entries=20)
features = ["image-pulls", "metrics-server"]

# Rancher itself stays what it is; its rules with the cluster are the cluster's.
server = RancherServer(
    stack,
    "central",
    vpc_id=VPC,
    features=["image-pulls"],
    slots={"ui_api_clients": [office], "registries": [mirrors], "git_rancher_io": []},
)
prod = RancherCluster(
    stack,
    "prod",
    server=server,
    features=features,
    slots={"ingress_clients": [office], "registries": [mirrors]},
    **STATES[os.environ.get("STEP", "meanwhile")],
)
for role in prod.roles:
    Instance(
        stack,
        f"{role}_node",
        ami="ami-0123456789abcdef0",
        instance_type="t3.large",
        vpc_security_group_ids=NodePool(prod, roles=[role]).security_group_ids,
    )
for finding in prod.findings():
    print(finding)

app.synth()
