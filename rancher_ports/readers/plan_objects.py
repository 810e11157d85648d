"""What the JSON of a plan or a state speaks of: groups and rules before and after, data sources, the configuration."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rancher_ports.errors import refuse
from rancher_ports.readers.documents import check_plan, check_state
from rancher_ports.readers.expressions import repeated
from rancher_ports.readers.references import Call, Configuration, Expressions, ModulePath, module_path, references_of
from rancher_ports.readers.resources import NAMED_TYPES, PREFIX_LIST_TYPES, RULE_RESOURCES, holds_something_else
from rancher_ports.sections import mapping

Side = Literal["before", "after"]

_CONCERNED = (*NAMED_TYPES, *RULE_RESOURCES)
# What they do to access is not read.
_UNREAD_TYPES = ("aws_ec2_managed_prefix_list_entry", "aws_vpc_security_group_rules_exclusive")
_NOT_OF_EVERYTHING = "The plan is not of everything (-target, or changes put off): what it leaves out is not looked at."

_Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PlanObject:
    """One object: an instance of a resource or of a data source.

    Args:
        address: where it stands.
        type: such as ``aws_security_group``.
        module: the address of its module; empty for the root.
        actions: what becomes of it, in the plan's words.
        key: the key of the instance, if it has one.
        change: its values before and after, as the plan has them.
        deposed: whether it has been replaced already, and is still to be destroyed.
        resource: its resource in a module: type and name, with ``data.`` before those of data sources.
        call: its resource in the configuration; None where there is none of it.
    """

    address: str
    type: str
    module: str
    actions: tuple[str, ...]
    key: object
    change: _Entry
    deposed: bool
    resource: str
    call: Call | None

    def values(self, side: Side) -> _Entry | None:
        """Its attributes at one time; None where it is not there."""
        values: _Entry | None = self.change.get(side)  # type: ignore[assignment]  # looked at when it was read
        return values

    def marks(self, name: str, values: _Entry) -> _Entry:
        """Which of some attributes are marked, in ``after_unknown`` and the like; all of them where the whole is."""
        marks = self.change.get(name)
        if isinstance(marks, dict):
            return marks
        return dict.fromkeys(values, True) if marks is True else {}

    @property
    def is_forgotten(self) -> bool:
        """Whether Terraform leaves it alone and knows it no more."""
        return "forget" in self.actions

    @property
    def is_replaced(self) -> bool:
        """Whether it goes and comes again."""
        return {"create", "delete"} <= set(self.actions)

    @property
    def replaced_for(self) -> tuple[str, ...]:
        """The attributes for which it is replaced; or another reason, in a word."""
        paths = self.change.get("replace_paths")
        names = [str(path[0]) for path in paths if isinstance(path, list) and path] if isinstance(paths, list) else []
        return tuple(sorted(set(names))) or ("on request",)


@dataclass(frozen=True, slots=True)
class PlanObjects:
    """What a plan or a state speaks of.

    Args:
        stack: stands before its addresses, where there are several.
        managed: the groups, rules and prefix lists that it manages, in its order.
        data: those that it reads.
        configuration: what it says of the configuration.
        notes: what could not be looked at.
    """

    stack: str
    managed: tuple[PlanObject, ...]
    data: tuple[PlanObject, ...]
    configuration: Configuration
    notes: tuple[str, ...] = ()

    @classmethod
    def of_plan(cls, document: object, stack: str) -> PlanObjects:
        """Those of the parsed JSON of a plan.

        Raises:
            InputError: it is no plan, or something in it is of another form than documented.
        """
        is_partial = check_plan(document)
        plan = mapping(document, "")
        configuration = Configuration()
        _read_module(mapping(plan.get("configuration"), "configuration").get("root_module"), (), configuration)
        changes = _entries(plan, "resource_changes", "resource_changes")
        objects = list(_objects(changes, configuration))
        prior = mapping(mapping(plan.get("prior_state"), "prior_state").get("values"), "prior_state.values")
        # What is read when a plan is made stands in the state alone.
        known = {one.address for one in objects}
        read = [
            entry
            for entry in state_entries(prior.get("root_module"))
            if entry.get("mode") == "data" and str(entry.get("address")) not in known
        ]
        objects += _objects(map(_unchanged, read), configuration)
        notes = [*([_NOT_OF_EVERYTHING] if is_partial else []), *_not_looked_at(changes, objects, stack)]
        return cls(stack, *_by_mode(objects), configuration, tuple(notes))

    @classmethod
    def of_state(cls, document: object, stack: str) -> PlanObjects:
        """Those of the parsed JSON of a state, as if a plan changed nothing of it.

        Raises:
            InputError: it is no state, or something in it is of another form than documented.
        """
        state, configuration = mapping(check_state(document).get("values"), "values"), Configuration()
        entries = map(_unchanged, state_entries(state.get("root_module")))
        return cls(stack, *_by_mode(_objects(entries, configuration)), configuration)

    def ids(self) -> dict[str, str]:
        """Identities by id; those of resources before those of data sources."""
        found: dict[str, str] = {}
        for one in (*self.data, *self.managed):
            if one.type in NAMED_TYPES and not one.deposed:
                for values in (one.values("before"), one.values("after")):
                    id_ = values.get("id") if values else None
                    if isinstance(id_, str):
                        found[id_] = f"{self.stack}{one.address}"
        return found


def _not_looked_at(changes: Iterable[_Entry], objects: Iterable[PlanObject], stack: str) -> Iterator[str]:
    """What changes access, and is not read."""
    for one in objects:
        before, after = one.values("before"), one.values("after")
        # A list that is made is let in by its name, which is seen.
        if one.type in PREFIX_LIST_TYPES and before and after and before.get("entry") != after.get("entry"):
            yield holds_something_else(f"{stack}{one.address}")
    for entry in changes:
        change = entry.get("change")
        actions = change.get("actions") if isinstance(change, dict) else None
        if entry.get("type") in _UNREAD_TYPES and actions not in (["no-op"], ["read"]):
            yield f"{stack}{entry.get('address')} changes, and is not looked at."


def _by_mode(objects: Iterable[PlanObject]) -> tuple[tuple[PlanObject, ...], tuple[PlanObject, ...]]:
    found = list(objects)
    is_data = [one.resource.startswith("data.") for one in found]
    managed = (one for one, data in zip(found, is_data, strict=True) if not data)
    return tuple(managed), tuple(one for one, data in zip(found, is_data, strict=True) if data)


def _objects(entries: Iterable[_Entry], configuration: Configuration) -> Iterator[PlanObject]:
    for entry in entries:
        if entry.get("type") in _CONCERNED and entry.get("mode") in ("managed", "data"):
            yield _object(entry, configuration)


def _object(entry: _Entry, configuration: Configuration) -> PlanObject:
    address, type_ = _text(entry, "address", "resource_changes"), str(entry.get("type"))
    change = mapping(entry.get("change"), f"{address}.change")
    actions = change.get("actions")
    if not isinstance(actions, list) or not all(isinstance(action, str) for action in actions):
        raise refuse(f"{address}.change.actions", actions, "a list of actions")
    for side in ("before", "after"):
        if not isinstance(values := change.get(side), dict):
            mapping(values, f"{address}.change.{side}")
    module = str(entry.get("module_address") or "")
    resource = f"{'data.' if entry.get('mode') == 'data' else ''}{type_}.{_text(entry, 'name', address)}"
    return PlanObject(
        address=f"{address} (deposed)" if "deposed" in entry else address,
        type=type_,
        module=module,
        actions=tuple(actions),
        key=entry.get("index"),
        change=change,
        deposed="deposed" in entry,
        resource=resource,
        call=configuration.resources.get((module_path(module), resource)),
    )


def state_entries(module: object, types: Collection[str] = _CONCERNED, address: str = "") -> Iterator[_Entry]:
    """The resources of some types in a state, as it has them, with the addresses of their modules.

    Args:
        module: the state's root module.
        types: the types; those that are read here by default.
        address: the module's address.

    Raises:
        InputError: something is of another form than documented.
    """
    values = mapping(module, "values")
    for entry in _entries(values, "resources", "values"):
        if entry.get("type") in types:
            yield {**entry, "module_address": address} if address else entry
    for child in _entries(values, "child_modules", "values"):
        yield from state_entries(child, types, str(child.get("address") or ""))


def _unchanged(entry: _Entry) -> _Entry:
    """A resource of a state as a plan has one of which it changes nothing."""
    found, sensitive = mapping(entry.get("values"), "values"), entry.get("sensitive_values")
    change = {"before": found, "after": found, "before_sensitive": sensitive, "after_sensitive": sensitive}
    return {**entry, "change": {"actions": ["no-op"], **change}}


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
    if "for_each_expression" not in entry:
        return Call(expressions)
    each = mapping(entry.get("for_each_expression"), place)
    return Call(expressions, references_of(each), repeated(each.get("constant_value")))


def _entries(values: _Entry, key: str, place: str) -> list[_Entry]:
    """The mappings in a list; none where there is nothing."""
    entries = values.get(key)
    if entries is None:
        return []
    where = f"{place}.{key}" if place != key else key
    if not isinstance(entries, list):
        raise refuse(where, type(entries).__name__, "a list")
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise refuse(f"{where}[{index}]", type(entry).__name__, "a mapping")
    return entries


def _text(entry: _Entry, key: str, place: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise refuse(f"{place}.{key}", type(value).__name__, "a text")
    return value
