"""The commands that need no CDK, and whether one of them starts Node all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.cases import ROOT

# What the commands are given. Terraform and EC2 have nothing to say here: what matters is what is loaded.
_FILES: dict[str, object] = {
    "plan.json": {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": [],
        "configuration": {"root_module": {}},
        "complete": True,
        "errored": False,
    },
    "state.json": {
        "format_version": "1.0",
        "values": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_security_group.etcd",
                        "mode": "managed",
                        "type": "aws_security_group",
                        "name": "etcd",
                        "values": {"tags": {"rancher-ports:owner": "prod", "rancher-ports:role": "etcd"}},
                    }
                ]
            }
        },
    },
    "groups.json": {"SecurityGroups": []},
    "existing.json": {
        "SecurityGroups": [
            {
                "GroupId": "sg-0123456789abcdef0",
                "GroupName": "etcd",
                "Description": "etcd",
                "VpcId": "vpc-0123456789abcdef0",
            }
        ]
    },
    "rules.json": {"SecurityGroupRules": []},
}

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "--help": ("--help",),
    "--version": ("--version",),
    "tables": ("tables",),
    # As text it is rich's, which not every environment has.
    "table": ("table", "rke1", "--format", "csv"),
    "explain": ("explain", "worker", "controlplane", "6443/tcp"),
    "diff": ("diff", "rke1", "rke1", "--format", "csv"),
    "review": ("review", "plan.json"),
    "check": ("check", "state.json", "--fail-on", "error"),
    "module": ("module", "rke1", "-o", "module"),
    "completion": ("completion", "zsh"),
    "adopt": (
        "adopt",
        "--groups",
        "existing.json",
        "--rules",
        "rules.json",
        "--role",
        "etcd=sg-0123456789abcdef0",
        "--region",
        "us-east-1",
    ),
    "recover": ("recover", "plan.json", "--groups", "groups.json", "--rules", "rules.json"),
}


def starts_node(arguments: tuple[str, ...], folder: Path) -> bool:
    """Whether Python starts Node, for which something stands in that leaves a mark.

    Args:
        arguments: what Python is given.
        folder: where it runs.

    Raises:
        RuntimeError: it failed without having started Node.
    """
    traps = folder / "traps"
    traps.mkdir(exist_ok=True)
    node, mark = traps / "node", traps / "mark"
    mark.unlink(missing_ok=True)
    node.write_text(f"#!/bin/sh\n: > '{mark}'\nexit 1\n", "utf-8")
    node.chmod(0o755)
    path = os.pathsep.join([str(traps), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "JSII_NODE": str(node), "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)
    if run.returncode and not mark.exists():
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{run.stdout}{run.stderr}")
    return mark.exists()


def command_starts_node(name: str, folder: Path) -> bool:
    """Whether one of :data:`COMMANDS` does."""
    for file, content in _FILES.items():
        (folder / file).write_text(json.dumps(content), "utf-8")
    return starts_node(("-m", "rancher_ports", *COMMANDS[name]), folder)
