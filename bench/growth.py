"""Apps that grow: many clusters, one stack each; or one stack with many rules."""

from rancher_ports import lazy_providers

lazy_providers.enable()

import sys
from collections.abc import Callable

from bench.bindings import AwsProvider
from bench.cdk import App, LocalBackend, TerraformStack
from rancher_ports import Peer
from rancher_ports.cdk import RancherCluster, RancherPorts, RancherServer

_VPC = "vpc-0123456789abcdef0"


def build_clusters(app: App, count: int) -> int:
    """A Rancher server in a stack of its own, and clusters in one each.

    Returns:
        The number of rules in all stacks.
    """
    server = RancherServer(_stack(app, "server"), "central", vpc_id=_VPC)
    clusters = [RancherCluster(_stack(app, f"cluster-{n}"), f"cluster-{n}", server=server) for n in range(1, count + 1)]
    return sum(len(part.rules.rules) for part in (server, *clusters))


def build_rules(app: App, peers: int) -> int:
    """A server and its cluster in one stack, with many peers by CIDR in one slot.

    Returns:
        The number of rules.
    """
    blocks = [Peer.cidr(f"client-{n}", f"10.{n // 256}.{n % 256}.0/24") for n in range(peers)]
    return len(
        RancherPorts(_stack(app, "rules"), "rancher", vpc_id=_VPC, slots={"nodeport_clients": blocks}).rules.rules
    )


def _stack(app: App, name: str) -> TerraformStack:
    stack = TerraformStack(app, name)
    LocalBackend(stack, path=f"../../../terraform.{name}.tfstate")
    AwsProvider(stack, "aws", region="us-east-1")
    return stack


_BUILDERS: dict[str, Callable[[App, int], int]] = {"clusters": build_clusters, "peers": build_rules}


def main(what: str, count: int, expected: int) -> None:
    """Synthesize, and say so where the number of rules is not what it should be.

    Args:
        what: what there are many of, ``clusters`` or ``peers``.
        count: how many.
        expected: how many rules that comes to.
    """
    app = App(stack_traces=False)
    found = _BUILDERS[what](app, count)
    if found != expected:
        sys.exit(f"{found} rules for {count} {what}, and not {expected}")
    app.synth()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
