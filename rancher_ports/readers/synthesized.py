"""A rule set read back from synthesized Terraform JSON, ``cdk.tf.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from rancher_ports.errors import Fault, Faults, InputError, one_of
from rancher_ports.model.addresses import GROUP_TYPE, RULE_TYPES, read_rule_name
from rancher_ports.model.ids import ACCOUNT_ID
from rancher_ports.model.peers import RULE_ARGUMENTS, Peer, PeerKind, name_after
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.tags import REQUIREMENT_TAG, group_key
from rancher_ports.sections import Section

Groups = Mapping[str, GroupKey | str]

_PEER_ATTRIBUTES = {argument: kind for kind, argument in RULE_ARGUMENTS.items()}
# Another account's group is named with the account before it, which may be an expression, too.
_GROUP_REFERENCE = re.compile(
    rf"(?:({ACCOUNT_ID.pattern}|\$\{{[^{{}}]+\}})/)?\$\{{{GROUP_TYPE}\.([A-Za-z0-9_-]+)\.id\}}"
)

# Rules in these places would be lost without a word, since the one is not ours and the other never emitted.
_INLINE = ("ingress", "egress")
_OLD_RULE_TYPE = "aws_security_group_rule"
_DEFAULT_GROUP_TYPE = "aws_default_security_group"


def read_synthesized_file(path: Path) -> RuleSet:
    """The rule set in a ``cdk.tf.json``.

    Raises:
        InputError: the file cannot be read, or as :func:`read_synthesized`.
    """
    try:
        return read_synthesized(json.loads(path.read_text("utf-8")))
    except InputError as error:
        raise error.under(f"{path.name}:") from None
    except OSError as error:
        raise InputError([Fault(str(path), f"{error.strerror or error}", "a file that can be read")]) from None
    except (ValueError, RecursionError) as error:
        raise InputError([Fault(str(path), str(error), "JSON")]) from None


def read_synthesized(document: object) -> RuleSet:
    """The rule set in the content of a ``cdk.tf.json``.

    A group with our tags is known by its owner and role, any other by the reference with which rules
    name it. A rule with an address of ours has its peer's name
    from there; another's peer is named after its value.

    Args:
        document: the parsed file.

    Raises:
        InputError: with a fault for each rule that cannot be read, inline rules and
            ``aws_security_group_rule`` among them.
    """
    faults = Faults()
    resources = Section(document, "", faults).section("resource")
    for name in resources.section(_OLD_RULE_TYPE):
        faults.add(f"resource.{_OLD_RULE_TYPE}", name, f"rules as {' and '.join(RULE_TYPES.values())}")
    for name in resources.section(_DEFAULT_GROUP_TYPE):
        faults.add(f"resource.{_DEFAULT_GROUP_TYPE}", name, "no default group, whose rules stand inline")
    groups = dict(_read_groups(resources, faults))
    for name, key in groups.items():
        if list(groups.values()).count(key) > 1:
            faults.add(f"resource.{GROUP_TYPE}.{name}.tags", str(key), "an owner and a role that no other group has")
    rules: list[Rule] = []
    for direction, type_ in RULE_TYPES.items():
        for name, value in resources.section(type_).items():
            of_rule = Faults()
            try:
                rules.append(_read_rule(name, direction, Section(value, "", of_rule), of_rule, groups))
            except InputError as error:
                faults.take(error.under(f"resource.{type_}.{name}"))
    faults.raise_any()
    return RuleSet.of(groups.values(), rules)


def _read_groups(resources: Section, faults: Faults) -> Iterator[tuple[str, GroupKey | str]]:
    for name, value in resources.section(GROUP_TYPE).items():
        group = Section(value, f"resource.{GROUP_TYPE}.{name}", faults)
        for inline in _INLINE:
            if group.value(inline) is not None:
                faults.add(group.at(inline), group.value(inline), "rules as resources of their own, not inline")
        key = group_key(dict(group.section("tags").items()))
        yield name, key or f"${{{GROUP_TYPE}.{name}.id}}"


def _read_rule(name: str, direction: Direction, rule: Section, faults: Faults, groups: Groups) -> Rule:
    group = rule.text("security_group_id")
    protocol = rule.text("ip_protocol")
    first, last = (
        rule.number("from_port", "a whole number known now"),
        rule.number("to_port", "a whole number known now"),
    )
    given = [attribute for attribute in _PEER_ATTRIBUTES if rule.value(attribute) is not None]
    if len(given) != 1:
        faults.add("", " and ".join(given) or "no peer", f"exactly {one_of(_PEER_ATTRIBUTES)}")
        raise faults.error()
    peer = rule.text(given[0])
    tag = rule.section("tags").value(REQUIREMENT_TAG)
    faults.raise_any()
    read_name = read_rule_name(name)
    return Rule(
        group=_resolve(str(group), groups),
        direction=direction,
        port=Port.from_ec2(str(protocol), first, last),
        peer=_read_peer(_PEER_ATTRIBUTES[given[0]], str(peer), read_name.peer if read_name else None, groups),
        # What did not fit into the tag is counted there, "+3", and has no id.
        because=tuple(id_ for id_ in str(tag or "").split() if not id_.startswith("+")),
        description=str(rule.value("description") or ""),
    )


def _read_peer(kind: PeerKind, value: str, name: str | None, groups: Groups) -> Peer:
    name = name or name_after(kind, value)
    match = _GROUP_REFERENCE.fullmatch(value) if kind is PeerKind.GROUP else None
    group = groups.get(match[2]) if match else None
    return (
        Peer(name, kind, group, account=match[1]) if match and isinstance(group, GroupKey) else Peer(name, kind, value)
    )


def _resolve(reference: str, groups: Groups) -> GroupKey | str:
    match = _GROUP_REFERENCE.fullmatch(reference)
    # No rule stands on a group by its account.
    return groups.get(match[2], reference) if match and match[1] is None else reference
