"""A review, and what is found in a deployment, as lines of plain text; render/terminal.py prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from rancher_ports.model.findings import Finding
from rancher_ports.render.inert import quoted, sentence
from rancher_ports.render.review_sheet import (
    MAY_NARROW,
    MAY_WIDEN,
    MAY_WORLD,
    NARROWED,
    WIDENED,
    WORLD,
    Kind,
    counts,
    end_text,
    findings_heading,
    gravest_first,
    heading,
    listed,
    ports_said,
    sections,
)
from rancher_ports.review.changes import Change, Review

Style = Literal["", "bold", "red", "yellow", "green", "blue"]

_KINDS: dict[Kind, Style] = {
    WORLD: "red",
    MAY_WORLD: "red",
    WIDENED: "yellow",
    MAY_WIDEN: "yellow",
    MAY_NARROW: "blue",
    NARROWED: "green",
}
_SEVERITIES: dict[str, Style] = {"error": "red", "warning": "yellow", "info": ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One line, where there is room for it.

    Args:
        text: what it says, of characters that are seen.
        indent: how far from the left it begins.
        style: how a terminal shows it.
    """

    text: str
    indent: int = 0
    style: Style = ""


def review_lines(review: Review, rules: int | None = 3) -> list[Line]:
    """What a change opens and closes, what else there is to say of it, and how much there is of everything.

    Args:
        review: what is told. One of which there is nothing to tell is one line.
        rules: how many addresses of rules stand with a change; None for all.
    """
    found = sections(review)
    parts = [_part(kind.title, _changes(kind, some, rules)) for kind, some in found.items()]
    parts += [_part("Findings", _findings(review.findings)), _part("Notes", _listed(review.notes))]
    said, numbers = heading(found), counts(review, found)
    if not any(parts):
        return [Line(f"{said}: {numbers}")]
    return [Line(said, style="bold"), *chain(*parts), Line(""), Line(numbers)]


def check_lines(findings: tuple[Finding, ...], of: tuple[str, ...]) -> list[Line]:
    """What is found in something, and how much.

    Args:
        findings: what is to be said of it.
        of: what was looked at, a line each.
    """
    parts = [_part("Checked", _listed(of)), _part("Findings", _findings(findings))]
    return [Line(findings_heading(findings), style="bold"), *chain(*parts)]


def _part(title: str, lines: Iterable[Line]) -> list[Line]:
    """Lines under their title; none without lines."""
    lines = list(lines)
    return [Line(""), Line(title, style="bold"), *lines] if lines else []


def _changes(kind: Kind, changes: Iterable[Change], rules: int | None) -> Iterator[Line]:
    for change in changes:
        ends = f"{end_text(change.source, quoted)} -> {end_text(change.destination, quoted)}"
        ports = [f"{kind.opens} {ports_said(change.opened, change.opened_but_for)}"] if change.opened else []
        ports += [f"{kind.closes} {ports_said(change.closed, change.closed_but_for)}"] if change.closed else []
        yield Line(f"{ends}: {'; '.join(ports)}", 2, _KINDS[kind])
        if change.rules and rules != 0:
            yield Line(f"by {listed(change.rules, quoted, rules)}", 4)


def _findings(findings: Iterable[Finding]) -> Iterator[Line]:
    for finding in gravest_first(findings):
        what = f"{finding.severity} {quoted(finding.code)} at {quoted(finding.place)}"
        said = f"{what}: {sentence(finding.sentence)} {sentence(finding.fix)}".rstrip()
        yield Line(said, 2, _SEVERITIES[finding.severity])


def _listed(texts: Iterable[str]) -> Iterator[Line]:
    return (Line(sentence(text), 2) for text in texts)
