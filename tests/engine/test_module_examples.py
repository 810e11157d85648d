"""The modules as they are shipped: valid, as ``fmt`` writes them, their tests pass, their examples can be deployed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.engine.ec2.cloud import Cloud
from tests.engine.engines import Engine
from tests.engine.provider import server as provider_server
from tests.engine.stack import APPLY, Stack
from tests.engine.starting_point import PREFIX_LIST
from tools.check_modules import CheckError, check_format, copy_modules, run_tests, validate, validate_all

# What users have to say, besides what an example says itself.
VALUES = {
    "rke1": {"image_id": "ami-0123456789abcdef0"},
    "rke2": {"image_id": "ami-0123456789abcdef0", "registries_prefix_list_id": PREFIX_LIST},
    "k3s": {"image_id": "ami-0123456789abcdef0", "s3_prefix_list_id": PREFIX_LIST},
}
# The file on inputs is the same in all of them, and what it tries comes of the same code: once is enough here. The
# workflow runs it for each.
TESTS = {"k3s": (), "rke2": ("ports.tftest.hcl",), "rke1": ("ports.tftest.hcl",)}

_SOMEBODY = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(engine: Engine, provider: provider_server.Attached) -> Run:
    """Runs the engine, the provider attached."""
    return lambda folder, *arguments: engine.run(folder, *arguments, environment=provider.environment)


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies of the modules, in which an engine may leave what it likes."""
    folder = tmp_path_factory.mktemp("shipped") / "modules"
    copy_modules(folder)
    return folder


@pytest.fixture
def knows_tests(engine: Engine, tmp_path: Path) -> None:
    """Skips where the engine cannot mock providers in tests."""
    version, least = engine.version(tmp_path), (1, 8) if engine.name == "tofu" else (1, 7)
    if tuple(map(int, version.split(".")[:2])) < least:
        pytest.skip(f"{engine.name} {version} cannot mock providers in tests")


def test_hcl_is_as_fmt_writes_it(run: Run, modules: Path) -> None:
    check_format(run, modules)
    crooked = modules.parent / "crooked"
    crooked.mkdir()
    (crooked / "main.tf").write_text("locals {\n    a=1\n}\n", "utf-8")
    with pytest.raises(CheckError, match="a = 1"):
        check_format(run, crooked)


def _each(do: Callable[[str], None]) -> None:
    """Do it for each distribution, on both cores."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(do, TESTS))


def test_modules_and_examples_are_valid_without_a_warning(run: Run, modules: Path) -> None:
    _each(lambda distribution: validate_all(run, modules / distribution))


def test_a_warning_is_noticed(run: Run, tmp_path: Path) -> None:
    # The attribute in quotes, as before 0.12.
    deprecated = 'resource "terraform_data" "a" {\n  lifecycle {\n    ignore_changes = ["input"]\n  }\n}\n'
    (tmp_path / "main.tf").write_text(deprecated, "utf-8")
    with pytest.raises(CheckError, match='"severity": "warning"'):
        validate(run, tmp_path)


@pytest.mark.skipif(shutil.which("git") is None, reason="a module from git needs the program git")
def test_a_module_is_found_in_git(run: Run, tmp_path: Path) -> None:
    repository, caller = tmp_path / "repository", tmp_path / "caller"
    copy_modules(repository / "modules")
    for arguments in (["init", "-q"], ["add", "."], [*_SOMEBODY, "commit", "-qm", "modules"], ["tag", "v1.0.0"]):
        subprocess.run(["git", *arguments], cwd=repository, check=True)  # noqa: S607  # users have theirs anywhere
    caller.mkdir()
    source = f"git::file://{repository}//modules/rke2?ref=v1.0.0"
    call = {"source": source, "vpc_id": "vpc-0123456789abcdef0"}
    (caller / "main.tf.json").write_text(json.dumps({"module": {"ports": call}}), "utf-8")
    validate(run, caller)


@pytest.mark.usefixtures("knows_tests")
def test_shipped_tests_pass(run: Run, modules: Path) -> None:
    def pass_(distribution: str) -> None:
        run(modules / distribution, "init", "-input=false")
        run_tests(run, modules / distribution, TESTS[distribution])

    _each(pass_)


@pytest.mark.usefixtures("knows_tests")
def test_shipped_tests_notice_another_port(run: Run, modules: Path, tmp_path: Path) -> None:
    shutil.copytree(modules / "k3s", tmp_path / "k3s", ignore=shutil.ignore_patterns("examples", ".terraform*"))
    module = tmp_path / "k3s"
    main = json.loads((module / "main.tf.json").read_text("utf-8"))
    main["resource"]["aws_vpc_security_group_ingress_rule"]["worker_from_etcd_udp_8472"]["to_port"] = 8473
    (module / "main.tf.json").write_text(json.dumps(main), "utf-8")
    run(module, "init", "-input=false")
    with pytest.raises(CheckError, match="Flannel uses VXLAN on 8472/udp"):
        run_tests(run, module, ["ports.tftest.hcl"])


def _example(modules: Path, distribution: str, engine: Engine, provider: provider_server.Attached) -> Stack:
    example = Stack(modules / distribution / "examples" / "complete", engine, provider.environment)
    example.write_beside("terraform.tfvars.json", dict(VALUES[distribution]))
    example.init()
    return example


def test_a_complete_example_from_nothing_to_nothing(
    engine: Engine, provider: provider_server.Attached, modules: Path, cloud: Cloud
) -> None:
    before = cloud.moment()
    example = _example(modules, "k3s", engine, provider)
    assert "Warning" not in example.must(*APPLY).stdout
    # One role has a group that is brought.
    assert len([group for group in cloud.moment().groups if ("rancher-ports:owner", "edge") in group.tags]) == 3
    example.must("plan", "-input=false", "-detailed-exitcode")
    # The plan has just looked at what is there.
    example.must("destroy", "-input=false", "-auto-approve", "-refresh=false")
    after = cloud.moment()
    assert (after.groups, after.rules, after.instances) == (before.groups, before.rules, before.instances)


def test_the_other_complete_examples_are_planned(
    engine: Engine, provider: provider_server.Attached, modules: Path
) -> None:
    # With hundreds of rules an apply takes its time; what it makes of such rules, test_modules.py sees.
    for distribution in ("rke1", "rke2"):
        said = _example(modules, distribution, engine, provider).must("plan", "-input=false", "-no-color").stdout
        assert "Warning" not in said
        assert re.search(r"Plan: [1-9]\d* to add, 0 to change, 0 to destroy", said)
