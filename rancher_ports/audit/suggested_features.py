"""Features that are off and that a deployment looks to need."""

from __future__ import annotations

from collections.abc import Collection

from rancher_ports.model.deployment import Deployment, side_of
from rancher_ports.model.findings import Finding
from rancher_ports.model.table import Feature, Requirement, Table, in_short

CLOUD_PROVIDER = "aws-api"


def suggested_features(
    table: Table, deployment: Deployment, *, cloud_provider: bool = False, of_server: Collection[str] = ()
) -> tuple[Finding, ...]:
    """A finding for each feature that is off, although something suggests that it is needed.

    Peers in a slot suggest the features that the table names with it. A slot of which all rows are under features
    is another finding's: its peers are unused.

    Args:
        table: the documented ports.
        deployment: what the user chose of them.
        cloud_provider: whether AWS's cloud provider runs on the nodes.
        of_server: the features that are on at the cluster's server, where another construct made that. One that a slot
            can suggest concerns both: a load balancer in front of Rancher is one for the agents, too.
    """
    found = []
    for feature in table.features.values():
        if feature.name in deployment.choices.features:
            continue
        rows = [row for row in table.requirements if row.when.feature == feature.name and _matters(row, deployment)]
        signs = [f"the slot {slot} has peers" for slot in feature.suggested_by if deployment.slots.get(slot)]
        if feature.suggested_by and feature.name in of_server:
            signs.append("it is on at the server")
        if feature.name == CLOUD_PROVIDER and cloud_provider:
            signs.append("the nodes have a group for AWS's cloud provider")
        if rows and signs:
            found.append(_finding(feature, rows, signs))
    return tuple(found)


def _matters(row: Requirement, deployment: Deployment) -> bool:
    """Whether a row is of a role here, and would open what is not open anyway."""
    return side_of(row.role) in deployment.sides and (row.direction == "ingress" or deployment.choices.egress != "all")


def _finding(feature: Feature, rows: list[Requirement], signs: list[str]) -> Finding:
    return Finding(
        code="suggested-feature",
        severity="info",
        place=feature.name,
        sentence=f"The feature {feature.name} looks to be needed, since {' and '.join(signs)} ({feature.what}).",
        fix=f'Add "{feature.name}" to features, which opens {in_short(rows)}.',
    )
