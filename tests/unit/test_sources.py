"""What a reviewer has, parsed."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rancher_ports.errors import InputError
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


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "more.tf",
            'provider "aws" {}\n  resource "x" "y" {}',
            "HCL: expected JSON; or, in place of folders, the plan",
        ),
        ("more.tofu", "import {}", "HCL"),
        ("override.tf.json", {}, "an override"),
        ("more_override.tf.json", {}, "an override"),
        ("more.tf.json", {"resource": {RULE: {"a": {"from_port": 1}}}}, f"resource.{RULE}.a.from_port: a second time"),
        ("more.tf.json", "{", "expected JSON"),
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
