"""What a page says, whatever it is made of: ends, pairs of them in groups, and parts that are lists of sentences.

Every text is one line of characters that are seen; markup is none of its business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rancher_ports.model.intervals import Intervals


@dataclass(frozen=True, slots=True)
class End:
    """A row or a column of the matrix.

    Args:
        name: who it is.
        kind: what it is, one of the page's kinds.
        role: the node role, by which it can be looked for; empty if it has none.
        group: what else it can be looked for by: a security group or slot by its name; empty for addresses.
    """

    name: str
    kind: str
    role: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Ports:
    """Some ports of a pair.

    Args:
        text: what is read.
        mark: what becomes of them: ``opened``, ``closed``, ``perhaps-opened``, ``perhaps-closed``, ``perhaps`` there,
            ``stays``; of a table ``one-sided`` where nothing passes, else ``stays``.
    """

    text: str
    mark: str = "stays"


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence of a list, and what is to be said of it further."""

    text: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A list under its title."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """From whom to whom, and all that is shown of it.

    Args:
        source: the place among the page's ends of who begins.
        destination: likewise, of who answers.
        labels: by what it can be looked for, of the page's labels.
        ports: what stands in its cell.
        points: all its ports, as points of the line of ports.
        said: what becomes of it, in words; nothing of what is unchanged.
        before: what passes before a change; empty for nothing.
        after: what passes afterwards, or, where there is no change, at all.
        details: what is shown on demand.
    """

    source: int
    destination: int
    labels: tuple[str, ...]
    ports: tuple[Ports, ...]
    points: Intervals
    said: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    details: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs of which the same is to be said.

    Args:
        title: what stands above them.
        name: what is said of each, and after a number: ``34 narrowed``.
        token: how it is marked.
        pairs: in their order.
    """

    title: str
    name: str
    token: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Args:
        command: what made it.
        heading: what it says in one line.
        counts: how much there is of everything, on one line; or nothing.
        is_change: whether there is a before.
        ends: who there is, in the order of rows and columns.
        kinds: what ends are, in words.
        groups: the pairs, the gravest first.
        labels_title: what labels are.
        labels: by label of pairs, what it is called.
        first: parts that stand before the matrix.
        last: parts that stand behind everything.
        marks: what is to be known to read cells.
    """

    command: str
    heading: str
    counts: str
    is_change: bool
    ends: tuple[End, ...]
    kinds: Mapping[str, str]
    groups: tuple[Group, ...]
    labels_title: str
    labels: Mapping[str, str]
    first: tuple[Part, ...] = ()
    last: tuple[Part, ...] = ()
    marks: tuple[str, ...] = field(default=())
