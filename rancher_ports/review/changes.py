"""What a change opens and closes: the answer of a review, whatever it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rancher_ports.model.blocks import read_block
from rancher_ports.model.findings import Finding
from rancher_ports.model.ports import Port
from rancher_ports.model.roles import GroupKey

Verdict = Literal["widened", "undecided", "narrowed", "unchanged"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

EndKind = Literal["security group", "ipv4", "ipv6", "prefix list"]


@dataclass(frozen=True, slots=True)
class End:
    """Who is at one end of traffic.

    Args:
        kind: what it is.
        name: for people: ``prod/etcd``, the address of a group without a role, an id, CIDR blocks, or, of what nobody
            knows before apply, the expression that it comes from: ``local.office``, ``one of a, b``.
        key: owner and role of a group, where they are known.
        address: where a group stands in the configuration; None for one that is known by its id alone.
        blocks: of addresses, the CIDR blocks.
        but_for: blocks within these that do not belong to it.
        candidates: the names of those of which it is one, where more is not known before apply.
    """

    kind: EndKind
    name: str
    key: GroupKey | None = None
    address: str | None = None
    blocks: tuple[str, ...] = ()
    but_for: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[object, ...]:
        """Where it stands among others: addresses first, by number, then whoever else by name."""
        blocks = [(block.version, block.interval) for block in map(read_block, self.blocks) if block]
        return not blocks, blocks, self.name


@dataclass(frozen=True, slots=True)
class Change:
    """What changes from one end to another, both halves counted.

    Args:
        source: who begins.
        destination: who answers.
        opened: the ports that are open afterwards and were not before.
        closed: the ports that were open and are not afterwards.
        opened_but_for: ports within ``opened`` that do not belong to it, where that takes fewer.
        closed_but_for: likewise within ``closed``.
        certain: False where a value is known after apply alone, so that the ports may be opened or closed, or not.
        world: whether ``opened`` is opened to the whole world, or to a good part of it.
        rules: the addresses of the rules that come, go or differ and have to do with it.
    """

    source: End
    destination: End
    opened: tuple[Port, ...]
    closed: tuple[Port, ...]
    opened_but_for: tuple[Port, ...] = ()
    closed_but_for: tuple[Port, ...] = ()
    certain: bool = True
    world: bool = False
    rules: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """``widened`` where anything is opened, whatever is closed besides; else ``narrowed``."""
        if not self.certain:
            return "undecided"
        return "widened" if self.opened else "narrowed"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many there are of something, rules or groups.

    Args:
        before: before the change.
        after: after it.
        added: those of ``after`` that there were not before.
        removed: those of ``before`` that there are no more.
    """

    before: int
    after: int
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Review:
    """What a change means.

    Args:
        changes: what is opened and closed; what faces the world first, then what is widened, what is undecided and what
            is narrowed.
        unchanged: how many pairs of ends reach each other after the change just as they did before.
        findings: what else there is to say of it, the gravest first.
        rules: how many rules there are.
        groups: how many groups there are.
        notes: what was not looked at, and why.
        checked: what it was held against, and whose groups; nothing unless somebody said what.
    """

    changes: tuple[Change, ...]
    unchanged: int
    findings: tuple[Finding, ...]
    rules: Tally
    groups: Tally
    notes: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest of its changes: the first of :data:`VERDICTS` that there is."""
        found = {change.verdict for change in self.changes}
        return next((verdict for verdict in VERDICTS if verdict in found), "unchanged")
