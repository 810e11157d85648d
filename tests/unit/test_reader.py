"""Synthesized JSON read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.readers.synthesized import read_synthesized, read_synthesized_file

INGRESS = "aws_vpc_security_group_ingress_rule"
ETCD, WORKER = GroupKey("prod", "etcd"), GroupKey("prod", "worker")


def _document(rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    groups = {
        f"prod_{role}": {"tags": {"rancher-ports:owner": "prod", "rancher-ports:role": role}}
        for role in ("etcd", "worker")
    }
    return {"resource": {"aws_security_group": {**groups, "other": {}}, INGRESS: rules, **more}}


def _rule(**changes: Any) -> dict[str, Any]:
    rule = {
        "security_group_id": "${aws_security_group.prod_etcd.id}",
        "ip_protocol": "tcp",
        "from_port": 2379,
        "to_port": 2379,
        "referenced_security_group_id": "${aws_security_group.prod_worker.id}",
        "description": "etcd client requests",
        "tags": {"rancher-ports:requirement": "rke1/etcd/ingress/2379/tcp features/x +3"},
    }
    return {key: value for key, value in {**rule, **changes}.items() if value is not None}


def test_a_rule_of_ours_reads_back_whole() -> None:
    rules = read_synthesized(_document({"prod_etcd_from_worker_tcp_2379": _rule()}))
    assert rules == RuleSet.of(
        (ETCD, WORKER, "${aws_security_group.other.id}"),
        [
            Rule(
                ETCD,
                "ingress",
                Port.tcp(2379),
                Peer("worker", PeerKind.GROUP, WORKER),
                ("rke1/etcd/ingress/2379/tcp", "features/x"),
                "etcd client requests",
            )
        ],
    )


@pytest.mark.parametrize(
    ("name", "attribute", "value", "peer"),
    [
        ("prod_etcd_from_office_tcp_2379", "cidr_ipv4", "10.0.0.0/8", Peer.cidr("office", "10.0.0.0/8")),
        ("mine", "cidr_ipv4", "10.0.0.0/8", Peer.cidr("i-10-0-0-0-8", "10.0.0.0/8")),
        ("mine", "cidr_ipv6", "2001:db8::/48", Peer.cidr("i-2001-db8-48", "2001:db8::/48")),
        ("mine", "prefix_list_id", "pl-01234567", Peer.prefix_list("p-pl-01234567", "pl-01234567")),
        (
            "mine",
            "cidr_ipv4",
            "${aws_subnet.x.cidr_block}",
            Peer.ipv4("i-aws-subnet-x-cidr-block", "${aws_subnet.x.cidr_block}"),
        ),
        (
            "mine",
            "referenced_security_group_id",
            "${aws_security_group.other.id}",
            Peer("g-aws-security-group-other-id", PeerKind.GROUP, "${aws_security_group.other.id}"),
        ),
        (
            "mine",
            "referenced_security_group_id",
            "${module.m.id}",
            Peer("g-module-m-id", PeerKind.GROUP, "${module.m.id}"),
        ),
    ],
)
def test_any_kind_of_peer_is_read(name: str, attribute: str, value: str, peer: Peer) -> None:
    rule = _rule(**{"referenced_security_group_id": None, attribute: value})
    (read,) = read_synthesized(_document({name: rule})).rules
    assert read.peer == peer


def test_a_group_in_another_stack_is_known_by_its_reference() -> None:
    reference = "${data.terraform_remote_state.x.outputs.id}"
    (read,) = read_synthesized(_document({"prod_rancher_from_etcd_tcp_443": _rule(security_group_id=reference)})).rules
    assert read.group == reference


@pytest.mark.parametrize(
    ("changes", "port"),
    [
        ({"ip_protocol": "-1", "from_port": None, "to_port": None}, Port.all()),
        ({"ip_protocol": "icmp", "from_port": 8, "to_port": 0}, Port.icmp(8)),
        ({"ip_protocol": "6"}, Port.tcp(2379)),
        ({"ip_protocol": "4", "from_port": None, "to_port": None}, Port("4")),
    ],
)
def test_ports_are_read_as_ec2_has_them(changes: dict[str, Any], port: Port) -> None:
    (read,) = read_synthesized(_document({"mine": _rule(**changes)})).rules
    assert read.port == port


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"security_group_id": None}, f"resource.{INGRESS}.mine.security_group_id: nothing"),
        ({"ip_protocol": 6}, f"resource.{INGRESS}.mine.ip_protocol: 6"),
        ({"ip_protocol": "bogus"}, f'resource.{INGRESS}.mine: "bogus"'),
        ({"from_port": "${var.port}"}, f'resource.{INGRESS}.mine.from_port: "${{var.port}}": expected a whole number'),
        ({"to_port": True}, f"resource.{INGRESS}.mine.to_port: true"),
        ({"to_port": 1}, f"resource.{INGRESS}.mine: "),
        ({"cidr_ipv4": "10.0.0.0/8"}, f'resource.{INGRESS}.mine: "cidr_ipv4 and referenced_security_group_id"'),
        ({"referenced_security_group_id": None}, f'resource.{INGRESS}.mine: "no peer": expected exactly one of'),
        ({"referenced_security_group_id": 3}, f"resource.{INGRESS}.mine.referenced_security_group_id: 3"),
        ({"referenced_security_group_id": None, "cidr_ipv4": "x"}, f"resource.{INGRESS}.mine.cidr: "),
        ({"tags": 3}, f"resource.{INGRESS}.mine.tags: 3"),
    ],
)
def test_a_rule_that_cannot_be_read_is_a_fault_with_its_address(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError) as refused:
        read_synthesized(_document({"mine": _rule(**changes), "also": 3}))
    faults = [str(fault) for fault in refused.value.faults]
    assert any(line.startswith(fault) for line in faults), faults
    assert f"resource.{INGRESS}.also: 3: expected a mapping" in faults


def test_rules_in_places_that_would_be_lost_are_faults() -> None:
    document = _document({}, aws_security_group_rule={"old": {}})
    document["resource"]["aws_security_group"]["other"] = {"ingress": [{"from_port": 22}], "egress": []}
    document["resource"]["aws_default_security_group"] = {"default": {}}
    with pytest.raises(InputError) as refused:
        read_synthesized(document)
    assert [fault.place for fault in refused.value.faults] == [
        "resource.aws_security_group_rule",
        "resource.aws_default_security_group",
        "resource.aws_security_group.other.ingress",
        "resource.aws_security_group.other.egress",
    ]


@pytest.mark.parametrize("document", [None, [], "x", {"resource": []}, {"resource": {INGRESS: 3}}])
def test_what_is_no_such_document_is_refused(document: object) -> None:
    with pytest.raises(InputError):
        read_synthesized(document)


def test_nothing_reads_as_nothing() -> None:
    assert read_synthesized({}) == RuleSet.of((), ())


def test_a_file_is_read_or_says_why_not(tmp_path: Path) -> None:
    path = tmp_path / "cdk.tf.json"
    path.write_text(json.dumps(_document({"prod_etcd_from_worker_tcp_2379": _rule()})))
    assert len(read_synthesized_file(path).rules) == 1
    for text, said in (
        ("{", "expected JSON"),
        ("[" * 100_000, "expected JSON"),
        ("[]", "cdk.tf.json: \\[\\]: expected a mapping"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=said):
            read_synthesized_file(path)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="expected JSON"):
        read_synthesized_file(path)
    with pytest.raises(InputError, match="No such file"):
        read_synthesized_file(tmp_path / "none.json")


def test_two_groups_of_one_owner_and_role_are_not_taken_for_one() -> None:
    document = _document({})
    groups = document["resource"]["aws_security_group"]
    groups["copy"] = groups["prod_etcd"]
    with pytest.raises(
        InputError, match=r'2 faults:(.|\n)*copy.tags: "prod/etcd": expected an owner and a role that no'
    ):
        read_synthesized(document)


def test_a_group_with_one_of_our_tags_alone_is_not_ours() -> None:
    document = {"resource": {"aws_security_group": {"x": {"tags": {"rancher-ports:owner": "prod"}}}}}
    assert read_synthesized(document).groups == ("${aws_security_group.x.id}",)


def test_a_long_reference_and_an_unknown_one_are_read() -> None:
    reference = "${module." + "m" * 100 + ".id}"
    rules = {
        "a": _rule(referenced_security_group_id=reference),
        "b": _rule(referenced_security_group_id="${aws_security_group.no.id}"),
    }
    assert {rule.peer.value for rule in read_synthesized(_document(rules)).rules} == {
        reference,
        "${aws_security_group.no.id}",
    }
