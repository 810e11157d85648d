"""An apply, with what it was going to do and what it closed on the way."""

from __future__ import annotations

from tests.engine.ec2.cloud import Cloud
from tests.engine.reachability import Gap, gaps
from tests.engine.stack import Plan, Stack


def apply_and_watch(stack: Stack, cloud: Cloud) -> tuple[Plan, list[Gap]]:
    """Apply what stands in the folder, after which nothing is left to do.

    Args:
        stack: the folder.
        cloud: the EC2 that it is applied to.

    Returns:
        The plan, and what was closed on the way.
    """
    plan = stack.plan()
    before, calls = cloud.moment(), len(cloud.history)
    stack.apply()
    found = gaps(before, cloud.history[calls:])
    assert stack.has_nothing_to_do()
    return plan, found
