"""The Rancher server's group."""

from __future__ import annotations

from typing import Unpack

from constructs import Construct

from rancher_ports.cdk.options import Options
from rancher_ports.cdk.planning import Standing
from rancher_ports.cdk.security_groups import NodeSecurityGroups


class RancherServer(NodeSecurityGroups):
    """The security group of rancher nodes, and its rules with peers outside the clusters.

    Rules between a server and a cluster are the cluster's: see :class:`RancherCluster`. Clusters in whatever stack
    come and go without a change to this one's.

    Args:
        scope: where it stands, in a stack with an AWS provider.
        id: the construct's id, and the prefix of addresses unless one is given.
        vpc_id: the VPC, possibly unknown until apply.
        options: see :class:`rancher_ports.cdk.options.Options`.

    Raises:
        InputError: with every fault in the arguments, before anything is built.
    """

    def __init__(self, scope: Construct, id: str, *, vpc_id: str, **options: Unpack[Options]) -> None:  # noqa: A002  # the CDK's word
        standing = Standing(frozenset({"server"}))
        super().__init__(scope, id, standing=standing, vpc_id=vpc_id, server=None, options=options)
        # Or the first cluster in another stack would add outputs to this one's, and the last would take them away.
        self._share()
