"""Changes that a reader cannot see through: none of them is called unchanged, and gates stop them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rancher_ports.cli import commands
from rancher_ports.readers.configured_change import read_transition as between_folders
from rancher_ports.readers.planned import read_transition as of_plans
from rancher_ports.review.changes import Review
from rancher_ports.review.gates import met
from rancher_ports.review.plan import review
from tests.conftest import GOLDENS
from tests.unit.test_planned_reader import GROUP, INGRESS, OLD, change, plan

LIST = "aws_ec2_managed_prefix_list"
EVERYBODY = "0.0.0.0/0"


def _stack(rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    plain = {"security_group_id": f"${{{GROUP}.w.id}}", "ip_protocol": "tcp", "from_port": 443, "to_port": 443}
    return {"resource": {GROUP: {"w": {"description": "d"}}, INGRESS: {"x": {**plain, **rule}}}, **more}


def _between(before: dict[str, Any], after: dict[str, Any]) -> Review:
    return review(between_folders({"": before}, {"": after}))


def _local(value: Any) -> dict[str, Any]:
    return {"locals": {"x": value}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # The text of the expression differs, and has the same references, or none.
        (_stack({"cidr_ipv4": '${format("10.0.0.0/%d", 8)}'}), _stack({"cidr_ipv4": '${format("0.0.0.0/%d", 0)}'})),
        (_stack({"cidr_ipv4": "${var.a}/8"}), _stack({"cidr_ipv4": "${var.a}/0"})),
        (_stack({"cidr_ipv4": EVERYBODY, "to_port": "${443}"}), _stack({"cidr_ipv4": EVERYBODY, "to_port": "${22}"})),
        (_stack({"cidr_ipv4": EVERYBODY, "count": "${var.n}"}), _stack({"cidr_ipv4": EVERYBODY, "count": "${1}"})),
        # What it mentions differs: a local, a local's local, a variable.
        (_stack({"cidr_ipv4": "${f(local.x)}"}, **_local(1)), _stack({"cidr_ipv4": "${f(local.x)}"}, **_local(2))),
        (
            _stack({"cidr_ipv4": "${f(local.x)}"}, locals={"x": "${f(local.y)}", "y": ["a"]}),
            _stack({"cidr_ipv4": "${f(local.x)}"}, locals={"x": "${f(local.y)}", "y": ["b"]}),
        ),
        (
            _stack({"cidr_ipv4": "${local.x.office}"}, locals={"x": {"office": "10.0.0.0/8"}}),
            _stack({"cidr_ipv4": "${local.x.office}"}, locals={"x": {"office": EVERYBODY}}),
        ),
        (
            _stack({"cidr_ipv4": '${var.a["b"]}'}, variable={"a": {"default": {"b": "10.0.0.0/8"}}}),
            _stack({"cidr_ipv4": '${var.a["b"]}'}, variable={"a": {"default": {"b": EVERYBODY}}}),
        ),
        (
            _stack({"cidr_ipv4": "${data.aws_ip_ranges.x.cidr_blocks[0]}"}, data={"aws_ip_ranges": {"x": {"a": "1"}}}),
            _stack({"cidr_ipv4": "${data.aws_ip_ranges.x.cidr_blocks[0]}"}, data={"aws_ip_ranges": {"x": {"a": "2"}}}),
        ),
        (
            _stack({"cidr_ipv4": "${var.a}"}, variable={"a": {"default": "10.0.0.0/8"}}),
            _stack({"cidr_ipv4": "${var.a}"}, variable={"a": {"default": EVERYBODY}}),
        ),
    ],
)
def test_expressions_that_come_to_something_else_are_undecided(before: dict[str, Any], after: dict[str, Any]) -> None:
    made = _between(before, after)
    assert made.verdict == "undecided"
    assert met(["widened", "world"], made.changes, made.findings) == ("widened", "world")
    # And what comes to the same is the same.
    for side in (before, after):
        assert _between(side, json.loads(json.dumps(side))).verdict == "unchanged"


def test_a_local_that_is_written_out_is_followed_to_ports_as_well() -> None:
    rule = {"cidr_ipv4": EVERYBODY, "from_port": "${local.x}", "to_port": "${local.x}"}
    made = _between(_stack(rule, **_local(443)), _stack(rule, **_local(22)))
    assert [(str(change.opened[0]), str(change.closed[0]), change.world) for change in made.changes] == [
        ("22/tcp", "443/tcp", True)
    ]


def test_what_is_mentioned_by_many_is_followed_once() -> None:
    # By each way to it, this would take as many steps as there are ways: 2 to the power of 60.
    local = {f"{side}{n}": f"${{f(local.a{n + 1}, local.b{n + 1})}}" for n in range(60) for side in "ab"}
    stack = _stack({"cidr_ipv4": "${f(local.a0)}"}, locals={**local, "a60": 1, "b60": 2})
    other = json.loads(json.dumps(stack))
    other["locals"]["b60"] = 3
    assert [_between(stack, side).verdict for side in (stack, other)] == ["unchanged", "undecided"]


@pytest.mark.parametrize("several", [False, True])
def test_dynamic_blocks_in_folders_are_undecided(several: bool) -> None:
    def stack(block: str) -> dict[str, Any]:
        ports = {"protocol": "tcp", "from_port": 22, "to_port": 22}
        content = {**ports, "cidr_blocks": [block]}
        dynamic: Any = {"for_each": "${var.some}", "content": [content] if several else content}
        group = {"description": "d", "dynamic": {"ingress": [dynamic] if several else dynamic}}
        return {"resource": {GROUP: {"w": group}}}

    made = _between(stack("10.0.0.0/8"), stack(EVERYBODY))
    assert made.verdict == "undecided"
    assert all(change.world for change in made.changes if change.opened)
    assert any("has dynamic blocks" in note for note in made.notes)
    assert _between(stack(EVERYBODY), stack(EVERYBODY)).verdict == "unchanged"


def _rule(**values: Any) -> dict[str, Any]:
    return {"id": "r", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, **values}


def _of_plan(*changes: dict[str, Any], **more: Any) -> Review:
    return review(of_plans({"plan": plan(*changes, **more)}))


def _secretly(address: str, before: dict[str, Any], after: dict[str, Any], *names: str) -> dict[str, Any]:
    marks: dict[str, Any] = dict.fromkeys(("before_sensitive", "after_sensitive"), dict.fromkeys(names, True))
    return change(address, before, after, **marks)


@pytest.mark.parametrize(
    "changed", [{"from_port": 22, "to_port": 22}, {"ip_protocol": "-1", "from_port": None, "to_port": None}]
)
def test_a_port_that_must_not_be_shown_and_changes_is_undecided(changed: dict[str, Any]) -> None:
    before, after = _rule(cidr_ipv4=EVERYBODY), _rule(cidr_ipv4=EVERYBODY, **changed)
    made = _of_plan(_secretly(f"{INGRESS}.x", before, after, *changed))
    assert made.verdict == "undecided"
    assert met(["widened", "world"], made.changes, ()) == ("widened", "world")
    assert _of_plan(_secretly(f"{INGRESS}.x", before, before, *changed)).verdict == "unchanged"


def test_whether_a_group_lets_itself_in_is_undecided_where_that_must_not_be_shown() -> None:
    values = {
        "id": "r",
        "security_group_id": "sg-1",
        "type": "ingress",
        "protocol": "tcp",
        "from_port": 1,
        "to_port": 1,
    }
    before, after = ({**values, "cidr_blocks": ["10.0.0.0/8"], "self": itself} for itself in (False, True))
    assert _of_plan(_secretly(f"{OLD}.x", before, after, "self")).verdict == "undecided"
    # It may be all that a rule is for.
    alone = {**values, "self": True}
    assert _of_plan(_secretly(f"{OLD}.x", alone, alone, "self")).verdict == "unchanged"


def test_a_rule_that_another_plan_takes_away_is_closed() -> None:
    block = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": [EVERYBODY]}
    group = {"id": "sg-1", "description": "d", "ingress": [block], "egress": []}
    stays, goes = (
        change(f"{GROUP}.w", group, group, ["no-op"]),
        change(f"{INGRESS}.x", _rule(cidr_ipv4=EVERYBODY), None),
    )
    together, apart = {"one": plan(stays, goes)}, {"one": plan(stays), "two": plan(goes)}
    for documents in (together, apart):
        made = review(of_plans(documents))
        assert [(made.verdict, str(one.closed[0])) for one in made.changes] == [("narrowed", "443/tcp")]


def test_addresses_that_nobody_knows_may_be_the_world() -> None:
    rule, unknown = _rule(), {"cidr_ipv4": True}
    made = _of_plan(change(f"{INGRESS}.x", after=rule, after_unknown=unknown))
    assert met(["world"], made.changes, ()) == ("world",)
    secret = _of_plan(change(f"{INGRESS}.x", after=_rule(cidr_ipv4=EVERYBODY), after_sensitive=unknown))
    assert met(["world"], secret.changes, ()) == ("world",)
    group = _of_plan(change(f"{INGRESS}.x", after=rule, after_unknown={"referenced_security_group_id": True}))
    assert met(["world", "widened"], group.changes, ()) == ("widened",)


def test_the_world_is_counted_by_port_over_all_rules() -> None:
    many = [
        change(f"{INGRESS}.r{n}", after=_rule(cidr_ipv4=f"{n}.0.0.0/8", from_port=22, to_port=22 + n)) for n in (20, 30)
    ]
    assert [one.world for one in _of_plan(*many).changes] == [True, True]
    apart = [change(f"{INGRESS}.r{n}", after=_rule(cidr_ipv4=f"{n}.0.0.0/8", from_port=n, to_port=n)) for n in (20, 30)]
    assert [one.world for one in _of_plan(*apart).changes] == [False, False]


@pytest.mark.parametrize("entry", [[{"cidr": EVERYBODY}], [{"cidr": "10.0.0.0/8"}]])
def test_that_a_prefix_list_will_hold_something_else_is_noted(entry: list[dict[str, str]]) -> None:
    before, after = ({"id": "pl-1", "max_entries": 2, "entry": held} for held in ([{"cidr": "10.0.0.0/8"}], entry))
    differs = before != after
    assert bool(_of_plan(change(f"{LIST}.a", before, after)).notes) == differs
    stacks = [{"resource": {LIST: {"a": {"entry": of["entry"], "max_entries": 2}}}} for of in (before, after)]
    assert bool(_between(*stacks).notes) == differs
    assert not _of_plan(change(f"{LIST}.a", after=after)).notes


def test_that_rules_are_taken_away_otherwise_is_noted() -> None:
    exclusive = "aws_vpc_security_group_rules_exclusive"
    assert _of_plan(change(f"{exclusive}.a", after={"security_group_id": "sg-1"})).notes == (
        f"{exclusive}.a changes, and is not looked at.",
    )
    assert not _of_plan(change(f"{exclusive}.a", {"id": "a"}, {"id": "a"}, ["no-op"])).notes


def _check(*arguments: str) -> Result:
    return CliRunner().invoke(commands, ("check", *arguments), prog_name="rancher-ports")


def _golden(folder: Path, **more: Any) -> str:
    """The shipped stack with a rule more on etcd's group."""
    document = json.loads((GOLDENS / "shipped-settings.json").read_text("utf-8"))
    rule = {"security_group_id": f"${{{GROUP}.rancher_etcd.id}}", "ip_protocol": "tcp", "from_port": 2379}
    document["resource"][INGRESS]["backup"] = {**rule, "to_port": 2379, **more}
    folder.mkdir()
    (folder / "cdk.tf.json").write_text(json.dumps(document), "utf-8")
    return str(folder)


