"""Which addresses a stack has already, since the CDK merges two resources with one address silently."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import jsii
from cdktf import TerraformResource, TerraformStack
from constructs import IValidation

from rancher_ports.errors import Faults
from rancher_ports.model.addresses import Address

_LEDGERS: WeakKeyDictionary[TerraformStack, dict[Address, str]] = WeakKeyDictionary()


def claim(stack: TerraformStack, addresses: Iterable[Address], path: str) -> None:
    """Note the addresses of one construct's resources.

    Args:
        stack: the stack in which they stand.
        addresses: the addresses, before any resource is made.
        path: the construct's path.

    Raises:
        InputError: another construct has one of them; each such address is named.
    """
    ledger = _LEDGERS.get(stack)
    if ledger is None:
        ledger = _LEDGERS[stack] = {}
        stack.node.add_validation(_Collisions(stack, ledger))
    faults = Faults()
    for address in addresses:
        holder = ledger.setdefault(address, path)
        if holder != path:
            faults.add("prefix", str(address), f"an address that no other construct has ({holder} has it)")
    faults.raise_any()


@jsii.implements(IValidation)
class _Collisions:
    """Refuses a resource at the top of the stack that stands at an address of ours.

    Deeper ones get a hash from the CDK. One whose id was overridden by hand is not looked for: to walk a
    whole stack costs as much as to build it.
    """

    def __init__(self, stack: TerraformStack, ledger: dict[Address, str]) -> None:
        self._stack = stack
        self._ledger = ledger

    def validate(self) -> list[str]:
        names = {address.name for address in self._ledger}
        taken = []
        for child in self._stack.node.children:
            if child.node.id not in names or not isinstance(child, TerraformResource):
                continue
            address = Address(child.terraform_resource_type, child.node.id)
            if address in self._ledger:
                message = f"{address}: {child.node.path} and {self._ledger[address]} have the same address"
                taken.append(f"{message}; give one of them another id or prefix")
        return taken
