"""What a recovery found: import blocks for Terraform and OpenTofu, and lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rancher_ports.model.addresses import GROUP_TYPE
from rancher_ports.recovery import Import, Recovery


def import_blocks(imports: Iterable[Import]) -> str:
    """The content of a file that ends in ``.tf.json``, with import blocks in the order given.

    Returns:
        For no import an empty mapping, which Terraform takes, while it refuses an empty file.
    """
    blocks = [{"to": found.address, "id": found.id} for found in imports]
    return json.dumps({"import": blocks} if blocks else {}, indent=2) + "\n"


def report(recovery: Recovery) -> str:
    """What is to be imported, what to look out for, and what is left; or that there is nothing."""
    lines = []
    if recovery.imports:
        lines.append(f"to import: {len(recovery.imports)}")
        lines += [f"  {found.address}: {found.id} ({found.what})" for found in recovery.imports]
        if any(f".{GROUP_TYPE}." in f".{found.address}" for found in recovery.imports):
            lines.append(
                "warning: a group of another deployment with the same prefix in the same VPC looks the same, so "
                "look at each before you apply."
            )
        lines.append("Nothing has been changed: the import happens when the file is in place and applied.")
    if recovery.leftovers:
        lines.append(f"left for you: {len(recovery.leftovers)}")
        lines += [f"  {left}" for left in recovery.leftovers]
    return "\n".join(lines) if lines else "nothing to recover: EC2 has nothing that this plan would make again"
