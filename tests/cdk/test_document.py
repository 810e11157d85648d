"""What is synthesized against what is documented, read from the JSON by the tests' own oracle."""

from __future__ import annotations

import copy
import ipaddress
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from rancher_ports.model.access import access
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.readers.synthesized import read_synthesized
from tests.cdk.conftest import Synthesize
from tests.cdk.synthesis import Document
from tests.documented import ROLES, SLOTS, Flow, completed_flows, documented_flows, probed_ports
from tests.oracle import EGRESS, INGRESS, NODES, Host, Network, lines

KINDS = {
    "IPv4": ("cidr", "cidr_ipv4", "10.{}.0.0/16"),
    "IPv6": ("cidr", "cidr_ipv6", "2001:db8:{}::/48"),
    "prefix list": ("prefix_list_id", "prefix_list_id", "pl-{:08x}"),
    "security group": ("security_group_id", "referenced_security_group_id", "sg-{:08x}"),
}
OUTSIDE = {"IPv4": Host("203.0.113.7"), "IPv6": Host("2001:db8::7")}


def _every_slot(kind: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings with a peer of its own in every slot but the one with documented peers; slots by value."""
    key, _, pattern = KINDS[kind]
    values = {slot: pattern.format(index) for index, slot in enumerate(SLOTS.values(), start=1)}
    peers = {slot.replace("_", "-"): {key: value} for slot, value in values.items()}
    slots = {slot: [slot.replace("_", "-")] for slot in values}
    return {"peers": peers, "slots": slots}, {value: slot for slot, value in values.items()}


def _flows(document: Document, slots: dict[str, str]) -> Counter[Flow]:
    return Counter(
        Flow(
            line.group, line.direction, line.protocol, line.first or 0, line.last or 0, slots.get(line.peer, line.peer)
        )
        for line in lines(document)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_with_every_slot_filled_the_json_is_the_document(kind: str, synthesize: Synthesize) -> None:
    settings, slots = _every_slot(kind)
    document = synthesize({**settings, "one_sided": "documented"})
    assert _flows(document, slots) == Counter(documented_flows())
    assert len(lines(document)) == 59
    for line in lines(document):
        if line.peer in ROLES:
            assert line.peer_kind == "referenced_security_group_id"
        elif line.peer in slots:
            assert line.peer_kind == KINDS[kind][1]
    completed = synthesize({**settings, "one_sided": "completed"})
    assert _flows(completed, slots) - _flows(document, slots) == Counter(
        [Flow("controlplane", "egress", "tcp", 6443, 6443, "controlplane")]
    )
    assert _flows(document, slots) - _flows(completed, slots) == Counter()
    assert Counter(completed_flows()) == _flows(completed, slots)


def _one_host_outside(kind: str) -> dict[str, Any]:
    """Settings with one and the same host in every slot."""
    slots = {slot: ["outside"] for slot in (*SLOTS.values(), "git_rancher_io")}
    block = str(ipaddress.ip_network(OUTSIDE[kind].address))
    return {"peers": {"outside": {"cidr": block}}, "slots": slots}


def _documented(end: tuple[str, str, str], other: str, port: int, flows: list[Flow]) -> bool:
    """Whether one end, (role, direction, protocol), has a row for another host and a port."""
    return any(
        (flow.role, flow.direction, flow.protocol) == end
        and flow.first <= port <= flow.last
        and (flow.peer == other if other in ROLES else flow.peer not in ROLES)
        for flow in flows
    )


def _table(flows: list[Flow]) -> Iterator[tuple[str, str, str, int, bool, bool]]:
    """The truth table: from, to, protocol, port; whether the sender's end and the receiver's end let it pass."""
    hosts = [*ROLES, "outside"]
    for source, destination in itertools.product(hosts, hosts):
        if "outside" == source == destination:
            continue
        for protocol, port in itertools.product(("tcp", "udp"), probed_ports()):
            leaves = source == "outside" or _documented((source, "egress", protocol), destination, port, flows)
            enters = destination == "outside" or _documented((destination, "ingress", protocol), source, port, flows)
            yield source, destination, protocol, port, leaves, enters


def _host(name: str, kind: str) -> Host:
    return OUTSIDE[kind] if name == "outside" else Host(NODES[name], name)


def _violations(document: Document, kind: str, table: list[tuple[str, str, str, int, bool, bool]]) -> list[str]:
    """Where the JSON and the document differ, each end looked at for itself."""
    network = Network(document)
    found = []
    for source, destination, protocol, port, leaves, enters in table:
        one, other = _host(source, kind), _host(destination, kind)
        really_leaves = source == "outside" or network.admits(source, "egress", other, protocol, port)
        really_enters = destination == "outside" or network.admits(destination, "ingress", one, protocol, port)
        if (really_leaves, really_enters) != (leaves, enters):
            found.append(f"{source} to {destination} {port}/{protocol}")
    return found


@pytest.mark.parametrize("one_sided", ["documented", "completed"])
@pytest.mark.parametrize("kind", OUTSIDE)
def test_who_reaches_whom_is_what_the_document_says(kind: str, one_sided: str, synthesize: Synthesize) -> None:
    document = synthesize({**_one_host_outside(kind), "one_sided": one_sided})
    flows = documented_flows() if one_sided == "documented" else completed_flows()
    table = list(_table(flows))
    assert not _violations(document, kind, table)
    network = Network(document)
    allowed = access(read_synthesized(document))
    passed = 0
    for source, destination, protocol, port, leaves, enters in table:
        one, other = _host(source, kind), _host(destination, kind)
        expected = leaves and enters
        passed += expected
        assert network.reaches(one, other, protocol, port) == expected
        ends = [GroupKey("rancher", end) if end in ROLES else OUTSIDE[kind].address for end in (source, destination)]
        assert allowed.allows(ends[0], ends[1], Port(protocol, port, port)) == expected
    # 21 flows between roles have both ends, one has not; 9 single ports with the outside, and 4 probes
    # within each of 4 NodePort ranges.
    assert passed == 21 + (one_sided == "completed") + 9 + 16


def _mutants(document: Document) -> Iterator[tuple[str, Document]]:
    for type_ in (INGRESS, EGRESS):
        for name, rule in document["resource"][type_].items():
            for what, change in _changes(rule, document):
                mutant = copy.deepcopy(document)
                if change is None:
                    del mutant["resource"][type_][name]
                else:
                    mutant["resource"][type_][name] |= change
                yield f"{name} {what}", mutant


def _changes(rule: dict[str, Any], document: Document) -> Iterator[tuple[str, dict[str, Any] | None]]:
    yield "dropped", None
    yield "widened above", {"to_port": rule["to_port"] + 1}
    yield "widened below", {"from_port": rule["from_port"] - 1}
    for group in document["resource"]["aws_security_group"]:
        reference = f"${{aws_security_group.{group}.id}}"
        if reference != rule["security_group_id"]:
            yield f"moved to {group}", {"security_group_id": reference}


def test_a_mutant_that_drops_widens_or_moves_any_one_rule_is_found(synthesize: Synthesize) -> None:
    document = synthesize(_one_host_outside("IPv4"))
    table = list(_table(completed_flows()))
    flows = _flows(document, {})
    mutants = dict(_mutants(document))
    assert len(mutants) == 6 * len(lines(document))
    unseen = [what for what, mutant in mutants.items() if not _violations(mutant, "IPv4", table)]
    # Widened by a port that another rule between the same two has anyway: the access is the same, so only
    # the list of flows shows it.
    assert unseen == [what for what in unseen if " widened " in what and ("_2379" in what or "_2380" in what)]
    assert all(_flows(mutants[what], {}) != flows for what in unseen)


def test_an_empty_slot_opens_nothing(synthesize: Synthesize) -> None:
    document = synthesize({"slots": {"git_rancher_io": []}})
    assert all(line.peer in ROLES for line in lines(document))
    between = [flow for flow in completed_flows() if flow.peer in ROLES]
    assert _flows(document, {}) == Counter(between)
