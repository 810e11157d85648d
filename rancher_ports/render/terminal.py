"""Sheets as text for a terminal, or for whatever stands in its place; the one part that knows rich."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, Line, flows, lines
from rancher_ports.model.roles import CLUSTER_ROLES, SERVER_ROLES
from rancher_ports.model.table import Requirement, Table
from rancher_ports.render.sheet import HEADERS, cells, described, numbered, remarks, replacing, rows_of, slots_of, title
from rancher_ports.render.text import NARROW

# More than any sheet needs, so that nothing is broken or cut.
_WIDE = 10_000
# Blanks between two columns.
_BETWEEN = 3
_STYLES = {**dict.fromkeys(SERVER_ROLES, "blue"), **dict.fromkeys(CLUSTER_ROLES, "green")}


def to_text(table: Table, choices: Choices, *, width: int | None = None, colour: bool = False) -> str:
    """The sheet of a table, the slots in it, notes, and where all that is documented.

    Args:
        table: the documented ports.
        choices: which rows apply.
        width: how many characters go on a line; None for as many as there are.
        colour: whether roles and what is one-sided are coloured, as terminals show it.
    """
    found = flows(table, choices)
    numbers = numbered(rows_of(found), table)
    slots = [f"{slot.name}: {described(slot, replacing(table, choices, slot))}" for slot in slots_of(table, found)]
    sections = {"Slots": slots, **_sections(rows_of(found), numbers)}
    return _printed(title(table, choices), {"": _grid(found, numbers, width)}, sections, width, colour=colour)


def changes_to_text(
    heading: str, changes: Mapping[str, Sequence[Flow]], *, width: int | None = None, colour: bool = False
) -> str:
    """What changes, a sheet for each kind of change, notes, and where all that is documented.

    Args:
        heading: what is compared.
        changes: flows by what becomes of them.
        width: as for :func:`to_text`.
        colour: likewise.
    """
    rows = rows_of(flow for some in changes.values() for flow in some)
    numbers = numbered(rows)
    grids = {what: _grid(some, numbers, width) if some else "  nothing" for what, some in changes.items()}
    return _printed(heading, grids, _sections(rows, numbers), width, colour=colour)


def _sections(rows: Sequence[Requirement], numbers: Mapping[str, int]) -> dict[str, list[str]]:
    """What stands below every sheet."""
    return {
        "Notes": [f"{place}: {text}" for place, text in remarks(rows)],
        "Sources": [f"{number}. {document}" for document, number in numbers.items()],
    }


def _grid(found: Iterable[Flow], numbers: Mapping[str, int], width: int | None) -> Grid | str:
    """Flows as the lines of a sheet; one below the other where they have no room beside each other."""
    said = {line: cells(line, numbers) for line in lines(found)}
    columns = [list(texts) for texts in zip(HEADERS, *said.values(), strict=True)]
    widths = _widths(columns, width)
    if widths is None:
        return "\n".join(_stacked(_coloured(line, row)) for line, row in said.items())
    grid = Grid(box=box.SIMPLE_HEAD if width else None, pad_edge=False, header_style="bold")
    for header, fits in zip(HEADERS, widths, strict=True):
        grid.add_column(header, no_wrap=width is None, width=fits)
    for line, row in said.items():
        grid.add_row(*_coloured(line, row))
    return grid


def _stacked(texts: tuple[str, ...]) -> str:
    sources, destinations, port, why, rules, source = texts
    return f"\n{sources} to {destinations} on {port}\n{why}: {rules}. Source: {source}."


def _printed(
    heading: str,
    grids: Mapping[str, Grid | str],
    sections: Mapping[str, Sequence[str]],
    width: int | None,
    *,
    colour: bool,
) -> str:
    file = io.StringIO()
    console = Console(
        file=file,
        width=max(width or _WIDE, NARROW),
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
    )
    console.print(f"[bold]{escape(heading)}[/bold]", end="\n" if width else "\n\n")
    for what, grid in grids.items():
        if what:
            console.print(f"\n[bold]{escape(what)}[/bold]")
        console.print(grid)
    for what, texts in sections.items():
        if texts:
            console.print(f"\n[bold]{what}[/bold]")
            console.print("\n".join(f"  {escape(text)}" for text in texts))
    # A table is filled with blanks up to its width.
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _widths(columns: list[list[str]], width: int | None) -> Sequence[int | None] | None:
    """How wide columns are to be, so that no word is broken; None where there is no room for that.

    A width of None is whatever the column needs.
    """
    whole = [max(map(len, texts)) for texts in columns]
    widths = [max(map(len, " ".join(texts).split())) for texts in columns]
    room = (width or _WIDE) - _BETWEEN * len(columns)
    if sum(whole) <= room:
        return [None] * len(columns)
    if sum(widths) > room:
        return None
    for _ in range(room - sum(widths)):
        # To whom it saves the most lines.
        most = max(range(len(columns)), key=lambda index: whole[index] / widths[index])
        widths[most] += 1
    return widths


def _coloured(line: Line, texts: tuple[str, ...]) -> tuple[str, ...]:
    _, _, port, why, rules, source = map(escape, texts)
    if line.flows[0].one_sided:
        rules = f"[red]{rules}[/red]"
    return _names(line.sources), _names(line.destinations), f"[bold]{port}[/bold]", why, rules, source


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"[{_STYLES[name]}]{name}[/]" if name in _STYLES else escape(name) for name in names)
