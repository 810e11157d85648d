"""What is lacking skips a test, and fails it only where it is required."""

from __future__ import annotations

import pytest

from tests.browser import conftest as browser
from tests.conftest import ROOT
from tests.needing import need
from tests.packets import conftest as packets


def test_what_is_missing_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEEDED", raising=False)
    need(None, "walking", "NEEDED")
    with pytest.raises(pytest.skip.Exception, match="^walking needs legs$"):
        need("legs", "walking", "NEEDED")
    monkeypatch.setenv("NEEDED", "1")
    need(None, "walking", "NEEDED")
    with pytest.raises(pytest.fail.Exception, match="^walking needs legs$"):
        need("legs", "walking", "NEEDED")


def test_ci_requires_what_these_tests_go_by() -> None:
    commands = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert {f"export {variable}=1" for variable in (browser.REQUIRE, packets.REQUIRE)} <= set(commands)
