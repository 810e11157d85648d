"""Markdown, for wikis and repositories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, Line, flows, lines
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Requirement, Slot, Table
from rancher_ports.render.sheet import HEADERS, cells, described, numbered, remarks, replacing, rows_of, slots_of, title


def to_markdown(table: Table, choices: Choices) -> str:
    """The sheet of a table, the slots in it, notes, and where all that is documented."""
    found = flows(table, choices)
    numbers = numbered(rows_of(found), table)
    sections = {
        "Slots": slots(table, choices, slots_of(table, found)),
        "Notes": notes(rows_of(found)),
        "Sources": sources(numbers),
    }
    parts = [f"# {escaped(title(table, choices))}", sheet(found, numbers)]
    parts += [f"## {heading}\n\n{text}" for heading, text in sections.items() if text]
    return "\n\n".join(parts) + "\n"


def changes_to_markdown(heading: str, changes: Mapping[str, Sequence[Flow]]) -> str:
    """What changes, a sheet for each kind of change, notes, and where all that is documented.

    Args:
        heading: what is compared.
        changes: flows by what becomes of them.
    """
    rows = rows_of(flow for some in changes.values() for flow in some)
    numbers = numbered(rows)
    parts = [f"# {escaped(heading)}"]
    parts += [f"## {escaped(what)}\n\n{sheet(some, numbers) if some else 'Nothing.'}" for what, some in changes.items()]
    sections = {"Notes": notes(rows), "Sources": sources(numbers)}
    parts += [f"## {what}\n\n{text}" for what, text in sections.items() if text]
    return "\n\n".join(parts) + "\n"


def sheet(found: Iterable[Flow], numbers: Mapping[str, int]) -> str:
    """Flows as the lines of a sheet.

    Args:
        found: flows of one table.
        numbers: by document, its number in the list of sources.
    """
    return grid(HEADERS, [_cells(line, numbers) for line in lines(found)])


def grid(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown, whose cells are Markdown already."""
    return "\n".join(map(grid_row, [headers, ["---"] * len(headers), *rows]))


def grid_row(cells: Sequence[str]) -> str:
    """One row of a table of Markdown, whose cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def slots(table: Table, choices: Choices, of: Iterable[Slot]) -> str:
    """Slots and who they are; nothing, if there are none."""
    said = {slot.name: described(slot, replacing(table, choices, slot)) for slot in of}
    return "\n".join(f"- `{name}`: {escaped(what)}" for name, what in said.items())


def notes(rows: Iterable[Requirement]) -> str:
    """What a reader should know of rows, disputed choices among it; nothing, if there is nothing."""
    return "\n".join(f"- {escaped(place)}: {escaped(text)}" for place, text in remarks(rows))


def sources(numbers: Mapping[str, int]) -> str:
    """Documents under their numbers."""
    return "\n".join(f"{number}. {escaped(document)}" for document, number in numbers.items())


def escaped(text: str) -> str:
    """A text of which Markdown makes nothing else, in a cell of a table, too."""
    return re.sub(r"([\\|<>*`\[\]])", r"\\\1", text)


def _cells(line: Line, numbers: Mapping[str, int]) -> list[str]:
    _, _, *rest = cells(line, numbers)
    return [_names(line.sources), _names(line.destinations), *map(escaped, rest)]


def _names(names: Iterable[str]) -> str:
    return ", ".join(name if name in ROLES else f"`{name}`" for name in names)
