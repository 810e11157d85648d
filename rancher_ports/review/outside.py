"""What becomes of the traffic between a group and addresses: the addresses for which it is the same go together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rancher_ports.model.access import Group
from rancher_ports.model.blocks import read_block
from rancher_ports.model.intervals import Interval, Intervals, intersection, overlap, union
from rancher_ports.model.intervals import difference as difference_of
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import Direction
from rancher_ports.model.world import LAST_ADDRESS, count_public, is_wide
from rancher_ports.review.bounds import Bounds, Difference, Points, compared
from rancher_ports.review.touching import Touched, points

Side = tuple[Group, Direction, PeerKind]


@dataclass(frozen=True, slots=True)
class Part:
    """Addresses for which the same becomes of the same ports.

    Args:
        addresses: first and last ones, as numbers.
        difference: what becomes of which ports.
        touched: the rules that come, go or differ and name one of them.
        is_world: whether every public address, or a good part of them, has some of the ports that are opened, and had
            them not before.
    """

    addresses: Intervals
    difference: Difference
    touched: tuple[Touched, ...]
    is_world: bool


@dataclass(slots=True)
class _Found:
    addresses: list[Interval] = field(default_factory=list)
    touched: dict[Touched, None] = field(default_factory=dict)


def parts(before: Bounds, after: Bounds, side: Side, touched: Iterable[Touched]) -> tuple[Part, ...]:
    """What becomes of the traffic between a group and all addresses of a family.

    Args:
        before: what is open now.
        after: what will be.
        side: the group, the direction of its rules and the family.
        touched: the rules of that side that come, go or differ.

    Returns:
        The parts for which anything changes.
    """
    touched = tuple(touched)
    found: dict[Difference, _Found] = {}
    for first, last, here, was, will_be in segments(before, after, side, touched):
        difference = compared(was, will_be, points(here))
        if not difference:
            continue
        part = found.setdefault(difference, _Found())
        part.addresses.append((first, last))
        spans = union((*difference.opened, *difference.closed, *difference.may_open, *difference.may_close))
        part.touched.update((one, None) for one in here if overlap(one.span, spans))
    if not found:
        return ()
    opened = {difference: union((*difference.opened, *difference.may_open)) for difference in found}
    everybody = difference_of(after.perhaps.to_the_world(*side), before.surely.to_the_world(*side))
    many = _to_many(side[2], [(part.addresses, opened[difference]) for difference, part in found.items()])
    world = union((*everybody, *many))
    return tuple(
        Part(
            union(part.addresses),
            difference,
            tuple(part.touched),
            is_world=bool(intersection(world, opened[difference])),
        )
        for difference, part in found.items()
    )


def _to_many(family: PeerKind, opened: Iterable[tuple[list[Interval], Intervals]]) -> Intervals:
    """The points that are opened to a good part of the public addresses, by all parts together.

    Args:
        family: IPv4 or IPv6.
        opened: addresses, and what is opened to them; no address is in two of these.
    """
    changes: dict[int, int] = {}
    for addresses, spans in opened:
        count = count_public(family, addresses) if spans else 0
        for first, last in spans:
            changes[first] = changes.get(first, 0) + count
            changes[last + 1] = changes.get(last + 1, 0) - count
    found: list[Interval] = []
    count = 0
    for first, following in pairwise(sorted(changes)):
        count += changes[first]
        if is_wide(family, count):
            found.append((first, following - 1))
    return union(found)


def segments(
    before: Bounds, after: Bounds, side: Side, touched: Iterable[Touched], *, every: bool = False
) -> Iterator[tuple[int, int, Collection[Touched], Points, Points]]:
    """Stretches of addresses where something else is open than will be, or may be, and the rules that name them.

    Args:
        before: what is open now.
        after: what will be.
        side: the group, the direction of its rules and the family.
        touched: the rules of that side that come, go or differ.
        every: also those where the same is open before and after.

    Returns:
        First and last address, the rules, and what is open before and after.
    """
    begins: dict[int, list[Touched]] = {}
    ends: dict[int, list[Touched]] = {}
    for one in touched:
        first, last = block.interval if (block := read_block(one.block)) else (0, LAST_ADDRESS[side[2]])
        begins.setdefault(first, []).append(one)
        ends.setdefault(last + 1, []).append(one)
    changing = {
        id(of): dict(of.outside.get(side, ())) for bound in (before, after) for of in (bound.surely, bound.perhaps)
    }
    edges = sorted(
        {0, *begins, *ends, *(first for of in changing.values() for first in of)} - {LAST_ADDRESS[side[2]] + 1}
    )
    open_: dict[int, Intervals] = dict.fromkeys(changing, ())
    here: dict[Touched, None] = {}
    was, will_be = ((id(bound.surely), id(bound.perhaps)) for bound in (before, after))
    for first, following in zip(edges, [*edges[1:], LAST_ADDRESS[side[2]] + 1], strict=True):
        for one in ends.get(first, ()):
            here.pop(one, None)
        here.update(dict.fromkeys(begins.get(first, ())))
        for key, of in changing.items():
            open_[key] = of.get(first, open_[key])
        differs = open_[was[0]] != open_[will_be[0]] or open_[was[1]] != open_[will_be[1]]
        # A rule of which not all is known may open something else than before, and look the same.
        is_vague = open_[was[0]] != open_[was[1]] or open_[will_be[0]] != open_[will_be[1]]
        if differs or (here and is_vague) or (every and open_[was[1]]):
            points_before, points_after = (Points(open_[surely], open_[perhaps]) for surely, perhaps in (was, will_be))
            yield first, following - 1, tuple(here), points_before, points_after
