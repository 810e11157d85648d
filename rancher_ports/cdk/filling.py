"""What the settings say, built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rancher_ports.cdk.backend import backend_class
from rancher_ports.cdk.flavours import stack_of
from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.resources import resources
from rancher_ports.model.migration import given_as
from rancher_ports.settings import Settings

if TYPE_CHECKING:
    from cdktf import TerraformStack


def fill_stack(stack: TerraformStack, settings: Settings) -> RancherPorts:
    """Give an empty stack a backend, a provider and a :class:`RancherPorts`.

    Args:
        stack: of either flavour.
        settings: what to build.

    Returns:
        The construct with the groups and rules.

    Raises:
        InputError: what is to be filled is no stack.
    """
    _, flavour = stack_of(stack, "ports")
    bindings = resources(flavour)
    backend_class(flavour)(stack, "backend", name=settings.backend, options=settings.backend_options)
    bindings.provider(stack, "aws", {"region": settings.region})
    vpc_id = settings.vpc_id
    if vpc_id is None:
        # Looked up rather than left out: an account without a default VPC is told so at plan.
        vpc_id = str(bindings.vpc(stack, "default", {"default": True}).id)
    return RancherPorts(
        stack,
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
        migrating_from=given_as(settings.choices),
        peers=settings.peers.values(),
        slots=settings.slots,
        groups=settings.groups,
        adopted=settings.adopted,
        kubernetes_cluster=settings.kubernetes_cluster,
        quotas=settings.quotas,
        tags=settings.tags,
        prevent_destroy=settings.prevent_destroy,
        revoke_rules_on_delete=settings.revoke_rules_on_delete,
    )
