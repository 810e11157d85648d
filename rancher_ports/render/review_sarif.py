"""A review, and what is found in a deployment, as SARIF 2.1.0, for code scanning (OASIS, and GitHub's documentation).

What is opened and what is found become results at the blocks of the synthesized JSON; what is closed does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from rancher_ports.model.findings import CODES, Finding, Severity, gravest_first
from rancher_ports.render.inert import quoted, sentence, shortened
from rancher_ports.render.review_sheet import (
    MAY_WIDEN,
    MAY_WORLD,
    WIDENED,
    WORLD,
    Kind,
    change_text,
    sections,
)
from rancher_ports.review.changes import Change, Review

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub shows no more of a run.
MOST_RESULTS = 5_000
_LONGEST = 1_000

_Level = Literal["error", "warning", "note"]
_LEVELS: Mapping[Severity, _Level] = {"error": "error", "warning": "warning", "info": "note"}
# Of changes: the rule, and how grave it is. That something is opened may be meant.
_RULES: Mapping[Kind, tuple[str, _Level]] = {
    WORLD: ("opened-to-the-world", "error"),
    MAY_WORLD: ("perhaps-opened-to-the-world", "warning"),
    WIDENED: ("widened", "note"),
    MAY_WIDEN: ("perhaps-widened", "note"),
}
_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[0-9]+)\]')
_MODULE = re.compile(r"((?:.*: )?module\.[A-Za-z0-9_-]+)\.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Origin:
    """What results are of.

    Args:
        source: what was looked at, where a block stands nowhere: a reference to a file.
        places: by the address of a block, the file, as a reference relative to the repository, and the line.
        version: of the package.
    """

    source: str
    places: Mapping[str, tuple[str, int]]
    version: str


@dataclass(frozen=True, slots=True)
class _Result:
    rule: str
    level: _Level
    text: str
    addresses: tuple[str, ...]
    # What it is the same by, in another run.
    identity: str


def review_to_sarif(review: Review, origin: Origin) -> str:
    """What is opened, and what is found, as one run.

    Args:
        review: what is told.
        origin: what it is of.
    """
    changes = (_of_change(kind, change) for kind, some in sections(review).items() for change in some if kind in _RULES)
    return _log("review", [*changes, *map(_of_finding, gravest_first(review.findings))], origin)


def check_to_sarif(findings: tuple[Finding, ...], origin: Origin) -> str:
    """What is found in something, as one run.

    Args:
        findings: what is told.
        origin: what it is of.
    """
    return _log("check", map(_of_finding, gravest_first(findings)), origin)


def _of_change(kind: Kind, change: Change) -> _Result:
    rule, level = _RULES[kind]
    text = change_text(kind, change, quoted)
    return _Result(rule, level, f"{kind.title}: {text}", change.rules, text)


def _of_finding(finding: Finding) -> _Result:
    text = f"{sentence(finding.sentence)} {sentence(finding.fix)}".rstrip()
    identity = f"{finding.place} {finding.sentence}"
    return _Result(finding.code, _LEVELS[finding.severity], text, finding.where or (finding.place,), identity)


def _log(command: str, results: Iterable[_Result], origin: Origin) -> str:
    found = list(results)
    # Those of changes come first, and the gravest of everything have to be among those that are shown.
    order: tuple[_Level, ...] = ("error", "warning", "note")
    found.sort(key=lambda result: order.index(result.level))
    shown, left = found[:MOST_RESULTS], len(found[MOST_RESULTS:])
    rules = list(dict.fromkeys(result.rule for result in shown))
    driver = {"name": "rancher-ports", "version": origin.version, "rules": [*map(_rule, rules)]}
    notices = [{"level": "warning", "message": {"text": f"{left:,} further results are left out."}}] if left else []
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "automationDetails": {"id": f"rancher-ports/{command}/"},
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notices}],
                "columnKind": "unicodeCodePoints",
                "results": [_result(result, rules.index(result.rule), origin) for result in shown],
            }
        ],
    }
    return json.dumps(document) + "\n"


def _rule(rule: str) -> dict[str, object]:
    level = dict(_RULES.values()).get(rule) or _LEVELS[CODES[rule]]
    words = rule.replace("-", " ")
    return {
        "id": rule,
        "shortDescription": {"text": f"{words[0].upper()}{words[1:]}"},
        "help": {"text": f"rancher-ports, docs/{'plan-review.md' if rule not in CODES else f'findings.md#{rule}'}"},
        "defaultConfiguration": {"level": level},
    }


def _result(result: _Result, index: int, origin: Origin) -> dict[str, object]:
    found = _found(result.addresses, origin.places) or [(origin.source, 1)]
    related = [_location(*place) for place in found[1:]]
    return {
        "ruleId": result.rule,
        "ruleIndex": index,
        "level": result.level,
        "message": {"text": _message(result.text)},
        "locations": [_location(*found[0])],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"rancherPorts/v1": sha256(_bytes(f"{result.rule} {result.identity}")).hexdigest()},
    }


def _found(addresses: Iterable[str], places: Mapping[str, tuple[str, int]]) -> list[tuple[str, int]]:
    """Where blocks stand, each once; of what a module makes, where it is called."""
    found: dict[tuple[str, int], None] = {}
    for address in addresses:
        bare = _KEY.sub("", address)
        # Of several plans the name of each stands before its addresses, which no stack's file knows.
        known = [bare, bare.rpartition(": ")[2]]
        known += [module[1] for one in known if (module := _MODULE.match(one))]
        found |= dict.fromkeys([places[one] for one in known if one in places][:1])
    return list(found)


def _location(uri: str, line: int) -> dict[str, object]:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}


def _message(text: str) -> str:
    """A text in which nothing is a link: ``[text](target)`` is one in SARIF."""
    text = shortened(text, _LONGEST)
    return text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
