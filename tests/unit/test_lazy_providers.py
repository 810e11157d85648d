"""Provider packages that load when used: the switch, what Node is told, made-up packages of known and other shapes."""

from __future__ import annotations

import importlib
import importlib.resources
import importlib.util
import inspect
import ntpath
import os
import pkgutil
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rancher_ports import lazy_providers
from rancher_ports.lazy_providers import OFF, node_options, submodule_in_assembly
from tests.conftest import ROOT

PACKAGE = "cdktf_cdktf_provider_made_up"
EAGER = f"{PACKAGE}_before"
ASSEMBLY = "@cdktf/provider-made-up"

# The statements of an __init__ as jsii 1.126 generates it, each once, with next to nothing in them.
BEGINNING = '''"""Made up."""
from pkgutil import extend_path
__path__ = extend_path(__path__, __name__)
import abc
from importlib.metadata import version as _metadata_package_version
TYPEGUARD_MAJOR_VERSION = int("4")
def check_type(value: object) -> object:
    return value
from ._jsii import *
import published
'''
ALL = '__all__ = ["data_up_things", "thing"]\n'
PUBLISH = "import publication\npublication.publish()\n"
SUBMODULES = "from . import data_up_things\nfrom . import thing\n"
SHIPPED = BEGINNING + ALL + PUBLISH + SUBMODULES
JSII = f'from types import SimpleNamespace\n__jsii_assembly__ = SimpleNamespace(name="{ASSEMBLY}")\n'
# What publication.publish() does: a module with the public names alone takes the place of the one that is executed.
PUBLICATION = """import sys, types
def publish():
    private = sys._getframe(1).f_globals
    public = types.ModuleType(private["__name__"])
    names = [*private["__all__"], "__all__", *(name for name in private if name[:2] == "__" and name != "__builtins__")]
    vars(public).update({name: private[name] for name in names if name in private})
    public._private = sys.modules[private["__name__"]]
    sys.modules[private["__name__"]] = public
"""


@pytest.fixture(autouse=True)
def _as_at_the_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process in which nothing has imported the CDK, and leave nothing behind."""
    before = dict(sys.modules)
    for name in before:
        if name.partition(".")[0] == "jsii" or name.endswith("._jsii"):
            monkeypatch.delitem(sys.modules, name)
    finders = [finder for finder in sys.meta_path if type(finder).__module__ != lazy_providers.__name__]
    monkeypatch.setattr(sys, "meta_path", finders)
    monkeypatch.delenv(OFF, raising=False)
    monkeypatch.setenv("NODE_OPTIONS", "--no-deprecation")
    yield
    for name in set(sys.modules) - set(before):
        if "made_up" in name or name in ("publication", "published"):
            del sys.modules[name]


@pytest.fixture
def types_by_submodule(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What jsii is told about where types are, in a made-up jsii."""
    known: dict[str, str] = {}
    references = types.ModuleType("jsii._reference_map")
    vars(references).update(_submodule_fqn_map=known, _try_import_type_module=lambda name: name)
    monkeypatch.setitem(sys.modules, "jsii", types.ModuleType("jsii"))
    monkeypatch.setitem(sys.modules, "jsii._reference_map", references)
    return known


Ship = Callable[..., Any]


@pytest.fixture
def ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, types_by_submodule: dict[str, str]) -> Ship:
    """Write a provider package where Python finds it, and import it."""
    assert types_by_submodule == {}
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "publication", None)
    del sys.modules["publication"]

    def write(init: str = SHIPPED, jsii: str = JSII, name: str = PACKAGE) -> Any:
        folder = tmp_path / name
        (folder / "_jsii").mkdir(parents=True)
        (folder / "_jsii" / "__init__.py").write_text(jsii)
        (folder / "__init__.py").write_text(init)
        for submodule in ("data_up_things", "thing"):
            (folder / submodule).mkdir()
            (folder / submodule / "__init__.py").write_text("class Thing: pass\n")
        (tmp_path / "published.py").write_text("from publication import publish\n")
        (tmp_path / "publication.py").write_text(PUBLICATION)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    return write


@pytest.fixture
def eager(ship: Ship) -> Any:
    """The same package, imported as it is shipped."""
    package = ship(name=EAGER)
    del sys.modules[f"{EAGER}._jsii"]
    return package


def _loaded(name: str = PACKAGE) -> set[str]:
    return {submodule for submodule in ("data_up_things", "thing") if f"{name}.{submodule}" in sys.modules}


