"""The table of what the bindings do not carry, and what follows from it for a plan."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.engine.provider.values import UNKNOWN, Values

_TABLE = Path(__file__).with_name("provider_facts.toml")


@cache
def facts() -> tuple[dict[str, Any], ...]:
    """All facts."""
    return tuple(tomllib.loads(_TABLE.read_text("utf-8"))["fact"])


def _of(resource: str, what: str) -> Iterator[dict[str, Any]]:
    return (fact for fact in facts() if fact["resource"] in (resource, "*") and fact["is"] == what)


def defaults(resource: str) -> Values:
    """What stands where the configuration says nothing."""
    return {name: fact["value"] for fact in _of(resource, "default") for name in fact["attributes"]}


def replaces(resource: str, prior: Values, planned: Values) -> list[str]:
    """The attributes whose change forces a replacement."""
    found = {
        name
        for fact in _of(resource, "replaces")
        for name in fact["attributes"]
        if name in prior and planned[name] != prior[name]
    }
    for fact in _of(resource, "another of them replaces"):
        was = [name for name in fact["attributes"] if prior[name] is not None]
        will_be = [name for name in fact["attributes"] if planned[name] is not None]
        if was != will_be:
            found |= {*was, *will_be}
    return sorted(found)


def violations(resource: str, config: Values) -> Iterator[tuple[str, str]]:
    """What the provider's validators refuse: an attribute, and why."""
    for fact in facts():
        if fact["resource"] != resource:
            continue
        given = [name for name in fact["attributes"] if config[name] is not None]
        # What is unknown may turn out to be null: both kinds of validators wait for it (ExactlyOneOf of
        # terraform-plugin-framework-validators, validateConflictingAttributes of terraform-plugin-sdk).
        known = all(config[name] is not UNKNOWN for name in given)
        if fact["is"] == "conflicts" and known and len(given) > 1:
            yield given[0], f"conflicts with {given[1]}"
        if fact["is"] == "exactly one" and known and len(given) != 1:
            yield (
                (given or fact["attributes"])[0],
                f"Exactly one of these attributes must be configured: {fact['attributes']}",
            )
        for name in given:
            if config[name] is not UNKNOWN and (why := _violation(fact, config[name])):
                yield name, why


def _violation(fact: dict[str, Any], value: Any) -> str | None:
    match fact["is"]:
        case "at most" if len(value) > fact["value"]:
            return f"expected length to be at most {fact['value']}"
        case "not beginning with" if value.startswith(fact["value"]):
            return f"cannot begin with {fact['value']}"
        case "between" if not fact["value"][0] <= value <= fact["value"][1]:
            return f"value must be between {fact['value'][0]} and {fact['value'][1]}, got: {value}"
        case "IPv4 block" if not _is_block(value, ipaddress.IPv4Network):
            return f"{value} is not a valid IPv4 CIDR block"
        case "IPv6 block" if not _is_block(value, ipaddress.IPv6Network):
            return f"{value} is not a valid IPv6 CIDR block"
    return None


def _is_block(value: str, family: type[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    try:
        return str(family(value)) == value
    except ValueError:
        return False
