"""CIDR blocks, each read once: of thousands of rules most name the same few."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from rancher_ports.model.intervals import Interval


@dataclass(frozen=True, slots=True)
class Block:
    """A CIDR block.

    Args:
        version: 4 or 6.
        text: as EC2 has it, without host bits.
        interval: first and last address, as numbers.
    """

    version: int
    text: str
    interval: Interval


@lru_cache(maxsize=2**16)
def read_block(text: str) -> Block | None:
    """The block that a text is, host bits left out; None if it is none."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    first = int(network.network_address)
    return Block(network.version, str(network), (first, first + 2 ** (network.max_prefixlen - network.prefixlen) - 1))
