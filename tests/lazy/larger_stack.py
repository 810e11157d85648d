"""A user's larger stack: forty kinds of resources and data of the AWS provider, and ours among them.

``python -m tests.lazy.larger_stack FOLDER`` writes the stack into that folder, and beside it, in
``seen.json``, what else was to be seen.
``--eager`` leaves out the call that this is about.
"""

from __future__ import annotations

import sys

from rancher_ports import lazy_providers

if "--eager" not in sys.argv:
    lazy_providers.enable()

import importlib
import json
import zipfile
from pathlib import Path
from typing import Any

import jsii

from tests.lazy.flavours import AWS, CDK, RANDOM

cdk: Any = importlib.import_module(CDK)
aws: Any = importlib.import_module(AWS)
# One by its attribute, one by import, as users do.
random: Any = importlib.import_module(f"{RANDOM}.string_resource")
random_provider: Any = importlib.import_module(f"{RANDOM}.provider")


@jsii.implements(cdk.IAspect)
class Tagging:
    """Tags everything that takes tags."""

    def __init__(self) -> None:
        self.visited: list[str] = []

    def visit(self, node: Any) -> None:
        """Tag one, and note that it came by."""
        self.visited.append(f"{node.node.path}: {type(node).__name__}")
        if isinstance(node, cdk.TerraformResource) and hasattr(node, "tags_input"):
            node.tags = {**(node.tags_input or {}), "team": "platform"}


