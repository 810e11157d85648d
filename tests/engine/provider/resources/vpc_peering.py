"""``aws_vpc_peering_connection`` within one account and region, accepted at once."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.engine.provider.resources.resource import Resource, error_code
from tests.engine.provider.values import Values, without_unknown


class VpcPeering(Resource):
    """A connection of two VPCs."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """CreateVpcPeeringConnection, and AcceptVpcPeeringConnection with ``auto_accept``."""
        made = self.ec2.create_vpc_peering_connection(VpcId=planned["vpc_id"], PeerVpcId=planned["peer_vpc_id"])
        id_ = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        if planned["auto_accept"]:
            self.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=id_)
        state = {**planned, "id": id_}
        return self.read(state) or state

    def read(self, state: Values) -> Values | None:
        """DescribeVpcPeeringConnections."""
        try:
            (found,) = self.ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[state["id"]])[
                "VpcPeeringConnections"
            ]
        except ClientError as error:
            if error_code(error) == "InvalidVpcPeeringConnectionID.NotFound":
                return None
            raise
        return without_unknown({**state, "accept_status": found["Status"]["Code"]})

    def update(self, prior: Values, planned: Values) -> Values:
        """Nothing that can be changed is of interest."""
        del prior
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """DeleteVpcPeeringConnection."""
        self.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=state["id"])
