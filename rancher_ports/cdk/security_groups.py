"""What all constructs have in common: a deployment of a table, rendered as groups and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from constructs import Construct

from rancher_ports.audit import audit, renamed_groups
from rancher_ports.cdk.flavours import Flavour, stack_of
from rancher_ports.cdk.ledger import claim
from rancher_ports.cdk.moved import moved_class
from rancher_ports.cdk.resources import Resources, resources
from rancher_ports.errors import Faults, InputError, check_flag, nearest, one_of, refuse
from rancher_ports.model.addresses import Address, address
from rancher_ports.model.bindings import Binding, BroughtGroup, bind, check_groups
from rancher_ports.model.deployment import Deployment, Side, fill, side_of
from rancher_ports.model.findings import Finding
from rancher_ports.model.ids import check_vpc_id
from rancher_ports.model.moves import check_former_names, moves
from rancher_ports.model.names import check_group_name_prefix, check_name, former_names, is_name
from rancher_ports.model.peers import RULE_ARGUMENTS, Peer, check_distinct
from rancher_ports.model.roles import ROLES, GroupKey, check_role
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import CHOICES, DEFAULT_DISTRIBUTION, Table, choose
from rancher_ports.model.tags import NAME_TAG, OWNER_TAG, REQUIREMENT_TAG, ROLE_TAG, check_tags, requirement_tag
from rancher_ports.model.templates import templates
from rancher_ports.tables import load_table

if TYPE_CHECKING:
    from cdktf import TerraformProvider, TerraformStack

# Constant: changing the description of a group replaces it.
DESCRIPTION = "Managed by rancher-ports"


class WithId(Protocol):
    """A construct of a security group: a resource or a data source."""

    @property
    def id(self) -> str:
        """Its id, as a token."""


class Options(TypedDict, total=False):
    """Keyword arguments that all constructs take; each may be left out.

    Args:
        prefix: begins every address, ``[a-z][a-z0-9-]*``; the construct's id by default.
        group_name_prefix: begins the AWS names of the groups; the prefix by default. Changing it
            replaces the groups.
        moved_from: the prefix that addresses began with before, or several, newest first: resources at
            such addresses move. With them goes the old prefix as ``group_name_prefix``, if it was not set.
        distribution: whose documented ports; ``rke1`` by default.
        features: names of the distribution's features to switch on.
        cni: the container network; the distribution's usual one by default.
        one_sided: ``completed`` (default) adds the missing half of each flow between roles that only
            one end documents; ``documented`` emits the table as it is.
        egress: ``documented`` (default), or ``all``, which adds all egress.
        slots: by slot, the peers in it.
        groups: by role, the group that exists already and takes the place of one of ours: a
            :class:`rancher_ports.BroughtGroup`, or an id or a construct, which get no rules of ours.
        peers: peers that may or may not stand in a slot; those without a rule become a finding.
        tags: tags for every resource, besides ours.
        prevent_destroy: whether Terraform refuses to destroy the groups.
        revoke_rules_on_delete: whether a group's rules are revoked before it is deleted.
        provider: the AWS provider, where it is not the stack's default one.
    """

    prefix: str | None
    group_name_prefix: str | None
    moved_from: str | Iterable[str]
    distribution: str
    features: Iterable[str]
    cni: str | None
    one_sided: str
    egress: str
    slots: Mapping[str, Iterable[Peer]]
    groups: Mapping[str, BroughtGroup | WithId | str]
    peers: Iterable[Peer]
    tags: Mapping[str, str]
    prevent_destroy: bool
    revoke_rules_on_delete: bool
    provider: TerraformProvider | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything about a construct that can be worked out before the CDK is asked for anything."""

    prefix: str
    group_name_prefix: str
    vpc_id: str
    deployment: Deployment
    rules: RuleSet
    moves: tuple[tuple[Address, Address], ...]
    findings: tuple[Finding, ...]
    tags: Mapping[str, str]

    @property
    def own(self) -> tuple[Binding, ...]:
        """What realises the roles of the construct itself."""
        return tuple(self.deployment.bindings[role] for role in self.deployment.roles)


