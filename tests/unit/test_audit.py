"""Findings: said where they are so, and not where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rancher_ports.audit.deployment import audit
from rancher_ports.audit.one_sided import agents_half_missing
from rancher_ports.audit.redundant import redundant_rules
from rancher_ports.audit.renamed_groups import renamed_groups
from rancher_ports.model.bindings import Binding
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment, Side, fill
from rancher_ports.model.findings import Finding
from rancher_ports.model.migration import migrate
from rancher_ports.model.own_rules import OwnRule
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, Direction, GroupKey
from rancher_ports.model.table import Requirement, Table, choose
from rancher_ports.model.templates import templates
from rancher_ports.tables import load_table, load_tables
from tests.unit.strategies import RKE1

RKE2 = load_table("rke2")

OFFICE, MIRRORS = Peer.cidr("office", "203.0.113.0/24"), Peer.prefix_list("mirrors", "pl-0123456789abcdef0")
EVERY_SLOT = dict.fromkeys(RKE1.slots, (OFFICE,))
BOTH: frozenset[Side] = frozenset({"server", "cluster"})
SERVER: frozenset[Side] = frozenset({"server"})
CLUSTER: frozenset[Side] = frozenset({"cluster"})
ETCD = Binding.by_id("prod", "etcd", "sg-0123456789abcdef0")


def _audit(
    slots: Mapping[str, tuple[Peer, ...]] | None = None,
    peers: tuple[Peer, ...] = (),
    bindings: Mapping[str, Binding] | None = None,
    sides: frozenset[Side] = BOTH,
    *,
    cloud_provider: bool = False,
    **choices: object,
) -> tuple[Finding, ...]:
    own = {role: Binding.own("prod", role) for role in ROLES}
    deployment = Deployment(choose(RKE1, **choices), {**own, **(bindings or {})}, slots or {}, sides)  # type: ignore[arg-type]  # arguments by name
    return audit(RKE1, deployment, fill(templates(RKE1), deployment), peers, cloud_provider=cloud_provider)


def _of(findings: tuple[Finding, ...], code: str) -> list[Finding]:
    return [finding for finding in findings if finding.code == code]


def test_a_complete_deployment_has_no_findings() -> None:
    assert _audit(EVERY_SLOT, (OFFICE,), features=list(RKE1.features)) == ()


def test_the_documented_table_has_one_one_sided_flow() -> None:
    (finding,) = _of(_audit(one_sided="documented"), "one-sided")
    assert (finding.severity, finding.place) == ("warning", "prod/controlplane")
    assert finding.sentence == (
        "prod/controlplane has ingress 6443/tcp from prod/controlplane, but prod/controlplane has no egress for it "
        "to prod/controlplane: the traffic is dropped."
    )
    assert "completed" in finding.fix


def _one_flow(direction: Direction, **bindings: Binding) -> tuple[Finding, ...]:
    """The findings about a table in which worker documents one flow with etcd, and etcd nothing."""
    row = Requirement("row", "worker", direction, (Port.tcp(1),), ("etcd",), "w", "s")
    table = Table("d", "D", "s", "x", {}, {}, (row,))
    own = {role: Binding.own("prod", role) for role in ROLES}
    deployment = Deployment(Choices("x", one_sided="documented"), {**own, **bindings})
    return audit(table, deployment, fill(templates(table), deployment))


def test_a_flow_that_lacks_its_ingress_is_one_sided_too() -> None:
    (finding,) = _of(_one_flow("egress"), "one-sided")
    assert finding.sentence == (
        "prod/worker has egress 1/tcp to prod/etcd, but prod/etcd has no ingress for it from prod/worker: "
        "the traffic is dropped."
    )


def test_a_brought_group_is_named_once_with_every_rule_that_it_lacks() -> None:
    (finding, *others) = _audit(EVERY_SLOT, bindings={"etcd": ETCD}, features=["image-pulls"])
    assert {other.code for other in others} == {"suggested-feature"}
    assert (finding.code, finding.severity, finding.place) == ("brought-group", "warning", "prod/etcd")
    assert finding.sentence == (
        "The group of prod/etcd exists already and gets no rules here, but needs "
        "ingress 2379/tcp+2380/tcp+10250/tcp+8472/udp from controlplane, "
        "ingress 2379/tcp+2380/tcp+8472/udp from etcd, ingress 8472/udp from worker, "
        "egress 443/tcp to office (203.0.113.0/24), egress 443/tcp to rancher, "
        "egress 2379/tcp+2380/tcp+8472/udp to etcd, "
        "egress 6443/tcp+8472/udp to controlplane, egress 8472/udp to worker."
    )
    assert finding.fix == "Add them there, or set add_rules for it."


def test_what_a_brought_group_lacks_is_what_it_would_get_if_asked() -> None:
    for brought in ({"etcd"}, {"etcd", "worker"}, set(ROLES)):
        ids = {role: f"sg-0123456{i}" for i, role in enumerate(ROLES) if role in brought}
        asked = {role: Binding.by_id("prod", role, id_, add_rules=True) for role, id_ in ids.items()}
        quiet = {role: Binding.by_id("prod", role, id_) for role, id_ in ids.items()}
        slots = {"ui_api_clients": (OFFICE,)}
        assert not _of(_audit(slots, bindings=asked), "brought-group")
        findings = _of(_audit(slots, bindings=quiet), "brought-group")
        assert [finding.place for finding in findings] == [f"prod/{role}" for role in ROLES if role in brought]
        own = {role: Binding.own("prod", role) for role in ROLES}
        every = fill(templates(RKE1), Deployment(choose(RKE1), own, slots)).rules
        lacking = {
            (f"prod/{role}", direction, port, peer)
            for finding in findings
            for role in [finding.place.removeprefix("prod/")]
            for half in finding.sentence.partition(" but needs ")[2].rstrip(".").split(", ")
            for direction, ports, _, peer in [half.partition(" (")[0].split()]
            for port in ports.split("+")
        }
        assert lacking == {
            (str(rule.group), rule.direction, str(rule.port), rule.peer.name)
            for rule in every
            if isinstance(rule.group, GroupKey) and rule.group.role in brought
        }


@pytest.mark.parametrize("one_sided", ["completed", "documented"])
@pytest.mark.parametrize("egress", ["documented", "all"])
def test_the_half_that_a_brought_group_lacks_is_not_called_one_sided_as_well(one_sided: str, egress: str) -> None:
    found = _of(_audit(bindings={"etcd": ETCD}, one_sided=one_sided, egress=egress), "one-sided")
    without = _of(_audit(one_sided=one_sided, egress=egress), "one-sided")
    assert found == without


def test_a_flow_that_no_row_asks_of_a_brought_group_is_one_sided_still() -> None:
    findings = _one_flow("egress", etcd=ETCD)
    assert [finding.code for finding in findings if finding.severity == "warning"] == [
        "no-registry-egress",
        "one-sided",
    ]
    theirs = "where the group of prod/etcd is another construct's or not ours to write, add the ingress there."
    assert theirs in findings[1].fix


def test_of_a_brought_group_nobody_knows_what_is_one_sided() -> None:
    assert not _of(_one_flow("egress", worker=Binding.by_id("prod", "worker", "sg-01234567")), "one-sided")


def test_a_server_and_its_cluster_say_each_what_the_other_does_not() -> None:
    quiet = {"rancher": Binding.by_id("prod", "rancher", "sg-01234567")}
    (of_server,) = _of(_audit({"ui_api_clients": (OFFICE,), "git_rancher_io": ()}, (), quiet, SERVER), "brought-group")
    assert of_server.sentence.endswith("but needs ingress 443/tcp from office (203.0.113.0/24).")
    (of_cluster,) = _of(_audit({}, (), quiet, CLUSTER), "brought-group")
    assert of_cluster.sentence.endswith(
        "ingress 443/tcp from controlplane, ingress 443/tcp from etcd, ingress 443/tcp from worker."
    )
    assert not _of(_audit(dict.fromkeys(RKE1.slots, ()), (), quiet, SERVER), "brought-group")


def test_rules_for_other_peoples_groups_are_not_one_sided() -> None:
    alb = Peer.security_group("alb", "sg-0123456789abcdef0")
    assert not _of(_audit({"load_balancer": (alb,), "node_driver_nodes": (alb,)}), "one-sided")


def test_a_role_that_nothing_realises_is_not_judged() -> None:
    deployment = Deployment(choose(RKE1), {"worker": Binding.own("prod", "worker")})
    findings = audit(RKE1, deployment, fill(templates(RKE1), deployment))
    assert [finding.place for finding in _of(findings, "no-registry-egress")] == ["worker"]


def test_a_peer_used_for_egress_alone_is_used_and_unused_ones_come_in_order() -> None:
    peers = (Peer.cidr("zoo", "10.1.0.0/16"), Peer.cidr("lab", "10.2.0.0/16"))
    findings = _of(_audit({"node_driver_nodes": (OFFICE,)}, peers), "unused-peer")
    assert [finding.place for finding in findings] == ["lab", "zoo"]


def test_a_peer_that_rules_on_a_brought_group_need_is_not_unused() -> None:
    quiet = {"rancher": Binding.by_id("prod", "rancher", "sg-01234567")}
    findings = _audit({"ui_api_clients": (OFFICE,), "registries": (MIRRORS,)}, bindings=quiet)
    assert [finding.place for finding in _of(findings, "unused-peer")] == ["mirrors"]


@pytest.mark.parametrize("choices", [{"one_sided": "completed"}, {"one_sided": "documented", "egress": "all"}])
def test_nothing_is_one_sided_once_both_ends_let_it_pass(choices: dict[str, object]) -> None:
    assert not _of(_audit(**choices), "one-sided")  # type: ignore[arg-type]  # arguments by name


def test_each_empty_slot_is_named_with_what_stays_closed() -> None:
    findings = _of(_audit({"ui_api_clients": (OFFICE,), "nodeport_clients": ()}), "empty-slot")
    assert [finding.place for finding in findings] == [
        "load_balancer",
        "hosted_kubernetes",
        "node_driver_nodes",
        "hosted_kubernetes_api",
        "ingress_clients",
        "nodeport_clients",
    ]
    assert all(finding.severity == "info" for finding in findings)
    assert "(rancher ingress 80/tcp)" in findings[0].sentence
    assert "(controlplane ingress 30000-32767/tcp+30000-32767/udp, worker" in findings[-1].sentence


def test_a_slot_of_a_feature_is_empty_only_while_the_feature_is_on() -> None:
    assert not [finding for finding in _audit() if finding.place == "registries"]
    (finding,) = [finding for finding in _audit(features=["image-pulls"]) if finding.place == "registries"]
    assert finding.code == "empty-slot"


def test_slots_of_the_other_side_are_not_missed() -> None:
    places = {finding.place for finding in _of(_audit(sides=frozenset({"cluster"})), "empty-slot")}
    assert places == {"ingress_clients", "nodeport_clients"}
    assert not _of(_audit({"git_rancher_io": ()}, sides=frozenset({"cluster"})), "no-registry-egress")[0].place.count(
        "rancher"
    )


def test_emptied_default_peers_are_an_empty_slot() -> None:
    assert "git_rancher_io" in {finding.place for finding in _audit({"git_rancher_io": ()})}


def test_a_peer_in_no_slot_is_named() -> None:
    (finding,) = _of(_audit(EVERY_SLOT, (OFFICE, MIRRORS)), "unused-peer")
    assert (finding.place, finding.severity) == ("mirrors", "warning")
    assert finding.sentence == "The peer mirrors stands in no slot."


def test_a_peer_whose_feature_is_off_is_named_with_the_feature() -> None:
    (finding,) = _of(_audit({"registries": (MIRRORS,)}), "unused-peer")
    assert finding.sentence == "The peer mirrors makes no rule: it stands in registries, for which no row is written."
    assert finding.fix == "Switch on the feature image-pulls, or take the peer out."


def test_documented_egress_alone_will_not_bootstrap() -> None:
    (finding,) = _of(_audit(EVERY_SLOT), "no-registry-egress")
    assert finding.severity == "warning"
    assert finding.sentence == (
        "Will not bootstrap: no egress to a container registry from rancher, etcd, controlplane, worker."
    )
    assert '"image-pulls"' in finding.fix


def test_an_empty_slot_of_registries_will_not_bootstrap_either() -> None:
    assert _of(_audit(features=["image-pulls"]), "no-registry-egress")


@pytest.mark.parametrize(
    "choices", [{"egress": "all"}, {"features": ["image-pulls"], "slots": {"registries": (MIRRORS,)}}]
)
def test_egress_to_registries_or_to_everything_boots(choices: dict[str, object]) -> None:
    assert not _of(_audit(**choices), "no-registry-egress")  # type: ignore[arg-type]  # arguments by name


def test_https_to_all_addresses_boots_the_one_role_that_has_it() -> None:
    world = Peer.cidr("world", "0.0.0.0/0")
    (finding,) = _of(_audit({"git_rancher_io": (world,)}), "no-registry-egress")
    assert finding.place == "etcd, controlplane, worker"


def test_a_brought_group_is_not_judged() -> None:
    quiet = {role: Binding.by_id("prod", role, f"sg-0123456{i}") for i, role in enumerate(ROLES)}
    assert not _of(_audit(bindings=quiet), "no-registry-egress")


def test_warnings_come_first() -> None:
    severities = [finding.severity for finding in _audit(one_sided="documented", peers=(OFFICE,))]
    assert severities == sorted(severities, reverse=True)
    assert set(severities) == {"warning", "info"}


def test_groups_that_are_renamed_with_the_prefix_are_said_to_be_replaced() -> None:
    (finding,) = renamed_groups("prod", "prod", ["rancher", "old"])
    assert (finding.code, finding.severity, finding.place) == ("renamed-groups", "warning", "prod")
    assert finding.fix == 'Set group_name_prefix to what began the names before, "rancher".'
    assert renamed_groups("prod", "rancher", ["rancher"]) == ()
    assert renamed_groups("prod", "prod", []) == ()


@pytest.mark.parametrize(
    ("direction", "said", "fix"),
    [
        ("egress", "egress 8080/tcp to rancher, but the server has no ingress for it from a/agents", "allow_to"),
        ("ingress", "ingress 8080/tcp from rancher, but the server has no egress for it to a/agents", "allow_from"),
    ],
)
def test_the_half_that_an_agents_group_lacks_is_said_with_how_to_write_it(
    direction: Direction, said: str, fix: str
) -> None:
    own = OwnRule("worker", direction, Port.tcp(8080), "rancher", "metrics")
    finding = agents_half_missing(own, GroupKey("a", "agents"))
    assert (finding.code, finding.severity, finding.place) == ("one-sided", "warning", "a/agents")
    assert finding.sentence == f"worker has {said}: the traffic is dropped."
    assert f': {fix}("agents", "rancher", ...)' in finding.fix


def _suggested(slots: Mapping[str, tuple[Peer, ...]], **more: Any) -> dict[str, Finding]:
    return {finding.place: finding for finding in _of(_audit(slots, **more), "suggested-feature")}


# rancher/docs#3804 and rancher/rancher#37561: creating an Ingress times out. Agents need egress to a load balancer.
@pytest.mark.parametrize(
    ("slot", "feature"),
    [
        ("load_balancer", "external-load-balancer"),
        ("node_driver_nodes", "node-driver"),
        ("ingress_clients", "ingress-webhook"),
    ],
)
def test_a_filled_slot_suggests_the_feature_that_goes_with_it(slot: str, feature: str) -> None:
    (finding,) = _suggested({slot: (OFFICE,)}).values()
    assert (finding.severity, finding.place) == ("info", feature)
    assert f"the slot {slot} has peers" in finding.sentence
    assert f'"{feature}"' in finding.fix
    assert not _suggested({slot: (OFFICE,)}, features=[feature])
    assert not _suggested({slot: ()})


def test_a_feature_is_suggested_to_those_whose_groups_it_opens() -> None:
    assert not _suggested({"ingress_clients": (OFFICE,)}, sides=SERVER)
    (finding,) = _suggested({"load_balancer": (OFFICE,)}, sides=SERVER).values()
    assert finding.fix.endswith("which opens rancher ingress 80/tcp, rancher ingress 443/tcp.")
    # With all egress open the agents reach the load balancer anyway.
    (finding,) = _suggested({"load_balancer": (OFFICE,)}, egress="all").values()
    assert finding.fix.endswith("which opens rancher ingress 80/tcp, rancher ingress 443/tcp.")


def test_the_cloud_provider_suggests_the_api_of_aws() -> None:
    (finding,) = _suggested({}, cloud_provider=True).values()
    assert finding.place == "aws-api"
    assert "cloud provider" in finding.sentence
    assert finding.fix.endswith(
        "which opens rancher egress 443/tcp, controlplane egress 443/tcp, worker egress 443/tcp."
    )
    assert not _suggested({}, cloud_provider=True, egress="all")
    assert not _suggested({}, cloud_provider=True, features=["aws-api"])


def test_what_is_on_at_the_server_is_suggested_to_its_cluster_if_it_concerns_both() -> None:
    own = {role: Binding.own("prod", role) for role in ROLES}
    deployment = Deployment(choose(RKE1), own, sides=CLUSTER)
    rules = fill(templates(RKE1), deployment)
    at_server = ["external-load-balancer", "image-pulls"]
    (finding,) = _of(audit(RKE1, deployment, rules, of_server=at_server), "suggested-feature")
    assert (finding.place, "since it is on at the server (" in finding.sentence) == (at_server[0], True)


def test_a_slot_that_a_feature_replaces_need_not_be_filled() -> None:
    assert "node_driver_nodes" in {finding.place for finding in _of(_audit(), "empty-slot")}
    assert "node_driver_nodes" not in {finding.place for finding in _of(_audit(features=["node-driver"]), "empty-slot")}


def _migrating(given: dict[str, object], **more: Any) -> list[Finding]:
    table, choices = migrate(RKE2, choose(RKE2), given, load_tables())
    deployment = Deployment(choices, {role: Binding.own("prod", role) for role in ROLES}, **more)
    return _of(audit(table, deployment, fill(templates(table), deployment)), "migrating")


def test_a_migration_is_reminded_of_with_what_it_keeps_open() -> None:
    (finding,) = _migrating({"cni": "cilium"})
    assert (finding.code, finding.severity) == ("migrating", "info")
    assert finding.place == "prod/etcd, prod/controlplane, prod/worker"
    # Between three roles, both halves: ICMP and 4240, which canal does not need.
    assert finding.sentence == (
        "Nodes migrate from rke2 with cilium to rke2 with canal. "
        "Rules for the former alone: 36, on prod/etcd, prod/controlplane, prod/worker."
    )
    assert finding.fix == "Take migrating_from out when the last of these nodes is gone, which closes them."
    assert not _of(_audit(), "migrating")


def test_what_an_own_rule_keeps_open_is_not_the_formers() -> None:
    own = OwnRule("worker", "ingress", Port.tcp(4240), "etcd", "probe")
    (finding,) = _migrating({"cni": "cilium"}, own=(own,))
    assert "alone: 34, on" in finding.sentence


def test_a_migration_of_which_nothing_is_left_says_so() -> None:
    (finding,) = _migrating({"cni": "cilium"}, sides=SERVER)
    assert finding.place == "rke2 with canal"
    assert finding.sentence.endswith("to rke2 with canal. Rules for the former alone: 0.")


def test_what_the_former_fills_by_default_is_open_for_it_alone() -> None:
    # The addresses of git.rancher.io stand in RKE1's document, and in no newer one.
    (finding,) = _migrating({"distribution": "rke1", "cni": "canal"}, sides=SERVER)
    assert "alone: 3, on prod/rancher." in finding.sentence


def test_two_tables_beside_each_other_are_not_called_redundant() -> None:
    # K3s has 2379-2380 as a range, RKE2 both apart.
    table, choices = migrate(RKE2, choose(RKE2), {"distribution": "k3s", "cni": "flannel"}, load_tables())
    deployment = Deployment(choices, {role: Binding.own("prod", role) for role in ROLES})
    rules = fill(templates(table), deployment)
    assert redundant_rules(rules)
    assert not _of(audit(table, deployment, rules), "redundant-rule")
