"""How long ``import rancher_ports`` takes, and which processes it starts. Prints both as JSON."""

import json
import sys
import time

# Python's audit events for whatever begins a process (Python documentation, "Audit events table").
_STARTS = ("subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system")


def main() -> None:
    """Import the package, which nothing here has done before."""
    started: list[str] = []
    sys.addaudithook(lambda event, _: started.append(event) if event in _STARTS else None)
    start = time.perf_counter()
    import rancher_ports  # noqa: F401, PLC0415  # what is measured

    print(json.dumps({"seconds": time.perf_counter() - start, "started": started}))


if __name__ == "__main__":
    main()
