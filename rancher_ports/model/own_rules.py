"""Own rules: what a user opens beyond the table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from rancher_ports.errors import Faults, nearest, one_of
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import Direction
from rancher_ports.model.rules import DESCRIPTION_ALLOWED, is_description


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One flow that a user opens, as seen from one role's group.

    Args:
        role: whose group it is about.
        direction: ``ingress`` to that group, or ``egress`` from it.
        port: protocol and port range.
        peer: who is at the other end; a role's name for one of the deployment's own, whose group gets the
            other half.
        why: what it is for; becomes the description.
    """

    role: str
    direction: Direction
    port: Port
    peer: Peer | str
    why: str

    @property
    def requirement(self) -> str:
        """What tags name it by, as the rows of a table are named: ``own/worker/ingress/9100/tcp``."""
        return f"own/{self.role}/{self.direction}/{self.port}"


def check_own_rule(rule: OwnRule, roles: Collection[str], peers: Collection[str]) -> None:
    """Refuse what cannot become a rule.

    Args:
        rule: the rule, of whatever a user gave.
        roles: the roles on whose groups it may stand.
        peers: the roles that may be at the other end.

    Raises:
        InputError: with every fault in it.
    """
    faults = Faults()
    if rule.role not in roles:
        faults.add("role", rule.role, one_of(roles), nearest(rule.role, roles))
    if not isinstance(rule.peer, Peer) and rule.peer not in peers:
        allowed = f'{one_of(peers)}, or a peer such as Peer.cidr("office", "203.0.113.0/24")'
        faults.add("peer", rule.peer, allowed, nearest(rule.peer, peers))
    port: object = rule.port
    if not isinstance(port, Port):
        faults.add("port", port, "a port such as Port.tcp(9100) or Port.udp_range(7000, 7010)")
    why: object = rule.why
    if not isinstance(why, str) or not is_description(why) or not why.strip():
        faults.add("why", why, f"what it is for, in {DESCRIPTION_ALLOWED}")
    faults.raise_any()
