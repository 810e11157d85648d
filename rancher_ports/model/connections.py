"""Connections: how the network of a cluster and that of its Rancher server are connected, and what rules can name then.

Sources: Amazon VPC user guide, "Security group rules" (within a VPC, and by a peering connection); Amazon VPC
peering guide, "Update your security groups to reference peer security groups" (the same region only,
``<account>/sg-...`` for another account's); Amazon VPC transit gateways guide, "Security group referencing" (inbound
rules only).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import get_args

from rancher_ports.errors import Faults, refuse
from rancher_ports.model.bindings import Binding
from rancher_ports.model.deployment import Deployment, Side, side_of
from rancher_ports.model.ids import ACCOUNT_ID, check_account, is_known
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind, check_distinct
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import AGENTS, DIRECTIONS, ROLES, Direction, GroupKey
from rancher_ports.model.templates import RuleTemplate


class ConnectionKind(StrEnum):
    """What connects the two networks, as it stands in messages."""

    SAME_VPC = "within a VPC"
    PEERING = "over VPC peering"
    TRANSIT_GATEWAY = "over a transit gateway"
    ADDRESSES = "by addresses"


_SIDES: tuple[Side, ...] = get_args(Side)

# The directions of rules that cannot name a group at the other end.
_BY_ADDRESSES: Mapping[ConnectionKind, tuple[Direction, ...]] = {
    ConnectionKind.SAME_VPC: (),
    ConnectionKind.PEERING: (),
    ConnectionKind.TRANSIT_GATEWAY: ("egress",),
    ConnectionKind.ADDRESSES: DIRECTIONS,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """How a cluster is connected to its Rancher server.

    Args:
        kind: what connects the two.
        cluster: CIDR blocks and prefix lists by which rules on the server's group name the cluster's nodes, where they
            cannot name a group.
        server: the same for the server's nodes, in rules on the cluster's groups.
        cluster_account: the AWS account of the cluster's groups, where the server's are in another one; it may be
            unknown until apply.
        server_account: the same of the server's group.

    Use :meth:`same_vpc`, :meth:`peering`, :meth:`transit_gateway` and :meth:`by_addresses`.

    Raises:
        InputError: with every fault: no list, a peer of another kind, a peer, name or value twice, every address of a
            family, no account, or one account for both.
    """

    kind: ConnectionKind
    cluster: tuple[Peer, ...] = ()
    server: tuple[Peer, ...] = ()
    cluster_account: str | None = None
    server_account: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        if self.kind not in tuple(ConnectionKind):
            raise refuse("kind", self.kind, "one that Connection.same_vpc() and its siblings give")
        object.__setattr__(self, "kind", ConnectionKind(self.kind))
        for side in _SIDES:
            object.__setattr__(self, side, _addresses(getattr(self, side), side, faults))
            account = getattr(self, f"{side}_account")
            if account is not None:
                with faults.under(""):
                    check_account(account, f"{side}_account")
        # Rules of one cluster name both, so that what is told apart in one list is told apart in the other.
        with faults.under(""):
            check_distinct([*self.cluster, *self.server])
        account = self.server_account
        if account is not None and account == self.cluster_account and is_known(account):
            faults.add("server_account", account, "another account than cluster_account, or neither where it is one")
        faults.raise_any()

    @classmethod
    def same_vpc(cls) -> Connection:
        """Both in one VPC: rules name groups."""
        return cls(ConnectionKind.SAME_VPC)

    @classmethod
    def peering(cls, *, cluster_account: str | None = None, server_account: str | None = None) -> Connection:
        """VPCs of one region, peered: rules name groups, another account's with the account before it."""
        return cls(ConnectionKind.PEERING, cluster_account=cluster_account, server_account=server_account)

    @classmethod
    def transit_gateway(
        cls,
        *,
        cluster: Iterable[Peer] = (),
        server: Iterable[Peer] = (),
        cluster_account: str | None = None,
        server_account: str | None = None,
    ) -> Connection:
        """VPCs at one transit gateway: ingress rules name groups, egress rules addresses."""
        return cls(ConnectionKind.TRANSIT_GATEWAY, cluster, server, cluster_account, server_account)  # type: ignore[arg-type]  # become tuples there

    @classmethod
    def by_addresses(cls, *, cluster: Iterable[Peer] = (), server: Iterable[Peer] = ()) -> Connection:
        """Another region, or wherever else no rule can name a group: all name addresses."""
        return cls(ConnectionKind.ADDRESSES, cluster, server)  # type: ignore[arg-type]  # become tuples there

    def addresses(self, side: Side) -> tuple[Peer, ...]:
        """The addresses of the nodes of one side."""
        return self.server if side == "server" else self.cluster

    def account(self, side: Side) -> str | None:
        """The account of the groups of one side, where rules of the other have to say it."""
        return self.server_account if side == "server" else self.cluster_account

    def names_group(self, direction: Direction) -> bool:
        """Whether rules of a direction can name a group at the other end."""
        return direction not in _BY_ADDRESSES[self.kind]


def connect(bindings: Mapping[str, Binding], connection: Connection) -> dict[str, Binding]:
    """What realises some roles, named across the line between server and cluster as a connection allows.

    It does not matter whether this or :func:`through_agents` comes first.

    Args:
        bindings: by role, of the server and of one cluster.
        connection: what connects the two.
    """
    return {role: _connected(binding, side_of(role), connection) for role, binding in bindings.items()}


