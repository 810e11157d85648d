"""Choices a user makes, and the conditions under which a row of a table applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

OneSided = Literal["documented", "completed"]
ONE_SIDED: tuple[OneSided, ...] = get_args(OneSided)
DEFAULT_ONE_SIDED: OneSided = "completed"

Egress = Literal["documented", "all"]
EGRESS: tuple[Egress, ...] = get_args(Egress)
DEFAULT_EGRESS: Egress = "documented"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user chooses of a table. Made by :func:`rancher_ports.model.table.choose`, which checks it.

    Args:
        cni: the container network whose rows apply.
        features: names of the features whose rows apply.
        one_sided: ``documented`` emits the table as it is; ``completed`` adds the other half of each
            flow between roles that only one end documents.
        egress: ``documented``, or ``all``, which adds a rule for all egress and keeps the others.
        distribution: whose rows apply, where those of two are side by side.
        former: what else applies while nodes migrate: what was chosen before.
    """

    cni: str
    features: frozenset[str] = frozenset()
    one_sided: OneSided = DEFAULT_ONE_SIDED
    egress: Egress = DEFAULT_EGRESS
    distribution: str | None = None
    former: Choices | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """When a row applies: all that is named here must be so. The default is always.

    Args:
        feature: a feature that must be on.
        cnis: the container network must be one of these.
        one_sided: what the user must have chosen for one-sided flows.
        egress: what the user must have chosen for egress.
        distribution: whose row it is, where those of two are side by side.
        unless: the row does not apply where one of these holds.
    """

    feature: str | None = None
    cnis: tuple[str, ...] = ()
    one_sided: OneSided | None = None
    egress: Egress | None = None
    distribution: str | None = None
    unless: tuple[Condition, ...] = ()

    def holds(self, choices: Choices) -> bool:
        """Whether the row applies under these choices, or under the former ones that still hold besides."""
        return self._holds(choices) or (choices.former is not None and self.holds(choices.former))

    def _holds(self, choices: Choices) -> bool:
        return (
            (self.feature is None or self.feature in choices.features)
            and (not self.cnis or choices.cni in self.cnis)
            and self.one_sided in (None, choices.one_sided)
            and self.egress in (None, choices.egress)
            and self.distribution in (None, choices.distribution)
            and not any(condition._holds(choices) for condition in self.unless)
        )


ALWAYS = Condition()
