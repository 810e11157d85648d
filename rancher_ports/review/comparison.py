"""Two tables compared: what the one opens and the other does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.intervals import difference, intersection
from rancher_ports.model.ports import ports_between
from rancher_ports.model.table import Table
from rancher_ports.review.reach import Reach, reach


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes from one table to another.

    Args:
        opened: flows of the latter, as far as they do not pass by the former.
        closed: flows of the former, as far as they do not pass by the latter.
    """

    opened: tuple[Flow, ...]
    closed: tuple[Flow, ...]


def compare(before: tuple[Table, Choices], after: tuple[Table, Choices]) -> Comparison:
    """What changes for those whose nodes have a group in both tables.

    Traffic is compared, both halves counted, and not rows: one port range opens nothing that two did which come to the
    same. A flow of which one half is missing passes nothing, and is in neither.

    Args:
        before: a table and the choices made of it.
        after: likewise.
    """
    old, new = flows(*before), flows(*after)
    old_reach, new_reach = reach(old), reach(new)
    common = old_reach.grouped & new_reach.grouped
    return Comparison(
        opened=tuple(_beyond(new, new_reach, old_reach, common)),
        closed=tuple(_beyond(old, old_reach, new_reach, common)),
    )


def _beyond(flows: Iterable[Flow], own: Reach, other: Reach, common: frozenset[str]) -> Iterator[Flow]:
    """The flows as far as they pass by the one and not by the other."""
    for flow in flows:
        ends = flow.source, flow.destination
        if common.isdisjoint(ends):
            continue
        passing = intersection((flow.port.span,), own.between(*ends))
        for first, last in difference(passing, other.between(*ends)):
            for port in ports_between(first, last):
                yield replace(flow, port=port)
