"""``RancherPortsModule``: the stack of an app that is a module, and what else its user builds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rancher_ports.cdk import RancherPortsModule
from rancher_ports.errors import InputError
from tests.cdk.flavour import FLAVOUR, App, AwsProvider, LocalBackend, SecurityGroup, TerraformOutput, TerraformStack
from tests.cdk.synthesis import Document, new_stack
from tests.conftest import ROOT
from tests.distributions import DISTRIBUTIONS


def _written(app: App, stack: str) -> Document:
    document: Document = json.loads(Path(app.outdir, "stacks", stack, "cdk.tf.json").read_text("utf-8"))
    return document


def _checked_in(distribution: str) -> Document:
    """The four files in modules/ as one."""
    files = sorted((ROOT / "modules" / distribution).glob("*.tf.json"))
    assert len(files) == 4
    return {key: value for file in files for key, value in json.loads(file.read_text("utf-8")).items()}


def test_modules_beside_ordinary_stacks_are_what_is_checked_in(app: App) -> None:
    # One as the README has it.
    text = (ROOT / "README.md").read_text("utf-8").partition("\n## As a Terraform or OpenTofu module\n")[2]
    exec(text.partition("```python\n")[2].partition("```")[0], {"app": app})  # noqa: S102  # a page's own
    for distribution in set(DISTRIBUTIONS) - {"rke2"}:
        assert isinstance(RancherPortsModule(app, distribution, distribution=distribution), TerraformStack)
    TerraformOutput(new_stack(app, "infrastructure"), "out", value="theirs")
    app.synth()
    for distribution in DISTRIBUTIONS:
        document = _written(app, distribution)
        # Neither provider nor backend, and no metadata of who made it.
        assert document == _checked_in(distribution)
    assert {"provider", "output"} <= set(_written(app, "infrastructure"))


def test_what_else_is_built_in_the_stack_stays_beside_it(app: App) -> None:
    stack = RancherPortsModule(app, "rke2", distribution="rke2")
    group = SecurityGroup(stack, "balancer", name="balancer", vpc_id="${var.vpc_id}")
    # The CDK wants one for each resource; whose it is, is for the caller of the module to say.
    AwsProvider(stack, "aws", region="us-east-1")
    TerraformOutput(stack, "balancer_id", value=group.id)
    LocalBackend(stack, path="terraform.tfstate")
    app.synth()
    document, ours = _written(app, "rke2"), _checked_in("rke2")
    assert "backend" not in document["terraform"]
    balancer = document["resource"]["aws_security_group"].pop("balancer")
    assert (balancer["name"], balancer["vpc_id"]) == ("balancer", "${var.vpc_id}")
    assert document["output"].pop("balancer_id") == {"value": "${aws_security_group.balancer.id}"}
    assert document == ours


def test_what_is_built_at_an_address_of_the_module_is_refused(app: App) -> None:
    stack = RancherPortsModule(app, "rke2", distribution="rke2")
    for id_ in ("etcd", "database"):
        SecurityGroup(stack, id_, name=id_)
    AwsProvider(stack, "aws", region="us-east-1")
    TerraformOutput(stack, "rules", value="theirs")
    FLAVOUR.cdk.TerraformVariable(stack, "tags")
    FLAVOUR.cdk.TerraformLocal(stack, "peers", {})
    with pytest.raises(RuntimeError) as refused:
        app.synth()
    taken = re.findall(r"(\S+) is the module's", str(refused.value))
    assert set(taken) == {"aws_security_group.etcd", "output.rules", "variable.tags", "locals.peers"}


def test_a_distribution_that_is_none_is_refused_with_the_nearest_name(app: App) -> None:
    with pytest.raises(InputError, match=r'^prod\.distribution: "rke22": expected one of .*; did you mean "rke2"\?$'):
        RancherPortsModule(app, "prod", distribution="rke22")
    assert app.node.try_find_child("prod") is None


@pytest.mark.parametrize("id_", ["", 7, None])
def test_an_id_that_is_no_text_is_refused(app: App, id_: object) -> None:
    with pytest.raises(InputError, match=r"^id: .*: expected a text that is not empty$"):
        RancherPortsModule(app, id_, distribution="rke2")  # type: ignore[arg-type]  # wrong on purpose


def test_it_stands_in_an_app_and_nowhere_else(stack: TerraformStack) -> None:
    group = SecurityGroup(stack, "balancer", name="balancer")
    for scope, shown in ((stack, '"infrastructure"'), (group, '"infrastructure/balancer"'), (None, '"no app"')):
        with pytest.raises(InputError) as refused:
            RancherPortsModule(scope, "prod", distribution="rke2")  # type: ignore[arg-type]  # wrong on purpose
        assert str(refused.value) == f"prod.scope: {shown}: expected an App of cdktf or cdktn"
