"""Mermaid pictures, which repository hosts draw where they stand in Markdown."""

from __future__ import annotations

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.roles import CLUSTER_ROLES, ROLES, SERVER_ROLES
from rancher_ports.model.table import Table
from rancher_ports.model.templates import ANYWHERE_SLOT
from rancher_ports.render.sheet import title


def picture(table: Table, choices: Choices) -> str:
    """Who talks to whom, and on which ports, as rules are written for the rows of a table.

    Args:
        table: the documented ports.
        choices: which rows apply.

    Returns:
        A Mermaid flowchart. An arrow goes from who begins to who answers, one for each two of them; it
        says of which of its ports a half is completed, and of which it is missing, so that nothing passes.
    """
    between: dict[tuple[str, str], list[Flow]] = {}
    for flow in flows(table, choices):
        between.setdefault((flow.source, flow.destination), []).append(flow)
    outside = [name for name in (*table.slots, ANYWHERE_SLOT.name) if any(name in ends for ends in between)]
    lines = ["flowchart LR"]
    lines += [f'  {name}(["{name}"])' for name in outside]
    lines += ["  subgraph server"] + [f'    {role}["{role}"]' for role in SERVER_ROLES] + ["  end"]
    lines += ["  subgraph cluster"] + [f'    {role}["{role}"]' for role in CLUSTER_ROLES] + ["  end"]
    order = [*ROLES, *outside]
    for source, destination in sorted(between, key=lambda ends: [order.index(end) for end in ends]):
        # One arrow, not one for each kind: two arrows from a role to itself are drawn on top of each other.
        labels = [f"{flow.port}{_mark(flow)}" for flow in between[source, destination]]
        lines.append(f'  {source} -->|"{"<br>".join(labels)}"| {destination}')
    return "\n".join(lines)


def _mark(flow: Flow) -> str:
    if flow.one_sided:
        return " (one-sided)"
    # What a document that has one end alone leaves out is no peculiarity of this flow.
    return " (completed)" if flow.undocumented == "completed" else ""


def to_mermaid(table: Table, choices: Choices) -> str:
    """The picture as a file, under the title that the sheet has."""
    return f'---\ntitle: "{title(table, choices)}"\n---\n{picture(table, choices)}\n'
