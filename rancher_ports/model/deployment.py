"""Deployments: a user's choices, and templates filled in with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from rancher_ports.errors import Faults
from rancher_ports.model.bindings import Binding
from rancher_ports.model.conditions import Choices
from rancher_ports.model.own_rules import OwnRule
from rancher_ports.model.peers import Peer, PeerKind, check_distinct
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import CLUSTER_ROLES, EXTRA_GROUPS, ROLES, SERVER_ROLES, Direction, GroupKey, opposite
from rancher_ports.model.rules import Rule, RuleSet, describe
from rancher_ports.model.templates import Part, RuleTemplate

# One Rancher server manages many clusters. Everything between server and cluster is written by the
# cluster, so that a cluster can come and go without a change to the server.
Side = Literal["server", "cluster"]


def side_of(role: str) -> Side:
    """On which side of the line between server and cluster a role stands."""
    return "server" if role in SERVER_ROLES else "cluster"


def writer(role: str, peer: str | None) -> Side:
    """Whose rule it is: the cluster's, if either end is one of its roles.

    Args:
        role: the role whose group carries the rule.
        peer: who is at the other end; whoever is neither a role nor a group of ours is outside.
    """
    ends = {side_of(end) for end in (role, peer) if end in (*ROLES, *EXTRA_GROUPS)}
    return "cluster" if "cluster" in ends else "server"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What turns templates into rules.

    Args:
        choices: what the user chose of the table.
        bindings: by role, what realises it. A flow with a role that is not here makes no rule.
        slots: by slot, the peers in it. A slot that is not here has the table's default peers.
        sides: whose rules are written: ``server``, ``cluster`` or both.
        own: what the user opens beyond the table.
        server_rules: whether a cluster writes its halves on the server's group, too; not where the nodes have
            joined an agents group, which has them for all clusters.
        kept: the rules that adopted groups keep.
    """

    choices: Choices
    bindings: Mapping[str, Binding]
    slots: Mapping[str, tuple[Peer, ...]] = field(default_factory=dict)
    sides: frozenset[Side] = frozenset({"server", "cluster"})
    own: tuple[OwnRule, ...] = ()
    server_rules: bool = True
    kept: tuple[Rule, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose groups belong to this deployment, in the document's order."""
        return tuple(role for role in SERVER_ROLES + CLUSTER_ROLES if side_of(role) in self.sides)

    def writes(self, role: str, peer: str | None) -> bool:
        """Whether rules on a role's group are this deployment's to write.

        Args:
            role: the role whose group carries the rules.
            peer: the role at the other end, or None for peers outside the cluster.
        """
        here = self.server_rules or side_of(role) in self.sides
        return here and writer(role, peer) in self.sides and self.bindings[role].writes

    def peers(self, template: RuleTemplate, part: Part) -> tuple[Peer, ...]:
        """The peers that one part of a template comes to."""
        if part.slot is not None:
            return self.slots.get(part.slot.name, part.slot.default)
        return () if template.peer is None else self.named(template.peer, template.role, template.direction)

    def named(self, peer: str, role: str, direction: Direction) -> tuple[Peer, ...]:
        """How rules on one role's group name another role; not at all, where nothing realises it."""
        if peer not in self.bindings:
            return ()
        return self.bindings[peer].peers(direction, same_side=side_of(peer) == side_of(role))


def fill(templates: Iterable[RuleTemplate], deployment: Deployment) -> RuleSet:
    """Templates with the choices made.

    Parts that come to the same group, direction, port and peer make one rule, since AWS refuses a
    second one: its description joins theirs, and it names all their requirements.

    Returns:
        The rules that the deployment writes, and all groups it knows.

    Raises:
        InputError: two peers have one name or one known value.
    """
    documented = {rule.identity: rule for rule in _documented(templates, deployment)}
    own: dict[Identity, list[OwnRule]] = {}
    for one in deployment.own:
        for identity in identities(one, deployment):
            own.setdefault(identity, []).append(one)
    rules = [
        with_own(identity, documented.get(identity), own.get(identity, ()))
        for identity in dict.fromkeys([*documented, *own])
    ]
    # What is asked for is no longer there just because it was.
    rules += [rule for rule in deployment.kept if rule.identity not in documented and rule.identity not in own]
    check_distinct([*brought_peers(deployment), *named_peers(rules)])
    return RuleSet.of((binding.group for binding in deployment.bindings.values()), rules)


Identity = tuple[GroupKey | str, Direction, Port, Peer]


def identities(own: OwnRule, deployment: Deployment) -> tuple[Identity, ...]:
    """What an own rule opens: with a role at the other end both halves, as far as this deployment writes them."""
    return tuple(_identities(own, deployment))


def _identities(own: OwnRule, deployment: Deployment) -> Iterator[Identity]:
    if isinstance(own.peer, Peer):
        if deployment.writes(own.role, None):
            yield deployment.bindings[own.role].group, own.direction, own.port, own.peer
        return
    halves = ((own.role, own.direction, own.peer), (own.peer, opposite(own.direction), own.role))
    for role, direction, peer in halves:
        if deployment.writes(role, peer):
            for named in deployment.named(peer, role, direction):
                yield deployment.bindings[role].group, direction, own.port, named


def check_reach(deployment: Deployment, role: str, peer: str, direction: Direction) -> None:
    """Refuse a flow between two roles of which a half is to be written that has nothing to name the other end by.

    Raises:
        InputError: the connection lacks the addresses of one side.
    """
    faults = Faults()
    for here, way, there in ((role, direction, peer), (peer, opposite(direction), role)):
        if deployment.writes(here, there) and not deployment.named(there, here, way):
            allowed = f"the addresses of {there} nodes in the connection: {way} of {here} cannot name their group"
            faults.missing("peer", allowed)
    faults.raise_any()


def with_own(identity: Identity, documented: Rule | None, own: Iterable[OwnRule]) -> Rule:
    """One rule of a documented one, if there is such, and of own rules that come to the same.

    Args:
        identity: what makes it this rule.
        documented: what the table says.
        own: own rules, in any order.
    """
    group, direction, port, peer = identity
    # Whatever order they were made in, the same comes of them.
    own = sorted(own, key=lambda one: (one.requirement, one.why))
    because = () if documented is None else documented.because
    reasons = [] if documented is None else [documented.description]
    return Rule(
        group=group,
        direction=direction,
        port=port,
        peer=peer,
        because=tuple(dict.fromkeys([*because, *(one.requirement for one in own)])),
        description=describe([*reasons, *(one.why for one in own)]),
    )


def _documented(templates: Iterable[RuleTemplate], deployment: Deployment) -> Iterator[Rule]:
    found: dict[Identity, list[Part]] = {}
    for template in templates:
        if template.role not in deployment.bindings or not deployment.writes(template.role, template.peer):
            continue
        for part in template.parts:
            if not part.when.holds(deployment.choices):
                continue
            for peer in deployment.peers(template, part):
                # Two roles may share one group.
                key = (deployment.bindings[template.role].group, template.direction, template.port, peer)
                found.setdefault(key, []).append(part)
    for (group, direction, port, peer), parts in found.items():
        yield Rule(
            group=group,
            direction=direction,
            port=port,
            peer=peer,
            because=tuple(dict.fromkeys(part.requirement for part in parts)),
            description=describe(part.why for part in parts),
        )


def named_peers(rules: Iterable[Rule]) -> Iterator[Peer]:
    """The peers of rules, whose names and values have to be distinct.

    The rules for all egress carry a protocol that no row does, so whoever else names every address may.
    """
    return (rule.peer for rule in rules if rule.port != Port.all())


def left_out(templates: Iterable[RuleTemplate], deployment: Deployment) -> tuple[Rule, ...]:
    """The rules that :func:`fill` leaves out because they would stand on a brought group that gets none of ours.

    Raises:
        InputError: as :func:`fill`.
    """
    quiet = {binding.group for binding in deployment.bindings.values() if not binding.writes}
    if not quiet:
        return ()
    bindings = {role: replace(binding, writes=True) for role, binding in deployment.bindings.items()}
    return tuple(rule for rule in fill(templates, replace(deployment, bindings=bindings)).rules if rule.group in quiet)


def meaning(templates: Iterable[RuleTemplate], deployment: Deployment) -> RuleSet:
    """The rules as they were if each role had a group that all others could name, with rules of its own.

    That is what a deployment means, however it has to write it: across regions by addresses, through an agents group,
    or left to the owner of a brought group.

    Raises:
        InputError: as :func:`fill`.
    """
    plain = {role: replace(binding.plain, writes=True) for role, binding in deployment.bindings.items()}
    return fill(templates, replace(deployment, bindings=plain, server_rules=True))


def brought_peers(deployment: Deployment) -> Iterable[Peer]:
    """Brought groups under their ids, so that a peer with the same id is found."""
    for role, binding in deployment.bindings.items():
        if binding.brought is not None:
            yield Peer(f"{role}-group", PeerKind.GROUP, binding.brought)
