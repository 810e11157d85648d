"""Which security group rules that exist are the ones that a plan would make anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rancher_ports.errors import Faults
from rancher_ports.model.addresses import GROUP_TYPE, RULE_TYPES, read_rule_name
from rancher_ports.model.deployment import Side, writer
from rancher_ports.model.peers import ANYWHERE, RULE_ARGUMENTS, PeerKind
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import NODES, Direction
from rancher_ports.model.tags import NAME_TAG, REQUIREMENT_TAG, group_key
from rancher_ports.readers.described import DescribedRule, peer_value
from rancher_ports.readers.plan import Plan, PlannedResource
from rancher_ports.recovery.commands import revoke_rules
from rancher_ports.recovery.groups import GroupDecisions
from rancher_ports.recovery.questions import groups_with_rules
from rancher_ports.recovery.result import Import, Leftover

_DIRECTIONS: dict[str, Direction] = {type_: direction for direction, type_ in RULE_TYPES.items()}
_EVERYWHERE = tuple(peer.value for peer in ANYWHERE)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A rule that the plan makes; None is what it does not know yet."""

    resource: PlannedResource
    direction: Direction
    group_id: str | None
    port: Port | None
    kind: PeerKind | None
    peer: str | None

    def is_rule(self, rule: DescribedRule) -> bool:
        """Whether all of it is known, and the same as a rule that exists."""
        return self.may_be(rule) and None not in (self.group_id, self.port, self.kind, self.peer)

    def may_be(self, rule: DescribedRule) -> bool:
        """Whether nothing of it that is known differs from a rule that exists."""
        there = rule.identity
        return (
            self.direction == there.direction
            and self.group_id in (None, there.group_id)
            and self.port in (None, there.port)
            and self.kind in (None, there.kind)
            and (self.peer is None or peer_value(there.kind, self.peer, rule.account) == there.peer)
        )


def decide_rules(
    plan: Plan, groups: GroupDecisions, rules: Iterable[DescribedRule]
) -> tuple[tuple[Import, ...], tuple[Leftover, ...]]:
    """Compare the rules that a plan makes with those that exist and that the state does not know.

    Args:
        plan: what Terraform is about to do.
        groups: what becomes of the groups.
        rules: what EC2 has on them.

    Raises:
        InputError: with a fault for each planned rule whose port is none.
    """
    known = plan.known(*_DIRECTIONS)
    wanted = _read_wanted(plan, groups)
    found = _Found.of(plan, groups)
    by_id = {rule.id: rule for rule in rules}
    # Blocks that are in place are written again, so that the file can be, too.
    imports = [
        Import(resource.address, resource.importing, _said(by_id.get(resource.importing)))
        for resource in plan.of_type(*_DIRECTIONS)
        if resource.importing
    ]
    leftovers: list[Leftover] = []
    for rule in by_id.values():
        resources = [other.resource for other in wanted if other.is_rule(rule)]
        if rule.id in known:
            others = [resource for resource in resources if resource.address != known[rule.id]]
            leftovers += [_known_elsewhere(rule, known[rule.id], resource) for resource in others]
        elif len(resources) > 1:
            leftovers.append(_wanted_twice(rule, resources))
        elif resources and resources[0].is_new:
            imports.append(Import(resources[0].address, rule.id, _said(rule)))
        elif resources:
            leftovers.append(_in_the_way(rule, resources[0], found.regions.get(rule.identity.group_id)))
        elif found.concerns(rule):
            possible = [other.resource for other in wanted if other.may_be(rule)]
            leftovers.append(_undecided(rule, possible) if possible else _unwanted(rule, found))
    return tuple(imports), tuple(leftovers)


@dataclass(frozen=True, slots=True)
class _Found:
    """Which rules that nothing claims are this plan's business.

    Args:
        imported: ids of the groups that are imported.
        nodes: those of them to which AWS's cloud controller adds rules.
        others: ids of further groups on which the plan has rules.
        writers: the prefixes under which it writes rules, and on whose side: a server in one stack and a
            cluster in another may have one prefix.
        regions: where groups are, by id, as far as EC2 says.
    """

    imported: frozenset[str]
    nodes: frozenset[str]
    others: frozenset[str]
    writers: frozenset[tuple[str, Side]]
    regions: Mapping[str, str | None]

    @classmethod
    def of(cls, plan: Plan, groups: GroupDecisions) -> _Found:
        names = [read_rule_name(resource.name) for resource in plan.of_type(*_DIRECTIONS)]
        return cls(
            imported=frozenset(group.id for group in groups.imported.values()),
            nodes=frozenset(
                groups.imported[group.address].id
                for group in plan.of_type(GROUP_TYPE)
                if group.address in groups.imported and _is_for_nodes(group)
            ),
            others=frozenset(groups_with_rules(plan)),
            writers=frozenset((name.prefix, writer(name.role, name.peer)) for name in names if name is not None),
            regions=groups.regions,
        )

    def concerns(self, rule: DescribedRule) -> bool:
        name = read_rule_name(rule.tags.get(NAME_TAG, "")) if REQUIREMENT_TAG in rule.tags else None
        if name is not None:
            # Another stack's rules on a group of ours are that stack's.
            known = rule.identity.group_id in self.imported | self.others
            return known and (name.prefix, writer(name.role, name.peer)) in self.writers
        if rule.identity.group_id in self.nodes and rule.identity.direction == "ingress":
            # The cloud controller's, for the load balancers of Services.
            return False
        return rule.identity.group_id in self.imported


