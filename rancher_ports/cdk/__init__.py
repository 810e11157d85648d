"""The constructs: security groups of Rancher nodes in a stack of CDKTF, or of its successor CDK Terrain.

Needs the packages of one of them: ``pip install "rancher-ports[cdktf]"`` or ``"rancher-ports[cdktn]"``.
"""

from rancher_ports.cdk.flavours import installed

# Before anything is imported that needs one: it says what to install.
installed()

from rancher_ports.cdk.agents import AgentsGroup
from rancher_ports.cdk.cluster import RancherCluster
from rancher_ports.cdk.filling import fill_stack
from rancher_ports.cdk.module import RancherPortsModule
from rancher_ports.cdk.node_pool import NodePool
from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.role_peer import RolePeer
from rancher_ports.cdk.server import RancherServer
from rancher_ports.model.connections import Connection
from rancher_ports.model.quotas import Quotas

__all__ = [
    "AgentsGroup",
    "Connection",
    "NodePool",
    "Quotas",
    "RancherCluster",
    "RancherPorts",
    "RancherPortsModule",
    "RancherServer",
    "RolePeer",
    "fill_stack",
    "installed",
]
