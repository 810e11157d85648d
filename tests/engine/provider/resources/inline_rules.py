"""Rules inline in a group, attributes ``ingress`` and ``egress``: as vpc_security_group.go takes them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from tests.engine.ec2.peer_kinds import PEER_KINDS
from tests.engine.provider.values import UNKNOWN, Values

DIRECTIONS = ("ingress", "egress")

# Kinds of peers by the list for them in a block.
_LISTS = {
    "cidr_blocks": "ipv4",
    "ipv6_cidr_blocks": "ipv6",
    "prefix_list_ids": "prefix list",
    "security_groups": "group",
}
_EMPTY: Values = {**dict.fromkeys(_LISTS, ()), "description": "", "self": False}


@dataclass(frozen=True, order=True)
class Entry:
    """A rule with one peer; ``list`` names the list of the block in which it stands, or is ``self``."""

    protocol: str
    first: int
    last: int
    description: str
    list: str
    peer: str


def planned(blocks: Any) -> Any:
    """Blocks as the plugin SDK plans them: without null, and a set with something unknown is unknown."""
    if blocks in (None, UNKNOWN):
        return blocks
    return [_planned(block) for block in blocks]


def _planned(block: Values) -> Values:
    given = {name: value for name, value in block.items() if value is not None}
    full = {name: list(value) if name in _LISTS else value for name, value in {**_EMPTY, **given}.items()}
    if full["security_groups"] is not UNKNOWN and UNKNOWN in full["security_groups"]:
        full["security_groups"] = UNKNOWN
    return full


def entries(blocks: Any) -> list[Entry]:
    """The rules of blocks, one for each peer; those that are not known are none."""
    found = []
    for block in [] if blocks in (None, UNKNOWN) else blocks:
        head = (block["protocol"], block["from_port"], block["to_port"], block["description"] or "")
        found += [Entry(*head, name, peer) for name in _LISTS for peer in block[name] or ()]
        found += [Entry(*head, "self", "")] if block["self"] else []
    return found


def described(permissions: Iterable[Any], group: Any) -> list[Entry]:
    """The rules of a group in EC2's description of it."""
    found = []
    for permission in permissions:
        head = (permission["IpProtocol"], permission.get("FromPort", 0), permission.get("ToPort", 0))
        for name, kind in _LISTS.items():
            for item in permission.get(PEER_KINDS[kind].member, []):
                peer, list_ = item[PEER_KINDS[kind].item], name
                if kind == "group" and peer == group["GroupId"]:
                    list_, peer = "self", ""
                elif kind == "group" and item["UserId"] != group["OwnerId"]:
                    peer = f"{item['UserId']}/{peer}"
                found.append(Entry(*head, item.get("Description", ""), list_, peer))
    return found


def matched(local: Any, remote: Iterable[Entry]) -> list[Values]:
    """What EC2 has, in blocks: as they are known already, then what is not in them.

    Args:
        local: the blocks that are known.
        remote: all rules that there are.
    """
    left = list(remote)
    found = []
    for block in [] if local in (None, UNKNOWN) else local:
        within = entries([block])
        if within and all(entry in left for entry in within):
            found.append(block)
            left = [entry for entry in left if entry not in within]
    return [*found, *_blocks(left)]


def _blocks(rules: Iterable[Entry]) -> list[Values]:
    """One block for each protocol, port range and description."""
    found: dict[tuple[str, int, int, str], Values] = {}
    for rule in rules:
        head = (rule.protocol, rule.first, rule.last, rule.description)
        names = dict(zip(("protocol", "from_port", "to_port", "description"), head, strict=True))
        block = found.setdefault(head, {**{name: [] for name in _LISTS}, "self": False, **names})
        if rule.list == "self":
            block["self"] = True
        else:
            block[rule.list].append(rule.peer)
    return list(found.values())


def permissions(rules: Collection[Entry], group_id: str) -> list[Any]:
    """Rules as EC2 takes them: those of one protocol, port range and description together."""
    found: dict[tuple[str, int, int, str], Values] = {}
    for rule in rules:
        head = (rule.protocol, rule.first, rule.last, rule.description)
        ports = {} if rule.protocol == "-1" else {"FromPort": rule.first, "ToPort": rule.last}
        permission = found.setdefault(head, {"IpProtocol": rule.protocol, **ports})
        spelt = PEER_KINDS[_LISTS.get(rule.list, "group")]
        account, _, peer = rule.peer.rpartition("/") if spelt.item == "GroupId" else ("", "", rule.peer)
        item = {spelt.item: peer or group_id, **({"UserId": account} if account else {})}
        permission.setdefault(spelt.member, []).append(
            {**item, **({"Description": rule.description} if rule.description else {})}
        )
    return list(found.values())
