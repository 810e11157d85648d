"""``rancher-ports recover`` as it is typed, and the command line it belongs to."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner, Result

from rancher_ports import cli
from rancher_ports.cli import commands, ec2
from rancher_ports.recovery import Leftover
from tests.conftest import ROOT
from tests.unit.broken_apply import GROUP, REGION, Apply, Fate, everything, id_of

OFFICE_RULE = "aws_vpc_security_group_ingress_rule.rancher_rancher_from_office_tcp_443"
ETCD = f"{GROUP}.rancher_etcd"


@pytest.fixture(autouse=True)
def _nobodys_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    # boto3 keeps a session, and with it what the environment was.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def _run(*arguments: str, stdin: bytes | str | None = None) -> Result:
    return CliRunner().invoke(commands, ["recover", *arguments], input=stdin, prog_name="rancher-ports")


class Files:
    """A plan and EC2's answers as files."""

    def __init__(self, folder: Path, apply: Apply) -> None:
        self.folder = folder
        self.plan = self._write("plan.json", apply.plan())
        self.groups = self._write("groups.json", apply.groups())
        self.rules = self._write("rules.json", apply.rules())

    def _write(self, name: str, document: object) -> str:
        path = self.folder / name
        path.write_text(json.dumps(document), "utf-8")
        return str(path)

    def run(self, *more: str, plan: str | None = None, stdin: bytes | str | None = None) -> Result:
        """The command with these files and further arguments."""
        return _run(plan or self.plan, "--groups", self.groups, "--rules", self.rules, *more, stdin=stdin)


def _files(folder: Path, **fates: Fate) -> Files:
    return Files(folder, Apply({OFFICE_RULE: "lost", **fates}))


IMPORT = {"import": [{"to": OFFICE_RULE, "id": id_of(OFFICE_RULE)}]}


