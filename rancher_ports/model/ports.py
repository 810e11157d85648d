"""Ports: a protocol and a port range, as tables, security group rules and addresses have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rancher_ports.errors import refuse
from rancher_ports.model.intervals import Intervals, difference

LAST_PORT = 65535
LAST_ICMP = 255
LAST_PROTOCOL = 255

ALL = "-1"

# IANA protocol numbers. EC2 takes the number as well and answers with the name.
_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}
_NAMES = {str(number): name for name, number in _NUMBERS.items()}
_NAMES_BY_NUMBER = {number: name for name, number in _NUMBERS.items()}
_WITH_PORTS = ("tcp", "udp")
_WITH_TYPES = ("icmp", "icmpv6")

_GRAMMAR = 'a port such as "443/tcp", "30000-32767/tcp+udp", "8/icmp" or "all"'

# Every (protocol, port) is one point of a line on which the protocols stand one after another, so
# that sets of ports are sets of intervals whatever their protocol.
POINTS_A_PROTOCOL = LAST_PORT + 1
LAST_POINT = (LAST_PROTOCOL + 1) * POINTS_A_PROTOCOL - 1
EVERY_POINT: Intervals = ((0, LAST_POINT),)


@dataclass(frozen=True, slots=True)
class Port:
    """A protocol and a port range.

    Args:
        protocol: ``tcp``, ``udp``, ``icmp``, ``icmpv6``, another IANA number as a string, or
            ``-1`` for all.
        first: first port, 0 to 65535; for ICMP the type, 0 to 255, or -1 for any; None for
            protocols that have neither.
        last: last port, not before ``first``; for ICMP the code, 0 to 255, or -1 for any.

    ``span`` is the first and the last point of the port on the line of all (protocol, port) points.

    These are EC2's ``ip_protocol``, ``from_port`` and ``to_port`` (EC2 API reference, IpPermission).

    Raises:
        InputError: a value is out of range, or the range is reversed.
    """

    protocol: str
    first: int | None = None
    last: int | None = None
    span: tuple[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check()
        object.__setattr__(self, "span", self._span())

    def _check(self) -> None:
        if self.protocol in _WITH_PORTS:
            _check_number(self.first, 0, LAST_PORT, "a port")
            _check_number(self.last, 0, LAST_PORT, "a port")
            if self.first > self.last:  # type: ignore[operator]  # both were found to be numbers
                raise refuse("", self.text, f"a range with its lower end first: {self.last}-{self.first}")
        elif self.protocol in _WITH_TYPES:
            _check_number(self.first, -1, LAST_ICMP, "an ICMP type, or -1 for any")
            _check_number(self.last, -1, LAST_ICMP, "an ICMP code, or -1 for any")
            if self.first == -1 and self.last != -1:
                raise refuse("", self.last, "no ICMP code where any type is meant")
        elif not _is_protocol(self.protocol) or self.protocol in _NAMES:
            raise refuse("", self.protocol, "a protocol: tcp, udp, icmp, icmpv6, -1, or another IANA number")
        elif self.first is not None or self.last is not None:
            raise refuse("", self.text, f"no port: protocol {self.protocol} has none")

    @classmethod
    def tcp(cls, port: int) -> Port:
        """One TCP port."""
        return cls("tcp", port, port)

    @classmethod
    def tcp_range(cls, first: int, last: int) -> Port:
        """TCP ports ``first`` to ``last``, both included."""
        return cls("tcp", first, last)

    @classmethod
    def udp(cls, port: int) -> Port:
        """One UDP port."""
        return cls("udp", port, port)

    @classmethod
    def udp_range(cls, first: int, last: int) -> Port:
        """UDP ports ``first`` to ``last``, both included."""
        return cls("udp", first, last)

    @classmethod
    def icmp(cls, type_: int, code: int = 0) -> Port:
        """ICMP messages of one type and code; -1 means any."""
        return cls("icmp", type_, code)

    @classmethod
    def all(cls) -> Port:
        """Every protocol and port."""
        return cls(ALL)

    @classmethod
    def parse(cls, text: object) -> Port:
        """Read one port as tables write it: ``443/tcp``, ``30000-32767/udp``, ``8/icmp``, ``all``.

        ``8/icmp`` is type 8 with code 0, ``3-4/icmp`` type 3 with code 4, ``3-all/icmp`` type 3 with
        any code; ``all/tcp`` is every TCP port, ``all/47`` a protocol that has no ports.

        Raises:
            InputError: the text is none of these, or a number is out of range.
        """
        if text == "all":
            return cls(ALL)
        match = (
            re.fullmatch(r"(all|[0-9]{1,9})(?:-(all|[0-9]{1,9}))?/([a-z0-9]+)", text) if isinstance(text, str) else None
        )
        if match is None:
            raise refuse("", text, _GRAMMAR)
        first, last, protocol = match.groups()
        if protocol in _WITH_PORTS and last != "all":
            if first == "all" and last is None:
                return cls(protocol, 0, LAST_PORT)
            if first != "all":
                return cls(protocol, int(first), int(last or first))
        elif protocol in _WITH_TYPES:
            if first == "all" and last is None:
                return cls(protocol, -1, -1)
            if first != "all":
                return cls(protocol, int(first), -1 if last == "all" else int(last or 0))
        elif first == "all" and last is None:
            return cls(protocol)
        raise refuse("", text, _GRAMMAR)

    @classmethod
    def from_ec2(cls, protocol: str, first: int | None, last: int | None) -> Port:
        """A port as a security group rule has it, in the one spelling the model uses.

        EC2 takes numbers for protocols, and -1 or nothing for "all ports".

        Raises:
            InputError: a value is out of range.
        """
        protocol = _NAMES.get(protocol, "-1" if protocol == "all" else protocol)
        if protocol in _WITH_PORTS:
            return cls(protocol, 0, LAST_PORT) if {first, last} <= {None, -1} else cls(protocol, first, last)
        if protocol in _WITH_TYPES:
            return cls(protocol, -1 if first is None else first, -1 if last is None else last)
        return cls(protocol)

    @property
    def range(self) -> str:
        """The port range alone: ``443``, ``30000-32767``, ``8-0`` for ICMP, ``all`` where there is none."""
        if self.first is None or self.first == -1:
            return "all"
        if self.protocol in _WITH_TYPES:
            return f"{self.first}-{'all' if self.last == -1 else self.last}"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def text(self) -> str:
        """The port as a table writes it; :meth:`parse` reads it back."""
        if self.protocol == ALL:
            return "all"
        plain_type = self.protocol in _WITH_TYPES and self.last == 0
        return f"{self.first if plain_type else self.range}/{self.protocol}"

    def _span(self) -> tuple[int, int]:
        if self.protocol == ALL:
            return 0, LAST_POINT
        start = int(_NUMBERS.get(self.protocol, self.protocol)) * POINTS_A_PROTOCOL
        if self.first is None or self.last is None or self.first == -1:
            return start, start + LAST_PORT
        if self.protocol in _WITH_TYPES:
            codes = LAST_ICMP + 1
            first_code, last_code = (0, LAST_ICMP) if self.last == -1 else (self.last, self.last)
            return start + self.first * codes + first_code, start + self.first * codes + last_code
        return start + self.first, start + self.last

    def covers(self, other: Port) -> bool:
        """Whether everything that ``other`` admits is admitted by this port, too."""
        first, last = self.span
        other_first, other_last = other.span
        return first <= other_first and other_last <= last

    def __str__(self) -> str:
        return self.text


def ports_between(first: int, last: int) -> tuple[Port, ...]:
    """The ports of a stretch of the line of all (protocol, port) points, as few as say it.

    Args:
        first: the first point.
        last: the last point, included. Of ICMP, types that are not there with all their codes come one by one.
    """
    if (first, last) == (0, LAST_POINT):
        return (Port.all(),)
    ports: list[Port] = []
    while first <= last:
        number, place = divmod(first, POINTS_A_PROTOCOL)
        protocol = _NAMES_BY_NUMBER.get(number, str(number))
        start = first - place
        end = min(last, start + LAST_PORT)
        if protocol in _WITH_PORTS:
            ports.append(Port(protocol, place, end - start))
        elif protocol in _WITH_TYPES and (place, end - start) != (0, LAST_PORT):
            type_, code = divmod(place, LAST_ICMP + 1)
            whole = code == 0 and end - first >= LAST_ICMP
            ports.append(Port(protocol, type_, -1 if whole else code))
            end = first + (LAST_ICMP if whole else 0)
        else:
            ports.append(Port(protocol, -1, -1) if protocol in _WITH_TYPES else Port(protocol))
        first = end + 1
    return tuple(ports)


def ports_of(points: Intervals) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Points of the line of all (protocol, port) points as ports, or as all ports but for some, whichever is shorter.

    Returns:
        The ports, and those within them that do not belong to them.
    """
    ports = _ports(points)
    # Of each protocol that is not there as a whole, something is left.
    whole = sum(last - first + 1 for first, last in points) // POINTS_A_PROTOCOL
    if LAST_PROTOCOL + 1 - whole >= len(ports):
        return ports, ()
    rest = _ports(difference(EVERY_POINT, points))
    return ((Port.all(),), rest) if rest and len(rest) < len(ports) else (ports, ())


