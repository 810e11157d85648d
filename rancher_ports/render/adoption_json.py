"""What an adoption finds, as JSON for programs; docs/schemas says what is in it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rancher_ports.adoption import Adoption, Judged, Lacking
from rancher_ports.adoption.comparison import VERDICTS
from rancher_ports.model.findings import Finding
from rancher_ports.readers.described import DescribedRule
from rancher_ports.render.inert import shortened
from rancher_ports.render.json import port_object

_VERSION = "1.0"
_LONGEST = 10_000


def adoption_to_json(adoption: Adoption, refused: Iterable[Finding] = ()) -> str:
    """An adoption as one object, the same text at every run: docs/schemas/adopt-1.json.

    Args:
        adoption: what is told, all of it.
        refused: the findings for which the app does not take the settings as they are.
    """
    comparison = adoption.comparison
    document = {
        "format": "rancher-ports/adopt",
        "format_version": _VERSION,
        "groups": [
            {
                "id": one.group.id,
                "name": shortened(one.group.name, _LONGEST),
                "roles": list(one.roles),
                "becomes": one.becomes,
            }
            for one in adoption.assignments
        ],
        "counts": {
            **{str(verdict): sum(one.verdict == verdict for one in comparison.judged) for verdict in VERDICTS},
            "lacking": len(comparison.lacking),
            "kept": adoption.kept,
        },
        "rules": [_judged(one) for one in comparison.judged],
        "lacking": [_lacking(one) for one in comparison.lacking],
        "refused": [
            {"code": one.code, "place": one.place, "message": shortened(f"{one.sentence} {one.fix}", _LONGEST)}
            for one in refused
        ],
        "known_groups": [{"role": role, "id": id_} for role, id_ in adoption.known.items()],
        "unknown_groups": list(adoption.unknown),
        "imports": [{"to": one.address, "id": one.id} for one in adoption.imports],
        "removed": list(adoption.handing_over.removed),
        "state_rm": list(adoption.handing_over.instances),
    }
    return json.dumps(document, indent=2) + "\n"


def _judged(one: Judged) -> dict[str, object]:
    return {
        **_rule(one.rule),
        "verdict": one.verdict,
        "needed": [{"port": port, "peer": peer} for port, peer in one.needed],
        "ports_beyond": [port_object(port) for port in one.ports],
        "addresses_beyond": [
            {"ports": [port_object(port) for port in some.ports], "addresses": some.addresses} for some in one.addresses
        ],
        "documented_for": list(one.others),
        "documented_with": list(one.otherwise),
        "unfilled_slots": list(one.slots),
    }


def _rule(rule: DescribedRule) -> dict[str, object]:
    identity = rule.identity
    return {
        "id": rule.id,
        "group": identity.group_id,
        "direction": identity.direction,
        "port": port_object(identity.port),
        "peer": identity.peer,
        "description": shortened(rule.description, _LONGEST),
    }


def _lacking(one: Lacking) -> dict[str, object]:
    rule = one.rule
    return {
        "group": one.group.id,
        "direction": rule.direction,
        "port": port_object(rule.port),
        "peer": rule.peer.name,
        "because": list(rule.because),
        "why": rule.description,
        "covered": one.covered,
        "by": list(one.by),
    }
