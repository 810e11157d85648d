"""``rancher-ports explain``: whether one end may reach another on a port, and which rows say so."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from rancher_ports.cli.choosing import choosing_by_options
from rancher_ports.errors import Faults
from rancher_ports.model.conditions import Choices
from rancher_ports.model.ports import Port, parse_ports
from rancher_ports.model.roles import ROLES
from rancher_ports.model.table import Table
from rancher_ports.tables import load_tables

REFUSED = 3


def _ends(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    names = dict.fromkeys([*ROLES, *(slot for table in load_tables().values() for slot in table.slots)])
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command()
@click.argument("source", shell_complete=_ends)
@click.argument("destination", shell_complete=_ends)
@click.argument("port")
@choosing_by_options
@click.option(
    "--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True, help="For whom."
)
@click.pass_context
def explain(
    ctx: click.Context,
    *,
    table: Table,
    choices: Choices,
    source: str,
    destination: str,
    port: str,
    format_: str,
) -> None:
    """Say whether SOURCE may reach DESTINATION on PORT, and which rows of which documents say so.

    SOURCE begins and DESTINATION answers; each is a role (rancher, etcd, controlplane, worker) or a slot, who is
    outside of the cluster. PORT is written as tables write it: 443/tcp, 30000-32767/udp, 8/icmp. Of a range all has to
    pass. If it is refused, the nearest rows are shown, and the features and container networks that would open it.

    \b
      rancher-ports explain worker etcd 2379/tcp
      rancher-ports explain worker controlplane 9345/tcp --distribution rke2 --cni cilium
      rancher-ports explain ui_api_clients rancher 443/tcp --settings cdktf.json

    Between two roles both ends have to allow it; of a slot only our end counts, for whoever you put into it. Of
    443/tcp+udp each protocol is explained for itself; as JSON, each is an object of its own.

    \b
    Exit codes:
      0  allowed
      1  no such role, slot, port, distribution, container network or feature; or bad settings
      2  the command line itself is wrong
      3  refused
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    # Only now: none of it is needed for --help.
    from rancher_ports.render import json  # noqa: PLC0415  # see above
    from rancher_ports.render.explanation import explanation  # noqa: PLC0415  # see above
    from rancher_ports.review.explanation import explain as look  # noqa: PLC0415  # see above

    faults = Faults()
    ports: tuple[Port, ...] = (Port.all(),)
    with faults.under("PORT"):
        ports = parse_ports(port)
    explained = []
    with faults.under(""):
        explained = [look(table, choices, source, destination, one, others=load_tables()) for one in ports]
    faults.raise_any()
    texts = [
        json.explanation_to_json(one) if format_ == "json" else explanation(one, table, choices) for one in explained
    ]
    click.echo("\n".join(texts), nl=False)
    ctx.exit(0 if all(one.allowed for one in explained) else REFUSED)
