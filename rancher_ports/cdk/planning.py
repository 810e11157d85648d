"""Everything about a construct that can be worked out before the CDK is asked for anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rancher_ports.cdk.options import Options
from rancher_ports.cdk.role_peer import RolePeer
from rancher_ports.errors import Faults, InputError, check_flag, nearest, one_of
from rancher_ports.model.addresses import Address, address
from rancher_ports.model.adopting import AdoptedGroup, check_adopted, kept_rules
from rancher_ports.model.bindings import Binding, BroughtGroup, bind, check_groups
from rancher_ports.model.connections import Connection, check_connection, connect, through_agents
from rancher_ports.model.deployment import Deployment, Side, fill, left_out, side_of
from rancher_ports.model.ids import check_vpc_id
from rancher_ports.model.migration import migrate, unchosen
from rancher_ports.model.moves import check_former_names
from rancher_ports.model.names import check_group_name_prefix, check_name, former_names, is_name
from rancher_ports.model.peers import Peer, PeerKind, check_distinct, check_families
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.roles import AGENTS, NODES, ROLES, GroupKey
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.table import CHOICES, DEFAULT_DISTRIBUTION, Table, choose
from rancher_ports.model.tags import check_kubernetes_cluster, check_tags
from rancher_ports.model.templates import RuleTemplate, templates
from rancher_ports.tables import load_table, load_tables


@dataclass(frozen=True, slots=True)
class Standing:
    """How a construct stands to a Rancher server.

    Args:
        sides: whose groups it makes.
        server: what realises the rancher role, where another construct made it.
        connection: how the two reach each other.
        agents: the agents group that its nodes join, if they join one.
        is_agents: whether it is one.
    """

    sides: frozenset[Side]
    server: Binding | None = None
    connection: Connection = field(default_factory=Connection.same_vpc)
    agents: GroupKey | None = None
    is_agents: bool = False

    def account_of(self, peer: RolePeer) -> str | None:
        """The account with which rules here have to name another construct's role; None where it is in the same."""
        here = self.connection.cluster_account
        # Where nobody says an account, it is the server's.
        return None if peer.account == here else peer.account or self.connection.server_account

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles on these sides, in the document's order."""
        return tuple(role for role in ROLES if side_of(role) in self.sides)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a construct is to build.

    Args:
        prefix: begins every address.
        group_name_prefix: begins the groups' names.
        former_prefixes: what began the addresses before, newest first.
        vpc_id: the VPC of the groups.
        table: the documented ports.
        templates: its rows as templates.
        deployment: what the user chose of them.
        rules: what came of it.
        created: the groups to create.
        own: what realises the roles of the construct itself.
        adopted: by role, the groups that exist already and are imported.
        peers: peers that the user defined besides those in slots.
        role_peers: other constructs' roles that stand in slots.
        quotas: how much AWS allows.
        tags: the user's.
        kubernetes_cluster: the name that the tag of the group ``nodes`` has.
    """

    prefix: str
    group_name_prefix: str
    former_prefixes: tuple[str, ...]
    vpc_id: str
    table: Table
    templates: tuple[RuleTemplate, ...]
    deployment: Deployment
    rules: RuleSet
    created: tuple[GroupKey, ...]
    own: tuple[Binding, ...]
    adopted: Mapping[str, AdoptedGroup]
    peers: tuple[Peer, ...]
    role_peers: Mapping[GroupKey, RolePeer]
    quotas: Quotas
    tags: Mapping[str, str]
    kubernetes_cluster: str | None

    @property
    def output(self) -> Address:
        """Where the ids of the groups are put out. Outputs are merged like resources where two have one name."""
        return Address("output", f"{self.prefix}_security_group_ids")

    @property
    def addresses(self) -> list[Address]:
        """The addresses of all that is built at first."""
        resources: list[GroupKey | Rule] = [*self.created, *self.rules.rules]
        return [*(address(resource, self.prefix) for resource in resources), self.output]


def plan(id_: str, vpc_id: object, standing: Standing, options: Options) -> Plan:
    """Check all arguments of a construct, and work out what it builds.

    Args:
        id_: the construct's id.
        vpc_id: the VPC.
        standing: what it is to a server.
        options: the rest, as the user gave it.

    Raises:
        InputError: with every fault in them.
    """
    faults = Faults()
    prefix, group_name_prefix, former_prefixes = _names(id_, vpc_id, standing, options, faults)
    quotas: object = options.get("quotas", Quotas())
    if not isinstance(quotas, Quotas):
        faults.add(f"{id_}.quotas", quotas, "quotas such as Quotas(rules_per_group=120)")
        quotas = Quotas()
    try:
        table = load_table(options.get("distribution", DEFAULT_DISTRIBUTION))
    except InputError as error:
        # What slots and features there are depends on it.
        faults.take(error.under(id_))
        raise faults.error() from None
    given: dict[str, Any] = {key: value for key, value in options.items() if key in CHOICES}
    choices = unchosen(table)
    with faults.under(id_):
        choices = choose(table, **given)
    if options.get("migrating_from") is not None:
        with faults.under(id_):
            table, choices = migrate(table, choices, options.get("migrating_from"), load_tables())
    here = {GroupKey(prefix, role) for role in standing.roles} if is_name(prefix) else set()
    server = standing.server.group if standing.server is not None else None
    reader = PeerReader(faults, standing, here, server)
    slots = _slots(f"{id_}.slots", options.get("slots", {}), table, _slot_roles(standing), reader)
    peers = reader.read(options.get("peers", ()), f"{id_}.peers")
    with faults.under(f"{id_}.peers"):
        check_distinct([*(peer for some in slots.values() for peer in some), *peers])
    with faults.under(f"{id_}.peers"):
        in_use = [peer for slot in table.slots for peer in slots.get(slot, table.default_peers(slot))]
        check_former_names([*in_use, *peers])
    bindings = _bindings(prefix, standing, options.get("groups", {}), f"{id_}.groups", faults)
    adopted = _adopted(standing, bindings, options, f"{id_}.adopted", faults)
    faults.raise_any()
    kept = kept_rules(prefix, adopted)
    deployment = Deployment(choices, bindings, slots, standing.sides, server_rules=standing.agents is None, kept=kept)
    made = templates(table)
    with faults.under(id_):
        check_connection(made, deployment, standing.connection)
    faults.raise_any()
    try:
        rules = fill(made, deployment)
        # For what is wrong with it.
        left_out(made, deployment)
    except InputError as error:
        raise error.under(f"{id_}.slots") from None
    own = () if standing.is_agents else tuple(bindings[role] for role in standing.roles)
    kubernetes_cluster = options.get("kubernetes_cluster")
    extra = [AGENTS] if standing.is_agents else [NODES] if kubernetes_cluster is not None or NODES in adopted else []
    return Plan(
        prefix=prefix,
        group_name_prefix=group_name_prefix,
        former_prefixes=former_prefixes,
        vpc_id=str(vpc_id),
        table=table,
        templates=made,
        deployment=deployment,
        rules=rules,
        created=(
            *(binding.group for binding in own if binding.brought is None),
            *(GroupKey(prefix, name) for name in extra),
        ),
        own=own,
        adopted=adopted,
        peers=peers,
        role_peers=reader.found,
        quotas=quotas,
        tags=options.get("tags", {}),
        kubernetes_cluster=kubernetes_cluster,
    )


def _names(
    id_: str, vpc_id: object, standing: Standing, options: Options, faults: Faults
) -> tuple[str, str, tuple[str, ...]]:
    """Whatever is a single value, checked; the prefix, the groups' and the former ones."""
    for key in options:
        if key not in Options.__annotations__:
            allowed = f"an argument, {one_of(Options.__annotations__)}"
            faults.add(id_, key, allowed, nearest(key, Options.__annotations__))
    prefix, group_name_prefix = options.get("prefix"), options.get("group_name_prefix")
    prefix = id_ if prefix is None else prefix
    kubernetes_cluster = options.get("kubernetes_cluster")
    checks: list[tuple[Callable[[object, str], None], object, str]] = [
        (check_name, prefix, "prefix"),
        (check_vpc_id, vpc_id, "vpc_id"),
        (check_tags, options.get("tags", {}), "tags"),
        (check_flag, options.get("prevent_destroy", False), "prevent_destroy"),
        (check_flag, options.get("revoke_rules_on_delete", False), "revoke_rules_on_delete"),
    ]
    if group_name_prefix is not None:
        checks.append((check_group_name_prefix, group_name_prefix, "group_name_prefix"))
    elif is_name(prefix):
        checks.append((check_group_name_prefix, prefix, "prefix"))
    if kubernetes_cluster is not None:
        checks.append((check_kubernetes_cluster, kubernetes_cluster, "kubernetes_cluster"))
        if standing.is_agents or "cluster" not in standing.sides:
            faults.add(f"{id_}.kubernetes_cluster", kubernetes_cluster, "nothing: this is no cluster")
    for check, value, place in checks:
        with faults.under(id_):
            check(value, place)
    former_prefixes: tuple[str, ...] = ()
    with faults.under(id_):
        former_prefixes = former_names(options.get("moved_from", ()), prefix, "moved_from")
    return prefix, prefix if group_name_prefix is None else group_name_prefix, former_prefixes


