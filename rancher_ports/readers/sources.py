"""What a reviewer has: the JSON of plans and states, and folders with the JSON of stacks."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rancher_ports.errors import Fault, Faults, InputError, refuse

STACK_FILE = "cdk.tf.json"
# What a plan file, which is an archive, begins with.
_ZIP = b"PK"


def parse(content: bytes) -> object:
    """A JSON document.

    Args:
        content: in any encoding of Unicode: PowerShell writes UTF-16.

    Raises:
        InputError: it is none; or a plan file, of which Terraform makes JSON.
    """
    if not content.strip():
        raise InputError([Fault("", "nothing", "JSON")])
    if content.startswith(_ZIP):
        raise InputError([Fault("", "a plan file", "its JSON, which `terraform show -json` makes of it")])
    try:
        with _without_collecting():
            # From bytes Python finds out by itself which encoding of Unicode it is.
            return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError([Fault("", str(error), "JSON")]) from None


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A document of a million objects has no circles; to look for some takes longer than to read it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_folder(folder: Path) -> Mapping[str, object]:
    """The stacks in a folder that an app was synthesized into, or in the folder of one stack.

    Args:
        folder: such as ``cdktf.out``, ``cdktf.out/stacks`` or ``cdktf.out/stacks/rancher``.

    Returns:
        By the name of each stack, its parsed JSON.

    Raises:
        InputError: there is no stack in it, or with a fault for each that cannot be read.
    """
    return read_stacks(stack_files(folder))


def read_stacks(files: Mapping[str, Path]) -> Mapping[str, object]:
    """The parsed JSON of stacks, with that of what else Terraform reads in their folders.

    Args:
        files: by the name of each stack, its file.

    Raises:
        InputError: with a fault for each that cannot be read, that says a second time what another one says, or that is
            of HCL or overrides others, which is not read here.
    """
    faults = Faults()
    found: dict[str, object] = {}
    for name, file in files.items():
        with faults.under(f"{file}:"):
            found[name] = _read(file)
        for other in sorted(file.parent.iterdir()):
            if other.name != file.name and other.name.endswith((".tf", ".tf.json", ".tofu", ".tofu.json")):
                with faults.under(f"{other}:"):
                    found[name] = _with(found.get(name, {}), other)
    faults.raise_any()
    return found


def _with(stack: object, beside: Path) -> object:
    """A stack with a file that stands beside it."""
    if not beside.name.endswith(".json"):
        if _MAKES.search(beside.read_bytes()):
            raise InputError([Fault("", "HCL", "JSON; or, in place of folders, the plan, which has what HCL makes")])
        return stack
    if beside.name.removesuffix(".json").removesuffix(".tf").endswith("override"):
        raise InputError([Fault("", "an override", "a file beside others; or, in place of folders, the plan")])
    found = _read(beside)
    if isinstance(found, Mapping):
        # Settings of providers and of Terraform itself, which may stand in several files, open nothing.
        found = {name: blocks for name, blocks in found.items() if name in (*_NAMED, *_NAMELESS)}
    return _merged(stack, found, "")


def _merged(one: object, other: object, place: str) -> object:
    """Two parts of a configuration as one: blocks by their names, and lists of blocks one after another."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        found = dict(one)
        for key, value in other.items():
            at = f"{place}.{key}".removeprefix(".")
            found[key] = _merged(found[key], value, at) if key in found else value
        return found
    if place in _NAMELESS:
        return [entry for of in (one, other) for entry in (of if isinstance(of, list) else [of])]
    raise InputError([Fault(place, "a second time", "once")])


def stack_files(folder: Path) -> Mapping[str, Path]:
    """The files of the stacks in such a folder, by the name of each; without one if the folder is one stack's.

    Raises:
        InputError: there is no stack in it.
    """
    own = folder / STACK_FILE
    if own.is_file():
        # It may have any name, such as that of a branch.
        return {"": own}
    files = next(filter(None, (sorted(folder.glob(one)) for one in _PATTERNS)), [])
    if not files:
        raise refuse(str(folder), "no stack", f"a folder with stacks/<stack>/{STACK_FILE}, or with {STACK_FILE}")
    return {file.parent.name: file for file in files}


# What may make, take or leave something; of settings of providers and the like nothing depends here.
_MAKES = re.compile(rb"^\s*(?:resource|module|import|moved|removed)\b", re.MULTILINE)
# Blocks by their names, of which each stands once; and those of which there may be any number.
_NAMED = ("resource", "data", "module", "locals", "variable", "output")
_NAMELESS = ("import", "moved", "removed")
_PATTERNS = (f"stacks/*/{STACK_FILE}", f"*/{STACK_FILE}")


def _read(file: Path) -> object:
    try:
        return parse(file.read_bytes())
    except OSError as error:
        raise InputError([Fault("", f"{error.strerror or error}", "a file that can be read")]) from None
