"""What tests start from: the goldens' JSON, and EC2 as goldens and examples expect to find it."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import GOLDENS
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.values import Group, PrefixList, Vpc
from tests.engine.stack import Document

VPC = "vpc-0123456789abcdef0"
PREFIX_LIST = "pl-0123456789abcdef0"
THEIR_GROUP = "sg-0123456789abcdef0"
OTHER_ACCOUNTS_GROUP = "123456789012/sg-01234567"


def golden(situation: str) -> Document:
    """What the constructs synthesize for a user's situation, which tests/cdk holds."""
    document: Document = json.loads((GOLDENS / f"{situation}.json").read_text("utf-8"))
    return document


def new_cloud(**options: Any) -> Cloud:
    """EC2 with a default VPC, a prefix list, a group that is not ours and one of another account.

    Args:
        options: what else :class:`Cloud` takes.
    """
    theirs = (THEIR_GROUP, OTHER_ACCOUNTS_GROUP)
    groups = [Group(id_, f"theirs-{number}", "not ours", VPC) for number, id_ in enumerate(theirs)]
    vpc = Vpc(VPC, "172.31.0.0/16", is_default=True, tags=(("Name", "shared"),))
    return Cloud([vpc], [PrefixList(PREFIX_LIST)], groups, **options)
