"""Stacks read as groups and rules without an engine, and what changes from some to others."""

from __future__ import annotations

from typing import Any

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.inventory import FoundRule, Inventory
from rancher_ports.readers.configured import Configured
from rancher_ports.readers.configured_change import read_transition
from rancher_ports.review import gates
from rancher_ports.review.plan import review

GROUP = "aws_security_group"
INGRESS = "aws_vpc_security_group_ingress_rule"
OLD = "aws_security_group_rule"


def read_inventory(documents: Any) -> Inventory:
    return Configured(documents).inventory


def _rule(**more: Any) -> dict[str, Any]:
    ports = {"ip_protocol": "tcp", "from_port": 22, "to_port": "22"}
    return {"security_group_id": f"${{{GROUP}.a.id}}", **ports, "cidr_ipv4": "10.0.0.0/8", **more}


def _stack(*, groups: dict[str, Any] | None = None, more: dict[str, Any] | None = None, **rules: Any) -> dict[str, Any]:
    return {"resource": {GROUP: {"a": {"description": "d"}, **(groups or {})}, INGRESS: rules}, **(more or {})}


def _peer(value: Any, **more: Any) -> FoundRule:
    """The rule that names a group so."""
    rule = _rule(referenced_security_group_id=value)
    del rule["cidr_ipv4"]
    (found,) = read_inventory({"": _stack(r=rule, groups={"b": {}}, more=more)}).rules
    return found


@pytest.mark.parametrize(
    ("value", "identity"),
    [
        (f"${{{GROUP}.b.id}}", f"{GROUP}.b"),
        (f"123456789012/${{{GROUP}.b.id}}", f"{GROUP}.b"),
        ("${local.peer}", f"{GROUP}.b"),
        ("sg-1", f"data.{GROUP}.found"),
        ("sg-2", "sg-2"),
    ],
)
def test_a_group_is_known_however_it_is_named(value: str, identity: str) -> None:
    source = {GROUP: {"found": {"id": "sg-1"}}}
    found = _peer(value, locals={"peer": f"${{{GROUP}.b.id}}"}, data=source)
    assert (found.peer.values, found.certain) == ((identity,), True)


@pytest.mark.parametrize(
    ("value", "values", "text"),
    [
        ("${var.peer}", (), "var.peer"),
        ("${local.none}", (), "local.none"),
        ("${module.m.id}", (), "module.m.id"),
        ("${data.terraform_remote_state.x.outputs.y}", (), "data.terraform_remote_state.x.outputs.y"),
        (f"${{var.first ? {GROUP}.a.id : {GROUP}.b.id}}", (f"{GROUP}.a", f"{GROUP}.b"), "var.first"),
        ('${"no reference"}', (), "an expression"),
        ("${local.loop}", (), "local.loop"),
    ],
)
def test_what_cannot_be_followed_is_named_by_its_references(value: str, values: tuple[str, ...], text: str) -> None:
    found = _peer(value, locals={"loop": "${local.loop}"})
    assert (found.peer.values, found.peer.text, found.certain) == (values, text, False)


def test_a_block_may_be_a_literal_of_another_resource() -> None:
    subnet = {"aws_subnet": {"x": {"cidr_block": "10.1.0.0/16"}}}
    stack = _stack(r=_rule(cidr_ipv4="${aws_subnet.x.cidr_block}"))
    stack["resource"] |= subnet
    assert read_inventory({"": stack}).rules[0].peer.values == ("10.1.0.0/16",)


def test_groups_of_another_stack_are_known_by_its_outputs() -> None:
    name = "cross-stack-reference-input-server"
    rule = _rule(referenced_security_group_id=f"${{data.terraform_remote_state.{name}.outputs.group}}")
    del rule["cidr_ipv4"]
    server = _stack(more={"output": {"group": {"value": f"${{{GROUP}.a.id}}"}}})
    found = read_inventory({"server": server, "cluster": _stack(r=rule)})
    (one,) = found.rules
    assert (one.address, one.peer.values) == (f"cluster: {INGRESS}.r", (f"server: {GROUP}.a",))


def test_what_is_repeated_over_something_literal_is_there_as_often() -> None:
    each = {"x": "10.1.0.0/16", 'y"z': "10.2.0.0/16"}
    stack = _stack(
        each=_rule(for_each=each, cidr_ipv4="${each.value}", description="for ${each.key}"),
        some=_rule(for_each='${toset(["10.3.0.0/16"])}', cidr_ipv4="${each.key}"),
        count=_rule(count=2, cidr_ipv4="10.4.${count.index}.0/24"),
        none=_rule(count=0),
    )
    found = {rule.address: rule.peer.values[0] for rule in read_inventory({"": stack}).rules}
    assert found == {
        f'{INGRESS}.each["x"]': "10.1.0.0/16",
        f'{INGRESS}.each["y\\"z"]': "10.2.0.0/16",
        f'{INGRESS}.some["10.3.0.0/16"]': "10.3.0.0/16",
        f"{INGRESS}.count[0]": "10.4.0.0/24",
        f"{INGRESS}.count[1]": "10.4.1.0/24",
    }


