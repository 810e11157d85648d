"""Flows: what the rows of a table come to between two ends, and the lines in which people read them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rancher_ports.model.conditions import Choices
from rancher_ports.model.intervals import difference, union
from rancher_ports.model.ports import Port, ports_text
from rancher_ports.model.roles import DIRECTIONS, ROLES, Direction
from rancher_ports.model.table import Requirement, Table
from rancher_ports.model.templates import Part, templates

# Why a half is written that no row has.
Undocumented = Literal["derived", "completed", "chosen"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Traffic from one end to another on one port, for which a table has rules written.

    Args:
        source: the role or slot that begins it.
        destination: the role or slot that answers.
        port: the port at the destination.
        halves: for which directions a rule is written, the rule of the source's egress and of the destination's
            ingress.
        documented: which of these a row has; the others are derived or completed.
        rows: the rows that it comes from, in the table's order; none for all egress, which a user chooses.
        whys: what it is for, each reason once.
    """

    source: str
    destination: str
    port: Port
    halves: tuple[Direction, ...]
    documented: tuple[Direction, ...]
    rows: tuple[Requirement, ...]
    whys: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, Port]:
        """What makes it this flow among those of a table."""
        return self.source, self.destination, self.port

    @property
    def needed(self) -> tuple[Direction, ...]:
        """The halves without which nothing passes: with a slot at one end, ours alone."""
        ends: dict[Direction, str] = {"ingress": self.destination, "egress": self.source}
        return tuple(direction for direction in DIRECTIONS if ends[direction] in ROLES)

    @property
    def one_sided(self) -> bool:
        """Whether a half is missing, so that nothing passes."""
        return self.halves != self.needed

    @property
    def undocumented(self) -> Undocumented | None:
        """Why there is a half that no row has, or None where rows have all."""
        if self.halves == self.documented:
            return None
        if not self.rows:
            return "chosen"
        return "derived" if any(row.one_end for row in self.rows) else "completed"

    @property
    def sources(self) -> tuple[str, ...]:
        """The documents of its rows, each once."""
        return documents(self.rows)


@dataclass(frozen=True, slots=True)
class Line:
    """Flows that people read as one: from each source to each destination on all of the ports.

    Args:
        sources: roles and slots.
        destinations: roles and slots.
        ports: one port range, for each protocol.
        flows: one for each of them, alike in reasons, halves and documents.
    """

    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    ports: tuple[Port, ...]
    flows: tuple[Flow, ...]

    @property
    def port(self) -> str:
        """The ports as a table writes them: ``30000-32767/tcp+udp``."""
        return ports_text(self.ports)


def documents(rows: Iterable[Requirement]) -> tuple[str, ...]:
    """The documents that rows name, each once; a row may name several."""
    return tuple(dict.fromkeys(document for row in rows for document in row.source.split("; ")))


def ends_of(row: Requirement, peer: str) -> tuple[str, str]:
    """Source and destination of what a row says of one of its peers."""
    return (peer, row.role) if row.direction == "ingress" else (row.role, peer)


def flows(table: Table, choices: Choices) -> tuple[Flow, ...]:
    """What a table has rules written for.

    Args:
        table: the documented ports.
        choices: which rows apply.

    Returns:
        One flow for each source, destination and port, in the order of the rows. What rows say of a wider range, they
        say of a narrower one within it, too.
    """
    rows = {row.id: row for row in table.requirements}
    between: dict[tuple[str, str], list[_Half]] = {}
    for template in templates(table):
        for part in template.parts:
            if part.when.holds(choices):
                peer = str(part.slot.name if part.slot else template.peer)
                ends = (peer, template.role) if template.direction == "ingress" else (template.role, peer)
                half = _Half(template.direction, template.port, part, rows.get(part.requirement))
                between.setdefault(ends, []).append(half)
    order = {row: index for index, row in enumerate(rows)}
    found: list[Flow] = []
    for ends, halves in between.items():
        halves.sort(key=lambda half: order.get(half.part.requirement, len(order)))
        found += [_flow(*ends, port, halves) for port in dict.fromkeys(half.port for half in halves)]
    return tuple(sorted(found, key=_places(table)))


