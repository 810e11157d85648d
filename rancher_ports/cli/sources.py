"""What `review` and `check` are given: plans, states and folders; which group is which role's; and quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rancher_ports.cli import inputs
from rancher_ports.errors import Faults, nearest, one_of, refuse
from rancher_ports.model.roles import EXTRA_GROUPS, ROLES
from rancher_ports.readers.sources import read_folder

if TYPE_CHECKING:
    from rancher_ports.model.inventory import Transition

# Owner, if anybody said it, and role, by the address or id of a group.
Roles = Mapping[str, tuple[str | None, str]]

_ROLES = (*ROLES, *EXTRA_GROUPS)

ADDRESS_OF_ROLE = click.option(
    "--role",
    "roles",
    metavar="[OWNER/]ROLE=ADDRESS",
    multiple=True,
    help="Which group is a role's, by its address or its id; may be given several times. Our tags say it otherwise.",
)
RULES_PER_GROUP = click.option(
    "--rules-per-group",
    type=click.IntRange(1, 1000),
    default=60,
    show_default=True,
    help="How many rules AWS allows a group, for each direction and address family.",
)


def read_roles(given: Sequence[str]) -> Roles:
    """The values of ``--role``.

    Raises:
        InputError: with a fault for each that is not of the form, or names no role.
    """
    faults = Faults()
    found: dict[str, tuple[str | None, str]] = {}
    for text in given:
        name, equals, address = text.partition("=")
        owner, slash, role = name.rpartition("/")
        if not equals or not address or (slash and not owner):
            faults.add("--role", text, "[OWNER/]ROLE=ADDRESS, such as etcd=aws_security_group.etcd")
        elif role not in _ROLES:
            faults.add("--role", role, one_of(_ROLES), nearest(role, _ROLES))
        elif address in found:
            faults.add("--role", address, "each group once")
        else:
            found[address] = (owner or None, role)
    faults.raise_any()
    return found


def read_change(sources: Sequence[str], roles: Roles) -> Transition:
    """The change that two folders, or some plans, make.

    Raises:
        InputError: they are neither, or cannot be read.
    """
    # Only now: --help needs none of it, nor do folders what plans need.
    from rancher_ports.review.keyed import with_roles  # noqa: PLC0415  # see above

    folders = [Path(source) for source in sources if Path(source).is_dir()]
    if folders and (len(folders) != len(sources) or len(sources) != 2):
        raise refuse("", ", ".join(sources), "two folders, BEFORE/ and AFTER/; or the JSON of plans")
    if folders:
        from rancher_ports.readers import configured_change  # noqa: PLC0415  # see above

        before, after = map(read_folder, folders)
        return with_roles(configured_change.read_transition(before, after), roles)
    from rancher_ports.readers import planned  # noqa: PLC0415  # see above

    documents = {inputs.name_of(source): inputs.read(source, lambda document: document) for source in sources}
    return with_roles(planned.read_transition(documents), roles)


def read_afterwards(sources: Sequence[str], roles: Roles) -> Transition:
    """What there is after some plans, as some states have it, or as some folders are synthesized.

    Raises:
        InputError: they are none of these, or cannot be read.
    """
    # Only now: --help needs none of it, nor do folders what plans need.
    from rancher_ports.review.keyed import with_roles  # noqa: PLC0415  # see above

    folders = [source for source in sources if Path(source).is_dir()]
    if folders and len(folders) != len(sources):
        raise refuse("", ", ".join(sources), "folders; or the JSON of plans and states")
    if folders:
        from rancher_ports.readers import configured_change  # noqa: PLC0415  # see above

        stacks: dict[str, object] = {}
        for folder in folders:
            for name, document in read_folder(Path(folder)).items():
                stacks[f"{folder}: {name}" if name in stacks else name or folder] = document
        change = configured_change.read_standing(stacks)
    else:
        from rancher_ports.readers import planned  # noqa: PLC0415  # see above

        documents = {inputs.name_of(source): inputs.read(source, lambda document: document) for source in sources}
        change = planned.read_afterwards(documents)
    return with_roles(change, roles)
