"""Which addresses a stack has already, since the CDK merges two resources with one address silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import jsii
from constructs import IConstruct, IValidation

from rancher_ports.cdk.flavours import Flavour
from rancher_ports.errors import Faults
from rancher_ports.model.addresses import Address

if TYPE_CHECKING:
    from cdktf import TerraformOutput, TerraformResource, TerraformStack


@dataclass(frozen=True, slots=True)
class _Ledger:
    """The addresses of a stack, each with the path of the construct of ours concerned.

    Args:
        now: the addresses that resources and outputs have.
        former: those from which resources move.
    """

    now: dict[Address, str] = field(default_factory=dict)
    former: dict[Address, str] = field(default_factory=dict)


_LEDGERS: WeakKeyDictionary[TerraformStack, _Ledger] = WeakKeyDictionary()


def claim(
    stack: TerraformStack, flavour: Flavour, addresses: Iterable[Address], former: Iterable[Address], path: str
) -> None:
    """Note the addresses of one construct's resources.

    Args:
        stack: the stack in which they stand.
        flavour: the stack's.
        addresses: the addresses, before any resource is made.
        former: the addresses from which the resources move.
        path: the construct's path.

    Raises:
        InputError: another construct has some of them, or moves from there; nothing is noted then.
    """
    ledger = _LEDGERS.get(stack)
    if ledger is None:
        ledger = _LEDGERS[stack] = _Ledger()
        stack.node.add_validation(_Collisions(stack, flavour, ledger))
    addresses, former = list(addresses), list(former)
    faults = Faults()
    for argument, claimed, held, does in (
        ("prefix", addresses, ledger.now, "has"),
        ("prefix", addresses, ledger.former, "moves from"),
        ("moved_from", former, ledger.now, "has"),
        ("moved_from", former, ledger.former, "moves from"),
    ):
        taken = [address for address in claimed if held.get(address, path) != path]
        if taken:
            more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
            which = f"({held[taken[0]]} {does} {taken[0]}{more})"
            allowed = f"a prefix that gives addresses which no other construct {does} {which}"
            faults.add(f"{path.rpartition('/')[2]}.{argument}", taken[0].name.partition("_")[0], allowed)
    faults.raise_any()
    ledger.now.update(dict.fromkeys(addresses, path))
    ledger.former.update(dict.fromkeys(former, path))


@jsii.implements(IValidation)
class _Collisions:
    """Refuses a resource or an output of somebody else's at an address that one of ours has or moves from."""

    def __init__(self, stack: TerraformStack, flavour: Flavour, ledger: _Ledger) -> None:
        self._stack = stack
        self._flavour = flavour
        self._ledger = ledger

    def validate(self) -> list[str]:
        ledger = self._ledger
        found = []
        for element in _elements(self._stack, self._flavour, set(ledger.now.values())):
            type_ = getattr(element, "terraform_resource_type", "output")
            address = Address(type_, element.friendly_unique_id)
            if address in ledger.now:
                message = f"{address}: {element.node.path} and {ledger.now[address]} have the same address"
                found.append(f"{message}; give one of them another id or prefix")
            if address in ledger.former:
                message = f"{address}: {element.node.path} has the address from which {ledger.former[address]} moves"
                found.append(f"{message}; give it another id, or take that out of moved_from")
        return found


def _elements(scope: IConstruct, flavour: Flavour, paths: set[str]) -> Iterator[TerraformResource | TerraformOutput]:
    """What stands below, but for the constructs of ours, which the ledger holds already."""
    wanted = (flavour.cdk.TerraformResource, flavour.cdk.TerraformOutput)
    for child in scope.node.children:
        # A stack within a stack has a document, and so addresses, of its own.
        if isinstance(child, flavour.cdk.TerraformStack):
            continue
        if isinstance(child, wanted):
            yield child
        if child.node.path not in paths:
            yield from _elements(child, flavour, paths)
