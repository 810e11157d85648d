"""Generated modules, called as people who write HCL call them."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from rancher_ports.tables import load_tables
from tests.distributions import DISTRIBUTIONS, NETWORKS, features
from tests.documented import ROLES
from tests.engine.calling import calling, inputs_of, linked_modules
from tests.engine.conftest import Synthesize
from tests.engine.ec2 import server as ec2_server
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.values import Group, Moment
from tests.engine.engines import Engine
from tests.engine.expected import groups_by_tag
from tests.engine.provider.processes import serving_processes
from tests.engine.stack import APPLY, Document, Stack
from tests.engine.starting_point import OTHER_ACCOUNTS_GROUP, PREFIX_LIST, THEIR_GROUP, VPC, new_cloud
from tools.check_modules import MODULES

INGRESS = "aws_vpc_security_group_ingress_rule"

NewCaller = Callable[[Document], Stack]


@pytest.fixture
def new_caller(new_stack: Callable[..., Stack], tmp_path: Path) -> NewCaller:
    """Make a folder with a configuration that calls modules, ready to plan."""

    def make(document: Document) -> Stack:
        linked_modules(tmp_path / "stack")
        return new_stack(document)

    return make


# --- The same rules as the stack's ---

_POOL = {
    "office": {"cidr": "203.0.113.0/24"},
    "bastion": {"cidr": "198.51.100.7/32"},
    "office-v6": {"cidr": "2001:db8::/48"},
    "mirrors": {"prefix_list_id": PREFIX_LIST, "max_entries": 1},
    "balancer": {"security_group_id": THEIR_GROUP},
    "peered": {"security_group_id": OTHER_ACCOUNTS_GROUP},
}


def _drawn(seed: int) -> dict[str, Any]:
    """Random settings of an app: the seed says the distribution, and draws everything else."""
    draw = random.Random(seed)
    distribution = DISTRIBUTIONS[seed % len(DISTRIBUTIONS)]
    known = sorted(features(distribution))
    peers = draw.sample(sorted(_POOL), draw.randint(1, len(_POOL)))
    slots = load_tables()[distribution].slots
    return {
        "distribution": distribution,
        "vpc_id": VPC,
        "cni": draw.choice(sorted(NETWORKS[distribution])),
        "features": sorted(draw.sample(known, draw.randint(0, 4))),
        # Not drawn, so that a few draws have both.
        "one_sided": ["completed", "documented"][seed % 2],
        "egress": draw.choice(["documented", "all"]),
        "tags": draw.choice([{}, {"team": "platform", "cost center": "42"}]),
        "peers": {name: _POOL[name] for name in peers},
        "slots": {
            slot: draw.sample(peers, draw.randint(0, min(2, len(peers))))
            for slot in slots
            if draw.random() < 0.5  # every other
        },
        "groups": {role: draw.choice([False, True]) for role in draw.sample(ROLES, draw.randint(0, 2))},
    }


def _bring(cloud: Cloud, groups: Mapping[str, bool], owner: str) -> dict[str, dict[str, Any]]:
    """Groups that exist already, tagged as ours, so that they are found by owner and role."""
    brought = {}
    for role, add_rules in groups.items():
        id_ = f"sg-{len(cloud.groups):08x}"
        tags = {"rancher-ports:owner": owner, "rancher-ports:role": role}
        cloud.groups[id_] = Group(id_, f"brought-{owner}-{role}", "brought", VPC, tuple(tags.items()))
        brought[role] = {"security_group_id": id_, "add_rules": add_rules}
    return brought


def _rules(moment: Moment, owner: str) -> Counter[tuple[object, ...]]:
    """The rules on an owner's groups, with everything that anybody sees of them, groups by their roles."""
    roles = {id_: role for (other, role), id_ in groups_by_tag(moment).items() if other == owner}
    found: Counter[tuple[object, ...]] = Counter()
    for rule in moment.rules:
        if rule.group_id in roles:
            tags = {key: value.removeprefix(f"{owner}_") for key, value in rule.tags}
            what = rule.is_egress, rule.protocol, rule.first, rule.last, rule.peer_kind, roles.get(rule.peer, rule.peer)
            found[(roles[rule.group_id], *what, rule.description, *sorted(tags.items()))] += 1
    return found


