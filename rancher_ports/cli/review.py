"""``rancher-ports review``: what a change opens and closes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from rancher_ports.cli import gates, outputs
from rancher_ports.cli.choosing import choosing_if_asked
from rancher_ports.cli.refusing import refusing_in_one_line
from rancher_ports.cli.sources import ADDRESS_OF_ROLE, RULES_PER_GROUP, origin_of, read_change, read_roles

if TYPE_CHECKING:
    from rancher_ports.model.conditions import Choices
    from rancher_ports.model.inventory import Transition
    from rancher_ports.model.table import Requirement, Table
    from rancher_ports.review.changes import Review

_WITHOUT_DOCUMENTS = "it together with --distribution or --settings, or `rancher-ports check`"


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="PLAN.json... | BEFORE/ AFTER/")
@ADDRESS_OF_ROLE
@RULES_PER_GROUP
@click.option(
    "--fail-on", default="", metavar="GATES", help="End with code 3 if there is any of these: a list with commas."
)
@gates.format_of("text", "markdown", "json", "sarif", "html")
@gates.SYNTHESIZED
@outputs.to_file
@click.pass_context
@refusing_in_one_line
@choosing_if_asked
def review(
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
    table: Table | None,
    choices: Choices | None,
) -> None:
    """Show what a change opens and closes: who reaches whom afterwards, and on which ports.

    PLAN.json is what `terraform show -json` or `tofu show -json` prints of a plan; - is the standard input. Several
    plans are looked at as one, and name each other's groups. BEFORE/ and AFTER/ are two folders that an app was
    synthesized into, of the two sides of a pull request: no credentials are needed for them, and no engine.

    \b
      terraform show -json tfplan | rancher-ports review -
      rancher-ports review plan.json --format markdown --fail-on widened,world
      rancher-ports review base/cdktf.out head/cdktf.out
      rancher-ports review plan.json --format html --output review.html

    Any plan will do, whatever made it. Our tags say which group is which role's; for others say it with --role.

    With --distribution, or --settings, what there is afterwards is held against the documented ports besides, as
    `rancher-ports check` does it:

    \b
      rancher-ports review plan.json --distribution rke2 --cni cilium --fail-on widened,world,missing

    \b
    Formats:
      text      for a terminal
      markdown  for a comment
      json      for programs
      sarif     for code scanning
      html      a page to look at: who reaches whom, before and after, and why

    \b
    Gates, for --fail-on:
      world      something is let in, or may be, from everybody, a good part of the world,
                 or addresses that are not known
      widened    something is opened, or may be
      undecided  a value that is known after apply alone decides
      narrowed   something is closed, or may be
      error, warning, info
      quota, one-sided, replaced-group, recreated-rule, refused-duplicate (docs/findings.md)

    \b
    And with --distribution or --settings:
      missing, unchecked-role, empty-slot, open-to-the-world, and what else `rancher-ports check` finds

    \b
    Exit codes:
      0  done
      2  the command line or the input is wrong
      3  done, and a gate is met
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    # Only now: none of it is needed for --help.
    from rancher_ports.model.quotas import Quotas  # noqa: PLC0415  # see above
    from rancher_ports.review.gates import OF_BOTH, OF_REVIEW, met, read_gates  # noqa: PLC0415  # see above
    from rancher_ports.review.plan import review as review_of  # noqa: PLC0415  # see above

    gates.check_synthesized(synthesized, format_)
    wanted = read_gates(fail_on, OF_REVIEW, _WITHOUT_DOCUMENTS) if table is None else read_gates(fail_on, OF_BOTH)
    change = read_change(sources, read_roles(roles))
    quotas = Quotas(rules_per_group=rules_per_group, groups_per_interface=1)
    made = review_of(change, quotas)
    is_filled = ctx.params.get("settings") is not None
    if table is not None and choices is not None:
        from rancher_ports.cli.checking import check_afterwards  # noqa: PLC0415  # see above
        from rancher_ports.model.findings import gravest_first  # noqa: PLC0415  # see above

        found, of = check_afterwards(change, (table, choices), quotas, is_filled=is_filled, is_change=True)
        # Quotas the review has looked at, with rules that are not wholly known among them.
        found = tuple(one for one in found if one.code != "quota")
        made = replace(made, findings=gravest_first((*made.findings, *found)), checked=of)
    if format_ == "sarif":
        from rancher_ports.render.review_sarif import review_to_sarif  # noqa: PLC0415  # see above
        from rancher_ports.review.keyed import located  # noqa: PLC0415  # see above

        named = replace(made, findings=located(made.findings, change.after))
        text = review_to_sarif(named, origin_of(sources, synthesized, change=True))
    elif format_ == "html":
        text = _page(made, change, None if table is None or choices is None else (table, choices), is_filled=is_filled)
    else:
        text = _made(made, format_, is_file=outputs.is_file(output))
    outputs.write(text, output, force=force)
    gates.end(ctx, met(wanted, made.changes, made.findings))


def _page(made: Review, change: Transition, chosen: tuple[Table, Choices] | None, *, is_filled: bool) -> str:
    # Only now: one format needs it.
    from rancher_ports.render.page.html import to_html  # noqa: PLC0415  # see above
    from rancher_ports.render.page.of_review import Known, page_of_review  # noqa: PLC0415  # see above
    from rancher_ports.review.documented import Documents  # noqa: PLC0415  # see above
    from rancher_ports.review.pairs import pairs  # noqa: PLC0415  # see above

    found = pairs(change, made.changes)
    if chosen is not None:
        table, choices = chosen
        slots = {name: slot.default for name, slot in table.slots.items()} if is_filled else None
        known = Known(found, Documents(table, choices, slots))
    else:
        is_tagged = any(rule.because for side in (change.before, change.after) for rule in side.rules)
        known = Known(found, rows=_rows() if is_tagged else {})
    return to_html(page_of_review(made, known))


def _rows() -> dict[str, Requirement]:
    from rancher_ports.tables import load_tables  # noqa: PLC0415  # see above

    return {row.id: row for table in load_tables().values() for row in table.requirements}


def _made(made: Review, format_: str, *, is_file: bool) -> str:
    # Only now: what is not asked for need not be loaded.
    if format_ == "json":
        from rancher_ports.render.review_json import review_to_json  # noqa: PLC0415  # see above

        return review_to_json(made)
    if format_ == "markdown":
        from rancher_ports.render.review_markdown import review_to_markdown  # noqa: PLC0415  # see above

        return review_to_markdown(made)
    from rancher_ports.render.review_text import review_to_text  # noqa: PLC0415  # see above

    if is_file:
        return review_to_text(made)
    return review_to_text(made, width=outputs.width(), styled=outputs.styled if outputs.has_colours() else None)
