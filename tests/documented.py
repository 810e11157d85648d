"""What the document says, from a copy of its normalised flows; shares no code with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FLOWS = json.loads(Path(__file__).with_name("documented_flows.json").read_text("utf-8"))
ROLES = ("rancher", "etcd", "controlplane", "worker")

# The names that the normalised flows use for peers outside the cluster, and the slots' names.
SLOTS = {
    "lb-tls-terminator": "load_balancer",
    "hosted-imported-kubernetes": "hosted_kubernetes",
    "ui-api-clients": "ui_api_clients",
    "node-driver-nodes": "node_driver_nodes",
    "hosted-imported-kubernetes-api": "hosted_kubernetes_api",
    "ingress-clients": "ingress_clients",
    "nodeport-clients": "nodeport_clients",
}
GIT_RANCHER_IO = ("35.160.43.145/32", "35.167.242.46/32", "52.33.59.17/32")


@dataclass(frozen=True, order=True)
class Flow:
    """One documented flow; ``peer`` is a role, a slot or a CIDR block."""

    role: str
    direction: str
    protocol: str
    first: int
    last: int
    peer: str


def documented_flows() -> list[Flow]:
    """The 59 flows."""
    return [
        Flow(
            flow["role"],
            flow["direction"],
            flow["protocol"],
            flow["from_port"],
            flow["to_port"],
            SLOTS.get(flow["peer"], flow["peer"]),
        )
        for flow in FLOWS
    ]


def completed_flows() -> list[Flow]:
    """The 59 flows and the other half of each flow between roles that has none."""
    flows = documented_flows()
    halves = [
        Flow(f.peer, "egress" if f.direction == "ingress" else "ingress", f.protocol, f.first, f.last, f.role)
        for f in flows
        if f.peer in ROLES
    ]
    return flows + [half for half in halves if half not in flows]


def probed_ports() -> list[int]:
    """Every documented port and its neighbours; of a range, its ends and theirs."""
    ends = {end for flow in documented_flows() for end in (flow.first, flow.last)}
    return sorted({port + step for port in ends for step in (-1, 0, 1)})
