"""The rules that a random deployment has to come to, worked out from the document and from what AWS lets rules name.

Shares no code with the package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.cdk.deployments import (
    AGENTS,
    CLUSTER_ACCOUNT,
    CLUSTER_ROLES,
    NODES,
    OUTSIDE,
    SERVER,
    SERVER_ACCOUNT,
    Built,
    BuiltCluster,
    Deployment,
    Opened,
    brought_id,
)
from tests.documented import GIT_RANCHER_IO, Flow, completed_flows, documented_flows

# The group's id, direction, protocol, first and last port, the argument for the peer, its value.
ExpectedRule = tuple[str, str, str, int | None, int | None, str, str]

_ALL = (("cidr_ipv4", "0.0.0.0/0"), ("cidr_ipv6", "::/0"))
_BY_GROUP = "referenced_security_group_id"
_PEERS = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", _BY_GROUP)

# What rules over a connection cannot name by group (Amazon VPC user guide; transit gateways guide).
_BY_ADDRESSES = {"same_vpc": (), "peering": (), "transit_gateway": ("egress",), "by_addresses": ("ingress", "egress")}


def written_rules(document: dict[str, Any]) -> list[ExpectedRule]:
    """The rules in a stack's JSON."""
    found = []
    for direction in ("ingress", "egress"):
        for rule in document.get("resource", {}).get(f"aws_vpc_security_group_{direction}_rule", {}).values():
            (kind,) = [kind for kind in _PEERS if kind in rule]
            ends = rule.get("from_port"), rule.get("to_port")
            found.append((rule["security_group_id"], direction, rule["ip_protocol"], *ends, kind, rule[kind]))
    return found


def expected_rules(deployment: Deployment) -> set[ExpectedRule]:
    """The rules that there have to be."""
    return set(_rules(deployment))


def _id(owner: str, built: Built, role: str) -> str:
    return brought_id(owner, role) if role in built.groups else f"${{aws_security_group.{owner}_{role}.id}}"


def _writes(built: Built, role: str) -> bool:
    return built.groups.get(role, True)


def _rules(deployment: Deployment) -> Iterator[ExpectedRule]:
    server, server_id = deployment.server, _id(SERVER, deployment.server, "rancher")
    yield from _outside(SERVER, server, completed_flows(), ["rancher"])
    for one in server.own:
        if not _writes(server, "rancher"):
            continue
        if one.peer == "rancher":
            for direction in ("ingress", "egress"):
                yield server_id, direction, *_ports(one), _BY_GROUP, server_id
        else:
            yield server_id, one.direction, *_ports(one), *OUTSIDE[one.peer]
    if _writes(server, "rancher") and any(cluster.has_agents for cluster in deployment.clusters.values()):
        for flow in completed_flows():
            if flow.role == "rancher" and flow.peer in CLUSTER_ROLES:
                agents = f"${{aws_security_group.{AGENTS}_agents.id}}"
                yield server_id, flow.direction, flow.protocol, flow.first, flow.last, _BY_GROUP, agents
    for name, cluster in deployment.clusters.items():
        yield from _cluster_rules(name, cluster, deployment)


def _cluster_rules(name: str, cluster: BuiltCluster, deployment: Deployment) -> Iterator[ExpectedRule]:
    flows = completed_flows() if cluster.one_sided == "completed" else documented_flows()
    yield from _outside(name, cluster, flows, CLUSTER_ROLES)
    between = [
        flow
        for flow in flows
        if flow.peer in ("rancher", *CLUSTER_ROLES) and not (cluster.has_agents and flow.role == "rancher")
    ]
    for one in cluster.own:
        if one.peer in ("rancher", *CLUSTER_ROLES):
            opposite = "egress" if one.direction == "ingress" else "ingress"
            between += [
                Flow(one.role, one.direction, *_ports(one), one.peer),
                Flow(one.peer, opposite, *_ports(one), one.role),
            ]
        elif _writes(cluster, one.role):
            group = _id(name, cluster, one.role)
            if one.peer in OUTSIDE:
                yield group, one.direction, *_ports(one), *OUTSIDE[one.peer]
            else:
                owner, role = one.peer.split("/")
                other = deployment.clusters[owner]
                account = CLUSTER_ACCOUNT if other.in_other_account else SERVER_ACCOUNT
                before = f"{account}/" if other.in_other_account != cluster.in_other_account else ""
                yield group, one.direction, *_ports(one), _BY_GROUP, f"{before}{_id(owner, other, role)}"
    for flow in between:
        owner, built = (SERVER, deployment.server) if flow.role == "rancher" else (name, cluster)
        if _writes(built, flow.role):
            ports = flow.protocol, flow.first, flow.last
            yield _id(owner, built, flow.role), flow.direction, *ports, *_named(flow, name, cluster, deployment)


def _named(flow: Flow, name: str, cluster: BuiltCluster, deployment: Deployment) -> tuple[str, str]:
    """How a rule of one role names another role, of the same cluster or across to the server or back."""
    owner, built = (SERVER, deployment.server) if flow.peer == "rancher" else (name, cluster)
    crosses = (flow.role == "rancher") != (flow.peer == "rancher")
    if crosses and flow.direction in _BY_ADDRESSES[cluster.connection]:
        return "cidr_ipv4", NODES[owner]
    account = SERVER_ACCOUNT if flow.peer == "rancher" else CLUSTER_ACCOUNT
    before = f"{account}/" if crosses and cluster.in_other_account else ""
    return _BY_GROUP, f"{before}{_id(owner, built, flow.peer)}"


def _outside(owner: str, built: Built, flows: Iterable[Flow], roles: Iterable[str]) -> Iterator[ExpectedRule]:
    """The rules with peers that are no nodes."""
    for role in roles:
        if not _writes(built, role):
            continue
        group = _id(owner, built, role)
        for flow in flows:
            if flow.role != role:
                continue
            is_git = flow.peer in GIT_RANCHER_IO
            if is_git and "git_rancher_io" not in built.slots:
                yield group, flow.direction, flow.protocol, flow.first, flow.last, "cidr_ipv4", flow.peer
                continue
            for peer in built.slots.get("git_rancher_io" if is_git else flow.peer, ()):
                yield group, flow.direction, flow.protocol, flow.first, flow.last, *OUTSIDE[peer]
        if built.egress_all:
            for family in _ALL:
                yield group, "egress", "-1", None, None, *family


def _ports(one: Opened) -> tuple[str, int, int]:
    assert one.port.first is not None
    assert one.port.last is not None
    return one.port.protocol, one.port.first, one.port.last
