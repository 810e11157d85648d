"""What `review` and `check` are given: plans, states and folders; which group is which role's; and quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from rancher_ports.cli import inputs
from rancher_ports.cli.version import version
from rancher_ports.errors import Faults, nearest, one_of, refuse
from rancher_ports.model.roles import EXTRA_GROUPS, ROLES
from rancher_ports.readers.sources import read_folder, read_stacks, stack_files

if TYPE_CHECKING:
    from rancher_ports.model.inventory import Transition
    from rancher_ports.render.review_sarif import Origin

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

    folders = _folders(sources)
    if folders and (len(folders) != len(sources) or len(sources) != 2):
        raise refuse("", ", ".join(sources), "two folders, BEFORE/ and AFTER/; or the JSON of plans")
    if folders:
        from rancher_ports.readers import configured_change  # noqa: PLC0415  # see above

        before, after = map(read_folder, folders)
        return with_roles(configured_change.read_transition(before, after), roles)
    from rancher_ports.readers import planned  # noqa: PLC0415  # see above

    return with_roles(planned.read_transition(_documents(sources)), roles)


def read_afterwards(sources: Sequence[str], roles: Roles) -> Transition:
    """What there is after some plans, as some states have it, or as some folders are synthesized.

    Raises:
        InputError: they are none of these, or cannot be read.
    """
    from rancher_ports.review.keyed import with_roles  # noqa: PLC0415  # see above

    folders = _folders(sources)
    if folders and len(folders) != len(sources):
        raise refuse("", ", ".join(sources), "folders; or the JSON of plans and states")
    if folders:
        from rancher_ports.readers import configured_change  # noqa: PLC0415  # see above

        return with_roles(configured_change.read_standing(read_stacks(_files(folders))), roles)
    from rancher_ports.readers import planned  # noqa: PLC0415  # see above

    return with_roles(planned.read_afterwards(_documents(sources)), roles)


def origin_of(sources: Sequence[str], synthesized: str | None, *, change: bool) -> Origin:
    """What results are of, and where its blocks stand.

    Args:
        sources: what the command was given, and has read.
        synthesized: the folder of which the plans are, if somebody said so.
        change: whether two folders are the two sides of a change.

    Raises:
        InputError: there is no stack in the folder.
    """
    # Only now: one format needs it.
    from rancher_ports.readers.positions import positions  # noqa: PLC0415  # see above
    from rancher_ports.render.review_sarif import Origin  # noqa: PLC0415  # see above

    folders = _folders(sources)
    if synthesized:
        # Plans say nothing of stacks.
        files, several = _files([Path(synthesized)]), False
    elif change and folders:
        before, files = (dict(stack_files(folder)) for folder in folders)
        several = len({*before, *files}) > 1
    else:
        files = _files(folders)
        several = len(files) > 1
    found = positions(files, several=several)
    source = next(iter(files.values()), Path(sources[0] if sources[0] != inputs.STDIN else "plan.json"))
    places = {address: (_reference(at.file), at.line) for address, at in found.items()}
    return Origin(_reference(source), places, version())


def _reference(path: Path) -> str:
    """A file relative to where the command runs, which is the repository; as it is if it lies elsewhere."""
    path = path.resolve()
    here = Path.cwd()
    return quote(path.relative_to(here).as_posix()) if path.is_relative_to(here) else path.as_uri()


def _folders(sources: Sequence[str]) -> list[Path]:
    return [Path(source) for source in sources if Path(source).is_dir()]


def _files(folders: Sequence[Path]) -> dict[str, Path]:
    """The files of the stacks in some folders, by names of which no two are the same."""
    found: dict[str, Path] = {}
    for folder in folders:
        for name, file in stack_files(folder).items():
            found[f"{folder}: {name}" if name in found else name or str(folder)] = file
    return found


def _documents(sources: Sequence[str]) -> dict[str, object]:
    return {inputs.name_of(source): inputs.read(source, lambda document: document) for source in sources}