# The switch.


def test_importing_does_nothing_and_enabling_is_in_the_open() -> None:
    before = list(sys.meta_path)
    importlib.reload(lazy_providers)
    assert sys.meta_path == before
    assert os.environ["NODE_OPTIONS"] == "--no-deprecation"
    assert lazy_providers.enable() is True
    assert len(sys.meta_path) == len(before) + 1
    assert split(os.environ["NODE_OPTIONS"])[0] == "--no-deprecation"


def test_enabling_twice_is_enabling_once(ship: Ship) -> None:
    assert lazy_providers.enable() is True
    ship()
    finders, options = list(sys.meta_path), os.environ["NODE_OPTIONS"]
    # The CDK has started since, of which a second call has nothing to say.
    assert lazy_providers.enable() is True
    assert (sys.meta_path, os.environ["NODE_OPTIONS"]) == (finders, options)


@pytest.mark.parametrize("value", ["1", "true", "0", " "])
def test_one_variable_keeps_it_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(OFF, value)
    before = list(sys.meta_path)
    assert lazy_providers.enable() is False
    assert (sys.meta_path, os.environ["NODE_OPTIONS"]) == (before, "--no-deprecation")


def test_the_empty_variable_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OFF, "")
    assert lazy_providers.enable() is True


def test_after_the_cdk_has_started_it_says_so_and_does_nothing(ship: Ship) -> None:
    ship()
    before = list(sys.meta_path)
    with pytest.warns(RuntimeWarning, match=r"imported before lazy_providers\.enable\(\) .* Call it before") as caught:
        assert lazy_providers.enable() is False
    assert [warning.filename for warning in caught] == [__file__]
    assert (sys.meta_path, os.environ["NODE_OPTIONS"]) == (before, "--no-deprecation")


def test_no_part_of_the_library_switches_it_on() -> None:
    """By import-linter none imports it; here neither does the package itself, nor one that it finds by name."""
    code = "import sys, rancher_ports, rancher_ports.cli; sys.exit('rancher_ports.lazy_providers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# What Node is told.


def split(options: str) -> list[str]:
    """Node's reading of NODE_OPTIONS: words between spaces; in double quotes a space is one, a backslash escapes."""
    words: list[str] = []
    begun = quoted = False
    characters = iter(options)
    for character in characters:
        if character == "\\" and quoted:
            character = next(characters)  # noqa: PLW2901  # the one that it escapes
        elif character == " " and not quoted:
            begun = False
            continue
        elif character == '"':
            quoted = not quoted
            continue
        words[-1:] = [words[-1] + character] if begun else [*words[-1:], character]
        begun = True
    assert not quoted
    return words


def test_how_node_splits() -> None:
    """Known answers, since the laws below rest on it; tests/lazy/test_node.py asks Node itself."""
    assert split(r'  --a   "--b c" d" e\"f\\ "\n') == ["--a", "--b c", r'd e"f\ \n']


files = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(files)
@example(r'/a "quoted" \folder\" and \\ more')
def test_node_gets_the_file_whatever_its_name(file: str) -> None:
    assert split(node_options("", file)) == ["--require", file]


@given(st.lists(files), files)
def test_options_of_the_users_are_kept_in_front(words: list[str], file: str) -> None:
    options = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)
    assume(split(options) == words)
    assert node_options(options, file).startswith(options)
    assert split(node_options(options, file)) == [*words, "--require", file]


def test_a_hook_that_is_there_already_stays_as_it_is() -> None:
    once = node_options("--use-openssl-ca", "/a/hook.js")
    assert node_options(once, "/a/hook.js") == once


@given(st.text(alphabet='ab" -=\\'), files)
def test_nothing_is_added_twice(options: str, file: str) -> None:
    once = node_options(options, file)
    assert node_options(once, file) == once


@pytest.mark.parametrize(
    "file",
    [
        r"C:\Users\Jo Doe\venv\Lib\site-packages\rancher_ports\lazy_providers.js",
        r"\\server\share\new tools\x.js",
        r"C:\new\x.js",
        r"\\?\C:\very long\x.js",
    ],
)
def test_paths_on_windows_arrive(file: str) -> None:
    assert ntpath.isabs(file)
    assert split(node_options("--use-openssl-ca", file)) == ["--use-openssl-ca", "--require", file]


