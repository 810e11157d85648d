"""The picture of a table: every flow in its cell, everything in its place, nothing to be fetched."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.ports import Port, parse_ports
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Requirement, Slot, Table, choose
from rancher_ports.render.svg import BOLD, CHARACTER, SIZE, to_svg
from rancher_ports.tables import load_tables
from tests.documented import documented_flows
from tests.unit.strategies import RKE1

SVG = "{http://www.w3.org/2000/svg}"
# x, y, width, height.
Box = tuple[float, float, float, float]

TABLES = load_tables().values()
PICTURES = [(table, choose(table, cni=cni)) for table in TABLES for cni in table.cnis]
PICTURES += [
    (table, choose(table, features=list(table.features), one_sided="documented", egress="all")) for table in TABLES
]
NAMES = [f"{table.distribution}-{choices.cni}-{len(choices.features)}" for table, choices in PICTURES]


def _drawn(table: Table, choices: Choices) -> ET.Element:
    return ET.fromstring(to_svg(table, choices))  # noqa: S314  # our own


def _box(rect: ET.Element) -> Box:
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, width, height


def _extent(text: ET.Element) -> Box:
    """What a text takes, by the estimate of how wide characters are."""
    size = float(text.get("font-size", SIZE))
    character = BOLD if text.get("font-weight") == "bold" else CHARACTER
    width = len(text.text or "") * size * character
    return float(text.attrib["x"]), float(text.attrib["y"]) - size, width, size * 1.3


def _is_within(inner: Box, outer: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[0] + inner[2] <= outer[0] + outer[2]
        and inner[1] + inner[3] <= outer[1] + outer[3]
    )


def _overlap(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _cells(svg: ET.Element) -> dict[tuple[str, str], list[str]]:
    cells = {}
    for group in svg.iterfind(f"{SVG}g[@class='cell']"):
        ends = group.attrib["data-from"], group.attrib["data-to"]
        assert ends not in cells
        cells[ends] = [str(text.text) for text in group.iterfind(f"{SVG}text")]
    return cells


def _mark(flow: Flow) -> str:
    if flow.one_sided:
        return "!"
    return "" if flow.undocumented in (None, "chosen") else "*"


@pytest.mark.parametrize(("table", "choices"), PICTURES, ids=NAMES)
def test_every_flow_stands_in_its_cell_and_no_other(table: Table, choices: Choices) -> None:
    drawn = {
        (*ends, port, text.partition(" ")[2])
        for ends, texts in _cells(_drawn(table, choices)).items()
        for text in texts
        for port in parse_ports(text.partition(" ")[0])
    }
    assert drawn == {(*flow.key, _mark(flow)) for flow in flows(table, choices)}


def test_the_picture_of_rke1_has_what_is_documented() -> None:
    drawn = {
        (*ends, port)
        for ends, texts in _cells(_drawn(RKE1, choose(RKE1))).items()
        for text in texts
        for port in parse_ports(text.partition(" ")[0])
    }
    documented = set()
    for flow in documented_flows():
        peer = "git_rancher_io" if "/" in flow.peer else flow.peer
        ends = (peer, flow.role) if flow.direction == "ingress" else (flow.role, peer)
        documented.add((*ends, Port(flow.protocol, flow.first, flow.last)))
    assert drawn == documented


@pytest.mark.parametrize(("table", "choices"), PICTURES, ids=NAMES)
def test_everything_is_in_its_place(table: Table, choices: Choices) -> None:
    svg = _drawn(table, choices)
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    groups = svg.findall(f"{SVG}g")
    boxes = []
    for group in groups:
        (rect,) = group.findall(f"{SVG}rect")
        boxes.append(_box(rect))
        texts = [_extent(text) for text in group.iterfind(f"{SVG}text")]
        assert all(_is_within(text, _box(rect)) for text in texts)
        assert not any(_overlap(one, (*other[:3], SIZE)) for one, other in itertools.combinations(texts, 2))
    assert not any(_overlap(one, other) for one, other in itertools.combinations(boxes, 2))
    everything = [*map(_box, svg.iter(f"{SVG}rect")), *map(_extent, svg.iter(f"{SVG}text"))]
    assert all(_is_within(one, (0, 0, width, height)) for one in everything)
    beside = [_extent(text) for text in svg.iterfind(f"{SVG}text")]
    assert not any(_overlap(text, box) for text in beside for box in boxes)
    assert not any(_overlap(one, (*other[:3], SIZE)) for one, other in itertools.combinations(beside, 2))
    rows, columns = {box[1] for box in boxes}, {box[0] for box in boxes}
    assert len(boxes) == len(rows) * len(columns)


@pytest.mark.parametrize(("table", "choices"), PICTURES, ids=NAMES)
def test_a_picture_stands_by_itself(table: Table, choices: Choices) -> None:
    text = to_svg(table, choices)
    svg = ET.fromstring(text)  # noqa: S314  # our own
    assert {element.tag.removeprefix(SVG) for element in svg.iter()} == {"svg", "title", "g", "rect", "text"}
    assert set(re.findall(r"https?://[^\"' <]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"url\(|@import|href|\bon[a-z]+=", text)
    background = svg.find(f"{SVG}rect")
    assert background is not None
    assert (background.get("fill"), _box(background)) == (
        "#ffffff",
        (0.0, 0.0, *map(float, (svg.get("width", ""), svg.get("height", "")))),
    )


def test_names_are_coloured_by_side_and_explained() -> None:
    svg = _drawn(RKE1, choose(RKE1))
    fills: dict[str, set[str | None]] = {}
    for group in svg.iterfind(f"{SVG}g[@class='header']"):
        name, rect = group.findtext(f"{SVG}text"), group.find(f"{SVG}rect")
        assert rect is not None
        kind = "corner" if name == "from / to" else "slot" if name not in ROLES else name
        fills.setdefault(str(kind), set()).add(rect.get("fill"))
    assert fills["etcd"] == fills["controlplane"] == fills["worker"]
    assert [len(fills[kind]) for kind in ("rancher", "etcd", "slot")] == [1, 1, 1]
    assert len(fills["rancher"] | fills["etcd"] | fills["slot"]) == 3
    said = [text.text for text in svg.iterfind(f"{SVG}text")]
    assert said == [
        "Rancher v2.x on RKE1, container network canal",
        "role of the Rancher server",
        "role of a cluster",
        "slot, outside of both",
        "* documented at one end alone; the rule at the other is derived from it",
        "Source: Rancher v2.x documentation, Port requirements (rancher/docs@0f5a3d5c)",
    ]


def test_what_is_one_sided_is_marked_in_another_colour() -> None:
    svg = _drawn(RKE1, choose(RKE1, one_sided="documented"))
    marked = {text.text: text.get("fill") for text in svg.iter(f"{SVG}text") if "!" in str(text.text)}
    assert list(marked) == ["6443/tcp !", "! documented at one end alone, and no rule at the other: nothing passes"]
    assert len(set(marked.values())) == 1
    others = {text.get("fill") for text in svg.iter(f"{SVG}text")} - set(marked.values())
    assert others
    assert marked["6443/tcp !"] not in others


def test_reasons_show_under_the_pointer() -> None:
    svg = _drawn(RKE1, choose(RKE1))
    (cell,) = svg.findall(f"{SVG}g[@data-from='controlplane'][@data-to='controlplane']")
    (text,) = [text for text in cell.iterfind(f"{SVG}text") if text.text == "6443/tcp *"]
    assert text.findtext(f"{SVG}title") == "Kubernetes apiserver: ingress, egress (completed)"


def test_a_text_that_looks_like_xml_is_text() -> None:
    row = Requirement("r", "etcd", "ingress", (Port.tcp(1),), ("s",), "<b>&", "</svg>")
    svg = _drawn(Table("d", "<D>", "s", "x", {"s": Slot("s", "S")}, {}, (row,)), Choices("x"))
    assert svg.findtext(f"{SVG}title") == "<D>, container network x"
    assert "Source: </svg>" in [text.text for text in svg.iter(f"{SVG}text")]


def test_a_table_of_nothing_is_an_empty_picture() -> None:
    svg = _drawn(Table("d", "D", "s", "x", {}, {}, ()), Choices("x"))
    assert _cells(svg) == {}
