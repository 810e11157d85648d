"""Rules that adopted groups keep, though no document asks for them."""

from __future__ import annotations

from collections.abc import Iterator

from rancher_ports.model.adopting import is_kept
from rancher_ports.model.findings import Finding
from rancher_ports.model.rules import RuleSet

# More hide what they are about.
_NAMED = 5


def without_kept(rules: RuleSet) -> RuleSet:
    """The rules that somebody asked for."""
    return RuleSet.of(rules.groups, (rule for rule in rules.rules if not is_kept(rule)))


def kept(rules: RuleSet) -> tuple[Finding, ...]:
    """A finding for each group that keeps rules, whatever they open: they were open before.

    Args:
        rules: what is written.
    """
    return tuple(_findings(rules))


def _findings(rules: RuleSet) -> Iterator[Finding]:
    for group in rules.groups:
        found = [rule for rule in rules.of_group(group) if is_kept(rule)]
        if not found:
            continue
        named = [
            f"{rule.direction} {rule.port} {'from' if rule.direction == 'ingress' else 'to'} {rule.peer}"
            for rule in found[:_NAMED]
        ]
        more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        what = "a rule" if len(found) == 1 else f"{len(found)} rules"
        yield Finding(
            code="kept-rules",
            severity="warning",
            place=str(group),
            sentence=f"{group} keeps {what} that it had before it was adopted: {', '.join(named)}{more}.",
            fix="Take out of kept what nothing needs; `rancher-ports review` shows what that closes.",
        )
