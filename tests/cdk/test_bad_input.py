"""Bad input is refused in our own words, before Node hears of it, and leaves everything as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from jsii._kernel.providers.process import ProcessProvider

from rancher_ports import InputError
from tests.cdk.bad_input import BAD_INPUT, Infrastructure, infrastructure
from tests.cdk.flavour import FLAVOUR, App


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Infrastructure:
    """What there is already, once for all: no mistake changes it."""
    return infrastructure(App(outdir=str(tmp_path_factory.mktemp("app")), stack_traces=False))


# What makes or changes something in Node. Reading from there is no harm: where a scope stands, for one.
_CHANGES = ("create", "set", "sset", "begin", "sbegin", "delete")


@contextmanager
def _nothing_made_in_node() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for method in _CHANGES:

            def refuse(_: object, request: object, method: str = method) -> None:
                raise AssertionError(f"Node was asked: {method} {request}")

            patched.setattr(ProcessProvider, method, refuse)
        yield


def _said(mistake: Callable[[Infrastructure], object], here: Infrastructure) -> str:
    with pytest.raises(InputError) as refused:
        mistake(here)
    # The golden is CDKTF's, and tokens are numbered as they come.
    said = str(refused.value).replace(FLAVOUR.bindings, "cdktf_cdktf_provider_aws")
    return re.sub(r"TOKEN\.\d+", "TOKEN.1", said)


def _built(here: Infrastructure) -> list[str]:
    return [child.node.path for stack in (here.stack, here.elsewhere) for child in stack.node.children]


def test_what_is_said_of_bad_input(here: Infrastructure, golden: Callable[[str, Any], None]) -> None:
    assert len(BAD_INPUT) >= 40
    golden("bad-input.json", {name: _said(mistake, here) for name, mistake in BAD_INPUT.items()})


# Of the two clusters the second is the mistake, and the first is built.
_BUILDS_ONE_FIRST = "two clusters that make one rule on the server's group"


@pytest.mark.parametrize("name", [name for name in BAD_INPUT if name != _BUILDS_ONE_FIRST])
def test_bad_input_does_not_reach_node(name: str, here: Infrastructure) -> None:
    before, rules = _built(here), here.cluster.rules
    with _nothing_made_in_node():
        _said(BAD_INPUT[name], here)
    assert _built(here) == before
    assert here.cluster.rules == rules


def test_the_guard_sees_what_reaches_node(here: Infrastructure) -> None:
    with pytest.raises(AssertionError, match="Node was asked: create"), _nothing_made_in_node():
        infrastructure(here.app)
