"""Adopted groups: security groups that exist already, made by hand or by a node driver, and become ours.

Unlike a brought group, which stays its owner's, an adopted one is imported into our state. AWS can change neither the
name nor the description of a group, so that both are kept to the letter; its tags are kept since others go by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rancher_ports.errors import Faults, nearest, one_of, refuse
from rancher_ports.model.literals import is_literal
from rancher_ports.model.names import check_group_name
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import DIRECTIONS, NODES, ROLES, Direction, GroupKey
from rancher_ports.model.rules import DESCRIPTION_ALLOWED, DESCRIPTION_PATTERN, Rule, is_description
from rancher_ports.model.tags import KUBERNETES_CLUSTER_TAG, check_kept_tags, check_number_of_tags

# The groups that can be adopted: those of roles, and the one that every node of a cluster joins besides.
ADOPTABLE = (*ROLES, NODES)

# EC2 API reference, CreateSecurityGroup: the same characters as in the description of a rule, and at least one.
_DESCRIPTION = re.compile(f"{DESCRIPTION_PATTERN}+")

_KEPT = "kept/"


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule that an adopted group has already and no document asks for, kept until somebody takes it out.

    Args:
        direction: ``ingress`` or ``egress``.
        port: protocol and port range.
        peer: who is at the other end; a role, or ``nodes``, for the group of that name here. Nothing is written at that
            other end.
        why: the description that it has; empty for none.

    Raises:
        InputError: with every fault in it.
    """

    direction: Direction
    port: Port
    peer: Peer | str
    why: str = ""

    def __post_init__(self) -> None:
        faults = Faults()
        if self.direction not in DIRECTIONS:
            faults.add("direction", self.direction, one_of(DIRECTIONS), nearest(self.direction, DIRECTIONS))
        port: object = self.port
        if not isinstance(port, Port):
            faults.add("port", port, "a port such as Port.tcp(9100) or Port.udp_range(7000, 7010)")
        if not isinstance(self.peer, Peer) and self.peer not in ADOPTABLE:
            allowed = f'{one_of(ADOPTABLE)}, or a peer such as Peer.cidr("office", "203.0.113.0/24")'
            faults.add("peer", self.peer, allowed, nearest(self.peer, ADOPTABLE))
        why: object = self.why
        if not isinstance(why, str) or not is_description(why) or not is_literal(why):
            faults.add("why", why, f"the description that it has, {DESCRIPTION_ALLOWED}, without ${{")
        faults.raise_any()


@dataclass(frozen=True, slots=True)
class AdoptedGroup:
    """A security group that exists already and that becomes ours, with an ``import`` block.

    Args:
        name: its name in AWS, to the letter: with another one it would be replaced.
        description: its description, likewise.
        tags: its tags, which are kept beside ours.
        kept: those of its rules that no document asks for.

    Raises:
        InputError: with every fault in it.
    """

    name: str
    description: str
    tags: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[KeptRule, ...] = ()

    def __post_init__(self) -> None:
        faults = Faults()
        with faults.under(""):
            check_group_name(self.name, "name")
        description: object = self.description
        is_text = isinstance(description, str) and is_description(description) and _DESCRIPTION.fullmatch(description)
        if not is_text or not is_literal(str(description)):
            faults.add("description", description, f"the description that it has, {DESCRIPTION_ALLOWED}, without ${{")
        with faults.under(""):
            check_kept_tags(self.tags, "tags")
        kept: object = self.kept
        rules = tuple(kept) if isinstance(kept, Iterable) and not isinstance(kept, (str, Mapping)) else (kept,)
        for index, rule in enumerate(rules):
            if not isinstance(rule, KeptRule):
                faults.add(f"kept[{index}]", rule, "a rule, KeptRule(...)")
        object.__setattr__(self, "kept", rules)
        faults.raise_any()


def kept_rules(owner: str, adopted: Mapping[str, AdoptedGroup]) -> tuple[Rule, ...]:
    """The rules that adopted groups keep.

    Args:
        owner: whose groups they are.
        adopted: the groups, by role.
    """

    def named(peer: Peer | str) -> Peer:
        return peer if isinstance(peer, Peer) else Peer(peer, PeerKind.GROUP, GroupKey(owner, peer))

    return tuple(
        Rule(
            group=GroupKey(owner, role),
            direction=rule.direction,
            port=rule.port,
            peer=named(rule.peer),
            because=(f"{_KEPT}{role}/{rule.direction}/{rule.port}",),
            description=rule.why,
        )
        for role, group in adopted.items()
        for rule in group.kept
    )


def is_kept(rule: Rule) -> bool:
    """Whether a rule is there only since an adopted group had it."""
    return bool(rule.because) and all(reason.startswith(_KEPT) for reason in rule.because)


def check_adopted(
    given: object,
    place: str,
    roles: Iterable[str],
    brought: Iterable[str],
    *,
    tags: Iterable[str] = (),
    kubernetes_cluster: object = None,
) -> dict[str, AdoptedGroup]:
    """The adopted groups of one construct.

    Args:
        given: a mapping from roles, and ``nodes``, to groups.
        place: where it was given.
        roles: the names that there may be.
        brought: the roles whose groups are brought.
        tags: the keys of tags that every resource gets.
        kubernetes_cluster: the cluster of whose nodes one group may carry the tag, where there is one.

    Raises:
        InputError: with a fault for each that is none, has no place here, is brought as well, keeps a rule for a group
            that there is not, or would have too many tags or a cluster's that another group of its nodes has.
    """
    roles, brought = tuple(roles), tuple(brought)
    faults = Faults()
    if not isinstance(given, Mapping):
        raise refuse(place, given, "a mapping from roles to adopted groups")
    found: dict[str, AdoptedGroup] = {}
    names: dict[str, str] = {}
    for role, group in given.items():
        if role not in roles:
            faults.add(place, role, one_of(roles) if roles else "nothing", nearest(role, roles))
        elif role in brought:
            faults.add(place, role, "a group that is adopted or brought (groups), not both")
        elif not isinstance(group, AdoptedGroup):
            faults.add(f"{place}.{role}", group, "a group, AdoptedGroup(name=..., description=...)")
        elif names.setdefault(group.name, role) != role:
            faults.add(f"{place}.{role}.name", group.name, f"a name of its own ({names[group.name]} has it already)")
        else:
            found[role] = group
    nodes = [NODES] if NODES in found or kubernetes_cluster is not None else []
    here = {*ROLES, *nodes} & {*roles, *brought}
    tags = tuple(tags)
    for role, group in found.items():
        _check_tags(role, group, f"{place}.{role}.tags", (tags, kubernetes_cluster), faults)
        for index, rule in enumerate(group.kept):
            if isinstance(rule.peer, str) and rule.peer not in here:
                faults.add(f"{place}.{role}.kept[{index}].peer", rule.peer, one_of(sorted(here)))
    faults.raise_any()
    return found


def _check_tags(
    role: str, group: AdoptedGroup, place: str, beside: tuple[Iterable[str], object], faults: Faults
) -> None:
    tags, kubernetes_cluster = beside
    with faults.under(""):
        check_number_of_tags(group.tags, tags, place)
    of_cluster = [key for key in group.tags if key.startswith(KUBERNETES_CLUSTER_TAG)]
    if of_cluster and kubernetes_cluster is not None and role != NODES:
        allowed = "no cluster's tag beside kubernetes_cluster: of the groups of a node one alone may carry it"
        faults.add(place, of_cluster[0], allowed)
