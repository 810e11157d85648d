"""``docs/performance.md``: the figures of one run, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bench.cases import BY_CLUSTERS, BY_RULES, COLD, REVIEWS, WARM, Case
from bench.demands import a_rule, judge
from bench.machine import Machine
from bench.measured import Measured, Spread
from bench.measuring import CLEARED, SAMPLES_A_SECOND

_BEGINNING = """\
# Performance

What synthesizing costs, measured side by side in one run: the app with the settings it is shipped with; the same groups
and rules [written by hand](../bench/plain.py) with the same packages, as an app of the CDK is usually written; and an
[empty app](../bench/floor.py), as the CDK's template begins. The empty app loads what cdktf packs assets with, a tenth
of its time; this app leaves that until something is packed.

What makes the difference is [`rancher_ports/lazy_providers.py`](../rancher_ports/lazy_providers.py): of the provider's
2,200 modules the app loads the few that it uses.
"""

_STAGES = """\
The app stage by stage, warm. An empty app has to start Python, jsii and Node, load `constructs` and the CDK, write its
JSON and end as well.
"""

_INDEXING = """\
jsii makes an index of the provider, so that the next run need not read 130 MB of descriptions. It does so in a thread,
which ends unfinished with an app as short as this one. Here it is a process of its own with low priority, one at a time
for a package: it went on for {seconds} s beyond the app's end ({low} to {high}), with {memory} MB.
"""

_REVIEWS = """\
`rancher-ports review` of a plan as Terraform prints it of a [fleet](../bench/plans.py): clusters with their groups,
half of the rules for each other and half for blocks. Beside it, what [`json`](../bench/parsing.py) takes to read
the plan, with Python's start.
"""

_METHOD = """\
## How it is measured

`make bench` writes this page anew. The cases take turns, round by round, so that whatever the machine does meanwhile
hits all of them. A figure is the median of its rounds, with the smallest and the largest beside it; ratios are ratios
of medians of one run. Figures of two runs, or of two machines, do not compare.

A case is a whole process, `python main.py` for the app, from its start to its end. Memory is the most that it had
together with all that it started, looked at {samples} times a second, where a page that two processes share counts
twice; beside it stands the most that the largest of these processes had, as the operating system reports it. Each
process is held to the groups and rules that it has to write. Python's modules are compiled before the first round.

jsii, by which Python speaks with Node, unpacks each package once and keeps it. *Warm* is such a cache, filled in this
run; *cold* is an empty one each time, as in every job of a continuous integration that keeps no caches. The cold ones
are removed at the end, and need 5 GB until then: where thousands of files were deleted a moment ago, ext4 takes longer
to make new ones than an app takes for everything. What the environment has under {cleared} is taken out.

