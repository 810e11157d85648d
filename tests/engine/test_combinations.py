"""The smallest and the largest of what can be chosen, from nothing to nothing: in EC2 there is what is documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.combinations import LARGEST, SMALLEST, Combination
from tests.documented import ROLES
from tests.engine.conftest import Synthesize
from tests.engine.ec2.cloud import Cloud
from tests.engine.expected import SERVER, ExpectedRule, groups_by_tag, rules_of
from tests.engine.stack import Stack, addresses

# A block of its own in every slot, so that no two rows come to one rule.
IN_EVERY_SLOT = {slot: [f"10.{number}.0.0/16"] for number, slot in enumerate(LARGEST.slots)}


def _expected(
    combination: Combination, blocks: Mapping[str, list[str]], groups: Mapping[tuple[str, str], str]
) -> list[ExpectedRule]:
    found: set[ExpectedRule] = set()
    for flow in combination.flows:
        ports = flow.direction == "egress", flow.protocol, flow.first, flow.last
        peers = [groups[SERVER, flow.peer]] if flow.peer in ROLES else blocks.get(flow.peer, [])
        found |= {(groups[SERVER, flow.role], *ports, peer) for peer in peers}
    if combination.egress == "all":
        found |= {(group, True, "-1", -1, -1, all_) for group in groups.values() for all_ in ("0.0.0.0/0", "::/0")}
    return sorted(found)


@pytest.mark.parametrize(
    ("combination", "blocks"), [(SMALLEST, {}), (LARGEST, IN_EVERY_SLOT)], ids=["smallest", "largest"]
)
def test_the_smallest_and_the_largest_from_nothing_to_nothing(
    combination: Combination,
    blocks: Mapping[str, list[str]],
    synthesize: Synthesize,
    cloud: Cloud,
    new_stack: Callable[..., Stack],
) -> None:
    before = cloud.moment()
    document = synthesize(combination.settings(blocks))
    stack = new_stack(document)
    plan = stack.plan()
    assert plan.created == addresses(document)
    assert not plan.updated | plan.destroyed | plan.replaced
    stack.apply()
    groups = groups_by_tag(cloud.moment())
    assert set(groups) == {(SERVER, role) for role in ROLES}
    assert rules_of(cloud.moment(), groups.values()) == _expected(combination, blocks, groups)
    assert stack.has_nothing_to_do()
    # That plan has just looked at everything; with hundreds of rules looking again takes seconds.
    stack.destroy("-refresh=false")
    after = cloud.moment()
    assert (after.groups, after.rules) == (before.groups, before.rules)
    assert not stack.addresses()
