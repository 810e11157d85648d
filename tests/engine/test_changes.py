"""Changes to what is deployed: the exact plan, and whether anything that should stay open was closed on the way."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.documented import ROLES
from tests.engine.applying import apply_and_watch
from tests.engine.conftest import Synthesize
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.values import Group, Moment, PrefixList
from tests.engine.expected import groups_by_tag
from tests.engine.reachability import Connection, Gap, connections, gaps, open_connections
from tests.engine.stack import Document, Plan, Stack, addresses
from tests.engine.starting_point import THEIR_GROUP
from tests.oracle import EGRESS, INGRESS

GROUP = "aws_security_group"
OFFICES = "pl-0123456789abcdef1"

SETTINGS: dict[str, Any] = {
    "peers": {
        "office": {"cidr": "203.0.113.0/24"},
        "office-v6": {"cidr": "2001:db8::/48"},
        "mirrors": {"prefix_list_id": "pl-0123456789abcdef0"},
    },
    "features": ["image-pulls"],
    "slots": {"ui_api_clients": ["office", "office-v6"], "ingress_clients": ["office"], "registries": ["mirrors"]},
}


def changed(**changes: Any) -> dict[str, Any]:
    """The settings with some of them changed; those of a mapping one by one."""
    settings = copy.deepcopy(SETTINGS)
    for key, value in changes.items():
        merge = isinstance(value, Mapping) and key in settings
        settings[key] = {**settings[key], **value} if merge else value
    return settings


@dataclass
class Deployed:
    """A stack that has been applied, and a node for each role besides, in an instance that is not Terraform's."""

    stack: Stack
    cloud: Cloud
    nodes: dict[str, str]

    def change(self, document: Document) -> tuple[Plan, list[Gap]]:
        """Apply another JSON; the plan, and what was closed on the way."""
        self.stack.write(document)
        return self.apply()

    def apply(self) -> tuple[Plan, list[Gap]]:
        """Apply what stands in the folder."""
        return apply_and_watch(self.stack, self.cloud)

    def rule_id(self, address: str) -> str:
        """The id of a rule, which carries its address's name in a tag."""
        name = address.partition(".")[2]
        (id_,) = [rule.id for rule in self.cloud.rules.values() if dict(rule.tags).get("Name") == name]
        return id_


@pytest.fixture
def deploy(cloud: Cloud, applied_stack: Callable[[Document], Stack], synthesize: Synthesize) -> Callable[..., Deployed]:
    def run(settings: dict[str, Any] | None = None) -> Deployed:
        stack = applied_stack(synthesize(SETTINGS if settings is None else settings))
        groups = groups_by_tag(cloud.moment())
        nodes = {
            role: cloud.call("run_instances", {"SecurityGroupIds": [id_]})["Instances"][0]["InstanceId"]
            for (_, role), id_ in groups.items()
        }
        return Deployed(stack, cloud, nodes)

    return run


# Where the office of the settings stands: 443 of the UI, and ingress clients at both roles that run it.
OF_OFFICE = (
    ("rancher", "tcp_443"),
    ("controlplane", "tcp_80"),
    ("controlplane", "tcp_443"),
    ("worker", "tcp_80"),
    ("worker", "tcp_443"),
)


def _from(peer: str, prefix: str = "rancher") -> list[str]:
    """The addresses of the rules for the office, by its name."""
    return [f"{INGRESS}.{prefix}_{role}_from_{peer}_{port}" for role, port in OF_OFFICE]


def _moves(former: str, now: str) -> dict[str, str]:
    return dict(zip(_from(now), _from(former), strict=True))


def test_the_nodes_reach_each_other_to_begin_with(deploy: Callable[..., Deployed]) -> None:
    # Else no gap would ever be found: what is open is what could be closed.
    deployed = deploy()
    moment = deployed.cloud.moment()
    opened = open_connections(moment, connections([moment]))
    between = {c for c in opened if {c.source, c.destination} <= set(deployed.nodes.values())}
    # The document's 22 flows between roles, one of them completed.
    assert len(between) == 22
    # 2 clients of the UI, 3 addresses of git.rancher.io, 4 flows of ingress clients, 4 roles that pull images.
    assert len(opened - between) == 2 + 3 + 4 + 4


