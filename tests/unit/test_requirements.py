"""Whether rules let pass what is documented: against the documents' own flows, and against what is written for them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.audit.planned import check
from rancher_ports.audit.requirements import unmet
from rancher_ports.model.bindings import Binding
from rancher_ports.model.deployment import Deployment, Side, fill
from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.roles import ROLES, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import choose
from rancher_ports.model.templates import templates
from rancher_ports.tables import load_tables
from tests.documented import Flow, completed_flows
from tests.unit.strategies import FEW, RKE1, deployments

CHOICES = choose(RKE1)
OFFICE = Peer.cidr("office", "203.0.113.0/24")
TABLES = load_tables()


def _group(role: str, owner: str = "prod") -> Peer:
    return Peer(role, PeerKind.GROUP, GroupKey(owner, role))


def _rule(flow: Flow, owner: str = "prod", peer: Peer | None = None) -> Rule:
    to_slot = peer or OFFICE
    other = _group(flow.peer, owner) if flow.peer in ROLES else to_slot
    port = Port(flow.protocol, flow.first, flow.last)
    return Rule(GroupKey(owner, flow.role), "ingress" if flow.direction == "ingress" else "egress", port, other)


# Every row of the document as a rule, worked out by the tests themselves.
DOCUMENTED = {flow: _rule(flow) for flow in completed_flows()}
GROUPS = tuple(GroupKey("prod", role) for role in ROLES)


def _unmet(rules: Iterable[Rule], groups: Iterable[GroupKey | str] = GROUPS, **more: object) -> list[Finding]:
    return list(unmet(RKE1, CHOICES, RuleSet.of(groups, rules), **more))  # type: ignore[arg-type]  # by name


def _codes(found: Iterable[Finding]) -> list[str]:
    return [finding.code for finding in found]


def test_with_a_rule_for_each_flow_of_the_document_nothing_is_missing() -> None:
    assert not _unmet(DOCUMENTED.values())


@pytest.mark.parametrize("flow", [flow for flow in DOCUMENTED if flow.peer in ROLES], ids=str)
def test_without_a_flow_its_row_is_named(flow: Flow) -> None:
    found = _unmet(rule for of, rule in DOCUMENTED.items() if of != flow)
    (one,) = [finding for finding in found if finding.code in ("one-sided", "missing")]
    source, destination = (flow.peer, flow.role) if flow.direction == "ingress" else (flow.role, flow.peer)
    assert one.place == f"prod: {source} to {destination}"
    ports = str(flow.first) if flow.first == flow.last else f"{flow.first}-{flow.last}"
    assert f"{source} does not reach {destination} on {ports}/{flow.protocol}: " in one.sentence
    assert f"there is no {flow.direction} of {flow.role}" in one.sentence
    assert f"{ports}/{flow.protocol}" in one.sentence.partition("rke1/")[2]
    assert "Rancher v2.x documentation" in one.sentence
    # Of the group itself one half is the other end's as well.
    assert one.code == "one-sided"


def test_without_both_halves_it_is_missing() -> None:
    found = _unmet(rule for rule in DOCUMENTED.values() if rule.port != Port.tcp(2380))
    assert [(finding.code, finding.place) for finding in found] == [
        ("missing", "prod: etcd to etcd"),
        ("missing", "prod: controlplane to etcd"),
    ]
    assert "there is neither ingress of etcd nor egress of etcd" in found[0].sentence
    assert "rke1/etcd/ingress/2380/tcp" in found[0].sentence
    assert "rke1/etcd/egress/2380/tcp" in found[0].sentence


def test_a_part_of_a_range_that_is_missing_is_named() -> None:
    client = Flow("etcd", "ingress", "tcp", 2379, 2379, "controlplane")
    assert client in DOCUMENTED
    etcd = Flow("worker", "egress", "tcp", 6443, 6443, "controlplane")
    rules = [rule for flow, rule in DOCUMENTED.items() if flow != etcd]
    wider = Rule(GroupKey("prod", "worker"), "egress", Port.tcp_range(6000, 6442), _group("controlplane"))
    (one,) = _unmet([*rules, wider])
    assert "on 6443/tcp" in one.sentence
    narrow = Rule(GroupKey("prod", "worker"), "egress", Port.tcp_range(6000, 7000), _group("controlplane"))
    assert not _unmet([*rules, narrow])


def test_egress_to_everywhere_lets_everything_out() -> None:
    rules = [rule for rule in DOCUMENTED.values() if rule.direction == "ingress"]
    anywhere = [Rule(group, "egress", Port.all(), peer) for group in GROUPS for peer in ANYWHERE]
    assert not _unmet([*rules, *anywhere])


def test_what_a_group_lets_pass_that_nodes_join_besides_counts() -> None:
    nodes = GroupKey("prod", "nodes")
    rules = [rule for rule in DOCUMENTED.values() if rule.port != Port.tcp(2380)]
    peers = [Rule(nodes, way, Port.tcp(2380), Peer("nodes", PeerKind.GROUP, nodes)) for way in ("ingress", "egress")]
    assert not _unmet([*rules, *peers], (*GROUPS, nodes))
    other = GroupKey("other", "nodes")
    others = [Rule(other, rule.direction, rule.port, rule.peer) for rule in peers]
    assert set(_codes(_unmet([*rules, *others], (*GROUPS, other)))) == {"missing"}


@FEW
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_what_is_written_for_a_deployment_lacks_nothing(name: str, data: st.DataObject) -> None:
    table = TABLES[name]
    deployment = data.draw(deployments(table))
    rules = fill(templates(table), deployment)
    given_ = {slot: deployment.slots.get(slot, table.slots[slot].default) for slot in table.slots}
    for slots in (None, given_):
        found = unmet(table, deployment.choices, rules, slots, partly=_partly(deployment))
        assert not [finding for finding in found if finding.code in ("missing", "one-sided")]


def _partly(deployment: Deployment) -> frozenset[GroupKey | str]:
    """The server's group where another construct writes its rules."""
    return frozenset() if "server" in deployment.sides else frozenset({deployment.bindings["rancher"].group})


