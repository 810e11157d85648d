"""Moves: the addresses that resources may have in a state from before a rename.

Terraform takes one move to an address and no second one, so that all former addresses of a resource form
one chain, the oldest first: whichever of them a state has, its resource ends at the address of now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from rancher_ports.errors import Faults
from rancher_ports.model.addresses import Address, address
from rancher_ports.model.peers import Peer
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule


def moves(
    resources: Iterable[GroupKey | Rule], prefix: str, former_prefixes: Iterable[str] = ()
) -> tuple[tuple[Address, Address], ...]:
    """From each former address of some resources to the next one.

    A resource may have had any former prefix, or the one of now, with any former name of its peer, or the
    one of now.

    Args:
        resources: groups that we create, and rules.
        prefix: the prefix that they have now.
        former_prefixes: those that they had before, newest first.

    Returns:
        The addresses from and to which they move, sorted.
    """
    prefixes = [prefix, *former_prefixes][::-1]
    renamed = resources if len(prefixes) > 1 else (resource for resource in resources if _former_names(resource))
    pairs = [pair for resource in renamed for pair in pairwise(_addresses(resource, prefixes))]
    return tuple(sorted(pairs, key=lambda pair: (str(pair[0]), str(pair[1]))))


def _former_names(resource: GroupKey | Rule) -> tuple[str, ...]:
    return () if isinstance(resource, GroupKey) else resource.peer.moved_from


def _addresses(resource: GroupKey | Rule, prefixes: Iterable[str]) -> list[Address]:
    if isinstance(resource, GroupKey):
        return [address(resource, prefix) for prefix in prefixes]
    peer = resource.peer
    names = [peer.name, *peer.moved_from][::-1]
    versions = [replace(resource, peer=replace(peer, name=name, moved_from=())) for name in names]
    return [address(version, prefix) for prefix in prefixes for version in versions]


def check_former_names(peers: Iterable[Peer]) -> None:
    """Refuse a former name that another peer has now or claims as well, and two histories of one name.

    Terraform refuses a move from an address that exists still, and two moves from one address.

    Args:
        peers: all peers of one construct; each may come several times.

    Raises:
        InputError: with a fault for each name concerned.
    """
    faults = Faults()
    peers = list(peers)
    names = {peer.name for peer in peers}
    seen: dict[str, Peer] = {}
    heirs: dict[str, str] = {}
    for peer in peers:
        where = f"{peer.name}.moved_from"
        first = seen.get(peer.name)
        if first is not None:
            if first.moved_from != peer.moved_from:
                allowed = f"the former names that {peer.name} has elsewhere ({', '.join(first.moved_from) or 'none'})"
                faults.add(where, list(peer.moved_from), allowed)
            continue
        seen[peer.name] = peer
        for former in peer.moved_from:
            heir = heirs.setdefault(former, peer.name)
            if former in names:
                faults.add(where, former, "a name that no peer has now")
            elif heir != peer.name:
                faults.add(where, former, f"a name that one peer had before ({heir} says that it had it)")
    faults.raise_any()
