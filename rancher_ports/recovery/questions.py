"""What EC2 has to be asked about before anything can be decided."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.addresses import GROUP_TYPE, RULE_TYPES
from rancher_ports.model.tags import group_key
from rancher_ports.readers.described import DescribedGroup
from rancher_ports.readers.plan import Plan


def roles(plan: Plan) -> tuple[str, ...]:
    """The roles of the plan's groups: which groups to ask for.

    Not only those of the plan's owners: a group from before a renaming has another one.
    """
    values = (values for group in plan.of_type(GROUP_TYPE) for values in (group.before, group.after))
    keys = (group_key(some.get("tags")) for some in values)
    return tuple(sorted({key.role for key in keys if key is not None}))


def regions(plan: Plan) -> tuple[str | None, ...]:
    """The regions of the plan's groups and rules: where to ask. None stands for whichever is usual."""
    found = {resource.region for resource in plan.of_type(GROUP_TYPE, *RULE_TYPES.values())}
    return tuple(sorted(found, key=str))


def group_ids(plan: Plan, groups: Iterable[DescribedGroup]) -> tuple[str, ...]:
    """The groups on which the plan has rules or may have lost some: whose rules to ask for."""
    return tuple(sorted({group.id for group in groups} | groups_with_rules(plan)))


def groups_with_rules(plan: Plan) -> set[str]:
    """The ids of groups that the state knows, or on which the plan's rules are known to stand."""
    values = (values for rule in plan.of_type(*RULE_TYPES.values()) for values in (rule.before, rule.after))
    named = (some.get("security_group_id") for some in values)
    return {id_ for id_ in named if isinstance(id_, str)} | set(plan.known(GROUP_TYPE))
