"""Renamed peers and prefixes in synthesized stacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct

from rancher_ports import InputError, Peer
from rancher_ports.cdk import RancherCluster, RancherPorts, RancherServer
from rancher_ports.readers.synthesized import read_synthesized
from tests.cdk.conftest import Synthesize
from tests.cdk.flavour import App, AwsProvider, LocalBackend, SecurityGroup, TerraformOutput, TerraformStack
from tests.cdk.synthesis import Document, synthesized

VPC = "vpc-0123456789abcdef0"
OFFICE = Peer.cidr("office", "203.0.113.0/24")


@pytest.fixture
def stack(app: App) -> TerraformStack:
    """A stack with all that it needs to be synthesized."""
    stack = TerraformStack(app, "infrastructure")
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    return stack


def _addresses(document: Document) -> set[str]:
    return {f"{type_}.{name}" for type_, some in document["resource"].items() for name in some}


def _arrivals(former: Document, now: Document) -> set[str]:
    """Where the resources of an old state are after the moves of the document of now."""
    onwards = {move["from"]: move["to"] for move in now.get("moved", [])}
    found = set()
    for address in _addresses(former):
        at = address
        while at in onwards:
            at = onwards[at]
        found.add(at)
    return found


def _settings(
    prefix: str, peer: str, former_prefixes: Sequence[str] = (), former_peers: Sequence[str] = ()
) -> dict[str, Any]:
    slots = {"ui_api_clients": [peer], "ingress_clients": [peer], "nodeport_clients": [peer]}
    peers = {peer: {"cidr": "203.0.113.0/24", "moved_from": list(former_peers)}}
    return {"prefix": prefix, "moved_from": list(former_prefixes), "peers": peers, "slots": slots}


@pytest.mark.parametrize("former_prefix", ["prod", "rancher", "first"])
@pytest.mark.parametrize("former_peer", ["hq", "office", "bureau"])
def test_any_former_state_gets_to_the_addresses_of_now(
    former_prefix: str, former_peer: str, synthesize: Synthesize
) -> None:
    now = synthesize(_settings("prod", "hq", ["rancher", "first"], ["office", "bureau"]))
    former = synthesize(_settings(former_prefix, former_peer))
    assert _arrivals(former, now) == _addresses(now)
    # What Terraform refuses: two moves to one address or from one, and a move from what exists still.
    sources, targets = [move["from"] for move in now["moved"]], [move["to"] for move in now["moved"]]
    assert len(set(sources)) == len(sources) == len(set(targets))
    assert not set(sources) & _addresses(now)
    assert sources == sorted(sources)


def test_moves_are_the_only_trace_of_a_former_name(synthesize: Synthesize) -> None:
    plain = synthesize(_settings("prod", "hq"))
    renamed = synthesize(_settings("prod", "hq", ["rancher"], ["office"]))
    assert "moved" not in plain
    assert {key: value for key, value in renamed.items() if key != "moved"} == plain
    assert read_synthesized(renamed) == read_synthesized(plain)


def test_the_name_of_a_peer_alone_moves_its_own_rules_alone(synthesize: Synthesize) -> None:
    peers = {"hq": {"cidr": "10.0.0.0/8", "moved_from": "office"}}
    document = synthesize({"peers": peers, "slots": {"load_balancer": ["hq"]}})
    rule = "aws_vpc_security_group_ingress_rule.rancher_rancher_from_{}_tcp_80"
    assert document["moved"] == [{"from": rule.format("office"), "to": rule.format("hq")}]


def test_a_server_and_cluster_in_one_stack_move_each_its_own(app: App, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC, moved_from="prod", slots={"ui_api_clients": [OFFICE]})
    RancherCluster(stack, "c", server=server, moved_from="prod", slots={"ingress_clients": [OFFICE]})
    now = synthesized(app, "infrastructure")
    before = App(outdir=str(Path(app.outdir, "before")), stack_traces=False)
    former = TerraformStack(before, "s")
    AwsProvider(former, "aws", region="us-east-1")
    LocalBackend(former, path="x")
    RancherPorts(former, "prod", vpc_id=VPC, slots={"ui_api_clients": [OFFICE], "ingress_clients": [OFFICE]})
    assert _arrivals(synthesized(before, "s"), now) == _addresses(now)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"moved_from": "My_Prod"}, 'prod.moved_from: "My_Prod": expected a name of lower-case letters'),
        ({"moved_from": "prod"}, 'prod.moved_from: "prod": expected a former name, not the one that it has now'),
        ({"moved_from": ["a", "a"]}, r'prod.moved_from\[1\]: "a": expected each name once'),
        ({"moved_from": None}, "prod.moved_from: null: expected a former name, or a list of them"),
        (
            {"slots": {"ui_api_clients": [Peer.cidr("hq", "10.0.0.0/8", moved_from="office"), OFFICE]}},
            'prod.peers.hq.moved_from: "office": expected a name that no peer has now',
        ),
        (
            {"slots": {"ui_api_clients": [Peer.cidr("hq", "10.0.0.0/8", moved_from="office")]}, "peers": [OFFICE]},
            'prod.peers.hq.moved_from: "office": expected a name that no peer has now',
        ),
        (
            {"slots": {"ui_api_clients": [Peer.cidr("hq", "10.0.0.0/8", moved_from="git-rancher-io-1")]}},
            'prod.peers.hq.moved_from: "git-rancher-io-1": expected a name that no peer has now',
        ),
        (
            {
                "slots": {
                    "ui_api_clients": [Peer.cidr("hq", "10.0.0.0/8", moved_from="old")],
                    "ingress_clients": [Peer.cidr("hq", "10.0.0.0/8")],
                }
            },
            r"prod.peers.hq.moved_from: \[\]: expected the former names that hq has elsewhere \(old\)",
        ),
    ],
)
def test_what_terraform_would_refuse_is_refused_before_anything_is_built(
    arguments: dict[str, Any], said: str, stack: TerraformStack
) -> None:
    with pytest.raises(InputError, match=said):
        RancherPorts(stack, "prod", **{"vpc_id": VPC, **arguments})
    assert not [child for child in stack.node.children if child.node.id == "prod"]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({}, {"moved_from": "a"}, r'b.moved_from: "a": .* no other construct has \(infrastructure/a has \S+ and'),
        ({"moved_from": "b"}, {}, r'b.prefix: "b": .* no other construct moves from \(infrastructure/a moves from \S+'),
        ({"moved_from": "x"}, {"moved_from": "x"}, r'b.moved_from: "x": .* \(infrastructure/a moves from \S+ and'),
    ],
)
def test_an_address_that_moves_is_no_other_constructs(
    first: dict[str, Any], second: dict[str, Any], said: str, stack: TerraformStack
) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    RancherCluster(stack, "a", server=server, **first)
    with pytest.raises(InputError, match=said) as refused:
        RancherCluster(stack, "b", server=server, **second)
    assert len(refused.value.faults) == 1


def test_addresses_of_a_construct_that_was_refused_are_free(app: App, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    RancherCluster(stack, "a", server=server)
    with pytest.raises(InputError, match="b.moved_from"):
        RancherCluster(stack, "b", server=server, moved_from=["x", "a"])
    RancherCluster(stack, "c", server=server, prefix="b")
    RancherCluster(stack, "d", server=server, prefix="x")
    addresses = _addresses(synthesized(app, "infrastructure"))
    assert {f"aws_security_group.{name}_etcd" for name in ("a", "b", "x")} < addresses


def _direct(stack: TerraformStack) -> None:
    SecurityGroup(stack, "old_etcd", name="mine")


def _deep(stack: TerraformStack) -> None:
    SecurityGroup(Construct(stack, "deep"), "other", name="mine").override_logical_id("old_etcd")


@pytest.mark.parametrize("make", [_direct, _deep])
@pytest.mark.parametrize("first", [True, False])
def test_something_of_ones_own_at_an_address_that_moves_is_refused(
    make: Callable[[TerraformStack], None], first: bool, app: App, stack: TerraformStack
) -> None:
    if first:
        make(stack)
    RancherPorts(stack, "prod", vpc_id=VPC, moved_from="old")
    if not first:
        make(stack)
    with pytest.raises(
        RuntimeError, match=r"aws_security_group.old_etcd: \S+ has the address from which infrastructure/prod moves"
    ):
        app.synth()


def test_an_output_may_have_the_old_name(app: App, stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC, moved_from="old")
    # For whoever still reads it.
    TerraformOutput(stack, "old_security_group_ids", value={"etcd": ports.security_group_id("etcd")})
    assert set(synthesized(app, "infrastructure")["output"]) == {"old_security_group_ids", "prod_security_group_ids"}
