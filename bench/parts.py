"""The app, stage by stage as ``main.py`` goes through them. Prints when each stage was over, as JSON."""

import time

_OVER = [("Python starts", time.time())]

from rancher_ports import lazy_providers

lazy_providers.enable()

import json
from pathlib import Path

from bench.cases import ROOT
from rancher_ports.readers.synthesized import read_synthesized_file
from rancher_ports.render import text
from rancher_ports.settings import read_settings_file
from rancher_ports.tables import load_tables


def _over(stage: str) -> None:
    _OVER.append((stage, time.time()))


def main() -> None:
    """What the app does, with a look at the clock after each stage."""
    _over("the package is imported")
    settings = read_settings_file(ROOT / "cdktf.json", load_tables())
    _over("tables and settings are read")
    # One after the other, in the order in which each needs the one before it.
    import jsii  # noqa: PLC0415  # a stage

    jsii.stats()  # type: ignore[no-untyped-call]  # it has no types
    _over("jsii starts Node")
    import constructs  # noqa: F401, PLC0415  # a stage

    _over("the package constructs is loaded")
    from bench.cdk import App, TerraformStack  # noqa: PLC0415  # a stage

    _over("the CDK is loaded")
    import bench.bindings  # noqa: F401, PLC0415  # a stage

    _over("the provider's bindings are loaded")
    from rancher_ports.cdk import fill_stack  # noqa: PLC0415  # a stage

    _over("the constructs are imported")
    app = App(stack_traces=False)
    ports = fill_stack(TerraformStack(app, "rancher"), settings)
    _over("groups and rules are built")
    app.synth()
    _over("the JSON is written")
    rules = read_synthesized_file(Path(app.outdir, "stacks", "rancher", "cdk.tf.json"))
    said = [text.summary(rules, "cdk.tf.json"), text.findings(ports.findings())]
    _over("the JSON is read back")
    print(json.dumps({"over": _OVER, "said": said}))


if __name__ == "__main__":
    main()
