"""Foreign text: seen, and nothing but seen."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.render.inert import NAME_LENGTH, SENTENCE_LENGTH, code, inert, prose, quoted, sentence, shortened
from tests.unit.hostile import FRAGMENTS, check_harmless, parsed, seen, texts
from tests.unit.strategies import FEW


@FEW
@given(texts, st.integers(80, 400))
def test_an_inert_text_is_one_line_that_is_seen_and_no_longer_than_allowed(text: str, limit: int) -> None:
    shown = inert(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit


@FEW
@given(texts)
def test_an_inert_text_read_as_python_is_the_text(text: str) -> None:
    assert ast.literal_eval('"' + inert(text, 100_000).replace('"', '\\"') + '"') == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("prod/etcd", "prod/etcd"),
        ('aws_security_group.a["b c"]', 'aws_security_group.a["b c"]'),
        ("größe 東京", "größe 東京"),
        ("", ""),
        (" a  b ", r"\x20a\x20\x20b\x20"),
        ("a\nb\r\t\x1b[2J\x00", r"a\nb\r\t\x1b[2J\x00"),
        ("\u202eabc\u200b\ufeff\U000e0041", r"\u202eabc\u200b\ufeff\U000e0041"),
        ("\u2028\u2029\ud800\ue000\u00a0\u0378", r"\u2028\u2029\ud800\ue000\xa0\u0378"),
        ("e\u0301\u20dd\ufe0f\u3164\u2800", r"e\u0301\u20dd\ufe0f\u3164\u2800"),
        (r"a\nb", r"a\\nb"),
    ],
)
def test_what_is_not_seen_comes_out_as_an_escape(text: str, shown: str) -> None:
    assert inert(text) == shown


@FEW
@given(texts, texts)
def test_texts_that_differ_look_different(one: str, other: str) -> None:
    assert (inert(one) == inert(other)) is (one == other)
    assert (quoted(one) == quoted(other)) is (one == other)


@pytest.mark.parametrize("long", ["x" * 1_000_000, "\n" * 150, "a\u202e" * 200])
def test_a_long_text_is_shortened_and_stays_different_from_every_other(long: str) -> None:
    shown = inert(long)
    assert f"({len(long):,} characters, sha256 " in shown
    assert len(shown) <= NAME_LENGTH
    # The same beginning, and as long; and somebody who writes what is made of it.
    assert len({shown, inert(long[:-1] + "y"), inert(shown)}) == 3
    # No escape is cut.
    assert re.fullmatch(r"(x|a|\\n|\\u202e)*… \([0-9,]+ characters, sha256 [0-9a-f]{16}\)", shown)


def test_a_shortened_text_is_as_it_was_up_to_there() -> None:
    assert shortened("\n" * 100, 100) == "\n" * 100
    cut = shortened("\n" * 101, 100)
    assert re.fullmatch(r"\n+… \(101 characters, sha256 [0-9a-f]{16}\)", cut)
    assert len(cut) == 100


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("prod/etcd", "prod/etcd"),
        ('a["b"]', 'a["b"]'),
        ("a -> b: opens 1/tcp", '"a -> b: opens 1/tcp"'),
        ('"a', r'"\"a"'),
        ("", '""'),
    ],
)
def test_a_name_in_text_begins_and_ends_where_it_is_seen_to(name: str, shown: str) -> None:
    assert quoted(name) == shown


@FEW
@given(texts)
def test_a_name_in_markdown_is_one_code_span_wherever_it_stands(text: str) -> None:
    cell = f"| a | b |\n| --- | --- |\n| {code(text)} | x |\n"
    for markdown, shown in ((cell, inert(text)), (f"- {code(text)}\n", inert(text).replace("|", r"\|"))):
        spans = [token.content for token in parsed(markdown) if token.type == "code_inline"]
        assert spans == [shown or " "]
        check_harmless(markdown)
    assert [seen(token) for token in parsed(cell) if token.type == "inline"] == ["a", "b", inert(text) or " ", "x"]


@FEW
@given(texts)
def test_a_sentence_in_markdown_stays_a_sentence(text: str) -> None:
    markdown = f"- {prose(text)}\n- x\n"
    check_harmless(markdown)
    said = [seen(token) for token in parsed(markdown) if token.type == "inline"]
    # An item that is empty holds nothing. No table takes the backslash off a bar.
    assert said == [sentence(text).replace("|", r"\|"), "x"][not text :]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_each_trick_is_harmless_alone_and_in_company(fragment: str) -> None:
    for text in (
        fragment,
        f"a{fragment}b",
        f"a {fragment}",
        f"{fragment} {fragment}",
        f"({fragment})",
        f'"{fragment}".',
    ):
        check_harmless(f"- {prose(text)}\n\n## {code(text)}\n")


def test_words_stay_words_and_the_rest_of_a_sentence_is_code() -> None:
    text = "Anybody (or nearly) reaches 22/tcp of prod/etcd; that's 1,234 well-known ports. Ask @you in 2024."
    expected = (
        "Anybody (or nearly) reaches `22/tcp` of `prod/etcd`; that's 1,234 well-known ports. Ask `@you` in `2024`."
    )
    assert prose(text) == expected


def test_a_sentence_has_room_for_more_than_a_name() -> None:
    assert sentence("x" * SENTENCE_LENGTH) == "x" * SENTENCE_LENGTH
    assert len(sentence("x" * (SENTENCE_LENGTH + 1))) == SENTENCE_LENGTH
