"""Which addresses a stack has already, since the CDK merges two resources with one address silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

import jsii
from cdktf import TerraformOutput, TerraformResource, TerraformStack
from constructs import IConstruct, IValidation

from rancher_ports.errors import refuse
from rancher_ports.model.addresses import Address

_LEDGERS: WeakKeyDictionary[TerraformStack, dict[Address, str]] = WeakKeyDictionary()


def claim(stack: TerraformStack, addresses: Iterable[Address], path: str) -> None:
    """Note the addresses of one construct's resources.

    Args:
        stack: the stack in which they stand.
        addresses: the addresses, before any resource is made.
        path: the construct's path.

    Raises:
        InputError: another construct has some of them; nothing is noted then.
    """
    ledger = _LEDGERS.get(stack)
    if ledger is None:
        ledger = _LEDGERS[stack] = {}
        stack.node.add_validation(_Collisions(stack, ledger))
    addresses = list(addresses)
    taken = [address for address in addresses if ledger.get(address, path) != path]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        holder = ledger[taken[0]]
        allowed = f"a prefix that gives addresses which no other construct has ({holder} has {taken[0]}{more})"
        raise refuse(f"{path.rpartition('/')[2]}.prefix", addresses[-1].name.partition("_")[0], allowed)
    ledger |= dict.fromkeys(addresses, path)


@jsii.implements(IValidation)
class _Collisions:
    """Refuses a resource or an output of somebody else's at an address of ours."""

    def __init__(self, stack: TerraformStack, ledger: dict[Address, str]) -> None:
        self._stack = stack
        self._ledger = ledger

    def validate(self) -> list[str]:
        paths = set(self._ledger.values())
        found = []
        for element in _elements(self._stack, paths):
            type_ = "output" if isinstance(element, TerraformOutput) else element.terraform_resource_type
            address = Address(type_, element.friendly_unique_id)
            if address in self._ledger:
                message = f"{address}: {element.node.path} and {self._ledger[address]} have the same address"
                found.append(f"{message}; give one of them another id or prefix")
        return found


def _elements(scope: IConstruct, paths: set[str]) -> Iterator[TerraformResource | TerraformOutput]:
    """What stands below, but for the constructs of ours, which the ledger holds already."""
    for child in scope.node.children:
        if isinstance(child, (TerraformResource, TerraformOutput)):
            yield child
        if child.node.path not in paths:
            yield from _elements(child, paths)
