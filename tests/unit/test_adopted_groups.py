"""Groups that are adopted, in settings and as values: what is taken, what is refused, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from rancher_ports import AdoptedGroup, InputError, KeptRule, Peer, Port
from rancher_ports.audit.deployment import audit
from rancher_ports.model.adopting import check_adopted, is_kept, kept_rules
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.own_rules import OwnRule
from rancher_ports.model.peers import ANYWHERE
from rancher_ports.model.roles import ROLES, GroupKey
from rancher_ports.model.table import choose
from rancher_ports.model.templates import templates
from rancher_ports.settings import Settings, read_settings
from rancher_ports.tables import load_tables
from tests.unit.strategies import RKE1

GROUP = {"name": "workers", "description": "by hand"}
SSH = {"direction": "ingress", "port": "22/tcp", "peer": "office"}


def _read(adopted: object, **more: Any) -> Settings:
    settings = {"region": "us-east-1", "peers": {"office": {"cidr": "203.0.113.0/24"}}, "adopted": adopted, **more}
    return read_settings({"context": {"rancher_ports": settings}}, load_tables())


def _refused(adopted: object, **more: Any) -> list[str]:
    with pytest.raises(InputError) as refused:
        _read(adopted, **more)
    return [str(fault).removeprefix("context.rancher_ports.adopted") for fault in refused.value.faults]


def test_what_is_written_is_read() -> None:
    kept = [SSH, {"direction": "egress", "port": "all", "peer": "anywhere-ipv4", "why": "all"}]
    kept += [{"direction": "ingress", "port": "8/icmp", "peer": "etcd"}]
    found = _read({"worker": {**GROUP, "tags": {"kubernetes.io/cluster/a": "owned"}, "kept": kept}}).adopted
    office = Peer.cidr("office", "203.0.113.0/24")
    assert found == {
        "worker": AdoptedGroup(
            "workers",
            "by hand",
            {"kubernetes.io/cluster/a": "owned"},
            (
                KeptRule("ingress", Port.tcp(22), office),
                KeptRule("egress", Port.all(), ANYWHERE[0], "all"),
                KeptRule("ingress", Port.icmp(8), "etcd"),
            ),
        )
    }


def test_a_default_peer_of_the_document_may_be_named() -> None:
    (rule,) = _read({"rancher": {**GROUP, "kept": [{**SSH, "peer": "git-rancher-io-1"}]}}).adopted["rancher"].kept
    assert isinstance(rule.peer, Peer)


@pytest.mark.parametrize(
    ("adopted", "said"),
    [
        ([], ": []: expected a mapping"),
        ({"wroker": GROUP}, ': "wroker": expected a role, or nodes, one of rancher, etcd, controlplane, worker, nodes'),
        ({"worker": []}, ".worker: []: expected a mapping"),
        ({"worker": {}}, ".worker.name: nothing: expected the name that the group has"),
        ({"worker": {"name": "a"}}, ".worker.description: nothing: expected the description that the group has"),
        ({"worker": {**GROUP, "nmae": 1}}, '.worker: "nmae": expected a key'),
        ({"worker": {**GROUP, "name": "sg-1"}}, '.worker.name: "sg-1"'),
        ({"worker": {**GROUP, "description": ""}}, '.worker.description: ""'),
        ({"worker": {**GROUP, "description": 7}}, ".worker.description: 7"),
        ({"worker": {**GROUP, "description": "%{x}"}}, '.worker.description: "%{x}"'),
        ({"worker": {**GROUP, "tags": []}}, ".worker.tags: []: expected a mapping from keys to texts"),
        ({"worker": {**GROUP, "tags": {"aws:a": "b"}}}, '.worker.tags: "aws:a"'),
        ({"worker": {**GROUP, "tags": {"rancher-ports:role": "b"}}}, '.worker.tags: "rancher-ports:role"'),
        ({"worker": {**GROUP, "tags": {"a": 1}}}, ".worker.tags.a: 1"),
        ({"worker": {**GROUP, "tags": {"a": "${b}"}}}, '.worker.tags.a: "${b}"'),
        ({"worker": {**GROUP, "tags": {f"k{n}": "" for n in range(48)}}}, '.worker.tags: "51 tags"'),
        ({"worker": {**GROUP, "tags": {"__proto__": ""}}}, '.worker.tags: "__proto__"'),
        ({"worker": {**GROUP, "kept": {}}}, ".worker.kept: {}: expected a list of rules"),
        ({"worker": {**GROUP, "kept": [7]}}, ".worker.kept[0]: 7: expected a mapping"),
        ({"worker": {**GROUP, "kept": [{}]}}, ".worker.kept[0].direction: nothing"),
        ({"worker": {**GROUP, "kept": [{**SSH, "direction": "in"}]}}, '.worker.kept[0].direction: "in"'),
        ({"worker": {**GROUP, "kept": [{**SSH, "port": "22"}]}}, '.worker.kept[0].port: "22"'),
        ({"worker": {**GROUP, "kept": [{**SSH, "peer": "offcie"}]}}, '.worker.kept[0].peer: "offcie"'),
        ({"worker": {**GROUP, "kept": [{**SSH, "peer": "nodes"}]}}, '.worker.kept[0].peer: "nodes"'),
        ({"worker": {**GROUP, "kept": [{**SSH, "why": "é"}]}}, ".worker.kept[0].why: "),
        ({"worker": {**GROUP, "kept": [{**SSH, "why": "${a}"}]}}, '.worker.kept[0].why: "${a}"'),
        ({"worker": {**GROUP, "tags": {"a": "%{b}"}}}, '.worker.tags.a: "%{b}"'),
        ({"worker": GROUP, "etcd": GROUP}, '.etcd.name: "workers": expected a name of its own'),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(adopted: object, said: str) -> None:
    faults = _refused(adopted)
    assert any(fault.startswith(said) for fault in faults), faults


def test_tags_of_a_group_and_of_everything_count_together() -> None:
    tags = {f"t{n}": "" for n in range(40)}
    assert _read({"worker": {**GROUP, "tags": {f"k{n}": "" for n in range(7)}}}, tags=tags).adopted
    assert _read({"worker": {**GROUP, "tags": {"Name": "w", **{f"k{n}": "" for n in range(47)}}}}).adopted
    (fault,) = _refused({"worker": {**GROUP, "tags": {f"k{n}": "" for n in range(8)}}}, tags=tags)
    assert fault.startswith('.worker.tags: "51 tags": expected at most 50')


def test_one_group_of_a_node_carries_the_tag_of_its_cluster() -> None:
    tagged = {**GROUP, "tags": {"kubernetes.io/cluster/prod": "owned"}}
    (fault,) = _refused({"worker": tagged}, kubernetes_cluster="prod")
    assert fault.startswith('.worker.tags: "kubernetes.io/cluster/prod"')
    assert _read({"nodes": tagged}, kubernetes_cluster="prod").adopted
    assert _read({"worker": tagged}).adopted


def test_a_group_is_adopted_or_brought() -> None:
    groups = {"worker": {"security_group_id": "sg-0123456789abcdef0"}}
    (fault,) = _refused({"worker": GROUP}, groups=groups)
    assert fault == ': "worker": expected a group that is adopted or brought (groups), not both'


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "a mapping from roles to adopted groups"),
        ({"etcd": "sg-1"}, "AdoptedGroup"),
        ({"agents": AdoptedGroup("a", "b")}, "one of etcd"),
    ],
)
def test_what_a_construct_cannot_adopt_is_refused(given: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_adopted(given, "prod.adopted", ("etcd",), ())
    with pytest.raises(InputError, match="nothing"):
        check_adopted({"etcd": AdoptedGroup("a", "b")}, "agents.adopted", (), ())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: KeptRule("in", Port.tcp(1), "etcd"), 'direction: "in"'),  # type: ignore[arg-type]  # on purpose
        (lambda: KeptRule("ingress", 22, "etcd"), "port: 22"),  # type: ignore[arg-type]  # on purpose
        (lambda: KeptRule("ingress", Port.tcp(1), "ectd"), 'did you mean "etcd"'),
        (lambda: KeptRule("ingress", Port.tcp(1), "etcd", "é"), "why"),
        (lambda: KeptRule("ingress", Port.tcp(1), "etcd", None), "why"),  # type: ignore[arg-type]  # on purpose
        (lambda: AdoptedGroup("", "b"), "name"),
        (lambda: AdoptedGroup("a" * 256, "b"), "name"),
        (lambda: AdoptedGroup("a", "b" * 256), "description"),
        (lambda: AdoptedGroup("a", "b", kept="x"), r"kept\[0\]"),  # type: ignore[arg-type]  # on purpose
        (lambda: AdoptedGroup("a", "b", kept=(7,)), r"kept\[0\]"),  # type: ignore[arg-type]  # on purpose
    ],
)
def test_values_refuse_what_is_wrong(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        make()


def test_the_longest_that_ec2_takes_is_taken() -> None:
    assert AdoptedGroup("a" * 255, "b" * 255, {"k" * 128: "v" * 256}).name == "a" * 255


def _filled(*rules: KeptRule, own: tuple[OwnRule, ...] = ()) -> Any:
    settings = _read({})
    kept = kept_rules("rancher", {"etcd": AdoptedGroup("a", "b", kept=rules)})
    deployment = Deployment(choose(RKE1), settings.deployment.bindings, kept=kept, own=own)
    return deployment, fill(templates(RKE1), deployment)


def test_what_is_asked_for_besides_is_no_longer_kept() -> None:
    documented = KeptRule("ingress", Port.tcp(2379), "controlplane", "theirs")
    deployment, rules = _filled(documented)
    on_etcd = rules.of_group(GroupKey("rancher", "etcd"))
    (same,) = [rule for rule in on_etcd if (rule.port, rule.peer.name) == (Port.tcp(2379), "controlplane")]
    assert not is_kept(same)
    assert same.description != "theirs"
    own = OwnRule("etcd", "ingress", Port.tcp(9100), ANYWHERE[0], "metrics")
    _, rules = _filled(KeptRule("ingress", Port.tcp(9100), ANYWHERE[0]), own=(own,))
    assert not any(map(is_kept, rules.rules))
    assert not [f for f in audit(RKE1, deployment, rules) if f.code == "kept-rules"]


def test_a_kept_rule_writes_nothing_at_the_other_end() -> None:
    _, without = _filled()
    _, rules = _filled(KeptRule("ingress", Port.tcp(9999), "worker"))
    (new,) = set(rules.rules) - set(without.rules)
    assert (new.group, new.peer.value) == (GroupKey("rancher", "etcd"), GroupKey("rancher", "worker"))


@pytest.mark.parametrize(("number", "end"), [(5, "5/tcp from worker."), (6, "5/tcp from worker, and 1 more.")])
def test_of_the_rules_that_are_kept_five_are_named(number: int, end: str) -> None:
    deployment, rules = _filled(*(KeptRule("ingress", Port.tcp(port), "worker") for port in range(1, number + 1)))
    (kept,) = [finding for finding in audit(RKE1, deployment, rules) if finding.code == "kept-rules"]
    assert kept.sentence.endswith(end)


def test_a_kept_rule_is_for_a_group_that_there_is() -> None:
    group = {"etcd": AdoptedGroup("a", "b", kept=(KeptRule("ingress", Port.tcp(1), "rancher"),))}
    assert check_adopted(group, "adopted", ["etcd", "rancher"], [])
    assert check_adopted(group, "adopted", ["etcd"], ["rancher"])
    with pytest.raises(InputError, match=r"kept\[0\]\.peer"):
        check_adopted(group, "adopted", ["etcd"], [])


def test_what_was_open_before_stops_nothing_and_is_named() -> None:
    world = [KeptRule("ingress", Port.tcp(port), peer) for port in (22, 2379, 10250) for peer in ANYWHERE]
    deployment, rules = _filled(*world, KeptRule("ingress", Port.tcp(1), "worker"))
    found = audit(RKE1, deployment, rules)
    assert not [finding for finding in found if finding.severity == "error" or finding.code == "one-sided"]
    (kept,) = [finding for finding in found if finding.code == "kept-rules"]
    assert "keeps 7 rules" in kept.sentence
    assert kept.sentence.endswith(", and 2 more.")
    assert {rule.group.role for rule in rules.rules if isinstance(rule.group, GroupKey)} == set(ROLES)
