"""What a cluster and an agents group have in common: they reach a server that another construct made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rancher_ports.cdk.planning import Standing
from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.server import RancherServer
from rancher_ports.errors import Faults
from rancher_ports.model.connections import Connection, ConnectionKind
from rancher_ports.model.roles import GroupKey

if TYPE_CHECKING:
    from cdktf import TerraformProvider


def standing_to(
    id_: str,
    server: object,
    connection: object,
    vpc_id: str | None,
    server_provider: TerraformProvider | None,
    *,
    agents: GroupKey | None = None,
    is_agents: bool = False,
) -> Standing:
    """How a construct stands to its server, and its VPC.

    Args:
        id_: the construct's id.
        server: what the user gave.
        connection: what the user gave.
        vpc_id: what the user gave.
        server_provider: what the user gave.
        agents: the agents group that its nodes join, if they join one.
        is_agents: whether it is one.

    Raises:
        InputError: with every fault in them.
    """
    faults = Faults()
    if not isinstance(server, (RancherServer, RancherPorts)):
        faults.add(f"{id_}.server", server, "a RancherServer or a RancherPorts")
    if not isinstance(connection, Connection):
        faults.add(f"{id_}.connection", connection, "a connection such as Connection.peering()")
    if not isinstance(server, (RancherServer, RancherPorts)) or not isinstance(connection, Connection):
        raise faults.error()
    if vpc_id is None and connection.kind is not ConnectionKind.SAME_VPC:
        faults.missing(f"{id_}.vpc_id", f"the cluster's VPC, which is not the server's ({connection.kind})")
    if (agents is not None or is_agents) and not connection.names_group("ingress"):
        allowed = "one over which rules on the server's group can name an agents group"
        faults.add(f"{id_}.connection", str(connection.kind), allowed)
    if connection.cluster_account is not None and server_provider is None and agents is None:
        # The rules on the server's group stand in its account.
        faults.missing(f"{id_}.server_provider", "a provider for the server's account, which is another one")
    faults.raise_any()
    return Standing(
        frozenset({"cluster"}),
        server._deployment.bindings["rancher"],
        connection,
        agents=agents,
        is_agents=is_agents,
    )
