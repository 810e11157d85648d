"""Which version this is."""

from __future__ import annotations

from rancher_ports.cli.refusing import NAME


def version() -> str:
    """The version of the package, as it is installed."""
    # Only now: loading it takes as long as loading click.
    from importlib import metadata  # noqa: PLC0415  # see above

    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "of a checkout, not installed"
