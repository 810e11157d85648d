"""Connections: what rules between a server and a cluster name, by what AWS allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.addresses import RuleName, address, read_rule_name
from rancher_ports.model.bindings import Binding
from rancher_ports.model.connections import Connection, check_connection, connect, through_agents
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import CLUSTER_ROLES, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import Requirement, Table, choose
from rancher_ports.model.templates import templates
from rancher_ports.readers.synthesized import read_synthesized
from tests.conftest import ROOT
from tests.unit.strategies import RKE1
from tests.unit.written import written

NODES, NODES_V6 = Peer.cidr("nodes-block", "10.1.0.0/16"), Peer.cidr("nodes-v6", "2001:db8:1::/48")
SERVER = Peer.prefix_list("central-list", "pl-0123456789abcdef0")
RANCHER = GroupKey("central", "rancher")
ONE, OTHER = "111111111111", "222222222222"
RKE1_TEMPLATES = templates(RKE1)

# Every way across the line: each end begins, each end carries the rule.
_ROWS = (
    Requirement("agents-in", "rancher", "ingress", (Port.tcp(443),), ("worker",), "agents", "s"),
    Requirement("agents-out", "worker", "egress", (Port.tcp(443),), ("rancher",), "agents", "s"),
    Requirement("ssh-in", "worker", "ingress", (Port.tcp(22),), ("rancher",), "ssh", "s"),
    Requirement("ssh-out", "rancher", "egress", (Port.tcp(22),), ("worker",), "ssh", "s"),
    Requirement("overlay", "worker", "ingress", (Port.udp(8472),), ("etcd",), "overlay", "s"),
)
BOTH_WAYS = templates(Table("d", "D", "s", "canal", {}, {}, _ROWS))


def _bindings() -> dict[str, Binding]:
    return {"rancher": Binding.own("central", "rancher"), **{role: Binding.own("prod", role) for role in CLUSTER_ROLES}}


def _deployment(bindings: dict[str, Binding], **choices: object) -> Deployment:
    return Deployment(choose(RKE1, **choices), bindings, sides=frozenset({"cluster"}))  # type: ignore[arg-type]  # by name


def _rules(connection: Connection) -> RuleSet:
    return fill(BOTH_WAYS, _deployment(connect(_bindings(), connection)))


# Amazon VPC user guide, "Security group rules"; Amazon VPC peering guide, "Update your security groups to reference
# peer security groups"; Amazon VPC transit gateways guide, "Security group referencing": inbound rules only.
GROUP, ADDRESSES = "group", "addresses"
_ALL = {
    "same VPC": (GROUP, GROUP),
    "peering": (GROUP, GROUP),
    "gateway": (GROUP, ADDRESSES),
    "region": (ADDRESSES,) * 2,
}
CONNECTIONS: dict[str, Callable[[], Connection]] = {
    "same VPC": Connection.same_vpc,
    "peering": Connection.peering,
    "gateway": lambda: Connection.transit_gateway(cluster=[NODES, NODES_V6], server=[SERVER]),
    "region": lambda: Connection.by_addresses(cluster=[NODES, NODES_V6], server=[SERVER]),
}


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_each_rule_names_the_other_end_as_aws_allows(kind: str) -> None:
    ingress, egress = _ALL[kind]
    named = {GROUP: {"rancher": ["rancher"], "worker": ["worker"]}}
    named[ADDRESSES] = {"rancher": ["central-list"], "worker": ["nodes-block", "nodes-v6"]}
    found: dict[tuple[str, str], list[str]] = {}
    for rule in _rules(CONNECTIONS[kind]()).rules:
        assert isinstance(rule.group, GroupKey)
        if rule.port != Port.udp(8472):
            found.setdefault((rule.group.role, rule.direction), []).append(rule.peer.name)
    assert found == {
        ("rancher", "ingress"): named[ingress]["worker"],
        ("worker", "egress"): named[egress]["rancher"],
        ("worker", "ingress"): named[ingress]["rancher"],
        ("rancher", "egress"): named[egress]["worker"],
    }


def test_the_documented_table_is_this_one() -> None:
    text = (ROOT / "docs" / "clusters.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (?:the )?(\w+) \| (?:the )?(\w+) \|$", text, re.MULTILINE)
    made = ("same_vpc", "peering", "transit_gateway", "by_addresses")
    assert rows == [(name, *row) for name, row in zip(made, _ALL.values(), strict=True)]


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_rules_within_a_cluster_do_not_depend_on_its_connection(kind: str) -> None:
    def within(rules: RuleSet) -> list[Rule]:
        return [rule for rule in rules.rules if rule.port == Port.udp(8472)]

    inside = within(_rules(CONNECTIONS[kind]()))
    assert inside == within(_rules(Connection.same_vpc()))
    assert inside
    assert all(rule.peer.account is None for rule in within(_rules(Connection.peering(cluster_account=ONE))))


def test_the_default_is_what_it_was_without_a_connection() -> None:
    assert connect(_bindings(), Connection.same_vpc()) == _bindings()


def test_another_accounts_group_is_named_with_its_account_across_the_line_only() -> None:
    rules = _rules(Connection.peering(cluster_account=ONE, server_account=OTHER)).rules
    accounts = {(rule.group, rule.peer.name): rule.peer.account for rule in rules}
    worker = GroupKey("prod", "worker")
    within = {(worker, "etcd"): None, (GroupKey("prod", "etcd"), "worker"): None}
    assert accounts == {(RANCHER, "worker"): ONE, (worker, "rancher"): OTHER, **within}
    gateway = Connection.transit_gateway(cluster=[NODES], server=[SERVER], cluster_account=ONE)
    assert {(r.direction, r.peer.name, r.peer.account) for r in _rules(gateway).rules if r.group == RANCHER} == {
        ("ingress", "worker", ONE),
        ("egress", "nodes-block", None),
    }


def test_a_brought_groups_id_that_says_its_account_says_it_once() -> None:
    connection = Connection.peering(server_account=OTHER, cluster_account=ONE)
    for id_, account in (
        (f"{OTHER}/sg-01234567", None),
        (f"{OTHER}/${{module.x.id}}", None),
        ("sg-01234567", OTHER),
        ("${module.a/b.id}", OTHER),
    ):
        bindings = _bindings() | {"rancher": Binding.by_id("central", "rancher", id_)}
        assert connect(bindings, connection)["rancher"].account == account


def test_an_account_says_how_a_reference_is_written_not_who_it_is() -> None:
    key = GroupKey("prod", "worker")
    assert Peer("worker", PeerKind.GROUP, key, account=ONE) == Peer("worker", PeerKind.GROUP, key)
    assert Peer("worker", PeerKind.GROUP, key, account="${x.account_id}").account == "${x.account_id}"
    for account in ("12", 111111111111, "11111111111a", "", "\u0661" * 12):
        with pytest.raises(InputError, match="^account: .*expected an AWS account of 12 digits"):
            Peer("worker", PeerKind.GROUP, key, account=account)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(InputError, match="^account: .*expected an account for a group of ours only"):
        Peer("alb", PeerKind.GROUP, "sg-01234567", account=ONE)


# What is refused

_BLOCK = "the addresses of these nodes, not every address of a family"
_KIND = "a CIDR block or a prefix list, since it stands where no group can"
_ACCOUNT = 'an AWS account of 12 digits as a text, such as "123456789012"'
SPLIT = Peer.cidr("other", "10.1.0.0/16")
BAD_CONNECTIONS: dict[str, tuple[dict[str, object], list[str]]] = {
    "a group": (
        {"cluster": [Peer.security_group("alb", "sg-01234567")]},
        [f'cluster[0]: "sg-01234567": expected {_KIND}'],
    ),
    "a group of ours": (
        {"server": [Peer("rancher", PeerKind.GROUP, RANCHER)]},
        [f'server[0]: "central/rancher": expected {_KIND}'],
    ),
    "no list": ({"cluster": NODES}, ["cluster: \"Peer(name='nodes-block', kind=<PeerKind.IPV4: 'ipv4'>"]),
    "a text": ({"server": "10.0.0.0/8"}, ['server: "10.0.0.0/8": expected a list of peers']),
    "a mapping": ({"server": {}}, ["server: {}: expected a list of peers"]),
    "nothing": ({"server": None}, ["server: null: expected a list of peers"]),
    "a text in a list": (
        {"server": [SERVER, "10.0.0.0/8"]},
        ['server[1]: "10.0.0.0/8": expected a peer, such as Peer.cidr("nodes", "10.1.0.0/16")'],
    ),
    "a peer twice": ({"cluster": [NODES, NODES]}, ['cluster[1]: "nodes-block": expected each peer once']),
    "a value twice": (
        {"cluster": [NODES, SPLIT]},
        ['other: "10.1.0.0/16": expected one name for one value (nodes-block has it already)'],
    ),
    "a value in both lists": (
        {"cluster": [NODES], "server": [SPLIT]},
        ['other: "10.1.0.0/16": expected one name for one value (nodes-block has it already)'],
    ),
    "a name twice": (
        {"cluster": [NODES, Peer.cidr("nodes-block", "10.2.0.0/16")]},
        ['nodes-block: "10.2.0.0/16": expected one value for one name (nodes-block is "10.1.0.0/16" elsewhere)'],
    ),
    "the world": (
        {"cluster": [*ANYWHERE], "server": [Peer.cidr("world", "0.0.0.0/0")]},
        [f'cluster[0]: "0.0.0.0/0": expected {_BLOCK}', f'cluster[1]: "::/0": expected {_BLOCK}']
        + [f'server[0]: "0.0.0.0/0": expected {_BLOCK}'],
    ),
    "a number as an account": (
        {"cluster_account": 111111111111},
        [f"cluster_account: 111111111111: expected {_ACCOUNT}"],
    ),
    "accounts too short": (
        {"cluster_account": "1", "server_account": ""},
        [f'server_account: "": expected {_ACCOUNT}', f'cluster_account: "1": expected {_ACCOUNT}'],
    ),
    "one account": (
        {"cluster_account": ONE, "server_account": ONE},
        [f'server_account: "{ONE}": expected another account than cluster_account, or neither where it is one'],
    ),
    "everything at once": (
        {"cluster": 3, "server": [3], "cluster_account": "x"},
        [
            'server[0]: 3: expected a peer, such as Peer.cidr("nodes", "10.1.0.0/16")',
            "cluster: 3: expected a list of peers",
            f'cluster_account: "x": expected {_ACCOUNT}',
        ],
    ),
}


@pytest.mark.parametrize("case", BAD_CONNECTIONS)
def test_a_connection_at_fault_is_refused_with_every_fault(case: str) -> None:
    arguments, said = BAD_CONNECTIONS[case]
    with pytest.raises(InputError) as refused:
        Connection.transit_gateway(**arguments)  # type: ignore[arg-type]  # wrong on purpose
    faults = [str(fault) for fault in refused.value.faults]
    assert len(faults) == len(said)
    assert all(fault.startswith(start) for fault, start in zip(sorted(faults), sorted(said), strict=True)), faults


def test_what_is_unknown_until_apply_is_taken() -> None:
    token = "${data.aws_caller_identity.x.account_id}"  # noqa: S105  # an expression
    connection = Connection.peering(cluster_account=token, server_account=token)
    assert connection.cluster_account == connection.server_account == token
    later = Peer.ipv4("later", "${aws_subnet.x.cidr_block}")
    assert Connection.by_addresses(cluster=(later,), server=iter([later])).server == (later,)


def _check(connection: Connection, bindings: dict[str, Binding] | None = None, **choices: object) -> list[str]:
    deployment = _deployment(connect(_bindings() if bindings is None else bindings, connection), **choices)
    try:
        check_connection(RKE1_TEMPLATES, deployment, connection)
    except InputError as error:
        return [str(fault) for fault in error.faults]
    return []


def test_addresses_that_rules_need_and_nobody_gave_are_asked_for() -> None:
    addresses_of, kinds = "nothing: expected the addresses of", "(CIDR or prefix list)"
    assert _check(Connection.transit_gateway()) == [
        f"connection.server: {addresses_of} rancher nodes {kinds}: egress of etcd, controlplane and worker "
        "443/tcp over a transit gateway cannot name a group"
    ]
    assert f"\n{_check(Connection.transit_gateway())[0]}\n" in (ROOT / "docs" / "clusters.md").read_text("utf-8")
    assert _check(Connection.by_addresses()) == [
        f"connection.server: {addresses_of} rancher nodes {kinds}: egress of etcd, controlplane and worker "
        "443/tcp cannot name a group",
        f"connection.cluster: {addresses_of} etcd, controlplane and worker nodes {kinds}: "
        "ingress of rancher 443/tcp cannot name a group",
    ]


def test_only_what_rules_need_is_asked_for() -> None:
    assert _check(Connection.same_vpc()) == _check(Connection.peering()) == []
    assert _check(Connection.transit_gateway(server=[SERVER])) == []
    assert _check(Connection.transit_gateway(server=[SERVER], cluster=[NODES])) == []
    assert _check(Connection.by_addresses(server=[SERVER], cluster=[NODES])) == []
    # No rule of ours: the groups are brought and get none, or nothing realises the role.
    quiet = _bindings() | {role: Binding.by_id("prod", role, f"sg-0123456{i}") for i, role in enumerate(CLUSTER_ROLES)}
    assert _check(Connection.transit_gateway(), quiet) == []
    assert _check(Connection.transit_gateway(), {role: _bindings()[role] for role in CLUSTER_ROLES}) == []
    both = Deployment(choose(RKE1), _bindings(), sides=frozenset({"server"}))
    check_connection(RKE1_TEMPLATES, both, Connection.by_addresses())


def test_rows_that_do_not_apply_ask_for_nothing() -> None:
    half = templates(Table("d", "D", "s", "canal", {}, {}, _ROWS[:1]))
    for one_sided, asked in (("documented", []), ("completed", ["connection.server"])):
        deployment = _deployment(connect(_bindings(), Connection.transit_gateway()), one_sided=one_sided)
        places: list[str] = []
        try:
            check_connection(half, deployment, Connection.transit_gateway())
        except InputError as error:
            places = [fault.place for fault in error.faults]
        assert places == asked


def test_one_account_without_the_other_is_refused_where_a_rule_names_it() -> None:
    said = "nothing: expected an account here as well, since the other side's is given: "
    assert _check(Connection.peering(cluster_account=ONE)) == [
        f"connection.server_account: {said}egress of etcd, controlplane and worker 443/tcp needs it"
    ]
    assert _check(Connection.peering(server_account=ONE)) == [
        f"connection.cluster_account: {said}ingress of rancher 443/tcp needs it"
    ]
    assert _check(Connection.transit_gateway(server=[SERVER], cluster_account=ONE)) == []
    for id_ in (f"{OTHER}/sg-01234567", "${module.x.id}"):
        brought = _bindings() | {"rancher": Binding.by_id("central", "rancher", id_)}
        assert _check(Connection.peering(cluster_account=ONE), brought) == []
    brought = _bindings() | {"rancher": Binding.by_id("central", "rancher", "sg-01234567")}
    assert len(_check(Connection.peering(cluster_account=ONE), brought)) == 1


# The agents group

AGENTS = Peer("agents", PeerKind.GROUP, GroupKey("vpc-a", "agents"))


def _on_server(bindings: dict[str, Binding], rows: object = BOTH_WAYS) -> set[tuple[str, str, Peer]]:
    rules = fill(rows, _deployment(bindings)).of_group(RANCHER)  # type: ignore[arg-type]  # templates
    return {(rule.direction, str(rule.port), rule.peer) for rule in rules}


def test_the_server_needs_one_rule_for_all_nodes_of_all_clusters_that_join_the_agents_group() -> None:
    assert len(_on_server(_bindings(), RKE1_TEMPLATES)) == 3
    assert _on_server(through_agents(_bindings(), "vpc-a"), RKE1_TEMPLATES) == {("ingress", "443/tcp", AGENTS)}
    assert _on_server(through_agents(_bindings(), "vpc-a")) == {
        ("ingress", "443/tcp", AGENTS),
        ("egress", "22/tcp", AGENTS),
    }


def test_the_roles_own_rules_stay_as_they_are() -> None:
    def own(bindings: dict[str, Binding]) -> list[Rule]:
        return [rule for rule in fill(RKE1_TEMPLATES, _deployment(bindings)).rules if rule.group != RANCHER]

    assert own(through_agents(_bindings(), "vpc-a")) == own(_bindings())


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_agents_and_a_connection_go_together_in_either_order(kind: str) -> None:
    connection = CONNECTIONS[kind]()
    one = connect(through_agents(_bindings(), "vpc-a"), connection)
    assert one == through_agents(connect(_bindings(), connection), "vpc-a")
    ingress, egress = _ALL[kind]
    addresses = {NODES, NODES_V6}
    assert {peer for direction, _, peer in _on_server(one) if direction == "ingress"} == (
        {AGENTS} if ingress == GROUP else addresses
    )
    assert {peer for direction, _, peer in _on_server(one) if direction == "egress"} == (
        {AGENTS} if egress == GROUP else addresses
    )


def test_an_agents_group_in_another_account_is_named_with_it() -> None:
    connection = Connection.peering(cluster_account=ONE, server_account=OTHER)
    bindings = connect(through_agents(_bindings(), "vpc-a"), connection)
    assert {peer.account for _, _, peer in _on_server(bindings)} == {ONE}


# Reading back

_ACCOUNTS = st.sampled_from([None, ONE, "${data.aws_caller_identity.x.account_id}"])


@st.composite
def _connections(draw: st.DrawFn) -> Connection:
    kind = draw(st.sampled_from(sorted(CONNECTIONS)))
    connection = CONNECTIONS[kind]()
    if kind in ("same VPC", "region"):
        return connection
    return replace(connection, cluster_account=draw(_ACCOUNTS), server_account=draw(st.sampled_from([None, OTHER])))


@given(_connections(), st.booleans(), st.sampled_from([RKE1_TEMPLATES, BOTH_WAYS]))
def test_what_is_written_reads_back_with_accounts(connection: Connection, agents: bool, rows: object) -> None:
    bindings = connect(_bindings(), connection)
    bindings = through_agents(bindings, "vpc-a") if agents else bindings
    rules = fill(rows, _deployment(bindings))  # type: ignore[arg-type]  # templates
    groups = {RANCHER, GroupKey("vpc-a", "agents"), *(GroupKey("prod", role) for role in CLUSTER_ROLES)}
    read = read_synthesized(written(rules, groups))
    assert read == rules | RuleSet.of(groups, ())
    assert [rule.peer.account for rule in read.rules] == [rule.peer.account for rule in rules.rules]


@pytest.mark.parametrize(
    "peer",
    [AGENTS, Peer("prod-worker", PeerKind.GROUP, GroupKey("prod", "worker"), account=ONE)]
    + [Peer("my-prod-etcd", PeerKind.GROUP, GroupKey("my-prod", "etcd"))],
)
@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_another_clusters_role_and_agents_have_addresses_and_read_back(peer: Peer, direction: str) -> None:
    assert isinstance(peer.value, GroupKey)
    rule = Rule(RANCHER, direction, Port.tcp(443), peer, ("id",), "Rancher agent")  # type: ignore[arg-type]  # by name
    name = address(rule, "here").name
    assert read_rule_name(name) == RuleName("here", "rancher", direction, peer.name, Port.tcp(443))  # type: ignore[arg-type]  # by name
    document = written(RuleSet.of((), [rule]), {RANCHER, peer.value})
    (names,) = (value for key, value in document["resource"].items() if key != "aws_security_group")
    assert list(names) == [name]
    (read,) = read_synthesized(document).rules
    assert (read, read.peer.account) == (rule, peer.account)
    with pytest.raises(InputError, match="reserved|another cluster's role"):
        Peer.security_group(peer.name, "sg-01234567")


@pytest.mark.parametrize("role", ["agents", "nodes"])
def test_of_groups_that_nodes_join_besides_only_nodes_may_have_rules(role: str) -> None:
    key = GroupKey("prod", role)
    assert str(address(key, "prod")) == f"aws_security_group.prod_{role}"
    assert read_synthesized(written(RuleSet.of((), ()), {key})).groups == (key,)
    rule = Rule(key, "ingress", Port.tcp(1), NODES)
    if role == "nodes":
        # An adopted group keeps rules.
        assert str(address(rule, "prod")) == "aws_vpc_security_group_ingress_rule.prod_nodes_from_nodes-block_tcp_1"
        assert read_rule_name("prod_nodes_from_nodes-block_tcp_1") is not None
    else:
        with pytest.raises(TypeError):
            address(rule, "prod")
        assert read_rule_name("prod_agents_from_nodes-block_tcp_1") is None


@pytest.mark.parametrize(
    "value",
    [
        f"{ONE}/sg-0123456789abcdef0",
        f"{ONE}/${{aws_security_group.untagged.id}}",
        "12/${aws_security_group.prod_worker.id}",
        f"{ONE}/${{module.m.id}}",
    ],
)
def test_a_reference_to_no_group_of_ours_is_read_as_it_stands(value: str) -> None:
    document = written(RuleSet.of((), ()), {RANCHER, GroupKey("prod", "worker")})
    document["resource"]["aws_security_group"]["untagged"] = {}
    rule = {
        "security_group_id": "${aws_security_group.central_rancher.id}",
        "ip_protocol": "tcp",
        "from_port": 1,
        "to_port": 1,
        "referenced_security_group_id": value,
    }
    document["resource"]["aws_vpc_security_group_ingress_rule"] = {"mine": rule}
    (read,) = read_synthesized(document).rules
    assert (read.peer.value, read.peer.account) == (value, None)
    rule |= {
        "security_group_id": f"{ONE}/${{aws_security_group.prod_worker.id}}",
        "referenced_security_group_id": value,
    }
    assert read_synthesized(document).rules[0].group == rule["security_group_id"]


def test_a_connection_has_a_kind() -> None:
    assert Connection("over VPC peering") == Connection.peering()  # type: ignore[arg-type]  # the text of the kind
    with pytest.raises(InputError, match='kind: "peering": expected one that Connection.same_vpc'):
        Connection("peering")  # type: ignore[arg-type]  # wrong on purpose
