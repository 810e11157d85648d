"""Connections: how a cluster's nodes and its server's reach each other, and so how rules can name the other side.

AWS lets a rule name a security group of the same VPC, and of a VPC over a peering within the region, also in another
account (Amazon VPC Peering guide, "Update your security groups to reference peer security groups"). Over a transit
gateway only ingress rules may (Amazon VPC Transit Gateways guide, "Security group referencing"). Across regions no rule
may. Where none may, it has to be addresses: CIDR blocks or prefix lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from rancher_ports.errors import Faults, nearest, one_of
from rancher_ports.model.bindings import Binding
from rancher_ports.model.deployment import Deployment, Side, side_of
from rancher_ports.model.ids import is_known
from rancher_ports.model.peers import Peer, PeerKind, check_distinct, check_families
from rancher_ports.model.roles import AGENTS, Direction, GroupKey
from rancher_ports.model.templates import RuleTemplate

Kind = Literal["same VPC", "peering", "transit gateway", "addresses"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# In which directions a rule cannot name a group of the other side.
_BY_ADDRESSES: Mapping[Kind, tuple[Direction, ...]] = {
    "same VPC": (),
    "peering": (),
    "transit gateway": ("egress",),
    "addresses": ("ingress", "egress"),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """How a cluster and its server reach each other.

    Args:
        kind: ``same VPC``, ``peering``, ``transit gateway`` or ``addresses``.
        cluster: the addresses of the cluster's nodes, for rules on the server's group that cannot name a group.
        server: the addresses of the server's nodes, for rules on the cluster's groups.
        cluster_account: the cluster's AWS account, where it is not the server's.
        server_account: the server's, likewise.

    Use :meth:`same_vpc`, :meth:`peering`, :meth:`transit_gateway` and :meth:`by_addresses`.

    Raises:
        InputError: with every fault in them.
    """

    kind: Kind
    cluster: tuple[Peer, ...] = ()
    server: tuple[Peer, ...] = ()
    cluster_account: str | None = None
    server_account: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        if self.kind not in KINDS:
            faults.add("kind", self.kind, one_of(KINDS), nearest(self.kind, KINDS))
        for side in ("cluster", "server"):
            object.__setattr__(self, side, _addresses(getattr(self, side), side, faults))
            _check_account(getattr(self, f"{side}_account"), f"{side}_account", faults)
        if (self.cluster_account is None) != (self.server_account is None):
            given = "server" if self.cluster_account is None else "cluster"
            lacking = "cluster" if self.cluster_account is None else "server"
            faults.missing(f"{lacking}_account", f"the account of the {lacking}, too, since {given}_account is given")
        elif self.cluster_account is not None and self.cluster_account == self.server_account:
            faults.add("server_account", self.server_account, "another account; in one and the same none is needed")
        faults.raise_any()

    @classmethod
    def same_vpc(cls) -> Connection:
        """One VPC: rules name groups in both directions."""
        return cls("same VPC")

    @classmethod
    def peering(cls, *, cluster_account: str | None = None, server_account: str | None = None) -> Connection:
        """A VPC peering within one region: rules name groups in both directions.

        Args:
            cluster_account: the cluster's account, 12 digits, where it is not the server's.
            server_account: the server's, likewise.
        """
        return cls("peering", cluster_account=cluster_account, server_account=server_account)

    @classmethod
    def transit_gateway(
        cls,
        *,
        cluster: Iterable[Peer] = (),
        server: Iterable[Peer] = (),
        cluster_account: str | None = None,
        server_account: str | None = None,
    ) -> Connection:
        """A transit gateway with security group referencing: ingress rules name groups, egress rules addresses.

        Args:
            cluster: the addresses of the cluster's nodes.
            server: the addresses of the server's nodes.
            cluster_account: the cluster's account, 12 digits, where it is not the server's.
            server_account: the server's, likewise.
        """
        return cls("transit gateway", cluster, server, cluster_account, server_account)  # type: ignore[arg-type]  # become tuples there

    @classmethod
    def by_addresses(cls, *, cluster: Iterable[Peer] = (), server: Iterable[Peer] = ()) -> Connection:
        """Another region, or anything else over which no group can be named: rules name addresses.

        Args:
            cluster: the addresses of the cluster's nodes.
            server: the addresses of the server's nodes.
        """
        return cls("addresses", cluster, server)  # type: ignore[arg-type]  # become tuples there

    def addresses(self, side: Side) -> tuple[Peer, ...]:
        """The addresses of one side's nodes."""
        return self.cluster if side == "cluster" else self.server

    def names_groups(self, direction: Direction) -> bool:
        """Whether rules of a direction can name a group of the other side."""
        return direction not in _BY_ADDRESSES[self.kind]