def test_import_blocks_are_printed_and_the_rest_is_said_aside(tmp_path: Path) -> None:
    run = _files(tmp_path).run()
    assert run.exit_code == 0
    assert json.loads(run.stdout) == IMPORT
    assert run.stderr.startswith(
        f"to import: 1\n  {OFFICE_RULE}: {id_of(OFFICE_RULE)} (ingress 443/tcp from 203.0.113.0/24"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_plan_comes_through_a_pipe(tmp_path: Path, encoding: str) -> None:
    files = _files(tmp_path)
    content = Path(files.plan).read_text("utf-8").encode(encoding)
    run = subprocess.run(
        [sys.executable, "-m", "rancher_ports", "recover", "-", "--groups", files.groups, "--rules", files.rules],
        cwd=ROOT,
        input=content,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == IMPORT


def test_nothing_to_recover_is_a_file_that_terraform_takes(tmp_path: Path) -> None:
    run = Files(tmp_path, Apply()).run()
    assert (run.exit_code, run.stdout) == (0, "{}\n")
    assert run.stderr.startswith("nothing to recover")


def test_something_left_is_exit_code_3(tmp_path: Path) -> None:
    apply = Apply()
    files = Files(tmp_path, apply)
    groups = apply.groups()
    groups["SecurityGroups"].append(apply.group(ETCD, GroupId="sg-00000001"))
    Path(files.groups).write_text(json.dumps(groups), "utf-8")
    run = files.run()
    assert (run.exit_code, run.stdout) == (3, "{}\n")
    assert "aws ec2 delete-security-group --group-id sg-00000001" in run.stderr


def test_a_file_is_written_if_there_is_something_for_it(tmp_path: Path) -> None:
    output = tmp_path / "import.tf.json"
    nothing = Files(tmp_path, Apply()).run("--output", str(output))
    assert (nothing.exit_code, nothing.stdout, output.exists()) == (0, "", False)
    something = _files(tmp_path).run("--output", str(output))
    assert (something.exit_code, something.stdout) == (0, "")
    assert json.loads(output.read_text("utf-8")) == IMPORT


def test_a_file_that_is_there_stays_unless_forced(tmp_path: Path) -> None:
    files = _files(tmp_path)
    output = tmp_path / "import.tf.json"
    output.write_text("mine", "utf-8")
    refused = files.run("--output", str(output))
    assert refused.exit_code == 1
    assert f"rancher-ports: --output: {output}: expected a file that is not there yet, or --force\n" in refused.stderr
    assert output.read_text("utf-8") == "mine"
    assert files.run("--output", str(output), "--force").exit_code == 0
    assert json.loads(output.read_text("utf-8")) == IMPORT
    elsewhere = files.run("--output", str(tmp_path / "none" / "import.tf.json"))
    assert (elsewhere.exit_code, elsewhere.exception.__class__) == (1, SystemExit)
    assert "No such file or directory: expected a file that can be written" in elsewhere.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing: expected JSON"),
        (b"\n", "nothing: expected JSON"),
        (b"{", "Expecting property name"),
        (b"[" * 100_000, "expected JSON"),
        (b"\xff", "expected JSON"),
        (b"PK\x03\x04", "a plan file: expected its JSON, which `terraform show -json` makes of it"),
        (b'{"format_version": "1.0"}', '"a state": expected the JSON of a plan'),
    ],
)
def test_what_is_no_plan_is_one_line_and_exit_code_1(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    run = _files(tmp_path).run(plan=str(path))
    assert (run.exit_code, run.stdout) == (1, "")
    assert run.stderr.startswith(f"rancher-ports: {path}: ")
    assert said in run.stderr
    assert run.stderr.count("\n") == 1


def test_faults_carry_the_file_they_are_in(tmp_path: Path) -> None:
    files = _files(tmp_path)
    missing = files.run(plan=str(tmp_path / "none.json"))
    assert f"rancher-ports: {tmp_path / 'none.json'}: No such file or directory: expected a file" in missing.stderr
    Path(files.rules).write_text('{"SecurityGroupRules": [{}]}', "utf-8")
    run = files.run()
    assert run.exit_code == 1
    assert f"{files.rules}: SecurityGroupRules[0].GroupId: nothing: expected" in run.stderr
    assert f"{files.rules}: SecurityGroupRules[0].IpProtocol: nothing: expected" in run.stderr


def test_usage_is_exit_code_2() -> None:
    assert _run().exit_code == 2
    assert _run("plan.json", "--nonsense").exit_code == 2


# What EC2 is asked.


def _answers(monkeypatch: pytest.MonkeyPatch, region: str | None = REGION) -> Stubber:
    """EC2, stubbed, for whoever makes a client in a region."""
    client = boto3.client("ec2", region_name=REGION)

    def made(service: str, region_name: str | None) -> Any:
        assert (service, region_name) == ("ec2", region)
        return client

    monkeypatch.setattr(boto3, "client", made)
    return Stubber(client)


OF_ROLES = {"Filters": [{"Name": "tag:rancher-ports:role", "Values": ["controlplane", "etcd", "rancher", "worker"]}]}


def test_ec2_is_asked_page_by_page_for_groups_of_the_roles_and_rules_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = Apply(everything("lost"))
    groups, rules = apply.groups()["SecurityGroups"], apply.rules()["SecurityGroupRules"]
    ids = {"Filters": [{"Name": "group-id", "Values": sorted(group["GroupId"] for group in groups)}]}
    with _answers(monkeypatch) as stubber:
        for name, key, found, asked in (
            ("describe_security_groups", "SecurityGroups", groups, OF_ROLES),
            ("describe_security_group_rules", "SecurityGroupRules", rules, ids),
        ):
            stubber.add_response(name, {key: found[:3], "NextToken": "more"}, asked)
            stubber.add_response(name, {key: found[3:]}, asked | {"NextToken": "more"})
        run = _run(Files(tmp_path, apply).plan)
        stubber.assert_no_pending_responses()
    assert run.exit_code == 0, run.stderr
    expected = [{"to": address, "id": id_of(address)} for address in sorted(apply.resources)]
    assert json.loads(run.stdout) == {"import": expected}


def test_a_plan_without_groups_and_rules_asks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Path(Files(tmp_path, Apply()).plan)
    plan.write_text(json.dumps(Apply().plan() | {"resource_changes": []}), "utf-8")
    with _answers(monkeypatch):
        assert _run(str(plan)).exit_code == 0


def test_a_filter_takes_no_more_than_200_values(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [f"sg-{number:08x}" for number in range(401)]
    with _answers(monkeypatch) as stubber, ec2.client(REGION) as client:
        for values in (ids[:200], ids[200:400], ids[400:]):
            asked = {"Filters": [{"Name": "group-id", "Values": values}]}
            stubber.add_response("describe_security_group_rules", {"SecurityGroupRules": []}, asked)
        assert ec2.describe_rules(client, ids) == {"SecurityGroupRules": []}
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("UnauthorizedOperation", "credentials that may call ec2:DescribeSecurityGroups"),
        ("RequestLimitExceeded", "fewer calls at a time"),
        ("AuthFailure", "credentials that AWS takes"),
        ("InternalError", "an answer of EC2"),
    ],
)
def test_a_refusal_of_ec2_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, expected: str
) -> None:
    with _answers(monkeypatch) as stubber:
        stubber.add_client_error("describe_security_groups", code, "No.\nEncoded: " + "x" * 1000)
        run = _run(_files(tmp_path).plan)
    assert (run.exit_code, run.stdout) == (1, "")
    assert run.stderr.startswith(f"rancher-ports: EC2 in {REGION}: {code}: No. Encoded: x")
    assert f"...: expected {expected}" in run.stderr
    assert run.stderr.count("\n") == 1


