"""Which ends are rows and columns of the matrix, and what stands where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rancher_ports.render.page.contents import Pair

# More takes long to lay out, and nobody looks at it.
CELLS = 8_000


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix.

    Args:
        rows: the places of those who begin, in order.
        columns: the places of those who answer.
        cells: by row and column, the place of a pair among those given.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    cells: Mapping[tuple[int, int], int]


def matrix(pairs: Iterable[Pair], cells: int = CELLS) -> Matrix:
    """The matrix of some pairs, or of as many of them as it has room for.

    Args:
        pairs: the most important first.
        cells: how many cells there are at most, empty ones included.
    """
    rows: dict[int, None] = {}
    columns: dict[int, None] = {}
    found: dict[tuple[int, int], int] = {}
    for place, pair in enumerate(pairs):
        height = len(rows) + (pair.source not in rows)
        width = len(columns) + (pair.destination not in columns)
        if height * width <= cells:
            rows[pair.source] = columns[pair.destination] = None
            found[pair.source, pair.destination] = place
    return Matrix(tuple(sorted(rows)), tuple(sorted(columns)), found)
