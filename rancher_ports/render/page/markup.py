"""HTML, written element by element: what is no markup is escaped, so that no text becomes any."""

from __future__ import annotations

import re
from html import escape

_VOID = ("input", "link", "meta")
# Their end tags may be left out (HTML, optional tags), which is a quarter of a large matrix.
_OPEN = ("dd", "dt", "li", "option", "td", "th")
# Quotes likewise, around what has nothing in it that ends a value (HTML, unquoted attribute values).
_PLAIN = re.compile(r"[A-Za-z0-9#-]+")


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | int | bool | None) -> Markup:
    """An element.

    Args:
        name: of its tag.
        children: what is in it; what is no :class:`Markup` is text.
        attributes: by name, with ``_`` for ``-`` and one more behind a word of Python's; False and None are left out,
            of True there is the name alone.
    """
    said = "".join(_attribute(key, value) for key, value in attributes.items() if value not in (False, None))
    end = "" if name in _VOID or name in _OPEN else f"</{name}>"
    return Markup(f"<{name}{said}>{joined(*children)}{end}")


def joined(*children: str, between: str = "") -> Markup:
    """Several pieces, one after another."""
    return Markup(
        between.join(child if isinstance(child, Markup) else escape(child, quote=False) for child in children)
    )


def _attribute(key: str, value: str | int | bool | None) -> str:
    name = key.removesuffix("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f" {name}={value}" if _PLAIN.fullmatch(str(value)) else f' {name}="{escape(str(value))}"'
