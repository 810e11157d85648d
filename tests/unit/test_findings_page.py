"""The page on findings: it has every code with its severity, and its sentences are those that are said."""

from __future__ import annotations

import json
import re

import pytest

from rancher_ports.audit.deployment import audit
from rancher_ports.audit.quota import over_quota
from rancher_ports.audit.renamed_groups import renamed_groups
from rancher_ports.audit.requirements import unmet
from rancher_ports.model.adopting import AdoptedGroup, KeptRule, kept_rules
from rancher_ports.model.bindings import Binding
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.findings import ACKNOWLEDGEABLE, CODES, Acknowledgement, Finding, acknowledge
from rancher_ports.model.inventory import FoundGroup, Inventory, Transition
from rancher_ports.model.migration import migrate
from rancher_ports.model.own_rules import OwnRule
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.quotas import Quotas, count_rules
from rancher_ports.model.roles import ROLES, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import choose
from rancher_ports.model.templates import templates
from rancher_ports.readers.planned import read_transition
from rancher_ports.review.plan import review
from rancher_ports.tables import load_table, load_tables
from tests.conftest import PLANS, ROOT
from tests.unit.strategies import RKE1

PAGE = (ROOT / "docs" / "findings.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## `(.*?)`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
OFFICE, LAB = Peer.cidr("office", "203.0.113.0/24"), Peer.cidr("lab", "10.0.0.0/8")
MIRRORS = Peer.prefix_list("mirrors", "pl-0123456789abcdef0")


def _findings(
    slots: dict[str, tuple[Peer, ...]] | None = None,
    own: tuple[OwnRule, ...] = (),
    bindings: dict[str, Binding] | None = None,
    peers: tuple[Peer, ...] = (),
    one_sided: str = "completed",
) -> tuple[Finding, ...]:
    ours = {role: Binding.own("prod", role) for role in ROLES}
    deployment = Deployment(choose(RKE1, one_sided=one_sided), {**ours, **(bindings or {})}, slots or {}, own=own)
    rules = fill(templates(RKE1), deployment)
    return *audit(RKE1, deployment, rules, peers), *over_quota(rules, Quotas())


def _migration() -> tuple[Finding, ...]:
    rke2 = load_table("rke2")
    table, choices = migrate(rke2, choose(rke2), {"distribution": "rke1", "cni": "canal"}, load_tables())
    deployment = Deployment(choices, {role: Binding.own("prod", role) for role in ROLES})
    return audit(table, deployment, fill(templates(table), deployment))


def _adopted() -> tuple[Finding, ...]:
    kept = [KeptRule("ingress", Port.tcp(22), Peer("i-10-0-0-0-8", PeerKind.IPV4, "10.0.0.0/8"))]
    kept.append(KeptRule("egress", Port.all(), ANYWHERE[0]))
    group = AdoptedGroup("workers", "made by hand", kept=tuple(kept))
    bindings = {role: Binding.own("rancher", role) for role in ROLES}
    deployment = Deployment(choose(RKE1), bindings, kept=kept_rules("rancher", {"worker": group}))
    return audit(RKE1, deployment, fill(templates(RKE1), deployment))


def _reviewed() -> set[str]:
    """What a review says of plans that an engine has made."""
    shapes = ("group-replaced", "readdressed", "duplicate")
    plans = [json.loads((PLANS / shape / "plan.json").read_text("utf-8")) for shape in shapes]
    group = FoundGroup("aws_security_group.prod_worker", "aws_security_group.prod_worker", GroupKey("prod", "worker"))
    inventory = Inventory({group.identity: group})
    module = Transition(inventory, inventory, unseen={"module.monitoring": (group.identity,)})
    transitions = [*(read_transition({"plan": plan}) for plan in plans), module]
    return {str(finding) for transition in transitions for finding in review(transition).findings}


def _checked() -> set[str]:
    """What a check says of a cluster without a worker group and without what etcd says to etcd."""
    rules = fill(templates(RKE1), Deployment(choose(RKE1), {role: Binding.own("prod", role) for role in ROLES}))
    groups = [group for group in rules.groups if group != GroupKey("prod", "worker")]
    some = [rule for rule in rules.rules if rule.group in groups and rule.port != Port.tcp(2380)]
    return set(map(str, unmet(RKE1, choose(RKE1), RuleSet.of(groups, some))))


def _said() -> set[str]:
    """What is said in the situations that the page shows."""
    exposed = {"etcd": Port.tcp(2379), "worker": Port.tcp(10250)}
    own = [OwnRule(role, "ingress", port, OFFICE, "w") for role, port in exposed.items()]
    own.append(OwnRule("worker", "ingress", Port.udp(8472), OFFICE, "w"))
    world = tuple(OwnRule("worker", "ingress", Port.tcp(22), peer, "w") for peer in ANYWHERE)
    branch = Peer.cidr("branch", "203.0.113.128/25")
    # 3 rules for the cluster's roles, and these.
    many = tuple(Peer.cidr(f"site-{number}", f"10.0.{number}.0/24") for number in range(61))
    quota = [finding for finding in _findings({"ui_api_clients": many}) if finding.code == "quota"]
    words = [
        Acknowledgement("quota", "raised to 120 on 2026-11-02"),
        Acknowledgement("etcd-exposed", "the backup host reads it"),
    ]
    found = [
        *_findings({"ui_api_clients": (OFFICE, branch), "nodeport_clients": (MIRRORS,)}, tuple(own), peers=(LAB,)),
        *_findings(own=world),
        *_findings(bindings={"etcd": Binding.by_id("prod", "etcd", "sg-0123456789abcdef0")}, one_sided="documented"),
        *_findings({"ingress_clients": (OFFICE,)}),
        *_migration(),
        *_adopted(),
        *renamed_groups("prod", "prod", ["rancher"]),
        *quota,
        *acknowledge(quota, words),
    ]
    return {*map(str, found), *_reviewed(), *_checked()}


def test_every_code_has_a_section_with_its_severity_and_every_section_is_a_code() -> None:
    assert len(re.findall(r"^## `", PAGE, re.MULTILINE)) == len(SECTIONS)
    severities = {code: re.findall(r"^Severity: (.*)\.$", text, re.MULTILINE) for code, text in SECTIONS.items()}
    assert list(severities.items()) == [(code, [severity]) for code, severity in CODES.items()]


@pytest.mark.parametrize("code", CODES)
def test_the_sentence_shown_is_said(code: str) -> None:
    (shown,) = re.findall(r"^```text\n(.*)\n```$", SECTIONS[code], re.MULTILINE)
    assert shown.startswith(f"{code}: ")
    assert shown in _said()


@pytest.mark.parametrize("code", CODES)
def test_a_section_says_what_to_do(code: str) -> None:
    assert "\nWhat to do: " in SECTIONS[code]


def test_errors_and_nothing_else_are_shown_being_acknowledged() -> None:
    shown = {code: re.findall(r"^cluster\.acknowledge\((.*)\)$", text, re.MULTILINE) for code, text in SECTIONS.items()}
    assert {code for code, calls in shown.items() if calls} == set(ACKNOWLEDGEABLE)
    for code in ACKNOWLEDGEABLE:
        (call,) = shown[code]
        made = eval(f"Acknowledgement({call})", {"Acknowledgement": Acknowledgement})  # noqa: S307  # the page's own
        assert made.code == code


def test_the_slots_named_as_meant_for_everybody_are() -> None:
    named = re.findall(r"`([a-z_]+)`(?:,| and|\s+open)", SECTIONS["open-to-the-world"])
    assert set(named) == {slot.name for slot in RKE1.slots.values() if slot.world}


# Amazon VPC user guide, "Amazon VPC quotas".
def test_rules_are_counted_as_the_page_says() -> None:
    kinds = {
        "an IPv4 block": OFFICE,
        "an IPv6 block": Peer.cidr("office-v6", "2001:db8::/48"),
        "a security group": Peer.security_group("alb", "sg-0123456789abcdef0"),
        "a prefix list": Peer.prefix_list("mirrors", "pl-0123456789abcdef0", max_entries=7),
    }
    group = GroupKey("prod", "worker")
    rows = re.findall(r"^\| (an? .*) \| (.*) \| (.*) \|$", PAGE.partition("## How rules are counted")[2], re.MULTILINE)
    assert [row[0] for row in rows] == list(kinds)
    for kind, *cells in rows:
        counts = count_rules([Rule(group, "ingress", Port.tcp(443), kinds[kind])])
        said = [7 if cell == "its maximum entries" else int(cell) for cell in cells]
        assert [counts.get((group, "ingress", family), 0) for family in (PeerKind.IPV4, PeerKind.IPV6)] == said


def test_the_quotas_shown_are_taken_and_those_named_are_the_defaults() -> None:
    (shown,) = re.findall(r"quotas=(Quotas\(.*?\))", PAGE)
    made = eval(shown, {"Quotas": Quotas})  # noqa: S307  # the page's own
    assert made != Quotas()
    assert f"AWS allows {Quotas().rules_per_group} rules for a security group" in PAGE
    assert f"{Quotas().groups_per_interface} groups for a network interface" in PAGE
