"""Migrations: the ports of two distributions, or of two container networks, open side by side.

Nodes of the old kind and of the new share their groups until the last of the old is gone, so that what either needs has
to be open meanwhile. Laws, which tests hold: side by side there are the rules of the one and those of the other, at the
addresses that they have alone. So the first step of a migration closes nothing, and the last one opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypedDict, cast

from rancher_ports.errors import Faults, nearest, one_of, refuse
from rancher_ports.model.conditions import Choices
from rancher_ports.model.table import Protected, Requirement, Table, choose
from rancher_ports.sections import Section


class MigratingFrom(TypedDict, total=False):
    """What nodes migrate from, which has to be something else than they migrate to.

    Args:
        distribution: its distribution; the same one by default.
        cni: its container network, which has no default.
        features: names of its features; by default those of what it becomes, as far as it has them.
    """

    distribution: str
    cni: str
    features: list[str]


_PLACE = "migrating_from"
_KEYS = tuple(MigratingFrom.__annotations__)


def unchosen(table: Table) -> Choices:
    """What stands in for choices that are at fault, so that what nodes migrate from is looked at nevertheless."""
    return replace(choose(table), cni="")


def migrate(table: Table, choices: Choices, given: object, tables: Mapping[str, Table]) -> tuple[Table, Choices]:
    """A table and choices of it, together with what nodes migrate from.

    Args:
        table: the ports of what they migrate to.
        choices: what the user chose of it.
        given: what they migrate from, see :class:`MigratingFrom`, as the user gave it.
        tables: the port tables to choose from, by distribution.

    Returns:
        The rows of both, and choices under which those of either apply.

    Raises:
        InputError: with every fault in what was given.
    """
    faults = Faults()
    section = Section(given, _PLACE, faults, _KEYS)
    name = section.value("distribution") if "distribution" in section else table.distribution
    former = tables.get(name) if isinstance(name, str) else None
    if former is None:
        faults.add(section.at("distribution"), name, one_of(tables), nearest(name, tables))
        raise faults.error()
    if section.value("cni") is None and section.is_mapping:
        # No default: a network that nobody named would close what the nodes have at the first step.
        faults.missing(section.at("cni"), f"the container network that the nodes have, {one_of(former.cnis)}")
    features = section.value("features") if "features" in section else sorted(choices.features & set(former.features))
    cni: Any = section.value("cni")
    chosen = None
    with faults.under(_PLACE):
        chosen = choose(
            former, features=cast("Any", features), cni=cni, one_sided=choices.one_sided, egress=choices.egress
        )
    faults.raise_any()
    if chosen is None or (former.distribution, chosen.cni) == (table.distribution, choices.cni):
        raise refuse(_PLACE, describe(choices), "something else than what nodes migrate to")
    return beside(table, former), replace(choices, former=chosen)


def given_as(choices: Choices) -> MigratingFrom | None:
    """What :func:`migrate` was given to come to these choices; None where nothing migrates."""
    former = choices.former
    if former is None or former.distribution is None:
        return None
    return MigratingFrom(distribution=former.distribution, cni=former.cni, features=sorted(former.features))


def describe(choices: Choices) -> str:
    """What nodes are, such as ``rke2 with cilium``."""
    return f"{choices.distribution} with {choices.cni}"


def beside(table: Table, former: Table) -> Table:
    """The rows of two tables, each on the condition that its distribution's choices hold.

    Rows that both share stay as they are. The default peers of a slot are those of the table that a row comes from.

    Args:
        table: comes first, and gives its name.
        former: another distribution's, or the same table, which has all rows already.
    """
    if former.distribution == table.distribution:
        return table
    shared = set(table.requirements) & set(former.requirements)
    return replace(
        table,
        slots={**table.slots, **{name: slot for name, slot in former.slots.items() if name not in table.slots}},
        features={**former.features, **table.features},
        requirements=(*_rows(table, shared), *(row for row in _rows(former, shared) if row not in shared)),
        protected={**former.protected, **table.protected, **_protected(table, former)},
        former=former,
    )


def _rows(table: Table, shared: set[Requirement]) -> list[Requirement]:
    return [
        row if row in shared else replace(row, when=replace(row.when, distribution=table.distribution))
        for row in table.requirements
    ]


def _protected(table: Table, former: Table) -> dict[str, Protected]:
    both = ((one, former.protected[name]) for name, one in table.protected.items() if name in former.protected)
    return {one.name: replace(one, ports=tuple(dict.fromkeys([*one.ports, *other.ports]))) for one, other in both}
