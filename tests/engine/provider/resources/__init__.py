"""What the provider does for each resource, in the calls of the real one; a file for each."""

from __future__ import annotations

from tests.engine.provider.resources.auto_scaling import AutoScalingGroup, LaunchTemplate
from tests.engine.provider.resources.elsewhere import Elsewhere
from tests.engine.provider.resources.instance import Instance
from tests.engine.provider.resources.load_balancer import LoadBalancer
from tests.engine.provider.resources.managed_prefix_list import ManagedPrefixList
from tests.engine.provider.resources.old_rule import OldRule
from tests.engine.provider.resources.resource import Resource
from tests.engine.provider.resources.security_group import DefaultSecurityGroup, SecurityGroup, find_security_group
from tests.engine.provider.resources.security_group_rule import EgressRule, IngressRule
from tests.engine.provider.resources.vpc import Vpc, find_vpc
from tests.engine.provider.resources.vpc_peering import VpcPeering

# By type: the bindings' name for the schema, and what handles it.
RESOURCES: dict[str, tuple[str, type[Resource]]] = {
    "aws_autoscaling_group": ("autoscaling-group", AutoScalingGroup),
    "aws_default_security_group": ("default-security-group", DefaultSecurityGroup),
    "aws_ec2_managed_prefix_list": ("ec2-managed-prefix-list", ManagedPrefixList),
    "aws_instance": ("instance", Instance),
    "aws_launch_template": ("launch-template", LaunchTemplate),
    "aws_lb": ("lb", LoadBalancer),
    "aws_lb_listener": ("lb-listener", Elsewhere),
    "aws_lb_target_group": ("lb-target-group", Elsewhere),
    "aws_lb_target_group_attachment": ("lb-target-group-attachment", Elsewhere),
    "aws_security_group": ("security-group", SecurityGroup),
    "aws_security_group_rule": ("security-group-rule", OldRule),
    "aws_vpc": ("vpc", Vpc),
    "aws_vpc_peering_connection": ("vpc-peering-connection", VpcPeering),
    "aws_vpc_security_group_egress_rule": ("vpc-security-group-egress-rule", EgressRule),
    "aws_vpc_security_group_ingress_rule": ("vpc-security-group-ingress-rule", IngressRule),
}
DATA_SOURCES = {
    "aws_security_group": ("data-aws-security-group", find_security_group),
    "aws_vpc": ("data-aws-vpc", find_vpc),
}

__all__ = ["DATA_SOURCES", "RESOURCES", "Resource"]
