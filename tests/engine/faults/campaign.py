"""One fault from beginning to end: an apply that it breaks or disturbs, and what it takes to converge."""

from __future__ import annotations

import copy
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.ec2 import server as ec2_server
from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.errors import EC2Error
from tests.engine.engines import Engine
from tests.engine.expected import groups_by_tag, rules_of
from tests.engine.faults.kinds import Counting, Fault, Happening, draw
from tests.engine.provider import server as provider_server
from tests.engine.recovering import recover
from tests.engine.stack import APPLY, Document, Stack
from tests.engine.starting_point import golden, new_cloud

# Two roles of four: a tenth of the rules and a third of the time, and every kind of resource.
_ROLES = ("rancher", "etcd")

# How a fault may end; docs/reliability.md explains each.
UNDISTURBED = "went through"
AGAIN = "applied again"
IMPORTED = "imported"
ORPHAN = "orphan named"
LEFTOVER = "imported, orphan named"
TAKEN_BACK = "taken back"
OUTCOMES = (UNDISTURBED, AGAIN, IMPORTED, ORPHAN, LEFTOVER, TAKEN_BACK)


@dataclass(frozen=True)
class Outcome:
    """What came of a fault.

    Args:
        fault: which.
        how: one of :data:`OUTCOMES`; or, if it did not converge, nothing.
        trouble: what was wrong then.
        happened: whether the engine got as far as the fault.
        emptied: whether the state, which had something in it before, was an empty file afterwards.
    """

    fault: Fault
    how: str
    trouble: str = ""
    happened: bool = True
    emptied: bool = False


def documents() -> dict[str, tuple[Document | None, Document]]:
    """By operation, what is deployed before, and what is applied."""
    shipped, more = _some(golden("shipped-settings")), _some(golden("office-load-balancer-and-mirrors"))
    renamed = copy.deepcopy(shipped)
    for group in renamed["resource"]["aws_security_group"].values():
        group["name_prefix"] = f"new-{group['name_prefix']}"
    return {"create": (None, shipped), "change": (more, shipped), "replace": (shipped, renamed)}


def _some(document: Document) -> Document:
    """The groups of two roles, and the rules between them and with peers outside."""
    resources: dict[str, dict[str, Any]] = document["resource"]
    gone = [f"_{role}" for role in ("controlplane", "worker")]
    for type_, some in resources.items():
        resources[type_] = {name: value for name, value in some.items() if not any(role in name for role in gone)}
    (output,) = document["output"].values()
    output["value"] = {role: output["value"][role] for role in _ROLES}
    return document


