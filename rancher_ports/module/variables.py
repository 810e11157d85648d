"""The module's variables: types, descriptions, defaults, and what says what is wrong with their values."""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.conditions import DEFAULT_EGRESS, DEFAULT_ONE_SIDED, EGRESS, ONE_SIDED
from rancher_ports.model.ids import PREFIX_LIST_ID, SECURITY_GROUP_ID, VPC_ID
from rancher_ports.model.names import (
    GROUP_NAME_PATTERN,
    GROUP_NAME_PREFIX_ALLOWED,
    GROUP_NAME_PREFIX_LENGTH,
    NAME_LENGTH,
    NAME_PATTERN,
    RESERVED,
)
from rancher_ports.model.roles import ROLES
from rancher_ports.model.rules import DESCRIPTION_CHARACTERS, DESCRIPTION_PATTERN
from rancher_ports.model.table import Table
from rancher_ports.model.tags import (
    KEY_LENGTH,
    KUBERNETES_CLUSTER_TAG,
    NAME_TAG,
    OWN_PREFIX,
    TAGS_OF_A_USER,
    VALUE_LENGTH,
)
from rancher_ports.module.expressions import expression, listed, literal, quoted
from rancher_ports.module.rules import PEER_ATTRIBUTES, Block, without_account

LABEL_LENGTH = 60


def variables(table: Table) -> Block:
    """The variables of one distribution's module, by name."""
    return {
        "vpc_id": _variable(
            "string",
            "The VPC of the groups. It may be made in the same apply.",
            _validation(
                _matches("var.vpc_id", VPC_ID.pattern), 'vpc_id: write a VPC\'s id, such as "vpc-0123456789abcdef0"'
            ),
        ),
        "group_name_prefix": _variable(
            "string",
            "Begins the AWS names of the groups and the Name tags, and stands in the tag rancher-ports:owner. "
            "Changing it replaces the groups, and cuts off nodes that still have the old ones.",
            _validation(
                f"{_matches('var.group_name_prefix', GROUP_NAME_PATTERN)} && length(var.group_name_prefix) <= "
                f'{GROUP_NAME_PREFIX_LENGTH} && !can(regex("^(?i:sg-| )", var.group_name_prefix))',
                f"group_name_prefix: write 1 to {GROUP_NAME_PREFIX_ALLOWED}",
            ),
            default="rancher",
        ),
        "tags": _tags(),
        "one_sided": _choice(
            "one_sided",
            "Flows between two roles that only one end documents: completed adds the other half, marked in its "
            "description; documented writes the document's rules and no others.",
            ONE_SIDED,
            DEFAULT_ONE_SIDED,
        ),
        "egress": _choice(
            "egress",
            "documented writes the document's egress; all adds a rule for all egress of each family to every group, "
            "and keeps the others.",
            EGRESS,
            DEFAULT_EGRESS,
        ),
        "cni": _choice("cni", "The container network of the clusters.", table.cnis, table.cni),
        "features": _variable(
            "set(string)",
            f"What clusters have besides, known at plan: {', '.join(table.features)}.",
            _validation(
                f"length(setsubtract(var.features, {listed(table.features)})) == 0",
                f"features: write names of {', '.join(table.features)}",
                found=f"jsonencode(setsubtract(var.features, {listed(table.features)}))",
            ),
            default=[],
        ),
        "peers": _peers(table),
        "slots": _slots(table),
        "groups": _groups(),
    }


def _variable(type_: str, description: str, *validations: Block, **default: object) -> Block:
    return {
        "type": type_,
        "description": description,
        **default,
        "nullable": False,
        **({"validation": list(validations)} if validations else {}),
    }


def _validation(condition: str, message: str, found: str | None = None) -> Block:
    """A condition that has to hold, and what to write instead.

    Args:
        condition: over the variable alone: others are not known here to engines before 1.9.
        message: where, and what may stand there.
        found: an expression for what stands there instead, of nothing that may be unknown.
    """
    text = literal(message)
    return {
        "condition": expression(condition),
        "error_message": f"{text}." if found is None else f"{text}; not ${{{found}}}.",
    }


def _matches(value: str, pattern: str) -> str:
    return f"can(regex({quoted(f'^(?:{pattern})$')}, {value}))"


def _choice(name: str, description: str, allowed: Iterable[str], default: str) -> Block:
    allowed = tuple(allowed)
    said = _validation(
        f"contains({listed(allowed)}, var.{name})",
        f"{name}: write {' or '.join(allowed)}",
        found=f"jsonencode(var.{name})",
    )
    return _variable("string", f"{description} One of {', '.join(allowed)}.", said, default=default)


