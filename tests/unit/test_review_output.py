"""What a review looks like: text, Markdown, JSON."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rancher_ports.cli.outputs import styled
from rancher_ports.errors import InputError
from rancher_ports.model.findings import SEVERITIES, Finding, Severity
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.render.inert import inert, shortened
from rancher_ports.render.review_json import check_to_json, review_to_json
from rancher_ports.render.review_markdown import LIMIT, check_to_markdown, review_to_markdown
from rancher_ports.render.review_text import check_to_text, review_to_text
from rancher_ports.review.changes import VERDICTS, Change, End, EndKind, Review, Tally
from tests.conftest import ROOT
from tests.unit.hostile import FRAGMENTS, check_harmless, findings, parsed, reviews, seen, texts, told
from tests.unit.strategies import FEW

SCHEMAS = {
    name: json.loads((ROOT / "docs" / "schemas" / f"{name}-1.json").read_text("utf-8")) for name in ("review", "check")
}
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")

RANCHER, ETCD, WORKER = (
    End("security group", f"prod/{role}", GroupKey("prod", role), f"aws_security_group.{role}")
    for role in ("rancher", "etcd", "worker")
)
WORLD = End("ipv4", "0.0.0.0/0", blocks=("0.0.0.0/0",))
OFFICE = End("ipv4", "local.office", candidates=("203.0.113.0/24", "198.51.100.0/24"))
ONE_OF = End("prefix list", "one of pl-1, pl-2", candidates=("pl-1", "pl-2"))
INSIDE = End("ipv4", "10.0.0.0/8, 172.16.0.0/12", blocks=("10.0.0.0/8", "172.16.0.0/12"), but_for=("10.1.0.0/16",))
FINDINGS = (
    Finding("empty-slot", "info", "mirrors", "It is empty.", ""),
    Finding("open-to-the-world", "error", "prod/rancher", "Anybody reaches 80/tcp of it.", "Name who it is."),
)
NOTHING = Review((), 12, (), Tally(40, 40, 0, 0), Tally(1, 1, 0, 0))
MIXED = Review(
    changes=(
        Change(WORLD, RANCHER, (Port.tcp(443), Port.tcp(80)), (), world=True, rules=("aws_rule.a", "aws_rule.b")),
        Change(WORKER, ETCD, (Port.tcp_range(2379, 2380),), (Port.udp(8472),), rules=tuple("abcdefgh")),
        Change(OFFICE, RANCHER, (Port.tcp(22),), (Port.tcp(23),), certain=False),
        Change(ONE_OF, RANCHER, (), (Port.tcp(22),), certain=False),
        Change(INSIDE, WORKER, (), (Port.tcp(6443),)),
    ),
    unchanged=1200,
    findings=FINDINGS,
    rules=Tally(1, 1044, 1044, 1),
    groups=Tally(4, 4, 0, 0),
    notes=("The rules of module.x were not looked at.",),
)
COUNTED = (
    "5 changes: 1 opened to the world, 1 widened, 1 perhaps widened, 1 perhaps narrowed, 1 narrowed; "
    "1,200 pairs unchanged; 1 rule before and 1,044 after (1,044 added, 1 removed); "
    "4 groups before and 4 after (0 added, 0 removed)"
)


def test_a_review_as_text() -> None:
    assert (
        review_to_text(MIXED)
        == f"""\
Opens ports to the world

Opened to the world
  0.0.0.0/0 -> prod/rancher: opens 443/tcp, 80/tcp
    by aws_rule.a, aws_rule.b

Widened
  prod/worker -> prod/etcd: opens 2379-2380/tcp; closes 8472/udp
    by a, b, c and 5 more

May be opened
  local.office (one of 203.0.113.0/24, 198.51.100.0/24) -> prod/rancher: may open 22/tcp; may close 23/tcp

May be closed
  one of pl-1, pl-2 -> prod/rancher: may close 22/tcp

Narrowed
  10.0.0.0/8, 172.16.0.0/12 but for 10.1.0.0/16 -> prod/worker: closes 6443/tcp

Findings
  error open-to-the-world at prod/rancher: Anybody reaches 80/tcp of it. Name who it is.
  info empty-slot at mirrors: It is empty.

