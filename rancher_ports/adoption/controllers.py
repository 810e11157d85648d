"""Rules that Kubernetes' controllers for load balancers make on the groups of nodes, and take away again.

Sources: Kubernetes documentation, Service, "Network Load Balancer support on AWS" (descriptions of rules for client
traffic, health checks and MTU discovery); cloud-provider-aws, pkg/providers/v1 (``k8s-elb-``, a classic load balancer's
own group); AWS Load Balancer Controller, pkg/networking and its migration guide (``elbv2.k8s.aws/targetGroupBinding``).
"""

from __future__ import annotations

from collections.abc import Iterable

from rancher_ports.model.peers import PeerKind
from rancher_ports.readers.described import DescribedGroup, DescribedRule

_RULES = ("kubernetes.io/rule/nlb/", "elbv2.k8s.aws/")
_GROUP_NAMES = ("k8s-elb-",)
_GROUP_TAGS = ("elbv2.k8s.aws/", "service.k8s.aws/", "ingress.k8s.aws/")


def is_controllers(rule: DescribedRule, group: DescribedGroup, groups: Iterable[DescribedGroup]) -> bool:
    """Whether a rule is one of theirs, by its description or by the group at its other end.

    Args:
        rule: a rule of a node's group.
        group: that group.
        groups: all groups that are known.
    """
    if rule.identity.direction != "ingress":
        return False
    if rule.description.startswith(_RULES):
        return True
    peer = rule.identity.peer
    if rule.identity.kind is not PeerKind.GROUP or peer == group.id:
        return False
    return any(_is_load_balancers(other) for other in groups if other.id == peer)


def _is_load_balancers(group: DescribedGroup) -> bool:
    return group.name.startswith(_GROUP_NAMES) or any(key.startswith(_GROUP_TAGS) for key in group.tags)
