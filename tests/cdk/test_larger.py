"""The constructs in larger infrastructure: many clusters, connections, node pools, own rules, checks at synthesis."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rancher_ports import InputError, Peer, Port
from rancher_ports.cdk import AgentsGroup, Connection, NodePool, Quotas, RancherCluster, RancherPorts, RancherServer
from tests.cdk.flavour import App, AwsProvider, SecurityGroup, TerraformStack
from tests.cdk.synthesis import Document, new_stack, rules_by_name, synthesized

VPC = "vpc-0123456789abcdef0"
OTHER_VPC = "vpc-0fedcba9876543210"
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
GROUP = "sg-0123456789abcdef0"
ROLES = ("etcd", "controlplane", "worker")


@pytest.fixture
def stack(app: App) -> TerraformStack:
    """A stack with a provider."""
    return new_stack(app, "infrastructure")


def _on_server(document: Document) -> dict[str, Any]:
    """The rules on a rancher group, by name, with what names the peer."""
    peers = ("referenced_security_group_id", "cidr_ipv4", "cidr_ipv6", "prefix_list_id")
    return {
        name: next(rule[key] for key in peers if key in rule)
        for name, rule in rules_by_name(document).items()
        if name.split("_")[1] == "rancher"
    }


# Many clusters, one server.


def test_clusters_of_other_stacks_change_nothing_in_the_servers_stack(tmp_path: Path) -> None:
    def synthesize(*clusters: str) -> dict[str, str]:
        app = App(outdir=str(tmp_path / "-".join(["out", *clusters])), stack_traces=False)
        server = RancherServer(new_stack(app, "server"), "central", vpc_id=VPC)
        for name in clusters:
            RancherCluster(new_stack(app, name), name, server=server)
        app.synth()
        stacks = Path(app.outdir, "stacks")
        return {path.name: (path / "cdk.tf.json").read_text("utf-8") for path in stacks.iterdir()}

    alone, one, two = synthesize(), synthesize("a"), synthesize("a", "b")
    assert alone["server"] == one["server"] == two["server"]
    assert one["a"] == two["a"]
    assert set(two) == {"server", "a", "b"}


def test_over_a_transit_gateway_only_ingress_rules_name_groups(app: App) -> None:
    server = RancherServer(new_stack(app, "server"), "central", vpc_id=VPC)
    connection = Connection.transit_gateway(server=[Peer.cidr("central-nodes", "10.1.0.0/24")])
    RancherCluster(new_stack(app, "prod"), "prod", server=server, vpc_id=OTHER_VPC, connection=connection)
    document = synthesized(app, "prod")
    assert _on_server(document) == {
        f"prod_rancher_from_{role}_tcp_443": f"${{aws_security_group.prod_{role}.id}}" for role in ROLES
    }
    for role in ROLES:
        assert rules_by_name(document)[f"prod_{role}_to_central-nodes_tcp_443"]["cidr_ipv4"] == "10.1.0.0/24"


def test_where_no_group_can_be_named_both_halves_name_addresses(app: App) -> None:
    there, here = new_stack(app, "server"), new_stack(app, "prod")
    server = RancherServer(there, "central", vpc_id=VPC)
    central = AwsProvider(here, "central", alias="central", region="eu-central-1")
    nodes, list_ = Peer.cidr("prod-nodes", "10.2.0.0/16"), Peer.prefix_list("central-nodes", "pl-0123456789abcdef0")
    connection = Connection.by_addresses(cluster=[nodes], server=[list_])
    RancherCluster(here, "prod", server=server, vpc_id=OTHER_VPC, connection=connection, server_provider=central)
    document = synthesized(app, "prod")
    assert _on_server(document) == {"prod_rancher_from_prod-nodes_tcp_443": "10.2.0.0/16"}
    rules = rules_by_name(document)
    assert rules["prod_rancher_from_prod-nodes_tcp_443"]["provider"] == "aws.central"
    for role in ROLES:
        assert rules[f"prod_{role}_to_central-nodes_tcp_443"]["prefix_list_id"] == "pl-0123456789abcdef0"
    again: dict[str, Any] = {"vpc_id": OTHER_VPC, "connection": connection, "server_provider": central}
    with pytest.raises(
        InputError, match=r"other.prod-nodes: .* server/central|other.prod-nodes: .*prod/prod has ingress"
    ):
        RancherCluster(here, "other", server=server, **again)


def test_a_group_of_another_account_is_named_with_it(app: App) -> None:
    there, here = new_stack(app, "server"), new_stack(app, "prod")
    server = RancherServer(there, "central", vpc_id=VPC)
    central = AwsProvider(here, "central", alias="central", region="us-east-1")
    connection = Connection.peering(cluster_account="111111111111", server_account="222222222222")
    with pytest.raises(
        InputError, match=r"prod.server_provider: nothing: expected a provider for the server's account"
    ):
        RancherCluster(here, "prod", server=server, vpc_id=OTHER_VPC, connection=connection)
    RancherCluster(here, "prod", server=server, vpc_id=OTHER_VPC, connection=connection, server_provider=central)
    document = synthesized(app, "prod")
    assert _on_server(document) == {
        f"prod_rancher_from_{role}_tcp_443": f"111111111111/${{aws_security_group.prod_{role}.id}}" for role in ROLES
    }
    to_server = rules_by_name(document)["prod_etcd_to_rancher_tcp_443"]["referenced_security_group_id"]
    assert to_server.startswith("222222222222/${data.terraform_remote_state.")
    within = rules_by_name(document)["prod_etcd_to_controlplane_tcp_6443"]["referenced_security_group_id"]
    assert within == "${aws_security_group.prod_controlplane.id}"


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        (Connection.transit_gateway(), "prod.connection.server: nothing: expected the addresses of rancher nodes"),
        (Connection.by_addresses(), "prod.connection.cluster: nothing: expected the addresses of etcd, controlplane"),
    ],
)
def test_addresses_that_are_needed_and_not_given_are_asked_for(
    connection: Connection, said: str, stack: TerraformStack
) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    with pytest.raises(InputError, match=said):
        RancherCluster(stack, "prod", server=server, vpc_id=OTHER_VPC, connection=connection)


def test_outside_the_servers_vpc_a_cluster_says_which_is_its_own(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    with pytest.raises(InputError, match="prod.vpc_id: nothing: expected the cluster's VPC"):
        RancherCluster(stack, "prod", server=server, connection=Connection.peering())
    with pytest.raises(InputError, match="prod.connection: .* expected a connection such as"):
        RancherCluster(stack, "prod", server=server, connection="peering")  # type: ignore[arg-type]  # wrong on purpose


# An agents group.


def test_clusters_with_an_agents_group_add_nothing_to_the_servers_group(app: App) -> None:
    there, here = new_stack(app, "server"), new_stack(app, "clusters")
    server = RancherServer(there, "central", vpc_id=VPC)
    agents = AgentsGroup(here, "fleet", server=server)
    clusters = [RancherCluster(here, name, server=server, agents=agents) for name in ("a", "b")]
    document = synthesized(app, "clusters")
    assert _on_server(document) == {"fleet_rancher_from_agents_tcp_443": "${aws_security_group.fleet_agents.id}"}
    for cluster in clusters:
        assert {rule.group.role for rule in cluster.rules.rules if not isinstance(rule.group, str)} == set(ROLES)
        assert {finding.code for finding in cluster.findings()}.isdisjoint({"one-sided", "brought-group"})
        assert len(NodePool(cluster, roles=["etcd", "worker"]).security_group_ids) == 3
        assert NodePool(cluster, roles=["worker"]).security_group_ids[0] == agents.security_group_id("agents")
    other = RancherServer(there, "other", vpc_id=VPC)
    with pytest.raises(InputError, match="c.agents: .* expected an agents group of server/other"):
        RancherCluster(here, "c", server=other, agents=agents)


def test_with_an_agents_group_each_writes_its_half_of_an_own_rule_with_the_server(app: App) -> None:
    there, here = new_stack(app, "server"), new_stack(app, "clusters")
    server = RancherServer(there, "central", vpc_id=VPC)
    agents = AgentsGroup(here, "fleet", server=server)
    clusters = [RancherCluster(here, name, server=server, agents=agents) for name in ("a", "b")]

    def told() -> list[str]:
        return [f"{f.sentence} {f.fix}" for c in clusters for f in c.findings() if f.code == "one-sided"]

    for cluster in clusters:
        cluster.allow_to("worker", "rancher", Port.tcp(8080), why="metrics")
    (first, _) = told()
    assert first == (
        "worker has egress 8080/tcp to rancher, but the server has no ingress for it from fleet/agents: the traffic is "
        'dropped. Write it for all clusters of the agents group: allow_to("agents", "rancher", ...) of that.'
    )
    agents.allow_to("agents", "rancher", Port.tcp(8080), why="metrics")
    assert not told()
    document = synthesized(app, "clusters")
    assert set(_on_server(document)) == {"fleet_rancher_from_agents_tcp_443", "fleet_rancher_from_agents_tcp_8080"}
    assert "a_worker_to_rancher_tcp_8080" in rules_by_name(document)


def test_an_agents_group_says_what_a_servers_brought_group_lacks(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC, groups={"rancher": GROUP})
    agents = AgentsGroup(stack, "fleet", server=server)
    (found,) = agents.findings()
    assert (found.code, found.place) == ("brought-group", "central/rancher")
    assert "but needs ingress 443/tcp from agents." in found.sentence
    assert not agents.rules.rules
    ours = AgentsGroup(stack, "ours", server=RancherServer(stack, "own", vpc_id=VPC))
    assert ours.findings() == ()


def test_an_agents_group_has_no_slots_and_brings_no_groups(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    with pytest.raises(InputError, match="fleet.slots") as refused:
        AgentsGroup(stack, "fleet", server=server, slots={"ui_api_clients": []}, groups={"etcd": GROUP})
    assert [fault.place for fault in refused.value.faults] == ["fleet.slots", "fleet.groups"]


def test_the_quota_of_the_servers_group_counts_all_clusters(app: App) -> None:
    there = new_stack(app, "server")
    server = RancherServer(there, "central", vpc_id=VPC)
    for index in range(20):
        RancherCluster(there, f"c{index}", server=server)
    assert "quota" not in {finding.code for finding in server.findings()}
    RancherCluster(there, "c20", server=server)
    found = [finding for finding in server.findings() if finding.code == "quota"]
    assert [finding.place for finding in found] == ["central/rancher", "central/rancher"]
    assert "63 ingress rules for IPv4" in found[0].sentence
    assert "AgentsGroup" in found[0].fix
    with pytest.raises(Exception, match="quota: The group of central/rancher has 63 ingress rules"):
        app.synth()
    server.acknowledge("quota", reason="raised to 100 on 2026-11-02")
    app.synth()
    manifest = json.loads(Path(app.outdir, "manifest.json").read_text("utf-8"))
    notes = [note["message"] for note in manifest["stacks"]["server"]["annotations"]]
    assert any("Acknowledged: raised to 100 on 2026-11-02" in note for note in notes)


# Node pools.


def test_exactly_one_group_of_a_node_carries_the_clusters_tag(app: App, stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC, kubernetes_cluster="prod.example")
    pool = NodePool(ports, roles=["worker", "etcd"])
    assert pool.roles == ("etcd", "worker")
    SecurityGroup(stack, "probe", name="probe", tags={"ids": ",".join(pool.security_group_ids)})
    groups = synthesized(app, "infrastructure")["resource"]["aws_security_group"]
    tagged = {name for name, group in groups.items() if any("kubernetes.io" in key for key in group["tags"])}
    assert tagged == {"prod_nodes"}
    assert groups["prod_nodes"]["tags"]["kubernetes.io/cluster/prod.example"] == "owned"
    assert groups["probe"]["tags"]["ids"] == ",".join(
        f"${{aws_security_group.prod_{name}.id}}" for name in ("nodes", "etcd", "worker")
    )


def test_an_interface_takes_so_many_groups(stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC, kubernetes_cluster="prod")
    every = ("rancher", *ROLES)
    assert len(NodePool(ports, roles=every).security_group_ids) == 5
    with pytest.raises(InputError, match=r"prod.NodePool.roles: .* at most 5 groups for an interface \(nodes, rancher"):
        NodePool(ports, roles=every, also=[GROUP])
    more = RancherPorts(stack, "more", vpc_id=VPC, quotas=Quotas(groups_per_interface=6), kubernetes_cluster="more")
    assert NodePool(more, roles=every, also=[GROUP]).security_group_ids[-1] == GROUP


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"roles": []}, "prod.NodePool.roles: nothing: expected at least one of rancher, etcd, controlplane, worker"),
        ({"roles": ["wroker"]}, 'prod.NodePool.roles: "wroker": .* did you mean "worker"'),
        ({"roles": "worker"}, "prod.NodePool.roles: .* expected a list of roles"),
        ({"roles": ["worker"], "also": ["vpc-1"]}, r"prod.NodePool.also\[0\]: .* expected the id of a security group"),
        ({"roles": [7]}, r"prod.NodePool.roles\[0\]: 7"),
    ],
)
def test_a_bad_pool_is_refused(arguments: dict[str, Any], said: str, stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    with pytest.raises(InputError, match=said):
        NodePool(ports, **arguments)
    with pytest.raises(InputError, match="NodePool.cluster"):
        NodePool("prod", roles=["worker"])  # type: ignore[arg-type]  # wrong on purpose


# Own rules.


def test_own_rules_are_rules_like_any_other(app: App, stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    monitoring = Peer.cidr("monitoring", "10.9.0.0/24")
    ports.allow_from("worker", monitoring, Port.tcp(9100), why="node exporter")
    ports.allow_to("worker", monitoring, Port.udp(514), why="syslog")
    ports.allow_from("worker", "controlplane", Port.tcp(8443), why="ingress webhook")
    rules = rules_by_name(synthesized(app, "infrastructure"))
    inward = rules["prod_worker_from_monitoring_tcp_9100"]
    assert (inward["cidr_ipv4"], inward["from_port"], inward["description"]) == ("10.9.0.0/24", 9100, "node exporter")
    assert inward["tags"]["rancher-ports:requirement"] == "own/worker/ingress/9100/tcp"
    assert rules["prod_worker_to_monitoring_udp_514"]["ip_protocol"] == "udp"
    assert rules["prod_worker_from_controlplane_tcp_8443"]["referenced_security_group_id"].endswith("controlplane.id}")
    assert rules["prod_controlplane_to_worker_tcp_8443"]["referenced_security_group_id"].endswith("worker.id}")
    assert len(ports.rules.rules) == len(rules)


def test_a_row_and_an_own_rule_that_are_the_same_make_one_rule(app: App, stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    before = len(ports.rules.rules)
    ports.allow_from("etcd", "etcd", Port.tcp(2379), why="backup job")
    ports.allow_from("etcd", "etcd", Port.tcp(2379), why="backup job")
    assert len(ports.rules.rules) == before
    rule = rules_by_name(synthesized(app, "infrastructure"))["prod_etcd_from_etcd_tcp_2379"]
    assert rule["description"] == "etcd client requests; backup job"
    assert rule["tags"]["rancher-ports:requirement"] == "rke1/etcd/ingress/2379/tcp own/etcd/ingress/2379/tcp"


def test_own_rules_come_to_the_same_in_any_order(tmp_path: Path) -> None:
    asked = [
        ("worker", Peer.cidr("b", "10.2.0.0/16"), Port.tcp(9100), "node exporter"),
        ("worker", Peer.cidr("a", "10.1.0.0/16"), Port.tcp(9100), "node exporter"),
        ("worker", Peer.cidr("a", "10.1.0.0/16"), Port.tcp(9100), "a second reason"),
        ("etcd", "etcd", Port.tcp(2379), "backup job"),
    ]

    def resources(order: list[Any]) -> Any:
        app = App(outdir=str(tmp_path / str(id(order))), stack_traces=False)
        stack = new_stack(app, "infrastructure")
        ports = RancherPorts(stack, "prod", vpc_id=VPC)
        for role, peer, port, why in order:
            ports.allow_from(role, peer, port, why=why)
        return synthesized(app, "infrastructure")["resource"]

    assert resources(asked) == resources(asked[::-1])


def test_an_own_rule_for_another_clusters_role(app: App, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod, tools = (RancherCluster(stack, name, server=server) for name in ("prod", "tools"))
    prod.allow_from("worker", tools.peer("worker"), Port.tcp(9100), why="Prometheus")
    tools.allow_to("worker", prod.peer("worker"), Port.tcp(9100), why="Prometheus")
    rules = rules_by_name(synthesized(app, "infrastructure"))
    there = rules["prod_worker_from_tools-worker_tcp_9100"]["referenced_security_group_id"]
    assert there == "${aws_security_group.tools_worker.id}"
    here = rules["tools_worker_to_prod-worker_tcp_9100"]["referenced_security_group_id"]
    assert here == "${aws_security_group.prod_worker.id}"


def test_an_own_rule_that_the_other_cluster_does_not_answer_is_told(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    prod, tools = (RancherCluster(stack, name, server=server) for name in ("prod", "tools"))

    def told() -> list[str]:
        return [f"{f.place}: {f.sentence}" for f in prod.findings() if f.code == "one-sided"]

    assert not told()
    prod.allow_from("worker", tools.peer("worker"), Port.tcp(9100), why="Prometheus")
    assert told() == [
        "prod/worker: prod/worker has ingress 9100/tcp from tools/worker, but tools/worker has no egress for it to "
        "prod/worker: the traffic is dropped."
    ]
    tools.allow_to("worker", prod.peer("worker"), Port.tcp_range(9000, 9200), why="Prometheus")
    assert not told()
    assert [f.place for f in tools.findings() if f.code == "one-sided"] == ["tools/worker"]


def test_a_role_of_another_cluster_has_a_name_that_is_a_name(stack: TerraformStack) -> None:
    long = RancherPorts(stack, "a" * 63, vpc_id=VPC)
    with pytest.raises(InputError, match=rf'{"a" * 63}.peer.name: "{"a" * 63}-worker": expected a name of lower-case'):
        long.peer("worker")


def test_a_renamed_peer_of_an_own_rule_moves(app: App, stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    renamed = Peer.cidr("metrics", "10.9.0.0/24", moved_from="monitoring")
    ports.allow_from("worker", renamed, Port.tcp(9100), why="node exporter")
    assert synthesized(app, "infrastructure")["moved"] == [
        {
            "from": f"{INGRESS}.prod_worker_from_monitoring_tcp_9100",
            "to": f"{INGRESS}.prod_worker_from_metrics_tcp_9100",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "why", "said"),
    [
        (("wroker", "etcd", Port.tcp(1)), "x", r'prod.allow_from.role: "wroker": .* did you mean "worker"'),
        (("worker", "etdc", Port.tcp(1)), "x", r'prod.allow_from.peer: "etdc": .* did you mean "etcd"'),
        (("worker", 7, Port.tcp(1)), "x", "prod.allow_from.peer: 7: expected a list of peers"),
        (("worker", [], Port.tcp(1)), "x", "prod.allow_from.peer: nothing: expected at least one peer"),
        (("worker", ["etcd"], Port.tcp(1)), "x", r"prod.allow_from.peer\[0\]: .* expected a peer, such as"),
        (("worker", "etcd", 9100), "x", "prod.allow_from.port: 9100: expected a port such as"),
        (("worker", "etcd", Port.tcp(1)), "", "prod.allow_from.why: .* expected what it is for"),
        (("worker", "etcd", Port.tcp(1)), "Prometheus' scrapes", "prod.allow_from.why: .* expected what it is for"),
        (
            ("worker", [Peer.anywhere()[0]], Port.tcp(1)),
            "x",
            r"prod.allow_from.peer: .* expected both families: \*Peer.anywhere\(\)",
        ),
        (
            ("worker", Peer.cidr("office", "198.51.100.0/24"), Port.tcp(1)),
            "x",
            r"prod.allow_from.peer.office: .* one value for one name",
        ),
    ],
)
def test_a_bad_own_rule_is_refused(arguments: tuple[Any, ...], why: str, said: str, stack: TerraformStack) -> None:
    office = Peer.cidr("office", "203.0.113.0/24")
    ports = RancherPorts(stack, "prod", vpc_id=VPC, slots={"ui_api_clients": [office]})
    before = ports.rules
    with pytest.raises(InputError, match=said):
        ports.allow_from(*arguments, why=why)
    assert ports.rules == before


# Checks at synthesis.


@pytest.mark.parametrize(
    ("role", "peer", "port", "code"),
    [
        ("etcd", Peer.cidr("admin", "10.0.0.7/32"), Port.tcp(2379), "etcd-exposed"),
        ("worker", Peer.cidr("admin", "10.0.0.7/32"), Port.tcp_range(10000, 11000), "kubelet-exposed"),
        ("worker", Peer.cidr("admin", "10.0.0.7/32"), Port.udp(8472), "overlay-exposed"),
        ("worker", Peer.anywhere(), Port.tcp(9100), "open-to-the-world"),
        (
            "worker",
            [Peer.cidr("low", "0.0.0.0/1"), Peer.cidr("high", "128.0.0.0/1")],
            Port.tcp(9100),
            "open-to-the-world",
        ),
    ],
)
def test_what_no_own_rule_may_open_stops_the_synthesis_unless_acknowledged(
    role: str, peer: Any, port: Port, code: str, app: App
) -> None:
    ports = RancherPorts(new_stack(app, "infrastructure"), "prod", vpc_id=VPC)
    ports.allow_from(role, peer, port, why="asked for")
    assert code in {finding.code for finding in ports.findings() if finding.severity == "error"}
    with pytest.raises(Exception, match=f"infrastructure/prod: {code}: "):
        app.synth()
    ports.acknowledge(code, reason="a test of the alarm")
    assert not [finding for finding in ports.findings() if finding.severity == "error"]
    app.synth()


def test_halves_of_the_world_opened_by_two_constructs_are_the_world(app: App, stack: TerraformStack) -> None:
    halves = [Peer.cidr("low", "0.0.0.0/1"), Peer.cidr("high", "128.0.0.0/1")]
    server = RancherServer(stack, "central", vpc_id=VPC)
    server.allow_from("rancher", halves[0], Port.tcp(443), why="agents")
    connection = Connection.by_addresses(cluster=[halves[1]], server=[Peer.cidr("central-nodes", "10.0.0.0/20")])
    RancherCluster(stack, "prod", server=server, vpc_id=OTHER_VPC, connection=connection)
    (found,) = [finding for finding in server.findings() if finding.severity == "error"]
    assert str(found).startswith(
        "open-to-the-world: central/rancher lets in every public IPv4 address on 443/tcp (by high, low)"
    )
    with pytest.raises(Exception, match="infrastructure/central: open-to-the-world"):
        app.synth()


def test_what_the_slots_meant_for_the_world_let_in_is_no_error(stack: TerraformStack) -> None:
    slots = {"ui_api_clients": Peer.anywhere(), "ingress_clients": Peer.anywhere()}
    ports = RancherPorts(stack, "prod", vpc_id=VPC, slots=slots)
    assert not [finding for finding in ports.findings() if finding.severity == "error"]
    other = RancherPorts(stack, "other", vpc_id=VPC, slots={"hosted_kubernetes": Peer.anywhere()})
    assert [finding.code for finding in other.findings() if finding.severity == "error"] == ["open-to-the-world"] * 2


def test_an_acknowledgement_names_what_can_be_acknowledged(stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    with pytest.raises(InputError, match=r'prod.acknowledge.code: "qouta": .* did you mean "quota"'):
        ports.acknowledge("qouta", reason="x")
    with pytest.raises(InputError, match="prod.acknowledge.reason"):
        ports.acknowledge("quota", reason=" ")
    ports.acknowledge("quota", reason="some day")
    assert "unused-acknowledgement" in {finding.code for finding in ports.findings()}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"quotas": 60}, "prod.quotas: 60: expected quotas such as"),
        ({"kubernetes_cluster": "a b"}, "prod.kubernetes_cluster: .* expected a cluster's name"),
        ({"tags": {"kubernetes.io/cluster/prod": "owned"}}, "prod.tags: .* kubernetes_cluster sees to that"),
        ({"slots": {"ui_api_clients": [Peer.anywhere()[1]]}}, "prod.slots.ui_api_clients: .* expected both families"),
    ],
)
def test_a_bad_option_is_refused(options: dict[str, Any], said: str, stack: TerraformStack) -> None:
    with pytest.raises(InputError, match=said):
        RancherPorts(stack, "prod", vpc_id=VPC, **options)


def test_a_server_alone_has_no_nodes_group(stack: TerraformStack) -> None:
    with pytest.raises(InputError, match="central.kubernetes_cluster: .* expected nothing: this is no cluster"):
        RancherServer(stack, "central", vpc_id=VPC, kubernetes_cluster="central")
