"""Reads the JSON of a plan and does nothing with it, which whoever looks at a plan has to do."""

import gc
import json
from pathlib import Path

from bench.cases import PLAN

if __name__ == "__main__":
    gc.disable()
    json.loads(Path(PLAN).read_bytes())
