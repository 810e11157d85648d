"""Plans read as groups and rules before and after: every kind of resource in which rules may stand."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.inventory import FoundRule, Transition
from rancher_ports.model.peers import PeerKind
from rancher_ports.readers.planned import read_afterwards, read_transition
from rancher_ports.review.plan import review

OLD = "aws_security_group_rule"
INGRESS = "aws_vpc_security_group_ingress_rule"
GROUP = "aws_security_group"
DEFAULT = "aws_default_security_group"
LIST = "aws_ec2_managed_prefix_list"


def change(
    address: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    actions: list[str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An entry of ``resource_changes``; what ``more`` begins with ``after_`` or ``before_`` belongs to the change."""
    plain = re.sub(r'\[(?:"[^"]*"|[0-9]+)\]', "", address).split(".")
    kind = ["create"] if before is None else ["delete"] if after is None else ["update"]
    inner = {name: more.pop(name) for name in list(more) if name.startswith(("after_", "before_", "replace_"))}
    return {
        "address": address,
        "mode": "managed",
        "type": plain[-2],
        "name": plain[-1],
        "change": {"actions": actions or kind, "before": before, "after": after, **inner},
        **more,
    }


def plan(*changes: dict[str, Any], configured: dict[str, dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """A plan; ``configured`` has the expressions of resources of the root module, by address."""
    resources = []
    for address, expressions in (configured or {}).items():
        type_, name = address.split(".")
        resources.append({"mode": "managed", "type": type_, "name": name, "expressions": expressions})
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"root_module": {"resources": resources}},
        **more,
    }


def read(*changes: dict[str, Any], **more: Any) -> Transition:
    return read_transition({"plan": plan(*changes, **more)})


def _said(rules: tuple[FoundRule, ...]) -> set[tuple[str, str, str, str]]:
    return {(r.group.values[0], r.direction, r.port.text, (*r.peer.values, r.peer.text)[0]) for r in rules}


def _old(**values: Any) -> dict[str, Any]:
    ports = {"type": "ingress", "protocol": "tcp", "from_port": 443, "to_port": 443}
    return {"security_group_id": "sg-1", **ports, "self": None, **values}


def _group(id_: str, **values: Any) -> dict[str, Any]:
    return {"id": id_, "description": "d", "ingress": [], "egress": [], **values}


