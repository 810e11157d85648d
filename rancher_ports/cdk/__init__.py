"""The constructs: security groups of Rancher nodes in a CDKTF stack.

Needs ``cdktf``, ``constructs`` and ``cdktf-cdktf-provider-aws``: ``pip install "rancher-ports[cdktf]"``.
"""

import importlib.util

if importlib.util.find_spec("cdktf") is None:
    raise ImportError('rancher_ports.cdk needs the CDK: pip install "rancher-ports[cdktf]"', name="cdktf")

from rancher_ports.cdk.cluster import RancherCluster
from rancher_ports.cdk.ports import RancherPorts
from rancher_ports.cdk.server import RancherServer
from rancher_ports.cdk.stack import RancherPortsStack

__all__ = ["RancherCluster", "RancherPorts", "RancherPortsStack", "RancherServer"]