def _groups(moment: Moment, owner: str) -> list[tuple[object, ...]]:
    groups = (group for group in moment.groups if dict(group.tags).get("rancher-ports:owner") == owner)
    return sorted(
        (group.description, group.vpc_id, *sorted((key, value.replace(owner, "")) for key, value in group.tags))
        for group in groups
    )


_LABEL = "O" * 60
# What makes the longest descriptions and tags: one peer in every slot, with everything that there is. Brought groups
# keep it small, and get no rules though their slots are filled.
_LARGEST = {
    "distribution": "rke1",
    "vpc_id": VPC,
    "features": sorted(features("rke1")),
    "peers": {"office": _POOL["office"]},
    "slots": {slot: ["office"] for slot in load_tables()["rke1"].slots},
    "groups": dict.fromkeys(("etcd", "controlplane", "worker"), False),
}


def _labelled(rules: Counter[tuple[object, ...]], peer: str) -> Counter[tuple[object, ...]]:
    """The same rules with a label before the descriptions of one peer's, as much of it as EC2 takes."""
    found: Counter[tuple[object, ...]] = Counter()
    for rule, number in rules.items():
        *what, description = rule[:8]
        if peer in what:
            description = f"{_LABEL}: {description}"
            description = description if len(description) <= 255 else description[:252].rstrip() + "..."
        found[(*what, description, *rule[8:])] += number
    return found


