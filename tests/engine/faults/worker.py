"""A process that runs one fault after another."""

from __future__ import annotations

from contextlib import ExitStack

from tests.engine.engines import found_engines
from tests.engine.faults.campaign import Campaign, Outcome, campaign

_running = ExitStack()
_campaign: list[Campaign] = []


def set_up(engine: str) -> None:
    """Start everything that faults need; it ends with the process."""
    (found,) = found_engines([engine])[0]
    _campaign.append(_running.enter_context(campaign(found)))


def run(seed: int) -> Outcome:
    """One seed's fault."""
    return _campaign[0].run(seed)