class NodeSecurityGroups(Construct):
    """One security group for each of some roles, created or brought, and their rules.

    Not for direct use: see :class:`RancherServer`, :class:`RancherCluster` and :class:`RancherPorts`.

    Args:
        scope: where it stands, in a stack with an AWS provider.
        id: the construct's id.
        sides: whose groups it makes.
        vpc_id: the VPC of the groups, possibly unknown until apply.
        server: who made the rancher group, where this construct does not.
        server_provider: the provider for rules on that group, where it is not the server's own.
        options: see :class:`Options`.

    Raises:
        InputError: with every fault in the arguments, before anything is built.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  # the CDK's word
        *,
        sides: frozenset[Side],
        vpc_id: str,
        server: NodeSecurityGroups | None,
        server_provider: TerraformProvider | None = None,
        options: Options,
    ) -> None:
        plan = _plan(str(id), sides, vpc_id, server, options)
        stack, flavour = stack_of(scope, id)
        _check_flavour(id, flavour, server, {"provider": options.get("provider"), "server_provider": server_provider})
        providers = _server_providers(id, stack, server, server_provider)
        bindings = resources(flavour)
        claim(stack, flavour, _addresses(plan), [former for former, _ in plan.moves], f"{scope.node.path}/{id}")
        super().__init__(scope, id)
        self._plan = plan
        self._stack, self._flavour = stack, flavour
        # A rule stands in the account and region of its group, whoever writes it.
        self._providers = {binding.group: options.get("provider") for binding in plan.own if binding.writes}
        self._ids = {
            binding.group: self._build_group(bindings, binding.group, options)
            if binding.brought is None
            else binding.brought
            for binding in plan.own
        }
        ids = {**(server._ids if server else {}), **self._ids}
        providers |= self._providers
        for rule in plan.rules.rules:
            self._build_rule(bindings, rule, ids, providers)
        output = flavour.cdk.TerraformOutput(
            self,
            "security_group_ids",
            value={group.role: token for group, token in self._ids.items()},
            description="Security group ids by node role",
        )
        output.override_logical_id(_output(plan).name)
        if plan.moves:
            moved_class(flavour)(self, "moved", plan.moves)
        by_role = plan.deployment.bindings
        self._ids_by_role = {role: ids[by_role[role].group] for role in ROLES if role in by_role}
        annotate = flavour.cdk.Annotations.of(self)
        for finding in plan.findings:
            (annotate.add_warning if finding.severity == "warning" else annotate.add_info)(str(finding))

    @property
    def owner(self) -> str:
        """The name under which the groups belong together: the prefix of their addresses."""
        return self._plan.prefix

    @property
    def vpc_id(self) -> str:
        """The VPC of the groups."""
        return self._plan.vpc_id

    @property
    def rules(self) -> RuleSet:
        """The rules that this construct wrote."""
        return self._plan.rules

    def findings(self) -> tuple[Finding, ...]:
        """What is worth knowing about these groups; the same as the annotations of ``cdktf synth``."""
        return self._plan.findings

    def security_group_id(self, role: str) -> str:
        """The id of one role's security group, as a token.

        Args:
            role: ``rancher``, ``etcd``, ``controlplane`` or ``worker``, as far as this construct knows it.

        Raises:
            InputError: there is no such role here; with the nearest one.
        """
        check_role(role, "role", tuple(self._ids_by_role))
        return self._ids_by_role[role]

    def security_group_ids(self, *roles: str) -> list[str]:
        """The ids for a node that has several roles, each once, in the document's order of roles.

        Raises:
            InputError: a role is unknown here, or none is named.
        """
        faults = Faults()
        known = tuple(self._ids_by_role)
        if not roles:
            faults.missing("roles", f"at least {one_of(known)}")
        for role in roles:
            with faults.under(""):
                check_role(role, "roles", known)
        faults.raise_any()
        return [self._ids_by_role[role] for role in ROLES if role in roles]

    def _build_group(self, bindings: Resources, key: GroupKey, options: Options) -> str:
        plan = self._plan
        name = f"{plan.group_name_prefix}-{key.role}"
        # create_before_destroy: a group that another's rule names cannot be deleted before that rule has
        # moved on, so a replacement has to come first. That needs a name which AWS makes unique.
        lifecycle: dict[str, bool] = {"create_before_destroy": True}
        if options.get("prevent_destroy"):
            lifecycle["prevent_destroy"] = True
        arguments = {
            "name_prefix": f"{name}-",
            "description": DESCRIPTION,
            "vpc_id": plan.vpc_id,
            "tags": {**plan.tags, NAME_TAG: name, ROLE_TAG: key.role, OWNER_TAG: key.owner},
            "revoke_rules_on_delete": True if options.get("revoke_rules_on_delete") else None,
            "lifecycle": lifecycle,
            "provider": self._providers[key],
        }
        group = bindings.security_group(self, key.role, arguments)
        group.take_address(address(key, plan.prefix).name)
        return str(group.id)

    def _build_rule(
        self,
        bindings: Resources,
        rule: Rule,
        ids: Mapping[GroupKey, str],
        providers: Mapping[GroupKey, TerraformProvider | None],
    ) -> None:
        plan = self._plan
        name = address(rule, plan.prefix).name
        group, peer = rule.group, rule.peer.value
        if isinstance(group, str):
            raise TypeError(f"a rule on {group}, which is not bound to a role")
        arguments = {
            "security_group_id": ids[group],
            "ip_protocol": rule.port.protocol,
            "from_port": rule.port.first,
            "to_port": rule.port.last,
            RULE_ARGUMENTS[rule.peer.kind]: ids[peer] if isinstance(peer, GroupKey) else peer,
            "description": rule.description,
            "tags": {**plan.tags, NAME_TAG: name, REQUIREMENT_TAG: requirement_tag(rule.because)},
            "provider": providers[group],
        }
        resource = bindings.rules[rule.direction](self, name.removeprefix(f"{plan.prefix}_"), arguments)
        resource.take_address(name)


def _check_flavour(
    id_: str,
    flavour: Flavour,
    server: NodeSecurityGroups | None,
    providers: Mapping[str, TerraformProvider | None],
) -> None:
    """Refuse what comes from a stack of the other flavour: the CDK would fail at synthesis, or in a type check."""
    faults = Faults()
    if server is not None and server._flavour is not flavour:
        faults.add(f"{id_}.server", server.node.path, f"one in a stack of {flavour.name}, as this one is")
    for argument, provider in providers.items():
        if provider is not None and not isinstance(provider, flavour.cdk.TerraformProvider):
            faults.add(f"{id_}.{argument}", type(provider).__qualname__, f"an AwsProvider of {flavour.bindings}")
    faults.raise_any()


def _server_providers(
    id_: str, stack: TerraformStack, server: NodeSecurityGroups | None, given: TerraformProvider | None
) -> dict[GroupKey, TerraformProvider | None]:
    """The provider for rules on each of the server's groups."""
    if server is None:
        return {}
    own = server._providers
    if given is not None:
        return dict.fromkeys(own, given)
    if any(own.values()) and server._stack is not stack:
        allowed = "a provider of this stack for the rules on the server's group, which has a provider of its own"
        raise refuse(f"{id_}.server_provider", None, f"{allowed} in another stack")
    return dict(own)


