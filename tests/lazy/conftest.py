"""The larger stack, once with everything loaded and once with what it uses."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lazy.running import python

# A preload of the user's own. Several processes are Node: jsii's, and its kernel.
_WHAT_NODE_LOADED = """
process.on("exit", () => {
  const file = require("path").join(process.env.LOADED, process.pid + ".json");
  require("fs").writeFileSync(file, JSON.stringify([process.title, Object.keys(require.cache)]));
});
"""
_PROVIDER_MODULE = re.compile(r"[/\\]provider-aws[/\\](?:.*[/\\])?lib[/\\]([\w-]+)[/\\]index\.js$")


@dataclass(frozen=True, slots=True)
class Run:
    """What came of the larger stack.

    Args:
        json: the Terraform JSON as it was written.
        document: the same, parsed.
        seen: what else was to be seen in Python, by what it is.
        python: the provider's modules that Python loaded.
        node: the provider's modules that Node loaded, by their directories.
        titles: the titles of the Node processes.
    """

    json: bytes
    document: dict[str, Any]
    seen: dict[str, Any]
    python: frozenset[str]
    node: frozenset[str]
    titles: frozenset[str]


def _run(folder: Path, *arguments: str) -> Run:
    preload, loaded = folder / "what node loaded.js", folder / "loaded"
    loaded.mkdir()
    preload.write_text(_WHAT_NODE_LOADED, "utf-8")
    options = f'--title=larger  --require "{preload}"'
    module = ["-m", "tests.lazy.larger_stack", str(folder / "out"), *arguments]
    python(*module, folder=folder, NODE_OPTIONS=options, LOADED=str(loaded))
    written = (folder / "out" / "stacks" / "larger" / "cdk.tf.json").read_bytes()
    python_side = json.loads((folder / "out" / "seen.json").read_text("utf-8"))
    processes = [json.loads(path.read_text("utf-8")) for path in loaded.iterdir()]
    modules = [_PROVIDER_MODULE.search(file) for _, files in processes for file in files]
    return Run(
        json=written,
        document=json.loads(written),
        seen=python_side["seen"],
        python=frozenset(name.split(".")[1] for name in python_side["loaded"]),
        node=frozenset(match[1] for match in modules if match),
        titles=frozenset(title for title, _ in processes),
    )


@pytest.fixture(scope="session")
def lazy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The larger stack with provider packages that load when used."""
    return _run(tmp_path_factory.mktemp("lazy"))


@pytest.fixture(scope="session")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The larger stack as it is without. With cdktf this takes half a minute."""
    return _run(tmp_path_factory.mktemp("eager"), "--eager")
