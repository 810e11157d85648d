"""EC2, asked for security groups and rules with the user's own credentials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rancher_ports.errors import Fault, InputError
from rancher_ports.model.tags import ROLE_TAG

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

# EC2 takes 200 values in the filters of a call (EC2 user guide, "Filtering").
VALUES_A_CALL = 200

_LINE = 300

_PERMISSIONS = "credentials that may call ec2:DescribeSecurityGroups and ec2:DescribeSecurityGroupRules"
_PATIENCE = "fewer calls at a time: try again in a minute"
_CREDENTIALS = "credentials that AWS takes, given as to the AWS command line (AWS_PROFILE, `aws configure`, ...)"
_REGION = "a region in the plan, AWS_REGION or the profile"
_ANSWER = "an answer of EC2"

_ALLOWED = {
    "UnauthorizedOperation": _PERMISSIONS,
    "AccessDenied": _PERMISSIONS,
    "AccessDeniedException": _PERMISSIONS,
    "RequestLimitExceeded": _PATIENCE,
    "Throttling": _PATIENCE,
    "ThrottlingException": _PATIENCE,
    "AuthFailure": _CREDENTIALS,
    "ExpiredToken": _CREDENTIALS,
    "ExpiredTokenException": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "RequestExpired": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "NoCredentialsError": _CREDENTIALS,
    "PartialCredentialsError": _CREDENTIALS,
    "ProfileNotFound": _CREDENTIALS,
    "NoRegionError": _REGION,
}


@contextmanager
def client(region: str | None) -> Iterator[EC2Client]:
    """A client of EC2, whose errors come as one line each.

    Args:
        region: where to ask; None for boto3's own choice.

    Raises:
        InputError: boto3 is not installed; or EC2 cannot be asked, or refuses to answer.
    """
    try:
        # Only now: whoever gives files needs no boto3, and loading it takes a while.
        import boto3  # noqa: PLC0415  # see above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # see above
    except ImportError:
        allowed = '`pip install "rancher-ports[aws]"`, or what EC2 answers as --groups FILE and --rules FILE'
        raise InputError([Fault("EC2", "boto3 is not installed", allowed)]) from None
    place = f"EC2 in {region}" if region else "EC2"
    try:
        yield boto3.client("ec2", region_name=region)
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        raise _refuse(place, code, f"{code}: {error.response['Error'].get('Message', '')}") from None
    except BotoCoreError as error:
        raise _refuse(place, type(error).__name__, str(error)) from None


def describe_groups(ec2: EC2Client, roles: Sequence[str]) -> dict[str, object]:
    """The groups of some roles, whoever's they are, as one answer of ``describe-security-groups``."""
    return find_groups(ec2, f"tag:{ROLE_TAG}", roles)


def find_groups(ec2: EC2Client, filter_: str, wanted: Sequence[str]) -> dict[str, object]:
    """The groups that have one of some values, as one answer of ``describe-security-groups``.

    Args:
        ec2: the client.
        filter_: what the values are of, such as ``group-name``.
        wanted: the values.
    """
    pages = (
        page
        for values in _chunks(wanted)
        for page in ec2.get_paginator("describe_security_groups").paginate(
            Filters=[{"Name": filter_, "Values": values}]
        )
    )
    return {"SecurityGroups": [group for page in pages for group in page["SecurityGroups"]]}


def describe_rules(ec2: EC2Client, group_ids: Sequence[str]) -> dict[str, object]:
    """The rules on some groups, as one answer of ``describe-security-group-rules``."""
    pages = (
        page
        for values in _chunks(group_ids)
        for page in ec2.get_paginator("describe_security_group_rules").paginate(
            Filters=[{"Name": "group-id", "Values": values}]
        )
    )
    return {"SecurityGroupRules": [rule for page in pages for rule in page["SecurityGroupRules"]]}


def _chunks(values: Sequence[str]) -> Iterable[list[str]]:
    return (list(values[first : first + VALUES_A_CALL]) for first in range(0, len(values), VALUES_A_CALL))


def _refuse(place: str, kind: str, message: str) -> InputError:
    line = " ".join(message.split())
    # A refusal may carry a long encoded text, which says nothing to a reader.
    line = line if len(line) <= _LINE else f"{line[: _LINE - 3]}..."
    return InputError([Fault(place, line, _ALLOWED.get(kind, _ANSWER))])
