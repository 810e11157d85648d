"""What a construct refers to: other constructs, their stacks, and providers. Checked before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from constructs import Construct

from rancher_ports.cdk.flavours import Flavour, stack_of
from rancher_ports.cdk.neighbours import check_same_app, neighbours
from rancher_ports.cdk.planning import Plan
from rancher_ports.cdk.role_peer import RolePeer
from rancher_ports.errors import Faults, refuse
from rancher_ports.model.roles import GroupKey

if TYPE_CHECKING:
    from cdktf import TerraformProvider, TerraformStack

    from rancher_ports.cdk.security_groups import NodeSecurityGroups


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a construct was given besides values.

    Args:
        server: who made the rancher group, where the construct does not.
        agents: the agents group that its nodes join.
        provider: its provider, where it is not the stack's default one.
        server_provider: the provider for rules on the server's group, where it is not the server's own.
    """

    server: NodeSecurityGroups | None = None
    agents: NodeSecurityGroups | None = None
    provider: TerraformProvider | None = None
    server_provider: TerraformProvider | None = None

    @property
    def others(self) -> dict[str, NodeSecurityGroups]:
        """The other constructs, by argument."""
        given = (("server", self.server), ("agents", self.agents))
        return {argument: other for argument, other in given if other is not None}

    def check(self, scope: Construct, id_: str, made: Plan) -> tuple[TerraformStack, Flavour]:
        """Refuse what would end in a stack trace of the CDK, in a broken stack, or in a rule that AWS refuses.

        Args:
            scope: where the construct is to stand.
            id_: its id.
            made: what it is to build.

        Returns:
            The stack in which it stands, and its flavour.

        Raises:
            InputError: with the faults found first.
        """
        stack, flavour = stack_of(scope, id_)
        if scope.node.try_find_child(id_) is not None:
            raise refuse(f"{id_}.id", id_, f"an id that nothing else in {scope.node.path} has")
        providers = {"provider": self.provider, "server_provider": self.server_provider}
        faults = Faults()
        _check_flavours(id_, flavour, self.others, faults)
        _check_providers(id_, stack, flavour, providers, faults)
        faults.raise_any()
        _check_stacks(stack, {f"{id_}.{argument}": other._stack for argument, other in self.others.items()})
        check_role_peers(stack, made.role_peers, f"{id_}.slots")
        neighbours(stack).check_brought(made.own, f"{id_}.groups")
        return stack, flavour

    def note(self, stack: TerraformStack, made: Plan, path: str) -> None:
        """Note it all, for the constructs that come after.

        Args:
            stack: where the construct stands.
            made: what it is to build.
            path: its path.
        """
        around = neighbours(stack)
        around.bring(made.own, path)
        waits_for = [*self.others.values(), *(peer.construct for peer in made.role_peers.values())]
        around.come_after(stack, [other._stack for other in waits_for])

    def server_providers(self, id_: str, stack: TerraformStack) -> dict[GroupKey, TerraformProvider | None]:
        """The provider for rules on each of the server's groups.

        Raises:
            InputError: the server's own stands in another stack, and none was given.
        """
        if self.server is None:
            return {}
        own = self.server._providers
        if self.server_provider is not None:
            return dict.fromkeys(own, self.server_provider)
        if any(own.values()) and self.server._stack is not stack and self.agents is None:
            allowed = "a provider of this stack for the rules on the server's group, which has a provider of its own"
            raise refuse(f"{id_}.server_provider", None, f"{allowed} in another stack")
        return dict(own)


def _check_flavours(id_: str, flavour: Flavour, others: Mapping[str, NodeSecurityGroups], faults: Faults) -> None:
    """Note what stands in a stack of the other flavour: the CDK would fail at synthesis, or in a type check."""
    for argument, other in others.items():
        if other._flavour is not flavour:
            faults.add(f"{id_}.{argument}", other.node.path, f"one in a stack of {flavour.name}, as this one is")


def _check_providers(
    id_: str,
    stack: TerraformStack,
    flavour: Flavour,
    providers: Mapping[str, TerraformProvider | None],
    faults: Faults,
) -> None:
    """Note what is no provider of the stack: the JSON would name one that is not in it."""
    for argument, provider in providers.items():
        place = f"{id_}.{argument}"
        if provider is None:
            continue
        if not isinstance(provider, flavour.cdk.TerraformProvider):
            faults.add(place, type(provider).__qualname__, f"an AwsProvider of {flavour.bindings}")
        elif stack_of(provider, place)[0] is not stack:
            faults.add(place, provider.node.path, f"a provider that stands in this stack, {stack.node.path}")


def check_role_peers(stack: TerraformStack, peers: Mapping[GroupKey, RolePeer], place: str) -> None:
    """Refuse other constructs' roles to which rules cannot refer.

    Args:
        stack: the stack whose rules name them.
        peers: the roles by their groups.
        place: where they were given.

    Raises:
        InputError: one stands in another app, or in a stack that waits for this one.
    """
    _check_stacks(stack, {f"{place}.{peer.peer().name}": peer.construct._stack for peer in peers.values()})


def _check_stacks(stack: TerraformStack, others: Mapping[str, TerraformStack]) -> None:
    for place, other in others.items():
        check_same_app(stack, other, place)
    neighbours(stack).check_after(stack, others)
