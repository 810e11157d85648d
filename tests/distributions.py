"""What is documented for each distribution, container network and feature; shares no code with the package.

From copies of normalised flows: of RKE1 those in tests/documented.py, of RKE2 and K3s what their own pages have between
nodes, and what applies under a feature or has to do with Rancher, each with its source.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.documented import ROLES, SLOTS, Flow, documented_flows

CLUSTER_ROLES = tuple(role for role in ROLES if role != "rancher")

# What a container network, chosen by its name, takes of the documented conditions, and of which ports; none means all.
Taken = dict[str, tuple[int, ...]]
NETWORKS: dict[str, dict[str, Taken]] = {
    "rke1": {
        "canal": {"cni:canal|flannel-vxlan": ()},
        "flannel": {"cni:canal|flannel-vxlan": ()},
        "calico": {"cni:calico-bgp": (), "cni:calico with Typha": ()},
        "weave": {"cni:weave": ()},
    },
    "rke2": {
        "canal": {"cni:canal": ()},
        "canal-wireguard": {"cni:canal": (9099,), "cni:canal-wireguard": ()},
        "canal-wireguard-dual-stack": {
            "cni:canal": (9099,),
            "cni:canal-wireguard": (),
            "cni:canal-wireguard-ipv6": (),
        },
        "cilium": {"cni:cilium": ()},
        "cilium-wireguard": {"cni:cilium": (), "cni:cilium-wireguard": ()},
        "calico": {"cni:calico": (), "cni:calico-vxlan": ()},
        "calico-bgp": {"cni:calico": (), "cni:calico-bgp": ()},
        "flannel": {"cni:flannel": ()},
    },
    "k3s": {
        "flannel": {"cni:flannel-vxlan": ()},
        "flannel-wireguard": {"cni:flannel-wireguard": ()},
        "flannel-wireguard-dual-stack": {"cni:flannel-wireguard": (), "cni:flannel-wireguard-ipv6": ()},
    },
}
DISTRIBUTIONS = tuple(NETWORKS)

_ALWAYS = ("always", "nodeport", "metrics-server", "embedded-etcd-ha", "ha-servers")

# On a server some ports are those of one of its two parts: 2379 to 2381 are etcd's, RKE2's 6443 is the API server's.
PARTS = {"rke2": {2379: "etcd", 2380: "etcd", 2381: "etcd", 6443: "controlplane"}, "k3s": {2379: "etcd"}}

# The features by the conditions that the flows name, some by the edition, too; None for what always applies.
_FEATURES: dict[str, str | None] = {
    "metrics-server or Prometheus on a worker": "metrics-server",
    "Rancher Monitoring (Prometheus on a worker)": "monitoring",
    "node-driver (document has only the Rancher egress half)": "node-driver",
    "node-driver; replaces the external class of the document": "node-driver",
    "node-driver on RKE1": "node-driver",
    "ingress-nginx on host network": "ingress-webhook",
    "authorized cluster endpoint": "authorized-cluster-endpoint",
    "no private registry inside the VPC": "image-pulls",
    "nodes install packages at boot": "os-packages",
    "nodes are not prebaked": "install-scripts",
    "only with a resolver other than the Amazon one": "custom-dns",
    "only with a time source other than Amazon Time Sync": "custom-ntp",
    "always unless air-gapped": "version-metadata",
    "amazonec2 node driver or EKS": "aws-api",
    "AWS cloud provider": "aws-api",
    "Windows overlay; replaces 8472": "windows",
    "cni:calico-bgp": None,
    "cni:calico with Typha": None,
    "cni:weave": None,
    "linux-workers": "ssh-admin",
    "rke-cli": "ssh-admin",
    "external-lb": "external-load-balancer",
}
_OUTSIDE_THE_OVERLAY = "only where pod addresses are VPC addresses"

# Those of RKE1 alone; its own document has all that Rancher has to do with its clusters.
_RKE1 = (
    "Windows overlay; replaces 8472",
    "node-driver on RKE1",
    "cni:calico-bgp",
    "cni:calico with Typha",
    "cni:weave",
)
_OF_RANCHER = {
    ("rancher-server-docker", "external-tls"),
    ("rancher-server-docker", "always"),
    ("rancher-server-docker", "node-driver"),
    ("rancher-server-docker", "hosted|imported"),
    ("rancher-matrix-custom-nodes", "no-external-lb"),
    ("rancher-matrix-custom-nodes", "nodeport"),
    ("rancher-matrix-custom-nodes", "ingress"),
}

# What no normalised flow has: from every role to a slot, on 443.
_BEYOND = {
    # The page proxies apt for https as well as for http, and the flows have 80 alone
    # (rancher/rancher-docs@036642f4 rancher-behind-an-http-proxy/install-kubernetes.md).
    "os-packages": "os_package_mirrors",
    # AWS's own: the group of an interface endpoint takes 443 of who uses it (AWS PrivateLink guide).
    "vpc-endpoints": "vpc_endpoints",
}

# The names that the flows use for peers outside the cluster, and the slots' names.
_SLOTS = {
    **SLOTS,
    "container-registries": "registries",
    "os-package-mirrors": "os_package_mirrors",
    "install-script-hosts": "install_script_hosts",
    "custom-dns-resolver": "dns_resolvers",
    "custom-ntp": "ntp_servers",
    "releases.rancher.com": "version_metadata",
    "aws-api": "aws_api",
    "kubernetes-api-clients": "kubernetes_api_clients",
    "kube-apiserver-of-the-local-cluster": "local_api_servers",
    "admin-clients": "ssh_clients",
    "rke-cli": "ssh_clients",
    "rancher-load-balancer": "load_balancer",
    "load-balancer": "load_balancer",
    "git.rancher.io": "git_rancher_io",
}
_CLIENTS = {"nodeport": "nodeport_clients", "ingress": "ingress_clients"}


@dataclass(frozen=True)
class Fact:
    """One end of a documented flow, and when it applies.

    Args:
        flow: the end; its peer is a role, a slot, or a CIDR block of a slot's default peers.
        cnis: the container networks with which it applies.
        feature: the feature under which it applies, or None.
        one_end: whether the page publishes this end alone, so that the other one is implied.
        unless: the feature under which it does not apply, or None.
    """

    flow: Flow
    cnis: frozenset[str]
    feature: str | None = None
    one_end: bool = False
    unless: str | None = None


def opposite(flow: Flow) -> Flow:
    """The other end of a flow between roles."""
    direction = "egress" if flow.direction == "ingress" else "ingress"
    return Flow(flow.peer, direction, flow.protocol, flow.first, flow.last, flow.role)


@functools.cache
def facts(distribution: str) -> tuple[Fact, ...]:
    """Everything that is documented for a distribution."""
    own = _document() if distribution == "rke1" else _between_nodes(distribution)
    # Two editions may have the same row.
    return tuple(dict.fromkeys([*own, *_shared(distribution), *_beyond(distribution)]))


@functools.cache
def features(distribution: str) -> frozenset[str]:
    """Every feature under which something is documented for a distribution."""
    return frozenset(fact.feature for fact in facts(distribution) if fact.feature is not None)


@functools.cache
def flows(
    distribution: str, cni: str, chosen: frozenset[str] = frozenset(), one_sided: str = "completed"
) -> frozenset[Flow]:
    """What there has to be for a user's choices."""
    found = set()
    for fact in facts(distribution):
        if cni in fact.cnis and (fact.feature is None or fact.feature in chosen) and fact.unless not in chosen:
            found.add(fact.flow)
            if fact.flow.peer in ROLES and (fact.one_end or one_sided == "completed"):
                found.add(opposite(fact.flow))
    return frozenset(found)


