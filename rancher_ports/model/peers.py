"""Peers: who is at the other end of a rule."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rancher_ports.errors import Faults, nearest, one_of, refuse, shown
from rancher_ports.model.blocks import read_block
from rancher_ports.model.ids import PREFIX_LIST_ID, SECURITY_GROUP_ID, check_account, is_known
from rancher_ports.model.names import (
    ANYWHERE_IPV4,
    ANYWHERE_IPV6,
    NAME_LENGTH,
    check_name,
    check_peer_name,
    former_names,
)
from rancher_ports.model.roles import GroupKey


class PeerKind(StrEnum):
    """What a peer's value is. A security group rule has one argument for each."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    PREFIX_LIST = "prefix list"
    GROUP = "group"


# The arguments of aws_vpc_security_group_ingress_rule and _egress_rule.
RULE_ARGUMENTS = {
    PeerKind.IPV4: "cidr_ipv4",
    PeerKind.IPV6: "cidr_ipv6",
    PeerKind.PREFIX_LIST: "prefix_list_id",
    PeerKind.GROUP: "referenced_security_group_id",
}


# EC2 API reference, CreateManagedPrefixList, and Amazon VPC user guide, quotas of prefix lists.
MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Peer:
    """One name and one value.

    Args:
        name: stands in the addresses of the rules that name this peer, ``[a-z][a-z0-9-]*``.
        kind: what the value is.
        value: a CIDR block, a prefix list id or a security group id, each as a string that may also
            be an expression whose value is known after apply; a :class:`GroupKey` for a group that
            realises a node role.
        moved_from: names that it had before, newest first. They say nothing of who it is, and do not count
            where peers are compared.
        account: the AWS account of a :class:`GroupKey`'s group, where a rule has to name it as ``<account>/sg-...``.
            It says how the reference is written, not who it is, and does not count either.
        max_entries: how many entries a prefix list may have, 1 to 1,000, all of which count against the quota of rules.

    Use :meth:`cidr`, :meth:`ipv4`, :meth:`ipv6`, :meth:`prefix_list` and :meth:`security_group`.

    Raises:
        InputError: a name is outside the grammar, or the value is not of its kind.
    """

    name: str
    kind: PeerKind
    value: str | GroupKey
    moved_from: tuple[str, ...] = field(default=(), compare=False)
    account: str | None = field(default=None, compare=False)
    max_entries: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        check_name(self.name, "name")
        # A group of ours may be another construct's role, whose name is not free to others.
        check = check_name if isinstance(self.value, GroupKey) else check_peer_name
        object.__setattr__(self, "moved_from", former_names(self.moved_from, self.name, "moved_from", check))
        kind: object = self.kind
        if not isinstance(kind, PeerKind):
            if kind not in tuple(PeerKind):
                raise refuse("kind", kind, one_of(PeerKind), nearest(kind, PeerKind))
            object.__setattr__(self, "kind", PeerKind(str(kind)))
        if self.max_entries is not None:
            _check_max_entries(self.kind, self.max_entries)
        if self.account is not None:
            check_account(self.account, "account")
        if isinstance(self.value, GroupKey):
            return
        if self.account is not None:
            raise refuse("account", self.account, "an account for a group of ours only; elsewhere it is part of the id")
        _check_value(self.kind, self.value)
        if self.kind in (PeerKind.IPV4, PeerKind.IPV6) and (block := read_block(self.value)):
            # EC2 answers with the canonical text; any other would show as a change in every plan.
            object.__setattr__(self, "value", block.text)

    @classmethod
    def cidr(cls, name: str, cidr: str, *, moved_from: str | Iterable[str] = ()) -> Peer:
        """An IPv4 or IPv6 block known now, such as ``203.0.113.0/24``.

        For a block known after apply use :meth:`ipv4` or :meth:`ipv6`, which say the family.
        """
        if isinstance(cidr, str) and not is_known(cidr):
            raise refuse("cidr", cidr, "a CIDR block known now; Peer.ipv4 or Peer.ipv6 for one known after apply")
        family = PeerKind.IPV6 if isinstance(cidr, str) and ":" in cidr else PeerKind.IPV4
        return cls._named(name, family, cidr, moved_from)

    @classmethod
    def ipv4(cls, name: str, cidr: str, *, moved_from: str | Iterable[str] = ()) -> Peer:
        """An IPv4 block, which may be unknown until apply."""
        return cls._named(name, PeerKind.IPV4, cidr, moved_from)

    @classmethod
    def ipv6(cls, name: str, cidr: str, *, moved_from: str | Iterable[str] = ()) -> Peer:
        """An IPv6 block, which may be unknown until apply."""
        return cls._named(name, PeerKind.IPV6, cidr, moved_from)

    @classmethod
    def prefix_list(
        cls,
        name: str,
        prefix_list_id: str,
        *,
        max_entries: int | None = None,
        moved_from: str | Iterable[str] = (),
    ) -> Peer:
        """A managed prefix list by its id, ``pl-...``, which may be unknown until apply.

        Args:
            name: its name.
            prefix_list_id: its id.
            max_entries: how many entries it may have; they count as so many rules.
            moved_from: names that it had before.
        """
        return cls._named(name, PeerKind.PREFIX_LIST, prefix_list_id, moved_from, max_entries)

    @classmethod
    def security_group(cls, name: str, security_group_id: str, *, moved_from: str | Iterable[str] = ()) -> Peer:
        """A security group by its id, ``sg-...`` or ``<account>/sg-...``, which may be unknown until apply."""
        return cls._named(name, PeerKind.GROUP, security_group_id, moved_from)

    @classmethod
    def anywhere(cls) -> tuple[Peer, Peer]:
        """Every address: two peers, one for each family, always together."""
        return ANYWHERE

    @classmethod
    def _named(
        cls, name: str, kind: PeerKind, value: str, moved_from: str | Iterable[str], max_entries: int | None = None
    ) -> Peer:
        """A peer of a user's, for whom some names are reserved."""
        check_peer_name(name, "name")
        return cls(name, kind, value, moved_from, max_entries=max_entries)  # type: ignore[arg-type]  # becomes a tuple there

    @property
    def is_known(self) -> bool:
        """Whether the value is known before apply."""
        return isinstance(self.value, GroupKey) or is_known(self.value)

    def __str__(self) -> str:
        return self.name


