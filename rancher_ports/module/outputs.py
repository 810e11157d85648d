"""The module's outputs, and what has to hold of several variables together."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Table
from rancher_ports.model.templates import RuleTemplate
from rancher_ports.module.expressions import expression, literal, quoted
from rancher_ports.module.rules import PEER_ATTRIBUTES, Block, ingress_slots

# An IPv4 block wider than any private one, and one that takes in more of IPv6's public addresses than anybody has.
_WIDEST_IPV4 = 8
_WIDEST_IPV6 = 12


def outputs(table: Table, made: Iterable[RuleTemplate]) -> Block:
    """The outputs of one distribution's module, by name."""
    arns = ", ".join(f"{role} = one(aws_security_group.{role}[*].arn)" for role in ROLES)
    return {
        "security_group_ids": {
            "description": "Security group ids by role, of brought groups as well.",
            "value": expression("local.security_group_ids"),
            "precondition": [
                _known_peers(),
                _distinct(),
                *(_not_the_world(table, slot) for slot in ingress_slots(made)),
            ],
        },
        "security_group_arns": {
            "description": "Security group ARNs by role, of the groups that the module made.",
            "value": expression(
                f"{{ for role, arn in {{ {arns} }} : role => arn if !contains(keys(var.groups), role) }}"
            ),
        },
        "rules": {
            "description": (
                "The rules that the module writes, a line for each: role, direction, port, peer, and what for."
            ),
            "value": expression(_RULES),
        },
    }


def _line(templates: str, peer: str) -> str:
    template = f"local.{templates}[name]"
    preposition = f'${{{template}.direction == "ingress" ? "from" : "to"}}'
    begins = f"${{{template}.role}} ${{{template}.direction}} ${{{template}.port}}"
    return f'"{begins} {preposition} ${{{peer}}}: ${{rule.text}}"'


_BETWEEN_ROLES = _line("templates_between_roles", "local.templates_between_roles[name].peer")
_WITH_PEERS = _line("templates_with_peers", "key")
_RULES = (
    "tolist(flatten(values(merge("
    f"{{ for name, rules in local.rules_between_roles : name => [for rule in rules : {_BETWEEN_ROLES}] }}, "
    f"{{ for name, rules in local.rules_with_peers : name => [for key, rule in rules : {_WITH_PEERS}] }}"
    "))))"
)


def _precondition(condition: str, message: str, found: str) -> Block:
    return {"condition": expression(condition), "error_message": f"{literal(message)}; not ${{{found}}}."}


def _known_peers() -> Block:
    unknown = "setsubtract(flatten([for keys in var.slots : tolist(keys)]), keys(local.peers))"
    return _precondition(f"length({unknown}) == 0", "slots: write keys of peers", f"jsonencode({unknown})")


# Peers in any slot, each once.
_IN_USE = 'distinct(flatten([for slot in setsubtract(keys(local.slots), ["anywhere"]) : tolist(local.slots[slot])]))'


def _distinct() -> Block:
    """Of peers and of what else rules may name: default peers, brought groups."""
    attributes = ", ".join(f"local.peers[key].{name}" for name in PEER_ATTRIBUTES.values())
    values = f"[for key in {_IN_USE} : coalesce({attributes}) if contains(keys(local.peers), key)]"
    brought = "[for group in var.groups : group.security_group_id]"
    together = f"concat({values}, {brought})"
    return _precondition(
        f"length(distinct({together})) == length({together})",
        "peers, groups: write no value that a default peer in use or a brought group has already: AWS refuses a second "
        "rule that differs in nothing else",
        f"jsonencode({together})",
    )


def _not_the_world(table: Table, slot: str) -> Block:
    """That a slot which is not meant for it lets in no good part of all addresses.

    For each slot by itself, so that the message can say what is in it: which peer it is may be unknown with others.
    """
    meant = ", ".join(other.name for other in table.slots.values() if other.world)
    ipv4 = f'try(tonumber(split("/", local.peers[key].cidr_ipv4)[1]) < {_WIDEST_IPV4}, false)'
    ipv6 = (
        f'try(tonumber(split("/", local.peers[key].cidr_ipv6)[1]) < {_WIDEST_IPV6} && '
        'can(regex("^(::|[23][0-9a-f]{3}:)", local.peers[key].cidr_ipv6)), false)'
    )
    keys = f"local.slots[{quoted(slot)}]"
    return _precondition(
        f"!contains([for key in {keys} : {ipv4} || {ipv6}], true)",
        f"slots.{slot}: write peers no wider than /{_WIDEST_IPV4} (IPv4) or /{_WIDEST_IPV6} (public IPv6); "
        f"everybody is meant in {meant} alone",
        f"jsonencode({keys})",
    )
