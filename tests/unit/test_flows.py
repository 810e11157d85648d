"""Flows of a table, and the lines in which people read them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.model.bindings import bind
from rancher_ports.model.conditions import Choices, Condition
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.flows import Flow, Line, documents, flows, lines
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, GroupKey
from rancher_ports.model.table import Requirement, Slot, Table, choose
from rancher_ports.model.templates import templates
from rancher_ports.tables import load_tables
from tests.documented import Flow as Half
from tests.documented import completed_flows, documented_flows
from tests.unit.strategies import RKE1

TABLES = load_tables()


def _ends(half: Half) -> tuple[str, str, Port]:
    peer = "git_rancher_io" if "/" in half.peer else half.peer
    ends = (peer, half.role) if half.direction == "ingress" else (half.role, peer)
    return *ends, Port(half.protocol, half.first, half.last)


def _halves(found: Iterable[Flow], *, documented: bool = False) -> set[tuple[tuple[str, str, Port], str]]:
    return {(flow.key, half) for flow in found for half in (flow.documented if documented else flow.halves)}


@st.composite
def chosen(draw: st.DrawFn) -> tuple[Table, Choices]:
    """A table and any choices of it."""
    table = TABLES[draw(st.sampled_from(sorted(TABLES)))]
    return table, choose(
        table,
        features=draw(st.sets(st.sampled_from(sorted(table.features)))),
        cni=draw(st.sampled_from(table.cnis)),
        one_sided=draw(st.sampled_from(["documented", "completed"])),
        egress=draw(st.sampled_from(["documented", "all"])),
    )


def _everything() -> Iterable[tuple[Table, Choices]]:
    for table in TABLES.values():
        for cni in table.cnis:
            for features in ((), tuple(table.features)):
                yield table, choose(table, cni=cni, features=features, egress="all")
        for feature in table.features:
            yield table, choose(table, features=[feature])


EVERYTHING = list(_everything())


def _row(role: str, direction: str, port: str, *peers: str, why: str = "w", **more: object) -> Requirement:
    id_ = f"{role}/{direction}/{port}"
    return Requirement(id_, role, direction, (Port.parse(port),), peers, why, "s", **more)  # type: ignore[arg-type]  # by name


def _table(*rows: Requirement) -> Table:
    return Table("d", "D", "s", "x", {"office": Slot("office", "The office")}, {}, rows)


# What is documented.


def test_the_flows_of_rke1_are_the_documented_ones() -> None:
    found = flows(RKE1, choose(RKE1, one_sided="documented"))
    expected = {(_ends(half), half.direction) for half in documented_flows()}
    assert _halves(found) == _halves(found, documented=True) == expected


def test_what_is_completed_stands_beside_what_is_documented() -> None:
    found = flows(RKE1, choose(RKE1))
    assert _halves(found) == {(_ends(half), half.direction) for half in completed_flows()}
    assert _halves(found, documented=True) == {(_ends(half), half.direction) for half in documented_flows()}
    (one,) = [flow for flow in found if flow.undocumented]
    assert (one.key, one.undocumented) == (("controlplane", "controlplane", Port.tcp(6443)), "completed")


def test_what_one_end_alone_documents_is_one_sided_unless_completed() -> None:
    (one,) = [flow for flow in flows(RKE1, choose(RKE1, one_sided="documented")) if flow.one_sided]
    assert one.key == ("controlplane", "controlplane", Port.tcp(6443))
    assert (one.halves, one.needed, one.undocumented) == (("ingress",), ("ingress", "egress"), None)
    assert not any(flow.one_sided for flow in flows(RKE1, choose(RKE1)))


@pytest.mark.parametrize("distribution", ["rke2", "k3s"])
def test_where_ingress_alone_is_published_the_other_half_is_derived(distribution: str) -> None:
    table = TABLES[distribution]
    found = [flow for flow in flows(table, choose(table, one_sided="documented")) if "rancher" not in flow.key]
    between = [flow for flow in found if {flow.source, flow.destination} <= set(ROLES)]
    assert between
    assert {(flow.halves, flow.documented, flow.undocumented) for flow in between} == {
        (("ingress", "egress"), ("ingress",), "derived")
    }


def test_flows_stand_in_the_order_of_the_document() -> None:
    expected = list(dict.fromkeys(_ends(half) for half in documented_flows()))
    assert [flow.key for flow in flows(RKE1, choose(RKE1))] == expected


def test_of_a_slot_our_end_is_all_that_is_needed() -> None:
    for table in TABLES.values():
        for flow in flows(table, choose(table, features=list(table.features), egress="all")):
            ours = {"ingress": flow.destination, "egress": flow.source}
            assert set(flow.needed) == {half for half, end in ours.items() if end in ROLES}


def test_a_flow_names_its_rows_and_each_reason_once() -> None:
    (agent,) = [f for f in flows(RKE1, choose(RKE1)) if f.key == ("etcd", "rancher", Port.tcp(443))]
    assert [row.id for row in agent.rows] == ["rke1/rancher/ingress/443/tcp", "rke1/etcd/egress/443/tcp"]
    assert agent.whys == ("Rancher agent, Rancher UI/API, kubectl", "Rancher agent")
    assert agent.sources == ("Rancher v2.x documentation, Port requirements (rancher/docs@0f5a3d5c)",)


def test_all_egress_is_a_flow_that_no_row_has() -> None:
    found = flows(RKE1, choose(RKE1, egress="all"))
    assert found[: -len(ROLES)] == flows(RKE1, choose(RKE1))
    for role, flow in zip(ROLES, found[-len(ROLES) :], strict=True):
        assert flow.key == (role, "anywhere", Port.all())
        assert (flow.halves, flow.documented, flow.undocumented) == (("egress",), (), "chosen")
        assert (flow.rows, flow.sources, flow.one_sided) == ((), (), False)
        assert flow.whys == ("All egress, as chosen in the settings",)


@given(chosen())
def test_flows_are_the_rules_that_are_written(of: tuple[Table, Choices]) -> None:
    table, choices = of
    slots = {name: (Peer.cidr(name.replace("_", "-"), f"10.{i}.0.0/16"),) for i, name in enumerate(table.slots)}
    names = {peer.name: slot for slot, (peer,) in slots.items()} | {"anywhere-ipv4": "anywhere"}
    rules = fill(templates(table), Deployment(choices, bind("a", ROLES, {}), slots)).rules
    written = set()
    for rule in rules:
        assert isinstance(rule.group, GroupKey)
        if rule.peer.name == "anywhere-ipv6":
            continue
        peer = rule.peer.value.role if isinstance(rule.peer.value, GroupKey) else names[rule.peer.name]
        ends = (peer, rule.group.role) if rule.direction == "ingress" else (rule.group.role, peer)
        written.add(((*ends, rule.port), rule.direction))
        assert (rule.peer.kind is PeerKind.GROUP) == (peer in ROLES)
    found = flows(table, choices)
    assert _halves(found) == written
    assert len({flow.key for flow in found}) == len(found)


# Rows that no document of ours has.


def test_a_wide_port_at_one_end_is_what_narrow_ones_come_to_at_the_other() -> None:
    table = _table(
        _row("worker", "egress", "1-3/tcp", "etcd", why="wide"),
        _row("etcd", "ingress", "1-2/tcp", "worker", why="low"),
        _row("etcd", "ingress", "3/tcp", "worker", why="high"),
    )
    found = {flow.port.text: flow for flow in flows(table, choose(table, one_sided="documented"))}
    assert list(found) == ["1-3/tcp", "1-2/tcp", "3/tcp"]
    assert {flow.documented for flow in found.values()} == {("ingress", "egress")}
    assert [flow.whys for flow in found.values()] == [("wide",), ("wide", "low"), ("wide", "high")]


def test_the_rest_of_a_wide_port_is_completed() -> None:
    table = _table(_row("worker", "egress", "1-3/tcp", "etcd"), _row("etcd", "ingress", "1/tcp", "worker"))
    found = {flow.port.text: flow for flow in flows(table, choose(table))}
    assert {text: (flow.halves, flow.documented) for text, flow in found.items()} == {
        "1-3/tcp": (("ingress", "egress"), ("egress",)),
        "1/tcp": (("ingress", "egress"), ("ingress", "egress")),
        "2-3/tcp": (("ingress", "egress"), ("egress",)),
    }
    documented = {flow.port.text: flow for flow in flows(table, choose(table, one_sided="documented"))}
    assert {text: flow.one_sided for text, flow in documented.items()} == {"1-3/tcp": True, "1/tcp": False}


def test_a_document_that_a_row_names_beside_another_is_named_once() -> None:
    rows = [replace(_row("etcd", "ingress", "1/tcp", "office"), source=source) for source in ("b; a", "a; c", "b")]
    assert documents(rows) == ("b", "a", "c")


# Lines.


def _line(of: Iterable[Line], port: str, *destinations: str) -> Line:
    (one,) = [line for line in of if line.port == port and line.destinations == destinations]
    return one


def test_lines_say_together_what_is_said_of_many() -> None:
    found = lines(flows(RKE1, choose(RKE1)))
    cluster = ("etcd", "controlplane", "worker")
    assert _line(found, "8472/udp", *cluster).sources == cluster
    assert _line(found, "10250/tcp", *cluster).sources == ("controlplane",)
    assert _line(found, "30000-32767/tcp+udp", "controlplane", "worker").sources == ("nodeport_clients",)
    # The one whose other half is completed stands by itself.
    assert [line.sources for line in found if line.port == "6443/tcp" and line.destinations == ("controlplane",)] == [
        ("etcd", "worker"),
        ("controlplane",),
    ]


def test_what_is_one_sided_stands_apart_from_what_needs_but_one_half() -> None:
    table = _table(_row("etcd", "ingress", "1/tcp", "worker", "office"))
    found = lines(flows(table, choose(table, one_sided="documented")))
    assert [(line.sources, line.flows[0].one_sided) for line in found] == [(("worker",), True), (("office",), False)]


def test_protocols_go_together_only_where_all_else_is_alike() -> None:
    both = replace(_row("etcd", "ingress", "1/tcp", "office"), ports=(Port.tcp(1), Port.udp(1)))
    assert [line.port for line in lines(flows(_table(both), Choices("x")))] == ["1/tcp+udp"]
    apart = _table(_row("etcd", "ingress", "1/tcp", "office"), _row("etcd", "ingress", "1/udp", "office", why="other"))
    assert [line.port for line in lines(flows(apart, Choices("x")))] == ["1/tcp", "1/udp"]
    # A second source for one protocol keeps that end apart.
    more = _table(both, _row("etcd", "ingress", "1/udp", "worker"))
    assert [line.port for line in lines(flows(more, choose(more)))] == ["1/tcp+udp", "1/udp"]


def test_protocols_without_ports_stay_apart() -> None:
    rows = [_row("etcd", "ingress", port, "office") for port in ("all/icmp", "all/47", "all", "3-4/icmp", "3-4/tcp")]
    texts = [line.port for line in lines(flows(_table(*rows), Choices("x")))]
    assert texts == ["all/icmp", "all/47", "all", "3-4/icmp", "3-4/tcp"]


def _check_lines(found: tuple[Flow, ...]) -> None:
    told: dict[tuple[str, str, Port], Flow] = {}
    of = lines(found)
    assert sum(len(line.flows) for line in of) == len(found)
    for line in of:
        product = list(itertools.product(line.sources, line.destinations, line.ports))
        assert [flow.key for flow in line.flows] == product
        assert len({(f.whys, f.needed, f.halves, f.documented, f.undocumented, f.sources) for f in line.flows}) == 1
        assert len({(port.first, port.last) for port in line.ports}) == 1
        for flow in line.flows:
            assert told.setdefault(flow.key, flow) is flow
    assert told == {flow.key: flow for flow in found}


def test_lines_lose_nothing_of_any_table() -> None:
    for table, choices in EVERYTHING:
        _check_lines(flows(table, choices))


@given(chosen())
def test_lines_lose_nothing_whatever_is_chosen(of: tuple[Table, Choices]) -> None:
    _check_lines(flows(*of))


NAMES = [*ROLES, "office"]
ROWS = st.builds(
    lambda role, direction, port, peers, why: _row(role, direction, port, *peers, why=why),
    st.sampled_from(ROLES),
    st.sampled_from(["ingress", "egress"]),
    st.sampled_from(["1/tcp", "1/udp", "1-3/tcp", "2/tcp", "all", "8/icmp"]),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    st.sampled_from(["v", "w"]),
)


@given(st.lists(ROWS, max_size=8, unique_by=lambda row: row.id), st.sampled_from(["documented", "completed"]))
def test_lines_lose_nothing_of_tables_that_nobody_has_written(rows: list[Requirement], one_sided: str) -> None:
    table = _table(*rows)
    found = flows(table, choose(table, one_sided=one_sided))
    _check_lines(found)
    if one_sided == "completed":
        assert not any(flow.one_sided for flow in found)


def test_lines_are_as_few_as_either_end_allows() -> None:
    # Seen from the sources these are three lines, from the destinations two; turned around, the other way round.
    rows = [
        _row("rancher", "ingress", "1/tcp", "etcd", "worker"),
        _row("etcd", "ingress", "1/tcp", "controlplane", "worker"),
    ]
    assert [(line.sources, line.destinations) for line in lines(flows(_table(*rows), Choices("x")))] == [
        (("etcd", "worker"), ("rancher",)),
        (("controlplane", "worker"), ("etcd",)),
    ]
    turned = [replace(row, direction="egress") for row in rows]
    assert [(line.sources, line.destinations) for line in lines(flows(_table(*turned), Choices("x")))] == [
        (("rancher",), ("etcd", "worker")),
        (("etcd",), ("controlplane", "worker")),
    ]


def test_a_row_that_does_not_apply_makes_no_flow() -> None:
    row = _row("etcd", "ingress", "1/tcp", "office", when=Condition(cnis=("y",)))
    assert flows(_table(row), Choices("x")) == ()
    assert len(flows(_table(row), Choices("y"))) == 1


def test_a_half_is_derived_if_one_of_its_documents_has_one_end_alone() -> None:
    row = Requirement("d/one", "etcd", "ingress", (Port.tcp(1),), ("worker",), "w", "s")
    table = Table("d", "D", "s", "x", {}, {}, (row, replace(row, id="d/other", one_end=True)))
    (flow,) = flows(table, choose(table, one_sided="documented"))
    assert (flow.halves, flow.documented, flow.undocumented) == (("ingress", "egress"), ("ingress",), "derived")
