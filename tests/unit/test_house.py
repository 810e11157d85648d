"""The house: who may import whom, and what importing costs."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

CDK = ("cdktf", "cdktn", "constructs", "cdktf_cdktf_provider_aws", "cdktn_provider_aws", "jsii")


def _modules() -> list[str]:
    # By file, since walking packages imports them, the constructs too.
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "rancher_ports").rglob("*.py"))
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files if "cdk" not in path.parts]


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_everything_but_the_constructs_imports_without_the_cdk() -> None:
    modules = _modules()
    assert len(modules) > 25
    block = f"import sys; sys.modules.update(dict.fromkeys({CDK}))\n"
    run = _python(block + "\n".join(f"import {name}" for name in ["main", *modules]))
    assert run.returncode == 0, run.stderr


def test_the_constructs_without_the_cdk_say_what_to_install() -> None:
    run = _python(
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name in ('cdktf', 'cdktn') else find(name, *a)\n"
        "import rancher_ports.cdk"
    )
    assert run.returncode == 1
    extras = '"rancher-ports[cdktf]" or "rancher-ports[cdktn]"'
    assert run.stderr.splitlines()[-1] == f"ImportError: rancher_ports.cdk needs the CDK: pip install {extras}"
