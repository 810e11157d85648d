"""How long loading the tables and filling one takes. Prints seconds, as JSON."""

import json
import time

from bench.cases import ROOT
from rancher_ports.model.bindings import bind
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.roles import ROLES
from rancher_ports.model.templates import templates
from rancher_ports.settings import read_settings_file
from rancher_ports.tables import load_tables


def main() -> None:
    """Load all tables, and fill that of the shipped settings."""
    start = time.perf_counter()
    tables = load_tables()
    loading = time.perf_counter() - start
    settings = read_settings_file(ROOT / "cdktf.json", tables)
    start = time.perf_counter()
    bindings = bind(settings.prefix, ROLES, settings.groups)
    fill(templates(settings.table), Deployment(settings.choices, bindings, settings.slots))
    print(json.dumps(loading + time.perf_counter() - start))


if __name__ == "__main__":
    main()