def _block(**values: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": 22, "to_port": 22, "self": False, **values}


def test_an_old_rule_has_a_rule_for_each_entry_of_its_lists() -> None:
    values = _old(
        cidr_blocks=["10.0.0.0/8", "192.0.2.0/24"],
        ipv6_cidr_blocks=["2001:db8::/48"],
        prefix_list_ids=["pl-1"],
        source_security_group_id="sg-2",
        self=True,
    )
    found = read(change(f"{OLD}.a", after=values)).after.rules
    peers = ("10.0.0.0/8", "192.0.2.0/24", "2001:db8::/48", "pl-1", "sg-2", "sg-1")
    assert _said(found) == {("sg-1", "ingress", "443/tcp", peer) for peer in peers}
    assert all(rule.certain for rule in found)


def test_what_the_provider_will_find_out_by_itself_is_no_peer() -> None:
    values = _old(cidr_blocks=["10.0.0.0/8"])
    made = change(f"{OLD}.a", after=values, after_unknown={"id": True, "source_security_group_id": True})
    (rule,) = read(made, configured={f"{OLD}.a": {"cidr_blocks": {}}}).after.rules
    assert rule.peer.values == ("10.0.0.0/8",)


def test_of_a_list_with_an_unknown_entry_the_others_are_known() -> None:
    values = _old(type="egress", cidr_blocks=["10.0.0.0/8", None])
    made = change(f"{OLD}.a", after=values, after_unknown={"cidr_blocks": [False, True]})
    expressions = {"cidr_blocks": {"references": ["aws_eip.nat.public_ip", "aws_eip.nat"]}}
    found = read(made, configured={f"{OLD}.a": expressions}).after.rules
    assert _said(found) == {
        ("sg-1", "egress", "443/tcp", "10.0.0.0/8"),
        ("sg-1", "egress", "443/tcp", "aws_eip.nat.public_ip"),
    }
    assert [rule.certain for rule in found] == [True, False]


def test_rules_stand_in_their_group_as_well() -> None:
    blocks = [
        _block(cidr_blocks=["10.0.0.0/8"]),
        _block(self=True, from_port=0, to_port=0, protocol="-1"),
        _block(security_groups=["sg-2"], protocol="UDP"),
    ]
    made = change(f"{GROUP}.a", before=_group("sg-1"), after=_group("sg-1", ingress=blocks))
    found = read(made, configured={f"{GROUP}.a": {"ingress": {}}})
    assert not found.before.rules
    assert _said(found.after.rules) == {
        (f"{GROUP}.a", "ingress", "22/tcp", "10.0.0.0/8"),
        (f"{GROUP}.a", "ingress", "all", f"{GROUP}.a"),
        (f"{GROUP}.a", "ingress", "22/udp", "sg-2"),
    }


def test_of_blocks_that_are_not_known_the_references_are_named() -> None:
    made = change(f"{GROUP}.a", before=_group("sg-1"), after=_group("sg-1"), after_unknown={"ingress": True})
    expressions = {"ingress": {"references": ["local.rules"]}}
    (rule,) = read(made, configured={f"{GROUP}.a": expressions}).after.rules
    assert (rule.peer.text, rule.port_known, rule.certain) == ("local.rules", False, False)
    (one,) = review(read(made, configured={f"{GROUP}.a": expressions})).changes
    assert (one.verdict, one.source.name) == ("undecided", "local.rules")


def test_rules_that_a_group_without_blocks_has_are_seen_and_left_alone() -> None:
    blocks = [_block(cidr_blocks=["10.0.0.0/8"])]
    made = change(f"{GROUP}.a", before=_group("sg-1", ingress=blocks), after=_group("sg-1", ingress=blocks))
    found = read(made, configured={f"{GROUP}.a": {}})
    assert found.before.rules == found.after.rules != ()
    assert not review(found).changes


def test_a_group_that_takes_another_place_leaves_the_rules_of_others_behind() -> None:
    blocks = [_block(cidr_blocks=["10.0.0.0/8"])]
    made = change(
        f"{GROUP}.a",
        before=_group("sg-1", ingress=blocks),
        after={"description": "new"},
        actions=["create", "delete"],
        after_unknown={"id": True, "ingress": True, "egress": True},
        replace_paths=[["description"]],
    )
    found = read(made, configured={f"{GROUP}.a": {}})
    assert found.before.rules
    assert not found.after.rules
    assert found.replaced == {f"{GROUP}.a": ("description",)}
    (one,) = review(found).changes
    assert one.verdict == "narrowed"


def test_a_group_is_replaced_on_request() -> None:
    made = change(f"{GROUP}.a", before=_group("sg-1"), after={}, actions=["delete", "create"])
    assert read(made).replaced == {f"{GROUP}.a": ("on request",)}


def test_where_rules_are_resources_of_their_own_those_seen_in_the_group_are_not_counted_twice() -> None:
    blocks = [_block(cidr_blocks=["10.0.0.0/8"]), _block(cidr_blocks=["192.0.2.0/24"])]
    group = change(f"{GROUP}.a", before=_group("sg-1", ingress=blocks), after=_group("sg-1", ingress=blocks))
    rule = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    known = change(f"{INGRESS}.known", before={**rule, "cidr_ipv4": "10.0.0.0/8"})
    new = change(f"{INGRESS}.new", after={**rule, "cidr_ipv4": "192.0.2.0/24"})
    found = read(group, known, new, configured={f"{GROUP}.a": {}})
    assert _said(found.before.rules) == {(f"{GROUP}.a", "ingress", "22/tcp", "10.0.0.0/8")}
    # What EC2 has already and the state does not know, it refuses.
    (refused,) = [f for f in review(found).findings if f.code == "refused-duplicate"]
    assert "the group, which Terraform's state does not know" in refused.sentence
    assert f"{INGRESS}.new" in refused.sentence


def test_rules_that_leave_their_group_for_resources_of_their_own_open_the_same_and_are_refused() -> None:
    blocks = [_block(cidr_blocks=["10.0.0.0/8"])]
    group = change(f"{GROUP}.a", before=_group("sg-1", ingress=blocks), after=_group("sg-1", ingress=blocks))
    values = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    rule = change(f"{INGRESS}.new", after={**values, "cidr_ipv4": "10.0.0.0/8"})
    made = review(read(group, rule, configured={f"{GROUP}.a": {}}))
    assert not made.changes
    assert [finding.code for finding in made.findings] == ["refused-duplicate"]


def test_a_default_group_has_the_rules_of_its_blocks_and_no_others() -> None:
    blocks = [_block(cidr_blocks=["10.0.0.0/8"])]
    made = change(f"{DEFAULT}.a", before=_group("sg-1", ingress=blocks), after=_group("sg-1"))
    found = read(made, configured={f"{DEFAULT}.a": {}})
    assert found.before.rules
    assert not found.after.rules


def test_a_prefix_list_that_is_made_at_once_is_named_and_counts_with_its_entries_for_both_families() -> None:
    made = change(f"{LIST}.offices", after={"max_entries": 70}, after_unknown={"id": True})
    values = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    rule = change(f"{INGRESS}.a", after=values, after_unknown={"prefix_list_id": True})
    references = {"references": [f"{LIST}.offices.id", f"{LIST}.offices"]}
    found = read(made, rule, configured={f"{INGRESS}.a": {"prefix_list_id": references}})
    (one,) = found.after.rules
    assert one.peer.values == (f"{LIST}.offices",)
    assert [finding.code for finding in review(found).findings] == ["quota", "quota"]


def test_an_earlier_object_that_waits_to_be_deleted_counts_before() -> None:
    values = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    old = change(f"{INGRESS}.a", before={**values, "cidr_ipv4": "10.0.0.0/8"}, deposed="1234")
    found = read(old)
    assert [rule.address for rule in found.before.rules] == [f"{INGRESS}.a (deposed)"]
    assert not found.after.rules


def test_groups_of_several_plans_are_known_by_their_ids() -> None:
    group = change(f"{GROUP}.a", before=_group("sg-1"), after=_group("sg-1"), actions=["no-op"])
    values = {"security_group_id": "sg-2", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    rule = change(f"{INGRESS}.a", after={**values, "referenced_security_group_id": "123456789012/sg-1"})
    found = read_transition({"one": plan(group), "two": plan(rule)})
    (one,) = found.after.rules
    assert (one.address, one.peer.values) == (f"two: {INGRESS}.a", (f"one: {GROUP}.a",))
    assert list(found.after.groups) == [f"one: {GROUP}.a"]


def test_tags_that_are_sensitive_say_nothing() -> None:
    tags = {"rancher-ports:owner": "prod", "rancher-ports:role": "etcd"}
    for sensitive in ({"tags": True}, True):
        made = change(f"{GROUP}.a", after=_group("sg-1", tags=tags), after_sensitive=sensitive)
        assert all(group.key is None for group in read(made).after.groups.values())


def test_a_sensitive_value_that_stays_is_the_same_and_one_that_changes_is_not() -> None:
    values = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22}
    hidden: dict[str, Any] = {"before_sensitive": {"cidr_ipv4": True}, "after_sensitive": {"cidr_ipv4": True}}
    for after, changes in (("10.0.0.0/8", 0), ("0.0.0.0/0", 2)):
        made = change(f"{INGRESS}.a", {**values, "cidr_ipv4": "10.0.0.0/8"}, {**values, "cidr_ipv4": after}, **hidden)
        found = review(read(made)).changes
        assert len(found) == changes
        assert "0/" not in repr(found)


def _state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"values": {"root_module": {"child_modules": [{"address": "module.m", "resources": list(resources)}]}}}


