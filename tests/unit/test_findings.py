"""Findings and acknowledgements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rancher_ports.errors import InputError
from rancher_ports.model.findings import CODES, Acknowledgement, Finding, acknowledge
from rancher_ports.tables import load_tables


def _finding(code: str, place: str = "prod/etcd") -> Finding:
    return Finding(code, CODES[code], place, f"{place} is so.", "Do this.")


QUOTA, EXPOSED, EMPTY = _finding("quota"), _finding("etcd-exposed"), _finding("empty-slot", "registries")


def test_an_acknowledged_error_is_told_with_the_reason() -> None:
    found = acknowledge([EMPTY, EXPOSED, QUOTA], [Acknowledgement("quota", "raised to 100")])
    assert [(finding.code, finding.severity) for finding in found] == [
        ("etcd-exposed", "error"),
        ("empty-slot", "info"),
        ("acknowledged", "info"),
    ]
    assert str(found[2]) == "acknowledged: quota: prod/etcd is so. Acknowledged: raised to 100"
    assert found[2].place == "prod/etcd"


def test_an_acknowledgement_of_one_place_leaves_the_others() -> None:
    other = _finding("quota", "prod/worker")
    found = acknowledge([QUOTA, other], [Acknowledgement("quota", "raised", "prod/worker")])
    assert [(finding.code, finding.place) for finding in found] == [
        ("quota", "prod/etcd"),
        ("acknowledged", "prod/worker"),
    ]


@pytest.mark.parametrize("place", [None, "prod/worker"])
def test_an_acknowledgement_that_meets_nothing_is_a_finding(place: str | None) -> None:
    found = acknowledge([EXPOSED], [Acknowledgement("quota", "some day", place)])
    assert [finding.code for finding in found] == ["etcd-exposed", "unused-acknowledgement"]
    assert "some day" in found[1].sentence
    # What is no error needs no word, and so none can be given.
    assert acknowledge([EMPTY], []) == (EMPTY,)


@given(st.lists(st.sampled_from([QUOTA, EXPOSED, EMPTY, _finding("one-sided")]), max_size=8))
def test_nothing_is_lost_and_the_gravest_comes_first(found: list[Finding]) -> None:
    order = ["error", "warning", "info"]
    told = acknowledge(found, [])
    assert sorted(map(str, told)) == sorted(map(str, found))
    assert [finding.severity for finding in told] == sorted((f.severity for f in found), key=order.index)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("qouta", "x"), 'code: "qouta": expected one of quota, .*; did you mean "quota"'),
        (("empty-slot", "x"), 'code: "empty-slot": expected one of quota'),
        (("quota", ""), 'reason: "": expected a reason of 1 to 255 printable characters'),
        (("quota", " "), "reason: "),
        (("quota", "two\nlines"), "reason: "),
        (("quota", "x" * 256), "reason: "),
        (("quota", 7), "reason: 7: "),
        (("quota", "x", 7), "place: 7: expected the place of a finding"),
    ],
)
def test_a_bad_acknowledgement_is_refused(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Acknowledgement(*arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_what_a_table_protects_has_a_code() -> None:
    for table in load_tables().values():
        for protected in table.protected.values():
            assert CODES[protected.code] == "error"
