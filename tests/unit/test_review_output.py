"""Reviews as text, Markdown and JSON: harmless whatever the names are, and never longer than a comment may be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rancher_ports.model.findings import CODES, SEVERITIES, Finding
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.render.inert import code, inert, sentence
from rancher_ports.render.review_json import check_to_json, review_to_json
from rancher_ports.render.review_markdown import MOST, check_to_markdown, review_to_markdown
from rancher_ports.render.review_text import check_to_text, ports, review_to_text
from rancher_ports.review.changes import Change, End, Review, Tally
from tests.conftest import PLANS, ROOT
from tests.unit.strategies import FEW
from tests.unit.strategies import ports as any_ports

SCHEMAS = {
    name: json.loads((ROOT / "docs" / "schemas" / f"{name}-1.json").read_text("utf-8")) for name in ("review", "check")
}
SCHEMA = SCHEMAS["review"]
MARKDOWN = MarkdownIt("commonmark").enable("table")

HOSTILE = (
    "a|b",
    "`code`",
    "``",
    "<script>alert(1)</script>",
    "<!-- ",
    "--> <b>",
    "one\ntwo",
    "one\r\n\r\n# two",
    "\u202etxet",
    "\x1b[31mred\x1b[0m",
    "\x9b31m",
    "\u2028x",
    "\ud800",
    "\ue000",
    "@everyone",
    "#1",
    "GH-1",
    "https://example.com",
    "www.example.com",
    "![x](y)",
    "[x](javascript:alert(1))",
    "&lt;b&gt;",
    "**bold** _it_ ~~no~~",
    "| --- |",
    "$x$",
    "x" * 1_000_000,
    " ",
    "\\",
    "\\|",
    "a\\`b",
)
names = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=30), st.builds(str.__add__, st.sampled_from(HOSTILE[:-4]), st.text())
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    candidates = tuple(draw(st.lists(names, max_size=3)))
    source = End("security group", draw(names), GroupKey(draw(names), "etcd"), draw(names), candidates=candidates)
    destination = End("ipv4", draw(names), blocks=("10.0.0.0/8",))
    some = st.lists(any_ports(), min_size=1, max_size=20).map(tuple)
    return Change(
        source,
        destination,
        draw(some),
        draw(st.one_of(st.just(()), some)),
        opened_but_for=draw(st.one_of(st.just(()), some)),
        certain=draw(st.booleans()),
        world=draw(st.booleans()),
        rules=tuple(draw(st.lists(names, max_size=6))),
    )


findings = st.builds(Finding, st.sampled_from(sorted(CODES)), st.sampled_from(SEVERITIES), names, names, names)
reviews = st.builds(
    Review,
    st.lists(changes(), max_size=5).map(tuple),
    st.integers(0, 9),
    st.lists(findings, max_size=3).map(tuple),
    st.just(Tally(3, 4, 2, 1)),
    st.just(Tally(1, 1, 0, 0)),
    st.lists(names, max_size=2).map(tuple),
)


@given(names)
def test_a_name_becomes_one_line_that_can_be_seen(name: str) -> None:
    for shown in (inert(name), code(name), sentence(name)):
        assert shown.isprintable() or not shown
        assert len(shown) < 5000


def test_names_stay_apart() -> None:
    long = ["x" * 1000 + end for end in "ab"]
    assert len({*map(inert, (*HOSTILE, *long))}) == len(HOSTILE) + 2
    assert inert(long[0]).startswith("x" * 200 + "... (1001 characters, ")


@FEW
@given(reviews)
def test_the_text_has_the_lines_that_it_is_to_have(review: Review) -> None:
    text = review_to_text(review)
    assert all(line.isprintable() for line in text.splitlines())
    assert text.splitlines() == text.split("\n")[:-1]
    of_changes = sum(2 + bool(change.opened) + bool(change.closed) for change in review.changes)
    kinds = len({"world" if change.world else change.verdict for change in review.changes})
    sections = bool(review.findings) + bool(review.notes)
    lines = of_changes + kinds + len(review.findings) + len(review.notes) + 2 * sections + kinds + 2
    assert len(text.splitlines()) == lines


@FEW
@given(reviews)
def test_the_markdown_is_tables_and_lists_of_text_and_code(review: Review) -> None:
    page = review_to_markdown(review)
    tokens = [token for block in MARKDOWN.parse(page) for token in (block, *(block.children or []))]
    assert not [t for t in tokens if t.type in ("link_open", "image", "fence", "code_block", "html_block", "em_open")]
    assert {t.content for t in tokens if t.type == "html_inline"} <= {"<!-- -->"}
    rows = sum(token.type == "tr_open" for token in tokens)
    kinds = len({"world" if change.world else change.verdict for change in review.changes})
    assert rows == len(review.changes) + kinds
    assert sum(token.type == "td_open" for token in tokens) == 5 * len(review.changes)
    assert sum(token.type == "list_item_open" for token in tokens) == len(review.findings) + len(review.notes)
    assert sum(t.type == "strong_open" for t in tokens) == len(review.findings)
    # GitHub looks for these in what is rendered, outside of code.
    plain = "".join(token.content if token.type in ("text", "html_inline") else " " for token in tokens)
    assert not re.search(r"@\w|#\d|://\w|www\.\w|GH-\d", plain, re.IGNORECASE)


@FEW
@given(reviews)
def test_the_json_is_what_its_schema_says_and_has_the_names(review: Review) -> None:
    text = review_to_json(review)
    assert text.isascii()
    document = json.loads(text)
    jsonschema.validate(document, _strict(SCHEMA))
    for change, made in zip(review.changes, document["changes"], strict=True):
        for end, shown in ((change.source, made["source"]), (change.destination, made["destination"])):
            assert shown["name"] == end.name or len(end.name) > 10_000
            assert shown["candidates"] == list(end.candidates) or max(map(len, end.candidates)) > 10_000
    assert len(text) < 2_000_000


def _strict(schema: Any) -> Any:
    """The same, where nothing may stand that it does not name."""
    if isinstance(schema, list):
        return list(map(_strict, schema))
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema and "type" in schema else {}
    return {**{key: _strict(value) for key, value in schema.items()}, **closed}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_schema_is_one_and_describes_everything(schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, value in _properties(schema):
        assert "description" in value or "$ref" in value, name


def test_both_schemas_say_the_same_of_findings() -> None:
    assert SCHEMAS["check"]["$defs"]["finding"] == SCHEMA["$defs"]["finding"]


@FEW
@given(st.lists(findings, max_size=3).map(tuple), st.lists(names, max_size=3).map(tuple))
def test_a_check_is_as_harmless_in_each_format(found: tuple[Finding, ...], of: tuple[str, ...]) -> None:
    document = json.loads(check_to_json(found, of))
    jsonschema.validate(document, _strict(SCHEMAS["check"]))
    assert [finding["code"] for finding in document["findings"]] == [finding.code for finding in found]
    text = check_to_text(found, of)
    assert all(line.isprintable() for line in text.split("\n"))
    assert text.count("\n") == len(of) + max(1, len(found)) + 1 + (not of)
    page = check_to_markdown(found, of)
    tokens = [token for block in MARKDOWN.parse(page) for token in (block, *(block.children or []))]
    assert not [t for t in tokens if t.type in ("link_open", "image", "fence", "code_block", "html_block")]
    assert sum(token.type == "list_item_open" for token in tokens) == len(found) + len(of)


def test_a_check_of_everything_fits_into_a_comment() -> None:
    found = tuple(Finding("missing", "warning", "x", f"number {index}", "") for index in range(5_000))
    page = check_to_markdown(found, ("all",), 4_096)
    assert page.startswith("## 5000 warning\n")
    assert len(page) <= 4_096
    (left_out,) = re.findall(r"Not shown, since there is no room: ([0-9,]+) findings", page)
    assert page.count("number ") + int(left_out.replace(",", "")) == 5_000


def _properties(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for value in schema.values():
            yield from _properties(value)


@pytest.mark.parametrize("shape", sorted(path.name for path in PLANS.iterdir()))
def test_recorded_reviews_are_what_the_schema_says(shape: str) -> None:
    jsonschema.validate(json.loads((PLANS / shape / "review.json").read_text("utf-8")), _strict(SCHEMA))


def _large(count: int) -> Review:
    ends = [End("security group", f"group-{index}" * 8) for index in range(count)]
    made = [
        Change(end, ends[0], (Port.tcp(443),), (), certain=index % 5 > 0, world=index < 3, rules=(f"rule-{index}",) * 5)
        for index, end in enumerate(ends)
    ]
    closed = [replace(change, opened=(), closed=change.opened, world=False, certain=True) for change in made]
    order = sorted((*made, *closed), key=lambda change: not change.world)
    found = tuple(Finding("quota", "error", "x", "too many \u00fc" * 20, "fewer") for _ in range(count))
    return Review(tuple(order), 0, found, Tally(0, count, count, 0), Tally(0, 0, 0, 0), ("note",) * 3)


@pytest.mark.parametrize("count", [1, 50, 5_000])
@pytest.mark.parametrize("most", [4_096, 20_000, MOST])
def test_a_comment_is_never_too_long_and_what_it_leaves_out_is_counted(count: int, most: int) -> None:
    review = _large(count)
    page = review_to_markdown(review, most)
    assert len(page) <= len(page.encode()) <= most
    assert page.startswith("## Opens ports to the world\n")
    left_out = dict.fromkeys(
        ("opened to the world", "widened", "not decided before apply", "narrowed", "findings", "notes"), 0
    )
    if match := re.search(r"Not shown, since there is no room: (.*)\.\n", page):
        for entry in match[1].split(", "):
            number, _, what = entry.partition(" ")
            left_out[what] = int(number.replace(",", ""))
    rows = len(re.findall(r"^\| `group", page, re.MULTILINE))
    assert rows + sum(list(left_out.values())[:4]) == len(review.changes)
    assert page.count("too many") // 20 + left_out["findings"] == count
    assert page.count("- note\n") + left_out["notes"] == 3
    # Every row is whole.
    assert all(line.endswith("|") for line in page.splitlines() if line.startswith("|"))
    if count == 1:
        assert not any(left_out.values())


def test_what_faces_the_world_is_shown_before_anything_else() -> None:
    page = review_to_markdown(_large(5_000), 4_096)
    assert page.index("### Opened to the world") < page.index("Not shown")
    assert "### Narrowed" not in page


def test_many_ports_are_counted_and_few_exceptions_named() -> None:
    assert ports([Port.tcp(number) for number in range(14)]).endswith("11/tcp, and 2 more")
    assert ports([Port.all()], [Port.tcp(22), Port.udp(53)]) == "all but 22/tcp, 53/udp"
