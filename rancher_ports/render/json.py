"""JSON, for programs: an object for each flow, and what it is of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.migration import given_as
from rancher_ports.model.ports import ALL, Port
from rancher_ports.model.table import Table
from rancher_ports.render.sheet import numbered, replacing, rows_of, slots_of
from rancher_ports.review.explanation import Explanation


def to_json(table: Table, choices: Choices) -> str:
    """The flows of a table as one object, the same text at every run.

    Its keys: ``distribution``, ``title``, ``cni``, ``features`` (sorted), ``one_sided``, ``egress``, ``migrating_from``
    (``distribution``, ``cni`` and ``features``, or null); ``flows``, in the order of the table; ``slots``, those that
    flows name, each with ``what``, ``default``, the values of its default peers, and ``replaced_by``, the features that
    are on and take its place; ``sources``, each document once.

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
        "migrating_from": given_as(choices),
        "flows": [_flow(flow) for flow in found],
        "slots": {
            slot.name: {
                "what": slot.what,
                "default": [str(peer.value) for peer in slot.default],
                "replaced_by": replacing(table, choices, slot),
            }
            for slot in slots_of(table, found)
        },
        "sources": list(numbered(rows_of(found), table)),
    }
    return json.dumps(document, indent=2) + "\n"


def changes_to_json(compared: Mapping[str, tuple[Table, Choices]], changes: Mapping[str, Iterable[Flow]]) -> str:
    """Flows by what becomes of them, as one object.

    Args:
        compared: the tables, as ``before`` and ``after``; of each there are ``distribution``, ``cni`` and ``features``.
        changes: flows, each as :func:`to_json` has it, in a list for each kind of change.
    """
    of = {
        name: {"distribution": table.distribution, "cni": choices.cni or None, "features": sorted(choices.features)}
        for name, (table, choices) in compared.items()
    }
    document = {**of, **{what: [_flow(flow) for flow in some] for what, some in changes.items()}}
    return json.dumps(document, indent=2) + "\n"


def explanation_to_json(explained: Explanation) -> str:
    """What is said of one port between two ends, as one object.

    Its keys: ``from``, ``to``, ``port``, ``allowed``; ``flows``, those that are about it; ``elsewhere``, flows that
    there would be under another choice, which stands under ``with``; ``nearest``. Flows are as :func:`to_json` has
    them.
    """
    document = {
        "from": explained.source,
        "to": explained.destination,
        "port": explained.port.text,
        "allowed": explained.allowed,
        "flows": [_flow(flow) for flow in explained.flows],
        "elsewhere": [{"with": choice, **_flow(flow)} for choice, flow in explained.elsewhere],
        "nearest": [_flow(flow) for flow in explained.nearest],
    }
    return json.dumps(document, indent=2) + "\n"


def port_object(port: Port) -> dict[str, object]:
    """What flows and changes say of a port; its keys are those that :func:`to_json` names."""
    return {
        "port": port.text,
        "protocol": "all" if port.protocol == ALL else port.protocol,
        "first_port": port.first,
        "last_port": port.last,
    }


def _flow(flow: Flow) -> dict[str, object]:
    return {
        "from": flow.source,
        "to": flow.destination,
        **port_object(flow.port),
        "why": flow.whys,
        "halves": flow.halves,
        "documented_in": flow.documented,
        "rows": [row.id for row in flow.rows],
        "sources": flow.sources,
        "notes": list(dict.fromkeys(row.note for row in flow.rows if row.note)),
        "disputed": list(dict.fromkeys(row.disputed for row in flow.rows if row.disputed)),
    }
