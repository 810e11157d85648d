"""After an apply that broke off: what is imported, and what is left for a person."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.readers.described import read_groups, read_rules
from rancher_ports.readers.plan import read_plan
from rancher_ports.recovery import Leftover, Recovery, group_ids, recover, regions, roles
from tests.unit.broken_apply import (
    ACCOUNT,
    EGRESS,
    GROUP,
    INGRESS,
    REGION,
    Apply,
    Fate,
    change_of,
    everything,
    id_of,
    name_of,
    tags_of,
)

ETCD = f"{GROUP}.rancher_etcd"
SERVER = f"{GROUP}.rancher_rancher"
CLIENT_RULE = f"{INGRESS}.rancher_etcd_from_controlplane_tcp_2379"
OFFICE_RULE = f"{INGRESS}.rancher_rancher_from_office_tcp_443"


def _recover(plan: dict[str, Any], groups: dict[str, Any], rules: dict[str, Any]) -> Recovery:
    return recover(read_plan(plan), read_groups(groups), read_rules(rules))


def _after(apply: Apply) -> Recovery:
    return _recover(apply.plan(), apply.groups(), apply.rules())


def _imports(recovery: Recovery) -> dict[str, str]:
    return {found.address: found.id for found in recovery.imports}


def _lost(*addresses: str) -> dict[str, Fate]:
    """Some groups lost, with what stands on them."""
    apply = Apply()
    return {
        address: "lost"
        for address in apply.resources
        if address in addresses or apply.groups_of(address) & {*addresses}
    }


def _left(recovery: Recovery) -> list[tuple[str, str]]:
    return [(left.code, left.place) for left in recovery.leftovers]


@st.composite
def broken_applies(draw: st.DrawFn) -> Apply:
    """Any fate for each group; no rule is made before the groups that it names, or outlives its group in the state."""
    apply = Apply(golden=draw(st.sampled_from(["shipped-settings.json", "everything-set.json"])))
    every: list[Fate] = ["known", "lost", "absent"]
    groups = [address for address in apply.resources if address.startswith(f"{GROUP}.")]
    apply.fates |= {address: draw(st.sampled_from(every)) for address in groups}
    for address in apply.resources:
        if address in groups:
            continue
        # As late as the latest of its groups, or later.
        latest = max(every.index(apply.fates[group]) for group in apply.groups_of(address))
        allowed = every[latest:]
        apply.fates[address] = draw(st.sampled_from(allowed))
    return apply


@given(broken_applies())
def test_exactly_what_was_lost_is_imported(apply: Apply) -> None:
    recovery = _after(apply)
    assert _imports(recovery) == {address: id_of(address) for address in apply.at("lost")}
    assert recovery.leftovers == ()


@given(broken_applies(), st.randoms(use_true_random=False))
def test_the_order_in_which_ec2_answers_does_not_matter(apply: Apply, random: Any) -> None:
    groups, rules = apply.groups(), apply.rules()
    random.shuffle(groups["SecurityGroups"])
    random.shuffle(rules["SecurityGroupRules"])
    assert _recover(apply.plan(), groups, rules) == _after(apply)


def test_a_state_that_was_emptied_comes_back_whole_in_one_pass() -> None:
    recovery = _after(Apply(everything("lost")))
    assert len(recovery.imports) == 52
    assert [found.address for found in recovery.imports] == sorted(Apply().resources)
    assert recovery.leftovers == ()


def test_nothing_lost_is_nothing_to_do() -> None:
    assert _after(Apply()) == Recovery((), ())
    assert _after(Apply(everything("absent"))) == Recovery((), ())


def test_a_group_is_shown_with_its_name_and_the_time_in_it() -> None:
    (group,) = [found for found in _after(Apply(_lost(ETCD))).imports if found.address == ETCD]
    assert group.what == "rancher-etcd-2025030405060701230000002a, made 2025-03-04 05:06:07 UTC"
    apply = Apply(_lost(ETCD))
    groups = {"SecurityGroups": [apply.group(ETCD, GroupName="rancher-etcd-2025990405060701230000002a")]}
    (group,) = _recover(apply.plan(), groups, {"SecurityGroupRules": []}).imports
    assert group.what == "rancher-etcd-2025990405060701230000002a"


@pytest.mark.parametrize(
    "changes",
    [
        {"VpcId": "vpc-00000000000000000"},
        {"Tags": []},
        {"Tags": tags_of({"rancher-ports:owner": "rancher", "rancher-ports:role": "bastion"})},
        {"Tags": tags_of({"rancher-ports:owner": "other", "rancher-ports:role": "etcd"}), "GroupName": "x"},
        {"SecurityGroupArn": "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1"},
    ],
)
@pytest.mark.parametrize("fate", ["lost", "known"])
def test_another_deployments_group_is_left_alone(changes: dict[str, Any], fate: Fate) -> None:
    apply = Apply(_lost(ETCD) if fate == "lost" else {})
    group = apply.group(ETCD, **changes, GroupId="sg-00000001")
    recovery = _recover(apply.plan(), {"SecurityGroups": [group]}, {"SecurityGroupRules": []})
    assert recovery == Recovery((), ())


@pytest.mark.parametrize(
    "name",
    [
        "rancher-etcd-etcd-2025030405060701230000002a",
        "rancher-etcd-by-hand",
        "other-etcd-2025030405060701230000002a",
    ],
)
@pytest.mark.parametrize("fate", ["lost", "known"])
def test_a_group_of_another_name_is_named_and_not_imported(name: str, fate: Fate) -> None:
    # Another deployment's with the same prefix; or the old half of a replacement whose state was emptied.
    apply = Apply(_lost(ETCD) if fate == "lost" else {})
    group = apply.group(ETCD, GroupName=name, GroupId="sg-00000001")
    recovery = _recover(apply.plan(), {"SecurityGroups": [group]}, {"SecurityGroupRules": []})
    assert recovery.imports == ()
    (left,) = recovery.leftovers
    assert (left.code, left.place) == ("other-group", "sg-00000001")
    assert f"has the tags of {ETCD} and another name, and is not in the state" in left.sentence
    assert "delete-security-group --group-id sg-00000001" in left.fix


def test_a_group_without_a_known_region_may_be_anywhere() -> None:
    apply = Apply({ETCD: "lost"})
    group = {key: value for key, value in apply.group(ETCD).items() if key != "SecurityGroupArn"}
    recovery = _recover(apply.plan(), {"SecurityGroups": [group]}, {"SecurityGroupRules": []})
    assert _imports(recovery) == {ETCD: id_of(ETCD)}


def test_several_groups_are_for_a_person_to_tell_apart() -> None:
    apply = Apply(_lost(ETCD))
    groups = apply.groups()
    second = apply.group(ETCD, GroupId="sg-00000001", GroupName=name_of(apply.resources[ETCD], "20250101000000"))
    groups["SecurityGroups"].append(second)
    recovery = _recover(apply.plan(), groups, apply.rules())
    assert recovery.imports == ()
    (left,) = recovery.leftovers
    assert (left.code, left.place) == ("ambiguous-group", ETCD)
    assert left.sentence.index("sg-00000001 (rancher-etcd-2025010100000") < left.sentence.index(id_of(ETCD))
    assert "made 2025-01-01 00:00:00 UTC" in left.sentence
    assert f'{{"to": "{ETCD}", "id": "sg-..."}}' in left.fix


def test_one_group_for_two_addresses_is_imported_at_neither() -> None:
    apply = Apply(_lost(ETCD))
    plan = apply.plan()
    copied = copy.deepcopy(next(change for change in plan["resource_changes"] if change["address"] == ETCD))
    copied["address"] = copied["name"] = "copy"
    plan["resource_changes"].append(copied)
    recovery = _recover(plan, apply.groups(), apply.rules())
    assert recovery.imports == ()
    assert _left(recovery) == [("ambiguous-group", ETCD), ("ambiguous-group", "copy")]


def test_a_group_whose_vpc_is_yet_to_be_made_is_not_imported() -> None:
    # It would be replaced at once, and a cluster would lose its rules.
    apply = Apply(_lost(ETCD))
    plan = apply.plan()
    change = change_of(plan, ETCD)
    del change["after"]["vpc_id"]
    change["after_unknown"]["vpc_id"] = True
    recovery = _recover(plan, apply.groups(), apply.rules())
    assert recovery.imports == ()
    assert _left(recovery) == [("unknown-vpc", ETCD)]
    assert id_of(ETCD) in recovery.leftovers[0].sentence


def test_a_second_group_beside_one_in_the_state_is_an_orphan() -> None:
    apply = Apply()
    groups = apply.groups()
    groups["SecurityGroups"].append(apply.group(ETCD, GroupId="sg-00000001"))
    (left,) = _recover(apply.plan(), groups, apply.rules()).leftovers
    assert (left.code, left.place) == ("orphan-group", "sg-00000001")
    assert ETCD in left.sentence
    assert f"`aws ec2 delete-security-group --group-id sg-00000001 --region {REGION}`" in left.fix


def test_of_orphans_that_name_each_other_the_rules_go_first() -> None:
    # As when a state was emptied and Terraform applied again: everything is there twice.
    apply = Apply()
    groups, rules = apply.groups(), apply.rules()
    orphans = {id_of(ETCD): "sg-00000001", id_of(SERVER): "sg-00000002"}
    groups["SecurityGroups"] += [
        apply.group(ETCD, GroupId="sg-00000001"),
        apply.group(SERVER, GroupId="sg-00000002"),
    ]
    for rule in copy.deepcopy(rules["SecurityGroupRules"]):
        peer = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        if rule["GroupId"] in orphans and peer in orphans:
            twice = {"SecurityGroupRuleId": f"{rule['SecurityGroupRuleId']}b", "GroupId": orphans[rule["GroupId"]]}
            rules["SecurityGroupRules"].append({**rule, **twice, "ReferencedGroupInfo": {"GroupId": orphans[peer]}})
    of_etcd, of_server = _recover(apply.plan(), groups, rules).leftovers
    # The document: etcd nodes to rancher nodes 443, and to each other 2379, 2380 and 8472, which keeps nothing alive.
    to_server = id_of(f"{EGRESS}.rancher_etcd_to_rancher_tcp_443")
    from_etcd = id_of(f"{INGRESS}.rancher_rancher_from_etcd_tcp_443")
    for left, what in (
        (of_etcd, f"egress --group-id sg-00000001 --security-group-rule-ids {to_server}b"),
        (of_server, f"ingress --group-id sg-00000002 --security-group-rule-ids {from_etcd}b"),
    ):
        assert left.code == "orphan-group"
        revoke = (
            f"revoke its rules that name other orphans (`aws ec2 revoke-security-group-{what} --region {REGION}`), then"
        )
        assert f"{revoke} remove it: `aws ec2 delete-security-group --group-id {left.place}" in left.fix


def _with_owner(groups: dict[str, Any], owner: str) -> dict[str, Any]:
    """The same groups, of another owner."""
    for group in groups["SecurityGroups"]:
        for tag in group["Tags"]:
            if tag["Key"] == "rancher-ports:owner":
                tag["Value"] = owner
    return groups


def test_a_state_that_was_emptied_while_the_prefix_was_renamed_comes_back_with_the_former_owner() -> None:
    apply = Apply(everything("lost"))
    groups, rules = _with_owner(apply.groups(), "old"), apply.rules()
    asked = _recover(apply.plan(), groups, rules)
    assert asked.imports == ()
    assert {left.code for left in asked.leftovers} == {"former-owner"}
    assert len(asked.leftovers) == 4
    assert all(left.fix.endswith("run this command again with `--former-owner old`.") for left in asked.leftovers)
    told = recover(read_plan(apply.plan()), read_groups(groups), read_rules(rules), frozenset({"old"}))
    assert _imports(told) == {address: id_of(address) for address in apply.resources}
    assert told.leftovers == ()


def test_one_prefix_in_two_stacks_is_two_writers() -> None:
    # The server's stack has the rancher group and its peers outside; the cluster's everything else.
    apply = Apply()
    theirs = [address for address in apply.resources if {"etcd", "controlplane", "worker"} & set(address.split("_"))]
    plan = apply.plan()
    for changes in (plan["resource_changes"], plan["prior_state"]["values"]["root_module"]["resources"]):
        changes[:] = [change for change in changes if change["address"] not in theirs]
    assert len(plan["resource_changes"]) == 5
    assert _recover(plan, apply.groups(), apply.rules()) == Recovery((), ())
    ours = set(apply.resources) - set(theirs)
    plan = apply.plan()
    for changes in (plan["resource_changes"], plan["prior_state"]["values"]["root_module"]["resources"]):
        changes[:] = [change for change in changes if change["address"] not in ours]
    assert _recover(plan, apply.groups(), apply.rules()) == Recovery((), ())


def _replaced(plan: dict[str, Any], address: str) -> dict[str, Any]:
    change = change_of(plan, address)
    change["actions"] = ["create", "delete"]
    change["after"] = {key: value for key, value in change["before"].items() if key != "id"}
    change["after_unknown"] = {"id": True}
    return change


def test_the_lost_half_of_a_replacement_is_an_orphan() -> None:
    # Its name_prefix changes: the new group was made, and the state has the old one still.
    apply = Apply()
    plan = apply.plan()
    change = _replaced(plan, ETCD)
    change["after"]["name_prefix"] = "green-etcd-"
    groups = apply.groups()
    new = apply.group(ETCD, GroupId="sg-00000001", GroupName="green-etcd-2025030405060701230000002a")
    groups["SecurityGroups"].append({key: value for key, value in new.items() if key != "SecurityGroupArn"})
    (left,) = _recover(plan, groups, apply.rules()).leftovers
    assert (left.code, left.place) == ("orphan-group", "sg-00000001")
    assert left.fix == (
        "If no other deployment has it, and no network interface "
        "(`aws ec2 describe-network-interfaces --filters Name=group-id,Values=sg-00000001`), "
        "remove it: `aws ec2 delete-security-group --group-id sg-00000001`. "
        "If interfaces have it, it is the one in use, and not the one in the state: take that one away "
        f"(`terraform destroy -target={ETCD}`), plan again, and run this command on that plan."
    )
    # Wherever the replacement is to be, the group that is there already is in the VPC of the old one.
    del change["after"]["vpc_id"]
    assert _left(_recover(plan, groups, apply.rules())) == [("orphan-group", "sg-00000001")]


def test_a_second_group_is_an_orphan_even_if_the_first_is_about_to_go() -> None:
    apply = Apply()
    plan = apply.plan()
    change_of(plan, ETCD).update(actions=["delete"], after=None)
    groups = apply.groups()
    groups["SecurityGroups"].append(apply.group(ETCD, GroupId="sg-00000001"))
    assert _left(_recover(plan, groups, apply.rules())) == [("orphan-group", "sg-00000001")]


def test_a_group_that_is_imported_is_no_orphan_beside_the_one_it_follows() -> None:
    # Its address has changed: the old group is in the state still, the new one was made and lost.
    apply = Apply()
    plan = apply.plan()
    old = copy.deepcopy(next(change for change in plan["resource_changes"] if change["address"] == ETCD))
    plan["resource_changes"].append(old | {"address": f"{GROUP}.old", "name": "old"})
    values = {key: value for key, value in old["change"]["after"].items() if key != "id"}
    change_of(plan, ETCD).update(actions=["create"], before=None, after=values, after_unknown={"id": True})
    groups = apply.groups()
    groups["SecurityGroups"].append(apply.group(ETCD, GroupId="sg-00000001"))
    recovery = _recover(plan, groups, apply.rules())
    assert _imports(recovery) == {ETCD: "sg-00000001"}
    assert recovery.leftovers == ()


def test_a_deposed_group_is_known() -> None:
    apply = Apply()
    plan = apply.plan()
    deposed = copy.deepcopy(next(change for change in plan["resource_changes"] if change["address"] == ETCD))
    deposed["deposed"] = "abcdef12"
    deposed["change"] = {
        "actions": ["delete"],
        "before": deposed["change"]["before"] | {"id": "sg-00000001"},
        "after": None,
        "after_unknown": {},
    }
    plan["resource_changes"].append(deposed)
    groups = apply.groups()
    groups["SecurityGroups"].append(apply.group(ETCD, GroupId="sg-00000001"))
    assert _recover(plan, groups, apply.rules()) == Recovery((), ())


def test_a_group_with_a_literal_name_is_found_by_it() -> None:
    apply = Apply({ETCD: "lost"})
    plan = apply.plan()
    change = change_of(plan, ETCD)
    del change["after"]["name_prefix"]
    change["after"]["name"] = "etcd nodes"
    found = {"SecurityGroups": [apply.group(ETCD, GroupName="etcd nodes")]}
    assert _imports(_recover(plan, found, {"SecurityGroupRules": []})) == {ETCD: id_of(ETCD)}
    other = {"SecurityGroups": [apply.group(ETCD, GroupName="etcd nodes 2")]}
    assert _left(_recover(plan, other, {"SecurityGroupRules": []})) == [("other-group", id_of(ETCD))]


def _default_egress(apply: Apply, address: str, **changes: Any) -> dict[str, Any]:
    rule = {
        "SecurityGroupRuleId": "sgr-0000000000000000d",
        "GroupId": id_of(address),
        "GroupOwnerId": ACCOUNT,
        "IsEgress": True,
        "IpProtocol": "-1",
        "FromPort": -1,
        "ToPort": -1,
        "CidrIpv4": "0.0.0.0/0",
        "Tags": [],
    }
    assert address in apply.resources
    return {**rule, **changes}


def test_the_egress_that_ec2_gives_a_new_group_is_named_and_how_to_revoke_it() -> None:
    apply = Apply(_lost(ETCD))
    rules = apply.rules()
    six = {"SecurityGroupRuleId": "sgr-0000000000000000e", "CidrIpv4": None, "CidrIpv6": "::/0"}
    rules["SecurityGroupRules"] += [_default_egress(apply, ETCD), _default_egress(apply, ETCD, **six)]
    recovery = _recover(apply.plan(), apply.groups(), rules)
    assert _imports(recovery) == {address: id_of(address) for address in apply.at("lost")}
    assert _left(recovery) == [("unmanaged-rule", "sgr-0000000000000000d"), ("unmanaged-rule", "sgr-0000000000000000e")]
    command = f"aws ec2 revoke-security-group-egress --group-id {id_of(ETCD)} --security-group-rule-ids"
    for left, id_ in zip(recovery.leftovers, ("sgr-0000000000000000d", "sgr-0000000000000000e"), strict=True):
        assert "EC2's rule for all egress of a new group" in left.sentence
        assert f"`{command} {id_} --region {REGION}`" in left.fix


def test_a_rule_by_hand_on_a_group_to_be_imported_is_named() -> None:
    apply = Apply(_lost(ETCD))
    rules = apply.rules()
    by_hand = apply.rule(CLIENT_RULE, SecurityGroupRuleId="sgr-00000001", FromPort=22, ToPort=22, Tags=[])
    rules["SecurityGroupRules"].append(by_hand)
    (left,) = _recover(apply.plan(), apply.groups(), rules).leftovers
    assert (left.code, left.place) == ("unmanaged-rule", "sgr-00000001")
    assert f"ingress 22/tcp from {id_of(f'{GROUP}.rancher_controlplane')} on {id_of(ETCD)}" in left.sentence
    assert "aws ec2 revoke-security-group-ingress" in left.fix


def test_egress_everywhere_that_the_plan_wants_is_imported() -> None:
    address = f"{EGRESS}.rancher_etcd_to_anywhere-ipv4_all"
    apply = Apply(_lost(ETCD))
    apply.resources[address] = {
        "security_group_id": f"${{{ETCD}.id}}",
        "ip_protocol": "-1",
        "cidr_ipv4": "0.0.0.0/0",
        "description": "all egress",
        "tags": {"Name": address.partition(".")[2]},
    }
    apply.fates[address] = "lost"
    recovery = _after(apply)
    assert _imports(recovery)[address] == id_of(address)
    assert recovery.leftovers == ()


def test_rules_of_others_on_groups_in_the_state_are_theirs() -> None:
    apply = Apply()
    rules = apply.rules()
    theirs = {"Name": "blue_rancher_from_etcd_tcp_443", "rancher-ports:requirement": "rke1/etcd/egress/443/tcp"}
    rules["SecurityGroupRules"] += [
        apply.rule(OFFICE_RULE, SecurityGroupRuleId=f"sgr-{port}", FromPort=port, ToPort=port, Tags=tags_of(tags))
        for port, tags in enumerate(
            ({}, theirs, {"Name": "rancher_rancher_from_office_tcp_22"}, {"rancher-ports:requirement": "x"})
        )
    ]
    assert _recover(apply.plan(), apply.groups(), rules) == Recovery((), ())


def test_rules_of_a_cluster_in_another_stack_stay_on_a_group_to_be_imported() -> None:
    apply = Apply(_lost(SERVER))
    rules = apply.rules()
    theirs = {"Name": "blue_rancher_from_etcd_tcp_443", "rancher-ports:requirement": "rke1/etcd/egress/443/tcp"}
    rule = apply.rule(OFFICE_RULE, SecurityGroupRuleId="sgr-1", CidrIpv4="10.0.0.0/8", Tags=tags_of(theirs))
    rules["SecurityGroupRules"].append(rule)
    assert _recover(apply.plan(), apply.groups(), rules).leftovers == ()


def test_a_rule_with_our_prefix_that_nothing_knows_is_an_orphan() -> None:
    apply = Apply()
    rules = apply.rules()
    ours = {"Name": "rancher_rancher_from_lab_tcp_443", "rancher-ports:requirement": "rke1/rancher/ingress/443/tcp"}
    lab = apply.rule(OFFICE_RULE, SecurityGroupRuleId="sgr-1", CidrIpv4="10.0.0.0/8", Tags=tags_of(ours))
    elsewhere = lab | {"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-00000001"}
    rules["SecurityGroupRules"] += [lab, elsewhere]
    (left,) = _recover(apply.plan(), apply.groups(), rules).leftovers
    assert (left.code, left.place) == ("orphan-rule", "sgr-1")
    command = f"aws ec2 revoke-security-group-ingress --group-id {id_of(SERVER)} --security-group-rule-ids sgr-1"
    assert command in left.fix


def _with_rule(apply: Apply, **values: Any) -> dict[str, Any]:
    """The plan in which one lost rule has other values; None takes one out."""
    plan = apply.plan()
    after = change_of(plan, OFFICE_RULE)["after"] | values
    change_of(plan, OFFICE_RULE)["after"] = {key: value for key, value in after.items() if value is not None}
    return plan


@pytest.mark.parametrize(
    ("planned", "described"),
    [
        ({"ip_protocol": "6"}, {}),
        ({"description": "another"}, {"Description": "other"}),
        ({"cidr_ipv4": None, "cidr_ipv6": "2001:DB8::/48"}, {"CidrIpv4": None, "CidrIpv6": "2001:db8::/48"}),
        ({"cidr_ipv4": None, "prefix_list_id": "pl-01234567"}, {"CidrIpv4": None, "PrefixListId": "pl-01234567"}),
        ({"cidr_ipv4": "strange"}, {"CidrIpv4": "strange"}),
        (
            {"cidr_ipv4": None, "referenced_security_group_id": "sg-00000001"},
            {"CidrIpv4": None, "ReferencedGroupInfo": {"GroupId": "sg-00000001", "UserId": ACCOUNT}},
        ),
        (
            {"cidr_ipv4": None, "referenced_security_group_id": f"{ACCOUNT}/sg-00000001"},
            {"CidrIpv4": None, "ReferencedGroupInfo": {"GroupId": "sg-00000001", "UserId": ACCOUNT}},
        ),
        (
            {"cidr_ipv4": None, "referenced_security_group_id": "210987654321/sg-00000001"},
            {"CidrIpv4": None, "ReferencedGroupInfo": {"GroupId": "sg-00000001", "UserId": "210987654321"}},
        ),
        ({"ip_protocol": "icmp", "from_port": 8, "to_port": -1}, {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}),
        ({"ip_protocol": "47", "from_port": None, "to_port": None}, {"IpProtocol": "47", "FromPort": -1, "ToPort": -1}),
        ({"ip_protocol": "-1", "from_port": None, "to_port": None}, {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}),
        ({"from_port": 0, "to_port": 65535}, {"FromPort": 0, "ToPort": 65535}),
    ],
)
def test_a_lost_rule_is_found_whatever_its_spelling(planned: dict[str, Any], described: dict[str, Any]) -> None:
    apply = Apply({OFFICE_RULE: "lost"})
    rule = apply.rule(OFFICE_RULE, **described)
    recovery = _recover(_with_rule(apply, **planned), apply.groups(), {"SecurityGroupRules": [rule]})
    assert _imports(recovery) == {OFFICE_RULE: id_of(OFFICE_RULE)}


@pytest.mark.parametrize(
    "described",
    [
        {"GroupId": "sg-00000001"},
        {"IsEgress": True},
        {"FromPort": 442},
        {"ToPort": 444},
        {"IpProtocol": "udp"},
        {"CidrIpv4": "203.0.113.0/25"},
        {"CidrIpv4": None, "PrefixListId": "203.0.113.0/24"},
        {"CidrIpv4": None, "CidrIpv6": "::/0"},
    ],
)
def test_another_rule_is_not_taken_for_it(described: dict[str, Any]) -> None:
    apply = Apply({OFFICE_RULE: "lost"})
    rule = apply.rule(OFFICE_RULE, **described)
    assert _recover(apply.plan(), apply.groups(), {"SecurityGroupRules": [rule]}) == Recovery((), ())


def test_a_group_of_another_account_is_not_the_own_one_of_the_same_id() -> None:
    apply = Apply({OFFICE_RULE: "lost"})
    plan = _with_rule(apply, cidr_ipv4=None, referenced_security_group_id="sg-00000001")
    other = {"GroupId": "sg-00000001", "UserId": "210987654321"}
    rule = apply.rule(OFFICE_RULE, CidrIpv4=None, ReferencedGroupInfo=other)
    assert _recover(plan, apply.groups(), {"SecurityGroupRules": [rule]}) == Recovery((), ())


def test_a_rule_that_names_a_group_of_another_account_is_imported_with_it() -> None:
    apply = Apply(_lost(ETCD))
    rule = f"{INGRESS}.rancher_worker_from_etcd_udp_8472"
    plan, rules = apply.plan(), apply.rules()
    for resource in plan["configuration"]["root_module"]["resources"]:
        if resource["address"] == rule:
            reference = resource["expressions"]["referenced_security_group_id"]
            reference["constant_value"] = f"999999999999/{reference['constant_value']}"
    (described,) = [entry for entry in rules["SecurityGroupRules"] if entry["SecurityGroupRuleId"] == id_of(rule)]
    # As long as EC2 has a group of the rule's own account there, it is another rule.
    assert rule not in _imports(_recover(plan, apply.groups(), rules))
    described["ReferencedGroupInfo"]["UserId"] = "999999999999"
    assert _imports(_recover(plan, apply.groups(), rules))[rule] == id_of(rule)


def test_a_rule_on_a_group_of_another_stack_is_imported() -> None:
    # A cluster writes on its server's group, which stands in another state and is known by its id.
    apply = Apply({OFFICE_RULE: "lost"})
    plan = apply.plan()
    plan["resource_changes"] = [change for change in plan["resource_changes"] if change["address"] != SERVER]
    assert id_of(SERVER) in group_ids(read_plan(plan), ())
    recovery = _recover(plan, {"SecurityGroups": []}, apply.rules())
    assert _imports(recovery) == {OFFICE_RULE: id_of(OFFICE_RULE)}


def test_a_rule_that_the_state_has_elsewhere_was_renamed_or_stands_there_twice() -> None:
    apply = Apply({OFFICE_RULE: "lost"})
    plan = apply.plan()
    old = OFFICE_RULE.replace("office", "bureau")
    plan["prior_state"]["values"]["root_module"]["resources"].append(
        {"address": old, "mode": "managed", "type": INGRESS, "name": "x", "values": {"id": id_of(OFFICE_RULE)}}
    )
    (left,) = _recover(plan, apply.groups(), apply.rules()).leftovers
    assert (left.code, left.place) == ("one-rule-twice", OFFICE_RULE)
    assert old in left.sentence
    assert f"terraform state mv '{old}' '{OFFICE_RULE}'" in left.fix


def test_two_resources_for_one_rule_are_imported_at_neither() -> None:
    apply = Apply({OFFICE_RULE: "lost"})
    plan = apply.plan()
    change = next(change for change in plan["resource_changes"] if change["address"] == OFFICE_RULE)
    plan["resource_changes"].append(change | {"address": f"{INGRESS}.another"})
    recovery = _recover(plan, apply.groups(), apply.rules())
    assert recovery.imports == ()
    assert _left(recovery) == [("one-rule-twice", id_of(OFFICE_RULE))]
    assert f"{INGRESS}.another and {OFFICE_RULE} are one rule" in recovery.leftovers[0].sentence


def test_a_rule_that_is_replaced_by_its_like_is_nobodys_orphan() -> None:
    apply = Apply()
    plan = apply.plan()
    _replaced(plan, OFFICE_RULE)
    assert _recover(plan, apply.groups(), apply.rules()) == Recovery((), ())


def test_the_lost_half_of_a_rules_replacement_has_to_go() -> None:
    apply = Apply()
    plan = apply.plan()
    _replaced(plan, OFFICE_RULE)["after"]["cidr_ipv4"] = "10.0.0.0/8"
    rules = apply.rules()
    new = apply.rule(OFFICE_RULE, SecurityGroupRuleId="sgr-1", CidrIpv4="10.0.0.0/8", Tags=[])
    rules["SecurityGroupRules"].append(new)
    recovery = _recover(plan, apply.groups(), rules)
    assert recovery.imports == ()
    assert _left(recovery) == [("orphan-rule", "sgr-1")]
    assert "--security-group-rule-ids sgr-1" in recovery.leftovers[0].fix


def _unknown(plan: dict[str, Any], address: str, *attributes: str) -> None:
    change = change_of(plan, address)
    for attribute in attributes:
        change["after"].pop(attribute, None)
        change["after_unknown"][attribute] = True


@pytest.mark.parametrize(
    "attributes",
    [
        ("cidr_ipv4",),
        ("cidr_ipv4", "cidr_ipv6"),
        ("ip_protocol", "from_port", "to_port"),
        ("from_port",),
        ("security_group_id",),
    ],
)
def test_a_rule_that_may_be_planned_is_not_to_be_revoked(attributes: tuple[str, ...]) -> None:
    apply = Apply(_lost(SERVER))
    plan = apply.plan()
    _unknown(plan, OFFICE_RULE, *attributes)
    configuration = plan["configuration"]["root_module"]["resources"]
    of_rule = next(resource for resource in configuration if resource["address"] == OFFICE_RULE)
    for attribute in attributes:
        of_rule["expressions"][attribute] = {"references": ["var.x"]}
    recovery = _recover(plan, apply.groups(), apply.rules())
    assert OFFICE_RULE not in _imports(recovery)
    (left,) = recovery.leftovers
    assert (left.code, left.place) == ("undecided-rule", id_of(OFFICE_RULE))
    assert OFFICE_RULE in left.sentence
    assert "revoke" not in left.fix


def test_rules_that_the_cloud_controller_adds_to_the_nodes_group_are_nobodys_business_here() -> None:
    # The group of another cluster's nodes, and an etcd group, get no such rule from it.
    nodes = f"{GROUP}.rancher_nodes"
    apply = Apply(_lost(ETCD))
    tags = {**apply.resources[ETCD]["tags"], "rancher-ports:role": "nodes", "kubernetes.io/cluster/prod": "owned"}
    apply.resources[nodes] = {**apply.resources[ETCD], "name_prefix": "rancher-nodes-", "tags": tags}
    apply.fates[nodes] = "lost"
    balancer = {"GroupId": "sg-0000000b", "UserId": ACCOUNT}
    from_balancer: dict[str, Any] = {
        **_default_egress(apply, nodes),
        "GroupId": id_of(nodes),
        "IsEgress": False,
        "CidrIpv4": None,
        "ReferencedGroupInfo": balancer,
    }
    rules = apply.rules()
    rules["SecurityGroupRules"] += [
        from_balancer | {"SecurityGroupRuleId": "sgr-00000001"},
        from_balancer | {"SecurityGroupRuleId": "sgr-00000002", "GroupId": id_of(ETCD)},
        _default_egress(apply, nodes) | {"SecurityGroupRuleId": "sgr-00000003", "GroupId": id_of(nodes)},
    ]
    recovery = _recover(apply.plan(), apply.groups(), rules)
    assert _imports(recovery)[nodes] == id_of(nodes)
    assert _left(recovery) == [("unmanaged-rule", "sgr-00000002"), ("unmanaged-rule", "sgr-00000003")]


def test_the_only_unknown_peer_says_its_kind() -> None:
    apply = Apply(_lost(SERVER))
    plan = apply.plan()
    _unknown(plan, OFFICE_RULE, "cidr_ipv4")
    rules = apply.rules()
    to_list = apply.rule(OFFICE_RULE, SecurityGroupRuleId="sgr-1", CidrIpv4=None, PrefixListId="pl-01234567")
    rules["SecurityGroupRules"].append(to_list)
    assert _left(_recover(plan, apply.groups(), rules)) == [
        ("undecided-rule", id_of(OFFICE_RULE)),
        ("unmanaged-rule", "sgr-1"),
    ]


def test_several_unknown_peers_leave_the_kind_open() -> None:
    apply = Apply(_lost(SERVER))
    plan = apply.plan()
    _unknown(plan, OFFICE_RULE, "cidr_ipv4", "cidr_ipv6")
    rules = apply.rules()
    six = apply.rule(OFFICE_RULE, SecurityGroupRuleId="sgr-1", CidrIpv4=None, CidrIpv6="::/0")
    rules["SecurityGroupRules"].append(six)
    left = _left(_recover(plan, apply.groups(), rules))
    assert left == sorted([("undecided-rule", id_of(OFFICE_RULE)), ("undecided-rule", "sgr-1")])


def test_somebody_elses_group_may_have_been_lost_as_well() -> None:
    # A load balancer's group of the same stack: whether it exists is not for us to find out.
    apply = Apply(_lost(SERVER))
    plan = apply.plan()
    balancer = {"actions": ["create"], "before": None, "after": {"name_prefix": "lb-"}, "after_unknown": {"id": True}}
    head = {"address": f"{GROUP}.balancer", "mode": "managed", "type": GROUP, "name": "balancer"}
    plan["resource_changes"].append(head | {"change": balancer})
    del change_of(plan, OFFICE_RULE)["after"]["cidr_ipv4"]
    _unknown(plan, OFFICE_RULE, "referenced_security_group_id")
    for resource in plan["configuration"]["root_module"]["resources"]:
        if resource["address"] == OFFICE_RULE:
            references = [f"{GROUP}.balancer.id", f"{GROUP}.balancer"]
            resource["expressions"]["referenced_security_group_id"] = {"references": references}
    info = {"GroupId": "sg-00000001", "UserId": ACCOUNT}
    rules = {"SecurityGroupRules": [apply.rule(OFFICE_RULE, CidrIpv4=None, ReferencedGroupInfo=info)]}
    assert _left(_recover(plan, apply.groups(), rules)) == [("undecided-rule", id_of(OFFICE_RULE))]


def test_a_rule_of_a_group_that_is_made_now_is_no_rule_that_exists() -> None:
    # The etcd group is new, so no rule that names it can be there: what looks like it is somebody else's.
    apply = Apply(_lost(f"{GROUP}.rancher_controlplane") | {ETCD: "absent"})
    for address in apply.resources:
        if ETCD in apply.groups_of(address):
            apply.fates[address] = "absent"
    rules = apply.rules()
    rule = apply.rule(f"{INGRESS}.rancher_controlplane_from_etcd_tcp_6443", SecurityGroupRuleId="sgr-1")
    rules["SecurityGroupRules"].append(rule)
    assert _left(_recover(apply.plan(), apply.groups(), rules)) == [("unmanaged-rule", "sgr-1")]


def test_blocks_that_are_in_place_are_written_again() -> None:
    # The user runs the command twice, or has put a block of their own into the file.
    apply = Apply()
    plan = apply.plan()
    for address in (ETCD, OFFICE_RULE):
        change_of(plan, address)["importing"] = {"id": id_of(address)}
    rules = {"SecurityGroupRules": [_default_egress(apply, ETCD)]}
    recovery = _recover(plan, {"SecurityGroups": []}, rules)
    assert _imports(recovery) == {ETCD: id_of(ETCD), OFFICE_RULE: id_of(OFFICE_RULE)}
    assert _left(recovery) == [("unmanaged-rule", "sgr-0000000000000000d")]


def test_a_block_for_somebody_elses_group_is_theirs() -> None:
    apply = Apply()
    plan = apply.plan()
    change = change_of(plan, ETCD)
    change["importing"] = {"id": id_of(ETCD)}
    change["before"] = change["after"] = {**change["after"], "tags": {"Name": "theirs"}}
    assert _recover(plan, apply.groups(), apply.rules()) == Recovery((), ())


def test_a_planned_port_that_is_none_is_a_fault_with_its_address() -> None:
    apply = Apply({OFFICE_RULE: "lost"})
    with pytest.raises(InputError, match=f"^{OFFICE_RULE}: 70000: expected a port"):
        _recover(_with_rule(apply, to_port=70000), apply.groups(), apply.rules())


def test_what_to_ask_for_is_in_the_plan() -> None:
    apply = Apply(_lost(ETCD))
    plan = read_plan(apply.plan())
    assert roles(plan) == ("controlplane", "etcd", "rancher", "worker")
    assert regions(plan) == (REGION,)
    groups = read_groups(apply.groups())
    assert set(group_ids(plan, groups)) == {id_of(address) for address in apply.resources if address.startswith(GROUP)}
    without_rules = apply.plan()
    without_rules["resource_changes"] = [
        change for change in without_rules["resource_changes"] if change["type"] == GROUP
    ]
    assert id_of(SERVER) in group_ids(read_plan(without_rules), ())
    nothing = read_plan(apply.plan() | {"resource_changes": []})
    assert roles(nothing) == ()
    assert regions(nothing) == ()


def test_a_leftover_reads_as_a_line() -> None:
    assert str(Leftover("orphan-rule", "sgr-1", "It is open.", "Close it.")) == "orphan-rule: It is open. Close it."
