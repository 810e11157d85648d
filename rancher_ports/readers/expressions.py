"""Expressions as Terraform's JSON has them: texts with ``${...}`` in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

_ONE = re.compile(r"\$\{([^{}]+)\}")
# In an expression, what is a reference: a name with a dot or a key after it, and not within a text.
_REFERENCE = re.compile(
    r'"(?:[^"\\]|\\.)*"|([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+|\[(?:"(?:[^"\\]|\\.)*"|[0-9]+|\*)\])+)'
)
_SET = re.compile(r"\$\{toset\((\[.*\])\)\}", re.DOTALL)
_OF_INSTANCE = re.compile(r"\b(each\.(?:key|value)|count\.index)\b")
_LITERAL = re.compile(r'\$\{(?:"((?:[^"\\]|\\.)*)"|([0-9]+))\}')


def is_expression(value: object) -> bool:
    """Whether something is a text with an expression in it."""
    return isinstance(value, str) and "${" in value


def only_reference(value: object) -> str | None:
    """The reference that a text is, and nothing else; None if it is none."""
    match = _ONE.fullmatch(value) if isinstance(value, str) else None
    found = _REFERENCE.fullmatch(match[1].strip()) if match else None
    return found[1] if found else None


def references(value: object) -> Iterator[str]:
    """The references in a text."""
    for inner in _ONE.findall(value) if isinstance(value, str) else ():
        yield from (match[1] for match in _REFERENCE.finditer(inner) if match[1])


def mentions(value: object) -> Iterator[str]:
    """The references anywhere in a value, in whatever expression."""
    if isinstance(value, list):
        for entry in value:
            yield from mentions(entry)
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from mentions(entry)
    elif is_expression(value):
        yield from (match[1] for match in _REFERENCE.finditer(str(value)) if match[1])


def repeated(for_each: object) -> Mapping[str, object] | None:
    """The instances of a literal ``for_each``, by key; None if it is none."""
    if isinstance(for_each, str) and (match := _SET.fullmatch(for_each)):
        with suppress(ValueError):
            for_each = {str(key): key for key in json.loads(match[1])}
    return for_each if isinstance(for_each, Mapping) else None


def key_text(key: str) -> str:
    """What stands after the address of an instance with a key: ``["blue"]``.

    As Terraform writes it (internal/addrs, toHCLQuotedString): what cannot be printed is escaped.
    """
    text = "".join(_ESCAPED.get(c) or (c if c.isprintable() else f"\\u{ord(c):04x}") for c in key)
    return f'["{text.replace("${", "$${").replace("%{", "%%{")}"]'


_ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def of_instance(value: object, names: Mapping[str, object]) -> object:
    """A value with what one instance puts into its expressions.

    Args:
        value: as the configuration has it.
        names: what ``each.key``, ``each.value`` and ``count.index`` are.
    """
    if isinstance(value, list):
        return [of_instance(entry, names) for entry in value]
    if isinstance(value, Mapping):
        return {key: of_instance(entry, names) for key, entry in value.items() if key not in ("for_each", "count")}
    if not is_expression(value):
        return value
    whole = only_reference(value)
    if whole is not None and whole in names:
        return names[whole]
    text = _ONE.sub(lambda found: _OF_INSTANCE.sub(lambda name: _literal(name[1], names), found[0]), str(value))
    # What is a text or a number by now needs no expression.
    return _LITERAL.sub(lambda found: found[2] or json.loads(f'"{found[1]}"'), text)


def _literal(name: str, names: Mapping[str, object]) -> str:
    value = names.get(name)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, int)) and not is_expression(value) else name