def test_the_file_is_there_and_its_path_absolute() -> None:
    lazy_providers.enable()
    file = Path(split(os.environ["NODE_OPTIONS"])[-1])
    assert file.is_absolute()
    assert file.read_bytes() == (ROOT / "rancher_ports" / "lazy_providers.js").read_bytes()


@pytest.mark.parametrize(("file", "there"), [("/a/zip.zip/lazy_providers.js", False), ("/not UTF-8 \udcff.js", True)])
def test_where_there_is_no_file_for_node_python_alone_is_lazy(
    monkeypatch: pytest.MonkeyPatch, ship: Ship, file: str, there: bool
) -> None:
    monkeypatch.setattr(lazy_providers, "_HOOK", Path(file))
    with monkeypatch.context() as during:
        during.setattr(Path, "is_file", lambda _: there)
        assert lazy_providers.enable() is True
    assert os.environ["NODE_OPTIONS"] == "--no-deprecation"
    ship()
    assert _loaded() == set()


# Packages of the known shape.


@pytest.fixture
def package(ship: Ship) -> Any:
    """A package as jsii generates it, imported with all this on."""
    lazy_providers.enable()
    return ship()


def test_modules_load_when_first_used(package: Any, types_by_submodule: dict[str, str]) -> None:
    assert _loaded() == set()
    assert package.thing is importlib.import_module(f"{PACKAGE}.thing")
    assert "thing" in vars(package)
    assert _loaded() == {"thing"}
    del package.thing
    assert package.thing is vars(package)["thing"]
    # By these jsii finds the module of a type that comes back from JavaScript.
    assert types_by_submodule == {
        f"{ASSEMBLY}.dataUpThings": f"{PACKAGE}.data_up_things",
        f"{ASSEMBLY}.thing": f"{PACKAGE}.thing",
    }


def test_what_jsii_knows_already_stays(ship: Ship, types_by_submodule: dict[str, str]) -> None:
    types_by_submodule[f"{ASSEMBLY}.thing"] = "elsewhere"
    lazy_providers.enable()
    ship()
    assert types_by_submodule[f"{ASSEMBLY}.thing"] == "elsewhere"


@pytest.mark.parametrize(
    "statement",
    [
        "from {0} import thing",
        "import {0}.thing as thing",
        "import {0}; thing = {0}.thing",
        "from {0} import *",
        "from {0}.thing import Thing",
        "import importlib; thing = importlib.import_module('.thing', '{0}')",
    ],
)
def test_every_way_to_import_finds_the_same(package: Any, statement: str) -> None:
    names: dict[str, Any] = {}
    exec(statement.format(PACKAGE), names)  # noqa: S102  # statements of this file
    assert names.get("Thing") is package.thing.Thing or names["thing"] is package.thing
    assert ("data_up_things" in names) is ("*" in statement)


def test_names_that_are_none_fail_as_they_do_in_any_package(package: Any) -> None:
    assert not hasattr(package, "nonsense")
    with pytest.raises(AttributeError, match=f"^module '{PACKAGE}' has no attribute 'nonsense'$"):
        _ = package.nonsense
    with pytest.raises(ImportError, match="cannot import name 'nonsense'"):
        exec(f"from {PACKAGE} import nonsense")  # noqa: S102  # see above
    with pytest.raises(ModuleNotFoundError, match=f"^No module named '{PACKAGE}.nonsense'$"):
        importlib.import_module(f"{PACKAGE}.nonsense")
    # What the package keeps to itself, and a module of it that its __init__ does not import.
    assert not hasattr(package, "abc")
    assert not hasattr(package, "check_type")


def test_a_module_that_fails_says_its_own_error(package: Any) -> None:
    Path(package.__file__).with_name("thing").joinpath("__init__.py").write_text("import no_such_module")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        _ = package.thing


def test_from_outside_it_is_the_package_that_was_shipped(ship: Ship, eager: Any) -> None:
    lazy_providers.enable()
    lazy = ship()
    assert dir(lazy) == dir(eager)
    assert lazy.__all__ == eager.__all__
    assert lazy.__doc__ == eager.__doc__
    assert type(lazy.__loader__) is type(lazy.__spec__.loader) is type(eager.__loader__)
    assert Path(lazy.__file__) == Path(eager.__file__.replace(eager.__name__, PACKAGE))
    assert lazy.__path__ == [path.replace(eager.__name__, PACKAGE) for path in eager.__path__]
    assert inspect.getsource(lazy) == SHIPPED
    for package in (lazy, eager):
        assert [one.name for one in pkgutil.iter_modules(package.__path__)] == ["_jsii", "data_up_things", "thing"]
        assert importlib.resources.files(package).joinpath("thing", "__init__.py").is_file()
    assert {name for name, _ in inspect.getmembers(lazy)} == {name for name, _ in inspect.getmembers(eager)}


