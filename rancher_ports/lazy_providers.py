"""Prebuilt provider packages that load their modules when first used, in Python and in Node.

An app says ``enable()`` before anything imports the CDK; importing this does nothing. Names private to jsii stand here
and nowhere else. Whatever is not as it is known here loads as it is shipped. What cdktf packs assets with waits for
its use as well, and the index that jsii keeps of a provider is made by a process of its own: see
``lazy_providers.js``.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import sys
import warnings
from collections.abc import Collection, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

# Set to anything but nothing, it keeps all this off; lazy_providers.js looks at it too.
OFF = "RANCHER_PORTS_NO_LAZY_PROVIDERS"

_PROVIDER = re.compile(r"(cdktf_cdktf|cdktn)_provider_\w+")
_IMPORTS = re.compile(r"(?:from \. import [^\W\d]\w*\n)+")
_HOOK = Path(__file__).with_suffix(".js")


def enable() -> bool:
    """Have every prebuilt provider package load its modules when they are first used.

    It has to come before anything imports ``cdktf``, ``cdktn``, ``constructs`` or a provider package. Later it says so
    in a ``RuntimeWarning`` and does nothing. It does nothing either where the environment variable
    ``RANCHER_PORTS_NO_LAZY_PROVIDERS`` is set, or where it was called before.

    Returns:
        Whether it is on now.
    """
    if any(isinstance(finder, _ProviderFinder) for finder in sys.meta_path):
        return True
    if os.environ.get(OFF):
        return False
    if any(name.endswith("._jsii") for name in list(sys.modules)):
        warnings.warn(
            "The CDK was imported before lazy_providers.enable() was called, so provider packages load whole, which "
            "takes longer. Call it before the first import of cdktf, cdktn, constructs or a provider package.",
            RuntimeWarning,
            stacklevel=2,
        )
        return False
    sys.meta_path.insert(0, _ProviderFinder())
    _enable_in_node(str(_HOOK.absolute()))
    return True


def node_options(options: str, file: str) -> str:
    """The value of ``NODE_OPTIONS`` that has Node require one more file at its start.

    Node splits the value at spaces. Within double quotes a space is one, and a backslash stands before a quote or a
    backslash (Node.js, "Command-line API", ``NODE_OPTIONS``).

    Args:
        options: the value so far, which is kept.
        file: the file's absolute path.
    """
    escaped = file.replace("\\", "\\\\").replace('"', '\\"')
    required = f'--require "{escaped}"'
    if required in options:
        return options
    return f"{options} {required}" if options else required


def _enable_in_node(file: str) -> None:
    try:
        file.encode()
    except UnicodeEncodeError:
        # A path that is not UTF-8, as which Node would read it.
        return
    # No file: the package was imported from a zip archive.
    if not Path(file).is_file():
        return
    os.environ["NODE_OPTIONS"] = node_options(os.environ.get("NODE_OPTIONS", ""), file)


class _ProviderFinder(MetaPathFinder):
    """Finds provider packages where the other finders do, and has them loaded by :class:`_ProviderLoader`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The package's own spec with another loader; None for anything but a provider package."""
        if not _PROVIDER.fullmatch(fullname):
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find and find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _ProviderLoader(spec.loader)  # type: ignore[assignment]  # one by what it does
                return spec
        return None


