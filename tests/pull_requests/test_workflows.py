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
    # Then GitHub's runner has a pipeline fail where any part of it does.
    assert found["defaults"]["run"]["shell"] == "bash"
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
        """A script, as GitHub's runner runs it."""
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
            [interpreter, *(["-o", "pipefail"] if interpreter == "bash" else []), "-e", "-c", script],
            cwd=self.folder,
            env={**around, **given},
            capture_output=True,
            text=True,
            check=False,
        )

    def job(self, path: Path, job: str, side: str = "") -> dict[str, int]:
        """All scripts of a job until one fails, by the names of their steps."""
        codes: dict[str, int] = {}
        for step in _steps(path, job):
            if "run" not in step or step.get("if", f"matrix.side == '{side}'") != f"matrix.side == '{side}'":
                continue
            done = self.run(step["run"], step["env"])
            sys.stderr.write(f"{step.get('name')}: {done.stdout}{done.stderr}")
            codes[step["name"]] = done.returncode
            if done.returncode:
                break
        return codes

    def _expressions(self, text: str) -> str:
        return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda match: self.contexts[match[1]], text)


_GIT = shutil.which("git") or ""
HEAD = "a" * 40
CONTEXTS = {
    "github.token": "secret",
    "github.repository": "o/r",
    "github.run_id": "7",
    "github.event.pull_request.number": "12",
    "github.event.workflow_run.head_sha": HEAD,
    "github.event.pull_request.head.sha": HEAD,
    "github.server_url": "https://forge.example",
    "github.event.workflow_run.head_repository.full_name": "o/r",
    "github.event.workflow_run.id": "7",
    "github.event.workflow_run.html_url": "https://forge.example/o/r/actions/runs/7",
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
        "last": 5_000,
        "artifacts": {},
        # More than GitHub lists at once.
        "comments": {
            "12": [{"id": number, "user": {"type": "User"}, "body": f"{MARKER}not ours"} for number in range(120)]
        },
        # The newest first, as GitHub lists them: somebody else's, of the same commit; and of other branches.
        "pulls": [
            _pull(999, HEAD, "stranger/r"),
            *(_pull(number, "b" * 40, "o/r") for number in range(120, 12, -1)),
            _pull(12, HEAD, "o/r"),
        ],
        "sha": HEAD,
        "notes": [{"id": 1000 + number, "author": {"id": 7}, "body": MARKER} for number in range(150)],
    }
    made.forge_file.write_text(json.dumps(document), "utf-8")
    return made


def _pull(number: int, sha: str, repository: str) -> Document:
    return {"number": number, "state": "open", "head": {"sha": sha, "repo": {"full_name": repository}}}


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


def _put_out(runner: Runner, base: str, head: str, number: str = "12") -> Path:
    """What the workflow `review` leaves, as its artifact."""
    artifact = runner.folder.parent / "artifact"
    shutil.rmtree(artifact, ignore_errors=True)
    shutil.rmtree(runner.folder / "review", ignore_errors=True)
    _synthesized(artifact / "synthesized" / "base", base)
    _synthesized(artifact / "synthesized" / "head", head)
    (artifact / "number").write_text(f"{number}\n", "utf-8")
    _artifacts(runner, {"review": artifact})
    return artifact


def _artifacts(runner: Runner, artifacts: Mapping[str, Path]) -> None:
    forge = runner.forge()
    forge["artifacts"] = {name: str(path) for name, path in artifacts.items()}
    runner.forge_file.write_text(json.dumps(forge), "utf-8")


def _comment(runner: Runner) -> dict[str, int]:
    return runner.job(GITHUB / "comment.yml", "comment")


def _ours(runner: Runner) -> list[Document]:
    """The comments that are no person's."""
    return [comment for comment in runner.forge()["comments"]["12"] if comment["user"]["type"] == "Bot"]


SHIPPED, WIDER = "shipped-settings", "office-load-balancer-and-mirrors"


