"""The classes of the CDK and of its bindings that tests use, of the flavour that is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rancher_ports.cdk import installed

FLAVOUR = installed()

if TYPE_CHECKING:
    from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
    from cdktf_cdktf_provider_aws.data_aws_security_group import DataAwsSecurityGroup
    from cdktf_cdktf_provider_aws.instance import Instance
    from cdktf_cdktf_provider_aws.provider import AwsProvider
    from cdktf_cdktf_provider_aws.security_group import SecurityGroup
else:
    App = FLAVOUR.cdk.App
    LocalBackend = FLAVOUR.cdk.LocalBackend
    TerraformOutput = FLAVOUR.cdk.TerraformOutput
    TerraformStack = FLAVOUR.cdk.TerraformStack
    AwsProvider = FLAVOUR.binding("provider", "AwsProvider")
    DataAwsSecurityGroup = FLAVOUR.binding("data_aws_security_group", "DataAwsSecurityGroup")
    Instance = FLAVOUR.binding("instance", "Instance")
    SecurityGroup = FLAVOUR.binding("security_group", "SecurityGroup")

__all__ = [
    "FLAVOUR",
    "App",
    "AwsProvider",
    "DataAwsSecurityGroup",
    "Instance",
    "LocalBackend",
    "SecurityGroup",
    "TerraformOutput",
    "TerraformStack",
]
