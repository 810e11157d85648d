"""What the synthesized JSON of a stack has in blocks: each instance of a resource or data source; and other blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rancher_ports.errors import refuse
from rancher_ports.readers.expressions import key_text, of_instance, only_reference, repeated
from rancher_ports.sections import mapping

# Parsed JSON.
Document = Mapping[str, object]

_MOST_INSTANCES = 10_000


@dataclass(frozen=True, slots=True)
class StackBlock:
    """One instance of a resource or of a data source.

    Args:
        stack: stands before its address, where there are several.
        address: where it stands in its stack.
        type: such as ``aws_security_group``.
        name: its name in the stack.
        values: its arguments, with what this instance puts into them.
        is_data: whether it is a data source's.
        is_certain: whether it is known that there is this one, and no other.
    """

    stack: str
    address: str
    type: str
    name: str
    values: Document
    is_data: bool
    is_certain: bool


def blocks(stack: str, document: Document) -> Iterator[StackBlock]:
    """The instances of all resources and data sources of a stack.

    Raises:
        InputError: something is no mapping that has to be one.
    """
    for where, is_data in (("resource", False), ("data", True)):
        for type_, some in mapping(document.get(where), where).items():
            for name, value in mapping(some, f"{where}.{type_}").items():
                address = f"data.{type_}.{name}" if is_data else f"{type_}.{name}"
                values = mapping(value[0] if isinstance(value, list) and len(value) == 1 else value, address)
                for key, one, is_certain in _instances(values):
                    yield StackBlock(stack, f"{address}{key}", type_, name, one, is_data, is_certain)


def _instances(values: Document) -> Iterator[tuple[str, Document, bool]]:
    """The instances of a resource: what stands after its address, its values, and whether that is known."""
    each, count = repeated(values.get("for_each")), values.get("count")
    if each is not None:
        for key, value in each.items():
            filled = of_instance(values, {"each.key": key, "each.value": value})
            yield key_text(key), mapping(filled, "for_each"), True
    elif isinstance(count, int) and not isinstance(count, bool):
        for index in range(min(count, _MOST_INSTANCES)):
            yield f"[{index}]", mapping(of_instance(values, {"count.index": index}), "count"), True
    else:
        yield "", values, "for_each" not in values and count is None


def blocks_named(document: Document, name: str) -> list[Document]:
    """The blocks of one name, such as ``moved``: one by itself, or a list."""
    found = document.get(name)
    if found is None:
        return []
    return [mapping(entry, name) for entry in (found if isinstance(found, list) else [found])]


def address_in(block: Document, key: str) -> str:
    """The address that a block names."""
    value = block.get(key)
    if not isinstance(value, str):
        raise refuse(key, value, "an address")
    return only_reference(value) or value
