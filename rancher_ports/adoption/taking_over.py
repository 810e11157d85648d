"""How our app takes groups and rules over: its settings, and the blocks beside what it synthesizes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rancher_ports.adoption.assignments import Assignment, entries
from rancher_ports.adoption.comparison import Judged
from rancher_ports.errors import Faults, refuse
from rancher_ports.model.addresses import address
from rancher_ports.model.deployment import fill
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind, name_after
from rancher_ports.model.roles import NODES, ROLES, GroupKey
from rancher_ports.model.rules import DESCRIPTION_ALLOWED, DESCRIPTION_LENGTH, Rule, is_description
from rancher_ports.model.tags import OWN_PREFIX
from rancher_ports.model.templates import templates
from rancher_ports.readers.described import DescribedGroup, DescribedRule, RuleIdentity
from rancher_ports.settings import Settings

_ARGUMENTS = {
    PeerKind.IPV4: "cidr",
    PeerKind.IPV6: "cidr",
    PeerKind.PREFIX_LIST: "prefix_list_id",
    PeerKind.GROUP: "security_group_id",
}


@dataclass(frozen=True, slots=True)
class Import:
    """An object that exists, and the address at which the app has it.

    Args:
        address: where it goes.
        id: as EC2 has it.
    """

    address: str
    id: str


def with_groups(document: Mapping[str, object], assignments: Iterable[Assignment]) -> dict[str, object]:
    """The settings with which the app has groups as they are, without the rules that they keep.

    Args:
        document: the settings so far, as they stand under ``rancher_ports``.
        assignments: the groups.
    """
    assignments = tuple(assignments)
    adopted = {**entries(document.get("adopted")), **{one.becomes: _group(one.group) for one in assignments}}
    new = {**document, "vpc_id": assignments[0].group.vpc_id, "adopted": adopted}
    if "groups" in document:
        # A group that was brought so far.
        ids = {one.becomes: one.group.id for one in assignments}
        groups = entries(document["groups"])
        new["groups"] = {r: g for r, g in groups.items() if entries(g).get("security_group_id") != ids.get(r, "")}
    return new


def _group(group: DescribedGroup) -> dict[str, object]:
    # AWS's own tags nobody can set, and ours are set anew.
    tags = {k: v for k, v in group.tags.items() if not k.lower().startswith("aws:") and not k.startswith(OWN_PREFIX)}
    named: dict[str, object] = {"name": group.name, "description": group.description}
    return {**named, "tags": dict(sorted(tags.items()))} if tags else named


def known_ids(
    settings: Settings, assignments: Iterable[Assignment], groups: Iterable[DescribedGroup]
) -> dict[GroupKey, str]:
    """The ids of groups that exist and that rules of the app name by their roles.

    Args:
        settings: those with the groups.
        assignments: the groups that are adopted now.
        groups: what EC2 has, among it groups that the app made or adopted before, known by our tags or by their names.
    """
    owner = settings.prefix
    found = {GroupKey(owner, role): group.security_group_id for role, group in settings.groups.items()}
    has_nodes = settings.kubernetes_cluster is not None or NODES in settings.adopted
    ours = {GroupKey(owner, role) for role in (*ROLES, *([NODES] if has_nodes else []))}
    vpcs = {one.group.vpc_id for one in assignments}
    for group in groups:
        # Elsewhere it is another app's, of the same prefix.
        if group.key in ours and group.vpc_id in vpcs:
            found.setdefault(group.key, group.id)
    now = {one.becomes for one in assignments}
    before = {group.name: role for role, group in settings.adopted.items() if role not in now}
    named = {GroupKey(owner, before[g.name]): g.id for g in groups if g.name in before and g.vpc_id in vpcs}
    return {**found, **named, **{one.key(owner): one.group.id for one in assignments}}


def with_kept(
    document: Mapping[str, object],
    settings: Settings,
    assignments: Iterable[Assignment],
    judged: Iterable[Judged],
    ids: Mapping[GroupKey, str],
) -> dict[str, object]:
    """The same, with the rules that the groups keep.

    Args:
        document: what :func:`with_groups` returned.
        settings: the same, read.
        assignments: the groups.
        judged: their rules. What the app asks for itself is not kept besides; nor is a controller's.
        ids: what :func:`known_ids` returned.

    Raises:
        InputError: with a fault for each rule whose peer nothing can be named after.
    """
    assignments = tuple(assignments)
    asked_for = set(_asked_for(settings, ids))
    names = _Names(settings, {id_: key.role for key, id_ in ids.items()})
    adopted = dict(entries(document["adopted"]))
    kept_ones = (one.rule for one in judged if one.verdict != "controller" and one.rule.identity not in asked_for)
    # In an order that says nothing of the documents: what these say may change.
    rules = sorted(kept_ones, key=_order)
    names.check(rules)
    for one in assignments:
        if kept := [_rule(rule, names) for rule in rules if rule.identity.group_id == one.group.id]:
            adopted[one.becomes] = {**entries(adopted[one.becomes]), "kept": kept}
    new = {**document, "adopted": adopted}
    return {**new, "peers": {**entries(document.get("peers")), **names.new}} if names.new else new


def _order(rule: DescribedRule) -> tuple[object, ...]:
    identity = rule.identity
    return identity.direction == "egress", identity.port.span, identity.kind, identity.peer


def _rule(rule: DescribedRule, names: _Names) -> dict[str, str]:
    identity = rule.identity
    why = _why(rule)
    said = {"direction": identity.direction, "port": str(identity.port), "peer": names.of(identity)}
    return {**said, "why": why} if why else said


def _why(rule: DescribedRule) -> str:
    """The description that a rule keeps."""
    # Terraform would read an expression in what is none.
    return rule.description.replace("${", "$ {")[:DESCRIPTION_LENGTH]


class _Names:
    """Names for peers: those that they have, or new ones made of their values."""

    def __init__(self, settings: Settings, roles: Mapping[str, str]) -> None:
        table = settings.table
        defaults = [peer for slot in table.slots for peer in table.default_peers(slot)]
        known = [*ANYWHERE, *defaults, *settings.peers.values()]
        self._by_value = {(peer.kind, str(peer.value)): peer.name for peer in known}
        self._by_value |= {(PeerKind.GROUP, id_): role for id_, role in roles.items()}
        self._taken = set(self._by_value.values())
        self.new: dict[str, dict[str, str]] = {}

    def check(self, rules: Iterable[DescribedRule]) -> None:
        """Refuse rules whose peers no rule of ours can name, such as another service's group."""
        faults = Faults()
        for rule in rules:
            identity = rule.identity
            with faults.under(f"{rule.id} on {identity.group_id}"):
                if not is_description(why := _why(rule)):
                    raise refuse("description", why, f"{DESCRIPTION_ALLOWED}, to be kept as it is: change it in EC2")
                if (identity.kind, identity.peer) not in self._by_value:
                    Peer(name_after(identity.kind, identity.peer), identity.kind, identity.peer)
        faults.raise_any()

    def of(self, identity: RuleIdentity) -> str:
        """The name of a rule's peer."""
        key = identity.kind, identity.peer
        if key not in self._by_value:
            name = first = name_after(*key)
            number = 1
            while name in self._taken:
                number += 1
                name = f"{first[: -len(str(number)) - 1]}-{number}" if len(first) > 60 else f"{first}-{number}"
            self._taken.add(name)
            self._by_value[key] = name
            self.new[name] = {_ARGUMENTS[identity.kind]: identity.peer}
        return self._by_value[key]


