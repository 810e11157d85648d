"""Objects that JavaScript made, of types whose Python modules nobody has imported.

A construct library written in TypeScript makes such objects. Here jsii is asked for them by the names that the types
have in JavaScript, so that Python has never heard of them when they come back.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lazy.flavours import AWS, CDK, SCOPE
from tests.lazy.running import python

SCRIPT = f"""
import json, sys
from rancher_ports import lazy_providers
lazy_providers.enable()
import importlib
import jsii
import {CDK} as cdk
import {AWS} as aws

def made_in_javascript(type_, *arguments):
    stub = type("Stub", (), {{"__jsii_type__": "{SCOPE}/provider-aws." + type_}})
    made = stub()
    jsii.create(stub, made, list(arguments))
    # Python knows nothing of an object that JavaScript made by itself.
    del jsii._reference_map._refs._refs[made.__jsii_ref__.ref]
    return made

@jsii.implements(cdk.IAspect)
class Visitor:
    def visit(self, node):
        visited.append(type(node).__module__ + "." + type(node).__name__)

visited = []
app = cdk.App(outdir="out", stack_traces=False)
stack = cdk.TerraformStack(app, "stack")
cdk.LocalBackend(stack, path="terraform.tfstate")
made_in_javascript("provider.AwsProvider", stack, "aws", {{"region": "eu-central-1"}})
queue = made_in_javascript("sqsQueue.SqsQueue", stack, "queue", {{"fifoQueue": True}})
bucket = made_in_javascript("s3Bucket.S3Bucket", stack, "bucket", {{"timeouts": {{"create": "5m"}}}})
subnet = made_in_javascript("subnet.Subnet", stack, "subnet", {{"vpcId": "v", "timeouts": {{"create": "5m"}}}})
data = made_in_javascript("dataAwsIamPolicyDocument.DataAwsIamPolicyDocument", stack, "data", {{}})
imported = [name for name in sys.modules if name.startswith("{AWS}.") and not name.startswith("{AWS}._")]
assert not imported, imported

def said(value):
    return type(value).__module__ + "." + type(value).__name__

seen = {{
    "a struct": said(jsii.get(subnet, "timeoutsInput")),
    "a block": said(jsii.get(bucket, "timeouts")),
    "a list": said(jsii.get(data, "statement")),
    "children": [said(child) for child in stack.node.children[2:]],
}}
found = stack.node.find_child("queue")
seen["a child"] = said(found)
seen["its own class"] = isinstance(found, aws.sqs_queue.SqsQueue)
seen["a use of it"] = found.fifo_queue_input
seen["a struct's values"] = stack.node.find_child("subnet").timeouts_input.create
cdk.Aspects.of(stack).add(Visitor())
app.synth()
seen["visited"] = visited[2:]
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came back, by what it is."""
    found: dict[str, Any] = json.loads(python("-c", SCRIPT, folder=tmp_path_factory.mktemp("types")))
    return found


def test_structs_blocks_and_lists_come_back(seen: dict[str, Any]) -> None:
    assert seen["a struct"] == f"{AWS}.subnet.SubnetTimeouts"
    assert seen["a block"] == f"{AWS}.s3_bucket.S3BucketTimeoutsOutputReference"
    assert seen["a list"] == f"{AWS}.data_aws_iam_policy_document.DataAwsIamPolicyDocumentStatementList"
    assert seen["a struct's values"] == "5m"


def test_constructs_come_back(seen: dict[str, Any]) -> None:
    expected = [
        f"{AWS}.sqs_queue.SqsQueue",
        f"{AWS}.s3_bucket.S3Bucket",
        f"{AWS}.subnet.Subnet",
        f"{AWS}.data_aws_iam_policy_document.DataAwsIamPolicyDocument",
    ]
    assert f"{AWS}.provider.AwsProvider" not in seen["children"]
    assert seen["children"] == expected
    assert seen["a child"] == f"{AWS}.sqs_queue.SqsQueue"
    assert seen["its own class"] is True
    assert seen["a use of it"] is True
    assert set(expected) < set(seen["visited"])
