"""What nodes of each distribution open to each other against what is documented."""

from __future__ import annotations

import pytest

from rancher_ports.model.bindings import bind
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, GroupKey
from rancher_ports.model.table import DEFAULT_DISTRIBUTION, choose
from rancher_ports.model.templates import templates
from rancher_ports.tables import load_table
from tests.combinations import LARGEST, SMALLEST
from tests.distributions import NETWORKS, features, flows
from tests.documented import Flow

# Each distribution with each of its networks, without a feature, with one of its own, and with all that it has.
CHOICES = [
    (distribution, cni, chosen)
    for distribution, networks in NETWORKS.items()
    for own in [{"embedded-registry", "windows"} & features(distribution)]
    for chosen in [(), *((feature,) for feature in sorted(own)), tuple(sorted(features(distribution)))]
    for cni in networks
]


@pytest.mark.parametrize("one_sided", ["documented", "completed"])
@pytest.mark.parametrize(
    ("distribution", "cni", "chosen"), CHOICES, ids=[f"{d}-{cni}-{'-'.join(chosen[:2])}" for d, cni, chosen in CHOICES]
)
def test_what_nodes_open_to_each_other_is_what_is_documented(
    distribution: str, cni: str, chosen: tuple[str, ...], one_sided: str
) -> None:
    table = load_table(distribution)
    choices = choose(table, cni=cni, features=chosen, one_sided=one_sided)
    rules = fill(templates(table), Deployment(choices, bind("a", ROLES, {}))).rules
    between = {
        Flow(
            rule.group.role,
            rule.direction,
            rule.port.protocol,
            rule.port.first or 0,
            rule.port.last or 0,
            rule.peer.value.role,
        )
        for rule in rules
        if isinstance(rule.group, GroupKey)
        and isinstance(rule.peer.value, GroupKey)
        and {rule.group.role, rule.peer.value.role} <= set(CLUSTER_ROLES)
    }
    documented = flows(distribution, cni, frozenset(chosen), one_sided)
    assert between == {flow for flow in documented if {flow.role, flow.peer} <= set(CLUSTER_ROLES)}


@pytest.mark.parametrize("distribution", NETWORKS)
def test_every_documented_network_can_be_chosen_and_no_other(distribution: str) -> None:
    assert set(load_table(distribution).cnis) == set(NETWORKS[distribution])


@pytest.mark.parametrize("distribution", NETWORKS)
def test_every_documented_feature_can_be_chosen_and_no_other(distribution: str) -> None:
    assert set(load_table(distribution).features) == features(distribution)


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


def test_what_is_applied_and_sent_packets_is_the_smallest_and_the_largest_there_is() -> None:
    # tests/engine and tests/packets take these two.
    pairs = [(distribution, cni) for distribution, networks in NETWORKS.items() for cni in networks]
    largest = max(len(flows(distribution, cni, features(distribution))) for distribution, cni in pairs)
    assert len(LARGEST.flows) == largest
    assert LARGEST.features == features(LARGEST.distribution)
    between = {
        pair: sum(flow.peer in ROLES for flow in flows(*pair)) for pair in pairs if pair[0] != DEFAULT_DISTRIBUTION
    }
    assert between[SMALLEST.distribution, SMALLEST.cni] == min(between.values())
    assert not SMALLEST.features
