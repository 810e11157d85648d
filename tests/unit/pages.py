"""A page read back as a browser reads it, as far as its own elements go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"input", "link", "meta"}
# What a start tag ends that has no end tag of its own.
_ENDS = {"td": {"td", "th"}, "th": {"td", "th"}, "li": {"li"}, "option": {"option"}, "optgroup": {"option"}}


@dataclass
class Node:
    """An element.

    Args:
        tag: its name.
        attributes: by name; one without a value is empty.
        children: elements and texts.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> Iterator[Node]:
        """Elements in it, of a name and with attributes if these are given; of classes, one is enough."""
        for child in self.children:
            if isinstance(child, Node):
                if tag in ("", child.tag) and all(child._has(name, value) for name, value in attributes.items()):
                    yield child
                yield from child.all(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> Node:
        """The only one of these."""
        (found,) = self.all(tag, **attributes)
        return found

    def _has(self, name: str, value: str) -> bool:
        is_ = self.attributes.get(name.rstrip("_"), "")
        return value in is_.split() if name == "class_" else is_ == value

    @property
    def text(self) -> str:
        """All that it says."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def parts(self) -> list[Node]:
        """The elements right in it."""
        return [child for child in self.children if isinstance(child, Node)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("page")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.open[-1].tag in _ENDS.get(tag, ()):
            self.open.pop()
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1].tag != tag:
            assert self.open.pop().tag in ("td", "th", "li", "option"), f"</{tag}> ends something else"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_page(html: str) -> Node:
    """The elements of a page, of which every end tag ends what was open."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert [node.tag for node in reader.open] == ["page"]
    return reader.open[0]


def cells_of(page: Node) -> dict[tuple[str, str], list[str]]:
    """By row and column, the lines of each cell that has any."""
    matrix = page.one("table", id="matrix")
    head, *rows = matrix.all("tr")
    columns = [cell.text for cell in head.parts]
    found = {}
    for row in rows:
        name, *cells = row.parts
        assert len(cells) == len(columns) - 1
        for column, cell in zip(columns[1:], cells, strict=True):
            if cell.parts:
                (link,) = cell.parts
                found[name.text, column] = [part.text for part in link.parts]
    return found


def pairs_of(page: Node) -> dict[tuple[str, str], Node]:
    """By source and destination, what the list has."""
    found = {}
    for details in page.all("details"):
        source, destination = details.one("summary").all("code")
        assert (source.text, destination.text) not in found
        found[source.text, destination.text] = details
    return found
