"""A table as a module of Terraform and OpenTofu: templates with their choices still open, as variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rancher_ports.model.table import Table
from rancher_ports.model.templates import templates
from rancher_ports.module.outputs import outputs
from rancher_ports.module.rules import Block, local_values, resources
from rancher_ports.module.variables import variables

# For what they have that the files use: render/module_page.py says it to users.
ENGINE_VERSION = ">= 1.3"
PROVIDER_VERSION = ">= 5.0"

_VERSIONS: Block = {
    "terraform": {
        "required_version": ENGINE_VERSION,
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}},
    }
}


@dataclass(frozen=True, slots=True)
class Module:
    """One distribution's module.

    Args:
        main: locals and resources.
        variables: variables, by name.
        outputs: outputs, by name.
    """

    main: Block
    variables: Block
    outputs: Block

    @property
    def files(self) -> Mapping[str, str]:
        """The module's files by name, the same text at every run."""
        parts = {
            "main": self.main,
            "variables": {"variable": self.variables},
            "outputs": {"output": self.outputs},
            "versions": _VERSIONS,
        }
        return MappingProxyType({f"{name}.tf.json": json.dumps(part, indent=2) + "\n" for name, part in parts.items()})

    @property
    def document(self) -> Block:
        """All files as one document."""
        return {**self.main, "variable": self.variables, "output": self.outputs, **_VERSIONS}


def module(table: Table) -> Module:
    """The module of a table.

    Args:
        table: the documented ports of one distribution.
    """
    made = templates(table)
    main = {"locals": local_values(table, made), "resource": resources(made)}
    return Module(main, variables(table), outputs())
