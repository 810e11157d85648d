"""The app's stack: what the settings say, built."""

from __future__ import annotations

from cdktf import TerraformStack
from constructs import Construct

from rancher_ports.cdk.backend import Backend
from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.resources import AwsProvider, DataAwsVpc
from rancher_ports.settings import Settings


class RancherPortsStack(TerraformStack):
    """A stack with a backend, a provider and a :class:`RancherPorts`.

    Args:
        scope: the app.
        id: the stack's name, and so that of its folder in ``cdktf.out/stacks``.
        settings: what to build.
    """

    def __init__(self, scope: Construct, id: str, settings: Settings) -> None:  # noqa: A002  # the CDK's word
        super().__init__(scope, id)
        Backend(self, "backend", name=settings.backend, options=settings.backend_options)
        AwsProvider(self, "aws", region=settings.region)
        vpc_id = settings.vpc_id
        if vpc_id is None:
            # Looked up rather than left out: an account without a default VPC is told so at plan.
            vpc_id = str(DataAwsVpc(self, "default", default=True).id)
        self.ports = RancherPorts(
            self,
            "ports",
            prefix=settings.prefix,
            vpc_id=vpc_id,
            group_name_prefix=settings.group_name_prefix,
            moved_from=settings.moved_from,
            distribution=settings.table.distribution,
            features=sorted(settings.choices.features),
            cni=settings.choices.cni,
            one_sided=settings.choices.one_sided,
            egress=settings.choices.egress,
            peers=settings.peers.values(),
            slots=settings.slots,
            groups=settings.groups,
            tags=settings.tags,
            prevent_destroy=settings.prevent_destroy,
            revoke_rules_on_delete=settings.revoke_rules_on_delete,
        )
