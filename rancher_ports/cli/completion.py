"""``rancher-ports completion``: what makes a shell complete the command line."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="A script with which a shell completes all this.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script with which a shell completes commands, options, distributions, networks and features.

    \b
      echo 'eval "$(rancher-ports completion bash)"' >> ~/.bashrc
      echo 'eval "$(rancher-ports completion zsh)"' >> ~/.zshrc
      rancher-ports completion fish > ~/.config/fish/completions/rancher-ports.fish

    Bash has to be version 4.4 or newer.

    \b
    Exit codes:
      0  done
      2  the command line itself is wrong
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    root = ctx.find_root()
    name = str(root.info_name)
    found = get_completion_class(shell)
    assert found is not None, f"click has no completion for {shell}"  # noqa: S101  # click has all of SHELLS
    # By this variable click knows, when the shell runs the command, that it is asked for completions.
    variable = f"_{name}_COMPLETE".replace("-", "_").upper()
    click.echo(found(root.command, {}, name, variable).source())
