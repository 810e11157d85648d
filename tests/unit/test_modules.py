"""The generated modules: current, of what is documented and no more, and sound as Terraform's JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from rancher_ports.model.conditions import Condition
from rancher_ports.model.ports import Port
from rancher_ports.model.table import Requirement, Slot, Table
from rancher_ports.module import module
from rancher_ports.module.expressions import holds, listed, literal, quoted
from rancher_ports.render.module_page import to_markdown
from rancher_ports.tables import load_tables
from tests.conftest import ROOT
from tests.distributions import DISTRIBUTIONS, NETWORKS, facts, features, opposite
from tests.documented import GIT_RANCHER_IO, ROLES, Flow

FOLDER = ROOT / "modules"
TABLES = load_tables()
MADE = {name: module(TABLES[name]) for name in DISTRIBUTIONS}
PAGES = {name: to_markdown(TABLES[name], MADE[name]) for name in DISTRIBUTIONS}
FILES = {name: {**MADE[name].files, "README.md": PAGES[name]} for name in DISTRIBUTIONS}
# As they are written: whoever uses a module has nothing else.
DOCUMENTS: dict[str, dict[str, Any]] = {
    name: {key: value for file in MADE[name].files.values() for key, value in json.loads(file).items()}
    for name in DISTRIBUTIONS
}

INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
INPUTS = ("vpc_id", "group_name_prefix", "tags", "one_sided", "egress", "cni", "features", "peers", "slots", "groups")

each_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS)


def _texts(value: object) -> Iterator[str]:
    """Every text in a document, keys as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


# The files.


@each_distribution
def test_the_files_are_current(distribution: str, rewrite: bool) -> None:
    files = FILES[distribution]
    folder = FOLDER / distribution
    if rewrite:
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_bytes(text.encode())
    for name, text in files.items():
        assert (folder / name).read_bytes() == text.encode(), f"{distribution}/{name} is not current: make rewrite"
    # What else lies there is written by hand, in folders of its own.
    assert {path.name for path in folder.iterdir() if path.is_file()} - {".terraform.lock.hcl"} == set(files)


def test_there_is_a_module_for_each_distribution_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(DISTRIBUTIONS)


def test_the_files_do_not_depend_on_the_order_of_a_set() -> None:
    code = (
        "from rancher_ports.module import module; from rancher_ports.tables import load_table\n"
        "print(*module(load_table('rke2')).files.values(), sep='', end='')"
    )
    env = {**os.environ, "PYTHONHASHSEED": "4711"}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert run.stdout == "".join(MADE["rke2"].files.values())


@each_distribution
def test_the_document_is_all_files_together(distribution: str) -> None:
    assert json.loads(json.dumps(MADE[distribution].document)) == DOCUMENTS[distribution]


# Groups and rules.


def _name(flow: Flow) -> str:
    peer = flow.peer if flow.peer in ROLES else "peers"
    ports = f"{flow.first}" if flow.first == flow.last else f"{flow.first}-{flow.last}"
    return f"{flow.role}_{'from' if flow.direction == 'ingress' else 'to'}_{peer}_{flow.protocol}_{ports}"


def _rule(flow: Flow) -> dict[str, object]:
    """What has to stand in the resource of a documented flow, whatever is chosen."""
    name = _name(flow)
    said: dict[str, object] = {
        "security_group_id": f"${{local.security_group_ids.{flow.role}}}",
        "ip_protocol": flow.protocol,
        "from_port": flow.first,
        "to_port": flow.last,
    }
    if flow.peer in ROLES:
        return {
            **said,
            "count": f'${{length(local.rules_between_roles["{name}"])}}',
            "referenced_security_group_id": f"${{local.security_group_ids.{flow.peer}}}",
        }
    return {
        **said,
        "for_each": f'${{local.rules_with_peers["{name}"]}}',
        "cidr_ipv4": "${local.peers[each.key].cidr_ipv4}",
        "cidr_ipv6": "${local.peers[each.key].cidr_ipv6}",
        "prefix_list_id": "${local.peers[each.key].prefix_list_id}",
        "referenced_security_group_id": "${local.peers[each.key].security_group_id}",
    }


