"""Findings: what somebody acknowledged is told, what nobody meant stays an error."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.findings import SEVERITIES, Acknowledgement, Finding, Severity, acknowledge

ERRORS = ("quota", "etcd-exposed", "kubelet-exposed", "overlay-exposed", "open-to-the-world")
OPEN = Finding("open-to-the-world", "error", "a/worker", "Open.", "Close it.")
ELSEWHERE = Finding("open-to-the-world", "error", "a/etcd", "Open.", "Close it.")
EMPTY = Finding("empty-slot", "info", "office", "Empty.", "Fill it.")
WARNING = Finding("unused-peer", "warning", "lab", "Unused.", "Use it.")

severities: st.SearchStrategy[Severity] = st.sampled_from(SEVERITIES)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    severity = draw(severities)
    code = draw(st.sampled_from(ERRORS)) if severity == "error" else "empty-slot"
    return Finding(code, severity, draw(st.sampled_from(["a", "b"])), draw(st.text("xyz", max_size=3)), "f")


def test_a_finding_reads_as_one_line() -> None:
    assert str(OPEN) == "open-to-the-world: Open. Close it."


def test_an_acknowledged_error_is_told_with_its_reason() -> None:
    (found,) = acknowledge([OPEN], [Acknowledgement("open-to-the-world", "a public mirror", "a/worker")])
    assert found == Finding(
        "acknowledged", "info", "a/worker", "open-to-the-world: Open.", "Acknowledged: a public mirror"
    )


def test_without_a_place_all_of_a_code_are_meant_and_with_one_no_other() -> None:
    everywhere = acknowledge([OPEN, ELSEWHERE], [Acknowledgement("open-to-the-world", "r")])
    assert [found.code for found in everywhere] == ["acknowledged", "acknowledged"]
    assert acknowledge([OPEN, ELSEWHERE], [Acknowledgement("open-to-the-world", "r", "a/worker")])[0] == ELSEWHERE


def test_all_who_speak_for_an_error_give_their_reasons_each_once() -> None:
    words = [Acknowledgement("open-to-the-world", reason) for reason in ("first", "second", "first")]
    assert [found.fix for found in acknowledge([OPEN], words)] == ["Acknowledged: first; second"]


def test_an_acknowledgement_of_nothing_is_a_warning() -> None:
    words = [Acknowledgement("quota", "raised"), Acknowledgement("open-to-the-world", "r", "a/controlplane")]
    open_, quota, place = acknowledge([OPEN], words)
    assert open_ == OPEN
    assert (quota.code, quota.severity, quota.place) == ("unused-acknowledgement", "warning", "quota")
    assert quota.sentence == "There is no quota anywhere to acknowledge (raised)."
    assert (place.code, place.severity, place.place) == ("unused-acknowledgement", "warning", "a/controlplane")
    assert place.sentence == "There is no open-to-the-world a/controlplane to acknowledge (r)."


@given(st.lists(findings()))
def test_without_acknowledgements_findings_are_the_same_with_the_gravest_first(some: list[Finding]) -> None:
    expected = tuple(one for grave in ("error", "warning", "info") for one in some if one.severity == grave)
    assert acknowledge(iter(some), []) == expected


@given(
    st.lists(findings()),
    st.lists(st.builds(Acknowledgement, st.sampled_from(ERRORS), st.just("r"), st.sampled_from([None, "a", "b"]))),
)
def test_no_finding_is_lost_and_only_errors_that_are_meant_become_less(
    some: list[Finding], words: list[Acknowledgement]
) -> None:
    meant = {(word.code, place) for word in words for place in ([word.place] if word.place else ["a", "b"])}
    found = acknowledge(some, words)
    unused = [one for one in found if one.code == "unused-acknowledgement"]
    assert len(found) == len(some) + len(unused)
    errors = [one for one in some if one.severity == "error"]
    assert [one for one in found if one.severity == "error"] == [
        one for one in errors if (one.code, one.place) not in meant
    ]
    met = {(one.code, place) for one, place in product(errors, ["*", "a", "b"]) if place in ("*", one.place)}
    assert len(unused) == sum((word.code, word.place or "*") not in met for word in words)


def test_only_errors_have_to_be_acknowledged() -> None:
    for code in ERRORS:
        assert Acknowledgement(code, "r").meets(Finding(code, "error", "p", "s", "f"))
    with pytest.raises(InputError, match='code: "unused-peer": expected one of quota, etcd-exposed'):
        Acknowledgement("unused-peer", "r")
    with pytest.raises(InputError, match='did you mean "quota"'):
        Acknowledgement("quotas", "r")
    assert acknowledge([EMPTY, WARNING], []) == (WARNING, EMPTY)


def test_every_fault_of_an_acknowledgement_is_reported() -> None:
    with pytest.raises(InputError) as refused:
        Acknowledgement(3, "", 7)  # type: ignore[arg-type]  # wrong on purpose
    assert [fault.place for fault in refused.value.faults] == ["code", "reason", "place"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 256, "a\nb", None, 3])
def test_what_is_no_reason_is_refused(reason: str) -> None:
    with pytest.raises(InputError, match="reason: .*a reason of 1 to 255 printable characters"):
        Acknowledgement("quota", reason)


def test_a_place_is_one_line() -> None:
    assert Acknowledgement("quota", "x" * 255, "a/etcd").place == "a/etcd"
    with pytest.raises(InputError, match="place"):
        Acknowledgement("quota", "r", "a\netcd")
