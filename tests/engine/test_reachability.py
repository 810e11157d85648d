"""Who reaches whom by given rules, and what counts as a gap; from what security groups mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.ec2.values import Instance, Moment, Rule
from tests.engine.reachability import Connection, connections, gaps, open_connections

GROUP, OTHER_GROUP, LIST = "sg-1", "sg-2", "pl-1"
NODE, OTHER_NODE = Instance("i-1", (GROUP,)), Instance("i-2", (OTHER_GROUP,))
EVERYWHERE = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}


def _rule(peer: str, is_egress: bool = False, group: str = GROUP) -> Rule:
    kind = "group" if peer.startswith("sg-") else "prefix list" if peer.startswith("pl-") else ""
    kind = kind or ("ipv6" if ":" in peer else "ipv4")
    return Rule(f"sgr-{group}-{peer}-{is_egress}", group, is_egress, "tcp", 443, 443, kind, peer)


def _moment(*rules: Rule) -> Moment:
    return Moment("", {}, frozenset(), frozenset(rules), frozenset({NODE, OTHER_NODE}))


def _reaches(moment: Moment, source: str, destination: str = NODE.id, port: int = 443, protocol: str = "tcp") -> bool:
    connection = Connection(source, destination, protocol, port, port)
    return connection in open_connections(moment, [connection])


@pytest.mark.parametrize(
    ("peer", "end", "admitted"),
    [
        ("203.0.113.0/24", "203.0.113.0/24", True),
        ("203.0.113.0/24", "203.0.113.0/25", True),
        ("203.0.113.0/24", "203.0.113.7/32", True),
        # Not all of it: somebody in there stays outside.
        ("203.0.113.0/24", "203.0.0.0/16", False),
        ("203.0.113.0/24", "203.0.114.0/24", False),
        ("203.0.113.0/24", "::ffff:cb00:7100/120", False),
        ("2001:db8::/48", "2001:db8::/64", True),
        ("2001:db8::/48", "2001:db8:1::/64", False),
        ("0.0.0.0/0", "203.0.113.0/24", True),
        ("0.0.0.0/0", "0.0.0.0/0", True),
        ("0.0.0.0/0", "2001:db8::/48", False),
        ("0.0.0.0/0", "::/0", False),
        ("::/0", "2001:db8::/48", True),
        ("::/0", "203.0.113.0/24", False),
        ("::/0", "0.0.0.0/0", False),
        # Blocks that hold half of everything do not hold the whole.
        ("0.0.0.0/1", "0.0.0.0/0", False),
        # What is no block is admitted by its name; what a prefix list holds is not known here.
        (LIST, LIST, True),
        (LIST, "203.0.113.0/24", False),
        ("203.0.113.0/24", LIST, False),
        ("sg-3", "sg-3", True),
        ("sg-3", "203.0.113.0/24", False),
        # Whatever it holds, a rule for everything holds it, so no gap is made up where one takes another's place.
        ("0.0.0.0/0", LIST, True),
        ("::/0", "sg-3", True),
    ],
)
def test_a_rule_admits_an_end_if_it_holds_all_of_it(peer: str, end: str, admitted: bool) -> None:
    assert _reaches(_moment(_rule(peer)), end) is admitted
    out = _moment(_rule(peer, is_egress=True))
    assert _reaches(out, NODE.id, end) is admitted


@pytest.mark.parametrize("peer", [*EVERYWHERE.values(), OTHER_GROUP])
def test_between_two_nodes_both_ends_count(peer: str) -> None:
    into, out = _rule(peer), _rule(GROUP, is_egress=True, group=OTHER_GROUP)
    assert _reaches(_moment(into, out), OTHER_NODE.id)
    assert not _reaches(_moment(into), OTHER_NODE.id)
    assert not _reaches(_moment(out), OTHER_NODE.id)
    # Rules have a direction.
    assert not _reaches(_moment(into, out), NODE.id, OTHER_NODE.id)


def test_a_block_admits_no_node_whose_address_is_not_known() -> None:
    rules = _rule("10.0.0.0/8"), _rule(GROUP, is_egress=True, group=OTHER_GROUP)
    assert not _reaches(_moment(*rules), OTHER_NODE.id)


def test_a_rule_admits_its_protocol_and_its_ports() -> None:
    peer = "203.0.113.0/24"
    moment = _moment(replace(_rule(peer), first=80, last=443))
    assert all(_reaches(moment, peer, port=port) for port in (80, 200, 443))
    assert not any(_reaches(moment, peer, port=port) for port in (79, 444))
    assert not _reaches(moment, peer, protocol="udp")
    everything = _moment(replace(_rule(peer), protocol="-1", first=-1, last=-1))
    assert _reaches(everything, peer, port=1, protocol="udp")


def test_what_can_be_asked_about_has_a_node_at_one_end() -> None:
    rules = (_rule("203.0.113.0/24"), _rule("203.0.113.0/25"), _rule(OTHER_GROUP))
    ends = {frozenset((c.source, c.destination)) for c in connections([_moment(*rules)])}
    # A group that a node has is that node.
    outside = {"203.0.113.0/24", "203.0.113.0/25"}
    nodes = {NODE.id, OTHER_NODE.id}
    assert ends == {frozenset((node, end)) for node in nodes for end in nodes | outside}


WHOLE, HALF, OTHER_HALF = "203.0.113.0/24", "203.0.113.0/25", "203.0.113.128/25"


def test_a_block_that_was_narrower_for_a_while_is_a_gap_for_what_it_did_not_hold() -> None:
    whole = _moment(_rule(WHOLE))
    (gap,) = gaps(whole, [_moment(_rule(HALF)), whole])
    assert (gap.connection.source, gap.first, gap.last) == (WHOLE, 1, 2)
    # The other half was asked about as well, as soon as a rule names it.
    found = gaps(whole, [_moment(_rule(HALF)), _moment(_rule(HALF), _rule(OTHER_HALF)), whole])
    assert {(gap.connection.source, gap.first, gap.last) for gap in found} == {(OTHER_HALF, 1, 2), (WHOLE, 1, 3)}


def test_a_block_narrowed_by_way_of_nothing_is_a_gap_for_what_it_keeps() -> None:
    (gap,) = gaps(_moment(_rule(WHOLE)), [_moment(), _moment(_rule(HALF))])
    assert (gap.connection.source, gap.first, gap.last) == (HALF, 1, 2)


def test_what_ends_or_begins_is_no_gap() -> None:
    assert gaps(_moment(_rule(WHOLE)), [_moment(_rule(HALF))]) == []
    assert gaps(_moment(_rule(HALF)), [_moment(_rule(WHOLE))]) == []
    assert gaps(_moment(_rule(WHOLE)), [_moment()]) == []
    assert gaps(_moment(), [_moment(_rule(WHOLE))]) == []
    assert gaps(_moment(_rule(WHOLE)), []) == []
