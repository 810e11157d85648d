"""The classes of the AWS provider that the constructs use, in one flavour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsii
from constructs import Construct

from rancher_ports.cdk.flavours import Flavour
from rancher_ports.model.roles import Direction


@dataclass(frozen=True, slots=True)
class Resources:
    """The bindings, each without its own constructor: see :func:`_unchecked`.

    Args:
        provider: ``AwsProvider``.
        vpc: ``DataAwsVpc``.
        security_group: ``SecurityGroup``.
        rules: by direction, ``VpcSecurityGroupIngressRule`` and ``VpcSecurityGroupEgressRule``.
    """

    provider: type[Any]
    vpc: type[Any]
    security_group: type[Any]
    rules: Mapping[Direction, type[Any]]


@cache
def resources(flavour: Flavour) -> Resources:
    """The classes of one flavour.

    Raises:
        ImportError: its bindings are not installed.
    """
    return Resources(
        provider=_unchecked(flavour.binding("provider", "AwsProvider")),
        vpc=_unchecked(flavour.binding("data_aws_vpc", "DataAwsVpc")),
        security_group=_unchecked(flavour.binding("security_group", "SecurityGroup")),
        rules={
            "ingress": _unchecked(flavour.binding("vpc_security_group_ingress_rule", "VpcSecurityGroupIngressRule")),
            "egress": _unchecked(flavour.binding("vpc_security_group_egress_rule", "VpcSecurityGroupEgressRule")),
        },
    )


def _unchecked(binding: type[Any]) -> type[Any]:
    """A binding that takes a scope, an id, and a mapping of arguments by Terraform's names.

    The constructor that was generated for it reads the annotations of all its arguments anew for each resource, to
    check types: half of the time that a rule takes. What ours are given has been checked before.
    """

    class Unchecked(binding):  # type: ignore[misc]
        def __init__(self, scope: Construct, id: str, arguments: Mapping[str, object]) -> None:  # noqa: A002  # the CDK's word
            jsii.create(binding, self, [scope, id, _by_javascript_names(arguments)])

        def take_address(self, name: str) -> None:
            """Have this as name in its address; before anything of it is read, or the CDK ignores it without a word."""
            jsii.invoke(self, "overrideLogicalId", [name])

    # As users' aspects and error messages know it.
    Unchecked.__name__, Unchecked.__qualname__ = binding.__name__, binding.__qualname__
    Unchecked.__module__ = binding.__module__
    return Unchecked


def _by_javascript_names(arguments: Mapping[str, Any]) -> dict[str, object]:
    # Of what can be nested here, only this has names of Terraform's; those of tags are the user's.
    lifecycle = arguments.get("lifecycle", {})
    given = {**arguments, "lifecycle": _by_javascript_names(lifecycle)} if lifecycle else arguments
    return {_camel_case(name): value for name, value in given.items() if value is not None}


@cache
def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
