"""Peers that no rule names."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.deployment import Deployment
from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import Peer
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.table import Table


def unused_peers(
    table: Table, deployment: Deployment, everything: RuleSet, peers: Iterable[Peer] = ()
) -> tuple[Finding, ...]:
    """A finding for each peer that is defined, or stands in a slot, and that no rule needs.

    Args:
        table: the documented ports.
        deployment: its slots and choices.
        everything: what came of it, and the rules that are left to the owners of brought groups.
        peers: peers that the user defined, whether or not a slot names them.
    """
    used = {rule.peer.name for rule in everything.rules}
    in_slots = [peer for slot in deployment.slots.values() for peer in slot]
    names = dict.fromkeys(sorted(peer.name for peer in (*peers, *in_slots)))
    return tuple(_finding(name, table, deployment) for name in names if name not in used)


def _finding(name: str, table: Table, deployment: Deployment) -> Finding:
    slots = [slot for slot in table.slots if any(peer.name == name for peer in deployment.slots.get(slot, ()))]
    features = dict.fromkeys(
        row.when.feature
        for row in table.requirements
        if row.when.feature is not None and not set(slots).isdisjoint(row.peers)
    )
    if slots:
        sentence = f"The peer {name} makes no rule: it stands in {' and '.join(slots)}, for which no row is written."
        switch = f"Switch on the feature {' or '.join(features)}, or take" if features else "Take"
        fix = f"{switch} the peer out."
    else:
        sentence, fix = f"The peer {name} stands in no slot.", "Put it into the slots meant for it, or take it out."
    return Finding("unused-peer", "warning", name, sentence, fix)
