"""``rancher-ports tables``: what there is to choose."""

from __future__ import annotations

import click

from rancher_ports.render.offer import to_json, to_text
from rancher_ports.tables import load_tables


@click.command(short_help="The distributions, container networks, features and slots that there are.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="For whom."
)
def tables(*, format_: str) -> None:
    """List distributions, their container networks, features and slots, and where they are documented.

    \b
      rancher-ports tables
      rancher-ports tables --format json | jq '.[].cnis'

    \b
    Exit codes:
      0  done
      2  the command line itself is wrong
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    click.echo((to_json if format_ == "json" else to_text)(load_tables()), nl=False)
