"""A plan read from the JSON of ``terraform show -json PLAN``, or of ``tofu``, which has the same format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rancher_ports.errors import Faults
from rancher_ports.model.ids import ACCOUNT_ID
from rancher_ports.readers.documents import check_plan, partial
from rancher_ports.readers.references import module_path
from rancher_ports.sections import Section

# A group of another account, as a rule names it.
_WITH_ACCOUNT = re.compile(f"({ACCOUNT_ID.pattern})/")

ModulePath = tuple[str, ...]
_Key = tuple[ModulePath, str, str]  # a resource's module, type and name


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """What a plan does to one object of a managed resource, nothing included.

    Args:
        address: with its module and instance key, such as ``module.ports.aws_security_group.etcd``.
        type: such as ``aws_security_group``.
        name: the last part of the address, without an instance key.
        actions: what is done, in order: ``create``, ``update``, ``delete``, ``no-op``, ...
        before: values now; empty for what does not exist.
        after: values afterwards, as far as they are known; empty for what will not exist.
        unknown: the attributes whose values are known after apply.
        refers_to: by attribute, the address of the planned resource whose ``id`` it is, where the
            configuration says so within one module.
        accounts: by attribute, the account that stands before the id, as text.
        provider: the key of its provider's configuration, such as ``aws.ohio``.
        region: where it stands; None where the plan does not say.
        importing: the id under which an import block of the plan brings it in.
        deposed: whether it is an earlier object at this address, which waits to be deleted.
    """

    address: str
    type: str
    name: str
    actions: tuple[str, ...]
    before: Mapping[str, object]
    after: Mapping[str, object]
    unknown: frozenset[str]
    refers_to: Mapping[str, str]
    provider: str | None
    region: str | None
    importing: str | None = None
    deposed: bool = False
    accounts: Mapping[str, str] = field(default_factory=dict)

    @property
    def creates(self) -> bool:
        """Whether an object is made, be it instead of another."""
        return "create" in self.actions

    @property
    def is_new(self) -> bool:
        """Whether an object is made where the state has none: what an import block can prevent."""
        return self.actions == ("create",)


@dataclass(frozen=True, slots=True)
class StateResource:
    """One object that Terraform's state knows.

    Args:
        address: where it stands.
        type: such as ``aws_security_group``.
        id: as EC2 has it.
    """

    address: str
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, as far as it is read.

    Args:
        resources: every object of a managed resource that it speaks of, in the plan's order.
        state: every object that the state knew when the plan was made, deposed ones included.
    """

    resources: tuple[PlannedResource, ...]
    state: tuple[StateResource, ...]

    def of_type(self, *types: str) -> tuple[PlannedResource, ...]:
        """The resources of some types."""
        return tuple(resource for resource in self.resources if resource.type in types)

    def known(self, *types: str) -> dict[str, str]:
        """Addresses by id, of what the state knows of some types."""
        return {resource.id: resource.address for resource in self.state if resource.type in types}


@dataclass(frozen=True, slots=True)
class _Configured:
    """What the configuration says of one resource, whatever its instances."""

    provider: str | None
    references: Mapping[str, tuple[str, ...]]
    accounts: Mapping[str, str] = field(default_factory=dict)


def read_plan(document: object) -> Plan:
    """The plan in a parsed JSON document.

    Args:
        document: what ``terraform show -json PLAN`` printed.

    Raises:
        InputError: it is something else, such as a state; its format is unknown; the plan is partial; or, with
            a fault for each, something in it is not of the documented form.
    """
    if check_plan(document):
        raise partial()
    faults = Faults()
    plan = Section(document, "", faults)
    configuration = plan.section("configuration")
    configured = dict(_read_module(configuration.section("root_module"), (), faults))
    regions = dict(_read_regions(configuration.section("provider_config")))
    changes = _changes(plan, faults)
    addresses = {str(change.value("address")) for change in changes}
    resources = [_read_resource(change, configured, regions, addresses) for change in changes]
    state = [*_read_state(plan.section("prior_state").section("values").section("root_module"), faults)]
    faults.raise_any()
    # What is changed or deleted is known as well, deposed objects among it.
    ids = ((resource, resource.before.get("id")) for resource in resources)
    state += [StateResource(resource.address, resource.type, id_) for resource, id_ in ids if isinstance(id_, str)]
    return Plan(tuple(resources), tuple(dict.fromkeys(state)))