def test_what_data_sources_have_read_stands_in_the_state_of_the_module() -> None:
    read_ = [
        {"address": f"module.m.data.{type_}.x", "mode": "data", "type": type_, "name": "x", "values": values}
        for type_, values in ((GROUP, {"id": "sg-7"}), (LIST, {"id": "pl-7", "max_entries": 3}), (LIST, {"id": "pl-8"}))
    ]
    read_.append({"address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main", "values": {}})
    values = {**_RULE, "cidr_ipv4": None, "referenced_security_group_id": "sg-7"}
    found = read(change(f"{INGRESS}.a", after=values), prior_state=_state(*read_))
    assert found.after.rules[0].peer.values == (f"module.m.data.{GROUP}.x",)
    assert found.after.entries == {f"module.m.data.{LIST}.x": 3}
    assert [group.is_managed for group in found.after.groups.values()] == [False]


def test_a_group_that_the_plan_makes_and_reads_is_its_own() -> None:
    group = change(f"{GROUP}.a", before=_group("sg-7"), after=_group("sg-7"), actions=["no-op"])
    source = {"address": f"data.{GROUP}.x", "mode": "data", "type": GROUP, "name": "x", "values": {"id": "sg-7"}}
    found = read(group, prior_state={"values": {"root_module": {"resources": [source]}}})
    assert {identity: one.is_managed for identity, one in found.after.groups.items()} == {f"{GROUP}.a": True}


