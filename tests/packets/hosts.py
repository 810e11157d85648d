"""The hosts: two of each role, so that a role's traffic with itself crosses a wire, and two outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.documented import ROLES

# Addresses that are nobody's: TEST-NET-1 (RFC 5737) and the documentation prefix (RFC 3849).
PREFIX_LENGTHS = {4: 24, 6: 64}


@dataclass(frozen=True, slots=True)
class Host:
    """A host on the wire.

    Args:
        name: what it is called.
        role: whose security group it has; one outside has none, and no filter.
        addresses: by IP version.
    """

    name: str
    role: str | None
    addresses: Mapping[int, str]


NODES = tuple(
    Host(f"{role}-{number}", role, {4: f"192.0.2.{place}{number}", 6: f"2001:db8::{place}:{number}"})
    for place, role in enumerate(ROLES, start=1)
    for number in (1, 2)
)
# In the peers' blocks of the golden.
OFFICE = Host("office", None, {4: "192.0.2.200", 6: "2001:db8::f:200"})
# In no block of it, so that one that is too wide shows.
STRANGER = Host("stranger", None, {4: "192.0.2.100", 6: "2001:db8::e:100"})

HOSTS = (*NODES, OFFICE, STRANGER)
