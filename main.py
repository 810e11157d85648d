"""The app: security groups for Rancher nodes, as the settings in cdktf.json say."""

from rancher_ports import lazy_providers

lazy_providers.enable()

import gc
import os
import sys
from pathlib import Path

from rancher_ports.errors import InputError
from rancher_ports.readers.synthesized import read_synthesized_file
from rancher_ports.render import text
from rancher_ports.settings import read_settings_file
from rancher_ports.tables import load_tables

STACK = "rancher"


def main() -> None:
    """Check the settings, build the stack, and say what came of it."""
    # All that is made here is in use until the end, so Python need not look for what is not: a twentieth of the time,
    # half of it at the very end.
    gc.disable()
    settings = read_settings_file(Path(__file__).with_name("cdktf.json"), load_tables())

    # Only now: loading the CDK takes most of the time, which a typo in the settings should not cost.
    from rancher_ports.cdk import fill_stack, installed  # noqa: PLC0415  # see above

    cdk = installed().cdk
    app = cdk.App(stack_traces=False)
    ports = fill_stack(cdk.TerraformStack(app, STACK), settings)
    # What would stop the synthesis, without the CDK's stack trace.
    if errors := [finding for finding in ports.findings() if finding.severity == "error"]:
        sys.exit(text.findings(errors))
    app.synth()
    synthesized = Path(app.outdir, "stacks", STACK, "cdk.tf.json")
    print(text.summary(read_synthesized_file(synthesized), os.path.relpath(synthesized)))
    # The CDKTF command line shows annotations, which are the same; plain Python does not.
    if "CDKTF_OUTDIR" not in os.environ:
        print(text.findings(ports.findings()))
    gc.freeze()


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"rancher-ports: {error}")
    except ImportError as error:
        # cdktf or cdktn, or its bindings of the provider.
        if not str(error.name).startswith("cdkt"):
            raise
        sys.exit("rancher-ports: the CDK is not installed here; `make install`, then `. .venv/bin/activate`")
