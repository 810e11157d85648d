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
    """Bindings as their package has them, but for those of rules: see :func:`_rule`.

    Args:
        provider: ``AwsProvider``.
        default_vpc: ``DataAwsVpc``.
        security_group: ``SecurityGroup``.
        rules: by direction, a class that takes a scope, an id and the arguments by Terraform's names.
    """

    provider: type[Any]
    default_vpc: type[Any]
    security_group: type[Any]
    rules: Mapping[Direction, type[Any]]


@cache
def resources(flavour: Flavour) -> Resources:
    """The classes of one flavour.

    Raises:
        ImportError: its bindings are not installed.
    """
    return Resources(
        provider=flavour.binding("provider", "AwsProvider"),
        default_vpc=flavour.binding("data_aws_vpc", "DataAwsVpc"),
        security_group=flavour.binding("security_group", "SecurityGroup"),
        rules={
            "ingress": _rule(flavour.binding("vpc_security_group_ingress_rule", "VpcSecurityGroupIngressRule")),
            "egress": _rule(flavour.binding("vpc_security_group_egress_rule", "VpcSecurityGroupEgressRule")),
        },
    )


def _rule(binding: type[Any]) -> type[Any]:
    """A binding without the constructor that was generated for it.

    That one reads the annotations of all its arguments anew for each resource, to check types: half of
    the time that a rule takes. What our rules hold the model has checked already.
    """

    class CheckedRule(binding):  # type: ignore[misc]
        def __init__(self, scope: Construct, id: str, arguments: Mapping[str, object]) -> None:  # noqa: A002  # the CDK's word
            given = {_camel_case(name): value for name, value in arguments.items() if value is not None}
            jsii.create(binding, self, [scope, id, given])

    return CheckedRule


@cache
def _camel_case(name: str) -> str:
    """JavaScript's name of an argument."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
