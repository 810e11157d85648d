"""``aws_launch_template`` and ``aws_autoscaling_group``, as far as the instances that come of them have groups."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tests.engine.provider.resources.resource import Resource, as_tags, error_code
from tests.engine.provider.values import UNKNOWN, Values, without_unknown


class LaunchTemplate(Resource):
    """A launch template; the bindings' ``vpc_security_group_ids`` alone are of interest."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """CreateLaunchTemplate."""
        name = f"{planned['name_prefix']}1"
        made = self.ec2.create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData={"SecurityGroupIds": planned["vpc_security_group_ids"] or []}
        )["LaunchTemplate"]
        state = {**planned, "id": made["LaunchTemplateId"], "name": name}
        return self.read(state) or state

    def read(self, state: Values) -> Values | None:
        """DescribeLaunchTemplateVersions."""
        try:
            (version,) = self.ec2.describe_launch_template_versions(LaunchTemplateId=state["id"], Versions=["$Latest"])[
                "LaunchTemplateVersions"
            ]
        except ClientError as error:
            if error_code(error) == "InvalidLaunchTemplateId.NotFound":
                return None
            raise
        known = {
            "vpc_security_group_ids": sorted(version["LaunchTemplateData"].get("SecurityGroupIds", [])),
            "latest_version": version["VersionNumber"],
            "default_version": 1,
        }
        return without_unknown({**state, **known})

    def update(self, prior: Values, planned: Values) -> Values:
        """CreateLaunchTemplateVersion."""
        if planned["vpc_security_group_ids"] not in (UNKNOWN, prior["vpc_security_group_ids"]):
            data = {"SecurityGroupIds": planned["vpc_security_group_ids"]}
            self.ec2.create_launch_template_version(LaunchTemplateId=planned["id"], LaunchTemplateData=data)  # type: ignore[arg-type]  # plain mappings
        return self.read(planned) or planned

    def delete(self, state: Values) -> None:
        """DeleteLaunchTemplate."""
        self.ec2.delete_launch_template(LaunchTemplateId=state["id"])


class AutoScalingGroup(Resource):
    """A group of as many instances as it shall have."""

    legacy = True

    def create(self, planned: Values) -> Values:
        """CreateAutoScalingGroup, seen from EC2."""
        name = f"{planned['name_prefix']}1"
        (template,) = planned["launch_template"]
        count = planned["desired_capacity"]
        self.ec2.run_instances(
            LaunchTemplate={"LaunchTemplateId": template["id"], "Version": template["version"]},
            MinCount=count,
            MaxCount=count,
            TagSpecifications=[{"ResourceType": "instance", "Tags": as_tags({"Name": name})}],
        )
        return without_unknown({**planned, "id": name, "name": name})

    def read(self, state: Values) -> Values | None:
        """DescribeAutoScalingGroups, seen from EC2: gone where it has no instances."""
        return state if self._instances(state) else None

    def update(self, prior: Values, planned: Values) -> Values:
        """UpdateAutoScalingGroup: instances that are there keep what they were made with."""
        del prior
        return without_unknown(planned)

    def delete(self, state: Values) -> None:
        """DeleteAutoScalingGroup with its instances."""
        self.ec2.terminate_instances(InstanceIds=self._instances(state))

    def _instances(self, state: Values) -> list[str]:
        found = self.ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [state["id"]]}])["Reservations"]
        return [instance["InstanceId"] for reservation in found for instance in reservation["Instances"]]
