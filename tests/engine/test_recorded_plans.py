"""Plans as a real engine makes them, which the tests of their readers take from files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any

import pytest

from tests.conftest import PLANS, PLANS_OF_HCL
from tests.engine.ec2.server import Service
from tests.engine.plan_shapes import SHAPES, Shape
from tests.engine.recording import normalised, recorded_cloud
from tests.engine.stack import Document, Stack

# What a plan says of what changes, from what, and by which configuration; not when it was made, and by which version.
_KEPT = ("complete", "configuration", "errored", "planned_values", "prior_state", "resource_changes")


@pytest.mark.parametrize("name", SHAPES)
def test_the_recorded_plan_is_what_the_engine_makes(
    name: str, new_stack: Callable[..., Stack], service: Service, tmp_path: Path, rewrite: bool
) -> None:
    shape = SHAPES[name]
    service.cloud = recorded_cloud()
    _write_modules(shape, tmp_path / "stack" / "modules")
    stack = new_stack(_with_provider(shape.before or {}))
    if shape.before:
        stack.apply_at_once()
    stack.write(_with_provider(shape.after))
    stack.init()
    _same(PLANS / name / "plan.json", _of(stack.plan(*shape.plan).document), rewrite=rewrite)
    for side, document in (("before", shape.before or {}), ("after", shape.after)):
        _same(PLANS / name / side / "cdk.tf.json", document, rewrite=rewrite)


@pytest.mark.parametrize("name", ["created-from-nothing", "nested-unknown-peer"])
def test_the_recorded_state_is_what_the_engine_makes(
    name: str, new_stack: Callable[..., Stack], service: Service, tmp_path: Path, rewrite: bool
) -> None:
    shape = SHAPES[name]
    service.cloud = recorded_cloud()
    _write_modules(shape, tmp_path / "stack" / "modules")
    stack = new_stack(_with_provider(shape.after))
    stack.apply_at_once()
    state = stack.state()
    _same(PLANS / name / "state.json", normalised({"values": state["values"]}), rewrite=rewrite)


@pytest.mark.parametrize("name", [path.name for path in sorted(PLANS_OF_HCL.iterdir())])
def test_the_recorded_plan_of_hcl_is_what_the_engine_makes(
    name: str, new_stack: Callable[..., Stack], service: Service, tmp_path: Path, rewrite: bool
) -> None:
    shape, main = PLANS_OF_HCL / name, tmp_path / "stack" / "main.tf"
    service.cloud = recorded_cloud()
    stack = new_stack(_with_provider({}))
    if (shape / "modules").is_dir():
        copytree(shape / "modules", main.parent / "modules")
    if (shape / "before.tf").is_file():
        copyfile(shape / "before.tf", main)
        stack.apply_at_once()
    copyfile(shape / "after.tf", main)
    stack.init()
    _same(shape / "plan.json", _of(stack.plan().document), rewrite=rewrite)


def test_nothing_else_is_recorded() -> None:
    assert {path.name for path in PLANS.iterdir()} == {*SHAPES}


def _with_provider(document: Document) -> Document:
    return {"provider": {"aws": [{"region": "us-east-1"}]}, **document}


def _write_modules(shape: Shape, folder: Path) -> None:
    for module, document in shape.modules.items():
        path = folder / module / "main.tf.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(document), "utf-8")


def _of(plan: Document) -> Document:
    document: Document = normalised({key: plan[key] for key in _KEPT if key in plan})
    return document


def _same(path: Path, document: Any, *, rewrite: bool) -> None:
    if rewrite:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", "utf-8")
    assert document == json.loads(path.read_text("utf-8"))
