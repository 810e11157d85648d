"""What the provider does for each resource, in the calls of the real one; a file for each."""

from __future__ import annotations

from tests.engine.provider.resources.instance import Instance
from tests.engine.provider.resources.resource import Resource
from tests.engine.provider.resources.security_group import SecurityGroup
from tests.engine.provider.resources.security_group_rule import EgressRule, IngressRule
from tests.engine.provider.resources.vpc import Vpc, find_default_vpc

# By type: the bindings' name for the schema, and what handles it.
RESOURCES: dict[str, tuple[str, type[Resource]]] = {
    "aws_instance": ("instance", Instance),
    "aws_security_group": ("security-group", SecurityGroup),
    "aws_vpc": ("vpc", Vpc),
    "aws_vpc_security_group_egress_rule": ("vpc-security-group-egress-rule", EgressRule),
    "aws_vpc_security_group_ingress_rule": ("vpc-security-group-ingress-rule", IngressRule),
}
DATA_SOURCES = {"aws_vpc": ("data-aws-vpc", find_default_vpc)}

__all__ = ["DATA_SOURCES", "RESOURCES", "Resource"]