@FEW
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_any_rule_left_out_between_roles_is_noticed_with_its_rows(name: str, data: st.DataObject) -> None:
    table = TABLES[name]
    deployment = Deployment(choose(table), {role: Binding.own("prod", role) for role in ROLES})
    rules = fill(templates(table), deployment)
    rule = data.draw(st.sampled_from([rule for rule in rules.rules if rule.peer.kind is PeerKind.GROUP]))
    rest = RuleSet.of(rules.groups, [one for one in rules.rules if one != rule])
    found = [finding for finding in unmet(table, deployment.choices, rest) if finding.code in ("missing", "one-sided")]
    covered = [
        one for one in rest.rules if (one.group, one.direction, one.peer) == (rule.group, rule.direction, rule.peer)
    ]
    if any(one.port.covers(rule.port) for one in covered):
        assert not found
    else:
        assert all(any(row in finding.sentence for finding in found) for row in rule.because)


def test_one_server_and_two_clusters_are_looked_at_together() -> None:
    server = {"rancher": Binding.own("central", "rancher")}

    def of(bindings: dict[str, Binding], side: Side) -> tuple[Rule, ...]:
        return fill(templates(RKE1), Deployment(CHOICES, bindings, sides=frozenset({side}))).rules

    def cluster(owner: str) -> tuple[Rule, ...]:
        return of({**server, **{role: Binding.own(owner, role) for role in ROLES if role != "rancher"}}, "cluster")

    everything = [*of(server, "server"), *cluster("shop"), *cluster("lab")]
    assert not [f for f in _unmet(everything, ()) if f.code != "empty-slot"]
    without = [r for r in everything if r.group != GroupKey("central", "rancher") or "lab" not in str(r.peer.value)]
    found = [finding for finding in _unmet(without, ()) if finding.code != "empty-slot"]
    assert found
    assert {(finding.code, finding.place.partition(":")[0]) for finding in found} == {("one-sided", "lab")}
    # Of a server that somebody else makes it is not known which rules it has.
    partly = frozenset({GroupKey("central", "rancher")})
    assert not [f for f in _unmet(without, (), partly=partly) if f.code != "empty-slot"]
    # Of one that is not given nothing is.
    alone = [rule for rule in cluster("lab") if rule.group != GroupKey("central", "rancher")]
    assert {f.code for f in _unmet(alone, ())} == {"unchecked-role", "empty-slot"}


def test_across_regions_addresses_may_be_those_of_nodes() -> None:
    crossing = [f for f in DOCUMENTED if (f.role == "rancher") != (f.peer == "rancher") and f.peer in ROLES]
    assert crossing
    vpc = Peer.cidr("vpc", "10.0.0.0/8")
    rules = [_rule(flow, peer=vpc) if flow not in crossing else _crossing(flow, vpc) for flow in DOCUMENTED]
    assert not _unmet(rules)
    lacking = [rule for rule in rules if rule.peer != vpc or rule.direction == "ingress"]
    assert {f.code for f in _unmet(lacking)} >= {"one-sided"}


