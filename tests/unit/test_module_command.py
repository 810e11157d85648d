"""``rancher-ports module`` as it is typed."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from rancher_ports.cli import commands
from rancher_ports.module import module
from rancher_ports.render.module_page import to_markdown
from rancher_ports.tables import load_table
from tests.conftest import ROOT
from tests.distributions import DISTRIBUTIONS

NAMES = ["main.tf.json", "variables.tf.json", "outputs.tf.json", "versions.tf.json", "README.md"]
TAKEN = "expected a file that is not there yet or has this content, or --force"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ["module", *arguments], prog_name="rancher-ports")


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_module_is_five_files_and_each_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "modules" / "k3s"
    run = _run("k3s", "-o", str(folder))
    assert (run.exit_code, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [str(folder / name) for name in NAMES]
    # That these are what is checked in, is for tests/unit/test_modules.py to say.
    table = load_table("k3s")
    made = module(table)
    expected = {**made.files, "README.md": to_markdown(table, made)}
    assert _content(folder) == {name: text.encode() for name, text in expected.items()}


def test_a_second_run_writes_nothing_and_says_so(tmp_path: Path) -> None:
    _run("k3s", "-o", str(tmp_path))
    for path in tmp_path.iterdir():
        # As old as can be: whoever writes it makes it younger.
        os.utime(path, (0, 0))
    run = _run("k3s", "-o", str(tmp_path))
    assert run.exit_code == 0
    assert run.stdout.splitlines() == [f"{tmp_path / name} (as it was)" for name in NAMES]
    assert {path.stat().st_mtime for path in tmp_path.iterdir()} == {0}


def test_what_is_lost_is_written_again_and_the_rest_left(tmp_path: Path) -> None:
    _run("k3s", "-o", str(tmp_path))
    before = _content(tmp_path)
    (tmp_path / "README.md").unlink()
    run = _run("k3s", "-o", str(tmp_path))
    assert run.stdout.splitlines()[-1] == str(tmp_path / "README.md")
    assert run.stdout.count("(as it was)") == 4
    assert _content(tmp_path) == before


def test_files_with_other_content_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text("mine", "utf-8")
    (tmp_path / "README.md").write_text("mine, too", "utf-8")
    (tmp_path / "examples.tf").write_text("not in the way", "utf-8")
    before = _content(tmp_path)
    run = _run("k3s", "-o", str(tmp_path))
    assert (run.exit_code, run.stdout) == (1, "")
    assert run.stderr.splitlines() == [
        "rancher-ports: 2 faults:",
        *(f"  --output: {tmp_path / name}: {TAKEN}" for name in ("main.tf.json", "README.md")),
    ]
    assert _content(tmp_path) == before


def test_force_writes_over_files_of_these_names_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text("mine", "utf-8")
    (tmp_path / "examples.tf").write_text("not in the way", "utf-8")
    run = _run("k3s", "-o", str(tmp_path), "--force")
    assert (run.exit_code, run.stderr) == (0, "")
    assert "locals" in json.loads((tmp_path / "main.tf.json").read_text("utf-8"))
    assert (tmp_path / "examples.tf").read_text("utf-8") == "not in the way"


def test_a_distribution_that_is_none_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    run = _run("rke22", "-o", str(tmp_path / "new"))
    assert (run.exit_code, run.stdout) == (1, "")
    assert run.stderr.startswith('rancher-ports: DISTRIBUTION: "rke22": expected one of ')
    assert run.stderr.endswith('; did you mean "rke2"?\n')
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k3s"
    path.write_text("mine", "utf-8")
    run = _run("k3s", "-o", str(path))
    assert run.exit_code == 1
    assert run.stderr == f"rancher-ports: --output: {path}: Not a directory: expected a folder\n"
    assert path.read_text("utf-8") == "mine"


def test_a_file_that_is_a_folder_is_refused_even_by_force(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").mkdir()
    run = _run("k3s", "-o", str(tmp_path), "--force")
    assert run.exit_code == 1
    assert f"{tmp_path / 'main.tf.json'}: Is a directory: expected a file that can be read and written" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["main.tf.json"]


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOSPC, "No space left on device"), (errno.EACCES, "Permission denied")]
)
def test_a_folder_that_cannot_be_written_is_one_line_and_as_it_was(
    number: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.tf.json").write_text("{}", "utf-8")
    write_text, written = Path.write_text, []

    def fail_at_the_third(path: Path, *arguments: Any, **named: Any) -> int:
        written.append(path)
        if len(written) == 3:
            raise OSError(number, os.strerror(number), str(path))
        return write_text(path, *arguments, **named)

    # Root may write anywhere, and a full disk is nothing for a test to make.
    monkeypatch.setattr(Path, "write_text", fail_at_the_third)
    run = _run("k3s", "-o", str(tmp_path), "--force")
    assert (run.exit_code, run.stdout) == (1, "")
    assert run.stderr == f"rancher-ports: --output: {tmp_path}: {said}: expected a folder that can be written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["main.tf.json"]
    assert (tmp_path / "main.tf.json").read_text("utf-8") == "{}"


def test_a_folder_without_a_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of a script whose variable is empty.
    monkeypatch.chdir(tmp_path)
    run = _run("k3s", "--output=")
    assert (run.exit_code, run.stderr) == (1, "rancher-ports: --output: nothing: expected a folder; . for this one\n")
    assert not list(tmp_path.iterdir())


def test_without_a_folder_or_a_distribution_it_is_the_command_line_that_is_wrong(tmp_path: Path) -> None:
    for arguments, missing in (
        (["k3s"], "Missing option '-o'"),
        (["-o", str(tmp_path)], "Missing argument 'DISTRIBUTION'"),
    ):
        run = _run(*arguments)
        assert (run.exit_code, missing in run.stderr) == (2, True)
    assert not list(tmp_path.iterdir())


def test_distributions_are_completed() -> None:
    found = ShellComplete(commands, {}, "rancher-ports", "_RANCHER_PORTS_COMPLETE")
    assert {item.value for item in found.get_completions(["module"], "")} == set(DISTRIBUTIONS)
    assert {item.value for item in found.get_completions(["module", "-o", "x"], "rke")} == {"rke1", "rke2"}


def test_help_and_pages_show_a_command_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = _run("--help").stdout
    assert all(name in " ".join(text.split()) for name in NAMES)
    pages = [text, *((ROOT / page).read_text("utf-8") for page in ("README.md", "modules/README.md"))]
    shown = [re.findall(r"^ *`?rancher-ports module (rke2 [^`\n]*)", page, re.MULTILINE) for page in pages]
    assert all(shown)
    # They show the same one, which need not run three times.
    (command,) = {command for commands in shown for command in commands}
    assert _run(*command.split()).exit_code == 0
    assert {path.name for path in Path("modules/rke2").iterdir()} == set(NAMES)
