"""How EC2's API spells each kind of peer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeerKind:
    """The spellings of one kind.

    Args:
        member: the list for it in an IpPermission.
        item: the peer in an item of that list.
        flat: the peer in a SecurityGroupRuleRequest; in a SecurityGroupRule as well, but for a group, which is
            described there.
    """

    member: str
    item: str
    flat: str


PEER_KINDS = {
    "ipv4": PeerKind("IpRanges", "CidrIp", "CidrIpv4"),
    "ipv6": PeerKind("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
    "prefix list": PeerKind("PrefixListIds", "PrefixListId", "PrefixListId"),
    "group": PeerKind("UserIdGroupPairs", "GroupId", "ReferencedGroupId"),
}
