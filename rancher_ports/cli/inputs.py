"""JSON that a command is given, as a file or on its standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rancher_ports.errors import Fault, InputError

T = TypeVar("T")

STDIN = "-"
# What a plan file, which is an archive, begins with.
_ZIP = b"PK"


def read(source: str, reader: Callable[[object], T]) -> T:
    """What a reader makes of a JSON document.

    Args:
        source: a file, or ``-`` for the standard input.
        reader: takes the parsed document.

    Raises:
        InputError: with the source before each fault; it cannot be read, is no JSON, or is not what the reader takes.
    """
    place = "standard input" if source == STDIN else source
    try:
        return reader(_parse(source))
    except InputError as error:
        raise error.under(f"{place}:") from None


def _parse(source: str) -> object:
    try:
        content = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
    except OSError as error:
        raise InputError([Fault("", f"{error.strerror or error}", "a file that can be read")]) from None
    if not content.strip():
        raise InputError([Fault("", "nothing", "JSON")])
    if content.startswith(_ZIP):
        raise InputError([Fault("", "a plan file", "its JSON, which `terraform show -json` makes of it")])
    try:
        # From bytes Python finds out by itself which encoding of Unicode it is: PowerShell writes UTF-16.
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError([Fault("", str(error), "JSON")]) from None
