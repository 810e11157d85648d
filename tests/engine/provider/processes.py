"""The provider as a program of the engine's, a process for each provider configuration, as with the real one.

Attached to, one provider serves all configurations of a stack, and works with the region and account of the last one.
Here the engine finds a program in a mirror in the file system. That program is a few lines: it asks this process, over
a socket, for a server of its own, and tells the engine where that one listens.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import socketserver
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.engine.provider.server import SOURCES, Attached, listening, not_waiting

# Says where the server is, and ends with it.
_PROGRAM = """#!{python} -IS
import socket
asked = socket.socket(socket.AF_UNIX)
asked.connect({asking!r})
print(f"1|6|unix|{{asked.recv(200).decode()}}|grpc", flush=True)
asked.recv(1)
"""


class _Asked(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def serving_processes(urls: Mapping[str, str], version: str) -> Iterator[Attached]:
    """The provider, while the body runs.

    Args:
        urls: where EC2 is, by region or, for other accounts in a region, by profile; under no name for anywhere else.
        version: the version of the provider that stacks ask for.
    """
    with (
        not_waiting(),
        tempfile.TemporaryDirectory(prefix="rp-") as name,
        ThreadPoolExecutor(max_workers=48) as threads,
    ):
        folder = Path(name)
        asking = str(folder / "asking")
        numbers = itertools.count(1)

        class Handler(socketserver.BaseRequestHandler):
            """A server for whoever asks, until the engine is done with it."""

            def handle(self) -> None:
                address = str(folder / str(next(numbers)))
                ended = threading.Event()
                with listening(urls, address, threads, ended):
                    self.request.sendall(address.encode())
                    ended.wait()

        system = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        for source in SOURCES:
            program = folder / "mirror" / source / version / f"{sys.platform}_{system}" / "terraform-provider-aws"
            program.parent.mkdir(parents=True)
            program.write_text(_PROGRAM.format(python=sys.executable, asking=asking), "utf-8")
            program.chmod(0o755)
        settings = folder / "engine.tfrc"
        mirror = json.dumps(str(folder / "mirror"))
        settings.write_text(
            f"provider_installation {{\n  filesystem_mirror {{\n    path = {mirror}\n  }}\n}}\n", "utf-8"
        )
        with _Asked(asking, Handler) as server:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            try:
                environment = {"TF_CLI_CONFIG_FILE": str(settings), "TF_DISABLE_PLUGIN_TLS": "1"}
                yield Attached({**environment, "PATH": os.environ["PATH"]}, lambda: None)
            finally:
                server.shutdown()
