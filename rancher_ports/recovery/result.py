"""What comes out of a recovery: what Terraform can import, and what is left for a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Import:
    """One object that exists, and the address at which the plan would make another.

    Args:
        address: where it goes.
        id: as EC2 has it.
        what: what it is, for people to recognise it.
    """

    address: str
    id: str
    what: str


@dataclass(frozen=True, slots=True)
class Leftover:
    """One thing that importing does not settle.

    Args:
        code: stable, for filtering: ``ambiguous-group``, ``unknown-vpc``, ``orphan-group``, ``other-group``,
            ``former-owner``, ``undecided-rule``, ``unmanaged-rule``, ``orphan-rule``, ``one-rule-twice``.
        place: the address or the id concerned.
        sentence: what is so.
        fix: what to do about it.
    """

    code: str
    place: str
    sentence: str
    fix: str

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} {self.fix}"


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found, each in one order.

    Args:
        imports: what an import block brings into the state, by address.
        leftovers: what is left, by code and place.
    """

    imports: tuple[Import, ...]
    leftovers: tuple[Leftover, ...]
