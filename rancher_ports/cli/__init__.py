"""The command line ``rancher-ports``; a file for each command."""

from __future__ import annotations

import errno
import gc

import click

from rancher_ports.cli.check import check
from rancher_ports.cli.completion import completion
from rancher_ports.cli.diff import diff
from rancher_ports.cli.explain import explain
from rancher_ports.cli.module import module
from rancher_ports.cli.recover import recover
from rancher_ports.cli.refusing import NAME, Refused
from rancher_ports.cli.review import review
from rancher_ports.cli.table import table
from rancher_ports.cli.tables import tables
from rancher_ports.errors import InputError


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Run a command; bad input ends in its faults and exit code 1, not in a traceback."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise Refused(str(error)) from None
        except OSError as error:
            # A reader that has seen enough closes its pipe: click ends quietly then.
            if error.errno == errno.EPIPE:
                raise
            raise Refused(f"the standard output: {error.strerror or error}") from None


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    # Only now: loading it takes as long as loading click.
    from importlib import metadata  # noqa: PLC0415  # see above

    try:
        version = metadata.version(NAME)
    except metadata.PackageNotFoundError:
        version = "of a checkout, not installed"
    click.echo(f"{NAME} {version}")
    ctx.exit()


@click.group(NAME, cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
def commands() -> None:
    """The ports of a Rancher cluster on AWS, as security groups."""


for command in (tables, table, explain, diff, review, check, module, recover, completion):
    commands.add_command(command)


def main() -> None:
    """Run the command line."""
    # A process that ends in two seconds need not look for what it could throw away.
    gc.disable()
    commands(prog_name=NAME)


__all__ = ["commands", "main"]
