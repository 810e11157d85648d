"""Pages as they are read: those of a folder below its README, lines of --help as they are, dashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    import click
    from sphinx.application import Sphinx


def _keep_lines(_: Sphinx, __: click.Context, lines: list[str]) -> None:
    """Show as it is what --help leaves in lines of its own: commands to copy, lists of codes."""
    shown: list[str] = []
    for line in lines:
        is_kept = line.startswith("| ")
        if is_kept and not (shown and shown[-1].startswith("   ")):
            shown += [".. code-block:: text", ""]
        elif not is_kept and shown and shown[-1].startswith("   "):
            shown.append("")
        shown.append(f"   {line[2:]}" if is_kept else line)
    lines[:] = shown


def _set_dashes(_: Sphinx, document: nodes.document) -> None:
    """Set the dash that Sphinx writes between an argument and what is said of it: nothing else makes one of hyphens."""
    for text in list(document.findall(nodes.Text)):
        if text == " -- ":
            text.parent.replace(text, nodes.Text(" \N{EN DASH} "))


def _add_pages_of_folder(app: Sphinx, docname: str, source: list[str]) -> None:
    """Have the pages of a folder stand below its README, unless that says itself in which order."""
    folder, _, name = docname.rpartition("/")
    if name != "README" or not folder or "{toctree}" in source[0]:
        return
    others = [
        other.removeprefix(f"{folder}/") for other in sorted(app.env.found_docs) if other.startswith(f"{folder}/")
    ]
    below = [other for other in others if other != name and "/" not in other.removesuffix("/README")]
    if below:
        # The titles of the pages of ports all begin alike.
        entries = [f"{page} <{page}>" for page in below] if folder == "docs/ports" else below
        source[0] += "\n".join(["", "```{toctree}", ":hidden:", "", *entries, "```", ""])


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", _add_pages_of_folder)
    app.connect("doctree-read", _set_dashes)
    app.connect("sphinx-click-process-description", _keep_lines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
