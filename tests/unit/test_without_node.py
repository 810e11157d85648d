"""Commands that need no CDK start no Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.without_node import COMMANDS, command_starts_node, starts_node
from rancher_ports.cli import commands


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_needs_no_cdk_starts_no_node(name: str, tmp_path: Path) -> None:
    assert not command_starts_node(name, tmp_path)


def test_every_command_is_looked_at() -> None:
    assert set(commands.commands) | {"--help", "--version"} == set(COMMANDS)


@pytest.mark.parametrize("node", ["'node'", "os.environ['JSII_NODE']"])
def test_whoever_starts_node_is_found_out(node: str, tmp_path: Path) -> None:
    assert starts_node(("-c", f"import os, subprocess; subprocess.run([{node}])"), tmp_path)
    assert not starts_node(("-c", "import os, subprocess"), tmp_path)


def test_a_command_that_fails_has_shown_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)failed:\n.*No such command 'reciver'"):
        starts_node(("-m", "rancher_ports", "reciver"), tmp_path)
