"""Random deployments, as plain values, and how a user writes them with the constructs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from rancher_ports import BroughtGroup, Peer, Port
from rancher_ports.cdk import AgentsGroup, Connection, RancherCluster, RancherServer, RolePeer
from tests.cdk.flavour import App, AwsProvider, LocalBackend, TerraformStack

SERVER, AGENTS = "central", "fleet"
CLUSTERS = ("a", "b", "c")
CLUSTER_ROLES = ("etcd", "controlplane", "worker")
VPC, OTHER_VPC = "vpc-0123456789abcdef0", "vpc-0fedcba9876543210"
CLUSTER_ACCOUNT, SERVER_ACCOUNT = "111111111111", "222222222222"

# By name, the argument that a rule has for the peer, and its value.
OUTSIDE = {
    "office": ("cidr_ipv4", "203.0.113.0/24"),
    "office-v6": ("cidr_ipv6", "2001:db8::/48"),
    "mirrors": ("prefix_list_id", "pl-0123456789abcdef0"),
    "balancer": ("referenced_security_group_id", "sg-0123456789abcdef0"),
    "made-later": ("cidr_ipv4", "${aws_subnet.office.cidr_block}"),
}
# The addresses of nodes, by whose they are.
NODES = {SERVER: "10.0.0.0/20"} | {name: f"10.{number}.0.0/16" for number, name in enumerate(CLUSTERS, 1)}

# None of them is one that no own rule may open.
PORTS = (
    Port.tcp(443),
    Port.tcp(6443),
    Port.tcp(9100),
    Port.tcp_range(8000, 8100),
    Port.tcp_range(30000, 32767),
    Port.udp(514),
)


@dataclass(frozen=True)
class Opened:
    """An own rule: of a role's group, with a peer outside, another role, or another cluster's (``b/worker``)."""

    role: str
    direction: str
    port: Port
    peer: str


@dataclass(frozen=True)
class Built:
    """What a server and a cluster have in common: brought groups, whether they get rules, by role; slots; own rules."""

    groups: Mapping[str, bool] = field(default_factory=dict)
    slots: Mapping[str, Sequence[str]] = field(default_factory=dict)
    egress_all: bool = False
    own: Sequence[Opened] = ()


@dataclass(frozen=True)
class BuiltCluster(Built):
    """A cluster; ``connection`` by the name of the constructor."""

    connection: str = "same_vpc"
    in_other_account: bool = False
    has_agents: bool = False
    one_sided: str = "completed"


@dataclass(frozen=True)
class Deployment:
    """A server and clusters by name."""

    server: Built
    clusters: Mapping[str, BuiltCluster]


def brought_id(owner: str, role: str) -> str:
    """The id of the group that somebody brings for a role."""
    return f"sg-{(owner + role).encode().hex():0>17.17}"


_SERVER_SLOTS = ("load_balancer", "ui_api_clients", "git_rancher_io", "hosted_kubernetes", "node_driver_nodes")
_CLUSTER_SLOTS = ("ingress_clients", "nodeport_clients")


def _slots(names: Sequence[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    peers = st.lists(st.sampled_from(sorted(OUTSIDE)), unique=True, max_size=3)
    return st.dictionaries(st.sampled_from(names), peers, max_size=2)


def _own(roles: Sequence[str], peers: Sequence[str]) -> st.SearchStrategy[list[Opened]]:
    one = st.builds(
        Opened,
        st.sampled_from(roles),
        st.sampled_from(["ingress", "egress"]),
        st.sampled_from(PORTS),
        st.sampled_from([*sorted(OUTSIDE), *peers]),
    )
    return st.lists(one, max_size=4, unique=True)


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    """A server and up to three clusters, connected, brought and opened in any way."""
    server = Built(
        groups=draw(st.sampled_from([{}, {"rancher": True}, {"rancher": False}])),
        slots=draw(_slots(_SERVER_SLOTS)),
        egress_all=draw(st.booleans()),
        own=draw(_own(["rancher"], ["rancher"])),
    )
    names = draw(st.sets(st.sampled_from(CLUSTERS)))
    clusters = {}
    for name in sorted(names):
        connection = draw(st.sampled_from(["same_vpc", "peering", "transit_gateway", "by_addresses"]))
        has_agents = connection == "same_vpc" and draw(st.booleans())
        others = [f"{other}/{role}" for other in sorted(names - {name}) for role in CLUSTER_ROLES]
        roles = CLUSTER_ROLES if has_agents else ("rancher", *CLUSTER_ROLES)
        clusters[name] = BuiltCluster(
            groups=draw(st.dictionaries(st.sampled_from(CLUSTER_ROLES), st.booleans(), max_size=2)),
            slots=draw(_slots(_CLUSTER_SLOTS)),
            egress_all=draw(st.booleans()),
            own=draw(_own(CLUSTER_ROLES, [*roles, *others])),
            connection=connection,
            in_other_account=connection in ("peering", "transit_gateway") and draw(st.booleans()),
            has_agents=has_agents,
            one_sided=draw(st.sampled_from(["completed", "documented"])),
        )
    return Deployment(server, clusters)


def _peer(name: str) -> Peer:
    kind, value = OUTSIDE[name]
    if kind == "cidr_ipv4":
        return Peer.ipv4(name, value)
    if kind == "cidr_ipv6":
        return Peer.ipv6(name, value)
    return Peer.prefix_list(name, value) if kind == "prefix_list_id" else Peer.security_group(name, value)


def _connection(name: str, cluster: BuiltCluster) -> Connection:
    of_server, of_cluster = Peer.cidr("server-nodes", NODES[SERVER]), Peer.cidr(f"{name}-nodes", NODES[name])
    cluster_account = CLUSTER_ACCOUNT if cluster.in_other_account else None
    server_account = SERVER_ACCOUNT if cluster.in_other_account else None
    if cluster.connection == "same_vpc":
        return Connection.same_vpc()
    if cluster.connection == "peering":
        return Connection.peering(cluster_account=cluster_account, server_account=server_account)
    if cluster.connection == "transit_gateway":
        return Connection.transit_gateway(
            cluster=[of_cluster],
            server=[of_server],
            cluster_account=cluster_account,
            server_account=server_account,
        )
    return Connection.by_addresses(cluster=[of_cluster], server=[of_server])


def _options(owner: str, built: Built) -> dict[str, Any]:
    return {
        "groups": {role: BroughtGroup(brought_id(owner, role), add_rules) for role, add_rules in built.groups.items()},
        "slots": {slot: [_peer(name) for name in names] for slot, names in built.slots.items()},
        "egress": "all" if built.egress_all else "documented",
    }


def build(deployment: Deployment, app: App, *, backwards: bool = False) -> int:
    """Write a deployment with the constructs, in the stack ``infrastructure``.

    Args:
        deployment: what is wanted.
        app: where.
        backwards: whether clusters, slots, their peers and own rules come in the opposite order.

    Returns:
        How many rules the constructs say they wrote.
    """
    order = slice(None, None, -1 if backwards else 1)
    stack = TerraformStack(app, "infrastructure")
    LocalBackend(stack, path="terraform.tfstate")
    AwsProvider(stack, "aws", region="us-east-1")
    servers_account = AwsProvider(stack, "servers", alias="servers", region="us-east-1")
    server = RancherServer(stack, SERVER, vpc_id=VPC, **_turned(_options(SERVER, deployment.server), order))
    constructs: list[RancherServer | RancherCluster | AgentsGroup] = [server]
    agents = None
    if any(cluster.has_agents for cluster in deployment.clusters.values()):
        agents = AgentsGroup(stack, AGENTS, server=server)
        constructs.append(agents)
    clusters = {}
    for name, cluster in [*deployment.clusters.items()][order]:
        clusters[name] = RancherCluster(
            stack,
            name,
            server=server,
            vpc_id=VPC if cluster.connection == "same_vpc" else OTHER_VPC,
            connection=_connection(name, cluster),
            agents=agents if cluster.has_agents else None,
            server_provider=servers_account if cluster.in_other_account else None,
            one_sided=cluster.one_sided,
            **_turned(_options(name, cluster), order),
        )
    own = [(server, one) for one in deployment.server.own]
    own += [(clusters[name], one) for name, cluster in deployment.clusters.items() for one in cluster.own]  # type: ignore[misc]  # either has them
    for construct, one in own[order]:
        allow = construct.allow_from if one.direction == "ingress" else construct.allow_to
        allow(one.role, _named(one.peer, clusters), one.port, why=f"{one.role} {one.port}")
    return sum(len(construct.rules.rules) for construct in [*constructs, *clusters.values()])


def _turned(options: dict[str, Any], order: slice) -> dict[str, Any]:
    slots = {slot: peers[order] for slot, peers in [*options["slots"].items()][order]}
    return {**options, "slots": slots}


def _named(peer: str, clusters: Mapping[str, RancherCluster]) -> str | Peer | RolePeer:
    if peer in OUTSIDE:
        return _peer(peer)
    owner, _, role = peer.rpartition("/")
    return clusters[owner].peer(role) if owner else role