Notes
  The rules of module.x were not looked at.

{COUNTED}
"""
    )


def test_a_review_as_markdown() -> None:
    assert (
        review_to_markdown(MIXED)
        == f"""\
## Opens ports to the world

### Opened to the world

| from | to | opens | closes | by |
| --- | --- | --- | --- | --- |
| `0.0.0.0/0` | `prod/rancher` | 443/tcp, 80/tcp |  | `aws_rule.a`, `aws_rule.b` |

### Widened

| from | to | opens | closes | by |
| --- | --- | --- | --- | --- |
| `prod/worker` | `prod/etcd` | 2379-2380/tcp | 8472/udp | `a`, `b`, `c` and 5 more |

### May be opened

| from | to | may open | may close | by |
| --- | --- | --- | --- | --- |
| `local.office` (one of `203.0.113.0/24`, `198.51.100.0/24`) | `prod/rancher` | 22/tcp | 23/tcp |  |

### May be closed

| from | to | may open | may close | by |
| --- | --- | --- | --- | --- |
| one of `pl-1`, `pl-2` | `prod/rancher` |  | 22/tcp |  |

### Narrowed

| from | to | closes | by |
| --- | --- | --- | --- |
| `10.0.0.0/8`, `172.16.0.0/12` but for `10.1.0.0/16` | `prod/worker` | 6443/tcp |  |

### Findings

- **error** `open-to-the-world` at `prod/rancher`: Anybody reaches `80/tcp` of it. Name who it is.
- **info** `empty-slot` at `mirrors`: It is empty.

### Notes

- The rules of `module.x` were not looked at.

{COUNTED}.
"""
    )


def test_a_review_as_json() -> None:
    document = json.loads(review_to_json(MIXED))
    assert document["format"] == "rancher-ports/review"
    assert (document["format_version"], document["verdict"], document["world"]) == ("1.0", "widened", True)
    assert document["counts"] == {
        "changes": 5,
        "world": 1,
        "widened": 2,
        "undecided": 2,
        "narrowed": 1,
        "unchanged": 1200,
        "rules": {"before": 1, "after": 1044, "added": 1044, "removed": 1},
        "groups": {"before": 4, "after": 4, "added": 0, "removed": 0},
        "findings": {"error": 1, "warning": 0, "info": 1},
    }
    port = {"port": "6443/tcp", "protocol": "tcp", "first_port": 6443, "last_port": 6443}
    unknown = {"owner": None, "role": None, "address": None}
    blocks = {"blocks": ["10.0.0.0/8", "172.16.0.0/12"], "but_for": ["10.1.0.0/16"], "candidates": []}
    nothing: dict[str, list[str]] = {"blocks": [], "but_for": [], "candidates": []}
    assert document["changes"][-1] == {
        "source": {"kind": "ipv4", "name": "10.0.0.0/8, 172.16.0.0/12", **unknown, **blocks},
        "destination": {
            "kind": "security group",
            "name": "prod/worker",
            "owner": "prod",
            "role": "worker",
            "address": "aws_security_group.worker",
            **nothing,
        },
        "verdict": "narrowed",
        "certain": True,
        "world": False,
        "opened": [],
        "opened_but_for": [],
        "closed": [port],
        "closed_but_for": [],
        "rules": [],
    }
    assert [finding["code"] for finding in document["findings"]] == ["open-to-the-world", "empty-slot"]
    assert document["notes"] == ["The rules of module.x were not looked at."]


def test_a_change_that_changes_nothing_says_so_in_one_line() -> None:
    counted = "12 pairs unchanged; 40 rules before and 40 after (0 added, 0 removed); 1 group before and 1 after"
    assert review_to_text(NOTHING) == f"Changes nothing: {counted} (0 added, 0 removed)\n"
    assert review_to_markdown(NOTHING) == f"## Changes nothing\n\n{counted} (0 added, 0 removed).\n"
    document = json.loads(review_to_json(NOTHING))
    assert (document["verdict"], document["world"], document["changes"]) == ("unchanged", False, [])


def test_nothing_changed_with_something_to_say_says_that_as_well() -> None:
    text = review_to_text(replace(NOTHING, notes=("So it is.",)))
    assert text.startswith("Changes nothing\n\nNotes\n  So it is.\n\n12 pairs unchanged; ")


@pytest.mark.parametrize(
    ("change", "heading"),
    [
        (Change(WORLD, RANCHER, (Port.tcp(1),), (), world=True), "Opens ports to the world"),
        (Change(WORLD, RANCHER, (Port.tcp(1),), (), certain=False, world=True), "May open ports to the world"),
        (Change(ETCD, RANCHER, (Port.tcp(1),), (Port.tcp(2),)), "Widens access"),
        (Change(ETCD, RANCHER, (Port.tcp(1),), (Port.tcp(2),), certain=False), "May widen access"),
        (Change(ETCD, RANCHER, (), (Port.tcp(2),), certain=False), "May narrow access"),
        (Change(ETCD, RANCHER, (), (Port.tcp(2),)), "Narrows access"),
    ],
)
def test_the_heading_is_what_the_gravest_change_does(change: Change, heading: str) -> None:
    lesser = Change(WORKER, ETCD, (), (Port.tcp(3),))
    review = replace(NOTHING, changes=(lesser, change))
    assert review_to_text(review).splitlines()[0] == heading
    assert review_to_markdown(review).splitlines()[0] == f"## {heading}"


def test_a_check_as_text_markdown_and_json() -> None:
    of = ("rke2 with cilium and monitoring", "prod: etcd, worker")
    said = "Anybody reaches 80/tcp of it. Name who it is."
    assert (
        check_to_text(FINDINGS, of)
        == f"""\
