"""Peers: what values are taken, and what is said of those that are not."""

from __future__ import annotations

import pytest

from rancher_ports.errors import InputError
from rancher_ports.model.names import NAME_LENGTH, RESERVED
from rancher_ports.model.peers import ANYWHERE, Peer, PeerKind, check_distinct, check_families
from rancher_ports.model.roles import GroupKey


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        ("203.0.113.0/24", PeerKind.IPV4, "203.0.113.0/24"),
        ("0.0.0.0/0", PeerKind.IPV4, "0.0.0.0/0"),
        ("2001:DB8:0::/48", PeerKind.IPV6, "2001:db8::/48"),
        ("::/0", PeerKind.IPV6, "::/0"),
    ],
)
def test_a_block_is_of_its_family_and_spelt_as_ec2_answers(given: str, kind: PeerKind, value: str) -> None:
    peer = Peer.cidr("office", given)
    assert (peer.kind, peer.value) == (kind, value)


@pytest.mark.parametrize(
    ("cidr", "said"),
    [
        ("10.0.0.1/8", "10.0.0.0/8 for the network, 10.0.0.1/32 for the one address"),
        ("2001:db8::1/48", "2001:db8::/48 for the network, 2001:db8::1/128 for the one address"),
        ("203.0.113.7", "203.0.113.7/32 for this one address"),
        ("2001:db8::7", "2001:db8::7/128 for this one address"),
        ("10.0.0.0/33", "a CIDR block"),
        ("10.0.0.0/255.0.0.0", "a CIDR block"),
        ("10.0.0.0/08", "a CIDR block"),
        ("010.0.0.0/8", "a CIDR block"),
        ("10.0.0/8", "a CIDR block"),
        ("10.0.0.0/", "a CIDR block"),
        (" 10.0.0.0/8", "a CIDR block"),
        ("10.0.0.0/8\n", "a CIDR block"),
        ("fe80::1%eth0/64", "an IPv6 block"),
        ("::/129", "an IPv6 block"),
        ("::ffff:10.0.0.0/104", "not IPv4 in disguise"),
        ("::ffff:0:0/96", "not IPv4 in disguise"),
        ("", "a CIDR block"),
        ("office", "a CIDR block"),
        (None, "a CIDR block"),
        (167772160, "a CIDR block"),
        ("${var.cidr}", "Peer.ipv4 or Peer.ipv6"),
    ],
)
def test_a_block_at_fault_is_refused_with_what_was_meant(cidr: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        Peer.cidr("office", cidr)
    assert said in str(refused.value)


@pytest.mark.parametrize("id_", ["sg-0123456789abcdef0", "sg-01234567", "123456789012/sg-0123456789abcdef0", "${x.id}"])
def test_a_group_is_taken_by_id_or_expression(id_: str) -> None:
    assert Peer.security_group("alb", id_).value == id_


@pytest.mark.parametrize("id_", ["pl-0123456789abcdef0", "${x.id}"])
def test_a_prefix_list_is_taken_by_id_or_expression(id_: str) -> None:
    assert Peer.prefix_list("mirrors", id_).value == id_


@pytest.mark.parametrize("id_", ["sg-1", "sg-0123456789ABCDEF0", "pl-0123456789abcdef0", "12/sg-01234567", "", None, 7])
def test_an_id_of_another_form_is_refused(id_: str) -> None:
    with pytest.raises(InputError, match="security_group_id"):
        Peer.security_group("alb", id_)
    if id_ != "pl-0123456789abcdef0":
        with pytest.raises(InputError, match="prefix_list_id"):
            Peer.prefix_list("mirrors", id_)


def test_a_block_known_after_apply_says_its_family() -> None:
    assert Peer.ipv4("subnet", "${aws_subnet.x.cidr_block}").kind is PeerKind.IPV4
    assert Peer.ipv6("subnet", "${aws_subnet.x.ipv6_cidr_block}").kind is PeerKind.IPV6
    assert not Peer.ipv4("subnet", "${aws_subnet.x.cidr_block}").is_known
    with pytest.raises(InputError, match="IPv6"):
        Peer.ipv6("subnet", "10.0.0.0/8")
    with pytest.raises(InputError, match="an IPv4 block"):
        Peer.ipv4("subnet", "2001:db8::/48")


@pytest.mark.parametrize("name", ["office", "a", "office-2", "o" * NAME_LENGTH])
def test_a_name_of_the_grammar_is_taken(name: str) -> None:
    assert Peer.cidr(name, "10.0.0.0/8").name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Office",
        "2office",
        "-a",
        "of_fice",
        "of.fice",
        "of fice",
        "büro",
        "office\n",
        "o" * (NAME_LENGTH + 1),
        None,
        3,
    ]
    + [*RESERVED, "prod-worker", "a-rancher"],
)
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
def test_a_name_that_no_address_could_hold_or_that_is_taken_is_refused(name: str, make: object, value: str) -> None:
    with pytest.raises(InputError, match="name"):
        make(name, value)  # type: ignore[operator]  # wrong on purpose


