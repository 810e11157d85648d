"""The documented reason of what passes between two ends, and what of it no document has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rancher_ports.model.blocks import read_block
from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.intervals import Intervals, difference, overlap, union
from rancher_ports.model.peers import Peer
from rancher_ports.model.roles import CLUSTER_ROLES, EXTRA_GROUPS, NODES, ROLES
from rancher_ports.model.table import Table
from rancher_ports.model.templates import ANYWHERE_SLOT
from rancher_ports.review.changes import End
from rancher_ports.review.pairs import Pair


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why something passes between two ends.

    Args:
        flows: the documented flows that are about it.
        without: the points of the line of ports that none of these has.
    """

    flows: tuple[Flow, ...]
    without: Intervals


class Documents:
    """The documented ports that plans are held against.

    Args:
        table: the table.
        choices: which of its rows apply.
        slots: by slot, the peers in it; None where nobody said who they are, so that it may be anybody outside.
    """

    def __init__(self, table: Table, choices: Choices, slots: Mapping[str, Iterable[Peer]] | None = None) -> None:
        self._slots = tuple(table.slots)
        self._in_slots = slots
        self._between: dict[tuple[str, str], list[Flow]] = {}
        for flow in flows(table, choices):
            self._between.setdefault((flow.source, flow.destination), []).append(flow)

    def reasons(self, pair: Pair) -> Reasons | None:
        """What documents say of two ends; None where neither is a role's."""
        sources, destinations = self._ends(pair.source), self._ends(pair.destination)
        if not {*sources, *destinations} & set(ROLES):
            return None
        if _are_of_two_clusters(pair.source, pair.destination):
            return Reasons((), pair.points)
        about = [
            flow
            for source in sources
            for destination in destinations
            for flow in self._between.get((source, destination), ())
            if overlap(flow.port.span, pair.points)
        ]
        return Reasons(tuple(about), difference(pair.points, union(flow.port.span for flow in about)))

    def _ends(self, end: End) -> tuple[str, ...]:
        """The roles or slots that somebody may be; of a group that nodes of every role join, each role of a cluster."""
        if end.key is not None:
            return CLUSTER_ROLES if end.key.role in EXTRA_GROUPS else (end.key.role,)
        filled = self._in_slots
        slots = (slot for slot in self._slots if filled is None or _is_among(end, filled.get(slot, ())))
        return (*slots, ANYWHERE_SLOT.name)


def _are_of_two_clusters(source: End, destination: End) -> bool:
    """Whether both are roles of clusters, and not of the same one: documents speak of the nodes of one cluster."""
    keys = [end.key for end in (source, destination) if end.key and end.key.role in (*CLUSTER_ROLES, NODES)]
    return len({key.owner for key in keys}) == 2


def _is_among(end: End, peers: Iterable[Peer]) -> bool:
    """Whether all that an end stands for is in a slot."""
    values = [str(peer.value) for peer in peers]
    if not end.blocks:
        return end.name in values
    addresses = difference(_addresses(end.kind, end.blocks), _addresses(end.kind, end.but_for))
    return not difference(addresses, _addresses(end.kind, values))


def _addresses(family: str, texts: Iterable[str]) -> Intervals:
    """The addresses of one family in blocks, as numbers."""
    version = 6 if family == "ipv6" else 4
    return union(block.interval for block in map(read_block, texts) if block and block.version == version)
