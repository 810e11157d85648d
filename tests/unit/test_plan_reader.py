"""Plans read from the JSON of ``terraform show -json``."""

from __future__ import annotations

from typing import Any

import pytest

from rancher_ports.errors import InputError
from rancher_ports.readers.plan import Plan, PlannedResource, StateResource, read_plan
from tests.unit.broken_apply import Apply


def _document(**changes: Any) -> dict[str, Any]:
    document = {"format_version": "1.2", "planned_values": {}, "configuration": {}}
    return {key: value for key, value in {**document, **changes}.items() if value is not None}


def _created(address: str, **more: Any) -> dict[str, Any]:
    type_, name = address.rpartition(".")[0].rpartition(".")[2] or "t", address.rpartition(".")[2]
    change = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {"id": True}}
    head = {"address": address, "mode": "managed", "type": type_, "name": name.partition("[")[0], "change": change}
    return {**head, **more}


# As terraform 1.11.4 printed it for terraform_data of this shape, in HCL: keys beyond these left out.
def _referring(*references: str, module: str = "") -> Plan:
    targets = ("t.g", "t.other", 't.each["a.id"]', "t.counted[0]", "module.m.t.g", 'module.n["a.b"].t.g')
    configured = {
        "resources": [
            {
                "mode": "managed",
                "type": "t",
                "name": "r",
                "expressions": {"x": {"references": list(references)}, "b": [{}]},
            }
        ]
    }
    changes = [_created(target, type="t", name="g") for target in targets]
    at = {"module_address": module} if module else {}
    changes.append(_created(f"{module}.t.r" if module else "t.r", type="t", name="r", **at))
    root = {**configured, "module_calls": {name: {"module": configured} for name in ("m", "n")}}
    return read_plan(_document(resource_changes=changes, configuration={"root_module": root}))


@pytest.mark.parametrize(
    ("references", "target"),
    [
        (["t.g.id", "t.g"], "t.g"),
        (["t.counted[0].id", "t.counted[0]", "t.counted"], "t.counted[0]"),
        (['t.each["a.id"].id', 't.each["a.id"]', "t.each"], 't.each["a.id"]'),
        (["t.g.arn", "t.g"], None),
        (["t.g.id", "t.g", "t.other.id", "t.other"], None),
        (["t.g.id", "t.g", "var.x"], None),
        (["t.each", "each.key"], None),
        (["var.x"], None),
        (["t.none.id", "t.none"], None),
        ([], None),
    ],
)
def test_an_attribute_refers_to_what_its_whole_value_is_the_id_of(references: list[str], target: str | None) -> None:
    assert _referring(*references).resources[-1].refers_to.get("x") == target


@pytest.mark.parametrize("module", ["module.m", 'module.n["a.b"]'])
def test_a_reference_stays_within_its_module(module: str) -> None:
    assert _referring("t.g.id", "t.g", module=module).resources[-1].refers_to == {"x": f"{module}.t.g"}


def test_a_module_within_a_module_has_its_own_configuration() -> None:
    inner = {"resources": [{"mode": "managed", "type": "t", "name": "r", "provider_config_key": "aws.x"}]}
    outer = {"module_calls": {"inner": {"module": inner}}}
    root = {"module_calls": {"outer": {"module": outer}}}
    module = 'module.outer["module.x[1]"].module.inner[3]'
    change = _created(f"{module}.t.r", type="t", name="r", module_address=module)
    configuration = {
        "root_module": root,
        "provider_config": {"aws.x": {"expressions": {"region": {"constant_value": "eu-west-1"}}}},
    }
    (resource,) = read_plan(_document(resource_changes=[change], configuration=configuration)).resources
    assert (resource.provider, resource.region) == ("aws.x", "eu-west-1")


@pytest.mark.parametrize(
    ("after", "before", "expression", "region"),
    [
        ({}, {}, {"constant_value": "eu-west-1"}, "eu-west-1"),
        ({"region": "eu-west-2"}, {}, {"constant_value": "eu-west-1"}, "eu-west-2"),
        ({}, {"region": "eu-west-3"}, {"constant_value": "eu-west-1"}, "eu-west-3"),
        ({}, {}, {"references": ["var.region"]}, None),
        ({}, {}, {"constant_value": "${var.region}", "references": ["var.region"]}, None),
        ({}, {}, {}, None),
        ({"region": 3}, {}, {}, None),
    ],
)
def test_the_region_is_the_resources_or_its_providers(
    after: dict[str, Any], before: dict[str, Any], expression: dict[str, Any], region: str | None
) -> None:
    change = {"actions": ["update"], "before": before, "after": after}
    configuration = {
        "provider_config": {"aws": {"expressions": {"region": expression}}},
        "root_module": {"resources": [{"type": "t", "name": "r", "provider_config_key": "aws"}]},
    }
    document = _document(
        resource_changes=[_created("t.r", type="t", name="r", change=change)], configuration=configuration
    )
    assert read_plan(document).resources[0].region == region


