"""Groups that exist are taken over: the first plan destroys nothing and closes nothing, the second one is empty."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.conftest import ROOT
from tests.engine.applying import apply_and_watch
from tests.engine.conftest import Synthesize
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.server import Service
from tests.engine.ec2.values import Group, Rule
from tests.engine.stack import Document, Stack
from tests.engine.starting_point import VPC

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

DRIVER_FACTS = json.loads((ROOT / "tests" / "driver_group_flows.json").read_text("utf-8"))
CLUSTER_TAG = {"Key": "kubernetes.io/cluster/prod", "Value": "owned"}


@dataclass
class Start:
    """What there is before anything is adopted.

    Args:
        arguments: how the command is told of it.
        groups: the groups that nodes have, each node those of one tuple.
        settings: settings of the app.
        old: the stack that has them in its state, if one has.
        hand_over: whether that stack stays, with a state of its own.
    """

    arguments: list[str]
    nodes: list[tuple[str, ...]]
    settings: dict[str, Any] = field(default_factory=dict)
    old: Stack | None = None
    hand_over: bool = False


@dataclass(frozen=True)
class World:
    """EC2, and where stacks are made."""

    ec2: EC2Client
    cloud: Cloud
    new_stack: Callable[..., Stack]

    def group(self, name: str, description: str, *tags: Document) -> str:
        """A group as people make it by hand, with EC2's rule for all egress."""
        given: Any = [{"ResourceType": "security-group", "Tags": list(tags)}] if tags else []
        return self.ec2.create_security_group(
            GroupName=name, Description=description, VpcId=VPC, TagSpecifications=given
        )["GroupId"]

    def let_in(self, group: str, port: str, peer: Document, description: str = "") -> None:
        """A rule of TCP or UDP, as ``443/tcp``."""
        numbers, _, protocol = port.partition("/")
        first, _, last = numbers.partition("-")
        described = {"Description": description} if description else {}
        who = {key: [{**one, **described} for one in some] for key, some in peer.items()}
        permission: Any = {"IpProtocol": protocol, "FromPort": int(first), "ToPort": int(last or first), **who}
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])


@pytest.fixture
def world(service: Service, cloud: Cloud, new_stack: Callable[..., Stack]) -> World:
    ec2 = boto3.client(
        "ec2",
        "us-east-1",
        endpoint_url=service.url,
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106  # nobody's
    )
    return World(ec2, cloud, new_stack)


def _driver(world: World) -> Start:
    """rancher-nodes as the driver amazonec2 makes it, and what the cloud controller has added for two Services."""
    nodes = world.group("rancher-nodes", "Rancher Nodes", CLUSTER_TAG)
    members = {"cidr_ipv4": ("IpRanges", "CidrIp"), "cidr_ipv6": ("Ipv6Ranges", "CidrIpv6")}
    for fact in DRIVER_FACTS:
        kind = "role" if fact["peer_kind"] == "role" else "cidr_ipv6" if ":" in fact["peer"] else "cidr_ipv4"
        member, key = members.get(kind, ("UserIdGroupPairs", "GroupId"))
        who = {member: [{key: nodes if kind == "role" else fact["peer"]}]}
        if fact["direction"] == "ingress":
            world.let_in(nodes, f"{fact['from_port']}-{fact['to_port']}/{fact['protocol']}", who)
    everything: Any = {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    world.ec2.authorize_security_group_egress(GroupId=nodes, IpPermissions=[everything])
    world.let_in(nodes, "31234/tcp", {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, "kubernetes.io/rule/nlb/client=a1b2")
    balancer = world.group("k8s-elb-a1b2", "Security group for Kubernetes ELB a1b2 (default/web)", CLUSTER_TAG)
    world.let_in(nodes, "0-65535/tcp", {"UserIdGroupPairs": [{"GroupId": balancer}]})
    return Start(["--distribution", "rke2"], [(nodes,)] * 3, {"distribution": "rke2"})


def _by_hand(world: World) -> Start:
    """A group for each role, by VPC address rather than by group, with a peer in a slot and one nobody knows."""
    ids = {
        role: world.group(f"{role} of prod", f"{role}: made by hand", {"Key": "team", "Value": "a"}) for role in ROLES
    }
    vpc = {"IpRanges": [{"CidrIp": "172.31.0.0/16"}]}
    world.let_in(ids["rancher"], "443/tcp", {"IpRanges": [{"CidrIp": "203.0.113.0/24"}]}, "UI")
    world.let_in(ids["etcd"], "2379-2380/tcp", vpc)
    world.let_in(ids["etcd"], "2379/tcp", {"UserIdGroupPairs": [{"GroupId": ids["controlplane"]}]})
    world.let_in(ids["controlplane"], "6443/tcp", {"UserIdGroupPairs": [{"GroupId": ids["worker"]}]}, "API")
    world.let_in(ids["worker"], "8472/udp", vpc)
    world.let_in(ids["worker"], "9999/tcp", {"PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0"}]})
    office = {"office": {"cidr": "203.0.113.0/24"}}
    settings = {"vpc_id": VPC, "peers": office, "slots": {"ui_api_clients": ["office"]}, "prefix": "prod"}
    arguments = [argument for role in ROLES for argument in ("--role", f"{role}={role} of prod")]
    return Start(arguments, [(id_,) for id_ in ids.values()], settings)


