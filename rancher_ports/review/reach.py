"""Reach: on which ports the ends that a table names reach each other, both halves counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rancher_ports.model.flows import Flow
from rancher_ports.model.intervals import Interval, Intervals, intersection, union
from rancher_ports.model.ports import EVERY_POINT
from rancher_ports.model.roles import ROLES
from rancher_ports.model.templates import ANYWHERE_SLOT

ANYWHERE = ANYWHERE_SLOT.name

_Spans = Mapping[tuple[str, str], tuple[Interval, ...]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Who reaches whom. Made by :func:`reach`.

    Args:
        grouped: the roles that are named, whose nodes have a group here; of anybody else the other end alone counts.
        leaves: by source and destination, the points of the line of ports that rules let out.
        enters: likewise, that rules let in.
    """

    grouped: frozenset[str]
    leaves: _Spans
    enters: _Spans

    def between(self, source: str, destination: str) -> Intervals:
        """The points on which one end reaches another; what anybody may, each end may."""
        out = (
            self._half(self.leaves, (source, destination), (source, ANYWHERE))
            if source in self.grouped
            else EVERY_POINT
        )
        if destination not in self.grouped:
            return out if source in self.grouped else ()
        return intersection(out, self._half(self.enters, (source, destination), (ANYWHERE, destination)))

    @staticmethod
    def _half(spans: _Spans, *pairs: tuple[str, str]) -> Intervals:
        return union(span for pair in dict.fromkeys(pairs) for span in spans.get(pair, ()))


def reach(flows: Iterable[Flow]) -> Reach:
    """What flows come to.

    Args:
        flows: all flows of one table.
    """
    leaves: dict[tuple[str, str], tuple[Interval, ...]] = {}
    enters: dict[tuple[str, str], tuple[Interval, ...]] = {}
    ends: set[str] = set()
    for flow in flows:
        pair = flow.source, flow.destination
        ends.update(pair)
        for direction, spans in (("egress", leaves), ("ingress", enters)):
            if direction in flow.halves:
                spans[pair] = (*spans.get(pair, ()), flow.port.span)
    return Reach(frozenset(ends & set(ROLES)), leaves, enters)
