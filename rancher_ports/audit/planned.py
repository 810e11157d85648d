"""Everything that is checked of rules that exist, or are planned."""

from __future__ import annotations

from collections.abc import Mapping, Set

from rancher_ports.audit.protected import exposed
from rancher_ports.audit.quota import over_quota, unknown_entries
from rancher_ports.audit.requirements import unmet
from rancher_ports.audit.world import open_beyond_slots
from rancher_ports.model.access import Group
from rancher_ports.model.conditions import Choices
from rancher_ports.model.findings import Finding, gravest_first
from rancher_ports.model.peers import Peer
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.table import Table


def check(
    table: Table,
    choices: Choices,
    rules: RuleSet,
    *,
    quotas: Quotas,
    slots: Mapping[str, tuple[Peer, ...]] | None = None,
    partly: Set[Group] = frozenset(),
    perhaps: RuleSet | None = None,
) -> tuple[Finding, ...]:
    """Whether rules let pass what is documented, and nothing that nobody should have, within quotas.

    Args:
        table: the documented ports.
        choices: which of its rows apply.
        rules: all there is, on groups by owner and role where these are known.
        quotas: what AWS allows.
        slots: by slot, the peers in it; None where nobody said who they are.
        partly: groups of which others may have written further rules.
        perhaps: the same rules and those that there may be; None where everything is known.

    Returns:
        The gravest first.
    """
    # What may be let in is told as what is: nobody has to wait for apply to see that it must not be.
    most = rules if perhaps is None else perhaps
    found = (
        *exposed(table, most),
        *open_beyond_slots(table, choices, most),
        *over_quota(rules, quotas),
        *unmet(table, choices, rules, slots, partly),
        *unknown_entries(rules),
    )
    return gravest_first(found)
