"""Whether nodes still migrate, and what is open for those that have not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.findings import Finding
from rancher_ports.model.migration import describe
from rancher_ports.model.templates import RuleTemplate


def migrating(templates: Iterable[RuleTemplate], deployment: Deployment) -> tuple[Finding, ...]:
    """One finding while nodes migrate, with how many rules only the former ones need.

    Args:
        templates: of both tables.
        deployment: what the user chose of them.
    """
    choices = deployment.choices
    if choices.former is None:
        return ()
    templates = tuple(templates)
    after = replace(deployment, choices=replace(choices, former=None))
    stays = {rule.identity for rule in fill(templates, after).rules}
    former = [rule for rule in fill(templates, deployment).rules if rule.identity not in stays]
    groups = ", ".join(dict.fromkeys(str(rule.group) for rule in former))
    finding = Finding(
        code="migrating",
        severity="info",
        place=groups or describe(choices),
        sentence=(
            f"Nodes migrate from {describe(choices.former)} to {describe(choices)}. "
            f"Rules for the former alone: {len(former)}{f', on {groups}' if groups else ''}."
        ),
        fix="Take migrating_from out when the last of these nodes is gone, which closes them.",
    )
    return (finding,)
