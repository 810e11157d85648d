"""Whole outputs, each named after a user's situation."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest

from rancher_ports.model.bindings import Binding
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.roles import ROLES
from rancher_ports.model.templates import templates
from rancher_ports.readers.synthesized import read_synthesized
from rancher_ports.settings import read_settings
from rancher_ports.tables import load_tables
from tests.cdk.conftest import Synthesize
from tests.cdk.flavour import FLAVOUR
from tests.cdk.situations import SITUATIONS
from tests.cdk.synthesis import Document
from tests.conftest import ROOT


def _with_cdktf_versions(document: Document) -> Document:
    """What CDK Terrain makes, with what CDKTF writes of itself and of its bindings: goldens are CDKTF's."""
    if FLAVOUR.name != "cdktf":
        metadata, terraform = document["//"]["metadata"], document["terraform"]
        assert metadata["version"] == version(FLAVOUR.name)
        metadata["version"] = "0.21.0"
        # The same provider: Terraform and OpenTofu read "aws" as "hashicorp/aws".
        assert terraform["required_providers"]["aws"].keys() == {"source", "version"}
        assert terraform["required_providers"]["aws"]["source"] == "hashicorp/aws"
        assert f"| `{terraform['required_providers']['aws']['version']}` |" in (ROOT / "docs" / "cdktn.md").read_text(
            "utf-8"
        )
        terraform["required_providers"]["aws"] = {"source": "aws", "version": "6.25.0"}
    return document


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_json_is_as_it_was(situation: str, synthesize: Synthesize, golden: Callable[[str, Any], None]) -> None:
    golden(f"{situation}.json", _with_cdktf_versions(synthesize(SITUATIONS[situation])))


def test_addresses_are_as_they_were(synthesize: Synthesize, golden: Callable[[str, Any], None]) -> None:
    addresses = {
        situation: sorted(
            f"{type_}.{name}" for type_, some in synthesize(settings)["resource"].items() for name in some
        )
        for situation, settings in SITUATIONS.items()
    }
    golden("addresses.json", addresses)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_json_reads_back_into_the_rules_it_came_from(situation: str, synthesize: Synthesize) -> None:
    settings = read_settings({"context": {"rancher_ports": SITUATIONS[situation]}}, load_tables())
    bindings = {role: Binding.own(settings.prefix, role) for role in ROLES}
    rules = fill(templates(settings.table), Deployment(settings.choices, bindings, settings.slots))
    assert read_synthesized(synthesize(SITUATIONS[situation])) == rules


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_emitted_is_what_is_promised(situation: str, synthesize: Synthesize) -> None:
    document = synthesize(SITUATIONS[situation])
    for name, group in document["resource"]["aws_security_group"].items():
        assert group["lifecycle"]["create_before_destroy"] is True
        assert group["name_prefix"].endswith(f"-{name.rpartition('_')[2]}-")
        assert group["description"] == "Managed by rancher-ports"
        assert not {"name", "ingress", "egress"} & set(group)
        assert {"Name", "rancher-ports:role", "rancher-ports:owner"} <= set(group["tags"])
    for type_, some in document["resource"].items():
        for name, rule in some.items():
            if type_ != "aws_security_group":
                assert re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", rule["description"])
                assert rule["tags"]["Name"] == name
                assert rule["tags"]["rancher-ports:requirement"]
                assert ("from_port" in rule) == (rule["ip_protocol"] != "-1")
    (output,) = document["output"].values()
    assert list(output["value"]) == sorted(["rancher", "etcd", "controlplane", "worker"])


def test_any_backend_stands_in_the_json_as_it_was_given(synthesize: Synthesize) -> None:
    options = {"organization": "o", "workspaces": {"tags": ["b", "a"]}}
    block = synthesize({"backend": {"cloud": options}})["terraform"]
    assert (block["cloud"], "backend" in block) == (options, False)
    assert synthesize({"backend": {"http": {}}})["terraform"]["backend"] == {"http": {}}
