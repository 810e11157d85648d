"""What modules/UPGRADING.md has people type moves every address to where the module has it, and back."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import GOLDENS, ROOT

PAGE = (ROOT / "modules" / "UPGRADING.md").read_text("utf-8")
MODULE = json.loads((ROOT / "modules" / "rke1" / "main.tf.json").read_text("utf-8"))["resource"]

# In place of the engine: it has a state, and notes what is moved there.
TERRAFORM = """\
#!/bin/sh
case "$1 $2" in
  "state list") cat addresses ;;
  "state mv") printf '%s %s\\n' "$3" "$4" >> moves ;;
  *) exit 2 ;;
esac
"""

RULE = "aws_vpc_security_group_ingress_rule"
CALLED = (
    f'module.ports.{RULE}.rancher_from_peers_tcp_443["office"]',
    f'module.ports.{RULE}.worker_from_peers_tcp_443["office"]',
    f'module.ports.{RULE}.worker_from_peers_tcp_443["office-v6"]',
    f'module.ports["prod"].{RULE}.rancher_from_peers_tcp_443["office"]',
    f'module.other.{RULE}.worker_from_peers_tcp_443["office"]',
    f"module.ports.{RULE}.etcd_from_etcd_tcp_2379[0]",
    f'{RULE}.mine["office"]',
)


def _moves(name: str, addresses: list[str], folder: Path) -> dict[str, str]:
    """What a block of the page moves, by where it was."""
    (code,) = re.findall(rf"<!-- tried: {re.escape(name)} -->\n```sh\n(.*?)```", PAGE, re.DOTALL)
    (folder / "terraform").write_text(TERRAFORM, "utf-8")
    (folder / "terraform").chmod(0o755)
    (folder / "addresses").write_text("".join(f"{address}\n" for address in addresses), "utf-8")
    env = {**os.environ, "PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}
    subprocess.run(["/bin/sh", "-eu", "-c", code], cwd=folder, env=env, check=True)
    moves = folder / "moves"
    if moves.exists():
        pairs = re.findall("^(.*) (.*)$", moves.read_text("utf-8"), re.MULTILINE)
    else:
        text = (folder / "moved.tf").read_text("utf-8")
        pairs = re.findall(r"moved \{\n  from = (.*)\n  to   = (.*)\n\}\n", text)
        assert text.count("\n") == 4 * len(pairs)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@pytest.mark.parametrize("way", ["moved", "state mv"])
def test_a_renamed_key_takes_its_rules_along_and_no_others(way: str, tmp_path: Path) -> None:
    rancher, worker = (f"module.ports.{RULE}.{role}_from_peers_tcp_443" for role in ("rancher", "worker"))
    assert _moves(f"rename a key, {way}", list(CALLED), tmp_path) == {
        f'{rancher}["office"]': f'{rancher}["hq"]',
        f'{worker}["office"]': f'{worker}["hq"]',
        # With for_each on the module block.
        f'module.ports["prod"].{RULE}.rancher_from_peers_tcp_443["office"]': (
            f'module.ports["prod"].{RULE}.rancher_from_peers_tcp_443["hq"]'
        ),
    }


@pytest.mark.parametrize("golden", ["shipped-settings", "one-office-in-every-slot"])
def test_a_stack_moves_into_the_module_and_back(golden: str, tmp_path: Path) -> None:
    document = json.loads((GOLDENS / f"{golden}.json").read_text("utf-8"))
    addresses = [f"{type_}.{name}" for type_, some in document["resource"].items() for name in some]
    into = _moves("from the stack to the module", [*addresses, "data.aws_vpc.default", f"{RULE}.mine"], tmp_path)
    assert set(into) == set(addresses)
    for former, address in into.items():
        match = re.fullmatch(r'module\.ports\.([a-z_]+)\.([a-z0-9_-]+)\[(0|"([a-z0-9-]+)")\]', address)
        assert match
        resource = MODULE[match[1]][match[2]]
        assert ("count" if match[3] == "0" else "for_each") in resource
        # The port, of which nothing else says that it is the same one.
        before = document["resource"][match[1]][former.partition(".")[2]]
        ports = [(one.get("from_port"), one.get("to_port"), one.get("ip_protocol")) for one in (before, resource)]
        assert ports[0] == ports[1]
    back = _moves("from the module to the stack", [*into.values(), "data.aws_vpc.mine"], tmp_path)
    assert back == {address: former for former, address in into.items()}
