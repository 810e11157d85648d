"""The arguments by which commands are told which table, and what is chosen of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from rancher_ports.errors import Faults, InputError, one_of
from rancher_ports.model.conditions import DEFAULT_EGRESS, DEFAULT_ONE_SIDED, EGRESS, ONE_SIDED, Choices
from rancher_ports.model.table import DEFAULT_DISTRIBUTION, Table, choose

T = TypeVar("T")

# How what the model calls by its names is typed.
_TYPED = {
    "distribution": "DISTRIBUTION",
    "cni": "--cni",
    "features": "--feature",
    "one_sided": "--one-sided",
    "egress": "--egress",
}


def choose_from(
    distribution: str | None,
    *,
    cni: str | None = None,
    features: Iterable[str] = (),
    one_sided: str | None = None,
    egress: str | None = None,
    settings: str | None = None,
) -> tuple[Table, Choices]:
    """The table and the choices that a command line means.

    Args:
        distribution: its name, or None for that of the settings.
        cni: a container network, or None for what the settings or the table have; likewise the others.
        features: names of features.
        one_sided: ``completed`` or ``documented``.
        egress: ``documented`` or ``all``.
        settings: a file with the app's settings, or None for none.

    Roles whose half is for the user to write are told on the standard error: those of brought groups.

    Raises:
        InputError: with a fault for each argument that the table does not offer, that the settings contradict, or
            that is missing; or with those of the settings.
    """
    # Only now: who asks for no table need not wait for it.
    from rancher_ports.tables import load_table  # noqa: PLC0415  # see above

    given = {"cni": cni, "features": tuple(features) or None, "one_sided": one_sided, "egress": egress}
    if settings is not None:
        return _choose_from_settings(Path(settings), {"distribution": distribution, **given})
    if distribution is None:
        faults = Faults()
        faults.missing(_TYPED["distribution"], f"{one_of(_tables())}; or --settings FILE")
        raise faults.error()
    try:
        table = load_table(distribution)
        return table, choose(table, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # by name
    except InputError as error:
        raise InputError(
            replace(fault, place=_TYPED[fault.place.partition("[")[0]]) for fault in error.faults
        ) from None


def _choose_from_settings(path: Path, given: Mapping[str, object]) -> tuple[Table, Choices]:
    from rancher_ports.settings import read_settings_file  # noqa: PLC0415  # see above

    settings = read_settings_file(path, _tables())
    choices = settings.choices
    chosen: dict[str, object] = {
        "distribution": settings.table.distribution,
        "cni": choices.cni,
        "features": choices.features,
        "one_sided": choices.one_sided,
        "egress": choices.egress,
    }
    faults = Faults()
    for name, value in given.items():
        if name == "features" and isinstance(value, tuple) and value and set(value) != chosen[name]:
            has = ", ".join(sorted(choices.features)) or "no feature"
            faults.add(
                _TYPED[name], ", ".join(value), f"{has}, as {path.name} has it, or no --feature beside --settings"
            )
        elif name != "features" and value not in (None, chosen[name]):
            faults.add(_TYPED[name], value, f"{chosen[name]}, as {path.name} has it, or nothing beside --settings")
    faults.raise_any()
    for role, group in settings.groups.items():
        if not group.add_rules:
            said = f"The group of {role} exists already and gets no rules here: its half is yours to add."
            click.echo(said, err=True)
    return settings.table.filled(settings.slots), choices


def choosing(command: Callable[..., T]) -> Callable[..., T]:
    """Give a command the arguments that choose a table, and the table and the choices in their place.

    Args:
        command: takes ``table``, a :class:`Table`, and ``choices``, :class:`Choices`, by name, besides what is its own.
    """
    return _choosing(command, [_DISTRIBUTION_ARGUMENT, *_OPTIONS])


def choosing_by_options(command: Callable[..., T]) -> Callable[..., T]:
    """The same for a command whose arguments are others: the distribution is an option with a default."""
    return _choosing(command, [_DISTRIBUTION_OPTION, *_OPTIONS], default=DEFAULT_DISTRIBUTION)


def choosing_if_asked(command: Callable[..., T]) -> Callable[..., T]:
    """The same for a command that takes None for both where none of these options is given."""
    return _choosing(command, [_DISTRIBUTION_OPTION, *_OPTIONS], default=DEFAULT_DISTRIBUTION, is_optional=True)


def _choosing(
    command: Callable[..., T],
    parameters: Sequence[Callable[..., Any]],
    default: str | None = None,
    *,
    is_optional: bool = False,
) -> Callable[..., T]:
    @functools.wraps(command)
    def run(
        *args: object,
        distribution: str | None,
        cni: str | None,
        features: tuple[str, ...],
        one_sided: str | None,
        egress: str | None,
        settings: str | None,
        **own: object,
    ) -> T:
        if is_optional and not any((distribution, cni, features, one_sided, egress, settings)):
            return command(*args, table=None, choices=None, **own)
        if settings is None and distribution is None:
            distribution = default
        table, choices = choose_from(
            distribution, cni=cni, features=features, one_sided=one_sided, egress=egress, settings=settings
        )
        return command(*args, table=table, choices=choices, **own)

    for parameter in reversed(parameters):
        run = parameter(run)
    return run


def complete_distribution(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The distributions."""
    return starting({name: table.title for name, table in _tables().items()}, incomplete)


def _tables() -> Mapping[str, Table]:
    from rancher_ports.tables import load_tables  # noqa: PLC0415  # see above

    return load_tables()


def _cnis(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return starting({cni: table.title for table in _typed(ctx) for cni in table.cnis}, incomplete)


def complete_features(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The features of the distribution typed so far; of all, if none is."""
    found = {name: feature.what for table in _typed(ctx) for name, feature in table.features.items()}
    return starting(found, incomplete)


def _typed(ctx: click.Context) -> list[Table]:
    """The table of the distribution typed so far; all of them, if none is."""
    tables = _tables()
    # Behind an option whose value is still to come, click leaves arguments as they are.
    typed = [tables[word] for word in (ctx.params.get("distribution") or "", *ctx.args) if word in tables]
    return typed[:1] or list(tables.values())


def starting(values: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    """The values that begin as somebody has begun to type, with what each is."""
    return [CompletionItem(value, help=what) for value, what in values.items() if value.startswith(incomplete)]


_DISTRIBUTION_ARGUMENT = click.argument("distribution", required=False, shell_complete=complete_distribution)
_DISTRIBUTION_OPTION = click.option(
    "--distribution",
    metavar="DISTRIBUTION",
    shell_complete=complete_distribution,
    help=f"Whose documented ports. Default: {DEFAULT_DISTRIBUTION}.",
)
_OPTIONS = (
    click.option(
        "--cni",
        metavar="CNI",
        shell_complete=_cnis,
        help="The container network; the distribution's default unless given.",
    ),
    click.option(
        "--feature",
        "features",
        metavar="FEATURE",
        multiple=True,
        shell_complete=complete_features,
        help="A feature to switch on; may be given several times.",
    ),
    click.option(
        "--one-sided",
        type=click.Choice(ONE_SIDED),
        help=f"Flows that one end alone documents: as they are, or with the other half. Default: {DEFAULT_ONE_SIDED}.",
    ),
    click.option(
        "--egress",
        type=click.Choice(EGRESS),
        help=f"What nodes may send: what is documented, or everything besides. Default: {DEFAULT_EGRESS}.",
    ),
    click.option(
        "--settings",
        type=click.Path(),
        metavar="FILE",
        help="Take the distribution, the choices and who is in the slots from the settings of the app, a cdktf.json.",
    ),
)
