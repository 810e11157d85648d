"""Values that are known after apply alone, named by the references that a plan keeps of HCL."""

from __future__ import annotations

from typing import Any

import pytest

from rancher_ports.model.inventory import Reference
from rancher_ports.readers.planned import read_transition
from tests.unit.test_planned_reader import GROUP, INGRESS, change, plan

_PORTS = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-0"}


def _expression(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def _resource(address: str, **expressions: Any) -> dict[str, Any]:
    type_, name = address.removeprefix("data.").split(".")
    mode = "data" if address.startswith("data.") else "managed"
    each = {"for_each_expression": expressions.pop("for_each")} if "for_each" in expressions else {}
    return {"mode": mode, "type": type_, "name": name, "expressions": expressions, **each}


def _made(address: str, module: str = "", **more: Any) -> dict[str, Any]:
    """A group that is made at once."""
    whole = f"{module}.{address}" if module else address
    within: dict[str, Any] = {"module_address": module} if module else {}
    return change(whole, after={}, after_unknown={"id": True}, **within, **more)


def _peer(references: list[str], *groups: dict[str, Any], root: dict[str, Any] | None = None, **more: Any) -> Reference:
    """Whom a rule names whose peer comes from there."""
    module = more.get("module_address", "")
    address = f"{module}.{INGRESS}.a" if module else f"{INGRESS}.a"
    rule = change(address, after=_PORTS, after_unknown={"referenced_security_group_id": True}, **more)
    configured = root or {
        "resources": [_resource(f"{INGRESS}.a", referenced_security_group_id=_expression(*references))]
    }
    document = plan(*groups, rule)
    document["configuration"] = {"root_module": configured}
    (found,) = read_transition({"plan": document}).after.rules
    return found.peer


def _id(name: str) -> list[str]:
    return [f"{GROUP}.{name}.id", f"{GROUP}.{name}"]


def test_a_group_of_the_same_module() -> None:
    peer = _peer(_id("a"), _made(f"{GROUP}.a"), _made(f"{GROUP}.b"))
    assert (peer.values, peer.certain) == ((f"{GROUP}.a",), True)


def test_one_instance_by_its_key() -> None:
    keyed = [f'{GROUP}.a["x"].id', f'{GROUP}.a["x"]', f"{GROUP}.a"]
    peer = _peer(keyed, _made(f'{GROUP}.a["x"]'), _made(f'{GROUP}.a["y"]'))
    assert (peer.values, peer.certain) == ((f'{GROUP}.a["x"]',), True)


@pytest.mark.parametrize("references", [[f"{GROUP}.a", "each.key"], [f"{GROUP}.a[*].id", f"{GROUP}.a"]])
def test_instances_of_which_it_may_be_any(references: list[str]) -> None:
    peer = _peer(references, _made(f'{GROUP}.a["x"]'), _made(f'{GROUP}.a["y"]'))
    assert (peer.values, peer.certain, peer.text) == ((f'{GROUP}.a["x"]', f'{GROUP}.a["y"]'), False, "")


def test_the_values_of_a_map_of_groups() -> None:
    each = _expression(*_id("a"), *_id("b"))
    root = {
        "resources": [_resource(f"{INGRESS}.a", referenced_security_group_id=_expression("each.value"), for_each=each)]
    }
    peer = _peer([], _made(f"{GROUP}.a"), _made(f"{GROUP}.b"), root=root)
    assert (peer.values, peer.certain) == ((f"{GROUP}.a", f"{GROUP}.b"), False)


def test_a_group_that_is_known_cannot_be_what_is_not() -> None:
    known = change(f"{GROUP}.b", before={"id": "sg-2"}, after={"id": "sg-2"}, actions=["no-op"])
    assert _peer([*_id("a"), *_id("b")], _made(f"{GROUP}.a"), known).values == (f"{GROUP}.a",)
    # Unless something decides of which nobody knows what it is.
    other = _peer([*_id("a"), *_id("b"), "local.which"], _made(f"{GROUP}.a"), known)
    assert (other.values, other.text, other.certain) == ((f"{GROUP}.a", f"{GROUP}.b"), "local.which", False)


def test_what_a_variable_of_the_root_decides_is_decided() -> None:
    peer = _peer([*_id("a"), "var.enabled"], _made(f"{GROUP}.a"))
    assert (peer.values, peer.certain) == ((f"{GROUP}.a",), True)


@pytest.mark.parametrize(
    "references", [["var.peer"], ["local.peer"], ["aws_vpc.main.default_security_group_id", "aws_vpc.main"]]
)
def test_what_cannot_be_followed_is_named_by_its_reference(references: list[str]) -> None:
    peer = _peer(references)
    assert (peer.values, peer.text, peer.certain) == ((), references[0], False)


def test_what_has_no_reference_is_named_by_where_it_stands() -> None:
    assert _peer([]).text == f"{INGRESS}.a.referenced_security_group_id"


def test_the_group_of_another_rule() -> None:
    other = _expression(f"{INGRESS}.b.security_group_id", f"{INGRESS}.b")
    root = {
        "resources": [
            _resource(f"{INGRESS}.a", referenced_security_group_id=other),
            _resource(f"{INGRESS}.b", security_group_id=_expression(*_id("a"))),
        ]
    }
    assert _peer([], _made(f"{GROUP}.a"), root=root).values == (f"{GROUP}.a",)


def test_references_in_a_circle_come_to_nothing() -> None:
    here = _expression(f"{INGRESS}.a.referenced_security_group_id", f"{INGRESS}.a")
    root = {"resources": [_resource(f"{INGRESS}.a", referenced_security_group_id=here)]}
    assert _peer([], root=root).text == f"{INGRESS}.a.referenced_security_group_id"


def test_an_input_through_two_modules_each_with_instances() -> None:
    inner = {"resources": [_resource(f"{INGRESS}.a", referenced_security_group_id=_expression("var.peer"))]}
    outer = {"module_calls": {"inner": {"expressions": {"peer": _expression("var.group")}, "module": inner}}}
    root = {"module_calls": {"outer": {"expressions": {"group": _expression(*_id("a"))}, "module": outer}}}
    module = 'module.outer["x.y"].module.inner[0]'
    assert _peer([], _made(f"{GROUP}.a"), root=root, module_address=module).values == (f"{GROUP}.a",)


def test_an_input_that_is_a_value_of_the_calls_map() -> None:
    inner = {"resources": [_resource(f"{INGRESS}.a", referenced_security_group_id=_expression("var.peer"))]}
    call = {
        "expressions": {"peer": _expression("each.value")},
        "for_each_expression": _expression(*_id("a"), *_id("b")),
    }
    root = {"module_calls": {"inner": {**call, "module": inner}}}
    groups = _made(f"{GROUP}.a"), _made(f"{GROUP}.b")
    assert _peer([], *groups, root=root, module_address='module.inner["a"]').values == (f"{GROUP}.a", f"{GROUP}.b")


def _outputs(*references: str) -> dict[str, Any]:
    inner = {"outputs": {"id": {"expression": _expression(*_id("a"))}, "other": {"expression": _expression("local.x")}}}
    resource = _resource(f"{INGRESS}.a", referenced_security_group_id=_expression(*references))
    return {"resources": [resource], "module_calls": {"m": {"expressions": {}, "module": inner}}}


@pytest.mark.parametrize(
    ("references", "values", "text"),
    [
        (["module.m.id", "module.m"], ("module.m.{}.a",), ""),
        (["module.m"], ("module.m.{}.a",), "module.m.local.x"),
    ],
)
def test_an_output_of_a_module(references: list[str], values: tuple[str, ...], text: str) -> None:
    peer = _peer([], _made(f"{GROUP}.a", "module.m"), root=_outputs(*references))
    assert (peer.values, peer.text) == (tuple(value.format(GROUP) for value in values), text)


@pytest.mark.parametrize(
    ("references", "keys"),
    [(['module.m["x"].id', 'module.m["x"]', "module.m"], ["x"]), (["module.m", "each.key"], ["x", "y"])],
)
def test_an_output_of_a_module_with_instances(references: list[str], keys: list[str]) -> None:
    groups = [_made(f"{GROUP}.a", f'module.m["{key}"]') for key in "xy"]
    root = _outputs(*references)
    del root["module_calls"]["m"]["module"]["outputs"]["other"]
    assert _peer([], *groups, root=root).values == tuple(f'module.m["{key}"].{GROUP}.a' for key in keys)


def test_a_group_that_a_data_source_is_going_to_read() -> None:
    source = {**change(f"data.{GROUP}.x", after={}, actions=["read"], after_unknown={"id": True}), "mode": "data"}
    peer = _peer([f"data.{GROUP}.x.id", f"data.{GROUP}.x"], source)
    assert (peer.values, peer.certain) == ((f"data.{GROUP}.x",), True)


def test_less_than_a_resource_is_named_as_it_is() -> None:
    assert _peer([f"data.{GROUP}"]).text == f"data.{GROUP}"


def test_what_stands_within_blocks_is_found_there() -> None:
    block = {"protocol": "tcp", "from_port": 22, "to_port": 22, "security_groups": [None]}
    marks = {"ingress": [{"security_groups": [True]}]}
    group = change(f"{GROUP}.b", after={"id": "sg-1", "ingress": [block]}, after_unknown=marks)
    document = plan(_made(f"{GROUP}.a"), group)
    blocks = [{"security_groups": _expression(*_id("a"))}, {"cidr_blocks": {"constant_value": []}}, 7]
    document["configuration"] = {"root_module": {"resources": [_resource(f"{GROUP}.b", ingress=blocks)]}}
    (rule,) = read_transition({"plan": document}).after.rules
    assert rule.peer.values == (f"{GROUP}.a",)


def test_a_group_and_what_cannot_be_followed_are_candidates() -> None:
    peer = _peer([*_id("a"), "local.other"], _made(f"{GROUP}.a"))
    assert (peer.values, peer.text, peer.certain) == ((f"{GROUP}.a",), "local.other", False)


def test_the_values_of_a_map_of_groups_within_a_module() -> None:
    rule = _resource(
        f"{INGRESS}.a", referenced_security_group_id=_expression("each.value"), for_each=_expression(*_id("b"))
    )
    root = {"module_calls": {"m": {"expressions": {}, "module": {"resources": [rule]}}}}
    groups = _made(f"{GROUP}.b"), _made(f"{GROUP}.b", "module.m")
    assert _peer([], *groups, root=root, module_address="module.m").values == (f"module.m.{GROUP}.b",)


def test_another_attribute_of_a_group_is_not_the_group() -> None:
    peer = _peer([f"{GROUP}.a.owner_id", f"{GROUP}.a"], _made(f"{GROUP}.a"))
    assert (peer.values, peer.text) == ((), f"{GROUP}.a.owner_id")


def test_what_data_sources_have_read_belongs_to_their_module() -> None:
    references = ["local.other", f"data.{GROUP}.b.id", f"data.{GROUP}.b"]
    rule = _resource(f"{INGRESS}.a", referenced_security_group_id=_expression(*references))
    root = {"module_calls": {"m": {"expressions": {}, "module": {"resources": [rule]}}}}
    made = change(
        f"module.m.{INGRESS}.a",
        after=_PORTS,
        after_unknown={"referenced_security_group_id": True},
        module_address="module.m",
    )
    source = {
        "mode": "data",
        "type": GROUP,
        "name": "b",
        "address": f"module.m.data.{GROUP}.b",
        "values": {"id": "sg-7"},
    }
    state = {"root_module": {"child_modules": [{"address": "module.m", "resources": [source]}]}}
    document = plan(made, prior_state={"values": state})
    document["configuration"] = {"root_module": root}
    (found,) = read_transition({"plan": document}).after.rules
    assert (found.peer.values, found.peer.text) == ((f"module.m.data.{GROUP}.b",), "module.m.local.other")


@pytest.mark.parametrize("known", ["terraform.workspace", "path.module", "each.key", "count.index", "self.id"])
def test_what_is_known_when_a_plan_is_made_leaves_no_doubt(known: str) -> None:
    peer = _peer([*_id("a"), known], _made(f"{GROUP}.a"))
    assert (peer.values, peer.certain) == ((f"{GROUP}.a",), True)


def test_an_entry_of_a_variable_comes_from_what_the_module_is_given() -> None:
    expression = _expression('var.groups["x"]', "var.groups")
    inner = {"resources": [_resource(f"{INGRESS}.a", referenced_security_group_id=expression)]}
    root = {"module_calls": {"m": {"expressions": {"groups": _expression(*_id("a"))}, "module": inner}}}
    assert _peer([], _made(f"{GROUP}.a"), root=root, module_address="module.m").values == (f"{GROUP}.a",)


def test_an_attribute_of_another_rule_may_be_a_value_of_each() -> None:
    each = {"referenced_security_group_id": _expression("each.value"), "for_each": _expression(*_id("b"))}
    other = _resource(f"{INGRESS}.other", **each)
    attribute = _expression(f"{INGRESS}.other.referenced_security_group_id", f"{INGRESS}.other")
    root = {"resources": [_resource(f"{INGRESS}.a", referenced_security_group_id=attribute), other]}
    assert _peer([], _made(f"{GROUP}.b"), root=root).values == (f"{GROUP}.b",)
