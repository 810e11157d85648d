"""Constructs whose nodes migrate: both tables are written, by whoever writes rules at all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rancher_ports import Peer
from rancher_ports.cdk import AgentsGroup, Connection, RancherCluster, RancherPorts, RancherServer
from rancher_ports.errors import InputError
from rancher_ports.model.findings import Finding
from tests.cdk.flavour import App, TerraformStack
from tests.cdk.synthesis import new_stack, synthesize_settings
from tests.conftest import ROOT

VPC, OTHER_VPC = "vpc-0123456789abcdef0", "vpc-0123456789abcdef1"
PAGE = (ROOT / "docs" / "migrating.md").read_text("utf-8")
RKE1: dict[str, Any] = {"distribution": "rke1", "cni": "canal"}
RKE2: dict[str, Any] = {"distribution": "rke2", "cni": "calico"}
BOTH: dict[str, Any] = {**RKE2, "migrating_from": RKE1}
STATES = (RKE1, RKE2, BOTH)
Rules = set[tuple[object, ...]]


def _rules(construct: Any) -> Rules:
    return {
        (str(rule.group), rule.direction, rule.port.text, rule.peer.name, str(rule.peer.value))
        for rule in construct.rules.rules
    }


def _of(construct: Any, code: str) -> list[Finding]:
    return [finding for finding in construct.findings() if finding.code == code]


def _stack() -> TerraformStack:
    return new_stack(App(stack_traces=False), "infrastructure")


def _server(**more: Any) -> RancherServer:
    return RancherServer(_stack(), "central", vpc_id=VPC, **more)


def _scope(server: RancherServer) -> Any:
    return server.node.scope


def _cluster(**more: Any) -> RancherCluster:
    server = _server()
    return RancherCluster(_scope(server), "prod", server=server, **more)


def _over_addresses(**more: Any) -> RancherCluster:
    there = Connection.by_addresses(
        server=[Peer.cidr("there", "10.0.0.0/16")], cluster=[Peer.cidr("here", "10.1.0.0/16")]
    )
    return _cluster(vpc_id=OTHER_VPC, connection=there, **more)


def _agents(**more: Any) -> AgentsGroup:
    server = _server()
    return AgentsGroup(_scope(server), "fleet", server=server, **more)


@pytest.mark.parametrize(
    "make",
    [
        lambda **more: RancherPorts(_stack(), "prod", vpc_id=VPC, **more),
        _server,
        _cluster,
        lambda **more: _cluster(groups={"etcd": "sg-0123456789abcdef0"}, **more),
        _over_addresses,
        _agents,
    ],
    ids=["ports", "server", "cluster", "brought group", "addresses", "agents"],
)
def test_while_nodes_migrate_there_are_the_rules_of_both(make: Any) -> None:
    rke1, rke2, both = (make(**state) for state in STATES)
    assert _rules(both) == _rules(rke1) | _rules(rke2)
    assert not _of(rke1, "migrating") + _of(rke2, "migrating")
    (finding,) = _of(both, "migrating")
    assert "rke1 with canal to rke2 with calico" in finding.sentence


def test_the_owner_of_a_brought_group_is_told_what_to_close() -> None:
    (finding,) = _of(_cluster(groups={"etcd": "sg-0123456789abcdef0"}, **BOTH), "migrating")
    (plain,) = _of(_cluster(**BOTH), "migrating")
    assert finding.sentence == plain.sentence
    assert "prod/etcd" in finding.sentence
    assert finding.fix == f"{plain.fix} Those on prod/etcd are for the groups' owners to close."


def test_a_slot_that_the_former_fills_is_empty_for_what_nodes_become() -> None:
    (finding,) = [f for f in _of(_server(**BOTH), "empty-slot") if f.place == "git_rancher_io"]
    assert "(rancher egress 443/tcp)" in finding.sentence
    assert not [f for f in _of(_server(**RKE1), "empty-slot") if f.place == "git_rancher_io"]
    # Each row is named once.
    (clients,) = [f for f in _of(_server(**BOTH), "empty-slot") if f.place == "ui_api_clients"]
    assert clients.sentence.count("rancher ingress 443/tcp") == 1


def test_the_name_of_a_peer_that_the_former_fills_a_slot_with_is_taken() -> None:
    office = Peer.cidr("office", "203.0.113.0/24", moved_from="git-rancher-io-1")
    assert _server(**RKE2, slots={"ui_api_clients": [office]})
    with pytest.raises(InputError, match='moved_from: "git-rancher-io-1": expected a name that no peer has now'):
        _server(**BOTH, slots={"ui_api_clients": [office]})


def test_an_agents_group_has_to_have_what_its_clusters_have() -> None:
    server = _server(distribution="rke2")
    agents = AgentsGroup(_scope(server), "fleet", server=server, distribution="rke2")

    def missing(id_: str, **more: Any) -> list[Finding]:
        cluster = RancherCluster(_scope(server), id_, server=server, agents=agents, **more)
        return [finding for finding in _of(cluster, "one-sided") if finding.place == "fleet/agents"]

    assert not missing("same", distribution="rke2")
    assert not missing("migrating", **BOTH)
    found = missing("driven", distribution="rke1", features=["node-driver"])
    # 22 and 2376 from Rancher to each of three roles.
    assert len(found) == 6
    assert all("has ingress 22/tcp from" in f.sentence or "has ingress 2376/tcp from" in f.sentence for f in found)
    assert {f.fix for f in found} == {
        "Give fleet the distribution and features of the cluster, and migrating_from if it has that."
    }


def test_the_server_and_the_cloud_controller_suggest_features() -> None:
    server = _server(features=["external-load-balancer"])
    scope = _scope(server)
    cluster = RancherCluster(scope, "prod", server=server)
    (finding,) = _of(cluster, "suggested-feature")
    assert (finding.place, "it is on at the server" in finding.sentence) == ("external-load-balancer", True)
    assert not _of(
        RancherCluster(scope, "with", server=server, features=["external-load-balancer"]), "suggested-feature"
    )
    assert [f.place for f in _of(_cluster(kubernetes_cluster="prod"), "suggested-feature")] == ["aws-api"]
    assert not _of(_cluster(), "suggested-feature")


def _shown(name: str) -> dict[str, Any]:
    (block,) = re.findall(rf"<!-- {name} -->\n```json\n(.*?)```", PAGE, re.DOTALL)
    found: dict[str, Any] = json.loads(block)
    return found


def test_the_steps_of_the_page_hand_over_what_they_say(tmp_path: Path) -> None:
    # The page and the example are the same migration.
    assert (_shown("before"), _shown("step 2"), _shown("step 1")) == STATES

    def addresses(state: dict[str, Any]) -> set[str]:
        resources = synthesize_settings(state, tmp_path)["resource"]
        return {f"{kind}.{name}" for kind, named in resources.items() for name in named}

    before, after, both = (addresses(state) for state in STATES)
    assert both == before | after
    assert before - after
    assert after - before
    networks = addresses(_shown("network"))
    assert networks == addresses({"distribution": "rke2"}) | addresses({"distribution": "rke2", "cni": "cilium"})


def test_the_construct_of_the_page_is_taken() -> None:
    (code,) = re.findall(r"<!-- construct -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    server = _server()
    names = {"RancherCluster": RancherCluster, "stack": _scope(server), "server": server}
    made = eval(code, names)  # noqa: S307  # the page's own
    assert _rules(made) == _rules(_cluster(**BOTH))
