"""A table in each format: all tell the same flows, and those are the documented ones."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import flows, lines
from rancher_ports.model.migration import migrate
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port, parse_ports
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Feature, Requirement, Slot, Table, choose
from rancher_ports.render import offer
from rancher_ports.render.csv import COLUMNS, to_csv
from rancher_ports.render.json import to_json
from rancher_ports.render.markdown import escaped, to_markdown
from rancher_ports.render.mermaid import picture, to_mermaid
from rancher_ports.render.sheet import HEADERS, remarks
from rancher_ports.render.terminal import to_text
from rancher_ports.tables import load_tables
from tests.documented import documented_flows
from tests.unit.strategies import FEW, RKE1
from tests.unit.test_flows import chosen

TABLES = load_tables()
# From whom to whom, on which port, and for which halves a rule is written.
Told = set[tuple[str, str, Port, tuple[str, ...]]]


def _csv(table: Table, choices: Choices) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(table, choices))))


def _port(protocol: str, first: object, last: object) -> Port:
    if protocol == "all":
        return Port.all()
    return Port(protocol, *(int(str(end)) if end not in ("", None) else None for end in (first, last)))


def _told_by_csv(table: Table, choices: Choices) -> Told:
    return {
        (
            row["from"],
            row["to"],
            _port(row["protocol"], row["first_port"], row["last_port"]),
            tuple(row["halves"].split("+")),
        )
        for row in _csv(table, choices)
    }


def _told_by_json(table: Table, choices: Choices) -> Told:
    found = json.loads(to_json(table, choices))["flows"]
    for flow in found:
        assert Port.parse(flow["port"]) == _port(flow["protocol"], flow["first_port"], flow["last_port"])
    return {(flow["from"], flow["to"], Port.parse(flow["port"]), tuple(flow["halves"])) for flow in found}


def _told_by_lines(lines: list[list[str]]) -> Told:
    told: Told = set()
    for sources, destinations, ports, _, rules, *_ in lines:
        halves = tuple(re.findall(r"(?<!no )\b(ingress|egress)\b", rules))
        for end in itertools.product(sources.split(", "), destinations.split(", "), parse_ports(ports)):
            assert (*end, halves) not in told
            told.add((*end, halves))
    return told


def _told_by_markdown(table: Table, choices: Choices) -> Told:
    sheet = to_markdown(table, choices).split("\n\n")[1].replace("`", "").splitlines()
    assert sheet[:2] == ["| from | to | port | why | rules | source |", "| --- | --- | --- | --- | --- | --- |"]
    return _told_by_lines([re.split(r" ?(?<!\\)\| ?", line)[1:-1] for line in sheet[2:]])


def _told_by_text(table: Table, choices: Choices) -> Told:
    head, *sheet = to_text(table, choices).split("\n\n")[1].splitlines()
    starts = [head.index(word) for word in ("from", "to", "port", "why", "rules", "source")]
    return _told_by_lines(
        [[line[first:last].strip() for first, last in itertools.pairwise([*starts, None])] for line in sheet]
    )


TOLD: dict[str, Callable[[Table, Choices], Told]] = {
    "csv": _told_by_csv,
    "json": _told_by_json,
    "markdown": _told_by_markdown,
    "text": _told_by_text,
}


def _halves(told: Told) -> set[tuple[str, str, str, int, int, str]]:
    """Who carries the rule, which way, which port, and who is at the other end."""
    return {
        (destination, half, port.protocol, port.first or 0, port.last or 0, source)
        if half == "ingress"
        else (source, half, port.protocol, port.first or 0, port.last or 0, destination)
        for source, destination, port, halves in told
        for half in halves
    }


def _documented() -> set[tuple[str, str, str, int, int, str]]:
    return {
        (f.role, f.direction, f.protocol, f.first, f.last, "git_rancher_io" if "/" in f.peer else f.peer)
        for f in documented_flows()
    }


@pytest.mark.parametrize("format_", TOLD)
def test_every_format_has_the_documented_flows_of_rke1_and_no_others(format_: str) -> None:
    # 59, of which three are those of one slot.
    assert len(_documented()) == 59 - 2
    assert _halves(TOLD[format_](RKE1, choose(RKE1, one_sided="documented"))) == _documented()


def test_csv_tells_what_a_document_has_from_what_is_completed() -> None:
    rows = _csv(RKE1, choose(RKE1))
    documented = {
        (row["from"], row["to"], _port(row["protocol"], row["first_port"], row["last_port"]), half)
        for row in rows
        for half in row["documented_in"].split("+")
    }
    assert _halves({(*ends, (half,)) for *ends, half in documented}) == _documented()  # type: ignore[misc]  # four of them
    (completed,) = [row for row in rows if row["documented_in"] != row["halves"]]
    assert (completed["from"], completed["to"], completed["first_port"]) == ("controlplane", "controlplane", "6443")


@FEW
@given(chosen())
def test_all_formats_tell_the_same(of: tuple[Table, Choices]) -> None:
    told = {name: tell(*of) for name, tell in TOLD.items()}
    assert told["csv"] == {(*flow.key, flow.halves) for flow in flows(*of)}
    assert told["json"] == told["markdown"] == told["text"] == told["csv"]


def test_csv_has_the_columns_that_it_says_and_stays_a_table_whatever_a_text_has_in_it() -> None:
    row = Requirement("r", "etcd", "ingress", (Port.icmp(8),), ("all",), 'a, "b"', "x; y", disputed="one\ntwo")
    table = Table("d", "D", "s", "x", {"all": Slot("all", "All")}, {}, (row,))
    ((head, of),) = zip(*[iter(csv.reader(io.StringIO(to_csv(table, Choices("x")))))] * 2, strict=True)
    assert tuple(head) == COLUMNS
    assert of == ["all", "etcd", "icmp", "8", "0", 'a, "b"', "ingress", "ingress", "x; y", "one\ntwo"]


def test_json_says_what_it_is_of_and_all_that_is_known_of_a_flow() -> None:
    table = TABLES["rke2"]
    found = json.loads(to_json(table, choose(table, features=["windows", "aws-api"], egress="all")))
    assert {key: found[key] for key in ("distribution", "cni", "features", "one_sided", "egress")} == {
        "distribution": "rke2",
        "cni": "canal",
        "features": ["aws-api", "windows"],
        "one_sided": "completed",
        "egress": "all",
    }
    (api,) = [f for f in found["flows"] if (f["from"], f["to"], f["port"]) == ("worker", "controlplane", "6443/tcp")]
    assert (api["halves"], api["documented_in"], api["why"]) == (
        ["ingress", "egress"],
        ["ingress"],
        ["Kubernetes apiserver"],
    )
    assert api["rows"] == ["rke2/controlplane/ingress/6443/tcp"]
    assert api["disputed"][0].startswith("Rancher's table for a server on RKE2 lets in agents alone")
    assert set(api["sources"]) <= set(found["sources"])
    assert {slot for flow in found["flows"] for slot in (flow["from"], flow["to"])} >= set(found["slots"])
    assert found["slots"]["aws_api"] == {"what": "Endpoints of AWS's APIs", "default": [], "replaced_by": []}
    (everything,) = [f for f in found["flows"] if (f["from"], f["to"]) == ("etcd", "anywhere")]
    assert (everything["protocol"], everything["first_port"], everything["rows"]) == ("all", None, [])


def test_the_default_peers_of_a_slot_are_told() -> None:
    blocks = ["35.160.43.145/32", "35.167.242.46/32", "52.33.59.17/32"]
    assert json.loads(to_json(RKE1, choose(RKE1)))["slots"]["git_rancher_io"]["default"] == blocks
    for text in (to_text(RKE1, choose(RKE1)), to_markdown(RKE1, choose(RKE1)), offer.to_text(TABLES)):
        assert f"Filled with: {', '.join(blocks)}. The documented addresses have been stale since 2020" in text


@pytest.mark.parametrize("render", [to_text, to_markdown])
def test_people_are_told_of_disputes_notes_and_sources(render: Callable[[Table, Choices], str]) -> None:
    table = TABLES["k3s"]
    text = render(table, choose(table))
    places = "etcd ingress 6443/tcp, controlplane ingress 6443/tcp"
    assert f"{places}: Disputed. K3s's table lets in agents alone, the text beside it all nodes" in text
    assert re.search(r"^ *1\. k3s-io/docs@005d295 docs/installation/requirements\.md$", text, re.MULTILINE)
    assert "ingress, egress (derived)" in text
    assert "Rancher and K3s, container network flannel" in text.splitlines()[0]


def test_a_title_says_what_was_chosen() -> None:
    chosen = choose(RKE1, cni="weave", features=["windows", "aws-api"], one_sided="documented", egress="all")
    said = "container network weave, with aws-api, windows, one-sided flows as documented, all egress"
    assert to_text(RKE1, chosen).splitlines()[0] == f"{RKE1.title}, {said}"


def test_a_migration_is_told() -> None:
    table, choices = migrate(TABLES["rke2"], choose(TABLES["rke2"]), {"distribution": "rke1", "cni": "canal"}, TABLES)
    title = "Rancher and RKE2, container network canal, while nodes migrate from rke1 with canal"
    assert to_text(table, choices).splitlines()[0] == title
    former = {"distribution": "rke1", "cni": "canal", "features": []}
    assert json.loads(to_json(table, choices))["migrating_from"] == former
    assert json.loads(to_json(RKE1, choose(RKE1)))["migrating_from"] is None


@pytest.mark.parametrize("render", [to_text, to_markdown, to_json])
def test_a_slot_that_a_feature_replaces_says_so_where_the_feature_is_on(
    render: Callable[[Table, Choices], str],
) -> None:
    with_it = render(RKE1, choose(RKE1, features=["node-driver"]))
    assert re.search('node-driver takes its place|"replaced_by": \\[\n +"node-driver"', with_it)
    assert not re.search('takes its place|"replaced_by": \\[\n', render(RKE1, choose(RKE1)))


def test_a_table_as_somebody_has_filled_it_has_no_row_for_an_empty_slot() -> None:
    office = Peer.cidr("office", "203.0.113.0/24")
    table = RKE1.filled({"git_rancher_io": (), "ui_api_clients": (office,)})
    ends = {end for flow in flows(table, choose(table)) for end in (flow.source, flow.destination)}
    assert ends == {*ROLES, "ui_api_clients"}
    assert "ui_api_clients: Anything that uses the Rancher UI or API. Filled with: 203.0.113.0/24." in to_text(
        table, choose(table)
    )
    # What nobody says anything of has its default peers.
    ends = {end for flow in flows(RKE1.filled({}), choose(RKE1)) for end in (flow.source, flow.destination)}
    assert ends == {*ROLES, "git_rancher_io"}


def test_what_one_end_alone_has_is_said() -> None:
    text = to_text(RKE1, choose(RKE1, one_sided="documented"))
    (line,) = [line for line in text.splitlines() if "one-sided)" in line]
    assert line.split()[:3] == ["controlplane", "controlplane", "6443/tcp"]
    assert "ingress, no egress (one-sided)" in line
    assert "ingress, egress (completed)" in to_text(RKE1, choose(RKE1))


def test_a_remark_stands_once_for_all_rows_that_it_is_about() -> None:
    found = dict(remarks(TABLES["rke1"].requirements))
    places = "controlplane ingress 80/tcp, controlplane ingress 443/tcp, controlplane ingress 30000-32767/tcp+udp"
    assert found[places].startswith("Disputed. A newer page on clusters")
    assert len(set(found.values())) == len(found)


# Terminals.

ESCAPE = "\x1b["


@pytest.mark.parametrize("width", [40, 80, 90, 100, 105, 110, 115, 120, 160, 500])
@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_is_filled_and_nothing_is_lost(width: int, colour: bool) -> None:
    table = TABLES["rke2"]
    text = to_text(table, choose(table, features=list(table.features)), width=width, colour=colour)
    assert (ESCAPE in text) == colour
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = plain.splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in plain
    # Whatever way lines are broken, each word is there as often as before, whole unless it is longer than a line.
    whole = to_text(table, choose(table, features=list(table.features)))
    words = re.compile(r"[\w./+-]*\w")
    lost = Counter(words.findall(whole)) - Counter(words.findall(plain)) - Counter(HEADERS)
    assert not [word for word in lost if len(word) < width - 2]


@pytest.mark.parametrize("width", [40, 80, 110])
def test_names_and_ports_are_in_one_piece(width: int) -> None:
    text = to_text(RKE1, choose(RKE1), width=width)
    for word in ("hosted_kubernetes_api", "30000-32767/tcp+udp", "node_driver_nodes"):
        assert re.search(rf"(^| ){re.escape(word)}( |$)", text, re.MULTILINE)


def test_in_a_pipe_a_line_is_a_line() -> None:
    choices = choose(RKE1, features=list(RKE1.features))
    text = to_text(RKE1, choices)
    assert text.isascii()
    assert len(text.split("\n\n")[1].splitlines()) == len(lines(flows(RKE1, choices))) + 1
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_what_looks_like_markup_is_text() -> None:
    row = Requirement("r", "etcd", "ingress", (Port.tcp(1),), ("s",), "[red]a|b[/red] `c`", "[s]", note="[bold]n")
    table = Table("d", "D", "s", "x", {"s": Slot("s", "[w] <i>")}, {}, (row,))
    text = to_text(table, Choices("x"), width=120, colour=True)
    for said in ("[red]a|b[/red] `c`", "1. [s]", "[bold]n", "[w] <i>"):
        assert said in text
    markdown = to_markdown(table, Choices("x"))
    assert r"| \[red\]a\|b\[/red\] \`c\` |" in markdown
    assert r"`s`: \[w\] \<i\>." in markdown


def test_a_table_of_nothing_has_no_sections() -> None:
    table = Table("d", "D", "s", "x", {}, {}, ())
    for text in (to_text(table, Choices("x")), to_markdown(table, Choices("x"))):
        assert not any(heading in text for heading in ("Slots", "Notes", "Sources"))
    assert to_csv(table, Choices("x")).splitlines() == [",".join(COLUMNS)]


def test_escaped_is_what_it_was() -> None:
    assert escaped("plain: a-b_c (d)") == "plain: a-b_c (d)"
    assert re.sub(r"\\(.)", r"\1", escaped(r"\|<>*`[]")) == r"\|<>*`[]"


def test_mermaid_as_a_file_is_the_picture() -> None:
    drawn = picture(RKE1, choose(RKE1))
    heading = "Rancher v2.x on RKE1, container network canal"
    assert to_mermaid(RKE1, choose(RKE1)) == f'---\ntitle: "{heading}"\n---\n{drawn}\n'


# What there is to choose.


def test_the_offer_says_what_can_be_chosen() -> None:
    text = offer.to_text(TABLES)
    assert (
        "rke1: Rancher v2.x on RKE1\n  source: Rancher v2.x documentation, Port requirements (rancher/docs@0f5a3d5c)\n"
        in text
    )
    assert "  container networks: canal (default), flannel, calico, weave\n" in text
    assert re.search(
        "^    node-driver +Rancher creates nodes by .*nobody has to fill node_driver_nodes.$", text, re.MULTILINE
    )
    assert re.search("^    dns_resolvers +DNS resolvers other than Amazon's.$", text, re.MULTILINE)


def test_the_offer_of_little_is_little() -> None:
    bare = Table("d", "D", "s", "x", {}, {}, ())
    assert offer.to_text({"d": bare}) == "d: D\n  source: s\n  container networks: x (default)\n"


def test_the_offer_for_programs_has_all_of_it() -> None:
    feature, peer = Feature("f", "F", ("a",)), Peer.cidr("p", "10.0.0.0/8")
    table = Table("d", "D", "s", "x", {"a": Slot("a", "A", (peer,), "n")}, {"f": feature}, ())
    assert json.loads(offer.to_json({"d": table})) == {
        "d": {
            "title": "D",
            "source": "s",
            "cni": "x",
            "cnis": ["x"],
            "features": {"f": {"what": "F", "replaces": ["a"]}},
            "slots": {"a": {"what": "A", "default": ["10.0.0.0/8"], "note": "n"}},
        }
    }
    assert list(json.loads(offer.to_json(TABLES))) == ["k3s", "rke1", "rke2"]
