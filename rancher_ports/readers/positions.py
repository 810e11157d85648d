"""Where the blocks of synthesized stacks stand: file and line, by address."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, and what json reads texts with
from pathlib import Path

from rancher_ports.readers.sources import beside

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = JSONDecoder()
# The sections of a stack, and how many names lead to a block in each.
_DEPTHS = {"resource": 2, "data": 2, "module": 1}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a block begins.

    Args:
        file: the file.
        line: its line, from 1.
    """

    file: Path
    line: int


def positions(files: Mapping[str, Path], *, several: bool) -> Mapping[str, Position]:
    """Where each resource, data source and module of some stacks stands.

    Args:
        files: by the name of each stack, its file, which was read before, with those beside it.
        several: whether the names of stacks stand before addresses.

    Returns:
        By address, without keys of instances.
    """
    found: dict[str, Position] = {}
    for name, file in files.items():
        before = f"{name}: " if several else ""
        for path in (file, *(other for other in beside(file) if other.suffix == ".json")):
            content = path.read_bytes()
            text = content.decode(json.detect_encoding(content), "replace")
            found |= {f"{before}{address}": Position(path, line) for address, line in lines(text).items()}
    return found


def lines(text: str) -> dict[str, int]:
    """The lines of resources, data sources and modules by address, in the JSON of one stack.

    Args:
        text: the JSON, which was read before: of anything else the lines are told up to where it is wrong.
    """
    starts: dict[str, int] = {}
    with suppress(ValueError, IndexError, RecursionError):
        _walk(text, _skip(text, 0), (), starts)
    ends = [match.start() for match in re.finditer("\n", text)]
    return {address: bisect_right(ends, start) + 1 for address, start in starts.items()}


def _walk(text: str, at: int, path: tuple[str, ...], starts: dict[str, int]) -> int:
    """Go through a mapping.

    Args:
        text: the JSON.
        at: where the mapping begins.
        path: the names that lead to it.
        starts: where the names of blocks begin, by address; gets what is found.

    Returns:
        Where it ends.
    """
    at = _skip(text, at + 1)
    while text[at] != "}":
        start = at
        name, at = scanstring(text, at + 1)
        at = _skip(text, _skip(text, at) + 1)
        here = (*path, name)
        depth = _DEPTHS.get(here[0], 0)
        if depth and len(here) == depth + 1:
            starts.setdefault(".".join(here[1:] if here[0] == "resource" else here), start)
        if len(here) <= depth and text[at] == "{":
            at = _walk(text, at, here, starts)
        else:
            _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return at + 1


def _skip(text: str, at: int) -> int:
    """Where the blanks end."""
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at
