"""The page of a review: who reaches whom before and after, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from rancher_ports.model.findings import Finding, gravest_first
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, SERVER_ROLES
from rancher_ports.model.table import Requirement
from rancher_ports.render.inert import inert, sentence
from rancher_ports.render.page.contents import End, Entry, Group, Page, Pair, Part, Ports
from rancher_ports.render.page.details import Details
from rancher_ports.render.review_sheet import (
    KINDS,
    Kind,
    becomes,
    counts,
    end_text,
    finding_text,
    heading,
    kind_of,
    ports_said,
    sections,
)
from rancher_ports.render.sheet import KINDS as ROLE_KINDS
from rancher_ports.review import changes, pairs
from rancher_ports.review.changes import Change, Review
from rancher_ports.review.documented import Documents
from rancher_ports.review.pairs import Passing

_KINDS = {
    "server": ROLE_KINDS["server"],
    "cluster": ROLE_KINDS["cluster"],
    "group": "security group of which the role is not known",
    "outside": "addresses and prefix lists",
}
_LABELS: dict[str, str] = {
    "changed": "whatever changes",
    "world": "opened to the world",
    **dict(zip(changes.VERDICTS, changes.VERDICTS, strict=True)),
}
_VIEWS = {
    "": "",
    "ipv4": " over IPv4",
    "ipv6": " over IPv6",
    "ingress": " by ingress rules",
    "egress": " by egress rules",
}
_MARKS = (
    "+ opened",
    "- closed",
    "? a value that is known after apply alone decides",
)
_UNCHANGED = "unchanged"
# More hide what they are about.
_IN_A_CELL = 6


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a change beside its review.

    Args:
        pairs: who reaches whom before and after.
        documents: what it is held against; None for nothing.
        rows: rows of tables by id, for rules that name them in our tag.
    """

    pairs: Sequence[pairs.Pair]
    documents: Documents | None = None
    rows: Mapping[str, Requirement] = field(default_factory=lambda: MappingProxyType({}))


def page_of_review(review: Review, known: Known) -> Page:
    """What a change opens and closes, where it stands among all that passes, findings and notes.

    Args:
        review: what is told.
        known: who reaches whom, of the same change, and why.
    """
    found = sections(review)
    ends = _ends(known.pairs)
    places = {end: place for place, end in enumerate(ends)}
    details = Details(review.findings, known.documents, known.rows)
    groups: dict[Kind | None, list[Pair]] = {kind: [] for kind in (*KINDS, None)}
    for pair in known.pairs:
        kind = min(map(kind_of, pair.changes), key=KINDS.index, default=None)
        groups[kind].append(_pair(pair, (places[pair.source], places[pair.destination]), details.of(pair)))
    labels = {label for some in groups.values() for pair in some for label in pair.labels}
    return Page(
        command="rancher-ports review",
        heading=heading(found),
        counts=counts(review, found),
        is_change=True,
        ends=tuple(_end(end) for end in ends),
        kinds=_KINDS,
        groups=tuple(_group(kind, some) for kind, some in groups.items() if some),
        labels_title="Verdict",
        labels={label: text for label, text in _LABELS.items() if label in labels},
        first=tuple(_parts(Findings=(_finding(one) for one in gravest_first(review.findings)))),
        last=tuple(_parts(Checked=map(_sentence, review.checked), Notes=map(_sentence, review.notes))),
        marks=_MARKS,
    )


def _parts(**entries: Iterable[Entry]) -> Iterator[Part]:
    for title, some in entries.items():
        if of := tuple(some):
            yield Part(title, of)


def _sentence(text: str) -> Entry:
    return Entry(sentence(text))


def _finding(finding: Finding) -> Entry:
    return Entry(finding_text(finding, inert, sentence))


def _group(kind: Kind | None, some: Iterable[Pair]) -> Group:
    if kind is None:
        return Group("Unchanged", _UNCHANGED, _UNCHANGED, tuple(some))
    return Group(kind.title, kind.name, kind.name.replace(" ", "-"), tuple(some))


def _ends(found: Iterable[pairs.Pair]) -> list[changes.End]:
    """Roles by owner, in their order; then whoever else there is. Those of the gravest changes come first."""
    ends = dict.fromkeys(end for pair in found for end in (pair.destination, pair.source))
    owners = list(dict.fromkeys(end.key.owner for end in ends if end.key))

    def order(end: changes.End) -> tuple[int, int, int]:
        if end.key is None:
            return 1 if end.kind == "security group" else 2, 0, 0
        role = end.key.role
        return 0, owners.index(end.key.owner), ROLES.index(role) if role in ROLES else len(ROLES)

    return sorted(ends, key=order)


def _end(end: changes.End) -> End:
    role = end.key.role if end.key else ""
    if role:
        kind = "server" if role in SERVER_ROLES else "cluster"
    else:
        kind = "group" if end.kind == "security group" else "outside"
    name = end_text(end, inert)
    return End(name, kind, inert(role) if role else "", name if kind != "outside" else "")


def _pair(pair: pairs.Pair, ends: tuple[int, int], details: tuple[Part, ...]) -> Pair:
    verdicts = dict.fromkeys(change.verdict for change in pair.changes)
    world = ("world",) if any(change.world for change in pair.changes) else ()
    ports = [*_becoming(pair.changes), *_staying(pair.stays)]
    return Pair(
        *ends,
        labels=("changed", *world, *verdicts) if pair.changes else (_UNCHANGED,),
        ports=tuple(ports),
        points=pair.points,
        said="; ".join(becomes(kind_of(change), change) for change in pair.changes),
        before=tuple(_passing(one) for one in pair.before),
        after=tuple(_passing(one) for one in pair.after),
        details=details,
    )


def _passing(passing: Passing) -> str:
    perhaps = "" if passing.certain else "perhaps "
    return f"{perhaps}{ports_said(passing.ports, passing.but_for)}{_VIEWS[passing.view]}"


def _becoming(some: Iterable[Change]) -> Iterator[Ports]:
    for change in some:
        for sign, mark, ports, but_for in (
            ("+", "opened", change.opened, change.opened_but_for),
            ("-", "closed", change.closed, change.closed_but_for),
        ):
            for text in _lines(ports, but_for):
                yield Ports(f"{sign}{text}", mark) if change.certain else Ports(f"?{sign}{text}", f"perhaps-{mark}")


def _staying(passing: Iterable[Passing]) -> Iterator[Ports]:
    for one in passing:
        for text in _lines(one.ports, one.but_for):
            yield Ports(text) if one.certain else Ports(f"?{text}", "perhaps")


def _lines(ports: Sequence[Port], but_for: Sequence[Port]) -> Iterator[str]:
    """Ports as they stand below each other; on one line where some are left out, or where there are many."""
    if but_for or len(ports) > _IN_A_CELL:
        yield ports_said(ports, but_for)
    else:
        yield from map(str, ports)
