"""Own rules: what a user opens beyond the table, and what becomes of it beside the table's rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.access import access
from rancher_ports.model.bindings import Binding
from rancher_ports.model.connections import Connection, connect, through_agents
from rancher_ports.model.deployment import Deployment, check_reach, fill, identities, left_out, meaning, with_own
from rancher_ports.model.own_rules import OwnRule, check_own_rule
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, Direction, GroupKey
from rancher_ports.model.rules import DESCRIPTION_LENGTH, Rule, RuleSet
from rancher_ports.model.table import choose
from rancher_ports.model.templates import templates
from tests.unit.strategies import PEERS, RKE1, deployments

TEMPLATES = templates(RKE1)
OFFICE, NODES = Peer.cidr("office", "203.0.113.0/24"), Peer.cidr("nodes-block", "10.1.0.0/16")
SERVER_NODES = Peer.cidr("server-block", "10.0.0.0/20")
METRICS = Port.tcp(9100)
SCRAPE = OwnRule("worker", "ingress", METRICS, "controlplane", "Node metrics")


def _bindings() -> dict[str, Binding]:
    return {"rancher": Binding.own("central", "rancher"), **{role: Binding.own("prod", role) for role in CLUSTER_ROLES}}


def _cluster(*own: OwnRule, bindings: dict[str, Binding] | None = None, server_rules: bool = True) -> Deployment:
    """A cluster whose server stands elsewhere."""
    sides: frozenset[str] = frozenset({"cluster"})
    made = _bindings() if bindings is None else bindings
    return Deployment(choose(RKE1), made, {}, sides, own, server_rules)  # type: ignore[arg-type]  # one of the sides


def _said(rules: RuleSet) -> set[tuple[str, str, str, str]]:
    return {(str(rule.group), rule.direction, str(rule.port), rule.peer.name) for rule in rules.rules}


def _added(deployment: Deployment) -> set[tuple[str, str, str, str]]:
    return _said(fill(TEMPLATES, deployment)) - _said(fill(TEMPLATES, replace(deployment, own=())))


own_rules = st.builds(
    OwnRule,
    role=st.sampled_from(CLUSTER_ROLES),
    direction=st.sampled_from(["ingress", "egress"]),
    port=st.sampled_from([METRICS, Port.tcp(443), Port.tcp(2379), Port.udp(8472), Port.all()]),
    peer=st.sampled_from([*ROLES, *PEERS]),
    why=st.sampled_from(["Node metrics", "Backups", "Log shipping"]),
)


@given(st.data())
def test_it_does_not_matter_in_which_order_own_rules_are_given(data: st.DataObject) -> None:
    own = data.draw(st.lists(own_rules, max_size=6))
    shuffled = data.draw(st.permutations(own))
    deployment = data.draw(deployments().filter(lambda one: "cluster" in one.sides))
    assert fill(TEMPLATES, replace(deployment, own=tuple(own))) == fill(
        TEMPLATES, replace(deployment, own=tuple(shuffled))
    )


@given(st.data())
def test_own_rules_take_nothing_away_and_make_no_rule_twice(data: st.DataObject) -> None:
    deployment = data.draw(deployments().filter(lambda one: "cluster" in one.sides))
    own = tuple(data.draw(st.lists(own_rules, max_size=6)))
    before, after = fill(TEMPLATES, deployment), fill(TEMPLATES, replace(deployment, own=own))
    kept = {rule.identity: rule for rule in after.rules}
    assert len(kept) == len(after.rules)
    for rule in before.rules:
        because = kept[rule.identity].because
        assert because[: len(rule.because)] == rule.because
        assert kept[rule.identity].description.startswith(rule.description)
    wanted = {identity for one in own for identity in identities(one, deployment)}
    assert set(kept) == {rule.identity for rule in before.rules} | wanted


@given(
    st.sampled_from(CLUSTER_ROLES), st.sampled_from(CLUSTER_ROLES), st.sampled_from(["ingress", "egress"]), st.data()
)
def test_between_two_roles_both_halves_are_written(
    role: str, peer: str, direction: Direction, data: st.DataObject
) -> None:
    port = data.draw(st.sampled_from([METRICS, Port.udp_range(7000, 7010)]))
    source, destination = (peer, role) if direction == "ingress" else (role, peer)
    found = fill(TEMPLATES, _cluster(OwnRule(role, direction, port, peer, "Node metrics")))
    halves = {rule.identity for rule in found.rules if rule.port == port}
    of = {name: Peer(name, PeerKind.GROUP, GroupKey("prod", name)) for name in (source, destination)}
    assert halves == {
        (GroupKey("prod", destination), "ingress", port, of[source]),
        (GroupKey("prod", source), "egress", port, of[destination]),
    }
    assert access(found).allows(GroupKey("prod", source), GroupKey("prod", destination), port)


def test_both_halves_say_what_they_are_for() -> None:
    halves = [rule for rule in fill(TEMPLATES, _cluster(SCRAPE)).rules if rule.port == METRICS]
    assert [(rule.because, rule.description) for rule in halves] == [
        (("own/worker/ingress/9100/tcp",), "Node metrics"),
        (("own/worker/ingress/9100/tcp",), "Node metrics"),
    ]


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_peer_outside_gets_one_rule_on_the_role_s_own_group(direction: Direction) -> None:
    rule = OwnRule("worker", direction, METRICS, OFFICE, "Node metrics")
    assert _added(_cluster(rule)) == {("prod/worker", direction, "9100/tcp", "office")}


def test_the_half_on_the_server_s_group_is_the_cluster_s_to_write() -> None:
    rule = OwnRule("worker", "egress", METRICS, "rancher", "Node metrics")
    assert _added(_cluster(rule)) == {
        ("prod/worker", "egress", "9100/tcp", "rancher"),
        ("central/rancher", "ingress", "9100/tcp", "worker"),
    }


@given(st.lists(own_rules, max_size=6))
def test_a_cluster_behind_an_agents_group_writes_nothing_on_the_server_s_group(own: list[OwnRule]) -> None:
    behind, alone = (fill(TEMPLATES, _cluster(*own, server_rules=on)) for on in (False, True))
    rancher = GroupKey("central", "rancher")
    assert not behind.of_group(rancher)
    assert alone.of_group(rancher)
    # And nothing else is different.
    assert behind.rules == tuple(rule for rule in alone.rules if rule.group != rancher)


def test_a_server_writes_on_its_own_group_whoever_writes_a_cluster_s_rules() -> None:
    rule = OwnRule("rancher", "ingress", METRICS, OFFICE, "Metrics")
    server = Deployment(
        choose(RKE1), {"rancher": _bindings()["rancher"]}, {}, frozenset({"server"}), (rule,), server_rules=False
    )
    assert _added(server) == {("central/rancher", "ingress", "9100/tcp", "office")}


def test_a_brought_group_without_add_rules_gets_no_half_and_is_told_of_it() -> None:
    worker = Binding.by_id("prod", "worker", "sg-0123456789abcdef0")
    deployment = _cluster(
        SCRAPE,
        OwnRule("worker", "ingress", METRICS, OFFICE, "Node metrics"),
        bindings={**_bindings(), "worker": worker},
    )
    assert _added(deployment) == {("prod/controlplane", "egress", "9100/tcp", "worker")}
    left = [rule for rule in left_out(TEMPLATES, deployment) if rule.port == METRICS]
    assert [(str(rule.group), rule.direction, rule.peer.name) for rule in left] == [
        ("prod/worker", "ingress", "controlplane"),
        ("prod/worker", "ingress", "office"),
    ]


def test_an_own_rule_that_equals_a_row_makes_one_rule_with_both_reasons() -> None:
    same = OwnRule("etcd", "ingress", Port.tcp(2379), "controlplane", "Backups")
    halves = [
        rule
        for rule in fill(TEMPLATES, _cluster(same)).rules
        if rule.port == Port.tcp(2379) and {rule.group, rule.peer.value} == set(_keys("etcd", "controlplane"))
    ]
    assert _added(_cluster(same)) == set()
    assert [(str(rule.group), rule.because, rule.description) for rule in halves] == [
        (
            "prod/etcd",
            ("rke1/etcd/ingress/2379/tcp", "own/etcd/ingress/2379/tcp"),
            "etcd client requests; Backups",
        ),
        (
            "prod/controlplane",
            ("rke1/controlplane/egress/2379/tcp", "own/etcd/ingress/2379/tcp"),
            "etcd client requests; Backups",
        ),
    ]


def _keys(*roles: str) -> list[GroupKey]:
    return [GroupKey("prod", role) for role in roles]


def test_two_own_rules_that_come_to_the_same_make_one_rule_with_both_reasons() -> None:
    # The two ends of one flow, each asked for by itself.
    other = OwnRule("controlplane", "egress", METRICS, "worker", "Scraping")
    first, second = (rule for rule in fill(TEMPLATES, _cluster(other, SCRAPE)).rules if rule.port == METRICS)
    for rule in (first, second):
        assert rule.because == ("own/controlplane/egress/9100/tcp", "own/worker/ingress/9100/tcp")
        assert rule.description == "Scraping; Node metrics"


def test_a_description_of_many_reasons_is_as_long_as_ec2_takes() -> None:
    why = [f"{letter}" * 100 for letter in "abc"]
    identity = next(iter(identities(SCRAPE, _cluster())))
    rule = with_own(identity, None, [replace(SCRAPE, why=one) for one in reversed(why)])
    assert rule == Rule(
        *identity, because=("own/worker/ingress/9100/tcp",), description=f"{why[0]}; {why[1]}; {'c' * 48}..."
    )
    assert len(rule.description) == DESCRIPTION_LENGTH


def test_one_name_for_two_peers_is_refused_in_own_rules_too() -> None:
    named_alike = Peer.cidr("office", "198.51.100.0/24")
    rules = [OwnRule("worker", "ingress", METRICS, peer, "Node metrics") for peer in (OFFICE, named_alike)]
    with pytest.raises(InputError, match="office"):
        fill(TEMPLATES, _cluster(*rules))


GATEWAY = Connection.transit_gateway(server=[SERVER_NODES])
FULL_GATEWAY = Connection.transit_gateway(server=[SERVER_NODES], cluster=[NODES])


def test_over_a_transit_gateway_egress_names_addresses() -> None:
    rule = OwnRule("worker", "ingress", METRICS, "rancher", "Node metrics")
    assert _added(_cluster(rule, bindings=connect(_bindings(), FULL_GATEWAY))) == {
        ("prod/worker", "ingress", "9100/tcp", "rancher"),
        ("central/rancher", "egress", "9100/tcp", "nodes-block"),
    }


@pytest.mark.parametrize(("role", "peer", "way"), [("worker", "rancher", "ingress"), ("rancher", "worker", "egress")])
def test_a_half_that_nothing_can_name_is_refused(role: str, peer: str, way: Direction) -> None:
    # The server's egress needs the cluster's addresses, which this connection does not give.
    deployment = _cluster(bindings=connect(_bindings(), GATEWAY))
    with pytest.raises(InputError) as refused:
        check_reach(deployment, role, peer, way)
    assert str(refused.value) == (
        "peer: nothing: expected the addresses of worker nodes in the connection: egress of rancher cannot name "
        "their group"
    )


def test_each_half_that_nothing_can_name_is_a_fault() -> None:
    deployment = _cluster(bindings=connect(_bindings(), Connection.by_addresses()))
    with pytest.raises(InputError) as refused:
        check_reach(deployment, "worker", "rancher", "egress")
    assert [fault.allowed.partition(" cannot")[0] for fault in refused.value.faults] == [
        "the addresses of rancher nodes in the connection: egress of worker",
        "the addresses of worker nodes in the connection: ingress of rancher",
    ]


def test_what_can_be_named_and_what_is_not_written_is_not_refused() -> None:
    check_reach(_cluster(), "worker", "rancher", "ingress")
    check_reach(_cluster(bindings=connect(_bindings(), FULL_GATEWAY)), "worker", "rancher", "ingress")
    check_reach(_cluster(bindings=connect(_bindings(), GATEWAY)), "worker", "rancher", "egress")
    # Nobody writes the server's half here.
    check_reach(_cluster(bindings=connect(_bindings(), GATEWAY), server_rules=False), "worker", "rancher", "ingress")


CROSSINGS: dict[str, Callable[[dict[str, Binding]], Deployment]] = {
    "by addresses": lambda bindings: _cluster(
        SCRAPE, bindings=connect(bindings, Connection.by_addresses(server=[SERVER_NODES], cluster=[NODES]))
    ),
    "through agents": lambda bindings: _cluster(
        SCRAPE, bindings=through_agents(bindings, "agents"), server_rules=False
    ),
    "brought": lambda bindings: _cluster(
        SCRAPE, bindings={**bindings, "worker": Binding.by_id("prod", "worker", "sg-0123456789abcdef0")}
    ),
}


@pytest.mark.parametrize("how", CROSSINGS)
def test_what_a_deployment_means_does_not_depend_on_how_it_has_to_write_it(how: str) -> None:
    deployment = CROSSINGS[how](_bindings())
    assert _said(fill(TEMPLATES, deployment)) != _said(fill(TEMPLATES, _cluster(SCRAPE)))
    assert _said(meaning(TEMPLATES, deployment)) == _said(fill(TEMPLATES, _cluster(SCRAPE)))


def test_an_own_rule_in_order_is_taken() -> None:
    for peer in ("controlplane", OFFICE):
        check_own_rule(replace(SCRAPE, peer=peer), CLUSTER_ROLES, ROLES)


def test_all_that_is_wrong_with_an_own_rule_is_said_at_once() -> None:
    wrong = OwnRule("workr", "ingress", "9100/tcp", "etdc", "")  # type: ignore[arg-type]  # a user's mistake
    with pytest.raises(InputError) as refused:
        check_own_rule(wrong, CLUSTER_ROLES, ROLES)
    assert [(fault.place, fault.value, fault.nearest) for fault in refused.value.faults] == [
        ("role", '"workr"', "worker"),
        ("peer", '"etdc"', "etcd"),
        ("port", '"9100/tcp"', None),
        ("why", '""', None),
    ]
    assert "Peer.cidr" in refused.value.faults[1].allowed
    assert "Port.tcp(9100)" in refused.value.faults[2].allowed


@pytest.mark.parametrize("why", [None, 9100, "", "  ", "a" * 256, "Größe", "why?"])
def test_a_reason_that_ec2_would_refuse_is_refused(why: object) -> None:
    with pytest.raises(InputError) as refused:
        check_own_rule(replace(SCRAPE, why=why), CLUSTER_ROLES, ROLES)  # type: ignore[arg-type]  # a user's mistake
    assert [fault.place for fault in refused.value.faults] == ["why"]
    assert refused.value.faults[0].allowed.startswith("what it is for, in at most 255 characters")


def test_the_roles_that_may_carry_it_and_those_at_the_other_end_differ() -> None:
    rule = OwnRule("worker", "egress", METRICS, "rancher", "Node metrics")
    check_own_rule(rule, CLUSTER_ROLES, ROLES)
    with pytest.raises(InputError) as refused:
        check_own_rule(replace(rule, role="rancher", peer="worker"), CLUSTER_ROLES, ROLES)
    assert [fault.place for fault in refused.value.faults] == ["role"]
    with pytest.raises(InputError) as refused:
        check_own_rule(rule, ROLES, CLUSTER_ROLES)
    assert [fault.place for fault in refused.value.faults] == ["peer"]
