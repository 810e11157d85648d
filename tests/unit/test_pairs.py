"""Who reaches whom before and after: against what is worked out port by port, and against what the review says."""

from __future__ import annotations

import ipaddress
import itertools
import json
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given

from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Transition
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.readers import planned
from rancher_ports.review.changes import Change, End
from rancher_ports.review.pairs import MOST_RULES, Pair, Passing, pairs
from rancher_ports.review.plan import review
from tests.conftest import PLANS, PLANS_OF_HCL
from tests.unit import inventories
from tests.unit.inventories import ADDRESSES, LIST, MANAGED, POINTS, READ, Point, block, group

SHAPES = sorted([*PLANS.iterdir(), *PLANS_OF_HCL.iterdir()])
_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "47": 47}


def _made(transition: Transition) -> tuple[tuple[Pair, ...], tuple[Change, ...]]:
    changes = review(transition).changes
    return pairs(transition, changes), changes


def _said(passing: Iterable[Passing], *, version: int | None = None, certain: bool = True) -> set[Point]:
    views = {"", "ingress", "egress", *([f"ipv{version}"] if version else ["ipv4", "ipv6"])}
    some = [one for one in passing if one.certain is certain and one.view in views]
    return {point for one in some for point in _points(one.ports, one.but_for)}


def _points(ports: Iterable[Port], but_for: Iterable[Port]) -> set[Point]:
    return {point for point in POINTS if _is_in(point, ports) and not _is_in(point, but_for)}


def _is_in(point: Point, ports: Iterable[Port]) -> bool:
    number = _NUMBERS[point[0]] * 65536 + point[1]
    return any(port.span[0] <= number <= port.span[1] for port in ports)


def _holds(end: End, other: str) -> bool:
    if end.kind in ("ipv4", "ipv6") and other in ADDRESSES:
        address = ipaddress.ip_address(other)
        within = [any(address in ipaddress.ip_network(one) for one in blocks) for blocks in (end.blocks, end.but_for)]
        return within == [True, False]
    return end.name == other


@given(inventories.transitions())
def test_between_groups_it_has_what_is_found_port_by_port(transition: Transition) -> None:
    found = {(pair.source.name, pair.destination.name): pair for pair in _made(transition)[0]}
    for source, destination in itertools.product(MANAGED, repeat=2):
        pair = found.get((source, destination))
        for version in (4, 6):
            for side, passing in (("before", transition.before), ("after", transition.after)):
                reached = {
                    point for point in POINTS if inventories.reaches(passing, source, destination, point, version)
                }
                said = _said(getattr(pair, side), version=version) if pair else set()
                assert said == reached


@given(inventories.transitions())
def test_for_each_address_one_pair_has_what_is_found_port_by_port(transition: Transition) -> None:
    found, _ = _made(transition)
    for at, address in itertools.product((*MANAGED, READ), ADDRESSES):
        for direction, ends in (("ingress", (address, at)), ("egress", (at, address))):
            of = [pair for pair in found if _holds(pair.source, ends[0]) and _holds(pair.destination, ends[1])]
            assert len(of) <= 1
            for side, passing in (("before", transition.before), ("after", transition.after)):
                let = {point for point in POINTS if inventories.is_let(passing, at, direction, address, point)}
                assert _said(getattr(of[0], side) if of else ()) == let


@given(inventories.transitions(vague=True))
def test_what_becomes_of_a_pair_is_what_the_review_says(transition: Transition) -> None:
    found, changes = _made(transition)
    assert {change for pair in found for change in pair.changes} == set(changes)
    for pair in found:
        views = {one.view for one in (*pair.before, *pair.after)}
        before, after = _said(pair.before), _said(pair.after)
        perhaps = [of | _said(some, certain=False) for of, some in ((before, pair.before), (after, pair.after))]
        sure = [change for change in pair.changes if change.certain]
        opened = {point for change in sure for point in _points(change.opened, change.opened_but_for)}
        closed = {point for change in sure for point in _points(change.closed, change.closed_but_for)}
        # Of peers that others are compared with by themselves, what everybody may counts as well.
        anybody = pair.source.name in (READ, LIST) or pair.destination.name in (READ, LIST)
        if views == {""} and not anybody:
            assert opened == after - perhaps[0]
            assert closed == before - perhaps[1]
        assert opened <= after
        assert closed <= before
        assert _said(pair.stays) <= before & after
        if not pair.changes:
            assert pair.before == pair.after


@given(inventories.transitions(vague=True))
def test_nothing_is_a_pair_twice_and_none_is_empty(transition: Transition) -> None:
    found, _ = _made(transition)
    assert len({(pair.source, pair.destination) for pair in found}) == len(found)
    assert all(pair.before or pair.after for pair in found)
    assert all(pair.points for pair in found)
    assert all(pair.rules for pair in found)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.parent.name}/{shape.name}")
def test_every_change_of_a_recorded_plan_is_of_a_pair_and_the_gravest_come_first(shape: object) -> None:
    transition = planned.read_transition({"plan": json.loads((shape / "plan.json").read_text("utf-8"))})  # type: ignore[operator]  # a path
    found, changes = _made(transition)
    told = [change for pair in found for change in pair.changes]
    assert set(told) == set(changes)
    places = [min((changes.index(change) for change in pair.changes), default=len(changes)) for pair in found]
    assert places == sorted(places)
    addresses = {rule.address for pair in found for rule in pair.rules}
    assert addresses <= {rule.address for side in (transition.before, transition.after) for rule in side.rules}


A, B = MANAGED
SSH, HTTPS = Port.tcp(22), Port.tcp(443)


def _rules(*rules: FoundRule) -> Inventory:
    return inventories.inventory(list(rules))


