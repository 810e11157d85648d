"""The constructs in somebody's own stack."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from constructs import Construct

from rancher_ports import InputError, Peer
from rancher_ports.cdk import RancherCluster, RancherPorts, RancherServer, fill_stack
from rancher_ports.settings import read_settings
from rancher_ports.tables import load_tables
from tests.cdk.flavour import App, AwsProvider, LocalBackend, SecurityGroup, TerraformOutput, TerraformStack
from tests.cdk.synthesis import synthesized

VPC = "vpc-0123456789abcdef0"
OFFICE = Peer.cidr("office", "203.0.113.0/24")


def _resources(document: dict[str, Any]) -> set[str]:
    return {f"{type_}.{name}" for type_, some in document["resource"].items() for name in some}


def _stack(app: App, name: str) -> TerraformStack:
    stack = TerraformStack(app, name)
    LocalBackend(stack, path=f"terraform.{name}.tfstate")
    AwsProvider(stack, "aws", region="us-east-1")
    return stack


def test_server_and_cluster_together_make_what_both_in_one_make(tmp_path: Path) -> None:
    documents = []
    for one in (True, False):
        app = App(outdir=str(tmp_path / str(one)), stack_traces=False)
        stack = _stack(app, "s")
        if one:
            RancherPorts(stack, "prod", vpc_id=VPC, slots={"ui_api_clients": [OFFICE], "ingress_clients": [OFFICE]})
        else:
            server = RancherServer(stack, "prod", vpc_id=VPC, slots={"ui_api_clients": [OFFICE]})
            RancherCluster(stack, "c", server=server, slots={"ingress_clients": [OFFICE]}, prefix="x")
        documents.append(synthesized(app, "s"))
    together, apart = documents
    renamed = {address.replace(".x_", ".prod_") for address in _resources(apart)}
    assert renamed == _resources(together)


def test_clusters_in_other_stacks_leave_the_servers_stack_alone(tmp_path: Path) -> None:
    def server_stack(clusters: int) -> dict[str, Any]:
        app = App(outdir=str(tmp_path / str(clusters)), stack_traces=False)
        server = RancherServer(_stack(app, "server"), "central", vpc_id=VPC, slots={"ui_api_clients": [OFFICE]})
        for index in range(clusters):
            RancherCluster(_stack(app, f"c{index}"), f"c{index}", server=server)
        document = synthesized(app, "server")
        assert "rancher_from_etcd" not in json.dumps(document)
        if clusters:
            path = Path(app.outdir, "stacks", "c0", "cdk.tf.json")
            rules = json.loads(path.read_text())["resource"]["aws_vpc_security_group_ingress_rule"]
            on_server = [name for name in rules if name.startswith("c0_rancher_from_")]
            assert sorted(on_server) == [
                f"c0_rancher_from_{role}_tcp_443" for role in ("controlplane", "etcd", "worker")
            ]
        return document

    def without_exports(document: dict[str, Any]) -> dict[str, Any]:
        outputs = {name: value for name, value in document["output"].items() if "cross-stack" not in name}
        return {**{key: value for key, value in document.items() if key != "//"}, "output": outputs}

    assert without_exports(server_stack(0)) == without_exports(server_stack(2))
    assert server_stack(1)["output"] == server_stack(3)["output"]


def test_a_node_of_several_roles_gets_the_groups_of_all(app: App, stack: TerraformStack) -> None:
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    ports = RancherPorts(stack, "prod", vpc_id=VPC)
    local = RancherCluster(stack, "local", server=ports)
    ids = local.security_group_ids("worker", "etcd", "rancher", "worker")
    assert ids == [local.security_group_id(role) for role in ("rancher", "etcd", "worker")]
    assert local.security_group_id("rancher") == ports.security_group_id("rancher")
    SecurityGroup(stack, "probe", name="probe", tags={"ids": ",".join(ids)})
    document = synthesized(app, "infrastructure")
    assert document["resource"]["aws_security_group"]["probe"]["tags"]["ids"] == ",".join(
        f"${{aws_security_group.{name}.id}}" for name in ("prod_rancher", "local_etcd", "local_worker")
    )


def test_roles_that_a_construct_does_not_know_are_refused(stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    with pytest.raises(InputError, match='central.security_group_id: "etcd": expected one of rancher'):
        server.security_group_id("etcd")
    cluster = RancherCluster(stack, "prod", server=server)
    with pytest.raises(
        InputError, match='security_group_ids: "workers": expected one of rancher, etcd.* did you mean "worker"'
    ):
        cluster.security_group_ids("etcd", "workers")
    with pytest.raises(InputError, match="security_group_ids: nothing: expected at least one of"):
        cluster.security_group_ids()


def test_values_made_in_the_same_apply_are_taken(app: App, stack: TerraformStack) -> None:
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    alb = SecurityGroup(stack, "alb", name="alb")
    slots = {"load_balancer": [Peer.security_group("alb", alb.id)], "ui_api_clients": [Peer.ipv4("lan", alb.name)]}
    RancherPorts(stack, "prod", vpc_id=alb.vpc_id, slots=slots)
    resources = synthesized(app, "infrastructure")["resource"]
    ingress = resources["aws_vpc_security_group_ingress_rule"]
    assert ingress["prod_rancher_from_alb_tcp_80"]["referenced_security_group_id"] == "${aws_security_group.alb.id}"
    assert ingress["prod_rancher_from_lan_tcp_443"]["cidr_ipv4"] == "${aws_security_group.alb.name}"
    assert resources["aws_security_group"]["prod_etcd"]["vpc_id"] == "${aws_security_group.alb.vpc_id}"


def test_the_provider_given_is_on_every_resource(app: App, stack: TerraformStack) -> None:
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    other = AwsProvider(stack, "other", region="eu-central-1", alias="eu")
    RancherPorts(stack, "prod", vpc_id=VPC, provider=other)
    resources = synthesized(app, "infrastructure")["resource"]
    assert {resource["provider"] for some in resources.values() for resource in some.values()} == {"aws.eu"}


def test_findings_are_returned_and_are_the_annotations(app: App, stack: TerraformStack) -> None:
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    unused = Peer.cidr("lab", "10.0.0.0/8")
    ports = RancherPorts(stack, "prod", vpc_id=VPC, one_sided="documented", peers=[unused])
    assert {finding.code for finding in ports.findings()} == {
        "no-registry-egress",
        "one-sided",
        "unused-peer",
        "empty-slot",
    }
    app.synth()
    manifest = json.loads(Path(app.outdir, "manifest.json").read_text())
    annotations = manifest["stacks"]["infrastructure"]["annotations"]
    levels = {"warning": "@cdktf/warn", "info": "@cdktf/info"}
    assert sorted((note["level"], note["message"]) for note in annotations) == sorted(
        (levels[finding.severity], str(finding)) for finding in ports.findings()
    )


def test_rules_can_be_asked_for(stack: TerraformStack) -> None:
    cluster = RancherCluster(stack, "prod", server=RancherServer(stack, "central", vpc_id=VPC))
    assert {str(group) for group in cluster.rules.groups} == {
        "central/rancher",
        "prod/etcd",
        "prod/controlplane",
        "prod/worker",
    }
    assert cluster.owner == "prod"
    assert cluster.vpc_id == VPC


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"vpc_id": "vpc-1"}, 'prod.vpc_id: "vpc-1"'),
        ({"vpc_id": None}, "prod.vpc_id: null"),
        ({"prefix": "My_Prod"}, 'prod.prefix: "My_Prod"'),
        ({"group_name_prefix": "sg-x"}, "prod.group_name_prefix"),
        ({"distribution": "rke"}, 'prod.distribution: "rke": expected one of k3s, rke1, rke2; did you mean "rke2"'),
        ({"features": ["image-pull"]}, r'prod.features\[0\]: .* did you mean "image-pulls"'),
        ({"cni": "cilium"}, "prod.cni: .cilium.: expected one of canal, flannel, calico, weave"),
        ({"one_sided": "both"}, "prod.one_sided"),
        ({"egress": "none"}, "prod.egress"),
        ({"slots": {"ingress_client": [OFFICE]}}, 'prod.slots: "ingress_client": .* did you mean "ingress_clients"'),
        ({"slots": {"ui_api_clients": OFFICE}}, "prod.slots.ui_api_clients: .* expected a list of peers"),
        ({"slots": {"ui_api_clients": ["office"]}}, r'prod.slots.ui_api_clients\[0\]: "office": expected a peer'),
        ({"slots": {"ui_api_clients": "office"}}, 'prod.slots.ui_api_clients: "office": expected a list'),
        ({"slots": [OFFICE]}, "prod.slots: .* expected a mapping"),
        ({"slots": {"ui_api_clients": [OFFICE, Peer.cidr("hq", "203.0.113.0/24")]}}, "one name for one value"),
        ({"prevent_destroy": "no"}, 'prod.prevent_destroy: "no": expected true or false'),
        ({"revoke_rules_on_delete": 0}, "prod.revoke_rules_on_delete: 0: expected true or false"),
        ({"distribution": ["rke1"]}, r'prod.distribution: \["rke1"\]'),
        ({"prefix": "sg-a"}, 'prod.prefix: "sg-a": .* not beginning with sg-'),
        ({"peers": [OFFICE, Peer.cidr("office", "10.0.0.0/8")]}, "prod.peers.office: .* one value for one name"),
        ({"peers": OFFICE}, "prod.peers: .* expected a list of peers"),
        ({"peers": ["office"]}, r'prod.peers\[0\]: "office": expected a peer'),
        ({"prefix": ""}, 'prod.prefix: ""'),
        ({"group_name_prefix": ""}, 'prod.group_name_prefix: ""'),
        ({"tags": {"aws:x": "y"}}, "prod.tags"),
        ({"sltos": {}}, 'prod: "sltos": expected an argument, .* did you mean "slots"'),
    ],
)
def test_a_bad_argument_is_refused_before_anything_is_built(
    arguments: dict[str, Any], said: str, stack: TerraformStack
) -> None:
    with pytest.raises(InputError, match=said):
        RancherPorts(stack, "prod", **{"vpc_id": VPC, **arguments})
    assert not [child for child in stack.node.children if child.node.id == "prod"]


def test_all_bad_arguments_are_named_at_once(stack: TerraformStack) -> None:
    with pytest.raises(InputError) as refused:
        RancherPorts(stack, "Prod", vpc_id="x", egress="none", tags={"Name": "x"})
    assert [fault.place for fault in refused.value.faults] == ["Prod.prefix", "Prod.vpc_id", "Prod.tags", "Prod.egress"]


def test_a_slot_of_the_other_side_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(InputError, match='central.slots: "nodeport_clients": expected a slot, one of load_balancer'):
        RancherServer(stack, "central", vpc_id=VPC, slots={"nodeport_clients": [OFFICE]})
    server = RancherServer(stack, "central", vpc_id=VPC)
    with pytest.raises(
        InputError, match='prod.slots: "ui_api_clients": expected a slot, one of load_balancer, ingress_clients'
    ):
        RancherCluster(stack, "prod", server=server, slots={"ui_api_clients": [OFFICE]})


def test_a_cluster_needs_a_server(stack: TerraformStack) -> None:
    with pytest.raises(InputError, match="prod.server: .* expected a RancherServer or a RancherPorts"):
        RancherCluster(stack, "prod", server="central")  # type: ignore[arg-type]  # wrong on purpose
    server = RancherServer(stack, "central", vpc_id=VPC)
    cluster = RancherCluster(stack, "prod", server=server)
    with pytest.raises(InputError, match="other.server"):
        RancherCluster(stack, "other", server=cluster)  # type: ignore[arg-type]  # wrong on purpose


def test_two_constructs_with_one_prefix_are_refused_once_and_nothing_is_built(app: App, stack: TerraformStack) -> None:
    server = RancherServer(stack, "central", vpc_id=VPC)
    RancherCluster(stack, "prod", server=server)
    with pytest.raises(InputError) as refused:
        RancherCluster(stack, "other", prefix="prod", server=server)
    (fault,) = refused.value.faults
    # 3 groups, 44 flows between roles once completed, and an output.
    assert str(fault) == (
        'other.prefix: "prod": expected a prefix that gives addresses which no other construct has '
        "(infrastructure/prod has aws_security_group.prod_etcd and 47 more)"
    )
    with pytest.raises(InputError, match=r"infrastructure/central has output.central_security_group_ids\)"):
        RancherCluster(stack, "another", prefix="central", server=server)
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    RancherCluster(stack, "other", server=server)
    assert "aws_security_group.other_etcd" in _resources(synthesized(app, "infrastructure"))


def _direct(stack: TerraformStack) -> None:
    SecurityGroup(stack, "prod_etcd", name="mine")


def _cleaned(stack: TerraformStack) -> None:
    SecurityGroup(stack, "prod_.etcd!", name="mine")


def _default(stack: TerraformStack) -> None:
    SecurityGroup(Construct(stack, "prod_etcd"), "Default", name="mine")


def _overridden(stack: TerraformStack) -> None:
    SecurityGroup(Construct(stack, "deep"), "other", name="mine").override_logical_id("prod_etcd")


def _output(stack: TerraformStack) -> None:
    TerraformOutput(stack, "prod_security_group_ids", value="mine")


@pytest.mark.parametrize("make", [_direct, _cleaned, _default, _overridden, _output])
@pytest.mark.parametrize("first", [True, False])
def test_something_of_ones_own_at_an_address_of_ours_is_refused(
    make: Callable[[TerraformStack], None], first: bool, app: App, stack: TerraformStack
) -> None:
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    if first:
        make(stack)
    RancherPorts(stack, "prod", vpc_id=VPC)
    if not first:
        make(stack)
    with pytest.raises(
        RuntimeError, match=r"(aws_security_group.prod_etcd|output.prod_security_group_ids): .* same address"
    ):
        app.synth()


def test_a_construct_outside_a_stack_is_refused(app: App) -> None:
    with pytest.raises(InputError, match='prod.scope: "the app itself": expected a construct within a TerraformStack'):
        RancherPorts(app, "prod", vpc_id=VPC)


def test_a_rule_stands_with_the_provider_of_its_group(app: App, stack: TerraformStack) -> None:
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    west = AwsProvider(stack, "west", region="us-west-2", alias="west")
    server = RancherServer(stack, "central", vpc_id=VPC, provider=west)
    RancherCluster(stack, "prod", server=server)
    resources = synthesized(app, "infrastructure")["resource"]
    for some in resources.values():
        for name, resource in some.items():
            on_server = name.split("_")[1] == "rancher"
            assert resource.get("provider") == ("aws.west" if on_server else None), name


def test_other_resources_with_such_a_name_are_nobodys_business(app: App, stack: TerraformStack) -> None:
    provider = AwsProvider(stack, "prod_worker", region="us-east-1")
    LocalBackend(stack, path="x")
    Construct(stack, "prod_etcd")
    RancherPorts(stack, "prod", vpc_id=VPC, provider=provider)
    assert "aws_security_group.prod_etcd" in _resources(synthesized(app, "infrastructure"))


def test_a_server_with_a_provider_in_another_stack_needs_one_in_this(app: App) -> None:
    there, here = _stack(app, "there"), _stack(app, "here")
    server = RancherServer(
        there, "central", vpc_id=VPC, provider=AwsProvider(there, "w", alias="west", region="us-west-2")
    )
    with pytest.raises(InputError, match="prod.server_provider: null: expected a provider of this stack"):
        RancherCluster(here, "prod", server=server)
    west = AwsProvider(here, "w", alias="there", region="us-west-2")
    RancherCluster(here, "prod", server=server, server_provider=west)
    rules = synthesized(app, "here")["resource"]["aws_vpc_security_group_ingress_rule"]
    assert {name for name, rule in rules.items() if rule.get("provider") == "aws.there"} == {
        f"prod_rancher_from_{role}_tcp_443" for role in ("etcd", "controlplane", "worker")
    }
    assert "provider" not in rules["prod_etcd_from_etcd_tcp_2379"]


def test_a_cluster_may_stand_in_another_vpc_and_gives_its_own_groups_out(app: App, stack: TerraformStack) -> None:
    AwsProvider(stack, "aws", region="us-east-1")
    LocalBackend(stack, path="x")
    server = RancherServer(stack, "central", vpc_id=VPC)
    RancherCluster(stack, "prod", server=server, vpc_id="vpc-01234567")
    document = synthesized(app, "infrastructure")
    assert document["resource"]["aws_security_group"]["prod_etcd"]["vpc_id"] == "vpc-01234567"
    assert list(document["output"]["prod_security_group_ids"]["value"]) == ["controlplane", "etcd", "worker"]
    assert list(document["output"]["central_security_group_ids"]["value"]) == ["rancher"]


def test_the_apps_stack_knows_peers_that_stand_in_no_slot(app: App) -> None:
    context = {"region": "us-east-1", "peers": {"lab": {"cidr": "10.0.0.0/8"}}}
    settings = read_settings({"context": {"rancher_ports": context}}, load_tables())
    findings = fill_stack(TerraformStack(app, "rancher"), settings).findings()
    assert [finding.place for finding in findings if finding.code == "unused-peer"] == ["lab"]


def test_a_renamed_prefix_without_the_groups_old_names_is_warned_of(stack: TerraformStack) -> None:
    def codes(id_: str, **options: Any) -> list[str]:
        return [finding.code for finding in RancherPorts(stack, id_, vpc_id=VPC, **options).findings()]

    assert codes("a", moved_from="old")[0] == "renamed-groups"
    assert "renamed-groups" not in codes("b", moved_from="older", group_name_prefix="older")
    assert "renamed-groups" not in codes("c")
    every = {role: f"sg-0123456{index}" for index, role in enumerate(("rancher", "etcd", "controlplane", "worker"))}
    assert "renamed-groups" not in codes("d", moved_from="oldest", groups=every)
