"""Findings: what is worth saying about a deployment that is not an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Args:
        code: stable, for filtering: ``no-registry-egress``, ``brought-group``, ``one-sided``, ``empty-slot``,
            ``unused-peer``.
        severity: ``warning`` where something will not work; ``info`` where it may be meant so.
        place: the group, slot or peer concerned.
        sentence: what is so.
        fix: what to do if that is not meant.
    """

    code: str
    severity: Severity
    place: str
    sentence: str
    fix: str

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} {self.fix}"
