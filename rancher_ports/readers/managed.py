"""Which security groups and rules Terraform's state manages, and on which groups the rules stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rancher_ports.readers.documents import check_state
from rancher_ports.readers.plan_objects import state_entries
from rancher_ports.readers.references import module_path
from rancher_ports.readers.resources import NAMED_TYPES, RULE_RESOURCES
from rancher_ports.sections import mapping

# It revokes every rule on its group that it does not name.
_TYPES = (*NAMED_TYPES, *RULE_RESOURCES, "aws_vpc_security_group_rules_exclusive")


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
    return tuple(_read(mapping(check_state(document).get("values"), "values").get("root_module")))


def _read(module: object) -> Iterator[ManagedObject]:
    for entry in state_entries(module, _TYPES):
        key = "id" if entry.get("type") in NAMED_TYPES else "security_group_id"
        id_ = mapping(entry.get("values"), "values").get(key)
        if entry.get("mode") == "managed" and isinstance(id_, str):
            path = "".join(f"module.{name}." for name in module_path(str(entry.get("module_address") or "")))
            yield ManagedObject(str(entry.get("address")), f"{path}{entry.get('type')}.{entry.get('name')}", id_)
