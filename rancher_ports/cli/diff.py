"""``rancher-ports diff``: what changes from one table to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from rancher_ports.cli import outputs
from rancher_ports.cli.choosing import complete_features, starting
from rancher_ports.errors import Fault, Faults, InputError, nearest, one_of
from rancher_ports.model.conditions import EGRESS, ONE_SIDED, Choices
from rancher_ports.model.table import Table, choose
from rancher_ports.tables import load_tables
from rancher_ports.tables.driver_groups import load_driver_groups

CHANGED = 3
_FORMATS = ("text", "markdown", "csv", "json")


def _sides(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    tables = load_tables()
    titles = {name: table.title for name, table in {**tables, **load_driver_groups()}.items()}
    with_cni = {f"{name}/{cni}": table.title for name, table in tables.items() for cni in table.cnis}
    return starting({**titles, **with_cni}, incomplete)


@click.command()
@click.argument("before", shell_complete=_sides)
@click.argument("after", shell_complete=_sides)
@click.option(
    "--feature",
    "features",
    metavar="FEATURE",
    multiple=True,
    shell_complete=complete_features,
    help="A feature to switch on at both sides, where there is such; may be given several times.",
)
@click.option("--one-sided", type=click.Choice(ONE_SIDED), help="Flows that one end alone documents, at both sides.")
@click.option("--egress", type=click.Choice(EGRESS), help="What nodes may send, at both sides.")
@click.option(
    "--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True, help="What to make of it."
)
@outputs.to_file
@click.pass_context
def diff(
    ctx: click.Context,
    *,
    before: str,
    after: str,
    features: tuple[str, ...],
    one_sided: str | None,
    egress: str | None,
    format_: str,
    output: str | None,
    force: bool,
) -> None:
    """Show what is opened and what is closed from BEFORE to AFTER.

    Each is a distribution, or one with a container network: rke2, rke2/cilium. Or it is the group that a node driver
    makes, amazonec2: the other side says then what that group opens too much, and what it lacks. What it opens to
    everybody counts as too much even where a slot such as ingress_clients may be filled with everybody.

    \b
      rancher-ports diff rke1 rke2
      rancher-ports diff rke2/canal rke2/cilium --format markdown
      rancher-ports diff rke2 amazonec2 --feature node-driver

    Traffic is compared, both ends counted, and not rows. Only those are compared whose nodes have a group at both
    sides: the driver's group says nothing of Rancher's own nodes.

    \b
    Exit codes:
      0  done, and nothing changes
      1  no such distribution, container network or feature; or the file cannot be written
      2  the command line itself is wrong
      3  done, and something changes
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    # Only now: none of it is needed for --help.
    from rancher_ports.review.comparison import compare  # noqa: PLC0415  # see above

    sides = _read({"BEFORE": before, "AFTER": after}, features, {"one_sided": one_sided, "egress": egress})
    compared = compare(sides["BEFORE"], sides["AFTER"])
    changes = {"opened": compared.opened, "closed": compared.closed}
    text = _made(sides, changes, format_, is_file=outputs.is_file(output))
    outputs.write(text, output, force=force)
    ctx.exit(CHANGED if compared.opened or compared.closed else 0)


_Sides = Mapping[str, tuple[Table, Choices]]


def _read(given: Mapping[str, str], features: Sequence[str], common: Mapping[str, str | None]) -> _Sides:
    faults = Faults()
    tables = {**load_tables(), **load_driver_groups()}
    sides: dict[str, tuple[Table, Choices]] = {}
    known: dict[str, None] = {}
    for place, side in given.items():
        name, slash, cni = side.partition("/")
        if name not in tables:
            faults.add(place, name, one_of(tables), nearest(name, tables))
            continue
        table = tables[name]
        if slash and not table.cnis:
            faults.add(place, cni, "nothing: this group is as it is")
            continue
        known.update(dict.fromkeys(table.features))
        chosen: dict[str, Any] = {key: value for key, value in common.items() if value is not None}
        # The group of a driver is as it is.
        chosen = chosen if table.features else {}
        try:
            some = [feature for feature in features if feature in table.features]
            sides[place] = table, choose(table, cni=cni if slash else None, features=some, **chosen)
        except InputError as error:
            faults.take(InputError(Fault(place, fault.value, fault.allowed, fault.nearest) for fault in error.faults))
    for feature in features if len(sides) == len(given) else ():
        if feature not in known:
            faults.add("--feature", feature, one_of(known), nearest(feature, known))
    faults.raise_any()
    return sides


def _made(sides: _Sides, changes: Mapping[str, Sequence[Any]], format_: str, *, is_file: bool) -> str:
    heading = f"From {_named(*sides['BEFORE'])} to {_named(*sides['AFTER'])}"
    groups = [table.distribution in load_driver_groups() for table, _ in sides.values()]
    if format_ in ("text", "markdown") and groups != [groups[0]] * 2:
        words = ("lacking", "opened too much") if groups[0] else ("opened too much", "lacking")
        changes = dict(zip(words, changes.values(), strict=True))
    # Only now: what is not asked for need not be loaded, rich least of all.
    if format_ == "text":
        from rancher_ports.render.terminal import changes_to_text  # noqa: PLC0415  # see above

        if is_file:
            return changes_to_text(heading, changes)
        return changes_to_text(heading, changes, width=outputs.width(), colour=outputs.has_colours())
    from rancher_ports.render import csv, json, markdown  # noqa: PLC0415  # see above

    if format_ == "markdown":
        return markdown.changes_to_markdown(heading, changes)
    if format_ == "csv":
        return csv.changes_to_csv(changes)
    return json.changes_to_json({"before": sides["BEFORE"], "after": sides["AFTER"]}, changes)


def _named(table: Table, choices: Choices) -> str:
    network = f" with {choices.cni}" if choices.cni else ""
    features = f" and {', '.join(sorted(choices.features))}" if choices.features else ""
    return f"{table.distribution}{network}{features}"
