"""Root configurations that call a generated module, as people who write HCL do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.engine.stack import Document

MODULES = ROOT / "modules"
PROVIDER = {"aws": [{"region": "us-east-1"}]}


def source(distribution: str) -> str:
    """Where a checked-in module is, as a ``source`` has it."""
    return str(MODULES / distribution)


def calling(distribution: str, inputs: dict[str, Any], **beside: Any) -> Document:
    """A configuration that calls a module as ``ports`` and puts out what that puts out.

    Args:
        distribution: whose module.
        inputs: its inputs, and what else a module block takes.
        beside: other blocks.
    """
    return {
        "provider": PROVIDER,
        "module": {"ports": {"source": source(distribution), **inputs}},
        "output": {"ports": {"value": "${module.ports}"}},
        **beside,
    }


def documents(folder: Path) -> dict[str, str]:
    """The files of a module by name."""
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
