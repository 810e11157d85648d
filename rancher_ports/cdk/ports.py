"""A server and its one cluster."""

from __future__ import annotations

from typing import Unpack

from constructs import Construct

from rancher_ports.cdk.security_groups import NodeSecurityGroups, Options


class RancherPorts(NodeSecurityGroups):
    """The security groups of a Rancher server and of one cluster, and all their rules.

    Further clusters are added with ``RancherCluster(..., server=...)``.

    Args:
        scope: where it stands, in a stack with an AWS provider.
        id: the construct's id, and the prefix of addresses unless one is given.
        vpc_id: the VPC, possibly unknown until apply.
        options: see :class:`rancher_ports.cdk.security_groups.Options`.

    Raises:
        InputError: with every fault in the arguments, before anything is built.
    """

    def __init__(self, scope: Construct, id: str, *, vpc_id: str, **options: Unpack[Options]) -> None:  # noqa: A002  # the CDK's word
        super().__init__(scope, id, sides=frozenset({"server", "cluster"}), vpc_id=vpc_id, server=None, options=options)
