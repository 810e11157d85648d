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
        for other in beside(file):
            with faults.under(f"{other}:"):
                found[name] = _with(found.get(name, {}), other)
    faults.raise_any()
    return found


def _with(stack: object, other: Path) -> object:
    """A stack with a file that stands beside it."""
    stem = other.name.removesuffix(".json").removesuffix(".tf").removesuffix(".tofu")
    if stem == "override" or stem.endswith("_override"):
        raise InputError([Fault("", "an override", "a file beside others; or, in place of folders, the plan")])
    if not other.name.endswith(".json"):
        if not _says_nothing_of_rules(_bytes(other)):
            raise InputError([Fault("", "HCL", "JSON; or, in place of folders, the plan, which has what HCL makes")])
        return stack
    return _merged(stack, _read(other))


def _says_nothing_of_rules(content: bytes) -> bool:
    """Whether HCL has settings alone, of Terraform itself and of providers. What is not understood may say anything."""
    plain = content.decode("utf-8-sig", "replace")
    text = _TEXTS_AND_COMMENTS.sub(lambda found: '""' if found[0].startswith('"') else " ", plain)
    depth = 0
    for line in text.splitlines():
        block = line.strip()
        if depth == 0 and block and not block.startswith(_SETTINGS):
            return False
        depth += line.count("{") - line.count("}")
    return depth == 0 and "<<" not in text


def _merged(stack: object, other: object) -> object:
    """Two files of one configuration as one: each block of a name once, and lists of blocks one after another."""
    if not isinstance(stack, Mapping) or not isinstance(other, Mapping):
        raise InputError([Fault("", "no configuration", "an object")])
    faults = Faults()
    found: dict[str, object] = dict(stack)
    for section in _NAMELESS:
        if section in other:
            some = [of[section] for of in (stack, other) if section in of]
            found[section] = [block for of in some for block in (of if isinstance(of, list) else [of])]
    for section, depth in _NAMED.items():
        if section in other:
            found[section] = _joined(stack.get(section, {}), other[section], (section, depth), faults)
    faults.raise_any()
    return found


def _joined(one: object, other: object, at: tuple[str, int], faults: Faults) -> object:
    """Blocks by their names, of types by theirs where these come first."""
    place, depth = at
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        # The reader of the configuration says what is wrong with that.
        return other
    found = dict(one)
    for name, block in other.items():
        if depth > 1 and name in found:
            found[name] = _joined(found[name], block, (f"{place}.{name}", depth - 1), faults)
        elif name in found:
            faults.add(f"{place}.{name}", "a second time", "once")
        else:
            found[name] = block
    return found


def beside(file: Path) -> list[Path]:
    """What else Terraform or OpenTofu reads in the folder of a stack, in the order of names.

    Args:
        file: the stack's own file.
    """
    others = (path for path in file.parent.iterdir() if path.name.endswith(_CONFIGURATION) and path.is_file())
    # Editors leave hidden ones, which neither reads.
    return sorted(path for path in others if path.name != file.name and not path.name.startswith((".", "#")))


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


_CONFIGURATION = (".tf", ".tf.json", ".tofu", ".tofu.json")
# Blocks by how many names each has; and those of which there may be any number. Settings of providers and of Terraform
# itself, which may stand in several files, open nothing.
_NAMED = {"resource": 2, "data": 2, "module": 1, "locals": 1, "variable": 1, "output": 1}
_NAMELESS = ("import", "moved", "removed")
_SETTINGS = ("terraform ", "terraform{", "provider ")
_TEXTS_AND_COMMENTS = re.compile(r'"(?:\\.|[^"\\\n])*"|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)
_PATTERNS = (f"stacks/*/{STACK_FILE}", f"*/{STACK_FILE}")


def _read(file: Path) -> object:
    return parse(_bytes(file))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError([Fault("", f"{error.strerror or error}", "a file that can be read")]) from None
