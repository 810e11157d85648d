"""The ``moved`` blocks of one construct."""

from __future__ import annotations

from collections.abc import Iterable

import jsii
from cdktf import TerraformElement
from constructs import Construct

from rancher_ports.model.addresses import Address


class Moved(TerraformElement):
    """What moved from where to where.

    The CDK's own way takes one former address for a resource, and one that was renamed twice has two.

    Args:
        scope: the construct whose resources moved.
        id: the construct's id.
        moves: addresses from and to which they moved, in the order in which they are to stand.
    """

    def __init__(self, scope: Construct, id: str, moves: Iterable[tuple[Address, Address]]) -> None:  # noqa: A002  # the CDK's word
        super().__init__(scope, id)
        self._moves = [{"from": str(source), "to": str(target)} for source, target in moves]

    @jsii.member(jsii_name="toTerraform")
    def to_terraform(self) -> dict[str, object]:
        """The blocks as they stand in the JSON."""
        return {"moved": self._moves}
