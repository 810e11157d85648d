"""Our command ``rancher-ports recover``, run as the README says."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT
from tests.engine.ec2.server import Service
from tests.engine.stack import Stack


def recover(stack: Stack, service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Plan, show the plan as JSON, and hand that to our command, which asks the imitation of EC2."""
    stack.must("plan", "-input=false", "-no-color", "-out=recover.tfplan")
    plan = stack.must("show", "-json", "recover.tfplan").stdout
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    reach = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": service.url}
    command = [sys.executable, "-m", "rancher_ports", "recover", "-", *arguments]
    return subprocess.run(
        command, input=plan, cwd=ROOT, env={**kept, **reach}, capture_output=True, text=True, check=False
    )
