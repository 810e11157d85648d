"""Security groups that Rancher's node drivers make: tables to compare with, not to deploy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from rancher_ports.errors import Fault, Faults, InputError, one_of
from rancher_ports.model.ports import parse_ports
from rancher_ports.model.roles import CLUSTER_ROLES, DIRECTIONS, Direction
from rancher_ports.model.rules import DESCRIPTION_ALLOWED, is_description
from rancher_ports.model.table import Requirement, Table
from rancher_ports.model.templates import ANYWHERE_SLOT
from rancher_ports.sections import Section

NODES = "nodes"
_PEERS = (NODES, ANYWHERE_SLOT.name)


@cache
def load_driver_groups() -> Mapping[str, Table]:
    """The groups that come with this package, by the driver's name; read once in a process."""
    folder = files(__name__)
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")}
    groups = (read_driver_group(name, text) for name, text in sorted(texts.items()))
    return MappingProxyType({group.distribution: group for group in groups})


def read_driver_group(name: str, text: str) -> Table:
    """Read the file of one group.

    Args:
        name: the file's.
        text: its content, TOML.

    Returns:
        A table of which the three roles of a cluster have the same rows: nodes share the group, whatever their roles.

    Raises:
        InputError: with every fault in it.
    """
    faults = Faults()
    with faults.under(f"{name}:"):
        return _read(text)
    raise faults.error()


def _read(text: str) -> Table:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault("", str(error), "TOML")]) from None
    faults = Faults()
    top = Section(document, "", faults, ("group", *DIRECTIONS))
    group = top.section("group", ("name", "title", "source"))
    name, title, source = group.text("name"), group.text("title"), group.text("source")
    rows = [row for direction in DIRECTIONS for row in _read_rows(top, direction, name or "", source or "", faults)]
    faults.raise_any()
    return Table(
        distribution=name or "",
        title=title or "",
        source=source or "",
        cni="",
        slots={ANYWHERE_SLOT.name: ANYWHERE_SLOT},
        features={},
        requirements=tuple(sorted(rows, key=lambda row: CLUSTER_ROLES.index(row.role))),
    )


def _read_rows(top: Section, direction: Direction, group: str, source: str, faults: Faults) -> Iterator[Requirement]:
    rows = top.value(direction)
    if rows is not None and not isinstance(rows, list):
        faults.add(direction, rows, f"rows, each under [[{direction}]]")
    taken: set[str] = set()
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        section = Section(row, f"{direction}[{index}]", faults, ("port", "peer", "why", "note"))
        port, peer, why = section.text("port", 'a port such as "443/tcp"'), section.text("peer"), section.text("why")
        if peer is not None and peer not in _PEERS:
            faults.add(section.at("peer"), peer, one_of(_PEERS))
        if why is not None and not is_description(why):
            faults.add(section.at("why"), why, DESCRIPTION_ALLOWED)
        if port is None:
            continue
        if port in taken:
            faults.add(section.at("port"), port, "each port once in a direction")
        taken.add(port)
        with faults.under(section.at("port")):
            ports = parse_ports(port)
            for role in CLUSTER_ROLES:
                yield Requirement(
                    id=f"{group}/{role}/{direction}/{port}",
                    role=role,
                    direction=direction,
                    ports=ports,
                    peers=CLUSTER_ROLES if peer == NODES else (ANYWHERE_SLOT.name,),
                    why=why or "",
                    source=source,
                    note=section.optional_text("note"),
                    one_end=direction == "ingress",
                )
