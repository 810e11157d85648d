"""``python -m bench``: measure, write the page, and fail where a demand is not met."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.cases import CASES, PLAN, ROOT, Case, check_output
from bench.demands import judge
from bench.indexing import wait
from bench.machine import this_machine
from bench.measured import Measured
from bench.measuring import Run, environment, measure
from bench.page import page, report
from bench.without_node import COMMANDS, command_starts_node

PAGE = ROOT / "docs" / "performance.md"
# Figures from within a process, which prints them.
INSIDE = ("filling", "importing", "parts")
NODE = "node"
NAMES = (*(case.name for case in CASES), *INSIDE, NODE)

# The stage that no process can tell of itself.
_LAST = "the process ends"

# Each run with a cache that is not complete yet adds to it; some are more than there are packages in it.
_WARM_UPS = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the arguments ask for.

    Returns:
        1 where a demand is not met, 0 otherwise.
    """
    asked = _parser().parse_args(arguments)
    names = tuple(asked.only or NAMES)
    with tempfile.TemporaryDirectory() as folder:
        measured = _measure(names, asked.rounds, Path(folder))
    print(f"\n{report(measured)}")
    path = Path(asked.page) if asked.page else PAGE if names == NAMES else None
    if path is not None:
        command = "make bench" if asked.rounds == 5 and names == NAMES else " ".join(_command(asked))
        date = datetime.now(UTC).date().isoformat()
        path.write_text(page(measured, this_machine(), rounds=asked.rounds, date=date, command=command), "utf-8")
    return int(not all(demand.held for demand in judge(measured)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=_rounds, default=5, help="how often each case is run; 5 by default")
    parser.add_argument(
        "--only", action="append", choices=NAMES, metavar="NAME", help=f"measure this alone, of {', '.join(NAMES)}"
    )
    parser.add_argument("--page", help="write the page there; docs/performance.md by default, if all is measured")
    return parser


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number, at least 1")
    return int(text)


def _command(asked: argparse.Namespace) -> Iterator[str]:
    yield f"python -m bench --rounds {asked.rounds}"
    for name in asked.only or ():
        yield f"--only {name}"


def _measure(names: Sequence[str], rounds: int, folder: Path) -> Measured:
    cases = [case for case in CASES if case.name in names]
    runs: dict[str, list[Run]] = {case.name: [] for case in cases}
    inside: dict[str, list[Run]] = {name: [] for name in INSIDE if name in names}
    warm = folder / "warm"
    _warm_up([case for case in cases if not case.cold], inside, warm)
    for number in range(1, rounds + 1):
        for case in cases:
            # Or one case is charged with writing to the disk what another has left: a cold one extracts 165 MB.
            os.sync()
            # An empty cache for each, and none is removed before all is over: ext4 looks at each file that was deleted
            # in the last minutes before it makes another, which takes longer than all the rest of a cold run.
            run = _run(case, folder / f"{case.name}-{number}" if case.cold else warm)
            runs[case.name].append(run)
            print(f"round {number}: {case.name} {run.seconds:.2f} s, {run.memory / 1e6:.0f} MB", flush=True)
        for name, some in inside.items():
            some.append(_run_inside(name, warm))
    imports = [json.loads(run.output) for run in inside.get("importing", ())]
    with _folder() as place:
        node = {name: command_starts_node(name, place) for name in (COMMANDS if NODE in names else ())}
    return Measured(
        runs=runs,
        filling=[json.loads(run.output) for run in inside.get("filling", ())],
        importing=[found["seconds"] for found in imports],
        started=[event for found in imports for event in found["started"]],
        node=node,
        parts=_parts(inside.get("parts", ())),
    )


def _warm_up(cases: Iterable[Case], inside: Iterable[str], cache: Path) -> None:
    """Run everything once, and again while that adds to the package cache: jsii writes an index when it has time."""
    steps = [*(partial(_run, case, cache) for case in cases), *(partial(_run_inside, name, cache) for name in inside)]
    for step in steps:
        step()
    before: list[Path] = []
    for step in steps[:1] * _WARM_UPS:
        # By these names its index goes as well; a package has thousands of other files.
        after = sorted(cache.glob("**/.jsii*"))
        if after == before:
            return
        before = after
        step()


def _run(case: Case, cache: Path) -> Run:
    with _folder() as folder:
        if case.plan is not None:
            plan = cache.parent / f"{case.plan}.json"
            if not plan.exists():
                _write_plan(plan, case.plan)
            (folder / PLAN).symlink_to(plan)
        run = measure(case.arguments, folder, environment(cache))
        check_output(case, folder)
    return replace(run, indexing=wait(cache))


def _write_plan(path: Path, shape: str) -> None:
    # In a process of its own: what this one has had when it starts another counts in that (bench.measuring).
    with path.open("wb") as file:
        subprocess.run([sys.executable, "-m", "bench.plans", shape], cwd=ROOT, stdout=file, check=True)


def _run_inside(name: str, cache: Path) -> Run:
    with _folder() as folder:
        run = measure(("-m", f"bench.{name}"), folder, environment(cache))
    return replace(run, indexing=wait(cache))


def _parts(runs: Sequence[Run]) -> dict[str, list[float]]:
    """The seconds of each stage, of which the first begins and the last ends outside of the process."""
    parts: dict[str, list[float]] = {}
    for run in runs:
        before = run.begun
        for stage, over in [*json.loads(run.output)["over"], (_LAST, run.ended)]:
            parts.setdefault(stage, []).append(over - before)
            before = over
    return parts


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