class _ProviderLoader:
    """Loads a provider package without its submodules where it is of the known shape, and as it is shipped elsewhere.

    Args:
        shipped: the package's own loader, which answers everything else.
    """

    def __init__(self, shipped: Any) -> None:  # noqa: ANN401  # loaders have no type in common but two methods
        self._shipped = shipped

    def __getattr__(self, name: str) -> object:
        return getattr(self._shipped, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The package's module, before anything of it is executed."""
        module: ModuleType | None = self._shipped.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Execute the package, with or without its submodules."""
        # Whoever looks at the package, or reloads it, finds what was shipped.
        module.__loader__ = module.__spec__.loader = self._shipped  # type: ignore[union-attr]  # an imported module has one
        known = _types_by_submodule()
        lazy = None if known is None else self._without_submodules(module.__name__)
        if known is None or lazy is None:
            self._shipped.exec_module(module)
            return
        code, submodules = lazy
        exec(code, module.__dict__)  # noqa: S102  # as every loader does
        # The package's last statement has put another module in its own place.
        _load_when_used(sys.modules[module.__name__], submodules)
        assembly = getattr(sys.modules.get(f"{module.__name__}._jsii"), "__jsii_assembly__", None)
        if not isinstance(name := getattr(assembly, "name", None), str):
            for submodule in submodules:
                importlib.import_module(f"{module.__name__}.{submodule}")
            return
        for submodule in submodules:
            known.setdefault(f"{name}.{submodule_in_assembly(submodule)}", f"{module.__name__}.{submodule}")

    def _without_submodules(self, name: str) -> tuple[CodeType, Sequence[str]] | None:
        try:
            source, filename = self._shipped.get_source(name), self._shipped.get_filename(name)
            if (lazy := without_submodules(source)) is None:
                return None
            return compile(lazy[0], filename, "exec", dont_inherit=True), lazy[1]
        except (AttributeError, ImportError, OSError, SyntaxError, TypeError, ValueError):
            return None


def without_submodules(source: str) -> tuple[ast.Module, Sequence[str]] | None:
    """A provider package's ``__init__``, without the statements that import its submodules.

    Args:
        source: as jsii generated it.

    Returns:
        What is left, and the names of the submodules; None if anything in it is not of a kind known here.

    Raises:
        SyntaxError: if it is not Python.
    """
    # The import statements are matched as text: parsing thousands of them takes longer than all the rest.
    begin = source.find("\nfrom . import ") + 1
    imports = source[begin:]
    if begin == 0 or not _IMPORTS.fullmatch(imports):
        return None
    rest = ast.parse(source[:begin])
    return (rest, imports.split()[3::4]) if all(map(_is_known, rest.body)) else None


def _is_known(statement: ast.stmt) -> bool:
    match statement:
        case (
            ast.Expr(ast.Constant(str()))
            | ast.Import()
            | ast.ImportFrom(level=0)
            | ast.ImportFrom("_jsii", [ast.alias("*")], 1)
            | ast.Assign([ast.Name("__path__" | "TYPEGUARD_MAJOR_VERSION")])
            | ast.FunctionDef("check_type")
            | ast.Expr(ast.Call(ast.Attribute(ast.Name("publication"), "publish"), [], []))
        ):
            return True
        case ast.Assign([ast.Name("__all__")], ast.List(names)):
            return all(isinstance(name, ast.Constant) for name in names)
        case _:
            return False


def submodule_in_assembly(submodule: str) -> str:
    """The name that a Python submodule has in jsii's assembly: ``data_aws_vpc`` is ``dataAwsVpc`` there."""
    first, *rest = submodule.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _types_by_submodule() -> dict[str, str] | None:
    """Where jsii looks up the Python module of a type that comes back from JavaScript; None if it does not."""
    try:
        references = importlib.import_module("jsii._reference_map")
    except ImportError:
        return None
    known = getattr(references, "_submodule_fqn_map", None)
    return known if isinstance(known, dict) and hasattr(references, "_try_import_type_module") else None


def _load_when_used(package: ModuleType, submodules: Collection[str]) -> None:
    # PEP 562; what jsii generates itself since 2026 (github.com/aws/jsii/pull/5110).
    names = frozenset(submodules)

    def submodule(name: str) -> ModuleType:
        if name not in names:
            message = f"module {package.__name__!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=package)
        module = importlib.import_module(f"{package.__name__}.{name}")
        setattr(package, name, module)
        return module

    def listed() -> list[str]:
        return sorted(names.union(vars(package)) - {"__getattr__", "__dir__"})

    vars(package).update(__getattr__=submodule, __dir__=listed)
