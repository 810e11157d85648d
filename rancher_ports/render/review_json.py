"""A review and a check as JSON, for programs; docs/schemas says what is in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from rancher_ports.model.findings import Finding
from rancher_ports.model.ports import ALL, Port
from rancher_ports.render.inert import inert
from rancher_ports.review.changes import VERDICTS, Change, End, Review, Tally

# What is added to it makes another minor version, anything else a major one.
FORMAT_VERSION = "1.0"
# A name of a megabyte in each of a thousand places is nothing that a program waits for.
_LONGEST = 10_000


def review_to_json(review: Review) -> str:
    """What a change opens and closes as one object, the same text at every run."""
    kinds = Counter(change.verdict for change in review.changes)
    counts: dict[str, object] = {verdict: kinds[verdict] for verdict in VERDICTS}
    counts |= {"unchanged": review.unchanged, "rules": _tally(review.rules), "groups": _tally(review.groups)}
    document = {
        "format": "rancher-ports/review",
        "format_version": FORMAT_VERSION,
        "verdict": review.verdict,
        "world": any(change.world for change in review.changes),
        "counts": counts,
        "changes": [_change(change) for change in review.changes],
        "findings": [_finding(finding) for finding in review.findings],
        "notes": [_text(note) for note in review.notes],
    }
    return json.dumps(document, indent=2) + "\n"


def check_to_json(findings: Sequence[Finding], of: Iterable[str]) -> str:
    """What was checked, and what was found, likewise.

    Args:
        findings: the gravest first.
        of: what was checked, a line each.
    """
    document = {
        "format": "rancher-ports/check",
        "format_version": FORMAT_VERSION,
        "of": [_text(line) for line in of],
        "findings": [_finding(finding) for finding in findings],
    }
    return json.dumps(document, indent=2) + "\n"


def _change(change: Change) -> dict[str, object]:
    return {
        "source": _end(change.source),
        "destination": _end(change.destination),
        "verdict": change.verdict,
        "certain": change.certain,
        "world": change.world,
        "opened": list(map(_port, change.opened)),
        "opened_but_for": list(map(_port, change.opened_but_for)),
        "closed": list(map(_port, change.closed)),
        "closed_but_for": list(map(_port, change.closed_but_for)),
        "rules": list(map(_text, change.rules)),
    }


def _end(end: End) -> dict[str, object]:
    return {
        "kind": end.kind,
        "name": _text(end.name),
        "owner": _text(end.key.owner) if end.key else None,
        "role": end.key.role if end.key else None,
        "address": _text(end.address) if end.address else None,
        "blocks": end.blocks,
        "but_for": end.but_for,
        "candidates": list(map(_text, end.candidates)),
    }


def _port(port: Port) -> dict[str, object]:
    return {
        "port": port.text,
        "protocol": "all" if port.protocol == ALL else port.protocol,
        "first_port": port.first,
        "last_port": port.last,
    }


def _tally(tally: Tally) -> dict[str, int]:
    return {"before": tally.before, "after": tally.after, "added": tally.added, "removed": tally.removed}


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "place": _text(finding.place),
        "sentence": _text(finding.sentence),
        "fix": _text(finding.fix),
    }


def _text(text: str) -> str:
    return text if len(text) <= _LONGEST else inert(text, _LONGEST)
