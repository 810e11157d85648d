"""The benchmark: what it demands, what its page says of made-up figures, and what it measures."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import __main__ as command
from bench.cases import BY_CLUSTERS, BY_RULES, CASES, REVIEWS, Case, check_output
from bench.demands import judge
from bench.indexing import Indexing, wait
from bench.machine import Machine
from bench.measured import Measured
from bench.measuring import Run, environment, measure
from bench.page import page, report
from bench.plans import plan
from rancher_ports.cli import commands
from tests.conftest import ROOT
from tests.documented import GIT_RANCHER_IO, ROLES, completed_flows

MACHINE = Machine(
    processor="Some Processor",
    cores=2,
    memory=8_000_000_000,
    system="Some System 1, x86_64",
    python="3.11.7",
    node="20.20.2",
    packages=(("cdktf", "0.21.0"), ("jsii", "1.142.0")),
)


def _runs(*seconds: float, megabytes: int = 100) -> list[Run]:
    memory = megabytes * 1_000_000
    return [Run(second, memory, memory // 2, 0, second, "") for second in seconds]


RUNS: Mapping[str, list[Run]] = {
    "app": _runs(1.3, 1.0, 1.1, megabytes=200),
    "plain": _runs(15, 16, 14, megabytes=640),
    "floor": _runs(0.8, 0.9, 0.8),
    "cold-app": _runs(6, 5, 6),
    "cold-plain": _runs(21, 20, 25),
    "cold-floor": _runs(2, 2, 3),
    "clusters-1": _runs(1.5),
    "clusters-10": _runs(2.5),
    "clusters-100": _runs(9.5),
    "rules-50": _runs(1.0),
    "rules-500": _runs(1.448),
    "rules-2000": _runs(2.948),
    "rules-5000": _runs(5.948),
    "review-all-made": _runs(1.9, 1.6, 2.2, megabytes=120),
    "parse-all-made": _runs(0.4),
    "review-one-changed": _runs(1.5, megabytes=200),
    "parse-one-changed": _runs(0.5),
    "review-all-changed": _runs(1.99, megabytes=299),
    "parse-all-changed": _runs(0.5),
}
GOOD = Measured(
    runs=RUNS,
    filling=[0.010, 0.012, 0.011],
    importing=[0.030, 0.028, 0.031],
    node={"--help": False, "recover": False},
    parts={"Python starts": [0.02, 0.04, 0.03], "the CDK is loaded": [0.27, 0.28, 0.26]},
)


def _page(measured: Measured) -> str:
    return page(measured, MACHINE, rounds=3, date="2026-01-02", command="make bench")


def _rows(text: str, title: str) -> list[list[str]]:
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]


def _broken(**changes: object) -> list[str]:
    """The demands that are not held with other figures."""
    measured = replace(GOOD, **changes)  # type: ignore[arg-type]  # fields by name
    return [demand.what for demand in judge(measured) if not demand.held]


def test_what_the_app_leaves_behind_is_told() -> None:
    left = [replace(run, indexing=Indexing(seconds, 700_000_000)) for seconds, run in enumerate(RUNS["cold-app"], 1)]
    text = _page(replace(GOOD, runs={**RUNS, "cold-app": left}))
    assert "for 2.0 s beyond the app's end (1.0 to 3.0), with 700 MB" in text.replace("\n", " ")
    assert "beyond the app's end" not in _page(GOOD)


def test_it_is_waited_for(tmp_path: Path) -> None:
    assert wait(tmp_path) is None
    lock = tmp_path / "@cdktf" / "provider-aws" / "1.0.0" / "abc" / ".rancher-ports-indexing"
    lock.parent.mkdir(parents=True)
    script = "import pathlib, sys, time; time.sleep(0.5); pathlib.Path(sys.argv[1]).unlink()"
    process = subprocess.Popen([sys.executable, "-c", script, str(lock)])
    lock.write_text(str(process.pid), "utf-8")
    left = wait(tmp_path)
    assert not lock.exists()
    assert process.wait() == 0
    assert left is not None
    assert left.seconds > 0.1
    assert left.memory > 1_000_000


def test_good_figures_hold_every_demand() -> None:
    assert [(demand.limit, demand.figure, demand.held) for demand in judge(GOOD)] == [
        ("at most 1/12", "1/13.6", True),
        ("at most 1/3", "1/3.2", True),
        ("at most 1.5 times", "1.38 times", True),
        ("at most 1/3", "1/3.5", True),
        ("at most 1.5 ms", "1.19 ms", True),
        ("at most 1.25 times", "1.00 times", True),
        ("under 2000 ms", "1900 ms", True),
        ("under 300 MB", "120 MB", True),
        ("under 2000 ms", "1500 ms", True),
        ("under 300 MB", "200 MB", True),
        ("under 2000 ms", "1990 ms", True),
        ("under 300 MB", "299 MB", True),
        ("under 30 ms", "11.0 ms", True),
        ("under 60 ms", "30.0 ms", True),
        ("none", "0 processes started", True),
        ("none does", "none did", True),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"runs": {**RUNS, "plain": _runs(13.1, megabytes=640)}}, ["warm: the app's time, of the one written by hand"]),
        ({"runs": {**RUNS, "app": _runs(1.1, megabytes=214)}}, ["warm: its memory, likewise"]),
        ({"runs": {**RUNS, "floor": _runs(0.73)}}, ["warm: the app's time, of an empty one"]),
        ({"runs": {**RUNS, "cold-app": _runs(7.1)}}, ["cold: the app's time, of the one written by hand"]),
        (
            {"runs": {**RUNS, "rules-5000": _runs(7.6)}},
            [
                "4,999 rules in a stack: the whole time, for each",
                "each further rule beyond 1,999, against those before",
            ],
        ),
        (
            {"runs": {**RUNS, "rules-2000": _runs(2.1)}},
            ["each further rule beyond 1,999, against those before"],
        ),
        (
            {"runs": {**RUNS, "review-all-made": _runs(2.0, megabytes=120)}},
            ["a plan of 10,000 rules, all made: reviewed"],
        ),
        (
            {"runs": {**RUNS, "review-all-changed": _runs(1.0, megabytes=300)}},
            ["a plan of 10,000 rules, all changed: reviewed, memory"],
        ),
        ({"filling": [0.01, 0.03, 0.03]}, ["loading the tables and filling one"]),
        ({"importing": [0.06, 0.06, 0.01]}, ["`import rancher_ports`"]),
        ({"started": ["subprocess.Popen"]}, ["`import rancher_ports` starts no process"]),
        ({"node": {"--help": False, "recover": True}}, ["`rancher-ports` starts no Node: --help, recover"]),
    ],
)
def test_a_figure_beyond_its_limit_is_not_held(changes: Mapping[str, object], said: list[str]) -> None:
    assert _broken(**changes) == said


def test_the_limit_itself_is_within_where_it_is_at_most() -> None:
    runs = {**RUNS, "app": _runs(1.0, megabytes=200), "plain": _runs(12.0, megabytes=600), "floor": _runs(1.0)}
    runs |= {"cold-app": _runs(5.0), "cold-plain": _runs(15.0)}
    assert _broken(runs=runs) == []


def test_what_was_not_measured_is_not_judged() -> None:
    assert judge(Measured()) == ()
    assert [demand.what for demand in judge(Measured(importing=[0.01]))] == [
        "`import rancher_ports`",
        "`import rancher_ports` starts no process",
    ]
    assert judge(Measured(runs={"app": RUNS["app"], "rules-5000": RUNS["rules-5000"]})) == ()


def test_the_page_shows_medians_with_what_is_around_them() -> None:
    text = _page(GOOD)
    assert _rows(text, "What is demanded")[2] == [
        "warm: the app's time, of the one written by hand",
        "at most 1/12",
        "1/13.6",
        "held",
    ]
    assert _rows(text, "Warm package cache")[2:] == [
        ["this app", "1.10", "1.00 to 1.30", "1.4 times", "200", "100"],
        ["an empty app", "0.80", "0.80 to 0.90", "1.0 times", "100", "50"],
        ["written by hand", "15.00", "14.00 to 16.00", "18.8 times", "640", "320"],
    ]
    assert _rows(text, "Cold package cache")[2][:4] == ["this app", "6.00", "5.00 to 6.00", "3.0 times"]
    assert _rows(text, "Many clusters, one stack each")[-1] == [
        *("100", "301", "4,403"),
        *("9.50", "9.50 to 9.50", "100"),
    ]
    assert _rows(text, "Many rules in one stack")[2:] == [
        ["51", "1.00", "1.00 to 1.00", "19.61", "", "100"],
        ["499", "1.45", "1.45 to 1.45", "2.90", "1.00", "100"],
        ["1,999", "2.95", "2.95 to 2.95", "1.47", "1.00", "100"],
        ["4,999", "5.95", "5.95 to 5.95", "1.19", "1.00", "100"],
    ]
    assert _rows(text, "What remains of the time")[2:] == [
        ["Python starts", "30", "20 to 40", "10%"],
        ["the CDK is loaded", "270", "260 to 280", "90%"],
    ]
    assert _rows(text, "Without the CDK")[2:] == [
        ["loading the tables and filling one", "11.0", "10.0 to 12.0"],
        ["`import rancher_ports`", "30.0", "28.0 to 31.0"],
    ]
    on_what = dict(_rows(text, "On what")[2:])
    assert on_what["processor"] == "Some Processor, 2 cores"
    assert on_what["memory"] == "8 GB"
    assert on_what["jsii"] == "1.142.0"
    assert on_what["measured"] == "2026-01-02, 3 rounds, `make bench`"


def test_a_review_stands_beside_the_least_that_it_can_take() -> None:
    assert _rows(_page(GOOD), "Reviewing a plan of 10,000 rules")[2:] == [
        ["all made", "1.90", "1.60 to 2.20", "4.7 times", "120"],
        ["one changed", "1.50", "1.50 to 1.50", "3.0 times", "200"],
        ["all changed", "1.99", "1.99 to 1.99", "4.0 times", "299"],
    ]


def test_the_page_is_markdown_whose_tables_are_whole() -> None:
    text = _page(GOOD)
    assert text.endswith("\n")
    assert "\n\n\n" not in text
    for title in re.findall("^## (.*)$", text, re.MULTILINE):
        assert len({len(row) for row in _rows(text, title)}) <= 1, title
    for link in re.findall(r"\]\(\.\./([^)]*)\)", text):
        assert (ROOT / link).exists(), link


def test_what_was_not_measured_is_not_on_the_page() -> None:
    assert re.findall("^## (.*)$", _page(Measured()), re.MULTILINE) == ["How it is measured", "On what"]


def test_what_did_not_hold_is_seen_on_the_page_and_in_the_terminal() -> None:
    measured = replace(GOOD, importing=[0.07])
    row = "| `import rancher_ports` | under 60 ms | 70.0 ms | **not held** |"
    assert row in _page(measured).splitlines()
    (line,) = [line for line in report(measured).splitlines() if line.startswith("NOT HELD")]
    assert re.sub(" +", " ", line) == "NOT HELD `import rancher_ports` 70.0 ms (under 60 ms)"
    assert report(GOOD).count("held ") == len(judge(GOOD))


@pytest.mark.parametrize("measured", [GOOD, replace(GOOD, filling=[0.04])])
def test_the_command_fails_where_a_demand_is_not_held(
    measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_measure", lambda *_: measured)
    monkeypatch.setattr(command, "this_machine", lambda: MACHINE)
    path = tmp_path / "page.md"
    held = measured is GOOD
    assert command.main(["--rounds", "3", "--page", str(path)]) == (0 if held else 1)
    assert ("NOT HELD" in capsys.readouterr().out) != held
    assert "3 rounds, `python -m bench --rounds 3`" in path.read_text("utf-8")
    assert str(tmp_path) not in path.read_text("utf-8")


def test_a_part_of_the_measurements_is_not_taken_for_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_measure", lambda *_: GOOD)
    monkeypatch.setattr(command, "this_machine", lambda: MACHINE)
    monkeypatch.setattr(command, "PAGE", tmp_path / "performance.md")
    command.main(["--only", "floor"])
    assert not command.PAGE.exists()
    command.main([])
    assert "5 rounds, `make bench`" in command.PAGE.read_text("utf-8")


def test_no_rounds_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for rounds in ("0", "-1", "many"):
        with pytest.raises(SystemExit):
            command.main(["--rounds", rounds])
        assert f"argument --rounds: '{rounds}': expected a whole number, at least 1" in capsys.readouterr().err


def test_rules_are_counted_as_the_document_has_them() -> None:
    flows = completed_flows()
    to_roles = sum(flow.peer in ROLES for flow in flows)
    of_server = sum(flow.peer in GIT_RANCHER_IO for flow in flows)
    of_peer = sum(flow.peer == "nodeport_clients" for flow in flows)
    for case in BY_CLUSTERS:
        count = int(case.what)
        assert (case.groups, case.rules) == (1 + 3 * count, of_server + count * to_roles)
    for case in BY_RULES:
        assert (case.rules - to_roles - of_server) % of_peer == 0
    assert [case.name for case in BY_RULES if abs(case.rules - int(case.name.partition("-")[2])) > 2] == []
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_process_that_wrote_something_else_is_no_figure(tmp_path: Path) -> None:
    case = Case("some", "some", (), groups=1, rules=2)
    folder = tmp_path / "cdktf.out" / "stacks" / "some"
    folder.mkdir(parents=True)
    document: object = {
        "resource": {"aws_security_group": {"etcd": {}}, "aws_vpc_security_group_egress_rule": {"a": {}}}
    }
    (folder / "cdk.tf.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(RuntimeError, match="some synthesized 1 groups and 1 rules, and not 1 groups and 2 rules"):
        check_output(case, tmp_path)
    check_output(replace(case, rules=1), tmp_path)
    check_output(replace(case, groups=0, rules=0), tmp_path / "nothing")


@pytest.mark.parametrize("case", [review for review, _ in REVIEWS], ids=lambda case: case.name)
def test_a_plan_of_the_benchmark_is_one_that_is_reviewed(case: Case, tmp_path: Path) -> None:
    """Of the benchmark's plans: what it says of them is right, and the number of rules is what is looked for."""
    document = plan(str(case.plan), 250)
    text = json.dumps(document)
    (tmp_path / "plan.json").write_text(text, "utf-8")
    run = CliRunner().invoke(commands, ("review", str(tmp_path / "plan.json")))
    assert (run.exit_code, run.exception) == (0, None)
    (tmp_path / "stdout.txt").write_text(run.stdout, "utf-8")
    check_output(replace(case, rules=250), tmp_path)
    with pytest.raises(RuntimeError, match=f"{case.name} reviewed something else than 251 rules"):
        check_output(replace(case, rules=251), tmp_path)
    changed = {"all made": "250 added, 0 removed", "one changed": "1 added, 1 removed"}
    assert changed.get(str(case.plan), "250 added, 250 removed") in run.stdout
    # Both halves of each are there, so that there is nothing to find.
    assert ("one-sided" in run.stdout) == (case.plan == "one changed")
    assert len(set(re.findall(r'"address": "(aws_vpc[^"]*)"', text))) == 250


