"""What a run with an empty package cache leaves behind: a process that makes jsii's index of the provider."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

# As lazy_providers.js calls the file that says which process it is.
_LOCK = ".rancher-ports-indexing"
_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Indexing:
    """A process that went on when the app had ended.

    Args:
        seconds: how long it went on.
        memory: the most that it had meanwhile, in bytes, as sampled.
    """

    seconds: float
    memory: int


def wait(cache: Path) -> Indexing | None:
    """Wait for the process to end, so that no other case is charged with it.

    Args:
        cache: the package cache of the run that has just ended.

    Returns:
        What it took; None if there was none, or it had ended.
    """
    begun, memory = time.perf_counter(), 0
    locks = list(cache.glob(f"@*/*/*/*/{_LOCK}"))
    if not locks:
        return None
    while any(lock.exists() for lock in locks):
        for lock in locks:
            with suppress(OSError, psutil.Error):
                memory = max(memory, psutil.Process(int(lock.read_text("utf-8"))).memory_info().rss)
        time.sleep(_EVERY)
    return Indexing(time.perf_counter() - begun, memory)