1 error, 1 info

Checked
  rke2 with cilium and monitoring
  prod: etcd, worker

Findings
  error open-to-the-world at prod/rancher: {said}
  info empty-slot at mirrors: It is empty.
"""
    )
    assert (
        check_to_markdown(FINDINGS, of)
        == f"""\
## 1 error, 1 info

### Checked

- `rke2` with cilium and monitoring
- prod: etcd, worker

### Findings

- **error** `open-to-the-world` at `prod/rancher`: {said.replace("80/tcp", "`80/tcp`")}
- **info** `empty-slot` at `mirrors`: It is empty.
"""
    )
    document = json.loads(check_to_json(FINDINGS, of))
    assert (document["format"], document["of"]) == ("rancher-ports/check", list(of))
    assert document["counts"] == {"error": 1, "warning": 0, "info": 1}


def test_a_check_without_findings_says_so() -> None:
    assert check_to_text((), ("prod: etcd",)) == "No findings\n\nChecked\n  prod: etcd\n"
    assert check_to_markdown((), ("prod: etcd",)) == "## No findings\n\n### Checked\n\n- prod: etcd\n"
    assert check_to_text((replace(FINDINGS[1], severity="warning"),) * 2, ()).startswith("2 warnings\n")


def test_hostile_names_as_they_are_shown() -> None:
    name = "a|`\n<b>@me \u202e"
    block = End("ipv4", name)
    change = Change(block, replace(RANCHER, name="p -> q: opens 1/tcp"), (Port.tcp(1),), (), rules=(name,))
    note = "See [x](https://x.example) and #1, @me."
    review = replace(NOTHING, changes=(change,), notes=(note,))
    text = review_to_text(review)
    assert r'  "a|`\n<b>@me \u202e" -> "p -> q: opens 1/tcp": opens 1/tcp' in text.splitlines()
    markdown = review_to_markdown(review)
    row = r"| ``a\|`\n<b>@me \u202e`` | `p -> q: opens 1/tcp` | 1/tcp |  | ``a\|`\n<b>@me \u202e`` |"
    assert row in markdown.splitlines()
    assert "- See `[x](https://x.example`) and `#1`, `@me`." in markdown.splitlines()
    assert json.loads(review_to_json(review))["changes"][0]["source"]["name"] == name


@FEW
@given(texts)
def test_text_is_printable_and_has_the_lines_that_harmless_names_have(text: str) -> None:
    for rules in (0, None):
        said, expected = (review_to_text(told(name), rules=rules) for name in (text, "x"))
        assert _printable_lines(said) == _printable_lines(expected)
    found, of = told(text).findings, (text,)
    assert _printable_lines(check_to_text(found, of)) == _printable_lines(check_to_text(told("x").findings, ("x",)))


def _printable_lines(text: str) -> int:
    lines = text.split("\n")
    assert all(line.isprintable() for line in lines)
    return len(lines)


@FEW
@given(texts)
def test_colours_change_no_word(text: str) -> None:
    assert ESCAPES.sub("", review_to_text(told(text), styled=styled)) == review_to_text(told(text))


@FEW
@given(texts, st.integers(1, 120))
def test_no_width_breaks_a_word_or_cuts_a_name(text: str, width: int) -> None:
    review = told(text)
    narrow = review_to_text(review, width=width)
    assert narrow.split() == review_to_text(review).split()
    room = max(width, 40)
    assert all(len(line) <= room or " " not in line.strip() for line in narrow.splitlines())


@pytest.mark.parametrize("name", ["one-long-name-of-hyphens-" * 4, "x" * 120, "a" * 30 + " " + "b" * 30])
def test_a_long_name_stays_whole_on_a_narrow_terminal(name: str) -> None:
    words = review_to_text(told(name), width=40).split()
    assert words == review_to_text(told(name)).split()
    assert any(name.split(maxsplit=1)[0] in word for word in words)


def test_colours_say_how_grave_a_change_is() -> None:
    lines = review_to_text(MIXED, styled=styled).splitlines()
    colours = {title: lines[lines.index(f"\x1b[1m{title}\x1b[0m") + 1].strip()[:5] for title in ("Widened", "Narrowed")}
    assert colours == {"Widened": "\x1b[33m", "Narrowed": "\x1b[32m"}
    assert lines[3].startswith("  \x1b[31m0.0.0.0/0 -> ")


def test_addresses_of_rules_are_told_as_far_as_asked_for() -> None:
    assert "    by a, b, c, d, e, f, g, h" in review_to_text(MIXED, rules=None).splitlines()
    assert "    by a and 7 more" in review_to_text(MIXED, rules=1).splitlines()
    assert " by " not in review_to_text(MIXED, rules=0)


def test_all_ports_but_some_are_told_so() -> None:
    change = Change(WORLD, RANCHER, (Port.all(),), (), opened_but_for=(Port.tcp(22), Port.udp(53)))
    text = review_to_text(replace(NOTHING, changes=(change,)))
    assert "opens all but 22/tcp, 53/udp\n" in text


def test_many_blocks_and_ports_are_shortened() -> None:
    blocks = tuple(f"10.{n}.0.0/16" for n in range(9))
    ports = tuple(Port.tcp(2 * n) for n in range(1, 31))
    review = replace(
        NOTHING, changes=(Change(End("ipv4", "var.vpcs", blocks=blocks), RANCHER, ports, (), rules=("a",)),)
    )
    line = review_to_text(review).splitlines()[3]
    shown = "10.0.0.0/16, 10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16, 10.4.0.0/16 and 4 more"
    assert line.startswith(f"  var.vpcs ({shown}) -> prod/rancher: opens 2/tcp, 4/tcp, ")
    assert line.endswith(", 40/tcp and 10 more")


def _rows(markdown: str) -> Iterator[list[str]]:
    """The cells of every table, headers included, as a reader sees them."""
    row: list[str] = []
    for token in parsed(markdown):
        if token.type == "tr_open":
            row = []
        elif token.type == "inline" and token.level >= 4:
            row.append(seen(token))
        elif token.type == "tr_close":
            yield row


@FEW
@given(texts)
def test_markdown_is_harmless_and_has_the_rows_that_harmless_names_have(text: str) -> None:
    markdown = review_to_markdown(told(text))
    check_harmless(markdown)
    check_harmless(check_to_markdown(told(text).findings, (text, text)))
    rows, shown = list(_rows(markdown)), inert(text) or " "
    assert Counter(map(len, rows)) == Counter(map(len, _rows(review_to_markdown(told("x")))))
    assert Counter(map(len, rows)) == {5: 10, 4: 2}
    # Each cell holds what it should: nothing has moved to the next.
    assert rows[1][1:] == [shown, "1/tcp", "", shown]
    assert rows[-1] == [shown, shown, "1/tcp", f"{', '.join([shown] * 3)} and 4 more"]


@FEW
@given(reviews)
def test_json_says_the_same_and_is_what_the_schema_says(review: Review) -> None:
    written = review_to_json(review)
    assert written.isascii()
    document = json.loads(written)
    Draft202012Validator(SCHEMAS["review"]).validate(document)
    assert document["counts"]["changes"] == sum(document["counts"][verdict] for verdict in VERDICTS[:-1])
    said = Counter((change["source"]["name"], *change["rules"]) for change in document["changes"])
    texts_of = [(change.source.name, *change.rules) for change in review.changes]
    assert said == Counter(tuple(shortened(text, 10_000) for text in some) for some in texts_of)
    assert document["notes"] == [shortened(note, 10_000) for note in review.notes]


@FEW
@given(st.lists(findings, max_size=4).map(tuple), st.lists(texts, max_size=3).map(tuple))
def test_a_check_as_json_is_what_the_schema_says(found: tuple[Finding, ...], of: tuple[str, ...]) -> None:
    document = json.loads(check_to_json(found, of))
    Draft202012Validator(SCHEMAS["check"]).validate(document)
    assert document["of"] == [shortened(line, 10_000) for line in of]
    order = [SEVERITIES.index(finding["severity"]) for finding in document["findings"]]
    assert order == sorted(SEVERITIES.index(finding.severity) for finding in found)


def test_json_shortens_what_nobody_reads() -> None:
    document = json.loads(review_to_json(replace(NOTHING, notes=("x" * 10_000, "x" * 1_000_000))))
    whole, cut = document["notes"]
    assert whole == "x" * 10_000
    assert len(cut) == 10_000
    assert "(1,000,000 characters, sha256 " in cut


def _objects(schema: object) -> Iterator[dict[str, Any]]:
    """Every part of a schema that is about an object."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for part in schema.values():
            yield from _objects(part)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_describes_every_property_and_allows_no_other(name: str) -> None:
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:rancher-ports:schema:{name}:1"
    for described in _objects(schema):
        assert described["additionalProperties"] is False
        assert sorted(described["required"]) == sorted(described["properties"])
        assert all(part["description"].endswith(".") for part in described["properties"].values())