# A draw for each distribution every day; who looks for faults has more (HYPOTHESIS_PROFILE=thorough: 18).
_DRAWS = max(1, settings().max_examples // 10)


@pytest.mark.parametrize("draw", range(_DRAWS))
def test_module_and_stack_write_the_same_rules(
    draw: int, synthesize: Synthesize, cloud: Cloud, new_caller: NewCaller
) -> None:
    seeds = range(draw * len(DISTRIBUTIONS), (draw + 1) * len(DISTRIBUTIONS))
    deployments = {str(seed): _drawn(seed) for seed in seeds} | ({"largest": _LARGEST} if draw == 0 else {})
    calls, stacks = {}, []
    for name, chosen in deployments.items():
        app, module = (
            {**chosen, "groups": _bring(cloud, chosen["groups"], f"{by}-{name}")} for by in ("app", "module")
        )
        stacks.append(synthesize({**app, "prefix": f"app-{name}"}))
        calls[f"module-{name}"] = inputs_of({**module, "group_name_prefix": f"module-{name}"})
    if "largest" in deployments:
        calls["module-largest"]["peers"]["office"]["label"] = _LABEL
    document = calling(calls)
    for stack in stacks:
        for kind in ("resource", "output"):
            for type_, blocks in stack[kind].items():
                document.setdefault(kind, {}).setdefault(type_, {}).update(blocks)
    deployed = new_caller(document)
    deployed.apply_at_once()
    moment = cloud.moment()
    for name in deployments:
        expected = _rules(moment, f"app-{name}")
        assert expected
        if name == "largest":
            expected = _labelled(expected, "203.0.113.0/24")
            # Some are too long, and are shortened.
            assert max(len(str(rule[7])) for rule in expected) == 255
            assert any(" +" in str(rule) for rule in expected)
        assert _rules(moment, f"module-{name}") == expected, name
        assert _groups(moment, f"module-{name}") == _groups(moment, f"app-{name}")


def _brought(cloud: Cloud, *roles: str) -> dict[str, Any]:
    """Groups without rules of ours for some roles, where a few rules show as much as many."""
    return _bring(cloud, dict.fromkeys(roles, False), "theirs")


# --- Peers come and go ---


def test_who_adds_removes_or_reorders_peers_touches_theirs_alone(cloud: Cloud, new_caller: NewCaller) -> None:
    office, bastion = {"cidr_ipv4": "203.0.113.0/24", "label": "Office"}, {"cidr_ipv4": "198.51.100.7/32"}
    call = {"distribution": "k3s", "vpc_id": VPC, "groups": _brought(cloud, "etcd", "controlplane")}

    def document(peers: Mapping[str, Any], slot: list[str]) -> Document:
        slots = {"ui_api_clients": slot, "ingress_clients": slot[:1]}
        return calling({"ports": {**call, "peers": peers, "slots": slots}})

    deployed = new_caller(document({"office": office, "bastion": bastion}, ["office", "bastion"]))
    deployed.apply_at_once()
    described = {dict(rule.tags)["Name"]: rule.description for rule in cloud.moment().rules}
    assert described["rancher_rancher_from_office_tcp_443"] == "Office: Rancher agent, Rancher UI/API, kubectl"
    assert described["rancher_rancher_from_bastion_tcp_443"] == "Rancher agent, Rancher UI/API, kubectl"

    deployed.write(document({"bastion": bastion, "office": office}, ["office", "bastion"]))
    assert deployed.has_nothing_to_do()

    office = {**office, "label": "Berlin"}
    deployed.write(document({"office": office, "v6": {"cidr_ipv6": "2001:DB8::/48"}}, ["office", "v6"]))
    plan = deployed.plan()
    names = ("rancher_from_peers_tcp_443", "worker_from_peers_tcp_80", "worker_from_peers_tcp_443")
    assert plan.updated == {f'module.ports.{INGRESS}.{name}["office"]' for name in names}
    assert plan.created == {f'module.ports.{INGRESS}.rancher_from_peers_tcp_443["v6"]'}
    assert plan.destroyed == {f'module.ports.{INGRESS}.rancher_from_peers_tcp_443["bastion"]'}
    assert not plan.replaced
    deployed.apply()
    assert deployed.has_nothing_to_do()


def test_one_peer_in_two_slots_makes_one_rule(cloud: Cloud, new_caller: NewCaller) -> None:
    slots = {"hosted_kubernetes": ["office"], "ui_api_clients": ["office"], "load_balancer": ["office"]}
    peers = {"office": {"cidr_ipv4": "203.0.113.0/24"}}
    deployed = new_caller(calling({"ports": {"distribution": "rke1", "vpc_id": VPC, "peers": peers, "slots": slots}}))
    deployed.apply_at_once()
    rules = {rule.first: rule for rule in cloud.moment().rules if rule.peer == "203.0.113.0/24"}
    assert set(rules) == {80, 443}
    assert rules[443].description == "Rancher agent, Rancher UI/API, kubectl"
    assert dict(rules[443].tags)["rancher-ports:requirement"] == "rke1/rancher/ingress/443/tcp"
    # Filled by default, and with nobody else.
    git = {rule.peer for rule in cloud.moment().rules if rule.is_egress and rule.peer_kind == "ipv4"}
    assert git == {"35.160.43.145/32", "35.167.242.46/32", "52.33.59.17/32"}


# --- However it is called ---


def test_all_values_may_be_made_in_the_same_apply(cloud: Cloud, new_caller: NewCaller) -> None:
    group = {"name_prefix": "x-", "description": "x", "vpc_id": "${aws_vpc.new.id}"}
    call = {
        "distribution": "k3s",
        "vpc_id": "${aws_vpc.new.id}",
        "tags": {"vpc": "${aws_vpc.new.id}"},
        "peers": {
            "front": {"security_group_id": "${aws_security_group.front.id}", "label": "${aws_vpc.new.cidr_block}"},
            "network": {"cidr_ipv4": "${aws_vpc.new.cidr_block}"},
            "office": {"cidr_ipv6": "2001:db8::/48"},
        },
        "slots": {"ui_api_clients": ["front", "office"], "ingress_clients": ["network", "front"]},
        "groups": {
            "worker": {"security_group_id": "${aws_security_group.workers.id}"},
            "etcd": {"security_group_id": "${aws_security_group.databases.id}", "add_rules": True},
        },
    }
    resource = {
        "aws_vpc": {"new": {"cidr_block": "10.0.0.0/16"}},
        "aws_security_group": {
            name: {**group, "name_prefix": f"{name}-"} for name in ("front", "workers", "databases")
        },
    }
    outputs = ("security_group_ids", "security_group_arns", "rules")
    output = {name: {"value": f"${{module.ports.{name}}}"} for name in outputs}
    output |= {name: {"value": f"${{aws_security_group.{name}.id}}"} for name in ("front", "workers", "databases")}
    deployed = new_caller(calling({"ports": call}, resource=resource, output=output))
    deployed.apply_at_once()
    assert deployed.has_nothing_to_do()
    said = {name: one["value"] for name, one in json.loads(deployed.must("output", "-json").stdout).items()}
    made = {role: id_ for (_, role), id_ in groups_by_tag(cloud.moment()).items()}
    assert set(made) == {"rancher", "controlplane"}
    assert said["security_group_ids"] == {**made, "etcd": said["databases"], "worker": said["workers"]}
    assert {role: arn.rpartition("/")[2] for role, arn in said["security_group_arns"].items()} == made
    rules = cloud.moment().rules
    # Though its slot is filled.
    assert not [rule for rule in rules if rule.group_id == said["workers"] and not _is_for_all(rule)]
    on_etcd = {(rule.first, rule.peer) for rule in rules if rule.group_id == said["databases"] and not rule.is_egress}
    assert {(2379, made["controlplane"]), (10250, said["workers"])} <= on_etcd
    on_rancher = {(rule.first, rule.peer) for rule in rules if rule.group_id == made["rancher"] and not rule.is_egress}
    assert {(443, said["front"]), (443, "2001:db8::/48"), (443, said["workers"])} <= on_rancher
    written = [rule for rule in rules if "rancher-ports:requirement" in dict(rule.tags)]
    assert len(said["rules"]) == len(written)
    assert "rancher ingress 443/tcp from front: 10.0.0.0/16: Rancher agent, Rancher UI/API, kubectl" in said["rules"]
    assert "etcd ingress 10250/tcp from worker: kubelet, metrics server" in said["rules"]
    assert "worker" not in {line.split()[0] for line in said["rules"]}
    deployed.destroy()
    assert set(cloud.groups) == {THEIR_GROUP, OTHER_ACCOUNTS_GROUP}


def _is_for_all(rule: Any) -> bool:
    """The rule with which EC2 makes a group."""
    return bool(rule.is_egress and rule.protocol == "-1")


@pytest.fixture
def two_regions(engine: Engine, tmp_path: Path) -> Iterator[tuple[Stack, dict[str, Cloud]]]:
    """A folder whose providers reach a cloud in each of two regions."""
    clouds = {"us-east-1": new_cloud(), "eu-central-1": new_cloud()}
    with (
        ec2_server.serving(clouds["us-east-1"]) as near,
        ec2_server.serving(clouds["eu-central-1"]) as far,
        serving_processes({"": near.url, "eu-central-1": far.url}, "6.0.0") as attached,
    ):
        yield Stack(tmp_path / "stack", engine, attached.environment), clouds


def test_with_count_for_each_another_provider_and_inside_another_module(
    two_regions: tuple[Stack, dict[str, Cloud]],
) -> None:
    stack, clouds = two_regions
    linked_modules(stack.folder)
    for cloud in clouds.values():
        groups = _brought(cloud, "etcd", "controlplane", "worker")
    call: dict[str, Any] = {"distribution": "k3s", "vpc_id": VPC, "groups": groups}
    calls = {
        "counted": {**call, "count": 1, "group_name_prefix": "counted-${count.index}"},
        "each": {**call, "for_each": '${toset(["a"])}', "group_name_prefix": "each-${each.key}"},
        "far": {**call, "providers": {"aws": "aws.far"}, "group_name_prefix": "far"},
    }
    document = calling(calls)
    document["provider"] = {"aws": [{"region": "us-east-1"}, {"region": "eu-central-1", "alias": "far"}]}
    # A module of theirs, which calls ours.
    inner = {"ports": {"source": "../modules/k3s", "vpc_id": VPC, "groups": groups, "group_name_prefix": "inner"}}
    (stack.folder / "theirs").mkdir()
    (stack.folder / "theirs" / "main.tf.json").write_text(json.dumps({"module": inner}), "utf-8")
    document["module"]["theirs"] = {"source": "./theirs"}
    stack.write(document)
    stack.init()
    created = stack.plan().created
    modules = Counter(address.partition(".aws_")[0] for address in created)
    assert set(modules) == {"module.counted[0]", 'module.each["a"]', "module.far", "module.theirs.module.ports"}
    assert len(set(modules.values())) == 1
    stack.apply()
    owners = {region: {owner for owner, _ in groups_by_tag(cloud.moment())} for region, cloud in clouds.items()}
    assert owners == {"us-east-1": {"theirs", "counted-0", "each-a", "inner"}, "eu-central-1": {"theirs", "far"}}
    assert stack.has_nothing_to_do()


# --- What is refused ---

_OFFICE = {"cidr_ipv4": "203.0.113.0/24"}
_LATER = "${terraform_data.later.output}"
_MADE_LATER = {"terraform_data": {"later": {"input": "10.0.0.0/8"}}}


def test_a_wide_block_is_refused_before_it_is_open_whatever_is_targeted(cloud: Cloud, new_caller: NewCaller) -> None:
    call = {"distribution": "k3s", "vpc_id": VPC, "groups": _brought(cloud, "etcd", "controlplane")}
    call |= {"features": ["ssh-admin"], "slots": {"ssh_clients": ["all"]}}

    def refused(value: str, *arguments: str) -> None:
        document = calling({"ports": {**call, "peers": {"all": {"cidr_ipv4": value}}}}, resource=later)
        deployed.write(document)
        finished = deployed.run(*APPLY, *arguments)
        assert finished.returncode == 1
        assert "peers.all: write a block no wider than /8" in " ".join(finished.stderr.split())

    later = {"terraform_data": {"later": {"input": "0.0.0.0/0"}}}
    deployed = new_caller(calling({"ports": call}, resource=later))
    refused("0.0.0.0/0", "-target=module.ports")
    # All else is made, for want of knowing better.
    refused(_LATER)
    assert not [rule for rule in cloud.moment().rules if rule.first == 22]


# By what it is, the inputs, and what the message begins with and holds besides.
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "vpc-id": ({"vpc_id": "vpc-1"}, "vpc_id: write", ""),
    "vpc-id-null": ({"vpc_id": None}, "", "vpc_id"),
    "prefix-sg": ({"group_name_prefix": "SG-x"}, "group_name_prefix: write", ""),
    "prefix-empty": ({"group_name_prefix": ""}, "group_name_prefix: write", ""),
    "vpc-id-within": ({"vpc_id": "xvpc-0123456789abcdef0"}, "vpc_id: write", ""),
    "vpc-id-space": ({"vpc_id": "vpc-0123456789abcdef0 "}, "vpc_id: write", ""),
    "prefix-space": ({"group_name_prefix": " x"}, "group_name_prefix: write", ""),
    "prefix-quote": ({"group_name_prefix": "x'"}, "group_name_prefix: write", ""),
    "prefix-long": ({"group_name_prefix": "x" * 216}, "group_name_prefix: write", ""),
    "tags-many": ({"tags": {f"t{number}": "" for number in range(47)}}, "tags: write at most 46", ""),
    "tags-name": ({"tags": {"Name": "x"}}, "tags: leave out", '["Name"]'),
    "tags-aws": ({"tags": {"AWS:x": "x"}}, "tags: leave out", '["AWS:x"]'),
    "tags-ours": ({"tags": {"rancher-ports:role": "x"}}, "tags: leave out", "rancher-ports:role"),
    "tags-cluster": (
        {"tags": {"kubernetes.io/cluster/prod": "owned"}},
        "tags: leave out",
        "kubernetes.io/cluster/prod",
    ),
    "tags-key": ({"tags": {"a\tb": "x"}}, "tags: write keys", ""),
    "tags-key-long": ({"tags": {"k" * 128: "x"}}, "tags: write keys", ""),
    "tags-value": ({"tags": {"a": "x" * 257}}, "tags: write values", ""),
    "tags-null": ({"tags": {"a": None}}, "tags: write values", ""),
    "one-sided": ({"one_sided": "both"}, "one_sided: write documented or completed", '"both"'),
    "egress": ({"egress": "none"}, "egress: write documented or all", '"none"'),
    "cni": ({"cni": "canal"}, "cni: write flannel or", '"canal"'),
    "feature": ({"features": ["monitring", "monitoring"]}, "features: write names of", '["monitring"]'),
    "peer-key": ({"peers": {"Office": _OFFICE}}, "peers: write keys of lower-case", '["Office"]'),
    "peer-key-underscore": ({"peers": {"office_x": _OFFICE}}, "peers: write keys of lower-case", '["office_x"]'),
    "peer-key-long": ({"peers": {"o" * 64: _OFFICE}}, "peers: write keys of lower-case", "ooo"),
    "peer-role": ({"peers": {"worker": _OFFICE}}, "peers: write keys that are not taken", '["worker"]'),
    "peer-like-a-role": ({"peers": {"a-etcd": _OFFICE}}, "peers: write keys that are not taken", '["a-etcd"]'),
    "peer-nothing": ({"peers": {"office": {}}}, "peers: write exactly one of", ""),
    "peer-typo": ({"peers": {"office": {"cidr_ip4": "203.0.113.0/24"}}}, "peers: write exactly one of", ""),
    "peers-nothing": ({"peers": {"a": {}, "b": {}}}, "peers: write exactly one of", ""),
    "peer-two": ({"peers": {"office": {**_OFFICE, "prefix_list_id": PREFIX_LIST}}}, "peers: write exactly one of", ""),
    "peer-null": ({"peers": {"office": None}}, "peers: leave out a key", '["office"]'),
    "host-bits": ({"peers": {"office": {"cidr_ipv4": "203.0.113.1/24"}}}, "peers: write cidr_ipv4", ""),
    "no-length": ({"peers": {"office": {"cidr_ipv4": "203.0.113.1"}}}, "peers: write cidr_ipv4", ""),
    "v6-as-v4": ({"peers": {"office": {"cidr_ipv4": "2001:db8::/48"}}}, "peers: write cidr_ipv4", ""),
    "leading-zero": ({"peers": {"office": {"cidr_ipv4": "010.0.0.0/8"}}}, "peers: write cidr_ipv4", ""),
    "host-bits-v6": ({"peers": {"office": {"cidr_ipv6": "2001:db8::1/48"}}}, "peers: write cidr_ipv6", ""),
    "v4-as-v6": ({"peers": {"office": {"cidr_ipv6": "203.0.113.0/24"}}}, "peers: write cidr_ipv6", ""),
    "v4-in-disguise": ({"peers": {"office": {"cidr_ipv6": "::ffff:203.0.113.0/120"}}}, "peers: write cidr_ipv6", ""),
    "prefix-list": ({"peers": {"office": {"prefix_list_id": "pl-x"}}}, "peers: write prefix_list_id", ""),
    "own-account-twice": (
        {
            "peers": {
                "a": {"security_group_id": "sg-01234567"},
                "b": {"security_group_id": OTHER_ACCOUNTS_GROUP},
            }
        },
        "peers: write each value once",
        "",
    ),
    "group-id": ({"peers": {"office": {"security_group_id": "front"}}}, "peers: write security_group_id", ""),
    "label": ({"peers": {"office": {**_OFFICE, "label": "Büro"}}}, "peers: write a label", ""),
    "label-space": ({"peers": {"office": {**_OFFICE, "label": " Office"}}}, "peers: write a label", ""),
    "label-ampersand": ({"peers": {"office": {**_OFFICE, "label": "R&D"}}}, "peers: write a label", ""),
    "label-quote": ({"peers": {"office": {**_OFFICE, "label": "Who's"}}}, "peers: write a label", ""),
    "label-long": ({"peers": {"office": {**_OFFICE, "label": "x" * 61}}}, "peers: write a label", ""),
    "label-empty": ({"peers": {"office": {**_OFFICE, "label": ""}}}, "peers: write a label", ""),
    "twice": ({"peers": {"office": _OFFICE, "berlin": _OFFICE}}, "peers: write each value once", ""),
    "twice-v6": (
        {"peers": {"a": {"cidr_ipv6": "2001:db8::/48"}, "b": {"cidr_ipv6": "2001:DB8:0::/48"}}},
        "peers: write each value once",
        "",
    ),
    # One that is known only at apply hides no other.
    "beside-unknown": (
        {"peers": {"a": {"cidr_ipv4": _LATER}, "b": {"cidr_ipv4": "10.0.0.1/8"}}},
        "peers: write cidr_ipv4",
        "",
    ),
    "slot": ({"slots": {"ui_clients": []}}, "slots: write names of", '["ui_clients"]'),
    "slot-null-in": ({"slots": {"ui_api_clients": ["x", None]}}, "slots: write []", ""),
    "slot-null": ({"slots": {"ui_api_clients": None}}, "slots: write []", ""),
    "group-role": ({"groups": {"server": {"security_group_id": THEIR_GROUP}}}, "groups: write roles", '["server"]'),
    "group-bad-id": ({"groups": {"etcd": {"security_group_id": "etcd"}}}, "groups: write security_group_id", ""),
    "group-other-account": (
        {"groups": {"etcd": {"security_group_id": OTHER_ACCOUNTS_GROUP, "add_rules": True}}},
        "groups: write add_rules",
        "",
    ),
    "group-twice": (
        {"groups": {role: {"security_group_id": THEIR_GROUP} for role in ("etcd", "worker")}},
        "groups: write a group of its own",
        "",
    ),
}

