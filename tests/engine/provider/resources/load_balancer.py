"""``aws_lb``, as far as it has groups: Elastic Load Balancing makes it an interface in each subnet."""

from __future__ import annotations

from tests.engine.provider.resources.resource import Resource
from tests.engine.provider.values import UNKNOWN, Values, without_unknown


class LoadBalancer(Resource):
    """A load balancer of any type."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """CreateLoadBalancer, seen from EC2."""
        # Its interfaces say whose they are by their description.
        description = f"ELB {planned['load_balancer_type']}/{planned['name_prefix']}"
        for subnet in planned["subnets"]:
            self.ec2.create_network_interface(
                SubnetId=subnet, Groups=planned["security_groups"] or [], Description=description
            )
        arn = f"arn:aws:elasticloadbalancing:{self.ec2.meta.region_name}:111122223333:loadbalancer/{description[4:]}"
        state = {**planned, "id": arn, "arn": arn, "name": planned["name_prefix"]}
        return self.read(state) or state

    def read(self, state: Values) -> Values | None:
        """DescribeLoadBalancers, seen from EC2."""
        found = self._interfaces(state)
        if not found:
            return None
        groups = sorted(group["GroupId"] for group in found[0]["Groups"])
        return without_unknown({**state, "security_groups": groups})

    def update(self, prior: Values, planned: Values) -> Values:
        """SetSecurityGroups, seen from EC2."""
        if planned["security_groups"] is not UNKNOWN and planned["security_groups"] != prior["security_groups"]:
            for interface in self._interfaces(prior):
                self.ec2.modify_network_interface_attribute(
                    NetworkInterfaceId=interface["NetworkInterfaceId"], Groups=planned["security_groups"]
                )
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """DeleteLoadBalancer, seen from EC2."""
        for interface in self._interfaces(state):
            self.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])

    def _interfaces(self, state: Values) -> list[Values]:
        description = f"ELB {state['arn'].partition(':loadbalancer/')[2]}"
        filters = [{"Name": "description", "Values": [description]}]
        return list(self.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"])  # type: ignore[arg-type]  # plain mappings
