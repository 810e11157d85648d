"""What checks the modules outside of this repository's own tests, and what their shipped tests share."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tools.check_modules import MODULES, copy_modules, main, parser

WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "modules.yml").read_text("utf-8"))
JOBS = WORKFLOW["jobs"]
STEPS = list(chain.from_iterable(job["steps"] for job in JOBS.values()))
# YAML 1.1 takes the key "on" for a truth.
TRIGGERS = WORKFLOW[True]


def test_the_workflow_may_read_and_no_more() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not [name for name, job in JOBS.items() if "permissions" in job or "secrets" in str(job)]


def test_the_workflow_runs_where_modules_or_what_makes_them_change() -> None:
    assert set(TRIGGERS) == {"push", "pull_request"}
    for trigger in TRIGGERS.values():
        assert {"modules/**", "rancher_ports/**", ".github/workflows/modules.yml"} <= set(trigger["paths"])
        assert all([*ROOT.glob(path)] for path in trigger["paths"])


def test_every_action_of_the_workflow_has_a_version() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert not [action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)]


def test_the_workflow_has_engines_from_the_oldest_to_the_latest() -> None:
    engines = JOBS["engines"]["strategy"]["matrix"]["include"]
    versions = {(entry["engine"], entry["version"]) for entry in engines}
    # What versions.tf.json asks for at least, and what runs the shipped tests at least.
    assert {version.rpartition(".")[0] for engine, version in versions if engine == "terraform"} >= {"1.3", "1.7"}
    assert {("terraform", "latest"), ("tofu", "latest")} <= versions
    for entry in engines:
        command = "{engine} {options}".format(**entry).split()
        asked = parser().parse_args(command)
        assert asked.no_tests == (entry["version"].startswith("1.3.")), command


def test_the_workflow_has_no_logic_of_its_own() -> None:
    commands = {step["run"] for step in STEPS if "run" in step}
    assert commands == {
        "python3 tools/check_modules.py ${{ matrix.engine }} ${{ matrix.options }}",
        "make modules",
        "git diff --exit-code -- modules",
    }
    assert re.search(r"^modules:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_modules_share_what_is_said_of_inputs() -> None:
    shared = {path.read_bytes() for path in ROOT.glob("modules/*/tests/inputs.tftest.hcl")}
    assert len(shared) == 1
    assert len([*ROOT.glob("modules/*/tests/ports.tftest.hcl")]) == 3


def test_copies_have_one_version_of_the_provider_if_it_is_asked_for(tmp_path: Any) -> None:
    modules = copy_modules(tmp_path / "modules", "5.0.0")
    assert [module.name for module in modules] == ["k3s", "rke1", "rke2"]
    for module in modules:
        assert '"version": "5.0.0"' in (module / "provider_override.tf.json").read_text("utf-8")
        assert (module / "examples" / "complete" / "main.tf").is_file()
    assert not [*ROOT.glob("modules/*/provider_override.tf.json")]


def test_the_oldest_that_the_modules_take_is_tried() -> None:
    versions = json.loads((MODULES / "k3s" / "versions.tf.json").read_text("utf-8"))["terraform"]
    engines = JOBS["engines"]["strategy"]["matrix"]["include"]
    numbered = [entry for entry in engines if entry["engine"] == "terraform" and entry["version"] != "latest"]
    oldest = min(numbered, key=lambda entry: [int(part) for part in entry["version"].split(".")])
    assert oldest["version"].startswith(versions["required_version"].removeprefix(">= ") + ".")
    asked = parser().parse_args([oldest["engine"], *oldest["options"].split()]).provider
    assert asked == versions["required_providers"]["aws"]["version"].removeprefix(">= ") + ".0"


def test_an_engine_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", ["check_modules", "tofu"])
    with pytest.raises(SystemExit, match="tofu is not on PATH"):
        main()
