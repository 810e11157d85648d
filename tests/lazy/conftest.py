"""The larger stack, once with everything loaded and once with what it uses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lazy.running import Node, node_of_python


@dataclass(frozen=True, slots=True)
class Run:
    """What came of the larger stack.

    Args:
        json: the Terraform JSON as it was written.
        document: the same, parsed.
        seen: what else was to be seen in Python, by what it is.
        python: the provider's modules that Python loaded.
        node: what was to be seen in Node.
    """

    json: bytes
    document: dict[str, Any]
    seen: dict[str, Any]
    python: frozenset[str]
    node: Node


def _run(folder: Path, *arguments: str) -> Run:
    node = node_of_python("-m", "tests.lazy.larger_stack", folder / "out", *arguments, folder=folder)
    written = (folder / "out" / "stacks" / "larger" / "cdk.tf.json").read_bytes()
    python_side = json.loads((folder / "out" / "seen.json").read_text("utf-8"))
    return Run(
        json=written,
        document=json.loads(written),
        seen=python_side["seen"],
        python=frozenset(name.split(".")[1] for name in python_side["loaded"]),
        node=node,
    )


@pytest.fixture(scope="session")
def lazy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The larger stack with provider packages that load when used."""
    return _run(tmp_path_factory.mktemp("lazy"))


@pytest.fixture(scope="session")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The larger stack as it is without. With cdktf this takes half a minute."""
    return _run(tmp_path_factory.mktemp("eager"), "--eager")
