"""Two applies at once against one state in S3: the engine's lock lets one of them through, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.engine.conftest import golden
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.server import Faults, Service
from tests.engine.expected import expected_rules, groups_by_tag, rules_of
from tests.engine.stack import Stack
from tests.engine.test_cycles import WISHES

BUCKET, KEY = "states", "rancher.tfstate"


class Gate(Faults):
    """Holds the first group's creation up until it is let through."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def before(self, action: str) -> None:
        """A request arrives."""
        if action == "create_security_group":
            self.reached.set()
            assert self.opened.wait(timeout=60)


@pytest.fixture
def s3() -> Iterator[tuple[Any, dict[str, Any]]]:
    """S3 on loopback with a bucket for states: a client, and the backend's settings as users give them."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        client: Any = boto3.client(
            "s3",
            "us-east-1",
            endpoint_url=url,
            aws_access_key_id="a",
            aws_secret_access_key="b",  # noqa: S106  # nobody's
        )
        client.create_bucket(Bucket=BUCKET)
        backend = {
            "bucket": BUCKET,
            "key": KEY,
            "region": "us-east-1",
            "use_lockfile": True,
            # What follows is for a server on loopback; a user of AWS needs none of it.
            "endpoints": {"s3": url},
            "use_path_style": True,
            "access_key": "a",
            "secret_key": "b",
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "skip_region_validation": True,
            "skip_requesting_account_id": True,
        }
        yield client, {"s3": backend}
    finally:
        server.stop()


def _objects(client: Any) -> list[str]:
    return [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_of_two_applies_at_once_one_is_refused_and_nothing_is_lost(
    s3: tuple[Any, dict[str, Any]], service: Service, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    client, backend = s3
    document = golden("shipped-settings")
    first, second = new_stack(document, "first"), new_stack(document, "second")
    for stack in (first, second):
        stack.write(document, backend)
        stack.init("-reconfigure")
    gate = service.faults = Gate()
    arguments = ("apply", "-input=false", "-no-color", "-auto-approve")
    running = first.engine.start(first.folder, *arguments, environment=first.environment)
    try:
        assert gate.reached.wait(timeout=60)
        assert _objects(client) == [f"{KEY}.tflock"]
        refused = second.apply_anew()
        assert refused.returncode == 1
        assert "Error acquiring the state lock" in refused.stderr
        assert "PreconditionFailed" in refused.stderr
        # Nobody else's lock was taken away.
        assert _objects(client) == [f"{KEY}.tflock"]
    finally:
        gate.opened.set()
        _, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert _objects(client) == [KEY]
    groups = groups_by_tag(cloud.moment())
    assert rules_of(cloud.moment(), groups.values()) == expected_rules(WISHES["shipped-settings"], groups)
    # The one that was refused sees all of it.
    assert len(second.addresses()) == 52
    assert second.plan().is_empty
    second.destroy()
    assert not groups_by_tag(cloud.moment())
