"""Groups with more rules than AWS allows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.quotas import Quotas, count_rules
from rancher_ports.model.roles import SERVER_ROLES, Direction, GroupKey
from rancher_ports.model.rules import RuleSet


def over_quota(rules: RuleSet, quotas: Quotas, named: Callable[[GroupKey | str], str] = str) -> tuple[Finding, ...]:
    """A finding for each group, direction and address family with too many rules.

    Args:
        rules: all rules on the groups, whoever writes them.
        quotas: what AWS allows.
        named: how to call a group.
    """
    counts = count_rules(rules.rules)
    # In the order of the groups, which is the same whatever order the rules came in.
    found = [
        _finding(group, (direction, family), count, quotas.rules_per_group, named(group))
        for group in rules.groups
        for direction, family in _SIDES
        if (count := counts.get((group, direction, family), 0)) > quotas.rules_per_group
    ]
    return tuple(found)


_SIDES: tuple[tuple[Direction, PeerKind], ...] = (
    ("ingress", PeerKind.IPV4),
    ("ingress", PeerKind.IPV6),
    ("egress", PeerKind.IPV4),
    ("egress", PeerKind.IPV6),
)


def _finding(group: GroupKey | str, side: tuple[Direction, PeerKind], count: int, quota: int, named: str) -> Finding:
    direction, family = side
    fix = (
        "Put addresses together into fewer blocks, or have AWS raise the quota and say so: Quotas(rules_per_group=...)."
    )
    if isinstance(group, GroupKey) and group.role in SERVER_ROLES:
        fix = f"Have the nodes of clusters join an AgentsGroup, which needs one rule for all clusters of a VPC. {fix}"
    name = "IPv4" if family is PeerKind.IPV4 else "IPv6"
    return Finding(
        code="quota",
        severity="error",
        place=named,
        sentence=f"The group of {named} has {count} {direction} rules for {name}, as AWS counts them, of {quota}.",
        fix=fix,
    )


def unknown_entries(rules: RuleSet) -> tuple[Finding, ...]:
    """A finding for each prefix list in use of which it is not known how many entries it may have."""
    lists = {rule.peer for rule in rules.rules if rule.peer.kind is PeerKind.PREFIX_LIST}
    return tuple(_unknown(sorted(peer.name for peer in lists if peer.max_entries is None)))


def _unknown(names: Iterable[str]) -> Iterator[Finding]:
    for name in names:
        yield Finding(
            code="unknown-entries",
            severity="warning",
            place=name,
            sentence=f"How many entries the prefix list {name} may have is not known; AWS counts each as a rule.",
            fix="Say so: Peer.prefix_list(..., max_entries=...).",
        )
