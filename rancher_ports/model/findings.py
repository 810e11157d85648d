"""Findings: what is worth saying about a deployment, and what has to be said before it is built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from rancher_ports.errors import Faults, nearest, one_of

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

# Every code, and the severity that it has. docs/findings.md has a section for each.
CODES: dict[str, Severity] = {
    "quota": "error",
    "etcd-exposed": "error",
    "kubelet-exposed": "error",
    "overlay-exposed": "error",
    "open-to-the-world": "error",
    "no-registry-egress": "warning",
    "kept-rules": "warning",
    "brought-group": "warning",
    "one-sided": "warning",
    "unused-peer": "warning",
    "renamed-groups": "warning",
    "unknown-entries": "warning",
    "unused-acknowledgement": "warning",
    "missing": "warning",
    "unchecked-role": "warning",
    "replaced-group": "warning",
    "recreated-rule": "warning",
    "refused-duplicate": "warning",
    "unseen-module": "warning",
    "migrating": "info",
    "suggested-feature": "info",
    "empty-slot": "info",
    "redundant-rule": "info",
    "acknowledged": "info",
}
ACKNOWLEDGEABLE = tuple(code for code, severity in CODES.items() if severity == "error")

_REASON_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Args:
        code: stable, for filtering: one of :data:`CODES`.
        severity: ``error`` where nothing is built unless somebody acknowledges it; ``warning`` where something will
            not work; ``info`` where it may be meant so.
        place: the group, slot or peer concerned.
        sentence: what is so.
        fix: what to do if that is not meant.
        where: the groups and rules that it is about, by name or by address, where these have one.
    """

    code: str
    severity: Severity
    place: str
    sentence: str
    fix: str
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} {self.fix}"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody's word that an error is meant.

    Args:
        code: which error, one of :data:`ACKNOWLEDGEABLE`.
        reason: why that is all right.
        place: the place of the finding; None for all of that code.

    Raises:
        InputError: with every fault in it.
    """

    code: str
    reason: str
    place: str | None = None

    def __post_init__(self) -> None:
        faults = Faults()
        if self.code not in ACKNOWLEDGEABLE:
            faults.add("code", self.code, one_of(ACKNOWLEDGEABLE), nearest(self.code, ACKNOWLEDGEABLE))
        reason, place = self.reason, self.place
        if not _is_text(reason) or not reason.strip() or len(reason) > _REASON_LENGTH:
            faults.add("reason", reason, f"a reason of 1 to {_REASON_LENGTH} printable characters")
        if place is not None and not _is_text(place):
            faults.add("place", place, "the place of a finding, or None for all of that code")
        faults.raise_any()

    def meets(self, finding: Finding) -> bool:
        """Whether it is this finding that is meant."""
        return finding.code == self.code and self.place in (None, finding.place)


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by severity; otherwise in the order given."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def acknowledge(findings: Iterable[Finding], acknowledgements: Sequence[Acknowledgement]) -> tuple[Finding, ...]:
    """The same findings, but that errors which somebody acknowledged are told with the reason.

    Args:
        findings: in any order.
        acknowledgements: whose words; one that meets no error becomes a finding itself.

    Returns:
        The gravest first; otherwise in the order given.
    """
    findings = list(findings)
    found = [_acknowledged(finding, acknowledgements) for finding in findings]
    found += [_unused(one) for one in acknowledgements if not any(map(one.meets, findings))]
    return gravest_first(found)


def _acknowledged(finding: Finding, acknowledgements: Sequence[Acknowledgement]) -> Finding:
    if finding.severity != "error":
        return finding
    reasons = dict.fromkeys(one.reason for one in acknowledgements if one.meets(finding))
    if not reasons:
        return finding
    sentence, fix = f"{finding.code}: {finding.sentence}", f"Acknowledged: {'; '.join(reasons)}"
    return replace(finding, code="acknowledged", severity="info", sentence=sentence, fix=fix)


def _unused(one: Acknowledgement) -> Finding:
    where = one.place or "anywhere"
    return Finding(
        code="unused-acknowledgement",
        severity="warning",
        place=one.place or one.code,
        sentence=f"There is no {one.code} {where} to acknowledge ({one.reason}).",
        fix="Take the acknowledgement out, or it will hide the next one.",
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()
