"""A role's group as a peer of another construct's rules."""

from __future__ import annotations

from dataclasses import dataclass

from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.roles import GroupKey


@dataclass(frozen=True, slots=True)
class RolePeer:
    """The group of another construct's role. Made by ``cluster.peer("worker")``; goes where a :class:`Peer` goes.

    Args:
        key: whose group it is; rules name it ``<owner>-<role>``.
        security_group_id: the group's id, as a token.
    """

    key: GroupKey
    security_group_id: str

    @property
    def peer(self) -> Peer:
        """As the model knows it."""
        return Peer(f"{self.key.owner}-{self.key.role}", PeerKind.GROUP, self.key)