def _documented(distribution: str) -> set[Flow]:
    """Every flow that is documented for any choice, and the other halves of those between roles."""
    flows = {fact.flow for fact in facts(distribution)}
    return flows | {opposite(flow) for flow in flows if flow.peer in ROLES}


@each_distribution
def test_every_documented_flow_has_its_resource(distribution: str) -> None:
    resources = DOCUMENTS[distribution]["resource"]
    flows = _documented(distribution)
    assert len(flows) > 59
    for flow in flows:
        rule = resources[INGRESS if flow.direction == "ingress" else EGRESS][_name(flow)]
        assert {key: rule[key] for key in rule.keys() - {"description", "tags", "lifecycle"}} == _rule(flow), flow


@each_distribution
def test_nothing_else_has_one_but_all_egress(distribution: str) -> None:
    resources = DOCUMENTS[distribution]["resource"]
    flows = _documented(distribution)
    ours = {
        INGRESS: {_name(flow) for flow in flows if flow.direction == "ingress"},
        EGRESS: {_name(flow) for flow in flows if flow.direction == "egress"},
    }
    assert set(resources) == {"aws_security_group", INGRESS, EGRESS}
    assert set(resources[INGRESS]) == ours[INGRESS]
    assert set(resources[EGRESS]) == ours[EGRESS] | {f"{role}_to_peers_all" for role in ROLES}
    for role in ROLES:
        rule = resources[EGRESS][f"{role}_to_peers_all"]
        assert (rule["ip_protocol"], "from_port" in rule, "to_port" in rule) == ("-1", False, False)
        (part,) = DOCUMENTS[distribution]["locals"]["templates_with_peers"][f"{role}_to_peers_all"]["parts"]
        assert part["when"] == '${var.egress == "all"}'


@each_distribution
def test_one_resource_has_the_peers_of_all_slots_that_need_the_port(distribution: str) -> None:
    named: dict[str, set[str]] = {}
    for fact in facts(distribution):
        if fact.flow.peer not in ROLES:
            slot = "git_rancher_io" if fact.flow.peer in GIT_RANCHER_IO else fact.flow.peer
            named.setdefault(_name(fact.flow), set()).add(slot)
    assert max(len(slots) for slots in named.values()) > 1
    templates = DOCUMENTS[distribution]["locals"]["templates_with_peers"]
    found = {name: {part["slot"] for part in template["parts"]} for name, template in templates.items()}
    assert {name: slots for name, slots in found.items() if slots != {"anywhere"}} == named


