"""Reviews for code scanning: every result at the line of its block, and where each block of a stack stands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.cli import commands
from rancher_ports.model.findings import Finding
from rancher_ports.readers.positions import lines
from rancher_ports.render.review_sarif import MOST_RESULTS, Origin, check_to_sarif
from tests.conftest import GOLDENS, PLANS
from tests.unit.hostile import FRAGMENTS
from tests.unit.strategies import FEW

WORLD = PLANS / "opened-to-the-world"
NAMES = st.text('ab"\\\\{}[]:,\n\t \u00e9\u2028', max_size=3)
PLAIN = st.sampled_from(["a", "b", "c_d"])
VALUES = st.sampled_from([None, 7, "", '"}', [], {}, [{"a": ["]"]}], {'"': {"}": "{"}}])


def _sarif(*arguments: str) -> Any:
    run = CliRunner().invoke(commands, (*arguments, "--format", "sarif"), prog_name="rancher-ports")
    assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
    assert run.exit_code in (0, 3), run.output
    (log,) = json.loads(run.stdout)["runs"]
    rules = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
    for result in log["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert len(result["locations"]) == 1
    return log


def _at(location: Any) -> tuple[str, int]:
    place = location["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def _named(uri: str, line: int) -> str:
    """The name of the block that begins in a line."""
    return Path(uri).read_text("utf-8").splitlines()[line - 1].strip().partition('"')[2].partition('"')[0]


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*.json")), ids=lambda path: path.stem)
def test_each_block_of_a_stack_is_found_at_its_line(path: Path) -> None:
    text = path.read_text("utf-8")
    document = json.loads(text)
    expected = {f"{type_}.{name}" for type_, some in document.get("resource", {}).items() for name in some}
    expected |= {f"data.{type_}.{name}" for type_, some in document.get("data", {}).items() for name in some}
    found = lines(text)
    assert set(found) == expected
    every = text.splitlines()
    for address, line in found.items():
        assert every[line - 1].strip() == f'"{address.rpartition(".")[2]}": {{'


@FEW
@given(
    st.dictionaries(PLAIN, st.dictionaries(PLAIN, st.dictionaries(NAMES, VALUES, max_size=3))),
    st.dictionaries(PLAIN, VALUES),
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.sampled_from([None, 0, 1, 4, "\t"]),
    st.booleans(),
)
def test_blocks_are_found_however_the_json_is_laid_out(
    resource: Any, module: Any, more: Any, indent: Any, ascii_only: bool
) -> None:
    document = {**more, "module": module, "resource": resource}
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    found = lines(text)
    names = {f"{type_}.{name}": name for type_, some in resource.items() for name in some}
    names |= {f"module.{name}": name for name in module}
    assert set(found) == set(names)
    # Other line ends than this one are part of a text.
    every = text.split("\n")
    for address, name in names.items():
        assert f"{json.dumps(name)}:" in every[found[address] - 1]


@pytest.mark.parametrize("text", ["", "[", "{", '{"resource": [', '{"a" 1}', "7"])
def test_of_what_is_no_json_no_lines_are_told_and_nothing_breaks(text: str) -> None:
    assert lines(text) == {}


def test_of_json_that_breaks_off_the_lines_are_told_up_to_there() -> None:
    assert lines('{"resource": {"a":\n {"b": {') == {"a.b": 2}


def test_what_is_opened_stands_at_the_rule_that_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(WORLD)
    for sources in (["before", "after"], ["plan.json", "--synthesized", "after"]):
        results = _sarif("review", *sources)["results"]
        said = {(result["ruleId"], result["level"], _named(*_at(result["locations"][0]))) for result in results}
        assert said == {
            ("opened-to-the-world", "error", "everybody"),
            ("opened-to-the-world", "error", "everybody_v6"),
        }
        assert {_at(result["locations"][0])[0] for result in results} == {"after/cdk.tf.json"}


def test_without_what_it_was_synthesized_from_it_stands_at_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a plan.json").write_bytes((WORLD / "plan.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert {_at(one["locations"][0]) for one in _sarif("review", "a plan.json")["results"]} == {("a%20plan.json", 1)}
    elsewhere = {_at(one["locations"][0])[0] for one in _sarif("review", str(WORLD / "plan.json"))["results"]}
    assert elsewhere == {(WORLD / "plan.json").as_uri()}


def test_findings_stand_at_their_rules_and_at_the_groups_of_their_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PLANS / "group-replaced")
    (replaced,) = [one for one in _sarif("review", "before", "after")["results"] if one["ruleId"] == "replaced-group"]
    assert (replaced["level"], _named(*_at(replaced["locations"][0]))) == ("warning", "etcd")
    monkeypatch.chdir(PLANS / "no-change")
    results = _sarif("check", "after", "--distribution", "rke2")["results"]
    missing = [one for one in results if one["ruleId"] == "missing" and "etcd does not reach controlplane" in str(one)]
    assert missing
    for result in missing:
        places = [result["locations"][0], *result["relatedLocations"]]
        assert {_named(*_at(place)) for place in places} == {"etcd", "controlplane"}


def test_what_a_module_makes_stands_where_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PLANS / "nested-unknown-peer")
    results = _sarif("review", "plan.json", "--synthesized", "after", "--fail-on", "")["results"]
    assert "cluster" in {_named(*_at(result["locations"][0])) for result in results}


def test_instances_stand_at_their_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PLANS / "for-each")
    (result,) = _sarif("review", "before", "after")["results"]
    assert (result["ruleId"], _named(*_at(result["locations"][0]))) == ("widened", "office")


def test_a_rule_in_a_file_beside_the_stack_stands_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in ("before", "after"):
        shutil.copytree(WORLD / "before", tmp_path / side)
    rule = {
        "security_group_id": "${aws_security_group.worker.id}",
        "ip_protocol": "tcp",
        "from_port": 22,
        "to_port": 22,
    }
    document = {"resource": {"aws_vpc_security_group_ingress_rule": {"rogue": {**rule, "cidr_ipv4": "0.0.0.0/0"}}}}
    (tmp_path / "after" / "more.tf.json").write_text(json.dumps(document, indent=1), "utf-8")
    (tmp_path / "after" / "settings.tf").write_text("terraform {\n}\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    (result,) = _sarif("review", "before", "after")["results"]
    assert _at(result["locations"][0]) == ("after/more.tf.json", 4)


def test_of_several_stacks_each_is_told_by_its_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in ("before", "after"):
        for stack, shape in (("one", WORLD), ("two", PLANS / "port-range-widened")):
            folder = tmp_path / side / "stacks" / stack
            folder.mkdir(parents=True)
            (folder / "cdk.tf.json").write_bytes((shape / side / "cdk.tf.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    found = [_at(one["locations"][0]) for one in _sarif("review", "before", "after")["results"]]
    assert {(uri, _named(uri, line)) for uri, line in found} == {
        ("after/stacks/one/cdk.tf.json", "everybody"),
        ("after/stacks/one/cdk.tf.json", "everybody_v6"),
        ("after/stacks/two/cdk.tf.json", "office"),
    }
    checked = _sarif("check", "after", "--distribution", "rke1", "--fail-on", "error")["results"]
    # Both have groups of the same roles, so that what is missing is missing in either.
    related = {_at(place)[0] for one in checked for place in one.get("relatedLocations", ())}
    assert "after/stacks/two/cdk.tf.json" in related


def test_plans_stand_at_the_lines_of_whichever_stack_has_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stack, shape in (("one", WORLD), ("two", PLANS / "port-range-widened")):
        folder = tmp_path / "cdktf.out" / "stacks" / stack
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_bytes((shape / "after" / "cdk.tf.json").read_bytes())
        (tmp_path / f"{stack}.json").write_bytes((shape / "plan.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    for plans in (["two.json"], ["one.json", "two.json"]):
        results = _sarif("review", *plans, "--synthesized", "cdktf.out")["results"]
        found = {_at(place) for one in results for place in [*one["locations"], *one.get("relatedLocations", ())]}
        assert ("cdktf.out/stacks/two/cdk.tf.json", "office") in {(uri, _named(uri, line)) for uri, line in found}


def _finding(place: str, severity: Any = "warning") -> Finding:
    code = {"error": "quota", "warning": "missing", "info": "empty-slot"}[severity]
    return Finding(code, severity, place, f"Something is so at {place}.", "Mend it.")


def _log(*findings: Finding) -> Any:
    (log,) = json.loads(check_to_sarif(findings, Origin("plan.json", {}, "1.0")))["runs"]
    return log


def test_a_result_is_known_again_and_no_two_are_the_same() -> None:
    findings = [_finding("a"), _finding("b"), _finding("a", "error")]
    prints = [[one["partialFingerprints"]["rancherPorts/v1"] for one in _log(*findings)["results"]] for _ in range(2)]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 3


def test_no_more_results_are_told_than_are_shown_and_the_gravest_are_among_them() -> None:
    log = _log(*(_finding(str(index), "info") for index in range(MOST_RESULTS)), _finding("grave", "error"))
    assert (len(log["results"]), log["results"][0]["level"]) == (MOST_RESULTS, "error")
    (notice,) = log["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"] == "1 further results are left out."
    assert not _log(_finding("a"))["invocations"][0]["toolExecutionNotifications"]


@pytest.mark.parametrize("text", [*FRAGMENTS, "[here](https://example.com)", "x" * 1_000_000])
def test_whatever_stands_in_names_is_text_in_a_message(text: str) -> None:
    (result,) = _log(_finding(text))["results"]
    said = result["message"]["text"]
    assert said.isprintable()
    assert len(said) <= 2_000
    # In a message of SARIF that would be a link.
    assert "](" not in said.replace("\\]", "")