def test_a_kind_may_be_given_by_its_name_and_no_other() -> None:
    assert Peer("office", "ipv4", "10.0.0.0/8") == Peer.cidr("office", "10.0.0.0/8")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(
        InputError, match='kind: "ipv5": expected one of ipv4, ipv6, prefix list, group; did you mean "ipv'
    ):
        Peer("office", "ipv5", "10.0.0.0/8")  # type: ignore[arg-type]  # wrong on purpose


def test_anywhere_is_both_families() -> None:
    assert [(peer.kind, peer.value) for peer in ANYWHERE] == [(PeerKind.IPV4, "0.0.0.0/0"), (PeerKind.IPV6, "::/0")]
    assert Peer.anywhere() == ANYWHERE


def test_one_name_has_one_value_and_one_known_value_one_name() -> None:
    office, same = Peer.cidr("office", "10.0.0.0/8"), Peer.cidr("hq", "10.0.0.0/8")
    other = Peer.cidr("office", "10.1.0.0/16")
    check_distinct([office, office, Peer.cidr("lab", "10.1.0.0/16")])
    with pytest.raises(InputError, match=r'peers.hq: "10.0.0.0/8": expected one name for one value \(office has it'):
        check_distinct([office, same], "peers")
    with pytest.raises(InputError, match=r'office: "10.1.0.0/16": expected one value for one name'):
        check_distinct([office, other])


def test_values_unknown_until_apply_and_kinds_are_told_apart() -> None:
    check_distinct([Peer.security_group("a", "${x.id}"), Peer.security_group("b", "${x.id}")])
    with pytest.raises(InputError, match="is made a Peer once, for every slot"):
        check_distinct([Peer.security_group("a", "${TfToken[1]}"), Peer.security_group("a", "${TfToken[2]}")])
    key = GroupKey("prod", "etcd")
    check_distinct([Peer("etcd", PeerKind.GROUP, key), Peer.cidr("office", "10.0.0.0/8")])
    assert Peer("etcd", PeerKind.GROUP, key).is_known
    assert str(Peer("etcd", PeerKind.GROUP, key)) == "etcd"


@pytest.mark.parametrize("most", [1, 1000, None])
def test_a_prefix_list_may_say_how_many_entries_it_has_room_for(most: int | None) -> None:
    peer = Peer.prefix_list("mirrors", "pl-01234567", max_entries=most)
    assert peer.max_entries == most
    assert peer == Peer.prefix_list("mirrors", "pl-01234567")


@pytest.mark.parametrize("most", [0, -1, 1001, True, "20", 2.0])
def test_a_number_of_entries_that_no_prefix_list_has_is_refused(most: int) -> None:
    with pytest.raises(InputError, match="max_entries: .*a whole number of 1 to 1000"):
        Peer.prefix_list("mirrors", "pl-01234567", max_entries=most)


@pytest.mark.parametrize(
    ("kind", "value"), [("ipv4", "10.0.0.0/8"), ("ipv6", "2001:db8::/48"), ("group", "sg-01234567")]
)
def test_only_prefix_lists_have_entries(kind: PeerKind, value: str) -> None:
    with pytest.raises(InputError, match=f"max_entries: 20: expected nothing: {kind} is one entry"):
        Peer("office", kind, value, max_entries=20)


def test_every_address_of_one_family_stands_beside_every_address_of_the_other() -> None:
    office, (v4, v6) = Peer.cidr("office", "10.0.0.0/8"), Peer.anywhere()
    check_families([], "slots.x")
    check_families([office], "slots.x")
    check_families([v6, office, v4], "slots.x")
    for lone in (v4, v6):
        with pytest.raises(InputError) as refused:
            check_families([office, lone], "slots.x")
        assert str(refused.value) == f'slots.x: "{lone.name}": expected both families: *Peer.anywhere()'


def test_one_list_has_one_number_of_entries() -> None:
    some = [Peer.prefix_list("mirrors", "pl-01234567", max_entries=number) for number in (20, 20, None)]
    check_distinct(some[:2])
    with pytest.raises(InputError, match=r"mirrors.max_entries: null: expected what is said of it elsewhere \(20\)"):
        check_distinct(some)
