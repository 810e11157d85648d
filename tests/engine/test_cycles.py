"""Each golden from nothing to nothing: what comes of it in EC2 is what is documented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cdk.situations import SITUATIONS
from tests.engine.ec2.cloud import ACCOUNT, Cloud
from tests.engine.ec2.values import Moment
from tests.engine.expected import Wish, expected_rules, groups_by_tag, rules_of
from tests.engine.stack import Document, EngineError, Plan, Stack
from tests.engine.starting_point import THEIR_GROUP, golden
from tests.engine.wishes import WISHES


def _create(stack: Stack, cloud: Cloud, wish: Wish, created: int) -> None:
    stack.validate()
    plan = stack.plan()
    assert len(plan.created) == created
    assert not plan.updated | plan.destroyed | plan.replaced
    stack.apply()
    groups = groups_by_tag(cloud.moment())
    assert rules_of(cloud.moment(), groups.values()) == expected_rules(wish, groups)
    assert stack.addresses() == plan.created
    assert stack.has_nothing_to_do()


def _is_as_before(stack: Stack, before: Moment, after: Moment) -> bool:
    there = (after.groups, after.rules, after.instances) == (before.groups, before.rules, before.instances)
    return there and not stack.addresses()


def _size(document: Document) -> int:
    return sum(len(some) for some in document["resource"].values())


def test_every_situation_has_a_wish() -> None:
    assert set(WISHES) == set(SITUATIONS)


@pytest.mark.parametrize("situation", [name for name in WISHES if name != "everything-set"])
def test_a_golden_from_nothing_to_nothing(situation: str, cloud: Cloud, new_stack: Callable[..., Stack]) -> None:
    before = cloud.moment()
    document = golden(situation)
    stack = new_stack(document)
    _create(stack, cloud, WISHES[situation], _size(document))
    # The plan that found nothing to do has just looked at everything.
    stack.destroy("-refresh=false")
    assert _is_as_before(stack, before, cloud.moment())


def test_what_must_not_be_destroyed_is_not(cloud: Cloud, new_stack: Callable[..., Stack]) -> None:
    before = cloud.moment()
    document = golden("everything-set")
    stack = new_stack(document)
    _create(stack, cloud, WISHES["everything-set"], _size(document))
    made = cloud.moment()
    with pytest.raises(EngineError, match=r"(?s)Instance cannot be destroyed.*lifecycle\.prevent_destroy"):
        stack.destroy()
    assert cloud.moment() == made
    for group in document["resource"]["aws_security_group"].values():
        del group["lifecycle"]["prevent_destroy"]
    stack.write(document)
    stack.destroy()
    assert _is_as_before(stack, before, cloud.moment())


def test_a_stack_that_the_schema_does_not_allow_is_refused(new_stack: Callable[..., Stack]) -> None:
    document: dict[str, Any] = golden("shipped-settings")
    rules = document["resource"]["aws_vpc_security_group_ingress_rule"]
    rules["rancher_etcd_from_etcd_tcp_2379"]["from_prot"] = rules["rancher_etcd_from_etcd_tcp_2379"].pop("from_port")
    with pytest.raises(EngineError, match='No argument or block type is named "from_prot"'):
        new_stack(document).validate()


def test_ones_own_account_before_a_group_never_comes_to_rest(new_stack: Callable[..., Stack]) -> None:
    # EC2 answers with the bare id. The README warns of it, since no account is known when the JSON is made.
    document = golden("office-load-balancer-and-mirrors")
    rule = document["resource"]["aws_vpc_security_group_ingress_rule"]["rancher_rancher_from_alb_tcp_80"]
    rule["referenced_security_group_id"] = f"{ACCOUNT}/{THEIR_GROUP}"
    stack = new_stack(document)
    stack.apply_at_once()
    assert stack.plan() == Plan(
        updated=frozenset({"aws_vpc_security_group_ingress_rule.rancher_rancher_from_alb_tcp_80"})
    )
