"""``rancher-ports module``: a distribution's ports as a module of Terraform and OpenTofu."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from rancher_ports.cli import outputs
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
    changed = outputs.write_folder(Path(output), files, force=force)
    for name in files:
        click.echo(f"{Path(output, name)}{'' if name in changed else ' (as it was)'}")
