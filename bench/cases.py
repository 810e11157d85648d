"""What is measured as whole processes, and what each has to come to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bench.plans import RULES as RULES_OF_PLAN
from bench.plans import SHAPES

ROOT = Path(__file__).parent.parent

# Where what a process prints is kept.
STDOUT = "stdout.txt"

# Of the 59 documented flows 43 are to a role, and one of their other halves is added; 3 have a documented peer outside.
CLUSTER_RULES = 44
SERVER_RULES = 3
# A peer in the slot nodeport_clients: on controlplane and worker, over TCP and UDP.
PEER_RULES = 4

# What a process that is given a plan finds it as.
PLAN = "plan.json"

CLUSTERS = (1, 10, 100)
RULES = (50, 500, 2000, 5000)


@dataclass(frozen=True, slots=True)
class Case:
    """A process to measure.

    Args:
        name: as ``--only`` takes it.
        what: as the page calls it.
        arguments: what Python is given.
        groups: how many security groups it has to synthesize.
        rules: how many rules.
        cold: whether the package cache is empty when it starts.
        plan: what the plan does with its rules that it is given (:data:`bench.plans.SHAPES`); None if it is given none.
    """

    name: str
    what: str
    arguments: tuple[str, ...]
    groups: int
    rules: int
    cold: bool = False
    plan: str | None = None


def _side_by_side(*, cold: bool) -> tuple[Case, ...]:
    prefix = "cold-" if cold else ""
    return (
        Case(f"{prefix}app", "this app", (str(ROOT / "main.py"),), 4, CLUSTER_RULES + SERVER_RULES + 1, cold),
        Case(f"{prefix}floor", "an empty app", ("-m", "bench.floor"), 0, 0, cold),
        # The half that the app adds to a one-sided flow is not documented, so it is not written by hand.
        Case(f"{prefix}plain", "written by hand", ("-m", "bench.plain"), 4, CLUSTER_RULES + SERVER_RULES, cold),
    )


def _clusters(count: int) -> Case:
    rules = SERVER_RULES + count * CLUSTER_RULES
    arguments = ("-m", "bench.growth", "clusters", str(count), str(rules))
    return Case(f"clusters-{count}", str(count), arguments, 1 + 3 * count, rules)


def _rules(about: int) -> Case:
    peers = round((about - CLUSTER_RULES - SERVER_RULES) / PEER_RULES)
    rules = CLUSTER_RULES + SERVER_RULES + peers * PEER_RULES
    arguments = ("-m", "bench.growth", "peers", str(peers), str(rules))
    return Case(f"rules-{about}", f"{rules:,}", arguments, 4, rules)


def _given(plan: str) -> tuple[Case, Case]:
    name = plan.replace(" ", "-")
    return (
        Case(f"review-{name}", plan, ("-m", "rancher_ports", "review", PLAN), 0, RULES_OF_PLAN, plan=plan),
        Case(f"parse-{name}", plan, ("-m", "bench.parsing"), 0, 0, plan=plan),
    )


WARM = _side_by_side(cold=False)
COLD = _side_by_side(cold=True)
BY_CLUSTERS = tuple(_clusters(count) for count in CLUSTERS)
BY_RULES = tuple(_rules(about) for about in RULES)
# A review of each plan, and the least that one can take.
REVIEWS = tuple(map(_given, SHAPES))
CASES = (*WARM, *BY_CLUSTERS, *BY_RULES, *COLD, *chain(*REVIEWS))


def check_output(case: Case, folder: Path) -> None:
    """Refuse a figure for something else than was to be done.

    Args:
        case: what was run.
        folder: where it was run.

    Raises:
        RuntimeError: the JSON has another number of groups or rules than it should; or a review of a plan speaks of
            another number of rules.
    """
    if case.plan is not None:
        said = (folder / STDOUT).read_text("utf-8")
        if case.rules and f" and {case.rules:,} after (" not in said:
            raise RuntimeError(f"{case.name} reviewed something else than {case.rules:,} rules:\n{said[-1000:]}")
        return
    groups = rules = 0
    for path in folder.glob("cdktf.out/stacks/*/cdk.tf.json"):
        for type_, some in json.loads(path.read_text("utf-8")).get("resource", {}).items():
            if type_ == "aws_security_group":
                groups += len(some)
            else:
                rules += len(some)
    if (groups, rules) != (case.groups, case.rules):
        expected = f"{case.groups} groups and {case.rules} rules"
        raise RuntimeError(f"{case.name} synthesized {groups} groups and {rules} rules, and not {expected}")