def network(stack: Any) -> dict[str, Any]:
    """A network: iterators, lifecycle, blocks as structs and as dictionaries."""
    vpc = aws.vpc.Vpc(stack, "vpc", cidr_block="10.20.0.0/16", enable_dns_hostnames=True, tags={"Name": "larger"})
    zones = cdk.TerraformIterator.from_map({"a": {"cidr": "10.20.1.0/24"}, "b": {"cidr": "10.20.2.0/24"}})
    subnet = aws.subnet.Subnet(
        stack,
        "subnet",
        for_each=zones,
        vpc_id=vpc.id,
        cidr_block=zones.get_string("cidr"),
        lifecycle=cdk.TerraformResourceLifecycle(create_before_destroy=True, ignore_changes=["tags"]),
        timeouts=aws.subnet.SubnetTimeouts(create="10m"),
    )
    gateway = aws.internet_gateway.InternetGateway(stack, "gateway", vpc_id=vpc.id)
    address = aws.eip.Eip(stack, "address", domain="vpc", depends_on=[gateway])
    nat = aws.nat_gateway.NatGateway(stack, "nat", allocation_id=address.id, subnet_id='${aws_subnet.subnet["a"].id}')
    routes = aws.route_table.RouteTable(
        stack,
        "routes",
        vpc_id=vpc.id,
        route=[
            aws.route_table.RouteTableRoute(cidr_block="0.0.0.0/0", gateway_id=gateway.id),
            {"cidrBlock": "10.99.0.0/16", "natGatewayId": nat.id},
        ],
    )
    aws.route_table_association.RouteTableAssociation(
        stack, "association", route_table_id=routes.id, subnet_id='${aws_subnet.subnet["b"].id}'
    )
    group = aws.security_group.SecurityGroup(
        stack,
        "group",
        vpc_id=vpc.id,
        ingress=[aws.security_group.SecurityGroupIngress(from_port=443, to_port=443, protocol="tcp")],
        # In a list, jsii takes the keys of a dictionary by their names in JavaScript.
        egress=[{"fromPort": 0, "toPort": 0, "protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}],
    )
    group.override_logical_id("the_group")
    aws.route53_zone.Route53Zone(
        stack, "zone", name="larger.internal", vpc=[aws.route53_zone.Route53ZoneVpc(vpc_id=vpc.id)]
    )
    return {"vpc": vpc, "subnet": subnet, "group": group}


def machines(stack: Any, network: dict[str, Any]) -> Any:
    """Machines and what stands in front of them: nested blocks, data, an override, a move, an import."""
    images = aws.data_aws_ami.DataAwsAmi(
        stack,
        "image",
        owners=["amazon"],
        most_recent=True,
        filter=[aws.data_aws_ami.DataAwsAmiFilter(name="name", values=["al2023-*"])],
    )
    zones = aws.data_aws_availability_zones.DataAwsAvailabilityZones(stack, "zones", state="available")
    instance = aws.instance.Instance(
        stack,
        "instance",
        ami=images.id,
        instance_type="t3.large",
        availability_zone=cdk.Fn.element(zones.names, 0),
        vpc_security_group_ids=[network["group"].id],
        root_block_device=aws.instance.InstanceRootBlockDevice(volume_size=20, encrypted=True),
        metadata_options={"http_tokens": "required"},
        user_data=cdk.Fn.base64encode(f"#!/bin/sh\necho {network['vpc'].id}\n"),
    )
    instance.add_override("credit_specification.cpu_credits", "unlimited")
    instance.move_from_id("aws_instance.former")
    template = aws.launch_template.LaunchTemplate(
        stack,
        "template",
        image_id=images.id,
        instance_type="t3.large",
        block_device_mappings=[
            aws.launch_template.LaunchTemplateBlockDeviceMappings(
                device_name="/dev/xvda",
                ebs=aws.launch_template.LaunchTemplateBlockDeviceMappingsEbs(volume_size=20, encrypted="true"),
            )
        ],
    )
    group = aws.autoscaling_group.AutoscalingGroup(
        stack,
        "autoscaling",
        max_size=3,
        min_size=1,
        vpc_zone_identifier=['${aws_subnet.subnet["a"].id}'],
        launch_template={"id": template.id, "version": "$Latest"},
        tag=[aws.autoscaling_group.AutoscalingGroupTag(key="Name", value="scaled", propagate_at_launch=True)],
    )
    balancer = aws.lb.Lb(stack, "balancer", load_balancer_type="network", subnets=['${aws_subnet.subnet["a"].id}'])
    target = aws.lb_target_group.LbTargetGroup(
        stack,
        "target",
        port=443,
        protocol="TCP",
        vpc_id=network["vpc"].id,
        health_check=aws.lb_target_group.LbTargetGroupHealthCheck(protocol="TCP", interval=10),
    )
    aws.lb_listener.LbListener(
        stack,
        "listener",
        load_balancer_arn=balancer.arn,
        port=443,
        protocol="TCP",
        default_action=[
            aws.lb_listener.LbListenerDefaultAction(
                type="forward",
                forward={"target_group": [{"arn": target.arn, "weight": 1}], "stickiness": {"duration": 60}},
            )
        ],
    )
    aws.lb_target_group_attachment.LbTargetGroupAttachment(
        stack, "attachment", target_group_arn=target.arn, target_id=instance.id, depends_on=[group]
    )
    key = aws.key_pair.KeyPair(stack, "key", public_key="ssh-ed25519 AAAA")
    key.import_from("larger-key")
    return instance


def services(stack: Any, abroad: Any) -> None:
    """A little of many services, some of it with another provider."""
    key = aws.kms_key.KmsKey(stack, "encryption", enable_key_rotation=True, provider=abroad)
    aws.kms_alias.KmsAlias(stack, "alias", name="alias/larger", target_key_id=key.key_id, provider=abroad)
    bucket = aws.s3_bucket.S3Bucket(stack, "bucket", bucket_prefix="larger-", force_destroy=False)
    aws.s3_bucket_versioning.S3BucketVersioningA(
        stack, "versioning", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
    )
    policy = aws.data_aws_iam_policy_document.DataAwsIamPolicyDocument(
        stack,
        "assume",
        statement=[
            aws.data_aws_iam_policy_document.DataAwsIamPolicyDocumentStatement(
                actions=["sts:AssumeRole"], principals=[{"type": "Service", "identifiers": ["lambda.amazonaws.com"]}]
            )
        ],
    )
    role = aws.iam_role.IamRole(stack, "role", assume_role_policy=policy.json)
    policies = cdk.TerraformIterator.from_list(["arn:aws:iam::aws:policy/ReadOnlyAccess"])
    aws.iam_role_policy_attachment.IamRolePolicyAttachment(
        stack, "policy", for_each=policies, role=role.name, policy_arn=cdk.Token.as_string(policies.value)
    )
    queue = aws.sqs_queue.SqsQueue(stack, "queue", fifo_queue=True, redrive_policy=cdk.Fn.jsonencode({"a": bucket.arn}))
    topic = aws.sns_topic.SnsTopic(stack, "topic", name_prefix="larger-")
    aws.sns_topic_subscription.SnsTopicSubscription(
        stack, "subscription", topic_arn=topic.arn, protocol="sqs", endpoint=queue.arn
    )
    aws.dynamodb_table.DynamodbTable(
        stack,
        "table",
        name="larger",
        hash_key="id",
        billing_mode="PAY_PER_REQUEST",
        attribute=[aws.dynamodb_table.DynamodbTableAttribute(name="id", type="S"), {"name": "at", "type": "N"}],
        global_secondary_index=[{"name": "by_time", "hashKey": "at", "projectionType": "ALL"}],
    )
    function = aws.lambda_function.LambdaFunction(
        stack,
        "function",
        function_name="larger",
        role=role.arn,
        handler="index.handler",
        runtime="python3.12",
        filename="function.zip",
        environment=aws.lambda_function.LambdaFunctionEnvironment(variables={"QUEUE": queue.url}),
    )
    rule = aws.cloudwatch_event_rule.CloudwatchEventRule(stack, "schedule", schedule_expression="rate(1 hour)")
    aws.cloudwatch_event_target.CloudwatchEventTarget(stack, "event", rule=rule.name, arn=function.arn)
    aws.cloudwatch_log_group.CloudwatchLogGroup(stack, "logs", name="/larger", retention_in_days=30)
    aws.cloudwatch_metric_alarm.CloudwatchMetricAlarm(
        stack,
        "alarm",
        alarm_name="larger",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        threshold=1,
        metric_query=[{"id": "q", "metric": {"metricName": "n", "period": 60, "stat": "Sum"}}],
    )
    aws.db_instance.DbInstance(
        stack, "database", instance_class="db.t4g.micro", engine="postgres", allocated_storage=20
    )
    aws.ecs_cluster.EcsCluster(stack, "ecs", name="larger", setting=[{"name": "containerInsights", "value": "enabled"}])
    aws.ecr_repository.EcrRepository(
        stack, "images", name="larger", encryption_configuration=[{"encryptionType": "KMS"}]
    )
    aws.api_gateway_rest_api.ApiGatewayRestApi(
        stack, "api", name="larger", endpoint_configuration={"types": ["REGIONAL"]}
    )
    text = random.StringResource(stack, "text", length=8, special=False)
    aws.ssm_parameter.SsmParameter(stack, "parameter", name="/larger", type="String", value=text.result)


def ports(stack: Any, vpc_id: str) -> None:
    """Ours."""
    # Imported only now, since the provider's packages come first here, as in a stack that is there already.
    constructs: Any = importlib.import_module("rancher_ports.cdk")
    constructs.RancherPorts(stack, "rancher", vpc_id=vpc_id)


def main() -> None:
    """Build the stack, write it, and say what else is to be seen of it."""
    app = cdk.App(outdir=sys.argv[1], stack_traces=False)
    stack = cdk.TerraformStack(app, "larger")
    cdk.LocalBackend(stack, path="terraform.tfstate")
    provider = aws.provider.AwsProvider(
        stack,
        "aws",
        region="eu-central-1",
        default_tags=[aws.provider.AwsProviderDefaultTags(tags={"stack": "larger"})],
        assume_role=[{"roleArn": "arn:aws:iam::123456789012:role/larger"}],
    )
    abroad = aws.provider.AwsProvider(stack, "abroad", alias="abroad", region="us-east-1")
    random_provider.RandomProvider(stack, "random")
    made = network(stack)
    instance = machines(stack, made)
    services(stack, abroad)
    ports(stack, made["vpc"].id)
    asset = cdk.TerraformAsset(
        stack, "asset", path=str(Path(__file__).parents[2] / "examples"), type=cdk.AssetType.ARCHIVE
    )
    cdk.TerraformOutput(stack, "asset_path", value=asset.path)
    cdk.TerraformOutput(stack, "vpc_id", value=made["vpc"].id, sensitive=True)
    tagging = Tagging()
    cdk.Aspects.of(stack).add(tagging)
    app.synth()
    group = made["group"]
    (packed,) = Path(sys.argv[1]).glob("stacks/larger/assets/**/*.zip")
    seen = {
        "children": [type(child).__name__ for child in stack.node.children],
        "all": len(stack.node.find_all()),
        "visited": tagging.visited,
        "the same provider": stack.all_providers()[0] is provider,
        "the same child": stack.node.find_child("instance") is instance,
        "computed list": type(group.ingress).__name__,
        "computed item": type(instance.root_block_device).__name__,
        "input": [type(value).__name__ for value in group.ingress_input],
        "timeouts": made["subnet"].timeouts.create_input,
        "listed": dir(aws),
        "package": [aws.__file__, list(aws.__path__), type(aws.__spec__.loader).__name__, aws.__all__],
        "packed": sorted(zipfile.ZipFile(packed).namelist()),
        "no such name": hasattr(aws, "no_such_resource"),
    }
    loaded = [name for name in sys.modules if name.startswith(f"{AWS}.") and not name.startswith(f"{AWS}._")]
    Path(sys.argv[1], "seen.json").write_text(json.dumps({"seen": seen, "loaded": sorted(loaded)}), "utf-8")


if __name__ == "__main__":
    main()