# What is just so allowed.
GOOD: dict[str, dict[str, Any]] = {
    "limits": {
        "group_name_prefix": "x" * 215,
        "tags": {f"t{number}": "" for number in range(44)} | {"Namespace": "x" * 256, "k" * 127: "a b"},
        "peers": {
            "o" * 63: {**_OFFICE, "label": "a-zA-Z0-9. _-:/()#,@[]+=;{}!$*".ljust(60, "x")},
            "a-etcd-b": {"cidr_ipv6": "2001:DB8:0::/048"},
            "mirrors": {"prefix_list_id": "pl-01234567"},
            "front": {"security_group_id": OTHER_ACCOUNTS_GROUP},
        },
        "slots": {"ui_api_clients": []},
        "groups": {
            "etcd": {"security_group_id": "sg-01234568", "add_rules": True},
            "worker": {"security_group_id": "123456789012/sg-01234569"},
        },
    },
}

# Of several variables together.
BAD_TOGETHER: dict[str, tuple[dict[str, Any], str, str]] = {
    "nobody": (
        {"peers": {"office": _OFFICE}, "slots": {"ui_api_clients": ["ofice"]}},
        "slots: write keys of peers",
        '["ofice"]',
    ),
    "brought": (
        {
            "peers": {"front": {"security_group_id": THEIR_GROUP}},
            "slots": {"ui_api_clients": ["front"]},
            "groups": {"etcd": {"security_group_id": THEIR_GROUP}},
        },
        "peers, groups: write peers whose value",
        '["front"]',
    ),
    "default-peer": (
        {
            "distribution": "rke1",
            "peers": {"git": {"cidr_ipv4": "35.160.43.145/32"}},
            "slots": {"hosted_kubernetes_api": ["git"]},
        },
        "peers, groups: write peers whose value",
        '["git","git-rancher-io-1"]',
    ),
    "world": (
        {"peers": {"all": {"cidr_ipv4": "0.0.0.0/0"}}, "slots": {"load_balancer": ["all"]}},
        "peers.all: write a block no wider than /8",
        "rancher ingress 80/tcp",
    ),
    "nearly-the-world": (
        {"peers": {"wide": {"cidr_ipv4": "10.0.0.0/7"}}, "slots": {"load_balancer": ["wide"]}},
        "peers.wide: write a block no wider than /8",
        "rancher ingress 80/tcp",
    ),
    "nearly-the-world-v6": (
        {"peers": {"wide-v6": {"cidr_ipv6": "2000::/11"}}, "slots": {"load_balancer": ["wide-v6"]}},
        "peers.wide-v6: write a block no wider than /8",
        "rancher ingress 80/tcp",
    ),
    "every-v6": (
        {"peers": {"every-v6": {"cidr_ipv6": "::/0"}}, "slots": {"load_balancer": ["every-v6"]}},
        "peers.every-v6: write a block no wider than /8",
        "rancher ingress 80/tcp",
    ),
    "default-key-of-another": (
        {"distribution": "rke1", "slots": {"git_rancher_io": ["git-rancher-io-1", "git-rancher-io-4"]}},
        "slots: write keys of peers",
        '["git-rancher-io-4"]',
    ),
    "half-of-the-world-beside-unknown": (
        {
            "peers": {"half": {"cidr_ipv4": "128.0.0.0/1"}, "later": {"cidr_ipv4": _LATER}},
            "slots": {"load_balancer": ["half", "later"], "ui_api_clients": ["half"]},
        },
        "peers.half: write a block no wider than /8",
        "rancher ingress 80/tcp",
    ),
    "world-v6": (
        {"peers": {"all-v6": {"cidr_ipv6": "2000::/3"}}, "slots": {"hosted_kubernetes": ["all-v6"]}},
        "peers.all-v6: write a block no wider than /8",
        "rancher ingress 443/tcp",
    ),
}


