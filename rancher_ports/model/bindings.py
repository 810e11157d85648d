"""Bindings: what realises a role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.roles import Direction, GroupKey


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

    Use :meth:`own` and :meth:`by_id`, and :meth:`across` on either.
    """

    group: GroupKey
    brought: str | None = None
    writes: bool = True
    from_other_side: tuple[Peer, ...] | None = None
    to_other_side: tuple[Peer, ...] | None = None

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
        # Made only for its check, under a name that cannot offend.
        Peer("id", PeerKind.GROUP, security_group_id)
        return cls(GroupKey(owner, role), brought=security_group_id, writes=add_rules)

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

    def peers(self, direction: Direction, *, same_side: bool) -> tuple[Peer, ...]:
        """How a rule names the role.

        Args:
            direction: the rule's direction.
            same_side: whether the rule's group stands on the same side of the line between server
                and cluster.
        """
        others = self.from_other_side if direction == "ingress" else self.to_other_side
        if same_side or others is None:
            return (Peer(self.group.role, PeerKind.GROUP, self.group),)
        return others
