"""The site: the repository's own Markdown, each page at the path that it has in the repository, and a reference."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

# Before what needs the CDK is imported.
from tools.site.stand_ins import put_in_place

put_in_place()

# A process that ends in half a minute need not look for what it could throw away; that is a fifth of its time.
gc.disable()

project = "rancher-ports"
html_title = project
root_doc = "docs/index"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "tools.site.docstrings",
    "tools.site.pages",
    "tools.site.pictures",
]
include_patterns = ["README.md", "CHANGELOG.md", "docs/**.md", "modules/*.md", "modules/*/README.md"]
# Not for what is in them, which is no page, but for the time that looking takes.
exclude_patterns = [".*", "node_modules", "build", "cdktf.out", "tests", "bench"]
nitpicky = True
# The two hyphens of an option are two, and what stands between backticks in a docstring or in --help is code.
smartquotes = False
default_role = "code"
toc_object_entries_show_parents = "hide"

myst_heading_anchors = 6

autodoc_member_order = "bysource"
# Defaults as they are written, not as they are printed.
autodoc_preserve_defaults = True
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_use_rtype = False

# What is not ours is shown without a link: others' inventories would have to be fetched.
nitpick_ignore_regex = [("py:.*", r"(cdktf|constructs|click|collections|pathlib|typing|types|ast|enum)(\..*)?")]

html_theme = "furo"
templates_path = ["templates"]
# Of that folder the pictures need the one file in it.
html_static_path = ["static", str(ROOT / "node_modules/@mermaid-js/tiny/dist")]
html_css_files = ["site.css"]
html_additional_pages = {"index": "to_start.html"}
html_copy_source = False
html_show_copyright = False
