"""What people read of a review, whatever it is written as: its parts in their order, and its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rancher_ports.errors import one_of
from rancher_ports.model.findings import SEVERITIES, Finding
from rancher_ports.model.ports import Port
from rancher_ports.review.changes import Change, End, Review, Tally

# More hide what they are about.
_PORTS, _NAMES = 20, 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """What becomes of the access that a change is about.

    Args:
        heading: what is said of a review of which it is the gravest.
        title: what stands above the changes.
        name: after a number: ``34 narrowed``.
        opens: the verb for ports that are opened.
        closes: likewise, closed.
    """

    heading: str
    title: str
    name: str
    opens: str = "opens"
    closes: str = "closes"


_MAY = ("may open", "may close")

WORLD = Kind("Opens ports to the world", "Opened to the world", "opened to the world")
MAY_WORLD = Kind("May open ports to the world", "May be opened to the world", "perhaps opened to the world", *_MAY)
WIDENED = Kind("Widens access", "Widened", "widened")
MAY_WIDEN = Kind("May widen access", "May be opened", "perhaps widened", *_MAY)
MAY_NARROW = Kind("May narrow access", "May be closed", "perhaps narrowed", *_MAY)
NARROWED = Kind("Narrows access", "Narrowed", "narrowed")
# The gravest first; what is undecided before what is narrowed.
KINDS = (WORLD, MAY_WORLD, WIDENED, MAY_WIDEN, MAY_NARROW, NARROWED)

Sections = Mapping[Kind, Sequence[Change]]


def sections(review: Review) -> Sections:
    """The changes by kind, the gravest first; kinds of which there are none are not in it."""
    found: dict[Kind, list[Change]] = {kind: [] for kind in KINDS}
    for change in review.changes:
        found[kind_of(change)].append(change)
    return {kind: changes for kind, changes in found.items() if changes}


def kind_of(change: Change) -> Kind:
    """What becomes of the access that a change is about."""
    if not change.opened:
        return NARROWED if change.certain else MAY_NARROW
    if change.certain:
        return WORLD if change.world else WIDENED
    return MAY_WORLD if change.world else MAY_WIDEN


def heading(found: Sections) -> str:
    """The verdict in words."""
    return next((kind.heading for kind in found), "Changes nothing")


def counts(review: Review, found: Sections) -> str:
    """How many there are of everything, on one line."""
    changes = kinds_text({kind: len(some) for kind, some in found.items()})
    total = counted(len(review.changes), "change")
    return "; ".join(
        [
            *([f"{total}: {changes}"] if changes else []),
            f"{counted(review.unchanged, 'pair')} unchanged",
            _tally(review.rules, "rule"),
            _tally(review.groups, "group"),
        ]
    )


def _tally(tally: Tally, what: str) -> str:
    changed = f"{tally.added:,} added, {tally.removed:,} removed"
    return f"{counted(tally.before, what)} before and {tally.after:,} after ({changed})"


def kinds_text(numbers: Mapping[Kind, int]) -> str:
    """How many there are of each kind: ``1,200 widened, 34 narrowed``."""
    return ", ".join(f"{number:,} {kind.name}" for kind, number in numbers.items() if number)


def severities(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each severity, of all of them."""
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in SEVERITIES}


def findings_heading(findings: Iterable[Finding]) -> str:
    """How many findings there are, as a heading."""
    return severities_text(severities(findings)) or "No findings"


def finding_text(finding: Finding, name: Callable[[str], str], text: Callable[[str], str]) -> str:
    """A finding in one line.

    Args:
        finding: what is found.
        name: how a name is written.
        text: how a sentence is.
    """
    what = f"{finding.severity} {name(finding.code)} at {name(finding.place)}"
    return f"{what}: {text(finding.sentence)} {text(finding.fix)}".rstrip()


def severities_text(numbers: Mapping[str, int]) -> str:
    """How many there are of each severity: ``1 error, 2 warnings, 3 info``; empty if there are none."""
    said = {severity: severity if severity == "info" else f"{severity}s" for severity in numbers}
    return ", ".join(
        f"{number:,} {severity if number == 1 else said[severity]}" for severity, number in numbers.items() if number
    )


def counted(number: int, what: str) -> str:
    """A number of things: ``1 rule``, ``1,200 rules``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def end_text(end: End, said: Callable[[str], str]) -> str:
    """Who is at one end: the name, and what else is known of it.

    Args:
        end: whom it is about.
        said: how a name is written.
    """
    name, blocks, candidates = said(end.name), listed(end.blocks, said), listed(end.candidates, said)
    # A name that only lists them says no more than they do.
    if end.blocks and end.name == ", ".join(end.blocks):
        name, blocks = blocks, ""
    if end.candidates and end.name == one_of(end.candidates):
        name, candidates = f"one of {candidates}", ""
    if end.but_for:
        name += f" but for {listed(end.but_for, said)}"
    also = "; ".join(filter(None, [blocks, candidates and f"one of {candidates}"]))
    return f"{name} ({also})" if also else name


def change_text(kind: Kind, change: Change, said: Callable[[str], str]) -> str:
    """What becomes of the access from one end to another: ``prod/a -> prod/b: opens 443/tcp; closes 80/tcp``."""
    return f"{end_text(change.source, said)} -> {end_text(change.destination, said)}: {becomes(kind, change)}"


def becomes(kind: Kind, change: Change) -> str:
    """What becomes of ports: ``opens 443/tcp; closes 80/tcp``."""
    ports = [f"{kind.opens} {ports_said(change.opened, change.opened_but_for)}"] if change.opened else []
    ports += [f"{kind.closes} {ports_said(change.closed, change.closed_but_for)}"] if change.closed else []
    return "; ".join(ports)


def ports_said(ports: Sequence[Port], but_for: Sequence[Port] = ()) -> str:
    """Ports as tables write them, shortened where there are many: ``443/tcp, 8443/tcp``, ``all but 22/tcp``."""
    said = listed(ports, str, _PORTS)
    return f"{said} but {listed(but_for, str, _PORTS)}" if but_for else said


def listed(values: Sequence[T], said: Callable[[T], str], most: int | None = _NAMES) -> str:
    """Some values, and how many more there are: ``a, b and 12 more``.

    Args:
        values: in their order.
        said: how one is written.
        most: how many are named; None for all.
    """
    named = ", ".join(map(said, values[:most]))
    left = len(values) - len(values[:most])
    return f"{named} and {left:,} more" if left else named
