"""Changes of security groups in each shape in which Terraform's configuration may have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.engine.stack import Document
from tests.engine.starting_point import PREFIX_LIST, THEIR_GROUP, VPC

GROUP = "aws_security_group"
INGRESS = "aws_vpc_security_group_ingress_rule"
EGRESS = "aws_vpc_security_group_egress_rule"


@dataclass(frozen=True)
class Shape:
    """A change.

    Args:
        what: what it is, in one sentence.
        before: what is applied; None for nothing.
        after: what is planned then.
        modules: local modules of either, by name.
        plan: more arguments of the plan.
    """

    what: str
    before: Document | None
    after: Document
    modules: Mapping[str, Document] = field(default_factory=dict)
    plan: tuple[str, ...] = ()


def group(role: str | None = None, **more: Any) -> Document:
    """A security group, with our tags if it has a role."""
    tags = {"tags": {"rancher-ports:owner": "prod", "rancher-ports:role": role}} if role else {}
    lasting = {"lifecycle": {"create_before_destroy": True}}
    return {"name_prefix": f"prod-{role or 'pool'}-", "description": "Nodes", "vpc_id": VPC, **tags, **lasting, **more}


def rule(of: str, port: int | str, peer: str, **more: Any) -> Document:
    """A rule on a group of the configuration: TCP on a port or a range, for another group of it or a block."""
    first, _, last = str(port).partition("-")
    ports = {"ip_protocol": "tcp", "from_port": int(first), "to_port": int(last or first)}
    if "/" in peer:
        who = {"cidr_ipv6" if ":" in peer else "cidr_ipv4": peer}
    elif peer.startswith("pl-"):
        who = {"prefix_list_id": peer}
    else:
        who = {"referenced_security_group_id": id_of(peer)}
    return {"security_group_id": id_of(of), **ports, **who, **more}


def id_of(name: str) -> str:
    """The id of a group of the configuration, or what is an id or an expression already."""
    return name if name.startswith(("sg-", "${")) else f"${{{GROUP}.{name}.id}}"


def document(
    groups: Mapping[str, Document], ingress: Document, egress: Document | None = None, **more: Any
) -> Document:
    """A configuration of groups and rules."""
    resources = {GROUP: dict(groups), INGRESS: ingress, EGRESS: egress or {}, **more.pop("resources", {})}
    return {"resource": {type_: some for type_, some in resources.items() if some}, **more}


NODES = {"etcd": group("etcd"), "controlplane": group("controlplane"), "worker": group("worker")}
CLIENT = rule("etcd", 2379, "controlplane")
CLIENT_OUT = rule("controlplane", 2379, "etcd")
OFFICE = "203.0.113.0/24"
BASE = document(NODES, {"client": CLIENT}, {"client": CLIENT_OUT})


def _with(ingress: Document, egress: Document | None = None, **more: Any) -> Document:
    return document(NODES, {"client": CLIENT, **ingress}, {"client": CLIENT_OUT, **(egress or {})}, **more)


def _with_office(port: int | str, name: str = "office") -> Document:
    return _with({name: rule("worker", port, OFFICE)})


_RULES_OF_A_CLUSTER = {
    "resource": {
        GROUP: {"etcd": group(None, tags={"rancher-ports:owner": "${var.name}", "rancher-ports:role": "etcd"})},
        INGRESS: {"client": rule("etcd", 2379, "${var.peer}")},
    },
    "variable": {"name": {"type": "string"}, "peer": {"type": "string"}},
    "output": {"etcd": {"value": id_of("etcd")}},
}
_PASSES_ON = {
    "module": {"inner": {"source": "../inner", "name": "${var.name}", "peer": "${var.peer}"}},
    "variable": {"name": {"type": "string"}, "peer": {"type": "string"}},
    "output": {"etcd": {"value": "${module.inner.etcd}"}},
}
_MODULES: dict[str, Document] = {"inner": _RULES_OF_A_CLUSTER, "outer": _PASSES_ON}


def _called(source: str, **more: Any) -> Document:
    call = {"source": f"./modules/{source}", "name": "prod", "peer": id_of("controlplane")}
    return {"cluster": {**call, **more}}


_EVERYBODY = {"everybody": rule("worker", 443, "0.0.0.0/0"), "everybody_v6": rule("worker", 443, "::/0")}
_OFFICES = {"office": OFFICE, "branch": "198.51.100.0/24"}
_OF_EACH = rule("worker", 443, "10.0.0.0/8", for_each=_OFFICES, cidr_ipv4="${each.value}")
_HOSTILE = {
    "pipe | and `backticks`": "203.0.113.1/32",
    "<script>alert(1)</script>": "203.0.113.2/32",
    "two\nlines": "203.0.113.3/32",
    "\u202edlrow": "203.0.113.4/32",
    "\x1b[31mred": "203.0.113.5/32",
    "@everyone #1 https://example.com": "203.0.113.6/32",
}
_CANDIDATES = {"a": id_of("etcd"), "b": id_of("controlplane")}
_NEW_DESCRIPTION = {**NODES, "etcd": group("etcd", description="Nodes of etcd")}
_WITHOUT_ETCD = {name: of for name, of in NODES.items() if name != "etcd"}

OLD = "aws_security_group_rule"
LIST = "aws_ec2_managed_prefix_list"
# A rule of EC2's that no state knows, on a group that is not ours.
THEIR_RULE = "sgr-0123456789abcdef0"


def _old(**more: Any) -> Document:
    ports = {"type": "ingress", "protocol": "tcp", "from_port": 30000, "to_port": 30000}
    return {"security_group_id": id_of("worker"), **ports, **more}


def _block(port: int, **more: Any) -> Document:
    """A rule in its group, of which JSON has to name every attribute."""
    lists: Document = {name: [] for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")}
    ports = {"protocol": "tcp", "from_port": port, "to_port": port}
    return {**ports, **lists, "self": False, "description": "", **more}


def _in_group(*blocks: Document) -> Document:
    return document(
        {**NODES, "worker": group("worker", ingress=list(blocks))}, {"client": CLIENT}, {"client": CLIENT_OUT}
    )


_TO_LIST = {"security_group_id": id_of("worker"), "ip_protocol": "tcp", "from_port": 443, "to_port": 443}
_OFFICE_BLOCK = _block(443, cidr_blocks=[OFFICE])
_THEIRS = {"security_group_id": THEIR_GROUP, "ip_protocol": "tcp", "from_port": 9345, "to_port": 9345}

SHAPES: dict[str, Shape] = {
    "created-from-nothing": Shape("Groups and the rules between them are made together.", None, BASE),
    "no-change": Shape("Nothing changes.", BASE, BASE),
    "opened-to-the-world": Shape("Everybody is let in, over both families.", BASE, _with(_EVERYBODY)),
    "world-in-two-halves": Shape(
        "The second half of the world is let in.",
        _with({"low": rule("worker", 22, "0.0.0.0/1")}),
        _with({"low": rule("worker", 22, "0.0.0.0/1"), "high": rule("worker", 22, "128.0.0.0/1")}),
    ),
    "port-range-widened": Shape("A rule gets more ports, in place.", _with_office("443-443"), _with_office("443-450")),
    "rule-removed": Shape("A rule goes.", _with_office(443), BASE),
    "rule-split": Shape(
        "A rule becomes two that open the same.",
        _with_office("443-444"),
        _with({"office": rule("worker", 443, OFFICE), "office_more": rule("worker", 444, OFFICE)}),
    ),
    "rules-merged": Shape(
        "Two rules become one that opens the same.",
        _with({"office": rule("worker", 443, OFFICE), "office_more": rule("worker", 444, OFFICE)}),
        _with_office("443-444"),
    ),
    "readdressed": Shape("A rule stands under another name.", _with_office(443), _with_office(443, "head_office")),
    "moved": Shape(
        "A rule stands under another name, and a moved block says so.",
        _with_office(443),
        {**_with_office(443, "head_office"), "moved": [{"from": f"{INGRESS}.office", "to": f"{INGRESS}.head_office"}]},
    ),
    "group-moved": Shape(
        "A group stands under another name, and a moved block says so.",
        document({"node": group("etcd")}, {"office": rule("node", 22, OFFICE)}),
        {
            **document({"etcd": group("etcd")}, {"office": rule("etcd", 22, OFFICE)}),
            "moved": [{"from": f"{GROUP}.node", "to": f"{GROUP}.etcd"}],
        },
    ),
    "moved-between-groups": Shape(
        "A rule goes from one group to another.", _with_office(443), _with({"office": rule("etcd", 443, OFFICE)})
    ),
    "peer-kind-changed": Shape(
        "A block takes the place of a group.", BASE, document(NODES, {"client": rule("etcd", 2379, OFFICE)})
    ),
    "one-half-removed": Shape(
        "Of a flow between groups the egress half goes.", BASE, document(NODES, {"client": CLIENT})
    ),
    "group-replaced": Shape(
        "A group gets another description, for which it is replaced.",
        BASE,
        document(_NEW_DESCRIPTION, {"client": CLIENT}, {"client": CLIENT_OUT}),
    ),
    "group-removed": Shape("A group goes, with the rules about it.", BASE, document(_WITHOUT_ETCD, {})),
    "destroyed": Shape("Everything goes.", BASE, {}),
    "child-module": Shape(
        "A cluster made by a module, whose rule names a group of the caller.",
        document({"controlplane": group("controlplane")}, {}),
        document({"controlplane": group("controlplane")}, {}, module=_called("inner")),
        _MODULES,
    ),
    "nested-unknown-peer": Shape(
        "A group that is made at once is named two modules below.",
        None,
        document({"controlplane": group("controlplane")}, {}, module=_called("outer")),
        _MODULES,
    ),
    "module-output-peer": Shape(
        "A group that is made at once two modules below is named by the caller.",
        None,
        document(
            {"controlplane": group("controlplane")},
            {},
            {"client": rule("controlplane", 2379, "${module.cluster.etcd}")},
            module=_called("outer"),
        ),
        _MODULES,
    ),
    "module-for-each": Shape(
        "A module makes two clusters; the caller names the group of one.",
        None,
        document(
            {"controlplane": group("controlplane")},
            {},
            {"client": rule("controlplane", 2379, '${module.cluster["blue"].etcd}')},
            module=_called("outer", for_each='${toset(["blue", "green"])}', name="${each.key}"),
        ),
        _MODULES,
    ),
    "unknown-carrier": Shape(
        "A rule stands on a group that a module makes at once.",
        None,
        document(
            {"controlplane": group("controlplane")},
            {"ssh": rule("${module.cluster.etcd}", 22, OFFICE)},
            module=_called("outer"),
        ),
        _MODULES,
    ),
    "count": Shape(
        "Groups and rules are made by number.",
        None,
        document(
            {"pool": group(count=2)},
            {"ssh": rule(f"${{{GROUP}.pool[count.index].id}}", 22, OFFICE, count=2)},
        ),
    ),
    "for-each": Shape(
        "A rule for each of some blocks; one is added.",
        _with({"office": {**_OF_EACH, "for_each": {"office": OFFICE}}}),
        _with({"office": _OF_EACH}),
    ),
    "candidates": Shape(
        "A rule for each of two groups that are made at once: which is whose is not known.",
        None,
        document(NODES, {"from": {**rule("worker", 10250, "${each.value}"), "for_each": _CANDIDATES}}),
    ),
    "by-key": Shape(
        "A rule names one of the groups that are made at once by a key of its own.",
        None,
        document(
            {"pool": group(for_each='${toset(["blue", "green"])}'), "worker": group("worker")},
            {
                "from": {
                    **rule("worker", 10250, f"${{{GROUP}.pool[each.key].id}}"),
                    "for_each": '${toset(["blue", "green"])}',
                }
            },
        ),
    ),
    "local-peer": Shape(
        "A rule names a group by a local, of which the plan says nothing.",
        None,
        document(
            NODES,
            {"kubelet": rule("worker", 10250, "${local.controlplane}")},
            locals={"controlplane": id_of("controlplane")},
        ),
    ),
    "unknown-block": Shape(
        "A rule is for an address that is known after apply alone.",
        BASE,
        _with(
            {"nat": rule("worker", 443, "10.0.0.0/8", cidr_ipv4="${terraform_data.nat.output}/32")},
            resources={"terraform_data": {"nat": {"input": "203.0.113.9"}}},
        ),
    ),
    "unknown-port": Shape(
        "A rule is for a port that is known after apply alone.",
        BASE,
        _with(
            {
                "app": rule(
                    "worker",
                    443,
                    OFFICE,
                    from_port="${terraform_data.port.output}",
                    to_port="${terraform_data.port.output}",
                )
            },
            resources={"terraform_data": {"port": {"input": 8443}}},
        ),
    ),
    "sensitive-block": Shape(
        "A rule is for a block that must not be shown.",
        BASE,
        _with(
            {"secret": rule("worker", 443, "10.0.0.0/8", cidr_ipv4="${var.secret}")},
            variable={"secret": {"type": "string", "default": "203.0.113.77/32", "sensitive": True}},
        ),
    ),
    "duplicate": Shape(
        "A rule is made that its group has already.",
        _with_office(443),
        _with({"office": rule("worker", 443, OFFICE), "again": rule("worker", 443, OFFICE, description="Again")}),
    ),
    "over-quota": Shape(
        "A group gets one rule more than AWS allows.",
        BASE,
        _with({"host": rule("worker", 443, "10.0.0.0/8", count=61, cidr_ipv4="10.0.0.${count.index}/32")}),
    ),
    "brought-group": Shape(
        "Rules stand on a group that is not ours, and name it.",
        BASE,
        _with({"theirs": rule(THEIR_GROUP, 443, "worker")}, {"theirs": rule("worker", 443, THEIR_GROUP)}),
    ),
    "data-source": Shape(
        "A group is found by a data source.",
        BASE,
        _with(
            {"balancer": rule("worker", 30080, f"${{data.{GROUP}.balancer.id}}")},
            data={GROUP: {"balancer": {"id": THEIR_GROUP}}},
        ),
    ),
    "data-source-unknown": Shape(
        "A data source is read at apply, since it waits for something.",
        BASE,
        _with(
            {"balancer": rule("worker", 30080, f"${{data.{GROUP}.balancer.id}}")},
            data={GROUP: {"balancer": {"id": THEIR_GROUP, "depends_on": ["terraform_data.wait"]}}},
            resources={"terraform_data": {"wait": {"input": "a while"}}},
        ),
    ),
    "prefix-list": Shape("A prefix list is let in.", BASE, _with({"mirrors": rule("worker", 443, PREFIX_LIST)})),
    "prefix-list-made": Shape(
        "A prefix list is made, and let in at once.",
        BASE,
        _with(
            {"offices": {**_TO_LIST, "prefix_list_id": f"${{{LIST}.offices.id}}"}},
            resources={LIST: {"offices": {"name": "offices", "address_family": "IPv4", "max_entries": 5}}},
        ),
    ),
    "old-rule-lists": Shape(
        "A rule of the older kind gets one more block, for which it is replaced.",
        _with({}, resources={OLD: {"ports": _old(cidr_blocks=[OFFICE], prefix_list_ids=[PREFIX_LIST])}}),
        _with(
            {},
            resources={
                OLD: {"ports": _old(cidr_blocks=[OFFICE, "198.51.100.0/24"], prefix_list_ids=[PREFIX_LIST])},
            },
        ),
    ),
    "old-rule-groups": Shape(
        "Rules of the older kind for a group, and for their own.",
        BASE,
        _with(
            {},
            {"out": rule("etcd", 30000, "worker"), "within": rule("worker", 30000, "worker")},
            resources={
                OLD: {
                    "etcd": _old(source_security_group_id=id_of("etcd")),
                    "own": _old(self=True),
                }
            },
        ),
    ),
    "inline-blocks": Shape(
        "A rule is added to those that stand in their group.",
        _in_group(_OFFICE_BLOCK),
        _in_group(_OFFICE_BLOCK, _block(22, cidr_blocks=["198.51.100.0/24"])),
    ),
    "inline-unknown": Shape(
        "A rule that stands in its group names one that is made at once.",
        None,
        _in_group(_block(10250, security_groups=[id_of("controlplane")])),
    ),
    "inline-to-standalone": Shape(
        "A rule leaves its group for a resource of its own: EC2 has it already.",
        _in_group(_OFFICE_BLOCK),
        _with_office(443),
    ),
    "default-group": Shape(
        "The rules of the VPC's default group are taken over.",
        BASE,
        _with({}, resources={"aws_default_security_group": {"default": {"vpc_id": VPC, "ingress": [_OFFICE_BLOCK]}}}),
    ),
    "import": Shape(
        "A rule that EC2 has is taken over as it is.",
        BASE,
        {
            **_with({"theirs": {**_THEIRS, "cidr_ipv4": "10.60.0.0/16"}}),
            "import": [{"to": f"{INGRESS}.theirs", "id": THEIR_RULE}],
        },
    ),
    "forgotten": Shape(
        "Terraform forgets a rule, which stays in EC2.",
        _with_office(443),
        {**BASE, "removed": [{"from": f"{INGRESS}.office", "lifecycle": {"destroy": False}}]},
    ),
    "hostile-names": Shape(
        "Names that would do harm where they are shown.", BASE, _with({"office": {**_OF_EACH, "for_each": _HOSTILE}})
    ),
    "targeted": Shape(
        "A plan of some resources alone.", BASE, _with(_EVERYBODY), plan=(f"-target={INGRESS}.everybody",)
    ),
}
