"""The wire: every host in a namespace of its own, all on one bridge in a further one."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping

from tests.packets.hosts import HOSTS, PREFIX_LENGTHS, Host
from tests.packets.namespaces import Namespace


@contextlib.contextmanager
def network(rulesets: Mapping[str, str]) -> Iterator[dict[str, Namespace]]:
    """Hosts that reach each other, as far as their filters let them; nothing leads out of it.

    New for every ruleset, since connections that one has let pass would outlive it.

    Args:
        rulesets: what ``nft`` is to load, by role; none for a role without a filter.

    Returns:
        The namespaces by the hosts' names.
    """
    with contextlib.ExitStack() as stack:

        def make() -> Namespace:
            namespace = Namespace()
            stack.callback(namespace.close)
            return namespace

        bridge = make()
        hosts = {host.name: make() for host in HOSTS}
        # Without snooping: what finds IPv6 neighbours is multicast, and the filters drop what asks for it.
        wiring = ["link add name bridge type bridge mcast_snooping 0", "link set bridge up"]
        for number, namespace in enumerate(hosts.values()):
            wiring.append(f"link add name port{number} type veth peer name wire netns {namespace.path}")
            wiring.append(f"link set port{number} master bridge up")
        ip(bridge, *wiring)
        for host in HOSTS:
            if (rules := rulesets.get(host.role or "")) is not None:
                nft(hosts[host.name], rules)
            ip(hosts[host.name], *_interface(host))
        yield hosts


def _interface(host: Host) -> Iterator[str]:
    yield "link set wire addrgenmode none"
    for version, address in host.addresses.items():
        # Nobody else has the address, and looking for a duplicate takes a second.
        nodad = " nodad" if version == 6 else ""
        yield f"address add {address}/{PREFIX_LENGTHS[version]} dev wire{nodad}"
    yield "link set wire up"


def ip(namespace: Namespace, *lines: str) -> None:
    """Have ``ip`` do some lines, inside."""
    namespace.command(_program("ip"), "-batch", "-", lines="\n".join(lines) + "\n")


def nft(namespace: Namespace, lines: str) -> None:
    """Have ``nft`` load a ruleset, inside."""
    namespace.command(_program("nft"), "-f", "-", lines=lines)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(name)
    return found
