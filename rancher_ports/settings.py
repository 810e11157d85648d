"""The app's settings, as they stand in the ``context`` of ``cdktf.json`` under ``rancher_ports``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rancher_ports.errors import Fault, Faults, InputError, nearest, one_of, shown
from rancher_ports.model.adopting import ADOPTABLE, AdoptedGroup, KeptRule, check_adopted, kept_rules
from rancher_ports.model.bindings import BroughtGroup, bind, check_groups
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment
from rancher_ports.model.ids import check_vpc_id
from rancher_ports.model.literals import is_literal
from rancher_ports.model.migration import migrate, unchosen
from rancher_ports.model.moves import check_former_names
from rancher_ports.model.names import check_group_name_prefix, check_name, check_peer_name, former_names, is_name
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind, check_distinct
from rancher_ports.model.ports import Port
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import CHOICES, DEFAULT_DISTRIBUTION, Table, choose
from rancher_ports.model.tags import check_kubernetes_cluster, check_tags
from rancher_ports.sections import Section, read_texts

_PATH = "context.rancher_ports"

_KEYS = (
    "prefix",
    "group_name_prefix",
    "moved_from",
    "region",
    "vpc_id",
    "distribution",
    "cni",
    "features",
    "one_sided",
    "egress",
    "migrating_from",
    "peers",
    "slots",
    "groups",
    "adopted",
    "kubernetes_cluster",
    "quotas",
    "tags",
    "backend",
    "prevent_destroy",
    "revoke_rules_on_delete",
)

DEFAULT_PREFIX = "rancher"
# Relative to cdktf.out/stacks/rancher, where Terraform runs; cdktf.out is a folder that people delete.
DEFAULT_BACKEND: Mapping[str, object] = {"local": {"path": "../../../terraform.rancher.tfstate"}}

_PEER_KINDS = ("cidr", "prefix_list_id", "security_group_id")
_MAX_ENTRIES = "max_entries"
_PEER_KEYS = (*_PEER_KINDS, "moved_from", _MAX_ENTRIES)
_GROUP_KEYS = ("security_group_id", "add_rules")
_ADOPTED_KEYS = ("name", "description", "tags", "kept")
_KEPT_KEYS = ("direction", "port", "peer", "why")

# us-east-1, us-gov-west-1, cn-north-1, eusc-de-east-1 (AWS General Reference, "Service endpoints").
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
# The whole numbers that JavaScript tells apart, and more nesting than any backend has.
_LARGEST = 2**53 - 1
_DEPTH = 16

_GROUP_ID = 'a security group id such as "sg-0123456789abcdef0"'

_BACKEND = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the app builds. Made by :func:`read_settings`, which checks it.

    Args:
        prefix: begins every address.
        group_name_prefix: begins the AWS name of every group.
        moved_from: the prefixes that addresses began with before, newest first.
        region: the AWS region.
        vpc_id: the VPC, or None for the region's default VPC.
        table: the distribution's ports, beside those of what nodes migrate from.
        choices: the choices made of it.
        peers: all peers defined, by name, whether or not a slot names them.
        slots: by slot, the peers in it; a slot that the settings leave out is not here.
        groups: by role, the group that exists already and takes the place of one of ours.
        adopted: by role, and for ``nodes``, the group that exists already and becomes ours.
        kubernetes_cluster: the name in the tag of a group that every node of the cluster joins, or None for none.
        quotas: how many rules and groups AWS allows.
        tags: tags for every resource, besides ours.
        backend: the name of Terraform's backend, or ``cloud``.
        backend_options: that backend's own keys.
        prevent_destroy: whether Terraform refuses to destroy the groups.
        revoke_rules_on_delete: whether a group's rules are revoked before it is deleted.
    """

    prefix: str
    group_name_prefix: str
    moved_from: tuple[str, ...]
    region: str
    vpc_id: str | None
    table: Table
    choices: Choices
    peers: Mapping[str, Peer]
    slots: Mapping[str, tuple[Peer, ...]]
    groups: Mapping[str, BroughtGroup]
    adopted: Mapping[str, AdoptedGroup]
    kubernetes_cluster: str | None
    quotas: Quotas
    tags: Mapping[str, str]
    backend: str
    backend_options: Mapping[str, object]
    prevent_destroy: bool
    revoke_rules_on_delete: bool

    @property
    def deployment(self) -> Deployment:
        """What the app fills its table with."""
        bindings = bind(self.prefix, ROLES, self.groups)
        return Deployment(self.choices, bindings, self.slots, kept=kept_rules(self.prefix, self.adopted))


