"""What an app needs of the CDK, whichever is installed. Importing this loads it, which starts Node."""

from typing import TYPE_CHECKING

from bench.flavour import CDK

if TYPE_CHECKING or CDK == "cdktf":
    from cdktf import App, LocalBackend, TerraformStack
else:
    from cdktn import App, LocalBackend, TerraformStack

__all__ = ["App", "LocalBackend", "TerraformStack"]
