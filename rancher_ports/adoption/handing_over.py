"""How another configuration lets go of groups and rules, so that it does not destroy what is no longer its own."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rancher_ports.readers.managed import ManagedObject


@dataclass(frozen=True, slots=True)
class HandingOver:
    """What the state of that configuration is to forget.

    Args:
        removed: the resources of which it is all instances: what ``removed`` blocks name, which take no key.
        instances: the addresses of instances beside which others stay.
    """

    removed: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that forgets the instances."""
        return f"terraform state rm {' '.join(map(shlex.quote, self.instances))}"


def hand_over(managed: Iterable[ManagedObject], group_ids: Collection[str]) -> HandingOver:
    """What a state has of some groups: they themselves, and all rules on them, of whatever type.

    Args:
        managed: what the state has.
        group_ids: the groups.
    """
    managed = tuple(managed)
    concerned = {one.resource for one in managed if one.group_id in group_ids}
    staying = {one.resource for one in managed if one.group_id not in group_ids}
    instances = {one.address for one in managed if one.group_id in group_ids and one.resource in staying}
    return HandingOver(tuple(sorted(concerned - staying)), tuple(sorted(instances)))


def removed_text(resources: Iterable[str]) -> str:
    """A file of ``removed`` blocks that destroy nothing, whose name has to end in ``.tf.json``."""
    blocks = [{"from": resource, "lifecycle": {"destroy": False}} for resource in resources]
    return json.dumps({"removed": blocks}, indent=2) + "\n"
