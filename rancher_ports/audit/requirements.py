"""Whether rules that exist, or are planned, let pass what is documented, whoever wrote them and however."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from rancher_ports.model.access import FAMILIES, Access, Group, access
from rancher_ports.model.blocks import read_block
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import side_of
from rancher_ports.model.findings import Finding
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.intervals import Interval, Intervals, difference, union
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import points_text
from rancher_ports.model.roles import AGENTS, CLUSTER_ROLES, NODES, ROLES, SERVER_ROLES, Direction, GroupKey
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.table import Table, in_short

_Slots = Mapping[str, tuple[Peer, ...]]

# Which end of a flow carries the rule of a direction, and which one it names.
_ENDS: Mapping[Direction, tuple[str, str]] = {"egress": ("source", "destination"), "ingress": ("destination", "source")}


def unmet(
    table: Table, choices: Choices, rules: RuleSet, slots: _Slots | None = None, partly: Set[Group] = frozenset()
) -> tuple[Finding, ...]:
    """A finding for each documented flow that does not pass, for each cluster and its server.

    What lets it pass may be any rule: a wider one, one for all addresses, one of a group that nodes join besides.

    Args:
        table: the documented ports.
        choices: which of its rows apply.
        rules: all there is, on groups by owner and role where these are known. Of a group that rules name and that is
            not among the rule set's groups nothing is known.
        slots: by slot, the peers in it; None where nobody said who they are, so that anybody will do.
        partly: groups of which others may have written further rules, so that none is said to be missing on them.
    """
    found = [flow for flow in flows(table, choices) if flow.rows]
    sides = _Sides(rules, partly)
    named = {end for flow in found for end in (flow.source, flow.destination)} & set(ROLES)
    return tuple(
        finding
        for place in _places(rules)
        for finding in (
            *_unknown_roles(place, named),
            *(finding for flow in found for finding in _of_flow(flow, place, sides)),
            *_of_slots(table, found, place, sides, slots),
        )
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A cluster with its server, or a server by itself.

    Args:
        owner: whose groups they are.
        groups: by role, the groups that its nodes have; a role of which nothing is known is not here.
        server: the owner of the server's group.
    """

    owner: str
    groups: Mapping[str, frozenset[Group]]
    server: str | None

    @property
    def is_server(self) -> bool:
        return not any(role in self.groups for role in CLUSTER_ROLES)


def _places(rules: RuleSet) -> list[_Place]:
    keys = [group for group in rules.groups if isinstance(group, GroupKey)]
    clusters = dict.fromkeys(key.owner for key in keys if key.role in CLUSTER_ROLES)
    servers = [key.owner for key in keys if key.role in SERVER_ROLES]
    agents = frozenset(key for key in keys if key.role == AGENTS)
    places = []
    for owner in clusters:
        server = owner if owner in servers else servers[0] if len(servers) == 1 else None
        besides = agents | {key for key in keys if key == GroupKey(owner, NODES)}
        own = [key for key in keys if key.owner == owner and key.role in CLUSTER_ROLES]
        groups: dict[str, frozenset[Group]] = {key.role: frozenset({key, *besides}) for key in own}
        if server is not None:
            groups |= _of_server(server)
        places.append(_Place(owner, groups, server))
    lone = [owner for owner in servers if owner not in clusters]
    return [*places, *(_Place(owner, _of_server(owner), owner) for owner in lone)]


def _of_server(owner: str) -> dict[str, frozenset[Group]]:
    return {role: frozenset({GroupKey(owner, role)}) for role in SERVER_ROLES}


class _Sides:
    """What the rules on groups let pass."""

    def __init__(self, rules: RuleSet, partly: Set[Group]) -> None:
        self.partly = partly
        self.access: Access = access(rules)
        self._spans: dict[tuple[Group, Direction], dict[Group | None, list[Interval]]] = {}
        for rule in rules.rules:
            # Whoever is no group by owner and role is anybody else.
            peer = rule.peer.value if isinstance(rule.peer.value, GroupKey) else None
            self._spans.setdefault((rule.group, rule.direction), {}).setdefault(peer, []).append(rule.port.span)

    def named(self, at: Iterable[Group], direction: Direction, peers: Iterable[Group]) -> Intervals:
        """What rules on some groups let pass for groups that they name, or for every address."""
        peers = tuple(peers)
        spans: list[Interval] = []
        for group in at:
            of = self._spans.get((group, direction), {})
            spans += [span for peer in peers for span in of.get(peer, ())]
            spans += [span for family in FAMILIES for span in self.access.everywhere(group, direction, family)]
        return union(spans)

    def references(self, at: Iterable[Group], direction: Direction, peers: Iterable[Group]) -> bool:
        """Whether rules on some groups name others."""
        named = {peer for group in at for peer in self._spans.get((group, direction), {})}
        return not named.isdisjoint(peers)

    def anybody(self, at: Iterable[Group], direction: Direction) -> Intervals:
        """What they let pass for whoever is no group by owner and role."""
        return union(span for group in at for span in self._spans.get((group, direction), {}).get(None, ()))

    def of_peer(self, at: Iterable[Group], direction: Direction, peer: Peer) -> Intervals:
        """What they let pass for one peer, all of its addresses."""
        return union(span for group in at for span in self._of_peer(group, direction, peer))

    def _of_peer(self, group: Group, direction: Direction, peer: Peer) -> Intervals:
        block = read_block(str(peer.value)) if peer.kind in FAMILIES else None
        if block is None:
            return self.access.of_peer(group, direction, (peer.kind, str(peer.value)))
        return self.access.of_block((group, direction, peer.kind), block.interval)


