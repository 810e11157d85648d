"""A larger stack of a user's comes out the same with and without, and loads only what it uses."""

from __future__ import annotations

from tests.lazy.conftest import Run
from tests.lazy.flavours import CDK
from tests.lazy.running import TITLE


def test_the_stack_is_a_large_one(eager: Run) -> None:
    """Or the rest would say little."""
    resources = eager.document["resource"]
    others = [kind for kind in resources if not kind.startswith("aws_vpc_security_group_") and kind.startswith("aws_")]
    assert len(others) > 30
    assert {"data", "moved", "import", "output", "provider"} <= set(eager.document)
    assert resources["aws_security_group"]["the_group"]["tags"] == {"team": "platform"}
    assert resources["aws_subnet"]["subnet"]["for_each"]
    assert resources["aws_instance"]["instance"]["credit_specification"] == {"cpu_credits": "unlimited"}
    assert len(eager.document["provider"]["aws"]) == 2
    assert eager.seen["no such name"] is False
    assert {"own_stack.py", "highly_available.py", "settings.json"} <= set(eager.seen["packed"])
    assert len([name for name in resources["aws_security_group"] if name.startswith("rancher_")]) == 4


def test_the_json_is_the_same_byte_for_byte(lazy: Run, eager: Run) -> None:
    assert lazy.json == eager.json


def test_python_sees_the_same(lazy: Run, eager: Run) -> None:
    assert lazy.seen == eager.seen


def test_only_what_is_used_is_loaded(lazy: Run, eager: Run) -> None:
    kinds = {*lazy.document["resource"], *(f"data_{kind}" for kind in lazy.document["data"])}
    used = {kind.removeprefix("aws_") for kind in kinds if "random" not in kind} | {"provider"}
    # The bindings that the constructs import, whether or not this stack uses them.
    assert lazy.python == used | {"data_aws_vpc"}
    # cdktn's provider has functions, which it requires.
    assert lazy.node.loaded - {"provider-functions"} == {name.replace("_", "-") for name in used}
    assert len(eager.node.loaded) > 2000
    # A package of cdktn's is lazy in Python as it is shipped.
    assert len(eager.python) > 2000 if CDK == "cdktf" else eager.python == lazy.python


def test_node_options_of_the_users_take_effect_with_and_without(lazy: Run, eager: Run) -> None:
    assert lazy.node.titles == eager.node.titles == {TITLE}
