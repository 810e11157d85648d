"""An explanation as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow
from rancher_ports.model.table import Table
from rancher_ports.render.sheet import rules, said_of, title
from rancher_ports.review.explanation import Explanation


def explanation(explained: Explanation, table: Table, choices: Choices) -> str:
    """Whether one end may reach another on a port, by which rows of which documents, and what is nearest if not.

    Args:
        explained: what is so.
        table: of which table.
        choices: under which choices.
    """
    verdict = "allowed" if explained.allowed else "refused"
    ends = f"{explained.source} to {explained.destination} on {explained.port}"
    lines = [f"{verdict}: {ends}, by {title(table, choices)}"]
    for flow in explained.flows:
        lines += ["", *_said(flow)]
    if not explained.allowed and not explained.flows:
        lines += ["", "No row has it."]
    if explained.elsewhere:
        lines += ["", "It would be allowed with:"]
        lines += [f"  {choice}: {_ids(flow)}" for choice, flow in explained.elsewhere]
    if explained.nearest:
        lines += ["", "The nearest rows:"]
        lines += [f"  {flow.source} to {flow.destination} on {flow.port}: {_ids(flow)}" for flow in explained.nearest]
    return "\n".join(lines) + "\n"


def _said(flow: Flow) -> Iterator[str]:
    yield f"{flow.source} to {flow.destination} on {flow.port}, {'; '.join(flow.whys)}: {rules(flow)}"
    for row in flow.rows:
        yield f"  {row.id}"
        yield from (f"    {said}" for said in said_of(row))


def _ids(flow: Flow) -> str:
    return ", ".join(row.id for row in flow.rows) or "; ".join(flow.whys)
