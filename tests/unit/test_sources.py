"""What a reviewer has, parsed."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rancher_ports.errors import InputError
from rancher_ports.readers.configured import Configured
from rancher_ports.readers.sources import STACK_FILE, parse, read_folder


def test_a_document_is_parsed_without_looking_for_garbage_and_all_is_as_it_was() -> None:
    was = gc.isenabled()
    try:
        for before in (gc.enable, gc.disable):
            before()
            enabled = gc.isenabled()
            assert parse(b'{"a": [1]}') == {"a": [1]}
            assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


RULE = "aws_vpc_security_group_ingress_rule"
_STACK = {"resource": {RULE: {"a": {"from_port": 1}}}, "import": [{"to": "x", "id": "1"}], "terraform": {"backend": {}}}


def _read(folder: Path, files: Mapping[str, object]) -> Any:
    for name, content in {STACK_FILE: _STACK, **files}.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, "utf-8")
    return read_folder(folder)[""]


def test_what_terraform_reads_in_the_folder_of_a_stack_is_read(tmp_path: Path) -> None:
    more: dict[str, Any] = {"provider": {"aws": [{"alias": "b"}]}, "terraform": {"backend": {"s3": {}}}}
    more |= {"resource": {RULE: {"b": {"from_port": 2}}}, "import": {"to": "y", "id": "2"}, "moved": [{"from": "z"}]}
    found = _read(tmp_path, {"more.tf.json": more, "backend.tf": 'terraform {\n backend "s3" {}\n}', "notes.json": "{"})
    assert found["resource"] == {RULE: {"a": {"from_port": 1}, "b": {"from_port": 2}}}
    assert found["import"] == [{"to": "x", "id": "1"}, {"to": "y", "id": "2"}]
    assert found["moved"] == [{"from": "z"}]


# What may change which rules there are, or what an expression comes to; and what is not understood.
HCL = (
    'provider "aws" {}\n  resource "x" "y" {}',
    '/* a */ resource "x" "y" {}',
    '\ufeffresource "x" "y" {}',
    'locals {\n office = "0.0.0.0/0"\n}',
    'variable "office" {\n default = "0.0.0.0/0"\n}',
    'data "aws_vpc" "x" {}',
    'terraform {\n}\n}\nmodule "x" {\n',
    "terraform {\n x = <<E\n}\nE\n}",
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '# resource "x" "y" {}\nterraform {\n required_version = "~> 1.5"\n backend "s3" {}\n}',
        'provider "aws" {\n default_tags {\n tags = {\n module = "network"\n import = "}"\n } # }\n }\n}',
        "// notes {\nterraform{}\n",
    ],
)
def test_settings_in_hcl_are_passed_over(text: str, tmp_path: Path) -> None:
    assert _read(tmp_path, {"settings.tf": text}) == _STACK


def test_hcl_in_another_encoding_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "more.tf").write_bytes("# caf\u00e9\nterraform {\n}\n".encode("latin-1"))
    assert _read(tmp_path, {}) == _STACK


def test_what_terraform_does_not_read_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "folder.tf").mkdir()
    (tmp_path / "dangling.tf").symlink_to(tmp_path / "nothing")
    assert _read(tmp_path, {"._cdk.tf.json": "{", ".#cdk.tf.json": "{", "#more.tf#": "x", "more.tf~": "x"}) == _STACK


def test_what_cdktf_says_of_itself_may_stand_in_each_file(tmp_path: Path) -> None:
    more = {"//": "by hand", "provider": {"aws": {"region": "a"}}, "locals": {"x": 1}, "nooverride": {}}
    found = _read(tmp_path, {"nooverride.tf.json": more})
    assert found == {**_STACK, "locals": {"x": 1}}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        *(("more.tf", text, "HCL: expected JSON; or, in place of folders, the plan") for text in HCL),
        ("more.tofu", "import {}", "HCL"),
        ("override.tf.json", {}, "an override"),
        ("override.tofu.json", {}, "an override"),
        ("override.tf", "", "an override"),
        ("more_override.tf.json", {}, "an override"),
        ("more.tf.json", {"resource": {RULE: {"a": {"from_port": 1}}}}, f'resource.{RULE}.a: "a second time"'),
        ("more.tf.json", "{", "expected JSON"),
        ("more.tf.json", [], "expected an object"),
    ],
)
def test_what_cannot_be_read_with_a_stack_is_refused_at_its_place(
    name: str, content: object, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, {name: content})
    (fault,) = caught.value.faults
    assert str(tmp_path / name) in str(fault)
    assert said in str(fault)


def test_both_files_that_are_wrong_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, {STACK_FILE: "{", "more.tf": "import {}"})
    assert len(caught.value.faults) == 2


def test_what_is_of_no_form_that_blocks_have_is_left_to_who_reads_blocks(tmp_path: Path) -> None:
    found = _read(tmp_path, {"more.tf.json": {"resource": [7]}})
    with pytest.raises(InputError, match="resource: .*: expected a mapping"):
        Configured({"": found})
