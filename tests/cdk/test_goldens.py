"""Whole outputs, each named after a user's situation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
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
from tests.conftest import ROOT
from tests.documented import SLOTS
from tests.unit.test_settings import EXAMPLE

SHIPPED = json.loads((ROOT / "cdktf.json").read_text("utf-8"))["context"]["rancher_ports"]

EVERYTHING = {
    "prefix": "prod",
    "group_name_prefix": "Prod EU",
    "region": "eu-central-1",
    "vpc_id": "vpc-0123456789abcdef0",
    "cni": "flannel",
    "features": ["image-pulls"],
    "one_sided": "documented",
    "egress": "all",
    "peers": {"office": {"cidr": "203.0.113.0/24"}, "alb": {"security_group_id": "123456789012/sg-01234567"}},
    "slots": {
        "load_balancer": ["alb"],
        "ui_api_clients": ["office"],
        "git_rancher_io": ["git-rancher-io-2", "office"],
        "registries": ["office"],
        "nodeport_clients": ["office", "alb"],
    },
    "tags": {"team": "platform"},
    "backend": {"s3": {"bucket": "states", "key": "rancher", "region": "eu-central-1", "use_lockfile": True}},
    "prevent_destroy": True,
    "revoke_rules_on_delete": True,
}

# One office, with both address families, is everybody outside the cluster. Real packets are sent against this one
# (tests/packets), so its blocks hold none of that network's nodes.
ONE_OFFICE = {
    "region": "us-east-1",
    "peers": {"office": {"cidr": "192.0.2.192/26"}, "office-v6": {"cidr": "2001:db8::f:0/112"}},
    "slots": {slot: ["office", "office-v6"] for slot in (*SLOTS.values(), "git_rancher_io")},
}

SITUATIONS: dict[str, dict[str, Any]] = {
    "shipped-settings": SHIPPED,
    "office-load-balancer-and-mirrors": EXAMPLE,
    "everything-set": EVERYTHING,
    "one-office-in-every-slot": ONE_OFFICE,
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_json_is_as_it_was(situation: str, synthesize: Synthesize, golden: Callable[[str, Any], None]) -> None:
    golden(f"{situation}.json", synthesize(SITUATIONS[situation]))


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
