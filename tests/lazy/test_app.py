"""The app and the examples have it switched on, as their readers are to do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, ROOT
from tests.lazy.running import node_of_python


@pytest.mark.parametrize("file", ["main.py", *(f"examples/{name}" for name in EXAMPLES)])
def test_it_comes_first(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert ast.get_docstring(tree)
    beginning = [ast.unparse(statement) for statement in tree.body[1:3]]
    assert beginning == ["from rancher_ports import lazy_providers", "lazy_providers.enable()"]


def test_the_app_has_node_load_what_it_uses(tmp_path: Path) -> None:
    for name in ("main.py", "cdktf.json"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    # cdktn's provider has functions, which it requires.
    assert node_of_python("main.py", folder=tmp_path).loaded - {"provider-functions"} == {
        "provider",
        "data-aws-vpc",
        "security-group",
        "vpc-security-group-egress-rule",
        "vpc-security-group-ingress-rule",
    }
