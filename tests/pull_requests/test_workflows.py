"""The workflows for pull requests, ours and those for users: what their steps do, and what they may do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import GOLDENS, PLANS, ROOT

GITHUB = ROOT / ".github" / "workflows"
EXAMPLES = ROOT / "examples" / "pull_requests"
WORKFLOWS = [*sorted(GITHUB.glob("*.yml")), EXAMPLES / "plan.yml"]
MARKER = "<!-- rancher-ports review -->\n"
Document = dict[str, Any]
Done = subprocess.CompletedProcess[str]


def _read(path: Path) -> Document:
    document: Document = yaml.safe_load(path.read_text("utf-8"))
    return document


def _steps(path: Path, job: str) -> Iterator[Document]:
    found = _read(path)
    of_job = found["jobs"][job]
    for step in of_job["steps"]:
        yield {**step, "env": {**found.get("env", {}), **of_job.get("env", {}), **step.get("env", {})}}


@dataclass
class Runner:
    """A folder in which steps run, with stand-ins first on the path.

    Args:
        folder: the workspace.
        contexts: what ``${{ ... }}`` is.
        forge: the file with what there is outside.
    """

    folder: Path
    contexts: Mapping[str, str] = field(default_factory=dict)

    @property
    def forge_file(self) -> Path:
        """Where what there is outside is kept."""
        return self.folder.parent / "forge.json"

    def forge(self) -> Document:
        """What there is outside."""
        document: Document = json.loads(self.forge_file.read_text("utf-8"))
        return document

    def run(
        self, script: str, env: Mapping[str, object], interpreter: str = "bash"
    ) -> subprocess.CompletedProcess[str]:
        """A script, as GitHub's runner runs it: `bash -e`."""
        given = {name: self._expressions(str(value)) for name, value in env.items()}
        temp = self.folder.parent / "temp"
        temp.mkdir(exist_ok=True)
        summary = self.folder.parent / "summary.md"
        around = {
            "PATH": f"{self.folder.parent / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder.parent),
            "FORGE": str(self.forge_file),
            "RUNNER_TEMP": str(temp),
            "GITHUB_STEP_SUMMARY": str(summary),
        }
        assert "${{" not in script, "what a pull request says would be run as a part of the script"
        return subprocess.run(
            [interpreter, "-e", "-c", script],
            cwd=self.folder,
            env={**around, **given},
            capture_output=True,
            text=True,
            check=False,
        )

    def job(self, path: Path, job: str) -> dict[str, int]:
        """All scripts of a job until one fails, by the names of their steps."""
        codes: dict[str, int] = {}
        for step in _steps(path, job):
            if "run" not in step:
                continue
            done = self.run(step["run"], step["env"])
            sys.stderr.write(f"{step.get('name')}: {done.stdout}{done.stderr}")
            codes[step["name"]] = done.returncode
            if done.returncode:
                break
        return codes

    def _expressions(self, text: str) -> str:
        return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda match: self.contexts[match[1]], text)


HEAD = "a" * 40
CONTEXTS = {
    "github.token": "secret",
    "github.repository": "o/r",
    "github.run_id": "7",
    "github.event.pull_request.number": "12",
    "github.event.workflow_run.head_sha": HEAD,
    "github.event.workflow_run.id": "7",
    "github.event.workflow_run.html_url": "https://forge.example/o/r/runs/7",
}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    folder = tmp_path / "workspace"
    folder.mkdir()
    made = Runner(folder, {**CONTEXTS, "runner.temp": str(tmp_path / "temp")})
    programs = tmp_path / "bin"
    programs.mkdir()
    forge = Path(__file__).with_name("forge.py")
    for name in ("gh", "curl", "jq"):
        _program(programs / name, f'exec "{sys.executable}" "{forge}" {name} "$@"')
    _program(programs / "rancher-ports", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m rancher_ports "$@"')
    _program(programs / "python3", "exit 0")  # installs the tool, which is there
    document = {
        "token": "secret",
        "calls": [],
        "last": 100,
        "artifacts": {},
        "comments": {"12": [{"id": 1, "user": {"type": "User"}, "body": f"{MARKER}not ours"}]},
        "pulls": [{"number": 11, "head": {"sha": "b" * 40}}, {"number": 12, "head": {"sha": HEAD}}],
        "notes": [{"id": 2, "system": True, "body": MARKER}],
    }
    made.forge_file.write_text(json.dumps(document), "utf-8")
    return made


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)


