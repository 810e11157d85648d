"""What the figures have to be, and whether they were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.cases import BY_RULES, REVIEWS
from bench.measured import Measured, Spread

FILLING = 0.030
IMPORTING = 0.060
REVIEWING = 2.0
REVIEWING_MEMORY = 300e6
A_RULE = 0.0015
# With a cost that grows with the square of the rules this would be 3.4; a busy machine makes 1.2 of 1.
LINEAR = 1.25


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand and what came of it.

    Args:
        what: what is asked for.
        limit: how much of it.
        figure: what was found.
        held: whether that is within the limit.
    """

    what: str
    limit: str
    figure: str
    held: bool


def a_rule(measured: Measured, first: int, second: int) -> float:
    """The seconds that each further rule takes, from one of the growing stacks to another.

    Args:
        measured: the figures.
        first: the smaller one's place among them.
        second: the larger one's.
    """
    fewer, more = BY_RULES[first], BY_RULES[second]
    grown = measured.seconds(more.name).median - measured.seconds(fewer.name).median
    return grown / (more.rules - fewer.rules)


def judge(measured: Measured) -> tuple[Demand, ...]:
    """Every demand for which there are figures."""
    return tuple(_judge(measured))


def _judge(measured: Measured) -> Iterator[Demand]:
    runs = measured.runs
    if {"app", "plain"} <= set(runs):
        time = measured.seconds("app").median / measured.seconds("plain").median
        memory = measured.memory("app").median / measured.memory("plain").median
        yield _part("warm: the app's time, of the one written by hand", 12, time)
        yield _part("warm: its memory, likewise", 3, memory)
    if {"app", "floor"} <= set(runs):
        times = measured.seconds("app").median / measured.seconds("floor").median
        yield Demand("warm: the app's time, of an empty one", "at most 1.5 times", f"{times:.2f} times", times <= 1.5)
    if {"cold-app", "cold-plain"} <= set(runs):
        cold = measured.seconds("cold-app").median / measured.seconds("cold-plain").median
        yield _part("cold: the app's time, of the one written by hand", 3, cold)
    if {case.name for case in BY_RULES} <= set(runs):
        most = BY_RULES[-1]
        each = measured.seconds(most.name).median / most.rules
        yield _seconds(f"{most.rules:,} rules in a stack: the whole time, for each", A_RULE, each, 2, "at most")
        grows = a_rule(measured, -2, -1) / a_rule(measured, 0, -2)
        what = f"each further rule beyond {BY_RULES[-2].rules:,}, against those before"
        yield Demand(what, f"at most {LINEAR} times", f"{grows:.2f} times", grows <= LINEAR)
    for review, _ in REVIEWS:
        if review.name in runs:
            what = f"a plan of {review.rules:,} rules, {review.what}: reviewed"
            seconds, memory = measured.seconds(review.name).median, measured.memory(review.name).median
            yield _seconds(what, REVIEWING, seconds, 0, "under")
            limit = f"under {REVIEWING_MEMORY / 1e6:.0f} MB"
            yield Demand(f"{what}, memory", limit, f"{memory / 1e6:.0f} MB", memory < REVIEWING_MEMORY)
    if measured.filling:
        yield _seconds("loading the tables and filling one", FILLING, Spread.of(measured.filling).median, 1, "under")
    if measured.importing:
        importing = Spread.of(measured.importing).median
        yield _seconds("`import rancher_ports`", IMPORTING, importing, 1, "under")
        started = f"{len(measured.started)} processes started"
        yield Demand("`import rancher_ports` starts no process", "none", started, not measured.started)
    if measured.node:
        started = ", ".join(name for name, starts in measured.node.items() if starts) or "none did"
        what = f"`rancher-ports` starts no Node: {', '.join(measured.node)}"
        yield Demand(what, "none does", started, not any(measured.node.values()))


def _part(what: str, of: int, ratio: float) -> Demand:
    return Demand(what, f"at most 1/{of}", f"1/{1 / ratio:.1f}", ratio * of <= 1)


def _seconds(what: str, limit: float, found: float, digits: int, word: str) -> Demand:
    held = found <= limit if word == "at most" else found < limit
    return Demand(what, f"{word} {limit * 1000:g} ms", f"{found * 1000:.{digits}f} ms", held)
