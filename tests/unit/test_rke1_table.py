"""The RKE1 table against the document."""

from __future__ import annotations

from collections import Counter

import pytest

from rancher_ports.model.conditions import Choices
from rancher_ports.model.table import Requirement, Table
from rancher_ports.tables import load_table
from tests.documented import FLOWS, GIT_RANCHER_IO, SLOTS, Flow, documented_flows


@pytest.fixture(scope="module")
def table() -> Table:
    """The table under test."""
    return load_table("rke1")


def _document(table: Table) -> list[Requirement]:
    """The document's own rows, without those that it shares with others and those beyond it."""
    return [row for row in table.requirements if row.id.startswith("rke1/")]


def _flows(table: Table) -> list[Flow]:
    """The table's flows without a feature, a slot with default peers as those."""
    return [
        Flow(row.role, row.direction, port.protocol, port.first or 0, port.last or 0, name)
        for row in table.requirements
        if row.when.holds(Choices(cni=table.cni))
        for port in row.ports
        for peer in row.peers
        for name in (
            [str(default.value) for default in table.slots[peer].default] or [peer] if peer in table.slots else [peer]
        )
    ]


def test_the_table_is_the_document(table: Table) -> None:
    assert Counter(_flows(table)) == Counter(documented_flows())
    assert len(documented_flows()) == 59


def test_every_description_is_the_documents(table: Table) -> None:
    documented = {
        (flow["role"], flow["direction"], flow["protocol"], flow["from_port"]): flow["description"] for flow in FLOWS
    }
    for row in _document(table):
        for port in row.ports:
            assert row.why == documented[row.role, row.direction, port.protocol, port.first]


def test_slots_stand_in_the_documents_order(table: Table) -> None:
    named = dict.fromkeys(
        "git_rancher_io" if flow["peer_kind"] == "cidr" else SLOTS[flow["peer"]]
        for flow in FLOWS
        if flow["peer_kind"] != "role"
    )
    assert set(list(table.slots)[: len(named)]) == set(named)
    assert [str(peer.value) for peer in table.slots["git_rancher_io"].default] == list(GIT_RANCHER_IO)
    assert not any(slot.default for name, slot in table.slots.items() if name != "git_rancher_io")


def test_image_pulls_is_https_from_every_role_to_registries(table: Table) -> None:
    rows = [row for row in table.requirements if row.when.feature == "image-pulls"]
    assert [(row.role, row.direction, *map(str, row.ports), *row.peers) for row in rows] == [
        (role, "egress", "443/tcp", "registries") for role in ("rancher", "etcd", "controlplane", "worker")
    ]


def test_ids_say_table_role_direction_port_and_condition(table: Table) -> None:
    ids = [row.id for row in table.requirements]
    assert len(set(ids)) == len(ids)
    assert "rke1/etcd/ingress/2379/tcp" in ids
    assert "rke1/worker/ingress/30000-32767/tcp+udp" in ids
    assert "rke1/worker/ingress/8472/udp/canal+flannel" in ids
    assert "features/worker/egress/443/tcp/image-pulls" in ids


def test_the_overlay_rows_belong_to_the_networks_that_use_it(table: Table) -> None:
    overlay = [row for row in _document(table) if row.when.cnis]
    assert [row.role for row in overlay] == ["etcd"] * 2 + ["controlplane"] * 2 + ["worker"] * 2
    assert all((row.ports[0].text, row.when.cnis) == ("8472/udp", ("canal", "flannel")) for row in overlay)
    assert table.cnis == ("canal", "flannel", "calico", "weave")


def test_every_row_says_where_it_is_documented(table: Table) -> None:
    assert {row.source for row in _document(table)} == {
        "Rancher v2.x documentation, Port requirements (rancher/docs@0f5a3d5c)"
    }
    assert "stale since 2020" in str(table.slots["git_rancher_io"].note)