def read_settings_file(path: Path, tables: Mapping[str, Table]) -> Settings:
    """The settings in a ``cdktf.json``.

    Args:
        path: the file.
        tables: the port tables to choose from, by distribution.

    Raises:
        InputError: with every fault found, each with its path in the file.
    """
    try:
        return read_settings(_read_json(path), tables)
    except InputError as error:
        raise error.under(f"{path.name}:") from None


def _read_json(path: Path) -> object:
    faults = Faults()

    def mapping(pairs: list[tuple[str, object]]) -> dict[str, object]:
        # Python keeps the last of two equal keys and says nothing: half of somebody's settings would be lost.
        found: dict[str, object] = {}
        for key, value in pairs:
            if key in found:
                faults.add("", key, "each key of a mapping once")
            found[key] = value
        return found

    try:
        document = json.loads(path.read_text("utf-8-sig"), object_pairs_hook=mapping)
        # Python reads more than JSON has: NaN, numbers that become infinite, halves of a surrogate pair.
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except OSError as error:
        raise InputError([Fault("", f"{error.strerror or error}", "a file that can be read")]) from None
    except (ValueError, RecursionError) as error:
        raise InputError([Fault("", str(error), "JSON")]) from None
    faults.raise_any()
    return document


def read_settings(document: object, tables: Mapping[str, Table]) -> Settings:
    """The settings in the content of a ``cdktf.json``.

    Args:
        document: the parsed file.
        tables: the port tables to choose from, by distribution.

    Raises:
        InputError: with every fault found, each with its path in the document.
    """
    faults = Faults()
    context = Section(document, "", faults).section("context")
    faults.raise_any()
    if "rancher_ports" not in context:
        found = nearest("rancher_ports", context) or "nothing"
        hint = "rancher_ports" if found != "nothing" else None
        raise InputError([Fault("context", shown(found) if hint else found, "the settings of this app", hint)])
    section = context.section("rancher_ports", _KEYS, "a setting")
    section.place = _PATH

    prefix = section.value("prefix") if "prefix" in section else DEFAULT_PREFIX
    with faults.under(""):
        check_name(prefix, section.at("prefix"))
    group_name_prefix = section.value("group_name_prefix")
    place = section.at("prefix" if group_name_prefix is None else "group_name_prefix")
    group_name_prefix = prefix if group_name_prefix is None else group_name_prefix
    # A prefix that is no name has been refused already.
    if (group_name_prefix != prefix or is_name(prefix)) and _is_literal(group_name_prefix, place, faults):
        with faults.under(""):
            check_group_name_prefix(group_name_prefix, place)
    moved_from = _read_former_names(section, prefix, check_name, faults)
    region = section.text("region", 'an AWS region such as "us-east-1"')
    if region is not None and not _REGION.fullmatch(region):
        faults.add(section.at("region"), region, 'an AWS region such as "us-east-1"')
    vpc_id = section.value("vpc_id")
    if vpc_id is not None and _is_literal(vpc_id, section.at("vpc_id"), faults):
        with faults.under(""):
            check_vpc_id(vpc_id, section.at("vpc_id"))
    tags = section.value("tags") if "tags" in section else {}
    _check_literals(tags, section.at("tags"), faults)
    _check_passable(tags, section.at("tags"), faults)
    with faults.under(""):
        check_tags(tags, section.at("tags"))
    kubernetes_cluster = section.value("kubernetes_cluster")
    if kubernetes_cluster is not None:
        with faults.under(""):
            check_kubernetes_cluster(kubernetes_cluster, section.at("kubernetes_cluster"))
    quotas = _read_quotas(section, faults)
    backend, backend_options = _read_backend(section, faults)
    prevent_destroy, revoke_rules_on_delete = section.flag("prevent_destroy"), section.flag("revoke_rules_on_delete")

    table = _read_distribution(section, tables, faults)
    peers = _read_peers(section, faults)
    groups = _read_groups(section, faults)
    if table is None:
        raise faults.error()
    table, choices = _read_choices(section, table, tables, faults)
    slots = _read_slots(section, table, peers, groups, faults)
    adopted = _read_adopted(section, table, peers, groups, faults)
    faults.raise_any()
    return Settings(
        prefix=str(prefix),
        group_name_prefix=str(group_name_prefix),
        moved_from=moved_from,
        region=str(region),
        vpc_id=None if vpc_id is None else str(vpc_id),
        table=table,
        choices=choices,
        peers={name: peer for name, peer in peers.items() if peer is not None},
        slots=slots,
        groups=groups,
        adopted=adopted,
        kubernetes_cluster=None if kubernetes_cluster is None else str(kubernetes_cluster),
        quotas=quotas,
        tags={key: str(value) for key, value in (tags if isinstance(tags, Mapping) else {}).items()},
        backend=backend,
        backend_options=backend_options,
        prevent_destroy=prevent_destroy,
        revoke_rules_on_delete=revoke_rules_on_delete,
    )


