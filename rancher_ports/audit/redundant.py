"""Rules that another rule makes superfluous."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.rules import Rule, RuleSet

_BITS = {PeerKind.IPV4: 32, PeerKind.IPV6: 128}

# A peer as others may contain it: its kind, and for blocks the length of the prefix and the network's number.
_Value = tuple[PeerKind, int, object]


def redundant_rules(rules: RuleSet) -> tuple[Finding, ...]:
    """A finding for each rule of which everything is allowed by another one on the same group.

    Rules for all egress do not count: to have them besides the documented ones is a choice that anybody sees.

    Args:
        rules: what is written.
    """
    return tuple(_redundant(rules))


def _redundant(rules: RuleSet) -> Iterator[Finding]:
    sides: dict[tuple[GroupKey | str, Direction], dict[_Value, list[Rule]]] = {}
    values = {rule.peer: _value(rule.peer) for rule in rules.rules if rule.peer.is_known}
    for rule in rules.rules:
        is_all_egress = rule.direction == "egress" and rule.port == Port.all()
        if rule.peer in values and not is_all_egress:
            sides.setdefault((rule.group, rule.direction), {}).setdefault(values[rule.peer], []).append(rule)
    for by_value in sides.values():
        lengths = {kind: sorted({length for k, length, _ in by_value if k is kind}) for kind in _BITS}
        for value, some in by_value.items():
            wider = [other for above in _above(value, lengths) for other in by_value.get(above, ())]
            for rule in some:
                covering = next((o for o in (*wider, *some) if o is not rule and o.port.covers(rule.port)), None)
                if covering is not None:
                    yield _finding(rule, covering)


def _value(peer: Peer) -> _Value:
    if peer.kind not in _BITS:
        return peer.kind, 0, peer.value
    network = ipaddress.ip_network(str(peer.value))
    return peer.kind, network.prefixlen, int(network.network_address) >> (_BITS[peer.kind] - network.prefixlen)


def _above(value: _Value, lengths: Mapping[PeerKind, list[int]]) -> Iterator[_Value]:
    """The wider blocks that hold a block, of the lengths that there are."""
    kind, length, number = value
    for shorter in lengths.get(kind, ()):
        if shorter < length and isinstance(number, int):
            yield kind, shorter, number >> (length - shorter)


def _finding(rule: Rule, covering: Rule) -> Finding:
    end = "from" if rule.direction == "ingress" else "to"
    return Finding(
        code="redundant-rule",
        severity="info",
        place=str(rule.group),
        sentence=(
            f"{rule.group}: {rule.direction} {rule.port} {end} {rule.peer} opens nothing that "
            f"{covering.port} {end} {covering.peer} does not."
        ),
        fix="Take one of them out, if that is not meant.",
    )
