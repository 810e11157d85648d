"""What the benchmark compares: the rules written by hand open what the app opens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.plain import PlainStack
from rancher_ports.model.access import access
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.readers.synthesized import read_synthesized
from tests.cdk.conftest import Synthesize
from tests.cdk.flavour import App
from tests.cdk.situations import SITUATIONS
from tests.cdk.synthesis import Document, synthesized
from tests.documented import ROLES, Flow, documented_flows
from tests.oracle import lines

# The peers of the settings that the app is shipped with; every other slot is empty.
SHIPPED = {"ui_api_clients": "203.0.113.0/24"}


@pytest.fixture
def plain(app: App) -> Document:
    """The JSON that is written by hand."""
    PlainStack(app, "plain")
    return synthesized(app, "plain")


def _as_ours(rules: RuleSet) -> RuleSet:
    """Groups by their roles, which a document without our tags has in their addresses alone."""
    keys = {f"${{aws_security_group.{role}.id}}": GroupKey("rancher", role) for role in ROLES}

    def named(peer: Peer) -> Peer:
        return replace(peer, value=keys.get(str(peer.value), peer.value))

    ours = [replace(rule, group=keys[str(rule.group)], peer=named(rule.peer)) for rule in rules.rules]
    return RuleSet.of((keys[str(group)] for group in rules.groups), ours)


def test_by_hand_the_same_is_open_as_in_the_app(plain: Document, synthesize: Synthesize) -> None:
    by_hand = _as_ours(read_synthesized(plain))
    settings = SITUATIONS["shipped-settings"]
    documented = read_synthesized(synthesize({**settings, "one_sided": "documented"}))
    assert access(by_hand) == access(documented)
    assert len(by_hand.rules) == len(documented.rules)
    # With what it is shipped with, the app adds the one half that the document leaves out.
    controlplane = GroupKey("rancher", "controlplane")
    half = next(rule for rule in by_hand.rules if rule.port == Port.tcp(6443) and rule.group == controlplane)
    own = next(rule.peer for rule in by_hand.rules if rule.peer.value == controlplane)
    added = Rule(half.group, "egress", half.port, own)
    shipped = read_synthesized(synthesize(settings))
    assert access(RuleSet.of(by_hand.groups, [*by_hand.rules, added])) == access(shipped)
    assert len(shipped.rules) == len(by_hand.rules) + 1


def test_by_hand_every_documented_flow_is_written_whose_peer_is_known(plain: Document) -> None:
    flows = [replace(flow, peer=SHIPPED.get(flow.peer, flow.peer)) for flow in documented_flows()]
    expected = sorted(flow for flow in flows if flow.peer in ROLES or "/" in flow.peer)
    assert len(expected) == 47
    # The oracle knows a group's role by its tag, which by hand it has not.
    for role, group in plain["resource"]["aws_security_group"].items():
        group["tags"] = {"rancher-ports:role": role}
    found = [
        Flow(line.group, line.direction, line.protocol, line.first or 0, line.last or 0, line.peer)
        for line in lines(plain)
    ]
    assert sorted(found) == expected
