"""What the security group of a role lets pass, as nftables rules for a host that has it.

Reads the synthesized JSON alone, as the tests' oracle does.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from tests.oracle import Document, Line, lines
from tests.packets.hosts import HOSTS

# Security groups are stateful, and do not filter what finds neighbours: ARP, which is not IP and so not
# seen here, and neighbour discovery. All other ICMPv6 is dropped, as no documented rule lets it pass.
_CHAIN = """\
  chain {direction} {{
    type filter hook {hook} priority filter; policy drop;
    ct state established,related accept
    icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept
{rules}
  }}
"""
_HOOKS = {"ingress": ("input", "saddr"), "egress": ("output", "daddr")}
_IP = {4: "ip", 6: "ip6"}


def ruleset(document: Document, role: str) -> str:
    """The rules of one role's group, as a file for ``nft``.

    Args:
        document: the synthesized JSON.
        role: whose host it is for.
    """
    of_role = [line for line in lines(document) if line.group == role]
    chains = []
    for direction, (hook, end) in _HOOKS.items():
        rules = [f"    {rule}" for line in of_role if line.direction == direction for rule in _rules(line, end)]
        chains.append(_CHAIN.format(direction=direction, hook=hook, rules="\n".join(rules)))
    return "table inet security_group {\n" + "".join(chains) + "}\n"


def _rules(line: Line, end: str) -> Iterator[str]:
    for version, addresses in _peers(line).items():
        if line.protocol == "icmp" and version == 6:
            continue  # IPv6 has a protocol of its own for that
        yield f"{_IP[version]} {end} {{ {', '.join(addresses)} }} {_ports(line)} accept"


def _peers(line: Line) -> dict[int, list[str]]:
    """Who the peer is, by IP version: of a group, the hosts that have it."""
    if line.peer_kind == "referenced_security_group_id":
        members = [host for host in HOSTS if host.role == line.peer]
        return {version: [host.addresses[version] for host in members] for version in _IP if members}
    if line.peer_kind == "prefix_list_id":
        raise ValueError(f"{line.address}: the JSON does not say who is in {line.peer}")
    return {ipaddress.ip_network(line.peer).version: [line.peer]}


def _ports(line: Line) -> str:
    if line.protocol == "-1":
        return ""
    if line.protocol == "icmp":
        return f"icmp type {line.first} icmp code {line.last}"
    if line.protocol not in ("tcp", "udp"):
        raise ValueError(f"{line.address}: no packets of {line.protocol} are sent here")
    return f"{line.protocol} dport {line.first}-{line.last}"
