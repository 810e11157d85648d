"""The module's outputs, and what has to hold of several variables together."""

from __future__ import annotations

from rancher_ports.model.roles import ROLES
from rancher_ports.module.expressions import expression, literal
from rancher_ports.module.rules import Block


def outputs() -> Block:
    """The outputs of a module, by name; the same for each distribution."""
    arns = ", ".join(f"{role} = one(aws_security_group.{role}[*].arn)" for role in ROLES)
    return {
        "security_group_ids": {
            "description": "Security group ids by role, of brought groups as well.",
            "value": expression("local.security_group_ids"),
            "precondition": [_known_peers(), _distinct()],
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


def _distinct() -> Block:
    """Of peers and of what else rules may name: default peers, brought groups."""
    together = "concat(values(local.values_in_use), local.brought_ids)"
    repeated = f"length([for other in {together} : other if other == value]) > 1"
    return _precondition(
        f"length(distinct({together})) == length({together})",
        "peers, groups: write peers whose value neither a default peer in use nor a brought group has",
        f"jsonencode([for key, value in local.values_in_use : key if {repeated}])",
    )
