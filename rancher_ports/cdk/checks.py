"""What is checked when a stack is synthesized, once all own rules are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

import jsii
from constructs import IConstruct, IValidation

from rancher_ports.cdk.flavours import Flavour
from rancher_ports.model.findings import Finding

if TYPE_CHECKING:
    from cdktf import TerraformStack


class Checked(IConstruct, Protocol):
    """A construct that has findings."""

    def findings(self) -> Sequence[Finding]:
        """All of them, the gravest first."""


_CHECKED: WeakKeyDictionary[TerraformStack, list[Checked]] = WeakKeyDictionary()


def check(stack: TerraformStack, flavour: Flavour, construct: Checked) -> None:
    """Have the findings of a construct told at synthesis: as errors, which stop it, or as annotations.

    Args:
        stack: the stack in which it stands.
        flavour: the stack's.
        construct: the construct.
    """
    checked = _CHECKED.get(stack)
    if checked is None:
        # One for the stack, and not for each construct: each costs three round trips to Node.
        checked = _CHECKED[stack] = []
        stack.node.add_validation(_Findings(flavour, checked))
    checked.append(construct)


@jsii.implements(IValidation)
class _Findings:
    """Annotates constructs with their findings; those of severity ``error`` are errors of the stack's."""

    def __init__(self, flavour: Flavour, checked: Sequence[Checked]) -> None:
        self._flavour = flavour
        self._checked = checked
        self._said: set[tuple[str, str]] = set()

    def validate(self) -> list[str]:
        errors = []
        for construct in self._checked:
            path = construct.node.path
            annotate = self._flavour.cdk.Annotations.of(construct)
            for finding in construct.findings():
                if finding.severity == "error":
                    errors.append(f"{path}: {finding}")
                elif (path, str(finding)) not in self._said:
                    # A stack may be synthesized twice.
                    self._said.add((path, str(finding)))
                    (annotate.add_warning if finding.severity == "warning" else annotate.add_info)(str(finding))
        return errors