def _is_for_nodes(group: PlannedResource) -> bool:
    key = group_key(group.after.get("tags"))
    return key is not None and key.role == NODES


def _read_wanted(plan: Plan, groups: GroupDecisions) -> list[_Wanted]:
    """The rules that the plan makes, but for those with a group at either end that does not exist yet."""
    faults = Faults()
    wanted = []
    for resource in plan.of_type(*_DIRECTIONS):
        if not resource.creates or groups.made.intersection(resource.refers_to.values()):
            continue
        with faults.under(resource.address):
            wanted.append(_read_one(resource, groups))
    faults.raise_any()
    return wanted


def _read_one(resource: PlannedResource, groups: GroupDecisions) -> _Wanted:
    kinds = [kind for kind, argument in RULE_ARGUMENTS.items() if resource.after.get(argument) is not None]
    kinds = kinds or [kind for kind, argument in RULE_ARGUMENTS.items() if argument in resource.unknown]
    kind = kinds[0] if len(kinds) == 1 else None
    return _Wanted(
        resource=resource,
        direction=_DIRECTIONS[resource.type],
        group_id=_value(resource, "security_group_id", groups),
        port=_read_port(resource),
        kind=kind,
        peer=_value(resource, RULE_ARGUMENTS[kind], groups) if kind else None,
    )


def _value(resource: PlannedResource, attribute: str, groups: GroupDecisions) -> str | None:
    value = resource.after.get(attribute)
    imported = groups.imported.get(resource.refers_to.get(attribute, ""))
    if isinstance(value, str):
        return value
    if imported is None:
        return None
    return f"{resource.accounts[attribute]}/{imported.id}" if attribute in resource.accounts else imported.id


def _read_port(resource: PlannedResource) -> Port | None:
    protocol, first, last = (resource.after.get(key) for key in ("ip_protocol", "from_port", "to_port"))
    if resource.unknown.intersection(("ip_protocol", "from_port", "to_port")):
        return None
    return Port.from_ec2(str(protocol), first, last)  # type: ignore[arg-type]  # a port refuses what is no number


def _said(rule: DescribedRule | None) -> str:
    return f"{rule.identity} on {rule.identity.group_id}" if rule else ""


def _known_elsewhere(rule: DescribedRule, known_at: str, resource: PlannedResource) -> Leftover:
    address = resource.address
    return Leftover(
        "one-rule-twice",
        address,
        f"{address} is the rule {rule.id} ({_said(rule)}), which the state has as {known_at}.",
        f"If it was renamed, move it (`terraform state mv '{known_at}' '{address}'`, or a moved block); otherwise take "
        "one of the two out of the configuration, since EC2 takes each rule once.",
    )


def _wanted_twice(rule: DescribedRule, resources: Iterable[PlannedResource]) -> Leftover:
    addresses = " and ".join(sorted(resource.address for resource in resources))
    return Leftover(
        "one-rule-twice",
        rule.id,
        f"{addresses} are one rule, {rule.id} ({_said(rule)}).",
        "Take all but one of them out of the configuration, since EC2 takes each rule once.",
    )


def _in_the_way(rule: DescribedRule, resource: PlannedResource, region: str | None) -> Leftover:
    return Leftover(
        "orphan-rule",
        rule.id,
        f"{rule.id} ({_said(rule)}) is what {resource.address} is about to become, and EC2 refuses a second one.",
        f"Remove it before the next apply: `{revoke_rules([rule], region)}`.",
    )


def _undecided(rule: DescribedRule, possible: Iterable[PlannedResource]) -> Leftover:
    addresses = " or ".join(sorted(resource.address for resource in possible))
    return Leftover(
        "undecided-rule",
        rule.id,
        f"{rule.id} ({_said(rule)}) may be {addresses}, of which the plan does not know everything yet.",
        f'If it is, put {{"to": "...", "id": "{rule.id}"}} with that address into the list "import" of import.tf.json.',
    )


def _unwanted(rule: DescribedRule, found: _Found) -> Leftover:
    identity = rule.identity
    is_default = identity.direction == "egress" and identity.port == Port.all() and identity.peer in _EVERYWHERE
    imported = identity.group_id in found.imported
    what = "EC2's rule for all egress of a new group" if is_default else "a rule of no resource here"
    command = revoke_rules([rule], found.regions.get(identity.group_id))
    return Leftover(
        "unmanaged-rule" if imported else "orphan-rule",
        rule.id,
        f"{rule.id} ({_said(rule)}) is {what}, and stays open unseen.",
        f"If nobody else made it, revoke it: `{command}`.",
    )
