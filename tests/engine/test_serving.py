"""What the imitation of EC2 and the stand-in owe to a test: its failures, and a process left as it was."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.endpoint
import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError

from tests.conftest import ROOT
from tests.engine.ec2 import server as ec2_server
from tests.engine.ec2.cloud import Cloud
from tests.engine.provider import server as provider_server

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client


class Broken(Cloud):
    """Has a bug."""

    def describe_vpcs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Look for what is never asked."""
        return {"Vpcs": request["Moods"]}


class Misspelt(Cloud):
    """Answers with what EC2 does not have."""

    def describe_vpcs(self, request: dict[str, Any]) -> dict[str, Any]:
        """Whatever is asked."""
        del request
        return {"Vpc": []}


def _client(service: ec2_server.Service) -> EC2Client:
    return boto3.client(
        "ec2",
        "us-east-1",
        endpoint_url=service.url,
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106  # nobody's
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.mark.parametrize(("cloud", "error"), [(Broken(), KeyError), (Misspelt(), TypeError)])
def test_a_bug_of_the_imitation_is_no_lost_connection(cloud: Cloud, error: type[Exception]) -> None:
    with pytest.raises(BaseExceptionGroup) as failed, ec2_server.serving(cloud) as service:  # noqa: PT012  # both ends
        with pytest.raises(HTTPClientError):
            _client(service).describe_vpcs()
        assert [type(each) for each in service.errors] == [error]
    assert [type(each) for each in failed.value.exceptions] == [error]


def test_a_client_that_goes_away_is_no_bug() -> None:
    class Slow(ec2_server.Faults):
        """Answers a client that has gone."""

        answered = False

        def before(self, action: str) -> None:
            """Let it go."""
            del action
            time.sleep(0.1)

        def after(self, action: str) -> None:
            """Done all the same."""
            del action
            self.answered = True

    with ec2_server.serving(Cloud()) as service:
        faults = service.faults = Slow()
        host, port = service.url.removeprefix("http://").split(":")
        body = b"Action=DescribeVpcs"
        for _ in range(3):
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                # A reset, so that writing the answer fails.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        until = time.monotonic() + 10
        while not faults.answered and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.2)
        assert faults.answered
        assert service.errors == []


PLANTED = """
import pytest
from botocore.exceptions import HTTPClientError
from tests.engine.ec2.server import Faults
from tests.engine.test_serving import _client


class Bug(Faults):
    def before(self, action):
        raise LookupError("planted")


def test_with_a_bug(service, cloud):
    service.faults = Bug()
    with pytest.raises(HTTPClientError):
        _client(service).describe_vpcs()


def test_without_one(service, cloud):
    assert _client(service).describe_vpcs()["Vpcs"]
"""


def test_the_test_in_which_the_imitation_fails_fails_and_no_other(tmp_path: Path) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(PLANTED, "utf-8")
    plugins = ("-p", "tests.conftest", "-p", "tests.engine.conftest", "-p", "no:cacheprovider")
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, "--rootdir", str(ROOT), "--tb=short", str(planted)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert "2 passed, 1 error in" in finished.stdout.splitlines()[-1]
    assert "LookupError: planted" in finished.stdout


def test_the_stand_in_leaves_the_sdk_as_it_was() -> None:
    kept = botocore.endpoint.time  # type: ignore[attr-defined]  # what the stand-in replaces
    with provider_server.serving("http://127.0.0.1:1"):
        assert botocore.endpoint.time is not kept  # type: ignore[attr-defined]  # as above
    assert botocore.endpoint.time is kept  # type: ignore[attr-defined]  # as above
