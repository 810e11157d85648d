"""What plans change: groups and rules before and after, read from the JSON of ``terraform show -json PLAN``.

Whatever kind of resource they stand in, in whatever module, and with ids that are known after apply alone. OpenTofu's
JSON has the same format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace

from rancher_ports.errors import Faults
from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Reference, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import DIRECTIONS, Direction
from rancher_ports.readers.documents import is_state
from rancher_ports.readers.plan_objects import PlanObject, PlanObjects, Side
from rancher_ports.readers.references import INDEX, MODULE, Instances, Resolver, references_of
from rancher_ports.readers.resources import (
    DEFAULT_GROUP_TYPE,
    GROUP_TYPES,
    PREFIX_LIST_TYPES,
    RULE_RESOURCES,
    Hidden,
    Resource,
    Values,
    read_group,
    read_inline_rules,
    read_rules,
    taken_over,
)


def read_transition(documents: Mapping[str, object]) -> Transition:
    """What plans change.

    Args:
        documents: by what the plan is of, the parsed JSON of a plan; that stands before addresses where there are
            several. Groups of one plan that another names by id are the same.

    Raises:
        InputError: one of them is no plan, or broke off; or a group or rule in it is of another form than documented.
    """
    return _read(documents, lambda _: PlanObjects.of_plan)


def read_afterwards(documents: Mapping[str, object]) -> Transition:
    """What there is after some plans, or as some states have it.

    Args:
        documents: by what each is of, the parsed JSON of a plan or of a state; likewise.

    Raises:
        InputError: one of them is neither; otherwise as :func:`read_transition`.
    """
    return _read(documents, lambda document: PlanObjects.of_state if is_state(document) else PlanObjects.of_plan)


def _read(
    documents: Mapping[str, object], made: Callable[[object], Callable[[object, str], PlanObjects]]
) -> Transition:
    faults = Faults()
    plans: dict[str, PlanObjects] = {}
    for name, document in documents.items():
        with faults.under(f"{name}:"):
            plans[name] = made(document)(document, f"{name}: " if len(documents) > 1 else "")
    faults.raise_any()
    ids = {id_: identity for plan in plans.values() for id_, identity in plan.ids().items()}
    readers = {name: _Reader(plan, ids) for name, plan in plans.items()}
    for name, reader in readers.items():
        with faults.under(f"{name}:"):
            reader.read_rules()
    faults.raise_any()
    # A group of one plan may have rules that are another's.
    sides = frozenset(side for reader in readers.values() for side in reader.sides)
    read = []
    for name, reader in readers.items():
        with faults.under(f"{name}:"):
            read.append(reader.read(sides))
    faults.raise_any()
    return _together(read)


def _together(transitions: Iterable[Transition]) -> Transition:
    """Several transitions as one."""
    found = list(transitions)
    if len(found) == 1:
        return found[0]
    return Transition(
        before=_joined(one.before for one in found),
        after=_joined(one.after for one in found),
        replaced={identity: why for one in found for identity, why in one.replaced.items()},
        remade=frozenset(address for one in found for address in one.remade),
        existing=tuple(rule for one in found for rule in one.existing),
        notes=tuple(note for one in found for note in one.notes),
    )


def _joined(inventories: Iterable[Inventory]) -> Inventory:
    found = list(inventories)
    return Inventory(
        {identity: group for one in found for identity, group in one.groups.items()},
        tuple(rule for one in found for rule in one.rules),
        {identity: entries for one in found for identity, entries in one.entries.items()},
    )


class _Reader:
    """Reads one plan."""

    def __init__(self, plan: PlanObjects, ids: Mapping[str, str]) -> None:
        self._plan = plan
        self._ids = ids
        self._resolver = Resolver(plan.configuration, self._instances())
        self._before: list[FoundRule] = []
        self._after: list[FoundRule] = []
        self._existing: list[FoundRule] = []

    @property
    def sides(self) -> frozenset[tuple[tuple[str, ...], Direction]]:
        """The groups that have rules of their own before the change, and on which side."""
        return frozenset((rule.group.values, rule.direction) for rule in self._before)

    def read_rules(self) -> None:
        """Read the rules that are resources of their own, which is to be done first."""
        for one in self._plan.managed:
            if one.type in RULE_RESOURCES:
                old = [rule for resource in self._at_time(one, "before") for rule in read_rules(resource)]
                self._before += old
                # Most rules of a large plan stay as they are.
                stays = one.actions == ("no-op",)
                new = () if stays else self._at_time(one, "after")
                self._after += old if stays else [rule for resource in new for rule in read_rules(resource)]

    def read(self, sides: Set[tuple[tuple[str, ...], Direction]]) -> Transition:
        """Read the rest.

        Args:
            sides: the groups that have rules of their own, in whatever plan, and on which side.
        """
        before, after = self._before, self._after
        groups = [one for one in self._plan.managed if one.type in GROUP_TYPES]
        for one in groups:
            for direction in DIRECTIONS:
                self._inline(one, direction, is_mixed=((self._identity(one),), direction) in sides)
        taken = [one for one in groups if one.type == DEFAULT_GROUP_TYPE and one.values("before") is None]
        remade = (one for one in self._plan.managed if one.type in RULE_RESOURCES and one.is_replaced)
        return Transition(
            before=Inventory(self._groups(groups, "before"), tuple(before), self._entries("before")),
            after=Inventory(self._groups(groups, "after"), tuple(after), self._entries("after")),
            replaced={self._identity(one): one.replaced_for for one in groups if one.is_replaced},
            remade=frozenset(map(self._at, remade)),
            existing=tuple(self._existing),
            notes=(*self._plan.notes, *(taken_over(self._at(one)) for one in taken)),
        )

    def _inline(self, one: PlanObject, direction: Direction, *, is_mixed: bool) -> None:
        """The rules that stand in a group, or are seen in it by the provider although they stand elsewhere.

        Of a group whose configuration has no rules of a direction, the provider tells those that EC2 has, and leaves
        them alone. Where rules are resources of their own these are the same, seen when the group was read last.
        """
        old, new = self._blocks(one, "before", direction), self._blocks(one, "after", direction)
        is_configured = self._is_configured(one, direction)
        if not is_configured:
            # What is unknown is what the provider will find in a group that is made: none, if none are configured.
            new = [rule for rule in new if rule.port_known]
        if is_mixed and not is_configured and one.type != DEFAULT_GROUP_TYPE:
            self._existing += old
            return
        self._before += old
        self._after += new

    def _is_configured(self, one: PlanObject, direction: Direction) -> bool:
        """Whether a group has blocks of a direction, or an empty list of them.

        Dynamic blocks are not in a plan's configuration. What they come to is known, where otherwise the provider would
        have to find out what there is.
        """
        if one.call is not None and direction in one.call.expressions:
            return True
        before, after = one.values("before"), one.values("after")
        if after is None or one.marks("after_unknown", after).get(direction) is True:
            return False
        return before is None or one.is_replaced or before.get(direction) != after.get(direction)

    def _blocks(self, one: PlanObject, side: Side, direction: Direction) -> list[FoundRule]:
        found = (read_inline_rules(each, self._identity(one), direction) for each in self._at_time(one, side))
        return [rule for rules in found for rule in rules]

    def _groups(self, groups: Iterable[PlanObject], side: Side) -> dict[str, FoundGroup]:
        found = {}
        for one in groups:
            if not one.deposed:
                for resource in self._at_time(one, side):
                    identity = self._identity(one)
                    found[identity] = read_group(resource, identity, is_managed=True)
        for one in self._plan.data:
            if one.type in GROUP_TYPES:
                identity = self._identity(one)
                # A group that a plan makes, and another reads, is its own.
                if identity == self._at(one):
                    resource = self._resource(one, "after" if one.values("before") is None else "before")
                    found[identity] = read_group(resource, identity, is_managed=False)
        return found

    def _entries(self, side: Side) -> dict[str, int]:
        found = {}
        for one in (*self._plan.managed, *self._plan.data):
            if one.type in PREFIX_LIST_TYPES and one.values(side):
                entries = self._resource(one, side).values.get("max_entries")
                if isinstance(entries, int) and not isinstance(entries, bool):
                    found[self._identity(one)] = entries
        return found

    def _at_time(self, one: PlanObject, side: Side) -> list[Resource]:
        """The resource at one time; afterwards, what Terraform forgets is as it was."""
        found = [self._resource(one, side)] if one.values(side) is not None else []
        if side == "after" and one.is_forgotten and one.values("before") is not None:
            found.append(self._resource(one, "before"))
        return found

    def _resource(self, one: PlanObject, side: Side) -> Resource:
        given = one.values(side) or {}
        unknown = one.marks("after_unknown", given) if side == "after" else {}
        sensitive = one.marks(f"{side}_sensitive", given)

        def named(hidden: Hidden, kind: PeerKind) -> Reference:
            return self._refer(one, hidden, kind)

        return Resource(
            address=self._at(one),
            type=one.type,
            values=Values(given, unknown, sensitive) if unknown or sensitive else given,
            refer=named,
            identify=self._identify,
            # Of what is known after apply alone nothing is the same as before.
            origin=_secret,
            configured=None if one.call is None else one.call.expressions,
            other=one.values("before"),
        )

    def _refer(self, one: PlanObject, hidden: Hidden, kind: PeerKind) -> Reference:
        name, *further = [step for step in hidden.path if isinstance(step, str)]
        references: tuple[str, ...] = ()
        if one.call is not None:
            exact = one.call.exact(name, one.key)
            references = (exact,) if exact else references_of(one.call.expressions.get(name), further)
        found = self._resolver.refer(kind, references, one.module, one.call.repeated if one.call else ())
        return found if found.values or found.text else replace(found, text=f"{self._at(one)}.{name}")

    def _at(self, one: PlanObject) -> str:
        return f"{self._plan.stack}{one.address}"

    def _identity(self, one: PlanObject) -> str:
        values = one.values("after") or one.values("before")
        id_ = values.get("id") if values else None
        return self._ids.get(id_, self._at(one)) if isinstance(id_, str) else self._at(one)

    def _identify(self, id_: str) -> str:
        # A group of another account is named with the account before it; whoever is known needs none.
        return self._ids.get(id_) or self._ids.get(id_.rpartition("/")[2]) or id_

    def _instances(self) -> Instances:
        of: dict[tuple[str, str], dict[str, None]] = {}
        modules: dict[str, dict[str, None]] = {}
        identities, unknown = {}, set()
        for one in (*self._plan.managed, *self._plan.data):
            of.setdefault((one.module, one.resource), {})[one.address] = None
            identities[one.address] = self._identity(one)
            after = one.values("after")
            if not (after and isinstance(after.get("id"), str)):
                unknown.add(one.address)
        for module in {module: None for module, _ in of}:
            for instance in _modules_above(module):
                modules.setdefault(_without_key(instance), {})[instance] = None
        return Instances(
            {key: tuple(addresses) for key, addresses in of.items()},
            {name: tuple(instances) for name, instances in modules.items()},
            identities,
            frozenset(unknown),
        )


def _secret(hidden: Hidden) -> object:
    return hidden.value


def _modules_above(module: str) -> Iterator[str]:
    """The addresses of a module and of those that it stands in."""
    for match in MODULE.finditer(module):
        yield module[: match.end()]


def _without_key(module: str) -> str:
    return INDEX.sub("", module)
