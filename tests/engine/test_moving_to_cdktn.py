"""A stack that CDKTF deployed goes over to CDK Terrain, and back, without a change: docs/cdktn.md."""

from __future__ import annotations

import importlib.util
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cdk.situations import SITUATIONS
from tests.engine.conftest import Synthesize
from tests.engine.ec2.cloud import Cloud
from tests.engine.engines import Engine
from tests.engine.stack import Document, Stack
from tests.engine.starting_point import golden

needs_cdktn = pytest.mark.skipif(
    importlib.util.find_spec("cdktn") is None,
    reason="this environment has CDKTF, in which there is nothing to move to; `make test-cdktn` runs it, CI as well",
)


@needs_cdktn
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_deployed_stack_moves_there_and_back_without_a_change(
    situation: str, synthesize: Synthesize, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    by_cdktf, by_cdktn = golden(situation), synthesize(SITUATIONS[situation])
    assert by_cdktf["//"]["metadata"]["version"].startswith("0.21.")
    assert by_cdktn["//"]["metadata"]["version"].startswith("0.24.")
    stack = new_stack(by_cdktf)
    stack.apply_at_once()
    made = cloud.moment()
    for document in (by_cdktn, by_cdktf):
        stack.write(document)
        stack.init("-upgrade")
        assert stack.plan().is_empty
        stack.apply()
        assert cloud.moment() == made


def _requires(provider: Document) -> Document:
    return {"terraform": {"required_providers": {"aws": provider}}}


def test_the_lock_file_wants_init_to_be_told_of_the_newer_provider(tmp_path: Path, engine: Engine) -> None:
    # Only installed, never started: an empty program will do. OpenTofu has a registry of its own name.
    for version in ("6.25.0", "6.69.1"):
        for registry in ("registry.terraform.io", "registry.opentofu.org"):
            folder = tmp_path / "mirror" / registry / "hashicorp" / "aws" / version / _platform()
            folder.mkdir(parents=True)
            program = folder / f"terraform-provider-aws_v{version}"
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
    path = json.dumps(str(tmp_path / "mirror"))
    (tmp_path / "rc").write_text(f"provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n")
    environment = {"TF_CLI_CONFIG_FILE": str(tmp_path / "rc"), "CHECKPOINT_DISABLE": "1"}
    stack = Stack(tmp_path / "stack", engine, environment)
    stack.write(_requires(golden("shipped-settings")["terraform"]["required_providers"]["aws"]))
    stack.init()
    stack.write(_requires({"source": "hashicorp/aws", "version": "6.69.1"}))
    refused = stack.run("init", "-input=false", "-no-color")
    assert refused.returncode == 1
    assert "init -upgrade" in refused.stdout + refused.stderr
    stack.init("-upgrade")
    stack.write(_requires({"source": "aws", "version": "6.69.1"}))
    stack.init()


def _platform() -> str:
    system = {"linux": "linux", "darwin": "darwin", "win32": "windows"}[sys.platform]
    machine = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
    return f"{system}_{machine}"
