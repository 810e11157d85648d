"""A review as text: what is opened and closed, the most important first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rancher_ports.model.findings import Finding
from rancher_ports.model.ports import Port
from rancher_ports.render.inert import inert
from rancher_ports.review.changes import VERDICTS, Change, Review

_MOST_PORTS = 12
_MOST_RULES = 3
_LONGEST = 2000

# What stands above each kind of change; of a change that is not certain, what it may do.
HEADINGS: Mapping[str, str] = {
    "world": "Opened to the world",
    "widened": "Widened",
    "undecided": "Not decided before apply",
    "narrowed": "Narrowed",
}


def kind_of(change: Change) -> str:
    """Under which of ``HEADINGS`` a change stands."""
    return "world" if change.world else change.verdict


def by_kind(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes under ``HEADINGS``, in that order; those that there are."""
    found: dict[str, list[Change]] = {kind: [] for kind in HEADINGS}
    for change in changes:
        found[kind_of(change)].append(change)
    return {kind: some for kind, some in found.items() if some}


def review_to_text(review: Review) -> str:
    """What a change opens and closes, and what else there is to say of it.

    Args:
        review: what was found.
    """
    parts = [
        "\n".join([HEADINGS[kind], *(line for change in some for line in _lines(change))])
        for kind, some in by_kind(review.changes).items()
    ]
    parts += [_section("Findings", map(finding_line, review.findings)), _section("Notes", map(_whole, review.notes))]
    parts.append("\n".join(summary(review)))
    return "\n\n".join(filter(None, parts)) + "\n"


def check_to_text(findings: Sequence[Finding], of: Iterable[str]) -> str:
    """What was checked, and what was found.

    Args:
        findings: the gravest first.
        of: what was checked, a line each.
    """
    said = "\n".join(map(_whole, of))
    lines = "\n".join(map(finding_line, findings)) or "Nothing is missing."
    return f"{said}\n\n{lines}\n"


def summary(review: Review) -> Iterator[str]:
    """How much there is of everything, in two lines."""
    kinds = Counter(change.verdict for change in review.changes)
    told = [f"{kinds[verdict]} {verdict}" for verdict in VERDICTS if kinds[verdict]]
    yield ", ".join([*told, f"{review.unchanged} unchanged"]) if told else "Nothing is opened, and nothing is closed."
    counts = {"rules": review.rules, "groups": review.groups}
    yield "; ".join(
        f"{name} {tally.before} before, {tally.after} after ({tally.added} added, {tally.removed} removed)"
        for name, tally in counts.items()
    )


def finding_line(finding: Finding) -> str:
    """A finding in a line."""
    return inert(f"{finding.severity}: {finding}", _LONGEST)


def ports(of: Sequence[Port], but_for: Sequence[Port] = ()) -> str:
    """Ports in a few words: ``443/tcp, 8443/tcp``, ``all but 22/tcp``."""
    listed = [port.text for port in of[:_MOST_PORTS]]
    if len(of) > _MOST_PORTS:
        listed.append(f"and {len(of) - _MOST_PORTS:,} more")
    return f"{', '.join(listed)} but {ports(but_for)}" if but_for else ", ".join(listed)


def _lines(change: Change) -> Iterator[str]:
    yield f"  {inert(change.source.name)} -> {inert(change.destination.name)}"
    may = "" if change.certain else "may "
    opens, closes = ("opens", "closes") if change.certain else ("open", "close")
    if change.opened:
        yield f"    {may}{opens} {ports(change.opened, change.opened_but_for)}"
    if change.closed:
        yield f"    {may}{closes} {ports(change.closed, change.closed_but_for)}"
    yield f"    by {by(change)}"


def by(change: Change) -> str:
    """The rules that make a change, the first few of them."""
    listed = [inert(address) for address in change.rules[:_MOST_RULES]]
    if len(change.rules) > _MOST_RULES:
        listed.append(f"and {len(change.rules) - _MOST_RULES:,} more")
    return ", ".join(listed)


def _section(heading: str, lines: Iterable[str]) -> str:
    found = [f"  {line}" for line in lines]
    return "\n".join([heading, *found]) if found else ""


def _whole(line: str) -> str:
    return inert(line, _LONGEST)
