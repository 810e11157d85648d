"""Stacks synthesized in this process. Importing this loads the CDK and the provider's bindings, which takes seconds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rancher_ports.cdk import RancherPorts, fill_stack
from rancher_ports.settings import read_settings
from rancher_ports.tables import load_tables
from tests.cdk.flavour import (
    App,
    AwsProvider,
    Instance,
    LocalBackend,
    TerraformStack,
)

Document = dict[str, Any]


RULE_TYPES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")


def new_stack(app: App, name: str) -> TerraformStack:
    """A stack with a provider, whose state other stacks of the app find."""
    stack = TerraformStack(app, name)
    LocalBackend(stack, path=f"../../../{name}.tfstate")
    AwsProvider(stack, "aws", region="us-east-1")
    return stack


def rules_by_name(document: Document) -> dict[str, dict[str, Any]]:
    """The rules of both directions."""
    return {name: rule for type_ in RULE_TYPES for name, rule in document["resource"].get(type_, {}).items()}


def synthesized(app: App, stack: str) -> Document:
    """Synthesize an app, validations included, and read one stack's JSON as it was written."""
    app.synth()
    document: Document = json.loads(Path(app.outdir, "stacks", stack, "cdk.tf.json").read_text("utf-8"))
    return document


def synthesize_settings(settings: Mapping[str, Any], folder: Path) -> Document:
    """Settings in, JSON out, as the app does it.

    Args:
        settings: as in ``cdktf.json``; a region is added where there is none.
        folder: what the CDK may write into.
    """
    app = App(outdir=str(folder), stack_traces=False)
    context = {"context": {"rancher_ports": {"region": "us-east-1", **settings}}}
    fill_stack(TerraformStack(app, "rancher"), read_settings(context, load_tables()))
    return synthesized(app, "rancher")


def synthesize_each(settings: Mapping[str, Mapping[str, Any]], folder: Path) -> dict[str, Document]:
    """What several users' settings come to, as :func:`synthesize_settings` has it, in one go.

    Args:
        settings: by a name, which is a stack's.
        folder: what the CDK may write into.
    """
    app = App(outdir=str(folder), stack_traces=False)
    for name, one in settings.items():
        context = {"context": {"rancher_ports": {"region": "us-east-1", **one}}}
        fill_stack(TerraformStack(app, name), read_settings(context, load_tables()))
    app.synth()
    stacks = Path(folder, "stacks")
    return {name: json.loads((stacks / name / "cdk.tf.json").read_text("utf-8")) for name in settings}


def synthesize_code(code: str, folder: Path, known: Mapping[str, Any]) -> Document:
    """What some Python, which fills the stack ``stack``, comes to.

    Args:
        code: knows ``RancherPorts``, the bindings for instances and providers, and what is ``known``.
        folder: what the CDK may write into.
        known: values by name.
    """
    app = App(outdir=str(folder), stack_traces=False)
    stack = TerraformStack(app, "infrastructure")
    LocalBackend(stack, path="terraform.tfstate")
    AwsProvider(stack, "aws", region="us-east-1")
    ours = {"RancherPorts": RancherPorts, "Instance": Instance, "AwsProvider": AwsProvider, "stack": stack}
    exec(code, {**ours, **known})  # noqa: S102  # a page's own
    return synthesized(app, "infrastructure")
