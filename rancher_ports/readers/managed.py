"""Which security groups and rules Terraform's state manages, and on which groups the rules stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rancher_ports.readers.plan_objects import PlanObjects
from rancher_ports.readers.references import module_path
from rancher_ports.readers.resources import NAMED_TYPES, RULE_RESOURCES


@dataclass(frozen=True, slots=True)
class ManagedObject:
    """A group or a rule in a state.

    Args:
        address: where it stands, with its module and the key of its instance.
        resource: its resource in the configuration, without keys: what a ``removed`` block names.
        group_id: the id of the group that it is, or that it stands on.
    """

    address: str
    resource: str
    group_id: str


def read_managed(document: object) -> tuple[ManagedObject, ...]:
    """The groups and rules in a state.

    Args:
        document: what ``terraform show -json`` printed of it.

    Raises:
        InputError: it is no state, or something in it is of another form than documented.
    """
    return tuple(_read(PlanObjects.of_state(document, "")))


def _read(objects: PlanObjects) -> Iterable[ManagedObject]:
    for one in objects.managed:
        if one.type not in (*NAMED_TYPES, *RULE_RESOURCES):
            continue
        values = one.values("after") or {}
        id_ = values.get("id" if one.type in NAMED_TYPES else "security_group_id")
        if isinstance(id_, str):
            module = "".join(f"module.{name}." for name in module_path(one.module))
            yield ManagedObject(one.address, f"{module}{one.resource}", id_)
