"""Plans as large as ``terraform show -json`` makes them of a fleet: many clusters, with their groups and rules."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rancher_ports.model.addresses import GROUP_TYPE, RULE_TYPES
from rancher_ports.model.roles import ROLES, Direction
from rancher_ports.model.tags import OWNER_TAG, ROLE_TAG

RULES = 10_000
# EC2 lets a group have sixty of a direction.
RULES_A_GROUP = 30
# How many rules lead from one group to another; what more there are name blocks.
_TIMES = 2
_PROVIDER = "registry.terraform.io/hashicorp/aws"
_VPC = "vpc-0123456789abcdef0"

_Values = Mapping[str, object]
_Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Resource:
    type: str
    name: str
    values: _Values
    # By argument, the group whose id it is.
    named: Mapping[str, str]

    @property
    def address(self) -> str:
        return f"{self.type}.{self.name}"

    @property
    def is_rule(self) -> bool:
        return self.type != GROUP_TYPE


def _groups(rules: int) -> Iterator[_Resource]:
    for number in range(-(-rules // RULES_A_GROUP)):
        owner, role = f"cluster-{number // len(ROLES)}", ROLES[number % len(ROLES)]
        values = {
            "description": f"Nodes of {owner}",
            "name_prefix": f"{owner}-{role}-",
            "region": "us-east-1",
            "revoke_rules_on_delete": False,
            "tags": {"Name": f"{owner}-{role}", OWNER_TAG: owner, ROLE_TAG: role},
            "tags_all": {"Name": f"{owner}-{role}", OWNER_TAG: owner, ROLE_TAG: role},
            "timeouts": None,
            "vpc_id": _VPC,
        }
        yield _Resource(GROUP_TYPE, f"{owner}_{role}", values, {})


def _rules(groups: list[_Resource], rules: int) -> Iterator[_Resource]:
    """Of each cluster, rules in pairs by which its groups reach each other, and rules for blocks."""
    size = len(ROLES)
    for number in range(rules):
        cluster = groups[number // (RULES_A_GROUP * size) * size :][:size]
        pair, is_second = divmod(number % (RULES_A_GROUP * len(cluster)), 2)
        direction: Direction = "ingress" if is_second else "egress"
        times, ends = divmod(pair, len(cluster) ** 2)
        source, destination = (cluster[end].address for end in divmod(ends, len(cluster)))
        port = 1024 + times * 100
        group, peer = (destination, source) if is_second else (source, destination)
        named = {"security_group_id": group}
        values: dict[str, object] = {
            "cidr_ipv4": None,
            "cidr_ipv6": None,
            "description": f"{direction} {port}",
            "from_port": port,
            "ip_protocol": "tcp",
            "prefix_list_id": None,
            "referenced_security_group_id": None,
            "region": "us-east-1",
            "tags": None,
            "to_port": port,
        }
        if times < _TIMES:
            named["referenced_security_group_id"] = peer
        else:
            values["cidr_ipv4"] = f"10.{number // 256 % 256}.{number % 256}.0/24"
        yield _Resource(RULE_TYPES[direction], f"rule_{number}", values, named)


def _created(resource: _Resource, _: Mapping[str, str]) -> _Entry:
    unknown = {"arn": True, "id": True, "tags": {}, **dict.fromkeys(resource.named, True)}
    unknown |= {"security_group_rule_id": True} if resource.is_rule else {"egress": True, "ingress": True, "name": True}
    after = {name: value for name, value in resource.values.items() if name not in unknown or name == "tags"}
    return {
        "actions": ["create"],
        "before": None,
        "after": after,
        "after_unknown": unknown,
        "before_sensitive": False,
        "after_sensitive": _sensitive(resource),
    }


def _staying(resource: _Resource, ids: Mapping[str, str]) -> _Entry:
    values = _known(resource, ids)
    return {
        "actions": ["no-op"],
        "before": values,
        "after": values,
        "after_unknown": {},
        "before_sensitive": _sensitive(resource),
        "after_sensitive": _sensitive(resource),
    }


def _changed(resource: _Resource, ids: Mapping[str, str]) -> _Entry:
    if not resource.is_rule:
        return _staying(resource, ids)
    before = _known(resource, ids)
    return {
        **_staying(resource, ids),
        "actions": ["update"],
        "after": {**before, "to_port": int(str(before["to_port"])) + 1},
    }


def _one_changed(resource: _Resource, ids: Mapping[str, str]) -> _Entry:
    return (_changed if resource.name == "rule_0" else _staying)(resource, ids)


def _sensitive(resource: _Resource) -> _Values:
    return {} if resource.is_rule else {"egress": [], "ingress": [], "tags": {}, "tags_all": {}}


def _known(resource: _Resource, ids: Mapping[str, str]) -> dict[str, object]:
    id_ = ids[resource.address]
    arn = f"arn:aws:ec2:us-east-1:123456789012:{'security-group-rule' if resource.is_rule else 'security-group'}/{id_}"
    named = {argument: ids[address] for argument, address in resource.named.items()}
    seen: dict[str, object] = {"security_group_rule_id": id_} if resource.is_rule else {"egress": [], "ingress": []}
    return {**resource.values, "arn": arn, "id": id_, **seen, **named}


def _described(resource: _Resource, values: object) -> _Entry:
    """As ``planned_values`` and ``prior_state`` have a resource."""
    return {**_head(resource), "schema_version": 0, "values": values, "sensitive_values": _sensitive(resource)}


def _configured(resource: _Resource) -> _Entry:
    expressions: dict[str, object] = {
        name: {"constant_value": value} for name, value in resource.values.items() if value is not None
    }
    expressions |= {name: {"references": [f"{of}.id", of]} for name, of in resource.named.items()}
    return {**_head(resource), "provider_config_key": "aws", "expressions": expressions, "schema_version": 0}


def _head(resource: _Resource) -> _Entry:
    return {
        "address": resource.address,
        "mode": "managed",
        "type": resource.type,
        "name": resource.name,
        "provider_name": _PROVIDER,
    }


def _module(resources: Iterable[_Entry]) -> _Entry:
    return {"root_module": {"resources": list(resources)}}


SHAPES: Mapping[str, Callable[[_Resource, Mapping[str, str]], _Entry]] = {
    "all made": _created,
    "one changed": _one_changed,
    "all changed": _changed,
}


def plan(shape: str, rules: int = RULES) -> _Entry:
    """The JSON of a plan.

    Args:
        shape: one of :data:`SHAPES`: what it does with the rules.
        rules: how many there are.
    """
    groups = list(_groups(rules))
    resources = [*groups, *_rules(groups, rules)]
    ids = {
        resource.address: f"{'sgr' if resource.is_rule else 'sg'}-{number:017x}"
        for number, resource in enumerate(resources)
    }
    changes = [(resource, SHAPES[shape](resource, ids)) for resource in resources]
    there = [resource for resource, change in changes if change["before"] is not None]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "planned_values": _module(_described(resource, change["after"]) for resource, change in changes),
        "resource_changes": [{**_head(resource), "change": change} for resource, change in changes],
        "prior_state": {"format_version": "1.0", "values": _module(_described(r, _known(r, ids)) for r in there)},
        "configuration": _module(map(_configured, resources)),
        "timestamp": "2026-01-01T00:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
    }


def main(shape: str) -> None:
    """Print one, as Terraform does: on one line."""
    json.dump(plan(shape), sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main(sys.argv[1])
