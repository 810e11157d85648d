"""Inventories: the security groups and rules that a source speaks of, as far as it knows them.

A rule set knows each group and each peer; a plan need not: an id may be known after apply alone. What is known of such
a value is where it comes from, and so which groups it may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import Direction, GroupKey

# The origin of a rule that a configuration imports, and that nobody has seen.
IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Reference:
    """Whom a rule names.

    Args:
        kind: what it is.
        values: a CIDR block, or the identity of a group or prefix list; several if it is one of these; none if nothing
            is known.
        text: the expression that it comes from, where the values do not say all.
        certain: whether it is the one value.
    """

    kind: PeerKind
    values: tuple[str, ...]
    text: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A security group.

    Args:
        identity: what rules name it by: its address after the change, or its id where it has no address.
        address: where it stands in the configuration; None if nowhere.
        key: owner and role, from our tags.
        is_managed: whether the source makes it, and so has its rules; False for one that it reads.
        fixed: attributes of which a change replaces the group, as texts.
        id: its id in EC2, where it is known.
    """

    identity: str
    address: str | None
    key: GroupKey | None = None
    is_managed: bool = True
    fixed: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule.

    Args:
        address: the resource that it stands in, which may have further ones.
        group: the group that carries it.
        direction: ``ingress`` or ``egress``.
        port: protocol and port range; the widest that it may have, if that is known after apply alone.
        peer: who is at the other end.
        port_known: whether it has that very port.
        inline: whether it stands in its group's own block.
        because: ids of the requirements it serves, from our tag.
        origin: what stands where not all is known, as a digest: with another one it may mean something else.
        description: what the rule says of itself; no part of what it is.
        meaning: what it opens, wherever it stands: equal for rules that open the same.
    """

    address: str
    group: Reference
    direction: Direction
    port: Port
    peer: Reference
    port_known: bool = True
    inline: bool = False
    because: tuple[str, ...] = ()
    origin: str = ""
    description: str = field(default="", compare=False)
    meaning: tuple[object, ...] = field(init=False, repr=False, compare=False)

    @property
    def certain(self) -> bool:
        """Whether all that it opens is known."""
        return self.port_known and self.group.certain and self.peer.certain

    def __post_init__(self) -> None:
        # Flat, and made once: these are compared by the thousand.
        group, peer = self.group, self.peer
        meaning = (group.values, group.text, self.direction, self.port.span, peer.kind.value, peer.values, peer.text)
        # Of two rules of which not all is known it is not known either whether they open the same.
        unknown = None if self.certain else (self.address, self.origin)
        object.__setattr__(self, "meaning", (*meaning, unknown))

    def cases(self) -> tuple[tuple[str, str], ...]:
        """The groups and peers that it may be about: one pair if both are certain."""
        group, peer = self.group, self.peer
        if group.certain and peer.certain:
            return ((group.values[0], peer.values[0]),)
        return tuple(product(_named(group), _named(peer)))


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a source has.

    Args:
        groups: by identity.
        rules: in the source's order.
        entries: how many entries prefix lists may have, by identity, where that is known.
    """

    groups: Mapping[str, FoundGroup] = field(default_factory=dict)
    rules: tuple[FoundRule, ...] = ()
    entries: Mapping[str, int] = field(default_factory=dict)

    @property
    def managed(self) -> frozenset[str]:
        """The identities of the groups that the source makes, and of which it so has all rules."""
        return frozenset(identity for identity, group in self.groups.items() if group.is_managed)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change from one inventory to another; identities and addresses are those afterwards.

    Args:
        before: what there is.
        after: what there will be.
        replaced: groups that go and come again, and the attributes for which they do.
        remade: addresses of rules that go and come again.
        existing: rules that the groups have already although the source does not have them.
        notes: what could not be looked at.
        unseen: by address, the calls of modules that come or differ and are given groups, and these groups: the rules
            that a module makes on them are not among those of ``after``.
    """

    before: Inventory
    after: Inventory
    replaced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remade: frozenset[str] = frozenset()
    existing: tuple[FoundRule, ...] = ()
    notes: tuple[str, ...] = ()
    unseen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _named(reference: Reference) -> tuple[str, ...]:
    return (*reference.values, reference.text) if reference.text and not reference.certain else reference.values
