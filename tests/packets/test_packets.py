"""Real packets, from every host to every other, pass or drop as the document says."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import GOLDENS
from tests.documented import ROLES, probed_ports
from tests.oracle import EGRESS, INGRESS, Document
from tests.packets.expected import expected
from tests.packets.hosts import HOSTS
from tests.packets.network import network
from tests.packets.nftables import ruleset
from tests.packets.probes import Probe, arrived, every_probe

pytestmark = pytest.mark.usefixtures("packets")

GOLDEN: Document = json.loads((GOLDENS / "one-office-in-every-slot.json").read_text("utf-8"))
BOTH = (4, 6)


def _seen(document: Document, awaited: Iterable[Probe]) -> set[Probe]:
    with network({role: ruleset(document, role) for role in ROLES}) as hosts:
        return arrived(hosts, set(awaited))


def _mismatches(wanted: Set[Probe], seen: Set[Probe]) -> list[str]:
    words = {True: "arrives", False: "is dropped"}
    return [
        f"{probe}: expected that it {words[probe in wanted]}, seen that it {words[probe in seen]}"
        for probe in sorted(wanted ^ seen)
    ]


def test_without_filters_every_probe_arrives() -> None:
    probes = every_probe()
    assert len(set(probes)) == len(HOSTS) * (len(HOSTS) - 1) * 2 * len(probed_ports()) * 2
    with network({}) as hosts:
        found = _mismatches(set(probes), arrived(hosts, probes))
    assert not found, "\n".join(found)


def test_what_arrives_is_what_the_document_says() -> None:
    wanted = expected()
    found = _mismatches(wanted, _seen(GOLDEN, wanted))
    assert not found, "\n".join(found)


def test_what_is_awaited_only_says_how_long_to_wait() -> None:
    # Else packets that are never sent would arrive as expected.
    seen = _seen(GOLDEN, ())
    assert seen
    assert seen <= expected()


def _named(end: str) -> list[str]:
    """The hosts of a role, or the host of that name."""
    return [host.name for host in HOSTS if end in (host.role, host.name)]


def _probes(
    source: str, destination: str, protocol: str, ports: Iterable[int], versions: Iterable[int]
) -> frozenset[Probe]:
    """Between the hosts of two roles, or of a role and a host outside."""
    pairs = [pair for pair in itertools.product(_named(source), _named(destination)) if pair[0] != pair[1]]
    rest = list(itertools.product(ports, versions))
    return frozenset(Probe(one, other, protocol, port, version) for one, other in pairs for port, version in rest)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule that is not what it should be.

    Args:
        type: its type.
        rule: its name, without the prefix.
        change: the arguments that differ; none for a rule that is lost.
        lost: what no longer arrives.
        gained: what arrives besides.
    """

    type: str
    rule: str
    change: Mapping[str, Any] | None
    lost: frozenset[Probe] = frozenset()
    gained: frozenset[Probe] = frozenset()

    def document(self) -> Document:
        """The golden, but for that rule."""
        document = copy.deepcopy(GOLDEN)
        rule = document["resource"][self.type].pop(f"rancher_{self.rule}")
        if self.change is not None:
            document["resource"][self.type]["mutant"] = {**rule, **self.change}
        return document


MUTANTS = {
    "an ingress rule is lost": Mutant(
        INGRESS,
        "etcd_from_controlplane_tcp_2379",
        None,
        lost=_probes("controlplane", "etcd", "tcp", [2379], BOTH),
    ),
    "an egress rule of a role to itself is lost": Mutant(
        EGRESS,
        "etcd_to_etcd_tcp_2380",
        None,
        lost=_probes("etcd", "etcd", "tcp", [2380], BOTH),
    ),
    "an IPv6 rule is lost": Mutant(
        INGRESS,
        "rancher_from_office-v6_tcp_443",
        None,
        lost=_probes("office", "rancher", "tcp", [443], [6]),
    ),
    "a rule is wider by a port": Mutant(
        INGRESS,
        "worker_from_office_udp_30000-32767",
        {"to_port": 32768},
        gained=_probes("office", "worker", "udp", [32768], [4]),
    ),
    "a rule stands in another group": Mutant(
        INGRESS,
        "rancher_from_office_tcp_80",
        {"security_group_id": "${aws_security_group.rancher_etcd.id}"},
        lost=_probes("office", "rancher", "tcp", [80], [4]),
        gained=_probes("office", "etcd", "tcp", [80], [4]),
    ),
    "a rule is open to everybody": Mutant(
        INGRESS,
        "rancher_from_office-v6_tcp_443",
        {"cidr_ipv6": "::/0"},
        gained=_probes("stranger", "rancher", "tcp", [443], [6]),
    ),
    "a rule is for the other protocol": Mutant(
        INGRESS,
        "worker_from_worker_udp_8472",
        {"ip_protocol": "tcp"},
        lost=_probes("worker", "worker", "udp", [8472], BOTH),
    ),
    "a rule is for all protocols": Mutant(
        EGRESS,
        "rancher_to_office_tcp_22",
        {"ip_protocol": "-1"},
        gained=_probes("rancher", "office", "udp", probed_ports(), [4])
        | _probes("rancher", "office", "tcp", set(probed_ports()) - {22, 443, 6443}, [4]),
    ),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_one_wrong_rule_shows_as_what_it_does(what: str) -> None:
    mutant, right = MUTANTS[what], expected()
    assert mutant.lost <= right
    assert mutant.gained.isdisjoint(right)
    wrong = right - mutant.lost | mutant.gained
    found = _mismatches(right, _seen(mutant.document(), wrong))
    assert found
    assert found == _mismatches(right, wrong)
