"""Where a command's answer goes: to the standard output, or into a file."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from rancher_ports.errors import Fault, InputError

STDOUT = "-"

T = TypeVar("T")


def to_file(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command the options ``output`` and ``force``, which :func:`write` takes."""
    force = click.option("--force", is_flag=True, help="Write the file of --output even if it exists.")
    output = click.option("--output", type=click.Path(), metavar="FILE", help="Write it there instead of printing it.")
    return output(force(command))


def is_file(output: str | None) -> bool:
    """Whether that is a file, and not the standard output."""
    return output not in (None, STDOUT)


def is_terminal() -> bool:
    """Whether somebody reads the standard output on a terminal."""
    return sys.stdout.isatty()


def width() -> int | None:
    """How many characters go on a line of the terminal; None where there is none."""
    return shutil.get_terminal_size().columns if is_terminal() else None


def has_colours() -> bool:
    """Whether the standard output shows colours: a terminal does, unless its user has set NO_COLOR (no-color.org)."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str) -> str:
    """A text as a terminal shows it: ``bold``, or in a colour."""
    return click.style(text, bold=True) if style == "bold" else click.style(text, fg=style)


def write(text: str, output: str | None, *, force: bool) -> None:
    """Print a text as it is, or write it into a file.

    Args:
        text: what there is to say.
        output: the file, or None or ``-`` for the standard output.
        force: whether a file may be there already.

    Raises:
        InputError: the file is there, or cannot be written.
    """
    if not is_file(output):
        click.echo(text, nl=False)
        return
    path = Path(str(output))
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise InputError([Fault("--output", str(path), "a file that is not there yet, or --force")]) from None
    except OSError as error:
        raise InputError(
            [Fault("--output", f"{path}: {error.strerror or error}", "a file that can be written")]
        ) from None