def name_after(kind: PeerKind, value: str) -> str:
    """A name for a peer that has none of its own: made of its value."""
    plain = re.sub("[^a-z0-9]+", "-", value[:NAME_LENGTH].lower()).strip("-")
    return f"{kind.name[0].lower()}-{plain}"[:NAME_LENGTH]


def check_distinct(peers: Iterable[Peer], place: str = "") -> None:
    """Refuse two values under one name, two names for one known value, and two words on what one list may hold.

    AWS refuses a second rule that differs in nothing but its name, so a value has one name.

    Raises:
        InputError: with a fault for each name concerned.
    """
    faults = Faults()
    by_name: dict[str, Peer] = {}
    by_value: dict[tuple[PeerKind, str | GroupKey], Peer] = {}
    # Peers are equal whatever they say of their entries.
    for peer, entries in dict.fromkeys((peer, peer.max_entries) for peer in peers):
        where = f"{place}.{peer.name}" if place else peer.name
        named = by_name.setdefault(peer.name, peer)
        if named == peer and named.max_entries != entries:
            faults.add(f"{where}.max_entries", entries, f"what is said of it elsewhere ({shown(named.max_entries)})")
        if named != peer:
            # Each reading of an id gives another token, so two peers of one unknown value cannot be told from others.
            once = "" if peer.is_known else "; a value unknown until apply is made a Peer once, for every slot"
            allowed = f"one value for one name ({peer.name} is {shown(str(named.value))} elsewhere{once})"
            faults.add(where, str(peer.value), allowed)
            continue
        if not peer.is_known:
            continue
        first = by_value.setdefault((peer.kind, peer.value), peer)
        if first.name != peer.name:
            faults.add(where, str(peer.value), f"one name for one value ({first.name} has it already)")
    faults.raise_any()


