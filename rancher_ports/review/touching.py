"""Rules that come, go or differ, by what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rancher_ports.model.access import FAMILIES
from rancher_ports.model.intervals import Interval, Intervals, union
from rancher_ports.model.inventory import FoundRule
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import Direction

_Peer = tuple[PeerKind, str]


@dataclass(frozen=True, slots=True)
class Touched:
    """A rule that comes, goes or differs, as it is about one peer.

    Args:
        span: first and last point of its ports.
        address: the resource that it stands in.
        block: the peer, where it is a block.
    """

    span: Interval
    address: str
    block: str


class Touching:
    """The rules of which what they open is not the same before and after.

    Args:
        before: all rules before.
        after: all rules afterwards.
    """

    def __init__(self, before: Iterable[FoundRule], after: Iterable[FoundRule]) -> None:
        old = {rule.meaning: rule for rule in before}
        new = {rule.meaning: rule for rule in after}
        different = [
            rule for rule in (*new.values(), *old.values()) if not (rule.meaning in old and rule.meaning in new)
        ]
        self.vague = frozenset(rule.address for rule in different if not (rule.group.certain and rule.peer.certain))
        self._by_peer: dict[tuple[str, Direction, _Peer], list[Touched]] = {}
        self._by_family: dict[tuple[str, Direction, PeerKind], list[Touched]] = {}
        for rule in different:
            kind = rule.peer.kind
            for group, peer in rule.cases():
                touched = Touched(rule.port.span, rule.address, peer)
                self._by_peer.setdefault((group, rule.direction, (kind, peer)), []).append(touched)
                if kind in FAMILIES:
                    self._by_family.setdefault((group, rule.direction, kind), []).append(touched)

    def of_peer(self, group: str, direction: Direction, peer: _Peer) -> list[Touched]:
        """Those on a group that name a peer."""
        return self._by_peer.get((group, direction, peer), [])

    def of_family(self, group: str, direction: Direction, family: PeerKind) -> list[Touched]:
        """Those on a group that name blocks."""
        return self._by_family.get((group, direction, family), [])


def points(touched: Iterable[Touched]) -> Intervals:
    """All that rules are about."""
    return union(one.span for one in touched)