@pytest.mark.parametrize(
    "more",
    [
        {"cidr_ipv4": "${var.backup}"},
        {"cidr_ipv4": EVERYBODY, "count": "${var.n}"},
        {"cidr_ipv4": EVERYBODY, "ip_protocol": "${var.p}"},
    ],
)
def test_what_is_wrong_whatever_a_value_will_be_is_found(more: dict[str, Any], tmp_path: Path) -> None:
    run = _check(_golden(tmp_path / "stack", **more), "--fail-on", "etcd-exposed")
    assert (run.exit_code, run.stderr) == (3, "--fail-on: there is etcd-exposed\n")


def test_two_groups_of_a_role_are_told_to_be_looked_at_as_one(tmp_path: Path) -> None:
    folder = Path(_golden(tmp_path / "stack", cidr_ipv4="10.0.0.0/8"))
    path = folder / "cdk.tf.json"
    document = json.loads(path.read_text("utf-8"))
    document["resource"][GROUP]["spare"] = document["resource"][GROUP]["rancher_worker"]
    path.write_text(json.dumps(document), "utf-8")
    found = json.loads(_check(str(folder), "--format", "json").stdout)["findings"]
    (twice,) = [one for one in found if one["code"] == "unchecked-role"]
    assert "There are 2 groups of rancher/worker" in twice["sentence"]