def test_looking_for_a_package_does_not_load_it(ship: Ship, tmp_path: Path) -> None:
    lazy_providers.enable()
    ship()
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert PACKAGE not in sys.modules
    loader: Any = spec.loader
    assert spec.origin == loader.get_filename(PACKAGE) == str(tmp_path / PACKAGE / "__init__.py")
    assert loader.is_package(PACKAGE)
    # Whatever a submodule looks like: its own submodules are for its own __init__ to import.
    submodule = importlib.util.find_spec(f"{PACKAGE}.thing")
    assert submodule is not None
    assert type(submodule.loader).__name__ == "SourceFileLoader"
    assert importlib.util.find_spec("cdktf_cdktf_provider_that_is_not_there") is None


def test_reloading_gives_the_same_again(package: Any) -> None:
    thing = package.thing
    again = importlib.reload(package)
    assert again.thing is thing
    assert _loaded() == {"thing"}
    assert hasattr(again, "data_up_things")


def test_what_is_left_of_a_package_is_executed_as_it_is_written(package: Any) -> None:
    """Not with what this module has from __future__."""
    function = package._private.check_type
    assert function.__annotations__ == {"value": object, "return": object}
    # Tracebacks and debuggers show the lines of the file.
    assert function.__code__.co_filename == package.__file__
    assert SHIPPED.splitlines()[function.__code__.co_firstlineno - 1].startswith("def check_type")


def test_threads_get_the_same_module(package: Any) -> None:
    slow = "import time\ntime.sleep(0.05)\nclass Thing: pass\n"
    Path(package.__file__).with_name("thing").joinpath("__init__.py").write_text(slow)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(package.thing.Thing)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_other_finders_are_asked(eager: Any) -> None:
    """An editable installation, for one, has a finder of its own."""

    class Finder:
        def find_spec(self, name: str, *_: object) -> Any:
            return importlib.util.spec_from_file_location(name, eager.__file__) if name == PACKAGE else None

    lazy_providers.enable()
    sys.meta_path.append(Finder())
    package = importlib.import_module(PACKAGE)
    assert package.__file__ == eager.__file__
    assert _loaded() == set()


# Packages that are left alone.


LEFT_ALONE = {
    "no submodules": BEGINNING + ALL + PUBLISH,
    "lazy already": SHIPPED.replace("from . import thing", "def __getattr__(name): raise AttributeError(name)"),
    "imports for type checkers": SHIPPED + "import typing\nif typing.TYPE_CHECKING:\n    from . import thing\n",
    "a class of its own": BEGINNING + "class Root: pass\n" + ALL + PUBLISH + SUBMODULES,
    "a class after its submodules": SHIPPED + "class Root(thing.Thing): pass\n",
    "a name for a submodule": BEGINNING + ALL + PUBLISH + SUBMODULES.replace("import thing", "import thing as one"),
    "all of a submodule": SHIPPED.replace("from . import thing", "from .thing import *"),
    "all of its submodules": SHIPPED.replace("from . import thing", "from . import *"),
    "another publisher": SHIPPED.replace("publication.publish()", "published.publish()"),
    "a name of a submodule": SHIPPED.replace("from . import thing", "from .thing import Thing"),
    "a value": SHIPPED.replace("import published", "published = 1"),
    "another function": SHIPPED.replace("def check_type", "def check_types"),
    "names added up": SHIPPED.replace(ALL, '__all__ = ["data_up_things"] + ["thing"]\n'),
    "names worked out": SHIPPED.replace(ALL, '__all__ = ["data_up_" + "things", "thing"]\n'),
    "a call": SHIPPED.replace("import published", "print(end='')"),
    "a call after its submodules": SHIPPED + "vars(thing)\n",
    "published last": BEGINNING + ALL + SUBMODULES + PUBLISH,
    "parts of jsii's module": SHIPPED.replace("from ._jsii import *", "from ._jsii import __jsii_assembly__"),
}


