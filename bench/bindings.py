"""The provider's bindings that security groups need, of whichever CDK is installed."""

from typing import TYPE_CHECKING

from bench.flavour import CDK

if TYPE_CHECKING or CDK == "cdktf":
    from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc
    from cdktf_cdktf_provider_aws.provider import AwsProvider
    from cdktf_cdktf_provider_aws.security_group import SecurityGroup
    from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
    from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
else:
    from cdktn_provider_aws.data_aws_vpc import DataAwsVpc
    from cdktn_provider_aws.provider import AwsProvider
    from cdktn_provider_aws.security_group import SecurityGroup
    from cdktn_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
    from cdktn_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

__all__ = [
    "AwsProvider",
    "DataAwsVpc",
    "SecurityGroup",
    "VpcSecurityGroupEgressRule",
    "VpcSecurityGroupIngressRule",
]
