"""Who reaches whom in EC2 at a moment, and whether anything that should stay open was closed in between.

Knows nothing of the package, nor of Terraform: hosts are instances with groups, and whatever else rules name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from tests.engine.ec2.values import Instance, Moment, Rule

_EVERYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Connection:
    """Traffic that may pass or not; an end is an instance's id, or what a rule names as its peer."""

    source: str
    destination: str
    protocol: str
    first: int
    last: int


def open_connections(moment: Moment, among: Iterable[Connection]) -> frozenset[Connection]:
    """Those that pass: out of every end that is an instance, and into every end that is one."""
    rules: dict[tuple[str, bool], list[Rule]] = {}
    for rule in moment.rules:
        rules.setdefault((rule.group_id, rule.is_egress), []).append(rule)
    instances = {instance.id: instance for instance in moment.instances}

    def passes(end: str, other: str, is_egress: bool, connection: Connection) -> bool:
        if end not in instances:
            return True
        candidates = (rule for id_ in instances[end].group_ids for rule in rules.get((id_, is_egress), ()))
        return any(_admits(rule, instances.get(other), other, connection) for rule in candidates)

    return frozenset(
        connection
        for connection in among
        if passes(connection.source, connection.destination, True, connection)
        and passes(connection.destination, connection.source, False, connection)
    )


def _admits(rule: Rule, instance: Instance | None, value: str, connection: Connection) -> bool:
    if rule.protocol != "-1" and (
        rule.protocol != connection.protocol or not rule.first <= connection.first <= connection.last <= rule.last
    ):
        return False
    if instance:
        return rule.peer in (*_EVERYWHERE, *instance.group_ids)
    return rule.peer == value or _holds(rule.peer, value)


@cache
def _holds(peer: str, value: str) -> bool:
    """Whether a block holds all of another; one for everything holds what is no block, too."""
    outer, inner = _block(peer), _block(value)
    if outer is None or inner is None:
        return inner is None and peer in _EVERYWHERE
    if isinstance(outer, ipaddress.IPv4Network):
        return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, ipaddress.IPv6Network) and inner.subnet_of(outer)


def _block(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def connections(moments: Iterable[Moment]) -> frozenset[Connection]:
    """Everything that could be asked about: each two ends, on each port that a rule names."""
    moments = list(moments)
    instances = {instance.id for moment in moments for instance in moment.instances}
    used = {id_ for moment in moments for instance in moment.instances for id_ in instance.group_ids}
    rules = {rule for moment in moments for rule in moment.rules}
    # A group that instances have stands for them; any other is a peer like a block.
    outside = {rule.peer for rule in rules} - used
    ports = {(rule.protocol, rule.first, rule.last) for rule in rules if rule.protocol != "-1"}
    return frozenset(
        Connection(source, destination, *port)
        for source, destination in product(instances | outside, instances | outside)
        if source in instances or destination in instances
        for port in ports
    )


@dataclass(frozen=True)
class Gap:
    """A connection that is open before and after a change and was closed in between.

    Args:
        connection: which.
        first: the number of the changing call that closed it.
        last: the number of the one that opened it again.
    """

    connection: Connection
    first: int
    last: int


def gaps(before: Moment, history: Sequence[Moment]) -> list[Gap]:
    """Every gap of a change.

    Args:
        before: what there was.
        history: what there was after each call that changed something.
    """
    return sorted(_gaps(before, history), key=lambda gap: (gap.first, str(gap.connection)))


def _gaps(before: Moment, history: Sequence[Moment]) -> Iterator[Gap]:
    if not history:
        return
    # Only what is open before and after can have a gap.
    lasting = open_connections(before, connections([before, *history]))
    lasting = open_connections(history[-1], lasting)
    opened = [lasting, *(open_connections(moment, lasting) for moment in history)]
    for connection in lasting:
        closed = [number for number, now in enumerate(opened) if connection not in now]
        if closed:
            yield Gap(connection, closed[0], closed[-1] + 1)