@each_distribution
def test_default_peers_are_those_of_the_document_and_every_address(distribution: str) -> None:
    values = DOCUMENTS[distribution]["locals"]
    # Of RKE1 the document has addresses for one slot; that of the others has names.
    documented = {fact.flow.peer for fact in facts(distribution)} & set(GIT_RANCHER_IO)
    assert len(documented) == (3 if distribution == "rke1" else 0)
    slots = values["default_slots"]
    blocks = {
        slot: {value for peer in peers for value in values["default_peers"][peer].values() if value != "${null}"}
        for slot, peers in slots.items()
    }
    assert blocks.pop("anywhere") == {"0.0.0.0/0", "::/0"}
    assert blocks.pop("git_rancher_io") == documented
    assert set(blocks) | {"git_rancher_io"} == _slots_of(distribution)
    assert not any(blocks.values())
    # An attribute that is not there is an error where a rule asks for it; and the CDK leaves out a null.
    fields = {"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "security_group_id", "label"}
    assert all(set(peer) == fields and None not in peer.values() for peer in values["default_peers"].values())


def _slots_of(distribution: str) -> set[str]:
    peers = {fact.flow.peer for fact in facts(distribution)} - {*ROLES, *GIT_RANCHER_IO}
    return peers | {"git_rancher_io"}


@each_distribution
def test_every_resource_is_there_for_a_reason_that_is_evaluated(distribution: str) -> None:
    for type_, some in DOCUMENTS[distribution]["resource"].items():
        for name, resource in some.items():
            assert len({"count", "for_each"} & set(resource)) == 1, f"{type_}.{name}"


@each_distribution
def test_a_group_is_made_for_each_role_that_brings_none(distribution: str) -> None:
    groups = DOCUMENTS[distribution]["resource"]["aws_security_group"]
    assert set(groups) == set(ROLES)
    for role, group in groups.items():
        assert group["count"] == f'${{contains(keys(var.groups), "{role}") ? 0 : 1}}'
        assert group["vpc_id"] == "${var.vpc_id}"
        assert group["name_prefix"] == f"${{var.group_name_prefix}}-{role}-"
        assert f'"rancher-ports:role" = "{role}"' in group["tags"]
        assert group["lifecycle"] == {"create_before_destroy": True}
        # A group's description cannot be changed, so it says nothing that anybody chooses.
        assert "${" not in group["description"]


# Conditions.


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (Condition(), True),
        (Condition(feature="ssh-admin"), '${contains(var.features, "ssh-admin")}'),
        (Condition(cnis=("canal", "flannel")), '${contains(["canal", "flannel"], var.cni)}'),
        (Condition(one_sided="completed"), '${var.one_sided == "completed"}'),
        (Condition(egress="all"), '${var.egress == "all"}'),
        (Condition(unless=(Condition(feature="windows"),)), '${!(contains(var.features, "windows"))}'),
        (Condition(unless=(Condition(),)), "${!(true)}"),
        (
            Condition(
                feature="a", cnis=("b",), one_sided="documented", unless=(Condition(feature="c", cnis=("d", "e")),)
            ),
            '${contains(var.features, "a") && contains(["b"], var.cni) && var.one_sided == "documented" && '
            '!(contains(var.features, "c") && contains(["d", "e"], var.cni))}',
        ),
    ],
    ids=str,
)
def test_a_condition_is_an_expression_over_the_variables(when: Condition, expected: object) -> None:
    assert holds(when) == expected


def test_there_is_no_module_of_two_distributions_side_by_side() -> None:
    with pytest.raises(ValueError, match="no condition on it: rke1"):
        holds(Condition(distribution="rke1"))


@each_distribution
def test_the_page_has_the_ports_and_what_is_checked(distribution: str) -> None:
    page = PAGES[distribution]
    headings = re.findall("^## (.*)$", page, re.MULTILINE)
    assert headings[:7] == ["Usage", "Inputs", "Outputs", "What is checked, and when", "Versions", "Ports", "Features"]
    sheet, *others = page.partition("\n## Ports\n")[2].partition("\n## ")[0].split("\n### ")
    assert re.search(r"^\| etcd, controlplane \| etcd \| 2379(-238[01])?/tcp \|", sheet, re.MULTILINE)
    assert "| `ingress_clients` | " in sheet
    if distribution == "rke2":
        # Both have VXLAN on one port; Cilium's health checks come, Canal's go.
        (cilium,) = (one for one in others if one.startswith("cilium in"))
        more, less = cilium.split("It takes the place of:")
        assert "4240/tcp" in more
        assert "9099/tcp" in less


