"""Real packets obey the smallest and the largest of what can be chosen, as what is documented says."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest

from tests.combinations import LARGEST, SMALLEST
from tests.documented import ROLES
from tests.oracle import EGRESS, INGRESS, Document
from tests.packets.expected import arriving
from tests.packets.network import network
from tests.packets.nftables import ruleset
from tests.packets.probes import Probe, arrived, probes_of

pytestmark = pytest.mark.usefixtures("packets")

# The office is in these, the stranger is not.
BLOCKS = ["192.0.2.192/26", "2001:db8::f:0/112"]
# Where everything may leave, what may enter alone decides: so the largest with documented egress, too.
COMBINATIONS = {
    "smallest": SMALLEST,
    "largest but for its egress": dataclasses.replace(LARGEST, egress="documented"),
    "largest": LARGEST,
}


Synthesize = Callable[[dict[str, Any]], Document]


@pytest.fixture(scope="module")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Settings in, JSON out, as the app does it."""
    # Only now: where no packets can be sent, nobody has to wait for the bindings.
    from tests.cdk.synthesis import synthesize_settings  # noqa: PLC0415  # see above

    return lambda settings: synthesize_settings(settings, tmp_path_factory.mktemp("app"))


def _probed() -> Iterator[tuple[str, int]]:
    """Every port of the largest, its neighbours, and those of the smallest, with either protocol; echo requests."""
    documented = [flow for flow in LARGEST.flows | SMALLEST.flows if flow.protocol != "icmp"]
    ends = {end for flow in documented for end in (flow.first, flow.last)}
    yield from itertools.product(("tcp", "udp"), sorted({end + step for end in ends for step in (-1, 0, 1)}))
    yield "icmp", 8


def _document(which: str, synthesize: Synthesize) -> Document:
    combination = COMBINATIONS[which]
    is_empty = combination is SMALLEST
    return synthesize(combination.settings({} if is_empty else dict.fromkeys(combination.slots, BLOCKS)))


def _expected(which: str, probes: Iterable[Probe]) -> frozenset[Probe]:
    combination = COMBINATIONS[which]
    flows = [flow for flow in combination.flows if flow.peer in ROLES or combination is not SMALLEST]
    return arriving(flows, probes, egress_all=combination.egress == "all")


def _seen(document: Document, expected: frozenset[Probe], probes: Sequence[Probe]) -> set[Probe]:
    with network({role: ruleset(document, role) for role in ROLES}) as hosts:
        return arrived(hosts, expected, probes)


@pytest.mark.parametrize("which", COMBINATIONS)
def test_what_arrives_is_what_is_documented(which: str, synthesize: Synthesize) -> None:
    probes = probes_of(_probed())
    expected = _expected(which, probes)
    seen = _seen(_document(which, synthesize), expected, probes)
    assert [f"{probe} is dropped" for probe in sorted(expected - seen)] == []
    assert [f"{probe} arrives" for probe in sorted(seen - expected)] == []


@pytest.mark.parametrize(
    ("type_", "rule", "lost"),
    [
        (INGRESS, "etcd_from_worker_icmp_8-0", ("worker", "etcd", "icmp", 8)),
        # A half that no page publishes.
        (EGRESS, "worker_to_etcd_tcp_9345", ("worker", "etcd", "tcp", 9345)),
    ],
)
def test_a_rule_that_is_lost_shows(
    type_: str, rule: str, lost: tuple[str, str, str, int], synthesize: Synthesize
) -> None:
    which = "largest but for its egress"
    document = _document(which, synthesize)
    del document["resource"][type_][f"rancher_{rule}"]
    probes = probes_of([lost[2:], ("tcp", 10250)])
    expected = _expected(which, probes)
    gone = {
        probe for probe in expected if (probe.source[:-2], probe.destination[:-2], probe.protocol, probe.port) == lost
    }
    assert gone
    assert _seen(document, expected - gone, probes) == expected - gone