def _ports(points: Intervals) -> tuple[Port, ...]:
    return tuple(port for first, last in points for port in ports_between(first, last))


def points_text(points: Intervals) -> str:
    """Points of the line of all (protocol, port) points as ports: ``22/tcp, 53/udp``."""
    return ", ".join(port.text for port in _ports(points))


def parse_ports(text: object) -> tuple[Port, ...]:
    """Read a table's port, in which ``tcp+udp`` stands for two.

    Returns:
        One port for each protocol, in the order written.

    Raises:
        InputError: as :meth:`Port.parse`; or a protocol stands there twice.
    """
    if not isinstance(text, str) or "+" not in text:
        return (Port.parse(text),)
    numbers, _, protocols = text.partition("/")
    ports = tuple(Port.parse(f"{numbers}/{protocol}") for protocol in protocols.split("+"))
    if len(set(ports)) < len(ports):
        raise refuse("", text, "each protocol once")
    return ports


def ports_text(ports: Sequence[Port]) -> str:
    """Ports that :func:`parse_ports` reads from one text, as that text."""
    return "+".join([ports[0].text, *(port.protocol for port in ports[1:])])


def _check_number(value: object, low: int, high: int, what: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise refuse("", value, f"{what}, {low} to {high}")


def _is_protocol(protocol: object) -> bool:
    if not isinstance(protocol, str):
        return False
    return protocol == ALL or (
        re.fullmatch(r"0|[1-9][0-9]{0,2}", protocol) is not None and int(protocol) <= LAST_PROTOCOL
    )
