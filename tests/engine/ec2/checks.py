"""What EC2 refuses in a single value, with its error code.

Sources: EC2 API reference, "Error codes" and the pages of the actions; where those name no code, the code that users
report (the repository and number stand beside it).
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress

from tests.engine.ec2.errors import EC2Error

_TEXT = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]"
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


def check_group_name(name: str) -> None:
    """At most 255 characters of a set, not beginning with ``sg-`` (CreateSecurityGroup)."""
    if name.startswith("sg-"):
        raise EC2Error(
            "InvalidParameterValue", f"Invalid value '{name}' for groupName. Group names may not begin with sg-"
        )
    if not re.fullmatch(_TEXT + "{1,255}", name):
        raise EC2Error("InvalidParameterValue", f"Invalid value '{name}' for groupName")


def check_group_description(description: str) -> None:
    """At most 255 characters of a set (CreateSecurityGroup)."""
    if not re.fullmatch(_TEXT + "{1,255}", description):
        raise EC2Error("InvalidParameterValue", f"Invalid value '{description}' for groupDescription")


def check_rule_description(description: str | None) -> None:
    """At most 255 characters of a set (IpRange, UserIdGroupPair)."""
    if description is not None and not re.fullmatch(_TEXT + "{0,255}", description):
        raise EC2Error(
            "InvalidParameterValue",
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: "
            "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        )


def protocol(given: str) -> str:
    """A protocol in EC2's spelling: a name where it has one, a number, or -1 (IpPermission)."""
    name = _NUMBERS.get(given.lower(), given.lower())
    if name in (*_NUMBERS.values(), "-1") or (re.fullmatch("[0-9]{1,3}", name) and int(name) <= 255):
        return name
    raise EC2Error("InvalidParameterValue", f"Invalid value '{given}' for IP protocol. Unknown protocol.")


def ports(protocol_: str, first: int | None, last: int | None) -> tuple[int, int]:
    """First and last port as EC2 answers them: -1 where there is none (IpPermission)."""
    if protocol_ in ("tcp", "udp"):
        return _tcp_ports(first, last)
    if protocol_ == "icmp" or (protocol_ == "icmpv6" and None not in (first, last)):
        return _icmp_type(first, last)
    # The provider sends 0 and 0 with -1 itself; other numbers are refused
    # (github.com/aws-ia/terraform-aws-genai-document-ingestion-rag/pull/36). With any other protocol ports are not
    # looked at, and everything of it is open (AuthorizeSecurityGroupIngress).
    if protocol_ == "-1" and (first, last) not in ((None, None), (0, 0), (-1, -1)):
        raise EC2Error("InvalidParameterValue", "You may not specify all protocols and specific ports.")
    return -1, -1


def _tcp_ports(first: int | None, last: int | None) -> tuple[int, int]:
    if first is None or last is None:
        # github.com/awsdocs/aws-cloudformation-user-guide/pull/217, as for ICMP
        raise EC2Error(
            "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        )
    for port in (first, last):
        if not 0 <= port <= 65535:
            # github.com/boto/boto3/issues/336
            raise EC2Error("InvalidPermission.Malformed", f"TCP/UDP port ({port}) out of range")
    if first > last:
        raise EC2Error("InvalidParameterValue", f"Invalid TCP/UDP port range ({first}:{last})")
    return first, last


def _icmp_type(first: int | None, last: int | None) -> tuple[int, int]:
    if first is None or last is None:
        raise EC2Error(
            "InvalidParameterValue", "Invalid value 'Must specify both from and to ports with ICMP.' for portRange."
        )
    if not -1 <= first <= 255 or not -1 <= last <= 255 or (first == -1 and last != -1):
        raise EC2Error("InvalidPermission.Malformed", f"ICMP type ({first}) or code ({last}) out of range")
    return first, last


def cidr(given: str, family: str) -> str:
    """A block in canonical form, which is what EC2 keeps (AuthorizeSecurityGroupIngress)."""
    kind = ipaddress.IPv4Network if family == "ipv4" else ipaddress.IPv6Network
    with suppress(ValueError):
        if "/" in given:
            return str(kind(given, strict=False))
    raise EC2Error("InvalidParameterValue", f"CIDR block {given} is malformed")


def check_tags(tags: dict[str, str]) -> None:
    """At most 50 tags, none of AWS's own (CreateTags)."""
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            raise EC2Error("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
        if not key or len(key) > 127:
            raise EC2Error("InvalidParameterValue", "Tag key exceeds the maximum length of 127 characters")
        if len(value) > 256:
            raise EC2Error("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters")
    if len(tags) > 50:
        raise EC2Error("TagLimitExceeded", "The maximum number of tags for the resource has been reached")
