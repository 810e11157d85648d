"""Where packets cannot be sent the tests say why."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from tests.packets import conftest
from tests.packets.conftest import missing


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert missing() == "Linux, for its network namespaces"
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert missing() == "root, for network namespaces"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing() == "the program ip and nft"
    (tmp_path / "ip").touch(mode=0o755)
    assert missing() == "the program nft"


def test_a_container_that_makes_no_namespaces_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refused() -> None:
        raise PermissionError(1, "unshare: Operation not permitted")

    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for name in ("ip", "nft"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(conftest, "Namespace", refused)
    assert str(missing()).endswith("make network namespaces ([Errno 1] unshare: Operation not permitted)")
