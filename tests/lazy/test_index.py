"""The index that jsii makes of a provider: made by a process that no one waits for, and read in parts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rancher_ports.lazy_providers import OFF, node_options
from tests.conftest import ROOT
from tests.lazy.running import HOOK, NODE, environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there it stays a thread of jsii's")

WORKER = "runtime-index-worker.js"
LOCK = ".rancher-ports-indexing"
# A thread that takes its time, and then tells where it ran and on what. It cannot be ended while it waits.
SLOW = """
const { workerData, isMainThread } = require("worker_threads");
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
const found = { pid: process.pid, given: workerData, isMainThread, off: process.env.OFF };
require("fs").writeFileSync(workerData.packageDir + "/made.tmp", JSON.stringify(found));
require("fs").renameSync(workerData.packageDir + "/made.tmp", workerData.packageDir + "/made");
""".replace("OFF", OFF)
# An app: it starts the thread as jsii does, and ends as jsii does.
APP = """
const { Worker } = require("worker_threads");
const [worker, packageDir] = process.argv.slice(1);
const thread = new Worker(worker, { workerData: { packageDir, supportedFeatures: ["one"] } });
thread.on("message", () => {});
thread.on("error", () => {});
process.on("exit", () => console.log(process.pid));
if (!process.env.PATIENT) process.exit(0);
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A provider's package as jsii unpacks it."""
    return ship(tmp_path / "cache")


def ship(folder: Path, name: str = "@cdktf/provider-made-up") -> Path:
    """Write a package, and return its folder."""
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"name": name}), "utf-8")
    return folder


def start(package: Path, worker: str = SLOW, name: str = WORKER, *, patient: bool = False, off: str = "") -> int:
    """Run an app that has a package indexed, and return its process id.

    Args:
        package: the package's folder.
        worker: what the thread does.
        name: of the thread's file, which goes with the app.
        patient: whether the app ends only when it has nothing more to wait for.
        off: the variable that keeps all this off.
    """
    runtime = package.parent / "runtime"
    runtime.mkdir(exist_ok=True)
    (runtime / name).write_text(worker, "utf-8")
    options = node_options("", str(HOOK))
    env = environment(NODE_OPTIONS=options, PATIENT="1" if patient else "", **{OFF: off})
    command = [NODE, "-e", APP, str(runtime / name), str(package)]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=30)
    shutil.rmtree(runtime)
    assert run.stderr == ""
    return int(run.stdout)


def wait(over: Callable[[], bool]) -> None:
    """Wait for a process of another."""
    for _ in range(600):
        if over():
            return
        time.sleep(0.05)
    raise AssertionError("it takes too long")


def made(package: Path) -> dict[str, object]:
    """What the thread told, once it is over."""
    wait(lambda: (package / "made").exists() and not (package / LOCK).exists())
    found: dict[str, object] = json.loads((package / "made").read_text("utf-8"))
    return found


@pytest.mark.parametrize("patient", [False, True])
def test_it_is_made_when_the_app_has_long_ended(package: Path, patient: bool) -> None:
    pid = start(package, patient=patient)
    assert not (package / "made").exists()
    found = made(package)
    assert found["pid"] != pid
    assert found["given"] == {"packageDir": str(package), "supportedFeatures": ["one"]}
    assert found["isMainThread"] is False
    # Or the other process would have it made by a third.
    assert found["off"] == "1"


def test_the_lock_says_who_makes_it_in_the_background(package: Path) -> None:
    start(package)
    told = int((package / LOCK).read_text("utf-8"))
    # No key pressed in the terminal reaches it, and whatever else wants to run goes first.
    assert os.getsid(told) == told
    assert os.getpriority(os.PRIO_PROCESS, told) == 19
    assert made(package)["pid"] == told


def test_it_is_made_where_the_cache_is_and_not_in_the_link_to_it(tmp_path: Path, package: Path) -> None:
    linked = tmp_path / "kernel" / "provider"
    linked.parent.mkdir()
    linked.symlink_to(package)
    start(linked)
    linked.unlink()
    assert made(package)["given"] == {"packageDir": str(package), "supportedFeatures": ["one"]}


def test_one_process_makes_it_for_many_apps(package: Path) -> None:
    first = start(package)
    told = (package / LOCK).read_text("utf-8")
    others = [start(package, patient=True) for _ in range(3)]
    assert not (package / "made").exists()
    assert (package / LOCK).read_text("utf-8") == told
    assert made(package)["pid"] not in (first, *others)


def test_a_lock_that_was_left_is_none(package: Path) -> None:
    lock = package / LOCK
    lock.write_text("1", "utf-8")
    start(package)
    assert lock.read_text("utf-8") == "1"
    time.sleep(1)
    assert not (package / "made").exists()
    long_ago = time.time() - 61
    os.utime(lock, (long_ago, long_ago))
    start(package)
    made(package)


