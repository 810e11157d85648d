"""The pages on ports: they are what the tables say today, and lead somewhere."""

from __future__ import annotations

import json
import re

import pytest

from rancher_ports.model.ports import Port
from rancher_ports.model.table import Requirement, Slot, Table, choose
from rancher_ports.render.csv import COLUMNS
from rancher_ports.render.json import to_json
from rancher_ports.render.pages import INDEX, pages
from rancher_ports.tables import load_tables
from tests.conftest import ROOT
from tests.documented import GIT_RANCHER_IO

FOLDER = ROOT / "docs" / "ports"
TABLES = load_tables()
PAGES = pages(TABLES)
SHEETS = [name for name in PAGES if name.endswith(".md") and name != INDEX]


def _table(text: str, first_cell: str) -> list[list[str]]:
    """The rows of the table whose header begins with this cell."""
    lines = text.partition(f"| {first_cell} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_pages_are_current_and_no_others_are_there(rewrite: bool) -> None:
    if rewrite:
        FOLDER.mkdir(exist_ok=True)
        for path in FOLDER.iterdir():
            path.unlink()
        for name, text in PAGES.items():
            (FOLDER / name).write_bytes(text.encode())
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)
    for name, text in PAGES.items():
        assert (FOLDER / name).read_bytes() == text.encode(), f"{name} is not current: make rewrite"


def test_there_is_a_page_and_a_picture_for_every_network() -> None:
    expected = {f"{name}-{cni}.{kind}" for name in TABLES for cni in TABLES[name].cnis for kind in ("md", "svg")}
    assert set(PAGES) == {INDEX, *expected}
    linked = re.findall(r"\]\((.*?\.md)\)", PAGES[INDEX])
    assert sorted(linked) == sorted(SHEETS)
    assert ["`rke1`", "Rancher v2.x on RKE1", "[canal](rke1-canal.md) (default)"] in [
        row[:3] for row in _table(PAGES[INDEX], "distribution")
    ]


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_every_link_leads_somewhere(name: str) -> None:
    headings = {line.lstrip("# ").lower().replace(" ", "-") for line in PAGES[name].splitlines() if line[:1] == "#"}
    for link in re.findall(r"\]\((.*?)\)", PAGES[name]):
        file, _, anchor = link.partition("#")
        assert not file or file in PAGES
        assert not anchor or anchor in headings


@pytest.mark.parametrize("name", SHEETS)
def test_a_page_has_its_picture_every_feature_and_each_document_once(name: str) -> None:
    text = PAGES[name]
    distribution, cni = name.removesuffix(".md").split("-", 1)
    table = TABLES[distribution]
    assert f"]({name.removesuffix('.md')}.svg)" in text
    assert re.findall("^### (.*)$", text, re.MULTILINE) == list(table.features)
    listed = re.findall(r"^\d+\. (.*)$", text.partition("## Sources")[2], re.MULTILINE)
    assert len(set(listed)) == len(listed)
    assert listed[0] == table.source
    of_cni = {row.source for row in table.requirements if not row.when.cnis or cni in row.when.cnis}
    assert {document for source in of_cni for document in source.split("; ")} == set(listed)
    numbers = {number for cells in re.findall(r"\| ([0-9, ]+) \|$", text, re.MULTILINE) for number in cells.split(", ")}
    assert {int(number) for number in numbers} <= set(range(1, len(listed) + 1))


def test_what_a_feature_adds_is_told_and_nothing_else() -> None:
    text = PAGES["rke2-canal.md"]
    section = text.partition("### node-driver\n")[2].partition("###")[0]
    assert "With it nobody has to fill `node_driver_nodes`." in section
    assert [row[:3] for row in _table(section, "from")] == [["rancher", "etcd, controlplane, worker", "22/tcp"]]
    # With canal every node may ask every kubelet already; of RKE1 only controlplane may.
    (again,) = re.findall("### metrics-server\n\n.*\n\n(.*)\n", text)
    assert again == "All that it needs is open already."
    rke1 = PAGES["rke1-canal.md"].partition("### metrics-server\n")[2].partition("###")[0]
    assert [row[:3] for row in _table(rke1, "from")] == [["worker", "etcd, controlplane, worker", "10250/tcp"]]


def test_slots_are_told_with_when_they_are_in_use() -> None:
    slots = {row[0]: row[1:] for row in _table(PAGES["rke1-canal.md"], "slot")}
    assert slots["`dns_resolvers`"] == ["DNS resolvers other than Amazon's.", "`custom-dns`"]
    assert slots["`nodeport_clients`"][1] == "always"
    assert ", ".join(GIT_RANCHER_IO) in slots["`git_rancher_io`"][0]


def test_disputed_choices_stand_in_the_open() -> None:
    notes = PAGES["rke2-flannel.md"].partition("## Notes")[2].partition("##")[0]
    assert "etcd ingress 4789/udp" in notes
    assert "Disputed. The prose above RKE2's table says 8472, and so does Rancher's page" in notes
    # Of another network nothing is said.
    assert "its tab for Flannel" not in PAGES["rke2-canal.md"]


def test_the_index_says_the_shape_of_json_and_csv() -> None:
    found = json.loads(to_json(TABLES["rke1"], choose(TABLES["rke1"])))
    keys = [key for row in _table(PAGES[INDEX], "key") for key in re.findall("`(.*?)`", row[0])]
    assert keys == list(found)
    of_a_flow = [key for row in _table(PAGES[INDEX], "key of a flow") for key in re.findall("`(.*?)`", row[0])]
    assert of_a_flow == list(found["flows"][0])
    columns = " ".join(PAGES[INDEX].partition("and the columns ")[2].partition(".\n")[0].split())
    assert re.findall("`(.*?)`", columns) == list(COLUMNS)


def test_the_index_says_what_needs_no_rule() -> None:
    section = " ".join(PAGES[INDEX].partition("## What needs no rule")[2].partition("##")[0].split())
    for said in ("169.254.169.254", "169.254.169.123", "DHCP", "`custom-dns`", "`custom-ntp`", "hop limit"):
        assert said in section
    assert "Amazon VPC user guide" in section


def test_a_page_of_little_says_little() -> None:
    row = Requirement("r", "etcd", "ingress", (Port.tcp(1),), ("office",), "w", "s")
    slots = {name: Slot(name, "Somebody") for name in ("office", "nobody")}
    made = pages({"d": Table("d", "D", "s", "x", slots, {}, (row,))})
    assert set(made) == {INDEX, "d-x.md", "d-x.svg"}
    assert "## Notes" not in made["d-x.md"]
    assert [slot[0] for slot in _table(made["d-x.md"], "slot")] == ["`office`"]