def test_an_earlier_group_that_waits_to_be_deleted_is_no_group_of_the_change() -> None:
    group = change(f"{GROUP}.a", before=_group("sg-7"), deposed="1234")
    found = read(group)
    assert not found.before.groups
    assert not found.after.groups


def test_the_id_of_an_earlier_group_that_waits_to_be_deleted_is_nobody_elses() -> None:
    old = change(f"{GROUP}.a", _group("sg-old"), None, deposed="0123abcd")
    new = change(f"{GROUP}.a", _group("sg-new"), _group("sg-new"), ["no-op"])
    rule = _old(security_group_id="sg-new", source_security_group_id="sg-old")
    (found,) = read(old, new, change(f"{OLD}.r", rule, None)).before.rules
    assert (found.group.values, found.peer.values) == ((f"{GROUP}.a",), ("sg-old",))


@pytest.mark.parametrize("unknown", [["from_port"], ["to_port"], ["from_port", "to_port"]])
def test_a_port_of_which_an_end_is_not_known_may_be_any(unknown: list[str]) -> None:
    values = {
        "security_group_id": "sg-1",
        "ip_protocol": "tcp",
        "cidr_ipv4": "10.0.0.0/8",
        "from_port": 1,
        "to_port": 2,
    }
    known = {name: value for name, value in values.items() if name not in unknown}
    (rule,) = read(change(f"{INGRESS}.a", after=known, after_unknown=dict.fromkeys(unknown, True))).after.rules
    assert (rule.port.text, rule.port_known) == ("0-65535/tcp", False)


def test_a_block_says_by_itself_which_family_it_is_of() -> None:
    (rule,) = read(change(f"{OLD}.a", after=_old(cidr_blocks=["2001:db8::/48"]))).after.rules
    assert rule.peer.kind is PeerKind.IPV6


@pytest.mark.parametrize(("role", "is_ours"), [("etcd", True), ("agents", True), ("nodes", True), ("bastion", False)])
def test_tags_with_roles_of_somebody_elses_are_not_ours(role: str, is_ours: bool) -> None:
    tags = {"rancher-ports:owner": "prod", "rancher-ports:role": role}
    (group,) = read(change(f"{GROUP}.a", after=_group("sg-1", tags=tags))).after.groups.values()
    assert (group.key is not None) == is_ours


def test_a_rule_says_which_requirements_it_serves() -> None:
    tags = {"rancher-ports:requirement": "rke2/etcd/2379 rke2/etcd/2380 +3"}
    values = {"security_group_id": "sg-1", "ip_protocol": "-1", "cidr_ipv4": "10.0.0.0/8", "tags": tags}
    (rule,) = read(change(f"{INGRESS}.a", after=values)).after.rules
    assert rule.because == ("rke2/etcd/2379", "rke2/etcd/2380")


def test_a_data_source_that_is_read_anew_is_what_it_will_be() -> None:
    """What the state has of it was read earlier, and need not be so any more."""
    tags = {"rancher-ports:owner": "prod", "rancher-ports:role": "etcd"}
    entry = {"address": f"data.{GROUP}.a", "mode": "data", "type": GROUP, "name": "a"}
    state = {"root_module": {"resources": [{**entry, "values": {"id": "sg-1", "tags": tags}}]}}
    again = {**change(f"data.{GROUP}.a", after={}, actions=["read"], after_unknown={"id": True, "tags": True}), **entry}
    (group,) = read(again, prior_state={"values": state}).after.groups.values()
    assert (group.identity, group.key) == (f"data.{GROUP}.a", None)


