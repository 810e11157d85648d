"""What one run of the benchmark has found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.measuring import Run


@dataclass(frozen=True, slots=True)
class Spread:
    """Figures of one kind: the middle one, and how far the others are from it.

    Args:
        median: the middle one.
        low: the smallest.
        high: the largest.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        """The spread of some figures, of which there has to be one."""
        figures = sorted(figures)
        return cls(median(figures), figures[0], figures[-1])


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures; what was not measured is empty.

    Args:
        runs: whole processes, by the name of their case.
        filling: seconds that loading the tables and filling one took.
        importing: seconds that ``import rancher_ports`` took.
        started: the processes that it started.
        node: by command that needs no CDK, whether it started Node.
        parts: the seconds of each stage of the app, in their order.
    """

    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    filling: Sequence[float] = ()
    importing: Sequence[float] = ()
    started: Sequence[str] = ()
    node: Mapping[str, bool] = field(default_factory=dict)
    parts: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def seconds(self, case: str) -> Spread:
        """Wall time of a case."""
        return Spread.of(run.seconds for run in self.runs[case])

    def memory(self, case: str) -> Spread:
        """Peak memory of a case, of all its processes together, in bytes."""
        return Spread.of(run.memory for run in self.runs[case])

    def largest(self, case: str) -> Spread:
        """Peak memory of the largest process of a case, in bytes."""
        return Spread.of(run.largest for run in self.runs[case])

    def indexing(self, case: str) -> tuple[Spread, Spread] | None:
        """Of what a case left behind: seconds beyond its end, and memory in bytes; None if there was none."""
        found = [run.indexing for run in self.runs.get(case, ()) if run.indexing]
        if not found:
            return None
        return Spread.of(each.seconds for each in found), Spread.of(each.memory for each in found)
