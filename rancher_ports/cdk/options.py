"""What all constructs take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, TypedDict

from rancher_ports.cdk.role_peer import RolePeer
from rancher_ports.model.adopting import AdoptedGroup
from rancher_ports.model.bindings import BroughtGroup
from rancher_ports.model.migration import MigratingFrom
from rancher_ports.model.peers import Peer
from rancher_ports.model.quotas import Quotas

if TYPE_CHECKING:
    from cdktf import TerraformProvider


class WithId(Protocol):
    """A construct of a security group: a resource or a data source."""

    @property
    def id(self) -> str:
        """Its id, as a token."""


class Options(TypedDict, total=False):
    """Keyword arguments that all constructs take; each may be left out.

    Args:
        prefix: begins every address, ``[a-z][a-z0-9-]*``; the construct's id by default.
        group_name_prefix: begins the AWS names of the groups; the prefix by default. Changing it
            replaces the groups.
        moved_from: the prefix that addresses began with before, or several, newest first: resources at
            such addresses move. With them goes the old prefix as ``group_name_prefix``, if it was not set.
        distribution: whose documented ports; ``rke1`` by default.
        features: names of the distribution's features to switch on.
        cni: the container network; the distribution's usual one by default.
        one_sided: ``completed`` (default) adds the missing half of each flow between roles that only
            one end documents; ``documented`` emits the table as it is.
        egress: ``documented`` (default), or ``all``, which adds all egress.
        migrating_from: the distribution and the container network from which nodes migrate, while they do: what those
            need stays open beside what is chosen here. See :class:`rancher_ports.model.migration.MigratingFrom`.
        slots: by slot, the peers in it.
        groups: by role, the group that exists already and takes the place of one of ours: a
            :class:`rancher_ports.BroughtGroup`, or an id or a construct, which get no rules of ours.
        adopted: by role, and for ``nodes``, the group that exists already and becomes ours, with an ``import`` block: a
            :class:`rancher_ports.AdoptedGroup`. ``rancher-ports adopt`` writes both.
        peers: peers that may or may not stand in a slot; those without a rule become a finding.
        kubernetes_cluster: the cluster's name as AWS's cloud controller knows it. It adds a group ``nodes``, for every
            node of the cluster, which alone carries the tag ``kubernetes.io/cluster/<name>``: the controller fails
            where two groups of a node have it, and adds rules of its own to the one that has. Not for a server alone.
        quotas: how many rules and groups AWS allows the account; its defaults by default.
        tags: tags for every resource, besides ours.
        prevent_destroy: whether Terraform refuses to destroy the groups.
        revoke_rules_on_delete: whether a group's rules are revoked before it is deleted.
        provider: the AWS provider, where it is not the stack's default one.
    """

    prefix: str | None
    group_name_prefix: str | None
    moved_from: str | Iterable[str]
    distribution: str
    features: Iterable[str]
    cni: str | None
    one_sided: str
    egress: str
    migrating_from: MigratingFrom | None
    slots: Mapping[str, Iterable[Peer | RolePeer]]
    groups: Mapping[str, BroughtGroup | WithId | str]
    adopted: Mapping[str, AdoptedGroup]
    peers: Iterable[Peer | RolePeer]
    kubernetes_cluster: str | None
    quotas: Quotas
    tags: Mapping[str, str]
    prevent_destroy: bool
    revoke_rules_on_delete: bool
    provider: TerraformProvider | None