def test_a_protocol_that_is_not_known_may_be_any() -> None:
    made = change(f"{INGRESS}.a", after={**_RULE, "ip_protocol": None}, after_unknown={"ip_protocol": True})
    (rule,) = read(made).after.rules
    assert (rule.port.text, rule.port_known) == ("all", False)


_RULE = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "10.0.0.0/8"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cidr_ipv4": "ten"}, f"{INGRESS}.a.cidr_ipv4"),
        ({"cidr_ipv4": None}, "a rule with a peer"),
        ({"security_group_id": 7}, f"{INGRESS}.a.security_group_id"),
        ({"ip_protocol": ["tcp"]}, "a protocol"),
        ({"ip_protocol": "bogus"}, f"{INGRESS}.a"),
        ({"from_port": "http"}, "a port"),
        ({"from_port": 23}, "a range"),
        ({"to_port": 70000}, "0 to 65535"),
    ],
)
def test_a_rule_of_another_form_is_told_with_its_address(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(change(f"{INGRESS}.a", after={**_RULE, **wrong}))
    assert said in str(caught.value)
    assert str(caught.value).startswith("plan: ")


def test_an_old_rule_goes_one_way_or_the_other() -> None:
    with pytest.raises(InputError, match="ingress or egress"):
        read(change(f"{OLD}.a", after=_old(type="sideways", self=True)))


def test_a_block_in_a_group_is_a_rule() -> None:
    made = change(f"{GROUP}.a", before=_group("sg-1"), after=_group("sg-1", ingress=["open"]))
    with pytest.raises(InputError, match="a rule"):
        read(made, configured={f"{GROUP}.a": {"ingress": {}}})


@pytest.mark.parametrize(
    "document",
    [
        plan({"address": f"{INGRESS}.a", "type": INGRESS, "mode": "managed"}),
        plan({"address": 7, "type": INGRESS, "mode": "managed"}),
        plan(change(f"{INGRESS}.a", after=_RULE) | {"change": {"actions": ["create"], "after": "x"}}),
        plan(resource_changes={}),
        plan(resource_changes=[7]),
        plan(configuration={"root_module": {"module_calls": {"a": 7}}}),
        plan(configuration={"root_module": {"outputs": []}}),
        plan(prior_state={"values": {"root_module": {"resources": 7}}}),
    ],
)
def test_a_plan_of_another_form_is_refused(document: Any) -> None:
    with pytest.raises(InputError):
        read_transition({"plan": document})


def test_what_the_configuration_does_not_say_is_named_by_where_it_stands() -> None:
    unknown = {"referenced_security_group_id": True}
    values = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 1, "to_port": 1}
    (rule,) = read(change(f"{INGRESS}.a", after=values, after_unknown=unknown)).after.rules
    assert (rule.peer.values, rule.peer.text, rule.certain) == ((), f"{INGRESS}.a.referenced_security_group_id", False)


def test_of_a_rule_that_is_sensitive_as_a_whole_it_is_said_that_there_is_one() -> None:
    block = {"cidr_ipv4": "203.0.113.77/32", "cidr_ipv6": None}
    values = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 1, "to_port": 1, **block}
    (rule,) = read(change(f"{INGRESS}.a", after=values, after_sensitive=True)).after.rules
    assert rule.group.values == (f"a sensitive value ({INGRESS}.a.security_group_id)",)
    assert (rule.peer.values, rule.port_known) == ((f"a sensitive value ({INGRESS}.a.cidr_ipv4)",), False)


def test_blocks_in_a_group_count_beside_rules_of_their_own() -> None:
    """Nobody should have both; the provider takes the blocks for all there is all the same."""
    group = _group("sg-1", ingress=[_block(cidr_blocks=["203.0.113.0/24"])])
    own = _old(cidr_blocks=["198.51.100.0/24"])
    blocks: dict[str, Any] = {f"{GROUP}.a": {"ingress": {"constant_value": []}}}
    both = [change(f"{GROUP}.a", group, group, ["no-op"]), change(f"{OLD}.b", own, own, ["no-op"])]
    found = read(*both, configured=blocks)
    peers = {"203.0.113.0/24", "198.51.100.0/24"}
    assert [{rule.peer.values[0] for rule in side.rules} for side in (found.before, found.after)] == [peers, peers]
    assert found.existing == ()
    # Without blocks in the configuration the provider only tells what EC2 has.
    (seen,) = read(*both).existing
    assert seen.peer.values == ("203.0.113.0/24",)


