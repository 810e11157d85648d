"""What arrives if the rules are what the document says, both ends counted; worked out without any JSON."""

from __future__ import annotations

import functools

from tests.documented import ROLES, Flow, completed_flows, probed_ports
from tests.packets.hosts import HOSTS, OFFICE
from tests.packets.probes import Probe, every_probe

# The golden has the office in every slot, and completed flows.
_OUTSIDE = OFFICE.name
_ROLES = {host.name: host.role for host in HOSTS}

_End = tuple[str, str, str, int, str]


@functools.cache
def expected() -> frozenset[Probe]:
    """The probes that arrive."""
    ends = {end for flow in completed_flows() for end in _ends(flow)}
    return frozenset(probe for probe in every_probe() if _leaves(probe, ends) and _enters(probe, ends))


def _ends(flow: Flow) -> list[_End]:
    peer = flow.peer if flow.peer in ROLES else _OUTSIDE
    ports = [port for port in probed_ports() if flow.first <= port <= flow.last]
    return [(flow.role, flow.direction, flow.protocol, port, peer) for port in ports]


def _leaves(probe: Probe, ends: set[_End]) -> bool:
    role, peer = _ROLES[probe.source], _ROLES[probe.destination] or probe.destination
    return role is None or (role, "egress", probe.protocol, probe.port, peer) in ends


def _enters(probe: Probe, ends: set[_End]) -> bool:
    role, peer = _ROLES[probe.destination], _ROLES[probe.source] or probe.source
    return role is None or (role, "ingress", probe.protocol, probe.port, peer) in ends