def _all(items: str, condition: str) -> str:
    # Not alltrue, which says nothing of what comes after a value that is known at apply only.
    return f"!contains([for {items} : {condition}], false)"


def _tags() -> Block:
    taken = rf"(?i:aws:)|{NAME_TAG}$|{OWN_PREFIX}|{KUBERNETES_CLUSTER_TAG}"
    printable = r"( |[^\\p{C}\\p{Z}])"
    is_taken = f'can(regex("^({taken})", key))'
    return _variable(
        "map(string)",
        "Tags for every resource, besides the module's own.",
        _validation(
            f"length(var.tags) <= {TAGS_OF_A_USER}",
            f"tags: write at most {TAGS_OF_A_USER}; the others are the module's",
        ),
        _validation(
            _all("key, value in var.tags", f'can(regex("^{printable}{{1,{KEY_LENGTH}}}$", key))'),
            f"tags: write keys of 1 to {KEY_LENGTH} printable characters",
        ),
        _validation(
            _all("key, value in var.tags", f"!{is_taken}"),
            f"tags: leave out keys that AWS keeps for itself (aws:...), that the module sets ({NAME_TAG}, "
            f"{OWN_PREFIX}...), or that one group of a node may carry alone ({KUBERNETES_CLUSTER_TAG}...)",
            found=f"jsonencode([for key in keys(var.tags) : key if {is_taken}])",
        ),
        _validation(
            _all(
                "key, value in var.tags",
                f'can(regex("^{printable}*$", value)) && try(length(value), {VALUE_LENGTH + 1}) <= {VALUE_LENGTH}',
            ),
            f"tags: write values of at most {VALUE_LENGTH} printable characters",
        ),
        default={},
    )


def _peers(table: Table) -> Block:
    attributes = [*PEER_ATTRIBUTES.values()]
    fields = ", ".join(f"{name} = optional(string)" for name in (*attributes, "label"))
    defaults = [peer.name for slot in table.slots.values() for peer in slot.default]
    taken = [*RESERVED, *defaults]
    grammar = f'can(regex("^{NAME_PATTERN}$", key)) && length(key) <= {NAME_LENGTH}'
    is_taken = f'contains({listed(taken)}, key) || can(regex("-({"|".join(ROLES)})$", key))'
    each = "key, peer in var.peers"
    ipv4 = (
        'can(regex("^[0-9.]+/[0-9]+$", peer.cidr_ipv4)) && '
        "try(cidrsubnet(peer.cidr_ipv4, 0, 0) == peer.cidr_ipv4, false)"
    )
    # A block is the network that its address is in; in any notation, since the module writes the canonical one.
    address = 'split("/", cidrsubnet("${split("/", peer.cidr_ipv6)[0]}/128", 0, 0))[0]'
    ipv6 = (
        'can(regex(":", cidrsubnet(peer.cidr_ipv6, 0, 0))) && '
        f'try(split("/", cidrsubnet(peer.cidr_ipv6, 0, 0))[0] == {address}, false)'
    )
    values = ", ".join(f"peer.{name}" for name in attributes)
    group = _matches("peer.security_group_id", SECURITY_GROUP_ID.pattern)
    # Without &, which EC2 does not take in descriptions of rules for groups and prefix lists.
    label_pattern = f"{DESCRIPTION_PATTERN.replace('&', '')}{{1,{LABEL_LENGTH}}}"
    label = f'{_matches("peer.label", label_pattern)} && !can(regex("^ | $", peer.label))'
    return _variable(
        f"map(object({{ {fields} }}))",
        "Who may stand in slots, by a key that stands in the addresses of rules: keys are known at plan, values may be "
        f"made in the same apply. Of {', '.join(attributes)} each has exactly one; a label, if there is one, begins "
        "the descriptions of its rules. Any other attribute is ignored.",
        _validation(
            _all(each, grammar),
            "peers: write keys of lower-case letters, digits and hyphens that begin with a letter, at most "
            f"{NAME_LENGTH} long",
            found=f"jsonencode([for key in keys(var.peers) : key if !({grammar})])",
        ),
        _validation(
            _all(each, f"!({is_taken})"),
            f"peers: write keys that are not taken ({', '.join(taken)} are) and do not end like a role "
            f"(-{', -'.join(ROLES)})",
            found=f"jsonencode([for key in keys(var.peers) : key if {is_taken}])",
        ),
        _validation(
            _all(each, "peer != null"),
            "peers: leave out a key without a peer, do not write null",
            found="jsonencode([for key, peer in var.peers : key if peer == null])",
        ),
        _validation(
            _all(each, f"try(length([for value in [{values}] : value if value != null]) == 1, true)"),
            f"peers: write exactly one of {', '.join(attributes)} for each",
        ),
        _validation(
            _all(each, f"try(peer.cidr_ipv4, null) == null || ({ipv4})"),
            'peers: write cidr_ipv4 as an IPv4 block without host bits, such as "203.0.113.0/24", or "203.0.113.7/32" '
            "for one address",
        ),
        _validation(
            _all(each, f"try(peer.cidr_ipv6, null) == null || ({ipv6})"),
            'peers: write cidr_ipv6 as an IPv6 block without host bits, such as "2001:db8::/48", or "2001:db8::7/128" '
            "for one address; an IPv4 block is a cidr_ipv4",
        ),
        _validation(
            _all(
                each,
                f"try(peer.prefix_list_id, null) == null || {_matches('peer.prefix_list_id', PREFIX_LIST_ID.pattern)}",
            ),
            'peers: write prefix_list_id as "pl-0123456789abcdef0"',
        ),
        _validation(
            _all(each, f"try(peer.security_group_id, null) == null || {group}"),
            'peers: write security_group_id as "sg-0123456789abcdef0", or "123456789012/sg-0123456789abcdef0" for a '
            "group of another account",
        ),
        _validation(
            _all(each, f"try(peer.label, null) == null || ({label})"),
            f"peers: write a label of 1 to {LABEL_LENGTH} characters of {DESCRIPTION_CHARACTERS.replace('&', '')} that "
            "neither begins nor ends with a space, or leave it out",
        ),
        _validation(
            f"length(distinct([for {each} : {_value('peer')}])) == length(var.peers)",
            "peers: write each value once, under one key, and put that key into every slot: where two keys of one "
            "value meet, AWS refuses the second rule",
        ),
        default={},
    )


