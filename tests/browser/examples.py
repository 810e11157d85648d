"""The pages that are looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial

from bench.plans import plan
from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Reference, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, Direction, GroupKey
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
from tests.conftest import PLANS
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
# Each of the others stands in tests/unit/test_review_page.py.
HOSTILE = (*HARM, *FRAGMENTS[::8])


@cache
def sheet() -> Page:
    """A port sheet."""
    return page_of_table(*SHEET)


@cache
def of_plan(name: str) -> Page:
    """A recorded plan's."""
    folder = PLANS / name
    return _of(
        planned.read_transition({"plan": json.loads((folder / "plan.json").read_text("utf-8"))}), is_documented=False
    )


@cache
def mixed() -> Page:
    """Of two clusters, with a change of every kind."""
    groups = {
        name: FoundGroup(name, name, GroupKey(*name.split("/")))
        for name in (f"{owner}/{role}" for owner in ("prod", "lab") for role in ROLES)
    }
    office, everybody, everybody_v6 = _block("203.0.113.0/24"), _block("0.0.0.0/0"), _block("::/0")
    staying = [
        *_flows("etcd", "etcd", "2379-2380/tcp"),
        *_flows("controlplane", "etcd", "2379-2380/tcp"),
        *_flows("worker", "controlplane", "6443/tcp"),
        *_flows("worker", "worker", "8472/udp"),
        *_flows("worker", "rancher", "443/tcp"),
        _rule("prod/worker", "egress", "all", everybody),
        _rule("prod/worker", "ingress", "all/icmp", office),
        _rule("lab/worker", "ingress", "all/50", office),
        _rule("lab/controlplane", "ingress", "6443/tcp", Reference(PeerKind.PREFIX_LIST, ("pl-0123456789abcdef0",))),
    ]
    going = [
        _rule("prod/worker", "ingress", "22/tcp", office),
        _rule("prod/worker", "ingress", "80/tcp", everybody),
        *_flows("rancher", "worker", "8443/tcp"),
    ]
    unknown = Reference(PeerKind.IPV4, (), "local.offices", certain=False)
    either = Reference(PeerKind.GROUP, ("prod/etcd", "prod/worker"), certain=False)
    coming = [
        *(_rule("prod/worker", "ingress", "443/tcp", world) for world in (everybody, everybody_v6)),
        *_flows("controlplane", "worker", "10250/tcp"),
        _rule("prod/controlplane", "ingress", "6443/tcp", unknown),
        _rule("prod/rancher", "ingress", "443/tcp", either),
        *(_rule(f"prod/{role}", "egress", "443/tcp", _group("prod/rancher")) for role in ("etcd", "worker")),
    ]
    before, after = (Inventory(groups, tuple(rules)) for rules in ([*staying, *going], [*staying, *coming]))
    return _of(Transition(before, after, notes=("Somebody looked away.",)), is_documented=True)


def _flows(source: str, destination: str, port: str) -> list[FoundRule]:
    """Both halves, in both clusters."""
    return [
        half
        for owner in ("prod", "lab")
        for half in (
            _rule(f"{owner}/{source}", "egress", port, _group(f"{owner}/{destination}")),
            _rule(f"{owner}/{destination}", "ingress", port, _group(f"{owner}/{source}")),
        )
    ]


def _rule(group: str, direction: Direction, port: str, peer: Reference) -> FoundRule:
    address = f"aws_rule.{group}_{direction}_{peer.text or peer.values[0]}_{port}"
    return FoundRule(address, _group(group), direction, Port.parse(port), peer, description=f"{direction} of {group}")


def _group(name: str) -> Reference:
    return Reference(PeerKind.GROUP, (name,))


def _block(text: str) -> Reference:
    return Reference(PeerKind.IPV6 if ":" in text else PeerKind.IPV4, (text,))


@cache
def large() -> Page:
    """Of a thousand rules, of which each changes."""
    return _of(planned.read_transition({"plan": dict(plan("all changed", 1_000))}), is_documented=False)


def _of(transition: Transition, *, is_documented: bool) -> Page:
    made = review(transition)
    documents = Documents(RKE2, choose(RKE2)) if is_documented else None
    return page_of_review(made, Known(pairs(transition, made.changes), documents))


def _hostile() -> str:
    """Of names that mean harm, each at every place that a name has."""
    reviews = [told(text) for text in HOSTILE]
    changes: dict[tuple[End, End], Change] = {}
    for made in reviews:
        changes |= {(change.source, change.destination): change for change in made.changes}
    some = [
        Pair(source, destination, (), (Passing(change.opened),), (), ((1, 1),), (change,))
        for (source, destination), change in changes.items()
    ]
    nothing = Tally(0, 0, 0, 0)
    findings = tuple(finding for made in reviews for finding in made.findings)
    whole = Review(tuple(changes.values()), 0, findings, nothing, nothing, notes=HOSTILE)
    return to_html(page_of_review(whole, Known(some)))


EXAMPLES: Mapping[str, Callable[[], str]] = {
    "sheet": lambda: to_html(sheet()),
    "mixed": lambda: to_html(mixed()),
    "large": lambda: to_html(large()),
    "cut": lambda: to_html(large(), limit=150_000),
    "nothing": lambda: to_html(of_plan("candidates")),
    "world": lambda: to_html(of_plan("opened-to-the-world")),
    "hostile": partial(_hostile),
}
