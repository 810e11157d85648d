"""Groups whose names change although their addresses are kept."""

from __future__ import annotations

from collections.abc import Sequence

from rancher_ports.model.findings import Finding


def renamed_groups(prefix: str, group_name_prefix: str, former_prefixes: Sequence[str]) -> tuple[Finding, ...]:
    """A finding if a prefix was renamed and the groups' names go with it, which replaces the groups.

    Args:
        prefix: begins the addresses.
        group_name_prefix: begins the groups' names; the prefix itself, unless somebody said otherwise.
        former_prefixes: what began the addresses before, newest first.
    """
    if not former_prefixes or group_name_prefix != prefix:
        return ()
    former = former_prefixes[0]
    finding = Finding(
        code="renamed-groups",
        severity="warning",
        place=prefix,
        sentence=(
            f"The names of the groups begin with {prefix} now. If they began with {former} before, every group is "
            "replaced, and its nodes are cut off meanwhile."
        ),
        fix=f'Set group_name_prefix to what began the names before, "{former}".',
    )
    return (finding,)