class Campaign:
    """Everything that one process needs to run faults.

    Args:
        engine: the engine.
        folder: a folder of its own.
        service: EC2's API, running.
        environment: how the engine reaches the provider.
        provider: the provider itself.
    """

    def __init__(
        self, engine: Engine, folder: Path, service: ec2_server.Service, provider: provider_server.Attached
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._service = service
        self._provider = provider
        self._start = {name: self._prepare(name, *both) for name, both in documents().items()}
        self.calls = {name: self._count(name) for name in self._start}

    def _prepare(
        self, name: str, before: Document | None, after: Document
    ) -> tuple[Stack, Cloud, list[tuple[Any, ...]]]:
        """The folder and EC2 as they are before an operation, and the rules that there have to be after it."""
        self._service.cloud = new_cloud()
        stack = Stack(self._folder / name, self._engine, self._provider.environment)
        stack.write(before or after)
        stack.init()
        if before:
            assert stack.apply_anew().returncode == 0
            stack.write(after)
        if name == "change":
            # Nodes that are not Terraform's: whoever has their groups in the end must not have cut them off.
            for id_ in groups_by_tag(self._service.cloud.moment()).values():
                self._service.cloud.call("run_instances", {"SecurityGroupIds": [id_]})
        start = self._service.cloud.copy()
        reference = stack.copy_to(self._folder / f"{name}-reference")
        assert reference.apply_anew().returncode == 0
        return stack, start, self._normal_rules()

    def _normal_rules(self) -> list[tuple[Any, ...]]:
        """The rules on our groups, with the groups' tags for their ids, which differ from run to run."""
        moment = self._service.cloud.moment()
        names = {id_: "/".join(key) for key, id_ in groups_by_tag(moment).items()}
        return sorted((names[group], *rest, names.get(peer, peer)) for group, *rest, peer in rules_of(moment, names))

    def _count(self, name: str) -> dict[str, int]:
        stack, start, _ = self._start[name]
        self._service.cloud = start.copy()
        counting = self._service.faults = Counting()
        copied = stack.copy_to(self._folder / "counting")
        assert copied.apply_anew().returncode == 0
        shutil.rmtree(copied.folder)
        self._service.faults = ec2_server.Faults()
        return counting.calls

    def run(self, seed: int) -> Outcome:
        """One seed's fault."""
        fault = draw(seed, self.calls)
        stack, start, rules = self._start[fault.operation]
        self._service.cloud = start.copy()
        work = stack.copy_to(self._folder / "work")
        try:
            return self._run(fault, work, rules)
        except (AssertionError, EC2Error) as error:
            return Outcome(fault, "", f"{type(error).__name__}: {error}")
        finally:
            self._service.faults = ec2_server.Faults()
            shutil.rmtree(work.folder)

    def _run(self, fault: Fault, work: Stack, rules: list[tuple[Any, ...]]) -> Outcome:
        process = self._engine.start(work.folder, *APPLY, environment=work.environment)
        happening = self._service.faults = Happening(fault, process.kill)
        process.communicate()
        self._provider.wait_until_idle()
        self._service.faults = ec2_server.Faults()

        emptied = fault.operation != "create" and not (work.folder / "terraform.tfstate").stat().st_size

        def outcome(how: str, trouble: str = "") -> Outcome:
            return Outcome(fault, how, trouble, happening.happened, emptied)

        if process.returncode == 0 and not self._trouble(work, rules):
            return outcome(UNDISTURBED)
        if not fault.recover_first:
            work.apply_anew()
            if not self._trouble(work, rules):
                return outcome(AGAIN)
        imported, named, said = self._recover(work)
        taken_back = self._is_in_use(named)
        if taken_back:
            targets = re.findall(r"`terraform destroy (-target=\S+)`", said)
            work.must("destroy", "-input=false", "-no-color", "-auto-approve", *targets)
            imported, named, said = self._recover(work)
        # Rules that are in the way go before, a group that something still names goes after.
        self._obey(command for command in named if command[0].startswith("revoke"))
        finished = work.apply_anew()
        self._obey(command for command in named if command[0].startswith("delete"))
        work.write_beside("import.tf.json", None)
        if trouble := self._trouble(work, rules):
            return outcome("", f"{trouble}\n{said}\n{finished.stderr[-1500:]}")
        if taken_back:
            return outcome(TAKEN_BACK)
        how = {(False, False): AGAIN, (True, False): IMPORTED, (False, True): ORPHAN, (True, True): LEFTOVER}
        return outcome(how[imported, bool(named)])

    def _recover(self, work: Stack) -> tuple[bool, list[tuple[str, ...]], str]:
        """Run our command as the README says: whether it wrote import blocks, the commands that it names, its words."""
        finished = recover(work, self._service)
        shown = re.findall("`aws ec2 ([^`]+)`", finished.stderr)
        named = [tuple(command.split()) for command in shown if not command.startswith("describe")]
        assert finished.returncode == (3 if named else 0), finished.stderr
        (work.folder / "import.tf.json").write_text(finished.stdout, "utf-8")
        return '"import"' in finished.stdout, named, finished.stderr

    def _is_in_use(self, commands: Iterable[tuple[str, ...]]) -> bool:
        """Whether a group that is named as an orphan is a node's."""
        used = {id_ for instance in self._service.cloud.instances.values() for id_ in instance.group_ids}
        return any(not used.isdisjoint(command) for command in commands if command[0] == "delete-security-group")

    def _obey(self, commands: Iterable[tuple[str, ...]]) -> None:
        """Do by hand what our command says is to be done by hand."""
        for action, *words in commands:
            options = {
                name: values.split()
                for name, _, values in (part.partition(" ") for part in " ".join(words).split("--"))
            }
            request: dict[str, Any] = {"GroupId": options["group-id"][0]}
            if "security-group-rule-ids" in options:
                request["SecurityGroupRuleIds"] = options["security-group-rule-ids"]
            self._service.cloud.call(action.replace("-", "_"), request)

    def _trouble(self, work: Stack, rules: list[tuple[Any, ...]]) -> str:
        """What is lost, doubled or left behind; nothing if all is well."""
        cloud = self._service.cloud
        ours = [group for group in cloud.groups.values() if group.tags]
        if len(ours) != len(_ROLES):
            return f"{len(ours)} groups of ours"
        in_use = {id_ for instance in cloud.instances.values() for id_ in instance.group_ids}
        if not in_use <= {group.id for group in ours}:
            return "nodes have groups that are nobody's"
        if self._normal_rules() != rules:
            return f"rules: {set(self._normal_rules()) ^ set(rules)}"
        code = work.run("plan", "-input=false", "-no-color", "-detailed-exitcode").returncode
        return "" if code == 0 else f"the second plan is not empty ({code})"


@contextmanager
def campaign(engine: Engine) -> Iterator[Campaign]:
    """Everything running, while the body does."""
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        ec2_server.serving(new_cloud()) as service,
        provider_server.serving(service.url) as provider,
    ):
        yield Campaign(engine, Path(folder), service, provider)
