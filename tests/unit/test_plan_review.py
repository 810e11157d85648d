"""What a change opens and closes, against what is worked out address by address and port by port."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.model.inventory import Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.review.changes import Change, End
from rancher_ports.review.ends import addresses
from rancher_ports.review.plan import review
from tests.unit import inventories
from tests.unit.inventories import ADDRESSES, LIST, MANAGED, POINTS, READ, Point
from tests.unit.strategies import FEW


def _holds(end: End, other: str) -> bool:
    if end.kind in ("ipv4", "ipv6"):
        if other not in ADDRESSES:
            return False
        address = ipaddress.ip_address(other)
        return _within(address, end.blocks) and not _within(address, end.but_for)
    return end.name == other


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, blocks: Iterable[str]) -> bool:
    return any(address in ipaddress.ip_network(block) for block in blocks)


def _points(ports: Sequence[Port], but_for: Sequence[Port]) -> set[Point]:
    return {point for point in POINTS if _is_in(point, ports) and not _is_in(point, but_for)}


def _is_in(point: Point, ports: Iterable[Port]) -> bool:
    number = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}.get(point[0], 47) * 65536 + point[1]
    return any(port.span[0] <= number <= port.span[1] for port in ports)


def _said(changes: Iterable[Change], source: str, destination: str, *, certain: bool) -> tuple[set[Point], set[Point]]:
    """What is said to be opened and closed between two ends."""
    opened: set[Point] = set()
    closed: set[Point] = set()
    for change in changes:
        if change.certain is certain and _holds(change.source, source) and _holds(change.destination, destination):
            opened |= _points(change.opened, change.opened_but_for)
            closed |= _points(change.closed, change.closed_but_for)
    return opened, closed


@given(inventories.transitions())
def test_between_groups_it_says_what_is_found_port_by_port(transition: Transition) -> None:
    changes = review(transition).changes
    assert all(change.certain for change in changes)
    for source in MANAGED:
        for destination in MANAGED:
            now = {
                (point, version): [
                    inventories.reaches(side, source, destination, point, version)
                    for side in (transition.before, transition.after)
                ]
                for point in POINTS
                for version in (4, 6)
            }
            opened = {point for (point, _), (before, after) in now.items() if after and not before}
            closed = {point for (point, _), (before, after) in now.items() if before and not after}
            assert _said(changes, source, destination, certain=True) == (opened, closed)


@given(inventories.transitions())
def test_for_each_address_it_says_what_is_found_port_by_port(transition: Transition) -> None:
    changes = review(transition).changes
    for group in (*MANAGED, READ):
        for address in ADDRESSES:
            for direction, ends in (("ingress", (address, group)), ("egress", (group, address))):
                before, after = (
                    {point for point in POINTS if inventories.is_let(side, group, direction, address, point)}
                    for side in (transition.before, transition.after)
                )
                assert _said(changes, *ends, certain=True) == (after - before, before - after)


@FEW
@given(inventories.transitions())
def test_for_a_peer_whose_addresses_nobody_knows_it_says_what_its_rules_add_to_what_everybody_may(
    transition: Transition,
) -> None:
    changes = review(transition).changes
    for group in MANAGED:
        for peer in (READ, LIST):
            for direction, ends in (("ingress", (peer, group)), ("egress", (group, peer))):
                before, after = (
                    {point for point in POINTS if inventories.is_let(side, group, direction, peer, point)}
                    for side in (transition.before, transition.after)
                )
                opened, closed = _said(changes, *ends, certain=True)
                of_everybody = [
                    _said(changes, *([a, group] if direction == "ingress" else [group, a]), certain=True)
                    for a in ADDRESSES
                ]
                on_either_end = _other_end(transition, group, peer, direction)
                assert opened - on_either_end[0] <= after - before
                assert closed - on_either_end[1] <= before - after
                assert after - before <= opened.union(*(one for one, _ in of_everybody))
                assert before - after <= closed.union(*(one for _, one in of_everybody))


def _other_end(transition: Transition, group: str, peer: str, direction: str) -> tuple[set[Point], set[Point]]:
    """What changes at the other end, which is looked at by itself."""
    other = "egress" if direction == "ingress" else "ingress"
    before, after = (
        {point for point in POINTS if inventories.is_let(side, peer, other, group, point)}
        for side in (transition.before, transition.after)
    )
    return after - before, before - after


@given(inventories.transitions())
def test_the_reverse_of_a_change_opens_what_the_change_closes(transition: Transition) -> None:
    there = review(transition).changes
    back = review(Transition(transition.after, transition.before)).changes
    assert {(c.source, c.destination, c.opened, c.closed) for c in there} == {
        (c.source, c.destination, c.closed, c.opened) for c in back
    }


@given(inventories.transitions(), st.randoms(use_true_random=False))
def test_splitting_repeating_and_readdressing_rules_changes_nothing(transition: Transition, random: Random) -> None:
    found = [part for rule in transition.after.rules for part in inventories.split(rule, random)]
    found += random.sample(found, len(found) // 2)
    random.shuffle(found)
    after = inventories.inventory([replace(rule, address=f"elsewhere.{index}") for index, rule in enumerate(found)])
    made = review(Transition(transition.after, after))
    assert not made.changes
    assert made.verdict == "unchanged"
    both = review(transition), review(Transition(transition.before, after))
    assert [_without_rules(one.changes) for one in both] == [_without_rules(both[0].changes)] * 2


def test_addresses_are_named_in_the_shorter_of_two_ways() -> None:
    scattered = tuple((number, number) for number in (1, 10, 100))
    assert addresses(PeerKind.IPV4, scattered).name == "0.0.0.1/32, 0.0.0.10/32, 0.0.0.100/32"
    # As many as a block has, and not one.
    assert addresses(PeerKind.IPV4, ((1, 2),)).name == "0.0.0.1/32, 0.0.0.2/32"
    all_but = addresses(PeerKind.IPV6, ((0, 2**127 - 1), (2**127 + 1, 2**128 - 1)))
    assert (all_but.name, all_but.but_for) == ("::/0", ("8000::/128",))


def _without_rules(changes: Iterable[Change]) -> set[Change]:
    return {replace(change, rules=()) for change in changes}


@FEW
@given(inventories.transitions(vague=True))
def test_whatever_unknown_values_turn_out_to_be_it_is_within_what_is_said(transition: Transition) -> None:
    changes = review(transition).changes
    both = inventories.inventory([*transition.before.rules, *transition.after.rules])
    for known in inventories.completions(both):
        before, after = (inventories.completed(side, known) for side in (transition.before, transition.after))
        found = review(Transition(before, after)).changes
        for ends in itertools.product((*MANAGED, READ, *ADDRESSES), repeat=2):
            truth = _said(found, *ends, certain=True)
            surely = _said(changes, *ends, certain=True)
            perhaps = _said(_spread(changes), *ends, certain=False)
            for real, sure, may in zip(truth, surely, perhaps, strict=True):
                assert sure <= real, ends
                assert real <= sure | may, ends


@FEW
@given(inventories.transitions(vague=True))
def test_what_may_be_opened_or_closed_is_so_for_some_values_before_and_after(transition: Transition) -> None:
    changes = _spread(review(transition).changes)
    found = [
        review(Transition(inventories.completed(transition.before, old), inventories.completed(transition.after, new)))
        for old in inventories.completions(transition.before)
        for new in inventories.completions(transition.after)
    ]
    for ends in itertools.product((*MANAGED, READ, *ADDRESSES), repeat=2):
        real = [_said(some.changes, *ends, certain=True) for some in found]
        for index, may in enumerate(_said(changes, *ends, certain=False)):
            assert may <= set().union(*(one[index] for one in real)), ends


def _spread(changes: Iterable[Change]) -> list[Change]:
    """Changes that name candidates, as one for each of them."""
    found = []
    for change in changes:
        sources = [End(change.source.kind, name) for name in change.source.candidates] or [change.source]
        destinations = [End(change.destination.kind, name) for name in change.destination.candidates]
        for source in sources:
            for destination in destinations or [change.destination]:
                one = Change(source, destination, change.opened, change.closed, certain=change.certain)
                found.append(one)
    return found
