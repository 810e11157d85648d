"""The example of a migration, state after state: nothing that is needed before and after is closed on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.conftest import Examples, run_example
from tests.distributions import CLUSTER_ROLES, flows
from tests.engine.applying import apply_and_watch
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.values import Moment
from tests.engine.expected import groups_by_tag
from tests.engine.reachability import connections, open_connections
from tests.engine.stack import Stack, addresses

EXAMPLE = "migrating.py"
CHOSEN = frozenset({"image-pulls", "metrics-server"})
Between = set[tuple[str, str, str, int, int]]


def _documented(distribution: str, cni: str) -> Between:
    """What is documented between nodes of a cluster."""
    return {
        (flow.peer, flow.role, flow.protocol, flow.first, flow.last)
        for flow in flows(distribution, cni, CHOSEN)
        if flow.direction == "ingress" and {flow.role, flow.peer} <= set(CLUSTER_ROLES)
    }


def _open(moment: Moment) -> Between:
    """What passes between the nodes, on the very ports of rules."""
    roles = {id_: role for (_, role), id_ in groups_by_tag(moment).items()}
    nodes = {instance.id: roles[instance.group_ids[0]] for instance in moment.instances}
    opened = open_connections(moment, connections([moment]))
    between = [c for c in opened if {c.source, c.destination} <= set(nodes)]
    return {(nodes[c.source], nodes[c.destination], c.protocol, c.first, c.last) for c in between}


def test_the_example_in_two_steps(
    examples: Examples, new_stack: Callable[..., Stack], cloud: Cloud, tmp_path: Path
) -> None:
    folders = {state: tmp_path / state for state in ("before", "after")}
    for folder in folders.values():
        folder.mkdir()
    before, after = (run_example(EXAMPLE, folder, STEP=state)["migrating"] for state, folder in folders.items())
    meanwhile = examples[EXAMPLE]["migrating"]
    rke1, rke2 = _documented("rke1", "canal"), _documented("rke2", "calico")
    stack = new_stack(before, "migrating")
    apply_and_watch(stack, cloud)
    assert _open(cloud.moment()) == rke1

    stack.write(meanwhile)
    plan, gaps = apply_and_watch(stack, cloud)
    assert plan.created == addresses(meanwhile) - addresses(before)
    assert not plan.destroyed | plan.replaced
    assert not gaps
    assert _open(cloud.moment()) == rke1 | rke2

    stack.write(after)
    plan, gaps = apply_and_watch(stack, cloud)
    assert plan.destroyed == addresses(meanwhile) - addresses(after)
    assert not plan.created | plan.replaced
    assert not gaps
    assert _open(cloud.moment()) == rke2
    # At once, nodes that have not migrated would have been cut off from each other.
    assert ("worker", "etcd", "udp", 8472, 8472) in rke1 - rke2
