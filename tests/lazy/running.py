"""Processes of their own, as a user starts them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rancher_ports.lazy_providers import OFF
from tests.conftest import ROOT

HOOK = ROOT / "rancher_ports" / "lazy_providers.js"
# Which Node jsii starts, too.
NODE = os.environ.get("JSII_NODE") or shutil.which("node") or "node"

_OURS = (OFF, "NODE_OPTIONS", "PYTHONDONTWRITEBYTECODE")

# A preload of the user's own, in a folder with a space. Several processes are Node: jsii's, and its kernel.
_WHAT_NODE_LOADED = """
process.on("exit", () => {
  const file = require("path").join(process.env.LOADED, process.pid + ".json");
  require("fs").writeFileSync(file, JSON.stringify([process.title, Object.keys(require.cache)]));
});
"""
TITLE = "a-title-of-my-own"
_PROVIDER_MODULE = re.compile(r"[/\\]provider-aws[/\\](?:.*[/\\])?lib[/\\]([\w-]+)[/\\]index\.js$")


@dataclass(frozen=True, slots=True)
class Node:
    """What was to be seen in the Node processes that a Python process started.

    Args:
        loaded: the modules of the AWS provider that were loaded, by their directories.
        titles: the titles of the processes.
    """

    loaded: frozenset[str]
    titles: frozenset[str]


def environment(**given: str) -> dict[str, str]:
    """The environment of a process in which nothing is on yet."""
    kept = {key: value for key, value in os.environ.items() if key not in _OURS}
    # Node 20 works, and jsii says at length that it has stopped supporting it.
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20"}
    return {**kept, **quiet, "PYTHONPATH": str(ROOT), **given}


def python(*arguments: str | Path, folder: Path, **given: str) -> str:
    """What a Python process says on standard output.

    Args:
        arguments: of the interpreter, which takes warnings for errors.
        folder: where it runs.
        given: environment variables.
    """
    # Warnings of the CDK's own modules, which are generated, are not ours to mend; ours is named by its category.
    command = [sys.executable, "-W", "error::RuntimeWarning", *map(str, arguments)]
    run = subprocess.run(command, cwd=folder, env=environment(**given), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def node_of_python(*arguments: str | Path, folder: Path) -> Node:
    """What is to be seen in Node while a Python process runs, by ``NODE_OPTIONS`` of the user's.

    Args:
        arguments: of the interpreter.
        folder: where it runs.
    """
    preload, loaded = folder / "a folder" / "preload.js", folder / "loaded"
    for made in (preload.parent, loaded):
        made.mkdir()
    preload.write_text(_WHAT_NODE_LOADED, "utf-8")
    options = f'--title={TITLE}  --require "{preload}"'
    python(*arguments, folder=folder, NODE_OPTIONS=options, LOADED=str(loaded))
    processes = [json.loads(path.read_text("utf-8")) for path in loaded.iterdir()]
    modules = [_PROVIDER_MODULE.search(file) for _, files in processes for file in files]
    return Node(
        loaded=frozenset(match[1] for match in modules if match),
        titles=frozenset(title for title, _ in processes),
    )
