"""Constructs of one app beside each other: in several stacks, with one prefix, on one group."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from rancher_ports import BroughtGroup, InputError, Peer, Port
from rancher_ports.cdk import AgentsGroup, Connection, NodePool, RancherCluster, RancherPorts, RancherServer
from tests.cdk.flavour import FLAVOUR, App, AwsProvider, SecurityGroup, TerraformStack
from tests.cdk.synthesis import new_stack, rules_by_name, synthesized

VPC, OTHER_VPC = "vpc-0123456789abcdef0", "vpc-0fedcba9876543210"
GROUP = "sg-0123456789abcdef0"
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
METRICS = Port.tcp(9100)
CENTRAL_NODES = Peer.cidr("central-nodes", "10.0.0.0/20")


@pytest.fixture
def stack(app: App) -> TerraformStack:
    """A stack with a provider."""
    return new_stack(app, "infrastructure")


def _far(name: str, block: str) -> dict[str, Any]:
    connection = Connection.by_addresses(cluster=[Peer.cidr(name, block)], server=[CENTRAL_NODES])
    return {"vpc_id": OTHER_VPC, "connection": connection}


# Own rules that move.


def test_own_rules_move_with_the_prefix(app: App, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod = RancherCluster(stack, "prod", server=server, moved_from="live", group_name_prefix="live")
    prod.allow_from("worker", "controlplane", METRICS, why="metrics")
    moved = {move["from"]: move["to"] for move in synthesized(app, "infrastructure")["moved"]}
    for name in ("worker_from_controlplane", "controlplane_to_worker"):
        type_ = INGRESS if "_from_" in name else EGRESS
        assert moved[f"{type_}.live_{name}_tcp_9100"] == f"{type_}.prod_{name}_tcp_9100"


def test_own_rules_of_several_renamed_peers_move_in_whatever_order_they_come(tmp_path: Path) -> None:
    peers = [
        Peer.cidr("office", "203.0.113.0/24", moved_from="hq"),
        Peer.cidr("lab", "198.51.100.0/24", moved_from="lab-0"),
        Peer.cidr("shop", "192.0.2.0/24", moved_from="store"),
    ]

    def moved(order: tuple[Peer, ...]) -> Any:
        app = App(outdir=str(tmp_path / "-".join(peer.name for peer in order)), stack_traces=False)
        ports = RancherPorts(new_stack(app, "infrastructure"), "prod", vpc_id=VPC)
        for peer in order:
            ports.allow_from("worker", peer, METRICS, why="metrics")
        return synthesized(app, "infrastructure")["moved"]

    (first, *others) = map(moved, permutations(peers))
    assert [move["to"].rpartition("from_")[2] for move in first] == [
        "office_tcp_9100",
        "lab_tcp_9100",
        "shop_tcp_9100",
    ]
    assert all(other == first for other in others)


def test_rules_for_a_renamed_clusters_role_move(app: App, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod = RancherCluster(stack, "prod", server=server, moved_from="live", group_name_prefix="live")
    tools = RancherCluster(stack, "tools", server=server)
    tools.allow_from("worker", prod.peer("worker"), METRICS, why="metrics")
    moved = {move["from"]: move["to"] for move in synthesized(app, "infrastructure")["moved"]}
    name = f"{INGRESS}.tools_worker_from_{{}}-worker_tcp_9100"
    assert moved[name.format("live")] == name.format("prod")


# Several stacks.


def test_stacks_do_not_wait_for_each_other_in_a_circle(app: App) -> None:
    server = RancherServer(new_stack(app, "server"), "central", vpc_id=VPC)
    prod = RancherCluster(new_stack(app, "one"), "prod", server=server)
    tools = RancherCluster(new_stack(app, "two"), "tools", server=server)
    prod.allow_from("worker", tools.peer("worker"), METRICS, why="metrics")
    said = (
        r'tools.allow_to.peer.prod-worker: "in stack one": expected what stands in this stack, two, or in one that does'
    )
    with pytest.raises(InputError, match=said):
        tools.allow_to("worker", prod.peer("worker"), METRICS, why="metrics")
    with pytest.raises(InputError, match='central.allow_from.peer.prod-worker: "in stack one"'):
        server.allow_from("rancher", prod.peer("worker"), METRICS, why="metrics")
    with pytest.raises(InputError, match='late.slots.prod-worker: "in stack one"'):
        RancherPorts(server.node.scope, "late", vpc_id=VPC, slots={"hosted_kubernetes": [prod.peer("worker")]})  # type: ignore[arg-type]  # a stack
    with pytest.raises(InputError, match='more.server: "in stack two"'):
        RancherCluster(server.node.scope, "more", server=RancherServer(tools.node.scope, "own", vpc_id=VPC))  # type: ignore[arg-type]  # stacks
    app.synth()


def test_own_rules_from_other_stacks_change_nothing_in_a_clusters_stack(tmp_path: Path) -> None:
    def synthesize(*, opened: bool) -> str:
        app = App(outdir=str(tmp_path / str(opened)), stack_traces=False)
        server = RancherServer(new_stack(app, "server"), "central", vpc_id=VPC)
        prod = RancherCluster(new_stack(app, "prod"), "prod", server=server)
        tools = RancherCluster(new_stack(app, "tools"), "tools", server=server)
        if opened:
            tools.allow_to("worker", prod.peer("worker"), METRICS, why="metrics")
        app.synth()
        return Path(app.outdir, "stacks", "prod", "cdk.tf.json").read_text("utf-8")

    assert synthesize(opened=True) == synthesize(opened=False)


def test_the_agents_groups_id_is_put_out_before_anybody_joins(app: App) -> None:
    server = RancherServer(new_stack(app, "server"), "central", vpc_id=VPC)
    AgentsGroup(new_stack(app, "agents"), "fleet", server=server)
    outputs = synthesized(app, "agents")["output"]
    assert "cross-stack-output-aws_security_groupfleet_agentsid" in outputs


def test_clusters_with_one_prefix_are_told_apart_or_refused(app: App) -> None:
    server = RancherServer(new_stack(app, "server"), "central", vpc_id=VPC)
    east, west = (RancherCluster(new_stack(app, name), "prod", server=server) for name in ("east", "west"))
    tools = RancherCluster(new_stack(app, "tools"), "tools", server=server)
    tools.allow_from("worker", east.peer("worker"), METRICS, why="from east")
    said = r'peer\[0\]: "prod/worker": expected a role of a construct with another prefix'
    with pytest.raises(InputError, match=f"tools.allow_from.{said}"):
        tools.allow_from("worker", west.peer("worker"), METRICS, why="from west")
    with pytest.raises(InputError, match=f"prod.allow_from.{said}"):
        east.allow_from("worker", west.peer("worker"), METRICS, why="from west")
    slots = {"hosted_kubernetes": [east.peer("worker"), west.peer("worker")]}
    with pytest.raises(InputError, match=r'slots.hosted_kubernetes\[1\]: "prod/worker": expected a role of a'):
        RancherServer(tools.node.scope, "other", vpc_id=VPC, slots=slots)  # type: ignore[arg-type]  # a stack
    app.synth()


def test_something_of_ones_own_at_the_address_of_an_own_rule_is_refused(app: App, stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    ports.allow_from("worker", Peer.cidr("office", "203.0.113.0/24"), METRICS, why="metrics")
    rule = FLAVOUR.binding("vpc_security_group_ingress_rule", "VpcSecurityGroupIngressRule")
    mine = rule(
        stack, "mine", security_group_id=GROUP, ip_protocol="tcp", from_port=1, to_port=1, cidr_ipv4="10.0.0.0/8"
    )
    mine.override_logical_id("prod_worker_from_office_tcp_9100")
    with pytest.raises(RuntimeError, match="prod_worker_from_office_tcp_9100: .* have the same address"):
        app.synth()


# Rules that are one for AWS.


@pytest.mark.parametrize("server_first", [True, False])
def test_a_server_and_its_cluster_do_not_write_one_rule_twice(server_first: bool, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod = RancherCluster(stack, "prod", server=server)

    def from_server() -> None:
        server.allow_from("rancher", prod.peer("worker"), METRICS, why="metrics")

    def from_cluster() -> None:
        prod.allow_to("worker", "rancher", METRICS, why="metrics")

    first, second = (from_server, from_cluster) if server_first else (from_cluster, from_server)
    first()
    written = prod.rules, server.rules
    holder = "central" if server_first else "prod"
    # Twice: what was refused once leaves nothing behind that would let it pass.
    for _ in range(2):
        with pytest.raises(InputError, match=f"infrastructure/{holder} has ingress 9100/tcp for it already"):
            second()
        assert (prod.rules, server.rules) == written


def test_the_servers_address_rules_and_a_clusters_meet_in_either_order(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    RancherCluster(stack, "prod", server=server, **_far("prod-nodes", "10.9.0.0/16"))
    with pytest.raises(InputError, match="infrastructure/prod has ingress 443/tcp for it already"):
        server.allow_from("rancher", Peer.cidr("far", "10.9.0.0/16"), Port.tcp(443), why="agents")
    server.allow_from("rancher", Peer.cidr("far", "10.8.0.0/16"), Port.tcp(443), why="agents")
    with pytest.raises(InputError, match="infrastructure/central has ingress 443/tcp for it already"):
        RancherCluster(stack, "more", server=server, **_far("more-nodes", "10.8.0.0/16"))


def test_a_rule_on_a_clusters_own_group_is_nobody_elses(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod = RancherCluster(stack, "prod", server=server)
    prod.allow_from("worker", Peer.cidr("shared", "10.9.0.0/16"), Port.tcp(443), why="web")
    more = RancherCluster(stack, "more", server=server, **_far("more-nodes", "10.9.0.0/16"))
    more.allow_from("worker", Peer.cidr("near", "10.7.0.0/16"), Port.tcp(443), why="web")


def test_two_clusters_do_not_open_one_rule_on_the_servers_group(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    shared = [Peer.cidr("shared", "10.9.0.0/16")]
    clusters = [
        RancherCluster(
            stack,
            name,
            server=server,
            vpc_id=OTHER_VPC,
            connection=Connection.transit_gateway(server=[CENTRAL_NODES], cluster=shared),
        )
        for name in ("a", "b")
    ]
    clusters[0].allow_from("worker", "rancher", METRICS, why="metrics")
    with pytest.raises(InputError, match="b.allow_from.shared: .* infrastructure/a has egress 9100/tcp for it already"):
        clusters[1].allow_from("worker", "rancher", METRICS, why="metrics")


def test_a_role_and_the_id_of_its_brought_group_are_one_peer(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod = RancherCluster(stack, "prod", server=server, groups={"worker": GROUP})
    tools = RancherCluster(stack, "tools", server=server)
    tools.allow_from("worker", prod.peer("worker"), METRICS, why="metrics")
    with pytest.raises(InputError, match="infrastructure/tools has ingress 9100/tcp for it already"):
        tools.allow_from("worker", Peer.security_group("workers", GROUP), METRICS, why="metrics")


def test_a_role_of_ones_own_may_be_given_as_another_construct_would(app: App, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod = RancherCluster(stack, "prod", server=server, slots={"ingress_clients": [server.peer("rancher")]})
    prod.allow_to("worker", server.peer("rancher"), METRICS, why="metrics")
    prod.allow_from("worker", [prod.peer("etcd"), Peer.cidr("lab", "10.0.0.0/8")], METRICS, why="metrics")
    rules = rules_by_name(synthesized(app, "infrastructure"))
    assert {"prod_worker_to_rancher_tcp_9100", "prod_rancher_from_worker_tcp_9100"} <= set(rules)
    assert {"prod_worker_from_etcd_tcp_9100", "prod_etcd_to_worker_tcp_9100", "prod_worker_from_lab_tcp_9100"} <= set(
        rules
    )
    assert rules["prod_worker_from_rancher_tcp_80"]["referenced_security_group_id"].endswith("central_rancher.id}")


# Brought groups.


def test_a_brought_group_has_one_role_and_one_construct_that_writes_on_it(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    group = BroughtGroup(GROUP, add_rules=True)
    RancherCluster(stack, "a", server=server, groups={"worker": group})
    with pytest.raises(
        InputError, match=r"b.groups.worker: .* no other construct adds rules \(infrastructure/a does\)"
    ):
        RancherCluster(stack, "b", server=server, groups={"worker": group})
    with pytest.raises(
        InputError, match=r"b.groups.etcd: .* of its own for each role \(infrastructure/a has it for wor"
    ):
        RancherCluster(stack, "b", server=server, groups={"etcd": GROUP})
    # Rules of the server would name it a second time.
    with pytest.raises(InputError, match="b.worker: .* infrastructure/a has ingress 443/tcp for it already"):
        RancherCluster(stack, "b", server=server, groups={"worker": GROUP})
    other = RancherServer(stack, "other", vpc_id=VPC)
    RancherCluster(stack, "b", server=other, groups={"worker": GROUP})


# Agents groups.


def test_an_agents_group_serves_clusters_in_its_vpc_alone(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    agents = AgentsGroup(stack, "fleet", server=server)
    with pytest.raises(InputError, match='far.connection: "by addresses": expected one over which rules on the server'):
        RancherCluster(stack, "far", server=server, agents=agents, **_far("far-nodes", "10.9.0.0/16"))
    with pytest.raises(InputError, match=f"far.agents: .* of this cluster's VPC, {OTHER_VPC} .it is one of {VPC}"):
        RancherCluster(stack, "far", server=server, agents=agents, vpc_id=OTHER_VPC, connection=Connection.peering())
    with pytest.raises(InputError, match='more.connection: "by addresses"'):
        AgentsGroup(stack, "more", server=server, **_far("far-nodes", "10.9.0.0/16"))


def test_a_cluster_that_writes_nothing_on_the_servers_group_needs_no_provider_for_it(app: App) -> None:
    there, here = new_stack(app, "server"), new_stack(app, "prod")
    server = RancherServer(there, "central", vpc_id=VPC)
    servers = AwsProvider(here, "servers", alias="servers", region="us-east-1")
    connection = Connection.peering(cluster_account="111111111111", server_account="222222222222")
    joined: dict[str, Any] = {"server": server, "vpc_id": OTHER_VPC, "connection": connection}
    agents = AgentsGroup(here, "fleet", server_provider=servers, **joined)
    RancherCluster(here, "prod", agents=agents, **joined)
    assert "prod_rancher_from_worker_tcp_443" not in rules_by_name(synthesized(app, "prod"))


# Accounts.


def test_a_role_in_another_account_is_named_with_it(app: App) -> None:
    there, here = new_stack(app, "server"), new_stack(app, "prod")
    servers = AwsProvider(here, "servers", alias="servers", region="us-east-1")
    server = RancherServer(there, "central", vpc_id=VPC)
    near = RancherCluster(there, "near", server=server)
    connection = Connection.peering(cluster_account="111111111111", server_account="222222222222")
    far, beside = (
        RancherCluster(here, name, server=server, vpc_id=OTHER_VPC, connection=connection, server_provider=servers)
        for name in ("far", "beside")
    )
    far.allow_to("worker", near.peer("worker"), METRICS, why="metrics")
    far.allow_to("worker", beside.peer("worker"), METRICS, why="metrics")
    rules = rules_by_name(synthesized(app, "prod"))
    named = {name: rule.get("referenced_security_group_id", "") for name, rule in rules.items()}
    assert named["far_worker_to_near-worker_tcp_9100"].startswith("222222222222/${data.terraform_remote_state.")
    assert named["far_worker_to_beside-worker_tcp_9100"] == "${aws_security_group.beside_worker.id}"


# Quotas and nodes.


def test_what_is_said_of_a_prefix_lists_entries_is_said_everywhere(stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    list_ = "pl-0123456789abcdef0"
    ports.allow_from("worker", Peer.prefix_list("mirrors", list_, max_entries=100), METRICS, why="metrics")
    assert any(finding.code == "quota" for finding in ports.findings())
    said = r"prod.allow_from.peer.mirrors.max_entries: null: expected what is said of it elsewhere \(100\)"
    with pytest.raises(InputError, match=said):
        ports.allow_from("worker", Peer.prefix_list("mirrors", list_), Port.tcp(22), why="metrics")


def test_a_node_has_one_group_with_a_clusters_tag_and_each_group_once(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod, test = (RancherCluster(stack, name, server=server, kubernetes_cluster=name) for name in ("prod", "test"))
    with pytest.raises(InputError, match=r'prod.NodePool.also\[0\]: "the group nodes of another cluster"'):
        NodePool(prod, roles=["worker"], also=[test.joined["nodes"]])
    ssh = SecurityGroup(stack, "ssh", name="ssh")
    own = prod.security_group_ids("worker")
    pool = NodePool(prod, roles=["worker"], also=[*own, ssh.id, ssh.id])
    assert pool.security_group_ids[:2] == own
    many = [SecurityGroup(stack, f"more-{number}", name=f"more-{number}").id for number in range(4)]
    later = ", ".join(["one known after apply"] * 4)
    said = rf"\(nodes, worker, {later} are 6\)"
    with pytest.raises(InputError, match=said):
        NodePool(prod, roles=["worker"], also=many)
