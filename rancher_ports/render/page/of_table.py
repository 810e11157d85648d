"""The page of a table: the port sheet to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, Line, flows, lines
from rancher_ports.model.intervals import union
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Table
from rancher_ports.model.templates import ANYWHERE_SLOT
from rancher_ports.render.page.contents import End, Entry, Group, Page, Pair, Part, Ports
from rancher_ports.render.sheet import (
    KINDS,
    MARKS,
    described,
    kind,
    mark,
    numbered,
    remarks,
    replacing,
    rows_of,
    rules,
    said_of,
    slots_of,
    title,
)

_LABELS = {
    "documented": "documented",
    "derived": "derived",
    "completed": "completed",
    "chosen": "chosen",
    "one-sided": "one-sided: nothing passes",
}


def page_of_table(table: Table, choices: Choices) -> Page:
    """Who talks to whom on which ports, why, and where that is documented.

    Args:
        table: the documented ports.
        choices: which rows apply.
    """
    found = flows(table, choices)
    between: dict[tuple[str, str], list[Flow]] = {}
    for flow in found:
        between.setdefault((flow.source, flow.destination), []).append(flow)
    named = {name for ends in between for name in ends}
    ends = [name for name in (*ROLES, *table.slots, ANYWHERE_SLOT.name) if name in named]
    pairs = tuple(_pair(ends.index(source), ends.index(to), of) for (source, to), of in between.items())
    labels = {label for pair in pairs for label in pair.labels}
    marks = {mark(flow) for flow in found}
    rows, slots = rows_of(found), slots_of(table, found)
    last = {
        "Slots": [f"{slot.name}: {described(slot, replacing(table, choices, slot))}" for slot in slots],
        "Notes": [f"{place}: {text}" for place, text in remarks(rows)],
        "Sources": [f"{number}. {document}" for document, number in numbered(rows, table).items()],
    }
    return Page(
        command="rancher-ports table",
        heading=title(table, choices),
        counts="",
        is_change=False,
        ends=tuple(End(name, kind(name), name if name in ROLES else "", name) for name in ends),
        kinds=KINDS,
        groups=(Group("Ports", "documented", "documented", pairs),) if pairs else (),
        labels_title="Halves",
        labels={label: text for label, text in _LABELS.items() if label in labels},
        last=tuple(Part(name, tuple(map(Entry, texts))) for name, texts in last.items() if texts),
        marks=tuple(text for sign, text in MARKS.items() if sign in marks),
    )


def _pair(source: int, destination: int, of: Sequence[Flow]) -> Pair:
    found = sorted(lines(of), key=lambda line: line.ports[0].span)
    ports = tuple(_ports(line) for line in found)
    return Pair(
        source,
        destination,
        labels=tuple(dict.fromkeys(map(_label, of))),
        ports=ports,
        points=union(flow.port.span for flow in of),
        after=tuple(one.text for one in ports),
        details=(reasons(found),),
    )


def _ports(line: Line) -> Ports:
    sign = mark(line.flows[0])
    return Ports(f"{line.port} {sign}".rstrip(), "one-sided" if sign == "!" else "stays")


def _label(flow: Flow) -> str:
    return "one-sided" if flow.one_sided else flow.undocumented or "documented"


def reasons(found: Iterable[Line]) -> Part:
    """What ports between two ends are for, which rules they have, and what documents say of each.

    Args:
        found: lines, each of flows between the two.
    """
    return Part("Documented", tuple(_reason(line) for line in found))


def _reason(line: Line) -> Entry:
    flow = line.flows[0]
    said = (text for row in rows_of(line.flows) for text in (row.id, *said_of(row)))
    return Entry(f"{line.port}, {'; '.join(flow.whys)}: {rules(flow)}", tuple(said))
