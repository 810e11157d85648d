"""Network namespaces without a name: they are gone once nothing holds them open, however the tests end."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_CLONE_NEWNET = 0x40000000

Result = TypeVar("Result")


class Namespace:
    """A new network namespace, with nothing in it but a loopback that is down.

    Raises:
        OSError: it may not be made here.
    """

    def __init__(self) -> None:
        self._descriptor = _in_a_thread(_make)

    @property
    def path(self) -> str:
        """A path by which ``ip`` finds it."""
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def run(self, work: Callable[[], Result]) -> Result:
        """Do something inside; sockets opened there stay there."""

        def inside() -> Result:
            _call("setns", self._descriptor, _CLONE_NEWNET)
            return work()

        return _in_a_thread(inside)

    def command(self, *command: str, lines: str) -> None:
        """Run a command inside.

        Args:
            command: the program and its arguments.
            lines: its standard input.

        Raises:
            RuntimeError: it failed; with what it said.
        """
        # A child starts in the namespace of the thread that starts it.
        done = self.run(lambda: subprocess.run(command, input=lines, capture_output=True, text=True, check=False))
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


def _in_a_thread(work: Callable[[], Result]) -> Result:
    # A namespace belongs to a thread: the one that enters it ends with the work, and no other has moved.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work).result()


def _make() -> int:
    _call("unshare", _CLONE_NEWNET)
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _call(function: str, *arguments: int) -> None:
    # os.setns and os.unshare are there from Python 3.12 on.
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
