"""Groups and rules: templates as they are, and expressions that fill them in as ``fill`` does for stacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rancher_ports.model.addresses import RULE_TYPES, rule_name
from rancher_ports.model.peers import RULE_ARGUMENTS, Peer, PeerKind
from rancher_ports.model.roles import ROLES
from rancher_ports.model.rules import DESCRIPTION_LENGTH
from rancher_ports.model.table import Table
from rancher_ports.model.tags import (
    GROUP_DESCRIPTION,
    NAME_TAG,
    OWNER_TAG,
    REQUIREMENT_TAG,
    ROLE_TAG,
    VALUE_LENGTH,
)
from rancher_ports.model.templates import ANYWHERE_SLOT, Part, RuleTemplate
from rancher_ports.model.world import WIDEST_IPV4, WIDEST_IPV6
from rancher_ports.module.expressions import expression, holds, literal

Block = dict[str, Any]

# What stands in a rule's address in place of the peer: the peer is the key.
PEERS = "peers"

# The attributes of a peer in the variable "peers", which are the arguments of rules but for one, which is longer there.
PEER_ATTRIBUTES = {kind: argument.removeprefix("referenced_") for kind, argument in RULE_ARGUMENTS.items()}


def name_of(template: RuleTemplate) -> str:
    """The name in the address of a template's resource."""
    return rule_name(template.role, template.direction, template.peer or PEERS, template.port)


def local_values(table: Table, made: Iterable[RuleTemplate]) -> Block:
    """The module's local values: the templates as data, and what comes of them.

    Args:
        table: says which slots have default peers.
        made: the table's templates.
    """
    made = tuple(made)
    slots = {slot.name: slot for slot in (*table.slots.values(), ANYWHERE_SLOT)}
    return {
        # Whose rules these are, and under which ids they are named.
        "security_group_ids": {role: _id_of(role) for role in ROLES},
        "writes": {role: expression(f'try(var.groups["{role}"].add_rules, true)') for role in ROLES},
        "default_peers": {peer.name: _peer(peer) for slot in slots.values() for peer in slot.default},
        "peers": expression(_PEERS),
        "default_slots": {name: [peer.name for peer in slot.default] for name, slot in slots.items()},
        "slots": expression("merge(local.default_slots, var.slots)"),
        # What has to hold of several variables together.
        "wide": expression(_WIDE),
        "values_in_use": expression(_VALUES_IN_USE),
        "brought_ids": expression(f"[for group in var.groups : {without_account('group.security_group_id')}]"),
        "templates_between_roles": {name_of(one): _template(one) for one in made if one.peer is not None},
        "templates_with_peers": {name_of(one): _template(one) for one in made if one.peer is None},
        "parts_between_roles": expression(_PARTS.format(templates="templates_between_roles")),
        "parts_with_peers": expression(_PARTS.format(templates="templates_with_peers")),
        "rules_between_roles": expression(_RULES_BETWEEN_ROLES),
        "rules_with_peers": expression(_RULES_WITH_PEERS),
    }


# EC2 answers with the canonical text of a block; any other would show as a change in every plan.
_PEERS = (
    "merge(local.default_peers, { for key, peer in var.peers : key => "
    "merge(peer, { cidr_ipv6 = peer.cidr_ipv6 == null ? null : cidrsubnet(peer.cidr_ipv6, 0, 0) }) })"
)

_WIDE = (
    "{ for key, peer in local.peers : key => "
    f'try(tonumber(split("/", peer.cidr_ipv4)[1]) < {WIDEST_IPV4}, false) || '
    f'try(tonumber(split("/", peer.cidr_ipv6)[1]) < {WIDEST_IPV6} && '
    'can(regex("^(::|[23][0-9a-f]{3}:)", peer.cidr_ipv6)), false) }'
)


def without_account(id_: str) -> str:
    """The id of a security group without the account before it: an expression of an expression."""
    return f'replace({id_}, "/^[0-9]+[/]/", "")'