def _bindings(prefix: str, standing: Standing, groups: object, place: str, faults: Faults) -> dict[str, Binding]:
    """What realises each role; all faults so far are raised."""
    brought = _groups(groups, () if standing.is_agents else standing.roles, place, faults)
    bindings = {} if standing.server is None else {"rancher": standing.server}
    bindings |= bind(prefix, (*standing.roles, *([AGENTS] if standing.is_agents else ())), brought)
    with faults.under(place):
        check_groups({role: binding.brought for role, binding in bindings.items()})
    faults.raise_any()
    bindings = connect(bindings, standing.connection)
    if not standing.is_agents:
        return bindings
    # It has a group and the rules on the server's; the rules on their roles' groups are the clusters'.
    return {
        role: binding if role == "rancher" else replace(binding, writes=False)
        for role, binding in through_agents(bindings, prefix).items()
    }


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


def _adopted(
    standing: Standing, bindings: Mapping[str, Binding], options: Options, place: str, faults: Faults
) -> dict[str, AdoptedGroup]:
    roles = () if standing.is_agents else standing.roles
    extra = (NODES,) if roles and "cluster" in standing.sides else ()
    try:
        return check_adopted(
            options.get("adopted", {}),
            place,
            (*roles, *extra),
            [role for role in roles if bindings[role].brought],
            tags=options.get("tags", {}),
            kubernetes_cluster=options.get("kubernetes_cluster"),
        )
    except InputError as error:
        faults.take(error)
        return {}


