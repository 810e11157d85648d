"""A cluster's groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.security_groups import NodeSecurityGroups, Options
from rancher_ports.cdk.server import RancherServer
from rancher_ports.errors import refuse

if TYPE_CHECKING:
    from cdktf import TerraformProvider


class RancherCluster(NodeSecurityGroups):
    """The security groups of a cluster's etcd, controlplane and worker nodes, and their rules.

    It makes both halves of every rule between the server and itself, so that a cluster can come and
    go without a change to the server.

    Args:
        scope: where it stands, in a stack with an AWS provider.
        id: the construct's id, and the prefix of addresses unless one is given.
        server: the Rancher server that manages the cluster.
        vpc_id: the VPC, possibly unknown until apply; the server's by default.
        server_provider: the provider for rules on the server's group; the server's own by default. Needed
            where the server stands in another stack and has a provider given to it there.
        options: see :class:`rancher_ports.cdk.security_groups.Options`.

    Raises:
        InputError: with every fault in the arguments, before anything is built.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002  # the CDK's word
        *,
        server: RancherServer | RancherPorts,
        vpc_id: str | None = None,
        server_provider: TerraformProvider | None = None,
        **options: Unpack[Options],
    ) -> None:
        if not isinstance(server, (RancherServer, RancherPorts)):
            raise refuse(f"{id}.server", server, "a RancherServer or a RancherPorts")
        super().__init__(
            scope,
            id,
            sides=frozenset({"cluster"}),
            vpc_id=server.vpc_id if vpc_id is None else vpc_id,
            server=server,
            server_provider=server_provider,
            options=options,
        )
