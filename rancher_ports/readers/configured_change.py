"""What changes from some synthesized stacks to others, as far as their JSON says it; a plan says more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import replace

from rancher_ports.model.inventory import IMPORT, FoundRule, Inventory, Reference, Transition
from rancher_ports.model.roles import Direction
from rancher_ports.readers.configured import Configured, perhaps
from rancher_ports.readers.resources import DEFAULT_GROUP_TYPE, OLD_RULE_TYPE, holds_something_else, taken_over
from rancher_ports.readers.stack_blocks import Document, address_in, blocks_named
from rancher_ports.sections import mapping

_DEFAULT_DESCRIPTION = "Managed by Terraform"
_LITERAL_KEY = re.compile(r'(?:\d+|"[^"$%]*")\]')
# Where a chain of moves leads in a circle, Terraform refuses it; here it is followed no further.
_FURTHEST = 50


def read_transition(before: Mapping[str, object], after: Mapping[str, object]) -> Transition:
    """What changes from some stacks to others.

    Args:
        before: by stack, the parsed ``cdk.tf.json`` now.
        after: likewise, afterwards; its blocks ``moved``, ``removed`` and ``import`` are heeded.

    Raises:
        InputError: a group or a rule in it is of another form than the provider takes.
    """
    several = len({**before, **after}) > 1
    now, then = Configured(before, several=several), Configured(after, several=several)
    new, documents = then.inventory, then.documents
    old = _moved(now.inventory, documents)
    imported = {
        f"{stack}{_of_instances(address_in(block, 'to'))}"
        for stack, of in documents.items()
        for block in blocks_named(of, "import")
    }
    was = _with_imported(old, new, imported)
    will_be = _with_left_alone(was, _with_forgotten(old, new, documents), then.with_blocks)
    replaced = dict(_replaced(was, will_be))
    notes = dict.fromkeys([*now.notes, *then.notes])
    for identity in new.groups:
        if DEFAULT_GROUP_TYPE in identity and identity not in old.groups:
            notes[taken_over(identity)] = None
    for list_, held in now.held.items():
        if list_ in then.held and then.held[list_] != held:
            notes[holds_something_else(list_)] = None
    if imported:
        notes["What is imported is in EC2 as the configuration has it, or otherwise: a plan knows."] = None
    return Transition(
        was,
        will_be,
        replaced,
        frozenset(_remade(was, will_be, set(replaced))),
        notes=tuple(notes),
        unseen=_unseen(now, then),
    )


def read_standing(stacks: Mapping[str, object]) -> Transition:
    """Some stacks as a change that changes nothing of them.

    Args:
        stacks: by stack, the parsed ``cdk.tf.json``.

    Raises:
        InputError: as :func:`read_transition`.
    """
    found = Configured(stacks)
    return Transition(found.inventory, found.inventory, notes=found.notes)


def _mover(documents: Mapping[str, Document]) -> Callable[[str], str]:
    """The address that something has once ``moved`` blocks are heeded, by the one before."""
    moves: dict[str, str] = {}
    for stack, document in documents.items():
        for block in blocks_named(document, "moved"):
            moves[f"{stack}{address_in(block, 'from')}"] = f"{stack}{address_in(block, 'to')}"

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

    return address


def _moved(inventory: Inventory, documents: Mapping[str, Document]) -> Inventory:
    """An inventory with what is moved under its new addresses."""
    if not any(blocks_named(document, "moved") for document in documents.values()):
        return inventory
    address = _mover(documents)

    def reference(old: Reference) -> Reference:
        return replace(old, values=tuple(map(address, old.values)))

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
    """With what is imported: groups, and rules of which nobody knows what they are like so far."""
    there = {rule.address for rule in before.rules}
    groups = {identity: group for identity, group in after.groups.items() if _is_of(identity, imported)}
    new = (rule for rule in after.rules if rule.address not in there and _is_of(rule.address, imported))
    rules = perhaps(new, IMPORT)
    return Inventory({**groups, **before.groups}, (*before.rules, *rules), {**after.entries, **before.entries})


def _of_instances(address: str) -> str:
    """An address; without its key where that is an expression, so that it is that of all instances."""
    resource, bracket, key = address.partition("[")
    return resource if bracket and not _LITERAL_KEY.fullmatch(key) else address


def _unseen(now: Configured, then: Configured) -> dict[str, tuple[str, ...]]:
    """The calls of modules that come or differ and are given groups."""
    moved = _mover(then.documents)
    before = {moved(address): call.origin for address, call in now.modules.items()}
    return {
        address: call.groups
        for address, call in then.modules.items()
        if call.groups and call.origin != before.get(address)
    }


def _with_left_alone(before: Inventory, after: Inventory, configured: Set[tuple[str, Direction]]) -> Inventory:
    """Rules that stood in a group which has no blocks any more stay in EC2: the provider leaves them alone then."""
    left = [
        rule
        for rule in before.rules
        if rule.inline and rule.address in after.groups and (rule.address, rule.direction) not in configured
    ]
    return replace(after, rules=(*after.rules, *left)) if left else after


def _with_forgotten(before: Inventory, after: Inventory, documents: Mapping[str, Document]) -> Inventory:
    """What Terraform forgets stays as it is."""
    forgotten = {
        f"{stack}{address_in(block, 'from')}"
        for stack, document in documents.items()
        for block in blocks_named(document, "removed")
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
