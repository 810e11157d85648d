"""The comment of each recorded plan as GitHub shows it: names stay text, and nothing is lost."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from tests.conftest import PLANS, ROOT

FOLDERS = (PLANS, ROOT / "tests" / "plans_of_hcl")
SHAPES = [path.parent for folder in FOLDERS for path in sorted(folder.glob("*/review.md"))]
# What a comment is made of; GitHub lets more through.
ELEMENTS = {"h2", "h3", "h4", "p", "ul", "ol", "li", "code", "strong", "em", "details", "summary", "a", "br", "hr"}
ELEMENTS |= {"table", "thead", "tbody", "tr", "th", "td"}


class _Shown(HTMLParser):
    """What a browser is given: elements, their attributes, and texts outside and inside of code."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.code: list[str] = []
        self.prose: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in ("br", "hr"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.code if "code" in self._open else self.prose).append(data)
        if self._open and self._open[-1] in ("h2", "h3"):
            self.headings.append(data)


def _shown(shape: Path) -> _Shown:
    text = (shape / "review.md").read_text("utf-8")
    made = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    shown = _Shown()
    shown.feed(made)
    shown.close()
    assert not shown._open
    return shown


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_the_comment_is_shown_as_it_is_meant(shape: Path) -> None:
    review = json.loads((shape / "review.json").read_text("utf-8"))
    shown = _shown(shape)
    assert set(shown.elements) <= ELEMENTS
    # No name has become a link, a picture or a mention; ours lead nowhere but to our documents.
    assert not [link for link in shown.links if "rancher-ports" not in link]
    assert not re.search(r"(?:^|\s)[@#][A-Za-z0-9]", " ".join(shown.prose))
    assert shown.headings
    # The names at both ends of each change, and its ports, stand in code, as the JSON has them.
    code = "\n".join(shown.code)
    for change in review["changes"][:20]:
        for end in (change["source"], change["destination"]):
            said = (end["name"], *end["blocks"], *end["candidates"])
            names = [name for name in said if name.isprintable() and name.isascii()]
            assert not names or any(name in code for name in names), end
        for port in [*change["opened"], *change["closed"]][:5]:
            assert port["port"] in code + " ".join(shown.prose)
    for finding in review["findings"]:
        assert finding["code"] in code + " ".join(shown.prose)


def test_there_are_comments() -> None:
    assert len(SHAPES) > 50
