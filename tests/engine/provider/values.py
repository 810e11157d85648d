"""Values as the plugin protocol carries them: MessagePack, with a mark for what is not known yet."""

from __future__ import annotations

import json
from typing import Any, Final

import msgpack
from tf.gen import tfplugin_pb2 as pb

from tests.engine.provider.bindings_schema import Block

Values = dict[str, Any]


class _Unknown:
    """A value that is known after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN: Final = _Unknown()


def read(value: pb.DynamicValue) -> Values | None:
    """An object, or None for null."""
    if value.json:
        found: Values | None = json.loads(value.json)
        return found
    # Any extension is an unknown, with or without a refinement.
    unpacked: Values | None = msgpack.unpackb(value.msgpack, ext_hook=lambda *_: UNKNOWN, strict_map_key=False)
    return unpacked


def write(values: Values | None) -> pb.DynamicValue:
    """What the engine reads as this object."""
    return pb.DynamicValue(msgpack=msgpack.packb(values, default=_extension))


def without_unknown(values: Values) -> Values:
    """The same with null for whatever was unknown, in blocks as well: what nobody here asks about."""
    return {name: _known(value) for name, value in values.items()}


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return without_unknown(value)
    if isinstance(value, list):
        return [_known(item) for item in value]
    return None if value is UNKNOWN else value


def _extension(value: object) -> msgpack.ExtType:
    if value is not UNKNOWN:
        raise TypeError(f"no value of the protocol: {value!r}")
    return msgpack.ExtType(0, b"\0")


def complete(values: Values, block: Block) -> Values:
    """The same with everything that the schema has, in its order; null where nothing was said."""
    found: Values = {attribute.name: values.get(attribute.name) for attribute in block.attributes}
    for name, nesting, _ in block.blocks:
        found[name] = values.get(name, None if nesting == "single" else [])
    return found
