"""``rancher-ports adopt`` as it is typed: with EC2's answers as files; what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from rancher_ports.cli import commands
from rancher_ports.settings import read_settings_file
from rancher_ports.tables import load_tables

# As `aws ec2 describe-security-groups` and `describe-security-group-rules` print them.
GROUP: dict[str, Any] = {
    "GroupId": "sg-0123456789abcdef0",
    "IpPermissionsEgress": [],
    "Tags": [{"Key": "team", "Value": "platform"}],
    "VpcId": "vpc-0123456789abcdef0",
    "SecurityGroupArn": "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0123456789abcdef0",
    "OwnerId": "111122223333",
    "GroupName": "etcd of prod",
    "Description": "made by hand",
    "IpPermissions": [
        {
            "IpProtocol": "tcp",
            "FromPort": 2379,
            "ToPort": 2379,
            "UserIdGroupPairs": [{"UserId": "111122223333", "GroupId": "sg-0123456789abcdef0"}],
            "IpRanges": [],
            "Ipv6Ranges": [],
            "PrefixListIds": [],
        }
    ],
}
RULE: dict[str, Any] = {
    "SecurityGroupRuleId": "sgr-0123456789abcdef0",
    "GroupId": "sg-0123456789abcdef0",
    "GroupOwnerId": "111122223333",
    "IsEgress": False,
    "IpProtocol": "tcp",
    "FromPort": 2379,
    "ToPort": 2379,
    "ReferencedGroupInfo": {"GroupId": "sg-0123456789abcdef0", "UserId": "111122223333"},
    "Tags": [],
}


@pytest.fixture(autouse=True)
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both answers, in which the command runs."""
    (tmp_path / "groups.json").write_text(json.dumps({"SecurityGroups": [GROUP]}), "utf-8")
    (tmp_path / "rules.json").write_text(json.dumps({"SecurityGroupRules": [RULE]}), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str) -> Result:
    given = ("adopt", "--groups", "groups.json", "--rules", "rules.json", *arguments)
    return CliRunner().invoke(commands, given, prog_name="rancher-ports")


def test_it_tells_and_writes_nothing_unless_asked(answers: Path) -> None:
    done = _run("--role", "etcd=etcd of prod")
    assert done.exit_code == 0
    assert "etcd of prod (sg-0123456789abcdef0), which becomes the group of etcd" in done.output
    assert {path.name for path in answers.iterdir()} == {"groups.json", "rules.json"}


def test_every_role_that_is_none_is_told_at_once() -> None:
    done = _run("--role", "etdc=etcd of prod", "--role", "wroker=x")
    assert done.exit_code == 1
    assert 'did you mean "etcd"?' in done.output
    assert 'did you mean "worker"?' in done.output


def test_a_state_file_is_told_to_be_one(answers: Path) -> None:
    (answers / "terraform.tfstate").write_text(json.dumps({"version": 4, "serial": 1, "resources": []}), "utf-8")
    done = _run("--role", "etcd=etcd of prod", "--state", "terraform.tfstate")
    assert done.exit_code == 1
    assert "terraform show -json" in done.output


def test_what_other_groups_state_was_to_forget_is_not_left_behind(answers: Path) -> None:
    values = {"id": "sg-0123456789abcdef0"}
    resource = {
        "address": "aws_security_group.e",
        "mode": "managed",
        "type": "aws_security_group",
        "name": "e",
        "values": values,
    }
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}
    (answers / "state.json").write_text(json.dumps(state), "utf-8")
    wish = ("--role", "etcd=etcd of prod", "--output", "adopted")
    # The same state twice is one.
    assert _run(*wish, "--state", "state.json", "--state", "state.json").exit_code == 0
    removed = answers / "adopted" / "removed.tf.json"
    assert len(json.loads(removed.read_text("utf-8"))["removed"]) == 1
    done = _run(*wish)
    assert (done.exit_code, "removed.tf.json" in done.output) == (1, True)
    assert _run(*wish, "--force").exit_code == 0
    assert json.loads(removed.read_text("utf-8")) == {"removed": []}


def test_what_the_app_would_refuse_is_told(answers: Path) -> None:
    blocks = [{"CidrIp": f"10.{number}.0.0/16"} for number in range(70)]
    group = {**GROUP, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 9999, "ToPort": 9999, "IpRanges": blocks}]}
    rules = [
        {
            **{key: value for key, value in RULE.items() if key != "ReferencedGroupInfo"},
            "SecurityGroupRuleId": f"sgr-{number:017x}",
            "FromPort": 9999,
            "ToPort": 9999,
            "CidrIpv4": block["CidrIp"],
        }
        for number, block in enumerate(blocks)
    ]
    (answers / "groups.json").write_text(json.dumps({"SecurityGroups": [group]}), "utf-8")
    (answers / "rules.json").write_text(json.dumps({"SecurityGroupRules": rules}), "utf-8")
    done = _run("--role", "etcd=etcd of prod")
    assert done.exit_code == 0
    assert "before the app takes these settings, mend:\n  quota: " in done.output
    refused = json.loads(_run("--role", "etcd=etcd of prod", "--format", "json").output)["refused"]
    assert [(one["code"], one["place"]) for one in refused] == [("quota", "rancher/etcd")]
    # Nothing is told of settings that the app takes.
    (answers / "cdktf.json").write_text(
        json.dumps({"context": {"rancher_ports": {"region": "eu-central-1", "quotas": {"rules_per_group": 200}}}}),
        "utf-8",
    )
    assert "mend" not in _run("--role", "etcd=etcd of prod", "--settings", "cdktf.json").output


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        (("--feature", "ssh-admin", "--feature", "node-driver"), "features", ["ssh-admin", "node-driver"]),
        (("--one-sided", "documented"), "one_sided", "documented"),
        (("--egress", "all"), "egress", "all"),
        (("--cni", "calico"), "cni", "calico"),
    ],
)
def test_what_is_chosen_stands_in_the_settings(
    options: tuple[str, ...], key: str, value: object, answers: Path
) -> None:
    assert _run("--role", "etcd=etcd of prod", "--output", "adopted", *options).exit_code == 0
    written = json.loads((answers / "adopted" / "settings.json").read_text("utf-8"))["context"]["rancher_ports"]
    found = written[key]
    assert (sorted(found) if isinstance(found, list) else found) == (
        sorted(value) if isinstance(value, list) else value
    )
    # Without a state there is nothing to forget.
    assert {path.name for path in (answers / "adopted").iterdir()} == {"settings.json", "import.tf.json"}


