"""Each example from nothing to nothing, stack after stack: in EC2 there is what is documented and asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.conftest import EXAMPLES, Examples
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.values import Group, Moment
from tests.engine.expected import CLUSTER_ROLES, Wish, expected_rules, groups_by_tag, rules_of
from tests.engine.stack import Document, Stack
from tests.engine.starting_point import PREFIX_LIST, THEIR_GROUP, VPC
from tests.engine.wishes import OFFICE, OFFICE_V6

ANYWHERE = ("0.0.0.0/0", "::/0")
SHARED = Group("sg-0123456789abcdef9", "shared-workers", "another team's", VPC)

# The groups that exist already, by owner and role; the rest is ours and has tags.
BROUGHT: Mapping[str, Mapping[tuple[str, str], str]] = {
    "brought_groups.py": {("rancher", "etcd"): THEIR_GROUP, ("rancher", "worker"): SHARED.id}
}


def _balancer(moment: Moment) -> list[str]:
    """The group of the example's own load balancer."""
    return [g.id for g in moment.groups if g.name.startswith(("rancher-lb-", "rancher-alb-", "rancher-nlb-"))]


def _by_balancer(balancer: list[str], server: str, *owners: str) -> list[Any]:
    """What the feature external-load-balancer adds: agents to the load balancer, and it on both ports to Rancher."""
    (id_,) = balancer
    agents = [((owner, role), (True, "tcp", 443, 443, id_)) for owner in owners for role in CLUSTER_ROLES]
    return [*agents, *(((server, "rancher"), (False, "tcp", port, port, id_)) for port in (80, 443))]


def _wish(example: str, moment: Moment) -> Wish:
    balancer = _balancer(moment)
    if example == "own_stack.py":
        slots = {"load_balancer": balancer, "ui_api_clients": [OFFICE, OFFICE_V6], "git_rancher_io": []}
        return Wish("rancher", ("rancher",), slots, {"rancher": [PREFIX_LIST]})
    if example == "existing_vpc.py":
        slots = {"load_balancer": balancer, "ingress_clients": [OFFICE], "git_rancher_io": []}
        own = _by_balancer(balancer, "rancher", "rancher")
        return Wish("rancher", ("rancher",), slots, {"rancher": [PREFIX_LIST]}, own=own)
    if example == "highly_available.py":
        slots = {"load_balancer": balancer, "git_rancher_io": [], "downstream.ingress_clients": [OFFICE]}
        registries = {owner: [PREFIX_LIST] for owner in ("central", "local", "downstream")}
        own = _by_balancer(balancer, "central", "local", "downstream")
        return Wish("central", ("local", "downstream"), slots, registries, own=own)
    if example == "three_clusters.py":
        return Wish(
            "central",
            ("builds", "metrics", "shop"),
            {"ui_api_clients": [OFFICE], "shop.ingress_clients": ANYWHERE},
            egress_all=True,
            agents={"builds": "agents", "metrics": "agents"},
            own=[(("shop", "worker"), (False, "tcp", 9100, 9100, ("metrics", "worker")))],
        )
    return Wish(
        "rancher",
        ("rancher",),
        {"ui_api_clients": [OFFICE]},
        egress_all=True,
        without=frozenset({("rancher", "worker")}),
    )


def _size(document: Document) -> int:
    return sum(len(some) for some in document["resource"].values())


def _is_on_server(address: str) -> bool:
    return address.partition(".")[2].split("_")[1] == "rancher"


@pytest.mark.parametrize("example", [name for name in EXAMPLES if name not in ("fleet.py", "migrating.py")])
def test_an_example_from_nothing_to_nothing(
    example: str, examples: Examples, new_stack: Callable[..., Stack], cloud: Cloud
) -> None:
    cloud.groups[SHARED.id] = SHARED
    before = cloud.moment()
    stacks = []
    for name, document in examples[example].items():
        stack = new_stack(document, name, of_an_app=True)
        stack.validate()
        plan = stack.plan()
        assert len(plan.created) == _size(document)
        assert not plan.updated | plan.destroyed | plan.replaced
        stack.apply()
        assert stack.addresses() == plan.created
        stacks.append(stack)
    moment = cloud.moment()
    groups = {**groups_by_tag(moment), **BROUGHT.get(example, {})}
    assert rules_of(moment, groups.values()) == expected_rules(_wish(example, moment), groups)
    # No stack changes what another made.
    assert all(stack.has_nothing_to_do() for stack in stacks)
    # Those plans have just looked at everything.
    for stack in reversed(stacks):
        stack.destroy("-refresh=false")
        assert not stack.addresses()
    after = cloud.moment()
    assert (after.groups, after.rules, after.instances) == (before.groups, before.rules, before.instances)
    assert not cloud.interfaces


def test_a_fleet_is_planned(examples: Examples, new_stack: Callable[..., Stack]) -> None:
    documents = dict(examples["fleet.py"])
    server = new_stack(documents.pop("rancher"), "rancher", of_an_app=True)
    # What the clusters' stacks refer to.
    server.apply_at_once()
    # But for its name every team's stack is the first one's: what one of them plans, all do.
    (first, *_, last), alike = documents, {_unnamed(document, name) for name, document in documents.items()}
    assert len(documents) == 10
    assert len(alike) == 1
    for name in (first, last):
        plan = new_stack(documents[name], name, of_an_app=True).plan()
        assert len(plan.created) == _size(documents[name])
        assert not [address for address in plan.created if _is_on_server(address)]
        clusters = {address.partition(".")[2].split("_")[0] for address in plan.created}
        assert clusters == {f"{name}-{number}" for number in range(10)}
    # However many clusters there are.
    assert server.has_nothing_to_do()


def _unnamed(document: Document, name: str) -> str:
    return json.dumps(document).replace(name, "the team")
