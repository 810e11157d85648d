"""The rules that EC2 has to have, worked out from the document and what a user asked for; not from any JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.documented import GIT_RANCHER_IO, ROLES, completed_flows, documented_flows
from tests.engine.ec2.values import Moment

SERVER = "rancher"
CLUSTER_ROLES = tuple(role for role in ROLES if role != SERVER)

# Group, whether egress, protocol, first and last port (-1 where there is none), peer.
ExpectedRule = tuple[str, bool, str, int, int, str]


@dataclass(frozen=True)
class Wish:
    """What a user asked for.

    Args:
        server: the owner of the rancher group.
        clusters: the owners of the clusters' groups.
        slots: by slot, the values of the peers in it, for whoever has that slot; an owner before a slot's name, with a
            dot, gives them to that one only.
        registries: likewise; by owner, the values of the registries that its nodes may reach (feature image-pulls).
        one_sided: ``documented`` or ``completed``.
        egress_all: whether every group may send everything.
        agents: by cluster, the owner of the agents group that its nodes have joined.
        own: what is opened beyond the document: owner and role, and the rest as in :data:`ExpectedRule`; a peer that is
            an owner and a role stands for that group.
        without: groups, by owner and role, on which no rule is written.
    """

    server: str
    clusters: tuple[str, ...]
    slots: Mapping[str, Iterable[str]] = field(default_factory=dict)
    registries: Mapping[str, Iterable[str]] = field(default_factory=dict)
    one_sided: str = "completed"
    egress_all: bool = False
    agents: Mapping[str, str] = field(default_factory=dict)
    own: Iterable[tuple[tuple[str, str], tuple[bool, str, int, int, str | tuple[str, str]]]] = ()
    without: frozenset[tuple[str, str]] = frozenset()


def groups_by_tag(moment: Moment) -> dict[tuple[str, str], str]:
    """The id of each group that is tagged as ours, by owner and role."""
    found: dict[tuple[str, str], str] = {}
    for group in moment.groups:
        tags = dict(group.tags)
        if "rancher-ports:owner" in tags:
            key = tags["rancher-ports:owner"], tags["rancher-ports:role"]
            assert key not in found, f"two groups for {key}"
            found[key] = group.id
    return found


def rules_of(moment: Moment, groups: Iterable[str]) -> list[ExpectedRule]:
    """The rules that there really are on some groups; a list, since one too many is to be seen."""
    some = set(groups)
    return sorted(
        (rule.group_id, rule.is_egress, rule.protocol, rule.first, rule.last, rule.peer)
        for rule in moment.rules
        if rule.group_id in some
    )


def expected_rules(wish: Wish, groups: Mapping[tuple[str, str], str]) -> list[ExpectedRule]:
    """The rules that there have to be."""
    return sorted({(groups[key], *rest) for key, rest in _rules(wish, groups) if key not in wish.without})


def _rules(
    wish: Wish, groups: Mapping[tuple[str, str], str]
) -> Iterator[tuple[tuple[str, str], tuple[bool, str, int, int, str]]]:
    flows = documented_flows() if wish.one_sided == "documented" else completed_flows()
    for cluster in wish.clusters:
        owners = dict.fromkeys(CLUSTER_ROLES, cluster) | {SERVER: wish.server}
        for flow in flows:
            key = owners[flow.role], flow.role
            what = flow.direction == "egress", flow.protocol, flow.first, flow.last
            if flow.peer in ROLES:
                through_agents = flow.role == SERVER and flow.peer != SERVER and cluster in wish.agents
                peer = (wish.agents[cluster], "agents") if through_agents else (owners[flow.peer], flow.peer)
                yield key, (*what, groups[peer])
                continue
            default = [flow.peer] if flow.peer in GIT_RANCHER_IO else []
            slot = "git_rancher_io" if default else flow.peer
            for value in wish.slots.get(f"{key[0]}.{slot}", wish.slots.get(slot, default)):
                yield key, (*what, value)
    for key, (*ports, other) in wish.own:
        yield key, (*ports, groups[other] if isinstance(other, tuple) else other)  # type: ignore[misc]  # as it says above
    yield from _egress(wish, groups)


def _egress(
    wish: Wish, groups: Mapping[tuple[str, str], str]
) -> Iterator[tuple[tuple[str, str], tuple[bool, str, int, int, str]]]:
    for key in groups:
        if key[1] not in ROLES:
            continue
        for value in wish.registries.get(key[0], ()):
            yield key, (True, "tcp", 443, 443, value)
        if wish.egress_all:
            for everywhere in ("0.0.0.0/0", "::/0"):
                yield key, (True, "-1", -1, -1, everywhere)