def test_what_it_writes_is_what_the_app_reads(answers: Path) -> None:
    done = _run("--role", "etcd=etcd of prod", "--prefix", "prod", "--output", "adopted", "--distribution", "k3s")
    assert done.exit_code == 0
    settings = read_settings_file(answers / "adopted" / "settings.json", load_tables())
    assert (settings.prefix, settings.region, settings.table.distribution) == ("prod", "eu-central-1", "k3s")
    assert settings.adopted["etcd"].description == "made by hand"
    imports = json.loads((answers / "adopted" / "import.tf.json").read_text("utf-8"))["import"]
    assert {block["id"] for block in imports} == {"sg-0123456789abcdef0", "sgr-0123456789abcdef0"}
    # Again with the settings that it wrote: they are a cdktf.json like any other.
    again = _run("--role", "etcd=sg-0123456789abcdef0", "--settings", "adopted/settings.json", "--output", "again")
    assert again.exit_code == 0
    assert (answers / "again" / "settings.json").read_bytes() == (answers / "adopted" / "settings.json").read_bytes()


def test_a_state_is_told_what_to_forget(answers: Path) -> None:
    resource = {
        "address": "aws_security_group.etcd",
        "mode": "managed",
        "type": "aws_security_group",
        "name": "etcd",
        "values": {"id": "sg-0123456789abcdef0"},
    }
    state = {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}
    (answers / "state.json").write_text(json.dumps(state), "utf-8")
    done = _run("--role", "etcd=etcd of prod", "--state", "state.json", "--output", "adopted")
    assert "forgotten by the other state: 1 resource" in done.output
    removed = json.loads((answers / "adopted" / "removed.tf.json").read_text("utf-8"))
    assert removed == {"removed": [{"from": "aws_security_group.etcd", "lifecycle": {"destroy": False}}]}


def test_the_report_for_programs_is_json() -> None:
    done = _run("--role", "etcd=etcd of prod", "--format", "json")
    assert json.loads(done.output)["format"] == "rancher-ports/adopt"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no rancher-nodes was found, but sg-0123456789abcdef0 (etcd of prod)"),
        (("--role", "ectd=etcd of prod"), 'did you mean "etcd"?'),
        (("--role", "etcd=etcd of prod", "--distribution", "rke3"), 'did you mean "rke2"?'),
        (("--role", "etcd=etcd of prod", "--settings", "nothing.json"), "nothing.json"),
        (("--role", "etcd=etcd of prod", "--state", "groups.json"), "groups.json"),
        (("--role", "etcd=etcd of prod", "--prefix", "Prod"), '"Prod"'),
    ],
)
def test_what_is_wrong_is_refused_in_words(arguments: tuple[str, ...], said: str) -> None:
    done = _run(*arguments)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_region_that_the_settings_contradict_is_refused(answers: Path) -> None:
    settings = {"context": {"rancher_ports": {"region": "us-east-1", "vpc_id": "vpc-0123456789abcdef0"}}}
    (answers / "cdktf.json").write_text(json.dumps(settings), "utf-8")
    done = _run("--role", "etcd=etcd of prod", "--settings", "cdktf.json", "--region", "eu-west-1")
    assert (done.exit_code, "--region" in done.output, "us-east-1" in done.output) == (1, True, True)
    # The group lies elsewhere than the app.
    done = _run("--role", "etcd=etcd of prod", "--settings", "cdktf.json")
    assert (done.exit_code, "eu-central-1" in done.output) == (1, True)


def test_another_vpc_than_that_of_the_settings_is_refused(answers: Path) -> None:
    settings = {"context": {"rancher_ports": {"region": "eu-central-1", "vpc_id": "vpc-11111111"}}}
    (answers / "cdktf.json").write_text(json.dumps(settings), "utf-8")
    done = _run("--role", "etcd=etcd of prod", "--settings", "cdktf.json")
    assert (done.exit_code, "vpc-11111111" in done.output) == (1, True)


def test_files_that_are_there_stay(answers: Path) -> None:
    (answers / "adopted").mkdir()
    (answers / "adopted" / "settings.json").write_text("mine", "utf-8")
    done = _run("--role", "etcd=etcd of prod", "--output", "adopted")
    assert (done.exit_code, "--force" in done.output) == (1, True)
    assert [path.name for path in (answers / "adopted").iterdir()] == ["settings.json"]
    assert _run("--role", "etcd=etcd of prod", "--output", "adopted", "--force").exit_code == 0
