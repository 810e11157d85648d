"""Many clusters, connections, brought groups, own rules and node pools, through a real engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from rancher_ports import BroughtGroup, Peer, Port
from rancher_ports.cdk import AgentsGroup, Connection, NodePool, RancherCluster, RancherPorts, RancherServer
from tests.cdk.deployments import (
    OTHER_VPC,
    PORTS,
    SERVER,
    VPC,
    Built,
    BuiltCluster,
    Deployment,
    Opened,
    brought_id,
    build,
)
from tests.cdk.expected_rules import expected_rules
from tests.cdk.flavour import FLAVOUR, App, AwsProvider, Instance
from tests.cdk.synthesis import new_stack as cdk_stack
from tests.cdk.synthesis import synthesized
from tests.engine.ec2 import server as ec2_server
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.values import Group, Moment, PrefixList, Rule, Vpc
from tests.engine.engines import Engine
from tests.engine.expected import Wish, groups_by_tag, rules_of
from tests.engine.expected import expected_rules as documented_rules
from tests.engine.provider.processes import serving_processes
from tests.engine.stack import Document, EngineError, Plan, Stack
from tests.engine.starting_point import THEIR_GROUP, new_cloud

INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
BALANCER = "sg-0123456789abcdef0"
HTTPS, METRICS, SYSLOG = PORTS[0], PORTS[2], PORTS[5]

# What users have, each with an own rule that goes the same way.
SITUATIONS = {
    "in one VPC": Deployment(
        Built(), {"a": BuiltCluster(own=[Opened("worker", "ingress", METRICS, "rancher")]), "b": BuiltCluster()}
    ),
    "over VPC peering": Deployment(
        Built(), {"a": BuiltCluster(connection="peering", own=[Opened("worker", "egress", METRICS, "rancher")])}
    ),
    "over a transit gateway": Deployment(
        Built(),
        {"a": BuiltCluster(connection="transit_gateway", own=[Opened("worker", "ingress", METRICS, "rancher")])},
    ),
    "by addresses": Deployment(
        Built(), {"a": BuiltCluster(connection="by_addresses", own=[Opened("worker", "ingress", METRICS, "rancher")])}
    ),
    "with an agents group": Deployment(
        Built(egress_all=True),
        {name: BuiltCluster(has_agents=True, egress_all=True) for name in ("a", "b")} | {"c": BuiltCluster()},
    ),
    "with brought groups": Deployment(
        Built(groups={"rancher": False}),
        {
            "a": BuiltCluster(groups={"etcd": True, "worker": False}),
            "b": BuiltCluster(own=[Opened("worker", "ingress", METRICS, "a/worker")]),
        },
    ),
    "with a server's group that gets the clusters' rules": Deployment(
        Built(groups={"rancher": True}), {"a": BuiltCluster()}
    ),
    "with peers of every kind": Deployment(
        Built(slots={"ui_api_clients": ["office", "office-v6", "mirrors", "balancer"], "git_rancher_io": ["mirrors"]}),
        {
            "a": BuiltCluster(
                slots={"ingress_clients": ["balancer", "office"]},
                own=[
                    Opened("worker", "ingress", HTTPS, "office"),
                    Opened("etcd", "egress", SYSLOG, "mirrors"),
                    Opened("controlplane", "ingress", METRICS, "worker"),
                    Opened("worker", "egress", METRICS, "b/etcd"),
                ],
            ),
            "b": BuiltCluster(one_sided="documented"),
        },
    ),
}


def _written(moment: Moment, groups: dict[tuple[str, str], str], deployment: Deployment) -> tuple[list[Any], list[Any]]:
    """The rules that there are, and those that there have to be."""
    references = {f"${{aws_security_group.{owner}_{role}.id}}": id_ for (owner, role), id_ in groups.items()}
    wanted = sorted(
        (
            references.get(group, group),
            direction == "egress",
            protocol,
            -1 if first is None else first,
            -1 if last is None else last,
            references.get(peer, peer),
        )
        for group, direction, protocol, first, last, _, peer in expected_rules(deployment)
    )
    brought = [
        brought_id(owner, role)
        for owner, built in {SERVER: deployment.server, **deployment.clusters}.items()
        for role in built.groups
    ]
    return rules_of(moment, [*groups.values(), *brought]), wanted


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_in_ec2_is_what_is_documented_and_opened(
    situation: str, app: App, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    deployment = SITUATIONS[situation]
    cloud.vpcs[OTHER_VPC] = Vpc(OTHER_VPC, "10.9.0.0/16")
    # Nothing more than what there is to each connection, so that what cannot name a group is refused.
    pair = frozenset((VPC, OTHER_VPC))
    if situation == "over VPC peering":
        cloud.peered.add(pair)
    if situation == "over a transit gateway":
        cloud.at_transit_gateway.add(pair)
    for owner, built in {SERVER: deployment.server, **deployment.clusters}.items():
        for role in built.groups:
            id_ = brought_id(owner, role)
            cloud.groups[id_] = Group(id_, f"{owner}-{role}", "brought", VPC)
    before = cloud.moment()
    build(deployment, app)
    stack = new_stack(synthesized(app, "infrastructure"))
    stack.validate()
    stack.apply_at_once()
    there, wanted = _written(cloud.moment(), groups_by_tag(cloud.moment()), deployment)
    assert there == wanted
    assert stack.has_nothing_to_do()
    # That plan has just looked at everything.
    stack.destroy("-refresh=false")
    assert (cloud.moment().groups, cloud.moment().rules) == (before.groups, before.rules)


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An app that writes into a folder of the test's own."""
    return App(outdir=str(tmp_path / "synthesized"), stack_traces=False)


