"""Groups and rules as a configuration has them: the synthesized JSON of stacks, read without an engine.

What an expression comes to is followed where the JSON says it: ids of groups, locals, other stacks' outputs, literal
arguments of other resources, and literal ``for_each`` and ``count``. What modules make it does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from rancher_ports.errors import refuse
from rancher_ports.model.ids import ACCOUNT_ID
from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Reference, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import DIRECTIONS, Direction
from rancher_ports.readers.expressions import is_expression, key_text, of_instance, only_reference, references, repeated
from rancher_ports.readers.resources import (
    DEFAULT_GROUP_TYPE,
    GROUP_TYPES,
    NAMED_TYPES,
    OLD_RULE_TYPE,
    PREFIX_LIST_TYPES,
    RULE_RESOURCES,
    Hidden,
    Resource,
    Values,
    read_group,
    read_inline_rules,
    read_rules,
    taken_over,
)
from rancher_ports.sections import mapping

_Document = Mapping[str, object]

# Another account's group is named with the account before it.
_ACCOUNT = re.compile(rf"{ACCOUNT_ID.pattern}/(?=\$\{{)")
_REMOTE = re.compile(r"data\.terraform_remote_state\.([A-Za-z0-9_-]+)\.outputs\.([A-Za-z0-9_-]+)")
# What CDKTF calls the state of another stack that it reads.
_OTHER_STACK = "cross-stack-reference-input-"
_DEFAULT_DESCRIPTION = "Managed by Terraform"
# Where a chain of moves or references leads in a circle, Terraform refuses it; here it is followed no further.
_FURTHEST = 50
_MOST_INSTANCES = 10_000


@dataclass(frozen=True, slots=True)
class _Block:
    """One instance of a resource."""

    stack: str
    address: str
    type: str
    name: str
    values: _Document
    is_data: bool
    is_certain: bool


def read_inventory(documents: Mapping[str, object]) -> Inventory:
    """The groups and rules of some stacks.

    Args:
        documents: by stack, the parsed ``cdk.tf.json``; its name stands before addresses where there are several.

    Raises:
        InputError: a group or a rule in it is of another form than the provider takes.
    """
    return _Reader({_before_addresses(name, documents): mapping(of, name) for name, of in documents.items()}).read()


def notes_of(documents: Mapping[str, object]) -> tuple[str, ...]:
    """What the JSON of some stacks does not say.

    Args:
        documents: by stack, the parsed ``cdk.tf.json``.
    """
    found = []
    for name, document in documents.items():
        stack, of = _before_addresses(name, documents), mapping(document, name)
        modules = [f"module.{module}" for module in mapping(of.get("module"), "module")]
        found += [f"{stack}{module} is not looked into: what a module makes is in a plan alone." for module in modules]
        for block in _blocks(stack, of):
            if not block.is_certain and (block.type in RULE_RESOURCES or block.type in NAMED_TYPES):
                found.append(f"{stack}{block.address} is repeated by an expression: how often is in a plan alone.")
    return tuple(found)


def read_transition(before: Mapping[str, object], after: Mapping[str, object]) -> Transition:
    """What changes from some stacks to others.

    Args:
        before: by stack, the parsed ``cdk.tf.json`` now.
        after: likewise, afterwards; its blocks ``moved``, ``removed`` and ``import`` are heeded.

    Raises:
        InputError: as :func:`read_inventory`.
    """
    several = {**before, **after}
    named = [
        {_before_addresses(name, several): mapping(of, name) for name, of in side.items()} for side in (before, after)
    ]
    readers = [_Reader(side) for side in named]
    old, new = (reader.read() for reader in readers)
    old = _moved(old, named[1])
    imported = {f"{stack}{_text(block, 'to')}" for stack, of in named[1].items() for block in _list(of, "import")}
    was = _with_imported(old, new, imported)
    will_be = _with_left_alone(was, _with_forgotten(old, new, named[1]), readers[1].configured)
    replaced = dict(_replaced(was, will_be))
    notes = dict.fromkeys([*notes_of(before), *notes_of(after)])
    for identity in new.groups:
        if DEFAULT_GROUP_TYPE in identity and identity not in old.groups:
            notes[taken_over(identity)] = None
    if imported:
        notes["What is imported is taken to be in EC2 already, as the configuration has it: a plan knows."] = None
    return Transition(was, will_be, replaced, frozenset(_remade(was, will_be, set(replaced))), notes=tuple(notes))


def _before_addresses(name: str, documents: Mapping[str, object]) -> str:
    return f"{name}: " if len(documents) > 1 else ""


class _Reader:
    """Reads the stacks of one side."""

    def __init__(self, documents: Mapping[str, _Document]) -> None:
        self._documents = documents
        self._blocks = [block for stack, document in documents.items() for block in _blocks(stack, document)]
        self._by_address = {f"{block.stack}{block.address}": block for block in self._blocks}
        self._ids = {
            str(block.values["id"]): f"{block.stack}{block.address}"
            for block in self._blocks
            if block.is_data and block.type in NAMED_TYPES and isinstance(block.values.get("id"), str)
        }

    @property
    def configured(self) -> set[tuple[str, Direction]]:
        """The groups that have rules in blocks of their own, or may have none, by direction."""
        groups = [block for block in self._blocks if block.type in GROUP_TYPES and not block.is_data]
        return {
            (f"{block.stack}{block.address}", direction)
            for block in groups
            for direction in DIRECTIONS
            if direction in block.values or block.type == DEFAULT_GROUP_TYPE
        }

    def read(self) -> Inventory:
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
            elif block.type in RULE_RESOURCES and not block.is_data:
                found += read_rules(resource)
            elif block.type in PREFIX_LIST_TYPES and isinstance(most := block.values.get("max_entries"), int):
                entries[identity] = most
            rules += found if block.is_certain else [replace(rule, port_known=False) for rule in found]
        return Inventory(groups, tuple(rules), entries)

    def _resource(self, block: _Block) -> Resource:
        def named(hidden: Hidden, kind: PeerKind) -> Reference:
            return self._named(hidden.value, kind, block.stack)

        values = Values(block.values, {name: _unknown(value) for name, value in block.values.items()}, {})
        return Resource(f"{block.stack}{block.address}", block.type, values, named, self._identify)

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
            output = mapping(mapping(self._documents.get(other), other).get("output"), other).get(match[2])
            return other, mapping(output, other).get("value")
        head, _, rest = reference.partition(".")
        if head == "local":
            return stack, mapping(self._documents[stack].get("locals"), "locals").get(rest)
        address, _, attribute = reference.rpartition(".")
        block = self._by_address.get(f"{stack}{address}")
        return stack, block.values.get(attribute) if block is not None else None


def _blocks(stack: str, document: _Document) -> Iterator[_Block]:
    for where, is_data in (("resource", False), ("data", True)):
        for type_, some in mapping(document.get(where), where).items():
            for name, value in mapping(some, f"{where}.{type_}").items():
                address = f"data.{type_}.{name}" if is_data else f"{type_}.{name}"
                values = mapping(value[0] if isinstance(value, list) and len(value) == 1 else value, address)
                for key, one, is_certain in _instances(values):
                    yield _Block(stack, f"{address}{key}", type_, name, one, is_data, is_certain)


def _instances(values: _Document) -> Iterator[tuple[str, _Document, bool]]:
    """The instances of a resource: what stands after its address, its values, and whether that is known."""
    each, count = repeated(values.get("for_each")), values.get("count")
    if each is not None:
        for key, value in each.items():
            filled = of_instance(values, {"each.key": key, "each.value": value})
            yield key_text(key), mapping(filled, "for_each"), True
    elif isinstance(count, int) and not isinstance(count, bool):
        for index in range(min(count, _MOST_INSTANCES)):
            yield f"[{index}]", mapping(of_instance(values, {"count.index": index}), "count"), True
    else:
        yield "", values, "for_each" not in values and count is None


def _unknown(value: object) -> object:
    """Which parts of a value are expressions."""
    if isinstance(value, str):
        return is_expression(value)
    if isinstance(value, list):
        return [_unknown(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: _unknown(entry) for key, entry in value.items()}
    return False


def _moved(inventory: Inventory, documents: Mapping[str, _Document]) -> Inventory:
    """An inventory with what is moved under its new addresses."""
    moves: dict[str, str] = {}
    for stack, document in documents.items():
        for block in _list(document, "moved"):
            moves[f"{stack}{_text(block, 'from')}"] = f"{stack}{_text(block, 'to')}"

    def address(old: str) -> str:
        for _ in range(_FURTHEST):
            bare, bracket, key = old.partition("[")
            if old in moves:
                old = moves[old]
            elif bracket and bare in moves and "[" not in moves[bare]:
                old = f"{moves[bare]}[{key}"
            else:
                break
        return old

    def reference(old: Reference) -> Reference:
        return replace(old, values=tuple(map(address, old.values)))

    if not moves:
        return inventory
    groups = [
        replace(group, identity=address(group.identity), address=address(group.identity))
        for group in inventory.groups.values()
    ]
    rules = [
        replace(rule, address=address(rule.address), group=reference(rule.group), peer=reference(rule.peer))
        for rule in inventory.rules
    ]
    entries = {address(identity): most for identity, most in inventory.entries.items()}
    return Inventory({group.identity: group for group in groups}, tuple(rules), entries)


def _with_imported(before: Inventory, after: Inventory, imported: set[str]) -> Inventory:
    groups = {identity: group for identity, group in after.groups.items() if identity in imported}
    rules = [rule for rule in after.rules if rule.address in imported]
    return Inventory({**groups, **before.groups}, (*before.rules, *rules), {**after.entries, **before.entries})


def _with_left_alone(before: Inventory, after: Inventory, configured: Set[tuple[str, Direction]]) -> Inventory:
    """Rules that stood in a group which has no blocks any more stay in EC2: the provider leaves them alone then."""
    left = [
        rule
        for rule in before.rules
        if rule.inline and rule.address in after.groups and (rule.address, rule.direction) not in configured
    ]
    return replace(after, rules=(*after.rules, *left)) if left else after


def _with_forgotten(before: Inventory, after: Inventory, documents: Mapping[str, _Document]) -> Inventory:
    """What Terraform forgets stays as it is."""
    forgotten = {
        f"{stack}{_text(block, 'from')}"
        for stack, document in documents.items()
        for block in _list(document, "removed")
        if mapping(block.get("lifecycle"), "removed").get("destroy") is False
    }
    groups = {identity: group for identity, group in before.groups.items() if _is_of(identity, forgotten)}
    rules = [rule for rule in before.rules if _is_of(rule.address, forgotten)]
    return Inventory({**groups, **after.groups}, (*after.rules, *rules), {**before.entries, **after.entries})


def _is_of(address: str, resources: set[str]) -> bool:
    return address in resources or address.partition("[")[0] in resources


def _replaced(before: Inventory, after: Inventory) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Groups of which something changes that replaces them."""
    for identity, group in after.groups.items():
        old = before.groups.get(identity)
        if old is not None and group.is_managed:
            was, will_be = ({"description": _DEFAULT_DESCRIPTION, **one.fixed} for one in (old, group))
            names = sorted(name for name in {*was, *will_be} if was.get(name) != will_be.get(name))
            if names:
                yield identity, tuple(names)


