"""A stack's folder, and what an engine does in it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from tests.engine.engines import Engine

Document = dict[str, Any]

# Plan and do it in one command, as people do, with nobody to ask.
APPLY = ("apply", "-input=false", "-no-color", "-auto-approve")


class EngineError(AssertionError):
    """The engine refused, or failed."""


@dataclass(frozen=True)
class Plan:
    """What a plan is going to do, by address.

    Args:
        created: what does not exist yet.
        updated: what is changed in place.
        destroyed: what goes.
        replaced: what goes and comes again; neither created nor destroyed above.
        imported: what exists and is taken over.
        moved: former addresses, by address.
        document: the plan as the engine shows it in JSON.
    """

    created: frozenset[str] = frozenset()
    updated: frozenset[str] = frozenset()
    destroyed: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    document: Document = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing happens."""
        return self == Plan()


_ACTIONS = {
    ("create",): "created",
    ("update",): "updated",
    ("delete",): "destroyed",
    ("delete", "create"): "replaced",
    ("create", "delete"): "replaced",
}


def read_plan(document: Document) -> Plan:
    """The plan in the output of ``show -json``."""
    found: dict[str, set[str]] = {what: set() for what in _ACTIONS.values()}
    imported, moved = set(), {}
    for change in document.get("resource_changes", []):
        address, actions = change["address"], tuple(change["change"]["actions"])
        if actions in _ACTIONS and change["mode"] == "managed":
            found[_ACTIONS[actions]].add(address)
        if "importing" in change["change"]:
            imported.add(address)
        if "previous_address" in change:
            moved[address] = change["previous_address"]
    named = {what: frozenset(addresses) for what, addresses in found.items()}
    return Plan(**named, imported=frozenset(imported), moved=moved, document=document)


def addresses(document: Document, of: Callable[[str, str], bool] = lambda type_, name: True) -> frozenset[str]:  # noqa: ARG005  # all of them
    """The addresses of the resources in a document, or of some.

    Args:
        document: the JSON.
        of: says of a type and a name whether it is among them.
    """
    return frozenset(
        f"{type_}.{name}" for type_, some in document["resource"].items() for name in some if of(type_, name)
    )


class Stack:
    """A folder with one stack's JSON, its state beside it.

    Args:
        folder: the folder; made if it is not there.
        engine: what works in it.
        environment: what the engine needs to know, such as how to reach the provider.
    """

    def __init__(self, folder: Path, engine: Engine, environment: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.engine = engine
        self.environment = dict(environment)

    def write(self, document: Document, backend: Mapping[str, Any] | None = None) -> None:
        """Put the JSON there as it is; the state goes into this folder unless a backend is given.

        An override file says so, as users can: what was synthesized stays untouched.
        """
        (self.folder / "cdk.tf.json").write_text(json.dumps(document, indent=2), "utf-8")
        block = dict(backend or {"local": {"path": "terraform.tfstate"}})
        self.write_beside("override.tf.json", {"terraform": {"backend": block}})

    def write_as_it_is(self, document: Document) -> None:
        """Put the JSON there, its backend with it: stacks that read each other's state find it where they say."""
        (self.folder / "cdk.tf.json").write_text(json.dumps(document, indent=2), "utf-8")

    def write_beside(self, name: str, document: Document | None) -> None:
        """Put another file beside the JSON, or take it away."""
        path = self.folder / name
        if document is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(json.dumps(document, indent=2), "utf-8")

    def run(self, *arguments: str) -> CompletedProcess[str]:
        """Run the engine here, however it ends."""
        return self.engine.run(self.folder, *arguments, environment=self.environment)

    def must(self, *arguments: str, codes: Iterable[int] = (0,)) -> CompletedProcess[str]:
        """Run the engine here.

        Raises:
            EngineError: it ended otherwise; with what it said.
        """
        finished = self.run(*arguments)
        if finished.returncode not in codes:
            said = f"{finished.stdout[-2000:]}{finished.stderr}"
            raise EngineError(f"{self.engine.name} {' '.join(arguments)}: {finished.returncode}\n{said}")
        return finished

    def init(self, *more: str) -> None:
        """Make the folder ready."""
        self.must("init", "-input=false", "-no-color", *more)

    def validate(self) -> None:
        """Check the JSON against the provider's schema."""
        self.must("validate", "-no-color")

    def plan(self, *more: str) -> Plan:
        """Work out what an apply would do; :meth:`apply` does just that."""
        code = self.must(
            "plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=tfplan", *more, codes=(0, 2)
        ).returncode
        plan = read_plan(json.loads(self.must("show", "-json", "tfplan").stdout))
        # The engine's own word for an empty plan; outputs count for it, moves do not.
        if code == 0 and not plan.moved:
            assert plan.is_empty, plan
        return plan

    def apply(self) -> None:
        """Do what was planned last."""
        self.must("apply", "-input=false", "-no-color", "tfplan")

    def apply_anew(self) -> CompletedProcess[str]:
        """Plan and do it in one command, as people do; however it ends."""
        return self.run(*APPLY)

    def apply_at_once(self) -> None:
        """The same, which has to succeed; without the plan to look at it is the fastest way."""
        self.must(*APPLY)

    def has_nothing_to_do(self) -> bool:
        """Whether a plan is empty, by the engine's own word; costs less than :meth:`plan`, which shows the plan."""
        planned = self.must("plan", "-input=false", "-no-color", "-detailed-exitcode", codes=(0, 2))
        # A move need not count for the code.
        return planned.returncode == 0 and "No changes." in planned.stdout

    def destroy(self, *more: str) -> None:
        """Take everything away."""
        self.must("destroy", "-input=false", "-no-color", "-auto-approve", *more)

    def state(self) -> Document:
        """The state as the engine shows it in JSON."""
        document: Document = json.loads(self.must("show", "-json").stdout)
        return document

    def addresses(self) -> set[str]:
        """What the state knows."""
        module = self.state().get("values", {}).get("root_module", {})
        return {resource["address"] for resource in module.get("resources", []) if resource["mode"] == "managed"}

    def copy_to(self, folder: Path) -> Stack:
        """The same, state and all, elsewhere."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Stack(folder, self.engine, self.environment)
