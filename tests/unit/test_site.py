"""The site: that its links are checked, and that the reference leaves nothing out. `make site` builds it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.site.check_site import faults

PACKAGE = ROOT / "rancher_ports"
REFERENCE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs" / "reference").glob("*.md")))


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _public_names(path: Path) -> list[str]:
    """What ``__all__`` of a file has; read, not imported, since the constructs need the CDK."""
    targets = [node for node in _parsed(path).body if isinstance(node, ast.Assign)]
    return [
        name for node in targets if ast.unparse(node.targets[0]) == "__all__" for name in ast.literal_eval(node.value)
    ]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


# Of the commands the site shows the help, of the constructs what is public.
LIBRARY = [path for path in sorted(PACKAGE.rglob("*.py")) if not {"cli", "cdk"} & set(path.parts)]
# What defines nothing has nothing to show.
DEFINING = [
    path
    for path in LIBRARY
    if path.name != "__main__.py"
    and any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in _parsed(path).body)
]


def _directives(kind: str) -> list[tuple[str, list[str]]]:
    """Those of a kind, by the full names of what they document, with what they exclude."""
    found = []
    module = ""
    for block in re.split(r"\n(?=\.\. )", REFERENCE):
        directive = re.match(r"\.\. (\w+):: *(\S+)", block)
        if directive and directive[1] in ("module", "currentmodule"):
            module = directive[2]
        elif directive and re.fullmatch(kind, directive[1]):
            name = directive[2] if directive[2].startswith("rancher_ports") else f"{module}.{directive[2]}"
            excluded = re.search(r":exclude-members: (.*)", block)
            found.append((name, excluded[1].split(", ") if excluded else []))
    return found


SINGLE = {name for name, _ in _directives("autoclass|autofunction|autoexception")}


@pytest.mark.parametrize("package", [PACKAGE, PACKAGE / "cdk"], ids=_module)
def test_every_public_name_is_in_the_reference(package: Path) -> None:
    names = _public_names(package / "__init__.py")
    assert names
    assert {f"{_module(package)}.{name}" for name in names} <= SINGLE


def test_every_module_of_the_library_is_in_the_reference_once() -> None:
    assert sorted(name for name, _ in _directives("automodule")) == sorted(map(_module, DEFINING))


def test_what_the_reference_leaves_out_of_a_module_stands_elsewhere() -> None:
    shown = {name.rpartition(".")[2] for name in SINGLE}
    left_out = set()
    for module, excluded in _directives("automodule"):
        path = next(path for path in DEFINING if _module(path) == module)
        defined = [node.name for node in _parsed(path).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        shown |= set(_public_names(path) or defined) - set(excluded)
        left_out |= set(excluded)
    assert left_out
    assert left_out <= shown


def test_the_readme_tells_of_the_site() -> None:
    assert "`make site`" in (ROOT / "README.md").read_text("utf-8")


def _page(body: str) -> str:
    return f'<!doctype html><html lang="en"><head><title>x</title></head><body>{body}</body></html>'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "one.html").write_text(
        _page('<h2 id="first">1</h2><a href="#first"></a><a href="../two.html#second"></a><img src="a%20b.svg">'),
        "utf-8",
    )
    (tmp_path / "docs" / "a b.svg").write_text("<svg/>", "utf-8")
    (tmp_path / "two.html").write_text(_page('<h2 id="second">2</h2><a href="https://example.com/x">x</a>'), "utf-8")
    return tmp_path


def test_a_site_whose_links_all_lead_somewhere_passes(site: Path) -> None:
    assert list(faults(site)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="docs/none.html">', "three.html:1: 'docs/none.html': there is no such file"),
        ('<a href="docs/one.html#none">', "three.html:1: 'docs/one.html#none': there is no such anchor"),
        ('<a href="#none">', "three.html:1: '#none': there is no such anchor"),
        ('<img src="docs/none.svg">', "three.html:1: 'docs/none.svg': there is no such file"),
        ('<a href="../elsewhere.html">', "three.html:1: '../elsewhere.html': leads out of the site"),
        ('<script src="https://example.com/x.js">', "three.html:1: 'https://example.com/x.js': needs another host"),
        ('<script src="//example.com/x.js">', "three.html:1: '//example.com/x.js': needs another host"),
        ('<link rel="stylesheet" href="https://a.b/c">', "three.html:1: 'https://a.b/c': needs another host"),
        ('<img src="http://example.com/x.png">', "three.html:1: 'http://example.com/x.png': needs another host"),
    ],
)
def test_a_link_that_leads_nowhere_and_what_comes_from_another_host_are_faults(
    site: Path, body: str, fault: str
) -> None:
    (site / "three.html").write_text(_page(body), "utf-8")
    assert list(faults(site)) == [fault]


@pytest.mark.parametrize(
    "text", ["a { src: url(https://a.b/c) }", '@import "//a.b/c";', "a { src: url('http://a.b') }"]
)
def test_a_style_sheet_that_fetches_from_another_host_is_a_fault(site: Path, text: str) -> None:
    (site / "site.css").write_text(text, "utf-8")
    (fault,) = faults(site)
    assert fault.startswith("site.css: ")
    assert fault.endswith("needs another host")
