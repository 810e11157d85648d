"""Groups and rules as resources of Terraform's AWS provider have them, in whatever kind of resource they stand.

A rule may be a resource of its own (``aws_vpc_security_group_ingress_rule``), one of the lists of an
``aws_security_group_rule``, or stand inline in its group (AWS provider documentation, aws_security_group).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rancher_ports.errors import InputError, refuse
from rancher_ports.model.addresses import GROUP_TYPE, RULE_TYPES
from rancher_ports.model.blocks import read_block
from rancher_ports.model.inventory import FoundGroup, FoundRule, Reference
from rancher_ports.model.peers import RULE_ARGUMENTS, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import DIRECTIONS, EXTRA_GROUPS, ROLES, Direction
from rancher_ports.model.tags import REQUIREMENT_TAG, group_key

DEFAULT_GROUP_TYPE = "aws_default_security_group"
GROUP_TYPES = (GROUP_TYPE, DEFAULT_GROUP_TYPE)
OLD_RULE_TYPE = "aws_security_group_rule"
PREFIX_LIST_TYPES = ("aws_ec2_managed_prefix_list", "aws_prefix_list")
NAMED_TYPES = (*GROUP_TYPES, *PREFIX_LIST_TYPES)

# Changing one of them replaces the group (AWS provider documentation, aws_security_group).
FIXED = ("description", "name", "name_prefix", "vpc_id")

_DIRECTION_OF = {type_: direction for direction, type_ in RULE_TYPES.items()}
RULE_RESOURCES = (*_DIRECTION_OF, OLD_RULE_TYPE)

_LISTS = {
    "cidr_blocks": PeerKind.IPV4,
    "ipv6_cidr_blocks": PeerKind.IPV6,
    "prefix_list_ids": PeerKind.PREFIX_LIST,
    "security_groups": PeerKind.GROUP,
}
_ALLOWED = {
    PeerKind.IPV4: 'an IPv4 block such as "203.0.113.0/24"',
    PeerKind.IPV6: 'an IPv6 block such as "2001:db8::/48"',
    PeerKind.PREFIX_LIST: "the id of a prefix list",
    PeerKind.GROUP: "the id of a security group",
}
_MOST_DIGITS = 6
# What makes a rule what it is; blocks in a group stand under their direction.
_MEANT = (
    *("security_group_id", "source_security_group_id", "self", "type"),
    *("ip_protocol", "protocol", "from_port", "to_port"),
    *RULE_ARGUMENTS.values(),
    *_LISTS,
    *DIRECTIONS,
)

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that cannot be read: it is known after apply alone, or must not be shown.

    Args:
        path: the names of the attributes on the way to it, and the places in lists.
        value: what is there in its place: an expression, a secret, or nothing.
        sensitive: whether it must not be shown.
    """

    path: Path
    value: object = None
    sensitive: bool = False


class Attributes(Protocol):
    """Something with attributes by name: a resource, or a block in one."""

    def get(self, name: str, /) -> object:
        """One of them; None if there is none."""


