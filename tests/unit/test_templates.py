"""Templates and filling: from rows to rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.access import access
from rancher_ports.model.bindings import Binding
from rancher_ports.model.conditions import Choices, Condition
from rancher_ports.model.deployment import Deployment, Identity, fill
from rancher_ports.model.intervals import difference, union
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import Feature, Requirement, Slot, Table, choose
from rancher_ports.model.templates import templates
from tests.documented import Flow, completed_flows, documented_flows
from tests.unit.strategies import PEERS, RKE1, deployments

TEMPLATES = templates(RKE1)
Item = TypeVar("Item")
OFFICE, ALB = Peer.cidr("office", "203.0.113.0/24"), Peer.security_group("alb", "sg-0123456789abcdef0")


def _deployment(
    slots: Mapping[str, tuple[Peer, ...]] | None = None,
    bindings: Mapping[str, Binding] | None = None,
    **choices: object,
) -> Deployment:
    own = {role: Binding.own("prod", role) for role in ROLES}
    return Deployment(choose(RKE1, **choices), {**own, **(bindings or {})}, slots or {})  # type: ignore[arg-type]  # arguments by name


def _flow(rule: Rule) -> Flow:
    assert isinstance(rule.group, GroupKey)
    value = rule.peer.value.role if isinstance(rule.peer.value, GroupKey) else rule.peer.name
    port = rule.port
    return Flow(rule.group.role, rule.direction, port.protocol, port.first or 0, port.last or 0, value)


def _one(rules: RuleSet, role: str, direction: str, port: str, peer: str) -> Rule:
    (rule,) = [
        rule
        for rule in rules.rules
        if (rule.group, rule.direction, rule.port.text, rule.peer.name)
        == (GroupKey("prod", role), direction, port, peer)
    ]
    return rule


def test_rows_are_merged_by_role_direction_port_and_peer_role() -> None:
    keys = [(template.role, template.direction, template.port, template.peer) for template in TEMPLATES]
    assert len(set(keys)) == len(keys)
    (egress,) = [
        t for t in TEMPLATES if (t.role, t.direction, t.port.text, t.peer) == ("rancher", "egress", "443/tcp", None)
    ]
    parts = [(part.slot and part.slot.name, part.when.feature) for part in egress.parts]
    assert parts[:2] == [("git_rancher_io", None), ("registries", "image-pulls")]
    assert all(feature is not None for _, feature in parts[1:])


def test_documented_is_the_document_and_completed_adds_one_flow() -> None:
    slots = {slot: (Peer.cidr(slot.replace("_", "-"), f"10.{i}.0.0/16"),) for i, slot in enumerate(RKE1.slots)}
    expected = {replace(flow, peer=flow.peer.replace("_", "-")) for flow in documented_flows()}
    git = {flow for flow in expected if "/" in flow.peer}
    expected = (expected - git) | {Flow("rancher", "egress", "tcp", 443, 443, "git-rancher-io")}
    documented = fill(TEMPLATES, _deployment(slots, one_sided="documented"))
    completed = fill(TEMPLATES, _deployment(slots, one_sided="completed"))
    assert {_flow(rule) for rule in documented.rules} == expected
    assert len(documented.rules) == 59 - 2
    added = {_flow(rule) for rule in completed.rules} - {_flow(rule) for rule in documented.rules}
    assert added == {Flow("controlplane", "egress", "tcp", 6443, 6443, "controlplane")}
    assert added == set(completed_flows()) - set(documented_flows())


def test_a_completed_rule_says_so_and_names_the_row_that_it_completes() -> None:
    rule = _one(fill(TEMPLATES, _deployment()), "controlplane", "egress", "6443/tcp", "controlplane")
    assert rule.description == "Kubernetes apiserver (completed: documented as ingress of controlplane only)"
    assert rule.because == ("rke1/controlplane/ingress/6443/tcp",)


def test_a_peer_in_two_slots_makes_one_rule_that_names_both_rows() -> None:
    slots = {"git_rancher_io": (OFFICE,), "registries": (OFFICE, ALB)}
    rules = fill(TEMPLATES, _deployment(slots, features=["image-pulls"]))
    both = _one(rules, "rancher", "egress", "443/tcp", "office")
    assert both.because == ("rke1/rancher/egress/443/tcp", "features/rancher/egress/443/tcp/image-pulls")
    assert both.description == "git.rancher.io (catalogs); Container images"
    assert _one(rules, "rancher", "egress", "443/tcp", "alb").description == "Container images"


def test_one_row_that_names_two_slots_is_named_once() -> None:
    slots = {"hosted_kubernetes": (OFFICE,), "ui_api_clients": (OFFICE,)}
    rule = _one(fill(TEMPLATES, _deployment(slots)), "rancher", "ingress", "443/tcp", "office")
    assert rule.because == ("rke1/rancher/ingress/443/tcp",)
    assert rule.description == "Rancher agent, Rancher UI/API, kubectl"


def test_an_empty_slot_opens_nothing() -> None:
    rules = fill(TEMPLATES, _deployment({"git_rancher_io": ()}, features=["image-pulls"]))
    assert all(rule.peer.kind is PeerKind.GROUP for rule in rules.rules)


def test_default_peers_fill_a_slot_until_somebody_else_does() -> None:
    names = {rule.peer.name for rule in fill(TEMPLATES, _deployment()).rules}
    assert {"git-rancher-io-1", "git-rancher-io-2", "git-rancher-io-3"} < names
    names = {rule.peer.name for rule in fill(TEMPLATES, _deployment({"git_rancher_io": (OFFICE,)})).rules}
    assert not any(name.startswith("git-rancher-io") for name in names)


def test_all_egress_adds_a_rule_for_each_family_to_every_group_and_removes_none() -> None:
    documented = {rule.identity for rule in fill(TEMPLATES, _deployment()).rules}
    everything = {rule.identity for rule in fill(TEMPLATES, _deployment(egress="all")).rules}
    assert documented < everything
    added = sorted(
        (str(group), direction, str(port), peer.value) for group, direction, port, peer in everything - documented
    )
    assert added == sorted(
        (f"prod/{role}", "egress", "all", block) for role in ROLES for block in ("0.0.0.0/0", "::/0")
    )


def test_all_egress_goes_with_a_peer_that_is_every_address() -> None:
    world = (Peer.cidr("world", "0.0.0.0/0"), Peer.cidr("world-v6", "::/0"))
    rules = fill(TEMPLATES, _deployment({"ui_api_clients": world, "git_rancher_io": world}, egress="all"))
    assert _one(rules, "rancher", "egress", "443/tcp", "world").peer == world[0]
    assert _one(rules, "rancher", "egress", "all", "anywhere-ipv4").peer.value == "0.0.0.0/0"


def test_server_and_cluster_write_what_both_together_write() -> None:
    both = _deployment({"ui_api_clients": (OFFICE,), "nodeport_clients": (OFFICE,)}, egress="all")
    server = Deployment(both.choices, {"rancher": both.bindings["rancher"]}, both.slots, frozenset({"server"}))
    cluster = Deployment(both.choices, both.bindings, both.slots, frozenset({"cluster"}))
    of_server, of_cluster = fill(TEMPLATES, server), fill(TEMPLATES, cluster)
    assert of_server | of_cluster == fill(TEMPLATES, both)
    assert {rule.group for rule in of_server.rules} == {GroupKey("prod", "rancher")}
    assert all(rule.peer.kind is not PeerKind.GROUP for rule in of_server.rules)
    on_server = [rule for rule in of_cluster.rules if rule.group == GroupKey("prod", "rancher")]
    assert sorted(rule.peer.name for rule in on_server) == sorted(CLUSTER_ROLES)


def test_a_brought_group_gets_rules_only_when_asked() -> None:
    quiet = {"etcd": Binding.by_id("prod", "etcd", "sg-01234567")}
    asked = {"etcd": Binding.by_id("prod", "etcd", "sg-01234567", add_rules=True)}
    own = fill(TEMPLATES, _deployment())
    etcd = GroupKey("prod", "etcd")
    assert fill(TEMPLATES, _deployment(bindings=asked)) == own
    siblings = fill(TEMPLATES, _deployment(bindings=quiet))
    assert siblings.rules == tuple(rule for rule in own.rules if rule.group != etcd)
    assert any(rule.peer.value == etcd for rule in siblings.rules)
    assert siblings.groups == own.groups


def test_a_brought_group_cannot_be_a_peer_under_another_name() -> None:
    bindings = {"etcd": Binding.by_id("prod", "etcd", str(ALB.value))}
    with pytest.raises(InputError, match="alb: .*expected one name for one value"):
        fill(TEMPLATES, _deployment({"load_balancer": (ALB,)}, bindings))
    with pytest.raises(InputError, match="security_group_id"):
        Binding.by_id("prod", "etcd", "vpc-01234567")


def test_a_role_out_of_reach_is_named_by_other_peers_across_server_and_cluster_only() -> None:
    far = Peer.cidr("eu-nodes", "10.9.0.0/16")
    bindings = {role: Binding.own("prod", role).across(ingress=[far]) for role in CLUSTER_ROLES}
    rules = fill(TEMPLATES, _deployment(bindings=bindings))
    agents = _one(rules, "rancher", "ingress", "443/tcp", "eu-nodes")
    assert agents.because == ("rke1/rancher/ingress/443/tcp",)
    assert not any(rule.peer.value == GroupKey("prod", "etcd") for rule in rules.of_group(GroupKey("prod", "rancher")))
    assert _one(rules, "etcd", "ingress", "2379/tcp", "controlplane").peer.kind is PeerKind.GROUP
    outbound = {"rancher": Binding.own("prod", "rancher").across(egress=[far])}
    rules = fill(TEMPLATES, _deployment(bindings=outbound))
    assert _one(rules, "worker", "egress", "443/tcp", "eu-nodes").peer == far
    assert _one(rules, "rancher", "ingress", "443/tcp", "worker").peer.kind is PeerKind.GROUP


def test_a_role_that_nothing_realises_makes_no_rule() -> None:
    bindings = {role: Binding.own("prod", role) for role in ("rancher", "worker")}
    rules = fill(TEMPLATES, Deployment(choose(RKE1), bindings))
    assert {rule.group for rule in rules.rules} == {GroupKey("prod", "rancher"), GroupKey("prod", "worker")}
    assert not any(rule.peer.name in ("etcd", "controlplane") for rule in rules.rules)


def test_two_peers_with_one_name_or_one_value_are_refused() -> None:
    with pytest.raises(InputError, match="one value for one name"):
        fill(
            TEMPLATES, _deployment({"load_balancer": (OFFICE,), "ui_api_clients": (Peer.cidr("office", "10.0.0.0/8"),)})
        )
    with pytest.raises(InputError, match="one name for one value"):
        fill(TEMPLATES, _deployment({"load_balancer": (OFFICE, Peer.cidr("hq", "203.0.113.0/24"))}))


@pytest.mark.parametrize(
    ("choices", "place", "nearest"),
    [
        ({"features": ["image-pull"]}, r"features\[0\]", "image-pulls"),
        ({"features": "image-pulls"}, "features", None),
        ({"features": 3}, "features", None),
        ({"features": [["image-pulls"]]}, r"features\[0\]", None),
        ({"cni": "cannal"}, "cni", "canal"),
        ({"one_sided": "complete"}, "one_sided", "completed"),
        ({"egress": "documentd"}, "egress", "documented"),
        ({"egress": True}, "egress", None),
    ],
)
def test_a_choice_that_the_table_does_not_offer_is_refused(
    choices: dict[str, object], place: str, nearest: str | None
) -> None:
    with pytest.raises(InputError, match=f"^{place}: ") as refused:
        choose(RKE1, **choices)  # type: ignore[arg-type]  # arguments by name
    assert refused.value.faults[0].nearest == nearest


def test_conditions_hold_when_everything_they_name_is_so() -> None:
    choices = Choices(cni="canal", features=frozenset({"f"}), one_sided="documented", egress="all")
    assert Condition().holds(choices)
    assert Condition(feature="f", cnis=("x", "canal"), one_sided="documented", egress="all").holds(choices)
    for condition in (
        Condition(feature="g"),
        Condition(cnis=("x",)),
        Condition(one_sided="completed"),
        Condition(egress="documented"),
        Condition(unless=(Condition(feature="f"),)),
    ):
        assert not condition.holds(choices)


def _half(*answers: str) -> list[str]:
    """The ports completed as egress of worker where etcd documents 1-9/tcp ingress and worker some of its egress."""
    rows = [("etcd", "ingress", "1-9/tcp", "worker"), *(("worker", "egress", answer, "etcd") for answer in answers)]
    requirements = tuple(
        Requirement(f"row-{i}", role, direction, (Port.parse(port),), (peer,), "w", "s")  # type: ignore[arg-type]  # text for literals
        for i, (role, direction, port, peer) in enumerate(rows)
    )
    made = templates(Table("d", "D", "s", "x", {}, {}, requirements))
    return [t.port.text for t in made for part in t.parts if t.role == "worker" and part.when.one_sided]


def test_only_the_ports_that_the_other_end_lacks_are_completed() -> None:
    assert _half() == ["1-9/tcp"]
    assert _half("1-9/tcp") == []
    assert _half("all") == []
    assert _half("1-4/tcp", "5-9/tcp") == []
    assert _half("4/tcp") == ["1-3/tcp", "5-9/tcp"]
    assert _half("1-4/tcp") == ["5-9/tcp"]
    assert _half("4/udp") == ["1-9/tcp"]
    assert _half("20/tcp", "8/icmp") == ["1-9/tcp"]


def test_a_row_under_a_condition_changes_no_address_of_a_completed_rule() -> None:
    row = Requirement("in", "etcd", "ingress", (Port.tcp_range(1, 9),), ("worker",), "w", "s")
    bindings = {role: Binding.own("p", role) for role in ROLES}
    for ports in ((4, 4), (4, 20)):
        partly = Requirement("out", "worker", "egress", (Port.tcp_range(*ports),), ("etcd",), "w", "s", Condition("f"))
        for rows in ((row,), (row, partly)):
            for features in (frozenset[str](), frozenset({"f"})):
                made = templates(Table("d", "D", "s", "x", {}, {}, rows))
                rules = fill(made, Deployment(Choices("x", features), bindings)).of_group(GroupKey("p", "worker"))
                assert "1-9/tcp" in [rule.port.text for rule in rules]


def test_a_half_that_is_always_documented_is_never_completed() -> None:
    rows = (
        Requirement("in", "etcd", "ingress", (Port.tcp(1),), ("worker",), "w", "s", Condition(feature="f")),
        Requirement("out", "worker", "egress", (Port.tcp(1),), ("etcd",), "w", "s"),
    )
    made = templates(Table("d", "D", "s", "x", {}, {}, rows))
    completed = [t for t in made for part in t.parts if part.when.one_sided]
    assert [(t.role, t.direction) for t in completed] == [("etcd", "ingress")]


def test_a_half_that_a_feature_documents_is_completed_only_without_the_feature() -> None:
    rows = (
        Requirement("in", "etcd", "ingress", (Port.tcp(1),), ("worker",), "w", "s"),
        Requirement("out", "worker", "egress", (Port.tcp(1),), ("etcd",), "w", "s", Condition(feature="f")),
    )
    made = templates(Table("d", "D", "s", "x", {}, {}, rows))
    bindings = {role: Binding.own("p", role) for role in ROLES}
    for features, because in ((frozenset[str](), ("in",)), (frozenset({"f"}), ("out",))):
        rules = fill(made, Deployment(Choices("x", features), bindings))
        (egress,) = [
            rule for rule in rules.rules if rule.direction == "egress" and rule.group == GroupKey("p", "worker")
        ]
        assert egress.because == because


# Laws

small_ports = st.builds(
    lambda protocol, ends: Port(protocol, *sorted(ends)),
    st.sampled_from(["tcp", "udp"]),
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
) | st.sampled_from([Port.icmp(8), Port("icmp", 8, -1), Port.all(), Port("4")])


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    """A small table of random rows between roles, some of them under a feature or a network."""
    conditions = [Condition(), Condition(), Condition(feature="f"), Condition(cnis=("x",))]
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(ROLES[1:3]),
                st.sampled_from(["ingress", "egress"]),
                small_ports,
                st.sampled_from(ROLES[1:3]),
                st.sampled_from(conditions),
            ),
            max_size=7,
        )
    )
    return Table(
        "d", "D", "s", "x", {"s": Slot("s", "S")}, {},
        tuple(
            Requirement(f"row-{i}", role, direction, (port,), (peer,), "w", "s", when)  # type: ignore[arg-type]  # text for literals
            for i, (role, direction, port, peer, when) in enumerate(rows)
        ),
    )  # fmt: skip


@given(_tables(), st.booleans(), st.sampled_from(["x", "y"]))
def test_completed_adds_exactly_what_was_one_sided(table: Table, feature: bool, cni: str) -> None:
    def rules(one_sided: str) -> RuleSet:
        features = frozenset({"f"} if feature else ())
        choices = Choices(cni, features, one_sided)  # type: ignore[arg-type]  # text for literals
        return fill(templates(table), Deployment(choices, {role: Binding.own("p", role) for role in ROLES[1:3]}))

    documented, completed = rules("documented"), rules("completed")
    assert {rule.identity for rule in documented.rules} <= {rule.identity for rule in completed.rules}
    between = access(completed).between
    for source in documented.groups:
        for destination in documented.groups:
            either = union(
                rule.port.span
                for rule in documented.rules
                if (rule.group, rule.direction, rule.peer.value) == (source, "egress", destination)
                or (rule.group, rule.direction, rule.peer.value) == (destination, "ingress", source)
            )
            assert between.get((source, destination, PeerKind.IPV4), ()) == either
    # Rows under conditions do not cut what is completed, so there the two may overlap.
    unconditional = all(row.when == Condition() for row in table.requirements)
    for rule in set(completed.rules) - set(documented.rules):
        if unconditional and rule.port.protocol in ("tcp", "udp"):
            same_side = union(
                other.port.span
                for other in documented.rules
                if (other.group, other.direction, other.peer) == (rule.group, rule.direction, rule.peer)
            )
            assert difference((rule.port.span,), same_side) == (rule.port.span,)


@given(deployments(), st.randoms(use_true_random=False))
def test_the_order_of_anything_given_does_not_matter(deployment: Deployment, random: Random) -> None:
    def shuffled(items: Iterable[Item]) -> list[Item]:
        listed = list(items)
        random.shuffle(listed)
        return listed

    slots = {slot: tuple(shuffled(peers)) for slot, peers in shuffled(deployment.slots.items())}
    bindings = dict(shuffled(deployment.bindings.items()))
    other = Deployment(deployment.choices, bindings, slots, deployment.sides)
    assert fill(TEMPLATES, deployment) == fill(TEMPLATES, other)


@given(deployments())
def test_no_two_rules_are_the_same(deployment: Deployment) -> None:
    rules = fill(TEMPLATES, deployment).rules
    assert len({rule.identity for rule in rules}) == len(rules)
    assert all(len(rule.description) <= 255 and rule.because for rule in rules)


@given(deployments(), st.sampled_from(sorted(RKE1.features)))
def test_a_feature_only_adds_but_one_that_replaces_an_overlay(deployment: Deployment, feature: str) -> None:
    def rules(features: frozenset[str]) -> set[Identity]:
        choices = deployment.choices
        more = Choices(choices.cni, features, choices.one_sided, choices.egress)
        filled = fill(TEMPLATES, Deployment(more, deployment.bindings, deployment.slots, deployment.sides))
        return {rule.identity for rule in filled.rules}

    without = rules(deployment.choices.features - {feature})
    with_it = rules(deployment.choices.features | {feature})
    # Windows nodes have their overlay network on 4789 instead (rancher/rancher-docs@36f54e98 PortsCustomNodes.js).
    overlay = {identity for identity in without if Port.udp(8472) in identity}
    assert without - with_it == (overlay if feature == "windows" else set())


@given(deployments(), st.sampled_from(sorted(RKE1.slots)), st.sampled_from(PEERS))
def test_a_peer_more_only_adds_rules_that_name_it(deployment: Deployment, slot: str, peer: Peer) -> None:
    before = deployment.slots.get(slot, RKE1.slots[slot].default)
    slots = {**deployment.slots, slot: (*before, peer)}
    more = Deployment(deployment.choices, deployment.bindings, slots, deployment.sides)
    was = {rule.identity for rule in fill(TEMPLATES, deployment).rules}
    now = {rule.identity for rule in fill(TEMPLATES, more).rules}
    assert was <= now
    assert all(identity[3] == peer for identity in now - was)


def test_a_half_is_completed_or_derived_under_the_conditions_of_its_row() -> None:
    row = Requirement("d/row", "etcd", "ingress", (Port.tcp(1),), ("worker",), "w", "s")
    row = replace(row, when=Condition(unless=(Condition(feature="f"),)))
    for one_end in (True, False):
        table = Table("d", "D", "s", "x", {}, {"f": Feature("f", "F")}, (replace(row, one_end=one_end),))
        own = {role: Binding.own("a", role) for role in ROLES}
        halves = [
            [(str(rule.group), rule.direction) for rule in fill(templates(table), Deployment(choices, own)).rules]
            for choices in (choose(table), choose(table, features=["f"]))
        ]
        assert halves == [[("a/etcd", "ingress"), ("a/worker", "egress")], []]
