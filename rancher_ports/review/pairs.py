"""Who reaches whom before a change and after it: every two ends between which anything passes, changed or not.

Laws, which tests hold:

- what a pair has afterwards and had not before is what its changes open, and the other way round for what they close;
- every change of the review is of some pair, and every pair without a change is the same before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Literal

from rancher_ports.model.access import FAMILIES, Access, Group
from rancher_ports.model.blocks import read_block
from rancher_ports.model.intervals import Interval, Intervals, difference, intersection, overlap, union
from rancher_ports.model.inventory import FoundRule, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port, ports_of
from rancher_ports.model.roles import Direction
from rancher_ports.model.world import LAST_ADDRESS
from rancher_ports.review.bounds import Difference, Points, bounds, compared, points_of
from rancher_ports.review.changes import Change, End
from rancher_ports.review.ends import addresses, named, named_groups
from rancher_ports.review.outside import Side, segments
from rancher_ports.review.touching import Touching, points

# Rules that are named with a pair; what lets everybody pass may be thousands.
MOST_RULES = 20

# What is looked at by itself: a family, or the rules at one end where the other end's are not known.
View = Literal["", "ipv4", "ipv6", "ingress", "egress"]


@dataclass(frozen=True, slots=True)
class Passing:
    """Ports on which one end reaches another at one time.

    Args:
        ports: the ports.
        but_for: ports within these that do not belong to them, where that takes fewer.
        certain: False where a value is known after apply alone, so that they may be open, or not.
        view: over which family alone, or by the rules of which direction alone; empty where all say the same.
    """

    ports: tuple[Port, ...]
    but_for: tuple[Port, ...] = ()
    certain: bool = True
    view: View = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ends, and what passes from the one to the other.

    Args:
        source: who begins.
        destination: who answers.
        before: what passes now.
        after: what passes then.
        stays: what passes before and after.
        points: the points of the line of ports that are, or may be, open before or after.
        changes: what the review says of it, the gravest first; of several ends it may say it at once.
        rules: those that have to do with it, before or after, those of after first; :data:`MOST_RULES` at
            most, and of one resource only those that say something else.
    """

    source: End
    destination: End
    before: tuple[Passing, ...]
    after: tuple[Passing, ...]
    stays: tuple[Passing, ...]
    points: Intervals
    changes: tuple[Change, ...] = ()
    rules: tuple[FoundRule, ...] = ()


def pairs(transition: Transition, changes: Iterable[Change]) -> tuple[Pair, ...]:
    """Every two ends of which the one reaches the other before a change or after it, or may.

    Args:
        transition: the change.
        changes: what the review of it says.

    Returns:
        Pairs in the order in which the review lists changes; unchanged ones behind them, by name, those
        between roles first.
    """
    said = _Said(changes)
    found = [
        Pair(
            source,
            destination,
            before=_passing([(view.name, view.before) for view in seen.views]),
            after=_passing([(view.name, view.after) for view in seen.views]),
            stays=_passing([("", _staying(seen.views))]),
            points=union(span for view in seen.views for of in (view.before, view.after) for span in of.perhaps),
            changes=said.of(seen.told),
            rules=tuple(islice(seen.rules.values(), MOST_RULES)),
        )
        for (source, destination), seen in _Seen(transition).pairs().items()
    ]
    return tuple(sorted(found, key=said.order))


_Ends = tuple[End, End]