def check_families(peers: Iterable[Peer], place: str) -> None:
    """Refuse every address of one family without every address of the other: that is what people overlook.

    Args:
        peers: the peers in one list of a user's.
        place: where.

    Raises:
        InputError: one of :meth:`Peer.anywhere` stands there without the other.
    """
    names = {peer.name for peer in peers}
    both = {peer.name for peer in ANYWHERE}
    if len(lone := names & both) == 1:
        raise refuse(place, lone.pop(), "both families: *Peer.anywhere()")


def _check_max_entries(kind: PeerKind, number: object) -> None:
    if kind is not PeerKind.PREFIX_LIST:
        raise refuse("max_entries", number, f"nothing: {kind} is one entry")
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MOST_ENTRIES:
        raise refuse("max_entries", number, f"a whole number of 1 to {MOST_ENTRIES}")


def _check_value(kind: PeerKind, value: object) -> None:
    if not isinstance(value, str):
        raise refuse(_ARGUMENT[kind], value, _ALLOWED[kind])
    if not is_known(value):
        return
    if kind in (PeerKind.IPV4, PeerKind.IPV6):
        _check_cidr(kind, value)
    elif not _ID[kind].fullmatch(value):
        raise refuse(_ARGUMENT[kind], value, _ALLOWED[kind])


_ID = {PeerKind.PREFIX_LIST: PREFIX_LIST_ID, PeerKind.GROUP: SECURITY_GROUP_ID}

_ARGUMENT = {
    PeerKind.IPV4: "cidr",
    PeerKind.IPV6: "cidr",
    PeerKind.PREFIX_LIST: "prefix_list_id",
    PeerKind.GROUP: "security_group_id",
}

_ALLOWED = {
    PeerKind.IPV4: 'a CIDR block such as "203.0.113.0/24" or "2001:db8::/48"',
    PeerKind.IPV6: 'an IPv6 block such as "2001:db8::/48"',
    PeerKind.PREFIX_LIST: 'a prefix list id such as "pl-0123456789abcdef0"',
    PeerKind.GROUP: 'a security group id such as "sg-0123456789abcdef0" or "123456789012/sg-0123456789abcdef0"',
}


def _check_cidr(kind: PeerKind, value: str) -> None:
    block = read_block(value)
    # Nearly always it is as EC2 has it. IPv4 in disguise is not: EC2 takes it for something else.
    if block is not None and block.text == value and f"ipv{block.version}" == kind and "::ffff:" not in value:
        return
    address, slash, length = value.partition("/")
    family = ipaddress.IPv4Network if kind is PeerKind.IPV4 else ipaddress.IPv6Network
    if kind is PeerKind.IPV4 and ":" in value:
        raise refuse("cidr", value, 'an IPv4 block such as "203.0.113.0/24"')
    # Netmasks (10.0.0.0/255.0.0.0), leading zeros and zones (fe80::1%eth0) are known to Python and not to EC2.
    if "%" in address or (slash and not re.fullmatch("0|[1-9][0-9]{0,2}", length)):
        raise refuse("cidr", value, _ALLOWED[kind])
    try:
        network = family(value, strict=False)
        one = family((address, network.max_prefixlen))
    except ValueError:
        raise refuse("cidr", value, _ALLOWED[kind]) from None
    if not slash:
        raise refuse("cidr", value, f"a prefix length as well: {one} for this one address")
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise refuse("cidr", value, "an IPv4 block, or an IPv6 block that is not IPv4 in disguise (::ffff:...)")
    if one.network_address != network.network_address:
        raise refuse("cidr", value, f"a block without host bits: {network} for the network, {one} for the one address")


# Both families always together: a choice that opens one of them only is what people overlook.
ANYWHERE = (
    Peer(ANYWHERE_IPV4, PeerKind.IPV4, "0.0.0.0/0"),
    Peer(ANYWHERE_IPV6, PeerKind.IPV6, "::/0"),
)
