"""What the figures were measured on, without saying where it stands."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

from bench.flavour import CDK, PROVIDER

_PACKAGES = (CDK, PROVIDER, "constructs", "jsii")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine and what is installed on it.

    Args:
        processor: its model.
        cores: how many of them there are.
        memory: in bytes.
        system: the operating system.
        python: the version of Python.
        node: the version of Node.
        packages: versions of the packages that an app of the CDK needs, by name.
    """

    processor: str
    cores: int
    memory: int
    system: str
    python: str
    node: str
    packages: tuple[tuple[str, str], ...]


def this_machine() -> Machine:
    """The machine this runs on."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)  # noqa: S607  # as jsii finds it
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory=psutil.virtual_memory().total,
        system=_system(),
        python=platform.python_version(),
        node=node.stdout.strip().removeprefix("v"),
        packages=tuple((name, metadata.version(name)) for name in _PACKAGES),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = platform.platform(terse=True)
    return f"{name}, {platform.machine()}"
