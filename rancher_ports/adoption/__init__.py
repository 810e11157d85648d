"""Taking over security groups that exist: made by hand, by a node driver, or by another configuration of Terraform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rancher_ports.adoption.assignments import (
    Assignment,
    Wish,
    assign,
    check_complete,
    check_peers,
    check_place,
    check_unique,
    read_wish,
)
from rancher_ports.adoption.comparison import Comparison, Judged, Lacking, compare
from rancher_ports.adoption.handing_over import HandingOver, hand_over, removed_text
from rancher_ports.adoption.taking_over import (
    Import,
    import_text,
    imports,
    known_ids,
    settings_text,
    with_groups,
    with_kept,
)
from rancher_ports.model.peers import PeerKind
from rancher_ports.model.table import Table
from rancher_ports.readers.described import DescribedGroup, DescribedRule, peer_value
from rancher_ports.readers.managed import ManagedObject
from rancher_ports.settings import read_settings


@dataclass(frozen=True, slots=True)
class Adoption:
    """What comes of groups that exist.

    Args:
        assignments: the groups, and whose each becomes.
        comparison: their rules against the documents.
        settings: the app's settings, as they stand under ``rancher_ports``.
        imports: what the app has at which address.
        handing_over: what another configuration's state is to forget.
        kept: how many rules the settings keep.
        known: by role, other groups that are taken for the app's, by our tags or by their names in the settings.
        unknown: groups that rules which are kept name, and of which nothing else is known.
    """

    assignments: tuple[Assignment, ...]
    comparison: Comparison
    settings: Mapping[str, object]
    imports: tuple[Import, ...]
    handing_over: HandingOver
    kept: int
    known: Mapping[str, str]
    unknown: tuple[str, ...]


def adopt(
    document: Mapping[str, object],
    tables: Mapping[str, Table],
    wishes: Sequence[Wish],
    described: tuple[Iterable[DescribedGroup], Iterable[DescribedRule]],
    managed: Iterable[ManagedObject] = (),
) -> Adoption:
    """Hold groups against the documents, and work out how our app takes them over.

    Args:
        document: the app's settings so far, as they stand under ``rancher_ports``.
        tables: the port tables, by distribution.
        wishes: which group is which roles'.
        described: the groups and rules that EC2 has; of the groups meant all rules.
        managed: what the states of other configurations have.

    Raises:
        InputError: with every fault in the settings, in the wishes, or in the groups as adopted ones.
    """
    # EC2 answers in no order of its own.
    groups = tuple(sorted(described[0], key=lambda group: group.id))
    rules = tuple(sorted(described[1], key=lambda rule: rule.id))
    assignments = assign(wishes, groups)
    check_place(assignments, document.get("vpc_id"), document.get("region"))
    check_peers(assignments, document)
    check_unique(assignments, groups, document)
    rules = tuple(_of_own_account(rule, groups) for rule in rules)
    check_complete(assignments, rules)
    named = with_groups(document, assignments)
    settings = read_settings(_context(named), tables)
    said = {str(peer.value) for peer in settings.peers.values()}
    ids = known_ids(settings, assignments, groups)
    comparison = compare(settings, assignments, (groups, rules), ids)
    new = with_kept(named, settings, assignments, comparison.judged, ids)
    settings = read_settings(_context(new), tables)
    mine = {one.group.id for one in assignments}
    brought = {group.security_group_id for group in settings.groups.values()}
    known = dict(sorted((key.role, id_) for key, id_ in ids.items() if id_ not in {*mine, *brought}))
    peers = {
        one.rule.identity.peer
        for one in comparison.judged
        if one.verdict not in ("controller", "needed") and one.rule.identity.kind is PeerKind.GROUP
    }
    return Adoption(
        assignments=assignments,
        comparison=comparison,
        settings=new,
        imports=imports(settings, assignments, rules, ids),
        handing_over=hand_over(managed, {one.group.id for one in assignments}),
        kept=sum(len(group.kept) for group in settings.adopted.values()),
        known=known,
        unknown=tuple(sorted(peers - brought - said - {group.id for group in groups})),
    )


def _of_own_account(rule: DescribedRule, groups: Iterable[DescribedGroup]) -> DescribedRule:
    """A rule whose peer has no account before it if that is its group's own, which not every answer says of a rule."""
    identity = rule.identity
    own = next((group.account for group in groups if group.id == identity.group_id), None)
    if rule.account is not None or own is None:
        return rule
    return replace(rule, identity=replace(identity, peer=peer_value(identity.kind, identity.peer, own)))


def _context(document: Mapping[str, object]) -> dict[str, object]:
    return {"context": {"rancher_ports": document}}


__all__ = [
    "Adoption",
    "Assignment",
    "Comparison",
    "HandingOver",
    "Import",
    "Judged",
    "Lacking",
    "Wish",
    "adopt",
    "import_text",
    "read_wish",
    "removed_text",
    "settings_text",
]
