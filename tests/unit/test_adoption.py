"""Groups that exist against the documents, and how they are taken over: what users have, and what has to come of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.adoption import Adoption, Judged, adopt, import_text, read_wish, removed_text, settings_text
from rancher_ports.errors import InputError
from rancher_ports.readers.described import read_groups, read_rules
from rancher_ports.readers.managed import read_managed
from rancher_ports.render.adoption_json import adoption_to_json
from rancher_ports.render.adoption_text import adoption_to_text, judged_text
from rancher_ports.render.review_sheet import listed
from rancher_ports.settings import read_settings
from rancher_ports.tables import load_tables
from tests.conftest import ROOT
from tests.unit.strategies import FEW

ACCOUNT, VPC = "123456789012", "vpc-0123456789abcdef0"
IDS = {role: f"sg-{number}{'0' * 16}" for number, role in enumerate(("rancher", "etcd", "controlplane", "worker"), 1)}
A, B = "sg-00000001", "sg-00000002"
Rule = tuple[str, bool, str, str, str]


def _group(id_: str, name: str, *, rules: int | None = None, **more: Any) -> dict[str, Any]:
    found = {"GroupId": id_, "GroupName": name, "Description": f"{name} by hand", "VpcId": VPC, **more}
    if rules is not None:
        ranges = [{"CidrIp": f"10.{number}.0.0/16"} for number in range(rules)]
        found |= {"IpPermissions": [{"IpProtocol": "tcp", "IpRanges": ranges}], "IpPermissionsEgress": []}
    return found


def _rules(rules: Iterable[Rule]) -> dict[str, Any]:
    """Rules as EC2 describes them: group, whether egress, port, peer, description."""
    described = []
    for number, (group, is_egress, port, peer, description) in enumerate(rules):
        numbers, _, protocol = port.partition("/")
        first, _, last = numbers.partition("-")
        ports = {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}
        if port != "all":
            ports = {"IpProtocol": protocol, "FromPort": int(first), "ToPort": int(last or first)}
        if peer.startswith("sg-"):
            who: dict[str, Any] = {"ReferencedGroupInfo": {"GroupId": peer, "UserId": ACCOUNT}}
        elif peer.startswith("pl-"):
            who = {"PrefixListId": peer}
        else:
            who = {"CidrIpv6" if ":" in peer else "CidrIpv4": peer}
        described.append(
            {
                "SecurityGroupRuleId": f"sgr-{number:017x}",
                "GroupId": group,
                "GroupOwnerId": ACCOUNT,
                "IsEgress": is_egress,
                **ports,
                **who,
                **({"Description": description} if description else {}),
            }
        )
    return {"SecurityGroupRules": described}


def _adopt(
    wishes: Iterable[str],
    groups: Iterable[dict[str, Any]],
    rules: Iterable[Rule],
    settings: Mapping[str, Any] | None = None,
    states: Iterable[object] = (),
) -> Adoption:
    document = {"region": "us-east-1", **(settings or {})}
    described = read_groups({"SecurityGroups": list(groups)}), read_rules(_rules(rules))
    managed = [one for state in states for one in read_managed(state)]
    return adopt(document, load_tables(), [read_wish(wish) for wish in wishes], described, managed)


def _by_hand(rules: Iterable[Rule], settings: Mapping[str, Any] | None = None) -> Adoption:
    """A group for each role."""
    groups = [_group(id_, role) for role, id_ in IDS.items()]
    return _adopt([f"{role}={id_}" for role, id_ in IDS.items()], groups, rules, settings)


def _judged(group: str, port: str, peer: str, settings: Mapping[str, Any] | None = None) -> Judged:
    (judged,) = _by_hand([(IDS[group], False, port, IDS.get(peer, peer), "")], settings).comparison.judged
    return judged


# What the RKE1 document says of etcd: 2379 and 2380 in from etcd and controlplane, 8472/udp among all nodes.
@pytest.mark.parametrize(
    ("group", "port", "peer", "verdict"),
    [
        ("etcd", "2379/tcp", "etcd", "needed"),
        ("etcd", "2379/tcp", "controlplane", "needed"),
        ("etcd", "2379/tcp", "worker", "unneeded"),
        ("etcd", "2379/tcp", "sg-00000009", "unneeded"),
        ("etcd", "2379/tcp", "10.0.0.0/8", "wider"),
        ("etcd", "2379/tcp", "pl-0123456789abcdef0", "wider"),
        ("etcd", "2379-2380/tcp", "etcd", "within"),
        ("etcd", "2378-2380/tcp", "etcd", "wider"),
        ("etcd", "22/tcp", "10.0.0.0/8", "unneeded"),
        ("worker", "8472/udp", "etcd", "needed"),
        ("worker", "8472/tcp", "etcd", "unneeded"),
        ("worker", "30000/tcp", "203.0.113.0/24", "unfilled-slot"),
        ("worker", "443/tcp", "0.0.0.0/0", "unfilled-slot"),
    ],
)
def test_the_verdict_on_one_rule(group: str, port: str, peer: str, verdict: str) -> None:
    assert _judged(group, port, peer).verdict == verdict


def test_by_how_much_a_rule_is_wider() -> None:
    ports = _judged("etcd", "2378-2382/tcp", "etcd")
    assert [str(port) for port in ports.ports] == ["2378/tcp", "2381-2382/tcp"]
    assert ports.addresses == ()
    addresses = _judged("etcd", "2379/tcp", "10.0.0.0/24")
    assert (addresses.ports, _beyond(addresses)) == ((), {256: "2379/tcp"})
    assert _beyond(_judged("etcd", "2379/tcp", "pl-0123456789abcdef0")) == {None: "2379/tcp"}


def _beyond(judged: Judged) -> dict[int | None, str]:
    return {some.addresses: ", ".join(map(str, some.ports)) for some in judged.addresses}


def test_each_port_is_held_against_who_is_needed_on_it() -> None:
    settings = {
        "peers": {"web": {"cidr": "10.0.0.0/8"}, "games": {"cidr": "10.1.0.0/16"}},
        "slots": {"ingress_clients": ["web"], "nodeport_clients": ["games"]},
    }
    # The document lets in besides: 10250/tcp from the other nodes, 30000-32767 from nodeport_clients.
    judged = _judged("worker", "443-32768/tcp", "10.0.0.0/8", settings)
    assert listed(judged.ports, str) == "444-10249/tcp, 10251-29999/tcp, 32768/tcp"
    beyond = {2**24: "10250/tcp", 2**24 - 2**16: "30000-32767/tcp"}
    assert _beyond(judged) == beyond
    assert (
        "; 16,777,216 addresses where fewer, or groups, are needed on 10250/tcp; "
        "16,711,680 addresses where fewer, or groups, are needed on 30000-32767/tcp; needed: "
    ) in judged_text(judged)
    # Of two blocks side by side each has a port of its own: neither is needed on the other's.
    settings["peers"] = {"web": {"cidr": "10.0.0.0/9"}, "games": {"cidr": "10.128.0.0/9"}}
    assert _beyond(_judged("worker", "30000-32767/tcp", "10.0.0.0/8", settings)) == {2**23: "30000-32767/tcp"}
    assert _beyond(_judged("worker", "443/tcp", "10.0.0.0/9", settings)) == {}


def test_of_a_block_only_what_is_not_in_the_slot_is_too_much() -> None:
    office = {"office": {"cidr": "203.0.113.0/25"}}
    settings = {"peers": office, "slots": {"ui_api_clients": ["office"]}}
    judged = _judged("rancher", "443/tcp", "203.0.113.0/24", settings)
    assert (judged.verdict, _beyond(judged)) == ("wider", {128: "443/tcp"})
    assert _judged("rancher", "443/tcp", "203.0.113.0/25", settings).verdict == "needed"
    assert _judged("rancher", "443/tcp", "198.51.100.0/24", settings).verdict == "wider"


def test_an_unneeded_rule_says_for_whom_its_port_is_documented() -> None:
    assert _judged("etcd", "2379/tcp", "worker").others == ("controlplane", "etcd")
    assert _judged("etcd", "22/tcp", "worker").others == ()


@pytest.mark.parametrize(
    ("peer", "port", "covered"),
    [
        ("controlplane", "2379-2380/tcp", "yes"),
        ("0.0.0.0/0", "2379/tcp", "yes"),
        ("0.0.0.0/0", "all", "yes"),
        ("10.0.0.0/8", "2379/tcp", "perhaps"),
        ("pl-0123456789abcdef0", "2000-3000/tcp", "perhaps"),
        ("worker", "2379/tcp", "no"),
        ("controlplane", "2380/tcp", "no"),
        ("0.0.0.0/0", "2380/tcp", "no"),
    ],
)
def test_what_is_missing_and_what_wider_rules_let_pass(peer: str, port: str, covered: str) -> None:
    lacking = _by_hand([(IDS["etcd"], False, port, IDS.get(peer, peer), "")]).comparison.lacking
    (found,) = [
        one
        for one in lacking
        if one.group.id == IDS["etcd"] and str(one.rule.port) == "2379/tcp" and one.rule.peer.name == "controlplane"
        if one.rule.direction == "ingress"
    ]
    assert found.covered == covered
    assert bool(found.by) is (covered != "no")


def test_what_is_there_is_not_missing() -> None:
    rule = (IDS["etcd"], False, "2379/tcp", IDS["controlplane"], "")
    missing = {
        (one.group.id, str(one.rule.port), one.rule.peer.name, one.rule.direction)
        for one in _by_hand([rule]).comparison.lacking
    }
    assert (IDS["etcd"], "2379/tcp", "controlplane", "ingress") not in missing
    assert (IDS["etcd"], "2379/tcp", "etcd", "ingress") in missing
    assert (IDS["controlplane"], "2379/tcp", "etcd", "egress") in missing


# Kubernetes documentation, Service; AWS Load Balancer Controller; cloud-provider-aws.
@pytest.mark.parametrize(
    ("description", "peer", "is_theirs"),
    [
        ("kubernetes.io/rule/nlb/client=a1", "0.0.0.0/0", True),
        ("kubernetes.io/rule/nlb/health=a1", "172.31.0.0/16", True),
        ("kubernetes.io/rule/nlb/mtu=a1", "0.0.0.0/0", True),
        ("elbv2.k8s.aws/targetGroupBinding=shared", "sg-00000077", True),
        ("", "sg-00000088", True),
        ("", "sg-00000099", True),
        ("", "sg-00000044", True),
        ("", "sg-00000033", True),
        ("see kubernetes.io/rule/nlb/client=a1", "0.0.0.0/0", False),
        ("", "sg-00000066", False),
        ("", "sg-00000055", False),
    ],
)
def test_rules_of_the_cloud_controller_are_left_alone(description: str, peer: str, is_theirs: bool) -> None:
    groups = [
        _group(IDS["worker"], "worker"),
        _group("sg-00000088", "k8s-elb-a1b2"),
        _group("sg-00000099", "k8s-traffic-prod", Tags=[{"Key": "elbv2.k8s.aws/cluster", "Value": "prod"}]),
        _group("sg-00000066", "office-k8s-elb-"),
        _group("sg-00000055", "k8s-elbow"),
        _group("sg-00000044", "web", Tags=[{"Key": "service.k8s.aws/stack", "Value": "web"}]),
        _group("sg-00000033", "web", Tags=[{"Key": "ingress.k8s.aws/stack", "Value": "web"}]),
    ]
    made = _adopt([f"worker={IDS['worker']}"], groups, [(IDS["worker"], False, "31234/tcp", peer, description)])
    assert (made.comparison.judged[0].verdict == "controller") is is_theirs
    assert (made.kept == 0) is is_theirs
    assert (len(made.imports) == 1) is is_theirs


def test_egress_is_nobodys_but_ones_own() -> None:
    groups = [_group(IDS["worker"], "worker"), _group("sg-00000088", "k8s-elb-a1b2")]
    made = _adopt([f"worker={IDS['worker']}"], groups, [(IDS["worker"], True, "31234/tcp", "sg-00000088", "")])
    assert made.comparison.judged[0].verdict != "controller"


def test_what_is_kept_stands_in_the_settings_and_is_imported_where_it_goes() -> None:
    rules = [
        (IDS["etcd"], False, "2379/tcp", IDS["etcd"], "theirs"),
        (IDS["etcd"], False, "22/tcp", "10.0.0.0/8", "SSH of ${everybody}"),
        (IDS["etcd"], True, "all", "0.0.0.0/0", ""),
        (IDS["worker"], False, "22/tcp", "203.0.113.0/24", ""),
        (IDS["worker"], False, "23/tcp", IDS["rancher"], ""),
    ]
    settings = {"peers": {"office": {"cidr": "203.0.113.0/24"}}, "prefix": "prod"}
    made = _by_hand(rules, settings)
    adopted: Any = made.settings["adopted"]
    assert adopted["etcd"] == {
        "name": "etcd",
        "description": "etcd by hand",
        "kept": [
            {"direction": "ingress", "port": "22/tcp", "peer": "i-10-0-0-0-8", "why": "SSH of $ {everybody}"},
            {"direction": "egress", "port": "all", "peer": "anywhere-ipv4"},
        ],
    }
    assert [rule["peer"] for rule in adopted["worker"]["kept"]] == ["office", "rancher"]
    assert made.settings["peers"] == {"office": {"cidr": "203.0.113.0/24"}, "i-10-0-0-0-8": {"cidr": "10.0.0.0/8"}}
    assert made.settings["vpc_id"] == VPC
    assert made.kept == 4
    assert {one.id: one.address for one in made.imports} == {
        **{id_: f"aws_security_group.prod_{role}" for role, id_ in IDS.items()},
        "sgr-00000000000000000": "aws_vpc_security_group_ingress_rule.prod_etcd_from_etcd_tcp_2379",
        "sgr-00000000000000001": "aws_vpc_security_group_ingress_rule.prod_etcd_from_i-10-0-0-0-8_tcp_22",
        "sgr-00000000000000002": "aws_vpc_security_group_egress_rule.prod_etcd_to_anywhere-ipv4_all",
        "sgr-00000000000000003": "aws_vpc_security_group_ingress_rule.prod_worker_from_office_tcp_22",
        "sgr-00000000000000004": "aws_vpc_security_group_ingress_rule.prod_worker_from_rancher_tcp_23",
    }


def test_tags_are_kept_but_for_those_of_aws_and_ours() -> None:
    tags = {
        "team": "a",
        "Name": "n",
        "kubernetes.io/cluster/prod": "owned",
        "aws:cloudformation:stack-name": "s",
        "AWS:x": "y",
    }
    listed = [{"Key": k, "Value": v} for k, v in {**tags, "rancher-ports:role": "etcd"}.items()]
    made = _adopt([f"etcd={A}"], [_group(A, "etcd", Tags=listed)], [])
    adopted: Any = made.settings["adopted"]
    assert adopted["etcd"]["tags"] == {key: value for key, value in tags.items() if not key.lower().startswith("aws:")}


def test_a_group_of_all_roles_becomes_nodes_and_stands_for_each_of_them() -> None:
    rules = [
        (A, False, "2379/tcp", A, ""),
        (A, False, "8472/udp", A, ""),
    ]
    made = _adopt([], [_group(A, "rancher-nodes")], rules)
    assert [(one.becomes, one.roles) for one in made.assignments] == [("nodes", ("etcd", "controlplane", "worker"))]
    assert [one.verdict for one in made.comparison.judged] == ["needed", "needed"]
    # The roles' own groups are new: the rules stay on the one that nodes have now.
    assert {one.address for one in made.imports} == {
        "aws_security_group.rancher_nodes",
        "aws_vpc_security_group_ingress_rule.rancher_nodes_from_nodes_tcp_2379",
        "aws_vpc_security_group_ingress_rule.rancher_nodes_from_nodes_udp_8472",
    }


def test_a_group_of_two_roles_becomes_the_first_ones() -> None:
    rules = [
        (A, False, "2379/tcp", A, ""),
        (A, False, "6443/tcp", B, ""),
    ]
    groups = [_group(A, "masters"), _group(B, "workers")]
    made = _adopt(["controlplane,etcd=masters", "worker=workers"], groups, rules)
    assert [one.becomes for one in made.assignments] == ["controlplane", "worker"]
    assert {one.rule.id: one.verdict for one in made.comparison.judged} == {
        "sgr-00000000000000000": "needed",
        "sgr-00000000000000001": "needed",
    }
    assert {one.address for one in made.imports if one.id.startswith("sgr-")} == {
        "aws_vpc_security_group_ingress_rule.rancher_controlplane_from_controlplane_tcp_2379",
        "aws_vpc_security_group_ingress_rule.rancher_controlplane_from_worker_tcp_6443",
    }


def test_a_group_that_was_brought_is_brought_no_longer() -> None:
    brought = {
        "etcd": {"security_group_id": A, "add_rules": True},
        "worker": {"security_group_id": B},
    }
    rules = [(A, False, "8472/udp", B, "")]
    made = _adopt([f"etcd={A}"], [_group(A, "etcd")], rules, {"groups": brought})
    assert made.settings["groups"] == {"worker": {"security_group_id": B}}
    assert made.imports[-1].address == "aws_vpc_security_group_ingress_rule.rancher_etcd_from_worker_udp_8472"


def test_another_group_that_was_brought_for_the_role_is_refused() -> None:
    with pytest.raises(InputError, match="adopted or brought"):
        _adopt(
            [f"etcd={A}"],
            [_group(A, "etcd")],
            [],
            {"groups": {"etcd": {"security_group_id": B}}},
        )


def test_a_rule_for_a_group_that_was_adopted_before_is_no_second_one() -> None:
    rule = (B, False, "2379/tcp", A, "")
    groups = [_group(A, "masters"), _group(B, "data")]
    before = _adopt([f"controlplane={A}"], groups, [rule]).settings
    made = _adopt([f"etcd={B}"], groups, [rule], before)
    assert made.kept == 0
    assert {one.address for one in made.imports} == {
        "aws_security_group.rancher_etcd",
        "aws_vpc_security_group_ingress_rule.rancher_etcd_from_controlplane_tcp_2379",
    }
    # The other way round the rule stands in the settings already, with the id.
    first = _adopt([f"etcd={B}"], groups, [rule]).settings
    assert "g-sg-00000001" in first["peers"]  # type: ignore[operator]  # a mapping
    with pytest.raises(InputError, match=r"peers\.g-sg-00000001.*have kept rules name controlplane"):
        _adopt([f"controlplane={A}"], groups, [rule], first)


def test_a_rule_for_a_group_that_the_app_made_is_known_by_our_tags() -> None:
    tags = [{"Key": "rancher-ports:owner", "Value": "rancher"}, {"Key": "rancher-ports:role", "Value": "etcd"}]
    groups = [_group(A, "rancher-etcd-1", Tags=tags), _group(B, "workers")]
    made = _adopt([f"worker={B}"], groups, [(B, False, "8472/udp", A, "")])
    assert made.comparison.judged[0].verdict == "needed"
    assert made.imports[1].address == "aws_vpc_security_group_ingress_rule.rancher_worker_from_etcd_udp_8472"
    others = [{**tags[0], "Value": "other"}, tags[1]]
    groups[0] = _group(A, "other-etcd-1", Tags=others)
    made = _adopt([f"worker={B}"], groups, [(B, False, "8472/udp", A, "")])
    assert made.comparison.judged[0].verdict == "unneeded"


@pytest.mark.parametrize(("settings", "peer"), [({"kubernetes_cluster": "prod"}, "nodes"), ({}, "g-sg-00000001")])
def test_the_group_of_all_nodes_is_known_where_the_app_has_one(settings: dict[str, Any], peer: str) -> None:
    tags = [{"Key": "rancher-ports:owner", "Value": "rancher"}, {"Key": "rancher-ports:role", "Value": "nodes"}]
    groups = [_group(A, "rancher-nodes-1", Tags=tags), _group(B, "workers")]
    made = _adopt([f"worker={B}"], groups, [(B, False, "9/tcp", A, "")], settings)
    adopted: Any = made.settings["adopted"]
    assert [rule["peer"] for rule in adopted["worker"]["kept"]] == [peer]
    assert len(made.imports) == 2


def test_a_peer_that_is_to_be_adopted_is_refused() -> None:
    peers = {"masters": {"security_group_id": A}}
    settings = {"peers": peers, "slots": {"ui_api_clients": ["masters"]}}
    with pytest.raises(InputError, match=r"peers\.masters"):
        _adopt([f"controlplane={A}"], [_group(A, "masters")], [], settings)


def test_a_group_that_is_brought_for_another_role_is_refused() -> None:
    with pytest.raises(InputError, match=r"groups\.worker.*not adopted for etcd"):
        _adopt([f"etcd={A}"], [_group(A, "a")], [], {"groups": {"worker": {"security_group_id": A}}})


def test_a_group_named_twice_is_refused() -> None:
    with pytest.raises(InputError, match="each group once"):
        _adopt([f"etcd={A}", "etcd=data"], [_group(A, "data")], [])


def test_groups_of_two_accounts_are_refused() -> None:
    groups = [_group(A, "a", OwnerId="111111111111"), _group(B, "b", OwnerId="222222222222")]
    with pytest.raises(InputError, match="groups of one account"):
        _adopt([f"etcd={A}", f"worker={B}"], groups, [])


def test_a_rule_without_an_account_has_its_groups() -> None:
    document = _rules([(A, False, "2379/tcp", A, "")])
    del document["SecurityGroupRules"][0]["GroupOwnerId"]
    described = read_groups({"SecurityGroups": [_group(A, "a", OwnerId=ACCOUNT)]}), read_rules(document)
    made = adopt({"region": "us-east-1"}, load_tables(), [read_wish(f"etcd={A}")], described)
    assert [one.verdict for one in made.comparison.judged] == ["needed"]


def test_a_rule_for_another_services_group_is_named() -> None:
    document = _rules([(A, False, "80/tcp", B, "")])
    document["SecurityGroupRules"][0]["ReferencedGroupInfo"]["UserId"] = "amazon-elb"
    described = read_groups({"SecurityGroups": [_group(A, "a")]}), read_rules(document)
    with pytest.raises(InputError, match="sgr-00000000000000000 on sg-00000001"):
        adopt({"region": "us-east-1"}, load_tables(), [read_wish(f"etcd={A}")], described)


def test_a_description_stays_within_what_ec2_takes() -> None:
    made = _adopt([f"etcd={A}"], [_group(A, "a")], [(A, False, "22/tcp", "10.0.0.0/8", "x" * 253 + "${")])
    adopted: Any = made.settings["adopted"]
    assert adopted["etcd"]["kept"][0]["why"] == "x" * 253 + "$ "


def test_a_peer_that_is_just_needed_has_nothing_beyond_but_ports() -> None:
    for value in ({"cidr": "0.0.0.0/0"}, {"prefix_list_id": "pl-0123456789abcdef0"}):
        settings = {"peers": {"world": value}, "slots": {"ui_api_clients": ["world"]}}
        judged = _judged("rancher", "443-444/tcp", next(iter(value.values())), settings)
        assert (judged.verdict, [str(port) for port in judged.ports], judged.addresses) == ("wider", ["444/tcp"], ())
        assert "; 444/tcp beyond those needed; needed: 443/tcp " in judged_text(judged)


def test_a_block_of_one_family_is_not_there_for_one_of_the_other() -> None:
    settings = {"peers": {"office": {"cidr": "203.0.113.0/24"}}, "slots": {"ui_api_clients": ["office"]}}
    judged = _judged("rancher", "443/tcp", "2001:db8::/32", settings)
    # The nodes of the cluster may be in it.
    assert judged.needed
    assert ("443/tcp", "office") not in judged.needed


def test_a_block_that_is_smaller_than_who_is_needed_lets_nobody_else_pass() -> None:
    settings = {"peers": {"office": {"cidr": "10.0.0.0/8"}}, "slots": {"ui_api_clients": ["office"]}}
    for blocks, covered in (
        (("10.0.0.0/9",), "no"),
        (("10.0.0.0/9", "10.128.0.0/9"), "yes"),
        (("10.0.0.0/9", "pl-0123456789abcdef0"), "perhaps"),
        (("10.0.0.0/9", "::/0"), "no"),
        (("10.0.0.0/8",), None),
        # From the same address on.
        (("10.0.0.0/7",), "yes"),
        (("0.0.0.0/0",), "yes"),
    ):
        rules = [(IDS["rancher"], False, "443/tcp", block, "") for block in blocks]
        lacking = _by_hand(rules, settings).comparison.lacking
        found = next((one for one in lacking if one.rule.peer.name == "office"), None)
        assert (found and found.covered) == covered, blocks
        if found:
            # What has to do with it is named, whatever it comes to.
            assert len(found.by) == len([block for block in blocks if block != "::/0"])


def test_what_is_open_on_a_part_of_the_ports_alone_is_missing() -> None:
    settings = {"peers": {"games": {"cidr": "10.1.0.0/16"}}, "slots": {"nodeport_clients": ["games"]}}
    half, other = ("30000-31000/tcp", "10.1.0.0/16"), ("31001-32767/tcp", "10.0.0.0/8")
    for rules, covered in (([half], "no"), ([half, other], "yes")):
        found = _by_hand([(IDS["worker"], False, *rule, "") for rule in rules], settings).comparison.lacking
        (lacking,) = [
            one
            for one in found
            if one.rule.peer.name == "games" and str(one.rule.port) == "30000-32767/tcp"
            if one.group.id == IDS["worker"]
        ]
        assert lacking.covered == covered


def test_how_many_addresses_are_too_many_beside_a_list_nobody_knows_here() -> None:
    settings = {"peers": {"list": {"prefix_list_id": "pl-0123456789abcdef0"}}, "slots": {"ui_api_clients": ["list"]}}
    judged = _judged("rancher", "443/tcp", "198.51.100.0/24", settings)
    assert (judged.verdict, _beyond(judged)) == ("wider", {None: "443/tcp"})


def test_what_goes_with_a_load_balancer_lets_nothing_pass_for_good() -> None:
    rule = (IDS["worker"], False, "10250/tcp", "0.0.0.0/0", "kubernetes.io/rule/nlb/client=a1")
    made = _by_hand([rule]).comparison
    assert [one.verdict for one in made.judged] == ["controller"]
    (lacking,) = [
        one
        for one in made.lacking
        if (one.group.id, str(one.rule.port), one.rule.peer.name) == (IDS["worker"], "10250/tcp", "controlplane")
        if one.rule.direction == "ingress"
    ]
    assert (lacking.covered, lacking.by) == ("no", ())


@pytest.mark.parametrize(
    ("group", "port", "otherwise"),
    [
        ("etcd", "22/tcp", ("feature node-driver", "feature ssh-admin")),
        ("etcd", "9999/tcp", ()),
        # RKE1's document has it for all nodes with Calico.
        ("worker", "179/tcp", ("cni calico",)),
    ],
)
def test_what_is_documented_for_other_choices_says_for_which(group: str, port: str, otherwise: tuple[str, ...]) -> None:
    judged = _judged(group, port, "10.0.0.0/8")
    assert (judged.verdict, judged.otherwise) == ("unneeded", otherwise)
    for chosen in otherwise:
        what, _, name = chosen.partition(" ")
        settings = {"features": [name]} if what == "feature" else {"cni": name}
        assert _judged(group, port, "10.0.0.0/8", settings).verdict != "unneeded"
        assert chosen in judged_text(judged).partition("; its port is documented with ")[2]


def test_a_rule_for_a_group_is_not_there_for_a_prefix_list() -> None:
    settings = {"peers": {"list": {"prefix_list_id": "pl-0123456789abcdef0"}}, "slots": {"ui_api_clients": ["list"]}}
    judged = _judged("rancher", "443/tcp", "sg-00000009", settings)
    # There are other slots, which nobody has filled.
    assert (judged.verdict, judged.needed) == ("unfilled-slot", ())


def test_a_slot_is_for_its_own_direction_and_for_who_is_in_it_by_default() -> None:
    rules = [
        (IDS["worker"], True, "30000/tcp", "203.0.113.0/24", ""),
        (IDS["rancher"], True, "443/tcp", "9.9.9.9/32", ""),
    ]
    judged = {one.rule.id: one for one in _by_hand(rules).comparison.judged}
    assert judged["sgr-00000000000000000"].verdict == "unneeded"
    assert "git_rancher_io" not in judged["sgr-00000000000000001"].slots


def test_nodes_have_ipv4_addresses() -> None:
    lacking = _by_hand([(IDS["etcd"], False, "2379/tcp", "::/0", "")]).comparison.lacking
    found = {(one.group.id, one.rule.peer.name, str(one.rule.port), one.rule.direction): one.covered for one in lacking}
    assert found[IDS["etcd"], "controlplane", "2379/tcp", "ingress"] == "perhaps"


def test_what_was_kept_before_is_not_needed_now() -> None:
    rules = [(A, False, "22/tcp", "10.0.0.0/8", "")]
    before = _adopt([f"etcd={A}"], [_group(A, "a")], rules)
    again = _adopt([f"etcd={A}"], [_group(A, "a")], rules, before.settings)
    assert [one.verdict for one in again.comparison.judged] == ["unneeded"]
    assert (again.settings, again.imports) == (before.settings, before.imports)


def test_rules_for_the_documents_own_blocks_and_for_brought_groups_have_their_names() -> None:
    brought = {"worker": {"security_group_id": B}}
    rules = [(A, True, "444/tcp", "35.160.43.145/32", ""), (A, False, "9/tcp", B, "")]
    made = _adopt([f"rancher={A}"], [_group(A, "a")], rules, {"groups": brought})
    adopted: Any = made.settings["adopted"]
    assert "peers" not in made.settings
    assert {rule["peer"] for rule in adopted["rancher"]["kept"]} == {"worker", "git-rancher-io-1"}


def test_what_was_adopted_before_stays() -> None:
    before = {"worker": {"name": "workers", "description": "w"}}
    made = _adopt([f"etcd={A}"], [_group(A, "etcd")], [], {"adopted": before})
    assert made.settings["adopted"] == {**before, "etcd": {"name": "etcd", "description": "etcd by hand"}}


def test_two_peers_whose_names_would_be_one_get_two() -> None:
    taken = {"i-10-0-0-0-8": {"cidr": "192.0.2.0/24"}, "i-10-0-0-0-8-2": {"cidr": "198.51.100.0/24"}}
    made = _adopt(
        [f"etcd={A}"],
        [_group(A, "etcd")],
        [(A, False, "22/tcp", "10.0.0.0/8", "")],
        {"peers": taken},
    )
    assert made.settings["peers"] == {**taken, "i-10-0-0-0-8-3": {"cidr": "10.0.0.0/8"}}


def _state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"format_version": "1.0", "values": {"root_module": {"resources": list(resources)}}}


def _resource(address: str, **values: Any) -> dict[str, Any]:
    type_, _, name = address.partition("[")[0].rpartition(".")
    key = {"index": json.loads(address.partition("[")[2][:-1])} if "[" in address else {}
    return {"address": address, "mode": "managed", "type": type_, "name": name, "values": values, **key}


def test_another_state_forgets_the_groups_and_their_rules_of_any_kind() -> None:
    state = _state(
        _resource("aws_security_group.etcd", id=A),
        _resource("aws_security_group.other", id=B),
        _resource("aws_security_group_rule.client", id="sgrule-1", security_group_id=A),
        _resource("aws_vpc_security_group_ingress_rule.peer", id="sgr-1", security_group_id=A),
        _resource("aws_vpc_security_group_egress_rule.out", id="sgr-2", security_group_id=B),
        _resource("aws_vpc_security_group_ingress_rule.unknown", id="sgr-3"),
        _resource("aws_vpc_security_group_rules_exclusive.all", security_group_id=A),
        _resource("aws_instance.node", id="i-1", security_group_id=A),
    )
    made = _adopt([f"etcd={A}"], [_group(A, "etcd"), _group(B, "b")], [], states=[state])
    assert made.handing_over.removed == (
        "aws_security_group.etcd",
        "aws_security_group_rule.client",
        "aws_vpc_security_group_ingress_rule.peer",
        "aws_vpc_security_group_rules_exclusive.all",
    )
    assert not made.handing_over.instances
    assert json.loads(removed_text(["a.b"])) == {"removed": [{"from": "a.b", "lifecycle": {"destroy": False}}]}


def test_of_a_set_with_others_the_instances_are_named() -> None:
    state = _state(
        _resource('aws_security_group.of["etcd"]', id=A),
        _resource('aws_security_group.of["other"]', id=B),
        _resource('aws_security_group_rule.of["a"]', id="sgrule-1", security_group_id=A),
        _resource('aws_security_group_rule.of["b"]', id="sgrule-2", security_group_id=A),
    )
    made = _adopt([f"etcd={A}"], [_group(A, "etcd")], [], states=[state])
    assert made.handing_over.removed == ("aws_security_group_rule.of",)
    assert made.handing_over.command == """terraform state rm 'aws_security_group.of["etcd"]'"""
    assert made.handing_over.command in adoption_to_text(made)


def test_in_modules_a_block_names_no_instance() -> None:
    rule = {**_resource("aws_security_group_rule.a", id="r", security_group_id=A)}
    rule["address"] = 'module.old["x"].module.rules.aws_security_group_rule.a'
    inner = {"address": 'module.old["x"].module.rules', "resources": [rule]}
    outer = {"address": 'module.old["x"]', "child_modules": [inner]}
    state = {"format_version": "1.0", "values": {"root_module": {"child_modules": [outer]}}}
    made = _adopt([f"etcd={A}"], [_group(A, "etcd")], [], states=[state])
    assert made.handing_over.removed == ("module.old.module.rules.aws_security_group_rule.a",)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("etcd", "ROLE[,ROLE...]=GROUP"),
        ("etcd=", "ROLE[,ROLE...]=GROUP"),
        ("=sg-00000001", "did you mean"),
        ("etdc=sg-00000001", 'did you mean "etcd"?'),
        ("etcd,etcd=sg-00000001", "each role once"),
        ("nodes,etcd=sg-00000001", "nodes alone"),
        ("etcd=sg-00000009", "a group that there is"),
        ("etcd=ectd", 'did you mean "etcd"?'),
        ("etcd=twice", "an id, since there are sg-00000002, sg-00000003"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(wish: str, said: str) -> None:
    groups = [_group(A, "etcd"), _group(B, "twice"), _group("sg-00000003", "twice")]
    with pytest.raises(InputError) as refused:
        _adopt([wish], groups, [])
    if said != "did you mean":
        assert said in str(refused.value)
    assert "--role" in str(refused.value)


def test_without_a_wish_there_has_to_be_the_drivers_group() -> None:
    with pytest.raises(InputError, match=r"no rancher-nodes was found, but sg-00000001 \(etcd\)"):
        _adopt([], [_group(A, "etcd")], [])
    with pytest.raises(InputError, match="no rancher-nodes was found$"):
        _adopt([], [], [])


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (["etcd=sg-00000001", "worker=sg-00000001"], "each group once, with all its roles"),
        (["etcd=sg-00000001", "etcd=sg-00000002"], "one group for a role; sg-00000001 is etcd's already"),
        (["etcd,controlplane=sg-00000001", "controlplane=sg-00000002"], "one group for a role"),
        (["etcd=sg-00000001", "worker=sg-00000004"], "groups of one VPC"),
        (["etcd=sg-00000001", "worker=sg-00000005"], "groups of one region"),
    ],
)
def test_wishes_that_contradict_each_other_are_refused(wishes: list[str], said: str) -> None:
    arn = "arn:aws:ec2:{}:123456789012:security-group/{}"
    groups = [
        _group(A, "a", SecurityGroupArn=arn.format("us-east-1", A)),
        _group(B, "b"),
        _group("sg-00000004", "c", VpcId="vpc-1"),
        _group("sg-00000005", "d", SecurityGroupArn=arn.format("eu-west-1", "sg-00000005")),
    ]
    with pytest.raises(InputError) as refused:
        _adopt(wishes, groups, [])
    assert said in str(refused.value)


@pytest.mark.parametrize("there", [0, 1, 3])
def test_rules_that_are_not_all_of_them_are_refused(there: int) -> None:
    rules = [(A, False, f"{80 + number}/tcp", "10.0.0.0/8", "") for number in range(there)]
    with pytest.raises(InputError, match=f"{there} rules of sg-00000001.*2 of them"):
        _adopt([f"etcd={A}"], [_group(A, "etcd", rules=2)], rules)
    rules = [(A, False, f"{80 + number}/tcp", "10.0.0.0/8", "") for number in range(2)]
    assert _adopt([f"etcd={A}"], [_group(A, "etcd", rules=2)], rules).kept == 2


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (_group(A, "default"), "another group than a VPC's own"),
        (_group(A, "a${b}"), "without ${"),
        ({**_group(A, "a"), "Description": "${x}"}, "without ${"),
        (_group(A, "a", Tags=[{"Key": "a", "Value": "${b}"}]), "without ${ or %{"),
    ],
)
def test_a_group_that_cannot_be_adopted_is_refused(group: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        _adopt([f"etcd={A}"], [group], [])
    assert said in str(refused.value)


PORTS = st.sampled_from(["22/tcp", "2379/tcp", "2379-2380/tcp", "6443/tcp", "8472/udp", "443/tcp", "all", "30000/tcp"])
PEERS = st.sampled_from([*IDS.values(), "sg-00000009", "10.0.0.0/8", "0.0.0.0/0", "::/0", "pl-0123456789abcdef0"])
RULES = st.lists(
    st.tuples(st.sampled_from([*IDS.values()]), st.booleans(), PORTS, PEERS, st.just("")), max_size=12, unique=True
)


@FEW
@given(rules=RULES, order=st.randoms())
def test_each_rule_is_taken_over_once_and_the_order_does_not_matter(rules: list[Rule], order: Any) -> None:
    made = _by_hand(rules)
    ids = [one.id for one in made.imports]
    assert len(ids) == len(set(ids)) == len({one.address for one in made.imports}) == len(IDS) + len(rules)
    # What is written is what the app reads, and it makes each of them.
    settings = read_settings(json.loads(settings_text(made.settings)), load_tables())
    assert sum(len(group.kept) for group in settings.adopted.values()) == made.kept <= len(rules)
    needed = {one.rule.id for one in made.comparison.judged if one.verdict == "needed"}
    assert len(needed) + made.kept == len(rules)
    numbered = _rules(rules)["SecurityGroupRules"]
    order.shuffle(numbered)
    described = read_groups({"SecurityGroups": [_group(id_, role) for role, id_ in IDS.items()]})
    wishes = [read_wish(f"{role}={id_}") for role, id_ in IDS.items()]
    again = adopt(
        {"region": "us-east-1"}, load_tables(), wishes, (described, read_rules({"SecurityGroupRules": numbered}))
    )
    assert import_text(again.imports) == import_text(made.imports)
    assert adoption_to_json(again) == adoption_to_json(made)
    assert settings_text(again.settings) == settings_text(made.settings)


def test_the_report_says_it_all() -> None:
    rules = [
        (IDS["etcd"], False, "2379/tcp", IDS["etcd"], ""),
        (IDS["etcd"], False, "2380/tcp", "10.0.0.0/24", "peer [31m"),
        (IDS["etcd"], False, "2379-2380/tcp", IDS["controlplane"], ""),
        (IDS["etcd"], True, "all", "0.0.0.0/0", ""),
        (IDS["etcd"], False, "2370-2379/tcp", "pl-0123456789abcdef0", ""),
        (IDS["worker"], False, "443/tcp", "0.0.0.0/0", ""),
        (IDS["worker"], False, "2379/tcp", IDS["etcd"], ""),
        (IDS["etcd"], False, "2380/tcp", IDS["worker"], ""),
    ]
    text = adoption_to_text(_by_hand(rules))
    assert text.count("the whole world") == 1
    for line in (
        "etcd (sg-20000000000000000), which becomes the group of etcd",
        "  needed as it is: 1 rule",
        "    sgr-00000000000000000 ingress 2379/tcp from sg-20000000000000000",
        'sgr-00000000000000001 ingress 2380/tcp from 10.0.0.0/24 "peer [31m"; ',
        "; 256 addresses where fewer, or groups, are needed;",
        "  part of what is needed: 1 rule",
        "every other port beyond those needed; the whole world beyond who is needed",
        "2370-2378/tcp beyond those needed; whatever else its peer holds",
        "documented for ingress_clients: put its peer there if that is who it is",
        "documented for controlplane, etcd instead",
        "  missing: ",
        "  missing, unless these blocks hold the nodes meant: ",
        "  not there as such, let pass by wider rules: ",
        "taken over: 12 objects, 7 rules of them kept as they are",
    ):
        assert line in text


def test_what_no_description_of_ec2s_can_hold_is_refused_and_shown_without_harm() -> None:
    with pytest.raises(InputError) as refused:
        _by_hand([(IDS["etcd"], False, "22/tcp", "10.0.0.0/8", "\x1b[31mred")])
    assert "\x1b" not in str(refused.value)


def test_the_json_is_as_its_schema_says() -> None:
    import jsonschema  # noqa: PLC0415  # slow to load, and needed here alone

    schema = json.loads((ROOT / "docs" / "schemas" / "adopt-1.json").read_text("utf-8"))
    state = _state(
        _resource('aws_security_group.of["a"]', id=IDS["etcd"]),
        _resource('aws_security_group.of["b"]', id="sg-00000009"),
    )
    rules = [
        (IDS["etcd"], False, "2378-2379/tcp", "10.0.0.0/24", "d"),
        (IDS["etcd"], False, "2379/tcp", "pl-0123456789abcdef0", "d"),
        (IDS["worker"], False, "443/tcp", "0.0.0.0/0", ""),
        (IDS["worker"], False, "2379/tcp", IDS["etcd"], ""),
    ]
    groups = [_group(id_, role) for role, id_ in IDS.items()]
    made = _adopt([f"{role}={id_}" for role, id_ in IDS.items()], groups, rules, states=[state])
    document = json.loads(adoption_to_json(made))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    assert document["counts"]["wider"] == 2
    assert document["counts"]["unfilled-slot"] == document["counts"]["unneeded"] == 1
    assert document["state_rm"] == ['aws_security_group.of["a"]']
    found = {one["id"][-1]: one for one in document["rules"]}
    assert [one["port"] for one in found["0"]["ports_beyond"]] == ["2378/tcp"]
    (beyond,) = found["0"]["addresses_beyond"]
    assert (beyond["addresses"], [one["port"] for one in beyond["ports"]]) == (256, ["2379/tcp"])
    assert [one["addresses"] for one in found["1"]["addresses_beyond"]] == [None]
    assert found["2"]["unfilled_slots"] == ["ingress_clients"]
    # On 2379/tcp documents let nobody in on workers.
    assert (found["3"]["documented_for"], found["3"]["verdict"]) == ([], "unneeded")
    assert document["counts"]["lacking"] == len(document["lacking"]) > 0
    assert (document["unknown_groups"], document["known_groups"], document["refused"]) == ([], [], [])
    # What is missing names the rules that have to do with it.
    assert [one["by"] for one in document["lacking"] if one["covered"] == "perhaps"]


def test_the_json_says_for_whom_else_a_rule_is_and_which_roles_share_a_group() -> None:
    rules = [(A, False, "10250/tcp", "sg-00000009", ""), (A, False, "22/tcp", "10.0.0.0/8", "")]
    document = json.loads(adoption_to_json(_adopt([f"etcd,worker={A}"], [_group(A, "a")], rules)))
    assert document["groups"][0]["roles"] == ["etcd", "worker"]
    found = {one["id"][-1]: one for one in document["rules"]}
    assert found["0"]["documented_for"] == ["controlplane"]
    assert found["1"]["documented_with"] == ["feature node-driver", "feature ssh-admin"]
    # A group that all roles share, and another one for all nodes.
    with pytest.raises(InputError, match="one group for a role; .* is nodes's already"):
        _adopt([f"etcd,controlplane,worker={A}", f"nodes={B}"], [_group(A, "a"), _group(B, "b")], [])


def test_the_report_names_the_roles_where_they_are_not_what_the_group_becomes() -> None:
    shared = adoption_to_text(_adopt([f"etcd,worker={A}"], [_group(A, "a")], []))
    assert f"a ({A}), which becomes the group of etcd, for etcd, worker\n" in shared
    own = adoption_to_text(_adopt([f"etcd={A}"], [_group(A, "a")], []))
    assert f"a ({A}), which becomes the group of etcd\n" in own
    # What is needed as it is says nothing more, nor does what is missing name rules.
    needed = judged_text(_judged("etcd", "2379/tcp", "etcd"))
    assert needed == f"sgr-{0:017x} ingress 2379/tcp from {IDS['etcd']}"
    rule = (IDS["rancher"], False, "443/tcp", "203.0.113.0/25", "")
    settings = {"peers": {"office": {"cidr": "203.0.113.0/24"}}, "slots": {"ui_api_clients": ["office"]}}
    missing = adoption_to_text(_by_hand([rule], settings)).partition("  missing: ")[2]
    assert re.search(r"443/tcp from office: [^(]*\n", missing)


def test_rules_are_told_by_direction_and_port() -> None:
    rules = [
        (IDS["etcd"], True, "1/tcp", "10.0.0.0/8", ""),
        (IDS["etcd"], False, "2/tcp", "10.0.0.0/8", ""),
        (IDS["etcd"], False, "1/tcp", "10.0.0.0/8", ""),
    ]
    found = [str(one.rule.identity)[:14] for one in _by_hand(rules).comparison.judged]
    assert found == ["ingress 1/tcp ", "ingress 2/tcp ", "egress 1/tcp t"]


def test_a_brought_group_is_the_one_the_settings_say_whatever_tags_others_have() -> None:
    brought = "sg-00000000000000077"
    settings = {"groups": {"etcd": {"security_group_id": brought}}}
    rules = [(A, False, "8472/udp", B, "")]
    made = _adopt([f"worker={A}"], [_group(A, "w"), _ours(B, "etcd")], rules, settings)
    assert [one.verdict for one in made.comparison.judged] == ["unneeded"]
    named = _adopt([f"worker={A}"], [_group(A, "w"), _ours(B, "etcd")], [(A, False, "8472/udp", brought, "")], settings)
    assert [one.verdict for one in named.comparison.judged] == ["needed"]


def test_names_in_the_settings_are_those_of_groups_in_the_vpc() -> None:
    settings = {"adopted": {"etcd": {"name": "etcd of prod", "description": "d"}}}
    rule = (A, False, "8472/udp", B, "")
    for vpc, known in ((VPC, {"etcd": B}), ("vpc-0fedcba9876543210", {})):
        groups = [_group(A, "w"), _group(B, "etcd of prod", VpcId=vpc)]
        assert _adopt([f"worker={A}"], groups, [rule], settings).known == known


def test_two_peers_that_would_have_one_name_have_two() -> None:
    taken = {"peers": {"i-10-0-0-0-8": {"cidr": "203.0.113.0/24"}}}
    made = _adopt([f"worker={A}"], [_group(A, "w")], [(A, False, "1/tcp", "10.0.0.0/8", "")], taken)
    peers: Any = made.settings["peers"]
    assert peers["i-10-0-0-0-8-2"] == {"cidr": "10.0.0.0/8"}


def test_data_sources_are_nothing_to_forget_and_the_default_group_is() -> None:
    read = {**_resource("aws_security_group.read", id=A), "mode": "data"}
    default = _resource("aws_default_security_group.default", id=A)
    made = _adopt([f"worker={A}"], [_group(A, "w")], [], states=[_state(read, default)])
    assert made.handing_over.removed == ("aws_default_security_group.default",)


def test_whose_account_a_group_at_the_other_end_is_of_matters() -> None:
    """An answer of late says it of each rule; one before has it with the group alone."""
    document = _rules([(A, False, "8472/udp", A, ""), (A, False, "8472/udp", B, "")])
    for entry, account in zip(document["SecurityGroupRules"], (ACCOUNT, "210987654321"), strict=True):
        entry["ReferencedGroupInfo"]["UserId"] = account
        del entry["GroupOwnerId"]
    groups = read_groups({"SecurityGroups": [_group(A, "w", OwnerId=ACCOUNT), _ours(B, "etcd")]})
    made = adopt({"region": "us-east-1"}, load_tables(), [read_wish("worker=w")], (groups, read_rules(document)))
    assert [one.verdict for one in made.comparison.judged] == ["needed", "unneeded"]
    assert made.comparison.judged[1].rule.identity.peer == f"210987654321/{B}"


def _ours(id_: str, role: str, owner: str = "rancher", **more: Any) -> dict[str, Any]:
    """A group with our tags."""
    tags = [{"Key": f"rancher-ports:{key}", "Value": value} for key, value in (("owner", owner), ("role", role))]
    return _group(id_, f"{owner}-{role}", Tags=tags, **more)


def test_a_role_has_one_group_of_the_apps() -> None:
    with pytest.raises(
        InputError, match=rf"etcd={A}.*the app has {B} \(rancher-etcd\) for etcd, which would be replaced"
    ):
        _adopt([f"etcd={A}"], [_group(A, "hand"), _ours(B, "etcd")], [])
    # The same group once more, another role's, another app's, and one elsewhere are all right.
    for other in (_ours(A, "etcd"), _ours(B, "worker"), _ours(B, "etcd", "other"), _ours(B, "etcd", VpcId="vpc-9")):
        groups = {one["GroupId"]: one for one in (_group(A, "hand"), other)}
        assert _adopt([f"etcd={A}"], groups.values(), []).imports
    settings = {"adopted": {"etcd": {"name": "hand", "description": "d"}}}
    with pytest.raises(InputError, match="which would be replaced"):
        _adopt([f"etcd={A}"], [_group(A, "other"), _group(B, "hand")], [], settings)
    assert _adopt([f"etcd={A}"], [_group(A, "hand"), _group(B, "other")], [], settings).imports


def test_a_group_of_another_app_of_the_same_prefix_is_not_ours() -> None:
    rule = (A, False, "8472/udp", B, "overlay")
    ours = _adopt([f"worker={A}"], [_group(A, "w"), _ours(B, "etcd")], [rule])
    assert (ours.kept, ours.known) == (0, {"etcd": B})
    assert f"taken for the app's own, by tags or names: etcd {B}\n" in adoption_to_text(ours)
    elsewhere = _adopt([f"worker={A}"], [_group(A, "w"), _ours(B, "etcd", VpcId="vpc-0fedcba9876543210")], [rule])
    assert (elsewhere.kept, elsewhere.known) == (1, {})
    assert [one.verdict for one in elsewhere.comparison.judged] == ["unneeded"]


def test_groups_of_which_nothing_is_known_are_named() -> None:
    rules = [(A, False, "9999/tcp", "sg-00000007", ""), (A, False, "9998/tcp", B, ""), (A, False, "22/tcp", A, "")]
    made = _adopt([f"worker={A}"], [_group(A, "w"), _group(B, "b")], rules)
    assert made.unknown == ("sg-00000007",)
    assert "perhaps load balancers': sg-00000007\n" in adoption_to_text(made)


def test_a_peer_with_the_groups_own_account_is_told_to_be_written_without() -> None:
    groups = [_group(A, "r", OwnerId=ACCOUNT)]
    rule = (A, False, "443/tcp", B, "")
    for peer, role in ((f"{ACCOUNT}/{B}", "rancher"), (f"{ACCOUNT}/{A}", "rancher")):
        settings: Any = {"peers": {"office": {"security_group_id": peer}}, "slots": {"ui_api_clients": ["office"]}}
        with pytest.raises(InputError, match=r"peers\.office\.security_group_id.*the account is the groups' own"):
            _adopt([f"{role}={A}"], groups, [rule], settings)
    settings["peers"]["office"]["security_group_id"] = f"210987654321/{B}"
    assert _adopt([f"rancher={A}"], groups, [rule], settings).imports


def test_what_an_answer_has_twice_counts_once() -> None:
    rule = (A, False, "22/tcp", "10.0.0.0/16", "")
    described = _rules([rule])["SecurityGroupRules"] * 2
    groups = {"SecurityGroups": [_group(A, "a", rules=1)] * 2}
    made = adopt(
        {"region": "us-east-1"},
        load_tables(),
        [read_wish("etcd=a")],
        (read_groups(groups), read_rules({"SecurityGroupRules": described})),
    )
    assert (made.kept, len(made.imports)) == (1, 2)
    two = {"SecurityGroups": [_group(A, "a", rules=2)]}
    with pytest.raises(InputError, match="the answer on the group has 2"):
        adopt(
            {"region": "us-east-1"},
            load_tables(),
            [read_wish("etcd=a")],
            (read_groups(two), read_rules({"SecurityGroupRules": described})),
        )


def test_a_description_that_cannot_be_kept_is_told_with_the_rule_that_has_it() -> None:
    with pytest.raises(InputError, match=rf"sgr-0+ on {A}\.description.*change it in EC2"):
        _adopt([f"etcd={A}"], [_group(A, "a")], [(A, False, "22/tcp", "10.0.0.0/8", "caf\u00e9")])
