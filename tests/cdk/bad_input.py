"""Bad input of people who write Python against the constructs, by what is bad about it.

What is said of each stands in tests/goldens/bad-input.json.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rancher_ports import BroughtGroup, Peer, Port
from rancher_ports.cdk import (
    AgentsGroup,
    Connection,
    NodePool,
    Quotas,
    RancherCluster,
    RancherPorts,
    RancherServer,
    fill_stack,
)
from tests.cdk.flavour import App, AwsProvider, SecurityGroup, TerraformStack

VPC, OTHER_VPC = "vpc-0123456789abcdef0", "vpc-0fedcba9876543210"
GROUP = "sg-0123456789abcdef0"
LIST = "pl-0123456789abcdef0"


@dataclass
class Infrastructure:
    """What there is already when somebody makes a mistake."""

    app: App
    stack: TerraformStack
    elsewhere: TerraformStack
    provider: AwsProvider
    vpc_id: str
    group: SecurityGroup
    server: RancherServer
    far_server: RancherServer
    foreign_server: RancherServer
    cluster: RancherCluster
    agents: AgentsGroup
    joined: RancherCluster
    peered: RancherCluster
    ports: RancherPorts


def infrastructure(app: App) -> Infrastructure:
    """A server and clusters of it, in one stack; a server with a provider of its own in another."""
    stack, elsewhere = TerraformStack(app, "infrastructure"), TerraformStack(app, "elsewhere")
    provider = AwsProvider(stack, "aws", region="us-east-1")
    there = AwsProvider(elsewhere, "aws", region="us-east-1")
    group = SecurityGroup(stack, "balancer", name="balancer")
    server = RancherServer(stack, "central", vpc_id=VPC)
    agents = AgentsGroup(stack, "fleet", server=server)
    return Infrastructure(
        app=app,
        stack=stack,
        elsewhere=elsewhere,
        provider=provider,
        vpc_id=str(group.vpc_id),
        group=group,
        server=server,
        far_server=RancherServer(elsewhere, "far", vpc_id=VPC, provider=there),
        foreign_server=RancherServer(TerraformStack(App(stack_traces=False), "foreign"), "central", vpc_id=VPC),
        cluster=RancherCluster(stack, "prod", server=server),
        agents=agents,
        joined=RancherCluster(stack, "joined", server=server, agents=agents),
        peered=RancherCluster(
            stack,
            "peered",
            server=server,
            vpc_id=OTHER_VPC,
            connection=Connection.transit_gateway(server=[Peer.cidr("central-nodes", "10.0.0.0/20")]),
        ),
        ports=RancherPorts(stack, "tools", vpc_id=VPC),
    )


Mistake = Callable[[Infrastructure], object]
OFFICE = Peer.cidr("office", "203.0.113.0/24")


def _ports(**options: Any) -> Mistake:
    return lambda here: RancherPorts(here.stack, "new", **{"vpc_id": VPC, **options})


def _server(**options: Any) -> Mistake:
    return lambda here: RancherServer(here.stack, "new", **{"vpc_id": VPC, **options})


def _cluster(**options: Any) -> Mistake:
    return lambda here: RancherCluster(here.stack, "new", **{"server": here.server, **options})


def _agents(**options: Any) -> Mistake:
    return lambda here: AgentsGroup(here.stack, "new", **{"server": here.server, **options})


def _from(role: Any, peer: Any, port: Any = Port.tcp(9100), why: Any = "metrics") -> Mistake:  # noqa: B008  # frozen
    return lambda here: here.cluster.allow_from(role, peer, port, why=why)


def _cidr(block: Any) -> Mistake:
    return lambda _: Peer.cidr("office", block)


def _same_rule_on_the_server(here: Infrastructure) -> None:
    nodes, central = Peer.cidr("far-nodes", "10.9.0.0/16"), Peer.cidr("central-nodes", "10.0.0.0/20")
    connection = Connection.by_addresses(cluster=[nodes], server=[central])
    for name in ("here", "again"):
        RancherCluster(here.stack, name, server=here.server, vpc_id=OTHER_VPC, connection=connection)


BAD_INPUT: dict[str, Mistake] = {
    # What every construct takes.
    "prefix in capitals": _ports(prefix="Prod"),
    "prefix with an underscore": _ports(prefix="prod_eu"),
    "prefix too long": _ports(prefix="p" * 64),
    "prefix of another construct": _ports(prefix="tools"),
    "prefix that is no text": _ports(prefix=7),
    "id that is no prefix": lambda here: RancherPorts(here.stack, "Prod EU", vpc_id=VPC),
    "group_name_prefix that AWS refuses": _ports(group_name_prefix="sg-prod"),
    "no VPC": _ports(vpc_id=None),
    "VPC that is a subnet": _ports(vpc_id="subnet-0123456789abcdef0"),
    "argument misspelt": _ports(slot={}),
    "distribution unknown": _ports(distribution="rke3"),
    "feature misspelt": _ports(features=["image-pull"]),
    "features that are a text": _ports(features="image-pulls"),
    "container network of another distribution": _ports(cni="cilium"),
    "migrating from nothing": _ports(migrating_from={}),
    "migrating to what is none": _ports(cni="cillium", migrating_from={"cni": "canal"}),
    "migrating from no mapping": _ports(migrating_from="rke1"),
    "migrating from itself": _ports(migrating_from={"cni": "canal"}),
    "migrating from a distribution that is none": _ports(distribution="rke2", migrating_from={"distribution": "rke"}),
    "migrating from features that are none": _ports(
        distribution="rke2", migrating_from={"distribution": "rke1", "features": ["window"]}
    ),
    "one_sided misspelt": _ports(one_sided="complete"),
    "egress that is a flag": _ports(egress=True),
    "tag key of ours": _ports(tags={"rancher-ports:role": "etcd"}),
    "tag value that is a number": _ports(tags={"cost": 7}),
    "prevent_destroy that is a text": _ports(prevent_destroy="yes"),
    "quotas that are a number": _ports(quotas=120),
    "kubernetes_cluster empty": _ports(kubernetes_cluster=""),
    "kubernetes_cluster for a server": _server(kubernetes_cluster="prod"),
    "moved_from its own prefix": _ports(moved_from="new"),
    "moved_from what another construct has": _ports(moved_from="tools"),
    "scope outside of a stack": lambda here: RancherPorts(here.app, "new", vpc_id=VPC),
    "provider that is its name": _ports(provider="aws.central"),
    "several faults at once": _ports(prefix="Prod", vpc_id="vpc", slots={"ui_api_client": []}, features=["x"]),
    "id of another construct": lambda here: RancherPorts(here.stack, "tools", prefix="other", vpc_id=VPC),
    "id empty": lambda here: RancherPorts(here.stack, "", prefix="other", vpc_id=VPC),
    "id that is a number": lambda here: RancherPorts(here.stack, 7, prefix="other", vpc_id=VPC),  # type: ignore[arg-type]  # wrong on purpose
    "provider of another stack": lambda here: RancherPorts(here.elsewhere, "new", vpc_id=VPC, provider=here.provider),
    # Slots and peers.
    "slots that are a list": _ports(slots=[OFFICE]),
    "slot misspelt": _ports(slots={"ui_api_client": [OFFICE]}),
    "slot of the clusters, for a server": _server(slots={"ingress_clients": [OFFICE]}),
    "slot with a peer that is no list": _ports(slots={"ui_api_clients": OFFICE}),
    "slot with a block that is no peer": _ports(slots={"ui_api_clients": ["203.0.113.0/24"]}),
    "slot with one family of all addresses": _ports(slots={"ui_api_clients": [Peer.anywhere()[0]]}),
    "one name for two values": _ports(
        slots={"ui_api_clients": [OFFICE], "load_balancer": [Peer.cidr("office", "10.0.0.0/8")]}
    ),
    "one value under two names": _ports(
        slots={"ui_api_clients": [OFFICE], "load_balancer": [Peer.cidr("lab", "203.0.113.0/24")]}
    ),
    "former name of a peer that another has": _ports(
        slots={"ui_api_clients": [OFFICE, Peer.cidr("lab", "10.0.0.0/8", moved_from="office")]}
    ),
    "block with host bits": _cidr("203.0.113.7/24"),
    "block without a length": _cidr("203.0.113.7"),
    "block with a netmask": _cidr("10.0.0.0/255.0.0.0"),
    "block that does not exist": _cidr("203.0.113.0/33"),
    "block of IPv4 in IPv6": _cidr("::ffff:203.0.113.0/120"),
    "block that is not known yet": lambda here: Peer.cidr("office", here.vpc_id),
    "block of the other family": lambda _: Peer.ipv4("office", "2001:db8::/48"),
    "block that is a network object's list": _cidr(["203.0.113.0/24"]),
    "prefix list by its name": lambda _: Peer.prefix_list("mirrors", "com.amazonaws.eu-central-1.s3"),
    "prefix list with more entries than there can be": lambda _: Peer.prefix_list("mirrors", LIST, max_entries=1001),
    "group by its name": lambda _: Peer.security_group("balancer", "rancher-lb"),
    "group of an account that is too short": lambda _: Peer.security_group("balancer", f"12345/{GROUP}"),
    "prefix list that is a construct": lambda here: Peer.prefix_list("mirrors", here.group),
    "group that is a construct": lambda here: Peer.security_group("balancer", here.group),
    "peer named like a role": lambda _: Peer.cidr("etcd", "10.0.0.0/8"),
    "peer named like another cluster's role": lambda _: Peer.cidr("prod-worker", "10.0.0.0/8"),
    "peer without a name": lambda _: Peer.cidr("", "10.0.0.0/8"),
    "peer for a role that is not there": lambda here: here.cluster.peer("rancher"),
    # Groups.
    "groups that are a list": _ports(groups=[GROUP]),
    "group for a role misspelt": _ports(groups={"control-plane": GROUP}),
    "group for the server's role, in a cluster": _cluster(groups={"rancher": GROUP}),
    "group by its name, brought": _ports(groups={"etcd": "rancher-etcd"}),
    "one group for two roles": _ports(groups={"etcd": GROUP, "worker": GROUP}),
    "group of another account that is to get rules": lambda _: BroughtGroup(f"123456789012/{GROUP}", add_rules=True),
    "add_rules that is a text": lambda _: BroughtGroup(GROUP, add_rules="yes"),  # type: ignore[arg-type]  # wrong on purpose
    "peer that is a brought group": _ports(
        groups={"etcd": GROUP}, slots={"load_balancer": [Peer.security_group("lb", GROUP)]}
    ),
    # Clusters and their server.
    "server that is a group": _cluster(server=GROUP),
    "server that is nobody, with an agents group": lambda here: RancherCluster(
        here.stack,
        "new",
        server=None,  # type: ignore[arg-type]  # wrong on purpose
        agents=here.agents,
    ),
    "server of another app": lambda here: RancherCluster(here.stack, "new", server=here.foreign_server),
    "connection of no kind": lambda _: Connection("peering"),  # type: ignore[arg-type]  # wrong on purpose
    "server with a provider in another stack": lambda here: RancherCluster(here.stack, "new", server=here.far_server),
    "connection by its name": _cluster(connection="peering"),
    "connection outside the server's VPC, without the cluster's": _cluster(connection=Connection.peering()),
    "transit gateway without the server's addresses": _cluster(
        vpc_id=OTHER_VPC, connection=Connection.transit_gateway()
    ),
    "by addresses, without any": _cluster(vpc_id=OTHER_VPC, connection=Connection.by_addresses()),
    "by addresses, without the cluster's": _cluster(
        vpc_id=OTHER_VPC, connection=Connection.by_addresses(server=[OFFICE])
    ),
    "addresses that are a group": lambda _: Connection.by_addresses(server=[Peer.security_group("central", GROUP)]),
    "addresses that are all there are": lambda _: Connection.by_addresses(server=Peer.anywhere()),
    "addresses that are a text": lambda _: Connection.by_addresses(server="10.0.0.0/20"),  # type: ignore[arg-type]  # wrong on purpose
    "addresses of both sides that are the same": lambda _: Connection.by_addresses(
        server=[OFFICE], cluster=[Peer.cidr("lab", "203.0.113.0/24")]
    ),
    "account with hyphens": lambda _: Connection.peering(
        cluster_account="1111-2222-3333", server_account="444455556666"
    ),
    "one account for both": lambda _: Connection.peering(cluster_account="111122223333", server_account="111122223333"),
    "account of one side only": lambda here: RancherCluster(
        here.stack,
        "new",
        server=here.server,
        vpc_id=OTHER_VPC,
        connection=Connection.peering(cluster_account="111122223333"),
        server_provider=here.provider,
    ),
    "other account without a provider for the server's": _cluster(
        vpc_id=OTHER_VPC, connection=Connection.peering(cluster_account="111122223333", server_account="444455556666")
    ),
    "agents group that is a group": _cluster(agents=GROUP),
    "agents group of another server": lambda here: RancherCluster(
        here.elsewhere, "new", server=here.far_server, agents=here.agents
    ),
    "agents group with slots": _agents(slots={"ui_api_clients": [OFFICE]}),
    "two clusters that make one rule on the server's group": _same_rule_on_the_server,
    # Quotas and node pools.
    "no rules": lambda _: Quotas(rules_per_group=0),
    "quota that is a text": lambda _: Quotas(rules_per_group="60"),  # type: ignore[arg-type]  # wrong on purpose
    "more groups than an interface can have": lambda _: Quotas(groups_per_interface=17),
    "more rules than an interface can have": lambda _: Quotas(rules_per_group=250),
    "node without a role": lambda here: NodePool(here.cluster, roles=[]),
    "node with a role misspelt": lambda here: NodePool(here.cluster, roles=["wroker"]),
    "node with the server's role, of a cluster": lambda here: NodePool(here.cluster, roles=["rancher"]),
    "node with more groups than AWS allows": lambda here: NodePool(
        here.ports, roles=["rancher", "etcd", "controlplane", "worker"], also=[GROUP, "sg-0123456789abcdef1"]
    ),
    "node with a group by its name": lambda here: NodePool(here.cluster, roles=["worker"], also=["ssh"]),
    "nodes of an agents group": lambda here: NodePool(here.agents, roles=["worker"]),
    "group of a role misspelt": lambda here: here.cluster.security_group_id("workers"),
    "groups of no role": lambda here: here.cluster.security_group_ids(),
    # Own rules.
    "own rule for a role misspelt": _from("wroker", OFFICE),
    "own rule for the server's role, in a cluster": _from("rancher", OFFICE),
    "own rule with a role misspelt at the other end": _from("worker", "control-plane"),
    "own rule with a block that is no peer": _from("worker", "203.0.113.0/24"),
    "own rule with blocks that are no peers": _from("worker", ["203.0.113.0/24"]),
    "own rule with nobody": _from("worker", []),
    "own rule with one family of all addresses": _from("worker", [Peer.anywhere()[1]]),
    "own rule with a second name for a value": _from("worker", [OFFICE, Peer.cidr("lab", "203.0.113.0/24")]),
    "own rule with a port that is a number": _from("worker", OFFICE, 9100),
    "own rule without a reason": _from("worker", OFFICE, why=""),
    "own rule with a reason that AWS refuses": _from("worker", OFFICE, why="node exporter \u2013 metrics"),
    "own rule with a reason too long": _from("worker", OFFICE, why="w" * 256),
    "own rule without addresses over a transit gateway": lambda here: here.peered.allow_from(
        "worker", "rancher", Port.tcp(8080), why="metrics"
    ),
    "own rule of an agents group with an office": lambda here: here.agents.allow_from(
        "agents", OFFICE, Port.tcp(22), why="SSH"
    ),
    "own rule of an agents group for a role": lambda here: here.agents.allow_to(
        "worker", "rancher", Port.tcp(8080), why="metrics"
    ),
    "port beyond the last": lambda _: Port.tcp(65536),
    "port that is a text": lambda _: Port.tcp("443"),  # type: ignore[arg-type]  # wrong on purpose
    "port range that runs backwards": lambda _: Port.udp_range(7010, 7000),
    "protocol that is a list": lambda _: Port(["tcp"], 443, 443),  # type: ignore[arg-type]  # wrong on purpose
    "protocol misspelt": lambda _: Port("tpc", 443, 443),
    # Acknowledgements, and the rest.
    "acknowledgement misspelt": lambda here: here.cluster.acknowledge("qouta", reason="raised"),
    "acknowledgement of what is no error": lambda here: here.cluster.acknowledge("empty-slot", reason="nobody there"),
    "acknowledgement without a reason": lambda here: here.cluster.acknowledge("quota", reason=" "),
    "settings into what is no stack": lambda here: fill_stack(here.app, None),  # type: ignore[arg-type]  # wrong on purpose
}
