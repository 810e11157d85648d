"""What all constructs have in common: a deployment of a table, rendered as groups and rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from constructs import Construct

from rancher_ports.audit.brought_groups import brought_groups
from rancher_ports.audit.deployment import audit
from rancher_ports.audit.kept import without_kept
from rancher_ports.audit.migrating import migrating
from rancher_ports.audit.one_sided import agents_half_missing, one_sided
from rancher_ports.audit.quota import over_quota
from rancher_ports.audit.renamed_groups import renamed_groups
from rancher_ports.audit.world import open_to_the_world
from rancher_ports.cdk.checks import check
from rancher_ports.cdk.ledger import claim
from rancher_ports.cdk.moved import moved_class
from rancher_ports.cdk.neighbours import neighbours
from rancher_ports.cdk.options import Options
from rancher_ports.cdk.planning import PeerReader, Standing, plan
from rancher_ports.cdk.resources import resources
from rancher_ports.cdk.role_peer import RolePeer
from rancher_ports.cdk.surroundings import Surroundings, check_role_peers
from rancher_ports.errors import Faults, one_of, refuse
from rancher_ports.model.access import access
from rancher_ports.model.addresses import Address, address
from rancher_ports.model.deployment import (
    Identity,
    brought_peers,
    check_reach,
    identities,
    left_out,
    named_peers,
    with_own,
)
from rancher_ports.model.findings import Acknowledgement, Finding, acknowledge
from rancher_ports.model.moves import check_former_names, moves
from rancher_ports.model.own_rules import OwnRule, check_own_rule
from rancher_ports.model.peers import ANYWHERE, RULE_ARGUMENTS, Peer, PeerKind, check_distinct
from rancher_ports.model.ports import Port
from rancher_ports.model.quotas import Quotas
from rancher_ports.model.roles import AGENTS, NODES, ROLES, SERVER_ROLES, Direction, GroupKey, check_role
from rancher_ports.model.rules import Rule, RuleSet
from rancher_ports.model.tags import (
    GROUP_DESCRIPTION,
    KUBERNETES_CLUSTER_TAG,
    NAME_TAG,
    OWNER_TAG,
    REQUIREMENT_TAG,
    ROLE_TAG,
    requirement_tag,
)

if TYPE_CHECKING:
    from cdktf import TerraformProvider, TerraformStack


class NodeSecurityGroups(Construct):
    """One security group for each of some roles, created or brought, and their rules.

    Not for direct use: see :class:`rancher_ports.cdk.RancherServer`, :class:`rancher_ports.cdk.RancherCluster`,
    :class:`rancher_ports.cdk.RancherPorts` and :class:`rancher_ports.cdk.AgentsGroup`.

    Args:
        scope: where it stands, in a stack with an AWS provider.
        id: the construct's id.
        standing: whose groups it makes, and how it reaches the server.
        vpc_id: the VPC of the groups, possibly unknown until apply.
        server: who made the rancher group, where this construct does not.
        server_provider: the provider for rules on that group, where it is not the server's own.
        agents: the agents group that every node joins, if there is one.
        options: see :class:`Options`.

    Raises:
        InputError: with every fault in the arguments, before anything is built.
    """

    _stack: TerraformStack
    _ids: dict[GroupKey, str]

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  # the CDK's word
        *,
        standing: Standing,
        vpc_id: str,
        server: NodeSecurityGroups | None,
        server_provider: TerraformProvider | None = None,
        agents: NodeSecurityGroups | None = None,
        options: Options,
    ) -> None:
        if not isinstance(id, str) or not id:
            raise refuse("id", id, "a text that is not empty")
        made = plan(id, vpc_id, standing, options)
        given = Surroundings(server, agents, options.get("provider"), server_provider)
        stack, flavour = given.check(scope, id, made)
        providers = given.server_providers(id, stack)
        ids = {key: peer.security_group_id for key, peer in made.role_peers.items()}
        brought = {binding.group: binding.brought for binding in made.own if binding.brought is not None}
        ids |= brought
        if server is not None:
            ids |= server._ids
            server._check_taken(id, made.rules.rules, ids)
        bindings = resources(flavour)
        former = moves([*made.created, *made.rules.rules], made.prefix, made.former_prefixes)
        claim(stack, flavour, made.addresses, [source for source, _ in former], f"{scope.node.path}/{id}")
        super().__init__(scope, id)
        given.note(stack, made, self.node.path)
        self._plan, self._standing = made, standing
        self._stack, self._flavour, self._bindings = stack, flavour, bindings
        self._deployment = made.deployment
        self._server = server
        self._joined = {} if agents is None else {AGENTS: agents.security_group_id(AGENTS)}
        # Who else writes on these groups: clusters on their server's.
        self._writers: list[NodeSecurityGroups] = [self]
        if server is not None:
            server._writers.append(self)
        # A rule stands in the account and region of its group, whoever writes it.
        own = {binding.group: options.get("provider") for binding in made.own if binding.writes}
        self._providers = dict.fromkeys(made.created, options.get("provider")) | own
        self._ids = brought | {key: self._build_group(key, options) for key in made.created}
        neighbours(stack).nodes.update(self._ids[key] for key in made.created if key.role == NODES)
        self._all_ids = {**ids, **self._ids}
        self._all_providers = providers | self._providers
        self._documented = {rule.identity: rule for rule in made.rules.rules}
        self._rules = dict(self._documented)
        self._own: dict[Identity, list[OwnRule]] = {}
        # The rules on these groups, whoever wrote them, by what they are for AWS.
        self._taken: dict[_Taken, tuple[str, Identity]] = {}
        self._resources = {rule.identity: self._build_rule(rule) for rule in made.rules.rules}
        order = [*ROLES, *(key.role for key in made.created)]
        output = flavour.cdk.TerraformOutput(
            self,
            "security_group_ids",
            value={key.role: self._ids[key] for key in sorted(self._ids, key=lambda key: order.index(key.role))},
            description="Security group ids by node role",
        )
        output.override_logical_id(made.output.name)
        self._moves: list[tuple[Address, Address]] = []
        self._move(former)
        bound = [made.deployment.bindings[role].group for role in ROLES if role in made.deployment.bindings]
        # An agents group knows the roles of its clusters, and not their groups.
        self._ids_by_role = {key.role: self._all_ids[key] for key in (*bound, *made.created) if key in self._all_ids}
        self._acknowledgements: list[Acknowledgement] = []
        # Other constructs' roles at the other end of rules here.
        self._role_peers = dict(made.role_peers)
        check(stack, flavour, self)

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
        """The rules that this construct wrote, so far."""
        return RuleSet.of(self._plan.rules.groups, self._rules.values())

    def findings(self) -> tuple[Finding, ...]:
        """What is worth knowing about these groups; the same as ``cdktf synth`` says.

        Those of severity ``error`` stop the synthesis, unless they are acknowledged.
        """
        made, rules = self._plan, self.rules
        renamed = renamed_groups(made.prefix, made.group_name_prefix, made.former_prefixes) if made.created else ()
        about = (
            self._about_server()
            if self._standing.is_agents
            else audit(
                made.table,
                self._deployment,
                rules,
                made.peers,
                cloud_provider=made.kubernetes_cluster is not None,
                of_server=() if self._server is None else self._server._deployment.choices.features,
            )
        )
        together = over_quota(self._on_own, made.quotas)
        found = [*together, *self._open_together(), *renamed, *about, *self._unanswered(), *self._beside_agents()]
        return acknowledge(found, self._acknowledgements)

    def acknowledge(self, code: str, *, reason: str, place: str | None = None) -> None:
        """Accept findings that would stop the synthesis.

        Args:
            code: which: see ``docs/findings.md``.
            reason: why that is all right; it stands in the manifest.
            place: the group, slot or peer concerned, as the finding names it; all of that code by default.

        Raises:
            InputError: no such finding can be acknowledged, or there is no reason.
        """
        faults = Faults()
        with faults.under(f"{self.node.id}.acknowledge"):
            self._acknowledgements.append(Acknowledgement(code, reason, place))
        faults.raise_any()

    def allow_from(
        self, role: str, peer: str | Peer | RolePeer | Iterable[Peer | RolePeer], port: Port, *, why: str
    ) -> None:
        """Let a peer in, beyond the documented ports.

        Args:
            role: whose group lets it in.
            peer: who: another role of the same deployment, whose group gets the egress half; a
                :class:`rancher_ports.Peer`, or several, such as ``Peer.anywhere()``; another cluster's role,
                ``cluster.peer("worker")``, whose own egress is the other cluster's to allow.
            port: protocol and port range.
            why: what for; becomes the description of the rule.

        Raises:
            InputError: with every fault in the arguments.
        """
        self._allow("ingress", role, peer, port, why)

    def allow_to(
        self, role: str, peer: str | Peer | RolePeer | Iterable[Peer | RolePeer], port: Port, *, why: str
    ) -> None:
        """Let a role out to a peer, beyond the documented ports.

        Args:
            role: whose group lets out.
            peer: where to, as for :meth:`allow_from`; another role's group gets the ingress half.
            port: protocol and port range.
            why: what for; becomes the description of the rule.

        Raises:
            InputError: with every fault in the arguments.
        """
        self._allow("egress", role, peer, port, why)

    def peer(self, role: str) -> RolePeer:
        """One role's group, for rules of another construct.

        Args:
            role: a role of this construct, or one of its other groups.

        Raises:
            InputError: there is no such group here; with the nearest one.
        """
        keys = {key.role: key for key in self._ids}
        check_role(role, f"{self.node.id}.peer", tuple(keys))
        key = keys[role]
        account = self._standing.connection.cluster_account
        named = RolePeer(key, self._ids[key], self, account, self._plan.former_prefixes)
        faults = Faults()
        with faults.under(f"{self.node.id}.peer"):
            # For its name, which may be too long.
            named.peer()
        faults.raise_any()
        return named

    def security_group_id(self, role: str) -> str:
        """The id of one role's security group, as a token.

        Args:
            role: ``rancher``, ``etcd``, ``controlplane`` or ``worker``, as far as this construct knows it.

        Raises:
            InputError: there is no such role here; with the nearest one.
        """
        check_role(role, f"{self.node.id}.security_group_id", tuple(self._ids_by_role))
        return self._ids_by_role[role]

    def security_group_ids(self, *roles: str) -> list[str]:
        """The ids for a node that has several roles, each once: of the groups that every node joins, then by role.

        Raises:
            InputError: a role is unknown here, or none is named.
        """
        faults = Faults()
        place, known = f"{self.node.id}.security_group_ids", tuple(self._ids_by_role)
        if not roles:
            faults.missing(place, f"at least {one_of(known)}")
        for role in roles:
            with faults.under(""):
                check_role(role, place, known)
        faults.raise_any()
        return [*self.joined.values(), *(self._ids_by_role[role] for role in ROLES if role in roles)]

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles whose groups belong to this construct, in the document's order."""
        return tuple(binding.group.role for binding in self._plan.own)

    @property
    def quotas(self) -> Quotas:
        """How much AWS allows."""
        return self._plan.quotas

    @property
    def joined(self) -> Mapping[str, str]:
        """The groups that every node joins, whatever its roles: their ids by name."""
        nodes = {key.role: self._ids[key] for key in self._plan.created if key.role == NODES}
        return {**self._joined, **nodes}

    def _share(self) -> None:
        """Have the stack put out the groups' ids for other stacks, whether or not one asks for them."""
        for key in self._plan.created:
            reference = f"{address(key, self._plan.prefix)}.id"
            self._stack.register_outgoing_cross_stack_reference(reference)

    def _about_server(self) -> tuple[Finding, ...]:
        """What an agents group has to say: the clusters' rules are theirs, the server's group may be nobody's here."""
        made = self._plan.templates
        on_server = {} if self._server is None else self._server._ids
        left = (rule for rule in left_out(made, self._deployment) if rule.group in on_server)
        return *brought_groups(left), *migrating(made, self._deployment)

    @property
    def _on_own(self) -> RuleSet:
        """The rules on the groups here, whoever wrote them."""
        on_own = [rule for writer in self._writers for rule in writer._rules.values() if rule.group in self._ids]
        return RuleSet.of(self._ids, on_own)

    def _open_together(self) -> tuple[Finding, ...]:
        """What several constructs open to the world together, and none of them alone."""
        if len(self._writers) == 1 or not (together := self._opened_to_the_world(self._on_own)):
            return ()
        alone = {finding for writer in self._writers for finding in writer._opened_to_the_world(writer.rules)}
        of_places = {finding.place for finding in alone}
        return tuple(finding for finding in together if finding.place not in of_places)

    def _opened_to_the_world(self, rules: RuleSet) -> tuple[Finding, ...]:
        return open_to_the_world(self._plan.table, self._deployment, without_kept(rules))

    def _unanswered(self) -> tuple[Finding, ...]:
        """What is said of rules for other constructs' roles which those do not answer."""
        towards = [rule for rule in self._rules.values() if rule.peer.value in self._role_peers]
        if not towards:
            return ()
        both = self.rules
        for other in dict.fromkeys(self._role_peers[rule.peer.value].construct for rule in towards):  # type: ignore[index]  # keys
            both |= other.rules
        return one_sided(RuleSet.of(both.groups, towards), access(both))

    def _beside_agents(self) -> tuple[Finding, ...]:
        """What is said of rules with the server whose other half nobody wrote for the agents group."""
        agents, server = self._standing.agents, self._server
        if agents is None or server is None or not any(binding.writes for binding in server._plan.own):
            return ()
        towards = {own: True for own in self._deployment.own if own.peer in SERVER_ROLES}
        towards |= dict.fromkeys(self._documented_towards_server(), False)
        on_server = server._on_own.rules
        return tuple(
            agents_half_missing(rule, agents, is_own=is_own)
            for rule, is_own in towards.items()
            if not any(
                other.direction != rule.direction and other.port.covers(rule.port) and _holds(other.peer, agents)
                for other in on_server
            )
        )

    def _documented_towards_server(self) -> Iterator[OwnRule]:
        for template in self._plan.templates:
            parts = [part for part in template.parts if part.when.holds(self._deployment.choices)]
            if template.peer in SERVER_ROLES and template.role not in SERVER_ROLES and parts:
                yield OwnRule(template.role, template.direction, template.port, template.peer, parts[0].why)

    def _allow(self, direction: Direction, role: str, peer: object, port: Port, why: str) -> None:
        place = f"{self.node.id}.{'allow_from' if direction == 'ingress' else 'allow_to'}"
        faults = Faults()
        peers, found = self._read_peers(peer, f"{place}.peer", faults)
        here = (AGENTS,) if self._standing.is_agents else tuple(binding.group.role for binding in self._plan.own)
        if self._standing.is_agents and peers != [*SERVER_ROLES]:
            allowed = '"rancher"; what nodes open besides, the groups of their roles say'
            faults.add(f"{place}.peer", ", ".join(map(str, peers)), allowed)
        wanted = [OwnRule(role, direction, port, one, why) for one in peers]
        for own in wanted:
            with faults.under(place):
                check_own_rule(own, here, tuple(self._deployment.bindings))
        faults.raise_any()
        outside = [one for one in peers if isinstance(one, Peer)]
        with faults.under(f"{place}.peer"):
            check_distinct([*brought_peers(self._deployment), *named_peers(self._rules.values()), *outside])
        with faults.under(f"{place}.peer"):
            check_former_names([*(rule.peer for rule in self._rules.values()), *outside])
        faults.raise_any()
        for one in peers:
            # Over a transit gateway without addresses, say: nothing would name the other side, and nothing be written.
            if isinstance(one, str):
                with faults.under(place):
                    check_reach(self._deployment, role, one, direction)
        faults.raise_any()
        check_role_peers(self._stack, found, f"{place}.peer")
        known = {*self._deployment.own}
        new = [own for own in wanted if own not in known]
        deployment = replace(self._deployment, own=(*self._deployment.own, *new))
        opened = [(identity, own) for own in new for identity in identities(own, deployment)]
        ids = {**self._all_ids, **{key: one.security_group_id for key, one in found.items()}}
        self._claim([with_own(identity, None, [own]) for identity, own in opened], place, ids)
        # Nothing is refused from here on.
        neighbours(self._stack).come_after(self._stack, [peer.construct._stack for peer in found.values()])
        self._deployment, self._all_ids, self._role_peers = deployment, ids, found
        for identity, own in opened:
            self._open(identity, own)

    def _read_peers(
        self, given: object, place: str, faults: Faults
    ) -> tuple[list[Peer | str], dict[GroupKey, RolePeer]]:
        """The peers of an own rule, roles of this construct and its server by name; and all other constructs' roles."""
        reader = PeerReader(faults, self._standing, set(self._ids), None, self._role_peers)
        if isinstance(given, (str, Peer)):
            return [given], reader.found
        some = [given] if isinstance(given, RolePeer) else given
        roles: list[Peer | str] = []
        if isinstance(some, Iterable) and not isinstance(some, (str, Mapping)):
            some = list(some)
            roles = [one.key.role for one in some if self._is_bound(one)]
            some = [one for one in some if not self._is_bound(one)]
        peers = reader.read(some, place)
        if not peers and not roles:
            faults.raise_any()
            faults.missing(place, "at least one peer")
        return [*roles, *peers], reader.found

    def _is_bound(self, peer: object) -> bool:
        """Whether a role is one of this construct's, or its server's."""
        return (
            isinstance(peer, RolePeer)
            and peer.construct in (self, self._server)
            and peer.key in {binding.group for binding in self._deployment.bindings.values()}
        )

    def _claim(self, rules: Iterable[Rule], place: str, ids: Mapping[GroupKey, str]) -> None:
        """Check and note the addresses of rules that are new here."""
        new = [rule for rule in rules if rule.identity not in self._resources]
        for holder in (self, self._server):
            if holder is not None:
                holder._check_taken(place, new, ids, self.node.path)
        prefix = self._plan.prefix
        sources = [source for source, _ in moves(new, prefix, self._plan.former_prefixes)]
        claim(self._stack, self._flavour, [address(rule, prefix) for rule in new], sources, self.node.path)

    def _open(self, identity: Identity, own: OwnRule) -> None:
        others = self._own.setdefault(identity, [])
        rule = with_own(identity, self._documented.get(identity), [*others, own])
        resource = self._resources.get(identity)
        if resource is None:
            self._resources[identity] = self._build_rule(rule)
            self._move(moves([rule], self._plan.prefix, self._plan.former_prefixes))
        else:
            resource.description = rule.description
            resource.tags = self._rule_tags(rule)
        others.append(own)
        self._rules[identity] = rule

    def _move(self, pairs: Iterable[tuple[Address, Address]]) -> None:
        first = not self._moves
        self._moves += pairs
        if first and self._moves:
            moved_class(self._flavour)(self, "moved", self._moves)

    def _build_group(self, key: GroupKey, options: Options) -> str:
        made = self._plan
        name = f"{made.group_name_prefix}-{key.role}"
        # create_before_destroy: a group that another's rule names cannot be deleted before that rule has
        # moved on, so a replacement has to come first. That needs a name which AWS makes unique.
        lifecycle: dict[str, bool] = {"create_before_destroy": True}
        if options.get("prevent_destroy"):
            lifecycle["prevent_destroy"] = True
        tags = {**made.tags, NAME_TAG: name}
        if key.role == NODES and made.kubernetes_cluster is not None:
            tags[f"{KUBERNETES_CLUSTER_TAG}{made.kubernetes_cluster}"] = "owned"
        named = {"name_prefix": f"{name}-", "description": GROUP_DESCRIPTION}
        if (adopted := made.adopted.get(key.role)) is not None:
            # Another name or description would replace it; and whoever gave it tags may go by them.
            named = {"name": adopted.name, "description": adopted.description}
            tags |= adopted.tags
        arguments = {
            **named,
            "vpc_id": made.vpc_id,
            "tags": {**tags, ROLE_TAG: key.role, OWNER_TAG: key.owner},
            "revoke_rules_on_delete": True if options.get("revoke_rules_on_delete") else None,
            "lifecycle": lifecycle,
            "provider": self._providers[key],
        }
        group = self._bindings.security_group(self, key.role, arguments)
        group.take_address(address(key, made.prefix).name)
        return str(group.id)

    def _build_rule(self, rule: Rule) -> Any:  # noqa: ANN401  # of a class made at run time
        prefix = self._plan.prefix
        name = address(rule, prefix).name
        group, peer = rule.group, rule.peer.value
        if isinstance(group, str):
            raise TypeError(f"a rule on {group}, which is not bound to a role")
        if isinstance(peer, GroupKey):
            peer = _with_account(rule.peer, self._all_ids[peer])
        arguments = {
            "security_group_id": self._all_ids[group],
            "ip_protocol": rule.port.protocol,
            "from_port": rule.port.first,
            "to_port": rule.port.last,
            RULE_ARGUMENTS[rule.peer.kind]: peer,
            # A kept rule may have none.
            "description": rule.description or None,
            "tags": self._rule_tags(rule),
            "provider": self._all_providers[group],
        }
        resource = self._bindings.rules[rule.direction](self, name.removeprefix(f"{prefix}_"), arguments)
        resource.take_address(name)
        if rule.peer.is_known:
            holder = self._server if self._server is not None and group in self._server._ids else self
            holder._taken[_taken(rule, self._all_ids)] = self.node.path, rule.identity
        return resource

    def _check_taken(self, place: str, rules: Iterable[Rule], ids: Mapping[GroupKey, str], path: str = "") -> None:
        """Refuse a second rule on a group here that for AWS is the same as one that is there: AWS would.

        Args:
            place: where it was asked for.
            rules: the rules.
            ids: the ids of groups.
            path: who asks; with a rule of its own a rule is made one.
        """
        faults = Faults()
        for rule in rules:
            there = self._taken.get(_taken(rule, ids)) if rule.group in self._ids else None
            if there is not None and there != (path, rule.identity):
                allowed = f"one rule for it on the group: {there[0]} has {rule.direction} {rule.port} for it already"
                faults.add(f"{place}.{rule.peer.name}", str(rule.peer.value), allowed)
        faults.raise_any()

    def _rule_tags(self, rule: Rule) -> dict[str, str]:
        name = address(rule, self._plan.prefix).name
        return {**self._plan.tags, NAME_TAG: name, REQUIREMENT_TAG: requirement_tag(rule.because)}


def _holds(peer: Peer, agents: GroupKey) -> bool:
    """Whether a rule for a peer is one for the nodes of an agents group, as far as that is known."""
    return peer.value == agents or peer in ANYWHERE


# What makes a rule on a group a second one for AWS, whatever we call its peer.
_Taken = tuple[GroupKey | str, Direction, Port, PeerKind, str]


def _taken(rule: Rule, ids: Mapping[GroupKey, str]) -> _Taken:
    value = rule.peer.value
    # The id of a group that is made here is one token, wherever it is named.
    id_ = ids.get(value, str(value)) if isinstance(value, GroupKey) else value
    return rule.group, rule.direction, rule.port, rule.peer.kind, _with_account(rule.peer, id_)


def _with_account(peer: Peer, id_: str) -> str:
    return f"{peer.account}/{id_}" if peer.account else id_
