"""References: whom a value names that is known after apply alone, by what a plan's ``configuration`` says of it.

Of an expression a plan keeps the references, through the inputs and outputs of modules, but neither what is made of
them nor what locals are. What is left are those whom it may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rancher_ports.model.inventory import Reference
from rancher_ports.model.peers import PeerKind
from rancher_ports.readers.expressions import of_instance, only_reference
from rancher_ports.readers.resources import NAMED_TYPES

# "k" with what JSON and HCL escape; 0; a star.
_KEY = r'\[(?:"(?:[^"\\]|\\.)*"|[0-9]+|\*)\]'
_PART = re.compile(rf"([A-Za-z0-9_-]+)((?:{_KEY})?)\.?")
INDEX = re.compile(rf"{_KEY}$", re.DOTALL)
MODULE = re.compile(rf"module\.([A-Za-z0-9_-]+)(?:{_KEY})?", re.DOTALL)

# Known when a plan is made.
_PLAN_TIME = ("count", "each", "path", "self", "terraform")

ModulePath = tuple[str, ...]
Expressions = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """A resource or a module as the configuration has it, whatever its instances.

    Args:
        expressions: its arguments.
        repeated: the references of its ``for_each``.
        instances: what it is repeated over, where that is literal: by key, ``each.value``.
    """

    expressions: Expressions
    repeated: tuple[str, ...] = ()
    instances: Mapping[str, object] | None = None

    def exact(self, name: str, key: object) -> str | None:
        """The reference that one instance's argument is, where the configuration is JSON, which plans keep as it is.

        Args:
            name: the argument.
            key: the key of the instance, or None.
        """
        expression = self.expressions.get(name)
        text = expression.get("constant_value") if isinstance(expression, dict) else None
        if text is None:
            return None
        each = (self.instances or {}).get(key) if isinstance(key, str) else None
        names = {"each.key": key, "count.index": key, **({"each.value": each} if each is not None else {})}
        return only_reference(of_instance(text, names))


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a plan says of the configuration.

    Args:
        resources: by module, and type and name with ``data.`` before those of data sources.
        calls: the modules that a module calls, by the path of the called one.
        outputs: by module and name, the references of an output.
    """

    resources: dict[tuple[ModulePath, str], Call] = field(default_factory=dict)
    calls: dict[ModulePath, Call] = field(default_factory=dict)
    outputs: dict[tuple[ModulePath, str], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instances:
    """Which objects there are, and what they are known as.

    Args:
        of: by module address, and type and name, the addresses of all instances.
        modules: by module address without its last key, the addresses of all its instances.
        identities: by address, the identity of a group or prefix list.
        unknown: the addresses of those whose ids are known after apply alone.
    """

    of: Mapping[tuple[str, str], tuple[str, ...]]
    modules: Mapping[str, tuple[str, ...]]
    identities: Mapping[str, str]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True)
class Origins:
    """Where a value comes from.

    Args:
        objects: the addresses of groups and prefix lists.
        texts: what cannot be followed further.
    """

    objects: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    def __or__(self, other: Origins) -> Origins:
        return Origins(self.objects | other.objects, self.texts | other.texts)


def references_of(expression: object, path: Iterable[str] = ()) -> tuple[str, ...]:
    """The references in an expression of a plan's configuration.

    Args:
        expression: an argument, or the list of the blocks of one name.
        path: the names on the way to an argument within blocks.
    """
    names = tuple(path)
    if isinstance(expression, list):
        return tuple(reference for block in expression for reference in references_of(block, names))
    if not isinstance(expression, dict):
        return ()
    found = expression.get("references")
    if isinstance(found, list):
        return tuple([reference for reference in found if isinstance(reference, str)])
    return references_of(expression.get(names[0]), names[1:]) if names else ()