def _crossing(flow: Flow, peer: Peer) -> Rule:
    rule = _rule(flow)
    return Rule(rule.group, rule.direction, rule.port, peer)


def test_a_role_without_a_group_is_said_to_be_unchecked() -> None:
    groups = [group for group in GROUPS if group.role != "worker"]
    rules = [rule for rule in DOCUMENTED.values() if rule.group in groups]
    (one,) = [finding for finding in _unmet(rules, groups) if finding.code != "empty-slot"]
    assert (one.code, one.place) == ("unchecked-role", "prod/worker")


def test_slots_want_somebody_or_each_of_those_who_are_said_to_be_in_them() -> None:
    inside = [rule for flow, rule in DOCUMENTED.items() if flow.peer in ROLES]
    assert {finding.code for finding in _unmet(inside)} == {"empty-slot"}
    wide = Peer.cidr("wide", "203.0.0.0/16")
    lists = Peer.prefix_list("mirrors", "pl-0123456789abcdef0")
    ui = Rule(GroupKey("prod", "rancher"), "ingress", Port.tcp_range(443, 444), wide)
    slots = dict.fromkeys(RKE1.slots, ())
    assert not _unmet([*inside, ui], slots={**slots, "ui_api_clients": (OFFICE,)})
    (missing,) = _unmet([*inside, ui], slots={**slots, "ui_api_clients": (OFFICE, lists)})
    assert missing.code == "missing"
    assert "from mirrors (pl-0123456789abcdef0), which is in ui_api_clients" in missing.sentence
    narrow = Rule(GroupKey("prod", "rancher"), "ingress", Port.tcp(443), Peer.cidr("half", "203.0.113.0/25"))
    assert _codes(_unmet([*inside, narrow], slots={**slots, "ui_api_clients": (OFFICE,)})) == ["missing"]


def test_slots_of_a_group_that_others_write_on_are_not_judged() -> None:
    inside = [rule for flow, rule in DOCUMENTED.items() if flow.peer in ROLES]
    assert not _unmet(inside, partly=frozenset(GROUPS))


def test_the_world_is_let_in_where_slots_are_meant_for_it() -> None:
    ports = {"worker": Port.tcp(80), "controlplane": Port.tcp_range(30000, 32767)}
    meant = [Rule(GroupKey("prod", role), "ingress", port, peer) for role, port in ports.items() for peer in ANYWHERE]
    halves = {22: "0.0.0.0/1", 23: "128.0.0.0/1"}
    etcd = GroupKey("prod", "etcd")
    apart = [Rule(etcd, "ingress", Port.tcp(port), Peer.cidr(f"half-{port}", half)) for port, half in halves.items()]
    rules = RuleSet.of(GROUPS, [*DOCUMENTED.values(), *meant, *apart])
    assert not check(RKE1, CHOICES, rules, quotas=Quotas())


def test_everything_is_checked_the_gravest_first() -> None:
    many = [Rule(GroupKey("prod", "worker"), "ingress", Port.tcp(number), OFFICE) for number in range(1, 62)]
    open_ = [
        Rule(GroupKey("prod", "etcd"), "ingress", Port.tcp(2379), OFFICE),
        *(Rule(GroupKey("prod", "worker"), "ingress", Port.tcp(port), ANYWHERE[0]) for port in (22, 80, 31000)),
        Rule("sg-1", "ingress", Port.tcp(443), ANYWHERE[1]),
        Rule(GroupKey("prod", "worker"), "ingress", Port.tcp(53), Peer.prefix_list("l", "pl-0123456789abcdef0")),
    ]
    rules = [rule for rule in DOCUMENTED.values() if rule.port != Port.tcp(2380)]
    found = check(RKE1, CHOICES, RuleSet.of(GROUPS, [*rules, *many, *open_]), quotas=Quotas())
    assert list(dict.fromkeys(_codes(found))) == [
        "etcd-exposed",
        "open-to-the-world",
        "quota",
        "missing",
        "unknown-entries",
    ]
    world = {finding.place: finding.sentence for finding in found if finding.code == "open-to-the-world"}
    # NodePorts and ingress are for everybody, SSH is not.
    assert "on 22/tcp (by" in world["prod/worker"]
    assert "sg-1 lets in every public IPv6 address on 443/tcp" in world["sg-1"]
