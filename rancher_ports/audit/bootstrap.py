"""Whether nodes can pull the images that they start with."""

from __future__ import annotations

from rancher_ports.model.access import Access
from rancher_ports.model.deployment import Deployment
from rancher_ports.model.findings import Finding
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.table import Table

_FEATURE = "image-pulls"
_HTTPS = Port.tcp(443)


def will_not_bootstrap(table: Table, deployment: Deployment, rules: RuleSet, allowed: Access) -> tuple[Finding, ...]:
    """One finding if there are groups of the deployment without egress to a container registry.

    A group has it by a rule of the feature ``image-pulls``, or by egress TCP 443 to all addresses of
    a family. Groups that get no rules of ours are not judged.

    Args:
        table: the documented ports.
        deployment: what the user chose of them.
        rules: what is written.
        allowed: what that means; what it says of groups that get no rules of ours is not asked.
    """
    pulls = {row.id for row in table.requirements if row.when.feature == _FEATURE}

    def reaches_registry(group: GroupKey) -> bool:
        return allowed.allows_anywhere(group, "egress", _HTTPS) or any(
            rule.direction == "egress" and not pulls.isdisjoint(rule.because) for rule in rules.of_group(group)
        )

    bindings = [deployment.bindings[role] for role in deployment.roles if role in deployment.bindings]
    lacking = [b.group.role for b in bindings if b.writes and not reaches_registry(b.group)]
    if not lacking:
        return ()
    finding = Finding(
        code="no-registry-egress",
        severity="warning",
        place=", ".join(lacking),
        sentence=f"Will not bootstrap: no egress to a container registry from {', '.join(lacking)}.",
        fix=f'Add "{_FEATURE}" to features and put the registries into the slot registries, or set egress to "all".',
    )
    return (finding,)
