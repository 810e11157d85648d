"""Foreign text made harmless.

Names in a plan are whatever somebody wrote into a pull request: keys of ``for_each``, tags. Shown, they are to be one
line of what they are, and nothing else: no line break, no terminal escape, no other direction, no markup, no mention.
"""

from __future__ import annotations

import hashlib
import re

MOST = 200

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+.!|~&$-])")
# GitHub finds mentions, issues and addresses in the text as it is rendered; a comment within is not rendered, but parts
# what it would find.
_FOUND = re.compile(r"(?<=[@#])|(?<=://)|(?<=[wW]{3})(?=\\?\.)|(?<=[gG][hH])(?=\\?-)")
_APART = "<!-- -->"


def inert(text: str, most: int = MOST) -> str:
    """A text as one line of printable characters.

    Args:
        text: whatever it is.
        most: how many characters are shown; of a longer one the beginning, its length, and what tells it from others.
    """
    if text.isascii() and text.isprintable() and len(text) <= most:
        return text
    if len(text) > most:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        text, rest = text[:most], f"... ({len(text)} characters, {digest})"
    else:
        rest = ""
    return "".join(_seen(character) for character in text) + rest


def _seen(character: str) -> str:
    # Controls are not, nor are direction marks, zero widths, surrogates, private use, and spaces of other widths.
    if character.isprintable():
        return character
    # As JSON writes it, where it has a way of its own: \n, \u202e.
    return character.encode("unicode_escape").decode("ascii")


def code(text: str, most: int = MOST) -> str:
    """A text as a code span of Markdown, in which nothing is markup; in a cell of a table, too."""
    shown = inert(text, most).replace("`", "\\u0060").replace("|", "\\|")
    return f"`{shown}`" if shown.strip() else f"`{shown!r}`"


def sentence(text: str, most: int = 2000) -> str:
    """A text as Markdown in which nothing is markup, a link, a mention or a number of an issue."""
    escaped = _MARKUP.sub(r"\\\1", inert(text, most))
    return _FOUND.sub(_APART, escaped)
