"""``rancher-ports table``: the ports of one distribution, in the format that is asked for."""

from __future__ import annotations

import click

from rancher_ports.cli import outputs
from rancher_ports.cli.choosing import choosing
from rancher_ports.model.conditions import Choices
from rancher_ports.model.table import Table

_TEXT = "text"
FORMATS = (_TEXT, "markdown", "csv", "json", "mermaid", "svg", "html")


@click.command(short_help="The ports of a distribution, as text, Markdown, CSV, JSON, a picture or a page.")
@choosing
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default=_TEXT, show_default=True, help="What to make of it."
)
@outputs.to_file
def table(table: Table, choices: Choices, *, format_: str, output: str | None, force: bool) -> None:
    """Show who talks to whom on which ports, why, and where that is documented.

    DISTRIBUTION is what clusters run on, such as rke2; `rancher-ports tables` lists what there is to choose. With
    --settings the choices are those of an app.

    \b
      rancher-ports table rke2
      rancher-ports table rke2 --cni cilium --feature monitoring --feature ssh-admin
      rancher-ports table --settings cdktf.json --format markdown
      rancher-ports table k3s --format csv | cut -d, -f1-5
      rancher-ports table rke1 --format svg --output ports.svg
      rancher-ports table rke2 --format html --output ports.html

    Between two roles a rule is needed at both ends; a half that no document has is marked as derived or completed.
    With a slot, which is outside of the cluster, our end alone has a rule.

    \b
    Formats:
      text      for people, as wide as the terminal; coloured there unless NO_COLOR is set
      markdown  for wikis and repositories
      csv       for spreadsheets: a line for each source, destination and port
      json      for programs: the same, with all that is known of it
      mermaid   a picture that repository hosts draw
      svg       a picture that stands by itself
      html      a page to look at and to print: a matrix with filters and reasons

    \b
    Exit codes:
      0  done
      1  no such distribution, container network or feature; bad settings; or the file cannot be written
      2  the command line itself is wrong
    """  # noqa: D301  # the character keeps click from filling the lines that follow
    outputs.write(_made(table, choices, format_, is_file=outputs.is_file(output)), output, force=force)


def _made(table: Table, choices: Choices, format_: str, *, is_file: bool) -> str:
    # Each only when it is asked for: loading all of them, and rich, takes longer than the rest.
    match format_:
        case "markdown":
            from rancher_ports.render.markdown import to_markdown as make  # noqa: PLC0415  # see above
        case "csv":
            from rancher_ports.render.csv import to_csv as make  # noqa: PLC0415  # see above
        case "json":
            from rancher_ports.render.json import to_json as make  # noqa: PLC0415  # see above
        case "mermaid":
            from rancher_ports.render.mermaid import to_mermaid as make  # noqa: PLC0415  # see above
        case "svg":
            from rancher_ports.render.svg import to_svg as make  # noqa: PLC0415  # see above
        case "html":
            from rancher_ports.render.page.html import to_html  # noqa: PLC0415  # see above
            from rancher_ports.render.page.of_table import page_of_table  # noqa: PLC0415  # see above

            return to_html(page_of_table(table, choices))
        case _:
            from rancher_ports.render.terminal import to_text  # noqa: PLC0415  # see above

            if is_file:
                return to_text(table, choices)
            return to_text(table, choices, width=outputs.width(), colour=outputs.has_colours())
    return make(table, choices)