def test_what_differs_by_family_is_said_by_family() -> None:
    both = [
        FoundRule(f"r.{direction}-{family}", group(at), direction, HTTPS, block(family))  # type: ignore[arg-type]  # a literal
        for at, direction in ((A, "egress"), (B, "ingress"))
        for family in ("0.0.0.0/0", "::/0")
    ]
    of_v4 = [rule for rule in both if rule.address.endswith("0.0.0.0/0")]
    found, _ = _made(Transition(_rules(*of_v4), _rules(*both)))
    (pair,) = [pair for pair in found if pair.source.name == A and pair.destination.name == B]
    assert pair.before == (Passing((HTTPS,), view="ipv4"),)
    assert pair.after == (Passing((HTTPS,)),)
    assert [change.opened for change in pair.changes] == [(HTTPS,)]
    assert {rule.address for rule in pair.rules} == {rule.address for rule in both}


def test_addresses_with_more_than_others_are_an_end_of_their_own() -> None:
    office = FoundRule("r.office", group(A), "ingress", SSH, block("10.0.0.0/8"))
    world = FoundRule("r.world", group(A), "ingress", HTTPS, block("0.0.0.0/0"))
    found, changes = _made(Transition(_rules(office), _rules(office, world)))
    of = {pair.source.name + "".join(pair.source.but_for): pair for pair in found}
    assert list(of) == ["0.0.0.0/010.0.0.0/8", "10.0.0.0/8"]
    assert of["10.0.0.0/8"].before == of["10.0.0.0/8"].stays == (Passing((SSH,)),)
    assert of["10.0.0.0/8"].after == (Passing((SSH, HTTPS)),)
    assert [pair.changes for pair in found] == [changes, changes]
    assert {rule.address for rule in of["10.0.0.0/8"].rules} == {"r.office", "r.world"}
    assert [rule.address for rule in of["0.0.0.0/010.0.0.0/8"].rules] == ["r.world"]


def test_of_rules_without_end_some_are_named() -> None:
    many = [FoundRule(f"r.{port:03}", group(A), "ingress", Port.tcp(port), block("0.0.0.0/0")) for port in range(50)]
    (pair,), _ = _made(Transition(_rules(), _rules(*many)))
    assert [rule.address for rule in pair.rules] == [rule.address for rule in many[:MOST_RULES]]


def test_addresses_are_in_the_order_of_their_numbers() -> None:
    blocks = ["10.0.10.0/24", "2001:db8:10::/48", "10.0.2.0/24", "2001:db8:2::/48"]
    rules = _rules(
        *(
            # Ports of their own, or they would be one end.
            FoundRule(f"r.{number}", group(A), "ingress", Port.tcp(22 + number), block(text))
            for number, text in enumerate(blocks)
        )
    )
    expected = ["10.0.2.0/24", "10.0.10.0/24", "2001:db8:2::/48", "2001:db8:10::/48"]
    for transition in (Transition(_rules(), rules), Transition(rules, rules)):
        found, changes = _made(transition)
        assert [pair.source.name for pair in found] == expected
        assert [change.source.name for change in changes] in (expected, [])


def test_a_pair_of_groups_names_the_rules_that_let_it_pass_and_no_others() -> None:
    def rule(name: str, at: str, direction: str, port: Port, peer: str) -> FoundRule:
        return FoundRule(name, group(at), direction, port, block(peer) if "/" in peer else group(peer))  # type: ignore[arg-type]  # a literal

    some = [
        rule("r.out", A, "egress", HTTPS, B),
        rule("r.in", B, "ingress", HTTPS, A),
        rule("r.everybody", B, "ingress", HTTPS, "0.0.0.0/0"),
        rule("r.office", B, "ingress", HTTPS, "10.0.0.0/8"),
        rule("r.other port", B, "ingress", SSH, A),
    ]
    found, _ = _made(Transition(_rules(*some), _rules(*some)))
    (pair,) = [pair for pair in found if (pair.source.name, pair.destination.name) == (A, B)]
    assert {rule.address for rule in pair.rules} == {"r.out", "r.in", "r.everybody"}


def test_a_single_address_has_its_rule() -> None:
    one = FoundRule("r.one", group(A), "ingress", SSH, block("10.0.0.7/32"))
    (pair,), _ = _made(Transition(_rules(one), _rules(one)))
    assert [rule.address for rule in pair.rules] == ["r.one"]


def test_unchanged_pairs_of_roles_stand_before_those_of_others() -> None:
    some = [
        FoundRule("r.office", group(A), "ingress", SSH, block("10.0.0.0/8")),
        FoundRule("r.out", group(B), "egress", HTTPS, group(A)),
        FoundRule("r.in", group(A), "ingress", HTTPS, group(B)),
    ]
    keyed = {
        identity: FoundGroup(identity, identity, GroupKey("prod", role))
        for identity, role in ((A, "worker"), (B, "etcd"))
    }
    inventory = replace(_rules(*some), groups={**_rules(*some).groups, **keyed})
    found, _ = _made(Transition(inventory, inventory))
    assert [pair.source.name for pair in found] == ["prod/etcd", "10.0.0.0/8"]


def test_what_may_stay_has_to_be_perhaps_there_at_both_times() -> None:
    before, after = (
        FoundRule("r", group(A), "ingress", port, block("10.0.0.0/8"), port_known=False, origin=origin)
        for port, origin in ((Port.tcp_range(1, 20), "one"), (Port.tcp_range(10, 30), "other"))
    )
    found, _ = _made(Transition(_rules(before), _rules(after)))
    assert [pair.stays for pair in found] == [(Passing((Port.tcp_range(10, 20),), certain=False),)]
