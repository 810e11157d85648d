"""The README: its generated parts are current, and what it says is so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rancher_ports.audit.deployment import audit
from rancher_ports.errors import InputError
from rancher_ports.model.bindings import Binding, bind
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.findings import CODES, Finding
from rancher_ports.model.roles import ROLES
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.templates import templates
from rancher_ports.module import module
from rancher_ports.render.mermaid import picture
from rancher_ports.render.module_page import to_markdown
from rancher_ports.render.text import summary
from rancher_ports.settings import Settings, read_settings, read_settings_file
from rancher_ports.tables import load_table, load_tables
from tests.conftest import ROOT

README = ROOT / "README.md"
RKE1 = load_table("rke1")


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.strip()}\n```"


def _slots() -> str:
    rows = ["| slot | who | may |", "| --- | --- | --- |"]
    for slot in RKE1.slots.values():
        # What features add stands in docs/ports.
        of_slot = [row for row in RKE1.requirements if slot.name in row.peers and not row.when.feature]
        may = ", ".join(f"{row.role} {row.direction} {'+'.join(map(str, row.ports))}" for row in of_slot)
        if may:
            rows.append(f"| `{slot.name}` | {slot.what} | {may} |")
    return "\n".join(rows)


def _distributions() -> str:
    rows = ["| distribution | container networks, the usual one first |", "| --- | --- |"]
    rows += [f"| `{name}` | {', '.join(f'`{cni}`' for cni in table.cnis)} |" for name, table in load_tables().items()]
    return "\n".join(rows)


def _features() -> str:
    tables = load_tables()
    every = {name: feature for table in tables.values() for name, feature in table.features.items()}
    rows = ["| feature | what for | slots | not for |", "| --- | --- | --- | --- |"]
    for name, feature in every.items():
        of = {d: [row for row in table.requirements if row.when.feature == name] for d, table in tables.items()}
        slots = dict.fromkeys(
            f"`{peer}`" for d, some in of.items() for row in some for peer in row.peers if peer in tables[d].slots
        )
        lacking = ", ".join(f"`{d}`" for d, some in of.items() if not some)
        rows.append(f"| `{name}` | {feature.what} | {', '.join(slots)} | {lacking} |")
    return "\n".join(rows)


def _usage(distribution: str) -> str:
    table = load_table(distribution)
    return _fenced("hcl", to_markdown(table, module(table)).partition("```hcl\n")[2].partition("```")[0])


def _example(name: str) -> str:
    return _fenced("python", (ROOT / "examples" / name).read_text("utf-8"))


EXAMPLES_PAGE = ROOT / "docs" / "examples.md"
GENERATED: dict[str, Callable[[], str]] = {
    "picture of rke1": lambda: _fenced("mermaid", picture(RKE1, Choices(RKE1.cni))),
    "example settings": lambda: _fenced("json", (ROOT / "examples" / "settings.json").read_text("utf-8")),
    "slots of rke1": _slots,
    "distributions": _distributions,
    "features": _features,
    "examples/own_stack.py": lambda: _example("own_stack.py"),
    "usage of modules/rke2": lambda: _usage("rke2"),
    "IAM policy": lambda: _fenced("json", (ROOT / "docs" / "iam-policy.json").read_text("utf-8")),
}
# Those of the README are shown there.
EXAMPLES = (
    "existing_vpc.py",
    "highly_available.py",
    "three_clusters.py",
    "fleet.py",
    "brought_groups.py",
    "migrating.py",
)
PARTS = [(README, part, GENERATED[part]) for part in GENERATED]
PARTS += [(EXAMPLES_PAGE, f"examples/{name}", partial(_example, name)) for name in EXAMPLES]


@pytest.mark.parametrize(("page", "part", "generate"), PARTS, ids=[part for _, part, _ in PARTS])
def test_generated_parts_are_current(page: Path, part: str, generate: Callable[[], str], rewrite: bool) -> None:
    pattern = re.compile(rf"(<!-- generated: {re.escape(part)} -->\n)(.*?)(<!-- end -->)", re.DOTALL)
    text = page.read_text("utf-8")
    expected = generate() + "\n"
    if rewrite:
        page.write_text(pattern.sub(lambda match: match[1] + expected + match[3], text), "utf-8")
        text = page.read_text("utf-8")
    (found,) = pattern.findall(text)
    assert found[1] == expected


@pytest.mark.parametrize("page", [README, EXAMPLES_PAGE], ids=lambda page: page.name)
def test_every_generated_part_is_generated_here(page: Path) -> None:
    shown = re.findall("<!-- generated: (.*) -->", page.read_text("utf-8"))
    assert shown == [part for on, part, _ in PARTS if on == page]


def test_every_example_is_shown() -> None:
    shown = {part.removeprefix("examples/") for _, part, _ in PARTS if part.startswith("examples/")}
    assert shown == {path.name for path in (ROOT / "examples").glob("*.py")}


def _shipped(**changes: object) -> Settings:
    document = json.loads((ROOT / "cdktf.json").read_text("utf-8"))
    document["context"]["rancher_ports"] |= changes
    return read_settings(document, load_tables())


def _made(settings: Settings) -> tuple[RuleSet, tuple[Finding, ...]]:
    bindings = bind(settings.prefix, ROLES, settings.groups)
    deployment = Deployment(settings.choices, bindings, settings.slots)
    rules = fill(templates(settings.table), deployment)
    return rules, audit(settings.table, deployment, rules, settings.peers.values())


def test_the_output_shown_is_what_the_shipped_settings_give() -> None:
    rules, findings = _made(_shipped())
    text = README.read_text("utf-8")
    assert summary(rules, "cdktf.out/stacks/rancher/cdk.tf.json") in text
    for shown in re.findall(r"^(?:WARN|INFO) \[rancher/ports\]: (.*) \.\.\.$", text, re.MULTILINE):
        assert any(str(finding).startswith(shown) for finding in findings)


def test_the_error_shown_is_the_error() -> None:
    with pytest.raises(InputError) as refused:
        _shipped(slots={"load_balancr": []})
    (shown,) = re.findall(r"^rancher-ports: cdktf.json: (.*load_balancr.*)$", README.read_text("utf-8"), re.MULTILINE)
    first, last = shown.split("...")
    assert str(refused.value).startswith(first)
    assert str(refused.value).endswith(last)


def _json_after(heading: str) -> list[dict[str, object]]:
    section = README.read_text("utf-8").partition(heading)[2].partition("\n**")[0]
    blocks = [block.rstrip().rstrip(",") for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]
    # Settings are shown without the braces of the mapping that they stand in.
    return [json.loads(block if block.startswith("{") else f"{{{block}}}") for block in blocks]


def test_either_way_shown_lets_nodes_pull_images() -> None:
    assert "no-registry-egress" in {finding.code for finding in _made(_shipped())[1]}
    ways = _json_after("**Images.**")
    assert [sorted(way) for way in ways] == [["egress"], ["features", "peers", "slots"]]
    for way in ways:
        assert "no-registry-egress" not in {finding.code for finding in _made(_shipped(**way))[1]}


def test_the_backend_shown_is_taken() -> None:
    (backend,) = [json.loads(block) for block in re.findall(r"```json\n(\{ \"s3\".*?)\n```", README.read_text("utf-8"))]
    assert _shipped(backend=backend).backend == "s3"


def test_the_renaming_shown_is_taken() -> None:
    (renamed,) = re.findall(r"```json\n(.*?)```", README.read_text("utf-8").partition("\n## Renaming")[2], re.DOTALL)
    settings = _shipped(**json.loads(renamed))
    assert (settings.prefix, settings.moved_from) == ("prod", ("rancher",))
    assert settings.peers["hq"].moved_from == ("office", "bureau")
    # As the text says: the groups keep the names that they had, which began with the old prefix.
    assert settings.group_name_prefix == "rancher"


def test_the_group_shown_is_taken() -> None:
    shown, beside = _json_after("**Groups.**")
    # tests/engine applies the same.
    removed = {"from": "aws_security_group.rancher_etcd", "lifecycle": {"destroy": False}}
    assert beside == {"removed": [removed]}
    (group,) = _shipped(**shown).groups.values()
    assert not group.add_rules


def _rows(first_cell: str) -> list[list[str]]:
    """The rows of the table whose header begins with this cell."""
    table = README.read_text("utf-8").partition(f"\n| {first_cell} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_every_setting_is_explained_with_its_default() -> None:
    with pytest.raises(InputError) as refused:
        _shipped(unknown=1)
    known = refused.value.faults[0].allowed.removeprefix("a setting, one of ").split(", ")
    rows = {row[0].strip("`"): row for row in _rows("setting")}
    assert list(rows) == known
    shown = {name: row[2].strip("`") for name, row in rows.items()}
    literal = {
        name: json.loads(default) for name, default in shown.items() if default[:1] in '"[{tfn' and " " not in default
    }
    assert {"vpc_id", "features", "one_sided", "egress", "peers", "slots", "tags", "prefix"} <= set(literal)
    spelt_out = read_settings({"context": {"rancher_ports": {"region": "us-east-1", **literal}}}, load_tables())
    assert spelt_out == read_settings({"context": {"rancher_ports": {"region": "us-east-1"}}}, load_tables())


def test_the_shipped_settings_spell_out_every_setting() -> None:
    shipped = json.loads((ROOT / "cdktf.json").read_text("utf-8"))["context"]["rancher_ports"]
    assert list(shipped) == [row[0].strip("`") for row in _rows("setting")]


def test_every_finding_is_explained_with_its_severity() -> None:
    explained = [(row[0].strip("`"), row[1]) for row in _rows("code")]
    assert explained == list(CODES.items())
    # What the checks say themselves; the ports that a table protects give the codes of one of them.
    saying = [*(ROOT / "rancher_ports" / "audit").glob("*.py"), ROOT / "rancher_ports" / "review" / "remarks.py"]
    sources = "".join(path.read_text("utf-8") for path in saying)
    keyword = re.findall(r'code=("[a-z-]+"|protected\.code),\s+severity="([a-z]+)"', sources)
    positional = re.findall(r'Finding\("([a-z-]+)", "([a-z]+)"', sources)
    assert len(keyword) + len(positional) == len(re.findall(r"\bFinding\((?=\S|\n)", sources))
    said = {code.strip('"'): severity for code, severity in keyword + positional}
    severity = said.pop("protected.code")
    said |= {protected.code: severity for protected in RKE1.protected.values()}
    # The rest comes of acknowledging, which is no check.
    said |= {code: CODES[code] for code in ("unused-acknowledgement", "acknowledged")}
    assert said == CODES


def test_every_target_and_file_named_exists() -> None:
    text = README.read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for line in re.findall(r"(?:`|^)make ([a-z -]+)(?:`|$)", text, re.MULTILINE) for word in line.split()}
    assert {"synth", "test", "help"} <= named
    assert named <= targets
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert links
    assert all((ROOT / link).exists() for link in links)
    anchors = re.findall(r"\]\(#([a-z-]+)\)", text)
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    assert set(anchors) <= headings


HAND_WRITTEN = sorted(
    f"{folder}/{path.name}" for folder in ("docs", "modules") for path in (ROOT / folder).glob("*.md")
)


@pytest.mark.parametrize("page", [*HAND_WRITTEN, *(f"modules/{name}/README.md" for name in load_tables())])
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    path = ROOT / page
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text("utf-8")):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, link


def test_the_policy_names_single_actions_of_ec2_once() -> None:
    statements = json.loads((ROOT / "docs" / "iam-policy.json").read_text("utf-8"))["Statement"]
    actions = [action for statement in statements for action in statement["Action"]]
    assert len(set(actions)) == len(actions)
    assert all(re.fullmatch(r"ec2:[A-Z][A-Za-z]+", action) for action in actions)


def test_the_largest_group_is_as_large_as_said() -> None:
    settings = read_settings_file(ROOT / "cdktf.json", load_tables())
    slots = {slot: next(iter(settings.slots.values())) for slot in RKE1.slots}
    bindings = {role: Binding.own("p", role) for role in ROLES}
    rules = fill(templates(RKE1), Deployment(Choices("canal", one_sided="documented"), bindings, slots)).rules
    ingress = [rule.group for rule in rules if rule.direction == "ingress"]
    largest = max(ingress.count(group) for group in ingress)
    assert f"The largest group of the RKE1 table has {largest} documented ingress rules." in README.read_text("utf-8")
