"""What `review` and `check` have in common: formats, and gates that end them with a code of its own."""

from __future__ import annotations

from collections.abc import Sequence

import click

FORMAT = click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "markdown", "json", "sarif")),
    default="text",
    show_default=True,
    help="What to make of it.",
)

SYNTHESIZED = click.option(
    "--synthesized",
    type=click.Path(),
    metavar="FOLDER",
    help="For --format sarif: what an app was synthesized into, of which the plan is. Results stand at its lines.",
)

_MET = 3


def end(ctx: click.Context, met: Sequence[str]) -> None:
    """End a command, with code 3 if a gate is met; which ones is said on the standard error."""
    if met:
        click.echo(f"--fail-on: there is {', '.join(met)}", err=True)
    ctx.exit(_MET if met else 0)
