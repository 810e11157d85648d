"""Gates: what a review must not have, for a pull request to pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rancher_ports.errors import Faults, nearest, one_of
from rancher_ports.model.findings import CODES, SEVERITIES, Finding
from rancher_ports.review.changes import Change, End

# What may be asked of changes, besides the severities and codes of findings.
OF_CHANGES = ("world", "widened", "undecided", "narrowed")
# A gate for what is never looked for would let everything pass: of the codes, those that the command finds.
_OF_A_CHANGE = ("replaced-group", "recreated-rule", "refused-duplicate", "unseen-module")
_OF_EITHER = ("quota", "one-sided")
OF_REVIEW = (*OF_CHANGES, *SEVERITIES, *_OF_EITHER, *_OF_A_CHANGE)
OF_CHECK = (
    *SEVERITIES,
    *_OF_EITHER,
    *(code for code in CODES if code.endswith("-exposed")),
    "open-to-the-world",
    "missing",
    "unchecked-role",
    "empty-slot",
    "unknown-entries",
)
OF_BOTH = tuple(dict.fromkeys((*OF_REVIEW, *OF_CHECK)))


def read_gates(text: str, allowed: Sequence[str], elsewhere: str = "") -> tuple[str, ...]:
    """The gates in a list with commas between them.

    Args:
        text: what was typed; nothing is no gate.
        allowed: their names.
        elsewhere: what to say of those that another command looks for.

    Raises:
        InputError: with a fault for each that there is not.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    faults = Faults()
    if text.strip() and not names:
        faults.add("--fail-on", text, one_of(allowed))
    for name in names:
        if name not in allowed:
            if elsewhere and name in OF_BOTH:
                faults.add("--fail-on", name, elsewhere)
            else:
                faults.add("--fail-on", name, one_of(allowed), nearest(name, allowed))
    faults.raise_any()
    return names


def met(gates: Iterable[str], changes: Iterable[Change], findings: Iterable[Finding]) -> tuple[str, ...]:
    """The gates that something meets.

    What may be opened counts as opened: a gate does not let pass what nobody knows.

    Args:
        gates: of ``OF_REVIEW`` or ``OF_CHECK``.
        changes: what a review opens and closes.
        findings: what else there is.
    """
    there = {*_of_changes(changes), *(name for one in findings for name in (one.code, one.severity))}
    return tuple(gate for gate in gates if gate in there)


def _of_changes(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.world or (change.opened and _is_anybody(change.source)):
            yield "world"
        if change.opened:
            yield "widened"
        if change.closed:
            yield "narrowed"
        if not change.certain:
            yield "undecided"


def _is_anybody(end: End) -> bool:
    """Whether addresses are at that end of which nobody knows which they are."""
    return end.kind in ("ipv4", "ipv6") and not end.blocks