@pytest.mark.parametrize("side", ["base", "head"])
def test_each_side_is_synthesized_on_a_machine_of_its_own(side: str, runner: Runner) -> None:
    _clone_of_the_merge(runner, "synthesize")
    codes = runner.job(GITHUB / "review.yml", "synthesize", side)
    assert set(codes.values()) == {0}
    assert (runner.folder / "cdktf.out" / "side").read_text("utf-8") == f"{side}\n"


def _clone_of_the_merge(runner: Runner, job: str) -> None:
    """What actions/checkout leaves: the merge of base and head, and as much of what was before as it is told to."""
    origin = runner.folder.parent / "origin"

    def git(*words: str | Path) -> None:
        settings = ("-c", "user.name=n", "-c", "user.email=e", "-c", "init.defaultBranch=main")
        subprocess.run([_GIT, *settings, *words], check=True, capture_output=True)

    def commit(side: str) -> None:
        (origin / "Makefile").write_text(f"synth:\n\tmkdir cdktf.out\n\techo {side} >cdktf.out/side\n", "utf-8")
        git("-C", origin, "add", "Makefile")
        git("-C", origin, "commit", "--quiet", "-m", side)

    git("init", "--quiet", origin)
    for side in ("earlier", "base"):
        commit(side)
    git("-C", origin, "checkout", "--quiet", "-b", "head")
    commit("head")
    git("-C", origin, "checkout", "--quiet", "main")
    git("-C", origin, "merge", "--quiet", "--no-ff", "-m", "merge", "head")
    checkout = next(step for step in _steps(GITHUB / "review.yml", job) if "actions/checkout" in step.get("uses", ""))
    depth = checkout["with"]["fetch-depth"]
    git("clone", "--quiet", f"--depth={depth}", origin.as_uri(), runner.folder)


@pytest.mark.parametrize(("opens", "code"), [("203.0.113.0/25", 0), ("0.0.0.0/0", 3)])
def test_both_sides_are_compared_and_a_gate_that_is_met_fails(opens: str, code: int, runner: Runner) -> None:
    sides = {side: runner.folder.parent / side for side in ("base", "head")}
    for folder in sides.values():
        _synthesized(folder, SHIPPED)
    stack = sides["head"] / "stacks" / "rancher" / "cdk.tf.json"
    stack.write_text(stack.read_text("utf-8").replace("203.0.113.0/24", opens), "utf-8")
    _artifacts(runner, sides)
    _clone_of_the_merge(runner, "review")
    codes = runner.job(GITHUB / "review.yml", "review")
    assert codes == {"Install the tool of the base": 0, "Fetch what was synthesized": 0, "Compare": 0, "Gate": code}
    assert "echo base" in (runner.folder / "Makefile").read_text("utf-8")
    left = runner.folder / "review"
    assert "<html" in (left / "review.html").read_text("utf-8")
    assert (left / "number").read_text("utf-8") == "12\n"
    summary = (runner.folder.parent / "summary.md").read_text("utf-8")
    assert ("Opens ports to the world" if code else "Narrows access") in summary
    names = [step.get("name") or step["uses"] for step in _steps(GITHUB / "review.yml", "review")]
    assert "upload-artifact" in names[names.index("Gate") - 1]


@pytest.mark.parametrize("missing", ["base", "head"])
def test_a_side_that_is_missing_fails_the_review_and_is_left_to_be_told(missing: str, runner: Runner) -> None:
    there = runner.folder.parent / "there"
    _synthesized(there, SHIPPED)
    _artifacts(runner, {side: there for side in ("base", "head") if side != missing})
    _clone_of_the_merge(runner, "review")
    codes = runner.job(GITHUB / "review.yml", "review")
    assert list(codes) == ["Install the tool of the base", "Fetch what was synthesized", "Compare"]
    assert codes["Compare"] != 0
    assert (runner.folder / "review" / "number").read_text("utf-8") == "12\n"
    assert len(list((runner.folder / "review" / "synthesized").iterdir())) == 1


