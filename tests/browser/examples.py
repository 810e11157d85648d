"""The pages that are looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial

from bench.plans import plan
from rancher_ports.model.inventory import Transition
from rancher_ports.model.table import choose
from rancher_ports.readers import planned
from rancher_ports.render.page.contents import Page
from rancher_ports.render.page.html import to_html
from rancher_ports.render.page.of_review import Known, page_of_review
from rancher_ports.render.page.of_table import page_of_table
from rancher_ports.review.changes import Change, End, Review, Tally
from rancher_ports.review.documented import Documents
from rancher_ports.review.pairs import Pair, Passing, pairs
from rancher_ports.review.plan import review
from rancher_ports.tables import load_table
from tests.conftest import PLANS, PLANS_OF_HCL
from tests.unit.hostile import FRAGMENTS, told

RKE2 = load_table("rke2")
SHEET = RKE2, choose(RKE2, features=["ssh-admin", "monitoring"], one_sided="documented")
HARM = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "</style><svg onload=alert(3)>",
    '" onfocus=alert(4) autofocus x="',
    "javascript:alert(5)",
    "${alert(6)}",
)


@cache
def sheet() -> Page:
    """A port sheet."""
    return page_of_table(*SHEET)


@cache
def of_plan(name: str, *, is_documented: bool = False) -> Page:
    """A recorded plan's."""
    folder = next(folder / name for folder in (PLANS, PLANS_OF_HCL) if (folder / name).exists())
    return _of(planned.read_transition({"plan": json.loads((folder / "plan.json").read_text("utf-8"))}), is_documented)


@cache
def mixed() -> Page:
    """With something of every kind, of two clusters."""
    names = ("opened-to-the-world", "unknown-block", "rule-removed", "group-replaced", "over-quota", "duplicate")
    documents = {name: json.loads((PLANS / name / "plan.json").read_text("utf-8")) for name in names}
    return _of(planned.read_transition(documents), True)


@cache
def large() -> Page:
    """Of a thousand rules, of which each changes."""
    return _of(planned.read_transition({"plan": dict(plan("all changed", 1_000))}), False)


def _of(transition: Transition, is_documented: bool) -> Page:
    made = review(transition)
    documents = Documents(RKE2, choose(RKE2)) if is_documented else None
    return page_of_review(made, Known(pairs(transition, made.changes), documents))


def _hostile() -> str:
    """Of names that mean harm, each at every place that a name has."""
    reviews = [told(text) for text in (*HARM, *FRAGMENTS)]
    changes: dict[tuple[End, End], Change] = {}
    for made in reviews:
        changes |= {(change.source, change.destination): change for change in made.changes}
    some = [
        Pair(source, destination, (), (Passing(change.opened),), (), ((1, 1),), (change,))
        for (source, destination), change in changes.items()
    ]
    nothing = Tally(0, 0, 0, 0)
    findings = tuple(finding for made in reviews for finding in made.findings)
    whole = Review(tuple(changes.values()), 0, findings, nothing, nothing, notes=(*HARM, *FRAGMENTS))
    return to_html(page_of_review(whole, Known(some)))


EXAMPLES: Mapping[str, Callable[[], str]] = {
    "sheet": lambda: to_html(sheet()),
    "mixed": lambda: to_html(mixed()),
    "large": lambda: to_html(large()),
    "nothing": lambda: to_html(of_plan("candidates")),
    "world": lambda: to_html(of_plan("opened-to-the-world")),
    "hostile": partial(_hostile),
}
