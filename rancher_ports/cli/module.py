"""``rancher-ports module``: a distribution's ports as a module of Terraform and OpenTofu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from rancher_ports.cli.choosing import complete_distribution
from rancher_ports.errors import Fault, InputError
from rancher_ports.tables import load_table

README = "README.md"


@click.command(short_help="A distribution's ports as a module of Terraform and OpenTofu.")
@click.argument("distribution", metavar="DISTRIBUTION", shell_complete=complete_distribution)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="DIR",
    required=True,
    help="The module's folder; made if it is not there.",
)
@click.option("--force", is_flag=True, help="Write files even if others of these names exist.")
def module(distribution: str, output: str, *, force: bool) -> None:
    """Write a module with the ports of DISTRIBUTION, such as rke2, for people who write HCL.

    \b
      rancher-ports module rke2 -o modules/rke2

    It writes main.tf.json, variables.tf.json, outputs.tf.json, versions.tf.json and README.md. Container network,
    features, peers and the rest are the module's variables; README.md has them all, and how to call it. A file that is
    there with the same content stays as it is; with another it is an error, and nothing is written.

    \b
    Exit codes:
      0  done
      1  no such distribution; a file is there already, or cannot be written
      2  the command line itself is wrong
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    try:
        table = load_table(distribution)
    except InputError as error:
        raise InputError(replace(fault, place="DISTRIBUTION") for fault in error.faults) from None
    if not output:
        raise InputError([Fault("--output", "nothing", "a folder; . for this one")])
    # Only when it is asked for: other commands need neither, and start a fifth faster without.
    from rancher_ports.module import module as make  # noqa: PLC0415  # see above
    from rancher_ports.render.module_page import to_markdown  # noqa: PLC0415  # see above

    made = make(table)
    files = {**made.files, README: to_markdown(table, made)}
    changed = _changed(Path(output), files, force=force)
    _write(Path(output), changed)
    for name in files:
        click.echo(f"{Path(output, name)}{'' if name in changed else ' (as it was)'}")


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
