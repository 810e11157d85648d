"""What a set of rules opens, and what it may open: values known after apply alone leave room between the two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rancher_ports.model.access import FAMILIES, Access, Line, access_of
from rancher_ports.model.blocks import read_block
from rancher_ports.model.intervals import Intervals, difference, intersection, union
from rancher_ports.model.inventory import FoundRule


@dataclass(frozen=True, slots=True)
class Bounds:
    """What some rules come to.

    Args:
        surely: what is open whatever the unknown values are.
        perhaps: what may be open, ``surely`` included.
    """

    surely: Access
    perhaps: Access


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of the points of the line of ports, from one end to another.

    Args:
        opened: closed before and open afterwards, whatever the unknown values are.
        closed: the other way round.
        may_open: those of which unknown values decide whether they are opened.
        may_close: likewise.
    """

    opened: Intervals
    closed: Intervals
    may_open: Intervals = ()
    may_close: Intervals = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed or self.may_open or self.may_close)


def bounds(rules: Iterable[FoundRule], complete: frozenset[str]) -> Bounds:
    """What rules come to.

    Args:
        rules: all rules.
        complete: the identities of the groups of which there are all rules.
    """
    rules = tuple(rules)
    perhaps = access_of((line for rule in rules for line in _lines(rule)), complete)
    if all(rule.certain for rule in rules):
        return Bounds(perhaps, perhaps)
    return Bounds(access_of((line for rule in rules if rule.certain for line in _lines(rule)), complete), perhaps)


def _lines(rule: FoundRule) -> Iterator[Line]:
    """The rules that a rule may be: one, if all is known of it."""
    kind = rule.peer.kind
    for group, peer in rule.cases():
        block = read_block(peer) if kind in FAMILIES else None
        yield Line(group, rule.direction, kind, peer, rule.port.span, block.interval if block else None)


@dataclass(frozen=True, slots=True)
class Points:
    """The points that are open between two ends at one time.

    Args:
        surely: whatever the unknown values are.
        perhaps: those that may be open, ``surely`` included.
    """

    surely: Intervals
    perhaps: Intervals


def points_of(bounds: Bounds, take: Callable[[Access], Intervals]) -> Points:
    """What is open between two ends, by what takes that out of an access."""
    surely = take(bounds.surely)
    return Points(surely, surely if bounds.perhaps is bounds.surely else take(bounds.perhaps))


def compared(
    before: Points, after: Points, touched: Intervals, allowed: tuple[Points, Points] | None = None
) -> Difference:
    """What becomes of the points between two ends.

    Args:
        before: what is open now.
        after: what will be.
        touched: the points of rules that come, go or differ. What is unknown of any other is the same before and after.
        allowed: the same with what others have as well, who are compared by themselves: what is there is not opened.
    """
    was, will_be = allowed or (before, after)
    opened = difference(after.surely, was.perhaps)
    closed = difference(before.surely, will_be.perhaps)
    if before.surely is before.perhaps and after.surely is after.perhaps:
        return Difference(opened, closed)
    may_open = difference(difference(after.perhaps, was.surely), opened)
    may_close = difference(difference(before.perhaps, will_be.surely), closed)
    return Difference(opened, closed, intersection(may_open, touched), intersection(may_close, touched))


def together(differences: Iterable[Difference]) -> Difference:
    """What becomes of the points in any of some comparisons."""
    found = [one for one in differences if one]
    if len(found) == 1:
        return found[0]
    return Difference(
        union(span for one in found for span in one.opened),
        union(span for one in found for span in one.closed),
        union(span for one in found for span in one.may_open),
        union(span for one in found for span in one.may_close),
    )
