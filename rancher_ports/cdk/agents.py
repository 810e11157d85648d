"""A group that the nodes of all clusters in a VPC join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from rancher_ports.cdk.connecting import standing_to
from rancher_ports.cdk.options import Options
from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.security_groups import NodeSecurityGroups
from rancher_ports.cdk.server import RancherServer
from rancher_ports.model.connections import Connection

if TYPE_CHECKING:
    from cdktf import TerraformProvider


class AgentsGroup(NodeSecurityGroups):
    """One security group for the nodes of all clusters in a VPC, and the rules on the server's group for them.

    Without it each cluster adds a rule for each of its roles to the server's group, of which AWS allows 60 for a
    group. It has no rules of its own: what the nodes themselves let in and out, the groups of their roles say.

    Args:
        scope: where it stands, in a stack with an AWS provider.
        id: the construct's id, and the prefix of addresses unless one is given.
        server: the Rancher server that manages the clusters.
        vpc_id: the VPC, possibly unknown until apply; the server's by default, where they are in the same.
        connection: how the VPC and the server reach each other, over which a group can be named; in the same VPC by
            default.
        server_provider: the provider for rules on the server's group, as for a :class:`RancherCluster`.
        options: see :class:`rancher_ports.cdk.options.Options`; without slots and brought groups.

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
        connection: Connection = Connection.same_vpc(),  # noqa: B008  # frozen
        server_provider: TerraformProvider | None = None,
        **options: Unpack[Options],
    ) -> None:
        standing = standing_to(id, server, connection, vpc_id, server_provider, is_agents=True)
        super().__init__(
            scope,
            id,
            standing=standing,
            vpc_id=server.vpc_id if vpc_id is None else vpc_id,
            server=server,
            server_provider=server_provider,
            options=options,
        )
        self.server = server
        # As the server's own: clusters that join it from other stacks come and go.
        self._share()
