"""The ``moved`` blocks of one construct."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import jsii
from constructs import Construct

from rancher_ports.cdk.flavours import Flavour
from rancher_ports.model.addresses import Address


@cache
def moved_class(flavour: Flavour) -> type[Any]:
    """An element that says what moved from where to where.

    The CDK's own way takes one former address for a resource, and one that was renamed twice has two.

    Returns:
        A class that takes the construct whose resources moved, an id, and the list of the addresses from and to
        which they moved, which may become longer until synthesis.
    """

    class Moved(flavour.cdk.TerraformElement):  # type: ignore[misc, name-defined]
        def __init__(self, scope: Construct, id: str, moves: Sequence[tuple[Address, Address]]) -> None:  # noqa: A002  # the CDK's word
            super().__init__(scope, id)
            # Not a copy: own rules come later.
            self._moves = moves

        @jsii.member(jsii_name="toTerraform")
        def to_terraform(self) -> dict[str, object]:
            """The blocks as they stand in the JSON."""
            pairs = sorted((str(source), str(target)) for source, target in self._moves)
            return {"moved": [{"from": source, "to": target} for source, target in pairs]}

    return Moved
