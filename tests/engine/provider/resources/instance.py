"""``aws_instance``, as far as it has groups: what they are attached to decides who is cut off."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.engine.provider.resources.resource import Resource, as_tags, error_code, from_tags
from tests.engine.provider.values import UNKNOWN, Values, without_unknown


class Instance(Resource):
    """An instance with one network interface."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """RunInstances."""
        request = {"ImageId": planned["ami"], "InstanceType": planned["instance_type"], "MinCount": 1, "MaxCount": 1}
        if planned["vpc_security_group_ids"] not in (None, UNKNOWN):
            request["SecurityGroupIds"] = planned["vpc_security_group_ids"]
        if planned["tags_all"]:
            request["TagSpecifications"] = [{"ResourceType": "instance", "Tags": as_tags(planned["tags_all"])}]
        instance = self.ec2.run_instances(**request)["Instances"][0]
        return self.read({**planned, "id": instance["InstanceId"]}) or planned

    def read(self, state: Values) -> Values | None:
        """DescribeInstances; what nobody here asks about stays null."""
        try:
            (reservation,) = self.ec2.describe_instances(InstanceIds=[state["id"]])["Reservations"]
        except ClientError as error:
            if error_code(error) == "InvalidInstanceID.NotFound":
                return None
            raise
        (instance,) = reservation["Instances"]
        tags, region = from_tags(instance.get("Tags", [])), self.ec2.meta.region_name
        groups = sorted(group["GroupId"] for group in instance["SecurityGroups"])
        known = {
            "arn": f"arn:aws:ec2:{region}:{reservation['OwnerId']}:instance/{instance['InstanceId']}",
            "instance_state": instance["State"]["Name"],
            "region": region,
            "tags": tags or (None if state.get("tags") is None else {}),
            "tags_all": tags,
            "vpc_security_group_ids": groups,
        }
        return without_unknown({**state, **known})

    def update(self, prior: Values, planned: Values) -> Values:
        """ModifyInstanceAttribute, all groups in one step; then tags."""
        groups = sorted(planned["vpc_security_group_ids"])
        if groups != sorted(prior["vpc_security_group_ids"]):
            self.ec2.modify_instance_attribute(InstanceId=planned["id"], Groups=groups)
        self.retag(planned["id"], prior, planned)
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """TerminateInstances."""
        try:
            self.ec2.terminate_instances(InstanceIds=[state["id"]])
        except ClientError as error:
            if error_code(error) != "InvalidInstanceID.NotFound":
                raise
