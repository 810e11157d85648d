"""Texts that are meant as they stand: what Terraform would read as something else is none."""

from __future__ import annotations

# An expression, and a directive (Terraform language, "Strings and Templates").
_MARKS = ("${", "%{")


def is_literal(text: str) -> bool:
    """Whether Terraform reads a text as it stands, with no expression in it."""
    return not any(mark in text for mark in _MARKS)
