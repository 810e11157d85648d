"""``rancher-ports table``, ``tables`` and ``completion`` as they are typed."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from rancher_ports.cli import commands
from rancher_ports.cli.table import FORMATS
from rancher_ports.model.conditions import Choices
from rancher_ports.render.mermaid import picture
from rancher_ports.tables import load_tables
from tests.conftest import ROOT
from tests.documented import documented_flows
from tests.unit.strategies import RKE1

COMMAND = [sys.executable, "-m", "rancher_ports"]


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, arguments, prog_name="rancher-ports")


# Tables.


def test_a_table_is_text_unless_said_otherwise() -> None:
    run = _run("table", "k3s")
    assert (run.exit_code, run.stderr) == (0, "")
    assert run.stdout.startswith("Rancher and K3s, container network flannel\n\nfrom ")


def test_the_csv_of_rke1_has_the_59_documented_flows() -> None:
    # By a pipe, as a script would read it.
    run = subprocess.run(
        [*COMMAND, "table", "rke1", "--format", "csv", "--one-sided", "documented"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    halves = set()
    for row in csv.DictReader(io.StringIO(run.stdout)):
        ports = row["protocol"], int(row["first_port"]), int(row["last_port"])
        assert row["halves"] == row["documented_in"]
        for half in row["halves"].split("+"):
            role, peer = (row["to"], row["from"]) if half == "ingress" else (row["from"], row["to"])
            halves.add((role, half, *ports, peer))
    documented = [(f.role, f.direction, f.protocol, f.first, f.last, f.peer) for f in documented_flows()]
    assert len(documented) == 59
    assert halves == {(*flow, "git_rancher_io" if "/" in peer else peer) for *flow, peer in documented}


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_has_what_would_be_printed(format_: str, tmp_path: Path) -> None:
    arguments = ["table", "rke2", "--cni", "cilium", "--feature", "windows", "--format", format_]
    path = tmp_path / "ports"
    printed = _run(*arguments)
    assert printed.stdout.endswith("\n")
    assert not printed.stdout.endswith("\n\n")
    run = _run(*arguments, "--output", str(path))
    assert (run.exit_code, run.stdout, run.stderr) == (0, "", "")
    assert path.read_bytes().decode() == printed.stdout
    refused = _run(*arguments, "--output", str(path))
    assert refused.exit_code == 1
    assert refused.stderr == f"rancher-ports: --output: {path}: expected a file that is not there yet, or --force\n"
    assert _run(*arguments, "--output", str(path), "--force").exit_code == 0


def test_what_each_format_is() -> None:
    arguments = ["table", "rke1", "--format"]
    assert _run(*arguments, "mermaid").stdout.endswith(f"\n---\n{picture(RKE1, Choices('canal'))}\n")
    assert _run(*arguments, "markdown").stdout.startswith("# Rancher v2.x on RKE1, container network canal\n\n| from |")
    assert _run(*arguments, "svg").stdout.startswith("<svg ")
    assert _run(*arguments, "html").stdout.startswith("<!doctype html>\n")
    assert json.loads(_run(*arguments, "json").stdout)["distribution"] == "rke1"


def test_the_settings_of_an_app_choose(tmp_path: Path) -> None:
    path = tmp_path / "cdktf.json"
    settings = {"region": "us-east-1", "distribution": "rke2", "cni": "cilium", "egress": "all"}
    path.write_text(json.dumps({"context": {"rancher_ports": settings}}), "utf-8")
    found = json.loads(_run("table", "--settings", str(path), "--format", "json").stdout)
    assert (found["distribution"], found["cni"], found["egress"]) == ("rke2", "cilium", "all")
    refused = _run("table", "k3s", "--settings", str(path))
    assert refused.exit_code == 1
    said = 'rancher-ports: DISTRIBUTION: "k3s": expected rke2, as cdktf.json has it, or nothing beside --settings\n'
    assert refused.stderr == said


def test_bad_input_is_told_all_at_once_and_exit_code_1() -> None:
    run = _run("table", "rke1", "--cni", "canel", "--feature", "ssh")
    assert (run.exit_code, run.stdout) == (1, "")
    assert run.stderr.startswith("rancher-ports: 2 faults:\n  --feature: ")
    assert '--cni: "canel": expected one of canal, flannel, calico, weave; did you mean "canal"?' in run.stderr
    assert _run("table", "rke3").exit_code == 1
    assert _run("table").exit_code == 1
    assert _run("table", "rke1", "--format", "pdf").exit_code == 2
    assert _run("table", "rke1", "rke2").exit_code == 2


# Pipes and terminals.


def test_a_pipe_that_is_closed_ends_it_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        run = subprocess.run(
            [*COMMAND, "table", "rke2", "--format", "json"], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(write)
    assert run.stderr == b""


def _on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a terminal of 120 columns is shown."""
    ours, theirs = pty.openpty()
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    env |= {"TERM": "xterm", "COLUMNS": "120", **environment}
    process = subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, stdout=theirs, env=env)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # how Linux says that the other end is closed
        pass
    finally:
        os.close(ours)
    assert process.wait() == 0
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    ids=str,
)
def test_colours_are_for_terminals_that_want_them(environment: dict[str, str], coloured: bool) -> None:
    shown = _on_a_terminal("table", "k3s", **environment)
    assert ("\x1b[" in shown) == coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(len, plain.splitlines())) <= 120
    assert "─" in plain


