"""Reviews of plans that a real engine has made, and of the two folders of the same change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from rancher_ports.readers import configured_change, planned
from rancher_ports.readers.sources import read_folder
from rancher_ports.render.review_json import review_to_json
from rancher_ports.render.review_markdown import review_to_markdown
from rancher_ports.render.review_text import review_to_text
from rancher_ports.review.changes import Review
from rancher_ports.review.plan import review
from tests.conftest import PLANS, PLANS_OF_HCL, ROOT

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "review-1.json").read_text("utf-8"))
SHAPES = sorted(path.name for path in PLANS.iterdir())
# Of HCL a plan keeps which references an expression has, and not what is made of them.
ALL = sorted([*PLANS.iterdir(), *PLANS_OF_HCL.iterdir()])

# Where a plan knows what two folders do not say, or the other way round, and what that is.
DIFFERENT = {
    "child-module": "what a module makes",
    "import": "what a rule that is imported is like in EC2",
    "local-peer": "what a local comes to, which a plan leaves out",
    "module-for-each": "what a module makes",
    "module-output-peer": "what a module makes",
    "nested-unknown-peer": "what a module makes",
    "sensitive-block": "that a variable is sensitive, and its value",
    "targeted": "which resources are left out",
    "unknown-carrier": "what a module makes",
}


def _of_plan(shape: Path) -> Review:
    return review(planned.read_transition({"plan": json.loads((shape / "plan.json").read_text("utf-8"))}))


def _of_folders(shape: str) -> Review:
    before, after = (read_folder(PLANS / shape / side) for side in ("before", "after"))
    return review(configured_change.read_transition(before, after))


def _same(path: Path, text: str, *, rewrite: bool) -> None:
    if rewrite:
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{path} is not current: make rewrite"


@pytest.mark.parametrize("shape", ALL, ids=lambda shape: f"{shape.parent.name}/{shape.name}")
def test_a_plan_is_reviewed_as_it_was(shape: Path, rewrite: bool) -> None:
    made = _of_plan(shape)
    document = json.loads(review_to_json(made))
    Draft202012Validator(SCHEMA).validate(document)
    _same(shape / "review.json", json.dumps(document, indent=1) + "\n", rewrite=rewrite)
    _same(shape / "review.md", review_to_markdown(made), rewrite=rewrite)
    _same(shape / "review.txt", review_to_text(made), rewrite=rewrite)


@pytest.mark.parametrize("shape", SHAPES)
def test_two_folders_are_reviewed_like_the_plan_of_the_same_change(shape: str) -> None:
    assert (_of_folders(shape) == _of_plan(PLANS / shape)) is (shape not in DIFFERENT)


def test_nothing_is_said_to_be_known_after_apply() -> None:
    for shape in ALL:
        for form in ("json", "md", "txt"):
            assert "known after apply)" not in (shape / f"review.{form}").read_text("utf-8")


def test_what_is_sensitive_is_in_no_output() -> None:
    hidden = "203.0.113.77"
    assert hidden in (PLANS / "sensitive-block" / "plan.json").read_text("utf-8")
    for form in ("json", "md", "txt"):
        assert hidden not in (PLANS / "sensitive-block" / f"review.{form}").read_text("utf-8")


def test_the_page_shows_what_is_said() -> None:
    page = (ROOT / "docs" / "plan-review.md").read_text("utf-8")
    assert (PLANS / "opened-to-the-world" / "review.txt").read_text("utf-8") in page