def _unknown_roles(place: _Place, named: set[str]) -> Iterator[Finding]:
    wanted = SERVER_ROLES if place.is_server else ROLES
    for role in wanted:
        if role in named and role not in place.groups:
            yield Finding(
                code="unchecked-role",
                severity="warning",
                place=f"{place.owner}/{role}",
                sentence=f"No group is known to be that of {role} for {place.owner}: what passes there is unchecked.",
                fix=f"Give the plan of its stack as well, or say which group it is: --role {place.owner}/{role}=...",
            )


def _of_flow(flow: Flow, place: _Place, sides: _Sides) -> Iterator[Finding]:
    """A finding, if a flow between two roles does not pass."""
    if flow.source not in place.groups or flow.destination not in place.groups:
        return
    wanted: Intervals = (flow.port.span,)
    ends = {"source": place.groups[flow.source], "destination": place.groups[flow.destination]}
    lacking: dict[Direction, Intervals] = {}
    for direction in flow.halves:
        at, peers = (ends[end] for end in _ENDS[direction])
        if not at.isdisjoint(sides.partly):
            continue
        lacks = difference(wanted, sides.named(at, direction, peers))
        # Across regions rules name addresses: whether nodes have them is not known here.
        if lacks and side_of(flow.source) != side_of(flow.destination) and not _by_reference(place, sides, direction):
            lacks = difference(lacks, sides.anybody(at, direction))
        if lacks:
            lacking[direction] = lacks
    if lacking:
        yield _finding(flow, place, lacking)


def _by_reference(place: _Place, sides: _Sides, direction: Direction) -> bool:
    """Whether any rule of a direction between a cluster and its server names the other's group."""
    server, cluster = (
        [group for role in roles for group in place.groups.get(role, ())] for roles in (SERVER_ROLES, CLUSTER_ROLES)
    )
    return sides.references(server, direction, cluster) or sides.references(cluster, direction, server)


def _finding(flow: Flow, place: _Place, lacking: Mapping[Direction, Intervals]) -> Finding:
    needed = {"ingress": f"ingress of {flow.destination}", "egress": f"egress of {flow.source}"}
    halves = [needed[direction] for direction in lacking]
    points = union(span for points in lacking.values() for span in points)
    ends = f"{flow.source} to {flow.destination}"
    groups = [group for role in (flow.source, flow.destination) for group in place.groups[role]]
    where = tuple(sorted(map(str, groups)))
    begins = f"{place.owner}: {flow.source} does not reach {flow.destination} on {points_text(points)}"
    if len(lacking) < len(flow.halves):
        return Finding(
            code="one-sided",
            severity="warning",
            place=f"{place.owner}: {ends}",
            where=where,
            sentence=f"{begins}: one end lets it pass, and there is no {halves[0]} ({_because(flow)}).",
            fix="Open the other half, unless nodes need it no more.",
        )
    none = f"neither {' nor '.join(halves)}" if len(halves) > 1 else f"no {halves[0]}"
    return Finding(
        code="missing",
        severity="warning",
        place=f"{place.owner}: {ends}",
        where=where,
        sentence=f"{begins}: there is {none} ({_because(flow)}).",
        fix="Open it, unless nodes need it no more.",
    )


def _because(flow: Flow) -> str:
    return f"{'; '.join(flow.whys)}; {', '.join(row.id for row in flow.rows)}; {'; '.join(flow.sources)}"


def _of_slots(
    table: Table, found: Iterable[Flow], place: _Place, sides: _Sides, slots: _Slots | None
) -> Iterator[Finding]:
    """Findings about flows that begin or end outside."""
    empty: dict[str, list[Flow]] = {}
    for flow in found:
        outside = flow.source if flow.source not in ROLES else flow.destination
        role = flow.destination if outside == flow.source else flow.source
        if outside in ROLES or role not in place.groups or not place.groups[role].isdisjoint(sides.partly):
            continue
        if role in SERVER_ROLES and place.server != place.owner:
            continue
        direction: Direction = "ingress" if outside == flow.source else "egress"
        if slots is None:
            if difference((flow.port.span,), sides.anybody(place.groups[role], direction)):
                empty.setdefault(outside, []).append(flow)
            continue
        for peer in slots.get(outside, table.slots[outside].default):
            if lacks := difference((flow.port.span,), sides.of_peer(place.groups[role], direction, peer)):
                yield _missing_peer(flow, place, peer, (direction, lacks))
    for slot, some in empty.items():
        rows = {row.id: row for flow in some for row in flow.rows}.values()
        yield Finding(
            code="empty-slot",
            severity="info",
            place=f"{place.owner}: {slot}",
            sentence=f"The slot {slot} is empty, so nothing is opened for it ({in_short(rows)}).",
            fix=f"Put peers into it if there are any ({table.slots[slot].what}).",
        )


def _missing_peer(flow: Flow, place: _Place, peer: Peer, lacking: tuple[Direction, Intervals]) -> Finding:
    direction, points = lacking
    role, slot = (flow.destination, flow.source) if direction == "ingress" else (flow.source, flow.destination)
    said = points_text(points)
    end = "from" if direction == "ingress" else "to"
    return Finding(
        code="missing",
        severity="warning",
        place=f"{place.owner}: {flow.source} to {flow.destination}",
        where=tuple(sorted(map(str, place.groups[role]))),
        sentence=(
            f"{place.owner}: {role} has no {direction} on {said} {end} {peer} ({peer.value}), which is in {slot} "
            f"({_because(flow)})."
        ),
        fix="Open it, or take the peer out of the slot.",
    )