def _addresses(plan: _Plan) -> list[Address]:
    groups = [address(binding.group, plan.prefix) for binding in plan.own if binding.brought is None]
    return [*groups, *(address(rule, plan.prefix) for rule in plan.rules.rules), _output(plan)]


def _output(plan: _Plan) -> Address:
    # Outputs are merged like resources where two have one name.
    return Address("output", f"{plan.prefix}_security_group_ids")


def _plan(id_: str, sides: frozenset[Side], vpc_id: str, server: NodeSecurityGroups | None, options: Options) -> _Plan:
    faults = Faults()
    for key in options:
        if key not in Options.__annotations__:
            allowed = f"an argument, {one_of(Options.__annotations__)}"
            faults.add(id_, key, allowed, nearest(key, Options.__annotations__))
    prefix, group_name_prefix = options.get("prefix"), options.get("group_name_prefix")
    prefix = id_ if prefix is None else prefix
    tags = options.get("tags", {})
    checks: list[tuple[Callable[[object, str], None], object, str]] = [
        (check_name, prefix, "prefix"),
        (check_vpc_id, vpc_id, "vpc_id"),
        (check_tags, tags, "tags"),
        (check_flag, options.get("prevent_destroy", False), "prevent_destroy"),
        (check_flag, options.get("revoke_rules_on_delete", False), "revoke_rules_on_delete"),
    ]
    if group_name_prefix is not None:
        checks.append((check_group_name_prefix, group_name_prefix, "group_name_prefix"))
    elif is_name(prefix):
        checks.append((check_group_name_prefix, prefix, "prefix"))
    for check, value, place in checks:
        with faults.under(id_):
            check(value, place)
    former_prefixes: tuple[str, ...] = ()
    with faults.under(id_):
        former_prefixes = former_names(options.get("moved_from", ()), prefix, "moved_from")
    group_name_prefix = prefix if group_name_prefix is None else group_name_prefix
    try:
        table = load_table(options.get("distribution", DEFAULT_DISTRIBUTION))
        given: dict[str, Any] = {key: value for key, value in options.items() if key in CHOICES}
        choices = choose(table, **given)
    except InputError as error:
        faults.take(error.under(id_))
        raise faults.error() from None
    slots = _slots(id_, options.get("slots", {}), table, sides, faults)
    peers = _peers(options.get("peers", ()), f"{id_}.peers", faults)
    with faults.under(f"{id_}.peers"):
        check_distinct([*(peer for some in slots.values() for peer in some), *peers])
    with faults.under(f"{id_}.peers"):
        in_use = [peer for slot in table.slots.values() for peer in slots.get(slot.name, slot.default)]
        check_former_names([*in_use, *peers])
    bindings = {} if server is None else {"rancher": server._plan.deployment.bindings["rancher"]}
    roles = tuple(role for role in ROLES if side_of(role) in sides)
    bindings |= bind(prefix, roles, _groups(options.get("groups", {}), roles, f"{id_}.groups", faults))
    with faults.under(f"{id_}.groups"):
        check_groups({role: binding.brought for role, binding in bindings.items()})
    faults.raise_any()
    deployment = Deployment(choices, bindings, slots, sides)
    try:
        rules = fill(templates(table), deployment)
        findings = audit(table, deployment, rules, peers)
    except InputError as error:
        raise error.under(f"{id_}.slots") from None
    created = [bindings[role].group for role in roles if bindings[role].brought is None]
    if created:
        findings = (*renamed_groups(prefix, group_name_prefix, former_prefixes), *findings)
    moved = moves([*created, *rules.rules], prefix, former_prefixes)
    return _Plan(prefix, group_name_prefix, vpc_id, deployment, rules, moved, findings, tags)