def through_agents(bindings: Mapping[str, Binding], owner: str) -> dict[str, Binding]:
    """The same, with a cluster's roles named by one group in rules on the server's group.

    Rules that name addresses keep them.

    Args:
        bindings: by role, of the server and of one cluster.
        owner: whose the agents group is, which all nodes of the clusters in a VPC join besides.
    """
    return {
        role: _joined(binding, owner) if side_of(role) == "cluster" else binding for role, binding in bindings.items()
    }


def check_connection(templates: Iterable[RuleTemplate], deployment: Deployment, connection: Connection) -> None:
    """Refuse a connection that lacks what rules across it need to name the other end.

    Only rules count that apply under the choices and that the deployment writes.

    Raises:
        InputError: addresses or an account are missing, with a fault for each side that says for which rules.
    """
    across = list(_across(templates, deployment))
    faults = Faults()
    for side in _SIDES:
        # Rules of several roles on one port are said in one breath.
        nameless: dict[tuple[Direction, str], list[str]] = {}
        foreign: dict[tuple[Direction, str], list[str]] = {}
        nodes: set[str] = set()
        for template in across:
            if side_of(template.peer) != side:
                continue
            key = template.direction, str(template.port)
            if not connection.names_group(template.direction):
                if not connection.addresses(side):
                    nameless.setdefault(key, []).append(template.role)
                    nodes.add(template.peer)
            elif _lacks_account(deployment.bindings[template.peer], side, connection):
                foreign.setdefault(key, []).append(template.role)
        if nameless:
            how = "" if connection.kind is ConnectionKind.ADDRESSES else f" {connection.kind}"
            whose = _listed([role for role in ROLES if role in nodes])
            allowed = (
                f"the addresses of {whose} nodes (CIDR or prefix list): {_rules(nameless)}{how} cannot name a group"
            )
            faults.missing(f"connection.{side}", allowed)
        if foreign:
            allowed = f"an account here as well, since the other side's is given: {_rules(foreign)} needs it"
            faults.missing(f"connection.{side}_account", allowed)
    faults.raise_any()


@dataclass(frozen=True, slots=True)
class _Across:
    """A template of a rule between server and cluster."""

    role: str
    direction: Direction
    port: Port
    peer: str


def _across(templates: Iterable[RuleTemplate], deployment: Deployment) -> Iterator[_Across]:
    """The rules between server and cluster that a deployment writes, whatever names their peers."""
    for template in templates:
        role, peer = template.role, template.peer
        if peer is None or side_of(role) == side_of(peer) or not {role, peer} <= set(deployment.bindings):
            continue
        if deployment.writes(role, peer) and any(part.when.holds(deployment.choices) for part in template.parts):
            yield _Across(role, template.direction, template.port, peer)


def _lacks_account(binding: Binding, side: Side, connection: Connection) -> bool:
    other: Side = "cluster" if side == "server" else "server"
    # An id that is unknown yet may begin with the account.
    knows = binding.brought is not None and (not is_known(binding.brought) or _WITH_ACCOUNT.match(binding.brought))
    return connection.account(side) is None and connection.account(other) is not None and not knows


def _rules(found: Mapping[tuple[Direction, str], list[str]]) -> str:
    """Such as ``egress of etcd, controlplane and worker 443/tcp``."""
    return "; ".join(
        f"{direction} of {_listed(list(dict.fromkeys(roles)))} {port}" for (direction, port), roles in found.items()
    )


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _addresses(given: object, place: str, faults: Faults) -> tuple[Peer, ...]:
    if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
        faults.add(place, given, "a list of peers")
        return ()
    peers: list[Peer] = []
    for index, peer in enumerate(given):
        where = f"{place}[{index}]"
        if not isinstance(peer, Peer):
            faults.add(where, peer, 'a peer, such as Peer.cidr("nodes", "10.1.0.0/16")')
        elif peer.kind is PeerKind.GROUP:
            faults.add(where, str(peer.value), "a CIDR block or a prefix list, since it stands where no group can")
        elif peer.value in _EVERYWHERE:
            faults.add(where, str(peer.value), "the addresses of these nodes, not every address of a family")
        elif peer in peers:
            faults.add(where, peer.name, "each peer once")
        else:
            peers.append(peer)
    return tuple(peers)


_WITH_ACCOUNT = re.compile(f"{ACCOUNT_ID.pattern}/")
_EVERYWHERE = tuple(peer.value for peer in ANYWHERE)


def _connected(binding: Binding, side: Side, connection: Connection) -> Binding:
    addresses, account = connection.addresses(side), connection.account(side)
    ingress, egress = binding.from_other_side, binding.to_other_side
    connected = binding.across(
        ingress=ingress if connection.names_group("ingress") else addresses,
        egress=egress if connection.names_group("egress") else addresses,
    )
    # A brought group's id may begin with it already.
    says = binding.brought is not None and _WITH_ACCOUNT.match(binding.brought)
    return replace(connected, account=None if says else account)


def _joined(binding: Binding, owner: str) -> Binding:
    agents = (Peer(AGENTS, PeerKind.GROUP, GroupKey(owner, AGENTS)),)
    ingress, egress = binding.from_other_side, binding.to_other_side
    return binding.across(
        ingress=agents if ingress is None else ingress,
        egress=agents if egress is None else egress,
    )
