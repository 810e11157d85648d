"""Plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.findings import Finding
from rancher_ports.model.rules import RuleSet

# No line is broken before that, however narrow a terminal is.
NARROW = 40


def summary(rules: RuleSet, where: str) -> str:
    """How many groups and rules there are, and where they stand: one line each.

    Args:
        rules: what was synthesized.
        where: the file that holds it.
    """
    ingress = sum(rule.direction == "ingress" for rule in rules.rules)
    egress = len(rules.rules) - ingress
    return (
        f"{len(rules.groups)} security groups, {len(rules.rules)} rules ({ingress} ingress, {egress} egress)\n"
        f"JSON: {where}"
    )


def findings(found: Iterable[Finding]) -> str:
    """Findings, a line each, the gravest first; or that there are none."""
    lines = [f"{finding.severity}: {finding}" for finding in found]
    return "\n".join(lines) if lines else "no findings"