def _groups(given: object, roles: tuple[str, ...], place: str, faults: Faults) -> dict[str, BroughtGroup]:
    groups: dict[str, BroughtGroup] = {}
    if not isinstance(given, Mapping):
        faults.add(place, given, "a mapping from roles to groups")
        return groups
    for role, group in given.items():
        if role not in roles:
            faults.add(place, role, one_of(roles), nearest(role, roles))
            continue
        with faults.under(f"{place}.{role}"):
            id_: Any = getattr(group, "id", group)
            groups[role] = group if isinstance(group, BroughtGroup) else BroughtGroup(id_)
    return groups


def _slots(
    id_: str, given: object, table: Table, sides: frozenset[Side], faults: Faults
) -> dict[str, tuple[Peer, ...]]:
    here = {slot for role in ROLES if side_of(role) in sides for slot in table.slots_of(role)}
    known = tuple(slot for slot in table.slots if slot in here)
    slots: dict[str, tuple[Peer, ...]] = {}
    if not isinstance(given, Mapping):
        faults.add(f"{id_}.slots", given, "a mapping from slots to lists of peers")
        return slots
    for slot, peers in given.items():
        place = f"{id_}.slots.{slot}"
        if slot not in known:
            faults.add(f"{id_}.slots", slot, f"a slot, {one_of(known)}", nearest(slot, known))
            continue
        slots[slot] = _peers(peers, place, faults)
    return slots


def _peers(given: object, place: str, faults: Faults) -> tuple[Peer, ...]:
    if isinstance(given, (str, Peer)) or not isinstance(given, Iterable):
        faults.add(place, given, "a list of peers")
        return ()
    entries: list[object] = list(given)
    for index, entry in enumerate(entries):
        if not isinstance(entry, Peer):
            faults.add(f"{place}[{index}]", entry, 'a peer, such as Peer.cidr("office", "203.0.113.0/24")')
    return tuple(entry for entry in entries if isinstance(entry, Peer))