def test_the_lock_goes_where_the_thread_fails(package: Path) -> None:
    start(package, "throw new Error('it cannot be read');")
    wait(lambda: not (package / LOCK).exists())


@pytest.mark.parametrize("name", ["cdktf", "@cdktf/provider-made-up/more", "constructs"])
def test_what_is_no_provider_keeps_its_thread(tmp_path: Path, name: str) -> None:
    package = ship(tmp_path / "cache", name)
    pid = start(package, patient=True)
    assert made(package)["pid"] == pid


def test_another_thread_stays_one(package: Path) -> None:
    pid = start(package, name="some-worker.js", patient=True)
    assert made(package)["pid"] == pid


def test_a_package_that_cannot_be_read_keeps_its_thread(package: Path) -> None:
    (package / "package.json").unlink()
    pid = start(package, patient=True)
    assert made(package)["pid"] == pid


def test_switched_off_it_is_a_thread(package: Path) -> None:
    pid = start(package, patient=True, off="1")
    assert made(package)["pid"] == pid


# What the index goes with.

TEXTS = ["first", "zweite: ä", "third"]


def described(folder: Path) -> tuple[Path, list[tuple[int, int]]]:
    """A file of descriptions, and where each begins and ends."""
    file = folder / ".jsii.runtime-defs.v1.jsonl"
    file.write_text("".join(f"{text}\n" for text in TEXTS), "utf-8")
    ends, end = [], 0
    for text in TEXTS:
        begin, end = end, end + len(f"{text}\n".encode())
        ends.append((begin, end))
    return file, ends


def read(file: Path, expression: str, off: str = "") -> object:
    """What an expression comes to in Node, where `bytes` is what the file was read as."""
    script = (
        "const fs = require('fs'); const read = []; const open = fs.readSync; const file = process.argv[1];"
        "fs.readSync = function (...given) { read.push(given[3]); return open.apply(fs, given); };"
        f"const bytes = fs.readFileSync(file); console.log(JSON.stringify({expression}))"
    )
    env = environment(NODE_OPTIONS=node_options("", str(HOOK)), **{OFF: off})
    run = subprocess.run([NODE, "-e", script, str(file)], env=env, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_a_description_is_read_when_asked_for(tmp_path: Path) -> None:
    file, places = described(tmp_path)
    for text, (begin, end) in zip(TEXTS, places, strict=True):
        expression = f"[bytes.toString('utf-8', {begin}, {end}), read]"
        assert read(file, expression) == [f"{text}\n", [end - begin]]
    assert read(file, "read", off="1") == [file.stat().st_size]


@pytest.mark.parametrize(
    "expression",
    [
        "bytes.toString()",
        "bytes.toString('utf-8')",
        "bytes.toString('utf-8', 3)",
        "bytes.toString('utf-8', 3, 1000)",
        "bytes.toString('utf-8', -3, 4)",
        "bytes.toString('utf-8', 4, 3)",
        "bytes.toString('hex', 1, 4)",
        "bytes.length",
        "bytes[1]",
        "bytes.slice(0, 3).toString()",
        "bytes.indexOf('third')",
        "bytes.subarray(2, 9).toString('latin1')",
        "fs.readFileSync(file, 'utf-8')",
        "fs.readFileSync(file, {}).length",
        "fs.readFileSync(fs.openSync(file)).length",
        "(() => { try { fs.readFileSync(file + '/.jsii.runtime-defs.v1.jsonl') } catch (e) { return e.code } })()",
        "(() => { try { fs.readFileSync('.jsii.runtime-defs.v1.jsonl') } catch (e) { return e.code } })()",
    ],
)
def test_anything_else_is_as_without(tmp_path: Path, expression: str) -> None:
    file, _ = described(tmp_path)
    assert read(file, expression) == read(file, expression, off="1")


# All of it, with jsii.


def test_the_run_after_the_first_reads_the_index(tmp_path: Path) -> None:
    cache, out = tmp_path / "cache", tmp_path / "out"
    env = environment(JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(cache), CDKTF_OUTDIR=str(out))
    try:
        subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)
        provider = next(cache.glob("@*/provider-aws/*/*"))
        # What jsii looks for. Its own thread, of an app as short as this, would not have come so far.
        wait(lambda: (provider / ".jsii.runtime.v1.json").exists() and not (provider / LOCK).exists())
        first = (out / "stacks" / "rancher" / "cdk.tf.json").read_bytes()
        before = {path: path.stat().st_mtime_ns for path in provider.glob(".jsii.runtime*")}
        subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)
        assert {path: path.stat().st_mtime_ns for path in provider.glob(".jsii.runtime*")} == before
        assert (out / "stacks" / "rancher" / "cdk.tf.json").read_bytes() == first
    finally:
        # 450 MB, which pytest would keep.
        shutil.rmtree(cache, ignore_errors=True)
