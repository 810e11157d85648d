"""A review as Markdown, for a comment: never longer than one may be, the most important first, the rest counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rancher_ports.model.findings import Finding
from rancher_ports.model.ports import Port
from rancher_ports.render.inert import code, sentence
from rancher_ports.render.markdown import grid
from rancher_ports.render.review_text import HEADINGS, by_kind, ports, summary
from rancher_ports.review.changes import Change, End, Review

# GitHub refuses a comment with more (REST API, "body is too long (maximum is 65536 characters)").
MOST = 65_536

# For what stands below what is left out, and for telling what that is.
_RESERVED = 2_000
_MOST_RULES = 3
_HEADERS = ("from", "to", "opens", "closes", "by")

_TITLES: Mapping[str, str] = {
    "world": "Opens ports to the world",
    "widened": "Widens who reaches whom",
    "undecided": "May change who reaches whom",
    "narrowed": "Narrows who reaches whom",
    "unchanged": "Opens nothing and closes nothing",
}


def review_to_markdown(review: Review, most: int = MOST) -> str:
    """What a change opens and closes, and what else there is to say of it.

    Args:
        review: what was found.
        most: how many characters, and bytes, it may have; at least 4,096.

    Returns:
        All of it, where there is room; else what comes first, and how much is left out.
    """
    kinds = by_kind(review.changes)
    page = _Page(f"## {_TITLES[next(iter(kinds), 'unchanged')]}\n", most - _RESERVED)
    for kind, changes in kinds.items():
        heading = f"\n### {HEADINGS[kind]}\n\n{grid(_HEADERS, [])}\n"
        page.add(heading, (_row(change) for change in changes), len(changes), HEADINGS[kind].lower())
    page.add("\n### Findings\n\n", map(_finding, review.findings), len(review.findings), "findings")
    page.add("\n### Notes\n\n", (f"- {sentence(note)}\n" for note in review.notes), len(review.notes), "notes")
    return page.text(f"\n{' '.join(f'{line}.' for line in _ended(summary(review)))}\n")


def check_to_markdown(findings: Sequence[Finding], of: Iterable[str], most: int = MOST) -> str:
    """What was checked, and what was found; likewise.

    Args:
        findings: the gravest first.
        of: what was checked, a line each.
        most: how many characters, and bytes, it may have.
    """
    kinds = Counter(finding.severity for finding in findings)
    said = ", ".join(f"{count} {severity}" for severity, count in kinds.items())
    page = _Page(f"## {said.capitalize() if said else 'Nothing is missing'}\n", most - _RESERVED)
    lines = [f"- {sentence(line)}\n" for line in of]
    page.add("\n", lines, len(lines), "of what was checked")
    page.add("\n### Findings\n\n", map(_finding, findings), len(findings), "findings")
    return page.text("")


class _Page:
    """A text that grows while there is room."""

    def __init__(self, beginning: str, most: int) -> None:
        self._parts = [beginning]
        self._room = most - len(beginning.encode())
        self._left_out: list[str] = []

    def add(self, heading: str, entries: Iterable[str], count: int, what: str) -> None:
        """Add a section, as many of its entries as there is room for."""
        if not count:
            return
        shown = 0
        for entry in entries:
            needed = len(entry.encode()) + (0 if shown else len(heading.encode()))
            if needed > self._room:
                # What comes later is less important, even where it is short.
                self._room = 0
                break
            self._parts += [entry] if shown else [heading, entry]
            self._room -= needed
            shown += 1
        if shown < count:
            self._left_out.append(f"{count - shown:,} {what}")

    def text(self, ending: str) -> str:
        """All of it, with what was left out and an ending."""
        left_out = f"\nNot shown, since there is no room: {', '.join(self._left_out)}.\n" if self._left_out else ""
        return "".join([*self._parts, left_out, ending])


def _row(change: Change) -> str:
    rules = [code(address) for address in change.rules[:_MOST_RULES]]
    if len(change.rules) > _MOST_RULES:
        rules.append(f"and {len(change.rules) - _MOST_RULES:,} more")
    cells = (
        _end(change.source),
        _end(change.destination),
        _ports(change.opened, change.opened_but_for, change),
        _ports(change.closed, change.closed_but_for, change),
        ", ".join(rules),
    )
    return f"| {' | '.join(cells)} |\n"


def _ports(of: Sequence[Port], but_for: Sequence[Port], change: Change) -> str:
    return f"{'' if change.certain or not of else 'perhaps '}{ports(of, but_for)}"


def _end(end: End) -> str:
    if end.candidates:
        return f"one of {_listed(end.candidates, code)}"
    return code(end.name)


def _listed(names: Sequence[str], shown: Callable[[str], str], most: int = 8) -> str:
    found = [shown(name) for name in names[:most]]
    return ", ".join([*found, *([f"and {len(names) - most:,} more"] if len(names) > most else [])])


def _finding(finding: Finding) -> str:
    return f"- **{finding.severity}** `{finding.code}`: {sentence(f'{finding.sentence} {finding.fix}')}\n"


def _ended(lines: Iterable[str]) -> Iterator[str]:
    return (line.removesuffix(".") for line in lines)