def test_a_change_reads_back_whole() -> None:
    change = {
        "actions": ["delete", "create"],
        "before": {"id": "sg-1", "tags": {"a": "b"}},
        "after": {"name_prefix": "x-"},
        "after_unknown": {"id": True, "tags": {}, "ports": [False, True], "name": True},
        "importing": {"id": "sg-1"},
    }
    (resource,) = read_plan(_document(resource_changes=[_created("t.r", type="t", change=change)])).resources
    assert resource == PlannedResource(
        address="t.r",
        type="t",
        name="r",
        actions=("delete", "create"),
        before={"id": "sg-1", "tags": {"a": "b"}},
        after={"name_prefix": "x-"},
        unknown=frozenset(("id", "name")),
        refers_to={},
        provider=None,
        region=None,
        importing="sg-1",
    )
    assert resource.creates
    assert not resource.is_new


def test_what_a_plan_reads_of_data_sources_is_no_resource() -> None:
    assert read_plan(_document(resource_changes=[_created("data.t.r", mode="data")])) == Plan((), ())


def test_the_state_is_known_with_child_modules_and_deposed_objects() -> None:
    def of(address: str, id_: object) -> dict[str, Any]:
        return {"address": address, "mode": "managed", "type": "t", "name": "r", "values": {"id": id_}}

    root = {
        "resources": [of("t.r", "1"), of("t.r", "2") | {"deposed_key": "abcdef12"}, of("t.none", None)],
        "child_modules": [
            {"resources": [of("module.m.t.r", "3")], "child_modules": [{"resources": [of("x.t.r", "4")]}]}
        ],
    }
    deleted = {"actions": ["delete"], "before": {"id": "5"}, "after": None, "after_unknown": False}
    plan = read_plan(
        _document(
            prior_state={"values": {"root_module": root}},
            resource_changes=[_created("t.r", type="t", change=deleted, deposed="12345678")],
        )
    )
    addresses = [("t.r", "1"), ("t.r", "2"), ("module.m.t.r", "3"), ("x.t.r", "4"), ("t.r", "5")]
    assert plan.state == tuple(StateResource(address, "t", id_) for address, id_ in addresses)
    assert plan.known("t")["3"] == "module.m.t.r"
    assert plan.known("other") == {}
    assert plan.resources[0].deposed


def test_the_plan_of_a_whole_stack_is_read() -> None:
    apply = Apply()
    plan = read_plan(apply.plan())
    assert [resource.address for resource in plan.resources] == list(apply.resources)
    assert {resource.address for resource in plan.state} == set(apply.resources)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "[]: expected a mapping"),
        ({"format_version": "1.0"}, '"a state": expected the JSON of a plan (terraform plan -out FILE'),
        ({"format_version": "1.0", "values": {}}, '"a state": expected'),
        ({"version": 4, "resources": []}, '"a state": expected'),
        ({"root_module": {}}, '"something else": expected'),
        (_document(configuration=None), '"something else": expected'),
        (_document(format_version="2.0"), 'format_version: "2.0": expected format 1.x'),
        (_document(format_version="0.2"), 'format_version: "0.2": expected'),
        (_document(format_version=1.0), "format_version: 1.0: expected"),
        (_document(errored=True), '"a partial plan": expected a plan of everything'),
        (_document(complete=False), '"a partial plan": expected a plan of everything'),
        (_document(resource_changes={}), "resource_changes: {}: expected a list"),
        (_document(resource_changes=[3]), "resource_changes[0]: 3: expected a mapping"),
        (
            _document(resource_changes=[{"mode": "managed", "type": "t", "name": "r"}]),
            "resource_changes[0].address: nothing: expected",
        ),
        (
            _document(resource_changes=[_created("t.r", change={"actions": "create"})]),
            'resource_changes[0].change.actions: "create": expected a list',
        ),
        (
            _document(resource_changes=[_created("t.r", change={"actions": [], "before": 3})]),
            "resource_changes[0].change.before: 3: expected a mapping",
        ),
        (_document(prior_state=3), "prior_state: 3: expected a mapping"),
    ],
)
def test_what_is_no_whole_plan_is_refused(document: object, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_plan(document)
    assert str(refused.value).startswith(said)


def test_all_faults_come_at_once() -> None:
    document = _document(resource_changes=[3, _created("t.r", module_address=3)], prior_state={"values": 3})
    with pytest.raises(InputError) as refused:
        read_plan(document)
    assert [fault.place for fault in refused.value.faults] == [
        "resource_changes[0]",
        "resource_changes[1].module_address",
        "prior_state.values",
    ]


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("123456789012/${t.g.id}", {"x": "123456789012"}),
        ("${t.g.id}", {}),
        ("1234/${t.g.id}", {}),
        (None, {}),
    ],
)
def test_a_group_of_another_account_is_referred_to_with_its_account(text: object, accounts: dict[str, str]) -> None:
    expressions = {"x": {"constant_value": text, "references": ["t.g.id", "t.g"]}, "b": [{}]}
    root = {"resources": [{"mode": "managed", "type": "t", "name": "r", "expressions": expressions}]}
    changes = [_created("t.g"), _created("t.r")]
    read = read_plan(_document(resource_changes=changes, configuration={"root_module": root})).resources[-1]
    assert (read.refers_to, read.accounts) == ({"x": "t.g"}, accounts)
