"""What all tests share."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
GOLDENS = Path(__file__).parent / "goldens"

# The same examples at every run, so that a red run is somebody's change: few for every day, many for CI.
# "explore" draws new ones each time, for those who look for faults.
settings.register_profile("default", max_examples=10, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=500, deadline=None, derandomize=True)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """One switch writes every golden and every generated part of a document anew."""
    parser.addoption("--rewrite", action="store_true", help="write goldens and generated parts of documents anew")


@pytest.fixture(scope="session")
def rewrite(request: pytest.FixtureRequest) -> bool:
    """Whether expectations are to be written anew; the test that does it still compares."""
    return bool(request.config.getoption("--rewrite"))


@pytest.fixture
def golden(rewrite: bool) -> Callable[[str, Any], None]:
    """Compare a value with a golden JSON file, as parsed JSON."""

    def compare(name: str, actual: object) -> None:
        path = GOLDENS / name
        if rewrite:
            path.write_text(json.dumps(actual, indent=2, sort_keys=True) + "\n", "utf-8")
        assert actual == json.loads(path.read_text("utf-8"))

    return compare
