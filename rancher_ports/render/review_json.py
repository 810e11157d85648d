"""A review, and what is found in a deployment, as JSON for programs; docs/schemas says what is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from rancher_ports.model.findings import Finding, gravest_first
from rancher_ports.model.ports import Port
from rancher_ports.render.inert import shortened
from rancher_ports.render.json import port_object
from rancher_ports.render.review_sheet import sections, severities
from rancher_ports.review.changes import Change, End, Review

_VERSION = "1.0"
_LONGEST = 10_000


def review_to_json(review: Review) -> str:
    """A review as one object, the same text at every run: docs/schemas/review-1.json.

    Args:
        review: what is told, all of it.
    """
    verdicts = Counter(change.verdict for change in review.changes)
    document = {
        "format": "rancher-ports/review",
        "format_version": _VERSION,
        "verdict": review.verdict,
        "world": any(change.world for change in review.changes),
        "counts": {
            "changes": len(review.changes),
            "world": sum(change.world for change in review.changes),
            "widened": verdicts["widened"],
            "undecided": verdicts["undecided"],
            "narrowed": verdicts["narrowed"],
            "unchanged": review.unchanged,
            "rules": asdict(review.rules),
            "groups": asdict(review.groups),
            "findings": severities(review.findings),
        },
        "changes": [_change(change) for changes in sections(review).values() for change in changes],
        "findings": _findings(review.findings),
        "checked": _texts(review.checked),
        "notes": _texts(review.notes),
    }
    return _written(document)


def check_to_json(findings: tuple[Finding, ...], of: tuple[str, ...]) -> str:
    """What is found in something as one object, the same text at every run: docs/schemas/check-1.json.

    Args:
        findings: what is to be said of it.
        of: what was looked at, a line each.
    """
    document = {
        "format": "rancher-ports/check",
        "format_version": _VERSION,
        "of": _texts(of),
        "counts": severities(findings),
        "findings": _findings(findings),
    }
    return _written(document)


def _written(document: Mapping[str, object]) -> str:
    # On one line: indented, tens of thousands of changes take twice as long to write.
    return json.dumps(document) + "\n"


def _change(change: Change) -> dict[str, object]:
    return {
        "source": _end(change.source),
        "destination": _end(change.destination),
        "verdict": change.verdict,
        "certain": change.certain,
        "world": change.world,
        "opened": _ports(change.opened),
        "opened_but_for": _ports(change.opened_but_for),
        "closed": _ports(change.closed),
        "closed_but_for": _ports(change.closed_but_for),
        "rules": _texts(change.rules),
    }


def _ports(ports: Iterable[Port]) -> list[dict[str, object]]:
    return [port_object(port) for port in ports]


def _end(end: End) -> dict[str, object]:
    return {
        "kind": end.kind,
        "name": _text(end.name),
        "owner": _text(end.key.owner) if end.key else None,
        "role": _text(end.key.role) if end.key else None,
        "address": None if end.address is None else _text(end.address),
        "blocks": _texts(end.blocks),
        "but_for": _texts(end.but_for),
        "candidates": _texts(end.candidates),
    }


def _findings(findings: Iterable[Finding]) -> list[dict[str, str]]:
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "place": _text(finding.place),
            "sentence": _text(finding.sentence),
            "fix": _text(finding.fix),
        }
        for finding in gravest_first(findings)
    ]


def _texts(texts: Iterable[str]) -> list[str]:
    return [_text(text) for text in texts]


def _text(text: str) -> str:
    return shortened(text, _LONGEST)