def test_the_job_that_compares_runs_nothing_of_the_pull_request() -> None:
    job = _read(GITHUB / "review.yml")["jobs"]["review"]
    first = next(step for step in job["steps"] if "run" in step)
    assert first["run"].startswith("git checkout --quiet --detach HEAD^1\n")
    assert not [step for step in job["steps"] if "make" in step.get("run", "") or ".venv" in step.get("run", "")]


def test_one_comment_is_posted_and_then_kept_up_to_date(runner: Runner) -> None:
    _put_out(runner, SHIPPED, WIDER)
    assert set(_comment(runner).values()) == {0}
    *theirs, first = runner.forge()["comments"]["12"]
    assert first["body"].startswith(MARKER)
    assert "Widens access" in first["body"]
    assert f"Of commit `{HEAD[:12]}`, by [this run](https://forge.example/o/r/actions/runs/7)" in first["body"]
    _put_out(runner, SHIPPED, SHIPPED)
    assert set(_comment(runner).values()) == {0}
    *left, second = runner.forge()["comments"]["12"]
    assert (left, second["id"]) == (theirs, first["id"])
    assert "Changes nothing" in second["body"]


def test_a_pull_request_that_has_moved_on_gets_no_comment_of_the_past(runner: Runner) -> None:
    _put_out(runner, SHIPPED, WIDER)
    forge = runner.forge()
    forge["pulls"][-1]["head"]["sha"] = "c" * 40
    runner.forge_file.write_text(json.dumps(forge), "utf-8")
    assert set(_comment(runner).values()) == {0}
    assert runner.forge()["comments"] == forge["comments"]


@pytest.mark.parametrize("number", ["15", "999", "12; touch pwned", "$(touch pwned)", "", "../12"])
def test_nobody_can_have_a_comment_written_elsewhere(number: str, runner: Runner) -> None:
    """The number is the artifact's word, which a pull request's own code may have written."""
    _put_out(runner, SHIPPED, WIDER, number)
    assert set(_comment(runner).values()) == {0}
    comments = runner.forge()["comments"]
    assert set(comments) == {"12"}
    assert not list(runner.folder.rglob("pwned"))


def test_what_could_not_be_synthesized_is_told_in_place_of_what_was_said_before(runner: Runner) -> None:
    artifact = _put_out(runner, SHIPPED, WIDER)
    assert set(_comment(runner).values()) == {0}
    for side, said in (("head", " the head;"), ("base", " the base, the head;")):
        shutil.rmtree(artifact / "synthesized" / side)
        shutil.rmtree(runner.folder / "review")
        assert set(_comment(runner).values()) == {0}
        (comment,) = _ours(runner)
        assert f"There is nothing synthesized of{said}" in comment["body"]
        # Nor is there a page.
        assert comment["body"].endswith("by [this run](https://forge.example/o/r/actions/runs/7).\n")


def test_what_cannot_be_compared_is_told(runner: Runner) -> None:
    artifact = _put_out(runner, SHIPPED, WIDER)
    (artifact / "synthesized" / "head" / "stacks" / "rancher" / "cdk.tf.json").write_text("{", "utf-8")
    assert set(_comment(runner).values()) == {0}
    (comment,) = _ours(runner)
    assert "cannot be compared" in comment["body"]
    assert "page" not in comment["body"]


def test_a_run_that_left_nothing_is_told_where_it_is_known_of_which_pull_request_it_was(runner: Runner) -> None:
    assert set(_comment(runner).values()) == {0}
    (comment,) = _ours(runner)
    assert "This commit was not reviewed" in comment["body"]
    forge = runner.forge()
    # One branch, to be merged into two others.
    forge["pulls"].append(_pull(13, HEAD, "o/r"))
    forge["comments"] = {"12": [], "13": []}
    runner.forge_file.write_text(json.dumps(forge), "utf-8")
    assert set(_comment(runner).values()) == {0}
    assert runner.forge()["comments"] == forge["comments"]


