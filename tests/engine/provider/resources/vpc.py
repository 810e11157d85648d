"""``aws_vpc``, and the data source that finds the default one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tests.engine.provider.resources.resource import Resource, as_tags, error_code, from_tags
from tests.engine.provider.values import UNKNOWN, Values

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client


class Vpc(Resource):
    """A VPC, as far as groups need one."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """CreateVpc."""
        ipv6 = bool(planned.get("assign_generated_ipv6_cidr_block"))
        vpc = self.ec2.create_vpc(CidrBlock=planned["cidr_block"], AmazonProvidedIpv6CidrBlock=ipv6)["Vpc"]
        if planned["tags_all"]:
            self.ec2.create_tags(Resources=[vpc["VpcId"]], Tags=as_tags(planned["tags_all"]))
        return self.read({**planned, "id": vpc["VpcId"]}) or planned

    def read(self, state: Values) -> Values | None:
        """DescribeVpcs; what nobody here asks about stays null."""
        try:
            (vpc,) = self.ec2.describe_vpcs(VpcIds=[state["id"]])["Vpcs"]
        except ClientError as error:
            if error_code(error) == "InvalidVpcID.NotFound":
                return None
            raise
        tags = from_tags(vpc.get("Tags", []))
        known = {
            "arn": f"arn:aws:ec2:{self.ec2.meta.region_name}:{vpc['OwnerId']}:vpc/{vpc['VpcId']}",
            "cidr_block": vpc["CidrBlock"],
            "owner_id": vpc["OwnerId"],
            "region": self.ec2.meta.region_name,
            "tags": tags or (None if state.get("tags") is None else {}),
            "tags_all": tags,
        }
        return _without_unknown({**state, **known})

    def update(self, prior: Values, planned: Values) -> Values:
        """Tags."""
        self.retag(planned["id"], prior, planned)
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """DeleteVpc."""
        self.ec2.delete_vpc(VpcId=state["id"])


def find_default_vpc(ec2: EC2Client, config: Values) -> Values:
    """``data.aws_vpc`` with ``default = true``.

    Raises:
        LookupError: there is none.
    """
    found = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not config["default"] or not found:
        raise LookupError("no matching EC2 VPC found")
    (vpc,) = found
    return {
        **config,
        "arn": f"arn:aws:ec2:{ec2.meta.region_name}:{vpc['OwnerId']}:vpc/{vpc['VpcId']}",
        "cidr_block": vpc["CidrBlock"],
        "id": vpc["VpcId"],
        "owner_id": vpc["OwnerId"],
        "region": ec2.meta.region_name,
        "state": vpc["State"],
        "tags": from_tags(vpc.get("Tags", [])),
    }


def _without_unknown(state: Values) -> Values:
    return {key: None if value is UNKNOWN else value for key, value in state.items()}