@pytest.mark.parametrize(("side", "other"), [("before", "after"), ("after", "before")])
def test_a_value_that_is_sensitive_at_one_time_is_not_told_of_that_time(side: str, other: str) -> None:
    values = {"id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "-1", "cidr_ipv4": "203.0.113.77/32"}
    plain = {**values, "cidr_ipv4": "10.0.0.0/8"}
    marks: dict[str, Any] = {f"{side}_sensitive": {"cidr_ipv4": True}, f"{other}_sensitive": {}}
    found = read(change(f"{INGRESS}.a", **{side: values, other: plain}, **marks))  # type: ignore[arg-type]  # by name
    (secret,), (known,) = (getattr(found, which).rules for which in (side, other))
    assert secret.peer.text.startswith("a sensitive value (")
    assert known.peer.values == ("10.0.0.0/8",)
    assert "203.0.113.77" not in repr(found)


def test_what_a_state_marks_as_sensitive_is_not_read() -> None:
    values = {"id": "r", "security_group_id": "sg-1", "ip_protocol": "-1", "cidr_ipv4": "203.0.113.77/32"}
    rule = {"address": f"{INGRESS}.a", "mode": "managed", "type": INGRESS, "name": "a", "values": values}
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [rule]}}}
    (known,) = read_afterwards({"state": state}).after.rules
    assert known.peer.values == ("203.0.113.77/32",)
    rule["sensitive_values"] = {"cidr_ipv4": True}
    assert "203.0.113.77" not in repr(read_afterwards({"state": state}))


def test_a_direction_that_must_not_be_shown_is_in_no_error() -> None:
    with pytest.raises(InputError) as refused:
        read(change(f"{OLD}.a", after=_old(type="S3CRET"), after_sensitive={"type": True}))
    assert "S3CRET" not in str(refused.value)


def test_a_sensitive_value_is_changed_at_the_later_time() -> None:
    marks: dict[str, Any] = {"before_sensitive": {"cidr_ipv4": True}, "after_sensitive": {"cidr_ipv4": True}}
    before, after = (_new(cidr_ipv4=block) for block in ("10.0.0.0/8", "10.0.0.0/9"))
    found = read(change(f"{INGRESS}.a", before, after, **marks))
    assert [", changed" in side.rules[0].peer.text for side in (found.before, found.after)] == [False, True]


def _new(**values: Any) -> dict[str, Any]:
    return {"id": "r", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 1, "to_port": 1, **values}


def test_what_is_forgotten_and_made_anew_is_there_twice() -> None:
    before, after = _new(cidr_ipv4="10.0.0.0/8"), _new(cidr_ipv4="192.0.2.0/24")
    found = read(change(f"{INGRESS}.a", before, after, ["forget", "create"]))
    assert {rule.peer.values[0] for rule in found.after.rules} == {"10.0.0.0/8", "192.0.2.0/24"}


def test_a_group_that_is_read_at_apply_has_the_tags_that_are_known_of_it() -> None:
    tags = {"rancher-ports:owner": "prod", "rancher-ports:role": "etcd"}
    source = change(f"data.{GROUP}.a", after={"id": "sg-1", "tags": tags}, actions=["read"])
    (group,) = read({**source, "mode": "data"}).after.groups.values()
    assert str(group.key) == "prod/etcd"


def test_an_empty_text_is_no_peer() -> None:
    (rule,) = read(change(f"{INGRESS}.a", after=_new(cidr_ipv4="10.0.0.0/8", cidr_ipv6=""))).after.rules
    assert rule.peer.values == ("10.0.0.0/8",)


def test_a_block_with_host_bits_is_that_block() -> None:
    (rule,) = read(change(f"{INGRESS}.a", after=_new(cidr_ipv4="10.0.0.1/8"))).after.rules
    assert rule.peer.values == ("10.0.0.0/8",)


@pytest.mark.parametrize("version", ["1.0x", "2.0", "1", ""])
def test_a_state_of_another_format_is_refused(version: str) -> None:
    with pytest.raises(InputError, match="format_version"):
        read_afterwards({"state": {"format_version": version, "values": {}}})
