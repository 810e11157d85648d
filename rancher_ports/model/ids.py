"""Ids of EC2 resources: what they look like."""

from __future__ import annotations

import re

from rancher_ports.errors import refuse

# 8 or 17 hexadecimal digits (EC2 user guide, "Resource IDs").
_DIGITS = "(?:[0-9a-f]{8}|[0-9a-f]{17})"

VPC_ID = re.compile(f"vpc-{_DIGITS}")
PREFIX_LIST_ID = re.compile(f"pl-{_DIGITS}")
# AWS account management reference, "View AWS account identifiers".
_ACCOUNT = "[0-9]{12}"
ACCOUNT_ID = re.compile(_ACCOUNT)
# Another account's group is named with the account's number before it.
SECURITY_GROUP_ID = re.compile(f"(?:{_ACCOUNT}/)?sg-{_DIGITS}")


def is_known(value: str) -> bool:
    """Whether a value is known before apply: an expression, ``${...}``, is not."""
    return "${" not in value


def check_account(account: object, place: str) -> None:
    """Refuse what is no AWS account's number, unless it is an expression.

    Raises:
        InputError: not a string, or not of 12 digits.
    """
    if not isinstance(account, str) or (is_known(account) and not ACCOUNT_ID.fullmatch(account)):
        raise refuse(place, account, 'an AWS account of 12 digits as a text, such as "123456789012"')


def check_vpc_id(vpc_id: object, place: str) -> None:
    """Refuse what is no VPC id, unless it is an expression.

    Raises:
        InputError: not a string, or not of the form ``vpc-...``.
    """
    if not isinstance(vpc_id, str) or (is_known(vpc_id) and not VPC_ID.fullmatch(vpc_id)):
        raise refuse(place, vpc_id, 'a VPC id such as "vpc-0123456789abcdef0"')
