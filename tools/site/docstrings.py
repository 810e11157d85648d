"""The reference: types and names in docstrings and annotations, found as Python finds them."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
import typing
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from sphinx.util.nodes import make_refnode
from sphinx.util.typing import stringify_annotation

import rancher_ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docutils import nodes
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_HIDDEN = "\0"


def _import_for_types() -> None:
    """Import the library, and give modules the names that they import for their types alone."""
    found = pkgutil.walk_packages(rancher_ports.__path__, "rancher_ports.")
    # Of the command line the site tells what it says of itself.
    names = [module.name for module in found if not module.name.startswith(("rancher_ports.cli", "rancher_ports.__"))]
    modules = [importlib.import_module(name) for name in names]
    for module in modules:
        for statement in ast.parse(Path(str(module.__file__)).read_text("utf-8")).body:
            if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
                exec(ast.unparse(ast.Module(statement.body, [])), vars(module))  # noqa: S102  # our own imports


def _add_types(_: Sphinx, what: str, __: str, obj: object, ___: object, lines: list[str]) -> None:
    """Tell the types of a mapping's keys, which are in no signature."""
    if what == "class" and typing.is_typeddict(obj):
        hints = typing.get_type_hints(obj)
        lines += [f":type {name}: {stringify_annotation(hint, 'smart')}" for name, hint in hints.items()]


def _hide_colons(_: Sphinx, what: str, __: str, ___: object, ____: object, lines: list[str]) -> None:
    """Keep napoleon from taking for a type what stands before a colon in what is said of a property."""
    if what == "property" and lines:
        lines[0] = lines[0].replace(": ", _HIDDEN)


def _show_colons(_: Sphinx, __: str, ___: str, ____: object, _____: object, lines: list[str]) -> None:
    lines[:] = [line.replace(_HIDDEN, ": ") for line in lines]


def _namespaces(node: pending_xref) -> Iterator[Mapping[str, object]]:
    """Where a name in a docstring may be from: the module of its class, its own, the package."""
    module = sys.modules.get(node.get("py:module") or "", rancher_ports)
    documented = getattr(module, (node.get("py:class") or "").partition(".")[0], None)
    of_class = sys.modules.get(getattr(documented, "__module__", ""))
    yield from (vars(found) for found in (of_class, module, rancher_ports) if found is not None)
    yield {rancher_ports.__name__: rancher_ports}


def _found(target: str, namespace: Mapping[str, object]) -> tuple[str, object]:
    """What has a name in a namespace, and its full name; None if there is nothing."""
    first, *rest = target.split(".")
    found = namespace.get(first)
    name = f"{getattr(found, '__module__', '')}.{getattr(found, '__qualname__', first)}".lstrip(".")
    for part in rest:
        found = getattr(found, part, None)
        name = getattr(found, "__name__", "") if isinstance(found, ModuleType) else f"{name}.{part}"
    return name, found


def _resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.Element) -> nodes.Node | None:
    """Find a name of a docstring or an annotation as Python finds it: by what its module has imported.

    What is not ours, and constants, have no place in the reference: they are shown as they are. A name that Python
    does not find, and a class or a function of ours that is left out, are for Sphinx to complain of.
    """
    if node.get("refdomain") != "py":
        return None
    for namespace in _namespaces(node):
        name, found = _found(node["reftarget"], namespace)
        if found is None:
            continue
        objects = env.domains.python_domain.objects
        owner, _, member = name.rpartition(".")
        # What is documented by the name under which users import it goes by its own as well, its members do not.
        entry = objects.get(name) or (owner in objects and objects.get(f"{objects[owner].node_id}.{member}"))
        if entry:
            return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, [shown], name)
        ours = name.startswith("rancher_ports.") and isinstance(found, type | FunctionType)
        return None if ours else shown
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    _import_for_types()
    app.connect("missing-reference", _resolve)
    # Before napoleon, and after it.
    app.connect("autodoc-process-docstring", _hide_colons, priority=400)
    app.connect("autodoc-process-docstring", _show_colons, priority=600)
    app.connect("autodoc-process-docstring", _add_types, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
