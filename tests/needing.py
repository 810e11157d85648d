"""Tests that need what not every machine has: skipped with a word on it, or failed where that is not to happen."""

from __future__ import annotations

import os

import pytest


def need(lacking: str | None, what: str, variable: str) -> None:
    """Skip the test if something is lacking; fail it where it is required.

    Args:
        lacking: what is lacking.
        what: what needs it.
        variable: the variable of the environment that is ``1`` where it is required.
    """
    if lacking is not None:
        refuse = pytest.fail if os.environ.get(variable) == "1" else pytest.skip
        refuse(f"{what} needs {lacking}")