@dataclass(frozen=True, slots=True)
class Values:
    """The attributes of a resource, of which some cannot be read.

    Args:
        given: as a plan has them.
        unknown: True for those that are known after apply alone; of a mapping or list the same for its parts.
        sensitive: True for those that must not be shown, likewise.
    """

    given: Mapping[str, object]
    unknown: Mapping[str, object]
    sensitive: Mapping[str, object]

    def get(self, name: str, /) -> object:
        """One of them, with :class:`Hidden` in place of what cannot be read; None if there is none."""
        value, unknown, sensitive = self.given.get(name), self.unknown.get(name), self.sensitive.get(name)
        # Of most nothing is marked.
        return _hide(value, unknown, sensitive, (name,)) if unknown or sensitive else value


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource at one time.

    Args:
        address: where it stands.
        type: such as ``aws_security_group``.
        values: its attributes.
        refer: whom a hidden value names that is not known before apply.
        identify: the identity of a group or prefix list with an id.
        origin: what a hidden value comes from, as JSON has it: with another one it may be another value.
        configured: the attributes that the configuration sets; None where there is none of it.
        other: its values at the other time, with which sensitive ones are compared.
    """

    address: str
    type: str
    values: Attributes
    refer: Callable[[Hidden, PeerKind], Reference]
    identify: Callable[[str], str]
    origin: Callable[[Hidden], object]
    configured: Collection[str] | None = None
    other: object = None

    def sets(self, name: str, value: object) -> bool:
        """Whether an attribute is set, and not just what the provider will find: that is unknown before apply, too."""
        if isinstance(value, Hidden):
            if not value.sensitive:
                return self.configured is None or name in self.configured
            value = value.value
        return value is not None and value != ""

    def place(self, path: Path) -> str:
        """Where an attribute stands."""
        return ".".join((self.address, *(step for step in path if isinstance(step, str))))


def _hide(value: object, unknown: object, sensitive: object, path: Path) -> object:
    """A value without what cannot be read, with marks as :class:`Values` has them."""
    if unknown is True or sensitive is True:
        return Hidden(path, value, sensitive is True)
    if not _says(unknown) and not _says(sensitive):
        return value
    if isinstance(unknown, dict) or isinstance(sensitive, dict):
        found = dict(value) if isinstance(value, dict) else {}
        for marks in (unknown, sensitive):
            for name, mark in marks.items() if isinstance(marks, dict) else ():
                # Most of these are empty.
                if mark:
                    found[name] = _hide(_at(value, name), _at(unknown, name), _at(sensitive, name), (*path, name))
        return found
    length = max(len(part) for part in (value, unknown, sensitive) if isinstance(part, list))
    return [_hide(_at(value, i), _at(unknown, i), _at(sensitive, i), (*path, i)) for i in range(length)]


def _says(marks: object) -> bool:
    """Whether anything in it is marked."""
    if isinstance(marks, dict):
        return any(map(_says, marks.values()))
    return any(map(_says, marks)) if isinstance(marks, list) else marks is True


def _at(of: object, step: str | int) -> object:
    if isinstance(step, str):
        return of.get(step) if isinstance(of, dict) else None
    return of[step] if isinstance(of, list) and step < len(of) else None


def taken_over(address: str) -> str:
    """What is said of a default group that Terraform comes to know: it takes all rules away that are not its own."""
    return f"{address} is taken over, and loses the rules that it has now, which are not known here."


def holds_something_else(address: str) -> str:
    """What is said of a prefix list of which the entries change."""
    return f"{address} holds other blocks afterwards: what rules for it open by that is not looked at."


def read_group(resource: Resource, identity: str, *, is_managed: bool) -> FoundGroup:
    """The group that a resource or a data source is.

    Args:
        resource: of one of ``GROUP_TYPES``.
        identity: what rules name it by.
        is_managed: whether it is a resource.
    """
    values = {name: resource.values.get(name) for name in FIXED}
    fixed = {name: str(_shown(value)) for name, value in values.items() if value is not None and value != ""}
    key = group_key(resource.values.get("tags"))
    # Whoever uses our tags for roles of his own means others.
    key = key if key is not None and key.role in (*ROLES, *EXTRA_GROUPS) else None
    id_ = resource.values.get("id")
    return FoundGroup(identity, resource.address, key, is_managed, fixed, id_ if isinstance(id_, str) else None)


def read_rules(resource: Resource) -> list[FoundRule]:
    """The rules of a resource of their own.

    Args:
        resource: of one of ``RULE_RESOURCES``.

    Raises:
        InputError: it is of another form.
    """
    values = resource.values
    group = _named(resource, values.get("security_group_id"), PeerKind.GROUP, "security_group_id")
    if resource.type == OLD_RULE_TYPE:
        direction = _direction(resource)
        port, known = _port(resource, values, "protocol")
        peers = _listed(resource, values)
        source = values.get("source_security_group_id")
        if resource.sets("source_security_group_id", source):
            peers.append(_named(resource, source, PeerKind.GROUP, "source_security_group_id"))
        peers += _itself(resource, values, group)
    else:
        direction = _DIRECTION_OF[resource.type]
        port, known = _port(resource, values, "ip_protocol")
        given = ((kind, name, values.get(name)) for kind, name in RULE_ARGUMENTS.items())
        peers = [_named(resource, value, kind, name) for kind, name, value in given if resource.sets(name, value)]
    if not peers:
        raise refuse(resource.address, "no peer", "a rule with a peer")
    because, description = _because(values.get("tags")), _description(values)
    if len(peers) > 1:
        peers = list(dict.fromkeys(peers))
    is_certain = known and group.certain and all(peer.certain for peer in peers)
    origin = "" if is_certain else _origin(resource, resource.values)
    return [
        FoundRule(
            resource.address,
            group,
            direction,
            port,
            peer,
            known,
            because=because,
            origin=origin,
            description=description,
        )
        for peer in peers
    ]


def read_inline_rules(resource: Resource, identity: str, direction: Direction) -> Iterator[FoundRule]:
    """The rules in a group's own blocks.

    Args:
        resource: the group.
        identity: what rules name it by.
        direction: which of its blocks.

    Raises:
        InputError: something in them is of another form.
    """
    group = Reference(PeerKind.GROUP, (identity,))
    for block in _items(resource.values.get(direction)):
        if isinstance(block, Hidden):
            peer = _named(resource, block, PeerKind.GROUP, direction)
            origin, port = _origin(resource, resource.values), Port.all()
            yield FoundRule(resource.address, group, direction, port, peer, False, inline=True, origin=origin)
            continue
        if not isinstance(block, dict):
            raise refuse(resource.place((direction,)), _shown(block), "a rule")
        port, known = _port(resource, block, "protocol")
        peers = [*_listed(resource, block), *_itself(resource, block, group)]
        origin = "" if known and all(peer.certain for peer in peers) else _origin(resource, block)
        for peer in dict.fromkeys(peers):
            yield FoundRule(
                resource.address,
                group,
                direction,
                port,
                peer,
                known,
                inline=True,
                origin=origin,
                description=_description(block),
            )


def _origin(resource: Resource, values: Attributes) -> str:
    """A digest of what hidden values come from, among those that make a rule what it is."""

    def told(value: object) -> object:
        if isinstance(value, Hidden):
            return ["hidden", resource.origin(value)]
        return [told(entry) for entry in value] if isinstance(value, list) else value

    return digest({name: told(value) for name in _MEANT if (value := values.get(name)) is not None})


def digest(origin: object) -> str:
    """A digest of what values come from, as JSON has it."""
    # Only now: nearly always everything is known.
    from hashlib import sha256  # noqa: PLC0415  # see above

    return sha256(json.dumps(origin, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


def _itself(resource: Resource, values: Attributes, group: Reference) -> list[Reference]:
    """The group itself, if a rule is for it; of what must not be shown it is not known whether it is."""
    value = values.get("self")
    if isinstance(value, Hidden):
        return [Reference(PeerKind.GROUP, group.values, resource.place(value.path), certain=False)]
    return [group] if value is True else []


def _direction(resource: Resource) -> Direction:
    way = resource.values.get("type")
    for direction in DIRECTIONS:
        if way == direction:
            return direction
    raise refuse(resource.place(("type",)), _shown(way), "ingress or egress")


def _items(value: object) -> list[object]:
    """The entries of a list; nothing where there is none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _listed(resource: Resource, values: Attributes) -> list[Reference]:
    return [_named(resource, entry, kind, name) for name, kind in _LISTS.items() for entry in _items(values.get(name))]


