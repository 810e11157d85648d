"""What EC2 refuses in a single value, with its error code.

Every refusal names its source: a page of the EC2 API reference, or the report of a user who was refused (repository and
number). A page states what is allowed and seldom a code; where no report is named for that, the code is
``InvalidParameterValue`` or, for ports, ``InvalidPermission.Malformed``, as the page "Error codes" describes these two.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress

from tests.engine.ec2.errors import EC2Error

_TEXT = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]"
_TEXT_WITHOUT_AMPERSAND = _TEXT.replace("&", "")

# Pages IpRange, Ipv6Range, PrefixListId and UserIdGroupPair, of Description: two of them leave out the ampersand.
_RULE_DESCRIPTIONS = {
    "ipv4": _TEXT,
    "ipv6": _TEXT,
    "prefix list": _TEXT_WITHOUT_AMPERSAND,
    "group": _TEXT_WITHOUT_AMPERSAND,
}
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


def check_group_name(name: str) -> None:
    """At most 255 characters of a set, not beginning with ``sg-``, not reserved; case does not matter."""
    if name.lower().startswith("sg-"):
        # Page CreateSecurityGroup; the code: github.com/pulumi/pulumi-awsx/issues/328
        raise EC2Error(
            "InvalidParameterValue",
            f"Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.",
        )
    if name.lower() == "default":
        # Page "Error codes", InvalidGroup.Reserved
        raise EC2Error("InvalidGroup.Reserved", f"The security group '{name}' is reserved")
    if not re.fullmatch(_TEXT + "{1,255}", name):
        # Page CreateSecurityGroup
        raise EC2Error("InvalidParameterValue", f"Invalid value '{name}' for groupName")


def check_group_description(description: str) -> None:
    """At most 255 characters of a set."""
    if not re.fullmatch(_TEXT + "{1,255}", description):
        # Page CreateSecurityGroup; the code: github.com/cds-snc/notification-terraform/pull/561
        raise EC2Error("InvalidParameterValue", f"Invalid security group description '{description}'")


def check_rule_description(description: str | None, peer_kind: str) -> None:
    """At most 255 characters of a set, which depends on the kind of peer."""
    if description is not None and not re.fullmatch(_RULE_DESCRIPTIONS[peer_kind] + "{0,255}", description):
        # Pages as above; the code: github.com/aws-cloudformation/cfn-lint/issues/173
        raise EC2Error("InvalidParameterValue", f"Invalid rule description '{description}'")


def protocol(given: str) -> str:
    """A protocol in EC2's spelling: a name where it has one, a number, or -1."""
    name = _NUMBERS.get(given.lower(), given.lower())
    if name in (*_NUMBERS.values(), "-1") or (re.fullmatch("[0-9]{1,3}", name) and int(name) <= 255):
        return name
    # Page IpPermission
    raise EC2Error("InvalidParameterValue", f"Invalid value '{given}' for IP protocol. Unknown protocol.")


def ports(protocol_: str, first: int | None, last: int | None) -> tuple[int, int]:
    """First and last port as EC2 answers them: -1 where there is none."""
    if protocol_ in ("tcp", "udp"):
        return _tcp_ports(first, last)
    if protocol_ == "icmp" or (protocol_ == "icmpv6" and (first, last) != (None, None)):
        return _icmp_type(first, last)
    if protocol_ == "-1" and (first, last) not in ((None, None), (0, 0), (-1, -1)):
        # Observed, in github.com/aws-ia/terraform-aws-genai-document-ingestion-rag/pull/36. It contradicts the page
        # IpPermission, by which ports do not matter with -1; being strict here passes nothing that EC2 refuses. The
        # provider itself sends 0 and 0.
        raise EC2Error("InvalidParameterValue", "You may not specify all protocols and specific ports.")
    # With any other protocol ports are not looked at, and everything of it is open (page IpPermission).
    return -1, -1


def _tcp_ports(first: int | None, last: int | None) -> tuple[int, int]:
    if first is None or last is None:
        # Page IpPermission; the code: github.com/aws/aws-sdk-go-v2/issues/1203
        raise EC2Error(
            "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        )
    for port in (first, last):
        if not 0 <= port <= 65535:
            # Observed, in github.com/boto/boto3/issues/336
            raise EC2Error("InvalidPermission.Malformed", f"TCP/UDP port ({port}) out of range")
    if first > last:
        # Page IpPermission: start and end of a range
        raise EC2Error("InvalidParameterValue", f"Invalid TCP/UDP port range ({first}:{last})")
    return first, last


def _icmp_type(first: int | None, last: int | None) -> tuple[int, int]:
    if first is None or last is None:
        # Page IpPermission, which lets both be left out for ICMPv6; the code:
        # github.com/aws-cloudformation/cfn-lint/issues/2999
        raise EC2Error(
            "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with ICMP.' for portRange."
        )
    if not -1 <= first <= 255 or not -1 <= last <= 255 or (first == -1 and last != -1):
        # Page IpPermission: a type and a code, or -1
        raise EC2Error("InvalidPermission.Malformed", f"ICMP type ({first}) or code ({last}) out of range")
    return first, last


def cidr(given: str, family: str) -> str:
    """A block in canonical form, which is what EC2 keeps (pages IpRange and Ipv6Range)."""
    kind = ipaddress.IPv4Network if family == "ipv4" else ipaddress.IPv6Network
    with suppress(ValueError):
        if "/" in given:
            return str(kind(given, strict=False))
    # Pages IpRange and Ipv6Range; the code: github.com/smoketurner/serverless-vpc-plugin/issues/318
    raise EC2Error("InvalidParameterValue", f"CIDR block {given} is malformed")


def check_tags(tags: dict[str, str]) -> None:
    """At most 50 tags, none of AWS's own."""
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            # Page Tag; the code: github.com/cloud-custodian/cloud-custodian/issues/5975
            raise EC2Error("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
        if not key or len(key) > 127:
            # Page Tag
            raise EC2Error("InvalidParameterValue", "Tag key exceeds the maximum length of 127 characters")
        if len(value) > 256:
            # Page Tag
            raise EC2Error("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters")
    if len(tags) > 50:
        # Page CreateTags; the code: page "Error codes", TagLimitExceeded
        raise EC2Error("TagLimitExceeded", "The maximum number of tags for the resource has been reached")