@each_distribution
def test_a_row_stands_under_what_is_documented_of_it(distribution: str) -> None:
    """Of each documented end one part holds whenever the fact does: its condition asks for no more."""
    values = DOCUMENTS[distribution]["locals"]
    templates = {**values["templates_between_roles"], **values["templates_with_peers"]}
    for fact in facts(distribution):
        when = [part["when"] for part in templates[_name(fact.flow)]["parts"]]
        wanted = []
        if fact.feature is not None:
            wanted.append(f'contains(var.features, "{fact.feature}")')
        if fact.cnis != frozenset(NETWORKS[distribution]):
            wanted.append("var.cni")
        if fact.unless is not None:
            wanted.append(f'!(contains(var.features, "{fact.unless}"))')
        if not wanted:
            assert True in when, fact
        else:
            said = [condition for condition in when if condition is not True]
            assert any(all(one in condition for one in wanted) for condition in said), fact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", '"plain"'),
        ("${a}", '"$${a}"'),
        ("%{if}", '"%%{if}"'),
        ('"quoted"', r'"\"quoted\""'),
        (r"back\slash", r'"back\\slash"'),
        ("a $ and a %", '"a $ and a %"'),
    ],
)
def test_texts_are_quoted_so_that_nothing_in_them_is_evaluated(text: str, expected: str) -> None:
    assert quoted(text) == expected
    assert json.loads(quoted(text)) == literal(text)
    assert listed([text, text]) == f"[{expected}, {expected}]"


def test_what_a_table_says_is_never_evaluated() -> None:
    slots = {"office": Slot("office", "Somebody with ${a} | %{b}")}
    row = Requirement("r/${c}", "etcd", "ingress", (Port.tcp(1),), ("office",), "why ${d} %{e}", "s", note="n | ${f}")
    table = Table("d", "D | ${g}", "s", "x", slots, {}, (row,))
    made = module(table)
    (template,) = [
        template for name, template in made.main["locals"]["templates_with_peers"].items() if name.startswith("etcd_f")
    ]
    (part,) = template["parts"]
    assert (part["why"], part["requirement"]) == ("why $${d} %%{e}", "r/$${c}")
    # Terraform takes descriptions of variables as they are.
    assert "somebody with ${a}" in made.variables["slots"]["description"].lower()
    page = to_markdown(table, made)
    assert r"# D \| ${g}: security groups" in page
    assert r"somebody with ${a} \| %{b}" in page.lower()
    assert r"n \| ${f}" in page


def test_a_page_of_little_says_little() -> None:
    row = Requirement("r", "etcd", "ingress", (Port.tcp(1),), ("office",), "w", "s")
    table = Table("d", "D", "s", "x", {"office": Slot("office", "Somebody")}, {}, (row,))
    page = to_markdown(table, module(table))
    assert "## Notes" not in page
    assert "in place of" not in page


# Variables, outputs and versions.


@each_distribution
def test_every_variable_is_typed_explained_and_checked(distribution: str) -> None:
    variables = DOCUMENTS[distribution]["variable"]
    assert tuple(variables) == INPUTS
    for name, variable in variables.items():
        assert variable["type"], name
        assert variable["description"].endswith("."), name
        assert variable["nullable"] is False, name
        assert variable["validation"], name
    # The app's defaults, as the README has them.
    assert {name: variable["default"] for name, variable in variables.items() if "default" in variable} == {
        "group_name_prefix": "rancher",
        "tags": {},
        "one_sided": "completed",
        "egress": "documented",
        "cni": next(iter(NETWORKS[distribution])),
        "features": [],
        "peers": {},
        "slots": {},
        "groups": {},
    }


@each_distribution
def test_a_validation_asks_for_its_own_variable_alone_and_says_what_to_write(distribution: str) -> None:
    # Engines before 1.9 know no other there.
    for name, variable in DOCUMENTS[distribution]["variable"].items():
        for validation in variable["validation"]:
            for expression in validation.values():
                assert set(re.findall(r"\b(?:var|local)\.[a-z_0-9]+", expression)) <= {f"var.{name}"}, expression
            assert f"var.{name}" in validation["condition"]
            message = validation["error_message"]
            assert re.match(rf"{name}: (write|leave) ", message), message
            # Engines before 1.2 want a sentence; people do as well.
            assert message.endswith(".")


