"""What ``terraform show -json``, or that of ``tofu``, printed: a plan, whole or partial, or a state."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rancher_ports.errors import Faults, InputError, refuse
from rancher_ports.sections import Section

_FORMAT = re.compile(r"1\.[0-9]+")
_FORMAT_ALLOWED = "format 1.x, which Terraform and OpenTofu write"
_PLAN = "the JSON of a plan (terraform plan -out FILE, then terraform show -json FILE)"
_WHOLE = "a plan of everything, made to its end: without -target, and without an error"


def check_plan(document: object) -> bool:
    """Refuse what is no plan that was made to its end.

    Args:
        document: what ``terraform show -json PLAN`` printed.

    Returns:
        Whether it leaves something out: because of ``-target``, or since changes were put off.

    Raises:
        InputError: it is something else, such as a state; its format is unknown; or the plan broke off.
    """
    faults = Faults()
    plan = Section(document, "", faults)
    faults.raise_any()
    if "planned_values" not in plan or "configuration" not in plan:
        is_state = "values" in plan or "resources" in plan or set(plan) <= {"format_version", "terraform_version"}
        raise refuse("", "a state" if is_state else "something else", _PLAN)
    version = plan.value("format_version")
    if not isinstance(version, str) or not _FORMAT.fullmatch(version):
        raise refuse("format_version", version, _FORMAT_ALLOWED)
    if plan.value("errored") is True:
        raise partial()
    return plan.value("complete") is False


def partial() -> InputError:
    """The refusal of a plan that is not of everything."""
    return refuse("", "a partial plan", _WHOLE)


def is_state(document: object) -> bool:
    """Whether that is what ``terraform show -json`` prints of a state."""
    return (
        isinstance(document, dict)
        and "planned_values" not in document
        and ("values" in document or set(document) <= {"format_version", "terraform_version"})
    )


def check_state(document: object) -> Mapping[str, object]:
    """Refuse what is no state, or of an unknown format.

    Args:
        document: what ``terraform show -json`` printed of a state; an empty one has no values.

    Returns:
        The same.

    Raises:
        InputError: it is something else.
    """
    faults = Faults()
    state = Section(document, "", faults)
    faults.raise_any()
    version = state.value("format_version")
    if version is None and "serial" in state:
        raise refuse("", "a state file", "its JSON, which `terraform show -json` makes of it")
    if not isinstance(version, str) or not _FORMAT.fullmatch(version):
        raise refuse("format_version", version, _FORMAT_ALLOWED)
    return dict(state.items())
