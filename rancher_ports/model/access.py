"""Access: what a rule set means, both ends counted, in one form for one meaning.

Laws, which tests hold:

- access is the same after a rule is split, merged with another, repeated, renamed or described anew;
- it is the same in whatever order rules come;
- ``a <= b`` is a partial order: everything that ``a`` allows, ``b`` allows.

Traffic between two groups of the rule set needs an egress rule of the one and an ingress rule of the
other. Of any other peer only our end is known, so only our rule counts. A CIDR block counts for
addresses outside the groups; for traffic between groups it counts where it holds every address of a
family, since which addresses the groups' nodes have is not known here.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NamedTuple

from rancher_ports.model.blocks import read_block
from rancher_ports.model.intervals import Interval, Intervals, difference, intersection, union
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import EVERY_POINT, Port
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.world import LAST_ADDRESS, public

Group = GroupKey | str
Family = PeerKind  # of its members, IPV4 and IPV6
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

FAMILIES = (PeerKind.IPV4, PeerKind.IPV6)

# From each first address to the next one: the points that are allowed there.
Addresses = tuple[tuple[int, Intervals], ...]
Outside = Mapping[tuple[GroupKey | str, Direction, PeerKind], Addresses]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may reach whom, on what. Made by :func:`access`; two are equal if they allow the same.

    Args:
        between: for (source group, destination group, family) the allowed points of the line of
            ports (:attr:`rancher_ports.model.ports.Port.span`).
        outside: for (group, direction, family) the allowed points by address: at each first address
            the set that holds up to the next.
        others: for (group, direction, peer) the allowed points of peers of which neither the
            addresses nor the rules are known: prefix lists, other security groups, blocks unknown
            until apply; beyond what every address is allowed.
    """

    between: Mapping[tuple[Group, Group, Family], Intervals]
    outside: Outside
    others: Mapping[tuple[Group, Direction, tuple[PeerKind, str]], Intervals]

    def allows(self, source: Group, destination: Group, port: Port) -> bool:
        """Whether all of ``port`` can be reached.

        Args:
            source: who begins: a group of the rule set by its key, or an IPv4 or IPv6 address.
            destination: who answers, likewise.
            port: the port, or a range that has to be allowed as a whole.

        Returns:
            For two groups True if it is allowed over either family; False between two addresses, and
            where a group is none of the rule set's.
        """
        wanted = (port.span,)
        return any(not difference(wanted, allowed) for allowed in self._between(source, destination))

    def of_peer(self, group: Group, direction: Direction, peer: tuple[PeerKind, str]) -> Intervals:
        """What one end allows a peer of which neither addresses nor rules are known, by its kind and value."""
        anyway = _anyway(self.outside, group, direction, peer[0])
        return union([*self.others.get((group, direction, peer), ()), *anyway])

    def _between(self, source: Group, destination: Group) -> Iterable[Intervals]:
        from_address, to_address = _as_address(source), _as_address(destination)
        if from_address is None and to_address is None:
            return [self.between.get((source, destination, family), ()) for family in FAMILIES]
        if from_address is None and to_address is not None:
            return [_at(self.outside.get((source, "egress", _family(to_address)), ()), int(to_address))]
        if from_address is not None and to_address is None:
            return [_at(self.outside.get((destination, "ingress", _family(from_address)), ()), int(from_address))]
        return []

    def allows_anywhere(self, group: Group, direction: Direction, port: Port) -> bool:
        """Whether all of ``port`` is allowed from or to every address of at least one family."""
        sides = (self.outside.get((group, direction, family), ()) for family in FAMILIES)
        return any(not difference((port.span,), _all_addresses(side)) for side in sides)

    def everywhere(self, group: Group, direction: Direction, family: Family) -> Intervals:
        """What is allowed from or to every address of a family, however many blocks it took to say so."""
        return _all_addresses(self.outside.get((group, direction, family), ()))

    def to_the_world(self, group: Group, direction: Direction, family: Family) -> Intervals:
        """What is allowed from or to every public address of a family, however many blocks it took to say so."""
        addresses = self.outside.get((group, direction, family), ())
        points = EVERY_POINT if addresses else ()
        for (first, allowed), (following, _) in pairwise((*addresses, (LAST_ADDRESS[family] + 1, ()))):
            remaining = intersection(points, allowed)
            if remaining != points and public(family, [(first, following - 1)]):
                points = remaining
        return points

    def of_block(self, side: tuple[Group, Direction, Family], block: Interval) -> Intervals:
        """What one end allows every address of a block, however many blocks it took to say so.

        Args:
            side: the group, the direction and the family.
            block: first and last address, as numbers.
        """
        first, last = block
        addresses = self.outside.get(side, ())
        points = _at(addresses, first)
        for edge, allowed in addresses:
            if first < edge <= last:
                points = intersection(points, allowed)
        return points

    def __le__(self, other: Access) -> bool:
        """Whether ``other`` allows everything that this allows."""
        return (
            all(not difference(points, other.between.get(pair, ())) for pair, points in self.between.items())
            and all(not difference(points, other.of_peer(*peer)) for peer, points in self.others.items())
            and all(_is_within(part, other.outside.get(side, ())) for side, part in self.outside.items())
        )


class Line(NamedTuple):
    """A rule, as far as it means anything; a tuple, since there are thousands.

    Args:
        group: the group that carries it.
        direction: ``ingress`` or ``egress``.
        kind: what its peer is.
        peer: a group, or who else it is.
        span: first and last point of its ports.
        addresses: first and last address of a block that is known.
    """

    group: Group
    direction: Direction
    kind: PeerKind
    peer: Group
    span: Interval
    addresses: Interval | None