def connect(bindings: Mapping[str, Binding], connection: Connection) -> dict[str, Binding]:
    """The same bindings, as rules of the other side have to name them.

    Args:
        bindings: by role.
        connection: how the two sides reach each other.
    """
    return {role: _across(binding, side_of(role), connection) for role, binding in bindings.items()}


def _across(binding: Binding, side: Side, connection: Connection) -> Binding:
    addresses = connection.addresses(side)
    account = connection.cluster_account if side == "cluster" else connection.server_account
    return replace(
        binding.across(
            ingress=None if connection.names_groups("ingress") else addresses,
            egress=None if connection.names_groups("egress") else addresses,
        ),
        account=account,
    )


def through_agents(bindings: Mapping[str, Binding], owner: str) -> dict[str, Binding]:
    """The same bindings, but that rules on the server's group name all roles of clusters by the agents group.

    Args:
        bindings: by role, connected.
        owner: of the agents group.
    """
    through = {}
    for role, binding in bindings.items():
        named = Peer(AGENTS, PeerKind.GROUP, GroupKey(owner, AGENTS), account=binding.account)
        # What the connection has egress rules name by addresses, they name so here, too.
        egress = binding.to_other_side if binding.to_other_side is not None else (named,)
        through[role] = binding if side_of(role) == "server" else binding.across(ingress=(named,), egress=egress)
    return through


def check_connection(templates: Iterable[RuleTemplate], deployment: Deployment, connection: Connection) -> None:
    """Refuse a connection that lacks addresses which a rule needs.

    Args:
        templates: the table's.
        deployment: with connected bindings.
        connection: how the two sides reach each other.

    Raises:
        InputError: with a fault for each side whose addresses are needed, and the rules that need them.
    """
    needed: dict[Side, dict[tuple[Direction, str], dict[str, None]]] = {}
    flows = [
        (template.role, template.direction, template.peer, str(template.port))
        for template in templates
        if template.peer is not None and any(part.when.holds(deployment.choices) for part in template.parts)
    ]
    flows += [(own.role, own.direction, own.peer, str(own.port)) for own in deployment.own if isinstance(own.peer, str)]
    for role, direction, peer, port in flows:
        here, there = side_of(role), side_of(peer)
        if here == there or not {role, peer} <= set(deployment.bindings) or not deployment.writes(role, peer):
            continue
        if not connection.names_groups(direction) and not connection.addresses(there):
            needed.setdefault(there, {}).setdefault((direction, port), {})[role] = None
    faults = Faults()
    for side, rules in needed.items():
        listed = ", ".join(f"{direction} {port} of {', '.join(roles)}" for (direction, port), roles in rules.items())
        how = "over a transit gateway" if connection.kind == "transit gateway" else "where no group can be named"
        allowed = f"the addresses of the {side}'s nodes, as CIDR blocks or prefix lists: {listed} names them {how}"
        faults.missing(f"connection.{side}", allowed)
    faults.raise_any()


def _addresses(given: object, place: str, faults: Faults) -> tuple[Peer, ...]:
    if isinstance(given, (str, Peer, Mapping)) or not isinstance(given, Iterable):
        faults.add(place, given, "a list of peers")
        return ()
    peers = []
    for index, peer in enumerate(given):
        if not isinstance(peer, Peer):
            faults.add(f"{place}[{index}]", peer, 'a peer, such as Peer.cidr("prod-nodes", "10.20.0.0/16")')
        elif peer.kind is PeerKind.GROUP:
            faults.add(f"{place}[{index}]", peer.name, "a CIDR block or a prefix list, and no security group")
        else:
            peers.append(peer)
    with faults.under(""):
        check_distinct(peers, place)
    with faults.under(""):
        check_families(peers, place)
    return tuple(peers)


def _check_account(account: object, place: str, faults: Faults) -> None:
    if account is None or (isinstance(account, str) and not is_known(account)):
        return
    if not isinstance(account, str) or not re.fullmatch("[0-9]{12}", account):
        faults.add(place, account, 'an AWS account of 12 digits, such as "123456789012"')