def test_a_group_is_known_by_its_id_as_well() -> None:
    group = {"id": "sg-1", "description": "d", "ingress": [], "egress": []}
    made = change(f"{GROUP}.w", group, group, ["no-op"])
    document = json.dumps(plan(made))
    run = CliRunner().invoke(
        commands, ("check", "-", "--role", "worker=sg-1"), input=document, prog_name="rancher-ports"
    )
    assert "cluster: worker" in run.stdout


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "\u202edlrow", "\x07"])
def test_errors_are_one_line_of_characters_that_are_seen(text: str) -> None:
    made = change(f"{INGRESS}.x", after=_rule(cidr_ipv4="nope"))
    made["address"] = f'{INGRESS}.x["{text}"]'
    wrong = json.dumps(plan(made))
    group = change(f"{GROUP}.w", after={"id": "sg-1", "ingress": [], "egress": []})
    group["address"] = f'{GROUP}.w["{text}"]'
    for document, arguments in ((wrong, ()), (json.dumps(plan(group)), ("--role", "worker=nobody"))):
        run = CliRunner().invoke(commands, ("review", "-", *arguments), input=document, prog_name="rancher-ports")
        assert (run.exit_code, run.stdout) == (2, "")
        assert run.stderr.removesuffix("\n").isprintable()


@pytest.mark.parametrize(("secret", "mark"), [(["S3CRET"], [True]), ({"x": "S3CRET"}, {"x": True})])
def test_what_must_not_be_shown_is_in_no_error_and_in_no_count(secret: Any, mark: Any) -> None:
    marks: dict[str, Any] = {"after_sensitive": {"cidr_ipv4": mark}}
    made = change(f"{INGRESS}.x", after=_rule(cidr_ipv4=secret), **marks)
    run = CliRunner().invoke(commands, ("review", "-"), input=json.dumps(plan(made)), prog_name="rancher-ports")
    assert run.exit_code == 2
    assert "S3CRET" not in run.stderr
    entries = change(f"{LIST}.a", after={"id": "pl-1", "max_entries": 777}, after_sensitive={"max_entries": True})
    assert of_plans({"plan": plan(entries)}).after.entries == {}


def test_gates_without_a_name_are_refused() -> None:
    document = json.dumps(plan())
    run = CliRunner().invoke(commands, ("review", "-", "--fail-on", ","), input=document, prog_name="rancher-ports")
    assert run.exit_code == 2
