"""Foreign text made harmless: what it holds is seen, and nothing but seen.

Names, keys and tags in a plan come from whoever proposes a change, and stand on the terminal and in the pull request of
whoever is to judge it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from unicodedata import category

NAME_LENGTH = 200
SENTENCE_LENGTH = 1_000

# Nothing in it has to be looked at: printable ASCII but for the backslash, and single spaces within.
_PLAIN = re.compile(r"[!-\[\]-~]+(?: [!-\[\]-~]+)*")
# Printable by Unicode, and yet blank: fillers of Hangul, and the braille pattern without dots. The ellipsis says alone
# that something was left out.
_NOT_SEEN = frozenset("\u115f\u1160\u2800\u3164\uffa0\u2026")
# Marks that are drawn over their neighbours; any number of them takes no room.
_MARKS = ("Mn", "Me")

# What Markdown, and GitHub after it, take for a word and nothing else. Seven hexadecimal digits may be a commit, a
# number before a dot or a bracket the item of a list.
_WORD = re.compile(
    r"""["'(]*(?![0-9a-fA-F]{7})(?:[^\W\d_]+(?:['-][^\W\d_]+)*|[0-9]{1,3}(?:,[0-9]{3})*(?![.)]))["',.:;!?)]*"""
)
_BEFORE, _BEHIND = "\"'(", "\"',.:;!?)"


def inert(text: str, limit: int = NAME_LENGTH) -> str:
    r"""A text as one line of characters that are seen and stay where they are.

    Whatever is not printable comes out as Python's escape for it (``\n``, ``\x1b``, ``\u202e``), and so do marks
    without a width of their own, blanks of any kind but single spaces within, and the backslash itself: two texts that
    differ look different. One that is too long is shortened; how long it is and a part of its hash are said.

    Args:
        text: from anywhere.
        limit: how many characters there are at most; at least 80.
    """
    fits = len(text) <= limit
    if fits and _PLAIN.fullmatch(text):
        return text
    beside = zip(f" {text}", text[: limit + 1], f"{text[1:]} ", strict=False)
    pieces = [_seen(char, alone=before != " " != after) for before, char, after in beside]
    if fits and sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    said = _left_out(text)
    kept = bisect_right(list(accumulate(map(len, pieces))), limit - len(said))
    return "".join(pieces[:kept]) + said


def shortened(text: str, limit: int) -> str:
    """A text as it is, but that one that is too long is shortened as by :func:`inert`.

    Args:
        text: from anywhere.
        limit: how many characters there are at most; at least 80.
    """
    if len(text) <= limit:
        return text
    said = _left_out(text)
    return text[: limit - len(said)] + said


def quoted(text: str) -> str:
    """A name in plain text, in quotes where it would not be seen otherwise where it begins and ends."""
    name = inert(text)
    if name and " " not in name and not name.startswith('"'):
        return name
    return '"' + name.replace('"', '\\"') + '"'


def sentence(text: str) -> str:
    """A sentence in plain text."""
    return inert(text, SENTENCE_LENGTH)


def code(text: str) -> str:
    r"""A name as a code span of Markdown, which nothing in it ends, in a cell of a table or elsewhere.

    In code Markdown and GitHub find no link, mention, reference, HTML or picture. A ``|`` has a backslash before it,
    which a cell takes off and other places show.
    """
    return _span(inert(text))


def prose(text: str) -> str:
    """A sentence as Markdown that stays text: whatever is not plainly a word is a code span.

    Mentions, references and links are found in what is rendered, where escapes have gone already; in code they are not
    looked for.
    """
    return " ".join(_word(word) for word in sentence(text).split(" "))


def _word(word: str) -> str:
    if not word or _WORD.fullmatch(word):
        return word
    within = word.lstrip(_BEFORE).rstrip(_BEHIND) or word
    before, _, behind = word.partition(within)
    return before + _span(within) + behind


def _span(line: str) -> str:
    line = line.replace("|", "\\|") or " "
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    # One blank on either side is taken off again.
    blank = " " if "`" in (line[0], line[-1]) else ""
    return f"{fence}{blank}{line}{blank}{fence}"


def _seen(char: str, *, alone: bool) -> str:
    """A character, or its escape; of a space, whether no other and no end is beside it."""
    if char == " ":
        return char if alone else r"\x20"
    if char == "\\":
        return r"\\"
    if char.isprintable() and char not in _NOT_SEEN and category(char) not in _MARKS:
        return char
    return char.encode("unicode_escape").decode("ascii")


def _left_out(text: str) -> str:
    # Only now: next to no name is that long.
    from hashlib import sha256  # noqa: PLC0415  # see above

    # Surrogates that stand alone are no UTF-8, and yet differ.
    part = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"\u2026 ({len(text):,} characters, sha256 {part})"
