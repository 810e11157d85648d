"""The stand-in's schema, as the engine reads it, and the table of what the bindings do not carry."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.provider.bindings_schema import PACKAGE
from tests.engine.provider.facts import facts
from tests.engine.provider.resources import DATA_SOURCES, RESOURCES
from tests.engine.stack import Stack
from tests.engine.starting_point import golden

# What every resource of the CDK takes besides its own arguments.
META = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"}

# Where the bindings spell an argument otherwise: what Python or jsii would take for something else.
SPELT = {"self_attribute": "self", "id_": "id", "self_": "self", "fetch_password_data": "get_password_data"}


@pytest.fixture
def schema(new_stack: Callable[..., Stack]) -> dict[str, Any]:
    shown = new_stack(golden("shipped-settings")).must("providers", "schema", "-json").stdout
    (provider,) = json.loads(shown)["provider_schemas"].values()
    found: dict[str, Any] = provider
    return found


def _arguments(folder: str) -> set[str]:
    """What the Python class of the bindings takes: another artefact than the one that the schema is read from."""
    module = importlib.import_module(f"{PACKAGE}.{folder.replace('-', '_')}")
    (config,) = [value for name, value in vars(module).items() if name.endswith("Config") and inspect.isclass(value)]
    return {SPELT.get(name, name) for name in inspect.signature(config).parameters} - META


def _settable(block: dict[str, Any]) -> set[str]:
    attributes = block.get("attributes", {})
    return {name for name, value in attributes.items() if value.get("optional") or value.get("required")} | set(
        block.get("block_types", {})
    )


def test_every_argument_of_the_bindings_is_in_the_schema_and_no_other(schema: dict[str, Any]) -> None:
    for kind, types in (("resource_schemas", RESOURCES), ("data_source_schemas", DATA_SOURCES)):
        assert set(schema[kind]) == set(types)
        for type_, (folder, _) in types.items():
            assert _settable(schema[kind][type_]["block"]) == _arguments(folder), type_


def test_types_are_the_documented_ones(schema: dict[str, Any]) -> None:
    # Documentation of the provider, aws_security_group and aws_vpc_security_group_ingress_rule.
    group = schema["resource_schemas"]["aws_security_group"]["block"]
    types = {name: value["type"] for name, value in group["attributes"].items()}
    assert types.pop("ingress") == types.pop("egress")
    assert types == {
        **dict.fromkeys(["arn", "description", "id", "name", "name_prefix", "owner_id", "region", "vpc_id"], "string"),
        "revoke_rules_on_delete": "bool",
        "tags": ["map", "string"],
        "tags_all": ["map", "string"],
    }
    assert group["attributes"]["ingress"]["type"][:1] == ["set"]
    assert group["block_types"]["timeouts"]["nesting_mode"] == "single"
    for rule in ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"):
        attributes = schema["resource_schemas"][rule]["block"]["attributes"]
        assert {name for name, value in attributes.items() if value["type"] == "number"} == {"from_port", "to_port"}
        assert {name for name, value in attributes.items() if value.get("required")} == {
            "ip_protocol",
            "security_group_id",
        }
        assert {name for name, value in attributes.items() if value.get("computed")} == {
            "arn",
            "id",
            "region",
            "security_group_rule_id",
            "tags_all",
        }


def test_every_fact_has_a_source_and_speaks_of_what_there_is(schema: dict[str, Any]) -> None:
    for fact in facts():
        assert fact["source"].startswith(("documentation of aws_", "vpc_", "ec2_", "Enhanced Region")), fact
        types = list(RESOURCES) if fact["resource"] == "*" else [fact["resource"]]
        for type_ in types:
            attributes = schema["resource_schemas"][type_]["block"]["attributes"]
            assert set(fact["attributes"]) <= set(attributes), fact
    # A conflict is one of several attributes, which may have others.
    single = [fact for fact in facts() if fact["is"] != "conflicts"]
    said = [(fact["resource"], fact["is"], name) for fact in single for name in fact["attributes"]]
    assert len(set(said)) == len(said)
