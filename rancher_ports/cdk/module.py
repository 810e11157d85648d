"""A table's module as a stack, for apps that synthesize modules beside their other stacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import jsii
from constructs import IValidation

from rancher_ports.cdk.flavours import Flavour, flavour_of
from rancher_ports.errors import InputError, refuse
from rancher_ports.module import module
from rancher_ports.tables import load_table

if TYPE_CHECKING:
    from cdktf import TerraformStack
    from constructs import Construct


class RancherPortsModule:
    """A stack that is a module of Terraform: variables and outputs, no provider and no backend.

    ``cdk.tf.json`` in its folder is what ``rancher-ports module`` writes as several files. It is for the app itself:
    what stands in another stack synthesizes to nothing. What else is built in it becomes a part of the module; the CDK
    wants a provider for that, which is left out, as a backend is.

    Args:
        scope: the app.
        id: the stack's id; the folder's name.
        distribution: whose documented ports.

    Returns:
        A ``TerraformStack`` of the app's flavour.

    Raises:
        InputError: there is no such distribution, the scope is no app, or the id is no text.
    """

    def __new__(cls, scope: Construct, id: str, *, distribution: str) -> TerraformStack:  # type: ignore[misc]  # noqa: A002  # a stack of whichever flavour; the CDK's word
        """Make the stack."""
        if not isinstance(id, str) or not id:
            raise refuse("id", id, "a text that is not empty")
        try:
            made = module(load_table(distribution))
        except InputError as error:
            raise error.under(id) from None
        stack: TerraformStack = _stack_class(flavour_of(scope, id))(scope, id, document=made.document)
        return stack


@cache
def _stack_class(flavour: Flavour) -> type[Any]:
    class RancherPortsModuleStack(flavour.cdk.TerraformStack):  # type: ignore[misc, name-defined]
        def __init__(self, scope: Construct, id: str, *, document: dict[str, object]) -> None:  # noqa: A002  # the CDK's word
            super().__init__(scope, id)
            self._document = document
            self.node.add_validation(_NoAddressTwice(self))

        def built(self) -> dict[str, Any]:
            """What else the user built in the stack, but for providers and backend."""
            document = dict(super().to_terraform())
            versions = {key: value for key, value in document.pop("terraform", {}).items() if key != "backend"}
            others = {kind: value for kind, value in document.items() if kind not in ("//", "provider")}
            return {**others, "terraform": versions}

        @jsii.member(jsii_name="toTerraform")
        def to_terraform(self) -> dict[str, object]:
            """The module, with what else there is, and nothing of the machine it was made on."""
            return _merged(self.built(), self._document)

    return RancherPortsModuleStack


@jsii.implements(IValidation)
class _NoAddressTwice:
    """Refuses what stands at one of the module's own addresses: one of the two would be lost without a word."""

    def __init__(self, stack: Any) -> None:  # noqa: ANN401  # of a class made at run time
        self._stack = stack

    def validate(self) -> list[str]:
        ours = set(_addresses(self._stack._document))
        taken = sorted(set(_addresses(self._stack.built())) & ours)
        return [f"{address} is the module's: give yours another id, or override its logical id" for address in taken]


def _addresses(document: Mapping[str, Any]) -> Iterator[str]:
    for kind, blocks in document.items():
        if kind == "resource":
            yield from (f"{type_}.{name}" for type_, some in blocks.items() for name in some)
        elif kind in ("locals", "variable", "output"):
            yield from (f"{kind}.{name}" for name in blocks)


def _merged(built: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Two documents as one; of what is in both, ours."""
    both = {key: _merged(built[key], ours[key]) for key in built.keys() & ours.keys() if isinstance(ours[key], Mapping)}
    # In the order of ours, then whatever else there is.
    return {
        **{key: both.get(key, value) for key, value in ours.items()},
        **{k: v for k, v in built.items() if k not in ours},
    }