def test_of_two_pull_requests_at_one_commit_each_has_its_own_comment(runner: Runner) -> None:
    forge = runner.forge()
    forge["pulls"].insert(0, _pull(13, HEAD, "o/r"))
    forge["comments"]["13"] = []
    runner.forge_file.write_text(json.dumps(forge), "utf-8")
    for number, golden in (("12", WIDER), ("13", SHIPPED)):
        _put_out(runner, SHIPPED, golden, number)
        assert set(_comment(runner).values()) == {0}
    comments = runner.forge()["comments"]
    assert "Widens access" in comments["12"][-1]["body"]
    assert "Changes nothing" in comments["13"][-1]["body"]


def test_a_pull_request_that_is_closed_gets_no_comment(runner: Runner) -> None:
    _put_out(runner, SHIPPED, WIDER)
    forge = runner.forge()
    forge["pulls"][-1]["state"] = "closed"
    runner.forge_file.write_text(json.dumps(forge), "utf-8")
    assert set(_comment(runner).values()) == {0}
    assert not _ours(runner)


def test_where_comments_cannot_be_listed_none_is_added(runner: Runner) -> None:
    _put_out(runner, SHIPPED, WIDER)
    forge = runner.forge()
    runner.forge_file.write_text(json.dumps({**forge, "down": True}), "utf-8")
    assert _comment(runner)["Write the comment"] != 0
    assert not _ours(runner)


def test_a_plan_that_says_what_it_likes_says_it_in_code(runner: Runner) -> None:
    """What a fork puts into its JSON is data: neither run, nor more than text in the comment."""
    artifact = _put_out(runner, SHIPPED, SHIPPED)
    file = artifact / "synthesized" / "head" / "stacks" / "rancher" / "cdk.tf.json"
    document = json.loads(file.read_text("utf-8"))
    rules = document["resource"]["aws_vpc_security_group_ingress_rule"]
    hostile = "@everyone <img src=x> $(touch pwned) `touch pwned` ${{ github.token }}"
    rules["x"] = {**next(iter(rules.values())), "security_group_id": hostile, "from_port": 1, "to_port": 1}
    file.write_text(json.dumps(document), "utf-8")
    assert set(_comment(runner).values()) == {0}
    body = _ours(runner)[0]["body"]
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
    artifact = shutil.move(review, runner.folder.parent / "artifact")
    _artifacts(runner, {"plan-review": Path(artifact)})
    for _ in range(2):
        assert set(runner.job(EXAMPLES / "plan.yml", "comment").values()) == {0}
    (comment,) = _ours(runner)
    assert comment["body"].startswith("<!-- rancher-ports plan -->\n")
    assert "Opens ports to the world" in comment["body"]


