"""Tables compared and explained: what they say is what rules come to, worked out by way of the rule set and access."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.access import Access, access
from rancher_ports.model.bindings import bind
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.flows import Flow
from rancher_ports.model.migration import migrate
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, Direction, GroupKey
from rancher_ports.model.table import Requirement, Slot, Table, choose
from rancher_ports.model.templates import templates
from rancher_ports.review.comparison import compare
from rancher_ports.review.explanation import explain
from rancher_ports.tables import load_tables
from rancher_ports.tables.driver_groups import load_driver_groups
from tests.unit.strategies import FEW

TABLES = load_tables()
RKE1, RKE2, K3S = (TABLES[name] for name in ("rke1", "rke2", "k3s"))
SLOTS = sorted(set.union(*(set(table.slots) for table in TABLES.values())))
KINDS = [(name, cni) for name, table in TABLES.items() for cni in table.cnis]
# Documented ports, and some beside them.
PROBES = [
    *(Port.tcp(p) for p in (22, 80, 179, 443, 2376, 2379, 2380, 2381, 4240, 5001, 5473, 6443, 6783, 8443, 9098, 9099)),
    *(Port.tcp(p) for p in (9345, 9796, 10250, 10251, 30000, 32767, 32768)),
    *(Port.udp(p) for p in (53, 123, 4789, 6783, 8472, 8473, 30000, 51820, 51821, 51871)),
    *(Port.icmp(8), Port.tcp_range(2379, 2380), Port.tcp_range(2379, 2381), Port.all()),
]


@cache
def _access(chosen: Chosen) -> Access:
    """Of rules with an address of its own in every slot."""
    table, choices = chosen.made
    slots = {name: (Peer.cidr(name.replace("_", "-"), f"10.{number}.0.0/16"),) for number, name in enumerate(SLOTS)}
    return access(fill(templates(table), Deployment(choices, bind("a", ROLES, {}), slots)))


def _end(name: str) -> GroupKey | str:
    return GroupKey("a", name) if name in ROLES else f"10.{SLOTS.index(name)}.0.1"


PAIRS = [pair for pair in product((*ROLES, *SLOTS), repeat=2) if set(pair) & set(ROLES)]


@dataclass(frozen=True)
class Chosen:
    """What somebody chose; small, where what comes of it is large."""

    kind: tuple[str, str]
    features: frozenset[str] = frozenset()
    one_sided: str = "completed"
    egress: str = "documented"
    former: tuple[str, str] | None = None

    @property
    def made(self) -> tuple[Table, Choices]:
        """The table and the choices."""
        return _made(self)


@cache
def _made(chosen: Chosen) -> tuple[Table, Choices]:
    name, cni = chosen.kind
    table = TABLES[name]
    features = chosen.features & set(table.features)
    choices = choose(table, cni=cni, features=features, one_sided=chosen.one_sided, egress=chosen.egress)
    if chosen.former is None or chosen.former == chosen.kind:
        return table, choices
    distribution, former_cni = chosen.former
    return migrate(table, choices, {"distribution": distribution, "cni": former_cni, "features": []}, TABLES)


CHOSEN = st.builds(
    Chosen,
    st.sampled_from(KINDS),
    st.frozensets(st.sampled_from(sorted(set.union(*(set(table.features) for table in TABLES.values()))))),
    st.sampled_from(["completed", "documented"]),
    st.sampled_from(["documented", "all"]),
    st.none() | st.sampled_from(KINDS),
)


Ports = dict[tuple[str, str], list[Port]]


def _by_ends(flows: tuple[Flow, ...]) -> Ports:
    found: Ports = {}
    for flow in flows:
        found.setdefault((flow.source, flow.destination), []).append(flow.port)
    return found


def _says(flows: Ports, source: str, destination: str, port: Port, *, is_so: bool) -> bool:
    """Whether flows say of two ends what is so; what they say of everybody holds where nothing else lets it pass."""
    direct = any(other.covers(port) for other in flows.get((source, destination), ()))
    # All egress says of groups here only that it is let out.
    anywhere = [] if destination in ROLES else flows.get((source, "anywhere"), [])
    return is_so if direct else is_so <= any(other.covers(port) for other in anywhere)


@FEW
@given(CHOSEN, CHOSEN)
def test_what_is_opened_and_closed_is_what_rules_come_to(before: Chosen, after: Chosen) -> None:
    compared = compare(before.made, after.made)
    opened, closed = _by_ends(compared.opened), _by_ends(compared.closed)
    old, new = _access(before), _access(after)
    for (source, destination), port in product(PAIRS, [port for port in PROBES if port.span[0] == port.span[1]]):
        ends = _end(source), _end(destination), port
        was, will_be = old.allows(*ends), new.allows(*ends)
        assert _says(opened, source, destination, port, is_so=will_be and not was)
        assert _says(closed, source, destination, port, is_so=was and not will_be)


@FEW
@given(CHOSEN)
def test_nothing_changes_from_a_table_to_itself(one: Chosen) -> None:
    compared = compare(one.made, one.made)
    assert not compared.opened
    assert not compared.closed


# An example takes a third of a second.
@settings(max_examples=max(30, settings().max_examples // 3))
@given(CHOSEN, st.lists(st.sampled_from(PAIRS), min_size=2, max_size=4), st.lists(st.sampled_from(PROBES), max_size=2))
def test_what_is_explained_as_allowed_is_what_rules_come_to(
    one: Chosen, pairs: list[tuple[str, str]], ports: list[Port]
) -> None:
    allowed, table = _access(one), one.made[0]
    for (source, destination), port in product(pairs, ports):
        if {source, destination} & set(SLOTS) <= set(table.slots):
            explained = explain(*one.made, source, destination, port)
            assert explained.allowed == allowed.allows(_end(source), _end(destination), port)
            if explained.allowed:
                assert explained.flows
                assert not explained.elsewhere + explained.nearest


@cache
def _explain(source: str, destination: str, port: str, name: str = "rke1", **choices: Any) -> Any:
    return explain(TABLES[name], choose(TABLES[name], **choices), source, destination, Port.parse(port))


def test_an_allowed_port_names_the_rows_of_both_ends() -> None:
    explained = _explain("worker", "controlplane", "6443/tcp")
    assert explained.allowed
    ((flow,),) = (explained.flows,)
    assert [row.id for row in flow.rows] == ["rke1/controlplane/ingress/6443/tcp", "rke1/worker/egress/6443/tcp"]
    assert flow.undocumented is None
    # RKE2 publishes one end.
    (flow,) = _explain("worker", "controlplane", "6443/tcp", "rke2").flows
    assert (flow.undocumented, flow.documented) == ("derived", ("ingress",))


def test_a_refused_port_names_the_nearest_rows() -> None:
    explained = _explain("worker", "etcd", "2379/tcp")
    assert not explained.allowed
    assert not explained.flows + explained.elsewhere
    assert [(flow.source, flow.destination, str(flow.port)) for flow in explained.nearest] == [
        ("etcd", "etcd", "2379/tcp"),
        ("controlplane", "etcd", "2379/tcp"),
        ("worker", "etcd", "8472/udp"),
    ]
    mistyped = _explain("etcd", "etcd", "2378/tcp")
    assert [str(flow.port) for flow in mistyped.nearest] == ["2379/tcp", "2380/tcp", "8472/udp"]
    turned = _explain("controlplane", "worker", "6443/tcp")
    assert ("worker", "controlplane") in {(flow.source, flow.destination) for flow in turned.nearest}


# rancher/docs#3352: the metrics server on a worker asks every kubelet; canal needs no 4240.
@pytest.mark.parametrize(
    ("ends", "name", "choices", "elsewhere"),
    [
        (("worker", "etcd", "10250/tcp"), "rke1", {}, {"feature metrics-server"}),
        (("worker", "worker", "4240/tcp"), "rke2", {}, {"cni cilium", "cni cilium-wireguard"}),
        (("controlplane", "controlplane", "6443/tcp"), "rke1", {"one_sided": "documented"}, {"one_sided completed"}),
        (("controlplane", "worker", "8443/tcp"), "k3s", {}, {"feature ingress-webhook"}),
    ],
)
def test_a_refused_port_names_the_choice_that_would_open_it(
    ends: tuple[str, str, str], name: str, choices: dict[str, str], elsewhere: set[str]
) -> None:
    explained = _explain(*ends, name, **choices)
    assert not explained.allowed
    assert {choice for choice, _ in explained.elsewhere} == elsewhere
    for _, flow in explained.elsewhere:
        assert (flow.source, flow.destination, str(flow.port)) == ends


def test_a_feature_that_is_on_is_not_proposed() -> None:
    explained = _explain("worker", "etcd", "2379/tcp", features=("metrics-server",))
    assert not explained.allowed
    assert not explained.elsewhere


def test_of_a_range_all_has_to_pass() -> None:
    assert _explain("etcd", "etcd", "2379-2380/tcp").allowed
    explained = _explain("etcd", "etcd", "2379-2381/tcp")
    assert not explained.allowed
    assert [str(flow.port) for flow in explained.flows] == ["2379/tcp", "2380/tcp"]


def test_an_end_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError) as refused:
        _explain("workr", "load_balancr", "1/tcp")
    assert [(fault.place, fault.nearest) for fault in refused.value.faults] == [
        ("SOURCE", "worker"),
        ("DESTINATION", "load_balancer"),
    ]
    with pytest.raises(
        InputError, match='DESTINATION: "ui_api_clients": expected a role, .* who is outside has no rule'
    ):
        _explain("load_balancer", "ui_api_clients", "1/tcp")


Lines = set[tuple[str, str, str]]


def _of_nodes(flows: tuple[Flow, ...]) -> Lines:
    return {(flow.source, flow.destination, str(flow.port)) for flow in flows}


def _all(sources: tuple[str, ...], destinations: tuple[str, ...], *ports: str) -> Lines:
    return {(source, destination, port) for source, destination, port in product(sources, destinations, ports)}


# ports.md of the drivers: rancher/machine@1a3c2784 drivers/amazonec2/amazonec2.go, beside RKE2's own page.
def test_what_the_drivers_group_opens_too_much_and_what_it_lacks() -> None:
    driver = load_driver_groups()["amazonec2"]
    compared = compare((RKE2, choose(RKE2)), (driver, choose(driver)))
    servers = ("etcd", "controlplane")
    world = ("22/tcp", "80/tcp", "443/tcp", "2376/tcp", "6443/tcp", "8443/tcp", "30000-32767/tcp", "30000-32767/udp")
    too_much = _all(("anywhere",), CLUSTER_ROLES, *world) | _all(CLUSTER_ROLES, ("anywhere",), "all")
    too_much |= _all(CLUSTER_ROLES, CLUSTER_ROLES, "5473/tcp", "10251-10252/tcp", "10256/tcp", "9796/tcp", "179/tcp")
    too_much |= _all(CLUSTER_ROLES, CLUSTER_ROLES, "4789/udp") | _all(CLUSTER_ROLES, ("worker",), "9345/tcp")
    etcd = _all(CLUSTER_ROLES, CLUSTER_ROLES, "2379-2380/tcp") - _all(servers, ("etcd",), "2379-2380/tcp")
    assert _of_nodes(compared.opened) == too_much | etcd
    lacks = _all(servers, ("etcd",), "2381/tcp") | _all(CLUSTER_ROLES, CLUSTER_ROLES, "9099/tcp")
    assert _of_nodes(compared.closed) == lacks
    # A group of a cluster's nodes says nothing of the server's.
    assert not {flow for flow in compared.closed if "rancher" in (flow.source, flow.destination)}


def test_with_the_features_for_which_it_is_made_the_drivers_group_opens_less_too_much() -> None:
    driver = load_driver_groups()["amazonec2"]
    choices = choose(RKE2, cni="calico-bgp", features=["monitoring"])
    compared = compare((RKE2, choices), (driver, choose(driver)))
    opened = {port for _, _, port in _of_nodes(compared.opened) if port in ("179/tcp", "5473/tcp", "9796/tcp")}
    # The node exporter is asked by workers alone.
    assert opened == {"9796/tcp"}
    sources = {source for source, _, port in _of_nodes(compared.opened) if port == "9796/tcp"}
    assert sources == {"etcd", "controlplane"}


def test_what_a_network_team_is_told_of_a_change_of_distribution() -> None:
    compared = compare((RKE1, choose(RKE1)), (RKE2, choose(RKE2, cni="calico")))
    closed = _all(CLUSTER_ROLES, CLUSTER_ROLES, "8472/udp")
    closed |= _all(("ingress_clients",), ("controlplane",), "80/tcp", "443/tcp")
    closed |= _all(("nodeport_clients",), ("controlplane",), "30000-32767/tcp", "30000-32767/udp")
    assert _of_nodes(compared.closed) == closed
    assert ("worker", "etcd", "9345/tcp") in _of_nodes(compared.opened)
    assert ("worker", "controlplane", "6443/tcp") not in _of_nodes(compared.opened)


def test_a_range_opens_nothing_that_its_parts_did() -> None:
    # K3s has 2379-2380 in one row, RKE1 in two.
    compared = compare((RKE1, choose(RKE1)), (K3S, choose(K3S)))
    assert not [
        flow for flow in compared.opened + compared.closed if flow.port.protocol == "tcp" and flow.port.first == 2379
    ]


def _table(direction: Direction, *peers: str, role: str = "etcd", why: str = "w") -> tuple[Table, Choices]:
    row = Requirement("d/row", role, direction, (Port.tcp(1),), peers, why, "s")
    table = Table("d", "D", "s", "x", {"office": Slot("office", "Somebody")}, {}, (row,))
    return table, choose(table, one_sided="documented")


def test_a_flow_that_passes_nothing_is_neither_opened_nor_closed() -> None:
    one_sided, empty = _table("ingress", "worker"), _table("ingress", "office")
    assert _of_nodes(compare(empty, one_sided).opened) == set()
    assert _of_nodes(compare(one_sided, empty).closed) == set()
    completed = one_sided[0], choose(one_sided[0])
    both = {("worker", "etcd", "1/tcp")}
    # Etcd has a group at either side; that workers have one is enough for one half, not for both.
    assert _of_nodes(compare(empty, completed).opened) == both
    assert not explain(*one_sided, "worker", "etcd", Port.tcp(1)).allowed


def test_all_egress_is_not_near_to_anything() -> None:
    table = TABLES["rke1"]
    explained = explain(table, choose(table, egress="all"), "etcd", "worker", Port.tcp(9))
    assert not explained.allowed
    assert {flow.destination for flow in explained.flows} == {"anywhere"}
    assert "anywhere" not in {flow.destination for flow in explained.nearest}


def test_what_is_refused_may_be_allowed_by_another_distribution() -> None:
    explained = explain(RKE1, choose(RKE1), "worker", "etcd", Port.tcp(9345), others=TABLES)
    assert [choice for choice, _ in explained.elsewhere] == ["distribution rke2"]
    assert not explain(RKE1, choose(RKE1), "worker", "etcd", Port.tcp(9345)).elsewhere
