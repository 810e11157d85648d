"""What plans change: groups and rules before and after, read from the JSON of ``terraform show -json PLAN``.

Whatever kind of resource they stand in, in whatever module, and with ids that are known after apply alone. OpenTofu's
JSON has the same format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from rancher_ports.errors import Faults, refuse
from rancher_ports.model.inventory import FoundGroup, FoundRule, Inventory, Reference, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import DIRECTIONS, Direction
from rancher_ports.readers.documents import check_plan, check_state, is_state
from rancher_ports.readers.expressions import repeated
from rancher_ports.readers.references import (
    INDEX,
    MODULE,
    Call,
    Configuration,
    Expressions,
    Instances,
    ModulePath,
    Resolver,
    module_path,
    references_of,
)
from rancher_ports.readers.resources import (
    DEFAULT_GROUP_TYPE,
    GROUP_TYPES,
    NAMED_TYPES,
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
from rancher_ports.sections import mapping

_Entry = Mapping[str, object]


def read_transition(documents: Mapping[str, object]) -> Transition:
    """What plans change.

    Args:
        documents: by what the plan is of, the parsed JSON of a plan; that stands before addresses where there are
            several. Groups of one plan that another names by id are the same.

    Raises:
        InputError: one of them is no plan, or broke off; or a group or rule in it is of another form than documented.
    """
    return _read(documents, lambda _: _Plan.of)


def read_afterwards(documents: Mapping[str, object]) -> Transition:
    """What there is after some plans, or as some states have it.

    Args:
        documents: by what each is of, the parsed JSON of a plan or of a state; likewise.

    Raises:
        InputError: one of them is neither; otherwise as :func:`read_transition`.
    """
    return _read(documents, lambda document: _Plan.of_state if is_state(document) else _Plan.of)


def _read(documents: Mapping[str, object], made: Callable[[object], Callable[[object, str], _Plan]]) -> Transition:
    faults = Faults()
    plans: dict[str, _Plan] = {}
    for name, document in documents.items():
        with faults.under(f"{name}:"):
            plans[name] = made(document)(document, f"{name}: " if len(documents) > 1 else "")
    faults.raise_any()
    ids = {id_: identity for plan in plans.values() for id_, identity in plan.ids().items()}
    read = []
    for name, plan in plans.items():
        with faults.under(f"{name}:"):
            read.append(_Reader(plan, ids).read())
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


@dataclass(frozen=True, slots=True)
class _Object:
    """One object that a plan speaks of."""

    address: str
    type: str
    name: str
    module: str
    actions: tuple[str, ...]
    key: object
    change: _Entry
    deposed: bool

    @property
    def before(self) -> bool:
        return self.change.get("before") is not None

    @property
    def after(self) -> bool:
        return self.change.get("after") is not None

    def values(self, side: str) -> Mapping[str, object]:
        """Its attributes ``before`` or ``after``."""
        values = self.change.get(side)
        return values if isinstance(values, dict) else {}

    @property
    def forgotten(self) -> bool:
        """Whether Terraform leaves it alone and knows it no more."""
        return "forget" in self.actions

    @property
    def replaced(self) -> bool:
        return {"create", "delete"} <= set(self.actions)


@dataclass(frozen=True, slots=True)
class _Plan:
    stack: str
    objects: tuple[_Object, ...]
    sources: tuple[_Object, ...]
    configuration: Configuration
    notes: tuple[str, ...]

    @classmethod
    def of(cls, document: object, stack: str) -> _Plan:
        partial = check_plan(document)
        plan = mapping(document, "")
        changes = [
            entry for entry in _entries(plan, "resource_changes", "resource_changes") if _concerns(entry.get("type"))
        ]
        objects = [_object(entry, "resource_changes") for entry in changes if entry.get("mode") == "managed"]
        sources = [_object(entry, "resource_changes") for entry in changes if entry.get("mode") == "data"]
        known = {source.address for source in sources}
        state = mapping(mapping(plan.get("prior_state"), "prior_state").get("values"), "prior_state.values")
        read = (entry for entry in _state_resources(state.get("root_module")) if entry.get("mode") == "data")
        sources.extend(_object(entry, "prior_state") for entry in read if entry.get("address") not in known)
        root = mapping(plan.get("configuration"), "configuration").get("root_module")
        configuration = Configuration()
        _read_module(root, (), configuration)
        notes = ["The plan is not of everything (-target, or changes put off): what it leaves out is not looked at."]
        return cls(stack, tuple(objects), tuple(sources), configuration, tuple(notes if partial else ()))

    @classmethod
    def of_state(cls, document: object, stack: str) -> _Plan:
        """A state as a plan that changes nothing."""
        state = mapping(check_state(document).get("values"), "values")
        entries = list(_state_resources(state.get("root_module")))
        objects = [_object(entry, "values") for entry in entries if entry.get("mode") == "managed"]
        sources = [_object(entry, "values") for entry in entries if entry.get("mode") == "data"]
        return cls(stack, tuple(objects), tuple(sources), Configuration(), ())

    def ids(self) -> dict[str, str]:
        """Identities by id; those of resources before those of data sources."""
        found: dict[str, str] = {}
        for one in (*self.sources, *self.objects):
            if one.type in NAMED_TYPES and not one.deposed:
                for side in ("before", "after"):
                    values = one.change.get(side)
                    id_ = values.get("id") if isinstance(values, dict) else None
                    if isinstance(id_, str):
                        found[id_] = f"{self.stack}{one.address}"
        return found


class _Reader:
    """Reads one plan."""

    def __init__(self, plan: _Plan, ids: Mapping[str, str]) -> None:
        self._plan = plan
        self._ids = ids
        self._resolver = Resolver(plan.configuration, self._instances())
        self._existing: list[FoundRule] = []

    def read(self) -> Transition:
        objects = self._plan.objects
        before, after = self._rules_of_their_own()
        sides = {(rule.group.values, rule.direction) for rule in before}
        for one in objects:
            if one.type in GROUP_TYPES:
                for direction in DIRECTIONS:
                    is_mixed = ((self._identity(one),), direction) in sides
                    self._inline(one, direction, before, after, is_mixed=is_mixed)
        groups = [one for one in objects if one.type in GROUP_TYPES]
        taken = [taken_over(self._at(one)) for one in groups if one.type == DEFAULT_GROUP_TYPE and not one.before]
        return Transition(
            before=Inventory(self._groups(groups, "before"), tuple(before), self._entries("before")),
            after=Inventory(self._groups(groups, "after"), tuple(after), self._entries("after")),
            replaced={self._identity(one): _reasons(one) for one in groups if one.replaced},
            remade=frozenset(
                self._at(one) for one in objects if one.type in RULE_RESOURCES and one.replaced and not one.deposed
            ),
            existing=tuple(self._existing),
            notes=(*self._plan.notes, *taken),
        )

    def _rules_of_their_own(self) -> tuple[list[FoundRule], list[FoundRule]]:
        before: list[FoundRule] = []
        after: list[FoundRule] = []
        for one in self._plan.objects:
            if one.type in RULE_RESOURCES:
                old = [rule for resource in self._sides(one, "before") for rule in read_rules(resource)]
                before += old
                # Most rules of a large plan stay as they are.
                stays = one.actions == ("no-op",)
                after += old if stays else [rule for new in self._sides(one, "after") for rule in read_rules(new)]
        return before, after

    def _inline(
        self, one: _Object, direction: Direction, before: list[FoundRule], after: list[FoundRule], *, is_mixed: bool
    ) -> None:
        """The rules that stand in a group, or are seen in it by the provider although they stand elsewhere.

        Of a group whose configuration has no rules of a direction, the provider tells those that EC2 has, and leaves
        them alone. Where rules are resources of their own these are the same, seen when the group was read last.
        """
        identity, call = self._identity(one), self._call(one)
        is_authoritative = one.type == DEFAULT_GROUP_TYPE or (call is not None and direction in call.expressions)
        rules = {side: [*self._blocks(one, side, identity, direction)] for side in ("before", "after")}
        if not is_authoritative:
            stays = one.before and not one.replaced
            rules["after"] = [rule for rule in rules["after"] if stays and rule.port_known]
        elif call is not None and direction not in call.expressions:
            # What the provider will find in a default group of which no rules are configured: none.
            rules["after"] = [rule for rule in rules["after"] if rule.port_known]
        if is_mixed and not is_authoritative:
            self._existing += rules["before"]
            return
        before += rules["before"]
        after += rules["after"]

    def _blocks(self, one: _Object, side: str, identity: str, direction: Direction) -> Iterator[FoundRule]:
        for resource in self._sides(one, side):
            yield from read_inline_rules(resource, identity, direction)

    def _groups(self, objects: Iterable[_Object], side: str) -> dict[str, FoundGroup]:
        found = {}
        for one in objects:
            if not one.deposed:
                for resource in self._sides(one, side):
                    identity = self._identity(one)
                    found[identity] = read_group(resource, identity, is_managed=True)
        for one in self._plan.sources:
            if one.type in GROUP_TYPES:
                identity = self._identity(one)
                # A group that a plan makes, and another reads, is its own.
                if identity == self._at(one):
                    resource = self._resource(one, "before" if one.before else "after")
                    found[identity] = read_group(resource, identity, is_managed=False)
        return found

    def _entries(self, side: str) -> dict[str, int]:
        found = {}
        for one in (*self._plan.objects, *self._plan.sources):
            values = one.change.get(side)
            if one.type in PREFIX_LIST_TYPES and isinstance(values, dict):
                entries = values.get("max_entries")
                if isinstance(entries, int) and not isinstance(entries, bool):
                    found[self._identity(one)] = entries
        return found

    def _sides(self, one: _Object, side: str) -> Iterator[Resource]:
        """The resource at one time; afterwards, what Terraform forgets is as it was."""
        if side == "before" and one.before:
            yield self._resource(one, "before")
        elif side == "after":
            if one.after:
                yield self._resource(one, "after")
            if one.forgotten and one.before:
                yield self._resource(one, "before")

    def _resource(self, one: _Object, side: str) -> Resource:
        change, given = one.change, one.values(side)
        unknown = _marks(change.get("after_unknown") if side == "after" else None, given)
        sensitive = _marks(change.get(f"{side}_sensitive"), given)
        call = self._call(one)

        def named(hidden: Hidden, kind: PeerKind) -> Reference:
            return self._refer(one, call, hidden, kind)

        return Resource(
            address=self._at(one),
            type=one.type,
            values=Values(given, unknown, sensitive) if unknown or sensitive else given,
            refer=named,
            identify=self._identify,
            configured=None if call is None else call.expressions,
            other=change.get("before"),
        )

    def _refer(self, one: _Object, call: Call | None, hidden: Hidden, kind: PeerKind) -> Reference:
        name, *further = [step for step in hidden.path if isinstance(step, str)]
        references = references_of(call.expressions.get(name), further) if call else ()
        # In a list it is not known which of its entries a value is: sets have an order of their own.
        if call and hidden.path == (name,) and (exact := call.exact(name, one.key)):
            references = (exact,)
        repeated = call.repeated if call else ()
        return self._resolver.refer(kind, references, one.module, repeated, f"{self._at(one)}.{name}")

    def _call(self, one: _Object) -> Call | None:
        return self._plan.configuration.resources.get((module_path(one.module), f"{one.type}.{one.name}"))

    def _at(self, one: _Object) -> str:
        return f"{self._plan.stack}{one.address}"

    def _identity(self, one: _Object) -> str:
        values = one.change.get("after") or one.change.get("before")
        id_ = values.get("id") if isinstance(values, dict) else None
        return self._ids.get(id_, self._at(one)) if isinstance(id_, str) else self._at(one)

    def _identify(self, id_: str) -> str:
        # A group of another account is named with the account before it; whoever is known needs none.
        return self._ids.get(id_) or self._ids.get(id_.rpartition("/")[2]) or id_

    def _instances(self) -> Instances:
        of: dict[tuple[str, str], list[str]] = {}
        modules: dict[str, dict[str, None]] = {}
        identities, unknown = {}, set()
        named = [*((one, "") for one in self._plan.objects), *((one, "data.") for one in self._plan.sources)]
        for one, data in named:
            of.setdefault((one.module, f"{data}{one.type}.{one.name}"), []).append(one.address)
            identities[one.address] = self._identity(one)
            after = one.change.get("after")
            if not (isinstance(after, dict) and isinstance(after.get("id"), str)):
                unknown.add(one.address)
        for module, _ in of:
            for instance in _modules_above(module):
                modules.setdefault(_without_key(instance), {})[instance] = None
        return Instances(
            {key: tuple(dict.fromkeys(addresses)) for key, addresses in of.items()},
            {name: tuple(instances) for name, instances in modules.items()},
            identities,
            frozenset(unknown),
        )


def _concerns(type_: object) -> bool:
    return type_ in NAMED_TYPES or type_ in RULE_RESOURCES


def _object(entry: _Entry, place: str) -> _Object:
    address = _text(entry, "address", place)
    change = mapping(entry.get("change"), f"{address}.change")
    actions = change.get("actions")
    if not isinstance(actions, list) or not all(isinstance(action, str) for action in actions):
        raise refuse(f"{address}.change.actions", actions, "a list of actions")
    for side in ("before", "after"):
        mapping(change.get(side), f"{address}.change.{side}")
    return _Object(
        address=f"{address} (deposed)" if "deposed" in entry else address,
        type=_text(entry, "type", address),
        name=_text(entry, "name", address),
        module=str(entry.get("module_address") or ""),
        actions=tuple(actions),
        key=entry.get("index"),
        change=change,
        deposed="deposed" in entry,
    )


def _state_resources(module: object, address: str = "") -> Iterator[_Entry]:
    """What a state has of groups and rules, as if a plan changed nothing of it."""
    values = mapping(module, "values")
    for entry in _entries(values, "resources", "values"):
        if _concerns(entry.get("type")):
            found, sensitive = mapping(entry.get("values"), "values"), entry.get("sensitive_values")
            change = {"before": found, "after": found, "before_sensitive": sensitive, "after_sensitive": sensitive}
            yield {**entry, "module_address": address, "change": {"actions": ["no-op"], **change}}
    for child in _entries(values, "child_modules", "values"):
        yield from _state_resources(child, str(child.get("address") or ""))


def _read_module(module: object, path: ModulePath, into: Configuration) -> None:
    place = ".".join(("configuration", *path))
    values = mapping(module, place)
    for entry in _entries(values, "resources", place):
        data = "data." if entry.get("mode") == "data" else ""
        into.resources[path, f"{data}{entry.get('type')}.{entry.get('name')}"] = _call(entry, place)
    for name, output in mapping(values.get("outputs"), place).items():
        into.outputs[path, name] = references_of(mapping(output, place).get("expression"))
    for name, call in mapping(values.get("module_calls"), place).items():
        entry = mapping(call, place)
        into.calls[*path, name] = _call(entry, place)
        _read_module(entry.get("module"), (*path, name), into)


def _call(entry: _Entry, place: str) -> Call:
    expressions: Expressions = mapping(entry.get("expressions"), place)
    each = mapping(entry.get("for_each_expression"), place)
    return Call(expressions, references_of(each), repeated(each.get("constant_value")))


def _modules_above(module: str) -> Iterator[str]:
    """The addresses of a module and of those that it stands in."""
    for match in MODULE.finditer(module):
        yield module[: match.end()]


def _without_key(module: str) -> str:
    return INDEX.sub("", module)


def _marks(marks: object, values: Mapping[str, object]) -> Mapping[str, object]:
    """Which attributes are marked; all of them where the whole is."""
    if isinstance(marks, dict):
        return marks
    return dict.fromkeys(values, True) if marks is True else {}


def _reasons(one: _Object) -> tuple[str, ...]:
    """The attributes for which something is replaced; or another reason, in a word."""
    paths = one.change.get("replace_paths")
    names = [str(path[0]) for path in paths if isinstance(path, list) and path] if isinstance(paths, list) else []
    return tuple(sorted(set(names))) or ("on request",)


def _entries(values: _Entry, key: str, place: str) -> list[_Entry]:
    """The mappings in a list; none where there is nothing."""
    entries = values.get(key)
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise refuse(f"{place}.{key}" if place != key else key, type(entries).__name__, "a list")
    return [mapping(entry, f"{place}.{key}[{index}]") for index, entry in enumerate(entries)]


def _text(entry: _Entry, key: str, place: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise refuse(f"{place}.{key}", type(value).__name__, "a text")
    return value
