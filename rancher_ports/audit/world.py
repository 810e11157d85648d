"""Ingress from the whole world, but in the slots that are meant for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping

from rancher_ports.model.access import access
from rancher_ports.model.deployment import Deployment
from rancher_ports.model.findings import Finding
from rancher_ports.model.intervals import Intervals, intersection
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import ports_between
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import Table

_SIZES = {PeerKind.IPV4: 2**32, PeerKind.IPV6: 2**128}
_NAMES = {PeerKind.IPV4: "IPv4", PeerKind.IPV6: "IPv6"}


def open_to_the_world(table: Table, deployment: Deployment, rules: RuleSet) -> tuple[Finding, ...]:
    """A finding for each group that lets in every address of a family, with the ports.

    However many blocks it takes, and over several rules and peers. Rules for peers in the slots that the table means
    for the world do not count.

    Args:
        table: says which slots are meant for it.
        deployment: the peers in them.
        rules: what is written.
    """
    return tuple(_open(table, deployment, rules))


def _open(table: Table, deployment: Deployment, rules: RuleSet) -> Iterator[Finding]:
    meant = _meant(table, deployment)
    on_groups: dict[tuple[GroupKey | str, PeerKind], list[Rule]] = {}
    for rule in rules.rules:
        kind = rule.peer.kind
        if rule.direction == "ingress" and kind in _SIZES and rule.peer.is_known and not _is_meant(rule, meant):
            on_groups.setdefault((rule.group, kind), []).append(rule)
    for (group, family), some in on_groups.items():
        # Nearly always: there are not as many addresses in all blocks together.
        if _addresses(rule.peer for rule in some) < _SIZES[family]:
            continue
        if points := access(RuleSet.of((), some)).everywhere(group, "ingress", family):
            yield _finding(group, family, points, some)


def _meant(table: Table, deployment: Deployment) -> Mapping[str, set[Peer]]:
    """By requirement, the peers in those of its slots that are meant for the world."""
    meant: dict[str, set[Peer]] = {}
    for row in table.requirements:
        for name in row.peers:
            slot = table.slots.get(name)
            if slot is not None and slot.world:
                meant.setdefault(row.id, set()).update(deployment.slots.get(name, slot.default))
    return meant


def _is_meant(rule: Rule, meant: Mapping[str, set[Peer]]) -> bool:
    return any(rule.peer in meant.get(requirement, ()) for requirement in rule.because)


def _addresses(peers: Iterable[Peer]) -> int:
    return sum(ipaddress.ip_network(str(peer.value)).num_addresses for peer in set(peers))


def _finding(group: GroupKey | str, family: PeerKind, points: Intervals, rules: Iterable[Rule]) -> Finding:
    ports = ", ".join(str(port) for first, last in points for port in ports_between(first, last))
    opening = [rule for rule in rules if intersection((rule.port.span,), points)]
    names = ", ".join(dict.fromkeys(str(rule.peer) for rule in opening))
    return Finding(
        code="open-to-the-world",
        severity="error",
        place=str(group),
        sentence=f"{group} lets in every {_NAMES[family]} address on {ports} (by {names}).",
        fix="Name those who need it; or put them into a slot that is meant for everybody.",
    )
