"""What there is to choose: distributions, container networks, features and slots."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rancher_ports.model.table import Feature, Table
from rancher_ports.render.sheet import described


def to_text(tables: Mapping[str, Table]) -> str:
    """What each table offers, for people.

    Args:
        tables: the port tables, by distribution.
    """
    return "\n".join(_text(table) for table in tables.values())


def _text(table: Table) -> str:
    others = ", ".join(table.cnis[1:])
    sections = {
        "features": {feature.name: _feature(feature) for feature in table.features.values()},
        "slots": {slot.name: described(slot) for slot in table.slots.values()},
    }
    lines = [
        f"{table.distribution}: {table.title}",
        f"  source: {table.source}",
        f"  container networks: {table.cni} (default)",
    ]
    lines[-1] += f", {others}" if others else ""
    for heading, of in sections.items():
        widest = max(map(len, of), default=0)
        lines += [f"  {heading}:"] if of else []
        lines += [f"    {name.ljust(widest)}  {what}" for name, what in of.items()]
    return "\n".join(lines) + "\n"


def _feature(feature: Feature) -> str:
    replaced = ", ".join(feature.replaces)
    return f"{feature.what}." + (f" With it nobody has to fill {replaced}." if replaced else "")


def to_json(tables: Mapping[str, Table]) -> str:
    """What each table offers, for programs: by distribution an object, the same text at every run.

    Its keys: ``title``, ``source``, ``cni``, the default, and ``cnis``, all of them; ``features``, by name ``what`` and
    ``replaces``, the slots that nobody has to fill where it is on; ``slots``, by name ``what``, ``default`` (the values
    of its default peers) and ``note`` (a text or null).

    Args:
        tables: the port tables, by distribution.
    """
    return json.dumps({name: _offered(table) for name, table in tables.items()}, indent=2) + "\n"


def _offered(table: Table) -> dict[str, object]:
    return {
        "title": table.title,
        "source": table.source,
        "cni": table.cni,
        "cnis": table.cnis,
        "features": {
            feature.name: {"what": feature.what, "replaces": feature.replaces} for feature in table.features.values()
        },
        "slots": {
            slot.name: {"what": slot.what, "default": [str(peer.value) for peer in slot.default], "note": slot.note}
            for slot in table.slots.values()
        },
    }
