"""The workflows before linters: of the form that GitHub and GitLab read, and nothing dangerous in them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

BIN = Path(sys.executable).parent
EXAMPLES = ROOT / "examples" / "pull_requests"
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), EXAMPLES / "plan.yml"]


def _lint(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / command[0], *command[1:]], capture_output=True, text=True, check=False)


def _schema(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    return _lint("check-jsonschema", "--builtin-schema", schema, *files)


def test_workflows_are_of_the_form_that_github_reads(tmp_path: Path) -> None:
    done = _schema("vendor.github-workflows", *WORKFLOWS)
    assert done.returncode == 0, done.stdout
    # It does look.
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[0].read_text("utf-8").replace("runs-on:", "runs_on:"), "utf-8")
    assert _schema("vendor.github-workflows", wrong).returncode == 1


def test_the_pipeline_is_of_the_form_that_gitlab_reads() -> None:
    done = _schema("vendor.gitlab-ci", EXAMPLES / "gitlab-ci.yml")
    assert done.returncode == 0, done.stdout


def _zizmor(folder: Path) -> subprocess.CompletedProcess[str]:
    return _lint("zizmor", "--offline", "--no-progress", "--format", "plain", folder)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """All workflows as one repository's, where the linter takes them for workflows."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for path in WORKFLOWS:
        shutil.copy(path, folder)
    return tmp_path


def test_nothing_dangerous_is_in_them(repository: Path) -> None:
    done = _zizmor(repository)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"persist-credentials: false", "fetch-depth: 1"),
        (r"on:\n  pull_request:", "on:\n  pull_request_target:"),
        (r'\$FAIL_ON"', '${{ github.event.pull_request.title }}"'),
        (r"@[0-9a-f]{40} # v6.0.2", "@v6"),
    ],
)
def test_what_would_be_dangerous_is_found(pattern: str, instead: str, repository: Path) -> None:
    review = repository / ".github" / "workflows" / "review.yml"
    text, number = re.subn(pattern, lambda _: instead, review.read_text("utf-8"))
    assert number
    review.write_text(text, "utf-8")
    assert _zizmor(repository).returncode > 0
