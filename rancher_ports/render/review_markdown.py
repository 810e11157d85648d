"""A review, and what is found in a deployment, as a comment on a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, takewhile
from typing import TypeVar

from rancher_ports.errors import refuse
from rancher_ports.model.findings import Finding, gravest_first
from rancher_ports.render.inert import code, prose
from rancher_ports.render.markdown import grid, grid_row
from rancher_ports.render.review_sheet import (
    NARROWED,
    Kind,
    Sections,
    counts,
    end_text,
    findings_heading,
    heading,
    kinds_text,
    listed,
    ports_said,
    sections,
    severities,
    severities_text,
)
from rancher_ports.review.changes import Change, Review

# GitHub takes 65,536 characters, others count bytes; and who posts it may have a line or two of their own.
LIMIT = 65_000
# In which the heading, the counts, and how many of everything are left out have room whatever the numbers are.
_LEAST = 2_000
_LEFT_OUT = 300
_RULES = 3

T = TypeVar("T")


def review_to_markdown(review: Review, *, limit: int = LIMIT) -> str:
    """What a change opens and closes, the gravest first, findings, notes, and how much there is of everything.

    What has no room is counted.

    Args:
        review: what is told.
        limit: how many bytes of UTF-8 there are at most, from 2,000.

    Raises:
        InputError: the limit is less than that.
    """
    _check(limit)
    found = sections(review)
    head, numbers = f"## {heading(found)}", f"{counts(review, found)}."
    # A quarter for findings and an eighth for the rest at most, so that neither they nor changes push the others out.
    said = [
        *_findings(review.findings, limit // 4),
        *_listed("Checked", review.checked, limit // 8),
        *_listed("Notes", review.notes, limit // 8),
    ]
    room = limit - sum(map(_size, [head, numbers, *said]))
    return _page([head, *_tables(found, room), *said, numbers])


def check_to_markdown(findings: tuple[Finding, ...], of: tuple[str, ...], *, limit: int = LIMIT) -> str:
    """What is found in something, and how much; what has no room is counted.

    Args:
        findings: what is to be said of it.
        of: what was looked at, a line each.
        limit: as for :func:`review_to_markdown`.

    Raises:
        InputError: likewise.
    """
    _check(limit)
    head = f"## {findings_heading(findings)}"
    looked_at = list(_listed("Checked", of, limit // 4))
    room = limit - sum(map(_size, [head, *looked_at]))
    return _page([head, *looked_at, *_findings(findings, room)])


def _check(limit: int) -> None:
    if limit < _LEAST:
        raise refuse("limit", limit, f"at least {_LEAST:,} bytes")


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _size(part: str) -> int:
    """How many bytes a part takes, with the blank line before it."""
    return len(part.encode()) + 2


def _tables(found: Sections, room: int) -> Iterator[str]:
    """A table for each kind of change, as far as there is room, and how many changes that leaves out."""
    room -= _LEFT_OUT
    left: dict[Kind, int] = {}
    for kind, changes in found.items():
        head = f"### {kind.title}\n\n{grid(_headers(kind), ())}"
        # What is less grave does not take the room of what had none.
        rows = [] if left else _fitting((grid_row(_cells(kind, change)) for change in changes), room - _size(head))
        if rows:
            table = "\n".join([head, *rows])
            room -= _size(table)
            yield table
        if len(rows) < len(changes):
            left[kind] = len(changes) - len(rows)
    if left:
        yield f"and {sum(left.values()):,} more: {kinds_text(left)}"


def _headers(kind: Kind) -> list[str]:
    ports = [kind.closes] if kind is NARROWED else [kind.opens, kind.closes]
    return ["from", "to", *ports, "by"]


def _cells(kind: Kind, change: Change) -> list[str]:
    closed = ports_said(change.closed, change.closed_but_for)
    ports = [closed] if kind is NARROWED else [ports_said(change.opened, change.opened_but_for), closed]
    ends = [end_text(end, code) for end in (change.source, change.destination)]
    return [*ends, *ports, listed(change.rules, code, _RULES)]


def _findings(findings: Iterable[Finding], room: int) -> Iterator[str]:
    ordered = gravest_first(findings)

    def left(shown: int) -> str:
        return f"and {len(ordered) - shown:,} more: {severities_text(severities(ordered[shown:]))}"

    return _bullets("Findings", ordered, _finding, left, room)


def _finding(finding: Finding) -> str:
    what = f"**{finding.severity}** {code(finding.code)} at {code(finding.place)}"
    return f"{what}: {prose(finding.sentence)} {prose(finding.fix)}".rstrip()


def _listed(title: str, texts: Sequence[str], room: int) -> Iterator[str]:
    return _bullets(title, texts, prose, lambda shown: f"and {len(texts) - shown:,} more", room)


def _bullets(
    title: str, values: Sequence[T], said: Callable[[T], str], left: Callable[[int], str], room: int
) -> Iterator[str]:
    """A list under its title, as far as there is room, and how many that leaves out; nothing of nothing."""
    if not values:
        return
    head = f"### {title}"
    yield head
    shown = _fitting((f"- {said(value)}" for value in values), room - _size(head) - _LEFT_OUT)
    if shown:
        yield "\n".join(shown)
    if len(shown) < len(values):
        yield left(len(shown))


def _fitting(lines: Iterable[str], room: int) -> list[str]:
    """Lines up to the first for which there is no room; none after it is made."""
    sized = ((line, len(line.encode()) + 1) for line in lines)
    ends = accumulate(sized, lambda before, line: (line[0], before[1] + line[1]))
    return [line for line, end in takewhile(lambda ended: ended[1] <= room, ends)]
