"""What else there is to say of a change: what cuts traffic for a while, what EC2 refuses, what does not fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set

from rancher_ports.audit.quota import over_quota
from rancher_ports.model.access import FAMILIES, Access
from rancher_ports.model.findings import Finding, gravest_first
from rancher_ports.model.intervals import Interval, Intervals, difference, intersection, union
from rancher_ports.model.inventory import FoundRule, Inventory, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.ports import points_text
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.roles import Direction, opposite
from rancher_ports.model.rules import RuleSet
from rancher_ports.review.changes import End
from rancher_ports.review.ends import named
from rancher_ports.review.keyed import group_value, rules_of

# Group, direction and peer: with the port, what makes a rule this rule to EC2.
_Line = tuple[str, Direction, str]
_Names = Mapping[str, End]

_SHOWN = 3


def remarks(transition: Transition, allowed: Access, names: _Names, quotas: Quotas) -> tuple[Finding, ...]:
    """Findings about a change, the gravest first.

    Args:
        transition: the change.
        allowed: what is open afterwards.
        names: groups by identity.
        quotas: what AWS allows.
    """
    found = (
        *_over_quota(transition.after, names, quotas),
        *_replaced_groups(transition, names),
        *_refused(transition, names),
        *_made_again(transition, names),
        *_one_sided(transition, allowed, names),
        *_unseen_modules(transition, names),
    )
    return gravest_first(found)


def _over_quota(inventory: Inventory, names: _Names, quotas: Quotas) -> tuple[Finding, ...]:
    """Groups with more rules than AWS allows, as far as it is known which group they are on."""
    found = [one for one in inventory.rules if one.group.certain]
    times = Counter(one.group.values for one in found)
    # Nearly always: there are not as many, even if each prefix list has all the entries that one may have.
    most = {one.group.values for one in found if one.peer.kind is PeerKind.PREFIX_LIST}
    found = [one for one in found if times[one.group.values] > quotas.rules_per_group or one.group.values in most]
    rules = dict.fromkeys(rules_of(one, {}, inventory.entries)[0] for one in found)
    called = {group_value(one.group.values[0]): _name(one.group.values[0], names) for one in found}
    return over_quota(RuleSet.of((), rules), quotas, lambda group: called[str(group)])


def _replaced_groups(transition: Transition, names: _Names) -> Iterator[Finding]:
    for identity, attributes in sorted(transition.replaced.items()):
        yield Finding(
            code="replaced-group",
            severity="warning",
            place=_name(identity, names),
            where=(identity,),
            sentence=(
                f"The group of {_name(identity, names)} is replaced ({', '.join(attributes)}): nodes that have the old "
                "one lose what others let in from it until they have the new one."
            ),
            fix="Keep what a group cannot change: its description, its name, its name prefix and its VPC.",
        )


def _made_again(transition: Transition, names: _Names) -> Iterator[Finding]:
    """Traffic that is open before and after, and meanwhile not: what is destroyed and created is not ordered."""
    staying = {(rule.address, rule.meaning) for rule in transition.after.rules if rule.address not in transition.remade}
    gone = [
        rule
        for rule in transition.before.rules
        if rule.certain
        and (rule.address, rule.meaning) not in staying
        and rule.group.values[0] not in transition.replaced
    ]
    stays, comes = _lines(transition, {_line(rule) for rule in gone})
    found: dict[str, dict[str, None]] = {}
    where: dict[str, dict[str, None]] = {}
    for rule in gone:
        line = _line(rule)
        again = comes.get(line)
        if again is None:
            continue
        points = intersection((rule.port.span,), union(span for spans in again.values() for span in spans))
        if cut := difference(points, union(stays.get(line, ()))):
            by = [address for address, spans in again.items() if intersection(union(spans), cut)]
            said = f"{points_text(cut)} {_toward(rule, names)}"
            stands = rule.address if by == [rule.address] else f"{rule.address}, now {', '.join(by[:_SHOWN])}"
            group = _name(rule.group.values[0], names)
            found.setdefault(group, {})[f"{said} ({stands})"] = None
            where.setdefault(group, {}).update(dict.fromkeys(by))
    for group, rules in sorted(found.items()):
        listed = "; ".join(
            [*list(rules)[:_SHOWN], *([f"and {len(rules) - _SHOWN} more"] if len(rules) > _SHOWN else [])]
        )
        yield Finding(
            code="recreated-rule",
            severity="warning",
            place=group,
            where=tuple(where[group]),
            sentence=(
                f"Rules of {group} are destroyed and created with the same meaning: {listed}. The traffic is cut "
                "for seconds; or EC2 refuses the new rule, if Terraform makes that first."
            ),
            fix="Where the rule stands elsewhere alone, a moved block keeps it.",
        )


def _line(rule: FoundRule) -> _Line:
    return rule.group.values[0], rule.direction, rule.peer.values[0]


def _lines(
    transition: Transition, concerned: Set[_Line]
) -> tuple[Mapping[_Line, Intervals], Mapping[_Line, dict[str, Intervals]]]:
    """By line, the points that stay open, and those that rules open which are created; of some lines."""
    before: dict[tuple[str, _Line], list[Interval]] = {}
    for rule in transition.before.rules:
        if rule.certain and rule.address not in transition.remade and (line := _line(rule)) in concerned:
            before.setdefault((rule.address, line), []).append(rule.port.span)
    stays: dict[_Line, Intervals] = {}
    comes: dict[_Line, dict[str, Intervals]] = {}
    for rule in transition.after.rules:
        if not rule.certain or (line := _line(rule)) not in concerned:
            continue
        kept = intersection((rule.port.span,), union(before.get((rule.address, line), ())))
        stays[line] = (*stays.get(line, ()), *kept)
        if new := difference((rule.port.span,), kept):
            by = comes.setdefault(line, {})
            by[rule.address] = (*by.get(rule.address, ()), *new)
    return stays, comes


def _refused(transition: Transition, names: _Names) -> Iterator[Finding]:
    """Rules that EC2 has already, or that are made twice: it refuses a second one, whatever its description says."""
    old = {(rule.address, rule.meaning) for rule in transition.before.rules if rule.address not in transition.remade}
    new = {rule.meaning for rule in transition.after.rules if rule.certain and (rule.address, rule.meaning) not in old}
    meanings = {rule.meaning for rule in transition.before.rules}
    existing = {rule.meaning for rule in transition.existing} - meanings
    alike: dict[object, list[FoundRule]] = {}
    for rule in transition.after.rules:
        if rule.meaning in new:
            alike.setdefault(rule.meaning, []).append(rule)
    for meaning, rules in alike.items():
        first = rules[0]
        addresses = list(dict.fromkeys(rule.address for rule in rules))
        if len(addresses) == 1 and meaning not in existing:
            continue
        where = (
            f"{addresses[0]} and {', '.join(addresses[1:])}" if len(addresses) > 1 else f"{addresses[0]} and the group"
        )
        unmanaged = "" if len(addresses) > 1 else ", which Terraform's state does not know,"
        group = _name(first.group.values[0], names)
        yield Finding(
            code="refused-duplicate",
            severity="warning",
            place=group,
            where=tuple(addresses),
            sentence=(
                f"{where}{unmanaged} both have {first.direction} {first.port} {_toward(first, names)} on {group}: EC2 "
                "refuses a rule that the group has already (InvalidPermission.Duplicate)."
            ),
            fix="Take one of them out; or import the rule that is there.",
        )


def _one_sided(transition: Transition, allowed: Access, names: _Names) -> Iterator[Finding]:
    """New rules between groups that the other group does not answer, so that they open nothing."""
    old = {rule.meaning for rule in transition.before.rules}
    managed = transition.after.managed
    for rule in {rule.meaning: rule for rule in transition.after.rules if rule.meaning not in old}.values():
        cases = rule.cases()
        if rule.peer.kind is not PeerKind.GROUP or not {end for case in cases for end in case} <= managed:
            continue
        if any(_passes(case, rule, allowed) for case in cases):
            continue
        here, there = (_one_of(dict.fromkeys(of), names) for of in zip(*cases, strict=True))
        missing, end = opposite(rule.direction), "from" if rule.direction == "egress" else "to"
        yield Finding(
            code="one-sided",
            severity="warning",
            place=here,
            where=(rule.address,),
            sentence=(
                f"{rule.address} opens nothing: {here} gets {rule.direction} {rule.port} "
                f"{'from' if rule.direction == 'ingress' else 'to'} {there}, but {there} has no {missing} for it {end} "
                f"{here}."
            ),
            fix=f"Add the {missing}, unless it is written elsewhere.",
        )


def _unseen_modules(transition: Transition, names: _Names) -> Iterator[Finding]:
    for module, identities in transition.unseen.items():
        groups = [_name(identity, names) for identity in identities]
        listed = ", ".join([*groups[:_SHOWN], *([f"and {len(groups) - _SHOWN} more"] if len(groups) > _SHOWN else [])])
        yield Finding(
            code="unseen-module",
            severity="warning",
            place=module,
            where=identities,
            sentence=f"{module} is given {listed}, and comes or differs: rules that it makes there are not seen here.",
            fix="Review a plan, which has them.",
        )


def _passes(case: tuple[str, str], rule: FoundRule, allowed: Access) -> bool:
    """Whether the other group answers a rule, of a group and a peer that it may be about."""
    group, peer = case
    source, destination = (group, peer) if rule.direction == "egress" else (peer, group)
    wanted = (rule.port.span,)
    return any(not difference(wanted, allowed.between.get((source, destination, family), ())) for family in FAMILIES)


def _one_of(identities: Iterable[str], names: _Names) -> str:
    found = [_name(identity, names) for identity in identities]
    return found[0] if len(found) == 1 else f"one of {', '.join(found)}"


def _toward(rule: FoundRule, names: _Names) -> str:
    peer = named(rule.peer.kind, rule.peer.values[0], names).name
    return f"{'from' if rule.direction == 'ingress' else 'to'} {peer}"


def _name(identity: str, names: _Names) -> str:
    return names[identity].name if identity in names else identity
