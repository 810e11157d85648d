"""Real packages from outside: whoever looks at one finds what he finds without."""

from __future__ import annotations

import json
import pkgutil
import re
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from rancher_ports.lazy_providers import submodule_in_assembly
from tests.lazy.flavours import AWS, RANDOM
from tests.lazy.running import python

PACKAGES = [AWS, RANDOM]
# What a package of nine modules says of itself, and how it is imported; every line is one answer.
LOOKS = f"""
import json, sys
if "--eager" not in sys.argv:
    from rancher_ports import lazy_providers
    lazy_providers.enable()
import importlib.metadata, importlib.resources, inspect, pkgutil, threading
import {RANDOM} as package

def said(statement):
    try:
        exec(statement, {{}})
    except Exception as error:
        return [type(error).__name__, str(error)]

def threads():
    found = []
    started = [threading.Thread(target=lambda: found.append(package.pet.Pet)) for _ in range(8)]
    [thread.start() for thread in started]
    [thread.join() for thread in started]
    return len(found), len(set(found))

def star():
    names = {{}}
    exec("from {RANDOM} import *", names)
    return sorted(name for name in names if name != "__builtins__")

answers = {{
    "dir": dir(package),
    "before": [hasattr(package, name) for name in ("nonsense", "typing", "check_type", "_private", "__wrapped__")],
    "nonsense": [said("import {RANDOM} as p; p.nonsense"), said("import {RANDOM}.nonsense")],
    "from nonsense": said("from {RANDOM} import nonsense"),
    "ways": [
        said("import {RANDOM}.pet as pet; pet.Pet"),
        said("from {RANDOM} import uuid; uuid.Uuid"),
        said("import {RANDOM}.shuffle, {RANDOM}; {RANDOM}.shuffle.Shuffle"),
    ],
    "threads": threads(),
    "star": star(),
    "same": __import__("{RANDOM}").password is __import__("importlib").import_module("{RANDOM}.password"),
    "dir after": dir(package),
    "spec": [package.__spec__.name, package.__spec__.origin, package.__spec__.has_location, package.__spec__.parent],
    "loader": [type(package.__loader__).__name__, package.__spec__.loader is package.__loader__],
    "file": [package.__file__, list(package.__path__), package.__package__, package.__cached__],
    "doc": package.__doc__,
    "source": len(inspect.getsource(package)),
    "modules": [module.name for module in pkgutil.iter_modules(package.__path__)],
    "walked": len(list(pkgutil.walk_packages(package.__path__, "{RANDOM}."))),
    "resources": sorted({{path.name for path in importlib.resources.files(package).iterdir()}} - {{"__pycache__"}}),
    "version": importlib.metadata.version("{RANDOM}".replace("_", "-")),
    "reloaded": importlib.reload(package).pet.Pet is package.pet.Pet,
}}
print(json.dumps(answers))
"""


def test_a_package_looks_the_same_from_outside(tmp_path: Path) -> None:
    lazy, eager = (json.loads(python("-c", LOOKS, *mode, folder=tmp_path)) for mode in ([], ["--eager"]))
    assert lazy["nonsense"][0] == ["AttributeError", f"module '{RANDOM}' has no attribute 'nonsense'"]
    assert lazy["from nonsense"][0] == "ImportError"
    assert lazy["ways"] == [None, None, None]
    assert lazy["threads"] == [8, 1]
    for question, answer in eager.items():
        assert lazy[question] == answer, question


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_of_an_installed_package_has_the_name_that_it_has_in_javascript(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    modules = {module.name for module in pkgutil.iter_modules([str(folder)]) if module.name != "_jsii"}
    (archive,) = (folder / "_jsii").glob("*.tgz")
    assert {submodule_in_assembly(module) for module in modules} == _exported(archive)


def _exported(archive: Path) -> set[str]:
    """What the package's own index exports in JavaScript, which is how jsii names its submodules."""
    with tarfile.open(archive) as files:
        for member in files:
            if member.name == "package/lib/index.js" and (content := files.extractfile(member)):
                return set(re.findall(r"^exports\.(\w+) = (?!exports)(?!void)", content.read().decode(), re.MULTILINE))
    raise AssertionError(archive)
