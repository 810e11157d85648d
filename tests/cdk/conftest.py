"""Stacks synthesized in this process, so that the provider's bindings are loaded once for all tests."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cdktf import App, TerraformStack

from rancher_ports.cdk import RancherPortsStack
from rancher_ports.settings import read_settings
from rancher_ports.tables import load_tables

Document = dict[str, Any]
Synthesize = Callable[[Mapping[str, Any]], Document]


def synthesized(app: App, stack: str) -> Document:
    """Synthesize an app, validations included, and read one stack's JSON as it was written."""
    app.synth()
    document: Document = json.loads(Path(app.outdir, "stacks", stack, "cdk.tf.json").read_text("utf-8"))
    return document


@pytest.fixture
def app(tmp_path: Path) -> App:
    """An app that writes into a folder of the test's own."""
    return App(outdir=str(tmp_path / "cdktf.out"), stack_traces=False)


@pytest.fixture
def stack(app: App) -> TerraformStack:
    """An empty stack, of that app."""
    return TerraformStack(app, "infrastructure")


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Settings in, JSON out, as the app does it."""
    numbers = itertools.count()

    def run(settings: Mapping[str, Any]) -> Document:
        folder = tmp_path_factory.mktemp(f"app{next(numbers)}")
        app = App(outdir=str(folder), stack_traces=False)
        context = {"context": {"rancher_ports": {"region": "us-east-1", **settings}}}
        RancherPortsStack(app, "rancher", read_settings(context, load_tables()))
        return synthesized(app, "rancher")

    return run
