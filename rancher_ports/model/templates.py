"""Templates: a table's rows merged by group, direction and port, with the choices still open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from rancher_ports.model.conditions import ALWAYS, Condition
from rancher_ports.model.peers import ANYWHERE
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, Direction, opposite
from rancher_ports.model.table import Slot, Table


@dataclass(frozen=True, slots=True)
class Part:
    """What one requirement brings to a template.

    Args:
        requirement: the requirement's id.
        when: under which choices it applies.
        why: what it says in the description of rules.
        slot: the slot it names, or None where the template's peer is a role.
    """

    requirement: str
    when: Condition
    why: str
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """A rule before the choices are made.

    Args:
        role: whose group carries it.
        direction: ``ingress`` or ``egress``.
        port: the one port of the rule.
        peer: a role, or None for the union of the slots that the parts name.
        parts: the requirements that come to this rule, in the table's order; it exists where at
            least one of them applies.
    """

    role: str
    direction: Direction
    port: Port
    peer: str | None
    parts: tuple[Part, ...]


# Of the rules for all egress, which no table names.
ANYWHERE_SLOT = Slot("anywhere", "Every address, of both families", default=ANYWHERE)


def templates(table: Table) -> tuple[RuleTemplate, ...]:
    """The rows of a table as templates.

    There is one for each role, direction, port and peer role, and one for all slots together. Besides
    the documented rows there is the other half of each one-sided flow, on the condition that the user
    wants flows completed, or that the document has ingress alone; and the rules for all egress, on the
    condition that the user wants those.
    """
    merged: dict[tuple[str, Direction, Port, str | None], list[Part]] = {}
    flows = list(_flows(table))
    for role, direction, port, peer, part in (*flows, *_completions(table, flows), *_all_egress()):
        merged.setdefault((role, direction, port, peer), []).append(part)
    return tuple(
        RuleTemplate(role, direction, port, peer, tuple(parts))
        for (role, direction, port, peer), parts in merged.items()
    )


_Flow = tuple[str, Direction, Port, str | None, Part]


def _flows(table: Table) -> Iterator[_Flow]:
    for row in table.requirements:
        for port in row.ports:
            for peer in row.peers:
                is_role = peer in ROLES
                part = Part(row.id, row.when, row.why, None if is_role else table.slot(peer, row))
                yield row.role, row.direction, port, peer if is_role else None, part


def _completions(table: Table, flows: Iterable[_Flow]) -> Iterator[_Flow]:
    """The missing halves of flows between roles that only one end documents.

    A half that another row documents under a condition of its own is completed unless that holds. Where the
    document publishes one end alone, the other is derived whatever the user says of one-sided flows.
    """
    derived = {row.id for row in table.requirements if row.one_end}
    between_roles = [(role, direction, port, peer, part) for role, direction, port, peer, part in flows if peer]
    said: dict[tuple[str, Direction, str], list[tuple[Port, Condition]]] = {}
    for role, direction, port, peer, part in between_roles:
        said.setdefault((role, direction, peer), []).append((port, part.when))
    for role, direction, port, peer, part in between_roles:
        other = opposite(direction)
        for piece, documented in _pieces(port, said.get((peer, other, role), []), part.when):
            if not {part.when, ALWAYS}.isdisjoint(documented):
                continue
            when = replace(part.when, unless=(*part.when.unless, *documented))
            how = "derived"
            if part.requirement not in derived:
                how, when = "completed", replace(when, one_sided="completed")
            why = f"{part.why} ({how}: documented as {direction} of {role} only)"
            yield peer, other, piece, role, Part(part.requirement, when, why)


def _pieces(
    port: Port, answers: list[tuple[Port, Condition]], when: Condition
) -> Iterator[tuple[Port, tuple[Condition, ...]]]:
    """``port`` cut where the other end's ports begin and end, each piece with what documents it there.

    Only what applies whenever ``port`` does cuts: a row under a condition of its own would otherwise change
    addresses of people who never chose it. Neighbouring pieces documented alike stay together.
    """
    if port.protocol not in ("tcp", "udp") or port.first is None or port.last is None:
        yield port, tuple(when for answer, when in answers if answer.covers(port))
        return
    cuts = {port.first, port.last + 1}
    for answer, condition in answers:
        if (
            condition in (when, ALWAYS)
            and answer.protocol == port.protocol
            and answer.first is not None
            and answer.last is not None
        ):
            cuts |= {cut for cut in (answer.first, answer.last + 1) if port.first < cut <= port.last}
    starts = sorted(cuts)
    pieces: list[tuple[Port, tuple[Condition, ...]]] = []
    for first, end in pairwise(starts):
        piece = Port(port.protocol, first, end - 1)
        documented = tuple(when for answer, when in answers if answer.covers(piece))
        if pieces and pieces[-1][1] == documented:
            piece = Port(port.protocol, pieces.pop()[0].first, piece.last)
        pieces.append((piece, documented))
    yield from pieces


def _all_egress() -> Iterator[_Flow]:
    for role in ROLES:
        when = Condition(egress="all")
        part = Part(f"egress-all/{role}/egress/all", when, "All egress, as chosen in the settings", ANYWHERE_SLOT)
        yield role, "egress", Port.all(), None, part