def test_a_gap_is_found(deploy: Callable[..., Deployed]) -> None:
    deployed = deploy()
    before, calls = deployed.cloud.moment(), len(deployed.cloud.history)
    (rule,) = [r for r in deployed.cloud.rules.values() if dict(r.tags)["Name"] == "rancher_etcd_from_etcd_tcp_2380"]
    revoked = {"GroupId": rule.group_id, "SecurityGroupRuleIds": [rule.id]}
    deployed.cloud.call("revoke_security_group_ingress", revoked)
    deployed.cloud.call("create_tags", {"Resources": [rule.group_id], "Tags": [{"Key": "a", "Value": "b"}]})
    pair = {"GroupId": rule.group_id}
    permission = {"IpProtocol": "tcp", "FromPort": 2380, "ToPort": 2380, "UserIdGroupPairs": [pair]}
    deployed.cloud.call("authorize_security_group_ingress", {"GroupId": rule.group_id, "IpPermissions": [permission]})
    (gap,) = gaps(before, deployed.cloud.history[calls:])
    assert (gap.connection.first, gap.first, gap.last) == (2380, 1, 3)


def test_a_peer_added_is_a_rule_created(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    lab = changed(peers={"lab": {"cidr": "198.51.100.0/24"}}, slots={"ui_api_clients": ["office", "office-v6", "lab"]})
    plan, found = deploy().change(synthesize(lab))
    assert plan == Plan(created=frozenset({f"{INGRESS}.rancher_rancher_from_lab_tcp_443"}))
    assert not found


def test_a_peer_removed_is_its_rules_destroyed(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    plan, found = deploy().change(synthesize(changed(slots={"ui_api_clients": ["office"]})))
    assert plan == Plan(destroyed=frozenset({f"{INGRESS}.rancher_rancher_from_office-v6_tcp_443"}))
    assert not found


def test_inputs_reordered_change_nothing(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    reordered = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value
        for key, value in reversed(SETTINGS.items())
    }
    reordered["slots"] = {slot: list(reversed(names)) for slot, names in reordered["slots"].items()}
    assert list(reordered["peers"]) != list(SETTINGS["peers"])
    plan, _ = deploy().change(synthesize(reordered))
    assert plan == Plan()


def test_a_description_reworded_is_changed_in_place(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    # As a release that rewords a row does.
    document = synthesize(SETTINGS)
    address = f"{INGRESS}.rancher_etcd_from_controlplane_tcp_2379"
    type_, _, name = address.partition(".")
    document["resource"][type_][name]["description"] = "etcd clients"
    deployed = deploy()
    id_ = deployed.rule_id(address)
    plan, found = deployed.change(document)
    assert plan == Plan(updated=frozenset({address}))
    assert not found
    assert deployed.cloud.rules[id_].description == "etcd clients"


def test_a_peer_renamed_with_moved_from_destroys_nothing(
    deploy: Callable[..., Deployed], synthesize: Synthesize
) -> None:
    deployed = deploy()
    ids = set(deployed.cloud.rules)
    renamed = changed(
        slots={"ui_api_clients": ["hq", "office-v6"], "ingress_clients": ["hq"]},
    )
    del renamed["peers"]["office"]
    renamed["peers"]["hq"] = {"cidr": "203.0.113.0/24", "moved_from": "office"}
    plan, found = deployed.change(synthesize(renamed))
    # Their Name tags are their addresses.
    assert plan == Plan(updated=frozenset(_from("hq")), moved=_moves("office", "hq"))
    assert not found
    assert set(deployed.cloud.rules) == ids
    # A chain of renamings, whatever of it was applied.
    del renamed["peers"]["hq"]
    renamed["peers"]["main"] = {"cidr": "203.0.113.0/24", "moved_from": ["hq", "office"]}
    renamed["slots"] |= {"ui_api_clients": ["main", "office-v6"], "ingress_clients": ["main"]}
    document = synthesize(renamed)
    plan, found = deployed.change(document)
    assert plan == Plan(updated=frozenset(_from("main")), moved=_moves("hq", "main"))
    assert not found
    assert set(deployed.cloud.rules) == ids


def test_a_chain_of_renamings_reaches_from_its_first_name_to_its_last(
    deploy: Callable[..., Deployed], synthesize: Synthesize
) -> None:
    deployed = deploy()
    renamed = changed(slots={"ui_api_clients": ["main", "office-v6"], "ingress_clients": ["main"]})
    del renamed["peers"]["office"]
    renamed["peers"]["main"] = {"cidr": "203.0.113.0/24", "moved_from": ["hq", "office"]}
    plan, found = deployed.change(synthesize(renamed))
    assert plan == Plan(updated=frozenset(_from("main")), moved=_moves("office", "main"))
    assert not found


def test_the_prefix_changed_with_moved_from_destroys_nothing(
    deploy: Callable[..., Deployed], synthesize: Synthesize
) -> None:
    deployed = deploy()
    before = deployed.cloud.moment()
    document = synthesize(changed(prefix="prod", group_name_prefix="rancher", moved_from="rancher"))
    plan, found = deployed.change(document)
    moved = {address.replace(".rancher_", ".prod_", 1): address for address in addresses(synthesize(SETTINGS))}
    # Owner and Name tags, in place.
    assert plan == Plan(updated=frozenset(moved), moved=moved)
    assert addresses(document) == frozenset(moved)
    assert not found
    after = deployed.cloud.moment()
    assert {(g.id, g.name) for g in after.groups} == {(g.id, g.name) for g in before.groups}
    assert {r.id for r in after.rules} == {r.id for r in before.rules}


def test_prefix_and_peer_renamed_at_once_destroy_nothing(
    deploy: Callable[..., Deployed], synthesize: Synthesize
) -> None:
    deployed = deploy()
    renamed = changed(
        prefix="prod",
        group_name_prefix="rancher",
        moved_from=["central", "rancher"],
        slots={"ui_api_clients": ["hq", "office-v6"], "ingress_clients": ["hq"]},
    )
    del renamed["peers"]["office"]
    renamed["peers"]["hq"] = {"cidr": "203.0.113.0/24", "moved_from": ["headquarters", "office"]}
    plan, found = deployed.change(synthesize(renamed))
    moved = {
        address.replace(".rancher_", ".prod_", 1).replace("_from_office_", "_from_hq_"): address
        for address in addresses(synthesize(SETTINGS))
    }
    assert set(_from("hq", "prod")) <= set(moved)
    assert plan == Plan(updated=frozenset(moved), moved=moved)
    assert not found


def test_a_block_changed_is_its_rules_changed_in_place(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    deployed = deploy()
    before = deployed.cloud.moment()
    ids = {address: deployed.rule_id(address) for address in _from("office")}
    plan, found = deployed.change(synthesize(changed(peers={"office": {"cidr": "203.0.112.0/23"}})))
    assert plan == Plan(updated=frozenset(ids))
    # The wider block holds the former one, so nobody was cut off.
    assert not found
    assert {deployed.cloud.rules[id_].peer for id_ in ids.values()} == {"203.0.112.0/23"}
    assert {rule for rule in before.rules if rule.id not in ids.values()} == {
        rule for rule in deployed.cloud.rules.values() if rule.id not in ids.values()
    }
    # To another block altogether: the former office is out for good, which is no gap, and nobody else is.
    reached = _open(deployed)
    plan, found = deployed.change(synthesize(changed(peers={"office": {"cidr": "198.51.100.0/24"}})))
    assert plan == Plan(updated=frozenset(ids))
    assert not found
    closed = reached - _open(deployed)
    assert {connection.source for connection in closed} == {"203.0.112.0/23"}
    assert len(closed) == len(OF_OFFICE)


def test_a_block_that_becomes_a_prefix_list_is_its_rules_replaced(
    deploy: Callable[..., Deployed], synthesize: Synthesize
) -> None:
    # EC2 does not change a rule to another kind of peer.
    deployed = deploy()
    deployed.cloud.prefix_lists[OFFICES] = PrefixList(OFFICES)
    reached = _open(deployed)
    ids = {deployed.rule_id(address) for address in _from("office")}
    plan, found = deployed.change(synthesize(changed(peers={"office": {"prefix_list_id": OFFICES}})))
    assert plan == Plan(replaced=frozenset(_from("office")))
    # No gap by name, since the office goes by another one afterwards; what the block could do ends, and nothing else.
    assert not found
    assert not ids & set(deployed.cloud.rules)
    ports = {("rancher", 443), ("controlplane", 80), ("controlplane", 443), ("worker", 80), ("worker", 443)}
    roles = {instance: role for role, instance in deployed.nodes.items()}
    for peer, connections_ in (("203.0.113.0/24", reached - _open(deployed)), (OFFICES, _open(deployed) - reached)):
        assert {connection.source for connection in connections_} == {peer}
        assert {(roles[c.destination], c.first) for c in connections_} == ports
    # Each rule goes before it comes again, so the office waits in between: as many closing calls as opening ones.
    actions = [moment.action for moment in deployed.cloud.history[-3 * len(ids) :]]
    assert actions.count("revoke_security_group_ingress") == actions.count("authorize_security_group_ingress") == 5


def _open(deployed: Deployed) -> frozenset[Connection]:
    moment = deployed.cloud.moment()
    return open_connections(moment, connections([moment]))


def test_egress_is_switched_both_ways_without_a_gap(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    deployed = deploy()
    everywhere = frozenset(
        f"{EGRESS}.rancher_{role}_to_anywhere-{family}_all" for role in ROLES for family in ("ipv4", "ipv6")
    )
    assert deployed.change(synthesize(changed(egress="all"))) == (Plan(created=everywhere), [])
    assert deployed.change(synthesize(SETTINGS)) == (Plan(destroyed=everywhere), [])


def test_documented_to_completed_adds_the_missing_half(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    deployed = deploy(changed(one_sided="documented"))
    half = frozenset({f"{EGRESS}.rancher_controlplane_to_controlplane_tcp_6443"})
    assert deployed.change(synthesize(changed(one_sided="completed"))) == (Plan(created=half), [])
    assert deployed.change(synthesize(changed(one_sided="documented"))) == (Plan(destroyed=half), [])


def test_a_rule_revoked_behind_terraform_is_put_back(deploy: Callable[..., Deployed]) -> None:
    deployed = deploy()
    address = f"{INGRESS}.rancher_worker_from_controlplane_tcp_10250"
    rule = deployed.cloud.rules[deployed.rule_id(address)]
    revoked = {"GroupId": rule.group_id, "SecurityGroupRuleIds": [rule.id]}
    deployed.cloud.call("revoke_security_group_ingress", revoked)
    plan, found = deployed.apply()
    assert plan == Plan(created=frozenset({address}))
    assert not found
    assert deployed.cloud.rules[deployed.rule_id(address)].identity == rule.identity


@pytest.mark.parametrize(
    "change",
    [{"FromPort": 0, "ToPort": 65535}, {"CidrIpv4": "203.0.0.0/16"}, {"Description": "made by hand"}],
    ids=["ports", "block", "description"],
)
def test_a_rule_changed_behind_terraform_is_changed_back_in_place(
    change: dict[str, Any], deploy: Callable[..., Deployed]
) -> None:
    deployed = deploy()
    address = f"{INGRESS}.rancher_rancher_from_office_tcp_443"
    rule = deployed.cloud.rules[deployed.rule_id(address)]
    as_it_is = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": rule.peer}
    changed_rule = {**as_it_is, "Description": rule.description, **change}
    update = {"SecurityGroupRuleId": rule.id, "SecurityGroupRule": changed_rule}
    deployed.cloud.call("modify_security_group_rules", {"GroupId": rule.group_id, "SecurityGroupRules": [update]})
    plan, found = deployed.apply()
    assert plan == Plan(updated=frozenset({address}))
    assert not found
    assert deployed.cloud.rules[rule.id] == rule


def test_a_rule_added_by_hand_is_not_seen(deploy: Callable[..., Deployed]) -> None:
    # Standalone rules know themselves only; docs/reliability.md says so.
    deployed = deploy()
    group = groups_by_tag(deployed.cloud.moment())["rancher", "etcd"]
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    answer = deployed.cloud.call("authorize_security_group_ingress", {"GroupId": group, "IpPermissions": [permission]})
    assert deployed.stack.plan() == Plan()
    assert answer["SecurityGroupRules"][0]["SecurityGroupRuleId"] in deployed.cloud.rules


def test_rules_that_exist_are_imported_without_a_gap(
    deploy: Callable[..., Deployed], new_stack: Callable[..., Stack], synthesize: Synthesize
) -> None:
    deployed = deploy()
    moment = deployed.cloud.moment()
    document = synthesize(SETTINGS)
    # As made by hand: the same groups and rules, of which no state knows and whose tags and descriptions are not ours.
    for rule in moment.rules:
        keys = [{"Key": key} for key, _ in rule.tags]
        deployed.cloud.call("delete_tags", {"Resources": [rule.id], "Tags": keys})
        described = replace(deployed.cloud.rules[rule.id], description="made by hand")
        deployed.cloud.rules[rule.id] = described
    imports = [{"to": f"{GROUP}.rancher_{role}", "id": id_} for (_, role), id_ in groups_by_tag(moment).items()] + [
        {"to": f"{EGRESS if rule.is_egress else INGRESS}.{dict(rule.tags)['Name']}", "id": rule.id}
        for rule in moment.rules
    ]
    fresh = new_stack(document, "fresh")
    fresh.write_beside("import.tf.json", {"import": imports})
    deployed.stack = fresh
    plan, found = deployed.apply()
    # The groups' own tags were left on them.
    rules = addresses(document, lambda type_, _: type_ != GROUP)
    assert plan == Plan(imported=addresses(document), updated=rules)
    assert not found
    assert deployed.cloud.moment().rules == moment.rules
    fresh.write_beside("import.tf.json", None)
    assert fresh.has_nothing_to_do()


def _brought(add_rules: bool, id_: str = THEIR_GROUP) -> dict[str, Any]:
    return {"groups": {"etcd": {"security_group_id": id_, "add_rules": add_rules}}}


def _attach(deployed: Deployed, role: str, *groups: str) -> None:
    deployed.cloud.call("modify_instance_attribute", {"InstanceId": deployed.nodes[role], "Groups": list(groups)})


def _of(document: Document, role: str) -> frozenset[str]:
    return addresses(document, lambda _, name: name.split("_")[1:2] == [role])


def _naming(document: Document, role: str) -> frozenset[str]:
    """The rules on other roles' groups that name a role's."""
    return addresses(document, lambda _, name: name.split("_")[1:2] != [role] and f"_{role}_" in name)


def test_a_brought_group_takes_the_place_of_ours(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    deployed = deploy()
    before = synthesize(SETTINGS)
    # Its nodes have both groups while it lasts.
    own = groups_by_tag(deployed.cloud.moment())["rancher", "etcd"]
    _attach(deployed, "etcd", own, THEIR_GROUP)
    plan = _planned(deployed, synthesize(changed(**_brought(add_rules=False))))
    assert plan == Plan(destroyed=_of(before, "etcd"), updated=_naming(before, "etcd"))
    # EC2 keeps our group as long as a node has it.
    _attach(deployed, "etcd", THEIR_GROUP)
    _, found = deployed.apply()
    etcd = deployed.nodes["etcd"]
    assert not [gap for gap in found if etcd not in (gap.connection.source, gap.connection.destination)]
    assert own not in deployed.cloud.groups
    assert not [rule for rule in deployed.cloud.rules.values() if rule.group_id == THEIR_GROUP]


def test_a_brought_group_gets_the_rules_if_that_is_asked_for(
    deploy: Callable[..., Deployed], synthesize: Synthesize
) -> None:
    deployed = deploy()
    before = synthesize(SETTINGS)
    _attach(deployed, "etcd", THEIR_GROUP)
    plan, found = deployed.change(synthesize(changed(**_brought(add_rules=True))))
    rules = _of(before, "etcd") - {f"{GROUP}.rancher_etcd"}
    assert plan == Plan(destroyed=frozenset({f"{GROUP}.rancher_etcd"}), replaced=rules, updated=_naming(before, "etcd"))
    etcd = deployed.nodes["etcd"]
    assert not [gap for gap in found if etcd not in (gap.connection.source, gap.connection.destination)]


def test_our_own_group_is_handed_over_without_a_call(deploy: Callable[..., Deployed], synthesize: Synthesize) -> None:
    deployed = deploy()
    own = groups_by_tag(deployed.cloud.moment())["rancher", "etcd"]
    deployed.stack.write_beside(
        "removed.tf.json", {"removed": [{"from": f"{GROUP}.rancher_etcd", "lifecycle": {"destroy": False}}]}
    )
    calls = len(deployed.cloud.history)
    plan, found = deployed.change(synthesize(changed(**_brought(True, own))))
    assert plan == Plan()
    assert not found
    assert len(deployed.cloud.history) == calls
    assert f"{GROUP}.rancher_etcd" not in deployed.stack.addresses()


def _planned(deployed: Deployed, document: Document) -> Plan:
    deployed.stack.write(document)
    return deployed.stack.plan()


def test_what_the_state_says_of_groups_is_what_ec2_has(deploy: Callable[..., Deployed]) -> None:
    deployed = deploy()
    resources = deployed.stack.state()["values"]["root_module"]["resources"]
    shown = {r["values"]["id"] for r in resources if r["type"] == GROUP}
    moment: Moment = deployed.cloud.moment()
    ours: list[Group] = [group for group in moment.groups if group.tags]
    assert shown == {group.id for group in ours}