@pytest.mark.parametrize("repeated", [{"count": "${var.n}"}, {"for_each": "${var.m}"}, {"for_each": "${toset([x])}"}])
def test_what_is_repeated_by_an_expression_is_not_certain(repeated: dict[str, Any]) -> None:
    made = review(read_transition({"": _stack()}, {"": _stack(r=_rule(**repeated))}))
    assert [change.verdict for change in made.changes] == ["undecided"]
    assert made.notes == (f"{INGRESS}.r is repeated by an expression: how often is in a plan alone.",)


def test_prefix_lists_have_their_entries() -> None:
    stack = _stack(r=_rule(cidr_ipv4=None, prefix_list_id="${aws_ec2_managed_prefix_list.l.id}"))
    stack["resource"]["aws_ec2_managed_prefix_list"] = {"l": {"max_entries": 5}}
    found = read_inventory({"": stack})
    assert found.entries == {"aws_ec2_managed_prefix_list.l": 5}
    assert found.rules[0].peer.values == ("aws_ec2_managed_prefix_list.l",)


def test_what_is_moved_keeps_its_rules_and_groups_wherever_it_is_moved() -> None:
    before = _stack(groups={"old": {"count": 1}}, r=_rule(security_group_id=f"${{{GROUP}.old[0].id}}"))
    after = _stack(groups={"new": {"count": 1}}, s=_rule(security_group_id=f"${{{GROUP}.new[0].id}}"))
    after["moved"] = [
        {"from": f"${{{GROUP}.old}}", "to": f"{GROUP}.between"},
        {"from": f"{GROUP}.between", "to": f"{GROUP}.new"},
        {"from": f"{INGRESS}.r", "to": f"{INGRESS}.s"},
    ]
    made = review(read_transition({"": before}, {"": after}))
    assert not made.changes
    assert not made.findings
    assert (made.groups.added, made.groups.removed) == (0, 0)


def test_moves_in_a_circle_are_followed_no_further() -> None:
    after = _stack(s=_rule(cidr_ipv4=None, cidr_ipv6="2001:db8::/48"))
    after["moved"] = [{"from": f"{INGRESS}.r", "to": f"{INGRESS}.s"}, {"from": f"{INGRESS}.s", "to": f"{INGRESS}.r"}]
    assert len(review(read_transition({"": _stack(r=_rule())}, {"": after})).changes) == 2


def test_lists_have_expressions_for_each_instance_as_well() -> None:
    rule = {"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-1"}
    repeated = {**rule, "for_each": {"x": "10.1.0.0/16"}, "cidr_blocks": ["${each.value}", "10.2.0.0/16"]}
    found = read_inventory({"": {"resource": {OLD: {"r": repeated}}}}).rules
    assert [rule.peer.values for rule in found] == [("10.1.0.0/16",), ("10.2.0.0/16",)]


@pytest.mark.parametrize(
    ("block", "more"),
    [
        ({"to": f"{INGRESS}.r", "id": "sgr-1"}, {}),
        ({"to": f"{INGRESS}.r", "id": "sgr-1", "for_each": "${toset([])}"}, {}),
        ({"to": f"{INGRESS}.r[each.key]", "id": "${each.value}", "for_each": {"x": "sgr-1"}}, {"for_each": {"x": 1}}),
        ({"to": f'{INGRESS}.r["x"]', "id": "sgr-1"}, {"for_each": {"x": 1}}),
    ],
)
def test_nobody_knows_from_folders_what_a_rule_that_is_imported_is_like_in_ec2(
    block: dict[str, Any], more: dict[str, Any]
) -> None:
    for cidr, world in (("0.0.0.0/0", True), ("10.0.0.0/8", False)):
        after = _stack(r=_rule(cidr_ipv4=cidr, **more), more={"import": [block]})
        made = review(read_transition({"": _stack()}, {"": after}))
        (change,) = made.changes
        assert (change.certain, change.closed, change.world) == (False, (), world)
        assert change.opened
        assert gates.met(["world", "undecided"], made.changes, ()) == (("world",) if world else ()) + ("undecided",)
        assert len(made.notes) == 1
        assert (made.rules.before, made.rules.after, made.rules.removed) == (0, 1, 0)