def test_schemas_list_what_the_model_knows() -> None:
    parts = SCHEMAS["review"]["$defs"]
    assert SCHEMAS["review"]["properties"]["verdict"]["enum"] == list(VERDICTS)
    assert parts["change"]["properties"]["verdict"]["enum"] == list(VERDICTS[:-1])
    assert parts["end"]["properties"]["kind"]["enum"] == list(get_args(EndKind))
    assert parts["finding"]["properties"]["severity"]["enum"] == list(get_args(Severity))
    shared = SCHEMAS["check"]["$defs"]
    assert shared == {name: parts[name] for name in shared}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.update(more=1),
        lambda document: document.pop("notes"),
        lambda document: document["changes"][0].update(verdict="unchanged"),
        lambda document: document["changes"][0]["source"].update(kind="host"),
        lambda document: document["changes"][0]["source"].pop("but_for"),
        lambda document: document["changes"][0]["opened"][0].update(first_port=65536),
        lambda document: document["findings"][0].update(severity="fatal"),
        lambda document: document["counts"].update(unchanged=-1),
        lambda document: document.update(format_version="2.0"),
    ],
)
def test_the_schema_refuses_what_is_not_so(spoil: Callable[[Any], object]) -> None:
    document = json.loads(review_to_json(MIXED))
    validator = Draft202012Validator(SCHEMAS["review"])
    assert validator.is_valid(document)
    spoiled = copy.deepcopy(document)
    spoil(spoiled)
    assert not validator.is_valid(spoiled)


