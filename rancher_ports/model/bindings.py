"""Bindings: what realises a role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rancher_ports.errors import Faults, check_flag, refuse
from rancher_ports.model.ids import is_known
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.roles import Direction, GroupKey


@dataclass(frozen=True, slots=True)
class BroughtGroup:
    """A security group that exists already, for the nodes of a role.

    Args:
        security_group_id: its id, ``sg-...``, which may be unknown until apply.
        add_rules: whether rules are added to it. Rules of other groups name it in either case.

    Raises:
        InputError: the id is not a security group's, or ``add_rules`` neither True nor False.
    """

    security_group_id: str
    add_rules: bool = False

    def __post_init__(self) -> None:
        faults = Faults()
        with faults.under(""):
            # Made only for its check, under a name that cannot offend.
            Peer("id", PeerKind.GROUP, self.security_group_id)
        with faults.under(""):
            check_flag(self.add_rules, "add_rules")
        faults.raise_any()
        if self.add_rules and is_known(self.security_group_id) and "/" in self.security_group_id:
            allowed = "a group without an account before it, since rules are added within one's own"
            raise refuse("security_group_id", self.security_group_id, allowed)


@dataclass(frozen=True, slots=True)
class Binding:
    """What realises a role: which group its nodes have, and how rules of others name it.

    Args:
        group: the key of the group that the role's nodes have.
        brought: the id of that group where it is not ours to create, possibly unknown until apply;
            None where we create it.
        writes: whether rules are written on the group. False for a brought group unless its owner
            asked for them in so many words.
        from_other_side: how ingress rules across the line between server and cluster name the role,
            where it is not by its group.
        to_other_side: the same for egress rules.
        account: the AWS account of the group, where rules of the other side have to name it as ``<account>/sg-...``.

    Use :meth:`own` and :meth:`by_id`, and :meth:`across` on either.
    """

    group: GroupKey
    brought: str | None = None
    writes: bool = True
    from_other_side: tuple[Peer, ...] | None = None
    to_other_side: tuple[Peer, ...] | None = None
    account: str | None = None

    @classmethod
    def own(cls, owner: str, role: str) -> Binding:
        """The group that we create for the role."""
        return cls(GroupKey(owner, role))

    @classmethod
    def by_id(cls, owner: str, role: str, security_group_id: str, *, add_rules: bool = False) -> Binding:
        """A group that exists already. It gets no rules of ours unless ``add_rules``.

        Raises:
            InputError: the id is not a security group's.
        """
        group = BroughtGroup(security_group_id, add_rules)
        return cls(GroupKey(owner, role), brought=group.security_group_id, writes=group.add_rules)

    def across(
        self,
        *,
        ingress: Iterable[Peer] | None = None,
        egress: Iterable[Peer] | None = None,
    ) -> Binding:
        """The same, named by other peers in the rules between server and cluster.

        For CIDR blocks and prefix lists where AWS allows no reference to the group (another region;
        egress over a transit gateway), or for one group that all nodes of clusters join besides.

        Args:
            ingress: the peers in ingress rules of the other side, or None for the role's group.
            egress: the peers in egress rules of the other side, or None for the role's group.
        """
        return replace(
            self,
            from_other_side=None if ingress is None else tuple(ingress),
            to_other_side=None if egress is None else tuple(egress),
        )

    @property
    def plain(self) -> Binding:
        """The same, named by its group everywhere."""
        return replace(self, from_other_side=None, to_other_side=None)

    def peers(self, direction: Direction, *, same_side: bool) -> tuple[Peer, ...]:
        """How a rule names the role.

        Args:
            direction: the rule's direction.
            same_side: whether the rule's group stands on the same side of the line between server
                and cluster.
        """
        others = self.from_other_side if direction == "ingress" else self.to_other_side
        if same_side:
            return (Peer(self.group.role, PeerKind.GROUP, self.group),)
        if others is None:
            return (Peer(self.group.role, PeerKind.GROUP, self.group, account=self.account),)
        if self.account is None:
            return others
        return tuple(
            replace(peer, account=self.account) if isinstance(peer.value, GroupKey) else peer for peer in others
        )


def bind(owner: str, roles: Iterable[str], groups: Mapping[str, BroughtGroup]) -> dict[str, Binding]:
    """What realises some roles of one owner: the group brought for a role, or else one of ours."""
    return {
        role: Binding.by_id(owner, role, groups[role].security_group_id, add_rules=groups[role].add_rules)
        if role in groups
        else Binding.own(owner, role)
        for role in roles
    }


def check_groups(ids: Mapping[str, str | None]) -> None:
    """Refuse one brought group for two roles: AWS refuses the second of two rules that come to the same.

    Args:
        ids: by role, the id of its group, or None where it is not brought.

    Raises:
        InputError: with a fault for each role concerned.
    """
    faults = Faults()
    first: dict[str, str] = {}
    for role, id_ in ids.items():
        if id_ is not None and is_known(id_) and first.setdefault(id_, role) != role:
            faults.add(role, id_, f"a group of its own for each role ({first[id_]} has it already)")
    faults.raise_any()
