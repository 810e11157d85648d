"""Take the package index out of a Pipfile.lock, so that pip's own configuration says where packages come from."""

import json
import sys
from pathlib import Path


def main() -> None:
    """Rewrite the lock file named on the command line."""
    path = Path(sys.argv[1])
    lock = json.loads(path.read_text("utf-8"))
    lock["_meta"]["sources"] = []
    for section in ("default", "develop"):
        for package in lock[section].values():
            package.pop("index", None)
    path.write_text(json.dumps(lock, indent=4, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
