"""The app as its users start it."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.bad_settings import BAD_SETTINGS, BAD_TEXTS
from tests.conftest import ROOT
from tests.unit.test_settings import EXAMPLE

SHIPPED = json.loads((ROOT / "cdktf.json").read_text("utf-8"))
CDKTF = ROOT / "node_modules" / ".bin" / "cdktf"


def _checkout(folder: Path, content: bytes) -> Path:
    """A folder with the app in it, and this as its cdktf.json."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "main.py", folder)
    (folder / "cdktf.json").write_bytes(content)
    return folder


def _run(
    folder: Path, command: Sequence[str] = (sys.executable, "main.py"), **environment: str
) -> subprocess.CompletedProcess[str]:
    # Compiled modules, whatever this machine's setting: without them the bindings take three times as long to load.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    environment = {**kept, "PATH": path, "PYTHONPATH": str(ROOT), "CI": "1", **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _with(settings: Any) -> bytes:
    return json.dumps({**SHIPPED, "context": {"rancher_ports": settings}}).encode()


assert not set(BAD_SETTINGS) & set(BAD_TEXTS)
BAD = {
    **{
        what: _with({"region": "us-east-1", **settings} if isinstance(settings, dict) else settings)
        for what, (settings, _) in BAD_SETTINGS.items()
    },
    **BAD_TEXTS,
}


def test_every_bad_setting_ends_with_a_short_message_of_our_own(tmp_path: Path) -> None:
    def run(what: str) -> subprocess.CompletedProcess[str]:
        return _run(_checkout(tmp_path / str(list(BAD).index(what)), BAD[what]))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        runs = dict(zip(BAD, pool.map(run, BAD), strict=True))
    for what, finished in runs.items():
        lines = finished.stderr.splitlines()
        assert finished.returncode == 1, what
        assert finished.stdout == "", what
        assert lines[0].startswith("rancher-ports: cdktf.json: "), (what, finished.stderr)
        assert len(lines) == 1, (what, finished.stderr)
        if what in BAD_SETTINGS:
            assert lines[0] == f"rancher-ports: cdktf.json: {BAD_SETTINGS[what][1]}"
    assert not list(tmp_path.glob("*/cdktf.out"))


def test_several_faults_are_a_line_each(tmp_path: Path) -> None:
    settings = {"region": "x", "prefix": "", "slots": {"a": []}}
    finished = _run(_checkout(tmp_path, _with(settings)))
    assert finished.returncode == 1
    lines = finished.stderr.splitlines()
    assert lines[0] == "rancher-ports: 3 faults:"
    assert [line.split(":")[1].strip() for line in lines[1:]] == [
        "context.rancher_ports.prefix",
        "context.rancher_ports.region",
        "context.rancher_ports.slots",
    ]
    assert all(line.startswith("  cdktf.json: ") for line in lines[1:])


def _permuted(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        items = list(value.items())
        order.shuffle(items)
        return {key: _permuted(inner, order) for key, inner in items}
    if isinstance(value, list):
        items = [_permuted(inner, order) for inner in value]
        order.shuffle(items)
        return items
    return value


def test_folder_hash_seed_and_order_of_settings_change_no_byte(tmp_path: Path) -> None:
    settings = {
        **EXAMPLE,
        "tags": {"team": "platform", "cost": "1", "a": "b"},
        "slots": {**EXAMPLE["slots"], "nodeport_clients": ["office", "alb", "mirrors", "office-v6"]},
        "backend": {"s3": {"bucket": "b", "key": "k", "region": "us-east-1"}},
    }

    def run(seed: int) -> bytes:
        # Tags and backend keys are mappings as well: every list and mapping is permuted.
        content = _with(_permuted(settings, random.Random(seed)) if seed else settings)
        folder = _checkout(tmp_path / ("x" * (seed + 1)) / f"folder-{seed}", content)
        finished = _run(folder, PYTHONHASHSEED=str(seed))
        assert finished.returncode == 0, finished.stderr
        return (folder / "cdktf.out" / "stacks" / "rancher" / "cdk.tf.json").read_bytes()

    with ThreadPoolExecutor(max_workers=2) as pool:
        first, second = pool.map(run, (0, 2))
    assert first == second
    assert str(tmp_path).encode() not in first
    assert b"/tmp" not in first
    names = [name for some in json.loads(first)["resource"].values() for name in some]
    assert len(names) > 50
    assert not [name for name in names if re.search("_[0-9A-F]{8}$", name)]


@pytest.mark.skipif(
    not CDKTF.exists() and not os.environ.get("CI"),
    reason="the CDKTF command line is not installed here; make install does it, and CI always has it",
)
def test_cdktf_synth_and_plain_python_give_the_same(tmp_path: Path) -> None:
    content = (ROOT / "cdktf.json").read_bytes()
    plain, by_cli = _checkout(tmp_path / "plain", content), _checkout(tmp_path / "cli", content)
    with ThreadPoolExecutor(max_workers=2) as pool:
        runs = pool.map(lambda args: _run(*args), [(plain,), (by_cli, (str(CDKTF), "synth"))])
    one, other = runs
    assert (one.returncode, other.returncode) == (0, 0), one.stderr + other.stderr + other.stdout
    synthesized = Path("cdktf.out", "stacks", "rancher", "cdk.tf.json")
    assert (plain / synthesized).read_bytes() == (by_cli / synthesized).read_bytes()
    summary = ["4 security groups, 48 rules (23 ingress, 25 egress)", f"JSON: {synthesized}"]
    assert one.stdout.splitlines()[:2] == summary
    assert all(line in other.stdout for line in summary)
    findings = [line.split(": ", 1)[1] for line in one.stdout.splitlines()[2:]]
    assert len(findings) == 7
    assert findings[0].startswith("no-registry-egress: Will not bootstrap: no egress to a container registry")
    for finding in findings:
        assert f"[rancher/ports]: {finding}" in other.stdout


def test_a_bad_setting_under_cdktf_synth_is_said_too(tmp_path: Path) -> None:
    if not CDKTF.exists():
        pytest.skip("the CDKTF command line is not installed here; make install does it")
    finished = _run(_checkout(tmp_path, _with({"region": "us-east-1", "egress": "none"})), (str(CDKTF), "synth"))
    assert finished.returncode == 1
    said = finished.stdout + finished.stderr
    assert 'rancher-ports: cdktf.json: context.rancher_ports.egress: "none": expected one of documented, all' in said
    assert "Traceback" not in said


def test_without_the_cdk_the_app_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name in ('cdktf', 'cdktn') else find(name, *rest)\n"
    )
    folder = _checkout(tmp_path / "app", (ROOT / "cdktf.json").read_bytes())
    finished = _run(folder, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    assert finished.returncode == 1
    expected = "rancher-ports: the CDK is not installed here; `make install`, then `. .venv/bin/activate`"
    assert finished.stderr.strip() == expected
