"""The port tables as data, and their loader."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from rancher_ports.errors import nearest, one_of, refuse
from rancher_ports.model.table import Table
from rancher_ports.tables.loader import read_tables


@cache
def load_tables() -> Mapping[str, Table]:
    """The tables that come with this package, by distribution; read once in a process."""
    folder = files(__name__)
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")}
    return MappingProxyType(read_tables(dict(sorted(texts.items()))))


def load_table(distribution: str) -> Table:
    """One distribution's table.

    Raises:
        InputError: there is no such distribution; with the nearest one.
    """
    tables = load_tables()
    if not isinstance(distribution, str) or distribution not in tables:
        raise refuse("distribution", distribution, one_of(tables), nearest(distribution, tables))
    return tables[distribution]


__all__ = ["load_table", "load_tables", "read_tables"]
