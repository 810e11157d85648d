"""Have checkov look at synthesized JSON: whatever it finds fails, unless suppressions.toml says why not.

Checkov exits with 0 where it has read nothing, so every group and rule has to show up among its results, and a rule
that is planted has to be found. That rule is open to IPv4: checkov 3.3.30 does not see that ``::/0`` is open in a rule
that is a resource of its own. It works offline: nothing is fetched, nothing is uploaded.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SUPPRESSIONS = Path(__file__).with_name("suppressions.toml")

# The plain framework, terraform, reads no JSON.
OPTIONS = (
    *("--framework", "terraform_json", "--skip-download", "--download-external-modules", "false"),
    *("--compact", "--output", "json"),
)

# Types of which every resource has to be read; others are the examples' own.
READ = ("aws_security_group", "aws_vpc_security_group_")

PLANTED = "planted"
PLANTED_DOCUMENT = {
    "resource": {
        "aws_vpc_security_group_ingress_rule": {
            "ssh_from_anywhere": {
                "security_group_id": "sg-0123456789abcdef0",
                "ip_protocol": "tcp",
                "from_port": 22,
                "to_port": 22,
                "cidr_ipv4": "0.0.0.0/0",
            }
        }
    }
}

Documents = Mapping[str, Mapping[str, Any]]
# What checkov says, by kind: passed_checks, failed_checks, parsing_errors.
Results = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """A check that a resource failed; the resource as ``document: address``."""

    check: str
    resource: str
    what: str

    def __str__(self) -> str:
        return f"{self.check} {self.resource}: {self.what}"


FOUND = ("CKV_AWS_24", f"{PLANTED}: aws_vpc_security_group_ingress_rule.ssh_from_anywhere")


@dataclass(frozen=True, slots=True)
class Suppression:
    """Failures that are none: of one check, at resources of a pattern as in shells."""

    check: str
    resource: str
    reason: str

    def covers(self, failure: Failure) -> bool:
        """Whether it is about a failure."""
        return failure.check == self.check and fnmatchcase(failure.resource, self.resource)


def read_suppressions(text: str) -> list[Suppression]:
    """Suppressions from TOML, one for each check that is named.

    Raises:
        KeyError: one has no check, no resource or no reason.
    """
    entries = tomllib.loads(text)["suppression"]
    return [Suppression(check, entry["resource"], entry["reason"]) for entry in entries for check in entry["checks"]]


def read_documents(paths: Iterable[Path]) -> Documents:
    """Synthesized JSON by path without suffix: of JSON files as it is, of Python files as they synthesize it.

    Of a Python file that makes several stacks the name of each comes after the path.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = pool.map(_read, paths)
    return {name: json.loads(text) for texts in found for name, text in texts.items()}


def _read(path: Path) -> dict[str, str]:
    name = str(path.with_suffix(""))
    if path.suffix == ".json":
        return {name: path.read_text("utf-8")}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(path.resolve())]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603  # our own examples
        files = Path(folder).glob("cdktf.out/stacks/*/cdk.tf.json")
        texts = {file.parent.name: file.read_text("utf-8") for file in files}
        return {name if len(texts) == 1 else f"{name}/{stack}": text for stack, text in texts.items()}


