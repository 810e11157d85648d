"""What a cluster needs to start is open with each container network, and what only others need is not.

Read from the synthesized JSON by the tests' own oracle.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import pytest

from tests import distributions
from tests.cdk.synthesis import Document, synthesize_each
from tests.oracle import NODES, Host, Network

CLUSTER_ROLES = ("etcd", "controlplane", "worker")
SERVER = ("etcd", "controlplane")

# The ports of each container network between every two nodes; of ICMP the type. RKE1: rancher/docs@1946327b
# layouts/shortcodes/requirements_ports_rke.html and its table of commonly used ports; RKE2: rancher/rke2-docs@0588300e
# docs/install/requirements.md; K3s: k3s-io/docs@005d295 docs/installation/requirements.md.
End = tuple[str, int]
_VXLAN: End = ("udp", 8472)
_CALICO: list[End] = [("tcp", 5473), ("tcp", 9098), ("tcp", 9099)]
_CILIUM: list[End] = [("icmp", 8), ("tcp", 4240), _VXLAN]
NETWORKS: dict[str, dict[str, list[End]]] = {
    "rke1": {
        "canal": [_VXLAN],
        "flannel": [_VXLAN],
        "calico": [("tcp", 179), ("tcp", 5473)],
        "weave": [("tcp", 6783), ("udp", 6783), ("udp", 6784)],
    },
    "rke2": {
        "canal": [_VXLAN, ("tcp", 9099)],
        "canal-wireguard": [("tcp", 9099), ("udp", 51820)],
        "canal-wireguard-dual-stack": [("tcp", 9099), ("udp", 51820), ("udp", 51821)],
        "cilium": _CILIUM,
        "cilium-wireguard": [*_CILIUM, ("udp", 51871)],
        "calico": [*_CALICO, ("udp", 4789)],
        "calico-bgp": [*_CALICO, ("tcp", 179)],
        "flannel": [("udp", 4789)],
    },
    "k3s": {
        "flannel": [_VXLAN],
        "flannel-wireguard": [("udp", 51820)],
        "flannel-wireguard-dual-stack": [("udp", 51820), ("udp", 51821)],
    },
}

# From, to, protocol, port.
Pair = tuple[str, str, str, int]


def _pairs(sources: Iterable[str], destinations: Iterable[str], *ports: int) -> list[Pair]:
    return [(one, other, "tcp", port) for one, other, port in itertools.product(sources, destinations, ports)]


_RANCHER = _pairs(CLUSTER_ROLES, ["rancher"], 443)
NEEDED = {
    # What RKE looks at before it installs (rancher/rke@0148c402 cluster/network.go), and every kubelet.
    "rke1": [
        *_pairs(["etcd"], ["etcd"], 2379, 2380),
        *_pairs(["controlplane"], ["etcd"], 2379),
        *_pairs(["controlplane"], ["worker"], 10250),
        *_pairs(["worker"], ["controlplane"], 6443),
        *_pairs(["controlplane"], CLUSTER_ROLES, 10250),
        *_RANCHER,
    ],
    # Agents and servers join at 9345 of any server, one without etcd at that of an etcd node
    # (rancher/rke2-docs@8b027d12 docs/install/server_roles.md).
    "rke2": [
        *_pairs(CLUSTER_ROLES, SERVER, 9345),
        *_pairs(CLUSTER_ROLES, ["controlplane"], 6443),
        *_pairs(CLUSTER_ROLES, CLUSTER_ROLES, 10250),
        *_pairs(SERVER, ["etcd"], 2379, 2380),
        *_RANCHER,
    ],
    "k3s": [
        *_pairs(CLUSTER_ROLES, SERVER, 6443),
        *_pairs(CLUSTER_ROLES, CLUSTER_ROLES, 10250),
        *_pairs(SERVER, ["etcd"], 2379, 2380),
        *_RANCHER,
    ],
}
# An agent has nothing to do with etcd, nobody joins at an agent, and Rancher begins nothing with a node.
REFUSED = [
    *_pairs(["worker", "rancher"], CLUSTER_ROLES, 2379, 2380, 2381),
    *_pairs(CLUSTER_ROLES, ["worker"], 6443, 9345),
    *_pairs(CLUSTER_ROLES, ["rancher"], 6443, 9345, 10250),
    *_pairs(["rancher"], CLUSTER_ROLES, 22, 443, 2376, 6443, 9345, 10250),
]

CASES = [
    (distribution, cni, one_sided)
    for distribution, networks in NETWORKS.items()
    for cni in networks
    for one_sided in ("documented", "completed")
]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """Every distribution with each of its networks; all at once, which takes a fraction of the time."""
    settings = {
        f"{distribution}-{cni}-{one_sided}": {"distribution": distribution, "cni": cni, "one_sided": one_sided}
        for distribution, cni, one_sided in CASES
    }
    return synthesize_each(settings, tmp_path_factory.mktemp("app"))


def _others(distribution: str, cni: str) -> Iterator[End]:
    """Ports that other networks of the distribution have, and this one has not."""
    everyones = {end for ends in NETWORKS[distribution].values() for end in ends}
    yield from sorted(everyones - set(NETWORKS[distribution][cni]))


def _between_all(ends: Iterable[End]) -> list[Pair]:
    ends = list(ends)
    return [(one, other, *end) for one, other in itertools.product(CLUSTER_ROLES, repeat=2) for end in ends]


def test_every_network_is_looked_at() -> None:
    assert {name: set(networks) for name, networks in NETWORKS.items()} == {
        name: set(networks) for name, networks in distributions.NETWORKS.items()
    }


@pytest.mark.parametrize(("distribution", "cni", "one_sided"), CASES)
def test_what_a_cluster_needs_is_open_and_no_other_networks_ports_are(
    distribution: str, cni: str, one_sided: str, documents: dict[str, Document]
) -> None:
    network = Network(documents[f"{distribution}-{cni}-{one_sided}"])
    hosts = {role: Host(address, role) for role, address in NODES.items()}
    needed = [*NEEDED[distribution], *_between_all(NETWORKS[distribution][cni])]
    closed = [pair for pair in needed if not network.reaches(hosts[pair[0]], hosts[pair[1]], *pair[2:])]
    assert closed == []
    refused = [*REFUSED, *_between_all(_others(distribution, cni))]
    # Neither end: what one end alone lets pass is open as soon as somebody opens the other.
    half_open = [
        (one, other, protocol, port)
        for one, other, protocol, port in refused
        if network.admits(one, "egress", hosts[other], protocol, port)
        or network.admits(other, "ingress", hosts[one], protocol, port)
    ]
    assert half_open == []
