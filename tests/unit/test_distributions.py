"""The tables of RKE2 and K3s against their documents, normalised; shares no code with the loader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rancher_ports.model.bindings import bind
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, GroupKey
from rancher_ports.model.table import choose
from rancher_ports.model.templates import templates
from rancher_ports.tables import load_table

FACTS = json.loads(Path(__file__).parents[1].joinpath("distribution_flows.json").read_text("utf-8"))

# What a container network, chosen by its name, takes of the documented conditions, and of which ports.
Taken = dict[str, tuple[int, ...]]
NETWORKS: dict[str, dict[str, Taken]] = {
    "rke2": {
        "canal": {"cni:canal": ()},
        "canal-wireguard": {"cni:canal": (9099,), "cni:canal-wireguard": ()},
        "canal-wireguard-dual-stack": {
            "cni:canal": (9099,),
            "cni:canal-wireguard": (),
            "cni:canal-wireguard-ipv6": (),
        },
        "cilium": {"cni:cilium": ()},
        "cilium-wireguard": {"cni:cilium": (), "cni:cilium-wireguard": ()},
        "calico": {"cni:calico": (), "cni:calico-vxlan": ()},
        "calico-bgp": {"cni:calico": (), "cni:calico-bgp": ()},
        "flannel": {"cni:flannel": ()},
    },
    "k3s": {
        "flannel": {"cni:flannel-vxlan": ()},
        "flannel-wireguard": {"cni:flannel-wireguard": ()},
        "flannel-wireguard-dual-stack": {"cni:flannel-wireguard": (), "cni:flannel-wireguard-ipv6": ()},
    },
}
ALWAYS = ("always", "nodeport", "metrics-server", "embedded-etcd-ha", "ha-servers")
FEATURES = {"windows": "windows", "embedded-registry": "embedded-registry"}

# On a server some ports are those of one of its two parts: 2379 to 2381 are etcd's, RKE2's 6443 is the API server's.
PARTS = {"rke2": {2379: "etcd", 2380: "etcd", 2381: "etcd", 6443: "controlplane"}, "k3s": {2379: "etcd"}}

Flow = tuple[str, str, str, int, int, str]


def _roles(name: str) -> tuple[str, ...]:
    return ("etcd", "controlplane") if name == "server" else ("worker",)


def _documented(distribution: str, cni: str, features: frozenset[str]) -> Iterator[Flow]:
    """Both halves of everything that is documented between nodes."""
    for fact in FACTS:
        if fact["edition"] != distribution or not _holds(fact, distribution, cni, features):
            continue
        ports = fact["protocol"], fact["from_port"], fact["to_port"]
        for role in _roles(fact["role"]):
            if PARTS[distribution].get(fact["from_port"], role) != role and fact["condition"] != "embedded-registry":
                continue
            for peer in _roles(fact["peer"]):
                yield role, "ingress", *ports, peer
                yield peer, "egress", *ports, role


def _holds(fact: dict[str, object], distribution: str, cni: str, features: frozenset[str]) -> bool:
    condition = str(fact["condition"])
    if condition.startswith(ALWAYS):
        return True
    name, _, of = condition.partition("+")
    if name in FEATURES:
        return FEATURES[name] in features and of in ("", *NETWORKS[distribution][cni])
    taken = NETWORKS[distribution][cni].get(condition)
    return taken is not None and (not taken or fact["from_port"] in taken)


@pytest.mark.parametrize("one_sided", ["documented", "completed"])
@pytest.mark.parametrize("features", [frozenset(), frozenset({"embedded-registry"}), frozenset({"windows"})], ids=str)
@pytest.mark.parametrize(("distribution", "cni"), [(d, cni) for d, networks in NETWORKS.items() for cni in networks])
def test_what_nodes_open_to_each_other_is_what_is_documented(
    distribution: str, cni: str, features: frozenset[str], one_sided: str
) -> None:
    table = load_table(distribution)
    if not features <= set(table.features):
        pytest.skip(f"{distribution} has no feature {', '.join(features)}")
    choices = choose(table, cni=cni, features=features, one_sided=one_sided)
    rules = fill(templates(table), Deployment(choices, bind("a", ROLES, {}))).rules
    between = {
        (rule.group.role, rule.direction, rule.port.protocol, rule.port.first, rule.port.last, rule.peer.value.role)
        for rule in rules
        if isinstance(rule.group, GroupKey)
        and isinstance(rule.peer.value, GroupKey)
        and {rule.group.role, rule.peer.value.role} <= set(CLUSTER_ROLES)
    }
    assert between == set(_documented(distribution, cni, features))


@pytest.mark.parametrize("distribution", NETWORKS)
def test_every_documented_network_can_be_chosen_and_no_other(distribution: str) -> None:
    assert set(load_table(distribution).cnis) == set(NETWORKS[distribution])


@pytest.mark.parametrize("distribution", NETWORKS)
def test_nodes_reach_rancher(distribution: str) -> None:
    table = load_table(distribution)
    rules = fill(templates(table), Deployment(choose(table), bind("a", ROLES, {}))).rules
    with_rancher = {
        (str(rule.group), rule.direction, str(rule.port), str(rule.peer))
        for rule in rules
        if "rancher" in (rule.peer.name, str(rule.group).partition("/")[2]) and isinstance(rule.peer.value, GroupKey)
    }
    assert with_rancher == {
        half
        for role in CLUSTER_ROLES
        for half in ((f"a/{role}", "egress", "443/tcp", "rancher"), ("a/rancher", "ingress", "443/tcp", role))
    }
