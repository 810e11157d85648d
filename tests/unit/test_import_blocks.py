"""What a recovery found, for Terraform and for people."""

from __future__ import annotations

import json

from rancher_ports.recovery import Import, Leftover, Recovery
from rancher_ports.render.imports import import_blocks, report

GROUP = Import('module.ports["a"].aws_security_group.etcd', "sg-1", "prod-etcd")
RULE = Import("aws_vpc_security_group_ingress_rule.x", "sgr-1", "ingress 443/tcp from 10.0.0.0/8 on sg-1")


def test_the_file_is_what_terraform_reads() -> None:
    assert json.loads(import_blocks((RULE, GROUP))) == {
        "import": [
            {"to": "aws_vpc_security_group_ingress_rule.x", "id": "sgr-1"},
            {"to": 'module.ports["a"].aws_security_group.etcd', "id": "sg-1"},
        ]
    }


def test_no_import_is_a_file_all_the_same() -> None:
    # Terraform refuses an empty one.
    assert import_blocks(()) == "{}\n"


def test_people_are_told_what_and_warned_of_groups() -> None:
    text = report(Recovery((GROUP,), (Leftover("orphan-rule", "sgr-2", "It is open.", "Close it."),)))
    assert 'to import: 1\n  module.ports["a"].aws_security_group.etcd: sg-1 (prod-etcd)\n' in text
    assert "another deployment with the same prefix in the same VPC looks the same" in text
    assert "Nothing has been changed" in text
    assert text.endswith("left for you: 1\n  orphan-rule: It is open. Close it.")
    assert "another deployment" not in report(Recovery((RULE,), ()))
    assert report(Recovery((), ())).startswith("nothing to recover")
    assert report(Recovery((), (Leftover("a", "b", "c.", "d."),))) == "left for you: 1\n  a: c. d."
