"""Stacks synthesized in this process, so that the provider's bindings are loaded once for all tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cdk.flavour import App, TerraformStack
from tests.cdk.synthesis import Document, synthesize_settings

Synthesize = Callable[[Mapping[str, Any]], Document]


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
    return lambda settings: synthesize_settings(settings, tmp_path_factory.mktemp("app"))