def test_an_import_block_that_stays_says_nothing_of_a_rule_that_is_there() -> None:
    imported = {"import": [{"to": f"{INGRESS}.r", "id": "sgr-1"}]}
    before = _stack(r=_rule(), more=imported)
    same = review(read_transition({"": before}, {"": before}))
    assert (same.changes, same.rules.added, same.rules.removed) == ((), 0, 0)
    (change,) = review(read_transition({"": before}, {"": _stack(r=_rule(to_port="23"), more=imported)})).changes
    assert (change.certain, [str(port) for port in change.opened]) == (True, ["23/tcp"])


def test_an_import_of_one_instance_is_of_no_other() -> None:
    rules = _rule(for_each={"x": "10.0.0.0/8", "y": "172.16.0.0/12"}, cidr_ipv4="${each.value}")
    after = _stack(r=rules, more={"import": [{"to": f'{INGRESS}.r["x"]', "id": "sgr-1"}]})
    made = review(read_transition({"": _stack()}, {"": after}))
    assert {change.source.name: change.certain for change in made.changes} == {
        "10.0.0.0/8": False,
        "172.16.0.0/12": True,
    }


_MODULES = {
    "literal": {"group": f"${{{GROUP}.a.id}}"},
    "in a list": {"groups": ["sg-1", f"${{{GROUP}.a.id}}"]},
    "by a local": {"group": "${local.group}"},
    "as a whole": {"group": f"${{{GROUP}.a}}"},
}


@pytest.mark.parametrize("given", _MODULES.values(), ids=_MODULES)
def test_a_module_that_is_given_a_group_is_told_where_it_comes_or_differs(given: dict[str, Any]) -> None:
    def stack(**calls: Any) -> dict[str, Any]:
        return {"": _stack(more={"module": calls, "locals": {"group": f"${{{GROUP}.a.id}}"}})}

    call = {"source": "./nodes", **given}
    for before in (stack(), stack(nodes={**call, "source": "./others"})):
        made = review(read_transition(before, stack(nodes=call)))
        (finding,) = made.findings
        assert (finding.code, finding.place, finding.where) == ("unseen-module", "module.nodes", (f"{GROUP}.a",))
        assert gates.met(["unseen-module", "error"], made.changes, made.findings) == ("unseen-module",)
    assert not review(read_transition(stack(nodes=call), stack(nodes=call))).findings
    # Neither what the group is like is of the call, nor under which address it stands.
    other = stack(nodes=call)
    other[""]["resource"][GROUP]["a"]["tags"] = {"team": "a"}
    assert not review(read_transition(stack(nodes=call), other)).findings
    moved = stack(workers=call)
    moved[""]["moved"] = [{"from": "module.nodes", "to": "module.workers"}]
    assert not review(read_transition(stack(nodes=call), moved)).findings
    # One that has nothing to do with groups, and one that goes.
    assert not review(read_transition(stack(), stack(nodes={"source": "./nodes"}))).findings
    assert not review(read_transition(stack(nodes=call), stack())).findings


def test_a_module_that_is_given_a_group_on_which_there_are_rules_here_is_told() -> None:
    found = {"data": {GROUP: {"theirs": {"id": "sg-0a"}, "others": {"id": "sg-0b"}}}}
    rule = _rule(security_group_id=f"${{data.{GROUP}.theirs.id}}")
    before = _stack(r=rule, more=found)
    for given, told in (
        (f"${{data.{GROUP}.theirs.id}}", True),
        ("sg-0a", True),
        (f"${{data.{GROUP}.others.id}}", False),
        ("sg-0b", False),
        ("sg-0ab", False),
    ):
        after = _stack(r=rule, more={**found, "module": {"nodes": {"source": "./nodes", "group": given}}})
        assert bool(review(read_transition({"": before}, {"": after})).findings) is told, given


def test_a_module_that_is_given_what_some_resource_is_like_is_given_no_group() -> None:
    instance = {"aws_instance": {"n": {"vpc_security_group_ids": [f"${{{GROUP}.a.id}}"]}}}
    before = _stack()
    before["resource"] |= instance
    after = _stack(more={"module": {"dns": {"source": "./dns", "address": "${aws_instance.n.private_ip}"}}})
    after["resource"] |= instance
    assert not review(read_transition({"": before}, {"": after})).findings


def test_a_module_that_is_given_an_instance_of_many_groups_is_told_of_each() -> None:
    groups = {"b": {"for_each": {"x": 1, "y": 2}}, "bb": {}}
    call = {"nodes": {"source": "./nodes", "group": f'${{{GROUP}.b["x"].id}}'}}
    before, after = (_stack(groups=groups, more=more) for more in ({}, {"module": call}))
    (finding,) = review(read_transition({"": before}, {"": after})).findings
    assert finding.where == (f'{GROUP}.b["x"]', f'{GROUP}.b["y"]')


