"""Where there is no browser the tests say why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import conftest
from tests.browser.conftest import PROGRAMS, missing


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing() == f"a browser, one of {', '.join(PROGRAMS)}"
    (tmp_path / "chromium").touch(mode=0o755)
    monkeypatch.setattr(conftest, "AXE", tmp_path / "none")
    assert missing() == "axe-core, which npm ci installs"
    monkeypatch.setattr(conftest, "AXE", tmp_path)
    assert missing() is None