_VALUE = f"coalesce({', '.join(f'local.peers[key].{name}' for name in PEER_ATTRIBUTES.values())})"
# Of peers in any slot, each once. A key that is no peer's is told by a precondition of an output.
_VALUES_IN_USE = (
    f'{{ for key in distinct(flatten([for slot in setsubtract(keys(local.slots), ["{ANYWHERE_SLOT.name}"]) : '
    f"tolist(local.slots[slot])])) : key => {without_account(_VALUE)} if contains(keys(local.peers), key) }}"
)

_PARTS = (
    "{{ for name, template in local.{templates} : name => [for part in template.parts : part if part.when "
    "&& local.writes[template.role]] }}"
)

# A list of one or none, which says how many there are: to ask a function for a key of all would walk all, each time.
_RULES_BETWEEN_ROLES = (
    '{ for name, parts in local.parts_between_roles : name => [for text in [join("; ", distinct(parts[*].why))] : '
    "{ text = text, requirements = distinct(parts[*].requirement) } if length(parts) > 0] }"
)

_RULES_WITH_PEERS = (
    "{ for name, parts in local.parts_with_peers : name => { "
    "for key in distinct(flatten([for part in parts : local.slots[part.slot]])) : key => { "
    'text = join(": ", compact([local.peers[key].label, '
    'join("; ", distinct([for part in parts : part.why if contains(local.slots[part.slot], key)]))])), '
    "requirements = distinct([for part in parts : part.requirement if contains(local.slots[part.slot], key)]), "
    "for_everybody = anytrue([for part in parts : part.for_everybody if contains(local.slots[part.slot], key)]) "
    "} if contains(keys(local.peers), key) } }"
)


def _id_of(role: str) -> str:
    return expression(
        f'contains(keys(var.groups), "{role}") ? var.groups["{role}"].security_group_id : '
        f"one(aws_security_group.{role}[*].id)"
    )


def _peer(peer: Peer) -> Block:
    # An expression, since the CDK leaves out a null, and an attribute that is not there is an error.
    attributes: Block = dict.fromkeys([*PEER_ATTRIBUTES.values(), "label"], expression("null"))
    return {**attributes, PEER_ATTRIBUTES[peer.kind]: str(peer.value)}


def _template(template: RuleTemplate) -> Block:
    return {
        "role": template.role,
        "direction": template.direction,
        "port": str(template.port),
        **({} if template.peer is None else {"peer": template.peer}),
        "parts": [_part(part) for part in template.parts],
    }


def _part(part: Part) -> Block:
    return {
        **({} if part.slot is None else {"slot": part.slot.name, "for_everybody": part.slot.world}),
        "when": holds(part.when),
        "why": literal(part.why),
        "requirement": literal(part.requirement),
    }


def resources(made: Iterable[RuleTemplate]) -> Block:
    """The module's resources: by type and name, as in the JSON.

    Args:
        made: the table's templates.
    """
    made = tuple(made)
    slots = [part.slot for template in made for part in template.parts if part.slot is not None]
    for_everybody = tuple(dict.fromkeys(slot.name for slot in slots if slot.world))
    found: Block = {"aws_security_group": {role: _group(role) for role in ROLES}}
    for template in made:
        rule = (
            _rule_with_peers(template, for_everybody)
            if template.peer is None
            else _rule_between_roles(template, template.peer)
        )
        found.setdefault(RULE_TYPES[template.direction], {})[name_of(template)] = rule
    return found


def _group(role: str) -> Block:
    name = f"${{var.group_name_prefix}}-{role}"
    tags = f'{NAME_TAG} = "{name}", "{ROLE_TAG}" = "{role}", "{OWNER_TAG}" = var.group_name_prefix'
    return {
        "count": expression(f'contains(keys(var.groups), "{role}") ? 0 : 1'),
        "name_prefix": f"{name}-",
        "description": GROUP_DESCRIPTION,
        "vpc_id": expression("var.vpc_id"),
        "tags": expression(f"merge(var.tags, {{ {tags} }})"),
        # A group that another's rule names cannot be deleted before that rule has moved on: a replacement comes first.
        "lifecycle": {"create_before_destroy": True},
    }


