"""``aws_vpc``, and the data source that finds one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tests.engine.provider.resources.resource import Resource, as_tags, error_code, from_tags
from tests.engine.provider.values import Values, without_unknown

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
        return without_unknown({**state, **known})

    def update(self, prior: Values, planned: Values) -> Values:
        """Tags."""
        self.retag(planned["id"], prior, planned)
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """DeleteVpc."""
        self.ec2.delete_vpc(VpcId=state["id"])


def find_vpc(ec2: EC2Client, config: Values) -> Values:
    """``data.aws_vpc`` with ``default = true`` or with tags.

    Raises:
        LookupError: not one VPC is so.
    """
    filters = {f"tag:{key}": value for key, value in (config["tags"] or {}).items()}
    filters |= {"is-default": "true"} if config["default"] else {}
    if not filters:
        raise LookupError("no filter for the EC2 VPC")
    found = ec2.describe_vpcs(Filters=[{"Name": name, "Values": [value]} for name, value in filters.items()])["Vpcs"]
    if len(found) != 1:
        raise LookupError("multiple EC2 VPCs matched" if found else "no matching EC2 VPC found")
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
