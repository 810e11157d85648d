"""Whole processes, measured: wall time, and memory with everything that they start."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.cases import ROOT, STDOUT
from bench.indexing import Indexing

# What a user may have set and would change the figures: how Python and Node run, where the CDK writes and caches.
CLEARED = ("CDKTF_", "CDKTN_", "JSII_", "NODE_", "PYTHON", "RANCHER_PORTS_")

SAMPLES_A_SECOND = 20
# Of ru_maxrss, which is in kilobytes but on macOS.
_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One process from its start to its end.

    Args:
        seconds: wall time.
        memory: the most that the process and all that it started had together, in bytes, as sampled.
        largest: the most that one of these processes had.
        begun: when it was started, in seconds since the epoch.
        ended: when it had ended.
        output: what it printed.
        indexing: what it left behind, if anything.
    """

    seconds: float
    memory: int
    largest: int
    begun: float
    ended: float
    output: str
    indexing: Indexing | None = None


def environment(cache: Path) -> dict[str, str]:
    """The environment for a measured process: the user's, without what would change the figures.

    Args:
        cache: where jsii keeps the packages that it unpacks.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(CLEARED)}
    # jsii has stopped supporting Node 20, works with it, and says so in eleven lines at every start.
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    return {**kept, **quiet, "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache), "PYTHONPATH": str(ROOT)}


def measure(arguments: tuple[str, ...], folder: Path, env: Mapping[str, str]) -> Run:
    """Run Python and measure it.

    Args:
        arguments: what Python is given.
        folder: where it runs; what it prints is kept there as well.
        env: its environment.

    Raises:
        RuntimeError: it failed; with what it printed.
    """
    printed, said = folder / STDOUT, folder / "stderr.txt"
    with printed.open("wb") as stdout, said.open("wb") as stderr:
        begun, start = time.time(), time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, env=env, stdout=stdout, stderr=stderr)
        memory = _Memory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds, ended = time.perf_counter() - start, time.time()
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = memory.peak()
    output = printed.read_text("utf-8")
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{output}{said.read_text('utf-8')}")
    # What this process had when it started the other counts in it, so this one imports nothing large.
    largest = usage.ru_maxrss * _UNIT
    return Run(seconds, max(peak, largest), largest, begun, ended, output)


class _Memory:
    """Samples what a process and its descendants have, until asked for the peak.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def peak(self) -> int:
        """The most found in one sample, in bytes; sampling ends."""
        self._over.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while not self._over.wait(1 / SAMPLES_A_SECOND):
            try:
                root = psutil.Process(self._pid)
                family = [root, *root.children(recursive=True)]
            except psutil.Error:
                continue
            self._peak = max(self._peak, sum(map(_resident, family)))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        # It has ended since.
        return 0