@pytest.mark.parametrize("shape", LEFT_ALONE)
def test_a_package_of_another_shape_loads_as_it_is_shipped(
    ship: Ship, types_by_submodule: dict[str, str], shape: str
) -> None:
    init = LEFT_ALONE[shape]
    assert init != SHIPPED
    ship(init, name=EAGER)
    del sys.modules[f"{EAGER}._jsii"]
    lazy_providers.enable()
    package = ship(init)
    assert _loaded() == _loaded(EAGER)
    assert vars(package).keys() == vars(sys.modules[EAGER]).keys()
    assert types_by_submodule == {}
    assert type(package.__spec__.loader).__name__ == "SourceFileLoader"


@pytest.mark.parametrize("missing", ["_submodule_fqn_map", "_try_import_type_module", None])
def test_with_a_jsii_that_cannot_look_types_up_packages_load_as_they_are_shipped(
    ship: Ship, monkeypatch: pytest.MonkeyPatch, missing: str | None
) -> None:
    if missing is None:
        monkeypatch.setitem(sys.modules, "jsii._reference_map", None)
    else:
        monkeypatch.delattr(sys.modules["jsii._reference_map"], missing)
    lazy_providers.enable()
    ship()
    assert _loaded() == {"data_up_things", "thing"}


def test_with_a_jsii_that_keeps_types_otherwise_packages_load_as_they_are_shipped(
    ship: Ship, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["jsii._reference_map"], "_submodule_fqn_map", [])
    lazy_providers.enable()
    ship()
    assert _loaded() == {"data_up_things", "thing"}


@pytest.mark.parametrize("jsii", ["", "__jsii_assembly__ = None\n", '__jsii_assembly__ = "a name"\n'])
def test_an_assembly_without_a_name_has_every_module_loaded(ship: Ship, jsii: str) -> None:
    """Or types that come back from JavaScript would not be found."""
    lazy_providers.enable()
    package = ship(jsii=jsii)
    assert _loaded() == {"data_up_things", "thing"}
    assert package.thing.Thing


def test_a_package_that_fails_does_so_as_without_this(ship: Ship, tmp_path: Path) -> None:
    lazy_providers.enable()
    with pytest.raises(SyntaxError) as caught:
        ship("from . import thing\n1 +")
    assert caught.value.filename == str(tmp_path / PACKAGE / "__init__.py")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        ship(SHIPPED.replace("import published", "import no_such_module"), name=f"{PACKAGE}_too")
    assert not {name for name in sys.modules if name.endswith(("made_up", "made_up_too"))}


def test_a_package_whose_source_is_not_there_loads_as_it_is_shipped(
    ship: Ship, monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy_providers.enable()
    monkeypatch.setattr("importlib.machinery.SourceFileLoader.get_source", lambda *_: None)
    ship()
    assert _loaded() == {"data_up_things", "thing"}


def test_packages_without_a_loader_stay_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / PACKAGE).mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    lazy_providers.enable()
    assert list(importlib.import_module(PACKAGE).__path__) == [str(tmp_path / PACKAGE)]


@pytest.mark.parametrize("name", ["made_up_cdktf_cdktf_provider", "cdktf_provider_made_up", "cdktf_cdktf_provider_"])
def test_packages_with_other_names_are_none_of_its_business(ship: Ship, name: str) -> None:
    lazy_providers.enable()
    ship(name=name)
    assert _loaded(name) == {"data_up_things", "thing"}


@pytest.mark.parametrize("name", ["cdktf_cdktf_provider_made_up_2", "cdktn_provider_made_up"])
def test_the_packages_of_both_flavours_are(ship: Ship, name: str) -> None:
    lazy_providers.enable()
    ship(name=name)
    assert _loaded(name) == set()


# Names.


@pytest.mark.parametrize(
    ("submodule", "name"),
    [
        ("vpc", "vpc"),
        ("data_aws_vpc", "dataAwsVpc"),
        ("s3_bucket", "s3Bucket"),
        ("wafv2_web_acl", "wafv2WebAcl"),
        ("data_aws_route53profiles_profiles", "dataAwsRoute53profilesProfiles"),
        ("lambda_", "lambda"),
    ],
)
def test_names_of_submodules_in_an_assembly(submodule: str, name: str) -> None:
    """A few by hand; tests/lazy holds them all against the assemblies that are installed."""
    assert submodule_in_assembly(submodule) == name
