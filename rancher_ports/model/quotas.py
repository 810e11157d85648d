"""Quotas: how many rules and groups AWS allows, and how it counts them.

Amazon VPC user guide, "Amazon VPC quotas": 60 rules for a security group, for each direction and for IPv4 and IPv6
each; 5 groups for an interface, at most 16; the product of the two at most 1,000. A prefix list counts as its maximum
entries. AWS raises quotas on request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rancher_ports.errors import Faults
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.roles import Direction, GroupKey
from rancher_ports.model.rules import Rule

MOST_GROUPS_PER_INTERFACE = 16
MOST_RULES_PER_INTERFACE = 1000


@dataclass(frozen=True, slots=True)
class Quotas:
    """What AWS allows one account in one region.

    Args:
        rules_per_group: rules for a group, for each direction and address family; 60 unless AWS raised it.
        groups_per_interface: groups for a network interface; 5 unless AWS raised it, at most 16.

    Raises:
        InputError: a number is none that AWS gives, or the two multiply to more than 1,000.
    """

    rules_per_group: int = 60
    groups_per_interface: int = 5

    def __post_init__(self) -> None:
        faults = Faults()
        for place, most in (
            ("rules_per_group", MOST_RULES_PER_INTERFACE),
            ("groups_per_interface", MOST_GROUPS_PER_INTERFACE),
        ):
            number: object = getattr(self, place)
            if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
                faults.add(place, number, f"a whole number of 1 to {most}")
        faults.raise_any()
        if self.rules_per_group * self.groups_per_interface > MOST_RULES_PER_INTERFACE:
            product = f"{self.rules_per_group} x {self.groups_per_interface}"
            most_rules = MOST_RULES_PER_INTERFACE // self.groups_per_interface
            allowed = (
                f"at most {MOST_RULES_PER_INTERFACE} rules for an interface: at most {most_rules} for a group here"
            )
            faults.add("rules_per_group", product, allowed)
        faults.raise_any()


Counted = tuple[GroupKey | str, Direction, PeerKind]


def count_rules(rules: Iterable[Rule]) -> Mapping[Counted, int]:
    """How many rules AWS counts, by group, direction and address family.

    A reference to a group or to a prefix list counts for both families. A prefix list of which the entries are not
    known counts as one rule here.
    """
    counts: Counter[Counted] = Counter()
    for rule in rules:
        families = (PeerKind.IPV4, PeerKind.IPV6)
        if rule.peer.kind in families:
            families = (rule.peer.kind,)  # type: ignore[assignment]  # one of two
        for family in families:
            counts[rule.group, rule.direction, family] += rule.peer.max_entries or 1
    return counts
