"""How a command that is given bad input ends."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

import click

from rancher_ports.errors import InputError
from rancher_ports.render.inert import inert

NAME = "rancher-ports"

_LONGEST = 2_000

T = TypeVar("T")


class Refused(click.ClickException):
    """Bad input, shown as everything that refuses it shows it.

    Args:
        message: what is wrong.
        exit_code: 1 unless the command says otherwise.
    """

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click reads it from either

    def show(self, file: object = None) -> None:  # noqa: ARG002  # click's signature
        """Say it on the standard error."""
        click.echo(f"{NAME}: {self.message}", err=True)


def refusing_in_one_line(command: Callable[..., T]) -> Callable[..., T]:
    """Have a command end with code 2 and one line where its input is bad: a gate has codes of its own."""

    @functools.wraps(command)
    def run(*args: object, **named: object) -> T:
        try:
            return command(*args, **named)
        except InputError as error:
            first, *others = error.faults
            more = f" (and {len(others)} more)" if others else ""
            raise Refused(f"{_on_one_line(str(first))}{more}", exit_code=2) from None
        except RecursionError:
            # Terraform's JSON is some ten levels deep.
            raise Refused("the input is nested too deeply to be read", exit_code=2) from None

    return run


def _on_one_line(text: str) -> str:
    """What is said of foreign input, in which names may hold anything."""
    return text if text.isprintable() and len(text) <= _LONGEST else inert(text, _LONGEST)
