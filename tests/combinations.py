"""The smallest and the largest of what can be chosen, and what is documented for it; not by the package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.distributions import features, flows
from tests.documented import ROLES, Flow


@dataclass(frozen=True)
class Combination:
    """What a user chooses.

    Args:
        distribution: whose documented ports.
        cni: the container network.
        features: what is switched on.
        egress: ``documented`` or ``all``.
    """

    distribution: str
    cni: str
    features: frozenset[str] = frozenset()
    egress: str = "documented"

    @property
    def flows(self) -> frozenset[Flow]:
        """Both ends of what is documented."""
        return flows(self.distribution, self.cni, self.features)

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots that its flows name."""
        return tuple(sorted({flow.peer for flow in self.flows} - set(ROLES)))

    def settings(self, blocks: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The app's settings.

        Args:
            blocks: by slot, the blocks in it; a slot that is not here stays empty.
        """
        values = dict.fromkeys(block for some in blocks.values() for block in some)
        names = {block: f"block-{number}" for number, block in enumerate(values)}
        return {
            "distribution": self.distribution,
            "cni": self.cni,
            "features": sorted(self.features),
            "egress": self.egress,
            "peers": {name: {"cidr": block} for block, name in names.items()},
            "slots": {slot: [names[block] for block in some] for slot, some in blocks.items()},
        }


# With nobody in any slot; RKE1's own document, which is smaller, is the goldens'.
SMALLEST = Combination("k3s", "flannel")
# With somebody in every slot.
LARGEST = Combination("rke2", "cilium-wireguard", features("rke2"), "all")