def imports(
    settings: Settings,
    assignments: Iterable[Assignment],
    rules: Iterable[DescribedRule],
    ids: Mapping[GroupKey, str],
) -> tuple[Import, ...]:
    """What the app has at which address, of what exists.

    Args:
        settings: those that keep the groups and their rules.
        assignments: the groups.
        rules: what EC2 has.
        ids: what :func:`known_ids` returned.

    Returns:
        By address: every group, and every rule that the app would otherwise make a second time.
    """
    owner, asked_for = settings.prefix, _asked_for(settings, ids)
    found = [Import(str(address(one.key(owner), owner)), one.group.id) for one in assignments]
    found += [
        Import(str(address(asked_for[rule.identity], owner)), rule.id) for rule in rules if rule.identity in asked_for
    ]
    return tuple(sorted(found, key=lambda one: one.address))


def _asked_for(settings: Settings, ids: Mapping[GroupKey, str]) -> dict[RuleIdentity, Rule]:
    """The rules that the app makes between what exists already, by what they are to EC2."""
    found: dict[RuleIdentity, Rule] = {}
    for rule in fill(templates(settings.table), settings.deployment).rules:
        value = rule.peer.value
        peer = ids.get(value) if isinstance(value, GroupKey) else value
        group = ids.get(rule.group) if isinstance(rule.group, GroupKey) else None
        if group is not None and peer is not None:
            found[RuleIdentity(group, rule.direction, rule.port, rule.peer.kind, peer)] = rule
    return found


def settings_text(document: Mapping[str, object]) -> str:
    """Settings as a file that the app and ``--settings`` read."""
    return json.dumps({"context": {"rancher_ports": document}}, indent=2) + "\n"


def import_text(blocks: Iterable[Import]) -> str:
    """A file of ``import`` blocks, whose name has to end in ``.tf.json``."""
    return json.dumps({"import": [{"to": one.address, "id": one.id} for one in blocks]}, indent=2) + "\n"