@each_distribution
def test_what_may_be_chosen_is_what_is_documented(distribution: str) -> None:
    variables = DOCUMENTS[distribution]["variable"]

    def chosen(name: str) -> set[str]:
        (validation,) = variables[name]["validation"][:1]
        names = re.findall(r'"([a-z_0-9-]+)"', validation["condition"])
        assert len(set(names)) == len(names)
        return set(names)

    assert chosen("cni") == set(NETWORKS[distribution])
    assert chosen("features") == features(distribution)
    assert chosen("slots") == _slots_of(distribution)
    assert chosen("groups") == set(ROLES)
    assert chosen("one_sided") == {"documented", "completed"}
    assert chosen("egress") == {"documented", "all"}


@each_distribution
def test_a_peer_has_the_four_kinds_of_value_and_a_label(distribution: str) -> None:
    fields = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "security_group_id", "label")
    expected = f"map(object({{ {', '.join(f'{field} = optional(string)' for field in fields)} }}))"
    assert DOCUMENTS[distribution]["variable"]["peers"]["type"] == expected


@each_distribution
def test_outputs_and_their_preconditions_say_something(distribution: str) -> None:
    outputs = DOCUMENTS[distribution]["output"]
    assert set(outputs) == {"security_group_ids", "security_group_arns", "rules"}
    conditions = []
    for output in outputs.values():
        assert output["description"].endswith(".")
        conditions += output.get("precondition", [])
    assert len(conditions) >= 2
    for condition in conditions:
        assert re.match(r"(peers|slots|groups)(, groups)*: write ", condition["error_message"])


@each_distribution
def test_only_slots_that_are_meant_for_everybody_let_everybody_in(distribution: str) -> None:
    everybodys = {"ui_api_clients", "ingress_clients", "nodeport_clients"}
    resources, values = DOCUMENTS[distribution]["resource"], DOCUMENTS[distribution]["locals"]
    for template in values["templates_with_peers"].values():
        for part in template["parts"]:
            assert part["for_everybody"] == (part["slot"] in everybodys)
    let_in: dict[str, set[str]] = {}
    for fact in facts(distribution):
        if fact.flow.direction == "ingress" and fact.flow.peer not in ROLES:
            let_in.setdefault(_name(fact.flow), set()).add(fact.flow.peer)
    guarded = {
        name: rule["lifecycle"]["precondition"] for name, rule in resources[INGRESS].items() if "lifecycle" in rule
    }
    assert set(guarded) == {name for name, slots in let_in.items() if slots - everybodys}
    for name, (precondition,) in guarded.items():
        assert precondition["condition"] == "${each.value.for_everybody || !local.wide[each.key]}"
        (named,) = re.findall(r"meant for everybody \(([a-z_, ]+)\)", precondition["error_message"])
        assert set(named.split(", ")) == everybodys
        template = values["templates_with_peers"][name]
        assert f"for {template['role']} ingress {template['port']}, " in precondition["error_message"]
    assert not [rule for rule in resources[EGRESS].values() if "lifecycle" in rule]


@each_distribution
def test_versions_are_ranges_without_an_end(distribution: str) -> None:
    terraform = DOCUMENTS[distribution]["terraform"]
    versions = [terraform["required_version"], terraform["required_providers"]["aws"]["version"]]
    assert all(re.fullmatch(r">= [0-9.]+", version) for version in versions)
    assert terraform["required_providers"] == {"aws": {"source": "hashicorp/aws", "version": versions[1]}}
    assert all(f"`{version}`" in PAGES[distribution].partition("## Versions")[2] for version in versions)


@each_distribution
def test_a_module_leaves_provider_and_backend_to_its_caller(distribution: str) -> None:
    document = DOCUMENTS[distribution]
    assert set(document) == {"locals", "resource", "variable", "output", "terraform"}
    assert set(document["terraform"]) == {"required_version", "required_providers"}
    resources = [resource for some in document["resource"].values() for resource in some.values()]
    assert not [resource for resource in resources if "provider" in resource]


