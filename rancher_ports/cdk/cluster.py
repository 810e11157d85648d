"""A cluster's groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from constructs import Construct

from rancher_ports.cdk.agents import AgentsGroup
from rancher_ports.cdk.connecting import standing_to
from rancher_ports.cdk.options import Options
from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.security_groups import NodeSecurityGroups
from rancher_ports.cdk.server import RancherServer
from rancher_ports.errors import refuse
from rancher_ports.model.connections import Connection
from rancher_ports.model.ids import is_known
from rancher_ports.model.roles import AGENTS

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
        vpc_id: the VPC, possibly unknown until apply; the server's by default, where they are in the same.
        connection: how the cluster and the server reach each other; in the same VPC by default.
        agents: the group that all nodes of clusters in this VPC join. It has the rules on the server's group for all
            of them, so that this cluster adds none.
        server_provider: the provider for rules on the server's group; the server's own by default. Needed
            where the server stands in another stack and has a provider given to it there, and where it is in
            another account or region.
        options: see :class:`rancher_ports.cdk.options.Options`.

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
        agents: AgentsGroup | None = None,
        server_provider: TerraformProvider | None = None,
        **options: Unpack[Options],
    ) -> None:
        if agents is not None and not isinstance(agents, AgentsGroup):
            raise refuse(f"{id}.agents", agents, "an AgentsGroup")
        joined = None if agents is None else agents.peer(AGENTS).key
        standing = standing_to(id, server, connection, vpc_id, server_provider, agents=joined)
        vpc_id = server.vpc_id if vpc_id is None else vpc_id
        if agents is not None:
            if agents.server is not server:
                raise refuse(f"{id}.agents", agents.node.path, f"an agents group of {server.node.path}")
            if is_known(str(vpc_id)) and is_known(agents.vpc_id) and vpc_id != agents.vpc_id:
                allowed = f"an agents group of this cluster's VPC, {vpc_id} (it is one of {agents.vpc_id})"
                raise refuse(f"{id}.agents", agents.node.path, allowed)
        super().__init__(
            scope,
            id,
            standing=standing,
            vpc_id=vpc_id,
            server=server,
            server_provider=server_provider,
            agents=agents,
            options=options,
        )
        # Own rules of clusters in other stacks name these groups, and come and go.
        self._share()
