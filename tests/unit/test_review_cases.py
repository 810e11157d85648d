"""What is said of single changes: who faces the world, in which order, and how ports are put."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest

from rancher_ports.model.inventory import FoundRule, Reference, Transition
from rancher_ports.model.ports import Port
from rancher_ports.review.changes import Change, Review
from rancher_ports.review.plan import review
from tests.unit.inventories import MANAGED, block, group, inventory

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
