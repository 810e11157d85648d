"""A role's group as a peer of another construct's rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import RuleSet


class HasRules(Protocol):
    """A construct with rules."""

    @property
    def rules(self) -> RuleSet:
        """The rules that it wrote, so far."""


@dataclass(frozen=True, slots=True)
class RolePeer:
    """The group of another construct's role. Made by ``cluster.peer("worker")``; goes where a :class:`Peer` goes.

    Args:
        key: whose group it is; rules name it ``<owner>-<role>``.
        security_group_id: the group's id, as a token.
        construct: whose rules answer for it.
    """

    key: GroupKey
    security_group_id: str
    construct: HasRules = field(compare=False, repr=False)

    @property
    def peer(self) -> Peer:
        """As the model knows it.

        Raises:
            InputError: owner and role together are longer than a name may be.
        """
        return Peer(f"{self.key.owner}-{self.key.role}", PeerKind.GROUP, self.key)