def test_what_would_change_the_figures_is_taken_out_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("NODE_OPTIONS", "JSII_NODE", "PYTHONDONTWRITEBYTECODE", "CDKTF_OUTDIR", "RANCHER_PORTS_NO_LAZY_PROVIDERS")
    for name in (*names, "KEPT"):
        monkeypatch.setenv(name, "x")
    env = environment(tmp_path)
    assert not set(names) & set(env)
    assert env["KEPT"] == "x"
    assert env["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == str(tmp_path)


def test_memory_is_that_of_all_processes_together_and_of_the_largest(tmp_path: Path) -> None:
    size = 60_000_000
    child = f"import time; held = b'x' * {size}; print('ready', flush=True); time.sleep(0.5)"
    parent = (
        f"import subprocess, sys; held = b'x' * {size}\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); child.wait(); print('done')"
    )
    # In a process of its own: for the system, a process has had whatever the one that started it had, and
    # that is much where the CDK is loaded.
    code = (
        "import dataclasses, json, sys; from pathlib import Path; from bench.measuring import environment, measure\n"
        "run = measure(('-c', sys.argv[1]), Path('.'), environment(Path('.')))\n"
        "print(json.dumps(dataclasses.asdict(run)))"
    )
    env = environment(tmp_path)
    measured = subprocess.run(
        [sys.executable, "-c", code, parent], cwd=tmp_path, env=env, capture_output=True, check=True
    )
    run = Run(**json.loads(measured.stdout))
    assert run.output == "done\n"
    assert run.memory > 2 * size > run.largest > size
    assert run.begun < run.ended


def test_a_process_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)failed:\nsaid\n.*ValueError: why"):
        measure(("-c", "print('said'); raise ValueError('why')"), tmp_path, environment(tmp_path))


def test_stages_are_what_lies_between_two_looks_at_the_clock() -> None:
    outputs = [
        {"over": [["Python starts", 10.5], ["the rest", 12]]},
        {"over": [["Python starts", 20.25], ["the rest", 21]]},
    ]
    runs = [
        Run(0, 0, 0, begun, ended, json.dumps(output))
        for begun, ended, output in zip((10, 20), (15, 22), outputs, strict=True)
    ]
    assert command._parts(runs) == {
        "Python starts": [0.5, 0.25],
        "the rest": [1.5, 0.75],
        "the process ends": [3, 1],
    }