def _sections(section: Section, key: str, faults: Faults) -> list[Section]:
    """The mappings of a list within; an empty list where there is nothing."""
    entries = section.value(key)
    if entries is None:
        return []
    if not isinstance(entries, list):
        faults.add(section.at(key), entries, "a list")
        return []
    return [Section(entry, f"{section.at(key)}[{index}]", faults) for index, entry in enumerate(entries)]


def _changes(plan: Section, faults: Faults) -> list[Section]:
    return [change for change in _sections(plan, "resource_changes", faults) if change.value("mode") == "managed"]


def _read_resource(
    change: Section,
    configured: Mapping[_Key, _Configured],
    regions: Mapping[str, str],
    addresses: set[str],
) -> PlannedResource:
    address, type_, name = (change.text(key) or "" for key in ("address", "type", "name"))
    module = change.optional_text("module_address") or ""
    values = change.section("change")
    before, after = _values(values, "before"), _values(values, "after")
    found = configured.get((module_path(module), type_, name), _Configured(None, {}))
    region = after.get("region") or before.get("region") or regions.get(found.provider or "")
    return PlannedResource(
        address=address,
        type=type_,
        name=name,
        actions=values.texts("actions"),
        before=before,
        after=after,
        # A mapping or a list says which of its parts are unknown.
        unknown=frozenset(key for key, value in _values(values, "after_unknown").items() if value is True),
        refers_to=dict(_resolve(found.references, module, addresses)),
        provider=found.provider,
        region=region if isinstance(region, str) else None,
        importing=values.section("importing").optional_text("id"),
        deposed="deposed" in change,
        accounts=found.accounts,
    )


def _values(change: Section, key: str) -> dict[str, object]:
    # null, or false for what is unknown of it, where there is no object.
    return {} if change.value(key) in (None, False) else dict(change.section(key).items())


def _read_module(module: Section, path: ModulePath, faults: Faults) -> Iterator[tuple[_Key, _Configured]]:
    for resource in _sections(module, "resources", faults):
        provider = resource.value("provider_config_key")
        expressions = dict(resource.section("expressions").items()).items()
        references = {
            attribute: tuple(str(reference) for reference in expression["references"])
            for attribute, expression in expressions
            if isinstance(expression, Mapping) and isinstance(expression.get("references"), list)
        }
        # Of JSON configuration the text of an expression is a constant, too.
        constants = {key: value.get("constant_value") for key, value in expressions if isinstance(value, Mapping)}
        accounts = {key: match[1] for key, value in constants.items() if (match := _WITH_ACCOUNT.match(str(value)))}
        key = path, str(resource.value("type")), str(resource.value("name"))
        yield key, _Configured(provider if isinstance(provider, str) else None, references, accounts)
    calls = module.section("module_calls")
    for name in calls:
        yield from _read_module(calls.section(name).section("module"), (*path, name), faults)


def _resolve(references: Mapping[str, tuple[str, ...]], module: str, addresses: set[str]) -> Iterator[tuple[str, str]]:
    """The attributes that are one planned resource's id, and its address."""
    for attribute, found in references.items():
        ids = [reference for reference in found if reference.endswith(".id")]
        # Terraform lists what a reference goes through as well: x.y["k"].id, x.y["k"], x.y. Anything else
        # means that the value is worked out of more than the one id.
        if len(ids) != 1 or not all(ids[0].startswith(reference) for reference in found):
            continue
        target = ".".join(filter(None, (module, ids[0].removesuffix(".id"))))
        if target in addresses:
            yield attribute, target


def _read_regions(providers: Section) -> Iterator[tuple[str, str]]:
    for key in providers:
        region = providers.section(key).section("expressions").section("region")
        value = region.value("constant_value")
        # Of JSON configuration the text of an expression is a constant, too, which its references give away.
        if isinstance(value, str) and "references" not in region:
            yield key, value


def _read_state(module: Section, faults: Faults) -> Iterator[StateResource]:
    for resource in _sections(module, "resources", faults):
        id_ = resource.section("values").value("id")
        if isinstance(id_, str):
            yield StateResource(str(resource.value("address")), str(resource.value("type")), id_)
    for child in _sections(module, "child_modules", faults):
        yield from _read_state(child, faults)