def _check_literals(value: object, place: str, faults: Faults) -> None:
    """Refuse what Terraform would read as an expression where a value is meant."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _is_literal(key, place, faults)
            _is_literal(inner, f"{place}.{key}", faults)


def _is_literal(value: object, place: str, faults: Faults) -> bool:
    if isinstance(value, str) and not is_literal(value):
        faults.add(place, value, "a value without ${ or %{, which Terraform reads as an expression")
        return False
    return True


def _check_passable(value: object, place: str, faults: Faults, depth: int = 0) -> None:
    """Refuse what the CDK, which is JavaScript, would not hand on as it is."""
    if depth > _DEPTH:
        faults.add(place, "a deep value", f"at most {_DEPTH} values within each other")
    elif isinstance(value, Mapping):
        if "__proto__" in value:
            faults.add(place, "__proto__", "a key that JavaScript does not take for something else")
        for key, inner in value.items():
            _check_passable(inner, f"{place}.{key}", faults, depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check_passable(inner, f"{place}[{index}]", faults, depth + 1)
    elif isinstance(value, int) and abs(value) > _LARGEST:
        faults.add(place, value, f"a number between -{_LARGEST} and {_LARGEST}")


def _read_distribution(section: Section, tables: Mapping[str, Table], faults: Faults) -> Table | None:
    name = section.value("distribution") if "distribution" in section else DEFAULT_DISTRIBUTION
    if not isinstance(name, str) or name not in tables:
        faults.add(section.at("distribution"), name, one_of(tables), nearest(name, tables))
        return None
    return tables[name]


def _read_choices(section: Section, table: Table, tables: Mapping[str, Table], faults: Faults) -> tuple[Table, Choices]:
    given: dict[str, Any] = {key: section.value(key) for key in CHOICES if key in section}
    choices = unchosen(table)
    with faults.under(_PATH):
        choices = choose(table, **given)
    if section.value("migrating_from") is not None:
        with faults.under(_PATH):
            table, choices = migrate(table, choices, section.value("migrating_from"), tables)
    return table, choices


def _read_peers(section: Section, faults: Faults) -> dict[str, Peer | None]:
    """All peers by name, None where the value is at fault: the name is defined all the same."""
    peers: dict[str, Peer | None] = {}
    for name, value in section.section("peers").items():
        place = section.at("peers")
        peers[name] = None
        peer = Section(value, f"{place}.{name}", faults, _PEER_KEYS)
        given = [kind for kind in _PEER_KINDS if kind in peer]
        moved_from = _read_former_names(peer, name, check_peer_name, faults)
        if len(given) > 1 or (peer.is_mapping and not given and set(peer) <= {"moved_from", _MAX_ENTRIES}):
            faults.add(peer.place, " and ".join(given) or "nothing", f"exactly {one_of(_PEER_KINDS)}")
            given = []
        for kind in given:
            if _is_literal(peer.value(kind), peer.at(kind), faults):
                with faults.under(peer.place):
                    peers[name] = _peer(name, kind, peer.value(kind), moved_from, peer.value(_MAX_ENTRIES))
        with faults.under(""):
            check_peer_name(name, place)
    with faults.under(section.at("peers")):
        check_distinct(peer for name, peer in peers.items() if peer is not None and peer.name == name)
    return peers


def _read_former_names(
    section: Section, name: object, check: Callable[[object, str], None], faults: Faults
) -> tuple[str, ...]:
    given = section.value("moved_from") if "moved_from" in section else ()
    try:
        return former_names(given, name, section.at("moved_from"), check)
    except InputError as error:
        faults.take(error)
        return ()


def _peer(name: str, kind: str, value: object, moved_from: tuple[str, ...], max_entries: object) -> Peer:
    kinds = {"cidr": PeerKind.IPV6 if isinstance(value, str) and ":" in value else PeerKind.IPV4}
    kinds |= {"prefix_list_id": PeerKind.PREFIX_LIST, "security_group_id": PeerKind.GROUP}
    # The name is checked for itself, so that a bad name does not hide a bad value.
    known_name, former = (name, moved_from) if is_name(name) else ("unnamed", ())
    return Peer(known_name, kinds[kind], value, former, max_entries=max_entries)  # type: ignore[arg-type]  # a peer refuses what is wrong


def _read_quotas(section: Section, faults: Faults) -> Quotas:
    known = tuple(Quotas.__dataclass_fields__)
    given: dict[str, Any] = {name: value for name, value in section.section("quotas", known).items() if name in known}
    try:
        return Quotas(**given)
    except InputError as error:
        faults.take(error.under(section.at("quotas")))
        return Quotas()


def _read_groups(section: Section, faults: Faults) -> dict[str, BroughtGroup]:
    groups: dict[str, BroughtGroup] = {}
    for role, value in section.section("groups", ROLES, "a role").items():
        group = Section(value, f"{section.at('groups')}.{role}", faults, _GROUP_KEYS)
        id_, add_rules = group.text("security_group_id", _GROUP_ID), group.flag("add_rules")
        if role in ROLES and id_ is not None and _is_literal(id_, group.at("security_group_id"), faults):
            with faults.under(group.place):
                groups[role] = BroughtGroup(id_, add_rules)
    with faults.under(section.at("groups")):
        check_groups({role: group.security_group_id for role, group in groups.items()})
    return groups


def _read_slots(
    section: Section,
    table: Table,
    peers: Mapping[str, Peer | None],
    groups: Mapping[str, BroughtGroup],
    faults: Faults,
) -> dict[str, tuple[Peer, ...]]:
    defaults = {peer.name: peer for slot in table.slots for peer in table.default_peers(slot)}
    for name in peers:
        if name in defaults:
            faults.add(section.at("peers"), name, f"a name other than a default peer's ({one_of(defaults)})")
    known: dict[str, Peer | None] = {**peers, **defaults}
    slots: dict[str, tuple[Peer, ...]] = {}
    for slot, value in section.section("slots", table.slots, "a slot").items():
        if slot not in table.slots:
            continue
        place = f"{section.at('slots')}.{slot}"
        names = read_texts(value, place, faults, "a list of names of peers")
        for index, name in enumerate(names):
            if name not in known:
                faults.add(f"{place}[{index}]", name, f"a peer, {one_of(known)}", nearest(name, known))
        slots[slot] = tuple(filter(None, (known.get(name) for name in names)))
    in_use = [peer for slot in table.slots for peer in slots.get(slot, table.default_peers(slot))]
    with faults.under(section.at("peers")):
        # Here a default peer, or a group under its role's name, may have the value of a peer.
        roles = {group.security_group_id: role for role, group in groups.items()}
        brought = (Peer(role, PeerKind.GROUP, id_) for id_, role in roles.items())
        check_distinct([*brought, *(peer for peer in in_use if peer.name in defaults), *in_use])
    with faults.under(section.at("peers")):
        check_former_names([*filter(None, peers.values()), *in_use])
    return slots


def _read_adopted(
    section: Section,
    table: Table,
    peers: Mapping[str, Peer | None],
    groups: Mapping[str, BroughtGroup],
    faults: Faults,
) -> dict[str, AdoptedGroup]:
    defaults = {peer.name: peer for slot in table.slots for peer in table.default_peers(slot)}
    known = {**peers, **defaults, **{peer.name: peer for peer in ANYWHERE}}
    found: dict[str, AdoptedGroup] = {}
    given = section.section("adopted", ADOPTABLE, "a role, or nodes")
    for role, value in given.items():
        group = Section(value, given.at(role), faults, _ADOPTED_KEYS)
        name, description = group.text("name", "the name that the group has"), group.value("description")
        if group.is_mapping and "description" not in group:
            faults.missing(group.at("description"), "the description that the group has")
        elif name is not None:
            kept = _read_kept(group, known, faults)
            tags = group.value("tags") if "tags" in group else {}
            with faults.under(group.place):
                found[role] = AdoptedGroup(name, description, tags, kept)  # type: ignore[arg-type]  # it refuses what is wrong
    with faults.under(""):
        tags, cluster = section.value("tags"), section.value("kubernetes_cluster")
        given_tags = tags if isinstance(tags, Mapping) else ()
        check_adopted(found, given.place, ADOPTABLE, groups, tags=given_tags, kubernetes_cluster=cluster)
    return found


def _read_kept(group: Section, known: Mapping[str, Peer | None], faults: Faults) -> tuple[KeptRule, ...]:
    entries = group.value("kept") if "kept" in group else []
    if not isinstance(entries, list):
        faults.add(group.at("kept"), entries, "a list of rules")
        return ()
    kept = []
    for index, entry in enumerate(entries):
        rule = Section(entry, f"{group.at('kept')}[{index}]", faults, _KEPT_KEYS)
        direction, port, name = rule.text("direction"), rule.text("port"), rule.text("peer")
        peer = None if name is None else known.get(name, name)
        if name is not None and name not in known and name not in ADOPTABLE:
            allowed = (*ADOPTABLE, *known)
            faults.add(rule.at("peer"), name, f"a role, or a peer, {one_of(allowed)}", nearest(name, allowed))
        elif direction is not None and port is not None and peer is not None:
            with faults.under(rule.at("port")):
                parsed = Port.parse(port)
                with faults.under(rule.place):
                    kept.append(KeptRule(direction, parsed, peer, rule.value("why") or ""))  # type: ignore[arg-type]  # likewise
    return tuple(kept)


def _read_backend(section: Section, faults: Faults) -> tuple[str, Mapping[str, object]]:
    backend = section.value("backend") if "backend" in section else DEFAULT_BACKEND
    allowed = 'one backend by its name, such as {"local": {"path": "..."}}'
    if not isinstance(backend, Mapping) or len(backend) != 1:
        faults.add(section.at("backend"), backend, allowed)
        return "", {}
    name, options = next(iter(backend.items()))
    if not _BACKEND.fullmatch(name):
        faults.add(section.at("backend"), name, allowed)
    if not isinstance(options, Mapping):
        faults.add(f"{section.at('backend')}.{name}", options, "a mapping of that backend's own keys")
        return name, {}
    _check_passable(options, f"{section.at('backend')}.{name}", faults)
    return name, options
