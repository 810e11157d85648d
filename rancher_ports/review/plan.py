"""A change of groups and rules as a firewall change: who reaches whom afterwards, and did not before.

Laws, which tests hold:

- what becomes of every source, destination and port is what a comparison port by port says;
- splitting, merging, repeating and re-addressing rules changes nothing;
- a change and its reverse open and close the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from functools import partial

from rancher_ports.model.access import FAMILIES, Access, Group
from rancher_ports.model.intervals import Intervals, overlap, union
from rancher_ports.model.inventory import IMPORT, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import ports_of
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.roles import Direction
from rancher_ports.review.bounds import Difference, bounds, compared, points_of, together
from rancher_ports.review.changes import VERDICTS, Change, End, Review, Tally
from rancher_ports.review.ends import addresses, named, named_groups, one_of
from rancher_ports.review.outside import parts
from rancher_ports.review.remarks import remarks
from rancher_ports.review.touching import Touched, Touching, points

_Ends = tuple[End, End]


def review(transition: Transition, quotas: Quotas | None = None) -> Review:
    """What a change opens and closes, and what else there is to say of it.

    Both ends count, as far as both are known: of a group of which the rules are not all there, such as one that a data
    source reads, the rules at either end are looked at by themselves.

    Args:
        transition: the change.
        quotas: what AWS allows.
    """
    comparison = _Comparison(transition)
    changes = comparison.changes()
    before, after = transition.before, transition.after
    return Review(
        changes=tuple(sorted(changes, key=_order)),
        unchanged=comparison.unchanged,
        findings=remarks(transition, comparison.after.perhaps, comparison.names, quotas or Quotas()),
        # What nobody has seen is not counted as there.
        rules=_tally(
            {rule.meaning for rule in before.rules if rule.origin != IMPORT}, {rule.meaning for rule in after.rules}
        ),
        groups=_tally(before.managed, after.managed),
        notes=transition.notes,
    )


def _tally(before: Set[object], after: Set[object]) -> Tally:
    return Tally(len(before), len(after), len(after - before), len(before - after))


def _order(change: Change) -> tuple[object, ...]:
    return not change.world, VERDICTS.index(change.verdict), change.destination.order, change.source.order, change.rules


@dataclass(frozen=True, slots=True)
class _Row:
    """What becomes of the traffic between two ends, before it is put into words."""

    ends: _Ends
    difference: Difference
    touched: tuple[Touched, ...]
    world: bool = False


class _Comparison:
    """Two inventories, compared."""

    def __init__(self, transition: Transition) -> None:
        before, after = transition.before, transition.after
        self.names = named_groups(before, after)
        complete = before.managed | after.managed
        self.before, self.after = bounds(before.rules, complete), bounds(after.rules, complete)
        self.unchanged = 0
        every = [access for bound in (self.before, self.after) for access in (bound.surely, bound.perhaps)]
        # Where nothing is unknown, what is surely open and what perhaps is are one.
        self._accesses = tuple({id(access): access for access in every}.values())
        self._touching = Touching(before.rules, after.rules)

    def changes(self) -> list[Change]:
        """Every change, in no order."""
        found: dict[_Ends, list[_Row]] = {}
        for row in (*self._between(), *self._to_others(), *self._outside()):
            if row.difference:
                found.setdefault(row.ends, []).append(row)
            else:
                self.unchanged += 1
        changes = [change for rows in found.values() for change in _in_words(rows)]
        certain = [change for change in changes if change.certain]
        return certain + list(self._candidates(change for change in changes if not change.certain))

    def _between(self) -> Iterator[_Row]:
        """Between groups of which all rules are known."""
        pairs = {(source, destination): None for access in self._accesses for source, destination, _ in access.between}
        anybody = {group: self._to_anybody(group) for pair in pairs for group in pair}
        for source, destination in pairs:
            ends = self._name(source), self._name(destination)
            touched = (
                *self._touching.of_peer(str(source), "egress", (PeerKind.GROUP, str(destination))),
                *self._touching.of_peer(str(destination), "ingress", (PeerKind.GROUP, str(source))),
                *anybody[source]["egress"],
                *anybody[destination]["ingress"],
            )
            if not touched:
                self.unchanged += 1
                continue
            concerned = points(touched)
            of = []
            for family in FAMILIES:
                take = partial(_between_groups, key=(source, destination, family))
                of.append(compared(points_of(self.before, take), points_of(self.after, take), concerned))
            yield _Row(ends, together(of), touched)

    def _to_anybody(self, group: Group) -> dict[Direction, list[Touched]]:
        """The rules that change what a group allows every address, and so the other groups, too."""
        found: dict[Direction, list[Touched]] = {"ingress": [], "egress": []}
        for direction in found:
            for family in FAMILIES:
                touched = self._touching.of_family(str(group), direction, family)
                take = partial(_everywhere, key=(group, direction, family))
                if touched and (self._is_vague or len({take(access) for access in self._accesses}) > 1):
                    found[direction] += touched
        return found

    def _to_others(self) -> Iterator[_Row]:
        """Between a group and a peer of which our end alone is known, and which is no block."""
        keys = {key: None for access in self._accesses for key in access.others}
        for group, direction, peer in keys:
            touched = self._touching.of_peer(str(group), direction, peer)
            has = partial(_of_other, key=(group, direction, peer))
            allows = partial(_of_peer, key=(group, direction, peer))
            ends = self._name(group), named(*peer, self.names)
            before, after = points_of(self.before, has), points_of(self.after, has)
            allowed = points_of(self.before, allows), points_of(self.after, allows)
            difference = compared(before, after, points(touched), allowed)
            yield _Row(_directed(ends, direction), difference, tuple(touched))

    def _outside(self) -> Iterator[_Row]:
        """Between a group and addresses."""
        sides = {side: None for access in self._accesses for side in access.outside}
        for group, direction, family in sides:
            touched = self._touching.of_family(str(group), direction, family)
            if not touched:
                self.unchanged += 1
                continue
            for part in parts(self.before, self.after, (group, direction, family), touched):
                world = direction == "ingress" and part.is_world
                ends = self._name(group), addresses(family, part.addresses)
                yield _Row(_directed(ends, direction), part.difference, part.touched, world)

    @property
    def _is_vague(self) -> bool:
        return self.before.surely is not self.before.perhaps or self.after.surely is not self.after.perhaps

    def _name(self, group: Group) -> End:
        return named(PeerKind.GROUP, str(group), self.names)

    def _candidates(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Changes of which it is not known for whom they hold, put together."""
        found: dict[object, list[Change]] = {}
        for change in changes:
            vague = not self._touching.vague.isdisjoint(change.rules)
            found.setdefault((vague or change.source, change.destination, *_what(change)), []).append(change)
        by_source = [
            replace(some[0], source=one_of(c.source for c in some)) if len(some) > 1 else some[0]
            for some in found.values()
        ]
        found = {}
        for change in by_source:
            vague = not self._touching.vague.isdisjoint(change.rules)
            found.setdefault((vague or change.destination, change.source, *_what(change)), []).append(change)
        for some in found.values():
            yield replace(some[0], destination=one_of(c.destination for c in some)) if len(some) > 1 else some[0]


