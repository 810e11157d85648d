"""Slots that nobody filled."""

from __future__ import annotations

from rancher_ports.model.deployment import Deployment, side_of
from rancher_ports.model.findings import Finding
from rancher_ports.model.table import Table, in_short


def empty_slots(table: Table, deployment: Deployment) -> tuple[Finding, ...]:
    """A finding for each slot without a peer that a row which applies would open something to.

    A slot that a feature replaces needs none where the feature is on. What another table fills by default while nodes
    migrate from it, is empty for this one's rows.
    """
    found = []
    choices = deployment.choices
    features = choices.features | (choices.former.features if choices.former else frozenset())
    replaced = {slot for name in features for slot in table.features[name].replaces}
    for slot in table.slots.values():
        if slot.name in replaced:
            continue
        rows = [
            row
            for row in table.requirements
            if slot.name in row.peers
            and not deployment.slots.get(slot.name, table.slot(slot.name, row).default)
            and side_of(row.role) in deployment.sides
            and row.when.holds(choices)
        ]
        if rows:
            finding = Finding(
                code="empty-slot",
                severity="info",
                place=slot.name,
                sentence=f"The slot {slot.name} is empty, so nothing is opened for it ({in_short(rows)}).",
                fix=f"Put peers into it if there are any ({slot.what}).",
            )
            found.append(finding)
    return tuple(found)