def _synthesized(folder: Path, golden: str) -> None:
    stack = folder / "stacks" / "rancher"
    stack.mkdir(parents=True)
    shutil.copy(GOLDENS / f"{golden}.json", stack / "cdk.tf.json")


def _checkout(folder: Path, golden: str) -> None:
    """A checkout in which `make synth` has the same come out as a golden, and the tool is installed."""
    folder.mkdir(exist_ok=True)
    _synthesized(folder / "made", golden)
    (folder / "Makefile").write_text("synth:\n\tcp -R made cdktf.out\n", "utf-8")
    (folder / ".venv" / "bin").mkdir(parents=True)
    _program(folder / ".venv" / "bin" / "python", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"')


def _put_out(runner: Runner, base: str, head: str) -> None:
    """What the workflow `review` leaves, as its artifact."""
    artifact = runner.folder.parent / "artifact"
    shutil.rmtree(artifact, ignore_errors=True)
    _synthesized(artifact / "synthesized" / "base", base)
    _synthesized(artifact / "synthesized" / "head", head)
    forge = runner.forge()
    forge["artifacts"] = {"review": str(artifact)}
    runner.forge_file.write_text(json.dumps(forge), "utf-8")


SHIPPED, WIDER = "shipped-settings", "office-load-balancer-and-mirrors"


def test_both_sides_are_synthesized_and_compared(runner: Runner) -> None:
    _checkout(runner.folder / "base", SHIPPED)
    _checkout(runner.folder / "head", WIDER)
    codes = runner.job(GITHUB / "review.yml", "review")
    assert codes == {"Synthesize both sides": 0, "Compare": 0, "Gate": 0}
    assert "<html" in (runner.folder / "review.html").read_text("utf-8")
    summary = (runner.folder.parent / "summary.md").read_text("utf-8")
    assert "Widens access" in summary
    steps = _steps(GITHUB / "review.yml", "review")
    (upload,) = [step["with"] for step in steps if "upload-artifact" in step.get("uses", "")]
    kept = [file for pattern in upload["path"].split() for file in runner.folder.glob(pattern)]
    assert len(kept) == 3


def test_a_gate_that_is_met_fails_the_review_after_what_it_leaves(runner: Runner) -> None:
    _checkout(runner.folder / "base", SHIPPED)
    _checkout(runner.folder / "head", SHIPPED)
    world = runner.folder / "head" / "made" / "stacks" / "rancher" / "cdk.tf.json"
    world.write_text(world.read_text("utf-8").replace("203.0.113.0/24", "0.0.0.0/0"), "utf-8")
    codes = runner.job(GITHUB / "review.yml", "review")
    assert codes == {"Synthesize both sides": 0, "Compare": 0, "Gate": 3}
    names = [step.get("name") or step["uses"] for step in _steps(GITHUB / "review.yml", "review")]
    assert "upload-artifact" in names[names.index("Gate") - 1]


def test_one_comment_is_posted_and_then_kept_up_to_date(runner: Runner) -> None:
    _put_out(runner, SHIPPED, WIDER)
    assert set(runner.job(GITHUB / "comment.yml", "comment").values()) == {0}
    theirs, first = runner.forge()["comments"]["12"]
    assert first["body"].startswith(MARKER)
    assert "Widens access" in first["body"]
    assert first["body"].endswith(
        "[The page with all of it](https://forge.example/o/r/runs/7) is an artifact of this run.\n"
    )
    _put_out(runner, SHIPPED, SHIPPED)
    assert set(runner.job(GITHUB / "comment.yml", "comment").values()) == {0}
    left, second = runner.forge()["comments"]["12"]
    assert (left, second["id"]) == (theirs, first["id"])
    assert "Changes nothing" in second["body"]


def test_a_pull_request_that_has_moved_on_gets_no_comment_of_the_past(runner: Runner) -> None:
    _put_out(runner, SHIPPED, WIDER)
    forge = runner.forge()
    forge["pulls"][1]["head"]["sha"] = "c" * 40
    runner.forge_file.write_text(json.dumps(forge), "utf-8")
    before = forge["comments"]
    assert set(runner.job(GITHUB / "comment.yml", "comment").values()) == {0}
    assert runner.forge()["comments"] == before


def test_what_could_not_be_synthesized_gets_no_comment(runner: Runner) -> None:
    assert set(runner.job(GITHUB / "comment.yml", "comment").values()) == {0}
    assert len(runner.forge()["comments"]["12"]) == 1


def test_a_plan_that_says_what_it_likes_says_it_in_code(runner: Runner) -> None:
    """What a fork puts into its JSON is data: neither run, nor more than text in the comment."""
    _put_out(runner, SHIPPED, SHIPPED)
    file = runner.folder.parent / "artifact" / "synthesized" / "head" / "stacks" / "rancher" / "cdk.tf.json"
    document = json.loads(file.read_text("utf-8"))
    rules = document["resource"]["aws_vpc_security_group_ingress_rule"]
    hostile = "@everyone <img src=x> $(touch pwned) `touch pwned` ${{ github.token }}"
    rules["x"] = {**next(iter(rules.values())), "security_group_id": hostile, "from_port": 1, "to_port": 1}
    file.write_text(json.dumps(document), "utf-8")
    assert set(runner.job(GITHUB / "comment.yml", "comment").values()) == {0}
    body = runner.forge()["comments"]["12"][1]["body"]
    assert not list(runner.folder.rglob("pwned"))
    assert "secret" not in body
    outside_code = re.sub(r"(`+).*?\1", "", body.removeprefix(MARKER), flags=re.DOTALL)
    assert "@everyone" not in outside_code
    assert "<img" not in outside_code


def test_a_real_plan_is_reviewed_and_told_in_one_comment(runner: Runner) -> None:
    _checkout(runner.folder, SHIPPED)
    _program(
        runner.folder.parent / "bin" / "terraform",
        f'case "$2" in show) cat "{PLANS / "opened-to-the-world" / "plan.json"}";; esac',
    )
    codes = runner.job(EXAMPLES / "plan.yml", "plan")
    assert codes == {"Synthesize": 0, "Plan": 0, "Review": 0, "Gate": 3}
    review = runner.folder / "review"
    assert {path.name for path in review.iterdir()} == {"review.html", "review.md"}
    forge = runner.forge()
    forge["artifacts"] = {"plan-review": str(review)}
    runner.forge_file.write_text(json.dumps(forge), "utf-8")
    for _ in range(2):
        assert set(runner.job(EXAMPLES / "plan.yml", "comment").values()) == {0}
    (_, comment) = runner.forge()["comments"]["12"]
    assert comment["body"].startswith("<!-- rancher-ports plan -->\n")
    assert "Opens ports to the world" in comment["body"]


def test_gitlab_reviews_both_sides_and_keeps_one_note(runner: Runner) -> None:
    document = _read(EXAMPLES / "gitlab-ci.yml")
    _checkout(runner.folder.parent / "base", SHIPPED)
    _checkout(runner.folder, WIDER)
    _program(runner.folder.parent / "bin" / "git", 'test "$*" = "worktree add --detach ../base b0"')
    env = {"CI_PROJECT_DIR": str(runner.folder), "CI_MERGE_REQUEST_DIFF_BASE_SHA": "b0", "FAIL_ON": "widened"}
    done = runner.run("\n".join(document["review"]["script"]), env)
    assert done.returncode == 3, done.stderr
    assert all((runner.folder / path).is_file() for path in document["review"]["artifacts"]["paths"])
    for _ in range(2):
        env = {"REVIEW_TOKEN": "secret", "NOTES": "https://gitlab.example/notes"}
        done = runner.run("\n".join(document["comment"]["script"]), env, interpreter="sh")
        assert done.returncode == 0, done.stderr
    (_, note) = runner.forge()["notes"]
    assert note["body"].startswith(MARKER)
    assert "Widens access" in note["body"]


@pytest.mark.parametrize(("plan", "code"), [("opened-to-the-world", 3), ("no-change", 0)])
def test_atlantis_shows_the_review_and_stops_at_the_gate(plan: str, code: int, runner: Runner) -> None:
    steps = _read(EXAMPLES / "atlantis.yaml")["workflows"]["rancher-ports"]["plan"]["steps"]
    shown, gate = [step["run"] for step in steps if isinstance(step, dict)]
    file = PLANS / plan / "plan.json"
    _program(runner.folder.parent / "bin" / "terraform", f'test "$*" = "show -json p" && cat "{file}"')
    done = runner.run(shown["command"], {"PLANFILE": "p"})
    assert (done.returncode, shown["output"]) == (0, "show")
    assert done.stdout == (PLANS / plan / "review.md").read_text("utf-8")
    assert runner.run(gate["command"], {"PLANFILE": "p"}).returncode == code


def test_the_hooks_of_pre_commit_find_what_is_wrong(runner: Runner) -> None:
    settings, check = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    shutil.copy(ROOT / "cdktf.json", runner.folder / "cdktf.json")
    assert re.search(settings["files"], "infrastructure/cdktf.json")
    assert runner.run(f"{settings['entry']} cdktf.json", {}).returncode == 0
    _synthesized(runner.folder / "cdktf.out", SHIPPED)
    assert runner.run(check["entry"], {}).returncode == 0
    text = (runner.folder / "cdktf.json").read_text("utf-8")
    (runner.folder / "cdktf.json").write_text(text.replace('"rke1"', '"rke11"'), "utf-8")
    done = runner.run(f"{settings['entry']} cdktf.json", {})
    assert (done.returncode, "rke1" in done.stderr) == (1, True)
    stack = runner.folder / "cdktf.out" / "stacks" / "rancher" / "cdk.tf.json"
    document = json.loads(stack.read_text("utf-8"))
    del document["resource"]["aws_vpc_security_group_ingress_rule"]["rancher_etcd_from_etcd_tcp_2379"]
    stack.write_text(json.dumps(document), "utf-8")
    assert runner.run(check["entry"], {}).returncode == 3


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_may_be_written_but_what_a_job_is_for(path: Path) -> None:
    """Whoever runs what a pull request brings may read, and nothing else; what writes says so job by job."""
    document = _read(path)
    assert set(document["permissions"].values()) <= {"read"} if document["permissions"] else True
    allowed = {
        ("comment.yml", "comment"): {"pull-requests"},
        ("plan.yml", "comment"): {"pull-requests"},
        ("plan.yml", "plan"): {"id-token"},
        ("site.yml", "publish"): {"pages", "id-token"},
    }
    for name, job in document["jobs"].items():
        writes = {what for what, how in job.get("permissions", {}).items() if how == "write"}
        assert writes == allowed.get((path.name, name), set())
        assert job["timeout-minutes"] <= 30
        for step in job["steps"]:
            assert "${{" not in step.get("run", "") or path.name == "modules.yml"
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            if "uses" in step:
                assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
    # A pull request's own code with a token that writes: what makes forks dangerous.
    # YAML takes `on` for true.
    events: Any = document
    assert "pull_request_target" not in events[True]


def test_credentials_are_kept_from_forks_and_from_the_job_that_comments() -> None:
    jobs = _read(EXAMPLES / "plan.yml")["jobs"]
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert jobs["plan"]["if"] == same
    assert same in jobs["comment"]["if"]
    assert not [step for step in jobs["comment"]["steps"] if "uses" in step]


def test_the_package_cache_of_the_cdk_is_kept() -> None:
    for path in (GITHUB / "review.yml", EXAMPLES / "plan.yml"):
        steps = [step for job in _read(path)["jobs"].values() for step in job["steps"]]
        (cache,) = [step["with"] for step in steps if "actions/cache@" in step.get("uses", "")]
        assert "~/.cache/aws/jsii/package-cache" in cache["path"].split()
    gitlab = _read(EXAMPLES / "gitlab-ci.yml")["review"]
    assert gitlab["variables"]["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == "$CI_PROJECT_DIR/.cache/jsii"
    assert gitlab["cache"]["paths"] == [".cache"]
