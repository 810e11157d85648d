"""The ports of a Rancher cluster on AWS, as security groups.

The constructs are in :mod:`rancher_ports.cdk`, which needs the CDK; everything else does not.
"""

from rancher_ports.errors import Fault, InputError
from rancher_ports.model.adopting import AdoptedGroup, KeptRule
from rancher_ports.model.bindings import BroughtGroup
from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import Peer
from rancher_ports.model.ports import Port

__all__ = ["AdoptedGroup", "BroughtGroup", "Fault", "Finding", "InputError", "KeptRule", "Peer", "Port"]
