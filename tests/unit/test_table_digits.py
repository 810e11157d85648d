"""A table file with one digit of a number changed, or left out, is refused, or not what is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple

import pytest

from rancher_ports.errors import Faults, InputError
from rancher_ports.model.table import Table
from rancher_ports.tables import load_tables, loader, read_tables
from tests.conftest import ROOT
from tests.distributions import DISTRIBUTIONS, facts

FILES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "rancher_ports" / "tables").glob("*.toml"))}

# Who may be let in at what is not for everybody, and at which ports.
_NODES = ("etcd", "controlplane")
PROTECTED = {
    "rke1": {
        "etcd": (_NODES, "2379-2380/tcp"),
        "kubelet": (None, "10250/tcp"),
        "overlay": (None, "8472/udp", "4789/udp", "6783-6784/udp"),
    },
    "rke2": {
        "etcd": (_NODES, "2379-2381/tcp"),
        "kubelet": (None, "10250/tcp"),
        "overlay": (None, "8472/udp", "4789/udp"),
    },
    "k3s": {"etcd": (_NODES, "2379-2380/tcp"), "kubelet": (None, "10250/tcp"), "overlay": (None, "8472/udp")},
}

# Where a file has numbers that open something: the ports of rows and of what is protected, the blocks of default peers.
_NUMBERS = re.compile(
    r'^(?:port = "(?P<port>[^"]*)"|ports = \[(?P<ports>[^\]]*)\]|.*\bcidr = "(?P<cidr>[^"]*)".*)$', re.MULTILINE
)

# Role, direction, protocol, first and last port, peer, and the features with and without which it applies; plain, since
# there are thousands to compare.
End = tuple[str, str, str, int | None, int | None, str, str | None, str | None]


def _documented(distribution: str) -> dict[End, frozenset[str]]:
    """The container networks with which each end of a flow applies."""
    found: dict[End, frozenset[str]] = {}
    for fact in facts(distribution):
        end = (*astuple(fact.flow), fact.feature, fact.unless)
        found[end] = found.get(end, frozenset()) | fact.cnis
    return found


DOCUMENTED = {distribution: _documented(distribution) for distribution in DISTRIBUTIONS}


def _rows(table: Table) -> dict[End, frozenset[str]]:
    """Likewise, of a table."""
    found: dict[End, frozenset[str]] = {}
    every = frozenset(table.cnis)
    for row in table.requirements:
        cnis = frozenset(row.when.cnis) or every
        features = row.when.feature, next((other.feature for other in row.when.unless), None)
        for peer in row.peers:
            default = table.slots[peer].default if peer in table.slots else ()
            for name in [str(block.value) for block in default] or [peer]:
                for port in row.ports:
                    end = (row.role, row.direction, port.protocol, port.first, port.last, name, *features)
                    found[end] = found[end] | cnis if end in found else cnis
    return found


def _protected(table: Table) -> dict[str, tuple[object, ...]]:
    return {name: (one.only, *(port.text for port in one.ports)) for name, one in table.protected.items()}


def _undocumented(tables: Mapping[str, Table]) -> Iterator[str]:
    """The distributions whose rows, or whose protected ports, are not what is documented."""
    assert set(tables) == set(DISTRIBUTIONS)
    for distribution, table in tables.items():
        if _rows(table) != DOCUMENTED[distribution] or _protected(table) != PROTECTED[distribution]:
            yield distribution


def _changed(text: str) -> Iterator[tuple[int, str]]:
    """The text with each digit of a port or a block changed, and with the last of each number left out; by line."""
    for where in _NUMBERS.finditer(text):
        first, last = next(where.span(group) for group in where.groupdict() if where[group] is not None)
        line = text.count("\n", 0, first) + 1
        for number in re.compile("[0-9]+").finditer(text, first, last):
            for place in range(*number.span()):
                yield line, f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"
            yield line, f"{text[: number.end() - 1]}{text[number.end() :]}"


def test_the_tables_are_what_is_documented() -> None:
    assert not list(_undocumented(load_tables()))
    assert not list(_undocumented(read_tables(FILES)))


@pytest.mark.parametrize("name", FILES)
def test_a_changed_digit_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The other files are read once: reading is what takes the time.
    read = loader._read_file
    others = {other: text for other, text in FILES.items() if other != name}
    known = {other: read(other, text, Faults()) for other, text in others.items()}
    monkeypatch.setattr(loader, "_read_file", lambda file, text, faults: known.get(file) or read(file, text, faults))
    survivors = []
    for line, text in _changed(FILES[name]):
        try:
            tables = read_tables({name: text, **others})
        except InputError:
            continue
        if not any(_undocumented(tables)):
            survivors.append(f"{name}:{line}: {text.splitlines()[line - 1]}")
    assert survivors == []


def test_no_digit_of_a_file_is_left_unchanged() -> None:
    # Counted another way: in every line with a port or a block, but for the names of blocks.
    for text in FILES.values():
        changed = list(_changed(text))
        for number, line in enumerate(text.splitlines(), start=1):
            if re.match(r"ports? = |.*cidr =", line):
                numbers = re.findall("[0-9]+", re.sub('name = "[^"]*"', "", line))
                expected = sum(map(len, numbers)) + len(numbers)
                assert len({other for of, other in changed if of == number}) == expected, line
