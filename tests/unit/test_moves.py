"""Moves: whatever former addresses a state has, its resources end at the addresses of now."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.addresses import Address, address
from rancher_ports.model.bindings import Binding
from rancher_ports.model.conditions import Choices
from rancher_ports.model.deployment import Deployment, fill
from rancher_ports.model.moves import check_former_names, moves
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import ROLES, GroupKey
from rancher_ports.model.rules import Rule
from rancher_ports.model.templates import templates
from tests.unit.strategies import PEERS, RKE1, group_peer

TEMPLATES = templates(RKE1)
ETCD = GroupKey("prod", "etcd")
SLOTS = sorted(RKE1.slots)


def _texts(pairs: Iterable[tuple[Address, Address]]) -> list[str]:
    return [f"{source} > {target}" for source, target in pairs]


def test_a_group_moves_from_prefix_to_prefix() -> None:
    assert _texts(moves([ETCD], "c", ["b", "a"])) == [
        "aws_security_group.a_etcd > aws_security_group.b_etcd",
        "aws_security_group.b_etcd > aws_security_group.c_etcd",
    ]


def test_a_rule_moves_through_every_prefix_and_name_once() -> None:
    peer = Peer.cidr("hq", "203.0.113.0/24", moved_from=["office", "bureau"])
    rule = Rule(ETCD, "ingress", Port.tcp(443), peer)
    names = ["a_etcd_from_bureau", "a_etcd_from_office", "a_etcd_from_hq", "b_etcd_from_bureau", "b_etcd_from_office"]
    chain = [f"aws_vpc_security_group_ingress_rule.{name}_tcp_443" for name in (*names, "b_etcd_from_hq")]
    links = [f"{source} > {target}" for source, target in pairwise(chain)]
    assert _texts(moves([rule], "b", ["a"])) == sorted(links)


def test_nothing_moves_where_nothing_was_renamed() -> None:
    rule = Rule(ETCD, "egress", Port.tcp(443), group_peer(GroupKey("prod", "rancher")))
    assert moves([ETCD, rule], "prod") == ()


@st.composite
def _renamings(draw: st.DrawFn) -> tuple[dict[str, list[str]], list[str]]:
    """For each peer its names and for the prefix its own, the one of now first."""
    names = {peer.name: [peer.name] for peer in PEERS}
    for former in draw(st.sets(st.sampled_from(["aaa", "bbb", "ccc", "zzz"]))):
        names[draw(st.sampled_from(sorted(names)))].append(former)
    return names, draw(st.lists(st.sampled_from(["prod", "old", "older"]), unique=True, min_size=1))


@given(
    _renamings(),
    st.dictionaries(st.sampled_from(SLOTS), st.lists(st.sampled_from(range(len(PEERS))), unique=True, max_size=3)),
    st.data(),
)
def test_a_state_of_any_former_names_ends_as_one_of_todays(
    renamings: tuple[dict[str, list[str]], list[str]], slots: dict[str, list[int]], data: st.DataObject
) -> None:
    names, prefixes = renamings

    def made(peers: list[Peer]) -> list[GroupKey | Rule]:
        bindings = {role: Binding.own("any", role) for role in ROLES}
        in_slots = {slot: tuple(peers[index] for index in some) for slot, some in slots.items()}
        rules = fill(TEMPLATES, Deployment(Choices("canal", egress="all"), bindings, in_slots)).rules
        return [*(binding.group for binding in bindings.values()), *rules]

    def state(resources: list[GroupKey | Rule], prefix: str) -> dict[Address, object]:
        return {address(resource, prefix): _meaning(resource) for resource in resources}

    now = made([Peer(p.name, p.kind, p.value, tuple(names[p.name][1:])) for p in PEERS])
    formerly = {name: data.draw(st.sampled_from(some)) for name, some in names.items()}
    prefix = data.draw(st.sampled_from(prefixes))
    before = made([Peer(formerly[p.name], p.kind, p.value) for p in PEERS])

    moved = moves(now, prefixes[0], prefixes[1:])
    onwards = dict(moved)
    # What Terraform refuses: two moves from or to one address, and one from an address that exists still.
    assert len(onwards) == len(moved) == len({target for _, target in moved})
    assert not set(onwards) & set(state(now, prefixes[0]))
    after = {}
    for at, resource in state(before, prefix).items():
        while at in onwards:
            at = onwards[at]  # noqa: PLW2901  # where the resource is, move after move
        after[at] = resource
    assert after == state(now, prefixes[0])
    assert list(moved) == sorted(moved, key=lambda move: str(move[0]))


def _meaning(resource: GroupKey | Rule) -> object:
    if isinstance(resource, GroupKey):
        return resource
    return resource.group, resource.direction, resource.port, resource.peer.kind, resource.peer.value


def test_a_former_name_is_no_part_of_who_a_peer_is() -> None:
    peer, renamed = Peer.cidr("hq", "10.0.0.0/8"), Peer.cidr("hq", "10.0.0.0/8", moved_from="office")
    assert peer == renamed
    assert len({peer, renamed}) == 1
    assert (peer.moved_from, renamed.moved_from) == ((), ("office",))


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (Peer.cidr, "10.0.0.0/8"),
        (Peer.ipv4, "10.0.0.0/8"),
        (Peer.ipv6, "::/0"),
        (Peer.prefix_list, "pl-01234567"),
        (Peer.security_group, "sg-01234567"),
    ],
)
def test_any_peer_may_have_had_other_names(make: object, value: str) -> None:
    assert make("hq", value, moved_from="office").moved_from == ("office",)  # type: ignore[operator]  # one of five
    names = iter(["office", "bureau"])
    assert make("hq", value, moved_from=names).moved_from == ("office", "bureau")  # type: ignore[operator]  # one of five


@pytest.mark.parametrize(
    ("moved_from", "said"),
    [
        ("", 'moved_from: "": expected a name of lower-case letters'),
        ("hq", 'moved_from: "hq": expected a former name, not the one that it has now'),
        (["a", "hq"], 'moved_from[1]: "hq": expected a former name, not the one that it has now'),
        (["a", "a"], 'moved_from[1]: "a": expected each name once'),
        ("etcd", 'moved_from: "etcd": expected a name that is not reserved'),
        (["a", "prod-etcd"], 'moved_from[1]: "prod-etcd": expected a name that does not end like'),
        (None, "moved_from: null: expected a former name, or a list of them, newest first"),
        (7, "moved_from: 7: expected a former name, or a list of them"),
        ({"a": "b"}, 'moved_from: {"a": "b"}: expected a former name, or a list of them'),
        ([None], "moved_from[0]: null: expected a name of lower-case letters"),
    ],
)
def test_what_no_address_held_is_no_former_name(moved_from: list[str], said: str) -> None:
    with pytest.raises(InputError) as refused:
        Peer.cidr("hq", "10.0.0.0/8", moved_from=moved_from)
    assert str(refused.value).startswith(said)
    with pytest.raises(InputError):
        Peer("hq", Peer.cidr("hq", "10.0.0.0/8").kind, "10.0.0.0/8", moved_from)  # type: ignore[arg-type]  # wrong on purpose


def test_all_faults_of_former_names_are_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        Peer.cidr("hq", "10.0.0.0/8", moved_from=["A", "hq", "b", "b"])
    assert [fault.place for fault in refused.value.faults] == ["moved_from[0]", "moved_from[1]", "moved_from[3]"]


def test_a_former_name_belongs_to_one_peer_that_is_called_otherwise_now() -> None:
    hq = Peer.cidr("hq", "10.0.0.0/8", moved_from=["office", "bureau"])
    lab, office = Peer.cidr("lab", "10.1.0.0/16", moved_from="bureau"), Peer.cidr("office", "10.2.0.0/16")
    check_former_names([hq, hq, Peer.cidr("lab", "10.1.0.0/16", moved_from="annex")])
    with pytest.raises(InputError, match=r'^hq.moved_from: "office": expected a name that no peer has now$'):
        check_former_names([hq, office, hq])
    with pytest.raises(InputError, match=r'^lab.moved_from: "bureau": expected a name that one peer had .*\(hq says'):
        check_former_names([hq, lab])
    with pytest.raises(InputError) as refused:
        check_former_names([office, lab, hq])
    assert [fault.place for fault in refused.value.faults] == ["hq.moved_from", "hq.moved_from"]


def test_one_peer_has_one_history_wherever_it_stands() -> None:
    with pytest.raises(InputError, match=r"hq.moved_from: \[\]: expected the former names .* elsewhere \(office, b\)"):
        check_former_names([Peer.cidr("hq", "::/0", moved_from=["office", "b"]), Peer.cidr("hq", "::/0")])
    with pytest.raises(InputError, match=r'hq.moved_from: \["office"\]: expected the former names .* \(none\)'):
        check_former_names([Peer.cidr("hq", "::/0"), Peer.cidr("hq", "::/0", moved_from="office")])