@pytest.fixture
def new_app(tmp_path: Path) -> Callable[[], App]:
    """Make such an app, as often as needed."""
    made: list[App] = []

    def make() -> App:
        made.append(App(outdir=str(tmp_path / f"synthesized-{len(made)}"), stack_traces=False))
        return made[-1]

    return make


def test_a_cluster_comes_and_goes_without_a_change_to_any_other_stack(
    new_app: Callable[[], App], cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    stacks: dict[str, Stack] = {}

    def synthesize(*clusters: str) -> dict[str, Document]:
        app = new_app()
        server = RancherServer(cdk_stack(app, "server"), "central", vpc_id=VPC)
        for name in clusters:
            RancherCluster(cdk_stack(app, name), name, server=server)
        app.synth()
        return {name: synthesized(app, name) for name in ("server", *clusters)}

    def deploy(documents: dict[str, Document]) -> dict[str, Plan]:
        plans = {}
        for name, document in documents.items():
            if name not in stacks:
                stacks[name] = new_stack(document, name, of_an_app=True)
            stacks[name].write_as_it_is(document)
            plans[name] = stacks[name].plan()
            stacks[name].apply()
        return plans

    deploy(synthesize("a"))
    groups = groups_by_tag(cloud.moment())
    of_a = rules_of(cloud.moment(), groups.values())
    plans = deploy(synthesize("a", "b"))
    assert plans["server"].is_empty
    assert plans["a"].is_empty
    both = groups_by_tag(cloud.moment())
    wish = Wish("central", ("a", "b"))
    assert rules_of(cloud.moment(), both.values()) == documented_rules(wish, both)
    stacks["b"].destroy()
    plans = deploy(synthesize("a"))
    assert plans["server"].is_empty
    assert plans["a"].is_empty
    assert rules_of(cloud.moment(), groups.values()) == of_a


def test_with_an_agents_group_a_cluster_that_comes_adds_nothing_to_the_servers_group(
    new_app: Callable[[], App], cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    def synthesize(*clusters: str) -> Document:
        app = new_app()
        stack = cdk_stack(app, "infrastructure")
        server = RancherServer(stack, "central", vpc_id=VPC)
        agents = AgentsGroup(stack, "fleet", server=server)
        for name in clusters:
            RancherCluster(stack, name, server=server, agents=agents)
        return synthesized(app, "infrastructure")

    stack = new_stack(synthesize("a"))
    stack.apply_at_once()
    server = groups_by_tag(cloud.moment())["central", "rancher"]
    before = rules_of(cloud.moment(), [server])
    stack.write(synthesize("a", "b"))
    plan = stack.plan()
    assert all(re.match(r"\w+\.b_", address) for address in plan.created)
    assert plan == Plan(created=plan.created)
    stack.apply()
    assert rules_of(cloud.moment(), [server]) == before


# Own rules.


def _with_own_rules(new_app: Callable[[], App], *rules: Callable[[RancherPorts], None]) -> Document:
    app = new_app()
    ports = RancherPorts(cdk_stack(app, "infrastructure"), "prod", vpc_id=VPC)
    for rule in rules:
        rule(ports)
    return synthesized(app, "infrastructure")


def test_an_own_rule_is_added_merged_renamed_and_removed_without_a_gap(
    new_app: Callable[[], App], cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    monitoring = Peer.cidr("monitoring", "10.9.0.0/24")
    renamed = Peer.cidr("metrics", "10.9.0.0/24", moved_from="monitoring")
    twice = Peer.cidr("prometheus", "10.9.0.0/24", moved_from=["metrics", "monitoring"])

    def from_worker(peer: Peer | str) -> Callable[[RancherPorts], None]:
        return lambda ports: ports.allow_from("worker", peer, Port.tcp(9100), why="node exporter")

    def backup(ports: RancherPorts) -> None:
        ports.allow_from("etcd", "etcd", Port.tcp(2379), why="backup job")

    stack = new_stack(_with_own_rules(new_app))
    stack.apply_at_once()
    address = f"{INGRESS}.prod_worker_from_{{}}_tcp_9100"

    stack.write(_with_own_rules(new_app, from_worker(monitoring), from_worker("controlplane")))
    assert stack.plan() == Plan(
        created=frozenset(
            {
                address.format("monitoring"),
                address.format("controlplane"),
                f"{EGRESS}.prod_controlplane_to_worker_tcp_9100",
            }
        )
    )
    stack.apply()
    rule = next(rule for rule in cloud.rules.values() if rule.peer == "10.9.0.0/24")

    # Chained renames: whoever skipped the first gets there, too.
    for peer, former in ((renamed, "monitoring"), (twice, "metrics")):
        stack.write(_with_own_rules(new_app, from_worker(peer), from_worker("controlplane")))
        plan = stack.plan()
        assert plan.moved == {address.format(peer.name): address.format(former)}
        # Its Name tag follows.
        assert plan.updated == {address.format(peer.name)}
        assert not plan.created | plan.destroyed | plan.replaced
        stack.apply()
        assert cloud.rules[rule.id].peer == "10.9.0.0/24"

    stack.write(_with_own_rules(new_app, from_worker(twice), from_worker("controlplane"), backup))
    both = frozenset({f"{INGRESS}.prod_etcd_from_etcd_tcp_2379", f"{EGRESS}.prod_etcd_to_etcd_tcp_2379"})
    assert stack.plan() == Plan(updated=both)
    stack.apply()
    described = {rule.description for rule in cloud.rules.values() if (rule.first, rule.is_egress) == (2379, False)}
    assert "etcd client requests; backup job" in described

    stack.write(_with_own_rules(new_app))
    plan = stack.plan()
    assert len(plan.destroyed) == 3
    assert plan == Plan(updated=both, destroyed=plan.destroyed)
    stack.apply()
    assert rule.id not in cloud.rules


def test_a_peer_may_be_known_after_apply(app: App, cloud: Cloud, new_stack: Callable[..., Stack]) -> None:
    stack = cdk_stack(app, "infrastructure")
    vpc = FLAVOUR.binding("vpc", "Vpc")(stack, "offices", cidr_block="10.7.0.0/16")
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    ports.allow_from("worker", Peer.ipv4("offices", vpc.cidr_block), Port.tcp(9100), why="metrics")
    deployed = new_stack(synthesized(app, "infrastructure"))
    deployed.apply_at_once()
    (rule,) = [rule for rule in cloud.rules.values() if rule.first == 9100]
    assert rule.peer == "10.7.0.0/16"
    assert deployed.has_nothing_to_do()


# Brought groups.


def test_a_group_that_is_handed_over_keeps_the_rules_of_others_and_loses_ours(
    new_app: Callable[[], App], cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    def synthesize(**brought: bool) -> Document:
        app = new_app()
        groups = {"etcd": BroughtGroup(THEIR_GROUP, **brought)}
        RancherPorts(cdk_stack(app, "infrastructure"), "prod", vpc_id=VPC, groups=groups)
        return synthesized(app, "infrastructure")

    theirs = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    cloud.call("authorize_security_group_ingress", {"GroupId": THEIR_GROUP, "IpPermissions": [theirs]})
    stack = new_stack(synthesize(add_rules=True))
    stack.apply_at_once()
    assert len([rule for rule in cloud.rules.values() if rule.group_id == THEIR_GROUP]) > 1
    stack.write(synthesize())
    plan = stack.plan()
    assert plan == Plan(destroyed=plan.destroyed)
    stack.apply()
    (left,) = [rule for rule in cloud.rules.values() if rule.group_id == THEIR_GROUP]
    assert left.first == 22


# Node pools and quotas.


def test_a_node_of_several_roles_starts_and_the_cloud_controllers_rules_stay(
    app: App, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    stack = cdk_stack(app, "infrastructure")
    ports = RancherPorts(stack, "prod", vpc_id=VPC, kubernetes_cluster="prod")
    pool = NodePool(ports, roles=["rancher", "etcd", "controlplane", "worker"])
    Instance(stack, "node", ami="ami-1", instance_type="t3.large", vpc_security_group_ids=pool.security_group_ids)
    deployed = new_stack(synthesized(app, "infrastructure"))
    deployed.apply_at_once()
    (node,) = cloud.instances.values()
    assert len(node.group_ids) == 5
    tagged = [id_ for id_ in node.group_ids if dict(cloud.groups[id_].tags).get("kubernetes.io/cluster/prod")]
    (nodes,) = tagged
    # As the controller does for a load balancer of a Service ("updateInstanceSecurityGroupsForLoadBalancer").
    pair = {"GroupId": BALANCER}
    permission = {"IpProtocol": "-1", "UserIdGroupPairs": [pair]}
    cloud.call("authorize_security_group_ingress", {"GroupId": nodes, "IpPermissions": [permission]})
    assert deployed.plan().is_empty
    deployed.apply()
    assert [rule for rule in cloud.rules.values() if rule.group_id == nodes]


@pytest.mark.parametrize(("entries", "fits"), [(57, True), (58, False)])
def test_ec2_counts_rules_as_the_findings_do(
    entries: int, fits: bool, app: App, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    # The server's group has 3 rules of the cluster's, and a prefix list that counts as many as it may have.
    cloud.prefix_lists["pl-0123456789abcdef5"] = PrefixList("pl-0123456789abcdef5", max_entries=entries)
    stack = cdk_stack(app, "infrastructure")
    offices = Peer.prefix_list("offices", "pl-0123456789abcdef5", max_entries=entries)
    server = RancherServer(stack, "central", vpc_id=VPC, slots={"ui_api_clients": [offices]})
    RancherCluster(stack, "prod", server=server)
    assert fits == ("quota" not in {finding.code for finding in server.findings()})
    if not fits:
        server.acknowledge("quota", reason="to see what EC2 says")
    deployed = new_stack(synthesized(app, "infrastructure"))
    deployed.plan()
    if fits:
        deployed.apply()
        assert deployed.has_nothing_to_do()
    else:
        with pytest.raises(EngineError, match="RulesPerSecurityGroupLimitExceeded"):
            deployed.apply()


# Other accounts and regions: a process of the provider for each of its configurations.


@pytest.fixture
def clouds() -> Iterator[dict[str, ec2_server.Service]]:
    """EC2 in two accounts of one region, and in another region."""
    here, there = new_cloud(account="111111111111"), new_cloud(account="222222222222")
    far = new_cloud(account="111111111111")
    here.vpcs[OTHER_VPC] = Vpc(OTHER_VPC, "10.9.0.0/16")
    here.others, there.others = {there.account: there}, {here.account: here}
    for cloud in (here, there):
        cloud.peered.add(frozenset((VPC, OTHER_VPC)))
    with ec2_server.serving(here) as one, ec2_server.serving(there) as two, ec2_server.serving(far) as three:
        yield {"us-east-1": one, "servers-account": two, "eu-central-1": three}


@pytest.fixture
def stack_of_several(
    clouds: dict[str, ec2_server.Service], engine: Engine, tmp_path: Path
) -> Iterator[Callable[[Document], Stack]]:
    """Make a stack's folder whose providers reach those clouds."""
    urls = {name: service.url for name, service in clouds.items()} | {"": clouds["us-east-1"].url}
    with ExitStack() as running:

        def make(document: Document) -> Stack:
            version = document["terraform"]["required_providers"]["aws"]["version"]
            attached = running.enter_context(serving_processes(urls, version))
            stack = Stack(tmp_path / "stack", engine, attached.environment)
            stack.write(document)
            stack.init()
            return stack

        yield make


def _rules(cloud: Cloud, name: str) -> list[Rule]:
    return [rule for rule in cloud.rules.values() if dict(rule.tags).get("Name", "").startswith(name)]


def test_a_cluster_in_another_account_than_its_server(
    app: App, clouds: dict[str, ec2_server.Service], stack_of_several: Callable[[Document], Stack]
) -> None:
    stack = cdk_stack(app, "infrastructure")
    servers = AwsProvider(stack, "servers", alias="servers", region="us-east-1", profile="servers-account")
    server = RancherServer(stack, "central", vpc_id=VPC, provider=servers)
    RancherCluster(
        stack,
        "prod",
        server=server,
        vpc_id=OTHER_VPC,
        connection=Connection.peering(cluster_account="111111111111", server_account="222222222222"),
        server_provider=servers,
    )
    deployed = stack_of_several(synthesized(app, "infrastructure"))
    deployed.apply_at_once()
    here, there = clouds["us-east-1"].cloud, clouds["servers-account"].cloud
    of_cluster, of_server = groups_by_tag(here.moment()), groups_by_tag(there.moment())
    assert set(of_server) == {("central", "rancher")}
    assert set(of_cluster) == {("prod", role) for role in ("etcd", "controlplane", "worker")}
    on_server = {rule.peer for rule in _rules(there, "prod_rancher_from_")}
    assert on_server == {f"111111111111/{id_}" for id_ in of_cluster.values()}
    to_server = {rule.peer for rule in here.rules.values() if rule.is_egress and rule.first == 443}
    assert to_server == {f"222222222222/{of_server['central', 'rancher']}"}
    assert deployed.has_nothing_to_do()
    deployed.destroy("-refresh=false")
    assert not groups_by_tag(here.moment()) | groups_by_tag(there.moment())


def test_a_cluster_in_another_region_than_its_server(
    app: App, clouds: dict[str, ec2_server.Service], stack_of_several: Callable[[Document], Stack]
) -> None:
    stack = cdk_stack(app, "infrastructure")
    far = AwsProvider(stack, "far", alias="far", region="eu-central-1")
    server = RancherServer(stack, "central", vpc_id=VPC)
    RancherCluster(
        stack,
        "prod",
        server=server,
        vpc_id=VPC,
        provider=far,
        connection=Connection.by_addresses(
            server=[Peer.cidr("central-nodes", "10.0.0.0/20")], cluster=[Peer.cidr("prod-nodes", "10.1.0.0/16")]
        ),
    )
    deployed = stack_of_several(synthesized(app, "infrastructure"))
    deployed.apply_at_once()
    here, there = clouds["us-east-1"].cloud, clouds["eu-central-1"].cloud
    assert set(groups_by_tag(here.moment())) == {("central", "rancher")}
    assert set(groups_by_tag(there.moment())) == {("prod", role) for role in ("etcd", "controlplane", "worker")}
    assert [rule.peer for rule in _rules(here, "prod_rancher_from_")] == ["10.1.0.0/16"]
    to_server = {rule.peer for rule in there.rules.values() if rule.is_egress and rule.first == 443}
    assert to_server == {"10.0.0.0/20"}
    assert deployed.has_nothing_to_do()
    deployed.destroy("-refresh=false")
    assert not groups_by_tag(here.moment()) | groups_by_tag(there.moment())
