"""Probes: what begins a connection, from every host to every other, and which of them arrive."""

from __future__ import annotations

import contextlib
import functools
import itertools
import select
import socket
import struct
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.documented import probed_ports
from tests.packets.hosts import HOSTS
from tests.packets.namespaces import Namespace

_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}

# An echo request (RFC 792): type, code, checksum, identifier and sequence number, before what it carries.
_ICMP = struct.Struct("!BBHHH")
_ECHO_REQUEST = 8
# Of a raw socket's packets the IP header comes first, which has no options here.
_IP_HEADER = 20
_ADDRESSES = {host.name: host.addresses for host in HOSTS}

# Seconds. The least is long enough for what should not arrive to do so after all: here a packet takes microseconds.
_LEAST_WAIT, _MOST_WAIT, _PAUSE = 0.1, 5.0, 0.02

# Files that are open besides the probes': the interpreter's, the tests', the namespaces.
_OTHER_FILES = 100


@dataclass(frozen=True, slots=True, order=True)
class Probe:
    """A TCP connection, a UDP datagram or an ICMP message, whose port is its type; hosts by name, IP by version."""

    source: str
    destination: str
    protocol: str
    port: int
    version: int

    def __str__(self) -> str:
        return f"{self.source} to {self.destination} {self.port}/{self.protocol} over IPv{self.version}"


@functools.cache
def every_probe() -> tuple[Probe, ...]:
    """From every host to every other, every documented port and its neighbours, nothing sampled."""
    return probes_of(itertools.product(_KINDS, probed_ports()))


def probes_of(ends: Iterable[tuple[str, int]]) -> tuple[Probe, ...]:
    """From every host to every other, over both IP versions; of ICMP, over that which has it.

    Args:
        ends: protocols and ports; of ICMP the type, which is an echo request's.
    """
    some = list(ends)
    return tuple(
        Probe(source, destination, protocol, port, version)
        for source, destination in itertools.permutations(_ADDRESSES, 2)
        for protocol, port in some
        for version in ((4,) if protocol == "icmp" else _FAMILIES)
    )


def arrived(
    hosts: Mapping[str, Namespace], awaited: Collection[Probe], probes: Sequence[Probe] | None = None
) -> set[Probe]:
    """Send probes, and see which arrive.

    Args:
        hosts: the namespaces by the hosts' names.
        awaited: what should arrive; says how long to wait on a slow machine, and nothing else.
        probes: what is sent; every probe, unless said.
    """
    probes = every_probe() if probes is None else probes
    ends = {(probe.protocol, probe.port) for probe in probes}
    with _open_files() as most, contextlib.ExitStack() as stack:
        listeners = {
            (name, *end): stack.enter_context(listener)
            for name, namespace in hosts.items()
            for end, listener in namespace.run(functools.partial(_listen, ends)).items()
        }
        size = most - len(listeners) - _OTHER_FILES
        batches = [probes[first : first + size] for first in range(0, len(probes), size)]
        return {probe for batch in batches for probe in _arrived(hosts, listeners, batch, set(awaited))}


@contextlib.contextmanager
def _open_files() -> Iterator[int]:
    """As many open files as may be, for a while; how many that is."""
    import resource  # noqa: PLC0415  # not there on every system on which these tests are skipped

    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        yield most
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


def _arrived(
    hosts: Mapping[str, Namespace],
    listeners: Mapping[tuple[str, str, int], socket.socket],
    probes: Sequence[Probe],
    awaited: set[Probe],
) -> set[Probe]:
    with contextlib.ExitStack() as stack:
        connections: dict[int, Probe] = {}
        poll = select.poll()
        for name, namespace in hosts.items():
            of_host = [probe for probe in probes if probe.source == name]
            for probe, connection in namespace.run(functools.partial(_send, of_host)):
                connections[stack.enter_context(connection).fileno()] = probe
                poll.register(connection, select.POLLOUT)
        awaited_here = awaited.intersection(probes)
        begin = time.monotonic()
        seen: set[Probe] = set()
        while (waited := time.monotonic() - begin) < _LEAST_WAIT or (waited < _MOST_WAIT and not awaited_here <= seen):
            time.sleep(_PAUSE)
            for number, events in poll.poll(0):
                poll.unregister(number)
                if not events & (select.POLLERR | select.POLLHUP):
                    seen.add(connections[number])
            for (name, protocol, port), listener in listeners.items():
                if protocol != "tcp":
                    seen.update(_received(listener, name, protocol, port))
        return seen


def _listen(ends: Iterable[tuple[str, int]]) -> dict[tuple[str, int], socket.socket]:
    """A socket for each protocol and port, for both IP versions."""
    listeners = {}
    for protocol, port in ends:
        if protocol == "icmp":
            # Sees what the filter has let in.
            listeners[protocol, port] = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
            listeners[protocol, port].setblocking(False)
            continue
        listener = socket.socket(socket.AF_INET6, _KINDS[protocol])
        listener.setblocking(False)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::", port))
        if protocol == "tcp":
            listener.listen(len(HOSTS) * len(_FAMILIES))
        listeners[protocol, port] = listener
    return listeners


def _send(probes: list[Probe]) -> list[tuple[Probe, socket.socket]]:
    """Send some probes; TCP's with their connections, which are under way."""
    connections = []
    with contextlib.ExitStack() as stack:
        datagrams = {
            version: stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            for version, family in _FAMILIES.items()
        }
        raw = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
        for probe in probes:
            end = (_ADDRESSES[probe.destination][probe.version], probe.port)
            if probe.protocol == "udp":
                # What the sender's own filter drops is refused with an error; for TCP without a word.
                with contextlib.suppress(PermissionError):
                    datagrams[probe.version].sendto(f"{probe.source} {probe.version}".encode(), end)
            elif probe.protocol == "icmp":
                with contextlib.suppress(PermissionError):
                    raw.sendto(_echo_request(f"{probe.source} {probe.version}"), (end[0], 0))
            else:
                connection = socket.socket(_FAMILIES[probe.version], socket.SOCK_STREAM)
                connection.setblocking(False)
                connection.connect_ex(end)
                connections.append((probe, connection))
    return connections


def _echo_request(text: str) -> bytes:
    """An ICMP message that carries a text; its checksum is the Internet's (RFC 1071)."""
    carried = text.encode() + b" " * (len(text) % 2)
    words = struct.unpack(f"!{(_ICMP.size + len(carried)) // 2}H", _ICMP.pack(_ECHO_REQUEST, 0, 0, 0, 0) + carried)
    total = sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    return _ICMP.pack(_ECHO_REQUEST, 0, ~(total + (total >> 16)) & 0xFFFF, 0, 0) + carried


def _received(listener: socket.socket, name: str, protocol: str, port: int) -> Iterator[Probe]:
    with contextlib.suppress(BlockingIOError):
        while True:
            message = listener.recv(100)
            if protocol == "icmp":
                message = message[_IP_HEADER:]
                if message[0] != port:
                    continue  # an answer, or word that nobody is there
                message = message[_ICMP.size :]
            source, version = message.decode().split()
            yield Probe(source, name, protocol, port, int(version))