def _slot_roles(standing: Standing) -> tuple[str, ...]:
    return () if standing.is_agents else standing.roles


def _slots(
    place: str, given: object, table: Table, roles: tuple[str, ...], reader: PeerReader
) -> dict[str, tuple[Peer, ...]]:
    here = {slot for role in roles for slot in table.slots_of(role)}
    known = tuple(slot for slot in table.slots if slot in here)
    slots: dict[str, tuple[Peer, ...]] = {}
    if not isinstance(given, Mapping):
        reader.faults.add(place, given, "a mapping from slots to lists of peers")
        return slots
    for slot, peers in given.items():
        if slot not in known:
            reader.faults.add(place, slot, f"a slot, {one_of(known)}", nearest(slot, known))
            continue
        slots[slot] = reader.read(peers, f"{place}.{slot}")
    return slots


class PeerReader:
    """Reads a user's lists of peers, and notes the roles of other constructs that stand in them.

    Args:
        faults: takes what is wrong.
        standing: how the construct stands to its server.
        here: the groups of the construct's own roles.
        server: the group of its server, where another construct made that.
        found: the roles of other constructs that it knows already.
    """

    def __init__(
        self,
        faults: Faults,
        standing: Standing,
        here: Collection[GroupKey],
        server: GroupKey | None,
        found: Mapping[GroupKey, RolePeer] | None = None,
    ) -> None:
        self.faults = faults
        self.standing = standing
        self.here = here
        self.server = server
        self.found = dict(found or {})

    def read(self, given: object, place: str) -> tuple[Peer, ...]:
        """The peers in one list.

        Args:
            given: peers and groups of other constructs' roles, or whatever else the user gave.
            place: where.
        """
        if isinstance(given, (str, Peer, RolePeer, Mapping)) or not isinstance(given, Iterable):
            self.faults.add(place, given, "a list of peers")
            return ()
        peers: list[Peer] = []
        for index, entry in enumerate(given):
            where = f"{place}[{index}]"
            if isinstance(entry, RolePeer):
                peers += self._role(entry, where)
            elif isinstance(entry, Peer):
                peers.append(entry)
            else:
                self.faults.add(where, entry, 'a peer, such as Peer.cidr("office", "203.0.113.0/24")')
        with self.faults.under(""):
            check_families(peers, place)
        return tuple(peers)

    def _role(self, entry: RolePeer, where: str) -> list[Peer]:
        if entry.key == self.server:
            # By the name that rules with the server have.
            return [Peer(entry.key.role, PeerKind.GROUP, entry.key)]
        known = self.found.setdefault(entry.key, entry)
        if entry.key in self.here or known.security_group_id != entry.security_group_id:
            allowed = "a role of a construct with another prefix: rules and addresses could not tell the two apart"
            self.faults.add(where, str(entry.key), allowed)
            return []
        return [entry.peer(self.standing.account_of(entry))]
