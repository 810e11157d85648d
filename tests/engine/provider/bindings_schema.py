"""The provider's schema, derived from the installed bindings.

The package of the bindings holds, for each resource, generated JavaScript that ends in a source map with the generated
TypeScript. That names every attribute, its type, and whether it is computed, optional or required; what is nested and
computed is an attribute of objects, any other nested thing is a block. It does not name which attribute forces a
replacement, defaults and validators: see ``provider_facts.toml``.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Of the flavour that is installed; where both are, of the one that the app takes.
PACKAGE = next(name for name in ("cdktf_cdktf_provider_aws", "cdktn_provider_aws") if importlib.util.find_spec(name))

# As the protocol writes types: "string", or ["set", "string"], or ["list", ["object", {...}]].
Type = str | list[object]


@dataclass(frozen=True)
class Attribute:
    """An attribute of a resource or of a block."""

    name: str
    type: Type
    computed: bool
    optional: bool
    required: bool


@dataclass(frozen=True)
class Block:
    """What stands in a resource or in one of its blocks; nesting is ``single``, ``list`` or ``set``."""

    attributes: tuple[Attribute, ...]
    blocks: tuple[tuple[str, str, Block], ...]

    @property
    def type(self) -> dict[str, Type]:
        """The types of everything in it, by name."""
        found = {attribute.name: attribute.type for attribute in self.attributes}
        for name, nesting, block in self.blocks:
            inner: Type = ["object", block.type]
            found[name] = inner if nesting == "single" else [nesting, inner]
        return found


@cache
def schemas(folders: tuple[str, ...]) -> dict[str, Block]:
    """The schemas of some resources and data sources, and of the provider.

    Args:
        folders: the bindings' names for them, such as ``security-group``, ``data-aws-vpc`` or ``provider``.

    Returns:
        By those names.
    """
    return {folder: _read(source) for folder, source in _sources(folders)}


def _archive() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (archive,) = Path(spec.submodule_search_locations[0], "_jsii").glob("*.jsii.tgz")
    return archive


def _sources(folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = {f"package/lib/{folder}/index.js": folder for folder in folders}
    with tarfile.open(_archive(), "r|gz") as archive:
        for member in archive:
            if member.name not in wanted:
                continue
            file = archive.extractfile(member)
            assert file is not None
            script = file.read().decode()
            encoded = script.rpartition("sourceMappingURL=data:application/json;base64,")[2]
            yield wanted.pop(member.name), json.loads(base64.b64decode(encoded))["sourcesContent"][0]
            if not wanted:
                return
    raise LookupError(f"the bindings have no {', '.join(wanted.values())}")


_CLASS = re.compile(r"^export class (\w+) extends cdkt[fn]\.(\w+) \{$(.*?)^\}$", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(
    r"^  // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$", re.MULTILINE
)
_NESTED = re.compile(r'new (\w+?)(List|Map|OutputReference)\(this, "\w+"(?:, (true|false))?\)')
_NESTING = re.compile(
    r'^      (\w+): \{\n        value: .*\n        isBlock: true,\n        type: "(\w+)",', re.MULTILINE
)
_SCALARS = {"String": "string", "Number": "number", "Boolean": "bool"}
_MAPS = {f"{kind}Map": ["map", type_] for kind, type_ in _SCALARS.items()}
_LISTS = {"getListAttribute": "string", "getNumberListAttribute": "number", "getBooleanListAttribute": "bool"}


def _read(source: str) -> Block:
    classes = {name: body for name, _, body in _CLASS.findall(source)}
    ((base, body),) = [
        (base, body)
        for _, base, body in _CLASS.findall(source)
        if base in ("TerraformResource", "TerraformDataSource", "TerraformProvider")
    ]
    if base == "TerraformProvider":
        return _provider(body, source)
    return _block(body, classes)


def _block(body: str, classes: dict[str, str]) -> Block:
    nestings = dict(_NESTING.findall(body))
    pieces = _MEMBER.split(body)[1:]
    attributes: list[Attribute] = []
    blocks: list[tuple[str, str, Block]] = []
    for index in range(0, len(pieces), 5):
        name, computed, optional, required, text = pieces[index : index + 5]
        nested = _NESTED.search(text)
        if nested and f"{nested[1]}OutputReference" in classes:
            inner = _block(classes[f"{nested[1]}OutputReference"], classes)
            nesting = nestings.get(name, "")
            if nested[2] == "List":
                nesting = "set" if nested[3] == "true" else "list"
            if computed == "false":
                blocks.append((name, "single" if nesting in ("struct", "") else nesting, inner))
                continue
            type_: Type = ["object", inner.type]
            type_ = [nesting, type_] if nesting in ("set", "list") else type_
        else:
            type_ = _plain(name, text)
        attributes.append(Attribute(name, type_, computed == "true", optional == "true", required == "true"))
    return Block(tuple(attributes), tuple(blocks))


def _plain(name: str, text: str) -> Type:
    if match := re.search(r"new cdkt[fn]\.(\w+)\(this, ", text):
        return list(_MAPS[match[1]])
    for kind, type_ in _SCALARS.items():
        if f".get{kind}Attribute('{name}')" in text:
            return type_
        if f".get{kind}MapAttribute('{name}')" in text:
            return ["map", type_]
    for getter, type_ in _LISTS.items():
        if f"{getter}('{name}')" in text:
            return ["set" if "Fn.tolist(" in text else "list", type_]
    raise LookupError(f"the bindings say nothing of the type of {name}")


_FIELD = re.compile(r"private _\w+\?: ([\w\[\]]+|\{ \[key: string\]: string \})")
_FIELDS: dict[str, Type] = {"string": "string", "number": "number", "boolean": "bool", "string[]": ["list", "string"]}
_STORED = re.compile(r'^    (\w+): \{\n.*\n.*\n      type: "(\w+)",\n      storageClassType: "(\w+)",', re.MULTILINE)


def _provider(body: str, source: str) -> Block:
    """A provider's arguments have no getters of the engine's, only fields, and its blocks only interfaces."""
    attributes, blocks = [], []
    pieces = _MEMBER.split(body)[1:]
    for index in range(0, len(pieces), 5):
        name, text = pieces[index], pieces[index + 4]
        match = _FIELD.search(text)
        assert match is not None
        field = match[1]
        if name == "alias":
            continue  # the engine's own
        if field.startswith("AwsProvider"):
            blocks.append((name, "list", _interface(field.removesuffix("[]"), source)))
        else:
            attributes.append(Attribute(name, _FIELDS.get(field, ["map", "string"]), False, True, False))
    return Block(tuple(attributes), tuple(blocks))


def _interface(name: str, source: str) -> Block:
    function = f"export function {name[0].lower()}{name[1:]}ToHclTerraform"
    body = source.partition(function)[2].partition("\n}\n")[0]
    attributes = []
    for attribute, type_, stored in _STORED.findall(body):
        element = next(word for kind, word in _SCALARS.items() if stored.lower().startswith(kind.lower()))
        plain: Type = element if type_ == "simple" else [type_, element]
        attributes.append(Attribute(attribute, plain, False, True, False))
    return Block(tuple(attributes), ())
