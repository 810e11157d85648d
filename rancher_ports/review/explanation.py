"""Whether one end may reach another on a port, and which rows say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from rancher_ports.errors import Faults, nearest, one_of
from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.intervals import difference
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Table, choose
from rancher_ports.review.reach import ANYWHERE, Reach, reach

# More would hide the one that is meant.
_NEAREST = 5


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a table says of one port between two ends.

    Args:
        source: the role or slot that begins.
        destination: the role or slot that answers.
        port: the port at the destination.
        allowed: whether all of it passes.
        flows: the flows that are about it, those that let it pass as those that only one end has.
        elsewhere: where it is refused, flows between the two that there would be under other choices, by what to
            choose: a feature's or a container network's name as a setting has it.
        nearest: where it is refused, other flows that somebody may have meant.
    """

    source: str
    destination: str
    port: Port
    allowed: bool
    flows: tuple[Flow, ...]
    elsewhere: tuple[tuple[str, Flow], ...] = ()
    nearest: tuple[Flow, ...] = ()


def explain(
    table: Table,
    choices: Choices,
    source: str,
    destination: str,
    port: Port,
    *,
    others: Mapping[str, Table] = MappingProxyType({}),
) -> Explanation:
    """What a table says of one port between two ends.

    Args:
        table: the documented ports.
        choices: which rows apply.
        source: a role or a slot, which begins.
        destination: a role or a slot, which answers; at least one of the two is a role.
        port: the port at the destination, or a range of which all has to pass.
        others: further tables, by distribution, in which to look for it if it is refused.

    Raises:
        InputError: an end is neither a role nor a slot, or none of the two is a role.
    """
    _check_ends(table, source, destination)
    found = flows(table, choices)
    allowed = _allows(reach(found), source, destination, port)
    about = tuple(flow for flow in found if _is_about(flow, source, destination) and _overlaps(flow.port, port))
    if allowed:
        return Explanation(source, destination, port, allowed, about)
    return Explanation(
        source,
        destination,
        port,
        allowed,
        about,
        elsewhere=(
            *_elsewhere(table, _other_choices(table, choices), source, destination, port),
            *(
                found
                for name, other in others.items()
                if name != table.distribution
                for found in _elsewhere(other, [(f"distribution {name}", choose(other))], source, destination, port)
            ),
        ),
        nearest=_nearest(found, source, destination, port),
    )


def _check_ends(table: Table, source: str, destination: str) -> None:
    faults = Faults()
    names = (*ROLES, *table.slots, ANYWHERE)
    for place, end in (("SOURCE", source), ("DESTINATION", destination)):
        if end not in names:
            faults.add(place, end, f"a role or a slot, {one_of(names)}", nearest(end, names))
    faults.raise_any()
    if source not in ROLES and destination not in ROLES:
        faults.add("DESTINATION", destination, f"a role, {one_of(ROLES)}: who is outside has no rules here")
    faults.raise_any()


def _allows(reached: Reach, source: str, destination: str, port: Port) -> bool:
    return not difference((port.span,), reached.between(source, destination))


def _is_about(flow: Flow, source: str, destination: str) -> bool:
    return flow.source in (source, ANYWHERE) and flow.destination in (destination, ANYWHERE)


def _overlaps(port: Port, other: Port) -> bool:
    return not (port.span[1] < other.span[0] or other.span[1] < port.span[0])


def _elsewhere(
    table: Table, others: Iterable[tuple[str, Choices]], source: str, destination: str, port: Port
) -> Iterator[tuple[str, Flow]]:
    """One flow for each choice of which one more, or another, would let all of it pass."""
    ends = {source, destination}
    # No other row has a say in it.
    rows = tuple(row for row in table.requirements if row.role in ends and not ends.isdisjoint(row.peers))
    about = replace(table, requirements=rows)
    for name, other in others:
        found = flows(about, other)
        if _allows(reach(found), source, destination, port):
            meant = [f for f in found if (f.source, f.destination) == (source, destination) and _overlaps(f.port, port)]
            yield from ((name, flow) for flow in meant[:1])


def _other_choices(table: Table, choices: Choices) -> Iterator[tuple[str, Choices]]:
    for feature in table.features:
        if feature not in choices.features:
            yield f"feature {feature}", replace(choices, features=choices.features | {feature})
    for cni in table.cnis:
        if cni != choices.cni:
            yield f"cni {cni}", replace(choices, cni=cni)
    if choices.one_sided != "completed":
        yield "one_sided completed", replace(choices, one_sided="completed")


def _nearest(found: Iterable[Flow], source: str, destination: str, port: Port) -> tuple[Flow, ...]:
    """Flows of either end on the same port; then those between the two on others, the nearest first."""

    def distance(flow: Flow) -> tuple[bool, bool, int]:
        other_port = not _overlaps(flow.port, port)
        return other_port, flow.port.protocol != port.protocol, abs(flow.port.span[0] - port.span[0])

    def is_near(flow: Flow) -> bool:
        ends = (flow.source, flow.destination)
        if ends == (source, destination):
            return not _overlaps(flow.port, port)
        shares_end = flow.source == source or flow.destination == destination or ends == (destination, source)
        return shares_end and _overlaps(flow.port, port) and flow.port != Port.all()

    return tuple(sorted(filter(is_near, found), key=distance)[:_NEAREST])