def test_gitlab_reviews_both_sides_and_keeps_one_note(runner: Runner) -> None:
    document = _read(EXAMPLES / "gitlab-ci.yml")
    _program(runner.folder.parent / "bin" / "git", 'test "$*" = "checkout --quiet --detach b0"')
    for side, golden in (("base", SHIPPED), ("head", WIDER)):
        shutil.rmtree(runner.folder / "cdktf.out", ignore_errors=True)
        shutil.rmtree(runner.folder / ".venv", ignore_errors=True)
        shutil.rmtree(runner.folder / "made", ignore_errors=True)
        _checkout(runner.folder, golden)
        env = {"SIDE": side, "CI_MERGE_REQUEST_DIFF_BASE_SHA": "b0"}
        # Twice: a runner may keep its folder.
        for _ in range(2):
            shutil.rmtree(runner.folder / "cdktf.out", ignore_errors=True)
            done = runner.run("\n".join(document["synthesize"]["script"]), env)
            assert done.returncode == 0, done.stderr
    for _ in range(2):
        env = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "b0", "FAIL_ON": "widened", "CI_COMMIT_SHA": HEAD}
        done = runner.run("\n".join(document["review"]["script"]), env)
        assert done.returncode == 3, done.stderr
    assert {path.name for path in (runner.folder / "review").iterdir()} == {"review.md", "review.html", "commit"}
    env = {
        "REVIEW_TOKEN": "secret",
        "MERGE_REQUEST": "https://gitlab.example/1",
        "CI_API_V4_URL": "https://gitlab.example",
        "CI_COMMIT_SHA": HEAD,
    }
    script = "\n".join(document["comment"]["script"])
    for _ in range(2):
        done = runner.run(script, env, interpreter="sh")
        assert done.returncode == 0, done.stderr
    # Others' notes that begin alike are left alone, however many.
    *others, note = runner.forge()["notes"]
    assert {one["body"] for one in others} == {MARKER}
    assert note["body"].startswith(MARKER)
    assert "Widens access" in note["body"]
    # Of a merged result, whose commit is the merge.
    merged = {**env, "CI_COMMIT_SHA": "d" * 40, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD}
    # What an earlier pipeline has left in the runner's folder is not this one's.
    assert runner.run(script, merged, interpreter="sh").returncode == 0
    assert "There is no review of this commit" in runner.forge()["notes"][-1]["body"]
    (runner.folder / "review" / "commit").write_text("d" * 40, "utf-8")
    assert runner.run(script, merged, interpreter="sh").returncode == 0
    last = runner.forge()["notes"][-1]["body"]
    assert "Widens access" in last
    assert last.endswith(f"Of commit `{HEAD[:12]}`.\n")
    # A pipeline that ends when there is a newer commit says nothing.
    old = {**env, "CI_COMMIT_SHA": "c" * 40}
    assert runner.run(script, old, interpreter="sh").returncode == 0
    assert runner.forge()["notes"][-1]["body"] == last
    shutil.rmtree(runner.folder / "review")
    assert runner.run(script, env, interpreter="sh").returncode == 0
    assert "There is no review of this commit" in runner.forge()["notes"][-1]["body"]
    assert len(runner.forge()["notes"]) == len(others) + 1


