"""Deployments: a user's choices, and templates filled in with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from rancher_ports.model.bindings import Binding
from rancher_ports.model.conditions import Choices
from rancher_ports.model.peers import Peer, PeerKind, check_distinct
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, SERVER_ROLES, Direction
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
        peer: who is at the other end; whoever is no role is outside.
    """
    ends = {side_of(end) for end in (role, peer) if end in ROLES}
    return "cluster" if "cluster" in ends else "server"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What turns templates into rules.

    Args:
        choices: what the user chose of the table.
        bindings: by role, what realises it. A flow with a role that is not here makes no rule.
        slots: by slot, the peers in it. A slot that is not here has the table's default peers.
        sides: whose rules are written: ``server``, ``cluster`` or both.
    """

    choices: Choices
    bindings: Mapping[str, Binding]
    slots: Mapping[str, tuple[Peer, ...]] = field(default_factory=dict)
    sides: frozenset[Side] = frozenset({"server", "cluster"})

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
        return writer(role, peer) in self.sides and self.bindings[role].writes

    def peers(self, template: RuleTemplate, part: Part) -> tuple[Peer, ...]:
        """The peers that one part of a template comes to."""
        if part.slot is not None:
            return self.slots.get(part.slot.name, part.slot.default)
        if template.peer is None or template.peer not in self.bindings:
            return ()
        same_side = side_of(template.peer) == side_of(template.role)
        return self.bindings[template.peer].peers(template.direction, same_side=same_side)


def fill(templates: Iterable[RuleTemplate], deployment: Deployment) -> RuleSet:
    """Templates with the choices made.

    Parts that come to the same group, direction, port and peer make one rule, since AWS refuses a
    second one: its description joins theirs, and it names all their requirements.

    Returns:
        The rules that the deployment writes, and all groups it knows.

    Raises:
        InputError: two peers have one name or one known value.
    """
    found: dict[tuple[str, Direction, Port, Peer], list[Part]] = {}
    for template in templates:
        if template.role not in deployment.bindings or not deployment.writes(template.role, template.peer):
            continue
        for part in template.parts:
            if not part.when.holds(deployment.choices):
                continue
            for peer in deployment.peers(template, part):
                key = (template.role, template.direction, template.port, peer)
                found.setdefault(key, []).append(part)
    rules = [
        Rule(
            group=deployment.bindings[role].group,
            direction=direction,
            port=port,
            peer=peer,
            because=tuple(dict.fromkeys(part.requirement for part in parts)),
            description=describe(part.why for part in parts),
        )
        for (role, direction, port, peer), parts in found.items()
    ]
    # The rules for all egress carry a protocol that no row does, so whoever else names every address may.
    named = (rule.peer for rule in rules if rule.port != Port.all())
    check_distinct([*_brought(deployment), *named])
    return RuleSet.of((binding.group for binding in deployment.bindings.values()), rules)


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


def _brought(deployment: Deployment) -> Iterable[Peer]:
    """Brought groups under their ids, so that a peer with the same id is found."""
    for role, binding in deployment.bindings.items():
        if binding.brought is not None:
            yield Peer(f"{role}-group", PeerKind.GROUP, binding.brought)