class _Said:
    """What a review says, by the ends that it is about."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._places: dict[Change, int] = {}
        self._of: dict[tuple[str, str], dict[Change, None]] = {}
        for place, change in enumerate(changes):
            self._places[change] = place
            for source in change.source.candidates or (change.source.name,):
                for destination in change.destination.candidates or (change.destination.name,):
                    self._of.setdefault((source, destination), {})[change] = None

    def of(self, ends: _Ends) -> tuple[Change, ...]:
        source, destination = ends
        return tuple(self._of.get((_name(source), _name(destination)), ()))

    def order(self, pair: Pair) -> tuple[object, ...]:
        first = min((self._places[change] for change in pair.changes), default=len(self._places))
        is_outside = pair.source.key is None, pair.destination.key is None
        return first, any(is_outside), pair.destination.order, pair.source.order


def _name(end: End) -> str:
    return end.name


@dataclass(frozen=True, slots=True)
class _View:
    """What passes between two ends, as far as one thing alone is looked at."""

    name: View
    before: Points
    after: Points


@dataclass(slots=True)
class _Between:
    """What is seen between two ends: under which ends a review tells of it, and rules by where and what they say."""

    told: _Ends
    views: list[_View]
    rules: dict[tuple[str, str], FoundRule]


class _Seen:
    """Two inventories, looked at side by side."""

    def __init__(self, transition: Transition) -> None:
        before, after = transition.before, transition.after
        self._names = named_groups(before, after)
        complete = before.managed | after.managed
        self._before, self._after = bounds(before.rules, complete), bounds(after.rules, complete)
        every = [access for bound in (self._before, self._after) for access in (bound.surely, bound.perhaps)]
        self._accesses = tuple({id(access): access for access in every}.values())
        self._touching = Touching(before.rules, after.rules)
        self._rules = _Rules([*after.rules, *before.rules])
        self._found: dict[_Ends, _Between] = {}

    def pairs(self) -> Mapping[_Ends, _Between]:
        """By ends, what is seen between them."""
        self._between()
        self._to_others()
        for side in dict.fromkeys(side for access in self._accesses for side in access.outside):
            self._outside(side)
        return self._found

    def _between(self) -> None:
        keys = dict.fromkeys(key[:2] for access in self._accesses for key in access.between)
        for source, destination in keys:
            ends = self._end(source), self._end(destination)
            views = [
                self._view(_FAMILY_VIEW[family], partial(_between_groups, key=(source, destination, family)))
                for family in FAMILIES
            ]
            rules = (
                *self._rules.of_peer(str(source), "egress", (PeerKind.GROUP, str(destination))),
                *self._rules.of_peer(str(destination), "ingress", (PeerKind.GROUP, str(source))),
                *self._rules.of_everybody(str(source), "egress"),
                *self._rules.of_everybody(str(destination), "ingress"),
            )
            self._add(ends, ends, views, rules)

    def _to_others(self) -> None:
        for group, direction, peer in dict.fromkeys(key for access in self._accesses for key in access.others):
            ends = _directed((self._end(group), named(*peer, self._names)), direction)
            view = self._view(direction, partial(_of_other, key=(group, direction, peer)))
            self._add(ends, ends, [view], self._rules.of_peer(str(group), direction, peer))

    def _outside(self, side: Side) -> None:
        """Addresses for which the same passes before and after, and of which a review says the same, are one end."""
        group, direction, family = side
        touched = self._touching.of_family(str(group), direction, family)
        told: dict[Difference, list[Interval]] = {}
        parts: dict[tuple[Difference, Points, Points], list[Interval]] = {}
        for first, last, here, before, after in segments(self._before, self._after, side, touched, every=True):
            becomes = compared(before, after, points(here))
            told.setdefault(becomes, []).append((first, last))
            parts.setdefault((becomes, before, after), []).append((first, last))
        rules = self._rules.of_addresses(side, list(parts.values()))
        own = self._end(group)
        for ((becomes, before, after), some), of_part in zip(parts.items(), rules, strict=True):
            ends, seen = (_directed((own, addresses(family, union(of))), direction) for of in (some, told[becomes]))
            self._add(ends, seen, [_View(direction, before, after)], of_part)

    def _view(self, name: View, take: partial[Intervals]) -> _View:
        return _View(name, points_of(self._before, take), points_of(self._after, take))

    def _add(self, ends: _Ends, told: _Ends, views: Sequence[_View], rules: Iterable[FoundRule]) -> None:
        between = self._found.setdefault(ends, _Between(told, [], {}))
        between.views += views
        spans = union(span for view in views for of in (view.before, view.after) for span in of.perhaps)
        for rule in rules:
            if overlap(rule.port.span, spans):
                between.rules.setdefault((rule.address, rule.description), rule)

    def _end(self, group: Group) -> End:
        return named(PeerKind.GROUP, str(group), self._names)


_FAMILY_VIEW: Mapping[PeerKind, View] = {PeerKind.IPV4: "ipv4", PeerKind.IPV6: "ipv6"}


def _between_groups(access: Access, key: tuple[Group, Group, PeerKind]) -> Intervals:
    return access.between.get(key, ())


def _of_other(access: Access, key: tuple[Group, Direction, tuple[PeerKind, str]]) -> Intervals:
    return access.others.get(key, ())


def _directed(ends: _Ends, direction: Direction) -> _Ends:
    group, peer = ends
    return (peer, group) if direction == "ingress" else (group, peer)


def _passing(views: Sequence[tuple[View, Points]]) -> tuple[Passing, ...]:
    """What passes, said once if it is the same however it is looked at."""
    if len({points for _, points in views}) == 1:
        views = [("", views[0][1])]
    return tuple(
        Passing(*ports_of(spans), certain=certain, view=name)
        for name, of in views
        for spans, certain in ((of.surely, True), (difference(of.perhaps, of.surely), False))
        if spans
    )


def _staying(views: Iterable[_View]) -> Points:
    both = [
        Points(intersection(v.before.surely, v.after.surely), intersection(v.before.perhaps, v.after.perhaps))
        for v in views
    ]
    surely = union(span for one in both for span in one.surely)
    return Points(surely, union((*surely, *(span for one in both for span in one.perhaps))))


class _Rules:
    """Rules by whom they name."""

    def __init__(self, rules: Iterable[FoundRule]) -> None:
        self._by_peer: dict[tuple[str, Direction, tuple[PeerKind, str]], list[FoundRule]] = {}
        self._by_side: dict[tuple[str, Direction, PeerKind], list[tuple[Interval, FoundRule]]] = {}
        for rule in rules:
            kind = rule.peer.kind
            for group, peer in rule.cases():
                block = read_block(peer) if kind in FAMILIES else None
                if block is None:
                    self._by_peer.setdefault((group, rule.direction, (kind, peer)), []).append(rule)
                else:
                    self._by_side.setdefault((group, rule.direction, kind), []).append((block.interval, rule))

    def of_peer(self, group: str, direction: Direction, peer: tuple[PeerKind, str]) -> list[FoundRule]:
        """Those on a group that name a peer, which is no block."""
        return self._by_peer.get((group, direction, peer), [])

    def of_everybody(self, group: str, direction: Direction) -> Iterator[FoundRule]:
        """Those on a group for every address of a family."""
        for family in FAMILIES:
            for block, rule in self._by_side.get((group, direction, family), ()):
                if block == (0, LAST_ADDRESS[family]):
                    yield rule

    def of_addresses(self, side: Side, parts: Sequence[Sequence[Interval]]) -> list[list[FoundRule]]:
        """For each of some parts of all addresses, those on a group that name an address of it.

        Args:
            side: the group, the direction and the family.
            parts: first and last addresses; no rule begins or ends within one of these.
        """
        group, direction, family = side
        blocks = self._by_side.get((str(group), direction, family), [])
        begins: dict[int, list[FoundRule]] = {}
        ends: dict[int, list[FoundRule]] = {}
        for (first, last), rule in blocks:
            begins.setdefault(first, []).append(rule)
            ends.setdefault(last + 1, []).append(rule)
        of = {first: index for index, part in enumerate(parts) for first, _ in part}
        found: list[dict[int, FoundRule]] = [{} for _ in parts]
        here: dict[int, FoundRule] = {}
        for edge in sorted({*begins, *ends, *of}):
            for rule in ends.get(edge, ()):
                here.pop(id(rule), None)
            here.update((id(rule), rule) for rule in begins.get(edge, ()))
            if edge in of and len(found[of[edge]]) < MOST_RULES:
                found[of[edge]].update(islice(here.items(), MOST_RULES))
        return [list(rules.values()) for rules in found]