def _refusals(stack: Stack) -> list[tuple[str, str]]:
    """What a plan refuses: in which module's block, as far as the engine says so, and the message."""
    finished = stack.run("plan", "-json", "-input=false")
    assert finished.returncode == 1
    lines = [json.loads(line) for line in finished.stdout.splitlines()]
    found = [line["diagnostic"] for line in lines if line["type"] == "diagnostic"]
    assert {diagnostic["severity"] for diagnostic in found} == {"error"}
    return [(one.get("snippet", {}).get("context", ""), one["detail"].partition("\n\n")[0]) for one in found]


def test_bad_input_is_refused_at_plan_with_what_to_write_instead(
    new_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    # Variables check themselves: without the rules a module is read in no time, which counts with as many calls.
    variables = tmp_path / "stack" / "modules" / "k3s"
    variables.mkdir(parents=True)
    (variables / "variables.tf.json").symlink_to(MODULES / "k3s" / "variables.tf.json")
    given = {name: inputs for name, (inputs, *_) in BAD.items()} | GOOD
    calls = {name: {"distribution": "k3s", "vpc_id": VPC, **inputs} for name, inputs in given.items()}
    refusals = _refusals(new_stack(calling(calls, resource=_MADE_LATER)))
    for name, (_, begins, holds) in BAD.items():
        messages = [message for where, message in refusals if where == f"module.{name}"]
        assert len(messages) == 1, (name, messages)
        assert messages[0].startswith(begins), (name, messages)
        assert holds in messages[0], (name, messages)
    assert len(refusals) == len(BAD)


def test_what_several_variables_say_together_is_refused_at_plan(new_caller: NewCaller) -> None:
    wide = {"a": {"cidr_ipv4": "10.0.0.0/8"}, "b": {"cidr_ipv6": "fc00::/7"}, "c": {"cidr_ipv6": "2000::/12"}}
    good: dict[str, Any] = {"wide-and-not-refused": {"peers": wide, "slots": {"load_balancer": [*wide]}}}
    # Everybody may stand where everybody is meant.
    good["everybody"] = {"peers": {"all": {"cidr_ipv4": "0.0.0.0/0"}}, "slots": {"ingress_clients": ["all"]}}
    given = {name: inputs for name, (inputs, *_) in BAD_TOGETHER.items()} | good
    calls = {name: {"distribution": "k3s", "vpc_id": VPC, **inputs} for name, inputs in given.items()}
    refusals = [message for _, message in _refusals(new_caller(calling(calls, resource=_MADE_LATER)))]
    for name, (_, begins, holds) in BAD_TOGETHER.items():
        messages = [message for message in refusals if message.startswith(begins) and holds in message]
        assert len(messages) == 1, (name, refusals)
    assert len(refusals) == len(BAD_TOGETHER)