def test_gitlab_takes_the_target_branch_for_the_base_of_a_merged_result(runner: Runner) -> None:
    document = _read(EXAMPLES / "gitlab-ci.yml")
    log = runner.folder.parent / "git.log"
    _program(runner.folder.parent / "bin" / "git", f'echo "$*" >>"{log}"')
    _checkout(runner.folder, SHIPPED)
    env = {"SIDE": "base", "CI_MERGE_REQUEST_DIFF_BASE_SHA": "b0", "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "t0"}
    assert runner.run("\n".join(document["synthesize"]["script"]), env).returncode == 0
    shutil.copytree(runner.folder / "synthesized" / "base", runner.folder / "synthesized" / "head")
    more = {"FAIL_ON": "world", "CI_COMMIT_SHA": HEAD}
    assert runner.run("\n".join(document["review"]["script"]), {**env, **more}).returncode == 0
    assert log.read_text("utf-8") == "checkout --quiet --detach t0\n" * 2


def test_gitlab_comments_whatever_became_of_the_review_but_not_for_forks() -> None:
    document = _read(EXAMPLES / "gitlab-ci.yml")
    assert document["review"]["artifacts"]["when"] == "always"
    (rule,) = document["comment"]["rules"]
    assert rule["when"] == "always"
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
    assert document["comment"]["resource_group"].endswith("$CI_MERGE_REQUEST_IID")
    # Whatever Terraform reads in the folder of a stack.
    paths = document["synthesize"]["artifacts"]["paths"]
    kept = ("cdk.tf.json", "import.tf.json", "backend.tf", "more.tofu", "more.tofu.json")
    for name in (*kept, "terraform.tfstate", "secret.auto.tfvars", "terraform.tfvars.json"):
        path = Path("synthesized/base/stacks/rancher") / name
        assert any(path.match(one) for one in paths) is (name in kept), name


@pytest.mark.parametrize(("plan", "code"), [("opened-to-the-world", 3), ("no-change", 0)])
def test_atlantis_shows_the_review_and_stops_at_the_gate(plan: str, code: int, runner: Runner) -> None:
    steps = _read(EXAMPLES / "atlantis.yaml")["workflows"]["rancher-ports"]["plan"]["steps"]
    shown, gate = [step["run"] for step in steps if isinstance(step, dict)]
    file = PLANS / plan / "plan.json"
    _program(runner.folder.parent / "bin" / "terraform", f'test "$*" = "show -json p" && cat "{file}"')
    (runner.folder / "p").touch()
    done = runner.run(shown["command"], {"PLANFILE": "p"}, interpreter="sh")
    assert (done.returncode, shown["output"]) == (0, "show")
    assert (runner.folder / "p").exists()
    assert done.stdout == (PLANS / plan / "review.md").read_text("utf-8")
    # A plan that must not be applied is not there any more.
    assert bool(runner.run(gate["command"], {"PLANFILE": "p"}, interpreter="sh").returncode) is bool(code)
    assert (runner.folder / "p").exists() is not bool(code)
    # Nor is one that cannot be reviewed.
    _program(runner.folder.parent / "bin" / "terraform", "exit 1")
    for step in (shown, gate):
        (runner.folder / "p").touch()
        assert runner.run(step["command"], {"PLANFILE": "p"}, interpreter="sh").returncode == 1
        assert not (runner.folder / "p").exists()


def test_atlantis_stops_at_what_nobody_knows_as_well(runner: Runner) -> None:
    steps = _read(EXAMPLES / "atlantis.yaml")["workflows"]["rancher-ports"]["plan"]["steps"]
    _, gate = [step["run"] for step in steps if isinstance(step, dict)]
    _program(runner.folder.parent / "bin" / "terraform", f'cat "{PLANS / "unknown-port" / "plan.json"}"')
    (runner.folder / "p").touch()
    assert runner.run(gate["command"], {"PLANFILE": "p"}, interpreter="sh").returncode == 1
    assert not (runner.folder / "p").exists()


def test_the_hooks_of_pre_commit_find_what_is_wrong(runner: Runner) -> None:
    settings, check = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    entry = f"{check['entry']} {' '.join(check['args'])}"
    shutil.copy(ROOT / "cdktf.json", runner.folder / "cdktf.json")
    assert re.search(settings["files"], "cdktf.json")
    # Of a checkout in which nothing has been synthesized there is nothing to say.
    assert runner.run(entry, {}).returncode == 0
    assert runner.run(f"{settings['entry']} cdktf.json", {}).returncode == 0
    _synthesized(runner.folder / "cdktf.out", SHIPPED)
    assert runner.run(entry, {}).returncode == 0
    text = (runner.folder / "cdktf.json").read_text("utf-8")
    (runner.folder / "cdktf.json").write_text(text.replace('"rke1"', '"rke11"'), "utf-8")
    done = runner.run(f"{settings['entry']} cdktf.json", {})
    assert (done.returncode, "rke1" in done.stderr) == (1, True)
    stack = runner.folder / "cdktf.out" / "stacks" / "rancher" / "cdk.tf.json"
    document = json.loads(stack.read_text("utf-8"))
    del document["resource"]["aws_vpc_security_group_ingress_rule"]["rancher_etcd_from_etcd_tcp_2379"]
    stack.write_text(json.dumps(document), "utf-8")
    (runner.folder / "cdktf.json").write_text(text, "utf-8")
    assert runner.run(entry, {}).returncode == 3
    # It is held against what the settings say: there, 9345/tcp is for RKE2 alone.
    (runner.folder / "cdktf.json").write_text(text.replace('"rke1"', '"rke2"'), "utf-8")
    done = runner.run(entry, {})
    assert (done.returncode, "9345/tcp" in done.stdout) == (3, True)
    # A stack of one's own says what it has instead.
    (runner.folder / "cdktf.json").write_text("{}", "utf-8")
    done = runner.run(f"{check['entry']} --distribution rke2", {})
    assert (done.returncode, "9345/tcp" in done.stdout) == (3, True)
    # Whatever is pushed: what was synthesized is in no commit.
    assert (check["always_run"], check["pass_filenames"], check["stages"]) == (True, False, ["pre-push"])


# A job that checks out, or that fetches artifacts, has to be allowed to.
_READ = {"contents": "read"}
_MAY: dict[str, dict[str, dict[str, str]]] = {
    "review.yml": {"synthesize": _READ, "review": {**_READ, "actions": "read"}},
    "comment.yml": {"comment": {**_READ, "actions": "read", "pull-requests": "write"}},
    "plan.yml": {
        "plan": {**_READ, "id-token": "write"},
        "comment": {"actions": "read", "pull-requests": "write"},
    },
    "packages.yml": {"packages": _READ},
    "modules.yml": {"generated": _READ, "engines": _READ},
    "site.yml": {"build": _READ, "publish": {"pages": "write", "id-token": "write"}, "links": _READ},
}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_may_be_written_but_what_a_job_is_for(path: Path) -> None:
    """Whoever runs what a pull request brings may read, and nothing else; what writes says so job by job."""
    document = _read(path)
    found = {name: job.get("permissions", document["permissions"]) for name, job in document["jobs"].items()}
    assert found == _MAY[path.name]
    for job in document["jobs"].values():
        assert job["timeout-minutes"] <= 30
        for step in job["steps"]:
            assert "${{" not in step.get("run", "") or path.name == "modules.yml"
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False
            if "uses" in step:
                assert re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}", step["uses"]), step["uses"]
    # A pull request's own code with a token that writes: what makes forks dangerous.
    # YAML takes `on` for true.
    events: Any = document
    assert "pull_request_target" not in events[True]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_token_is_given_to_the_steps_alone_that_ask_the_forge(path: Path) -> None:
    document = _read(path)
    for job in document["jobs"].values():
        around = {**document.get("env", {}), **job.get("env", {})}
        has_token = ["GH_TOKEN" in {**around, **step.get("env", {})} for step in job["steps"] if "run" in step]
        asks = [re.search(r"\bgh (?:api|run)\b", step["run"]) is not None for step in job["steps"] if "run" in step]
        assert has_token == asks


