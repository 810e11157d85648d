"""What `check` finds, and `review` if it is asked to: whether what there is afterwards does what is documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rancher_ports.errors import refuse

if TYPE_CHECKING:
    from rancher_ports.model.conditions import Choices
    from rancher_ports.model.findings import Finding
    from rancher_ports.model.inventory import Transition
    from rancher_ports.model.quotas import Quotas
    from rancher_ports.model.table import Table


def check_afterwards(
    change: Transition, chosen: tuple[Table, Choices], quotas: Quotas, *, is_filled: bool, is_change: bool
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings about what there is afterwards, and what was looked at, a line each.

    Args:
        change: what there is before and afterwards.
        chosen: the documented ports.
        quotas: what AWS allows.
        is_filled: whether settings say who is in the slots; the table has been filled with them then.
        is_change: whether groups that there were before will do, as far as there have to be some.

    Raises:
        InputError: no group is known to be any role's.
    """
    # Only now: none of it is needed for --help.
    from rancher_ports.audit.planned import check  # noqa: PLC0415  # see above
    from rancher_ports.model.findings import gravest_first  # noqa: PLC0415  # see above
    from rancher_ports.review.keyed import checked, merged_groups, partly_known, rule_set  # noqa: PLC0415  # see above

    sides = (change.before, change.after) if is_change else (change.after,)
    if not any(group.key for side in sides for group in side.groups.values()):
        allowed = "security groups with our tags rancher-ports:owner and rancher-ports:role, or --role ROLE=ADDRESS"
        raise refuse("", "no group of a role", allowed)
    table, choices = chosen
    found = check(
        table,
        choices,
        rule_set(change.after),
        quotas=quotas,
        slots={name: slot.default for name, slot in table.slots.items()} if is_filled else None,
        partly=partly_known(change.after),
        perhaps=None if all(rule.certain for rule in change.after.rules) else rule_set(change.after, perhaps=True),
    )
    found = gravest_first((*found, *merged_groups(change.after)))
    features = "".join(f", {feature}" for feature in sorted(choices.features))
    return found, (f"{table.title}, container network {choices.cni}{features}", *checked(change))
