"""The command line ``rancher-ports``; a file for each command."""

from __future__ import annotations

import errno
import gc
from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from rancher_ports.cli.refusing import NAME, Refused
from rancher_ports.cli.version import version
from rancher_ports.errors import InputError


class _OnDemand(Mapping[str, click.Command]):
    """Commands by name, each loaded when somebody asks for it: all of them take as long as many a command."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._names:
            raise KeyError(name)
        command: click.Command = getattr(import_module(f"{__name__}.{name}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


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
    click.echo(f"{NAME} {version()}")
    ctx.exit()


@click.group(
    NAME,
    cls=_Commands,
    commands=_OnDemand(
        "adopt", "check", "completion", "diff", "explain", "module", "recover", "review", "table", "tables"
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
def commands() -> None:
    """The ports of a Rancher cluster on AWS, as security groups."""


def main() -> None:
    """Run the command line."""
    # A process that ends in two seconds need not look for what it could throw away.
    gc.disable()
    commands(prog_name=NAME)


__all__ = ["commands", "main"]