@dataclass(frozen=True, slots=True)
class _Half:
    """What one part of a template comes to: half of a flow."""

    direction: Direction
    port: Port
    part: Part
    row: Requirement | None

    @property
    def is_documented(self) -> bool:
        return self.row is not None and self.row.direction == self.direction


def _flow(source: str, destination: str, port: Port, halves: Sequence[_Half]) -> Flow:
    said = [half for half in halves if half.port.covers(port)]
    rows = tuple(dict.fromkeys(half.row for half in said if half.row))
    return Flow(
        source,
        destination,
        port,
        halves=_covered(port, halves),
        documented=_covered(port, [half for half in halves if half.is_documented]),
        rows=rows,
        whys=tuple(dict.fromkeys(half.row.why if half.row else half.part.why for half in said)),
    )


def _covered(port: Port, halves: Sequence[_Half]) -> tuple[Direction, ...]:
    """The directions whose rules together let all of a port pass."""
    covered: list[Direction] = []
    for direction in DIRECTIONS:
        ports = {half.port for half in halves if half.direction == direction}
        # Nearly always one has the very port.
        if port in ports or not difference((port.span,), union(other.span for other in ports)):
            covered.append(direction)
    return tuple(covered)


def _places(table: Table) -> Callable[[Flow], int]:
    """Where a flow stands among the rows; behind them, if no row has its very port."""
    places: dict[tuple[str, str, Port], int] = {}
    for row in table.requirements:
        for port in row.ports:
            for peer in row.peers:
                places.setdefault((*ends_of(row, peer), port), len(places))
    return lambda flow: places.get(flow.key, len(places))


def lines(flows: Iterable[Flow]) -> tuple[Line, ...]:
    """Flows as the lines of a sheet: the same ports with the same to say of them go together.

    Args:
        flows: flows of one table.

    Returns:
        Lines in the order of their first flows. Each flow is in one of them, and each source of a line, each of its
        destinations and each of its ports make one of its flows.
    """
    order: dict[tuple[str, str, Port], int] = {}
    alike: dict[object, dict[tuple[str, str], list[Flow]]] = {}
    for flow in flows:
        order[flow.key] = len(order)
        ports = (flow.port.first, flow.port.last) if flow.port.protocol in ("tcp", "udp") else flow.port
        # What is needed, what is documented and why the rest is written say which halves there are.
        key = (ports, flow.whys, flow.needed, flow.documented, flow.undocumented, flow.sources)
        alike.setdefault(key, {}).setdefault((flow.source, flow.destination), []).append(flow)
    found = [line for pairs in alike.values() for line in _lines(pairs)]
    return tuple(sorted(found, key=lambda line: min(order[flow.key] for flow in line.flows)))


def _lines(pairs: Mapping[tuple[str, str], Sequence[Flow]]) -> Iterator[Line]:
    """Lines of flows that are alike but for their ends and protocols, by their ends."""
    by_ports: dict[tuple[Port, ...], list[tuple[str, str]]] = {}
    for ends, flows in pairs.items():
        by_ports.setdefault(tuple(flow.port for flow in flows), []).append(ends)
    for ports, ends_of_ports in by_ports.items():
        for sources, destinations in _products(ends_of_ports):
            product = (flow for ends in itertools.product(sources, destinations) for flow in pairs[ends])
            yield Line(sources, destinations, ports, tuple(product))


_Names = tuple[str, ...]


def _products(pairs: Sequence[tuple[str, str]]) -> list[tuple[_Names, _Names]]:
    """Pairs as products: what has the same ends opposite goes together, seen from the side that takes fewer."""
    by_source = _together(pairs)
    by_destination = _together([(destination, source) for source, destination in pairs])
    if len(by_destination) < len(by_source):
        return [(sources, destinations) for destinations, sources in by_destination]
    return by_source


def _together(pairs: Iterable[tuple[str, str]]) -> list[tuple[_Names, _Names]]:
    opposite: dict[str, set[str]] = {}
    for name, other in pairs:
        opposite.setdefault(name, set()).add(other)
    together: dict[_Names, list[str]] = {}
    for name, others in opposite.items():
        together.setdefault(_in_order(others), []).append(name)
    return [(_in_order(names), others) for others, names in together.items()]


def _in_order(names: Iterable[str]) -> _Names:
    return tuple(sorted(names, key=lambda name: (ROLES.index(name) if name in ROLES else len(ROLES), name)))
