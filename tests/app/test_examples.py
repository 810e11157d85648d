"""The examples, run as a reader would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rancher_ports.readers.synthesized import read_synthesized
from tests.conftest import ROOT

EXAMPLES = {"own_stack.py": "infrastructure", "highly_available.py": "highly-available"}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each example synthesizes."""

    def run(example: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("example")
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        command = [sys.executable, str(ROOT / "examples" / example)]
        subprocess.run(command, cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, check=True)
        path = Path(folder, "cdktf.out", "stacks", EXAMPLES[example], "cdk.tf.json")
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return document

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(EXAMPLES, pool.map(run, EXAMPLES), strict=True))


def test_every_example_is_run() -> None:
    assert set(EXAMPLES) == {path.name for path in (ROOT / "examples").glob("*.py")}


def test_constructs_live_in_a_stack_with_other_things(documents: dict[str, dict[str, Any]]) -> None:
    document = documents["own_stack.py"]
    resources = document["resource"]
    assert resources["aws_security_group"]["rancher_etcd"]["vpc_id"] == "${aws_vpc.vpc.id}"
    rules = resources["aws_vpc_security_group_ingress_rule"]
    from_load_balancer = rules["rancher_rancher_from_load-balancer_tcp_80"]
    assert from_load_balancer["referenced_security_group_id"] == "${aws_security_group.load_balancer.id}"
    assert resources["aws_instance"]["first_node"]["vpc_security_group_ids"] == [
        "${aws_security_group.rancher_etcd.id}",
        "${aws_security_group.rancher_controlplane.id}",
    ]
    assert "${aws_security_group.load_balancer.id}" in map(str, read_synthesized(document).groups)


def test_a_highly_available_rancher_node_has_all_four_groups(documents: dict[str, dict[str, Any]]) -> None:
    resources = documents["highly_available.py"]["resource"]
    groups = [
        f"${{aws_security_group.{name}.id}}"
        for name in ("central_rancher", "local_etcd", "local_controlplane", "local_worker")
    ]
    for index in range(3):
        assert resources["aws_instance"][f"rancher_{index}"]["vpc_security_group_ids"] == groups
    on_server = [
        name for name in resources["aws_vpc_security_group_ingress_rule"] if "_rancher_from_" in name and "443" in name
    ]
    assert len([name for name in on_server if name.startswith(("local_", "downstream_"))]) == 6
