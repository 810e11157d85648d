"""Comma-separated values, for spreadsheets and scripts: a line for each flow."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.ports import ALL
from rancher_ports.model.table import Table

COLUMNS = (
    "from",
    "to",
    "protocol",
    "first_port",
    "last_port",
    "why",
    "halves",
    "documented_in",
    "source",
    "disputed",
)


def to_csv(table: Table, choices: Choices) -> str:
    """The flows of a table, a line for each, under a line with the names of the columns.

    ``protocol`` is ``all`` for every protocol, which has no ports; of ICMP the ports are type and code. ``halves`` are
    the directions for which a rule is written, ``documented_in`` those of them that a row has. Several values stand
    together with ``+`` between them (directions), or with a semicolon and a space (texts).
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_values(flow) for flow in flows(table, choices))
    return file.getvalue()


def changes_to_csv(changes: Mapping[str, Iterable[Flow]]) -> str:
    """The same for flows by what becomes of them, which stands in a first column ``change``."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("change", *COLUMNS))
    writer.writerows((what, *_values(flow)) for what, some in changes.items() for flow in some)
    return file.getvalue()


def _values(flow: Flow) -> tuple[object, ...]:
    port = flow.port
    return (
        flow.source,
        flow.destination,
        "all" if port.protocol == ALL else port.protocol,
        port.first,
        port.last,
        "; ".join(flow.whys),
        "+".join(flow.halves),
        "+".join(flow.documented),
        "; ".join(flow.sources),
        "; ".join(dict.fromkeys(row.disputed for row in flow.rows if row.disputed)),
    )
