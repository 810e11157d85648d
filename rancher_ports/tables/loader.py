"""Table files, read and checked: all faults of all files at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from rancher_ports.errors import Fault, Faults, InputError, nearest, one_of
from rancher_ports.model.conditions import Condition
from rancher_ports.model.findings import CODES
from rancher_ports.model.names import is_name
from rancher_ports.model.peers import Peer, check_distinct
from rancher_ports.model.ports import Port, parse_ports
from rancher_ports.model.roles import DIRECTIONS, ROLES
from rancher_ports.model.rules import DESCRIPTION_ALLOWED, is_description
from rancher_ports.model.table import Feature, Protected, Requirement, Slot, Table
from rancher_ports.sections import Section

_INGRESS_ALONE = "ingress"
_SLOT_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DISTRIBUTION_KEYS = ("distribution", "title", "source", "cni", "publishes")
_SHARED_KEYS = ("name", "distributions", "source")
# Of a feature.
_SLOT_LISTS = ("replaces", "suggested_by")
_ROW_KEYS = ("port", "peers", "why", "feature", "unless", "cni", "source", "note", "disputed")


@dataclass(frozen=True, slots=True)
class _File:
    """One table file as read: of one distribution, or shared by several."""

    file: str
    name: str
    distributions: tuple[str, ...]
    title: str | None
    source: str
    cni: str | None
    slots: Mapping[str, Slot]
    features: Mapping[str, Feature]
    protected: Mapping[str, Protected]
    rows: tuple[tuple[str, Requirement], ...]  # each with its place in the file


def read_tables(files: Mapping[str, str]) -> dict[str, Table]:
    """Read table files that belong together.

    Args:
        files: the text (TOML) of each file by its name. A file with ``table.distribution`` is that
            distribution's; one with ``table.distributions`` is shared by those that it names.

    Returns:
        A table for each distribution, by name.

    Raises:
        InputError: with every fault of every file, its place and what to write instead.
    """
    faults = Faults()
    read: list[_File] = []
    for name, text in files.items():
        of_file = Faults()
        with faults.under(f"{name}:"):
            read.append(_read_file(name, text, of_file))
            of_file.raise_any()
    own: dict[str, _File] = {}
    for file in read:
        if file.title is not None and own.setdefault(file.name, file) is not file:
            allowed = f"each distribution once ({own[file.name].file} has it)"
            faults.add(f"{file.file}: table.distribution", file.name, allowed)
    shared = [file for file in read if file.title is None]
    for file in shared:
        for index, distribution in enumerate(file.distributions):
            if distribution not in own:
                place = f"{file.file}: table.distributions[{index}]"
                faults.add(place, distribution, one_of(own), nearest(distribution, own))
    tables: dict[str, Table] = {}
    seen: set[Fault] = set()
    for file in own.values():
        try:
            tables[file.name] = _combine(file, [other for other in shared if file.name in other.distributions])
        except InputError as error:
            # A fault in a shared file is met once for each distribution that it applies to.
            with faults.under(""):
                new = [fault for fault in error.faults if fault not in seen]
                seen.update(new)
                if new:
                    raise InputError(new) from None
    faults.raise_any()
    return tables


def _read_file(name: str, text: str, faults: Faults) -> _File:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault("", str(error), "TOML")]) from None
    top = Section(document, "", faults, ("table", "slots", "features", "protected", *ROLES))
    is_own = "distributions" not in top.section("table")
    table = top.section("table", _DISTRIBUTION_KEYS if is_own else _SHARED_KEYS)
    own_name = table.text("distribution" if is_own else "name")
    title = table.text("title") if is_own else None
    source = table.text("source") if is_own else table.optional_text("source")
    cni = table.text("cni") if is_own else None
    publishes = table.optional_text("publishes") if is_own else None
    if publishes not in (None, _INGRESS_ALONE):
        faults.add(
            table.at("publishes"), publishes, f'"{_INGRESS_ALONE}", or nothing where both directions are published'
        )
    distributions = (own_name or "",) if is_own else table.texts("distributions", "a list of distributions")
    slots = {key: _read_slot(key, value, faults) for key, value in top.section("slots").items()}
    features = {key: _read_feature(key, value, faults) for key, value in top.section("features").items()}
    protected = {key: _read_protected(key, value, source, faults) for key, value in top.section("protected").items()}
    one_end = publishes == _INGRESS_ALONE
    rows = tuple(
        (place, replace(row, one_end=one_end)) for place, row in _read_rows(top, own_name or name, source, faults)
    )
    return _File(
        file=name,
        name=own_name or name,
        distributions=distributions,
        title=(title or "") if is_own else None,
        source=source or "",
        cni=cni,
        slots=slots,
        features=features,
        protected=protected,
        rows=rows,
    )


def _read_slot(name: str, value: object, faults: Faults) -> Slot:
    place = f"slots.{name}"
    section = Section(value, place, faults, ("what", "note", "world", "default"))
    if not _SLOT_NAME.fullmatch(name) or name in ROLES:
        faults.add("slots", name, "a name of lower-case letters, digits and underscores that is no role")
    what = section.text("what")
    note = section.optional_text("note")
    default: list[Peer] = []
    entries = section.value("default")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        peer = Section(entry, f"{place}.default[{index}]", faults, ("name", "cidr"))
        peer_name, cidr = peer.text("name"), peer.text("cidr")
        if peer_name is not None and cidr is not None:
            with faults.under(peer.place):
                default.append(Peer.cidr(peer_name, cidr))
    if entries is not None and not isinstance(entries, list):
        faults.add(f"{place}.default", entries, "a list of { name, cidr }")
    return Slot(name, what or "", tuple(default), note, section.flag("world"))


def _read_feature(name: str, value: object, faults: Faults) -> Feature:
    section = Section(value, f"features.{name}", faults, ("what", *_SLOT_LISTS))
    if not is_name(name):
        faults.add("features", name, "a name of lower-case letters, digits and hyphens")
    slots = {key: section.texts(key, "a list of slots") for key in _SLOT_LISTS if key in section}
    return Feature(name, section.text("what") or "", **slots)


_GROUPS = "groups"


def _read_protected(name: str, value: object, table_source: str | None, faults: Faults) -> Protected:
    section = Section(value, f"protected.{name}", faults, ("ports", "only", "why", "source"))
    known = [code.removesuffix("-exposed") for code in CODES if code.endswith("-exposed")]
    if name not in known:
        faults.add("protected", name, f"what has a finding of its own, {one_of(known)}", nearest(name, known))
    ports: list[Port] = []
    texts = section.texts("ports", 'a list of ports such as "443/tcp"')
    for index, text in enumerate(texts):
        with faults.under(f"{section.at('ports')}[{index}]"):
            ports += parse_ports(text)
    if not texts and section.is_mapping and section.value("ports") in (None, []):
        faults.missing(section.at("ports"), "at least one port")
    only: tuple[str, ...] | None = None
    if section.value("only") != _GROUPS:
        only = section.texts("only", f'a list of roles, or "{_GROUPS}" for any security group')
        for index, role in enumerate(only):
            if role not in ROLES:
                faults.add(f"{section.at('only')}[{index}]", role, one_of(ROLES), nearest(role, ROLES))
        if not only and section.is_mapping and section.value("only") in (None, []):
            faults.missing(section.at("only"), f'at least one role, or "{_GROUPS}" for any security group')
    why = section.text("why")
    source = section.optional_text("source") or table_source
    if not source and section.is_mapping:
        faults.missing(section.at("source"), "the document this comes from, here or under [table]")
    return Protected(name, tuple(ports), only, why or "", source or "")


def _read_rows(top: Section, table: str, source: str | None, faults: Faults) -> Iterator[tuple[str, Requirement]]:
    for role in ROLES:
        heading = top.section(role, DIRECTIONS, "a direction")
        for direction in DIRECTIONS:
            rows = heading.value(direction)
            if rows is not None and not isinstance(rows, list):
                faults.add(heading.at(direction), rows, f"rows, each under [[{role}.{direction}]]")
                continue
            for index, row in enumerate(rows or []):
                section = Section(row, f"{heading.at(direction)}[{index}]", faults, _ROW_KEYS)
                requirement = _read_row(section, f"{table}/{role}/{direction}", source, faults)
                if requirement is not None:
                    yield section.place, requirement


def _read_row(row: Section, heading: str, table_source: str | None, faults: Faults) -> Requirement | None:
    ports: tuple[Port, ...] = ()
    port = row.text("port", 'a port such as "443/tcp"')
    if port is not None:
        with faults.under(row.at("port")):
            ports = parse_ports(port)
    peers = row.texts("peers", "a list of roles and slots")
    if not peers and row.is_mapping and row.value("peers") in (None, []):
        faults.missing(row.at("peers"), "at least one role or slot")
    why = row.text("why")
    if why is not None and not is_description(why):
        faults.add(row.at("why"), why, DESCRIPTION_ALLOWED)
    source = _read_source(row, table_source, faults)
    feature, unless = row.optional_text("feature"), row.optional_text("unless")
    cnis = row.texts("cni", "a container network or a list of them") if isinstance(row.value("cni"), list) else ()
    if "cni" in row and not isinstance(row.value("cni"), list):
        cnis = tuple(filter(None, [row.optional_text("cni")]))
    if row.value("cni") == []:
        faults.add(row.at("cni"), [], "at least one container network; none at all where the row always applies")
    for cni in cnis:
        if not is_name(cni):
            faults.add(row.at("cni"), cni, "a name of lower-case letters, digits and hyphens")
    cnis = tuple(sorted(cnis))
    note, disputed = row.optional_text("note"), row.optional_text("disputed")
    if not (ports and peers and why and source):
        return None
    _, role, direction = heading.split("/")
    suffix = [part for part in (feature, "+".join(cnis)) if part]
    return Requirement(
        id="/".join([heading, f"{ports[0].text}{''.join(f'+{other.protocol}' for other in ports[1:])}", *suffix]),
        role=role,
        direction="ingress" if direction == "ingress" else "egress",
        ports=ports,
        peers=peers,
        why=why,
        source=source,
        when=Condition(feature=feature, cnis=cnis, unless=(Condition(feature=unless),) if unless else ()),
        note=note,
        disputed=disputed,
    )


def _read_source(row: Section, table_source: str | None, faults: Faults) -> str | None:
    source = row.optional_text("source") or table_source
    if not source and row.is_mapping:
        faults.missing(row.at("source"), "the document this row comes from, here or under [table]")
    elif source and not all(part.strip() for part in source.split(";")):
        faults.add(row.at("source"), source, "the documents this row comes from, with ; between them")
    return source


def _combine(file: _File, shared: Iterable[_File]) -> Table:
    """One distribution's table: its own file and what it shares with others."""
    faults = Faults()
    parts = [file, *shared]
    slots: dict[str, Slot] = {}
    features: dict[str, Feature] = {}
    protected: dict[str, Protected] = {}
    for part in parts:
        _check_once(part, "slots", part.slots, slots, faults)
        _check_once(part, "protected", part.protected, protected, faults)
        protected.update(part.protected)
        _check_once(part, "features", part.features, features, faults)
        slots.update(part.slots)
        features.update(part.features)
    rows = [(f"{part.file}: {place}", row) for part in parts for place, row in part.rows]
    for place, row in rows:
        _check_names(place, row, slots, features, faults)
    _check_flows(rows, faults)
    for part in parts:
        _check_used(part, [row for _, row in rows], slots, faults)
    cnis = dict.fromkeys(cni for _, row in rows for cni in row.when.cnis)
    if cnis and file.cni not in cnis:
        allowed = f"a container network that a row names, {one_of(cnis)}"
        faults.add(f"{file.file}: table.cni", file.cni, allowed, nearest(file.cni, cnis))
    with faults.under(f"{file.file}: slots"):
        check_distinct(peer for slot in slots.values() for peer in slot.default)
    faults.raise_any()
    return Table(
        distribution=file.name,
        title=file.title or "",
        source=file.source,
        cni=file.cni or "",
        slots=slots,
        features=features,
        requirements=tuple(row for _, row in rows),
        protected=protected,
    )