NAMES = {
    "Opened to the world": "opened to the world",
    "May be opened to the world": "perhaps opened to the world",
    "Widened": "widened",
    "May be opened": "perhaps widened",
    "May be closed": "perhaps narrowed",
    "Narrowed": "narrowed",
}


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _numbers(text: str) -> Counter[str]:
    """The numbers of ``1,200 widened, 34 narrowed``, by what they are of."""
    return Counter({what: _number(number) for number, what in re.findall(r"([0-9,]*[0-9]) ([a-z ]+)", text)})


def _told(markdown: str) -> tuple[Counter[str], Counter[str], int]:
    """How many changes are shown and how many are counted, by kind; and how many findings are told either way."""
    shown: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    found, title = 0, ""
    for line in markdown.splitlines():
        if line.startswith("### "):
            title = line.removeprefix("### ")
        elif line.startswith("| ") and not line.startswith(("| from", "| ---")):
            shown[NAMES[title]] += 1
        elif line.startswith("- **"):
            found += 1
        elif match := re.fullmatch(r"and ([0-9,]+) more: (.*)", line):
            parts = _numbers(match[2])
            assert parts.total() == _number(match[1])
            if set(parts) <= set(NAMES.values()):
                counted = parts
            else:
                found += parts.total()
    return shown, counted, found


