"""``rancher-ports check``: whether what is planned, or there, does what is documented."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rancher_ports.cli import gates, outputs
from rancher_ports.cli.choosing import choosing_by_options
from rancher_ports.cli.refusing import refusing_in_one_line
from rancher_ports.cli.sources import ADDRESS_OF_ROLE, RULES_PER_GROUP, origin_of, read_afterwards, read_roles

if TYPE_CHECKING:
    from rancher_ports.model.conditions import Choices
    from rancher_ports.model.findings import Finding
    from rancher_ports.model.table import Table

DEFAULT_GATES = "error,missing,one-sided"


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="PLAN.json... | STATE.json... | FOLDER/...")
@ADDRESS_OF_ROLE
@RULES_PER_GROUP
@click.option(
    "--fail-on",
    default=DEFAULT_GATES,
    show_default=True,
    metavar="GATES",
    help="End with code 3 if there is one of these, with commas between: severities or codes of findings.",
)
@gates.format_of("text", "markdown", "json", "sarif")
@gates.SYNTHESIZED
@outputs.to_file
@click.pass_context
@refusing_in_one_line
@choosing_by_options
def check(
    ctx: click.Context,
    *,
    sources: tuple[str, ...],
    roles: tuple[str, ...],
    rules_per_group: int,
    fail_on: str,
    format_: str,
    synthesized: str | None,
    output: str | None,
    force: bool,
    table: Table,
    choices: Choices,
) -> None:
    """Check that what is planned lets pass what is documented, and nothing that nobody should have.

    PLAN.json is what `terraform show -json` or `tofu show -json` prints of a plan, STATE.json what it prints of a
    state, and FOLDER/ what an app was synthesized into. Give all stacks at once that have groups of a cluster or its
    server: flows between groups of different stacks are seen then, and the rules of all of them count together.

    \b
      rancher-ports check plan.json --distribution rke2 --cni cilium --feature monitoring
      rancher-ports check cdktf.out --settings cdktf.json
      rancher-ports check state.json --distribution k3s --role etcd=aws_security_group.servers

    Missing and one-sided flows are told by row and document, besides ports that are open to somebody who is not meant,
    and groups over their quota. With --settings the peers in slots count; without it, anybody in a slot will do.

    \b
    Exit codes:
      0  done
      2  the command line or the input is wrong
      3  done, and a gate is met
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    # Only now: none of it is needed for --help.
    from rancher_ports.cli.checking import check_afterwards  # noqa: PLC0415  # see above
    from rancher_ports.model.quotas import Quotas  # noqa: PLC0415  # see above
    from rancher_ports.review.gates import OF_CHECK, met, read_gates  # noqa: PLC0415  # see above

    gates.check_synthesized(synthesized, format_)
    wanted = read_gates(fail_on, OF_CHECK)
    change = read_afterwards(sources, read_roles(roles))
    quotas = Quotas(rules_per_group=rules_per_group, groups_per_interface=1)
    # Settings say who is in the slots.
    is_filled = ctx.params.get("settings") is not None
    found, of = check_afterwards(change, (table, choices), quotas, is_filled=is_filled, is_change=False)
    if format_ == "sarif":
        from rancher_ports.render.review_sarif import check_to_sarif  # noqa: PLC0415  # see above
        from rancher_ports.review.keyed import located  # noqa: PLC0415  # see above

        text = check_to_sarif(located(found, change.after), origin_of(sources, synthesized, change=False))
    else:
        text = _made(found, of, format_, is_file=outputs.is_file(output))
    outputs.write(text, output, force=force)
    gates.end(ctx, met(wanted, (), found))


def _made(found: tuple[Finding, ...], of: tuple[str, ...], format_: str, *, is_file: bool) -> str:
    # Only now: what is not asked for need not be loaded.
    if format_ == "json":
        from rancher_ports.render.review_json import check_to_json  # noqa: PLC0415  # see above

        return check_to_json(found, of)
    if format_ == "markdown":
        from rancher_ports.render.review_markdown import check_to_markdown  # noqa: PLC0415  # see above

        return check_to_markdown(found, of)
    from rancher_ports.render.review_text import check_to_text  # noqa: PLC0415  # see above

    if is_file:
        return check_to_text(found, of)
    return check_to_text(found, of, width=outputs.width(), styled=outputs.styled if outputs.has_colours() else None)
