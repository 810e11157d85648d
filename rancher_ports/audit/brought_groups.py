"""Groups that exist already and get no rules of ours."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.findings import Finding
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule


def brought_groups(left_out: Iterable[Rule]) -> tuple[Finding, ...]:
    """A finding for each brought group that somebody else has to add rules to, with those rules.

    Args:
        left_out: the rules in question, as :func:`rancher_ports.model.deployment.left_out` gives them.
    """
    found: dict[GroupKey | str, dict[tuple[str, str], list[str]]] = {}
    for rule in left_out:
        # Whoever adds the rule by hand needs the value; a group of ours has none before apply.
        value = "" if isinstance(rule.peer.value, GroupKey) or not rule.peer.is_known else f" ({rule.peer.value})"
        end = f"{'from' if rule.direction == 'ingress' else 'to'} {rule.peer.name}{value}"
        found.setdefault(rule.group, {}).setdefault((rule.direction, end), []).append(str(rule.port))
    return tuple(_finding(str(group), halves) for group, halves in found.items())


def _finding(group: str, halves: dict[tuple[str, str], list[str]]) -> Finding:
    listed = ", ".join(f"{direction} {'+'.join(ports)} {end}" for (direction, end), ports in halves.items())
    return Finding(
        code="brought-group",
        severity="warning",
        place=group,
        sentence=f"The group of {group} exists already and gets no rules here, but needs {listed}.",
        fix="Add them there, or set add_rules for it.",
    )
