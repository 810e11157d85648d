"""The scan fails on whatever it does not know to be all right, and on not having looked."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.conftest import ROOT
from tools.scan.scan import Suppression, Verdict, judge, read_suppressions

GROUP, INGRESS = "aws_security_group", "aws_vpc_security_group_ingress_rule"
DOCUMENT: dict[str, Any] = {
    "resource": {GROUP: {"etcd": {}}, INGRESS: {"etcd_from_etcd": {}}, "aws_instance": {"node": {}}}
}
SUPPRESSION = Suppression("CKV_1", "stacks/*: aws_security_group.*", "nodes are made elsewhere")


def _result(check: str, resource: str, document: str = "stacks/rancher") -> dict[str, Any]:
    # As checkov 3.3.30 gives them.
    return {
        "check_id": check,
        "check_name": f"what {check} is about",
        "file_path": f"/{document}/cdk.tf.json",
        "resource": resource,
    }


PLANTED = _result("CKV_AWS_24", f"{INGRESS}.ssh_from_anywhere", "planted")


def _judged(
    *failed: dict[str, Any],
    passed: tuple[str, ...] = (f"{GROUP}.etcd", f"{INGRESS}.etcd_from_etcd"),
    planted: dict[str, Any] | None = PLANTED,
    suppressions: tuple[Suppression, ...] = (),
    documents: dict[str, Any] | None = None,
) -> Verdict:
    results = {
        "passed_checks": [_result("CKV_0", resource) for resource in passed],
        "failed_checks": [*failed, *([planted] if planted else [])],
    }
    shown: dict[str, Any] = {"stacks/rancher": DOCUMENT, "manifest": {"version": "1"}}
    return judge(shown if documents is None else documents, results, suppressions)


def test_a_scan_in_which_all_is_well_has_no_faults_and_says_what_it_looked_at() -> None:
    verdict = _judged(_result("CKV_1", f"{GROUP}.etcd"), suppressions=(SUPPRESSION,))
    assert verdict.faults == []
    assert verdict.lines[:2] == ["1 documents, 3 resources, 2 checks passed", "not Terraform: manifest"]
    assert verdict.lines[-1].split() == ["1", "x", "CKV_1", *SUPPRESSION.resource.split(), *SUPPRESSION.reason.split()]


def test_a_failed_check_without_a_suppression_is_a_fault() -> None:
    verdict = _judged(_result("CKV_2", f"{INGRESS}.etcd_from_etcd"))
    assert verdict.faults == [f"CKV_2 stacks/rancher: {INGRESS}.etcd_from_etcd: what CKV_2 is about"]


@pytest.mark.parametrize("failed", [_result("CKV_2", f"{GROUP}.etcd"), _result("CKV_1", f"{INGRESS}.etcd_from_etcd")])
def test_a_suppression_is_of_one_check_at_what_it_names(failed: dict[str, Any]) -> None:
    verdict = _judged(failed, suppressions=(SUPPRESSION,))
    assert [fault.split()[0] for fault in verdict.faults] == [failed["check_id"], "suppression"]


def test_a_suppression_that_nothing_needs_is_a_fault() -> None:
    verdict = _judged(suppressions=(SUPPRESSION,))
    assert verdict.faults == [f"suppression without a use: CKV_1 {SUPPRESSION.resource}"]


def test_a_suppression_does_not_live_off_the_planted_rule() -> None:
    everywhere = Suppression("CKV_AWS_24", "*", "none")
    assert _judged(suppressions=(everywhere,)).faults == ["suppression without a use: CKV_AWS_24 *"]


def test_a_group_or_rule_that_was_not_read_is_a_fault() -> None:
    assert _judged(passed=(f"{GROUP}.etcd",)).faults == [f"not read: stacks/rancher: {INGRESS}.etcd_from_etcd"]


def test_no_resource_read_is_a_fault_though_no_check_failed() -> None:
    verdict = _judged(passed=(), planted=None)
    assert {fault.partition(":")[0] for fault in verdict.faults} == {"not read", "the planted rule was not found"}
    # Both of ours and the planted one; checkov need not have checks for an instance.
    assert len([fault for fault in verdict.faults if fault.startswith("not read")]) == 3


def test_a_resource_that_failed_was_read() -> None:
    failed = _result("CKV_1", f"{GROUP}.etcd")
    assert _judged(failed, passed=(f"{INGRESS}.etcd_from_etcd",), suppressions=(SUPPRESSION,)).faults == []


@pytest.mark.parametrize("planted", [None, {**PLANTED, "check_id": "CKV_AWS_25"}])
def test_a_planted_rule_that_is_not_found_is_a_fault(planted: dict[str, Any] | None) -> None:
    assert any(fault.startswith("the planted rule was not found") for fault in _judged(planted=planted).faults)


def test_nothing_to_scan_is_a_fault() -> None:
    assert _judged(passed=(), documents={}).faults == ["no document has resources"]
    assert _judged(passed=(), documents={"manifest": {}}).faults == ["no document has resources"]


def test_the_suppressions_of_the_project_are_one_for_each_check_and_say_why() -> None:
    text = (ROOT / "tools" / "scan" / "suppressions.toml").read_text("utf-8")
    named = [check for entry in tomllib.loads(text)["suppression"] for check in entry["checks"]]
    suppressions = read_suppressions(text)
    assert [suppression.check for suppression in suppressions] == named
    assert all(suppression.resource and suppression.reason for suppression in suppressions)


@pytest.mark.parametrize("missing", ["checks", "resource", "reason"])
def test_a_suppression_without_check_resource_or_reason_is_refused(missing: str) -> None:
    entry = {"checks": '["CKV_1"]', "resource": '"*"', "reason": '"why"'}
    text = "[[suppression]]\n" + "\n".join(f"{key} = {value}" for key, value in entry.items() if key != missing)
    with pytest.raises(KeyError, match=missing):
        read_suppressions(text)
