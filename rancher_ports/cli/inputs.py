"""JSON that a command is given, as a file or on its standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from rancher_ports.errors import Fault, InputError
from rancher_ports.readers.sources import parse

T = TypeVar("T")

STDIN = "-"

DESCRIBED_GROUPS = click.option(
    "--groups", metavar="FILE", help="What `aws ec2 describe-security-groups` printed, instead of asking EC2."
)
DESCRIBED_RULES = click.option(
    "--rules", metavar="FILE", help="What `aws ec2 describe-security-group-rules` printed, likewise."
)


def read(source: str, reader: Callable[[object], T]) -> T:
    """What a reader makes of a JSON document.

    Args:
        source: a file, or ``-`` for the standard input.
        reader: takes the parsed document.

    Raises:
        InputError: with the source before each fault; it cannot be read, is no JSON, or is not what the reader takes.
    """
    try:
        return reader(_parse(source))
    except InputError as error:
        raise error.under(f"{name_of(source)}:") from None


def name_of(source: str) -> str:
    """What a source is called where something is said of it."""
    return "standard input" if source == STDIN else source


def _parse(source: str) -> object:
    try:
        return parse(sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes())
    except OSError as error:
        raise InputError([Fault("", f"{error.strerror or error}", "a file that can be read")]) from None
