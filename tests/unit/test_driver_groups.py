"""Groups of node drivers against what the drivers' code makes, normalised; and faults in their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.roles import CLUSTER_ROLES
from rancher_ports.tables import load_tables
from rancher_ports.tables.driver_groups import load_driver_groups, read_driver_group

FACTS = json.loads(Path(__file__).parents[1].joinpath("driver_group_flows.json").read_text("utf-8"))
AMAZONEC2 = load_driver_groups()["amazonec2"]
GROUP = '[group]\nname = "a"\ntitle = "A"\nsource = "a/b"\n'


def test_the_group_has_the_rules_of_the_drivers_code_for_nodes_of_every_role() -> None:
    found = {
        (row.role, row.direction, port.protocol, port.first or 0, port.last or 0, row.peers)
        for row in AMAZONEC2.requirements
        for port in row.ports
    }
    expected = {
        (
            role,
            fact["direction"],
            fact["protocol"],
            fact["from_port"],
            fact["to_port"],
            CLUSTER_ROLES if fact["peer_kind"] == "role" else ("anywhere",),
        )
        for fact in FACTS
        for role in CLUSTER_ROLES
    }
    assert found == expected
    # Each block for everybody is there for both families.
    blocks = [(f["direction"], f["protocol"], f["from_port"]) for f in FACTS if f["peer_kind"] == "cidr"]
    assert all(blocks.count(block) == 2 for block in blocks)
    assert {row.source for row in AMAZONEC2.requirements} == {fact["source"] for fact in FACTS}


def test_nobody_can_choose_the_group_as_a_distribution() -> None:
    assert not set(load_driver_groups()) & set(load_tables())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[group", "a.toml: Expected"),
        ("", "a.toml: group.name: nothing: expected a text that is not empty"),
        (
            GROUP + '[[ingres]]\nport = "1/tcp"',
            'a.toml: "ingres": expected a key, one of group, ingress, egress; did you',
        ),
        (GROUP + "[ingress]\na = 1", 'a.toml: ingress: {"a": 1}: expected rows, each under \\[\\[ingress\\]\\]'),
        (
            GROUP + '[[ingress]]\nport = "99999/tcp"\npeer = "nodes"\nwhy = "w"',
            "a.toml: ingress\\[0\\].port: 99999: expected a port, 0 to 65535",
        ),
        (
            GROUP + '[[egress]]\nport = "all"\npeer = "world"\nwhy = "w"',
            'a.toml: egress\\[0\\].peer: "world": expected one of nodes, anywhere',
        ),
        (
            GROUP + '[[egress]]\nport = "all"\npeer = "anywhere"\nwhy = "it\'s"',
            'a.toml: egress\\[0\\].why: "it\'s": expected at most 255 characters',
        ),
        (
            GROUP + '[[ingress]]\nport = "1/tcp"\npeer = "nodes"\nwhy = "w"\n' * 2,
            'a.toml: ingress\\[1\\].port: "1/tcp": expected each port once in a direction',
        ),
        (
            GROUP + '[[egress]]\npeer = "nodes"\nwhy = "w"',
            "^a.toml: egress\\[0\\].port: nothing: expected a port such as",
        ),
        (GROUP + '[[egress]]\nport = "all"', "a.toml: egress\\[0\\].peer: nothing: expected a text"),
    ],
)
def test_a_bad_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_driver_group("a.toml", text)
