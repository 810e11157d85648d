"""Whether packets can be sent here at all."""

from __future__ import annotations

import os
import platform
import shutil

import pytest

from tests.needing import need
from tests.packets.namespaces import Namespace
from tests.packets.network import ip, nft

REQUIRE = "RANCHER_PORTS_REQUIRE_PACKETS"


def missing() -> str | None:
    """What these tests need and do not have here, if anything."""
    if platform.system() != "Linux":
        return "Linux, for its network namespaces"
    if os.geteuid() != 0:
        return "root, for network namespaces"
    programs = [name for name in ("ip", "nft") if shutil.which(name) is None]
    if programs:
        return f"the program {' and '.join(programs)}"
    try:
        _try()
    except (OSError, RuntimeError) as error:
        return f"a system that lets root make network namespaces ({error})"
    return None


def _try() -> None:
    namespace = Namespace()
    try:
        ip(namespace, "link add name bridge type bridge", "link add name one type veth peer name other")
        ip(namespace, "address add 2001:db8::1/64 dev one nodad")
        nft(namespace, "table inet filter { chain input { type filter hook input priority 0; ct state new accept; }; }")
    finally:
        namespace.close()


@pytest.fixture(scope="session")
def packets() -> None:
    """Packets can be sent, or the test is skipped."""
    need(missing(), "sending packets", REQUIRE)