@FEW
@given(st.data())
def test_a_comment_stays_under_its_limit_and_tells_or_counts_everything(data: st.DataObject) -> None:
    some = [change for text in data.draw(st.lists(texts, min_size=1, max_size=3)) for change in told(text).changes]
    changes = tuple(data.draw(st.sampled_from(some)) for _ in range(8)) * data.draw(st.integers(0, 600))
    found = told(data.draw(texts)).findings * data.draw(st.integers(0, 800))
    notes = (data.draw(texts),) * data.draw(st.integers(0, 300))
    limit = data.draw(st.sampled_from([2_000, 5_000, LIMIT]))
    review = replace(NOTHING, changes=changes, findings=found, notes=notes)
    markdown = review_to_markdown(review, limit=limit)
    assert len(markdown.encode()) <= limit
    check_harmless(markdown)
    shown, counted, findings_told = _told(markdown)
    totals = _numbers(markdown.splitlines()[-1].partition(": ")[2].partition(";")[0]) if changes else Counter()
    assert shown + counted == totals
    assert totals.total() == len(changes)
    assert findings_told == len(found)
    # What is graver has had its room first.
    graver = [kind for kind in NAMES.values() if shown[kind]]
    assert all(not counted[kind] for kind in graver[:-1])
    assert len(check_to_markdown(found, notes, limit=limit).encode()) <= limit


def test_a_comment_of_ten_thousands_is_full_and_no_more_than_that() -> None:
    many = replace(MIXED, changes=MIXED.changes * 10_000, findings=FINDINGS * 10_000, notes=MIXED.notes * 10_000)
    markdown = review_to_markdown(many)
    assert 64_000 < len(markdown.encode()) <= 65_000
    assert "and 9," in markdown
    assert markdown.splitlines()[-1].startswith("50,000 changes: 10,000 opened to the world, 10,000 widened, ")
    # A quarter for findings, an eighth for notes.
    parts = re.split(r"^### ", markdown, flags=re.MULTILINE)
    sizes = {part.splitlines()[0]: len(part) for part in parts[1:]}
    assert sizes["Findings"] <= 65_000 // 4
    assert 5_000 < sizes["Notes"] <= 65_000 // 8 + 600


@pytest.mark.parametrize("limit", [-1, 0, 1_999])
def test_a_limit_in_which_not_even_the_counts_have_room_is_refused(limit: int) -> None:
    with pytest.raises(InputError, match="at least 2,000 bytes"):
        review_to_markdown(MIXED, limit=limit)
    with pytest.raises(InputError, match="at least 2,000 bytes"):
        check_to_markdown((), (), limit=limit)


def test_the_least_limit_has_room_for_the_largest_numbers() -> None:
    most = 10**18
    tally = Tally(most, most, most, most)
    changes = told("\U0001f600" * 300).changes * 20
    review = Review(changes, most, FINDINGS * 100, tally, tally, ("x " * 400,) * 100)
    assert len(review_to_markdown(review, limit=2_000).encode()) <= 2_000


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_each_trick_leaves_a_comment_as_it_is(fragment: str) -> None:
    check_harmless(review_to_markdown(told(f"{fragment} {fragment}")))
