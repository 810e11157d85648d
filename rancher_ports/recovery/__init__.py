"""After an apply that broke off: what EC2 has and Terraform's state does not know.

A create whose answer is lost leaves a group or a rule behind. The next apply makes a second group, or fails at
the second rule, unless an import block brings the first one into the state.
"""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.readers.described import DescribedGroup, DescribedRule
from rancher_ports.readers.plan import Plan
from rancher_ports.recovery.groups import decide_groups
from rancher_ports.recovery.questions import group_ids, regions, roles
from rancher_ports.recovery.result import Import, Leftover, Recovery
from rancher_ports.recovery.rules import decide_rules


def recover(
    plan: Plan,
    groups: Iterable[DescribedGroup],
    rules: Iterable[DescribedRule],
    former_owners: frozenset[str] = frozenset(),
) -> Recovery:
    """What to import, and what is left for a person.

    Args:
        plan: what Terraform is about to do.
        groups: the groups that EC2 has, at least those of the plan's roles.
        rules: the rules that EC2 has, at least those on the groups of :func:`group_ids`.
        former_owners: prefixes that the groups had before they were renamed.

    Returns:
        Both in one order, whatever order the groups and rules came in.

    Raises:
        InputError: with a fault for each planned rule whose port is none.
    """
    rules = tuple(rules)
    decided = decide_groups(plan, groups, rules, former_owners)
    imports, leftovers = decide_rules(plan, decided, rules)
    return Recovery(
        imports=tuple(sorted((*decided.imports(), *imports), key=lambda found: found.address)),
        leftovers=tuple(sorted((*decided.leftovers, *leftovers), key=lambda left: (left.code, left.place))),
    )


__all__ = ["Import", "Leftover", "Recovery", "group_ids", "recover", "regions", "roles"]
