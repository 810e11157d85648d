"""Ports: what tables write, what EC2 takes, what one covers of another."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.ports import LAST_POINT, Port, parse_ports, ports_between
from tests.unit.strategies import ports


@pytest.mark.parametrize(
    ("text", "protocol", "first", "last"),
    [
        ("443/tcp", "tcp", 443, 443),
        ("0/udp", "udp", 0, 0),
        ("30000-32767/tcp", "tcp", 30000, 32767),
        ("all/tcp", "tcp", 0, 65535),
        ("8/icmp", "icmp", 8, 0),
        ("3-4/icmp", "icmp", 3, 4),
        ("3-all/icmp", "icmp", 3, -1),
        ("all/icmpv6", "icmpv6", -1, -1),
        ("all/47", "47", None, None),
        ("all", "-1", None, None),
    ],
)
def test_a_port_reads_as_ec2_has_it(text: str, protocol: str, first: int | None, last: int | None) -> None:
    assert Port.parse(text) == Port(protocol, first, last)
    assert Port.from_ec2(protocol, first, last) == Port.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "443", "tcp", "443/sctp", "443/TCP", "65536/tcp", "-1/tcp", "2-1/tcp", "1-2-3/tcp", "443/all", "all-2/tcp"]
    + [
        "1-all/tcp",
        "all-3/icmp",
        "256/icmp",
        "1-256/icmp",
        "443/47",
        "all/6",
        "all/999",
        "4 43/tcp",
        "٤٤٣/tcp",
        "1/tcp\n",
    ]
    + ["443/tcp+tcp", "443/tcp+", "all+tcp", 443, None, ["443/tcp"], True],
)
def test_what_is_no_port_is_refused(text: object) -> None:
    with pytest.raises(InputError) as refused:
        parse_ports(text)
    assert len(refused.value.faults) == 1


def test_a_reversed_range_says_how_to_write_it() -> None:
    with pytest.raises(InputError, match="32767-30000/tcp.*lower end first: 30000-32767"):
        Port.parse("32767-30000/tcp")


@pytest.mark.parametrize(
    ("protocol", "first", "last"),
    [("tcp", True, 1), ("tcp", None, None), ("tcp", "1", 1), ("icmp", None, None), ("icmp", -1, 3), ("-1", 1, 1)]
    + [
        ("47", 1, 1),
        ("6", None, None),
        ("17", None, None),
        ("256", None, None),
        ("01", None, None),
        ("gre", None, None),
    ]
    + [(6, 1, 1), (None, None, None)],
)
def test_a_port_made_by_hand_is_checked(protocol: str, first: int | None, last: int | None) -> None:
    with pytest.raises(InputError):
        Port(protocol, first, last)


def test_tcp_and_udp_in_one_row_are_two_ports() -> None:
    assert parse_ports("30000-32767/tcp+udp") == (Port.tcp_range(30000, 32767), Port.udp_range(30000, 32767))
    assert parse_ports("53/udp") == (Port.udp(53),)


@pytest.mark.parametrize(
    ("protocol", "first", "last", "text"),
    [("6", 22, 22, "22/tcp"), ("tcp", -1, -1, "0-65535/tcp"), ("17", None, None, "0-65535/udp"), ("all", 1, 2, "all")]
    + [
        ("58", None, None, "all/icmpv6"),
        ("1", 8, 0, "8/icmp"),
        ("50", 0, 0, "all/50"),
        ("icmp", 8, None, "8-all/icmp"),
    ],
)
def test_spellings_of_ec2_come_to_one(protocol: str, first: int | None, last: int | None, text: str) -> None:
    assert Port.from_ec2(protocol, first, last) == Port.parse(text)
    assert str(Port.parse(text)) == text


@given(ports())
def test_text_reads_back(port: Port) -> None:
    assert Port.parse(port.text) == port
    assert Port.from_ec2(port.protocol, port.first, port.last) == port


@given(ports(), ports())
def test_covering_is_inclusion_of_spans(one: Port, other: Port) -> None:
    assert one.covers(one)
    assert Port.all().covers(one)
    if one.covers(other) and other.covers(one):
        assert one.span == other.span


def test_spans_of_different_protocols_do_not_meet() -> None:
    texts = ["all/tcp", "all/udp", "all/icmp", "all/icmpv6", "all/0", "all/255", "all/47"]
    spans = sorted(Port.parse(text).span for text in texts)
    assert all(last < first for (_, last), (first, _) in pairwise(spans))
    assert spans[0][0] == 0
    assert spans[-1][1] == LAST_POINT == Port.all().span[1]


@given(st.integers(0, 255), st.integers(0, 255))
def test_icmp_codes_lie_within_their_type(type_: int, code: int) -> None:
    assert Port.icmp(type_, -1).covers(Port.icmp(type_, code))
    assert Port("icmp", -1, -1).covers(Port.icmp(type_, -1))
    assert not Port.icmp((type_ + 1) % 256, -1).covers(Port.icmp(type_, code))


@given(ports())
def test_the_points_of_one_port_come_back_as_that_port(port: Port) -> None:
    assert {made.span for made in ports_between(*port.span)} == {port.span}


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        ("all", "all", ["all"]),
        ("1/tcp", "9/tcp", ["1-9/tcp"]),
        ("all/tcp", "all/tcp", ["0-65535/tcp"]),
        ("65535/tcp", "all/8", ["65535/tcp", "all/7", "all/8"]),
        ("all/16", "5/udp", ["all/16", "0-5/udp"]),
        ("all/icmp", "all/2", ["all/icmp", "all/2"]),
        ("all/icmpv6", "all/icmpv6", ["all/icmpv6"]),
        ("3-254/icmp", "5-1/icmp", ["3-254/icmp", "3-255/icmp", "4-all/icmp", "5/icmp", "5-1/icmp"]),
        ("3-all/icmp", "3-all/icmp", ["3-all/icmp"]),
        ("255-all/icmp", "all/2", ["255-all/icmp", "all/2"]),
        ("all/254", "all/255", ["all/254", "all/255"]),
    ],
)
def test_a_stretch_of_points_is_said_in_few_ports(first: str, last: str, texts: list[str]) -> None:
    found = ports_between(Port.parse(first).span[0], Port.parse(last).span[1])
    assert [str(port) for port in found] == texts


@given(ports(), ports())
def test_the_ports_of_a_stretch_hold_it_each_point_once(one: Port, other: Port) -> None:
    first, last = min(one.span[0], other.span[0]), max(one.span[1], other.span[1])
    spans = [port.span for port in ports_between(first, last)]
    assert (spans[0][0], spans[-1][1]) == (first, last)
    assert all(end + 1 == begin for (_, end), (begin, _) in pairwise(spans))
