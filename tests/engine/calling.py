"""Root configurations that call a generated module, as people who write HCL do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.engine.stack import Document
from tools.check_modules import MODULES


def linked_modules(folder: Path) -> None:
    """Put the modules beside a configuration, which then refers to them as :func:`calling` does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "modules").symlink_to(MODULES)


def calling(calls: Mapping[str, Mapping[str, Any]], **beside: Any) -> Document:
    """A configuration that calls modules.

    Args:
        calls: by name a module block, with ``distribution`` in place of the source.
        beside: other blocks.
    """
    blocks = {}
    for name, call in calls.items():
        inputs = dict(call)
        blocks[name] = {"source": f"./modules/{inputs.pop('distribution')}", **inputs}
    return {"provider": {"aws": [{"region": "us-east-1"}]}, "module": blocks, **beside}


def inputs_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What an app's settings are in a module's inputs."""
    passed = (
        "distribution",
        "vpc_id",
        "group_name_prefix",
        "tags",
        "one_sided",
        "egress",
        "cni",
        "features",
        "slots",
        "groups",
    )
    inputs = {name: settings[name] for name in passed if name in settings}
    inputs["peers"] = {name: _peer(peer) for name, peer in settings.get("peers", {}).items()}
    return inputs


def _peer(peer: Mapping[str, str]) -> dict[str, str]:
    if "cidr" in peer:
        return {"cidr_ipv6" if ":" in peer["cidr"] else "cidr_ipv4": peer["cidr"]}
    return {name: value for name, value in peer.items() if name != "max_entries"}
