"""A role's group as a peer of another construct's rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.roles import GroupKey

if TYPE_CHECKING:
    from rancher_ports.cdk.security_groups import NodeSecurityGroups


@dataclass(frozen=True, slots=True)
class RolePeer:
    """The group of another construct's role. Made by ``cluster.peer("worker")``; goes where a :class:`Peer` goes.

    Args:
        key: whose group it is; rules name it ``<owner>-<role>``.
        security_group_id: the group's id, as a token.
        construct: whose rules answer for it.
        account: the account of the group, where it is another one than the server's.
        former_owners: what the owner was called before, newest first.
    """

    key: GroupKey
    security_group_id: str
    construct: NodeSecurityGroups = field(compare=False, repr=False)
    account: str | None = field(default=None, compare=False)
    former_owners: tuple[str, ...] = field(default=(), compare=False)

    def peer(self, account: str | None = None) -> Peer:
        """As the model knows it.

        Args:
            account: the account with which a rule has to name it.

        Raises:
            InputError: owner and role together are longer than a name may be.
        """
        former = tuple(f"{owner}-{self.key.role}" for owner in self.former_owners)
        return Peer(f"{self.key.owner}-{self.key.role}", PeerKind.GROUP, self.key, former, account)
