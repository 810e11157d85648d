"""A server and its one cluster."""

from __future__ import annotations

from typing import Unpack

from constructs import Construct

from rancher_ports.cdk.options import Options
from rancher_ports.cdk.planning import Standing
from rancher_ports.cdk.security_groups import NodeSecurityGroups


class RancherPorts(NodeSecurityGroups):
    """The security groups of a Rancher server and of one cluster, and all their rules.

    Further clusters are added with ``RancherCluster(..., server=...)``; the first in another stack adds an output to
    this one's, which :class:`RancherServer` has from the beginning.

    Args:
        scope: where it stands, in a stack with an AWS provider.
        id: the construct's id, and the prefix of addresses unless one is given.
        vpc_id: the VPC, possibly unknown until apply.
        options: see :class:`rancher_ports.cdk.options.Options`.

    Raises:
        InputError: with every fault in the arguments, before anything is built.
    """

    def __init__(self, scope: Construct, id: str, *, vpc_id: str, **options: Unpack[Options]) -> None:  # noqa: A002  # the CDK's word
        standing = Standing(frozenset({"server", "cluster"}))
        super().__init__(scope, id, standing=standing, vpc_id=vpc_id, server=None, options=options)