`make bench` fails where a demand is not met. `python -m bench --help` says how to measure less.
"""


def page(measured: Measured, machine: Machine, *, rounds: int, date: str, command: str) -> str:
    """The whole page.

    Args:
        measured: the figures.
        machine: what they were measured on.
        rounds: how often each case was run.
        date: when.
        command: how.
    """
    sections = [
        _BEGINNING,
        _demands(measured),
        _compared("Warm package cache", measured, WARM),
        _compared("Cold package cache", measured, COLD, _indexing(measured)),
        _clusters(measured),
        _rules(measured),
        _parts(measured),
        _reviews(measured),
        _small(measured),
        _METHOD.format(samples=SAMPLES_A_SECOND, cleared=_listed([f"`{prefix}`" for prefix in CLEARED])),
        _machine(machine, rounds, date, command),
    ]
    return "\n".join(section for section in sections if section)


def report(measured: Measured) -> str:
    """The demands, a line each, for a terminal."""
    demands = judge(measured)
    width = max((len(demand.what) for demand in demands), default=0)
    return "\n".join(
        f"{'held' if demand.held else 'NOT HELD':8}  {demand.what:{width}}  {demand.figure} ({demand.limit})"
        for demand in demands
    )


def _demands(measured: Measured) -> str:
    rows = [
        (demand.what, demand.limit, demand.figure, "held" if demand.held else "**not held**")
        for demand in judge(measured)
    ]
    return _section("What is demanded", ("demand", "limit", "this run", ""), rows)


def _indexing(measured: Measured) -> str:
    if (found := measured.indexing(COLD[0].name)) is None:
        return ""
    seconds, memory = found
    low, high = f"{seconds.low:.1f}", f"{seconds.high:.1f}"
    return _INDEXING.format(seconds=f"{seconds.median:.1f}", low=low, high=high, memory=_mb(memory.median))


def _compared(title: str, measured: Measured, cases: Sequence[Case], words: str = "") -> str:
    cases = [case for case in cases if case.name in measured.runs]
    heads = ("app", "seconds", "min to max", "of an empty app", "memory (MB)", "largest process (MB)")
    floor = next((case for case in cases if case.rules == 0), None)
    rows = []
    for case in cases:
        seconds = measured.seconds(case.name)
        times = f"{seconds.median / measured.seconds(floor.name).median:.1f} times" if floor else ""
        memory, largest = measured.memory(case.name), measured.largest(case.name)
        rows.append((case.what, *_time(seconds), times, _mb(memory.median), _mb(largest.median)))
    return _section(title, heads, rows, words)


def _clusters(measured: Measured) -> str:
    rows = [
        (case.what, str(case.groups), f"{case.rules:,}", *_time(measured.seconds(case.name)), _mb_of(measured, case))
        for case in BY_CLUSTERS
        if case.name in measured.runs
    ]
    heads = ("clusters", "groups", "rules", "seconds", "min to max", "memory (MB)")
    return _section("Many clusters, one stack each", heads, rows)


def _rules(measured: Measured) -> str:
    rows = []
    for index, case in enumerate(BY_RULES):
        if case.name not in measured.runs:
            continue
        seconds = measured.seconds(case.name)
        further = ""
        if index and BY_RULES[index - 1].name in measured.runs:
            further = _ms(a_rule(measured, index - 1, index))
        rows.append((case.what, *_time(seconds), _ms(seconds.median / case.rules), further, _mb_of(measured, case)))
    heads = ("rules", "seconds", "min to max", "ms a rule", "ms each further rule", "memory (MB)")
    return _section("Many rules in one stack", heads, rows)


def _reviews(measured: Measured) -> str:
    rows = []
    for review, parsing in REVIEWS:
        if review.name in measured.runs and parsing.name in measured.runs:
            seconds, least = measured.seconds(review.name), measured.seconds(parsing.name)
            times = f"{seconds.median / least.median:.1f} times"
            rows.append((review.what, *_time(seconds), times, _mb_of(measured, review)))
    heads = ("what becomes of them", "seconds", "min to max", "of reading the JSON", "memory (MB)")
    return _section(f"Reviewing a plan of {REVIEWS[0][0].rules:,} rules", heads, rows, _REVIEWS)


def _parts(measured: Measured) -> str:
    spreads = [(stage, Spread.of(seconds)) for stage, seconds in measured.parts.items()]
    whole = sum(spread.median for _, spread in spreads)
    rows = [
        (
            stage,
            _ms(spread.median, 0),
            f"{spread.low * 1000:.0f} to {spread.high * 1000:.0f}",
            f"{spread.median / whole:.0%}",
        )
        for stage, spread in spreads
    ]
    return _section("What remains of the time", ("until", "ms", "min to max", "of all"), rows, _STAGES)


def _small(measured: Measured) -> str:
    figures = (
        ("loading the tables and filling one", measured.filling),
        ("`import rancher_ports`", measured.importing),
    )
    rows = [
        (what, _ms(spread.median, 1), f"{spread.low * 1000:.1f} to {spread.high * 1000:.1f}")
        for what, seconds in figures
        if seconds
        for spread in [Spread.of(seconds)]
    ]
    return _section("Without the CDK", ("in a fresh process", "ms", "min to max"), rows)


def _machine(machine: Machine, rounds: int, date: str, command: str) -> str:
    rows = [
        ("processor", f"{machine.processor}, {machine.cores} cores"),
        ("memory", f"{machine.memory / 1e9:.0f} GB"),
        ("system", machine.system),
        ("Python", machine.python),
        ("Node", machine.node),
        *machine.packages,
        ("measured", f"{date}, {rounds} {'round' if rounds == 1 else 'rounds'}, `{command}`"),
    ]
    return _section("On what", ("", ""), rows)


def _section(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], words: str = "") -> str:
    lines = list(_table(heads, rows))
    return "\n".join([f"## {title}", "", *([words] if words else []), *lines, ""]) if lines else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for index, row in enumerate(rows):
        if not index:
            yield _line(heads)
            yield _line(["---"] * len(heads))
        yield _line(row)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _time(seconds: Spread) -> tuple[str, str]:
    return f"{seconds.median:.2f}", f"{seconds.low:.2f} to {seconds.high:.2f}"


def _ms(seconds: float, digits: int = 2) -> str:
    return f"{seconds * 1000:.{digits}f}"


def _mb(size: float) -> str:
    return f"{size / 1e6:.0f}"


def _mb_of(measured: Measured, case: Case) -> str:
    return _mb(measured.memory(case.name).median)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
