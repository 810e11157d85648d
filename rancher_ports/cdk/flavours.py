"""CDKTF and CDK Terrain, its successor: the same classes by two names. A construct takes those of its stack."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from rancher_ports.errors import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdktf import TerraformStack
    from constructs import Construct


@dataclass(frozen=True, slots=True)
class Flavour:
    """One of the two.

    Args:
        name: its package, and the name of our extra that installs what it needs.
        bindings: the package with its bindings of the AWS provider.
    """

    name: str
    bindings: str

    @property
    def cdk(self) -> ModuleType:
        """The package, imported."""
        return importlib.import_module(self.name)

    def binding(self, module: str, name: str) -> type:
        """A class of the AWS provider's bindings.

        Args:
            module: the module within the bindings, such as ``security_group``.
            name: the class, such as ``SecurityGroup``.

        Raises:
            ImportError: the bindings are not installed; with what installs them.
        """
        try:
            found: type = getattr(importlib.import_module(f"{self.bindings}.{module}"), name)
        except ModuleNotFoundError as error:
            if error.name != self.bindings:
                raise
            needs = f'a stack of {self.name} needs {self.bindings}: pip install "rancher-ports[{self.name}]"'
            raise ImportError(needs, name=self.bindings) from None
        return found


FLAVOURS = (Flavour("cdktf", "cdktf_cdktf_provider_aws"), Flavour("cdktn", "cdktn_provider_aws"))


def installed() -> Flavour:
    """The flavour that is installed here; of both, CDKTF.

    Raises:
        ImportError: neither is; with what installs them.
    """
    for flavour in FLAVOURS:
        spec = importlib.util.find_spec(flavour.name)
        # A folder of that name beside the app is found as well, as a package without a file.
        if spec is not None and spec.origin is not None:
            return flavour
    extras = " or ".join(f'"rancher-ports[{flavour.name}]"' for flavour in FLAVOURS)
    raise ImportError(f"rancher_ports.cdk needs the CDK: pip install {extras}", name=FLAVOURS[0].name)


def _here() -> Iterator[Flavour]:
    """Those that an app can be of: its package has been imported by whoever made it."""
    return (flavour for flavour in FLAVOURS if flavour.name in sys.modules)


def _names() -> str:
    return " or ".join(flavour.name for flavour in FLAVOURS)


def flavour_of(app: Construct, id_: str) -> Flavour:
    """The flavour of an app in which a stack is to stand.

    Args:
        app: the stack's scope.
        id_: the stack's id, for the error.

    Raises:
        InputError: it is no app.
    """
    for flavour in _here():
        if isinstance(app, flavour.cdk.App):
            return flavour
    given = getattr(getattr(app, "node", None), "path", app) or "no app"
    raise refuse(f"{id_}.scope", given, f"an App of {_names()}")


def stack_of(scope: Construct, id_: str) -> tuple[TerraformStack, Flavour]:
    """The stack in which a construct is to stand, and its flavour.

    Args:
        scope: the construct's scope.
        id_: the construct's id, for the error.

    Raises:
        InputError: there is none.
    """
    # Not TerraformStack.of, which ends in a stack trace of Node's where there is none, and which takes
    # a stack of one flavour for a stack of the other.
    here = [(flavour, flavour.cdk.TerraformStack) for flavour in _here()]
    node = getattr(scope, "node", None)
    for above in reversed(getattr(node, "scopes", ())):
        for flavour, stack in here:
            if isinstance(above, stack):
                return above, flavour
    allowed = f"a construct within a TerraformStack of {_names()}"
    raise refuse(f"{id_}.scope", getattr(node, "path", scope) or "the app itself", allowed)
