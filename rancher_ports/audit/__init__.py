"""Checks of a deployment that give findings; a file for each check."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.audit.bootstrap import will_not_bootstrap
from rancher_ports.audit.brought_groups import brought_groups
from rancher_ports.audit.empty_slots import empty_slots
from rancher_ports.audit.one_sided import one_sided
from rancher_ports.audit.renamed_groups import renamed_groups
from rancher_ports.audit.unused_peers import unused_peers
from rancher_ports.model.access import access
from rancher_ports.model.deployment import Deployment, left_out
from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import Peer
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.table import Table
from rancher_ports.model.templates import templates


def audit(table: Table, deployment: Deployment, rules: RuleSet, peers: Iterable[Peer] = ()) -> tuple[Finding, ...]:
    """All findings about one deployment, the gravest first.

    Args:
        table: the documented ports.
        deployment: what the user chose of them.
        rules: what came of it.
        peers: peers that the user defined, whether or not a slot names them.

    Returns:
        Warnings before the rest; within each, check by check in one order.

    Raises:
        InputError: two peers of rules that are left to somebody else have one name or one known value.
    """
    left = left_out(templates(table), deployment)
    everything = rules | RuleSet.of((), left)
    allowed = access(everything)
    findings = (
        *will_not_bootstrap(table, deployment, rules, allowed),
        *brought_groups(left),
        *one_sided(rules, allowed),
        *unused_peers(table, deployment, everything, peers),
        *empty_slots(table, deployment),
    )
    return tuple(sorted(findings, key=lambda finding: finding.severity != "warning"))


__all__ = [
    "audit",
    "brought_groups",
    "empty_slots",
    "one_sided",
    "renamed_groups",
    "unused_peers",
    "will_not_bootstrap",
]