def _named(resource: Resource, value: object, kind: PeerKind, name: str) -> Reference:
    """Whom a value names."""
    if isinstance(value, Hidden):
        return _secret(resource, value, kind) if value.sensitive else resource.refer(value, kind)
    if not isinstance(value, str) or not value:
        raise refuse(resource.place((name,)), _shown(value), _ALLOWED[kind])
    if kind in (PeerKind.GROUP, PeerKind.PREFIX_LIST):
        return _reference(kind, resource.identify(value))
    block = read_block(value)
    if block is None:
        raise refuse(resource.place((name,)), value, _ALLOWED[kind])
    # Where a list may hold either family, the block itself says which it is.
    return _reference(PeerKind.IPV4 if block.version == 4 else PeerKind.IPV6, block.text)


def _secret(resource: Resource, value: Hidden, kind: PeerKind) -> Reference:
    """A sensitive value, of which is said where it stands and whether it changes."""
    was: object = resource.other
    for step in value.path:
        was = _at(was, step)
    is_changed = resource.other is not None and was != value.value
    text = f"a sensitive value ({resource.place(value.path)}{', changed' if is_changed else ''})"
    return Reference(kind, (text,), text)


@lru_cache(maxsize=2**16)
def _reference(kind: PeerKind, value: str) -> Reference:
    return Reference(kind, (value,))


def _port(resource: Resource, values: Attributes, argument: str) -> tuple[Port, bool]:
    """A rule's port, and whether it is known; the widest that it may have, if not."""
    protocol, first, last = values.get(argument), values.get("from_port"), values.get("to_port")
    if isinstance(protocol, Hidden):
        return Port.all(), False
    if not isinstance(protocol, (str, int)) or isinstance(protocol, bool):
        raise refuse(resource.place((argument,)), _shown(protocol), "a protocol such as tcp, udp, icmp or -1")
    is_known = not isinstance(first, Hidden) and not isinstance(last, Hidden)
    numbers = (_number(resource, first, "from_port"), _number(resource, last, "to_port")) if is_known else (None, None)
    try:
        return _port_of(str(protocol).lower(), *numbers), is_known
    except InputError as error:
        raise error.under(resource.address) from None


_port_of = lru_cache(maxsize=2**12)(Port.from_ec2)


def _number(resource: Resource, value: object, name: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    # What is written as JSON may be a text where a number is meant.
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) <= _MOST_DIGITS:
        return int(value)
    raise refuse(resource.place((name,)), _shown(value), "a port, or an ICMP type or code")


def _because(tags: object) -> tuple[str, ...]:
    ids = tags.get(REQUIREMENT_TAG) if isinstance(tags, dict) else None
    # What did not fit into the tag is counted there, "+3", and has no id.
    return tuple(id_ for id_ in ids.split() if not id_.startswith("+")) if isinstance(ids, str) else ()


def _description(values: Attributes) -> str:
    said = values.get("description")
    return said if isinstance(said, str) else ""


def _shown(value: object) -> object:
    """A value as it may be shown."""
    if isinstance(value, list):
        return [_shown(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _shown(entry) for name, entry in value.items()}
    if not isinstance(value, Hidden):
        return value
    return "a sensitive value" if value.sensitive else value.value or "a value known after apply"
