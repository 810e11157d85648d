"""Mermaid pictures, which repository hosts draw where they stand in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rancher_ports.model.conditions import Choices
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, SERVER_ROLES
from rancher_ports.model.table import Requirement, Table


def picture(table: Table, choices: Choices) -> str:
    """Who talks to whom, and on which ports, as the rows of a table have it.

    Args:
        table: the documented ports.
        choices: which rows apply.

    Returns:
        A Mermaid flowchart. An arrow goes from who begins to who answers, one for each two of them; it
        says which of its ports only one end documents.
    """
    rows = [row for row in table.requirements if row.when.holds(choices)]
    flows: dict[tuple[str, str], dict[str, set[str]]] = {}
    for row in rows:
        for source, destination in _ends(row):
            ports = flows.setdefault((source, destination), {})
            for port in row.ports:
                ports.setdefault(port.text, set()).add(row.direction)
    slots = [slot for slot in table.slots if any(slot in ends for ends in flows)]
    lines = ["flowchart LR"]
    lines += [f'  {slot}(["{slot}"])' for slot in slots]
    lines += ["  subgraph server"] + [f'    {role}["{role}"]' for role in SERVER_ROLES] + ["  end"]
    lines += ["  subgraph cluster"] + [f'    {role}["{role}"]' for role in CLUSTER_ROLES] + ["  end"]
    order = [*ROLES, *table.slots]
    for source, destination in sorted(flows, key=lambda ends: [order.index(end) for end in ends]):
        between_roles = source in ROLES and destination in ROLES
        # One arrow, not one for each kind: two arrows from a role to itself are drawn on top of each other.
        labels = [
            f"{text} (one-sided)" if between_roles and len(ends) == 1 else text
            for text, ends in flows[source, destination].items()
        ]
        lines.append(f'  {source} -->|"{"<br>".join(labels)}"| {destination}')
    return "\n".join(lines)


def to_mermaid(table: Table, choices: Choices) -> str:
    """The picture as a file."""
    return picture(table, choices) + "\n"


def _ends(row: Requirement) -> Iterator[tuple[str, str]]:
    for peer in row.peers:
        yield (peer, row.role) if row.direction == "ingress" else (row.role, peer)
