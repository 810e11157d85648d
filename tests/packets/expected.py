"""What arrives if the rules are what the document says, both ends counted; worked out without any JSON."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from tests.documented import ROLES, Flow, completed_flows
from tests.packets.hosts import HOSTS, OFFICE
from tests.packets.probes import Probe, every_probe

# The golden has the office in every slot, and completed flows.
_OUTSIDE = OFFICE.name
_ROLES = {host.name: host.role for host in HOSTS}

_End = tuple[str, str, str, int, str]


@functools.cache
def expected() -> frozenset[Probe]:
    """The probes that arrive, of every one."""
    return arriving(completed_flows(), every_probe())


def arriving(flows: Iterable[Flow], probes: Iterable[Probe], *, egress_all: bool = False) -> frozenset[Probe]:
    """The probes that arrive, of some.

    Args:
        flows: what is documented; whoever is no role is the office.
        probes: what is sent.
        egress_all: whether every node may send everything.
    """
    some = list(probes)
    ports = {(probe.protocol, probe.port) for probe in some}
    ends = {end for flow in flows for end in _ends(flow, ports)}
    return frozenset(probe for probe in some if (egress_all or _leaves(probe, ends)) and _enters(probe, ends))


def _ends(flow: Flow, ports: Iterable[tuple[str, int]]) -> list[_End]:
    peer = flow.peer if flow.peer in ROLES else _OUTSIDE
    last = flow.first if flow.protocol == "icmp" else flow.last  # of ICMP the last is the code
    return [
        (flow.role, flow.direction, protocol, port, peer)
        for protocol, port in ports
        if protocol == flow.protocol and flow.first <= port <= last
    ]


def _leaves(probe: Probe, ends: set[_End]) -> bool:
    role, peer = _ROLES[probe.source], _ROLES[probe.destination] or probe.destination
    return role is None or (role, "egress", probe.protocol, probe.port, peer) in ends


def _enters(probe: Probe, ends: set[_End]) -> bool:
    role, peer = _ROLES[probe.destination], _ROLES[probe.source] or probe.source
    return role is None or (role, "ingress", probe.protocol, probe.port, peer) in ends
