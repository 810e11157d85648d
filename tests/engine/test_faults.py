"""Applies that break off. ``make faults`` runs 500 of them; here is one of each kind, and what the README promises."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ROOT
from tests.documented import ROLES
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.server import ConnectionReset, Faults, Service
from tests.engine.engines import Engine
from tests.engine.expected import expected_rules, groups_by_tag, rules_of
from tests.engine.faults.campaign import IMPORTED, LEFTOVER, ORPHAN, OUTCOMES, Campaign, campaign
from tests.engine.faults.kinds import KINDS, LOST, draw
from tests.engine.reachability import gaps
from tests.engine.recovering import recover
from tests.engine.stack import Document, Plan, Stack
from tests.engine.starting_point import golden
from tests.engine.wishes import WISHES
from tests.oracle import INGRESS

WISH = WISHES["shipped-settings"]


@pytest.fixture(scope="module")
def faults(engine: Engine) -> Iterator[Campaign]:
    with campaign(engine) as running:
        yield running


@pytest.mark.parametrize("seed", range(len(KINDS)), ids=KINDS)
def test_every_kind_of_fault_converges(seed: int, faults: Campaign) -> None:
    outcome = faults.run(seed)
    assert outcome.how, outcome
    assert outcome.happened
    assert outcome.fault.kind == KINDS[seed]
    if outcome.fault.kind in LOST:
        assert outcome.how in (IMPORTED, ORPHAN, LEFTOVER)


def test_five_hundred_seeds_are_many_different_faults(faults: Campaign) -> None:
    drawn = [draw(seed, faults.calls) for seed in range(500)]
    assert len({(fault.kind, fault.operation, fault.of, fault.call, fault.times) for fault in drawn}) > 300
    assert {fault.kind for fault in drawn} == set(KINDS)
    assert {fault.of for fault in drawn} == {"", "a group", "a rule"}
    assert {fault.operation for fault in drawn} == {"create", "change", "replace"}


def test_the_page_counts_five_hundred_faults_of_every_kind() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    (header,) = [index for index, row in enumerate(rows) if row[0] == "fault"]
    assert rows[header][1:] == list(OUTCOMES)
    counted = {row[0]: [int(cell) for cell in row[1:]] for row in rows[header + 2 : header + 3 + len(KINDS)]}
    assert list(counted) == [*KINDS, "all"]
    assert [sum(column) for column in zip(*(counted[kind] for kind in KINDS), strict=True)] == counted["all"]
    assert sum(counted["all"]) >= 500
    explained = page.partition("<!-- generated: faults -->")[0]
    assert all(f"- *{outcome}*: " in explained for outcome in OUTCOMES)


class LoseAnswer(Faults):
    """Loses the answer to the first call of an action, and every try at it, for as long as it is there."""

    def __init__(self, action: str) -> None:
        self._action = action
        self._lost = False

    def before(self, action: str) -> None:  # noqa: ARG002  # whatever it is
        """A request arrives."""
        if self._lost:
            raise ConnectionReset

    def after(self, action: str) -> None:
        """EC2 has done it."""
        if action == self._action and not self._lost:
            self._lost = True
            raise ConnectionReset


def _imports(finished: subprocess.CompletedProcess[str]) -> dict[str, str]:
    document: Document = json.loads(finished.stdout)
    return {block["to"]: block["id"] for block in document.get("import", [])}


def _all_is_well(stack: Stack, cloud: Cloud) -> None:
    assert stack.has_nothing_to_do()
    groups = groups_by_tag(cloud.moment())
    assert rules_of(cloud.moment(), groups.values()) == expected_rules(WISH, groups)
    assert len(stack.addresses()) == 52


def test_a_rule_whose_answer_was_lost_is_imported(
    service: Service, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    stack = new_stack(golden("shipped-settings"))
    service.faults = LoseAnswer("authorize_security_group_ingress")
    assert stack.apply_anew().returncode == 1
    service.faults = Faults()
    known = {r["values"]["id"] for r in stack.state()["values"]["root_module"]["resources"]}
    lost = [rule for rule in cloud.rules.values() if rule.id not in known]
    assert lost
    # It was not even tagged: the provider does that in a call of its own.
    assert not any(rule.tags for rule in lost)
    # Applying again, as everybody does first, ends at EC2's refusal of a second one.
    again = stack.apply_anew()
    assert again.returncode == 1
    assert "InvalidPermission.Duplicate" in again.stderr
    finished = recover(stack, service)
    assert finished.returncode == 0, finished.stderr
    assert set(_imports(finished).values()) == {rule.id for rule in lost}
    (stack.folder / "import.tf.json").write_text(finished.stdout, "utf-8")
    assert stack.plan().imported == set(_imports(finished))
    stack.apply()
    assert all(cloud.rules[rule.id].tags for rule in lost)
    stack.write_beside("import.tf.json", None)
    _all_is_well(stack, cloud)
    nothing = recover(stack, service)
    assert (nothing.returncode, nothing.stdout) == (0, "{}\n")


@pytest.mark.parametrize("again", [False, True])
def test_a_group_whose_answer_was_lost_is_imported_or_named(
    again: bool, service: Service, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    stack = new_stack(golden("shipped-settings"))
    service.faults = LoseAnswer("create_security_group")
    assert stack.apply_anew().returncode == 1
    service.faults = Faults()
    lost = {group.id for group in cloud.groups.values() if group.tags} - _known_groups(stack)
    assert lost
    if again:
        # Nothing is refused: there are two groups of a role now, and one of them is nobody's.
        assert stack.apply_anew().returncode == 0
        assert stack.has_nothing_to_do()
    finished = recover(stack, service)
    # Either way something is left to do by hand: the orphan, or the rule for all egress that EC2 gave the group.
    assert finished.returncode == 3
    assert all(id_ in finished.stderr for id_ in lost)
    if again:
        assert _imports(finished) == {}
        for id_ in lost:
            assert f"`aws ec2 delete-security-group --group-id {id_} --region us-east-1`" in finished.stderr
            cloud.call("delete_security_group", {"GroupId": id_})
    else:
        assert set(_imports(finished).values()) == lost
        open_to_all = [rule for rule in cloud.rules.values() if rule.group_id in lost]
        assert [(rule.protocol, rule.peer) for rule in open_to_all] == [("-1", "0.0.0.0/0")] * len(lost)
        for rule in open_to_all:
            assert (
                f"--group-id {rule.group_id} --security-group-rule-ids {rule.id} --region us-east-1`" in finished.stderr
            )
            request = {"GroupId": rule.group_id, "SecurityGroupRuleIds": [rule.id]}
            cloud.call("revoke_security_group_egress", request)
        (stack.folder / "import.tf.json").write_text(finished.stdout, "utf-8")
        assert stack.apply_anew().returncode == 0
        stack.write_beside("import.tf.json", None)
    _all_is_well(stack, cloud)


def _known_groups(stack: Stack) -> set[str]:
    resources = stack.state().get("values", {}).get("root_module", {}).get("resources", [])
    return {resource["values"]["id"] for resource in resources if resource["type"] == "aws_security_group"}


def test_a_state_that_was_emptied_is_put_together_again(
    service: Service, cloud: Cloud, applied_stack: Callable[[Document], Stack]
) -> None:
    # A local state is emptied before it is written: whoever is killed in between leaves nothing.
    document = golden("shipped-settings")
    stack = applied_stack(document)
    before = cloud.moment()
    (stack.folder / "terraform.tfstate").write_text("", "utf-8")
    finished = recover(stack, service, "--output", str(stack.folder / "import.tf.json"))
    assert finished.returncode == 0, finished.stderr
    plan = stack.plan()
    assert len(plan.imported) == 52
    assert not plan.created | plan.destroyed | plan.replaced | plan.updated
    stack.apply()
    stack.write_beside("import.tf.json", None)
    _all_is_well(stack, cloud)
    assert cloud.moment().rules == before.rules


def test_what_another_stack_and_a_person_wrote_on_our_group_is_nobodys_business(
    service: Service, cloud: Cloud, applied_stack: Callable[[Document], Stack]
) -> None:
    stack = applied_stack(golden("shipped-settings"))
    group = groups_by_tag(cloud.moment())["rancher", "rancher"]
    tags = {"Name": "c2_rancher_from_etcd_tcp_443", "rancher-ports:requirement": "rke1/rancher/ingress/443/tcp"}
    for port, some in ((443, tags), (22, {})):
        cloud.call(
            "authorize_security_group_ingress",
            {
                "GroupId": group,
                "IpPermissions": [
                    {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
                ],
                "TagSpecifications": [{"Tags": [{"Key": key, "Value": value} for key, value in some.items()]}],
            },
        )
    finished = recover(stack, service)
    assert (finished.returncode, finished.stdout) == (0, "{}\n"), finished.stderr


def test_one_rule_at_two_addresses_is_said_to_be_that(
    service: Service, applied_stack: Callable[[Document], Stack]
) -> None:
    document = golden("shipped-settings")
    stack = applied_stack(document)
    rules = document["resource"][INGRESS]
    rules["twice"] = dict(rules["rancher_etcd_from_etcd_tcp_2379"])
    stack.write(document)
    finished = recover(stack, service)
    assert finished.returncode == 3
    assert f"one-rule-twice: {INGRESS}.twice is the rule sgr-" in finished.stderr
    assert _imports(finished) == {}


def test_groups_in_use_that_an_emptied_state_forgot_are_taken_back(
    service: Service, cloud: Cloud, applied_stack: Callable[[Document], Stack]
) -> None:
    # The worst case: the state was emptied, and somebody applied again. Everything is there twice, and the nodes have
    # what the state does not know.
    stack = applied_stack(golden("shipped-settings"))
    before = cloud.moment()
    groups = groups_by_tag(before)
    for id_ in groups.values():
        cloud.call("run_instances", {"SecurityGroupIds": [id_]})
    (stack.folder / "terraform.tfstate").write_text("", "utf-8")
    assert stack.apply_anew().returncode == 0
    calls = len(cloud.history)
    finished = recover(stack, service)
    assert finished.returncode == 3
    assert finished.stderr.count("orphan-group") == 4
    # Who looks, as told, finds that all four are in use.
    targets = sorted(re.findall(r"`terraform destroy (-target=\S+)`", finished.stderr))
    assert targets == sorted(f"-target=aws_security_group.rancher_{role}" for role in ROLES)
    stack.must("destroy", "-input=false", "-no-color", "-auto-approve", *targets)
    finished = recover(stack, service, "--output", str(stack.folder / "import.tf.json"))
    assert finished.returncode == 0, finished.stderr
    plan = stack.plan()
    assert plan == Plan(imported=plan.imported)
    assert len(plan.imported) == 52
    stack.apply()
    stack.write_beside("import.tf.json", None)
    _all_is_well(stack, cloud)
    assert groups_by_tag(cloud.moment()) == groups
    assert cloud.moment().rules == before.rules
    assert not gaps(cloud.history[calls - 1], cloud.history[calls:])


def test_a_state_emptied_while_the_prefix_was_renamed_is_put_together_with_the_former_owner(
    service: Service, cloud: Cloud, applied_stack: Callable[[Document], Stack]
) -> None:
    document = golden("shipped-settings")
    stack = applied_stack(document)
    before = cloud.moment()
    text = json.dumps(document).replace('"rancher-ports:owner": "rancher"', '"rancher-ports:owner": "prod"')
    renamed: Document = json.loads(text)
    stack.write(renamed)
    (stack.folder / "terraform.tfstate").write_text("", "utf-8")
    finished = recover(stack, service)
    assert (finished.returncode, finished.stdout) == (3, "{}\n")
    assert finished.stderr.count("`--former-owner rancher`") == 4
    finished = recover(stack, service, "--former-owner", "rancher", "--output", str(stack.folder / "import.tf.json"))
    assert finished.returncode == 0, finished.stderr
    plan = stack.plan()
    assert plan == Plan(
        imported=plan.imported, updated=frozenset(f"aws_security_group.rancher_{role}" for role in ROLES)
    )
    assert len(plan.imported) == 52
    stack.apply()
    assert cloud.moment().rules == before.rules
