"""Check the site that was built: every link and anchor leads somewhere, and no page needs another host."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself to show a page, and what leads on from it.
_FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}
_LINKS = {("a", "href")}
# A reference in a style sheet, or in a picture.
_IN_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?(https?:)?//""")


@dataclass
class Page(HTMLParser):
    """What a page has of ids and of references, with the lines in which these stand."""

    ids: set[str] = field(default_factory=set)
    references: list[tuple[int, str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Called by the parser for each element."""
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif (tag, name) in _FETCHED | _LINKS:
                self.references.append((self.getpos()[0], value or "", (tag, name) in _FETCHED))


@cache
def _read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


def faults(site: Path) -> Iterator[str]:
    """What is wrong, one line for each.

    Args:
        site: the folder that holds the built site.
    """
    site = site.resolve()
    for path in sorted(site.rglob("*.html")):
        place = path.relative_to(site)
        for line, reference, is_fetched in _read(path).references:
            if fault := _fault(site, path, reference, is_fetched=is_fetched):
                yield f"{place}:{line}: {reference!r}: {fault}"
    for path in sorted([*site.rglob("*.css"), *site.rglob("*.svg")]):
        if found := _IN_STYLE.search(path.read_text("utf-8")):
            yield f"{path.relative_to(site)}: {found[0]!r}: needs another host"


def _fault(site: Path, path: Path, reference: str, *, is_fetched: bool) -> str | None:
    url = urlsplit(reference)
    if url.scheme or url.netloc:
        return "needs another host" if is_fetched and url.scheme != "data" else None
    target = (path.parent / unquote(url.path)).resolve() if url.path else path
    if not target.is_relative_to(site):
        return "leads out of the site"
    if not target.is_file():
        return "there is no such file"
    if url.fragment and target.suffix == ".html" and unquote(url.fragment) not in _read(target).ids:
        return "there is no such anchor"
    return None


def main() -> None:
    """Check the site in the folder named on the command line."""
    site = Path(sys.argv[1])
    found = list(faults(site))
    sys.stdout.write("".join(f"{fault}\n" for fault in found))
    pages = len(list(site.rglob("*.html")))
    sys.exit(f"{len(found)} faults in {pages} pages" if found or not pages else 0)


if __name__ == "__main__":
    main()
