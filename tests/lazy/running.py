"""Processes of their own, as a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rancher_ports.lazy_providers import OFF
from tests.conftest import ROOT

_OURS = (OFF, "NODE_OPTIONS", "PYTHONDONTWRITEBYTECODE")


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
