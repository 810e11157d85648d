"""JSON, for programs: an object for each flow, and what it is of."""

from __future__ import annotations

import json

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.ports import ALL
from rancher_ports.model.table import Table
from rancher_ports.render.sheet import numbered, rows_of, slots_of


def to_json(table: Table, choices: Choices) -> str:
    """The flows of a table as one object, the same text at every run.

    Its keys: ``distribution``, ``title``, ``cni``, ``features`` (sorted), ``one_sided``, ``egress``; ``flows``, in the
    order of the table; ``slots``, those that flows name, each with ``what`` and ``default``, the values of its default
    peers; ``sources``, each document once.

    Of a flow: ``from`` and ``to``, a role or a slot each; ``port`` as tables write it, ``protocol`` (``all`` for every
    one), ``first_port`` and ``last_port`` (of ICMP type and code; null where there are none); ``why``, a list;
    ``halves``, the directions for which a rule is written; ``documented_in``, those of them that a row has; ``rows``,
    the ids of the rows; ``sources``, ``notes`` and ``disputed``, lists of texts.
    """
    found = flows(table, choices)
    document = {
        "distribution": table.distribution,
        "title": table.title,
        "cni": choices.cni,
        "features": sorted(choices.features),
        "one_sided": choices.one_sided,
        "egress": choices.egress,
        "flows": [_flow(flow) for flow in found],
        "slots": {
            slot.name: {"what": slot.what, "default": [str(peer.value) for peer in slot.default]}
            for slot in slots_of(table, found)
        },
        "sources": list(numbered(table, rows_of(found))),
    }
    return json.dumps(document, indent=2) + "\n"


def _flow(flow: Flow) -> dict[str, object]:
    port = flow.port
    return {
        "from": flow.source,
        "to": flow.destination,
        "port": port.text,
        "protocol": "all" if port.protocol == ALL else port.protocol,
        "first_port": port.first,
        "last_port": port.last,
        "why": flow.whys,
        "halves": flow.halves,
        "documented_in": flow.documented,
        "rows": [row.id for row in flow.rows],
        "sources": flow.sources,
        "notes": list(dict.fromkeys(row.note for row in flow.rows if row.note)),
        "disputed": list(dict.fromkeys(row.disputed for row in flow.rows if row.disputed)),
    }