def check(checkov: Path, documents: Documents) -> Results:
    """What checkov says of some documents.

    Raises:
        SystemExit: it did not come to results.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, document in documents.items():
            # No other name is read.
            path = Path(folder, name, "cdk.tf.json")
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(document, indent=2), "utf-8")
        command = [str(checkov.resolve()), "--directory", ".", *OPTIONS]
        # Without the environment and the home of whoever runs it, where checkov looks for settings and keys.
        environment = {"PATH": os.environ["PATH"], "HOME": folder}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # checkov, as installed
    try:
        results: Results = json.loads(done.stdout)["results"]
    except (ValueError, TypeError, KeyError):
        sys.exit(f"checkov came to no results, exit code {done.returncode}:\n{done.stdout}{done.stderr}")
    if results["parsing_errors"]:
        sys.exit(f"checkov could not read {results['parsing_errors']}")
    return results


def _addresses(documents: Documents) -> dict[str, list[str]]:
    """Resources as ``document: address``, by the name that checkov has for them, which lacks the type."""
    found: dict[str, list[str]] = {}
    for name, document in documents.items():
        for type_, some in document["resource"].items():
            for resource in some:
                found.setdefault(f"{name}: {resource}", []).append(f"{name}: {type_}.{resource}")
    return found


def _resource(result: Mapping[str, Any]) -> str:
    document = result["file_path"].removeprefix("/").removesuffix("/cdk.tf.json")
    return f"{document}: {result['resource'].partition('.')[2]}"


def _table(failures: Collection[Failure], suppressions: Collection[Suppression]) -> list[str]:
    widths = [max(map(len, texts)) for texts in zip(*map(_cells, suppressions), strict=True)]
    lines = []
    for suppression in suppressions:
        covered = sum(suppression.covers(failure) for failure in failures)
        cells = [text.ljust(width) for text, width in zip(_cells(suppression), widths, strict=True)]
        lines.append(f"  {covered:>3} x {'  '.join(cells)}  {suppression.reason}")
    return lines


def _cells(suppression: Suppression) -> tuple[str, str]:
    return suppression.check, suppression.resource


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scan comes to: what to say of it, and why it failed, if it did."""

    lines: list[str]
    faults: list[str]


def judge(everything: Documents, results: Results, suppressions: Collection[Suppression]) -> Verdict:
    """Weigh what checkov says.

    Args:
        everything: the documents to scan, those that are not Terraform too.
        results: what checkov says of those that are, and of the planted one.
        suppressions: failures that are none.
    """
    documents = terraform(everything)
    addresses = _addresses({**documents, PLANTED: PLANTED_DOCUMENT})
    checked = {_resource(result) for kind in ("passed_checks", "failed_checks") for result in results[kind]}
    found = [
        Failure(result["check_id"], address, result["check_name"])
        for result in results["failed_checks"]
        for address in addresses.get(_resource(result), [_resource(result)])
    ]
    failures = sorted(failure for failure in found if not failure.resource.startswith(f"{PLANTED}: "))

    faults = [] if documents else ["no document has resources"]
    faults += [
        f"not read: {address}"
        for name, some in addresses.items()
        for address in some
        if name not in checked and address.partition(": ")[2].startswith(READ)
    ]
    if FOUND not in {(failure.check, failure.resource) for failure in found}:
        faults.append(f"the planted rule was not found: {' '.join(FOUND)}")
    faults += [str(failure) for failure in failures if not any(each.covers(failure) for each in suppressions)]
    faults += [
        f"suppression without a use: {each.check} {each.resource}"
        for each in suppressions
        if not any(each.covers(failure) for failure in failures)
    ]
    resources = sum(map(len, addresses.values())) - 1
    lines = [
        f"{len(documents)} documents, {resources} resources, {len(results['passed_checks'])} checks passed",
        f"not Terraform: {', '.join(everything.keys() - documents.keys()) or 'none'}",
        "suppressed, and why:",
        *_table(failures, suppressions),
    ]
    return Verdict(lines, faults)


def terraform(everything: Documents) -> Documents:
    """The documents that have resources."""
    return {name: document for name, document in everything.items() if "resource" in document}


def main() -> None:
    """Scan the files named on the command line.

    Raises:
        SystemExit: a check failed, a suppression is unused, or something was not read.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkov", type=Path, required=True, help="the program")
    parser.add_argument("paths", type=Path, nargs="+", help="synthesized JSON, or Python that synthesizes")
    arguments = parser.parse_args()
    everything = read_documents(arguments.paths)
    suppressions = read_suppressions(SUPPRESSIONS.read_text("utf-8"))
    results = check(arguments.checkov, {**terraform(everything), PLANTED: PLANTED_DOCUMENT})
    verdict = judge(everything, results, suppressions)
    sys.stdout.write("\n".join(verdict.lines) + "\n")
    if verdict.faults:
        sys.exit("\n".join(["scan failed:", *verdict.faults]))


if __name__ == "__main__":
    main()