def _remade(before: Inventory, after: Inventory, replaced: set[str]) -> Iterator[str]:
    """Rules that go and come again: on a replaced group, or with a change that the provider does not make in place.

    Of a rule in a resource of its own that is its group and what kind its peer is; of an ``aws_security_group_rule``,
    anything.
    """
    was, will_be = (_by_address(one) for one in (before, after))
    for address, rules in was.items():
        others = will_be.get(address)
        if others is None or rules[0].inline:
            continue
        of = _whole if OLD_RULE_TYPE in address else _lasting
        is_remade = set(map(of, rules)) != set(map(of, others))
        if is_remade or any(not replaced.isdisjoint(rule.group.values) for rule in rules):
            yield address


def _whole(rule: FoundRule) -> object:
    return rule.meaning


def _lasting(rule: FoundRule) -> object:
    """What no change in place gives to a rule."""
    return rule.group, rule.peer.kind


def _by_address(inventory: Inventory) -> dict[str, list[FoundRule]]:
    found: dict[str, list[FoundRule]] = {}
    for rule in inventory.rules:
        found.setdefault(rule.address, []).append(rule)
    return found


def _list(document: _Document, key: str) -> list[_Document]:
    entries = document.get(key)
    if entries is None:
        return []
    return [mapping(entry, key) for entry in (entries if isinstance(entries, list) else [entries])]


def _text(block: _Document, key: str) -> str:
    value = block.get(key)
    if not isinstance(value, str):
        raise refuse(key, value, "an address")
    return only_reference(value) or value
