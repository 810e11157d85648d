"""A picture for people: from whom to whom, and on which ports, as a matrix. Needs no font and runs no script."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows, lines
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Table
from rancher_ports.render.sheet import KINDS, MARKS, kind, mark, numbered, rows_of, rules, title

SIZE = 13
TITLE_SIZE = 17
# How wide a character is taken to be, of a font of size 1: wider than those of most fonts for screens.
CHARACTER, BOLD = 0.62, 0.7
_LINE, _PAD, _MARGIN, _INDENT = 18, 10, 16, 42
_TITLE_LINE = 24
# Room for a title, however small the matrix is.
_LEAST = 480
_CORNER = "from / to"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_WHITE, _INK, _QUIET, _EDGE, _WARNING = "#ffffff", "#111827", "#4b5563", "#9ca3af", "#b91c1c"
_FILLS = {"server": "#dbeafe", "cluster": "#dcfce7", "slot": "#f3f4f6"}


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A row or a column: what it is of, where it begins, and how far it goes."""

    name: str
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


def to_svg(table: Table, choices: Choices) -> str:
    """The flows of a table as a matrix, the same text at every run.

    Rows are who begins, columns who answers: roles and the slots that flows name. The group of a cell has the class
    ``cell`` and its ends as ``data-from`` and ``data-to``; each of its texts is a port, whose reasons show under the
    pointer.
    """
    found = flows(table, choices)
    between: dict[tuple[str, str], list[Flow]] = {}
    for flow in found:
        between.setdefault((flow.source, flow.destination), []).append(flow)
    cells = {ends: _ports(of) for ends, of in between.items()}
    legend = _legend(cells)
    legend |= {document: f"Source: {document}" for document in numbered(rows_of(found), table)}
    columns, rows = _spread(cells, [*ROLES, *table.slots])
    width = _MARGIN + max(columns[-1].end, *(_INDENT + _width(text) for text in legend.values()), _LEAST)
    # All features on, their names are longer than the matrix is wide.
    heading = textwrap.wrap(title(table, choices), int((width - 2 * _MARGIN) / (TITLE_SIZE * BOLD)))
    top = _MARGIN + len(heading) * _TITLE_LINE
    rows = [_Stretch(row.name, top + row.start, row.size) for row in rows]
    height = rows[-1].end + len(legend) * _LINE + 2 * _MARGIN
    svg = _canvas(width, height)
    ET.SubElement(svg, "title").text = title(table, choices)
    _rect(svg, (0, 0, width, height), _WHITE)
    for index, text in enumerate(heading, start=1):
        place = _MARGIN, _MARGIN + index * _TITLE_LINE - 8
        _text(svg, place, text, **{"font-size": str(TITLE_SIZE), "font-weight": "bold"})
    for column in columns:
        _header(svg, column, rows[0])
    for row in rows[1:]:
        _header(svg, columns[0], row)
        for column in columns[1:]:
            _cell(svg, column, row, cells.get((row.name, column.name), {}))
    for index, (key, text) in enumerate(legend.items(), start=1):
        baseline = rows[-1].end + _MARGIN + index * _LINE - 5
        if key in _FILLS:
            _rect(svg, (_MARGIN, baseline - 11, _LINE, 13), _FILLS[key], _EDGE)
        _text(svg, (_INDENT, baseline), text, fill=_WARNING if key == "!" else _QUIET)
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def _canvas(width: int, height: int) -> ET.Element:
    attributes = {"viewBox": f"0 0 {width} {height}", "width": str(width), "height": str(height), "role": "img"}
    font = {"font-family": _FONT, "font-size": str(SIZE)}
    return ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **attributes, **font})


def _ports(of: Iterable[Flow]) -> dict[str, str]:
    """What stands in a cell, with what shows under the pointer; by port, as people look for it."""
    found = sorted(lines(of), key=lambda line: line.ports[0].span)
    return {f"{line.port} {mark(line.flows[0])}".rstrip(): _hint(line.flows[0]) for line in found}


def _hint(flow: Flow) -> str:
    return f"{'; '.join(flow.whys)}: {rules(flow)}"


def _legend(cells: Mapping[tuple[str, str], Iterable[str]]) -> dict[str, str]:
    kinds = {kind(name) for ends in cells for name in ends}
    marks = {text[-1] for cell in cells.values() for text in cell}
    return {key: text for key, text in {**KINDS, **MARKS}.items() if key in kinds | marks}


def _width(text: str, size: int = SIZE, character: float = CHARACTER) -> int:
    return round(len(text) * size * character) + 1


def _spread(
    cells: Mapping[tuple[str, str], Iterable[str]], order: Sequence[str]
) -> tuple[list[_Stretch], list[_Stretch]]:
    """Columns and rows, each with a first one for the names of the others."""
    names = sorted(
        {name for ends in cells for name in ends},
        key=lambda name: (name not in order, order.index(name) if name in order else 0),
    )
    widths = {_CORNER: max(_width(name, SIZE, BOLD) for name in (_CORNER, *names))}
    heights = {_CORNER: _LINE}
    for name in names:
        column = [cell for (_, destination), cell in cells.items() if destination == name]
        row = [cell for (source, _), cell in cells.items() if source == name]
        if column:
            widths[name] = max(_width(name, SIZE, BOLD), *(_width(text) for cell in column for text in cell))
        if row:
            heights[name] = _LINE * max(len([*cell]) for cell in row)
    return _one_after_another(widths, _MARGIN), _one_after_another(heights, 0)


def _one_after_another(sizes: Mapping[str, int], start: int) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    for name, size in sizes.items():
        stretches.append(_Stretch(name, start, size + 2 * _PAD))
        start = stretches[-1].end
    return stretches


def _rect(parent: ET.Element, box: tuple[int, int, int, int], fill: str, stroke: str = "none") -> None:
    place = dict(zip(("x", "y", "width", "height"), map(str, box), strict=True))
    ET.SubElement(parent, "rect", {**place, "fill": fill, "stroke": stroke})


def _text(parent: ET.Element, place: tuple[int, int], text: str, *, fill: str = _INK, **more: str) -> ET.Element:
    element = ET.SubElement(parent, "text", {"x": str(place[0]), "y": str(place[1]), "fill": fill, **more})
    element.text = text
    return element


def _header(svg: ET.Element, column: _Stretch, row: _Stretch) -> None:
    name = row.name if column.name == _CORNER else column.name
    group = ET.SubElement(svg, "g", {"class": "header"})
    fill = _WHITE if name == _CORNER else _FILLS[kind(name)]
    _rect(group, (column.start, row.start, column.size, row.size), fill, _EDGE)
    place = column.start + _PAD, row.start + row.size // 2 + 5
    _text(group, place, name, **{"font-weight": "bold"})


def _cell(svg: ET.Element, column: _Stretch, row: _Stretch, ports: Mapping[str, str]) -> None:
    group = ET.SubElement(svg, "g", {"class": "cell", "data-from": row.name, "data-to": column.name})
    _rect(group, (column.start, row.start, column.size, row.size), _WHITE, _EDGE)
    for index, (text, hint) in enumerate(ports.items(), start=1):
        place = column.start + _PAD, row.start + _PAD + index * _LINE - 5
        port = _text(group, place, text, fill=_WARNING if text.endswith("!") else _INK)
        ET.SubElement(port, "title").text = hint
