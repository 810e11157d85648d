"""Names that become part of addresses: what they look like, and which are taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from rancher_ports.errors import Faults, refuse
from rancher_ports.model.literals import is_literal
from rancher_ports.model.roles import EXTRA_GROUPS, ROLES

# No underscore: it separates the parts of an address, which can so be read in one way only.
NAME_PATTERN = "[a-z][a-z0-9-]*"

# AWS bounds a tag value by 256 characters, and a rule's Name tag is its address: two names, a role,
# a direction and a port range fit with this bound.
NAME_LENGTH = 63

ANYWHERE_IPV4 = "anywhere-ipv4"
ANYWHERE_IPV6 = "anywhere-ipv6"

# "peers" is what a generated module writes where an app writes one peer's name.
RESERVED = (*ROLES, ANYWHERE_IPV4, ANYWHERE_IPV6, *EXTRA_GROUPS, "peers")

GRAMMAR = f"a name of lower-case letters, digits and hyphens that begins with a letter, at most {NAME_LENGTH} long"


def is_name(name: object) -> bool:
    """Whether ``name`` can stand in an address."""
    return isinstance(name, str) and re.fullmatch(NAME_PATTERN, name) is not None and len(name) <= NAME_LENGTH


def check_name(name: object, place: str) -> None:
    """Refuse what cannot stand in an address.

    Raises:
        InputError: ``name`` is not a string or does not match ``[a-z][a-z0-9-]*``.
    """
    if not is_name(name):
        raise refuse(place, name, GRAMMAR)


def check_peer_name(name: object, place: str) -> None:
    """Refuse a name that a user's peer cannot have.

    Besides the grammar: names of roles and of other groups of ours, and ``<owner>-<role>``, which
    is how another cluster's role is named.

    Raises:
        InputError: the name is outside the grammar or reserved.
    """
    check_name(name, place)
    if name in RESERVED:
        raise refuse(place, name, f"a name that is not reserved ({', '.join(RESERVED)} are)")
    if str(name).endswith(tuple(f"-{role}" for role in ROLES)):
        raise refuse(place, name, "a name that does not end like another cluster's role (-" + ", -".join(ROLES) + ")")


def former_names(
    given: object, name: object, place: str, check: Callable[[object, str], None] = check_name
) -> tuple[str, ...]:
    """The former names of what was renamed, newest first.

    Args:
        given: one name, or several.
        name: the name that it has now.
        place: where they were found.
        check: what each of them has to pass, such as :func:`check_peer_name`.

    Raises:
        InputError: with a fault for each that fails the check, is the name that it has now, or stands there twice.
    """
    if given == ():
        return ()
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise refuse(place, given, "a former name, or a list of them, newest first")
    names = [given] if isinstance(given, str) else list(given)
    faults = Faults()
    for index, former in enumerate(names):
        where = place if isinstance(given, str) else f"{place}[{index}]"
        with faults.under(""):
            check(former, where)
        if former == name:
            faults.add(where, former, "a former name, not the one that it has now")
        if former in names[:index]:
            faults.add(where, former, "each name once")
    faults.raise_any()
    return tuple(names)


# What EC2 takes in a group's name (EC2 API reference, CreateSecurityGroup).
GROUP_NAME_PATTERN = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+"
_GROUP_NAME = re.compile(GROUP_NAME_PATTERN)
_GROUP_NAME_LENGTH = 255
# The AWS provider ends a name_prefix with this many characters of its own (UniqueIDSuffixLength in helper/id of the
# Terraform plugin SDK).
UNIQUE_SUFFIX_LENGTH = 26
GROUP_NAME_PREFIX_LENGTH = _GROUP_NAME_LENGTH - UNIQUE_SUFFIX_LENGTH - max(len(f"-{role}-") for role in ROLES)


# How many characters, which ones, and how they may begin.
GROUP_NAME_CHARACTERS = "characters of a-zA-Z0-9 ._-:/()#,@[]+=&;{}!$*, not a space first, and not beginning with sg-"
GROUP_NAME_PREFIX_ALLOWED = f"{GROUP_NAME_PREFIX_LENGTH} {GROUP_NAME_CHARACTERS}"


def check_group_name_prefix(prefix: object, place: str) -> None:
    """Refuse what AWS would refuse as the beginning of a security group's name.

    Raises:
        InputError: empty, too long, with other characters than EC2 takes, or beginning with ``sg-``.
    """
    if not _is_group_name(prefix, GROUP_NAME_PREFIX_LENGTH):
        raise refuse(place, prefix, f"at most {GROUP_NAME_PREFIX_ALLOWED}")


def check_group_name(name: object, place: str) -> None:
    """Refuse what is no name of a security group that can become ours.

    Raises:
        InputError: what EC2 would not take; ``default``, which EC2 keeps for the group that a VPC cannot be without; or
            what Terraform would read as an expression.
    """
    allowed = f"the name that it has, at most {_GROUP_NAME_LENGTH} {GROUP_NAME_CHARACTERS}"
    if not _is_group_name(name, _GROUP_NAME_LENGTH) or not is_literal(str(name)):
        raise refuse(place, name, f"{allowed}, without ${{")
    if name == "default":
        raise refuse(place, name, "another group than a VPC's own, which cannot be given to anybody")


def _is_group_name(name: object, most: int) -> bool:
    return (
        isinstance(name, str)
        and _GROUP_NAME.fullmatch(name) is not None
        and len(name) <= most
        and not name.lower().startswith(("sg-", " "))
    )