def test_an_ec2_that_is_not_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    run = _run(_files(tmp_path).plan)
    assert run.exit_code == 1
    assert run.stderr.startswith(
        f'rancher-ports: EC2 in {REGION}: Could not connect to the endpoint URL: "http://127.0.0.1:1'
    )


def test_no_credentials_and_no_such_profile_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    run = _run(_files(tmp_path).plan)
    assert run.stderr == (
        f"rancher-ports: EC2 in {REGION}: Unable to locate credentials: expected credentials that AWS takes, given as "
        "to the AWS command line (AWS_PROFILE, `aws configure`, ...)\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    run = _run(_files(tmp_path).plan)
    assert (run.exit_code, "The config profile (nobody) could not be found" in run.stderr) == (1, True)


def test_a_plan_that_says_no_region_leaves_it_to_boto3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Apply({OFFICE_RULE: "lost"}).plan()
    plan["configuration"]["provider_config"] = {}
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), "utf-8")
    run = _run(str(path))
    assert run.stderr == (
        "rancher-ports: EC2: You must specify a region.: expected a region in the plan, AWS_REGION or the profile\n"
    )
    apply = Apply({OFFICE_RULE: "lost"})
    with _answers(monkeypatch, None) as stubber:
        stubber.add_response("describe_security_groups", apply.groups())
        stubber.add_response("describe_security_group_rules", apply.rules())
        assert json.loads(_run(str(path)).stdout) == IMPORT


def test_without_boto3_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    run = _run(_files(tmp_path).plan)
    assert run.exit_code == 1
    assert run.stderr == (
        'rancher-ports: EC2: boto3 is not installed: expected `pip install "rancher-ports[aws]"`, or what EC2 answers '
        "as --groups FILE and --rules FILE\n"
    )
    assert json.loads(_files(tmp_path).run().stdout) == IMPORT


# The command line itself.


def test_loading_the_command_line_loads_neither_boto3_nor_the_cdk() -> None:
    code = (
        "import sys, rancher_ports.cli\n"
        "assert not {'boto3', 'botocore', 'cdktf', 'constructs', 'jsii'} & set(sys.modules), sorted(sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_it_is_the_command_that_gets_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"rancher-ports": f"{cli.__name__}:{cli.main.__name__}"}


@pytest.mark.parametrize("installed", [True, False])
def test_the_version_is_that_of_what_is_installed(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        assert name == "rancher-ports"
        if not installed:
            raise metadata.PackageNotFoundError(name)
        return "1.2.3"

    monkeypatch.setattr(metadata, "version", version)
    run = CliRunner().invoke(commands, ["--version"], prog_name="rancher-ports")
    assert run.stdout == f"rancher-ports {'1.2.3' if installed else 'of a checkout, not installed'}\n"


def test_help_shows_how_it_is_used() -> None:
    run = _run("--help")
    assert run.exit_code == 0
    assert "terraform show -json recover.tfplan | rancher-ports recover - > import.tf.json" in run.stdout
    assert "  3  done, and something is left for you\n" in run.stdout
    assert "recover" in CliRunner().invoke(commands, ["--help"]).stdout


# What the README says of it.


def _rows(first_cell: str) -> dict[str, str]:
    """First and second cells of the README's table whose header begins with this cell."""
    table = (ROOT / "README.md").read_text("utf-8").partition(f"\n| {first_cell} |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0].strip("`"): row[1] for row in rows}


def test_every_option_and_exit_code_is_explained() -> None:
    shown = _run("--help").stdout
    options = {name.partition(" ")[0] for name in _rows("option")}
    parameters = {option for parameter in commands.commands["recover"].params for option in parameter.opts}
    assert options == {option for option in parameters if option.startswith("--")}
    for code in _rows("exit code"):
        assert f"  {code}  " in shown


def test_everything_that_may_be_left_is_explained() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "rancher_ports" / "recovery").glob("*.py"))
    codes = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', sources))
    assert set(_rows("what is left")) == codes
    assert set(re.findall(r"``([a-z]+-[a-z-]+)``", Leftover.__doc__ or "")) == codes
