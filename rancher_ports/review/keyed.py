"""Groups by owner and role, as tags or somebody's word have them; and the rule set that an inventory comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from rancher_ports.errors import Faults, nearest, one_of
from rancher_ports.model.blocks import read_block
from rancher_ports.model.findings import Finding
from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Transition
from rancher_ports.model.peers import Peer, PeerKind, name_after
from rancher_ports.model.roles import EXTRA_GROUPS, ROLES, GroupKey
from rancher_ports.model.rules import Rule, RuleSet

# The owner of groups of which somebody says the role alone, where tags name no owner, or several.
OWNER = "cluster"

_SHOWN = 12


def with_roles(transition: Transition, roles: Mapping[str, tuple[str | None, str]]) -> Transition:
    """A change of which somebody says which group is which role's.

    Args:
        transition: the change.
        roles: by the address or the id of a group, its owner and its role. An owner of None is the one that tags of the
            other groups name, or :data:`OWNER`.

    Raises:
        InputError: there is no such group.
    """
    if not roles:
        return transition
    owners = {group.key.owner for side in _sides(transition) for group in side.groups.values() if group.key}
    owner = owners.pop() if len(owners) == 1 else OWNER
    known = dict.fromkeys(identity for side in _sides(transition) for identity in _identities(side))
    ids = {group.id: identity for side in _sides(transition) for identity, group in side.groups.items() if group.id}
    faults = Faults()
    keys = {}
    for said, (of, role) in roles.items():
        address = said if said in known else ids.get(said, said)
        if address not in known:
            listed = list(known)
            allowed = one_of(listed[:_SHOWN]) + (f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else "")
            faults.add("--role", address, f"the address or id of a group, {allowed}", nearest(address, listed))
        keys[address] = GroupKey(of or owner, role)
    faults.raise_any()
    return replace(transition, before=_with_keys(transition.before, keys), after=_with_keys(transition.after, keys))


def _sides(transition: Transition) -> tuple[Inventory, Inventory]:
    return transition.before, transition.after


def _identities(inventory: Inventory) -> Iterator[str]:
    yield from inventory.groups
    for rule in inventory.rules:
        yield from rule.group.values
        if rule.peer.kind is PeerKind.GROUP:
            yield from rule.peer.values


def _with_keys(inventory: Inventory, keys: Mapping[str, GroupKey]) -> Inventory:
    known = set(_identities(inventory))
    groups = dict(inventory.groups)
    for identity, key in keys.items():
        if identity in groups:
            groups[identity] = replace(groups[identity], key=key)
        elif identity in known:
            groups[identity] = FoundGroup(identity, None, key, is_managed=False)
    return replace(inventory, groups=groups)


def rule_set(inventory: Inventory, *, perhaps: bool = False) -> RuleSet:
    """The rules of an inventory, as far as all is known of them, on groups by owner and role where these are known.

    Args:
        inventory: what there is.
        perhaps: whether rules of which not all is known are in it as well, with all that they may be about.

    Groups without their rules, such as those that data sources read, are no groups of the rule set unless a rule stands
    on them.
    """
    groups = {identity: group.key or group_value(identity) for identity, group in inventory.groups.items()}
    made = [groups[identity] for identity, group in inventory.groups.items() if group.is_managed]
    rules = [rule for rule in inventory.rules if perhaps or rule.certain]
    return RuleSet.of(made, [rule for one in rules for rule in rules_of(one, groups, inventory.entries)])


def partly_known(inventory: Inventory) -> frozenset[GroupKey]:
    """The groups by owner and role that somebody else makes, and may have given further rules."""
    return frozenset(group.key for group in inventory.groups.values() if group.key and not group.is_managed)


def merged_groups(inventory: Inventory) -> tuple[Finding, ...]:
    """A finding for each role of which there are several groups: they are looked at as one."""
    found: dict[GroupKey, list[str]] = {}
    for identity, group in inventory.groups.items():
        if group.key is not None and group.is_managed:
            found.setdefault(group.key, []).append(identity)
    return tuple(
        Finding(
            code="unchecked-role",
            severity="warning",
            place=str(key),
            sentence=(
                f"There are {len(groups)} groups of {key} ({', '.join(groups[:_SHOWN])}), which are looked at as one: "
                "what one of them lacks is not seen if another has it."
            ),
            fix="Check them one by one with --role, unless nodes join all of them.",
            where=tuple(groups),
        )
        for key, groups in found.items()
        if len(groups) > 1
    )


def checked(transition: Transition) -> tuple[str, ...]:
    """What is looked at afterwards, a line for each owner; and what is not."""
    roles: dict[str, list[str]] = {}
    for group in transition.after.groups.values():
        if group.key is not None:
            roles.setdefault(group.key.owner, []).append(group.key.role)
    order = (*ROLES, *EXTRA_GROUPS)
    lines = [f"{owner}: {', '.join(sorted(set(some), key=order.index))}" for owner, some in sorted(roles.items())]
    vague = list(dict.fromkeys(rule.address for rule in transition.after.rules if not rule.certain))
    if vague:
        said = "Not counted where something is needed, since not all of it is known before apply"
        lines.append(f"{said}: {', '.join(vague)}")
    return (*lines, *transition.notes)


def located(findings: Iterable[Finding], inventory: Inventory) -> tuple[Finding, ...]:
    """Findings with addresses where they name groups by owner and role.

    Args:
        findings: what is found of :func:`rule_set`.
        inventory: of what that was made.
    """
    addresses: dict[str, list[str]] = {}
    for identity, group in inventory.groups.items():
        if group.key is not None:
            addresses.setdefault(str(group.key), []).append(group.address or identity)
    return tuple(
        replace(one, where=tuple(at for name in one.where or (one.place,) for at in addresses.get(name, (name,))))
        for one in findings
    )


def rules_of(rule: FoundRule, groups: Mapping[str, GroupKey | str], entries: Mapping[str, int]) -> list[Rule]:
    """A rule as the model has it: several, if it may be about several groups or peers.

    Args:
        rule: the rule.
        groups: by identity, what to take for groups.
        entries: how many entries prefix lists may have, by identity.
    """
    return [
        Rule(
            groups.get(group, group_value(group)),
            rule.direction,
            rule.port,
            _peer(rule.peer.kind, peer, groups, entries.get(peer)),
            because=rule.because,
        )
        for group, peer in rule.cases()
    ]


def group_value(identity: str) -> str:
    """A group as the model's rules name it that realises no role."""
    return f"${{{identity}}}"


def _peer(kind: PeerKind, value: str, groups: Mapping[str, GroupKey | str], entries: int | None) -> Peer:
    of = groups.get(value) if kind is PeerKind.GROUP else None
    if isinstance(of, GroupKey):
        return Peer(of.role, kind, of)
    return Peer(name_after(kind, value), kind, value if read_block(value) else group_value(value), max_entries=entries)
