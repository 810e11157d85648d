"""The examples, run as a reader would."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from rancher_ports.readers.synthesized import read_synthesized
from tests.conftest import EXAMPLES, ROOT, Examples, run_examples


def test_every_example_is_run() -> None:
    assert set(EXAMPLES) == {path.name for path in (ROOT / "examples").glob("*.py")}


def test_constructs_live_in_a_stack_with_other_things(examples: Examples) -> None:
    document = examples["own_stack.py"]["infrastructure"]
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


def test_a_highly_available_rancher_node_has_all_four_groups(examples: Examples) -> None:
    resources = examples["highly_available.py"]["highly-available"]["resource"]
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


def _but_for_its_maker(document: dict[str, Any]) -> dict[str, Any]:
    # Each flavour says who made the file, pins the provider for which its bindings were made, and has a way to name it.
    terraform = {key: value for key, value in document["terraform"].items() if key != "required_providers"}
    return {**document, "//": None, "terraform": terraform}


@pytest.mark.skipif(find_spec("cdktn") is None, reason="there is one flavour here; make test-cdktn has the other")
def test_cdk_terrain_makes_of_the_examples_what_cdktf_makes_of_them(
    examples: Examples, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # So what an engine makes of them is seen by those tests that run with CDKTF.
    with_cdktf = run_examples(tmp_path_factory, python=str(ROOT / ".venv" / "bin" / "python"))
    for example, stacks in with_cdktf.items():
        for name, document in stacks.items():
            assert _but_for_its_maker(examples[example][name]) == _but_for_its_maker(document), (example, name)
