"""What can go wrong between an engine and EC2, drawn from a seed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.engine.ec2.errors import EC2Error
from tests.engine.ec2.server import ConnectionReset, Faults

# More in a row than the SDK tries.
_FOR_GOOD = 40

KILLED = (
    "killed before a call reached EC2",
    "killed after EC2 did a call",
    "killed a moment after an answer",
    "killed together with the provider",
)
DISTURBED = ("throttled", "HTTP 500", "connection reset")
LOST = ("answer lost", "answer lost, then no connection")
KINDS = (*KILLED, *DISTURBED, *LOST)

# What an answer is lost of, where it is one of these.
CREATES = {
    "a group": ("create_security_group",),
    "a rule": ("authorize_security_group_ingress", "authorize_security_group_egress"),
}


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        seed: what it was drawn from.
        kind: one of :data:`KINDS`.
        operation: what the engine is doing: ``create``, ``change`` or ``replace``.
        call: the number of the call to EC2 at which it happens, from 1; for a lost answer, of the calls that create
            what ``of`` says.
        of: what an answer is lost of; a key of :data:`CREATES`, or nothing.
        times: how many calls in a row it concerns.
        delay: seconds, for what happens a moment later.
        recover_first: whether our command is asked before the engine tries again.
    """

    seed: int
    kind: str
    operation: str
    call: int
    of: str
    times: int
    delay: float
    recover_first: bool


def draw(seed: int, calls: dict[str, dict[str, int]]) -> Fault:
    """The fault of a seed; every kind comes up equally often.

    Args:
        seed: from 0.
        calls: by operation, how often it calls EC2: under ``all``, and under each key of :data:`CREATES`.
    """
    chance = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    operation = chance.choice(["create", "create", "create", "change", "replace"])
    of = chance.choice(sorted(CREATES)) if kind in LOST else ""
    if of and not calls[operation][of]:
        operation = "create"
    number = calls[operation][of or "all"]
    return Fault(
        seed=seed,
        kind=kind,
        operation=operation,
        call=chance.randint(1, number),
        of=of,
        # Both sides of what the SDK bears.
        times=chance.choice([1, 2, 3, 6, _FOR_GOOD]) if kind in DISTURBED else 1,
        delay=chance.uniform(0, 0.03),
        recover_first=chance.random() < 0.5,
    )


class Happening(Faults):
    """A fault that happens.

    Args:
        fault: which.
        kill: kills the engine.
    """

    def __init__(self, fault: Fault, kill: Callable[[], None]) -> None:
        self._fault = fault
        self._kill = kill
        self._lock = threading.Lock()
        self._count = 0
        self._left = 0
        self._dead = False
        self.happened = False

    def _is_it(self, action: str) -> bool:
        """Whether this call is concerned."""
        fault = self._fault
        with self._lock:
            if not fault.of or action in CREATES[fault.of]:
                self._count += 1
                if self._count == fault.call:
                    self._left = fault.times
                    self.happened = True
            if self._left and (not fault.of or action in CREATES[fault.of]):
                self._left -= 1
                return True
            return False

    def before(self, action: str) -> None:
        """A request arrives."""
        if self._dead:
            raise ConnectionReset
        if self._fault.kind in LOST or not self._is_it(action):
            return
        match self._fault.kind:
            case "throttled":
                raise EC2Error("RequestLimitExceeded", "Request limit exceeded.", 503)
            case "HTTP 500":
                raise EC2Error("InternalError", "An internal error has occurred", 500)
            case "connection reset":
                raise ConnectionReset
            case "killed before a call reached EC2":
                self._kill()
                raise ConnectionReset
            case "killed together with the provider":
                self._dead = True
                self._kill()
            case "killed after EC2 did a call":
                self._kill()
            case "killed a moment after an answer":
                threading.Thread(target=self._kill_later, daemon=True).start()

    def after(self, action: str) -> None:
        """EC2 has done it."""
        if self._dead:
            raise ConnectionReset
        if self._fault.kind in LOST and self._is_it(action):
            self._dead = self._fault.kind == "answer lost, then no connection"
            raise ConnectionReset

    def _kill_later(self) -> None:
        time.sleep(self._fault.delay)
        self._kill()


class Counting(Faults):
    """Nothing goes wrong; calls are counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.calls = {"all": 0, **dict.fromkeys(CREATES, 0)}

    def before(self, action: str) -> None:
        """A request arrives."""
        with self._lock:
            self.calls["all"] += 1
            for what, actions in CREATES.items():
                self.calls[what] += action in actions