def _check_once(part: _File, what: str, added: Iterable[str], known: Mapping[str, object], faults: Faults) -> None:
    for name in added:
        if name in known:
            faults.add(f"{part.file}: {what}", name, "each name once; another file has it")


def _check_used(part: _File, rows: Sequence[Requirement], slots: Mapping[str, Slot], faults: Faults) -> None:
    used = {peer for row in rows for peer in row.peers}
    for name in part.slots:
        if name not in used:
            faults.add(f"{part.file}: slots", name, "a slot that a row names")
    for name, feature in part.features.items():
        if name not in {row.when.feature for row in rows}:
            faults.add(f"{part.file}: features", name, "a feature that a row names")
        for key, named in (("replaces", feature.replaces), ("suggested_by", feature.suggested_by)):
            for index, slot in enumerate(named):
                if slot not in slots:
                    place = f"{part.file}: features.{name}.{key}[{index}]"
                    faults.add(place, slot, f"a slot, {one_of(slots)}", nearest(slot, slots))


def _check_names(
    place: str, row: Requirement, slots: Mapping[str, Slot], features: Mapping[str, Feature], faults: Faults
) -> None:
    if row.when.feature is not None and row.when.feature in {other.feature for other in row.when.unless}:
        faults.add(f"{place}.unless", row.when.feature, "another feature than the one under which the row applies")
    for key, feature in (("feature", row.when.feature), *(("unless", other.feature) for other in row.when.unless)):
        if feature is not None and feature not in features:
            allowed = f"a feature under [features], {one_of(features)}"
            faults.add(f"{place}.{key}", feature, allowed, nearest(feature, features))
    names = (*ROLES, *slots)
    for index, peer in enumerate(row.peers):
        if peer not in names:
            faults.add(f"{place}.peers[{index}]", peer, f"a role or a slot, {one_of(names)}", nearest(peer, names))


def _check_flows(rows: Iterable[tuple[str, Requirement]], faults: Faults) -> None:
    """Refuse a row, or a flow of one, that stands there twice."""
    ids: set[str] = set()
    flows: dict[tuple[str, str, Port, str, Condition], str] = {}
    for place, row in rows:
        if row.id in ids:
            faults.add(place, row.id, "each row once; its peers belong to the first one")
            continue
        ids.add(row.id)
        for port, peer in product(row.ports, row.peers):
            first = flows.setdefault((row.role, row.direction, port, peer, row.when), row.id)
            if first != row.id:
                faults.add(place, f"{port.text} {peer}", f"each flow once; {first} has it already")
