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

    Those count as well that are for the owners of brought groups to write, and to take away.

    Args:
        templates: of both tables.
        deployment: what the user chose of them.
    """
    choices = deployment.choices
    if choices.former is None:
        return ()
    templates = tuple(templates)
    brought = {role: binding for role, binding in deployment.bindings.items() if binding.brought is not None}
    written = {role: replace(binding, writes=True) for role, binding in brought.items()}
    both = replace(deployment, bindings={**deployment.bindings, **written})
    stays = {rule.identity for rule in fill(templates, replace(both, choices=replace(choices, former=None))).rules}
    former = [rule for rule in fill(templates, both).rules if rule.identity not in stays]
    groups = dict.fromkeys(str(rule.group) for rule in former)
    theirs = [str(b.group) for b in brought.values() if not b.writes and str(b.group) in groups]
    named = ", ".join(groups)
    closes = "closes them" if former else "closes nothing here"
    left = f" Those on {' and '.join(theirs)} are for the groups' owners to close." if theirs else ""
    finding = Finding(
        code="migrating",
        severity="info",
        place=named or describe(choices),
        sentence=(
            f"Nodes migrate from {describe(choices.former)} to {describe(choices)}. "
            f"Rules for the former alone: {len(former)}{f', on {named}' if groups else ''}."
        ),
        fix=f"Take migrating_from out when the last of these nodes is gone, which {closes}.{left}",
    )
    return (finding,)
