"""The ``moved`` blocks of one construct."""

from __future__ import annotations

from collections.abc import Iterable
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
        A class that takes the construct whose resources moved, an id, and the addresses from and to
        which they moved, in the order in which they are to stand.
    """

    class Moved(flavour.cdk.TerraformElement):  # type: ignore[misc, name-defined]
        def __init__(self, scope: Construct, id: str, moves: Iterable[tuple[Address, Address]]) -> None:  # noqa: A002  # the CDK's word
            super().__init__(scope, id)
            self._moves = [{"from": str(source), "to": str(target)} for source, target in moves]

        @jsii.member(jsii_name="toTerraform")
        def to_terraform(self) -> dict[str, object]:
            """The blocks as they stand in the JSON."""
            return {"moved": self._moves}

    return Moved