@dataclass(frozen=True, slots=True)
class Resolver:
    """Follows references.

    Args:
        configuration: what the plan says of it.
        instances: what there is.
    """

    configuration: Configuration
    instances: Instances
    # Thousands of rules name the same few groups.
    _found: dict[tuple[object, ...], Reference] = field(default_factory=dict)

    def refer(self, kind: PeerKind, references: tuple[str, ...], module: str, repeated: tuple[str, ...]) -> Reference:
        """Whom a value names.

        Args:
            kind: what it is.
            references: of the expression.
            module: the address of the module that it stands in; empty for the root.
            repeated: the references of the ``for_each`` that it stands under.

        Returns:
            What is known of it: neither values nor a text, if it comes from nowhere that is known.
        """
        asked = kind, references, module, repeated
        if asked not in self._found:
            self._found[asked] = self._refer(*asked)
        return self._found[asked]

    def _refer(self, kind: PeerKind, references: tuple[str, ...], module: str, repeated: tuple[str, ...]) -> Reference:
        origins = self._follow(references, module, repeated, frozenset())
        objects, texts = origins.objects, sorted(origins.texts)
        # What is known now cannot be what is not, unless something else decides which it is.
        if not texts and (unknown := objects & self.instances.unknown):
            objects = unknown
        values = tuple(sorted(self.instances.identities[address] for address in objects))
        shortest = min(references, key=len, default="")
        longest = max((text for text in references if text.startswith(shortest)), key=len, default="")
        text = ", ".join(texts) or ("" if values else longest)
        return Reference(kind, values, text, certain=len(values) == 1 and not texts)

    def _follow(
        self, references: tuple[str, ...], module: str, repeated: tuple[str, ...], seen: frozenset[tuple[str, str]]
    ) -> Origins:
        found = Origins()
        for reference in _most_specific(references):
            if (module, reference) not in seen:
                found |= self._one(reference, module, repeated, seen | {(module, reference)})
        return found

    def _one(self, reference: str, module: str, repeated: tuple[str, ...], seen: frozenset[tuple[str, str]]) -> Origins:
        head, *rest = _parts(reference)
        if head == "each" and rest[:1] == ["value"]:
            return self._follow(repeated, module, (), seen)
        if head in _PLAN_TIME:
            return Origins()
        if head == "var" and rest:
            return self._input(INDEX.sub("", rest[0]), module, seen)
        if head == "module" and rest:
            return self._output(rest, module, seen)
        if head == "local":
            return _text(reference, module)
        return self._attribute(reference, module, seen)

    def _input(self, name: str, module: str, seen: frozenset[tuple[str, str]]) -> Origins:
        call = self.configuration.calls.get(module_path(module))
        if call is None:
            # A variable of the root is known when a plan is made.
            return Origins()
        return self._follow(references_of(call.expressions.get(name)), _caller(module), call.repeated, seen)

    def _output(self, rest: list[str], module: str, seen: frozenset[tuple[str, str]]) -> Origins:
        called = f"{module}.module.{rest[0]}" if module else f"module.{rest[0]}"
        instances = (called,) if INDEX.search(called) else self.instances.modules.get(called, ())
        names = [INDEX.sub("", name) for name in rest[1:2]]
        found = Origins()
        for instance in instances:
            path = module_path(instance)
            # A module as a whole is all that it puts out.
            for name in names or [output for where, output in self.configuration.outputs if where == path]:
                found |= self._follow(self.configuration.outputs.get((path, name), ()), instance, (), seen)
        return found

    def _attribute(self, reference: str, module: str, seen: frozenset[tuple[str, str]]) -> Origins:
        parts = _parts(reference)
        size = 3 if parts[0] == "data" else 2
        if len(parts) < size:
            return _text(reference, module)
        name, index = INDEX.sub("", ".".join(parts[:size])), INDEX.search(parts[size - 1])
        addresses = self.instances.of.get((module, name), ())
        if index is not None and index[0] != "[*]":
            addresses = tuple(address for address in addresses if address.endswith(index[0]))
        attribute = [INDEX.sub("", part) for part in parts[size:]]
        if parts[size - 2] in NAMED_TYPES and attribute[:1] in ([], ["id"]):
            return Origins(objects=frozenset(addresses))
        call = self.configuration.resources.get((module_path(module), name))
        if call is not None and attribute and (further := references_of(call.expressions.get(attribute[0]))):
            return self._follow(further, module, call.repeated, seen)
        return _text(reference, module)


@lru_cache(maxsize=2**12)
def module_path(module: str) -> ModulePath:
    """The names of the modules in a module's address, without instance keys."""
    return tuple(match[1] for match in MODULE.finditer(module))


def _caller(module: str) -> str:
    """The address of the module that calls a module."""
    *_, last = MODULE.finditer(module)
    return module[: last.start()].removesuffix(".")


def _parts(reference: str) -> list[str]:
    """The parts of a reference, each with its key: ``["module", 'a["k"]', "id"]``."""
    return [f"{match[1]}{match[2]}" for match in _PART.finditer(reference)]


def _most_specific(references: tuple[str, ...]) -> Iterator[str]:
    """References without what Terraform lists as the way to them: of ``x.y["k"].id`` ``x.y["k"]`` and ``x.y``."""
    for reference in dict.fromkeys(references):
        others = (other for other in references if other != reference)
        if not any(other.startswith((f"{reference}.", f"{reference}[")) for other in others):
            yield reference


def _text(reference: str, module: str) -> Origins:
    return Origins(texts=frozenset({f"{module}.{reference}" if module else reference}))
