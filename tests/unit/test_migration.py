"""Laws of migrations: what is side by side is the one and the other, whatever they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.addresses import address
from rancher_ports.model.bindings import bind
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.migration import beside, migrate, unchosen
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.table import Feature, Protected, Table, choose
from rancher_ports.model.templates import templates
from rancher_ports.tables import load_tables
from tests.unit.strategies import FEW

TABLES = load_tables()
# What nodes can be.
KINDS = [(name, cni) for name, table in TABLES.items() for cni in table.cnis]
OFFICE = Peer.cidr("office", "203.0.113.0/24")


def _rules(table: Table, choices: Choices, slots: Mapping[str, tuple[Peer, ...]]) -> RuleSet:
    return fill(templates(table), Deployment(choices, bind("prod", ROLES, {}), slots))


@FEW
@given(
    st.permutations(KINDS),
    st.sets(st.sampled_from(sorted(set.intersection(*(set(table.features) for table in TABLES.values()))))),
    st.sampled_from(["completed", "documented"]),
    st.sampled_from(["documented", "all"]),
    st.sets(st.sampled_from(sorted(set.union(*(set(table.slots) for table in TABLES.values()))))),
)
def test_side_by_side_are_the_rules_of_both_at_the_addresses_that_they_have_alone(
    kinds: list[tuple[str, str]], features: set[str], one_sided: str, egress: str, filled: set[str]
) -> None:
    (name, cni), (former_name, former_cni) = kinds[:2]
    table, former = TABLES[name], TABLES[former_name]
    common: Any = {"one_sided": one_sided, "egress": egress}
    slots = dict.fromkeys(filled, (OFFICE,))
    to = choose(table, features=features, cni=cni, **common)
    both = _rules(*migrate(table, to, {"distribution": former_name, "cni": former_cni}, TABLES), slots)
    alone = _rules(table, to, slots).rules
    before = _rules(former, choose(former, features=features, cni=former_cni, **common), slots).rules
    assert {rule.identity for rule in both.rules} == {rule.identity for rule in (*alone, *before)}
    because = {rule.identity: set(rule.because) for rule in both.rules}
    for rule in (*alone, *before):
        assert set(rule.because) <= because[rule.identity]
    addresses = {str(address(rule, "prod")) for rule in both.rules}
    assert len(addresses) == len(both.rules)


@pytest.mark.parametrize(("name", "former"), list(permutations(TABLES, 2)))
def test_the_other_distributions_rows_are_added_and_none_is_changed(name: str, former: str) -> None:
    table = beside(TABLES[name], TABLES[former])
    plain = [replace(row, when=replace(row.when, distribution=None)) for row in table.requirements]
    assert set(plain) == {*TABLES[name].requirements, *TABLES[former].requirements}
    assert len(set(plain)) == len(plain)
    assert table.distribution == name


def test_ports_that_either_protects_are_protected() -> None:
    # Etcd's 2381 is RKE2's alone.
    (etcd,) = (beside(TABLES["k3s"], TABLES["rke2"]).protected[name] for name in ("etcd",))
    assert {str(port) for port in etcd.ports} == {"2379-2380/tcp", "2379-2381/tcp"}


def test_the_first_step_closes_nothing_and_the_last_one_opens_nothing() -> None:
    rke1, rke2 = TABLES["rke1"], TABLES["rke2"]
    to = choose(rke2, cni="cilium")
    before, after = _rules(rke1, choose(rke1), {}), _rules(rke2, to, {})
    both = {
        rule.identity for rule in _rules(*migrate(rke2, to, {"distribution": "rke1", "cni": "canal"}, TABLES), {}).rules
    }
    assert {rule.identity for rule in before.rules} < both
    assert {rule.identity for rule in after.rules} < both


@pytest.mark.parametrize("one_sided", ["completed", "documented"])
def test_one_sided_flows_are_treated_alike_in_both(one_sided: str) -> None:
    rke1 = TABLES["rke1"]
    to = choose(rke1, cni="canal", one_sided=one_sided)
    _, choices = migrate(rke1, to, {"cni": "weave"}, TABLES)
    assert choices.former is not None
    assert choices.former.one_sided == one_sided
    both = {rule.identity for rule in _rules(*migrate(rke1, to, {"cni": "weave"}, TABLES), {}).rules}
    alone = [_rules(rke1, choose(rke1, cni=cni, one_sided=one_sided), {}).rules for cni in ("canal", "weave")]
    assert both == {rule.identity for rules in alone for rule in rules}


def test_what_only_the_former_protects_or_offers_is_there_and_is_no_choice() -> None:
    k3s, rke1 = TABLES["k3s"], TABLES["rke1"]
    secret = Protected("etcd", (Port.tcp(1),), None, "Secret", "s")
    table = beside(k3s, replace(rke1, protected={"other": secret}))
    assert table.protected["other"] == secret
    assert table.protected["etcd"] == k3s.protected["etcd"]
    assert "windows" in table.features
    assert table.cnis == k3s.cnis
    # Of what both have, the one that nodes become has the word.
    renamed = replace(rke1, features={**rke1.features, "monitoring": Feature("monitoring", "Another")})
    assert beside(k3s, renamed).features["monitoring"] == k3s.features["monitoring"]


def test_a_choice_at_fault_is_no_migration_to_itself() -> None:
    rke2 = TABLES["rke2"]
    with pytest.raises(InputError, match="something else than what nodes migrate to"):
        migrate(rke2, choose(rke2), {"cni": "canal"}, TABLES)
    assert migrate(rke2, unchosen(rke2), {"cni": "canal"}, TABLES)[0] is rke2
