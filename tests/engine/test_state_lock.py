"""Two applies at once against one state in S3: the engine's lock lets one of them through, and nothing is lost."""

from __future__ import annotations

import re
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.server import Faults, Service
from tests.engine.expected import expected_rules, groups_by_tag, rules_of
from tests.engine.provider.server import Attached
from tests.engine.recovering import recover
from tests.engine.stack import APPLY, Stack
from tests.engine.starting_point import golden
from tests.engine.wishes import WISHES

KEY = "rancher.tfstate"


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
def s3() -> Iterator[tuple[Bucket, dict[str, Any]]]:
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
        # The server's buckets outlive it in this process.
        bucket = f"states-{uuid.uuid4()}"
        client.create_bucket(Bucket=bucket)
        backend = {
            "bucket": bucket,
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
        yield Bucket(client, bucket), {"s3": backend}
    finally:
        server.stop()


@dataclass(frozen=True)
class Bucket:
    """A bucket."""

    client: Any
    name: str

    def objects(self) -> list[str]:
        """The keys in it."""
        return [item["Key"] for item in self.client.list_objects_v2(Bucket=self.name).get("Contents", [])]


def test_of_two_applies_at_once_one_is_refused_and_nothing_is_lost(
    s3: tuple[Bucket, dict[str, Any]], service: Service, cloud: Cloud, new_stack: Callable[..., Stack]
) -> None:
    bucket, backend = s3
    document = golden("shipped-settings")
    first, second = new_stack(document, "first"), new_stack(document, "second")
    for stack in (first, second):
        stack.write(document, backend)
        stack.init("-reconfigure")
    gate = service.faults = Gate()
    running = first.engine.start(first.folder, *APPLY, environment=first.environment)
    try:
        assert gate.reached.wait(timeout=60)
        assert bucket.objects() == [f"{KEY}.tflock"]
        refused = second.apply_anew()
        assert refused.returncode == 1
        assert "Error acquiring the state lock" in refused.stderr
        assert "PreconditionFailed" in refused.stderr
        # Nobody else's lock was taken away.
        assert bucket.objects() == [f"{KEY}.tflock"]
    finally:
        gate.opened.set()
        _, said = running.communicate(timeout=120)
    assert running.returncode == 0, said
    assert bucket.objects() == [KEY]
    groups = groups_by_tag(cloud.moment())
    assert rules_of(cloud.moment(), groups.values()) == expected_rules(WISHES["shipped-settings"], groups)
    # The one that was refused sees all of it.
    assert len(second.addresses()) == 52
    assert second.has_nothing_to_do()
    second.destroy()
    assert not groups_by_tag(cloud.moment())


class Killed(Faults):
    """Kills the engine when EC2 has made a number of rules."""

    def __init__(self, kill: Callable[[], None], rules: int) -> None:
        self._kill, self._left = kill, rules

    def after(self, action: str) -> None:
        """EC2 has done it."""
        if action.startswith("authorize"):
            self._left -= 1
            if self._left == 0:
                self._kill()


def test_a_killed_apply_leaves_its_lock_and_its_state_in_s3_behind(
    s3: tuple[Bucket, dict[str, Any]],
    service: Service,
    cloud: Cloud,
    provider: Attached,
    new_stack: Callable[..., Stack],
) -> None:
    bucket, backend = s3
    document = golden("shipped-settings")
    stack = new_stack(document)
    stack.write(document, backend)
    stack.init("-reconfigure")
    running = stack.engine.start(stack.folder, *APPLY, environment=stack.environment)
    service.faults = Killed(running.kill, 20)
    running.communicate(timeout=120)
    provider.wait_until_idle()
    service.faults = Faults()
    assert running.returncode == -signal.SIGKILL
    # The engine writes a remote state every 20 seconds: all that this apply has made is unknown to it.
    assert len(cloud.rules) >= 20
    assert bucket.objects() == [f"{KEY}.tflock"]
    refused = stack.run("plan", "-input=false", "-no-color")
    assert refused.returncode == 1
    assert "Error acquiring the state lock" in refused.stderr
    (lock,) = re.findall(r"\n\W*ID:\s+(\S+)", refused.stderr)
    stack.must("force-unlock", "-force", lock)
    made = set(cloud.rules)
    finished = recover(stack, service, "--output", str(stack.folder / "import.tf.json"))
    assert finished.returncode == 0, finished.stderr
    assert stack.apply_anew().returncode == 0
    stack.write_beside("import.tf.json", None)
    assert stack.has_nothing_to_do()
    assert made <= set(cloud.rules)
    groups = groups_by_tag(cloud.moment())
    assert rules_of(cloud.moment(), groups.values()) == expected_rules(WISHES["shipped-settings"], groups)
