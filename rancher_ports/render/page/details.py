"""What the page of a review shows of a pair on demand: rules, findings, and reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from rancher_ports.model.findings import Finding
from rancher_ports.model.flows import lines
from rancher_ports.model.inventory import FoundRule
from rancher_ports.model.ports import ports_of
from rancher_ports.model.table import Requirement
from rancher_ports.render.inert import inert, sentence
from rancher_ports.render.page.contents import Entry, Part
from rancher_ports.render.page.of_table import reasons
from rancher_ports.render.review_sheet import change_text, kind_of, ports_said
from rancher_ports.render.sheet import said_of
from rancher_ports.review.documented import Documents
from rancher_ports.review.pairs import MOST_RULES, Pair

# More hide what they are about.
_FINDINGS = 5


class Details:
    """What there is to be said of pairs.

    Args:
        findings: of the review.
        documents: what it is held against; None for nothing.
        rows: rows of tables by id, for rules that name them in our tag.
    """

    def __init__(
        self, findings: Iterable[Finding], documents: Documents | None, rows: Mapping[str, Requirement]
    ) -> None:
        self._documents = documents
        self._rows = rows
        self._findings: dict[str, list[Finding]] = {}
        for finding in findings:
            for place in dict.fromkeys((finding.place, *finding.where)):
                self._findings.setdefault(place, []).append(finding)

    def of(self, pair: Pair) -> tuple[Part, ...]:
        """The parts of which there is something."""
        changed = {address for change in pair.changes for address in change.rules}
        come, stay = ([rule for rule in pair.rules if (rule.address in changed) is so] for so in (True, False))
        # Where it changes for several ends at once, or for more addresses, it is told as the review does.
        also = [one for one in pair.changes if (one.source, one.destination) != (pair.source, pair.destination)]
        parts = {
            "All together": [Entry(change_text(kind_of(change), change, inert)) for change in also],
            "Rules that come, go or differ": _rules(come),
            "Rules that stay": _rules(stay),
            "Findings": self._of_findings(pair),
        }
        found = [Part(title, tuple(entries)) for title, entries in parts.items() if entries]
        return (*found, *(self._of_tags(pair) if self._documents is None else self._of_documents(pair)))

    def _of_findings(self, pair: Pair) -> list[Entry]:
        places = [pair.source.name, pair.destination.name, *(rule.address for rule in pair.rules)]
        found = dict.fromkeys(chain.from_iterable(self._findings.get(place, ()) for place in places))
        entries = [Entry(f"{one.severity} {inert(one.code)} at {inert(one.place)}") for one in found]
        return _some(list(dict.fromkeys(entries)), _FINDINGS)

    def _of_documents(self, pair: Pair) -> Iterator[Part]:
        """What documents say, and what they do not."""
        found = self._documents.reasons(pair) if self._documents else None
        if found is None:
            yield Part("Documented", (Entry("Neither end is a role that documents speak of."),))
            return
        if found.flows:
            yield reasons(sorted(lines(found.flows), key=lambda line: line.ports[0].span))
        if found.without:
            yield Part("In no document", (Entry(ports_said(*ports_of(found.without))),))

    def _of_tags(self, pair: Pair) -> Iterator[Part]:
        """The rows that rules name themselves, where nobody has said which documents apply."""
        ids = dict.fromkeys(id_ for rule in pair.rules for id_ in rule.because)
        found = [_row(id_, self._rows.get(id_)) for id_ in ids]
        if found:
            yield Part("Documented, by the tags of the rules", tuple(found))


def _row(id_: str, row: Requirement | None) -> Entry:
    if row is None:
        return Entry(f"{inert(id_)}: no table has it")
    return Entry(f"{row.id}: {row.why}", said_of(row))


def _rules(rules: Iterable[FoundRule]) -> list[Entry]:
    said: dict[str, list[str]] = {}
    for rule in rules:
        said.setdefault(inert(rule.address), []).extend([sentence(rule.description)] if rule.description else [])
    entries = [Entry(address, tuple(dict.fromkeys(texts))) for address, texts in said.items()]
    return [*entries, Entry("and perhaps more")] if len(entries) == MOST_RULES else entries


def _some(entries: Sequence[Entry], most: int) -> list[Entry]:
    left = len(entries) - most
    return [*entries[:most], *([Entry(f"and {left:,} more")] if left > 0 else [])]