def _between_groups(access: Access, key: tuple[Group, Group, PeerKind]) -> Intervals:
    return access.between.get(key, ())


def _everywhere(access: Access, key: tuple[Group, Direction, PeerKind]) -> Intervals:
    return access.everywhere(*key)


def _of_other(access: Access, key: tuple[Group, Direction, tuple[PeerKind, str]]) -> Intervals:
    return access.others.get(key, ())


def _of_peer(access: Access, key: tuple[Group, Direction, tuple[PeerKind, str]]) -> Intervals:
    return access.of_peer(*key)


def _directed(ends: _Ends, direction: Direction) -> _Ends:
    """Source and destination, of a group and its peer."""
    group, peer = ends
    return (peer, group) if direction == "ingress" else (group, peer)


def _what(change: Change) -> tuple[object, ...]:
    return change.opened, change.closed, change.opened_but_for, change.closed_but_for, change.world, change.rules


def _in_words(rows: list[_Row]) -> Iterator[Change]:
    """What becomes of the traffic between two ends: what is certain, and what is not."""
    (source, destination), whole = rows[0].ends, together(row.difference for row in rows)
    world = any(row.world for row in rows)
    touched = [one for row in rows for one in row.touched]
    for opened, closed, certain in ((whole.opened, whole.closed, True), (whole.may_open, whole.may_close, False)):
        if opened or closed:
            concerned = union((*opened, *closed))
            rules = sorted({one.address for one in touched if overlap(one.span, concerned)})
            opens, opens_but_for = ports_of(opened)
            closes, closes_but_for = ports_of(closed)
            yield Change(
                source,
                destination,
                opens,
                closes,
                opened_but_for=opens_but_for,
                closed_but_for=closes_but_for,
                certain=certain,
                world=world and bool(opened),
                rules=tuple(rules),
            )
