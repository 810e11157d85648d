"""What people read."""

from __future__ import annotations

import re

import pytest

from rancher_ports.model.conditions import Choices, OneSided
from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import ANYWHERE
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import Requirement, Table, choose
from rancher_ports.render.mermaid import picture
from rancher_ports.render.text import findings, summary
from tests.documented import ROLES, documented_flows
from tests.unit.strategies import RKE1


def test_a_summary_counts_and_says_where() -> None:
    etcd = GroupKey("prod", "etcd")
    rules = [Rule(etcd, "ingress", Port.tcp(1), ANYWHERE[0]), Rule(etcd, "egress", Port.tcp(1), ANYWHERE[0])]
    text = summary(
        RuleSet.of([etcd, GroupKey("prod", "worker")], [*rules, Rule(etcd, "egress", Port.all(), ANYWHERE[0])]),
        "x.json",
    )
    assert text == "2 security groups, 3 rules (1 ingress, 2 egress)\nJSON: x.json"


def test_findings_are_a_line_each() -> None:
    one = Finding("empty-slot", "info", "s", "It is empty.", "Fill it.")
    assert findings([one, one]) == "\n".join(["info: empty-slot: It is empty. Fill it."] * 2)
    assert findings([]) == "no findings"


def test_the_picture_has_every_documented_flow_and_no_other() -> None:
    drawn = set()
    arrows = re.findall(r'^  (\w+) -->\|"(.*)"\| (\w+)$', picture(RKE1, Choices("canal")), re.MULTILINE)
    for source, ports, destination in arrows:
        drawn |= {(source, destination, port) for port in ports.split("<br>")}
    documented = set()
    for flow in documented_flows():
        peer = "git_rancher_io" if "/" in flow.peer else flow.peer
        ends = (peer, flow.role) if flow.direction == "ingress" else (flow.role, peer)
        ports = str(flow.first) if flow.first == flow.last else f"{flow.first}-{flow.last}"
        documented.add((*ends, f"{ports}/{flow.protocol}"))
    one_sided = {("controlplane", "controlplane", "6443/tcp")}
    assert drawn == documented - one_sided | {(*ends, f"{port} (completed)") for *ends, port in one_sided}
    assert '"6443/tcp (one-sided)<br>' in picture(RKE1, choose(RKE1, one_sided="documented"))
    pairs = [(source, destination) for source, _, destination in arrows]
    assert len(set(pairs)) == len(pairs)
    assert set(ROLES) - {"rancher"} < {source for source, *_ in arrows}


def test_the_picture_shows_a_slot_of_a_feature_only_with_the_feature() -> None:
    assert "registries" not in picture(RKE1, Choices("canal"))
    assert 'worker -->|"443/tcp"| registries' in picture(RKE1, Choices("canal", frozenset({"image-pulls"})))


@pytest.mark.parametrize(
    ("one_end", "one_sided", "mark"),
    [(False, "completed", " (completed)"), (False, "documented", " (one-sided)"), (True, "documented", "")],
)
def test_a_flow_that_one_end_documents_is_marked(one_end: bool, one_sided: OneSided, mark: str) -> None:
    row = Requirement("r", "etcd", "ingress", (Port.tcp(1),), ("worker",), "w", "s", one_end=one_end)
    drawn = picture(Table("d", "D", "s", "x", {}, {}, (row,)), Choices("x", one_sided=one_sided))
    assert drawn.splitlines()[-1] == f'  worker -->|"1/tcp{mark}"| etcd'


def test_all_egress_is_drawn_as_well() -> None:
    assert '  etcd -->|"all"| anywhere' in picture(RKE1, choose(RKE1, egress="all"))
    assert '  anywhere(["anywhere"])' in picture(RKE1, choose(RKE1, egress="all"))
