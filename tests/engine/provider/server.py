"""The provider's side of plugin protocol 6, served to an engine that attaches to it.

Planning follows the plugin SDKs: what the configuration leaves open and the provider computes is unknown in the plan of
something new, and stays as it is in the plan of a change.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import botocore.endpoint
import grpc
from botocore import UNSIGNED
from botocore.config import Config
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

from tests.engine.provider import facts
from tests.engine.provider.bindings_schema import Attribute, Block, schemas
from tests.engine.provider.resources import DATA_SOURCES, RESOURCES, Resource
from tests.engine.provider.resources.resource import CallError, CreatedInPart
from tests.engine.provider.values import UNKNOWN, Values, complete, read, write

if TYPE_CHECKING:
    from mypy_boto3_ec2.client import EC2Client

# The registries under which the engines know the provider.
SOURCES = ("registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws")

# The real provider tries 25 times by default; 5 are enough to see both, a fault that passes and one that does not.
_ATTEMPTS = 5
_NESTING = {
    "single": pb.Schema.NestedBlock.SINGLE,
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
}


def _client(url: str, region: str) -> EC2Client:
    return boto3.client(
        "ec2",
        region_name=region,
        endpoint_url=url,
        config=Config(
            # The imitation asks nobody who he is, and signing is a tenth of what a call costs.
            signature_version=UNSIGNED,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            read_timeout=30,
            max_pool_connections=32,
        ),
    )


class Provider(rpc.ProviderServicer):  # type: ignore[misc]  # generated without types
    """Answers an engine.

    Args:
        urls: where EC2 is, by region or, for other accounts in a region, by profile; under no name for anywhere else.
    """

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._ec2 = _client(urls[""], "us-east-1")
        self._working = 0
        self._changed = threading.Condition()

    def wait_until_idle(self) -> None:
        """Wait until nothing is being applied: an engine that is killed does not stop what it has asked for."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._working == 0, timeout=30)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._changed:
            self._working += 1
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        return _schemas()

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateProviderConfig.Response()

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        config = read(request.config) or {}
        region = config["region"] if config["region"] not in (None, UNKNOWN) else self._ec2.meta.region_name
        found = [self._urls[key] for key in (config["profile"], region) if key in self._urls]
        self._ec2 = _client(found[0] if found else self._urls[""], region)
        return pb.ConfigureProvider.Response()

    def StopProvider(self, request: Any, context: Any) -> Any:
        return pb.StopProvider.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        found = facts.violations(request.type_name, read(request.config) or {})
        diagnostics = [_diagnostic(f"{request.type_name}: {why}", attribute=name) for name, why in found]
        return pb.ValidateResourceConfig.Response(diagnostics=diagnostics)

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        return pb.ValidateDataResourceConfig.Response()

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        return pb.UpgradeResourceState.Response(upgraded_state=pb.DynamicValue(json=request.raw_state.json))

    def ReadResource(self, request: Any, context: Any) -> Any:
        state = read(request.current_state)
        assert state is not None
        try:
            found = self._resource(request.type_name).read(state)
        except CallError as error:
            return pb.ReadResource.Response(new_state=request.current_state, diagnostics=[_diagnostic(str(error))])
        return pb.ReadResource.Response(new_state=write(found and complete(found, _block(request.type_name))))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        type_ = request.type_name
        prior, proposed = read(request.prior_state), read(request.proposed_new_state)
        config = read(request.config)
        if proposed is None or config is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        planned = _planned(type_, prior, proposed, config, self._ec2.meta.region_name)
        replaced = facts.replaces(type_, prior, planned) if prior else []
        return pb.PlanResourceChange.Response(
            planned_state=write(planned),
            requires_replace=[_path(name) for name in replaced],
            legacy_type_system=RESOURCES[type_][1].legacy,
        )

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        with self._at_work():
            return self._apply(request)

    def _apply(self, request: Any) -> Any:
        type_ = request.type_name
        prior, planned = read(request.prior_state), read(request.planned_state)
        resource = self._resource(type_)
        state, diagnostics = prior, []
        try:
            if planned is None:
                assert prior is not None
                resource.delete(prior)
                state = None
            else:
                state = resource.update(prior, planned) if prior else resource.create(planned)
        except CreatedInPart as error:
            state, diagnostics = error.state, [_diagnostic(f"creating {type_}: {error}")]
        except CallError as error:
            diagnostics = [_diagnostic(f"{type_}: {error}")]
        return pb.ApplyResourceChange.Response(
            new_state=write(state and complete(state, _block(type_))),
            diagnostics=diagnostics,
            legacy_type_system=RESOURCES[type_][1].legacy,
        )

    def ImportResourceState(self, request: Any, context: Any) -> Any:
        type_ = request.type_name
        state = complete({"id": request.id, **facts.defaults(type_), "description": None}, _block(type_))
        imported = pb.ImportResourceState.ImportedResource(type_name=type_, state=write(state))
        return pb.ImportResourceState.Response(imported_resources=[imported])

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        folder, find = DATA_SOURCES[request.type_name]
        try:
            found = find(self._ec2, read(request.config) or {})
        except (LookupError, *CallError) as error:
            return pb.ReadDataSource.Response(diagnostics=[_diagnostic(f"data.{request.type_name}: {error}")])
        return pb.ReadDataSource.Response(state=write(complete(found, schemas(_folders())[folder])))

    def _resource(self, type_: str) -> Resource:
        return RESOURCES[type_][1](self._ec2)


