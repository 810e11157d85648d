"""Flows between groups that only one end allows."""

from __future__ import annotations

from collections.abc import Iterator

from rancher_ports.model.access import Access
from rancher_ports.model.findings import Finding
from rancher_ports.model.own_rules import OwnRule
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import GroupKey, opposite
from rancher_ports.model.rules import Rule, RuleSet


def one_sided(rules: RuleSet, allowed: Access) -> tuple[Finding, ...]:
    """A finding for each rule between groups of the rule set that the other group does not answer.

    A rule for all addresses answers, too: with all egress open nothing lacks its egress half.

    Args:
        rules: what is written.
        allowed: what that means, together with the rules that are left to the owners of brought groups,
            which another finding names, so that they count as answers here.
    """
    return tuple(_findings(rules, allowed))


def _findings(rules: RuleSet, allowed: Access) -> Iterator[Finding]:
    for rule in rules.rules:
        peer = rule.peer.value
        if rule.peer.kind is not PeerKind.GROUP or peer not in rules.groups:
            continue
        source, destination = (peer, rule.group) if rule.direction == "ingress" else (rule.group, peer)
        if not allowed.allows(source, destination, rule.port):
            yield _finding(rule, peer)


def _finding(rule: Rule, peer: GroupKey | str) -> Finding:
    missing = opposite(rule.direction)
    ends = ("from", "to") if rule.direction == "ingress" else ("to", "from")
    return Finding(
        code="one-sided",
        severity="warning",
        place=str(rule.group),
        sentence=(
            f"{rule.group} has {rule.direction} {rule.port} {ends[0]} {peer}, but {peer} has no {missing} for it "
            f"{ends[1]} {rule.group}: the traffic is dropped."
        ),
        fix=(
            f'Set one_sided to "completed"; where the group of {peer} is another construct\'s or not ours to write, '
            f"add the {missing} there."
        ),
    )


def agents_half_missing(own: OwnRule, agents: GroupKey, *, is_own: bool = True) -> Finding:
    """The finding for a rule towards the server which the server does not answer for the agents group.

    Args:
        own: the rule, of a cluster whose nodes have joined an agents group.
        agents: that group, by which the server's rules name these nodes.
        is_own: whether it is an own rule, or one of the cluster's table.
    """
    missing = opposite(own.direction)
    call, end = ("allow_to", "from") if missing == "ingress" else ("allow_from", "to")
    return Finding(
        code="one-sided",
        severity="warning",
        place=str(agents),
        sentence=(
            f"{own.role} has {own.direction} {own.port} {'to' if end == 'from' else 'from'} {own.peer}, but the server "
            f"has no {missing} for it {end} {agents}: the traffic is dropped."
        ),
        fix=(
            f'Write it for all clusters of the agents group: {call}("{agents.role}", "{own.peer}", ...) of that.'
            if is_own
            else f"Give {agents.owner} the distribution and features of the cluster, and migrating_from if it has that."
        ),
    )