def _old_rules_in_one_state(world: World) -> Start:
    """aws_security_group_rule with its lists, in the very state that the app goes on with."""
    etcd, worker = "${aws_security_group.etcd.id}", "${aws_security_group.worker.id}"
    document = {
        "resource": {
            "aws_security_group": {
                "etcd": {"name": "old-etcd", "description": "etcd", "vpc_id": VPC},
                "worker": {"name": "old-worker", "description": "worker", "vpc_id": VPC},
            },
            "aws_security_group_rule": {
                "client": _old(etcd, 2379, source_security_group_id=worker),
                "peer": _old(etcd, 2380, self=True),
                "ssh": _old(
                    worker, 22, cidr_blocks=["10.0.0.0/8", "192.168.0.0/16"], ipv6_cidr_blocks=["2001:db8::/32"]
                ),
                "out": {**_old(worker, 0, cidr_blocks=["0.0.0.0/0"]), "type": "egress", "protocol": "-1"},
            },
        }
    }
    return _applied(world, document, {"etcd": "etcd", "worker": "worker"})


def _old_blocks_in_another_state(world: World) -> Start:
    """Blocks within groups that two roles and one role share, in a state of its own, which stays for other things."""
    block: Document = {name: [] for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")}
    api = {"protocol": "tcp", "from_port": 6443, "to_port": 6443, "self": False, "description": "API", **block}
    etcd = {**api, "from_port": 2379, "to_port": 2380, "self": True, "description": ""}
    document = {
        "resource": {
            "aws_security_group": {
                "masters": {
                    "name_prefix": "masters-",
                    "description": "masters",
                    "vpc_id": VPC,
                    "ingress": [{**api, "cidr_blocks": ["10.0.0.0/8"]}, etcd],
                },
                "workers": {"name_prefix": "workers-", "description": "workers", "vpc_id": VPC, "ingress": []},
                "unrelated": {"name": "unrelated", "description": "stays", "vpc_id": VPC},
            }
        }
    }
    start = _applied(world, document, {"etcd,controlplane": "masters", "worker": "workers"})
    start.hand_over = True
    return start


def _rules_of_a_set(world: World) -> Start:
    """Groups of one for_each, and rules of the kind of now, under other addresses and with all that is documented."""
    group = {"name": "set-${each.key}", "description": "of a set", "vpc_id": VPC}
    rule = {"security_group_id": '${aws_security_group.of["etcd"].id}', "ip_protocol": "tcp"}
    peers = {role: f'${{aws_security_group.of["{role}"].id}}' for role in ("etcd", "controlplane")}
    document = {
        "resource": {
            "aws_security_group": {"of": {**group, "for_each": '${toset(["controlplane", "etcd", "worker"])}'}},
            "aws_vpc_security_group_ingress_rule": {
                f"client_{role}": {**rule, "from_port": 2379, "to_port": 2379, "referenced_security_group_id": id_}
                for role, id_ in peers.items()
            },
        }
    }
    names = {role: f'of["{role}"]' for role in ("etcd", "controlplane", "worker")}
    return _applied(world, document, names)


def _old(group: str, port: int, **more: Any) -> Document:
    ports = {"type": "ingress", "protocol": "tcp", "from_port": port, "to_port": port}
    return {"security_group_id": group, **ports, **more}


def _applied(world: World, document: Document, groups: dict[str, str]) -> Start:
    document = {"provider": {"aws": [{"region": "us-east-1"}]}, **document}
    old = world.new_stack(document, "old")
    old.apply_at_once()
    values = {r["address"]: r["values"] for r in old.state()["values"]["root_module"]["resources"]}
    ids = {roles: values[f"aws_security_group.{name}"]["id"] for roles, name in groups.items()}
    arguments = [argument for roles, id_ in ids.items() for argument in ("--role", f"{roles}={id_}")]
    return Start(arguments, [(id_,) for id_ in ids.values()], old=old)


ROLES = ("rancher", "etcd", "controlplane", "worker")
STARTS = {
    "rancher-nodes": _driver,
    "by hand": _by_hand,
    "old rules, one state": _old_rules_in_one_state,
    "blocks, another state": _old_blocks_in_another_state,
    "of a set": _rules_of_a_set,
}


@pytest.fixture(params=STARTS)
def start(request: pytest.FixtureRequest, world: World) -> Start:
    made = STARTS[request.param](world)
    for groups in made.nodes:
        world.ec2.run_instances(ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1, SecurityGroupIds=list(groups))
    return made


def _adopt(start: Start, service: Service, folder: Path) -> dict[str, Document]:
    """Run our command as people do, and read what it wrote."""
    folder.mkdir(exist_ok=True)
    arguments = [*start.arguments, "--region", "us-east-1", "--output", str(folder / "adopted"), "--format", "json"]
    if start.settings:
        settings = folder / "cdktf.json"
        settings.write_text(json.dumps({"context": {"rancher_ports": {"region": "us-east-1", **start.settings}}}))
        arguments += ["--settings", str(settings)]
    if start.old is not None:
        state = folder / "state.json"
        state.write_text(json.dumps(start.old.state()))
        arguments += ["--state", str(state)]
    done = _run(arguments, service)
    assert (done.returncode, done.stderr) == (0, "")
    written = {path.name: json.loads(path.read_text("utf-8")) for path in (folder / "adopted").iterdir()}
    return {"report": json.loads(done.stdout), **written}


def _run(arguments: list[str], service: Service) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    reach = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": service.url}
    return subprocess.run(
        [sys.executable, "-m", "rancher_ports", "adopt", *arguments],
        cwd=ROOT,
        env={**kept, **reach},
        capture_output=True,
        text=True,
        check=False,
    )


# Those of docs/adopting.md, beside that of the provider itself, which asks who it is.
PERMISSIONS = set(
    re.findall(
        r"`ec2:(\w+)`",
        (ROOT / "docs" / "adopting.md").read_text("utf-8").partition("To apply")[2].partition("Without")[0],
    )
)


def _seen(cloud: Cloud) -> tuple[dict[str, Group], dict[str, Rule]]:
    return dict(cloud.groups), dict(cloud.rules)


def test_the_first_plan_destroys_nothing_and_the_second_is_empty(
    start: Start, world: World, service: Service, synthesize: Synthesize, tmp_path: Path
) -> None:
    groups, rules = _seen(world.cloud)
    asked = len(world.cloud.calls)
    made = _adopt(start, service, tmp_path / "adopting")
    assert set(world.cloud.calls[asked:]) == {"describe_security_groups", "describe_security_group_rules"}
    document = synthesize(made["settings.json"]["context"]["rancher_ports"])
    removed = made.get("removed.tf.json")
    if start.old is not None and not start.hand_over:
        stack = start.old
        stack.write(document)
        stack.write_beside("removed.tf.json", removed)
    else:
        stack = world.new_stack(document, "app")
        stack.init()
    stack.write_beside("import.tf.json", made["import.tf.json"])
    asked = len(world.cloud.calls)
    plan, gaps = apply_and_watch(stack, world.cloud)
    assert {call.title().replace("_", "") for call in world.cloud.calls[asked:]} <= PERMISSIONS
    assert not plan.destroyed | plan.replaced
    assert plan.imported == {block["to"] for block in made["import.tf.json"]["import"]}
    assert not gaps
    # What there was is there, under its id: the groups by their names, the rules with what they let pass.
    adopted = {one["id"] for one in made["report"]["groups"]}
    for id_, group in groups.items():
        there = world.cloud.groups[id_]
        assert (there.name, there.description, there.vpc_id) == (group.name, group.description, group.vpc_id)
        assert set(group.tags) <= set(there.tags)
    for id_, rule in rules.items():
        assert world.cloud.rules[id_].identity == rule.identity
    known = {str(one["values"]["id"]) for one in stack.state()["values"]["root_module"]["resources"]}
    assert adopted <= known
    _every_rule_is_known_but_a_controllers(world.cloud, adopted, known)
    stack.write_beside("import.tf.json", None)
    stack.write_beside("removed.tf.json", None)
    assert stack.has_nothing_to_do()
    if start.hand_over:
        _hand_over(start, made, groups, world)


def test_a_role_that_has_a_group_of_the_apps_gets_no_other(
    world: World, service: Service, synthesize: Synthesize, tmp_path: Path
) -> None:
    """Adopting a worker's group alone makes groups for the others; an import to where these stand would do nothing."""
    hand = {role: world.group(f"{role} by hand", role) for role in ("worker", "etcd")}
    world.let_in(hand["worker"], "8472/udp", {"UserIdGroupPairs": [{"GroupId": hand["etcd"]}]})
    made = _adopt(
        Start(["--role", f"worker={hand['worker']}", "--distribution", "rke2"], []), service, tmp_path / "one"
    )
    stack = world.new_stack(synthesize(made["settings.json"]["context"]["rancher_ports"]), "app")
    stack.init()
    stack.write_beside("import.tf.json", made["import.tf.json"])
    apply_and_watch(stack, world.cloud)
    (own,) = (id_ for id_, group in world.cloud.groups.items() if dict(group.tags).get("rancher-ports:role") == "etcd")
    settings = tmp_path / "one" / "adopted" / "settings.json"
    document = json.loads(settings.read_text("utf-8"))
    # What the first refusal asks for.
    of_app = document["context"]["rancher_ports"]
    of_app["peers"].clear()
    for rule in of_app["adopted"]["worker"]["kept"]:
        rule["peer"] = "etcd" if rule["peer"].startswith("g-") else rule["peer"]
    settings.write_text(json.dumps(document), "utf-8")
    done = _run(["--settings", str(settings), "--role", f"etcd={hand['etcd']}"], service)
    assert done.returncode == 1
    assert f"the app has {own}" in done.stderr


def _every_rule_is_known_but_a_controllers(cloud: Cloud, adopted: set[str], known: set[str]) -> None:
    balancers = {id_ for id_, group in cloud.groups.items() if group.name.startswith("k8s-elb-")}
    for id_, rule in cloud.rules.items():
        if rule.group_id in adopted:
            is_theirs = (rule.description or "").startswith("kubernetes.io/rule/") or rule.peer in balancers
            assert (id_ in known) is not is_theirs, rule


def _hand_over(start: Start, made: dict[str, Document], groups: dict[str, Group], world: World) -> None:
    """The other configuration lets go of what is no longer its own, and goes on with the rest."""
    old = start.old
    assert old is not None
    document = json.loads((old.folder / "cdk.tf.json").read_text("utf-8"))
    names = {block["from"].rpartition(".")[2] for block in made["removed.tf.json"]["removed"]}
    staying = {n: g for n, g in document["resource"]["aws_security_group"].items() if n not in names}
    assert list(staying) == ["unrelated"]
    old.write({**document, "resource": {"aws_security_group": staying}})
    old.write_beside("removed.tf.json", made["removed.tf.json"])
    plan = old.plan()
    assert not plan.destroyed | plan.replaced | plan.created | plan.updated
    old.apply()
    old.write_beside("removed.tf.json", None)
    assert old.has_nothing_to_do()
    assert set(groups) <= set(world.cloud.groups)