def _planned(type_: str, prior: Values | None, proposed: Values, config: Values, region: str) -> Values:
    block = _block(type_)
    planned = dict(proposed)
    planned |= {name: value for name, value in facts.defaults(type_).items() if config[name] is None}
    if prior is None:
        planned |= {a.name: UNKNOWN for a in block.attributes if a.computed and config[a.name] is None}
    # All tags are the resource's own: this provider has no default ones.
    if "tags_all" in planned:
        planned["tags_all"] = planned["tags"] if planned["tags"] is not None else {}
    if planned.get("region") is UNKNOWN:
        planned["region"] = region
    return RESOURCES[type_][1].adjusted(prior, planned)


@cache
def _folders() -> tuple[str, ...]:
    return ("provider", *(f for f, _ in RESOURCES.values()), *(f for f, _ in DATA_SOURCES.values()))


def _block(type_: str) -> Block:
    return schemas(_folders())[RESOURCES[type_][0]]


@cache
def _schemas() -> Any:
    found = schemas(_folders())
    return pb.GetProviderSchema.Response(
        provider=_schema(found["provider"]),
        resource_schemas={type_: _schema(found[folder]) for type_, (folder, _) in RESOURCES.items()},
        data_source_schemas={type_: _schema(found[folder]) for type_, (folder, _) in DATA_SOURCES.items()},
    )


def _schema(block: Block) -> Any:
    return pb.Schema(version=0, block=_schema_block(block))


def _schema_block(block: Block) -> Any:
    return pb.Schema.Block(
        attributes=[_schema_attribute(attribute) for attribute in block.attributes],
        block_types=[
            pb.Schema.NestedBlock(type_name=name, nesting=_NESTING[nesting], block=_schema_block(inner))
            for name, nesting, inner in block.blocks
        ],
    )


def _schema_attribute(attribute: Attribute) -> Any:
    return pb.Schema.Attribute(
        name=attribute.name,
        type=json.dumps(attribute.type).encode(),
        computed=attribute.computed,
        optional=attribute.optional,
        required=attribute.required,
    )


def _path(name: str) -> Any:
    return pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)])


def _diagnostic(summary: str, attribute: str | None = None) -> Any:
    return pb.Diagnostic(
        severity=pb.Diagnostic.ERROR, summary=summary, attribute=_path(attribute) if attribute else None
    )


@dataclass(frozen=True)
class Attached:
    """A provider that an engine can attach to.

    Args:
        environment: what the engine has to have in its environment for that.
        wait_until_idle: waits until it is doing nothing.
    """

    environment: dict[str, str]
    wait_until_idle: Callable[[], None]


@contextmanager
def not_waiting() -> Iterator[None]:
    """Let the SDK make its next attempt at once: it waits up to 20 s, in the whole process."""
    kept = botocore.endpoint.time  # type: ignore[attr-defined]  # not there to be replaced
    botocore.endpoint.time = SimpleNamespace(sleep=lambda _: None, time=kept.time)  # type: ignore[attr-defined]  # as above
    try:
        yield
    finally:
        botocore.endpoint.time = kept  # type: ignore[attr-defined]  # as above


def _shutdown(ended: threading.Event) -> Any:
    """The engine's way to end a plugin (go-plugin, grpc_controller.proto); without it, it waits for two seconds."""

    def shutdown(request: bytes, context: Any) -> bytes:
        del request
        context.add_callback(ended.set)
        return b""

    handlers = {"Shutdown": grpc.unary_unary_rpc_method_handler(shutdown)}
    return grpc.method_handlers_generic_handler("plugin.GRPCController", handlers)


@contextmanager
def listening(
    urls: Mapping[str, str], address: str, threads: ThreadPoolExecutor, ended: threading.Event | None = None
) -> Iterator[Provider]:
    """One server, while the body runs.

    Args:
        urls: where EC2 is.
        address: the path of a socket, which is short: its length is bounded.
        threads: what its answers run in.
        ended: is set when an engine that started it ends it.
    """
    server = grpc.server(threads)
    provider = Provider(urls)
    rpc.add_ProviderServicer_to_server(provider, server)
    if ended is not None:
        server.add_generic_rpc_handlers((_shutdown(ended),))
    server.add_insecure_port(f"unix:{address}")
    server.start()
    try:
        yield provider
    finally:
        server.stop(grace=None)


@contextmanager
def serving(url: str) -> Iterator[Attached]:
    """The provider, while the body runs.

    Args:
        url: where EC2 is.
    """
    with (
        not_waiting(),
        tempfile.TemporaryDirectory(prefix="rp-") as folder,
        ThreadPoolExecutor(max_workers=24) as threads,
        listening({"": url}, address := str(Path(folder, "s")), threads) as provider,
    ):
        attach = {
            "Protocol": "grpc",
            "ProtocolVersion": 6,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": address},
        }
        environment = {"TF_REATTACH_PROVIDERS": json.dumps(dict.fromkeys(SOURCES, attach))}
        yield Attached(environment, provider.wait_until_idle)
