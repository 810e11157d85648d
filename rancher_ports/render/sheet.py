"""The sheet of a table: what the formats for people say, whatever they look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rancher_ports.model.conditions import DEFAULT_EGRESS, DEFAULT_ONE_SIDED, Choices
from rancher_ports.model.deployment import side_of
from rancher_ports.model.flows import Flow, Line, documents
from rancher_ports.model.migration import describe
from rancher_ports.model.ports import ports_text
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Requirement, Slot, Table

# Of pictures: what ends are, and what stands behind a port.
KINDS = {"server": "role of the Rancher server", "cluster": "role of a cluster", "slot": "slot, outside of both"}
MARKS = {
    "*": "* documented at one end alone; the rule at the other is derived from it",
    "!": "! documented at one end alone, and no rule at the other: nothing passes",
}

HEADERS = ("from", "to", "port", "why", "rules", "source")


def title(table: Table, choices: Choices) -> str:
    """What the sheet is of, in one line."""
    said = [table.title, f"container network {choices.cni}"]
    if choices.features:
        named = ", ".join(name for name in table.features if name in choices.features)
        said.append(f"with {named}")
    if choices.former is not None:
        said.append(f"while nodes migrate from {describe(choices.former)}")
    if choices.one_sided != DEFAULT_ONE_SIDED:
        said.append(f"one-sided flows as {choices.one_sided}")
    if choices.egress != DEFAULT_EGRESS:
        said.append("all egress")
    return ", ".join(said)


def rules(flow: Flow) -> str:
    """For which halves of a flow a rule is written, and whether a document has it: ``ingress, egress (derived)``."""
    said = []
    for half in flow.needed:
        if half not in flow.halves:
            said.append(f"no {half} (one-sided)")
        else:
            said.append(half if half in flow.documented else f"{half} ({flow.undocumented})")
    return ", ".join(said)


def kind(name: str) -> str:
    """What an end is, one of ``KINDS``."""
    return side_of(name) if name in ROLES else "slot"


def mark(flow: Flow) -> str:
    """What stands behind the port of a flow, one of ``MARKS``; empty where a document has both halves."""
    if flow.one_sided:
        return "!"
    return "*" if flow.undocumented in ("derived", "completed") else ""


def said_of(row: Requirement) -> tuple[str, ...]:
    """All that a document says of a row beside its ports and peers: whose it is, note, and disputed choice."""
    said = [f"{row.source}, {row.role}, {row.direction}"]
    said += [f"Note. {row.note}"] if row.note else []
    return (*said, *([f"Disputed. {row.disputed}"] if row.disputed else []))


def cells(line: Line, numbers: Mapping[str, int]) -> tuple[str, ...]:
    """What a line of the sheet says, in the order of ``HEADERS``.

    Args:
        line: the line.
        numbers: by document, its number in the list of sources.
    """
    flow = line.flows[0]
    return (
        ", ".join(line.sources),
        ", ".join(line.destinations),
        line.port,
        "; ".join(flow.whys),
        rules(flow),
        ", ".join(str(numbers[document]) for document in flow.sources),
    )


def numbered(rows: Iterable[Requirement], table: Table | None = None) -> dict[str, int]:
    """The documents that rows name, numbered from 1: the table's own first, where they are of one table."""
    found = documents(rows)
    # Of shared rows alone, the table's own document says nothing.
    first = [document for document in (table.source.split("; ") if table else ()) if document in found]
    return {document: number for number, document in enumerate(dict.fromkeys([*first, *found]), start=1)}


def rows_of(flows: Iterable[Flow]) -> tuple[Requirement, ...]:
    """The rows that flows come from, each once."""
    return tuple({row.id: row for flow in flows for row in flow.rows}.values())


def slots_of(table: Table, flows: Iterable[Flow]) -> tuple[Slot, ...]:
    """The slots that flows begin or end in, in the table's order."""
    ends = {end for flow in flows for end in (flow.source, flow.destination)}
    return tuple(slot for name, slot in table.slots.items() if name in ends)


def remarks(rows: Iterable[Requirement]) -> tuple[tuple[str, str], ...]:
    """Notes and disputed choices, each once, and before each the rows that it is about."""
    about: dict[str, list[str]] = {}
    for row in rows:
        feature = f" ({row.when.feature})" if row.when.feature else ""
        place = f"{row.role} {row.direction} {ports_text(row.ports)}{feature}"
        for text in filter(None, (row.note, row.disputed and f"Disputed. {row.disputed}")):
            about.setdefault(text, []).append(place)
    return tuple((", ".join(places), text) for text, places in about.items())


def described(slot: Slot, replaced_by: Iterable[str] = ()) -> str:
    """Who a slot is, and the peers that are in it unless the user says otherwise.

    Args:
        slot: the slot.
        replaced_by: features that are on, and with which nobody has to fill it.
    """
    default = f" Filled with: {', '.join(str(peer.value) for peer in slot.default)}." if slot.default else ""
    note = f" {slot.note}" if slot.note else ""
    instead = ", ".join(replaced_by)
    return f"{slot.what}.{default}{note}" + (f" Nobody has to fill it: {instead} takes its place." if instead else "")


def replacing(table: Table, choices: Choices, slot: Slot) -> tuple[str, ...]:
    """The features that are on and with which nobody has to fill a slot."""
    on = (feature for name, feature in table.features.items() if name in choices.features)
    return tuple(feature.name for feature in on if slot.name in feature.replaces)