@each_distribution
def test_nothing_in_a_module_is_of_the_machine_that_made_it(distribution: str) -> None:
    for text in [*_texts(DOCUMENTS[distribution]), PAGES[distribution]]:
        assert str(ROOT) not in text
        assert not re.search(r"/(home|root|tmp|Users)/", text)


@each_distribution
def test_every_reference_is_to_something_in_the_module(distribution: str) -> None:
    document = DOCUMENTS[distribution]
    referred = {
        match
        for text in _texts(document)
        for match in re.findall(r"\b(var|local|aws_security_group)\.([a-z_0-9]+)", text)
    }
    known = {"var": document["variable"], "local": document["locals"], "aws_security_group": set(ROLES)}
    assert {kind for kind, _ in referred} == set(known)
    assert [(kind, name) for kind, name in referred if name not in known[kind]] == []
    # What is defined is used.
    for kind in ("var", "local"):
        assert {name for of, name in referred if of == kind} == set(known[kind])


# The page.


@each_distribution
def test_the_page_has_every_input_and_output_with_what_it_is(distribution: str) -> None:
    text = PAGES[distribution]
    for name, variable in DOCUMENTS[distribution]["variable"].items():
        (row,) = re.findall(rf"^\| `{name}` \| (.*) \|$", text.partition("## Outputs")[0], re.MULTILINE)
        assert f"`{variable['type']}`" in row
        expected = "none: it has to be given" if name == "vpc_id" else f"`{json.dumps(variable['default'])}`"
        assert row.endswith(f" | {expected}")
    for name in DOCUMENTS[distribution]["output"]:
        assert re.search(rf"^\| `{name}` \| .*\. \|$", text.partition("## Outputs")[2], re.MULTILINE)


@each_distribution
def test_the_page_has_every_network_feature_and_source(distribution: str) -> None:
    text = PAGES[distribution]
    default, *others = NETWORKS[distribution]
    assert f"With the container network {default}, the default." in text
    headings = re.findall("^### (.*)$", text, re.MULTILINE)
    networks = [heading for heading in headings if " in place of " in heading]
    assert sorted(networks) == sorted(f"{cni} in place of {default}" for cni in others)
    assert set(headings) - set(networks) == features(distribution)
    listed_sources = re.findall(r"^\d+\. (.*)$", text.partition("## Sources")[2], re.MULTILINE)
    documents = {document for row in TABLES[distribution].requirements for document in row.source.split("; ")}
    assert set(listed_sources) == documents
    assert len(listed_sources) == len(documents)


@each_distribution
def test_the_page_shows_a_call_of_its_own_module_with_inputs_that_there_are(distribution: str) -> None:
    (usage,) = re.findall(r"```hcl\n(.*?)```", PAGES[distribution], re.DOTALL)
    assert f"//modules/{distribution}?ref=" in usage
    inputs = set(re.findall(r"^  ([a-z_]+) +=", usage, re.MULTILINE)) - {"source"}
    assert {"vpc_id", "peers", "slots"} <= inputs <= set(INPUTS)
    assert set(re.findall(r"^    ([a-z_]+) += \[", usage, re.MULTILINE)) <= _slots_of(distribution)


@each_distribution
def test_the_pages_example_of_an_address_is_one(distribution: str) -> None:
    (type_, name) = re.findall(r"`module\.ports\.([a-z_]+)\.([a-z0-9_-]+)\[\"office\"\]`", PAGES[distribution])[0]
    assert "for_each" in DOCUMENTS[distribution]["resource"][type_][name]


@each_distribution
def test_prose_on_the_page_is_at_most_120_wide(distribution: str) -> None:
    prose = PAGES[distribution].partition("\n## Ports")[0]
    assert [line for line in prose.splitlines() if len(line) > 120 and not line.startswith("|")] == []
