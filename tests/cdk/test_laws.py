"""Laws of whatever a user builds: clusters, connections, brought groups, peers and own rules, at random."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from typing import Any

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from tests.cdk.deployments import Deployment, build, deployments
from tests.cdk.expected_rules import expected_rules, written_rules
from tests.cdk.flavour import App
from tests.cdk.synthesis import Document, synthesized

# A deployment takes long to build, and a failing one reads well as it is: no smaller one is looked for.
laws = settings(phases=[phase for phase in Phase if phase not in (Phase.shrink, Phase.explain)])


def _document(deployment: Deployment, **order: Any) -> tuple[Document, int]:
    """The JSON, and how many rules the constructs say are in it."""
    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, stack_traces=False)
        count = build(deployment, app, **order)
        return synthesized(app, "infrastructure"), count


@laws
@given(deployments())
def test_rules_are_the_documented_flows_and_the_own_ones_each_once(deployment: Deployment) -> None:
    document, count = _document(deployment)
    written = written_rules(document)
    assert set(written) == expected_rules(deployment)
    # Neither twice for AWS, nor two at one address, where the CDK would keep the later one.
    assert len(written) == len(set(written)) == count


@laws
@given(deployments())
def test_the_order_does_not_matter(deployment: Deployment) -> None:
    assert _document(deployment) == _document(deployment, backwards=True)


@laws
@given(deployments(), st.data())
def test_a_cluster_that_goes_takes_its_own_rules_and_no_others(deployment: Deployment, data: st.DataObject) -> None:
    assume(deployment.clusters)
    gone = data.draw(st.sampled_from(sorted(deployment.clusters)))
    # Nobody names its groups, and somebody else is in the agents group.
    others = {
        name: replace(cluster, own=[one for one in cluster.own if not one.peer.startswith(f"{gone}/")])
        for name, cluster in deployment.clusters.items()
    }
    assume(not others[gone].has_agents or any(c.has_agents for name, c in others.items() if name != gone))
    before, _ = _document(replace(deployment, clusters=others))
    after, _ = _document(replace(deployment, clusters={name: c for name, c in others.items() if name != gone}))
    is_its = re.compile(f"(cross-stack-output-aws_security_group)?{gone}_")
    for kind in ("resource", "output"):
        assert any(is_its.match(name) for name in _names(before, kind))
    assert _without(before, is_its) == _without(after, is_its)


def _names(document: Document, kind: str) -> list[str]:
    found = document.get(kind, {}).values() if kind == "resource" else [document[kind]]
    return [name for some in found for name in some]


def _without(document: Document, is_its: re.Pattern[str]) -> Document:
    resources = {
        type_: left
        for type_, some in document.get("resource", {}).items()
        if (left := {name: resource for name, resource in some.items() if not is_its.match(name)})
    }
    outputs = {name: output for name, output in document["output"].items() if not is_its.match(name)}
    # What the CDK notes for itself about outputs is no part of the configuration.
    return {**document, "resource": resources, "output": outputs, "//": None}
