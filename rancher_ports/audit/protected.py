"""Ports that are not for everybody, opened to somebody who is not meant."""

from __future__ import annotations

from collections.abc import Iterator

from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import Protected, Table


def exposed(table: Table, rules: RuleSet) -> tuple[Finding, ...]:
    """A finding for each rule that lets somebody in on protected ports who may not be.

    It holds for every group, of whatever role: a node may have several.

    Args:
        table: says which ports are protected, and who may be let in.
        rules: what is written.
    """
    return tuple(_exposed(table, rules))


def _exposed(table: Table, rules: RuleSet) -> Iterator[Finding]:
    spans = [(protected, port.span) for protected in table.protected.values() for port in protected.ports]
    for rule in rules.rules:
        if rule.direction != "ingress":
            continue
        first, last = rule.port.span
        met = dict.fromkeys(protected for protected, (low, high) in spans if first <= high and low <= last)
        for protected in met:
            if not _may(rule, protected):
                yield _finding(rule, protected)


def _may(rule: Rule, protected: Protected) -> bool:
    if rule.peer.kind is not PeerKind.GROUP:
        return False
    if protected.only is None:
        return True
    peer, group = rule.peer.value, rule.group
    if not isinstance(peer, GroupKey) or not isinstance(group, GroupKey):
        return False
    return peer.role in protected.only and peer.owner == group.owner


def _finding(rule: Rule, protected: Protected) -> Finding:
    who = "security groups" if protected.only is None else f"{' and '.join(protected.only)} of the same cluster"
    value = f" ({rule.peer.value})" if rule.peer.is_known else ""
    ports = ", ".join(map(str, protected.ports))
    return Finding(
        code=protected.code,
        severity="error",
        place=str(rule.group),
        sentence=f"{rule.group} lets in {rule.peer}{value} on {rule.port}, which holds {protected.name} {ports}.",
        fix=f"{protected.why}: let in nobody but {who}.",
    )
