"""All checks of one deployment."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rancher_ports.audit.bootstrap import will_not_bootstrap
from rancher_ports.audit.brought_groups import brought_groups
from rancher_ports.audit.empty_slots import empty_slots
from rancher_ports.audit.kept import kept, without_kept
from rancher_ports.audit.migrating import migrating
from rancher_ports.audit.one_sided import one_sided
from rancher_ports.audit.protected import exposed
from rancher_ports.audit.quota import unknown_entries
from rancher_ports.audit.redundant import redundant_rules
from rancher_ports.audit.suggested_features import suggested_features
from rancher_ports.audit.unused_peers import unused_peers
from rancher_ports.audit.world import open_to_the_world
from rancher_ports.model.access import access
from rancher_ports.model.deployment import Deployment, left_out, meaning
from rancher_ports.model.findings import Finding, gravest_first
from rancher_ports.model.peers import Peer
from rancher_ports.model.rules import RuleSet
from rancher_ports.model.table import Table
from rancher_ports.model.templates import templates


def audit(
    table: Table,
    deployment: Deployment,
    rules: RuleSet,
    peers: Iterable[Peer] = (),
    *,
    cloud_provider: bool = False,
    of_server: Collection[str] = (),
) -> tuple[Finding, ...]:
    """All findings about one deployment, the gravest first.

    Args:
        table: the documented ports.
        deployment: what the user chose of them.
        rules: what came of it.
        peers: peers that the user defined, whether or not a slot names them.
        cloud_provider: whether AWS's cloud provider runs on the nodes.
        of_server: the features that are on at the server, where another construct made that.

    Returns:
        Errors before warnings, and these before the rest; within each, check by check in one order.

    Raises:
        InputError: two peers of rules that are left to somebody else have one name or one known value.
    """
    made = templates(table)
    left = left_out(made, deployment)
    everything = rules | RuleSet.of((), left)
    # What crosses to a server by addresses, or by way of an agents group, is no reference to a group that answers.
    crosses = not deployment.server_rules or any(b != b.plain for b in deployment.bindings.values())
    allowed = access(meaning(made, deployment) if crosses else everything)
    asked_for = without_kept(rules)
    findings = (
        *exposed(table, asked_for),
        *open_to_the_world(table, deployment, asked_for),
        *will_not_bootstrap(table, deployment, rules, allowed),
        *brought_groups(left),
        *one_sided(asked_for, allowed),
        *kept(rules),
        *unused_peers(table, deployment, everything, peers),
        *unknown_entries(rules),
        *migrating(made, deployment),
        *suggested_features(table, deployment, cloud_provider=cloud_provider, of_server=of_server),
        *empty_slots(table, deployment),
        # While nodes migrate, two tables are open, of which one may have in a range what the other has port by port.
        *(redundant_rules(rules) if deployment.choices.former is None else ()),
    )
    return gravest_first(findings)
