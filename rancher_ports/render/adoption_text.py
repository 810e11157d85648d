"""What an adoption finds, for people: each group's rules against the documents, and what there is to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rancher_ports.adoption import Adoption, Assignment, Judged, Lacking
from rancher_ports.adoption.comparison import Beyond, Verdict
from rancher_ports.model.findings import Finding
from rancher_ports.model.peers import ANYWHERE
from rancher_ports.model.ports import Port
from rancher_ports.readers.described import DescribedRule, RuleIdentity
from rancher_ports.render.inert import inert
from rancher_ports.render.review_sheet import counted, listed

_LONGEST = 255
_LONGEST_FINDING = 2_000
_EVERYWHERE = tuple(peer.value for peer in ANYWHERE)

_TITLES: dict[Verdict, str] = {
    "needed": "needed as it is",
    "within": "part of what is needed",
    "wider": "wider than needed",
    "unfilled-slot": "for a slot that nobody has filled",
    "unneeded": "nobody's: not documented for what was chosen",
    "controller": "a cloud controller's, left alone",
}
_COVER = {
    "no": "missing",
    "perhaps": "missing, unless these blocks hold the nodes meant",
    "yes": "not there as such, let pass by wider rules",
}


def adoption_to_text(adoption: Adoption, refused: Iterable[Finding] = ()) -> str:
    """The whole report.

    Args:
        adoption: what was found; names and descriptions in it are foreign.
        refused: the findings for which the app does not take the settings as they are.
    """
    lines = [line for one in adoption.assignments for line in _group(adoption, one)]
    lines += ["", *_taken_over(adoption)]
    if errors := [f"  {inert(str(one), _LONGEST_FINDING)}" for one in refused]:
        lines += ["before the app takes these settings, mend:", *errors]
    return "\n".join(lines).lstrip("\n") + "\n"


def _group(adoption: Adoption, one: Assignment) -> Iterator[str]:
    group = one.group
    roles = f", for {', '.join(one.roles)}" if one.roles != (one.becomes,) else ""
    yield ""
    yield f"{_said(group.name)} ({group.id}), which becomes the group of {one.becomes}{roles}"
    judged = [one for one in adoption.comparison.judged if one.rule.identity.group_id == group.id]
    for verdict, some in groupby(judged, key=lambda one: one.verdict):
        rules = list(some)
        yield f"  {_TITLES[verdict]}: {counted(len(rules), 'rule')}"
        yield from (f"    {judged_text(rule)}" for rule in rules)
    lacking = [one for one in adoption.comparison.lacking if one.group.id == group.id]
    for cover, title in _COVER.items():
        some_lacking = [one for one in lacking if one.covered == cover]
        if some_lacking:
            yield f"  {title}: {counted(len(some_lacking), 'rule')}"
            yield from (f"    {lacking_text(one)}" for one in some_lacking)


def judged_text(one: Judged) -> str:
    """A rule, and by how much it is wider than needed."""
    said = [rule_text(one.rule)]
    if one.verdict == "wider":
        beyond = []
        if one.ports:
            ports = "every other port" if one.rule.identity.port == Port.all() else listed(one.ports, str)
            beyond.append(f"{ports} beyond those needed")
        beyond += [_addresses_text(some, one.rule.identity) for some in one.addresses]
        said.append("; ".join(beyond))
    if one.needed and one.verdict in ("wider", "within"):
        said.append(f"needed: {listed(list(_by_peer(one.needed)), str)}")
    if one.others:
        said.append(f"documented for {listed(one.others, str)} instead")
    if one.otherwise:
        said.append(f"its port is documented with {listed(one.otherwise, str)}")
    if one.slots:
        said.append(f"documented for {listed(one.slots, str)}: put its peer there if that is who it is")
    return "; ".join(said)


def _addresses_text(beyond: Beyond, rule: RuleIdentity) -> str:
    on = "" if beyond.ports == (rule.port,) else f" on {listed(beyond.ports, str)}"
    if beyond.addresses is None:
        return f"whatever else its peer holds{on}"
    if rule.peer in _EVERYWHERE:
        return f"the whole world beyond who is needed{on}"
    return f"{beyond.addresses:,} addresses where fewer, or groups, are needed{on}"


def rule_text(rule: DescribedRule) -> str:
    """A rule that exists: its id, what it lets pass, and how it is described."""
    description = f' "{_said(rule.description)}"' if rule.description else ""
    return f"{rule.id} {rule.identity}{description}"


def lacking_text(one: Lacking) -> str:
    """A rule that is needed and not there."""
    rule = one.rule
    preposition = "from" if rule.direction == "ingress" else "to"
    by = f" (by {listed(one.by, str)})" if one.by and one.covered != "no" else ""
    return f"{rule.direction} {rule.port} {preposition} {rule.peer}: {rule.description}{by}"


def _taken_over(adoption: Adoption) -> Iterator[str]:
    kept = f"{counted(adoption.kept, 'rule')} of them kept as they are"
    yield f"taken over: {counted(len(adoption.imports), 'object')}, {kept}"
    if adoption.known:
        groups = (f"{role} {id_}" for role, id_ in adoption.known.items())
        yield f"taken for the app's own, by tags or names: {', '.join(groups)}"
    if adoption.unknown:
        yield f"groups of which nothing is known, perhaps load balancers': {', '.join(adoption.unknown)}"
    handing_over = adoption.handing_over
    if handing_over.removed:
        yield f"forgotten by the other state: {counted(len(handing_over.removed), 'resource')}"
    if handing_over.instances:
        yield "instances beside which others stay, so that no removed block can name them:"
        yield f"  {handing_over.command}"


def _by_peer(needed: Iterable[tuple[str, str]]) -> Iterator[str]:
    ports: dict[str, list[str]] = {}
    for port, peer in needed:
        ports.setdefault(port, []).append(peer)
    return (f"{port} {', '.join(peers)}" for port, peers in ports.items())


def _said(text: str) -> str:
    return inert(text, _LONGEST)
