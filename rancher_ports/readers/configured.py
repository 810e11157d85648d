"""Groups and rules as a configuration has them: the synthesized JSON of stacks, read without an engine.

What an expression comes to is followed where the JSON says it: ids of groups, locals, other stacks' outputs, literal
arguments of other resources, and literal ``for_each`` and ``count``. What modules make it does not say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rancher_ports.model.ids import ACCOUNT_ID
from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Reference
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import DIRECTIONS, Direction
from rancher_ports.readers.expressions import is_expression, mentions, only_reference, references
from rancher_ports.readers.resources import (
    DEFAULT_GROUP_TYPE,
    GROUP_TYPES,
    NAMED_TYPES,
    PREFIX_LIST_TYPES,
    RULE_RESOURCES,
    Hidden,
    Resource,
    Values,
    digest,
    read_group,
    read_inline_rules,
    read_rules,
)
from rancher_ports.readers.stack_blocks import Document, StackBlock, blocks
from rancher_ports.sections import mapping

# Another account's group is named with the account before it.
_ACCOUNT = re.compile(rf"{ACCOUNT_ID.pattern}/(?=\$\{{)")
_REMOTE = re.compile(r"data\.terraform_remote_state\.([A-Za-z0-9_-]+)\.outputs\.([A-Za-z0-9_-]+)")
# What CDKTF calls the state of another stack that it reads.
_OTHER_STACK = "cross-stack-reference-input-"
_GROUP_ID = re.compile(r"\bsg-[0-9a-f]+\b")
_PART = re.compile(r"[.\[]")
_SECTIONS = {"local": "locals", "var": "variable"}
# Where a chain of references leads in a circle, Terraform refuses it; here it is followed no further.
_FURTHEST = 50


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """The call of a module, as far as it has to do with groups.

    Args:
        origin: what it is given, and what that comes from, as a digest.
        groups: the identities of the groups made here, or with rules made here, that are among it.
    """

    origin: str
    groups: tuple[str, ...]


def perhaps(rules: Iterable[FoundRule], origin: str) -> list[FoundRule]:
    """Rules of which it is not known whether they are there, or how often.

    Args:
        rules: as they are if they are there.
        origin: a digest of what decides it.
    """
    return [replace(rule, port_known=False, origin=origin) for rule in rules]


class Configured:
    """The groups and rules of some stacks.

    Args:
        documents: by stack, the parsed ``cdk.tf.json``.
        several: whether the names of stacks stand before addresses; if not given, where there are several.

    Raises:
        InputError: a group or a rule in it is of another form than the provider takes.
    """

    def __init__(self, documents: Mapping[str, object], *, several: bool | None = None) -> None:
        is_named = len(documents) > 1 if several is None else several
        self.documents = {f"{name}: " if is_named else "": mapping(of, name) for name, of in documents.items()}
        self._blocks = [block for stack, document in self.documents.items() for block in blocks(stack, document)]
        self._by_address = {f"{block.stack}{block.address}": block for block in self._blocks}
        self._ids = {
            str(block.values["id"]): f"{block.stack}{block.address}"
            for block in self._blocks
            if block.is_data and block.type in NAMED_TYPES and isinstance(block.values.get("id"), str)
        }
        self.inventory = self._read()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the JSON does not say."""
        found = [
            f"{stack}module.{module} is not looked into: what a module makes is in a plan alone."
            for stack, document in self.documents.items()
            for module in mapping(document.get("module"), "module")
        ]
        found += [
            f"{block.stack}{block.address} is repeated by an expression: how often is in a plan alone."
            for block in self._blocks
            if not block.is_certain and (block.type in RULE_RESOURCES or block.type in NAMED_TYPES)
        ]
        found += [
            f"{block.stack}{block.address} has dynamic blocks: which rules they come to is in a plan alone."
            for block in self._blocks
            if block.type in GROUP_TYPES and not set(DIRECTIONS).isdisjoint(mapping(block.values.get("dynamic"), ""))
        ]
        return tuple(found)

    @property
    def modules(self) -> dict[str, ModuleCall]:
        """The calls of modules, by address."""
        found = {}
        managed = (identity for identity, group in self.inventory.groups.items() if group.is_managed)
        with_rules = (identity for rule in self.inventory.rules for identity in rule.group.values)
        concerned = tuple(dict.fromkeys((*managed, *with_rules)))
        for stack, document in self.documents.items():
            for name, call in mapping(document.get("module"), "module").items():
                origin, mentioned = self._origin(call, stack, of_resources=False)
                literal = {
                    self._identify(id_) for id_ in _GROUP_ID.findall(json.dumps([origin, mentioned], default=str))
                }
                groups = [
                    identity
                    for identity in concerned
                    if identity in literal or any(_is_part(reference, identity) for reference in mentioned)
                ]
                found[f"{stack}module.{name}"] = ModuleCall(digest([origin, mentioned]), tuple(groups))
        return found

    @property
    def held(self) -> dict[str, object]:
        """What prefix lists hold, as it stands in their blocks."""
        lists = [block for block in self._blocks if block.type in PREFIX_LIST_TYPES and not block.is_data]
        return {f"{block.stack}{block.address}": block.values.get("entry") for block in lists}

    @property
    def with_blocks(self) -> set[tuple[str, Direction]]:
        """The groups that have rules in blocks of their own, or may have none, by direction."""
        groups = [block for block in self._blocks if block.type in GROUP_TYPES and not block.is_data]
        return {
            (f"{block.stack}{block.address}", direction)
            for block in groups
            for direction in DIRECTIONS
            if direction in (*block.values, *mapping(block.values.get("dynamic"), block.address))
            or block.type == DEFAULT_GROUP_TYPE
        }

    def _read(self) -> Inventory:
        groups: dict[str, FoundGroup] = {}
        rules: list[FoundRule] = []
        entries: dict[str, int] = {}
        for block in self._blocks:
            identity, resource = f"{block.stack}{block.address}", self._resource(block)
            found: list[FoundRule] = []
            if block.type in GROUP_TYPES:
                groups[identity] = read_group(resource, identity, is_managed=not block.is_data)
                for direction in DIRECTIONS:
                    found += read_inline_rules(resource, identity, direction)
                    found += self._dynamic(block, identity, direction)
            elif block.type in RULE_RESOURCES and not block.is_data:
                found += read_rules(resource)
            elif block.type in PREFIX_LIST_TYPES and isinstance(most := block.values.get("max_entries"), int):
                entries[identity] = most
            rules += found if block.is_certain else self._perhaps(found, block.values, block.stack)
        return Inventory(groups, tuple(rules), entries)

    def _dynamic(self, block: StackBlock, identity: str, direction: Direction) -> list[FoundRule]:
        """The rules that dynamic blocks may come to, one for each of these: which they are is in a plan alone."""
        given = mapping(block.values.get("dynamic"), block.address).get(direction)
        dynamic = [mapping(entry, block.address) for entry in (given if isinstance(given, list) else [given])]
        contents = [content for entry in dynamic if isinstance(content := entry.get("content"), (dict, list))]
        plain = [entry for of in contents for entry in (of if isinstance(of, list) else [of])]
        if not plain:
            return []
        resource = self._resource(replace(block, values={direction: plain}))
        found = list(read_inline_rules(resource, identity, direction))
        return self._perhaps(found, {direction: given}, block.stack)

    def _perhaps(self, rules: list[FoundRule], values: Document, stack: str) -> list[FoundRule]:
        return perhaps(rules, digest(list(self._origin(values, stack))))

    def _origin(self, value: object, stack: str, *, of_resources: bool = True) -> tuple[object, dict[str, object]]:
        """What a value comes from: itself, and by reference all that it mentions, as far as the JSON says that.

        Args:
            value: an expression, or what has some in it.
            stack: where it stands.
            of_resources: whether what resources are like is a part of it, or only which they are.
        """
        found: dict[str, object] = {}
        left = [(value, stack)]
        while left:
            mentioning, at = left.pop()
            for reference in mentions(mentioning):
                if f"{at}{reference}" in found:
                    continue
                if not of_resources and not _REMOTE.fullmatch(reference) and _PART.split(reference)[0] not in _SECTIONS:
                    found[f"{at}{reference}"] = None
                else:
                    other, further = self._next(reference, at)
                    if further is None:
                        other, further = at, self._whole(reference, at)
                    found[f"{at}{reference}"] = further
                    left.append((further, other))
        return value, found

    def _whole(self, reference: str, stack: str) -> object:
        """The local, variable, resource or data source of which a reference is a part; None if it is none of these."""
        head, *rest = _PART.split(reference)
        if head in _SECTIONS:
            return mapping(self.documents[stack].get(_SECTIONS[head]), head).get(rest[0]) if rest else None
        block = self._by_address.get(f"{stack}{'.'.join((head, *rest)[: 3 if head == 'data' else 2])}")
        return block.values if block is not None else None

    def _resource(self, block: StackBlock) -> Resource:
        def named(hidden: Hidden, kind: PeerKind) -> Reference:
            return self._named(hidden.value, kind, block.stack)

        def origin(hidden: Hidden) -> object:
            return self._origin(hidden.value, block.stack)

        given = {name: self._literal(value, block.stack) for name, value in block.values.items()}
        values = Values(given, {name: _unknown(value) for name, value in given.items()}, {})
        return Resource(f"{block.stack}{block.address}", block.type, values, named, self._identify, origin)

    def _literal(self, value: object, stack: str) -> object:
        """A number or a text that an expression comes to; anything else as it is."""
        found = self._followed(value, stack) if is_expression(value) else value
        is_literal = isinstance(found, (str, int)) and not is_expression(found) and found not in self._by_address
        return found if is_literal else value

    def _identify(self, id_: str) -> str:
        return self._ids.get(id_, id_)

    def _named(self, value: object, kind: PeerKind, stack: str) -> Reference:
        """Whom an expression names."""
        found = self._followed(value, stack)
        if isinstance(found, str) and "${" not in found:
            if found in self._by_address or kind in (PeerKind.GROUP, PeerKind.PREFIX_LIST):
                return Reference(kind, (self._identify(found),))
            return Reference(kind, (found,))
        names = list(dict.fromkeys(references(found)))
        text = ", ".join(f"{stack}{reference}" for reference in names) or "an expression"
        groups = sorted({target for reference in names if (target := self._object(reference, stack))})
        if groups:
            others = [reference for reference in names if not self._object(reference, stack)]
            return Reference(kind, tuple(groups), ", ".join(others), certain=False)
        return Reference(kind, (), text, certain=False)

    def _followed(self, value: object, stack: str) -> object:
        """What an expression comes to, as far as the JSON says it: a text, the identity of a group, an expression."""
        for _ in range(_FURTHEST):
            reference = only_reference(_ACCOUNT.sub("", value) if isinstance(value, str) else None)
            if reference is None:
                return value
            if target := self._object(reference, stack):
                return target
            stack, further = self._next(reference, stack)
            if further is None:
                return value
            value = further
        return value

    def _object(self, reference: str, stack: str) -> str | None:
        """The identity of the group or prefix list whose id a reference is."""
        address = f"{stack}{reference.removesuffix('.id')}"
        block = self._by_address.get(address)
        return address if reference.endswith(".id") and block is not None and block.type in NAMED_TYPES else None

    def _next(self, reference: str, stack: str) -> tuple[str, object]:
        """What a reference stands for, and the stack in which that stands; None if the JSON does not say."""
        if match := _REMOTE.fullmatch(reference):
            other = f"{match[1].removeprefix(_OTHER_STACK)}: "
            output = mapping(mapping(self.documents.get(other), other).get("output"), other).get(match[2])
            return other, mapping(output, other).get("value")
        head, _, rest = reference.partition(".")
        if head == "local":
            return stack, mapping(self.documents[stack].get("locals"), "locals").get(rest)
        address, _, attribute = reference.rpartition(".")
        block = self._by_address.get(f"{stack}{address}")
        return stack, block.values.get(attribute) if block is not None else None


def _is_part(reference: str, identity: str) -> bool:
    """Whether a reference is to a resource, of which something is an instance, or to an attribute of it."""
    resource = identity.partition("[")[0]
    return reference == resource or reference.startswith((f"{resource}.", f"{resource}["))


def _unknown(value: object) -> object:
    """Which parts of a value are expressions."""
    if isinstance(value, str):
        return is_expression(value)
    if isinstance(value, list):
        return [_unknown(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: _unknown(entry) for key, entry in value.items()}
    return False