def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(__file__).with_name(name).read_text("utf-8"))
    return found


def _document() -> Iterator[Fact]:
    """RKE1's; whose the overlay is, says rancher/docs@1946327b layouts/shortcodes/requirements_ports_rke.html."""
    for flow in documented_flows():
        is_overlay = (flow.protocol, flow.first) == ("udp", 8472)
        condition = "cni:canal|flannel-vxlan" if is_overlay else "always"
        # "Windows overlay; replaces 8472", as the flows of the feature have it.
        yield Fact(flow, _cnis("rke1", condition, flow.first), unless="windows" if is_overlay else None)


def _cnis(distribution: str, condition: str, port: int) -> frozenset[str]:
    """The container networks with which a condition holds."""
    if not condition.startswith("cni:"):
        return frozenset(NETWORKS[distribution])
    taken = {cni: of[condition] for cni, of in NETWORKS[distribution].items() if condition in of}
    return frozenset(cni for cni, ports in taken.items() if not ports or port in ports)


def _between_nodes(distribution: str) -> Iterator[Fact]:
    """RKE2's and K3s's, whose pages have the receiving end alone."""
    for fact in _read("distribution_flows.json"):
        if fact["edition"] != distribution:
            continue
        condition, ports = fact["condition"], (fact["protocol"], fact["from_port"], fact["to_port"])
        name, _, of = condition.partition("+")
        feature = None if name.startswith((*_ALWAYS, "cni:")) else name
        cnis = _cnis(distribution, of or condition, fact["from_port"])
        for role in _roles(fact["role"]):
            if PARTS[distribution].get(fact["from_port"], role) != role and feature != "embedded-registry":
                continue
            for peer in _roles(fact["peer"]):
                yield Fact(Flow(role, "ingress", *ports, peer), cnis, feature, one_end=True)


def _roles(name: str) -> tuple[str, ...]:
    return ("etcd", "controlplane") if name == "server" else ("worker",)


def _shared(distribution: str) -> Iterator[Fact]:
    for row in _read("feature_flows.json"):
        condition = row["condition"]
        of_rancher = (row["edition"], condition) in _OF_RANCHER
        if (condition in _RKE1 and distribution != "rke1") or (of_rancher and distribution == "rke1"):
            continue
        role, direction, peer = row["role"], row["direction"], _SLOTS.get(row["peer"], row["peer"])
        if role == "rke-cli":
            # Seen from the node: the host of RKE's command line has no group here.
            role, direction, peer = row["peer"], "ingress", _SLOTS[role]
        if peer == "workload-clients":
            peer = _CLIENTS[condition]
        flow = Flow(role, direction, row["protocol"], row["from_port"], row["to_port"], peer)
        yield Fact(flow, _cnis(distribution, condition, flow.first), None if of_rancher else _feature(row))


def _feature(row: dict[str, Any]) -> str | None:
    if _OUTSIDE_THE_OVERLAY in row["condition"]:
        return "vpc-native-pods"
    if row["edition"] == "rancher-server-rke1" and row["peer"] == "load-balancer":
        return "external-load-balancer"
    return _FEATURES[row["condition"]]


def _beyond(distribution: str) -> Iterator[Fact]:
    for feature, slot in _BEYOND.items():
        for role in ROLES:
            yield Fact(Flow(role, "egress", "tcp", 443, 443, slot), _cnis(distribution, "always", 443), feature)
