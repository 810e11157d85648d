"""What `review` and `check` have in common: formats, and gates that end them with a code of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from rancher_ports.errors import refuse

T = TypeVar("T", bound=Callable[..., Any])


def format_of(*formats: str) -> Callable[[T], T]:
    """The option that says what to make of it; the first one is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
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


def check_synthesized(synthesized: str | None, format_: str) -> None:
    """Refuse a folder that the format would not look at.

    Raises:
        InputError: it was given for another format than SARIF.
    """
    if synthesized is not None and format_ != "sarif":
        raise refuse("--synthesized", synthesized, "nothing with this format; it is for --format sarif")


def end(ctx: click.Context, met: Sequence[str]) -> None:
    """End a command, with code 3 if a gate is met; which ones is said on the standard error."""
    if met:
        click.echo(f"--fail-on: there is {', '.join(met)}", err=True)
    ctx.exit(_MET if met else 0)
