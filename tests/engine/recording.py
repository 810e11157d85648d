"""Plans as they are recorded: the same at each run, whenever it is and in whatever order an engine works."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.values import Rule
from tests.engine.plan_shapes import THEIR_RULE
from tests.engine.starting_point import THEIR_GROUP, new_cloud

# The end of a name made of a prefix: date, time and a counter.
_MADE_WITH_PREFIX = re.compile(r"\d{18}[0-9a-f]{8}")
_ALWAYS = "202601010000000000" + "00000001"

# What says nothing about the change, or is an engine's own.
_LEFT_OUT = ("timestamp", "terraform_version", "relevant_attributes", "checks")


class RecordedCloud(Cloud):
    """EC2 whose ids say what has them: an engine creates in whatever order, and the ids are the same."""

    def _new_id(self, prefix: str, *of: object) -> str:
        if not of:
            return super()._new_id(prefix)
        content = _MADE_WITH_PREFIX.sub(_ALWAYS, json.dumps(of))
        id_ = f"{prefix}-{hashlib.sha256(content.encode()).hexdigest()[:17]}"
        assert id_ not in {*self.vpcs, *self.groups, *self.rules, *self.prefix_lists}, f"two of {content}"
        return id_

    def _add(self, rule: Rule) -> Rule:
        added = super()._add(rule)
        # In lists of a group's blocks, too, the order is to be the same.
        self.rules = dict(sorted(self.rules.items()))
        return added


def recorded_cloud() -> Cloud:
    """EC2 as plans are recorded with it: with a rule that no state knows."""
    cloud = RecordedCloud()
    cloud.become(new_cloud())
    cloud.rules[THEIR_RULE] = Rule(THEIR_RULE, THEIR_GROUP, False, "tcp", 9345, 9345, "ipv4", "10.60.0.0/16")
    return cloud


def normalised(document: Any) -> Any:
    """What ``show -json`` printed, without what is another one at each run."""
    text = _MADE_WITH_PREFIX.sub(_ALWAYS, json.dumps(document))
    kept = {key: value for key, value in json.loads(text).items() if key not in _LEFT_OUT}
    # Whatever version it is, the major one says how to read it.
    return {**kept, "format_version": "1.2"}