def test_what_is_forgotten_stays() -> None:
    removed = {"removed": {"from": f"{INGRESS}.r", "lifecycle": {"destroy": False}}}
    assert not review(read_transition({"": _stack(r=_rule())}, {"": _stack(more=removed)})).changes
    removed["removed"]["lifecycle"] = {"destroy": True}
    assert review(read_transition({"": _stack(r=_rule())}, {"": _stack(more=removed)})).changes


def test_an_old_rule_is_made_anew_for_any_change_and_another_for_its_group_and_kind_of_peer() -> None:
    def old(**more: Any) -> dict[str, Any]:
        rule = {"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"]}
        return {"resource": {OLD: {"r": {"security_group_id": "sg-1", **rule, **more}}}}

    assert read_transition({"": old()}, {"": old(description="new")}).remade == frozenset()
    assert read_transition({"": old()}, {"": old(to_port=23)}).remade == {f"{OLD}.r"}
    assert read_transition({"": _stack(r=_rule())}, {"": _stack(r=_rule(to_port=23))}).remade == frozenset()
    changed = _stack(r=_rule(cidr_ipv4=None, cidr_ipv6="2001:db8::/48"))
    assert read_transition({"": _stack(r=_rule())}, {"": changed}).remade == {f"{INGRESS}.r"}


def test_rules_in_their_group_are_changed_in_place() -> None:
    block = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"]}
    before, after = ({"": _stack(groups={"b": {"ingress": block | {"to_port": port}}})} for port in (22, 23))
    assert read_transition(before, after).remade == frozenset()


def test_the_rules_of_a_replaced_group_are_made_anew() -> None:
    after = _stack(groups={"a": {"description": "other", "name": "n"}}, r=_rule())
    found = read_transition({"": _stack(r=_rule())}, {"": after})
    assert found.replaced == {f"{GROUP}.a": ("description", "name")}
    assert found.remade == {f"{INGRESS}.r"}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"resource": []},
        {"resource": {INGRESS: 7}},
        {"resource": {INGRESS: {"r": "x"}}},
        {"moved": [7]},
        {"moved": [{}]},
    ],
)
def test_what_is_no_stack_is_refused(document: Any) -> None:
    with pytest.raises(InputError):
        read_transition({"": {}}, {"": document})


def test_a_group_without_a_description_has_the_providers() -> None:
    plain, said = ({"": {"resource": {GROUP: {"a": of}}}} for of in ({}, {"description": "Managed by Terraform"}))
    assert read_transition(plain, said).replaced == {}
    assert read_transition(plain, {"": {"resource": {GROUP: {"a": {"description": "Nodes"}}}}}).replaced


def test_a_group_that_is_imported_is_there_already() -> None:
    after = {"resource": {GROUP: {"a": {}, "b": {}}}, "import": {"to": f"{GROUP}.b", "id": "sg-1"}}
    made = review(read_transition({"": {"resource": {GROUP: {"a": {}}}}}, {"": after}))
    assert (made.groups.before, made.groups.added) == (2, 0)


def test_what_is_forgotten_stays_with_all_its_instances() -> None:
    repeated = _rule(for_each={"x": "10.0.0.0/8", "y": "10.64.0.0/16"}, cidr_ipv4="${each.value}")
    removed = {"removed": [{"from": f"{INGRESS}.r", "lifecycle": {"destroy": False}}]}
    assert not review(read_transition({"": _stack(r=repeated)}, {"": _stack(more=removed)})).changes


def test_what_is_moved_to_an_instance_is_moved_once() -> None:
    before = _stack(r=_rule())
    after = {
        "resource": {GROUP: {"a": {"description": "d", "count": 1}}},
        "moved": {"from": f"{GROUP}.a", "to": f"{GROUP}.a[0]"},
    }
    assert [*read_transition({"": before}, {"": after}).before.groups] == [f"{GROUP}.a[0]"]


def test_a_value_of_each_that_is_an_expression_is_followed() -> None:
    rule = _rule(for_each={"x": f"${{{GROUP}.b.id}}"}, referenced_security_group_id="${each.value}")
    del rule["cidr_ipv4"]
    (found,) = read_inventory({"": _stack(groups={"b": {}}, r=rule)}).rules
    assert found.peer.values == (f"{GROUP}.b",)


def test_a_list_may_name_a_block_by_a_local() -> None:
    ports = {"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22}
    rule = {"security_group_id": "sg-1", **ports, "cidr_blocks": ["${local.office}"]}
    stack = {"resource": {OLD: {"r": rule}}, "locals": {"office": "203.0.113.0/24"}}
    assert [found.peer.values for found in read_inventory({"": stack}).rules] == [("203.0.113.0/24",)]
