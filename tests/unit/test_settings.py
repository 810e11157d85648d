"""Settings: everything checked, all faults at once, each with its path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.bindings import BroughtGroup
from rancher_ports.model.conditions import Choices
from rancher_ports.model.migration import given_as
from rancher_ports.settings import Settings, read_settings, read_settings_file
from rancher_ports.tables import load_tables
from tests.bad_settings import BAD_SETTINGS, BAD_TEXTS
from tests.conftest import ROOT

EXAMPLE = json.loads((ROOT / "examples" / "settings.json").read_text("utf-8"))


def _read(settings: object) -> Settings:
    return read_settings({"context": {"rancher_ports": settings}}, load_tables())


def test_the_grammar_is_taken() -> None:
    settings = _read(EXAMPLE)
    assert (settings.prefix, settings.group_name_prefix, settings.region) == ("rancher", "rancher", "us-east-1")
    assert settings.vpc_id is None
    assert settings.choices == Choices("canal", frozenset({"image-pulls"}), "completed", "documented", "rke1")
    assert {name: str(peer.value) for name, peer in settings.peers.items()} == {
        "office": "203.0.113.0/24",
        "office-v6": "2001:db8::/48",
        "alb": "sg-0123456789abcdef0",
        "mirrors": "pl-0123456789abcdef0",
    }
    assert {slot: [peer.name for peer in peers] for slot, peers in settings.slots.items()} == EXAMPLE["slots"]
    assert (settings.backend, settings.backend_options) == ("local", {"path": "../../../terraform.rancher.tfstate"})


def test_what_is_left_out_has_a_default_that_opens_nothing() -> None:
    settings = _read({"region": "eu-central-1"})
    assert (settings.prefix, settings.group_name_prefix, settings.vpc_id) == ("rancher", "rancher", None)
    assert settings.choices == Choices("canal", distribution="rke1")
    assert (settings.peers, settings.slots, settings.groups, settings.tags) == ({}, {}, {}, {})
    assert settings.moved_from == ()
    assert (settings.backend, settings.backend_options) == ("local", {"path": "../../../terraform.rancher.tfstate"})
    assert not settings.prevent_destroy
    assert not settings.revoke_rules_on_delete


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("s3", {"bucket": "b", "key": "k", "use_lockfile": True, "assume_role": {"role_arn": "a"}}),
        ("remote", {"organization": "o", "workspaces": {"prefix": "p"}}),
        ("cloud", {"organization": "o", "workspaces": {"tags": ["a"]}}),
        ("http", {}),
        ("some_new_backend", {"anything": None}),
    ],
)
def test_any_backend_is_passed_through(name: str, options: dict[str, Any]) -> None:
    settings = _read({"region": "us-east-1", "backend": {name: options}})
    assert (settings.backend, settings.backend_options) == (name, options)


@pytest.mark.parametrize(
    "region",
    ["us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "ap-southeast-7", "us-isob-east-1", "ap-east-12"],
)
def test_regions_of_all_partitions_are_taken(region: str) -> None:
    assert _read({"region": region}).region == region


@pytest.mark.parametrize(("settings", "expected"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_a_bad_setting_is_refused_with_its_path(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(InputError) as refused:
        _read({"region": "us-east-1", **settings} if isinstance(settings, dict) else settings)
    assert [str(fault) for fault in refused.value.faults] == [expected]


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_file_without_settings_says_what_is_missing(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cdktf.json"
    path.write_bytes(text)
    with pytest.raises(InputError) as refused:
        read_settings_file(path, load_tables())
    assert all(fault.place.startswith("cdktf.json") for fault in refused.value.faults)


def test_no_file_at_all_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^cdktf.json: No such file or directory: expected a file that can be read"):
        read_settings_file(tmp_path / "cdktf.json", load_tables())


def test_a_misspelt_place_of_the_settings_is_recognised() -> None:
    with pytest.raises(
        InputError, match='context: "rancher-ports": expected the settings of this app; did you mean "ranch'
    ):
        read_settings({"context": {"rancher-ports": {}}}, load_tables())
    with pytest.raises(InputError, match="^context: nothing: expected the settings of this app$"):
        read_settings({}, load_tables())
    with pytest.raises(InputError, match="^context: null: expected a mapping$"):
        read_settings({"context": None}, load_tables())


def test_each_setting_comes_through_as_itself() -> None:
    flags = {"prevent_destroy": True, "revoke_rules_on_delete": False}
    more = {"prefix": "prod", "vpc_id": "vpc-01234567", "tags": {"CostCenter": "A"}, "egress": "all"}
    settings = _read({"region": "us-east-1", **flags, **more})
    assert (settings.prevent_destroy, settings.revoke_rules_on_delete) == (True, False)
    assert (settings.prefix, settings.group_name_prefix, settings.vpc_id) == ("prod", "prod", "vpc-01234567")
    assert (settings.tags, settings.choices.egress) == ({"CostCenter": "A"}, "all")
    other = {"prevent_destroy": False, "revoke_rules_on_delete": True}
    assert _read({"region": "us-east-1", **other}).revoke_rules_on_delete
    assert not _read({"region": "us-east-1", **other}).prevent_destroy


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "cdktf.json"
    path.write_text((ROOT / "cdktf.json").read_text("utf-8"), "utf-8-sig")
    assert read_settings_file(path, load_tables()) == read_settings_file(ROOT / "cdktf.json", load_tables())


def test_two_values_for_one_key_lose_neither(tmp_path: Path) -> None:
    path = tmp_path / "cdktf.json"
    path.write_text('{"context": {"rancher_ports": {"region": "us-east-1", "slots": {}, "slots": {}}}}')
    with pytest.raises(InputError, match=r'cdktf.json: "slots": expected each key of a mapping once'):
        read_settings_file(path, load_tables())


def test_all_faults_are_reported_at_once_and_none_twice() -> None:
    bad = {
        "prefix": "My_Prod",
        "regoin": "us-east-1",
        "distribution": "rke1",
        "features": ["image-pull"],
        "peers": {"office": {"cidr": "10.0.0.1/8"}, "Worker": {"cidr": "x"}},
        "slots": {"load_balancr": ["office"], "load_balancer": ["ofice"]},
        "tags": {"aws:x": "y"},
    }
    with pytest.raises(InputError) as refused:
        _read(bad)
    places = [fault.place.removeprefix("context.rancher_ports") for fault in refused.value.faults]
    assert places == [
        "",
        ".prefix",
        ".region",
        ".tags",
        ".peers.office.cidr",
        ".peers.Worker.cidr",
        ".peers",
        ".features[0]",
        ".slots",
        ".slots.load_balancer[0]",
    ]
    assert str(refused.value).startswith("10 faults:\n  context.rancher_ports: ")


def test_a_peer_at_fault_is_not_also_unknown() -> None:
    with pytest.raises(InputError) as refused:
        _read({"region": "us-east-1", "peers": {"office": {"cidr": "x"}}, "slots": {"load_balancer": ["office"]}})
    assert len(refused.value.faults) == 1


def test_a_default_peer_can_be_kept_beside_ones_own() -> None:
    slots = {"git_rancher_io": ["git-rancher-io-1", "mine"]}
    settings = _read({"region": "us-east-1", "peers": {"mine": {"cidr": "10.0.0.0/8"}}, "slots": slots})
    assert [str(peer.value) for peer in settings.slots["git_rancher_io"]] == ["35.160.43.145/32", "10.0.0.0/8"]


def test_a_value_of_a_default_peer_is_free_once_the_default_is_not_in_use() -> None:
    peers = {"mine": {"cidr": "52.33.59.17/32"}}
    assert _read({"region": "us-east-1", "peers": peers, "slots": {"git_rancher_io": ["mine"]}})
    with pytest.raises(InputError, match=r"peers.mine: .*git-rancher-io-3 has it already"):
        _read({"region": "us-east-1", "peers": peers, "slots": {"ui_api_clients": ["mine"]}})


def test_the_shipped_settings_open_nothing_to_the_world() -> None:
    settings = read_settings_file(ROOT / "cdktf.json", load_tables())
    assert {name: str(peer.value) for name, peer in settings.peers.items()} == {"office": "203.0.113.0/24"}
    assert {slot: [peer.name for peer in peers] for slot, peers in settings.slots.items()} == {
        "ui_api_clients": ["office"]
    }
    assert settings.choices == Choices("canal", frozenset(), "completed", "documented", "rke1")
    assert settings.vpc_id is None


@pytest.mark.parametrize(
    ("given", "names"), [("bureau", ("bureau",)), (["office", "bureau"], ("office", "bureau")), ([], ())]
)
def test_former_names_are_one_or_several(given: object, names: tuple[str, ...]) -> None:
    peers = {"hq": {"cidr": "10.0.0.0/8", "moved_from": given}}
    settings = _read({"region": "us-east-1", "moved_from": given, "peers": peers})
    assert (settings.moved_from, settings.peers["hq"].moved_from) == (names, names)


def test_a_former_name_may_be_a_default_peers_that_is_not_in_use() -> None:
    peers = {"git": {"cidr": "10.0.0.0/8", "moved_from": "git-rancher-io-1"}}
    settings = _read({"region": "us-east-1", "peers": peers, "slots": {"git_rancher_io": ["git"]}})
    assert settings.peers["git"].moved_from == ("git-rancher-io-1",)


def test_a_bad_name_hides_no_fault_of_the_rest() -> None:
    with pytest.raises(InputError) as refused:
        _read({"region": "us-east-1", "peers": {"Hq": {"cidr": "x", "moved_from": "Office"}}})
    places = [fault.place.removeprefix("context.rancher_ports.") for fault in refused.value.faults]
    assert places == ["peers.Hq.moved_from", "peers.Hq.cidr", "peers"]


def test_a_group_that_exists_gets_rules_only_if_that_is_said() -> None:
    groups = {
        "rancher": {"security_group_id": "123456789012/sg-01234567"},
        "etcd": {"security_group_id": "sg-0123456789abcdef0", "add_rules": True},
    }
    assert _read({"region": "us-east-1", "groups": groups}).groups == {
        "rancher": BroughtGroup("123456789012/sg-01234567", add_rules=False),
        "etcd": BroughtGroup("sg-0123456789abcdef0", add_rules=True),
    }


def test_nodes_migrate_from_what_is_said_by_default_with_the_same_features() -> None:
    features = {"features": ["image-pulls", "embedded-registry"], "distribution": "rke2", "cni": "cilium"}
    settings = _read(
        {"region": "us-east-1", **features, "egress": "all", "migrating_from": {"distribution": "rke1", "cni": "canal"}}
    )
    former = settings.choices.former
    assert former == Choices("canal", frozenset({"image-pulls"}), "completed", "all", "rke1")
    assert (settings.table.distribution, settings.choices.cni) == ("rke2", "cilium")
    assert given_as(settings.choices) == {"distribution": "rke1", "cni": "canal", "features": ["image-pulls"]}
    given = {"cni": "canal", "features": ["monitoring"]}
    former = _read({"region": "us-east-1", **features, "migrating_from": given}).choices.former
    assert former == Choices("canal", frozenset({"monitoring"}), "completed", "documented", "rke2")
    assert given_as(_read({"region": "us-east-1", "migrating_from": None}).choices) is None


def test_slots_of_what_nodes_migrate_from_can_be_filled() -> None:
    peers = {"peers": {"mine": {"cidr": "10.0.0.0/8"}}, "slots": {"git_rancher_io": ["git-rancher-io-1", "mine"]}}
    here = {"region": "us-east-1", "distribution": "rke2"}
    settings = _read({**here, **peers, "migrating_from": {"distribution": "rke1", "cni": "canal"}})
    assert [str(peer.value) for peer in settings.slots["git_rancher_io"]] == ["35.160.43.145/32", "10.0.0.0/8"]
    with pytest.raises(InputError, match="git-rancher-io-1"):
        _read({**here, **peers})
