"""Rules and rule sets: templates filled in; what stacks render and readers return."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, Direction, GroupKey

DESCRIPTION_LENGTH = 255
# What EC2 takes in the description of a rule (EC2 API reference, IpRange and UserIdGroupPair).
DESCRIPTION_CHARACTERS = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
DESCRIPTION_PATTERN = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]"
_DESCRIPTION = re.compile(f"{DESCRIPTION_PATTERN}*")
DESCRIPTION_ALLOWED = f"at most {DESCRIPTION_LENGTH} characters of {DESCRIPTION_CHARACTERS}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One security group rule.

    Args:
        group: the group that carries it; a string, an id or a reference, for a group that realises no
            role.
        direction: ``ingress`` or ``egress``.
        port: protocol and port range.
        peer: who is at the other end.
        because: ids of the requirements it serves, in the table's order.
        description: what AWS shows, at most 255 characters.
    """

    group: GroupKey | str
    direction: Direction
    port: Port
    peer: Peer
    because: tuple[str, ...] = ()
    description: str = ""

    @property
    def identity(self) -> tuple[GroupKey | str, Direction, Port, Peer]:
        """What makes it this rule. Why it is there and how it is described do not."""
        return self.group, self.direction, self.port, self.peer


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Groups and their rules, in one order whatever order they came in.

    Args:
        groups: the groups whose rules these are, all of them: one without rules admits nothing.
        rules: the rules; made by :meth:`of`, which sorts them.
    """

    groups: tuple[GroupKey | str, ...]
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, groups: Iterable[GroupKey | str], rules: Iterable[Rule]) -> RuleSet:
        """A rule set of these groups and of those that the rules stand on."""
        rules = tuple(rules)
        every = {*groups, *(rule.group for rule in rules)}
        return cls(tuple(sorted(every, key=_group_order)), tuple(sorted(rules, key=_rule_order)))

    def __or__(self, other: RuleSet) -> RuleSet:
        return RuleSet.of((*self.groups, *other.groups), (*self.rules, *other.rules))

    def of_group(self, group: GroupKey | str) -> tuple[Rule, ...]:
        """The rules that stand on one group."""
        return tuple(rule for rule in self.rules if rule.group == group)


def is_description(text: str) -> bool:
    """Whether EC2 takes a text as the description of a rule."""
    return len(text) <= DESCRIPTION_LENGTH and _DESCRIPTION.fullmatch(text) is not None


def describe(reasons: Iterable[str]) -> str:
    """One description of several reasons: each once, in the order given, at most 255 characters."""
    text = "; ".join(dict.fromkeys(reasons))
    if len(text) > DESCRIPTION_LENGTH:
        text = text[: DESCRIPTION_LENGTH - 3].rstrip() + "..."
    return text


def _group_order(group: GroupKey | str) -> tuple[str, int, str]:
    if isinstance(group, str):
        return "", -1, group
    place = ROLES.index(group.role) if group.role in ROLES else len(ROLES)
    return group.owner, place, group.role


def _rule_order(rule: Rule) -> tuple[object, ...]:
    # Ingress before egress, as documents have it. Values of peers come last and as text: they may be
    # expressions, whose text says nothing about what they will be.
    return (
        *_group_order(rule.group),
        rule.direction == "egress",
        rule.port.span,
        rule.peer.name,
        rule.peer.kind,
        str(rule.peer.value),
    )