def _holds(condition: str, contexts: Mapping[str, object], status: str = "success") -> bool:
    """Whether a job runs: what GitHub makes of an expression, as far as these workflows have any.

    Args:
        condition: the expression; empty for none.
        contexts: what it names.
        status: of what the job needs: ``success``, ``failure`` or ``cancelled``.
    """
    text = condition.strip().removeprefix("${{").removesuffix("}}").strip()
    if not re.search(r"\b(?:success|failure|cancelled|always)\(\)", text):
        text = f"success() && ({text or 'true'})"
    for name in sorted(contexts, key=len, reverse=True):
        text = text.replace(name, repr(contexts[name]))
    words = {"&&": " and ", "||": " or ", "!cancelled": "not cancelled", "true": "True"}
    for word, python in words.items():
        text = text.replace(word, python)
    functions = {
        "success": lambda: status == "success",
        "cancelled": lambda: status == "cancelled",
        "fromJSON": json.loads,
        "contains": lambda some, one: one in some,
    }
    return bool(eval(text, {"__builtins__": {}}, functions))  # noqa: S307  # our own files


@pytest.mark.parametrize(
    ("conclusion", "event", "runs"),
    [
        ("success", "pull_request", True),
        # Where a gate is met.
        ("failure", "pull_request", True),
        ("cancelled", "pull_request", False),
        ("skipped", "pull_request", False),
        ("success", "push", False),
    ],
)
def test_a_comment_is_written_of_every_review_that_ended(conclusion: str, event: str, runs: bool) -> None:
    document: Any = _read(GITHUB / "comment.yml")
    run = "github.event.workflow_run"
    contexts = {f"{run}.event": event, f"{run}.conclusion": conclusion}
    assert _holds(document["jobs"]["comment"]["if"], contexts) is runs
    assert document[True] == {
        "workflow_run": {"workflows": [_read(GITHUB / "review.yml")["name"]], "types": ["completed"]}
    }
    # Two at once would both add a first comment.
    assert "head_branch" in document["concurrency"]["group"]


