"""Ingress from the whole world, but in the slots that are meant for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rancher_ports.model.access import access
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment
from rancher_ports.model.findings import Finding
from rancher_ports.model.intervals import Interval, Intervals, difference, overlap, union
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import points_text
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import Table

_NAMES = {PeerKind.IPV4: "IPv4", PeerKind.IPV6: "IPv6"}


def open_to_the_world(table: Table, deployment: Deployment, rules: RuleSet) -> tuple[Finding, ...]:
    """A finding for each group that lets in every public address of a family, with the ports.

    However many blocks it takes, and over several rules and peers; addresses that are not public may be left out. Rules
    for peers in the slots that the table means for the world do not count.

    Args:
        table: says which slots are meant for it.
        deployment: the peers in them.
        rules: what is written.
    """
    meant = _meant(table, deployment)
    found = _open(rule for rule in rules.rules if not _is_meant(rule, meant))
    return tuple(_finding(group, family, points, some) for group, family, points, some in found)


def open_beyond_slots(table: Table, choices: Choices, rules: RuleSet) -> tuple[Finding, ...]:
    """The same of rules of which it is not known for whom they are there.

    What is opened to the world is meant if rows of the group's role open it to a slot that the table means for that.

    Args:
        table: says which slots are meant for the world.
        choices: which of its rows apply.
        rules: what there is.
    """
    meant: dict[str, list[Interval]] = {}
    for row in table.requirements:
        is_meant = any(name in table.slots and table.slots[name].world for name in row.peers)
        if row.direction == "ingress" and is_meant and row.when.holds(choices):
            meant.setdefault(row.role, []).extend(port.span for port in row.ports)
    found = []
    for group, family, points, some in _open(rules.rules):
        role = group.role if isinstance(group, GroupKey) else ""
        if beyond := difference(points, union(meant.get(role, ()))):
            found.append(_finding(group, family, beyond, some))
    return tuple(found)


_Open = tuple[GroupKey | str, PeerKind, Intervals, list[Rule]]


def _open(rules: Iterable[Rule]) -> Iterator[_Open]:
    on_groups: dict[tuple[GroupKey | str, PeerKind], list[Rule]] = {}
    for rule in rules:
        kind = rule.peer.kind
        if rule.direction == "ingress" and kind in _NAMES and rule.peer.is_known:
            on_groups.setdefault((rule.group, kind), []).append(rule)
    for (group, family), some in on_groups.items():
        if points := access(RuleSet.of((), some)).to_the_world(group, "ingress", family):
            yield group, family, points, some


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


def _finding(group: GroupKey | str, family: PeerKind, points: Intervals, rules: Iterable[Rule]) -> Finding:
    ports = points_text(points)
    opening = [rule for rule in rules if overlap(rule.port.span, points)]
    names = ", ".join(dict.fromkeys(str(rule.peer) for rule in opening))
    return Finding(
        code="open-to-the-world",
        severity="error",
        place=str(group),
        sentence=f"{group} lets in every public {_NAMES[family]} address on {ports} (by {names}).",
        fix="Name those who need it; or put them into a slot that is meant for everybody.",
    )