def _rule_between_roles(template: RuleTemplate, peer: str) -> Block:
    name = name_of(template)
    rules = f'local.rules_between_roles["{name}"]'
    return {
        "count": expression(f"length({rules})"),
        **_common(template),
        RULE_ARGUMENTS[PeerKind.GROUP]: expression(f"local.security_group_ids.{peer}"),
        **_said(template, f"{rules}[0]", name),
    }


def _rule_with_peers(template: RuleTemplate, for_everybody: Iterable[str]) -> Block:
    name = rule_name(template.role, template.direction, "${each.key}", template.port)
    return {
        "for_each": expression(f'local.rules_with_peers["{name_of(template)}"]'),
        **_common(template),
        **{
            RULE_ARGUMENTS[kind]: expression(f"local.peers[each.key].{attribute}")
            for kind, attribute in PEER_ATTRIBUTES.items()
        },
        **_said(template, "each.value", name),
        **({"lifecycle": {"precondition": [_not_the_world(template, for_everybody)]}} if _is_guarded(template) else {}),
    }


def _is_guarded(template: RuleTemplate) -> bool:
    """Whether a template lets anybody in through a slot that is not meant for every address."""
    return template.direction == "ingress" and any(part.slot and not part.slot.world for part in template.parts)


def _not_the_world(template: RuleTemplate, for_everybody: Iterable[str]) -> Block:
    """On the rule itself: it holds with -target as well, and of a value known at apply before that is open."""
    message = (
        f"peers.${{each.key}}: write a block no wider than /{WIDEST_IPV4} (IPv4) or /{WIDEST_IPV6} (public IPv6) for "
        f"{template.role} ingress {template.port}, or put the key into slots alone that are meant for everybody "
        f"({', '.join(for_everybody)})."
    )
    return {"condition": expression("each.value.for_everybody || !local.wide[each.key]"), "error_message": message}


def _common(template: RuleTemplate) -> Block:
    port = template.port
    ports = {"from_port": port.first, "to_port": port.last}
    return {
        "security_group_id": expression(f"local.security_group_ids.{template.role}"),
        "ip_protocol": port.protocol,
        **{name: value for name, value in ports.items() if value is not None},
    }


def _said(template: RuleTemplate, rule: str, name: str) -> Block:
    """Description and tags; shortened where all parts together, or a label, can be too long."""
    text, requirements = f"{rule}.text", f"{rule}.requirements"
    whys = "; ".join(dict.fromkeys(part.why for part in template.parts))
    ids = " ".join(dict.fromkeys(part.requirement for part in template.parts))
    if template.peer is None or len(whys) > DESCRIPTION_LENGTH:
        text = _SHORTENED.format(text=text, most=DESCRIPTION_LENGTH, kept=DESCRIPTION_LENGTH - 3)
    requirement = f'join(" ", {requirements})'
    if len(ids) > VALUE_LENGTH:
        requirement = _COUNTED.format(ids=requirements, most=VALUE_LENGTH)
    # The prefix may be as long as a group's name allows.
    named = f'substr("${{var.group_name_prefix}}_{name}", 0, {VALUE_LENGTH})'
    return {
        "description": expression(text),
        "tags": expression(f'merge(var.tags, {{ {NAME_TAG} = {named}, "{REQUIREMENT_TAG}" = {requirement} }})'),
    }


_SHORTENED = 'length({text}) > {most} ? "${{trimspace(substr({text}, 0, {kept}))}}..." : {text}'

# As many ids as fit, and the number of the others.
_COUNTED = (
    '[for tag in [for kept in range(length({ids}), 0, -1) : join(" ", concat(slice({ids}, 0, kept), '
    'kept < length({ids}) ? ["+${{length({ids}) - kept}}"] : []))] : tag if length(tag) <= {most}][0]'
)
