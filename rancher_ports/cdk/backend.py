"""Any Terraform backend, its keys passed through as they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NoReturn

import jsii
from constructs import Construct

from rancher_ports.cdk.flavours import Flavour


@cache
def backend_class(flavour: Flavour) -> type[Any]:
    """A backend by its Terraform name.

    The CDK has a class for each backend, with names of its own for the keys it knew when it was
    made. Here Terraform's own documentation of a backend is what holds.

    Returns:
        A class that takes the stack, an id, and by keyword the backend's ``name`` (such as ``s3``; or
        ``cloud``) and its ``options``: the backend's own keys and values.
    """

    class Backend(flavour.cdk.TerraformBackend):  # type: ignore[misc, name-defined]
        def __init__(self, scope: Construct, id: str, *, name: str, options: Mapping[str, object]) -> None:  # noqa: A002  # the CDK's word
            super().__init__(scope, id, name)
            self._block = {"cloud": dict(options)} if name == "cloud" else {"backend": {name: dict(options)}}

        @jsii.member(jsii_name="toTerraform")
        def to_terraform(self) -> dict[str, object]:
            """The block as it stands in the JSON."""
            return {"terraform": self._block}

        @jsii.member(jsii_name="getRemoteStateDataSource")
        def get_remote_state_data_source(self, scope: Construct, name: str, from_stack: str) -> NoReturn:
            """Not offered: a stack of yours that reads this one's state has to say how."""
            del scope, name
            raise NotImplementedError(
                f"the backend of the stack {from_stack} came as plain settings, from which no reference across stacks "
                "can be made; build the constructs in a stack with a backend class of the CDK"
            )

    return Backend
