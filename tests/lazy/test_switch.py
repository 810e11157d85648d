"""Switching it on in real processes: off, too late, twice, and never by import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rancher_ports.lazy_providers import OFF
from tests.lazy.flavours import CDK, RANDOM
from tests.lazy.running import python

# What is loaded of a small package, and whether Node was told anything.
SEEN = f"""
import json, os, sys
import {RANDOM} as random
loaded = sum(name.startswith("{RANDOM}.") and not name.startswith("{RANDOM}._") for name in sys.modules)
told = "lazy_providers" in os.environ.get("NODE_OPTIONS", "")
print(json.dumps([locals().get("on"), loaded > 0, told]))
"""
ON = "from rancher_ports import lazy_providers\non = lazy_providers.enable()\n"
# A package of cdktn's is lazy in Python as it is shipped.
LOADED = CDK == "cdktf"


def seen(before: str, folder: Path, **given: str) -> Any:
    """What `enable` returned, whether modules were loaded without being used, whether Node was told."""
    return json.loads(python("-c", before + SEEN, folder=folder, **given))


def test_on(tmp_path: Path) -> None:
    assert seen(ON, tmp_path) == [True, False, True]


def test_importing_the_library_does_not_switch_it_on(tmp_path: Path) -> None:
    """Nor do the constructs: the eager run of tests/lazy/test_larger_stack.py has them."""
    assert seen("import rancher_ports, rancher_ports.lazy_providers\n", tmp_path) == [None, LOADED, False]


@pytest.mark.parametrize("value", ["1", "false"])
def test_off(tmp_path: Path, value: str) -> None:
    assert seen(ON, tmp_path, **{OFF: value}) == [False, LOADED, False]


@pytest.mark.parametrize("first", [CDK, "constructs", RANDOM])
def test_too_late_it_says_so_and_everything_goes_on(tmp_path: Path, first: str) -> None:
    before = (
        f"import warnings\nimport {first} as first\nfrom rancher_ports import lazy_providers\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    on = lazy_providers.enable()\n"
        "assert [warning.category for warning in caught] == [RuntimeWarning]\n"
        f"import {first} as again\nassert again is first\n"
    )
    assert seen(before, tmp_path) == [False, LOADED, False]


def test_twice(tmp_path: Path) -> None:
    """The second call comes from a library, or from a module that is imported later, when the CDK has started."""
    assert seen(f"{ON}import {CDK}\non = on and lazy_providers.enable()\n", tmp_path) == [True, False, True]


def test_a_child_process_switches_it_on_for_itself(tmp_path: Path) -> None:
    """It inherits NODE_OPTIONS, to which nothing is added again."""
    child = f"{ON}import os\nprint(os.environ['NODE_OPTIONS'].count('lazy_providers'))"
    code = f"{ON}import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}], check=True)"
    assert python("-c", code, folder=tmp_path).strip() == "1"
