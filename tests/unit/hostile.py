"""Texts from whoever means harm, reviews that hold them, and what Markdown makes of what is written about those."""

from __future__ import annotations

import re

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rancher_ports.model.findings import CODES, SEVERITIES, Finding
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey
from rancher_ports.review.changes import Change, End, Review, Tally
from tests.unit.strategies import ports

FRAGMENTS = (
    *(
        "a|b",
        "\\|",
        "`",
        "``",
        "\\",
        "\\`",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\n\n# x\n",
        "\n| a |\n| - |\n",
        "\n```\n",
        "\u2028",
    ),
    *("<script>alert(1)</script>", "<details>", "<!--", "-->", "<b>", "</td></table>", "&lt;", "&#64;", "![x](y)"),
    *("[x](javascript:y)", "[x]: y", "https://x.example", "www.x.example", "a@x.example", "mailto:x", "@someone"),
    *("@org/team", "#1", "GH-1", "owner/name#1", "0123456789abcdef", "deadbeef", ":tada:", "$x$", "~~x~~", "**x**"),
    *("_x_", "# x", "> x", "- x", "1. x", "1) x", "---", "===", "+", "\t", "\x1b[31m", "\x07", "\u202e", "\u200b"),
    *("\ufeff", "\ud800", "\ue000", "\u0301", "\u2026", "\u3164", "\u00a0", "x", "prod/etcd", "it's", "word", "12"),
)
texts = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map(" ".join),
    st.text(st.characters(), max_size=20),
    st.builds(str.__mul__, st.sampled_from(FRAGMENTS), st.integers(100, 2_000)),
)

_MARKDOWN = MarkdownIt("commonmark").enable("table")
# What GitHub looks for in text that is rendered, outside of code.
TRIGGERS = re.compile(
    r"@\w|#\d|://|www\.|\b[0-9a-f]{7,40}\b|:\w+:|\bGH-\d|[$~<>&*_\[\]|\\]|\bmailto:\S|\bjavascript:\S", re.IGNORECASE
)


def told(text: str) -> Review:
    """A review with a change of every kind, and a finding and a note; every text in it is the one given."""
    group = End("security group", text, GroupKey(text, text), text)
    block = End("ipv4", text, blocks=(text,) * 6, but_for=(text, text))
    unknown = End("prefix list", text, candidates=(text, text))
    one, two = (Port.tcp(1),), (Port.udp(2),)
    return Review(
        changes=(
            Change(block, group, one, (), world=True, rules=(text,)),
            Change(unknown, group, one, two, certain=False, world=True, rules=(text, text)),
            Change(group, group, one, two, rules=(text,)),
            Change(unknown, group, one, (), certain=False),
            Change(unknown, group, (), two, certain=False),
            Change(group, group, (), one, rules=(text,) * 7),
        ),
        unchanged=2,
        findings=(Finding("quota", "error", text, text, text),),
        rules=Tally(1, 2, 3, 4),
        groups=Tally(5, 6, 7, 8),
        notes=(text,),
    )


_ends = st.builds(
    End,
    kind=st.sampled_from(["security group", "ipv4", "ipv6", "prefix list"]),
    name=texts,
    key=st.none() | st.builds(GroupKey, texts, texts),
    address=st.none() | texts,
    blocks=st.lists(texts, max_size=3).map(tuple),
    but_for=st.lists(texts, max_size=3).map(tuple),
    candidates=st.lists(texts, max_size=3).map(tuple),
)
_some_ports = st.lists(ports(), max_size=3).map(tuple)
changes = st.builds(
    Change,
    source=_ends,
    destination=_ends,
    opened=_some_ports,
    closed=_some_ports,
    opened_but_for=_some_ports,
    closed_but_for=_some_ports,
    certain=st.booleans(),
    world=st.booleans(),
    rules=st.lists(texts, max_size=4).map(tuple),
)
findings = st.builds(Finding, st.sampled_from(sorted(CODES)), st.sampled_from(SEVERITIES), texts, texts, texts)
_tallies = st.builds(Tally, *[st.integers(0, 10**9)] * 4)
reviews = st.builds(
    Review,
    st.lists(changes, max_size=4).map(tuple),
    st.integers(0, 10**9),
    st.lists(findings, max_size=3).map(tuple),
    _tallies,
    _tallies,
    st.lists(texts, max_size=3).map(tuple),
)


def parsed(markdown: str) -> list[Token]:
    """What Markdown with tables makes of a text, each inline part followed by what it consists of."""
    return [part for token in _MARKDOWN.parse(markdown) for part in (token, *(token.children or ()))]


def seen(token: Token) -> str:
    """What a reader sees of the parts of an inline token."""
    return "".join(child.content for child in token.children or ())


def check_harmless(markdown: str) -> None:
    """Refuse Markdown in which a text became anything but text, code or what a review consists of."""
    tokens = parsed(markdown)
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
    tables = {"table", "thead", "tbody", "tr", "th", "td"}
    lists = {"bullet_list", "list_item", "paragraph"}
    assert kinds <= tables | lists | {"heading", "inline", "text", "code_inline", "strong"}
    for token in tokens:
        if token.type == "text":
            assert not TRIGGERS.search(token.content), token.content