def access(rules: RuleSet) -> Access:
    """What a rule set means."""
    return access_of(_lines(rules.rules), frozenset(rules.groups))


def _lines(rules: Iterable[Rule]) -> Iterator[Line]:
    for rule in rules:
        kind, value = rule.peer.kind, rule.peer.value
        block = read_block(value) if kind in FAMILIES and isinstance(value, str) else None
        yield Line(rule.group, rule.direction, kind, value, rule.port.span, block.interval if block else None)


def access_of(lines: Iterable[Line], complete: Set[Group]) -> Access:
    """What rules mean.

    Args:
        lines: all rules.
        complete: the groups of which all rules are among them. Of any other group it is not known what else it allows,
            so that at the other end our rule alone counts.
    """
    blocks: dict[tuple[Group, Direction, Family], list[_Block]] = {}
    pairs: dict[tuple[Direction, Group, Group], list[Interval]] = {}
    rest: dict[tuple[Group, Direction, tuple[PeerKind, str]], list[Interval]] = {}
    for group, direction, kind, peer, span, addresses in lines:
        if addresses is not None:
            blocks.setdefault((group, direction, kind), []).append((addresses, span))
        elif kind is PeerKind.GROUP and group in complete and peer in complete:
            ends = (group, peer) if direction == "egress" else (peer, group)
            pairs.setdefault((direction, *ends), []).append(span)
        else:
            rest.setdefault((group, direction, (kind, str(peer))), []).append(span)
    outside = {side: _by_address(side[2], some) for side, some in blocks.items()}
    others: dict[tuple[Group, Direction, tuple[PeerKind, str]], Intervals] = {}
    for (group, direction, peer_of), spans in rest.items():
        # Whoever it is has an address, of a family that is known for blocks only; what every address
        # may, it may as well, and a rule for it adds nothing to that.
        if points := difference(union(spans), _anyway(outside, group, direction, peer_of[0])):
            others[group, direction, peer_of] = points
    everywhere = {
        side: points for side, part in outside.items() if side[0] in complete and (points := _all_addresses(part))
    }
    named = {(source, destination): None for _, source, destination in pairs}
    between: dict[tuple[Group, Group, Family], Intervals] = {}
    for family in FAMILIES:
        leavers = [group for group, way, of in everywhere if of is family and way == "egress"]
        enterers = [group for group, way, of in everywhere if of is family and way == "ingress"]
        for source, destination in {**named, **dict.fromkeys(product(leavers, enterers))}:
            out = (*pairs.get(("egress", source, destination), ()), *everywhere.get((source, "egress", family), ()))
            into = (
                *pairs.get(("ingress", source, destination), ()),
                *everywhere.get((destination, "ingress", family), ()),
            )
            if out and into and (points := intersection(union(out), union(into))):
                between[source, destination, family] = points
    return Access(between, outside, others)


# First and last address of a block, and first and last point of what it may.
_Block = tuple[Interval, Interval]


def _by_address(family: Family, blocks: Iterable[_Block]) -> Addresses:
    """The points that blocks allow, by address; neighbours with the same points are merged."""
    begins: dict[int, list[Interval]] = {}
    ends: dict[int, list[Interval]] = {}
    for (first, last), span in blocks:
        begins.setdefault(first, []).append(span)
        ends.setdefault(last + 1, []).append(span)
    parts: list[tuple[int, Intervals]] = []
    # The spans of the blocks that hold the address, each as often as there are such blocks.
    here: dict[Interval, int] = {}
    for edge in sorted({0, *begins, *ends} - {LAST_ADDRESS[family] + 1}):
        for span in begins.get(edge, ()):
            here[span] = here.get(span, 0) + 1
        for span in ends.get(edge, ()):
            here[span] -= 1
            if not here[span]:
                del here[span]
        points = union(here) if len(here) > 1 else tuple(here)
        if not parts or parts[-1][1] != points:
            parts.append((edge, points))
    return tuple(parts)


def _anyway(outside: Outside, group: Group, direction: Direction, kind: PeerKind) -> Intervals:
    """What a peer may without a rule of its own: what every address of the families that it may have may."""
    families = (kind,) if kind in FAMILIES else FAMILIES
    points = EVERY_POINT
    for family in families:
        points = intersection(points, _all_addresses(outside.get((group, direction, family), ())))
    return points


def _all_addresses(addresses: Addresses) -> Intervals:
    # Nearly always there are addresses that are allowed nothing.
    if not addresses or not all(allowed for _, allowed in addresses):
        return ()
    points = EVERY_POINT
    for _, allowed in addresses:
        points = intersection(points, allowed)
    return points


def _at(addresses: Addresses, address: int) -> Intervals:
    after = bisect_right(addresses, address, key=lambda part: part[0])
    return addresses[after - 1][1] if after else ()


def _is_within(part: Addresses, whole: Addresses) -> bool:
    edges = {first for first, _ in (*part, *whole)}
    return all(not difference(_at(part, edge), _at(whole, edge)) for edge in edges)


def _as_address(endpoint: Group) -> IPAddress | None:
    if isinstance(endpoint, GroupKey):
        return None
    try:
        return ipaddress.ip_address(endpoint)
    except ValueError:
        return None


def _family(address: IPAddress) -> Family:
    return PeerKind.IPV4 if address.version == 4 else PeerKind.IPV6
