"""``rancher-ports recover``: what an apply that broke off has left in EC2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from rancher_ports.cli import ec2, inputs, outputs
from rancher_ports.readers.described import read_groups, read_rules
from rancher_ports.readers.plan import read_plan
from rancher_ports.recovery import group_ids, regions, roles
from rancher_ports.recovery import recover as decide
from rancher_ports.render.imports import import_blocks, report

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

T = TypeVar("T")

LEFT_FOR_YOU = 3


@click.command()
@click.argument("plan")
@click.option(
    "--output", metavar="FILE", help="Write the import blocks there, if there are any, instead of printing them."
)
@click.option("--force", is_flag=True, help="Write the file of --output even if it exists.")
@inputs.DESCRIBED_GROUPS
@inputs.DESCRIBED_RULES
@click.option(
    "--former-owner",
    "former_owners",
    metavar="PREFIX",
    multiple=True,
    help="A prefix that the groups had before they were renamed; may be given several times.",
)
@click.pass_context
def recover(
    ctx: click.Context,
    plan: str,
    *,
    output: str | None,
    groups: str | None,
    rules: str | None,
    former_owners: tuple[str, ...],
    force: bool,
) -> None:
    """Find what an apply that broke off has left in EC2.

    If Terraform is killed during an apply, or the answer of EC2 is lost, EC2 has a security group or a rule that
    Terraform's state does not know. PLAN is the JSON of a plan, a file or - for the standard input. What exists of
    the things that the plan would make comes out as import blocks; what they do not settle is said, with what to
    do about it. Nothing is changed, neither in EC2 nor in the state.

    \b
      terraform plan -out recover.tfplan
      terraform show -json recover.tfplan | rancher-ports recover - > import.tf.json
      terraform apply

    Then delete import.tf.json. Look at the groups before you apply: one of another deployment with the same prefix
    in the same VPC looks the same.

    EC2 is asked with boto3 and your usual credentials, in the region of the plan, unless you give its answers as
    files.

    \b
    Exit codes:
      0  done
      1  bad input, or EC2 could not be asked
      2  the command line itself is wrong
      3  done, and something is left for you
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    read = inputs.read(plan, read_plan)
    if groups:
        found_groups = inputs.read(groups, read_groups)
    else:
        found_groups = _ask(regions(read), roles(read), ec2.describe_groups, read_groups)
    if rules:
        found_rules = inputs.read(rules, read_rules)
    else:
        ids = group_ids(read, found_groups)
        found_rules = _ask(regions(read), ids, ec2.describe_rules, lambda answer, _: read_rules(answer))
    recovery = decide(read, found_groups, found_rules, frozenset(former_owners))
    click.echo(report(recovery), err=True)
    if output is None:
        click.echo(import_blocks(recovery.imports), nl=False)
    elif recovery.imports:
        outputs.write(import_blocks(recovery.imports), output, force=force)
    ctx.exit(LEFT_FOR_YOU if recovery.leftovers else 0)


def _ask(
    regions: Sequence[str | None],
    values: Sequence[str],
    describe: Callable[[EC2Client, Sequence[str]], object],
    reader: Callable[[object, str], tuple[T, ...]],
) -> tuple[T, ...]:
    found: list[T] = []
    for region in regions if values else ():
        with ec2.client(region) as client:
            found += reader(describe(client, values), client.meta.region_name)
    return tuple(found)
