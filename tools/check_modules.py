"""Have an engine check the modules and their examples, in copies: what it installs or locks stays out of modules/.

It needs no credentials: nothing is applied, and the tests that ship with the modules mock the provider.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

MODULES = Path(__file__).parents[1] / "modules"

# Runs the engine in a folder with these arguments, however it ends.
Run = Callable[..., subprocess.CompletedProcess[str]]


class CheckError(Exception):
    """The engine refused, warned or failed; with what it said."""


def copy_modules(folder: Path, provider: str | None = None) -> list[Path]:
    """Copy the modules, their examples and tests.

    Args:
        folder: where to; it must not exist.
        provider: the one version of the AWS provider to take.

    Returns:
        The folders of the copied modules.
    """
    # By the side of the sources there may be what an engine has installed for somebody.
    shutil.copytree(MODULES, folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    modules = sorted(path.parent for path in folder.glob("*/main.tf.json"))
    if provider is not None:
        required = {"aws": {"source": "hashicorp/aws", "version": provider}}
        for module in modules:
            path = module / "provider_override.tf.json"
            path.write_text(json.dumps({"terraform": {"required_providers": required}}), "utf-8")
    return modules


def check_format(run: Run, folder: Path) -> None:
    """Check that all HCL below a folder is as ``fmt`` writes it.

    Raises:
        CheckError: it is not.
    """
    _must(run, folder, "fmt", "-check", "-recursive", "-diff")


def validate(run: Run, folder: Path) -> None:
    """Check a module or an example against the provider's schema.

    Raises:
        CheckError: there was an error, or a warning.
    """
    _must(run, folder, "init", "-backend=false", "-input=false", "-no-color")
    said = _must(run, folder, "validate", "-json")
    if json.loads(said)["diagnostics"]:
        raise CheckError(f"{folder}: {said}")


def validate_all(run: Run, module: Path) -> None:
    """Check a module and each of its examples, as :func:`validate` does."""
    for folder in (module, *sorted(path.parent for path in module.glob("examples/*/main.tf"))):
        validate(run, folder)


def run_tests(run: Run, module: Path, files: Iterable[str] = ()) -> None:
    """Run the tests of a module that has been validated.

    Args:
        run: runs the engine.
        module: the module's folder.
        files: the names of those to run; all of them, if there is none.

    Raises:
        CheckError: one failed, or there was none.
    """
    said = _must(run, module, "test", "-no-color", *(f"-filter=tests/{name}" for name in files))
    # An engine is content where there is nothing to run.
    if not re.search(r"Success! [1-9]\d* passed", said):
        raise CheckError(f"{module}: no test ran:\n{said}")


def _must(run: Run, folder: Path, *arguments: str) -> str:
    finished = run(folder, *arguments)
    if finished.returncode:
        raise CheckError(f"{folder}: {' '.join(arguments)}:\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def parser() -> argparse.ArgumentParser:
    """What the command line takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=["terraform", "tofu"])
    parser.add_argument(
        "--provider", metavar="VERSION", help="the one version of the AWS provider; the latest, if left out"
    )
    parser.add_argument("--no-tests", action="store_true", help="for engines before Terraform 1.7 and OpenTofu 1.8")
    return parser


def main() -> None:
    """Check all modules with the engine that is named."""
    asked = parser().parse_args()
    if shutil.which(asked.engine) is None:
        raise SystemExit(f"{asked.engine} is not on PATH")

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [asked.engine, *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  # one of two

    with tempfile.TemporaryDirectory() as folder:
        modules = copy_modules(Path(folder, "modules"), asked.provider)
        try:
            check_format(run, Path(folder))
            for module in modules:
                validate_all(run, module)
                if not asked.no_tests:
                    run_tests(run, module)
                print(f"{module.name}: holds")  # noqa: T201  # a command prints
        except CheckError as error:
            raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
