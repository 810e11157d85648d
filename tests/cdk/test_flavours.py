"""CDKTF or CDK Terrain: the stack decides. These run wherever one of them is installed; the other is stood in for."""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from constructs import Construct

from rancher_ports import InputError
from rancher_ports.cdk import RancherCluster, RancherPorts, RancherServer, installed
from rancher_ports.cdk.flavours import FLAVOURS, stack_of
from tests.cdk.flavour import FLAVOUR, App, AwsProvider, LocalBackend, SecurityGroup, TerraformStack

VPC = "vpc-0123456789abcdef0"
(OTHER,) = [flavour for flavour in FLAVOURS if flavour is not FLAVOUR]


@pytest.fixture
def other_stack(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stack of the other flavour, as far as looking for the stack goes."""

    class OtherStack:
        def __init__(self) -> None:
            self.node = SimpleNamespace(scopes=[self], path="other")

    module = ModuleType(OTHER.name)
    module.TerraformStack = OtherStack  # type: ignore[attr-defined]
    module.TerraformProvider = type("TerraformProvider", (), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, OTHER.name, module)
    return OtherStack()


def test_the_flavour_is_that_of_the_stack(stack: TerraformStack, other_stack: Any) -> None:
    assert stack_of(Construct(Construct(stack, "a"), "b"), "ports") == (stack, FLAVOUR)
    assert stack_of(other_stack, "ports") == (other_stack, OTHER)


def test_the_nearest_stack_is_the_one(stack: TerraformStack) -> None:
    inner = TerraformStack(Construct(stack, "between"), "inner")
    assert stack_of(Construct(inner, "a"), "ports")[0] is inner


def test_a_construct_in_no_stack_is_refused(app: App) -> None:
    allowed = "expected a construct within a TerraformStack of cdktf or cdktn"
    scopes: list[tuple[Any, str]] = [(app, "the app itself"), (Construct(app, "loose"), "loose"), ("stack", "stack")]
    for scope, said in scopes:
        with pytest.raises(InputError) as refused:
            RancherPorts(scope, "ports", vpc_id=VPC)
        assert str(refused.value) == f'ports.scope: "{said}": {allowed}'
    nothing: Any = None
    with pytest.raises(InputError, match=allowed):
        RancherPorts(nothing, "ports", vpc_id=VPC)


def test_a_stack_within_a_stack_has_addresses_of_its_own(app: App) -> None:
    outer = TerraformStack(app, "outer")
    for stack in (outer, TerraformStack(outer, "inner")):
        AwsProvider(stack, "aws", region="us-east-1")
        LocalBackend(stack, path=f"{stack.node.id}.tfstate")
        RancherPorts(stack, "ports", vpc_id=VPC)
    app.synth()
    documents = [json.loads(path.read_text()) for path in Path(app.outdir, "stacks").glob("*/cdk.tf.json")]
    assert [len(document["resource"]["aws_security_group"]) for document in documents] == [4, 4]


def test_aspects_know_our_resources_by_the_names_of_the_bindings(stack: TerraformStack) -> None:
    ports = RancherPorts(stack, "ports", vpc_id=VPC)
    group = ports.node.find_child("etcd")
    assert isinstance(group, SecurityGroup)
    assert (type(group).__name__, type(group).__module__) == ("SecurityGroup", SecurityGroup.__module__)


def test_what_comes_from_the_other_flavour_is_refused(stack: TerraformStack, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign: Any = type("AwsProvider", (), {})()
    server = RancherServer(stack, "central", vpc_id=VPC)
    monkeypatch.setattr(server, "_flavour", OTHER)
    with pytest.raises(InputError) as refused:
        RancherCluster(stack, "prod", server=server, provider=foreign, server_provider=foreign)
    assert [str(fault) for fault in refused.value.faults] == [
        f'prod.server: "infrastructure/central": expected one in a stack of {FLAVOUR.name}, as this one is',
        f'prod.provider: "AwsProvider": expected an AwsProvider of {FLAVOUR.bindings}',
        f'prod.server_provider: "AwsProvider": expected an AwsProvider of {FLAVOUR.bindings}',
    ]
    assert "prod" not in [child.node.id for child in stack.node.children]


def test_a_provider_of_the_same_flavour_is_taken(stack: TerraformStack) -> None:
    provider = AwsProvider(stack, "there", region="eu-central-1", alias="there")
    RancherPorts(stack, "ports", vpc_id=VPC, provider=provider)


def test_of_both_flavours_the_app_takes_cdktf(monkeypatch: pytest.MonkeyPatch) -> None:
    for there, taken in (({"cdktf", "cdktn"}, "cdktf"), ({"cdktf"}, "cdktf"), ({"cdktn"}, "cdktn")):
        specs = {name: ModuleSpec(name, None, origin=f"{name}/__init__.py") for name in there}
        monkeypatch.setattr(importlib.util, "find_spec", specs.get)
        assert installed().name == taken


def test_a_folder_by_the_name_of_a_flavour_is_not_one(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = {"cdktf": ModuleSpec("cdktf", None), "cdktn": ModuleSpec("cdktn", None, origin="cdktn/__init__.py")}
    monkeypatch.setattr(importlib.util, "find_spec", specs.get)
    assert installed().name == "cdktn"
    del specs["cdktn"]
    with pytest.raises(ImportError, match=r'pip install "rancher-ports\[cdktf\]" or "rancher-ports\[cdktn\]"'):
        installed()


def test_bindings_that_are_missing_are_named() -> None:
    with pytest.raises(ImportError) as refused:
        OTHER.binding("security_group", "SecurityGroup")
    assert refused.value.name == OTHER.bindings
    assert str(refused.value).endswith(f'pip install "rancher-ports[{OTHER.name}]"')
    with pytest.raises(ModuleNotFoundError) as another:
        FLAVOUR.binding("no_such_module", "SecurityGroup")
    assert another.value.name == f"{FLAVOUR.bindings}.no_such_module"


def test_only_one_flavour_is_needed() -> None:
    # What the environment is for: a test that passed because both were there would show nothing.
    assert importlib.util.find_spec(FLAVOUR.name) is not None
    assert importlib.util.find_spec(OTHER.name) is None
    assert OTHER.name not in sys.modules