def test_formats_for_programs_have_no_colours_even_on_a_terminal() -> None:
    assert _on_a_terminal("table", "k3s", "--format", "csv") == _run("table", "k3s", "--format", "csv").stdout


# What there is.


def test_the_tables_are_listed_for_people_and_programs() -> None:
    text = _run("tables").stdout
    found = json.loads(_run("tables", "--format", "json").stdout)
    assert list(found) == ["k3s", "rke1", "rke2"]
    for name, table in found.items():
        assert f"{name}: {table['title']}\n  source: {table['source']}\n" in text
        assert (
            _run("table", name, "--cni", table["cnis"][-1], "--feature", next(iter(table["features"]))).exit_code == 0
        )
    assert _run("tables", "--format", "csv").exit_code == 2


# Completion.


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str) -> None:
    run = _run("completion", shell)
    assert run.exit_code == 0
    assert f"_RANCHER_PORTS_COMPLETE={shell}_complete" in run.stdout
    assert "rancher-ports" in run.stdout
    if found := shutil.which(shell):
        subprocess.run([found, "-n"], input=run.stdout, text=True, check=True)


def test_another_shell_is_refused_with_those_that_there_are() -> None:
    run = _run("completion", "csh")
    assert (run.exit_code, "'csh' is not one of 'bash', 'zsh', 'fish'" in run.stderr) == (2, True)


@pytest.mark.parametrize(
    ("typed", "incomplete", "expected"),
    [
        ([], "tab", {"table", "tables"}),
        (["table"], "", {"k3s", "rke1", "rke2"}),
        (["table", "rke1", "--cni"], "", {"canal", "flannel", "calico", "weave"}),
        (["table", "k3s", "--feature", "ssh-admin", "--feature"], "e", {"embedded-registry", "external-load-balancer"}),
        (["table", "k3s", "--format"], "", set(FORMATS)),
        (["tables", "--format"], "", {"text", "json"}),
        (["completion"], "", {"bash", "zsh", "fish"}),
    ],
)
def test_the_command_line_is_completed(typed: list[str], incomplete: str, expected: set[str]) -> None:
    found = ShellComplete(commands, {}, "rancher-ports", "_RANCHER_PORTS_COMPLETE")
    assert {item.value for item in found.get_completions(typed, incomplete)} == expected


def test_bash_asks_and_is_answered() -> None:
    env = {**os.environ, "COMP_WORDS": "rancher-ports table rke", "COMP_CWORD": "2"}
    code = "from rancher_ports.cli import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**env, "_RANCHER_PORTS_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["plain,rke1", "plain,rke2"]


# Help, and what loading costs.


@pytest.mark.parametrize("name", commands.commands)
def test_help_lists_exit_codes_and_examples(name: str) -> None:
    text = _run(name, "--help").stdout
    last = "2  the command line (itself|or the input) is wrong"
    assert re.search(rf"^  Exit codes:\n    0  .*\n(    [0-9]  .*\n)*    {last}$", text, re.MULTILINE)
    assert f"rancher-ports {name}" in text


def test_the_examples_of_help_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(ROOT / "cdktf.json", tmp_path)
    monkeypatch.chdir(tmp_path)
    lines = [line for name in ("table", "tables") for line in _run(name, "--help").stdout.splitlines()]
    examples = [line.partition("|")[0].split()[1:] for line in lines if line.startswith("    rancher-ports ")]
    assert len(examples) >= 6
    for example in examples:
        assert _run(*example).exit_code == 0, example
    assert (tmp_path / "ports.svg").exists()


def test_the_page_on_ports_shows_commands_that_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "ports" / "README.md").read_text("utf-8")
    shutil.copy(ROOT / "cdktf.json", tmp_path)
    monkeypatch.chdir(tmp_path)
    shown = re.findall("^rancher-ports (.*)$", page, re.MULTILINE)
    assert shown
    for line in shown:
        assert _run(*line.split()).exit_code == 0, line
    assert [name for name in FORMATS if f"`{name}`" in page.partition("Formats: ")[2].partition("\n")[0]] == [*FORMATS]


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [(["--help"], False), (["tables"], False), (["table", "k3s", "--format", "csv"], False), (["table", "k3s"], True)],
    ids=str,
)
def test_rich_is_loaded_for_a_text_table_alone(arguments: list[str], loaded: bool) -> None:
    code = (
        "import sys, rancher_ports, main\n"
        "from rancher_ports.cli import commands\n"
        f"commands({arguments!r}, standalone_mode=False)\n"
        "print('rich' in sys.modules, file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1] == str(loaded)


def test_every_distribution_is_documented_as_it_is_printed() -> None:
    for name, table in load_tables().items():
        assert f"`{name}`" in (ROOT / "docs" / "ports" / "README.md").read_text("utf-8")
        page = (ROOT / "docs" / "ports" / f"{name}-{table.cni}.md").read_text("utf-8")
        printed = _run("table", name, "--format", "markdown").stdout
        ports = [
            re.findall(r"^\| .*? \|$", text.split("\n\n![")[0], re.MULTILINE)
            for text in (page, printed.split("\n\n## ")[0])
        ]
        assert ports[0] == ports[1]
