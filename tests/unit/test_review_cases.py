"""What is said of single changes: who faces the world, in which order, and how ports are put."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest

from rancher_ports.model.access import Line, access_of
from rancher_ports.model.findings import Finding
from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Reference, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.world import NOT_PUBLIC
from rancher_ports.review.changes import Change, Review
from rancher_ports.review.keyed import located, rule_set
from rancher_ports.review.plan import review
from tests.unit.inventories import LIST, MANAGED, READ, block, group, inventory

A, B = MANAGED
SSH = Port.tcp(22)


def _in(peer: Reference | str, port: Port = SSH, on: str = B) -> FoundRule:
    return FoundRule("r.in", group(on), "ingress", port, block(peer) if isinstance(peer, str) else peer)


def _out(peer: Reference | str, port: Port = SSH, on: str = A) -> FoundRule:
    return replace(_in(peer, port, on), address="r.out", direction="egress")


def _review(before: list[FoundRule], after: list[FoundRule]) -> Review:
    return review(Transition(inventory(before), inventory(after)))


def _only(before: list[FoundRule], after: list[FoundRule]) -> Change:
    (change,) = _review(before, after).changes
    return change


@pytest.mark.parametrize(
    ("blocks", "is_world"),
    [
        (["0.0.0.0/0"], True),
        (["::/0"], True),
        # Everybody but those whom nobody can be.
        (["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"], True),
        (["2000::/3"], True),
        # A good part: more than one /8 or /12 of public addresses.
        (["20.0.0.0/7"], True),
        (["20.0.0.0/8"], False),
        (["20.0.0.0/8", "30.0.0.0/32"], True),
        (["2600::/11"], True),
        (["2600::/12"], False),
        # As wide, and private.
        (["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], False),
        (["fc00::/7"], False),
    ],
)
def test_the_world_is_every_public_address_or_a_good_part_of_them(blocks: list[str], is_world: bool) -> None:
    made = _review([], [_in(one) for one in blocks])
    assert any(change.world for change in made.changes) == is_world
    # It is no matter who may go out, nor who is shut out.
    assert not any(change.world for change in _review([], [_out(one) for one in blocks]).changes)
    closed = _review([_in(one) for one in blocks], []).changes
    assert [change.world for change in closed] == [False] * len(closed)


def test_the_last_of_the_public_addresses_open_a_port_to_the_world() -> None:
    last = ipaddress.IPv4Network("8.8.8.0/24")
    others = [_in(str(rest)) for rest in ipaddress.IPv4Network("0.0.0.0/0").address_exclude(last)]
    change = _only(others, [*others, _in(str(last))])
    assert (change.source.name, change.world) == (str(last), True)
    # While somebody else is missing, these few are not the world.
    assert not _only(others[:-1], [*others[:-1], _in(str(last))]).world


def test_what_faces_the_world_comes_first() -> None:
    at = [_in("0.0.0.0/0"), _in("203.0.113.0/24", Port.tcp(1), on=A)]
    assert [change.world for change in _review([], at).changes] == [True, False]
    assert [change.destination.name for change in _review([], at).changes] == [B, A]


def test_whoever_may_go_everywhere_reaches_the_group_that_lets_him_in() -> None:
    there = [_in(group(A))]
    opened = [change for change in _review(there, [*there, _out("0.0.0.0/0")]).changes if change.destination.name == B]
    assert [(change.source.name, change.opened, change.rules) for change in opened] == [(A, (SSH,), ("r.out",))]
    there = [_out(group(B))]
    opened = [change for change in _review(there, [*there, _in("::/0")]).changes if change.source.name == A]
    assert [(change.destination.name, change.opened, change.rules) for change in opened] == [(B, (SSH,), ("r.in",))]


def test_nearly_all_ports_are_put_as_all_but_the_rest() -> None:
    office, everything = "203.0.113.0/24", Port.all()
    before = [_in(office)]
    change = _only(before, [_in(office, everything)])
    assert (change.opened, change.opened_but_for) == ((everything,), (SSH,))
    back = _only([_in(office, everything)], before)
    assert (back.closed, back.closed_but_for) == ((everything,), (SSH,))
    # Of few, the rest is the longer.
    some = _only([], [_in(office), _in(office, Port.udp(53)), _in(office, Port.tcp(80))])
    assert (some.opened, some.opened_but_for) == ((SSH, Port.tcp(80), Port.udp(53)), ())


def test_over_either_family_something_else_may_be_opened() -> None:
    there = [_out("0.0.0.0/0"), _out("::/0", Port.tcp(80))]
    made = _review(there, [*there, _in("0.0.0.0/0"), _in("::/0", Port.tcp(80))])
    between = [change for change in made.changes if change.source.name == A and change.destination.name == B]
    assert [change.opened for change in between] == [(SSH, Port.tcp(80))]


def test_what_is_not_known_and_stays_is_not_opened_by_something_else() -> None:
    vague = FoundRule("r.vague", group(B), "ingress", SSH, Reference(PeerKind.IPV4, (), "local.x", certain=False))
    made = _review([vague], [vague, _in("203.0.113.0/24", Port.tcp(80))])
    assert [(change.source.name, change.certain) for change in made.changes] == [("203.0.113.0/24", True)]


def test_peers_of_which_each_is_known_are_no_candidates() -> None:
    """Of a rule whose ports are not known, as the older kind may have several peers."""
    peers = Reference(PeerKind.PREFIX_LIST, (LIST,)), Reference(PeerKind.GROUP, (READ,))
    made = _review([], [replace(_in(peer, Port.all()), port_known=False) for peer in peers])
    assert {(change.source.name, change.certain) for change in made.changes} == {(LIST, False), (READ, False)}


def test_of_several_rules_that_go_those_are_told_that_come_again() -> None:
    gone = [_in("198.51.100.0/24"), replace(_in("203.0.113.0/24"), address="r.old")]
    (finding,) = _review(gone, [replace(gone[1], address="r.new")]).findings
    assert (finding.code, finding.sentence.count("now r.new")) == ("recreated-rule", 1)
    assert "198.51.100.0/24" not in finding.sentence


def test_a_group_that_loses_its_tags_is_still_called_by_its_role() -> None:
    before = inventory([])
    tagged = {**before.groups, B: FoundGroup(B, B, GroupKey("prod", "etcd"))}
    made = review(Transition(replace(before, groups=tagged), inventory([_in("203.0.113.0/24")])))
    assert made.changes[0].destination.name == "prod/etcd"


def test_what_is_checked_is_what_is_known_on_the_groups_that_are_made() -> None:
    etcd, worker = GroupKey("prod", "etcd"), GroupKey("prod", "worker")
    groups = {A: FoundGroup(A, A, etcd), READ: FoundGroup(READ, READ, worker, is_managed=False)}
    vague = replace(_in(group(A), on=A), peer=Reference(PeerKind.GROUP, (A, READ), certain=False))
    found = rule_set(
        Inventory(groups, (_in(group(READ), on=A), vague, replace(vague, peer=group(A), port_known=False)))
    )
    assert found.groups == (etcd,)
    assert [(rule.group, rule.peer.value) for rule in found.rules] == [(etcd, worker)]


def test_whoever_joins_the_world_that_is_open_already_is_not_the_world() -> None:
    public = [
        _in(str(one)) for one in ipaddress.IPv4Network("0.0.0.0/0").address_exclude(ipaddress.IPv4Network("10.0.0.0/8"))
    ]
    change = _only(public, [*public, _in("10.0.0.0/8")])
    assert (change.source.name, change.world) == ("10.0.0.0/8", False)


@pytest.mark.parametrize("left_out", [*NOT_PUBLIC[PeerKind.IPV4]])
def test_the_world_is_the_world_without_those_whom_nobody_can_be(left_out: str) -> None:
    last = ipaddress.IPv4Network("8.8.8.0/24")
    others = list(ipaddress.IPv4Network("0.0.0.0/0").address_exclude(ipaddress.IPv4Network(left_out)))
    (around,) = (block for block in others if last.subnet_of(block))
    others = [*(block for block in others if block is not around), *around.address_exclude(last)]
    before = [_in(str(block)) for block in others]
    assert _only(before, [*before, _in(str(last))]).world


def test_a_rule_is_told_with_the_addresses_that_it_names_alone() -> None:
    rules = [replace(_in(f"198.51.100.{n}/32"), address=f"r.{n}") for n in (0, 1)]
    made = _review([], [rules[0], replace(rules[1], port=Port.tcp(23))])
    assert {(change.source.name, change.rules) for change in made.changes} == {
        ("198.51.100.0/32", ("r.0",)),
        ("198.51.100.1/32", ("r.1",)),
    }


def test_one_group_of_several_that_answers_is_enough() -> None:
    vague = replace(_in(group(A)), peer=Reference(PeerKind.GROUP, MANAGED, certain=False))
    assert not _review([], [vague, _out(group(B))]).findings
    assert [one.code for one in _review([], [vague]).findings] == ["one-sided"]


def test_replaced_groups_are_told_in_one_order() -> None:
    found = [
        review(Transition(inventory([]), inventory([]), replaced=dict.fromkeys(order, ("name",)))).findings
        for order in (MANAGED, MANAGED[::-1])
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 2


def test_a_block_without_its_last_address_is_not_the_block() -> None:
    lines = [Line(A, "ingress", PeerKind.IPV4, "", SSH.span, (0, 254))]
    allowed = access_of(lines, frozenset({A}))
    assert allowed.of_block((A, "ingress", PeerKind.IPV4), (0, 254)) == (SSH.span,)
    assert allowed.of_block((A, "ingress", PeerKind.IPV4), (0, 255)) == ()


def test_a_rule_that_is_split_changes_nothing_beside_one_that_is_not_known() -> None:
    vague = replace(_in("0.0.0.0/0", Port.all()), address="r.vague", port_known=False)
    office = "203.0.113.0/24"
    parts = [_in(office), replace(_in(office, Port.tcp(23)), address="r.more")]
    assert _review([vague, _in(office, Port.tcp_range(22, 23))], [vague, *parts]).changes == ()


def test_findings_name_addresses_of_groups_that_have_a_role() -> None:
    groups = {A: FoundGroup(A, A, GroupKey("prod", "etcd")), B: FoundGroup(B, B)}
    finding = Finding("missing", "warning", "prod/etcd", "So.", "Mend it.")
    found = located([finding, replace(finding, place=B), replace(finding, where=("r.in",))], Inventory(groups))
    assert [one.where for one in found] == [(A,), (B,), ("r.in",)]