@pytest.mark.parametrize(("status", "runs"), [("success", True), ("failure", True), ("cancelled", False)])
def test_what_has_to_be_told_runs_after_a_failure_as_well(status: str, runs: bool) -> None:
    review, plan = _read(GITHUB / "review.yml"), _read(EXAMPLES / "plan.yml")
    same = {"github.event.pull_request.head.repo.full_name": "o/r", "github.repository": "o/r"}
    jobs = review["jobs"]
    assert jobs["review"]["needs"] == "synthesize"
    assert _holds(jobs["review"]["if"], {}, status) is runs
    (upload,) = [step for step in jobs["review"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert _holds(upload["if"], {}, status) is runs
    assert plan["jobs"]["comment"]["needs"] == "plan"
    assert _holds(plan["jobs"]["comment"]["if"], same, status) is runs
    # What must not run after a failure says nothing of it.
    assert _holds(jobs["synthesize"].get("if", ""), {}, status) is (status == "success")
    fork = {**same, "github.event.pull_request.head.repo.full_name": "stranger/r"}
    assert not _holds(plan["jobs"]["comment"]["if"], fork, status)
    assert not _holds(plan["jobs"]["plan"]["if"], fork, status)


def test_a_pull_request_is_reviewed_anew_when_it_is_to_be_merged_elsewhere() -> None:
    events: Any = _read(GITHUB / "review.yml")
    assert set(events[True]["pull_request"]["types"]) == {"opened", "synchronize", "reopened", "edited"}


def test_credentials_are_kept_from_forks_and_from_the_job_that_comments() -> None:
    jobs = _read(EXAMPLES / "plan.yml")["jobs"]
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert jobs["plan"]["if"] == same
    assert same in jobs["comment"]["if"]
    assert not [step for step in jobs["comment"]["steps"] if "uses" in step]


def test_what_pull_requests_need_is_kept_by_the_default_branch_alone() -> None:
    def caches(path: Path, action: str) -> list[Document]:
        steps = [step for job in _read(path)["jobs"].values() for step in job["steps"]]
        return [step["with"] for step in steps if step.get("uses", "").startswith(f"{action}@")]

    (kept,) = caches(GITHUB / "packages.yml", "actions/cache")
    # Of jsii, of Pipenv (which gives pip its own cache), and of npm.
    assert kept["path"].split() == ["~/.cache/aws/jsii/package-cache", "~/.cache/pipenv", "~/.npm"]
    for path in (GITHUB / "review.yml", EXAMPLES / "plan.yml"):
        assert not caches(path, "actions/cache")
        (found,) = caches(path, "actions/cache/restore")
        assert (found["path"], found["key"]) == (kept["path"], kept["key"])
        assert kept["key"].startswith(found["restore-keys"])
    events: Any = _read(GITHUB / "packages.yml")
    assert set(events[True]) == {"push", "schedule", "workflow_dispatch"}
    gitlab = _read(EXAMPLES / "gitlab-ci.yml")["synthesize"]
    assert gitlab["variables"]["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == "$CI_PROJECT_DIR/.cache/jsii"
    assert gitlab["variables"]["PIPENV_CACHE_DIR"] == "$CI_PROJECT_DIR/.cache/pipenv"
    assert gitlab["cache"]["paths"] == [".cache"]
