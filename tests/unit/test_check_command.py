"""``rancher-ports check`` as it is typed: of plans, states and folders."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rancher_ports.cli import commands
from tests.conftest import GOLDENS, PLANS

SHIPPED = json.loads((GOLDENS / "shipped-settings.json").read_text("utf-8"))
SETTINGS = Path(__file__).parents[2] / "cdktf.json"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ("check", *arguments), prog_name="rancher-ports")


def _folder(path: Path, document: Any) -> str:
    path.mkdir()
    (path / "cdk.tf.json").write_text(json.dumps(document), "utf-8")
    return str(path)


def _without(*names: str) -> Any:
    """The shipped stack without the resources of which the names hold one of these."""
    document = copy.deepcopy(SHIPPED)
    for type_ in list(document["resource"]):
        some = document["resource"][type_]
        document["resource"][type_] = {n: of for n, of in some.items() if not any(name in n for name in names)}
    return document


def test_what_the_app_synthesizes_lacks_nothing(tmp_path: Path) -> None:
    run = _run(_folder(tmp_path / "stack", SHIPPED), "--settings", str(SETTINGS))
    assert (run.exit_code, run.stderr) == (0, "")
    of = "  Rancher v2.x on RKE1, container network canal\n  rancher: rancher, etcd, controlplane, worker\n"
    assert f"\nChecked\n{of}" in run.stdout
    assert "missing" not in run.stdout


@pytest.mark.parametrize("command", ["check", "review"])
def test_peers_that_settings_put_into_slots_have_to_be_let_in(command: str, tmp_path: Path) -> None:
    folder, settings = _folder(tmp_path / "stack", SHIPPED), json.loads(SETTINGS.read_text("utf-8"))
    given = settings["context"]["rancher_ports"]
    given["peers"]["branch"] = {"cidr": "198.51.100.0/24"}
    given["slots"]["ui_api_clients"].append("branch")
    path = tmp_path / "cdktf.json"
    path.write_text(json.dumps(settings), "utf-8")
    sources = [folder] if command == "check" else [folder, folder]
    arguments = (command, *sources, "--settings", str(path), "--fail-on", "missing")
    run = CliRunner().invoke(commands, arguments, prog_name="rancher-ports")
    assert (run.exit_code, run.stderr) == (3, "--fail-on: there is missing\n")
    assert 'missing at "rancher: ui_api_clients to rancher"' in run.stdout


def test_of_another_distribution_it_lacks_much(tmp_path: Path) -> None:
    run = _run(_folder(tmp_path / "stack", SHIPPED), "--distribution", "rke2", "--format", "json")
    assert run.exit_code == 3
    assert "there is missing" in run.stderr
    found = json.loads(run.stdout)["findings"]
    assert any("9345/tcp" in finding["sentence"] and finding["code"] == "missing" for finding in found)


def test_a_rule_less_is_told_by_row_and_document(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "stack", _without("etcd_from_controlplane_tcp_2379"))
    run = _run(folder, "--format", "markdown")
    assert run.exit_code == 3
    assert "rke1/etcd/ingress/2379/tcp" in run.stdout.replace("\\", "")
    assert run.stderr == "--fail-on: there is one-sided\n"
    assert _run(folder, "--fail-on", "error").exit_code == 0


def test_stacks_are_looked_at_together(tmp_path: Path) -> None:
    cluster, server = _without("rancher_rancher"), copy.deepcopy(SHIPPED)
    for some in server["resource"].values():
        for name in [name for name in some if not name.startswith("rancher_rancher")]:
            del some[name]
    folders = [_folder(tmp_path / name, of) for name, of in (("server", server), ("cluster", cluster))]
    alone = _run(folders[1])
    assert "unchecked-role" in alone.stdout
    together = _run(*folders)
    assert "unchecked-role" not in together.stdout
    # Each names the other's groups by expressions of its own stack, which the other has not.
    assert "Not counted where something is needed, since not all of it is known before apply" in together.stdout


@pytest.mark.parametrize("source", ["state.json", "plan.json", "after"])
def test_a_state_a_plan_and_a_folder_of_the_same_say_the_same(source: str) -> None:
    shape = PLANS / "created-from-nothing"
    run = _run(str(shape / source), "--format", "json")
    found = json.loads(run.stdout)["findings"]
    expected = json.loads(_run(str(shape / "plan.json"), "--format", "json").stdout)["findings"]
    assert found == expected
    missing = [finding["sentence"] for finding in found if finding["code"] in ("missing", "one-sided")]
    assert missing
    assert not [sentence for sentence in missing if "controlplane does not reach etcd on 2379/tcp" in sentence]


def test_groups_in_modules_are_found_in_a_state() -> None:
    run = _run(str(PLANS / "nested-unknown-peer" / "state.json"))
    assert "\n  prod: etcd, controlplane\n" in run.stdout


def test_groups_of_no_role_are_left_alone() -> None:
    run = _run(str(PLANS / "count" / "plan.json"), "--role", "worker=aws_security_group.pool[0]")
    assert "\n  cluster: worker\n" in run.stdout


def test_rules_that_are_not_known_are_said_not_to_count() -> None:
    run = _run(str(PLANS / "unknown-block" / "plan.json"))
    said = "Not counted where something is needed, since not all of it is known before apply"
    assert f"{said}: aws_vpc_security_group_ingress_rule.nat" in run.stdout


def test_a_group_that_others_make_is_not_judged() -> None:
    run = _run(str(PLANS / "brought-group" / "plan.json"), "--role", "prod/rancher=sg-0123456789abcdef0")
    assert "egress of rancher" not in run.stdout
    assert "unchecked-role" not in run.stdout


def test_quotas_are_those_that_are_said() -> None:
    shape = str(PLANS / "over-quota" / "plan.json")
    assert "error quota at prod/worker: The group of prod/worker has 61 ingress rules" in _run(shape).stdout
    assert "quota" not in _run(shape, "--rules-per-group", "61").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--distribution", "rke3"), 'did you mean "rke2"?'),
        (("--cni", "cillium"), "--cni"),
        (("--feature", "monitorin"), "did you mean"),
        (("--fail-on", "widened"), "expected one of error"),
        (("--fail-on", "recreated-rule"), "expected one of error"),
        ((str(PLANS),), "folders; or the JSON of plans and states"),
        (("--role", "etcd=none"), "the address or id of a group"),
    ],
)
def test_what_is_typed_wrong_is_told_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    run = _run(str(PLANS / "no-change" / "plan.json"), *arguments)
    assert (run.exit_code, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert said in run.stderr


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "format 1.x"),
        ([], "a mapping"),
        ({"format_version": "1.0"}, "no group of a role"),
        ({"format_version": "1.0", "values": {"root_module": {"resources": 7}}}, "a list"),
        ({"format_version": "1.0", "other": 1}, "the JSON of a plan"),
    ],
)
def test_what_is_neither_plan_nor_state_is_told_in_one_line(document: Any, said: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(document), "utf-8")
    run = _run(str(tmp_path / "x.json"))
    assert (run.exit_code, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert said in run.stderr


@pytest.mark.parametrize(("command", "given"), [("check", []), ("review", []), ("review", ["--format", "html"])])
def test_a_folder_that_the_format_would_not_look_at_is_refused(command: str, given: list[str]) -> None:
    plan = str(PLANS / "no-change" / "plan.json")
    done = CliRunner().invoke(
        commands, (command, plan, "--synthesized", "cdktf.out", *given), prog_name="rancher-ports"
    )
    assert (done.exit_code, "--synthesized" in done.output) == (2, True)
