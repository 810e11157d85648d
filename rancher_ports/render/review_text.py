"""A review, and what is found in a deployment, as text for a terminal, or for whatever stands in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from textwrap import wrap
from typing import Literal

from rancher_ports.model.findings import Finding, gravest_first
from rancher_ports.render.inert import quoted, sentence
from rancher_ports.render.review_sheet import (
    MAY_NARROW,
    MAY_WIDEN,
    MAY_WORLD,
    NARROWED,
    WIDENED,
    WORLD,
    Kind,
    change_text,
    counts,
    finding_text,
    findings_heading,
    heading,
    listed,
    sections,
)
from rancher_ports.render.text import NARROW
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


# A text as a terminal shows it in a style.
Styled = Callable[[str, Style], str]


def review_to_text(
    review: Review, *, width: int | None = None, styled: Styled | None = None, rules: int | None = 3
) -> str:
    """What a change opens and closes, the gravest first, findings, notes, and how much there is of everything.

    Args:
        review: what is told.
        width: how many characters go on a line; None for as many as there are. What has no blank in it stays on one
            line all the same.
        styled: makes a text what a terminal shows in a style; None where there are none.
        rules: how many addresses of rules stand with a change; None for all.
    """
    return "".join(_shown(_review_lines(review, rules), width, styled))


def check_to_text(
    findings: tuple[Finding, ...], of: tuple[str, ...], *, width: int | None = None, styled: Styled | None = None
) -> str:
    """What is found in something, and how much.

    Args:
        findings: what is to be said of it.
        of: what was looked at, a line each.
        width: as for :func:`review_to_text`.
        styled: likewise.
    """
    return "".join(_shown(_check_lines(findings, of), width, styled))


def _shown(lines: Iterable[Line], width: int | None, styled: Styled | None) -> Iterator[str]:
    for line in lines:
        indent = " " * line.indent
        for part in [line.text] if width is None else _broken(line.text, max(width, NARROW) - line.indent):
            yield f"{indent}{styled(part, line.style) if styled and line.style else part}\n"


def _broken(text: str, room: int) -> list[str]:
    # What is one line already, as most are, need not be looked at word by word.
    if len(text) <= room:
        return [text]
    return wrap(text, room, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _review_lines(review: Review, rules: int | None) -> list[Line]:
    found = sections(review)
    parts = [_part(kind.title, _changes(kind, some, rules)) for kind, some in found.items()]
    parts += [_part("Findings", _findings(review.findings)), _part("Checked", _listed(review.checked))]
    parts += [_part("Notes", _listed(review.notes))]
    said, numbers = heading(found), counts(review, found)
    if not any(parts):
        return [Line(f"{said}: {numbers}")]
    return [Line(said, style="bold"), *chain(*parts), Line(""), Line(numbers)]


def _check_lines(findings: tuple[Finding, ...], of: tuple[str, ...]) -> list[Line]:
    parts = [_part("Checked", _listed(of)), _part("Findings", _findings(findings))]
    return [Line(findings_heading(findings), style="bold"), *chain(*parts)]


def _part(title: str, lines: Iterable[Line]) -> list[Line]:
    """Lines under their title; none without lines."""
    lines = list(lines)
    return [Line(""), Line(title, style="bold"), *lines] if lines else []


def _changes(kind: Kind, changes: Iterable[Change], rules: int | None) -> Iterator[Line]:
    for change in changes:
        yield Line(change_text(kind, change, quoted), 2, _KINDS[kind])
        if change.rules and rules != 0:
            yield Line(f"by {listed(change.rules, quoted, rules)}", 4)


def _findings(findings: Iterable[Finding]) -> Iterator[Line]:
    for finding in gravest_first(findings):
        yield Line(finding_text(finding, quoted, sentence), 2, _SEVERITIES[finding.severity])


def _listed(texts: Iterable[str]) -> Iterator[Line]:
    return (Line(sentence(text), 2) for text in texts)
