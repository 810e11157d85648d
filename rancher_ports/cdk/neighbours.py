"""What the constructs of one app have to know of each other, whatever stacks they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from constructs import IConstruct

from rancher_ports.errors import Faults, refuse
from rancher_ports.model.bindings import Binding
from rancher_ports.model.ids import is_known

if TYPE_CHECKING:
    from cdktf import TerraformStack


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who has a brought group, for which role, and whether it writes on it."""

    path: str
    role: str
    writes: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """One app's.

    Args:
        brought: by id, who has a brought group.
        nodes: the ids of the groups that carry a cluster's tag.
        after: by stack, the stacks that have to be deployed before it.
    """

    brought: dict[str, list[_Holder]] = field(default_factory=dict)
    nodes: set[str] = field(default_factory=set)
    after: dict[TerraformStack, set[TerraformStack]] = field(default_factory=dict)

    def check_brought(self, bindings: Iterable[Binding], place: str) -> None:
        """Refuse a brought group that another construct has for another role, or on which it writes as well.

        Args:
            bindings: what realises the roles of a construct.
            place: where its groups were given.

        Raises:
            InputError: with a fault for each role concerned.
        """
        faults = Faults()
        for binding in bindings:
            role = binding.group.role
            for other in self.brought.get(binding.brought or "", ()):
                if other.role != role:
                    allowed = f"a group of its own for each role ({other.path} has it for {other.role})"
                    faults.add(f"{place}.{role}", binding.brought, allowed)
                elif other.writes and binding.writes:
                    # Each would make rules that the other has made.
                    allowed = f"a group to which no other construct adds rules ({other.path} does)"
                    faults.add(f"{place}.{role}", binding.brought, allowed)
        faults.raise_any()

    def bring(self, bindings: Iterable[Binding], path: str) -> None:
        """Note a construct's brought groups, as far as their ids are known."""
        for binding in bindings:
            if binding.brought is not None and is_known(binding.brought):
                holder = _Holder(path, binding.group.role, binding.writes)
                self.brought.setdefault(binding.brought, []).append(holder)

    def check_after(self, stack: TerraformStack, others: Mapping[str, TerraformStack]) -> None:
        """Refuse a reference to a stack that has to be deployed after this one: the CDK ends in a stack trace.

        Args:
            stack: where the reference stands.
            others: by place, the stacks of what is referred to.

        Raises:
            InputError: with a fault for each place concerned.
        """
        faults = Faults()
        for place, other in others.items():
            if other is not stack and self._comes_after(other, stack):
                allowed = (
                    f"what stands in this stack, {stack.node.path}, or in one that does not wait for it; "
                    "or the group by its id, Peer.security_group(...)"
                )
                faults.add(place, f"in stack {other.node.path}", allowed)
        faults.raise_any()

    def come_after(self, stack: TerraformStack, others: Iterable[TerraformStack]) -> None:
        """Note that a stack refers to others."""
        self.after.setdefault(stack, set()).update(other for other in others if other is not stack)

    def _comes_after(self, stack: TerraformStack, other: TerraformStack) -> bool:
        # check_after sees to it that there is no circle.
        return any(one is other or self._comes_after(one, other) for one in self.after.get(stack, ()))


_OF_APPS: WeakKeyDictionary[IConstruct, Neighbours] = WeakKeyDictionary()
# By stack as well: to ask for its app are two round trips to Node, several times for each construct.
_OF_STACKS: WeakKeyDictionary[TerraformStack, Neighbours] = WeakKeyDictionary()


def neighbours(stack: TerraformStack) -> Neighbours:
    """Those of the app in which a stack stands."""
    found = _OF_STACKS.get(stack)
    if found is None:
        found = _OF_STACKS[stack] = _OF_APPS.setdefault(stack.node.root, Neighbours())
    return found


def check_same_app(stack: TerraformStack, other: TerraformStack, place: str) -> None:
    """Refuse what stands in another app, whose outputs this one cannot refer to.

    Raises:
        InputError: it does.
    """
    if neighbours(stack) is not neighbours(other):
        raise refuse(place, other.node.path, "one of the same app")
