"""The benchmark runs; what it finds is for whoever started it, on a machine that does nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.without_node import starts_node
from tests.conftest import ROOT


def test_the_benchmark_runs_and_writes_its_page(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    names = ("floor", "clusters-1", "rules-50", "filling", "importing", "parts", "node")
    command = [sys.executable, "-m", "bench", "--rounds", "1", "--page", str(path)]
    for name in names:
        command += ["--only", name]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    # 1 as well: it may be a bad day for how long something takes.
    assert run.returncode in (0, 1), run.stderr
    assert run.stderr == ""
    for name in names[:3]:
        assert f"round 1: {name} " in run.stdout
    assert "`import rancher_ports` starts no process" in run.stdout
    text = path.read_text("utf-8")
    for stage in ("Python starts", "jsii starts Node", "groups and rules are built", "the process ends"):
        assert f"\n| {stage} |" in text
    assert "\n| an empty app |" in text
    assert str(ROOT) not in text
    assert str(tmp_path) not in text


def test_the_app_starts_node(tmp_path: Path) -> None:
    # That nothing else does is worth something only if this is noticed.
    assert starts_node((str(ROOT / "main.py"),), tmp_path)
