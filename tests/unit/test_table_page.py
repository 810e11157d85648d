"""The page of a table: every flow in its cell, and why it is there."""

from __future__ import annotations

import pytest

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.ports import Port, parse_ports
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Requirement, Slot, Table, choose
from rancher_ports.render.page.html import to_html
from rancher_ports.render.page.of_table import page_of_table
from rancher_ports.tables import load_tables
from tests.documented import documented_flows
from tests.unit.pages import Node, cells_of, pairs_of, read_page
from tests.unit.strategies import RKE1

TABLES = load_tables().values()
SHEETS = [(table, choose(table, cni=cni)) for table in TABLES for cni in (table.cnis[0], table.cnis[-1])]
SHEETS += [
    (table, choose(table, features=list(table.features), one_sided="documented", egress="all")) for table in TABLES
]
NAMES = [f"{table.distribution}-{choices.cni}-{len(choices.features)}" for table, choices in SHEETS]


def _read(table: Table, choices: Choices) -> Node:
    return read_page(to_html(page_of_table(table, choices)))


def _mark(flow: Flow) -> str:
    if flow.one_sided:
        return "!"
    return "" if flow.undocumented in (None, "chosen") else "*"


@pytest.mark.parametrize(("table", "choices"), SHEETS, ids=NAMES)
def test_every_flow_stands_in_its_cell_and_in_the_list_and_no_other(table: Table, choices: Choices) -> None:
    page = _read(table, choices)
    shown = {
        (*ends, port, text.partition(" ")[2])
        for ends, texts in cells_of(page).items()
        for text in texts
        if not text.startswith("and ")
        for port in parse_ports(text.partition(" ")[0])
    }
    found = {(*flow.key, _mark(flow)) for flow in flows(table, choices)}
    listed = {
        (*ends, port, text.partition(" ")[2])
        for ends, details in pairs_of(page).items()
        for text in details.one("span", class_="ports").text.split(", ")
        for port in parse_ports(text.partition(" ")[0])
    }
    assert listed == found
    assert shown <= found
    assert {flow[:2] for flow in shown} == {flow[:2] for flow in found}


@pytest.mark.parametrize(("table", "choices"), SHEETS, ids=NAMES)
def test_each_port_has_its_reason_halves_source_note_and_dispute(table: Table, choices: Choices) -> None:
    pairs = pairs_of(_read(table, choices))
    for flow in flows(table, choices):
        said = pairs[flow.source, flow.destination].text
        assert all(why in said for why in flow.whys)
        for row in flow.rows:
            assert all(text in said for text in (row.id, row.source, row.note or "", row.disputed or ""))
        if flow.one_sided:
            assert "(one-sided)" in said
        if flow.undocumented in ("derived", "completed"):
            assert f"({flow.undocumented})" in said


def test_the_page_of_rke1_has_what_is_documented() -> None:
    listed = {
        (*ends, port)
        for ends, details in pairs_of(_read(RKE1, choose(RKE1))).items()
        for text in details.one("span", class_="ports").text.split(", ")
        for port in parse_ports(text.partition(" ")[0])
    }
    documented = set()
    for flow in documented_flows():
        peer = "git_rancher_io" if "/" in flow.peer else flow.peer
        ends = (peer, flow.role) if flow.direction == "ingress" else (flow.role, peer)
        documented.add((*ends, Port(flow.protocol, flow.first, flow.last)))
    assert listed == documented


def test_what_can_be_looked_for_is_there() -> None:
    page = _read(RKE1, choose(RKE1, one_sided="documented"))
    ends = {option.attributes["value"] for option in page.one("select", name="end").all("option")}
    documented = {flow.peer for flow in documented_flows() if flow.peer not in ROLES and "/" not in flow.peer}
    slots = {f"name:{slot}" for slot in (*documented, "git_rancher_io")}
    assert ends == {"", "role:rancher", "role:etcd", "role:controlplane", "role:worker", *slots}
    halves = [option.text for option in page.one("select", name="verdict").all("option")]
    assert halves == ["any", "documented", "one-sided: nothing passes"]
    one_sided = pairs_of(page)["controlplane", "controlplane"]
    assert set(one_sided.attributes["data-v"].split()) == {"documented", "one-sided"}
    assert not list(page.all("select", name="cells"))
    # What nothing passes on stands out, and nothing else.
    marked = [one.text for one in page.one("table").all("em")]
    assert marked
    assert all(text.endswith(" !") for text in marked)
    assert not [one for one in page.one("table").all("span") if one.text.endswith("!")]


def test_slots_notes_and_sources_stand_below() -> None:
    page = _read(RKE1, choose(RKE1))
    below = {section.one("h2").text: section.text for section in page.all("section", class_="part")}
    assert list(below) == ["Slots", "Notes", "Sources"]
    assert "load_balancer: Load balancer or proxy that terminates TLS in front of Rancher." in below["Slots"]
    assert "1. Rancher v2.x documentation, Port requirements" in below["Sources"]
    assert page.one("h1").text == "Rancher v2.x on RKE1, container network canal"


def test_a_text_that_looks_like_html_is_text() -> None:
    row = Requirement("r", "etcd", "ingress", (Port.tcp(1),), ("s",), "<b>&", "</script>")
    page = _read(Table("d", "<D>", "s", "x", {"s": Slot("s", "<i>S")}, {}, (row,)), Choices("x"))
    assert page.one("h1").text == "<D>, container network x"
    assert "<b>&" in pairs_of(page)["s", "etcd"].text
    assert "1. </script>" in page.text


def test_a_table_of_nothing_is_a_page_of_nothing() -> None:
    page = _read(Table("d", "D", "s", "x", {}, {}, ()), Choices("x"))
    assert "Nobody reaches anybody." in page.text
    assert not list(page.all("table"))
    assert not list(page.all("form"))
