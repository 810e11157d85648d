"""Groups that exist against the documents: what is needed, wider than that, nobody's, and missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

from rancher_ports.adoption.assignments import Assignment
from rancher_ports.adoption.controllers import is_controllers
from rancher_ports.model.bindings import Binding
from rancher_ports.model.blocks import read_block
from rancher_ports.model.conditions import Choices, Condition
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.intervals import Interval, Intervals, difference, intersection, overlap, union
from rancher_ports.model.peers import Peer, PeerKind
from rancher_ports.model.ports import Port, ports_between
from rancher_ports.model.roles import GroupKey
from rancher_ports.model.rules import Rule
from rancher_ports.model.table import Table
from rancher_ports.model.templates import templates
from rancher_ports.readers.described import DescribedGroup, DescribedRule, RuleIdentity
from rancher_ports.settings import Settings

Verdict = Literal["needed", "within", "wider", "unfilled-slot", "unneeded", "controller"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Cover = Literal["no", "perhaps", "yes"]

_BLOCKS = (PeerKind.IPV4, PeerKind.IPV6)


@dataclass(frozen=True, slots=True)
class Beyond:
    """Addresses that a rule names beyond those that are needed on the same ports.

    Args:
        ports: ports that are needed of it.
        addresses: how many addresses, of at least one; None where that cannot be counted.
    """

    ports: tuple[Port, ...]
    addresses: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule that exists, and what the documents say of it.

    Args:
        rule: as EC2 has it.
        verdict: ``needed`` as it is; ``within`` what is needed, of which it is a part; ``wider`` than what is needed;
            documented for peers of an ``unfilled-slot``; ``unneeded``, and so nobody's; a cloud ``controller``'s, which
            is left alone.
        needed: the ports that are needed of it, and for whom.
        ports: what it opens beyond the ports that are needed.
        addresses: the addresses that it names beyond those that are needed on one port or another.
        others: of an unneeded rule, for whom its ports are documented instead.
        otherwise: of an unneeded rule, what to choose for its ports to be documented: ``cni calico``,
            ``feature ssh-admin``.
        slots: the unfilled slots for whose peers its ports are documented.
    """

    rule: DescribedRule
    verdict: Verdict
    needed: tuple[tuple[str, str], ...] = ()
    ports: tuple[Port, ...] = ()
    addresses: tuple[Beyond, ...] = ()
    others: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lacking:
    """A rule that the documents ask for and a group does not have as such.

    Args:
        rule: what they ask for.
        group: the group that lacks it.
        covered: whether other rules of the group let it pass: ``no``; ``perhaps``, where they name blocks or prefix
            lists that may hold the nodes meant; or ``yes``.
        by: the ids of these rules.
    """

    rule: Rule
    group: DescribedGroup
    covered: Cover
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comes of it.

    Args:
        judged: every rule of the groups, group by group in the order of the assignments, by verdict and port.
        lacking: what they do not have, in the order of the documents' rules.
    """

    judged: tuple[Judged, ...]
    lacking: tuple[Lacking, ...]


def compare(
    settings: Settings,
    assignments: Iterable[Assignment],
    described: tuple[Iterable[DescribedGroup], Iterable[DescribedRule]],
    ids: Mapping[GroupKey, str],
) -> Comparison:
    """Hold the rules of groups against a table.

    A group that several roles have needs what any of them needs, and stands for each of them in the rules of others.

    Args:
        settings: the documented ports, what is chosen of them, and who is in the slots.
        assignments: the groups.
        described: what else EC2 has: groups, by whose names the cloud controller's are known, and rules.
        ids: the ids of groups that exist, by the keys under which the app's rules name them.
    """
    table, deployment, owner = settings.table, settings.deployment, settings.prefix
    assignments, (groups, rules) = tuple(assignments), described
    groups, rules = tuple(groups), tuple(rules)
    shared = {role: Binding(one.key(owner)) for one in assignments for role in one.roles if role in deployment.bindings}
    together = replace(deployment, bindings={**deployment.bindings, **shared}, kept=())
    asked_for = fill(templates(table), together).rules
    judged: list[Judged] = []
    lacking: list[Lacking] = []
    for one in assignments:
        needed = [_Needed.of(rule, ids) for rule in asked_for if rule.group == one.key(owner)]
        own = [rule for rule in rules if rule.identity.group_id == one.group.id]
        found = [_judge(rule, one, needed, _Undocumented.of(table, deployment, one, rule), groups) for rule in own]
        judged += sorted(found, key=_order)
        lasting = [rule for rule in own if not is_controllers(rule, one.group, groups)]
        lacking += [
            _lack(one, want, lasting) for want in needed if not any(want.is_rule(rule.identity) for rule in own)
        ]
    return Comparison(tuple(judged), tuple(lacking))


@dataclass(frozen=True, slots=True)
class _Needed:
    """A rule that is asked for; the value of its peer is None where that is a group that does not exist yet."""

    rule: Rule
    kind: PeerKind
    value: str | None

    @classmethod
    def of(cls, rule: Rule, ids: Mapping[GroupKey, str]) -> _Needed:
        value = rule.peer.value
        return cls(rule, rule.peer.kind, ids.get(value) if isinstance(value, GroupKey) else value)

    def is_rule(self, there: RuleIdentity) -> bool:
        """Whether EC2 would refuse it as a second one beside a rule that exists, of its group."""
        return (there.direction, there.port, there.kind, there.peer) == (
            self.rule.direction,
            self.rule.port,
            self.kind,
            self.value,
        )

    def may_be_meant_by(self, there: RuleIdentity) -> bool:
        """Whether a rule that exists may be there for the same peer, whatever its ports are."""
        if self.kind is there.kind and self.value == there.peer:
            return True
        if there.kind is PeerKind.GROUP:
            return False
        if self.kind in _BLOCKS and there.kind in _BLOCKS:
            return _overlap(str(self.value), there.peer)
        # A block, or a list, may hold the nodes of a group, and a list any block.
        return True


def _judge(
    rule: DescribedRule,
    one: Assignment,
    needed: Iterable[_Needed],
    undocumented: _Undocumented,
    groups: Iterable[DescribedGroup],
) -> Judged:
    there, unfilled = rule.identity, undocumented.unfilled
    on_it = [w for w in needed if w.rule.direction == there.direction and overlap(w.rule.port.span, (there.port.span,))]
    meant = [want for want in on_it if want.may_be_meant_by(there)]
    said = tuple(dict.fromkeys((str(want.rule.port), want.rule.peer.name) for want in meant))
    if any(want.is_rule(there) for want in meant):
        return Judged(rule, "needed", said)
    # What is needed just so is ours, whoever wrote it: EC2 takes no second one.
    if is_controllers(rule, one.group, groups):
        return Judged(rule, "controller")
    if not meant:
        others = tuple(dict.fromkeys(want.rule.peer.name for want in on_it))
        if unfilled:
            return Judged(rule, "unfilled-slot", others=others, slots=unfilled)
        return Judged(rule, "unneeded", others=others, otherwise=undocumented.otherwise)
    ports = _ports(difference((there.port.span,), union(want.rule.port.span for want in meant)))
    addresses = _beyond(there, meant)
    return Judged(rule, "wider" if ports or addresses else "within", said, ports, addresses, slots=unfilled)


def _beyond(there: RuleIdentity, meant: Sequence[_Needed]) -> tuple[Beyond, ...]:
    """What is needed of one port may be fewer addresses than of the next."""
    start, end = there.port.span
    edges = {edge for want in meant for edge in (want.rule.port.span[0], want.rule.port.span[1] + 1)}
    firsts = [start, *sorted(edge for edge in edges if start < edge <= end)]
    found: dict[int | None, list[Interval]] = {}
    for first, following in pairwise([*firsts, end + 1]):
        here = [want for want in meant if overlap(want.rule.port.span, ((first, first),))]
        if here and (number := _addresses_beyond(there, here)) != 0:
            found.setdefault(number, []).append((first, following - 1))
    return tuple(Beyond(_ports(union(spans)), number) for number, spans in found.items())


def _addresses_beyond(there: RuleIdentity, meant: Sequence[_Needed]) -> int | None:
    if any(want.kind is there.kind and want.value == there.peer for want in meant):
        return 0
    # Nobody knows here which addresses are in a list.
    is_list = any(want.kind is PeerKind.PREFIX_LIST for want in meant)
    if is_list or (block := read_block(there.peer)) is None or there.kind not in _BLOCKS:
        return None
    wanted = [read_block(str(want.value)) for want in meant if want.kind is there.kind]
    within = intersection((block.interval,), union(one.interval for one in wanted if one is not None))
    return sum(last - first + 1 for first, last in difference((block.interval,), within))


@dataclass(frozen=True, slots=True)
class _Undocumented:
    """For what else the port of a rule is documented, beside what was chosen and filled.

    Args:
        unfilled: the slots without a peer, for whose peers it is.
        otherwise: what to choose for it.
    """

    unfilled: tuple[str, ...]
    otherwise: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, deployment: Deployment, one: Assignment, rule: DescribedRule) -> _Undocumented:
        choices = deployment.choices
        rows = [
            row
            for row in table.requirements
            if row.role in one.roles and row.direction == rule.identity.direction
            if overlap(rule.identity.port.span, tuple(port.span for port in row.ports))
        ]
        unfilled = (
            name
            for row in rows
            if row.when.holds(choices)
            for name in row.peers
            if name in table.slots and not deployment.slots.get(name, table.slots[name].default)
        )
        otherwise = (chosen for row in rows if not row.when.holds(choices) for chosen in _to_choose(row.when, choices))
        return cls(tuple(dict.fromkeys(unfilled)), tuple(dict.fromkeys(otherwise)))


def _to_choose(when: Condition, choices: Choices) -> list[str]:
    """What of a condition is to be chosen, where it is a container network or a feature that keeps it from holding."""
    said = [f"cni {' or '.join(when.cnis)}"] if when.cnis and choices.cni not in when.cnis else []
    said += [f"feature {when.feature}"] if when.feature and when.feature not in choices.features else []
    cni = when.cnis[0] if when.cnis and choices.cni not in when.cnis else choices.cni
    features = frozenset({*choices.features, *([when.feature] if when.feature else [])})
    return [" and ".join(said)] if when.holds(replace(choices, cni=cni, features=features)) else []


def _lack(one: Assignment, want: _Needed, own: Iterable[DescribedRule]) -> Lacking:
    span = want.rule.port.span
    near = [r for r in own if r.identity.direction == want.rule.direction and overlap(span, (r.identity.port.span,))]
    perhaps = [rule for rule in near if want.may_be_meant_by(rule.identity)]
    surely = [rule for rule in perhaps if not _may_hold(rule.identity, want)]
    cover: Cover
    for cover, rules in (("yes", surely), ("perhaps", perhaps)):
        if all(_is_covered(want, here) for here in _by_port(span, rules)):
            return Lacking(want.rule, one.group, cover, tuple(rule.id for rule in rules))
    return Lacking(want.rule, one.group, "no", tuple(rule.id for rule in perhaps))


def _by_port(span: Interval, rules: Sequence[DescribedRule]) -> Iterator[list[RuleIdentity]]:
    """The rules on each stretch of some ports on which they are the same."""
    start, end = span
    edges = {edge for rule in rules for edge in (rule.identity.port.span[0], rule.identity.port.span[1] + 1)}
    for first in [start, *sorted(edge for edge in edges if start < edge <= end)]:
        yield [rule.identity for rule in rules if overlap(rule.identity.port.span, ((first, first),))]


def _may_hold(there: RuleIdentity, want: _Needed) -> bool:
    """Whether nobody knows here how much of a peer a rule lets pass: blocks may hold nodes, and lists anything."""
    if want.kind is there.kind and want.value == there.peer:
        return False
    if want.kind in _BLOCKS:
        return there.kind not in _BLOCKS
    # Nodes have IPv4 addresses, and every one of them is in this.
    return not (want.kind is PeerKind.GROUP and there.peer == Peer.anywhere()[0].value)


def _is_covered(want: _Needed, rules: Sequence[RuleIdentity]) -> bool:
    """Whether rules for one port come to a whole peer, of which each has to do with it."""
    if want.kind not in _BLOCKS or any(there.kind not in _BLOCKS for there in rules):
        return bool(rules)
    wanted = read_block(str(want.value))
    blocks = [read_block(there.peer) for there in rules if there.kind is want.kind]
    return wanted is not None and not difference((wanted.interval,), union(b.interval for b in blocks if b is not None))


def _overlap(left: str, right: str) -> bool:
    one, other = read_block(left), read_block(right)
    if one is None or other is None or one.version != other.version:
        return False
    return overlap(one.interval, (other.interval,))


def _ports(points: Intervals) -> tuple[Port, ...]:
    return tuple(port for first, last in points for port in ports_between(first, last))


def _order(judged: Judged) -> tuple[object, ...]:
    identity = judged.rule.identity
    return VERDICTS.index(judged.verdict), identity.direction == "egress", identity.port.span, identity.peer