def _value(peer: str) -> str:
    """What tells a peer from others, in the notation that the module writes."""
    others = ", ".join(f"{peer}.{name}" for name in PEER_ATTRIBUTES.values() if name != "cidr_ipv6")
    # One without a value has been told of; as it is here it equals no other.
    return f"try(cidrsubnet({peer}.cidr_ipv6, 0, 0), {without_account(f'coalesce({others})')}, key)"


def _slots(table: Table) -> Block:
    said = [
        f"{slot.name} ({slot.what[0].lower() + slot.what[1:] if slot.what[1:2].islower() else slot.what})"
        for slot in table.slots.values()
    ]
    unknown = f"setsubtract(keys(var.slots), {listed(table.slots)})"
    return _variable(
        "map(set(string))",
        "Who is outside of the cluster, by slot: keys of peers, known at plan. An empty slot makes no rule. A slot "
        f"that is left out has its default peers, which most have not. The slots: {'; '.join(said)}.",
        _validation(
            f"length({unknown}) == 0", f"slots: write names of {', '.join(table.slots)}", found=f"jsonencode({unknown})"
        ),
        _validation(
            _all("slot, keys in var.slots", "try(!contains([for key in keys : key != null], false), false)"),
            "slots: write [] for a slot without peers, and no null in it",
        ),
        default={},
    )


def _groups() -> Block:
    unknown = f"setsubtract(keys(var.groups), {listed(ROLES)})"
    each = "role, group in var.groups"
    id_ = without_account("group.security_group_id")
    return _variable(
        "map(object({ security_group_id = string, add_rules = optional(bool, false) }))",
        "Groups that exist already and take the place of the module's, by role; roles and add_rules are known at plan, "
        "ids may be made in the same apply. Rules of other groups name such a group; it gets rules itself where "
        "add_rules is true.",
        _validation(
            f"length({unknown}) == 0", f"groups: write roles of {', '.join(ROLES)}", found=f"jsonencode({unknown})"
        ),
        _validation(
            _all(each, "group != null"), "groups: leave a role out to have the module make its group, do not write null"
        ),
        _validation(
            _all(each, _matches("group.security_group_id", SECURITY_GROUP_ID.pattern)),
            'groups: write security_group_id as "sg-0123456789abcdef0", or "123456789012/sg-0123456789abcdef0" for a '
            "group of another account",
        ),
        _validation(
            _all(each, 'try(!group.add_rules, true) || !can(regex("/", group.security_group_id))'),
            "groups: write add_rules = true for groups of your own account only: rules are added within it",
        ),
        _validation(
            f"length(distinct([for group in var.groups : try({id_}, null)])) == length(var.groups)",
            "groups: write a group of its own for each role",
        ),
        default={},
    )
