"""``rancher-ports review`` as it is typed; what it is given may be anything."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.cli import commands
from tests.conftest import GOLDENS, PLANS, ROOT
from tests.unit.strategies import FEW
from tests.unit.test_planned_reader import plan

WORLD = str(PLANS / "opened-to-the-world" / "plan.json")
SHAPES = sorted(path.name for path in PLANS.iterdir())


def _run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(commands, ("review", *arguments), prog_name="rancher-ports", input=stdin)


@pytest.mark.parametrize(("format_", "ending"), [("text", "txt"), ("markdown", "md"), ("json", "json")])
def test_each_format_is_what_was_recorded(format_: str, ending: str) -> None:
    run = _run(WORLD, "--format", format_)
    assert (run.exit_code, run.stderr) == (0, "")
    recorded = (PLANS / "opened-to-the-world" / f"review.{ending}").read_text("utf-8")
    if format_ == "json":
        assert json.loads(run.stdout) == json.loads(recorded)
    else:
        assert run.stdout == recorded


def test_the_page_has_the_reason_that_somebody_asks_for(tmp_path: Path) -> None:
    shape = str(PLANS / "opened-to-the-world" / "plan.json")
    plain, documented = (_run(shape, *more, "--format", "html") for more in ((), ("--distribution", "rke2")))
    assert (plain.exit_code, plain.stderr) == (documented.exit_code, documented.stderr) == (0, "")
    for run in (plain, documented):
        assert "<h1>Opens ports to the world</h1>" in run.stdout
    row = "2379/tcp, etcd client requests: ingress, egress (derived)"
    assert (row in plain.stdout, row in documented.stdout) == (False, True)
    settings = {"region": "us-east-1", "distribution": "rke2", "peers": {}, "slots": {}}
    path = tmp_path / "cdktf.json"
    path.write_text(json.dumps({"context": {"rancher_ports": settings}}), "utf-8")
    filled = _run(shape, "--settings", str(path), "--format", "html")
    # Nobody is in the slot by which it might be meant.
    assert "In no document" in filled.stdout
    assert "30000-32767/tcp+udp, NodePort" not in filled.stdout


def test_the_page_has_the_rows_that_rules_name_themselves(tmp_path: Path) -> None:
    document = json.loads(Path(WORLD).read_text("utf-8"))
    for change in document["resource_changes"]:
        for side in ("before", "after"):
            if change["type"].endswith("_rule") and change["change"][side]:
                change["change"][side]["tags"] = {"rancher-ports:requirement": "rke2/etcd/ingress/2379/tcp"}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), "utf-8")
    said = _run(str(path), "--format", "html").stdout
    assert "Documented, by the tags of the rules</h4><ul><li>rke2/etcd/ingress/2379/tcp: etcd client requests" in said


def test_a_plan_comes_from_the_standard_input_and_the_review_goes_into_a_file(tmp_path: Path) -> None:
    run = _run("-", "--output", str(tmp_path / "review.txt"), stdin=Path(WORLD).read_bytes())
    assert (run.exit_code, run.output) == (0, "")
    assert (tmp_path / "review.txt").read_text("utf-8") == _run(WORLD).stdout
    again = _run(WORLD, "--output", str(tmp_path / "review.txt"))
    assert again.exit_code == 2
    assert "a file that is not there yet, or --force" in again.stderr


def test_a_plan_may_be_in_what_powershell_writes() -> None:
    text = Path(WORLD).read_text("utf-8")
    assert _run("-", stdin=text.encode("utf-16")).stdout == _run(WORLD).stdout


def test_two_folders_are_reviewed_without_an_engine(tmp_path: Path) -> None:
    shape = PLANS / "opened-to-the-world"
    run = _run(str(shape / "before"), str(shape / "after"))
    assert (run.exit_code, run.stdout) == (0, (shape / "review.txt").read_text("utf-8"))
    # As an app is synthesized.
    for side in ("before", "after"):
        stack = tmp_path / side / "cdktf.out" / "stacks" / "rancher"
        stack.mkdir(parents=True)
        (stack / "cdk.tf.json").write_bytes((shape / side / "cdk.tf.json").read_bytes())
    assert _run(*(str(tmp_path / side / "cdktf.out") for side in ("before", "after"))).stdout == run.stdout


def test_of_several_plans_the_addresses_say_which_they_are_of() -> None:
    run = _run(WORLD, str(PLANS / "rule-removed" / "plan.json"))
    assert f"{WORLD}: aws_vpc_security_group_ingress_rule.everybody" in run.stdout
    # The groups are the same, by their ids: what the other plan takes from the office, this one opens to everybody.
    assert "0.0.0.0/0 but for 203.0.113.0/24 -> prod/worker: opens 443/tcp\n" in run.stdout
    assert "\n2 changes: 2 opened to the world; 1 pair unchanged; 3 rules before and 4 after" in run.stdout


@pytest.mark.parametrize(
    ("shape", "gates", "code", "there"),
    [
        ("opened-to-the-world", "widened,world", 3, "widened, world"),
        ("opened-to-the-world", "narrowed, undecided", 0, ""),
        ("rule-removed", "widened", 0, ""),
        ("rule-removed", "narrowed", 3, "narrowed"),
        ("unknown-block", "widened", 3, "widened"),
        ("unknown-block", "undecided", 3, "undecided"),
        ("duplicate", "refused-duplicate", 3, "refused-duplicate"),
        ("over-quota", "error", 3, "error"),
        ("no-change", "world,widened,undecided,narrowed,error,warning,info", 0, ""),
    ],
)
def test_gates_end_with_a_code_of_their_own(shape: str, gates: str, code: int, there: str) -> None:
    run = _run(str(PLANS / shape / "plan.json"), "--fail-on", gates)
    assert run.exit_code == code
    assert run.stderr == (f"--fail-on: there is {there}\n" if there else "")


def test_somebody_says_which_group_is_which_roles() -> None:
    shape = str(PLANS / "brought-group" / "plan.json")
    run = _run(shape, "--role", "agents=sg-0123456789abcdef0", "--format", "json")
    ends = [change["destination"] for change in json.loads(run.stdout)["changes"]]
    assert [(end["name"], end["owner"], end["role"]) for end in ends] == [("prod/agents", "prod", "agents")]
    other = _run(shape, "--role", "lab/worker=aws_security_group.worker", "--format", "json")
    assert [change["source"]["name"] for change in json.loads(other.stdout)["changes"]] == ["lab/worker"]
    count = str(PLANS / "count" / "plan.json")
    assert "-> cluster/etcd: opens" in _run(count, "--role", "etcd=aws_security_group.pool[1]").stdout


def test_two_groups_of_one_role_are_told_apart_by_their_addresses() -> None:
    pools = [arg for index in "01" for arg in ("--role", f"etcd=aws_security_group.pool[{index}]")]
    assert "-> aws_security_group.pool[0]: opens" in _run(str(PLANS / "count" / "plan.json"), *pools).stdout


def test_a_quota_may_be_raised() -> None:
    shape = str(PLANS / "over-quota" / "plan.json")
    assert "quota" in _run(shape).stdout
    assert "quota" not in _run(shape, "--rules-per-group", "61").stdout


def _shipped(folder: Path, *without: str) -> str:
    """The shipped stack, without the rules of which the names hold one of these."""
    document = json.loads((GOLDENS / "shipped-settings.json").read_text("utf-8"))
    for type_, some in document["resource"].items():
        document["resource"][type_] = {
            name: of for name, of in some.items() if not any(word in name for word in without)
        }
    folder.mkdir()
    (folder / "cdk.tf.json").write_text(json.dumps(document), "utf-8")
    return str(folder)


def test_one_command_gates_on_what_is_opened_and_on_what_is_missing(tmp_path: Path) -> None:
    before = _shipped(tmp_path / "before")
    after = _shipped(tmp_path / "after", "etcd_from_controlplane_tcp_2379", "controlplane_to_etcd_tcp_2379")
    settings, gates = ("--settings", str(ROOT / "cdktf.json")), ("--fail-on", "widened,world,missing")
    run = _run(before, after, *settings, *gates)
    assert (run.exit_code, run.stderr) == (3, "--fail-on: there is missing\n")
    assert "\nNarrowed\n  rancher/controlplane -> rancher/etcd: closes 2379/tcp\n" in run.stdout
    assert "rancher: controlplane does not reach etcd on 2379/tcp: there is neither" in run.stdout
    assert "\nChecked\n  Rancher v2.x on RKE1, container network canal\n" in run.stdout
    back = _run(after, before, *settings, *gates)
    assert (back.exit_code, back.stderr) == (3, "--fail-on: there is widened\n")
    same = _run(before, before, *settings, *gates, "--format", "json")
    assert (same.exit_code, same.stderr) == (0, "")
    assert json.loads(same.stdout)["checked"][0] == "Rancher v2.x on RKE1, container network canal"
    assert json.loads(_run(before, before, "--format", "json").stdout)["checked"] == []


def test_a_review_finds_what_a_check_finds(tmp_path: Path) -> None:
    before, after = _shipped(tmp_path / "before"), _shipped(tmp_path / "after", "10250")
    options = ("--distribution", "rke2", "--feature", "monitoring", "--format", "json")
    checked = CliRunner().invoke(commands, ("check", after, *options), prog_name="rancher-ports")
    reviewed, alone = (json.loads(_run(before, after, *some).stdout) for some in (options, ("--format", "json")))
    found = json.loads(checked.stdout)
    assert {finding["code"] for finding in found["findings"]} >= {"missing", "empty-slot"}
    assert [each for each in reviewed["findings"] if each not in alone["findings"]] == found["findings"]
    assert reviewed["checked"] == found["of"]
    assert reviewed["changes"] == alone["changes"]


def test_what_is_over_its_quota_is_told_once() -> None:
    run = _run(str(PLANS / "over-quota" / "plan.json"), "--distribution", "rke1", "--fail-on", "quota")
    assert (run.exit_code, run.stdout.count("error quota at")) == (3, 1)


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_what_is_nested_without_end_is_told_in_one_line(depth: int, tmp_path: Path) -> None:
    text = (PLANS / "opened-to-the-world" / "plan.json").read_text("utf-8")
    marks, deep = '"after_unknown": {', f'"after_unknown": {{"cidr_ipv4": {"[" * depth}true{"]" * depth}, '
    assert marks in text
    path = tmp_path / "plan.json"
    path.write_text(text.replace(marks, deep), "utf-8")
    run = _run(str(path))
    assert (run.exit_code, run.stdout, run.stderr.count("\n")) == (2, "", 1)


def test_three_folders_are_no_change() -> None:
    run = _run(*[str(PLANS / "no-change" / "after")] * 3)
    assert (run.exit_code, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert "two folders, BEFORE/ and AFTER/" in run.stderr


def test_of_what_is_destroyed_nothing_is_missing() -> None:
    run = _run(str(PLANS / "destroyed" / "plan.json"), "--distribution", "rke1", "--fail-on", "missing,one-sided")
    assert (run.exit_code, run.stderr) == (0, "")
    assert "Narrows access" in run.stdout


def test_a_comment_says_what_was_checked() -> None:
    shape = str(PLANS / "no-change" / "plan.json")
    run = _run(shape, "--distribution", "rke2", "--cni", "cilium", "--format", "markdown")
    listed = run.stdout.partition("\n### Checked\n\n")[2].splitlines()
    assert "RKE2" in listed[0]
    assert listed[0].endswith("container network cilium")
    assert listed[1] == "- prod: etcd, controlplane, worker"


def test_of_groups_of_which_nobody_says_the_role_nothing_is_checked() -> None:
    run = _run(str(PLANS / "count" / "plan.json"), "--distribution", "rke2")
    assert (run.exit_code, run.stdout) == (2, "")
    assert run.stderr == (
        'rancher-ports: "no group of a role": expected security groups with our tags rancher-ports:owner and '
        "rancher-ports:role, or --role ROLE=ADDRESS\n"
    )


_TYPED = [
    (("--role", "etcd"), "[OWNER/]ROLE=ADDRESS"),
    (("--role", "/etcd=x"), "[OWNER/]ROLE=ADDRESS"),
    (("--role", "etdc=aws_security_group.etcd"), 'did you mean "etcd"?'),
    (("--role", "etcd=aws_security_group.etdc"), 'did you mean "aws_security_group.etcd"?'),
    (("--role", "etcd=a", "--role", "worker=a"), "each group once"),
    (("--fail-on", "widend"), 'did you mean "widened"?'),
    (("--fail-on", "missing"), '"missing": expected it together with --distribution or --settings, or `rancher-ports'),
    (("--distribution", "rke2", "--fail-on", "mising"), 'did you mean "missing"?'),
    (("--cni", "wave"), 'did you mean "weave"?'),
    ((WORLD, str(PLANS)), "two folders, BEFORE/ and AFTER/"),
    (("--fail-on", ","), "expected one of world"),
    ((str(ROOT / "tests" / "none.json"),), "a file that can be read"),
]


@pytest.mark.parametrize(("arguments", "said"), _TYPED)
def test_what_is_typed_wrong_is_told_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    run = _run(WORLD, *arguments)
    assert (run.exit_code, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith("rancher-ports: ")
    assert said in run.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing: expected JSON"),
        (b"{", "expected JSON"),
        (b"PK\x03\x04", "terraform show -json"),
        (b"\xff\xfe\x00", "expected JSON"),
        (b"[" * 100_000, "expected JSON"),
        (b"[]", "expected a mapping"),
        (b"{}", "the JSON of a plan"),
        (b'{"values": {}}', "a state"),
        (json.dumps({"planned_values": {}, "configuration": {}, "format_version": "2.0"}).encode(), "format 1.x"),
        (json.dumps(plan(errored=True)).encode(), "a partial plan"),
    ],
)
def test_what_is_no_plan_is_told_in_one_line(content: bytes, said: str) -> None:
    run = _run("-", stdin=content)
    assert (run.exit_code, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith("rancher-ports: standard input: ")
    assert said in run.stderr


def test_a_folder_without_a_stack_or_with_one_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    run = _run(str(tmp_path / "empty"), str(PLANS / "count" / "after"))
    assert (run.exit_code, run.stderr.count("\n")) == (2, 1)
    assert "no stack" in run.stderr
    for name in ("one", "two"):
        (tmp_path / name / "cdk.tf.json").mkdir(parents=True)
    run = _run(str(tmp_path), str(PLANS / "count" / "after"))
    assert (run.exit_code, run.stderr.count("\n")) == (2, 1)
    assert "and 1 more" in run.stderr


_WRONG: list[Any] = [None, True, 7, -1, 0.5, "", "x", "${x}", [], ["x"], [None], {}, {"x": 1}, [[[]]], "\x1b[31m\n"]


def _mangled(document: Any, random: Random) -> Any:
    """A document of which something somewhere is of another form."""
    document = copy.deepcopy(document)
    at = document
    while isinstance(at, (dict, list)) and at:
        keys = list(at) if isinstance(at, dict) else range(len(at))
        key = random.choice(keys)
        if not at[key] or not isinstance(at[key], (dict, list)) or random.random() < 0.1:
            at[key] = random.choice(_WRONG)
            break
        at = at[key]
    return document


@FEW
@given(st.randoms(use_true_random=False))
def test_whatever_is_wrong_in_a_plan_or_a_stack_it_is_reviewed_or_told_in_one_line(random: Random) -> None:
    shape = PLANS / random.choice(SHAPES)
    source = random.choice(["plan.json", "before", "after"])
    original = shape / source if source == "plan.json" else shape / source / "cdk.tf.json"
    content = original.read_bytes()
    if random.random() < 0.1:
        content = content[: random.randrange(len(content))]
    else:
        document = json.loads(content)
        for _ in range(random.randint(1, 4)):
            document = _mangled(document, random)
        content = json.dumps(document).encode()
    with tempfile.TemporaryDirectory() as folder:
        arguments = [f"{folder}/plan.json"]
        Path(folder, "plan.json").write_bytes(content)
        if source != "plan.json":
            arguments = [str(shape / side) for side in ("before", "after")]
            Path(folder, "cdk.tf.json").write_bytes(content)
            arguments[random.randint(0, 1)] = folder
        run = _run(*arguments, "--format", random.choice(["text", "markdown", "json", "html"]))
    assert run.exit_code in (0, 2), run.exception
    assert run.stderr.count("\n") == (1 if run.exit_code else 0)
    assert bool(run.stdout) is (run.exit_code == 0)


def test_a_reader_that_closes_its_pipe_early_is_no_error() -> None:
    shown = f"{sys.executable} -m rancher_ports review {PLANS / 'over-quota' / 'plan.json'} --format json"
    command = ["/bin/sh", "-c", f"{shown} | head -c 10"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
