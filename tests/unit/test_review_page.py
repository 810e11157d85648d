"""The page of a review: it says what the other formats say, where it stands, and why; and it is harmless and small."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plans import plan
from rancher_ports.errors import InputError
from rancher_ports.model.findings import Finding
from rancher_ports.model.inventory import FoundRule, Reference, Transition
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.table import choose
from rancher_ports.readers import planned
from rancher_ports.render.inert import inert
from rancher_ports.render.page.html import LIMIT, to_html
from rancher_ports.render.page.of_review import Known, page_of_review
from rancher_ports.render.page.of_table import page_of_table
from rancher_ports.render.review_json import review_to_json
from rancher_ports.render.review_sheet import change_text, counts, end_text, heading, sections
from rancher_ports.review.changes import Change, End, Review, Tally
from rancher_ports.review.documented import Documents
from rancher_ports.review.pairs import MOST_RULES, Pair, Passing, pairs
from rancher_ports.review.plan import review
from rancher_ports.tables import load_table
from tests.conftest import GOLDENS, PLANS, PLANS_OF_HCL
from tests.unit.hostile import FRAGMENTS, reviews, told
from tests.unit.pages import Node, cells_of, pairs_of, read_page
from tests.unit.strategies import FEW, RKE1

SHAPES = sorted([*PLANS.iterdir(), *PLANS_OF_HCL.iterdir()])
RKE2 = load_table("rke2")
NOTHING = Review((), 0, (), Tally(0, 0, 0, 0), Tally(0, 0, 0, 0))
ETCD, WORKER = (End("security group", f"prod/{role}", GroupKey("prod", role)) for role in ("etcd", "worker"))
WORLD = End("ipv4", "0.0.0.0/0", blocks=("0.0.0.0/0",))
SSH, HTTPS = Port.tcp(22), Port.tcp(443)


def _transition(shape: Path) -> Transition:
    return planned.read_transition({"plan": json.loads((shape / "plan.json").read_text("utf-8"))})


def _made(transition: Transition, **known: Any) -> tuple[Review, str]:
    made = review(transition)
    return made, to_html(page_of_review(made, Known(pairs(transition, made.changes), **known)))


def _pair(source: End, destination: End, *changes: Change, rules: Iterable[FoundRule] = (), **of: Any) -> Pair:
    passing = {"before": (), "after": (Passing((HTTPS,)),), "stays": (), "points": (HTTPS.span,), **of}
    return Pair(source, destination, changes=changes, rules=tuple(rules), **passing)


def _page_of(some: Iterable[Pair], of: Review = NOTHING, **known: Any) -> str:
    some = tuple(some)
    made = replace(of, changes=tuple(dict.fromkeys(change for pair in some for change in pair.changes)))
    return to_html(page_of_review(made, Known(some, **known)))


def _rule(address: str, **of: Any) -> FoundRule:
    group, block = Reference(PeerKind.GROUP, ("g",)), Reference(PeerKind.IPV4, ("0.0.0.0/0",))
    return FoundRule(address, group, "ingress", HTTPS, block, **of)


# It agrees with the other formats.


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.parent.name}/{shape.name}")
def test_every_change_of_the_json_is_on_the_page_with_its_verdict(shape: Path) -> None:
    made, html = _made(_transition(shape))
    page, document = read_page(html), json.loads(review_to_json(made))
    found = sections(made)
    assert page.one("h1").text == heading(found)
    assert page.one("p", class_="counts").text == counts(made, found)
    listed = pairs_of(page)
    for (kind, change), told_of in zip(
        ((kind, change) for kind, some in found.items() for change in some), document["changes"], strict=True
    ):
        about = list(_about(change_text(kind, change, inert), listed))
        assert about
        labels = [details.attributes["data-v"].split() for details in about]
        assert all(told_of["verdict"] in of and ("world" in of) >= told_of["world"] for of in labels)
    changed = [details for details in listed.values() if "changed" in details.attributes["data-v"].split()]
    assert bool(changed) is bool(document["changes"])
    assert {details.attributes["class"] for details in listed.values() if details not in changed} <= {"unchanged"}
    for finding in document["findings"]:
        assert finding["sentence"] in page.one("section", class_="findings").text
    for note in document["notes"]:
        assert note in page.one("section", class_="notes").text


def _about(line: str, listed: dict[tuple[str, str], Node]) -> Iterator[Node]:
    """Pairs of which a line of the text is told: by their ends and what becomes of them, or in their details."""
    for (source, destination), details in listed.items():
        said = "".join(part.text for part in details.all("span", class_="said"))
        ends, becomes = f"{source} -> {destination}: ", line.partition(f"{source} -> {destination}: ")[2]
        is_own = line.startswith(ends) and becomes and f"; {becomes}; " in f"; {said}; "
        if is_own or line in [entry.text for entry in details.one("div").all("li")]:
            yield details


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.parent.name}/{shape.name}")
def test_each_pair_has_its_cell_with_before_and_after(shape: Path) -> None:
    made = review(_transition(shape))
    some = pairs(_transition(shape), made.changes)
    page = read_page(to_html(page_of_review(made, Known(some))))
    if not some:
        assert "Nobody reaches anybody." in page.text
        return
    cells = cells_of(page)
    listed = pairs_of(page)
    assert cells.keys() == listed.keys()
    assert len(cells) == len(some)
    for pair in some:
        lines = cells[end_text(pair.source, inert), end_text(pair.destination, inert)]
        for one in pair.stays:
            # What is more than a few stands on one line.
            assert {f"{'' if one.certain else '?'}{port}" for port in one.ports[:1]} <= {
                part for line in lines for part in line.replace(" but", ",").split(", ")
            }
        assert pair.changes or len(lines) >= len(pair.stays)
    for ends, details in listed.items():
        if "changed" in details.attributes["data-v"].split():
            before, after = (part.text for part in details.all("span", class_="ports"))
            assert before.startswith("before: ")
            assert after.startswith("after: ")
            assert (before, after) != ("before: nothing", "after: nothing")
            assert cells[ends][0] == details.one("b").text


def test_before_and_after_stand_side_by_side() -> None:
    change = Change(WORLD, WORKER, (HTTPS,), (SSH,), world=True, rules=("r.new",))
    some = _pair(
        WORLD,
        WORKER,
        change,
        before=(Passing((SSH, Port.tcp(80))),),
        after=(Passing((HTTPS, Port.tcp(80))), Passing((Port.udp(53),), certain=False)),
        stays=(Passing((Port.tcp(80),)), Passing((Port.all(),), (SSH,), certain=False)),
    )
    page = read_page(_page_of([some]))
    expected = ["opened to the world", "+443/tcp", "-22/tcp", "80/tcp", "?all but 22/tcp"]
    assert cells_of(page) == {("0.0.0.0/0", "prod/worker"): expected}
    (details,) = page.all("details")
    said = [part.text for part in details.one("summary").parts]
    assert said == [
        "opened to the world",
        "0.0.0.0/0 to prod/worker",
        "opens 443/tcp; closes 22/tcp",
        "before: 22/tcp, 80/tcp",
        "after: 443/tcp, 80/tcp, perhaps 53/udp",
    ]
    assert page.one("h1").text == "Opens ports to the world"
    assert [link.attributes["href"] for link in page.one("p", class_="jumps").all("a")] == ["#opened-to-the-world"]


def test_what_is_undecided_is_marked_and_told_as_the_review_tells_it() -> None:
    both = End("security group", "one of prod/etcd, prod/worker", candidates=("prod/etcd", "prod/worker"))
    change = Change(WORLD, both, (HTTPS,), (), certain=False, rules=("r.vague",))
    some = [_pair(WORLD, end, change, after=(Passing((HTTPS,), certain=False),)) for end in (ETCD, WORKER)]
    page = read_page(_page_of(some))
    assert set(map(tuple, cells_of(page).values())) == {("perhaps widened", "?+443/tcp")}
    assert [one.one("i").text for one in page.one("tbody").all("ins")] == ["?+443/tcp"] * len(cells_of(page))
    told_of = pairs_of(page)["0.0.0.0/0", "prod/etcd"].one("div").text
    assert told_of == "All together0.0.0.0/0 -> one of prod/etcd, prod/worker: may open 443/tcp"


def test_roles_come_first_by_owner_and_those_of_changes_before_others() -> None:
    other = [
        End("security group", f"lab/{role}", GroupKey("lab", role)) for role in ("worker", "etcd", "agents", "nodes")
    ]
    outside, group = End("prefix list", "pl-1"), End("security group", "sg-1")
    change = Change(WORLD, WORKER, (HTTPS,), (), world=True)
    some = [_pair(WORLD, WORKER, change), *(_pair(end, ETCD) for end in (outside, *other, group))]
    page = read_page(_page_of(some))
    head, *rows = page.one("table").all("tr")
    assert [cell.text for cell in head.parts][1:] == ["prod/etcd", "prod/worker"]
    names = [row.parts[0].text for row in rows]
    assert names == ["lab/etcd", "lab/worker", "lab/agents", "lab/nodes", "sg-1", "0.0.0.0/0", "pl-1"]
    kinds = [row.parts[0].attributes["class"] for row in rows]
    assert kinds == ["cluster"] * 4 + ["group", "outside", "outside"]
    ends = [option.attributes["value"] for option in page.one("select", name="end").all("option")]
    assert ends[:5] == ["", "role:etcd", "role:worker", "role:agents", "role:nodes"]
    assert "name:sg-1" in ends
    assert "name:pl-1" not in ends


# Why.


def test_details_have_the_rules_what_they_say_and_the_findings_about_them() -> None:
    change = Change(WORLD, WORKER, (HTTPS,), (), world=True, rules=("r.new",))
    rules = [_rule("r.new", description="Ingress of\nsomebody"), _rule("r.old"), _rule("r.old", description="again")]
    findings = (
        Finding("quota", "error", "prod/worker", "Too many.", "Fewer."),
        Finding("one-sided", "warning", "elsewhere", "One end.", "Both.", where=("r.old",)),
        Finding("one-sided", "warning", "somewhere", "One end.", "Both.", where=("r.none",)),
        Finding("replaced-group", "warning", "0.0.0.0/0", "Of the source.", "None."),
    )
    some = [_pair(WORLD, WORKER, change, rules=rules), _pair(ETCD, ETCD)]
    page = read_page(_page_of(some, replace(NOTHING, findings=findings)))
    listed = pairs_of(page)
    parts = _parts(listed["0.0.0.0/0", "prod/worker"])
    assert parts == {
        "Rules that come, go or differ": ["r.newIngress of\\nsomebody"],
        "Rules that stay": ["r.oldagain"],
        "Findings": [
            "warning replaced-group at 0.0.0.0/0",
            "error quota at prod/worker",
            "warning one-sided at elsewhere",
        ],
    }
    assert _parts(listed["prod/etcd", "prod/etcd"]) == {}
    said = page.one("section", class_="findings").text
    assert said.startswith("Findingserror quota at prod/worker: Too many. Fewer.")


def _parts(details: Node) -> dict[str, list[str]]:
    title, *_ = found = details.one("div").parts or [Node("h4")]
    assert title.tag == "h4"
    return (
        {
            name.text: [entry.text for entry in entries.parts]
            for name, entries in zip(found[::2], found[1::2], strict=True)
        }
        if len(found) > 1
        else {}
    )


def test_of_many_rules_and_findings_some_are_named() -> None:
    rules = [_rule(f"r.{number}") for number in range(MOST_RULES)]
    findings = tuple(Finding("one-sided", "warning", f"p{number}", "x", "y", ("r.1",)) for number in range(7))
    page = read_page(_page_of([_pair(WORLD, WORKER, rules=rules)], replace(NOTHING, findings=findings)))
    parts = _parts(page.one("details"))
    assert parts["Rules that stay"][-1] == "and perhaps more"
    assert parts["Findings"][-1] == "and 2 more"


def test_documents_say_why_and_what_they_do_not_have() -> None:
    documents = Documents(RKE2, choose(RKE2))
    ports: dict[str, Any] = {
        "after": (Passing((Port.tcp_range(2379, 2380), SSH)),),
        "points": (SSH.span, (395595, 395596)),
    }
    server = End("security group", "lab/rancher", GroupKey("lab", "rancher"))
    nodes = End("security group", "prod/nodes", GroupKey("prod", "nodes"))
    elsewhere = End("security group", "lab/etcd", GroupKey("lab", "etcd"))
    some = [
        _pair(ETCD, ETCD, **ports),
        _pair(nodes, ETCD, **ports),
        _pair(elsewhere, ETCD, **ports),
        _pair(WORKER, server),
        _pair(WORLD, End("security group", "sg-1")),
    ]
    listed = pairs_of(read_page(_page_of(some, documents=documents)))
    of_etcd = _parts(listed["prod/etcd", "prod/etcd"])
    rows = [entry.partition(",")[0] for entry in of_etcd["Documented"]]
    assert rows == ["2379/tcp", "2380/tcp"]
    assert "etcd client requests: ingress, egress (derived)rke2/etcd/ingress/2379/tcp" in of_etcd["Documented"][0]
    assert of_etcd["In no document"] == ["22/tcp"]
    # Nodes of every role are in that group.
    assert _parts(listed["prod/nodes", "prod/etcd"]) == {**of_etcd, "Documented": of_etcd["Documented"]}
    # So are those of agents, which the documents do not know by that name.
    agents = End("security group", "prod/agents", GroupKey("prod", "agents"))
    (of_agents,) = pairs_of(read_page(_page_of([_pair(agents, ETCD, **ports)], documents=documents))).values()
    assert _parts(of_agents) == _parts(listed["prod/nodes", "prod/etcd"])
    # What documents say of the nodes of one cluster they do not say of another's.
    lab_nodes = _pair(End("security group", "lab/nodes", GroupKey("lab", "nodes")), ETCD, **ports)
    (of_lab,) = pairs_of(read_page(_page_of([lab_nodes], documents=documents))).values()
    assert _parts(of_lab) == {"In no document": ["22/tcp, 2379-2380/tcp"]}
    assert _parts(listed["lab/etcd", "prod/etcd"]) == {"In no document": ["22/tcp, 2379-2380/tcp"]}
    assert list(_parts(listed["prod/worker", "lab/rancher"])) == ["Documented"]
    assert _parts(listed["0.0.0.0/0", "sg-1"]) == {"Documented": ["Neither end is a role that documents speak of."]}


def test_of_slots_that_are_filled_those_count_in_which_somebody_is() -> None:
    office, own = (
        End("ipv4", "203.0.113.0/24", blocks=("203.0.113.0/24",)),
        End("security group", "sg-0123456789abcdef0"),
    )
    rancher = End("security group", "prod/rancher", GroupKey("prod", "rancher"))
    some = [_pair(end, rancher) for end in (office, own, WORLD)]
    slots = {
        "ui_api_clients": [Peer.cidr("office", "203.0.113.0/24")],
        "hosted_kubernetes": [Peer.security_group("alb", "sg-0123456789abcdef0")],
    }
    listed = pairs_of(read_page(_page_of(some, documents=Documents(RKE1, choose(RKE1), slots))))
    assert "UI" in listed["203.0.113.0/24", "prod/rancher"].one("div").text
    assert "In no document" not in listed["sg-0123456789abcdef0", "prod/rancher"].text
    assert _parts(listed["0.0.0.0/0", "prod/rancher"]) == {"In no document": ["443/tcp"]}
    # Whoever is wholly within it, and nobody else, by whatever blocks.
    for texts, but_for, is_in in (
        (("203.0.113.128/25",), (), True),
        (("203.0.113.0/25", "203.0.113.128/26"), (), True),
        (("203.0.113.0/25", "198.51.100.0/24"), (), False),
        (("203.0.112.0/23",), (), False),
        (("203.0.112.0/23",), ("203.0.112.0/24",), True),
        (("2001:db8::/32",), (), False),
    ):
        kind = "ipv6" if ":" in texts[0] else "ipv4"
        end = End(kind, ", ".join(texts), blocks=texts, but_for=but_for)  # type: ignore[arg-type]  # one of them
        page = read_page(_page_of([_pair(end, rancher)], documents=Documents(RKE1, choose(RKE1), slots)))
        assert ("In no document" in page.one("details").text) is not is_in
    # As long as nobody says who is in them, it may be anybody.
    anybody = pairs_of(read_page(_page_of(some, documents=Documents(RKE1, choose(RKE1)))))
    assert all("In no document" not in details.text for details in anybody.values())


def test_without_documents_the_rows_that_rules_name_are_the_reason() -> None:
    rules = [_rule("r.one", because=("rke1/etcd/ingress/2379/tcp", "mine/<b>"))]
    rows = {row.id: row for row in RKE1.requirements}
    page = read_page(_page_of([_pair(WORKER, ETCD, rules=rules)], rows=rows))
    known, unknown = _parts(page.one("details"))["Documented, by the tags of the rules"]
    assert known.startswith("rke1/etcd/ingress/2379/tcp: etcd client requestsRancher v2.x documentation")
    assert unknown == "mine/<b>: no table has it"


# Whoever means harm.

_TAGS = {
    *(
        "html",
        "meta",
        "title",
        "link",
        "style",
        "header",
        "main",
        "section",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "a",
        "ul",
        "li",
    ),
    *("form", "label", "input", "select", "option", "optgroup", "button", "div", "table", "caption", "thead", "tbody"),
    *("tr", "th", "td", "span", "b", "i", "em", "ins", "del", "details", "summary", "code", "dialog", "script"),
}
_ATTRIBUTES = {
    *(
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "rel",
        "href",
        "class",
        "id",
        "type",
        "hidden",
        "role",
        "for",
    ),
    *("value", "label", "scope", "tabindex", "autocomplete", "placeholder", "data-v", "data-p", "data-role"),
    *("aria-hidden", "aria-label", "aria-labelledby"),
}


def _check_harmless(html: str) -> None:
    page = read_page(html)
    elements = list(page.all())
    assert {element.tag for element in elements} <= _TAGS
    assert {name for element in elements for name in element.attributes} <= _ATTRIBUTES
    assert len(list(page.all("script"))) == len(list(page.all("style"))) == 1
    links = {element.attributes.get("href", "#") for element in elements}
    assert all(re.fullmatch(r"#[a-z0-9-]*|data:,", link) for link in links)
    ids = [element.attributes["id"] for element in elements if "id" in element.attributes]
    assert len(set(ids)) == len(ids)
    (policy,) = [element for element in elements if element.attributes.get("http-equiv") == "Content-Security-Policy"]
    hashes = {
        tag: base64.b64encode(hashlib.sha256(page.one(tag).text.encode()).digest()).decode()
        for tag in ("style", "script")
    }
    assert policy.attributes["content"].split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{hashes['style']}'",
        f"script-src 'sha256-{hashes['script']}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    said = [child for element in elements for child in element.children if isinstance(child, str)]
    own = {page.one(tag).text for tag in ("style", "script")}
    assert all(text.isprintable() for text in said if text.strip() and text not in own)


def _with_pairs(made: Review) -> str:
    """A page on which every change is of a pair of its own, as far as no two have the same ends."""
    some = {
        (change.source, change.destination): _pair(change.source, change.destination, change) for change in made.changes
    }
    rules = [_rule(address, description=address, because=(address,)) for c in made.changes for address in c.rules]
    found = [replace(pair, rules=tuple(rules[:3])) for pair in some.values()]
    return to_html(page_of_review(replace(made, checked=made.notes), Known(found)))


@FEW
@given(reviews)
def test_no_text_becomes_markup(made: Review) -> None:
    _check_harmless(_with_pairs(made))


@pytest.mark.parametrize(
    "text", [*FRAGMENTS, '"><img src=x onerror=alert(1)>', "</style>", "</script><script>x</script>"]
)
def test_a_text_is_seen_as_the_other_formats_have_it(text: str) -> None:
    html = _with_pairs(told(text))
    _check_harmless(html)
    assert inert(text) in read_page(html).one("section", class_="findings").text


def test_the_page_asks_nobody_for_anything() -> None:
    for html in (_made(_transition(SHAPES[0]))[1], to_html(page_of_table(RKE1, choose(RKE1)))):
        page = read_page(html)
        asking = re.compile(r"https?:|url\(|@import|\bsrc=|fetch\(|XMLHttp|import\(|eval\(|Function\(|innerHTML")
        assert not asking.search(page.one("style").text + page.one("script").text)
        assert "src" not in {name for element in page.all() for name in element.attributes}


# However large.


def _large(rules: int) -> tuple[Review, str]:
    return _made(planned.read_transition({"plan": dict(plan("all changed", rules))}))


def test_a_thousand_rules_are_shown_whole_in_less_than_half_a_megabyte() -> None:
    made, html = _large(1_000)
    page = read_page(html)
    assert len(html.encode()) < LIMIT
    pairs = {(change.source.name, change.destination.name) for change in made.changes}
    assert len(pairs) > 200
    assert len(list(page.all("details"))) >= len(pairs)
    # The list has them all, and the matrix nearly all.
    (left,) = (one.text for one in page.all("p", class_="left-out"))
    assert re.fullmatch(r"and \d\d more, which stand in the list alone", left)


def test_a_thousand_rules_for_a_thousand_others_are_all_listed() -> None:
    some = []
    for number in range(1_000):
        office = End("ipv4", f"10.{number // 256}.{number % 256}.0/24")
        address = f"aws_vpc_security_group_ingress_rule.office_{number}"
        change = Change(office, WORKER, (Port.tcp(1_000 + number),), (), rules=(address,))
        some.append(_pair(office, WORKER, change, rules=[_rule(address, description="Metrics for one of our offices")]))
    html = _page_of(some)
    assert len(html.encode()) < LIMIT
    page = read_page(html)
    assert len(list(page.all("details"))) == 1_000
    _check_links(page)
    in_matrix, detailed = len(cells_of(page)), sum(bool(list(one.all("li"))) for one in page.all("details"))
    assert min(in_matrix, detailed) > 200
    assert [one.text for one in page.all("p", class_="left-out")] == [
        f"and {1_000 - in_matrix} more, which stand in the list alone",
        f"the details of {1_000 - detailed} have no room on this page",
    ]


def _check_links(page: Node) -> None:
    ids = {element.attributes.get("id") for element in page.all()}
    assert {link.attributes["href"].removeprefix("#") for link in page.all("a")} <= ids


def test_what_is_less_grave_does_not_take_the_room_of_what_had_none() -> None:
    some = []
    for number in range(1_000):
        # Each third one has a name for which there is soon no room.
        name = f"sg-{number}" + "x" * (20_000 if number % 3 == 2 else 0)
        source = End("security group", name)
        some.append(_pair(source, WORKER, Change(source, WORKER, (HTTPS,), ())))
    page = read_page(to_html(page_of_review(NOTHING, Known(some)), limit=100_000))
    listed = [details.one("summary").all("code") for details in page.all("details")]
    first = [next(iter(ends)).text.partition("x")[0] for ends in listed]
    assert first == [f"sg-{number}" for number in range(len(first))]


def test_of_many_ports_a_cell_has_some_and_their_number() -> None:
    ports = tuple(Port.tcp(number) for number in range(1_000, 1_200, 5))
    changes = [Change(ETCD, WORKER, (port,), ()) for port in ports]
    (lines,) = cells_of(read_page(_page_of([_pair(ETCD, WORKER, *changes)]))).values()
    assert lines[0] == "widened"
    assert lines[-1] == f"and {len(ports) - (len(lines) - 2)} more"
    assert 10 < len(lines) < 30


_LONG = "aws_security_group." + "x" * 3_000
_NASTY = {
    "groups of their own": lambda n: (End("security group", f"sg-{n:017x}"), End("security group", f"sg-{n:016x}f")),
    "long names": lambda n: (End("security group", f"{_LONG}{n}"), End("security group", f"{_LONG}{n}b")),
    "addresses": lambda n: (End("ipv4", f"10.{n // 256}.{n % 256}.0/24"), WORKER),
    "markup": lambda n: (End("security group", "<&\"'>" * 40 + str(n)), WORKER),
    "owners": lambda n: (End("security group", f"o{n}/etcd", GroupKey(f"o{n}", "etcd")), WORKER),
}


@pytest.mark.parametrize(
    ("name", "number", "limit"), [("markup", 1_000, LIMIT), *((name, 300, 100_000) for name in _NASTY)]
)
def test_whatever_the_pairs_are_what_has_no_room_is_counted(name: str, number: int, limit: int) -> None:
    some = []
    changed = number * 9 // 10
    for place in range(number):
        source, destination = _NASTY[name](place)
        change = (Change(source, destination, (HTTPS,), (), rules=(source.name,)),) if place < changed else ()
        some.append(_pair(source, destination, *change, rules=[_rule(source.name, description=source.name)]))
    texts = (_LONG,) * 500
    findings = tuple(Finding("quota", "error", text, f"{text}.", text) for text in texts)
    changes = tuple(change for pair in some for change in pair.changes)
    made = replace(NOTHING, changes=changes, findings=findings, notes=texts, checked=texts)
    html = to_html(page_of_review(made, Known(some)), limit=limit)
    assert len(html.encode()) <= limit
    page = read_page(html)
    listed = len(list(page.all("details")))
    cells = len(cells_of(page)) if list(page.all("table")) else 0
    left = [one.text for one in page.all("p", class_="left-out")]
    expected = [f"and {listed - cells:,} more, which stand in the list alone"] if listed > cells else []
    of_kinds = {"widened": max(changed - listed, 0), "unchanged": number - max(listed, changed)}
    more = ", ".join(f"{some_left:,} {kind}" for kind, some_left in of_kinds.items() if some_left)
    detailed = [bool(list(one.all("h4"))) for one in page.all("details")]
    if not all(detailed):
        expected.append(f"the details of {detailed.count(False):,} have no room on this page")
    assert left == [*expected, *([f"and {number - listed:,} more: {more}"] if listed < number else [])]
    assert detailed[0]
    assert listed > limit / 10_000
    assert cells > limit / 20_000
    _check_links(page)
    for part in ("findings", "notes", "checked"):
        entries = [entry.text for entry in page.one("section", class_=part).one("ul").parts]
        assert entries[-1] == f"and {500 - len(entries) + 1:,} more"


def test_a_limit_has_room_for_what_does_not_grow() -> None:
    page = page_of_table(RKE2, choose(RKE2, features=list(RKE2.features)))
    assert len(to_html(page, limit=100_000).encode()) <= 100_000
    with pytest.raises(InputError, match="at least 100,000 bytes"):
        to_html(page, limit=99_999)


@FEW
@given(reviews, st.integers(100_000, 200_000))
def test_no_page_is_larger_than_its_limit(made: Review, limit: int) -> None:
    known = Known(
        [_pair(c.source, c.destination, c) for c in {(c.source, c.destination): c for c in made.changes}.values()]
    )
    assert len(to_html(page_of_review(made, known), limit=limit).encode()) <= limit


# Recorded.


@pytest.mark.parametrize("name", ["review", "table"])
def test_the_page_is_what_was_recorded(name: str, rewrite: bool) -> None:
    if name == "review":
        html = _made(_transition(PLANS / "opened-to-the-world"))[1]
    else:
        html = to_html(page_of_table(RKE1, choose(RKE1)))
    # What a browser makes of style and script is under test in tests/browser.
    html = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", html, flags=re.DOTALL)
    html = re.sub(r"sha256-[^&]*", "sha256-", html)
    path = GOLDENS / f"{name}.html"
    if rewrite:
        path.write_text(html, "utf-8")
    assert html == path.read_text("utf-8"), f"{path} is not current: make rewrite"
