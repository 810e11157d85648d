"""Where a command's answer goes: to the standard output, or into a file."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
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


def write_folder(folder: Path, files: Mapping[str, str], *, force: bool) -> Mapping[str, str]:
    """Write some files into a folder, which is made if it is not there: all of them, or none.

    Args:
        folder: where.
        files: their contents, by name.
        force: whether files with another content may be there already.

    Returns:
        Those that were written: one that is there with the same content stays as it is.

    Raises:
        InputError: with a fault for each file that is there with another content, or cannot be read or written.
    """
    changed = _changed(folder, files, force=force)
    _write(folder, changed)
    return changed


def _changed(folder: Path, files: Mapping[str, str], *, force: bool) -> dict[str, str]:
    """The files that are not there yet, or that may be written over.

    Raises:
        InputError: with a fault for each file that is there with another content, or cannot be read.
    """
    faults = []
    new = {}
    for name, text in files.items():
        path = folder / name
        try:
            if path.read_bytes() == text.encode():
                continue
            if not force:
                allowed = "a file that is not there yet or has this content, or --force"
                faults.append(Fault("--output", str(path), allowed))
        except FileNotFoundError:
            pass
        except NotADirectoryError as error:
            raise InputError([Fault("--output", f"{folder}: {error.strerror}", "a folder")]) from None
        except OSError as error:
            said = f"{path}: {error.strerror or error}"
            faults.append(Fault("--output", said, "a file that can be read and written"))
        new[name] = text
    if faults:
        raise InputError(faults)
    return new


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write all of the files, or none.

    Raises:
        InputError: they cannot be written.
    """
    # First all of them beside their places: a disk that is full in between leaves everything as it was.
    beside = {folder / f".{name}.new": folder / name for name in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(beside, files.values(), strict=True):
            path.write_text(text, encoding="utf-8", newline="\n")
        for path, place in beside.items():
            path.replace(place)
    except OSError as error:
        for path in beside:
            path.unlink(missing_ok=True)
        said = f"{folder}: {error.strerror or error}"
        raise InputError([Fault("--output", said, "a folder that can be written")]) from None
