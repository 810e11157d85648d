"""A port table: documented rows, the slots and features they name, and the choices it leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from rancher_ports.errors import Faults, nearest, one_of
from rancher_ports.model.conditions import (
    ALWAYS,
    DEFAULT_EGRESS,
    DEFAULT_ONE_SIDED,
    EGRESS,
    ONE_SIDED,
    Choices,
    Condition,
    Egress,
    OneSided,
)
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import Direction

DEFAULT_DISTRIBUTION = "rke1"

# What can be chosen of a table, by the names of the arguments of choose.
CHOICES = ("features", "cni", "one_sided", "egress")


@dataclass(frozen=True, slots=True)
class Slot:
    """A class of peers outside the cluster that the table names and the user fills.

    Args:
        name: as settings write it.
        what: who such a peer is, in the words of the document.
        default: the peers that fill it unless the user says otherwise; none for most.
        note: what a user should know about the default, if anything.
        world: whether peers in it may be every address.
    """

    name: str
    what: str
    default: tuple[Peer, ...] = ()
    note: str | None = None
    world: bool = False


@dataclass(frozen=True, slots=True)
class Protected:
    """Ports that no rule may open to just anybody, whoever asks for it.

    Args:
        name: what they are of, such as ``etcd``.
        ports: the ports.
        only: the roles of the same owner that may be let in; None for any security group, and so for no addresses.
        why: what is at stake.
        source: where that is documented.
    """

    name: str
    ports: tuple[Port, ...]
    only: tuple[str, ...] | None
    why: str
    source: str

    @property
    def code(self) -> str:
        """Of the finding where they are opened nevertheless."""
        return f"{self.name}-exposed"


@dataclass(frozen=True, slots=True)
class Feature:
    """A named condition under which further rows apply. Off unless chosen.

    Args:
        name: as settings write it.
        what: what it is for.
        replaces: slots that nobody has to fill where it is on.
        suggested_by: slots of which peers suggest that it is needed.
    """

    name: str
    what: str
    replaces: tuple[str, ...] = ()
    suggested_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One documented row.

    Args:
        id: ``table/role/direction/port``, with the feature or the CNIs if it has any.
        role: whose row it is.
        direction: ``ingress`` or ``egress`` of that role's nodes.
        ports: one port for each protocol the row names.
        peers: roles and slots at the other end, in the document's order.
        why: what the port is for; becomes the description of rules.
        source: where it is documented.
        when: under which choices it applies.
        note: anything else a reader should know.
        disputed: both places and the choice made, where official pages disagree.
        one_end: whether the document publishes one end of each flow alone, so that the other end's half of a flow
            between roles is derived, whatever the user says of one-sided flows.
    """

    id: str
    role: str
    direction: Direction
    ports: tuple[Port, ...]
    peers: tuple[str, ...]
    why: str
    source: str
    when: Condition = ALWAYS
    note: str | None = None
    disputed: str | None = None
    one_end: bool = False


def in_short(rows: Iterable[Requirement]) -> str:
    """What rows open, each once: ``rancher ingress 80/tcp, worker egress 53/tcp+53/udp``."""
    return ", ".join(dict.fromkeys(f"{row.role} {row.direction} {'+'.join(map(str, row.ports))}" for row in rows))


@dataclass(frozen=True, slots=True)
class Table:
    """What is documented for one distribution.

    Args:
        distribution: its name in settings.
        title: its name for readers.
        source: the document.
        cni: the container network that applies unless another is chosen.
        slots: by name, in the table's order.
        features: by name.
        requirements: all rows, in the table's order.
        protected: by name, the ports that are not for everybody.
        former: another distribution's table of which the rows stand here as well, while nodes migrate from it.
    """

    distribution: str
    title: str
    source: str
    cni: str
    slots: Mapping[str, Slot]
    features: Mapping[str, Feature]
    requirements: tuple[Requirement, ...]
    protected: Mapping[str, Protected] = field(default_factory=dict)
    former: Table | None = None

    def slot(self, name: str, row: Requirement) -> Slot:
        """A slot as the table that a row comes from has it: whom it is filled with by default."""
        if self.former is not None and row.when.distribution == self.former.distribution:
            return self.former.slots[name]
        return self.slots[name]

    def default_peers(self, slot: str) -> tuple[Peer, ...]:
        """Who fills a slot unless the user says otherwise, in any row."""
        tables = [self] if self.former is None else [self, self.former]
        return tuple(
            dict.fromkeys(peer for table in tables if slot in table.slots for peer in table.slots[slot].default)
        )

    def filled(self, slots: Mapping[str, tuple[Peer, ...]]) -> Table:
        """The same table as somebody has filled its slots: rows name those alone that have peers.

        Args:
            slots: by slot, the peers in it; one that is not here has its default peers.
        """
        rows = [
            replace(
                row, peers=tuple(p for p in row.peers if p not in self.slots or slots.get(p, self.slot(p, row).default))
            )
            for row in self.requirements
        ]
        return replace(
            self,
            slots={name: replace(slot, default=slots.get(name, slot.default)) for name, slot in self.slots.items()},
            requirements=tuple(row for row in rows if row.peers),
        )

    @property
    def cnis(self) -> tuple[str, ...]:
        """The container networks that can be chosen, the default first."""
        own = (row for row in self.requirements if row.when.distribution in (None, self.distribution))
        named = [cni for row in own for cni in row.when.cnis]
        return tuple(filter(None, dict.fromkeys([self.cni, *named])))

    def slots_of(self, role: str) -> tuple[str, ...]:
        """The slots that rows of one role name, whatever the choices, in the table's order."""
        named = {peer for row in self.requirements if row.role == role for peer in row.peers}
        return tuple(name for name in self.slots if name in named)


def choose(
    table: Table,
    *,
    features: Iterable[str] = (),
    cni: str | None = None,
    one_sided: str = DEFAULT_ONE_SIDED,
    egress: str = DEFAULT_EGRESS,
) -> Choices:
    """Make choices of a table, checked against what it offers.

    Args:
        table: the table whose features and container networks can be chosen.
        features: names of features to switch on; order and repetition do not matter.
        cni: a container network, or None for the table's default.
        one_sided: ``documented`` or ``completed``.
        egress: ``documented`` or ``all``.

    Raises:
        InputError: with a fault for each choice that the table does not offer.
    """
    faults = Faults()
    known = tuple(table.features)
    if isinstance(features, (str, Mapping)) or not isinstance(features, Iterable):
        faults.add("features", features, "a list of names of features")
        features = ()
    features = tuple(features)
    for index, feature in enumerate(features):
        if feature not in known:
            faults.add(f"features[{index}]", feature, one_of(known), nearest(feature, known))
    for place, value, allowed in (
        ("cni", cni, (None, *table.cnis)),
        ("one_sided", one_sided, ONE_SIDED),
        ("egress", egress, EGRESS),
    ):
        if value not in allowed:
            names = [name for name in allowed if name is not None]
            faults.add(place, value, one_of(names), nearest(value, names))
    faults.raise_any()
    # Checked just above against the very values of these types.
    return Choices(
        cni or table.cni,
        frozenset(features),
        cast("OneSided", one_sided),
        cast("Egress", egress),
        distribution=table.distribution,
    )
