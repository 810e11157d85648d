"""The generated pages on the ports of each distribution and container network, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rancher_ports.model.conditions import Choices
from rancher_ports.model.flows import Flow, flows
from rancher_ports.model.table import Feature, Requirement, Table, choose
from rancher_ports.render.markdown import escaped, grid, notes, sheet, sources
from rancher_ports.render.sheet import described, numbered, rows_of, title
from rancher_ports.render.svg import to_svg

INDEX = "README.md"

_INTRODUCTION = """\
# Ports

What each distribution needs, with each of its container networks: from whom to whom, on which ports, why, and where
that is documented. Between two roles a rule is needed at both ends, egress of who begins and ingress of who answers;
with a slot, which is outside of server and clusters, at our end alone. A half that no document has is marked:
*derived* where a document publishes one end alone, *completed* where a row for it is missing."""

_COMMANDS = """\
## The same at a prompt

```text
rancher-ports tables
rancher-ports table rke2 --cni cilium --feature monitoring
rancher-ports table --settings cdktf.json --format markdown
rancher-ports table k3s --format csv --output ports.csv
rancher-ports table rke1 --format svg --output ports.svg
```

Formats: `text`, `markdown`, `csv`, `json`, `mermaid`, `svg` and `html`."""

_NO_RULE = """\
## What needs no rule

Security groups do not filter what goes to Amazon's DNS resolver, DHCP, instance metadata (169.254.169.254) and the
Amazon Time Sync Service (169.254.169.123); source: Amazon VPC user guide,
docs.aws.amazon.com/vpc/latest/userguide/VPC_Security.html. So the features `custom-dns` and `custom-ntp` are for other
servers than Amazon's alone. Whether pods reach instance metadata is a matter of its hop limit, not of a rule."""

_JSON = """\
## The shape of JSON

`rancher-ports table DISTRIBUTION --format json` prints one object, the same at every run.

| key | what |
| --- | --- |
| `distribution`, `title` | its name in settings, its name for readers |
| `cni`, `features`, `one_sided`, `egress` | what was chosen; features sorted |
| `migrating_from` | what nodes migrate from, with `distribution`, `cni` and `features`; null if they do not |
| `flows` | a list, in the order of the table |
| `slots` | by name those that flows name: `what`, `default` (the values of the peers in it), `replaced_by` (features) |
| `sources` | the documents, each once |

| key of a flow | what |
| --- | --- |
| `from`, `to` | a role or a slot |
| `port` | as tables write it, such as `443/tcp` |
| `protocol`, `first_port`, `last_port` | `all` for every protocol; of ICMP type and code; null where there are none |
| `why` | a list of reasons |
| `halves` | the directions for which a rule is written, of `ingress` and `egress` |
| `documented_in` | those of them that a document has |
| `rows` | the ids of the rows, as in the tag `rancher-ports:requirement` |
| `sources`, `notes`, `disputed` | lists of texts |

CSV has a line for each flow, and the columns `from`, `to`, `protocol`, `first_port`, `last_port`, `why`, `halves`,
`documented_in`, `source` and `disputed`."""

_REGENERATE = """\
## How these pages are made

`make rewrite` writes them from the tables in `rancher_ports/tables`; a test compares them."""


def pages(tables: Mapping[str, Table]) -> dict[str, str]:
    """All pages and pictures, by the names of their files.

    Args:
        tables: the port tables, by distribution.
    """
    made = {INDEX: _index(tables)}
    for table in tables.values():
        for cni in table.cnis:
            made[f"{_name(table, cni)}.md"] = _page(table, choose(table, cni=cni))
            made[f"{_name(table, cni)}.svg"] = to_svg(table, choose(table, cni=cni))
    return made


def _name(table: Table, cni: str) -> str:
    return f"{table.distribution}-{cni}"


def _index(tables: Mapping[str, Table]) -> str:
    rows = []
    for table in tables.values():
        links = [f"[{cni}]({_name(table, cni)}.md)" for cni in table.cnis]
        rows.append([f"`{table.distribution}`", escaped(table.title), f"{links[0]} (default)", ", ".join(links[1:])])
    listed = grid(("distribution", "title", "container network", "others"), rows)
    parts = (_INTRODUCTION, listed, _COMMANDS, _NO_RULE, _JSON, _REGENERATE)
    return "\n\n".join(parts) + "\n"


def _page(table: Table, choices: Choices) -> str:
    rows = [row for row in table.requirements if not row.when.cnis or choices.cni in row.when.cnis]
    found = flows(table, choices)
    numbers = numbered([*rows_of(found), *rows], table)
    heading = title(table, choices)
    parts = [
        f"# {escaped(heading)}",
        "Numbers under *source* are those of the [sources](#sources). [All distributions and networks](README.md).",
        sheet(found, numbers),
        f"![From whom to whom, on which ports: {escaped(heading)}]({_name(table, choices.cni)}.svg)",
        "## Features",
        "Off unless chosen. Each with what it adds to the above.",
        *features(table, choices, numbers),
        "## Slots",
        _slots(table, rows),
    ]
    if noted := notes(rows):
        parts += ["## Notes", noted]
    return "\n\n".join([*parts, "## Sources", sources(numbers)]) + "\n"


def features(table: Table, choices: Choices, numbers: Mapping[str, int]) -> Iterator[str]:
    """A section for each feature: what it is, what it adds, and what it takes the place of.

    Args:
        table: whose features.
        choices: to what it adds.
        numbers: by document, its number in the list of sources.
    """
    for feature in table.features.values():
        yield f"### {feature.name}"
        yield _what(feature)
        yield from differences(table, choices, choose(table, cni=choices.cni, features=[feature.name]), numbers)


def differences(table: Table, before: Choices, after: Choices, numbers: Mapping[str, int]) -> Iterator[str]:
    """What another choice adds, and what it takes the place of, if there is such.

    Args:
        table: of which both choices are.
        before: the one.
        after: the other.
        numbers: by document, its number in the list of sources.
    """
    without = {flow.key: flow for flow in flows(table, before)}
    with_it = flows(table, after)
    added = [flow for flow in with_it if _is_more(flow, without.get(flow.key))]
    yield sheet(added, numbers) if added else "All that it needs is open already."
    left = {flow.key for flow in with_it}
    if closed := [flow for flow in without.values() if flow.key not in left]:
        yield "It takes the place of:"
        yield sheet(closed, numbers)


def _is_more(flow: Flow, before: Flow | None) -> bool:
    return before is None or before.halves != flow.halves


def _what(feature: Feature) -> str:
    replaced = ", ".join(f"`{slot}`" for slot in feature.replaces)
    return f"{escaped(feature.what)}." + (f" With it nobody has to fill {replaced}." if replaced else "")


def _slots(table: Table, rows: list[Requirement]) -> str:
    """Slots with what they are, and the features with which they are in use."""
    listed = []
    for slot in table.slots.values():
        of_slot = [row for row in rows if slot.name in row.peers]
        features = dict.fromkeys(f"`{row.when.feature}`" if row.when.feature else "always" for row in of_slot)
        if features:
            when = "always" if "always" in features else ", ".join(features)
            listed.append([f"`{slot.name}`", escaped(described(slot)), when])
    return grid(("slot", "who", "with"), listed)
