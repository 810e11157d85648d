"""EC2's Query API over HTTP on loopback, in the shapes of the API model that comes with botocore."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import botocore.session
from botocore import xform_name
from botocore.model import ServiceModel, Shape

from tests.engine.ec2.cloud import Cloud
from tests.engine.ec2.errors import EC2Error

_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


@cache
def api() -> ServiceModel:
    """EC2's API model."""
    return botocore.session.get_session().get_service_model("ec2")


class ConnectionReset(Exception):  # noqa: N818  # what happens, not what somebody did wrong
    """The connection is to be reset instead of an answer being given."""


class Faults:
    """What goes wrong on the way to EC2 and back. This one: nothing.

    A method may raise :class:`EC2Error`, which becomes the answer, or :class:`ConnectionReset`; or take its time.
    """

    def before(self, action: str) -> None:
        """Called when a request arrives, before EC2 does anything."""

    def after(self, action: str) -> None:
        """Called when EC2 has done what was asked, before the answer leaves."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    cloud: Cloud
    faults: Faults
    errors: list[BaseException]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  # as the base class has it
        """Note what went wrong; clients that go away in the middle are part of the tests."""
        error = sys.exception()
        if error is not None and not isinstance(error, ConnectionError):
            self.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one packet; two would wait for each other.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        parameters = dict(parse_qsl(body, keep_blank_values=True))
        operation = parameters["Action"]
        action = xform_name(operation)
        try:
            self.server.faults.before(action)
            shapes = _shapes(operation)
            answer = self.server.cloud.call(action, _parse(shapes[0], parameters, "") or {})
            self.server.faults.after(action)
        except EC2Error as error:
            self._send(error.status, _error(error))
        except ConnectionReset:
            # A reset, not an orderly end: what is unread or unsent is thrown away.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        else:
            self._send(200, _answer(operation, shapes[1], answer))

    def _send(self, status: int, document: ElementTree.Element) -> None:
        content = ElementTree.tostring(document)
        self.send_response(status)
        self.send_header("Content-Type", "text/xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's word
        """Say nothing."""


class Service:
    """A running imitation.

    Args:
        cloud: what answers.

    Attributes:
        url: where it listens.
        faults: what goes wrong; may be set at any time.
        errors: what went wrong in the imitation itself; to a client that looks like a lost connection.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.cloud, self._server.faults = cloud, Faults()
        self.errors = self._server.errors = []
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self._server.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._server.faults = faults

    @property
    def cloud(self) -> Cloud:
        """What answers."""
        return self._server.cloud

    @cloud.setter
    def cloud(self, cloud: Cloud) -> None:
        self._server.cloud = cloud

    def start(self) -> None:
        """Listen, in a thread."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def raise_errors(self) -> None:
        """Forget the errors, and raise them.

        Raises:
            BaseExceptionGroup: there are any.
        """
        errors = self.errors[:]
        self.errors.clear()
        if errors:
            raise BaseExceptionGroup("the imitation of EC2 failed", errors)


@contextmanager
def serving(cloud: Cloud) -> Iterator[Service]:
    """The imitation, while the body runs.

    Raises:
        BaseExceptionGroup: it failed itself.
    """
    service = Service(cloud)
    service.start()
    try:
        yield service
    finally:
        service.stop()
    service.raise_errors()


def _shapes(operation: str) -> tuple[Shape | None, Shape | None]:
    """What an operation takes and gives; of one that EC2 does not have, nothing is known."""
    if operation not in api().operation_names:
        return None, None
    model = api().operation_model(operation)
    return model.input_shape, model.output_shape


def _parse(shape: Shape | None, parameters: Mapping[str, str], prefix: str) -> Any:
    """What the Query API's flat parameters say, in the shape of the model; None where they say nothing."""
    if shape is None:
        return None
    if shape.type_name == "structure":
        members = {
            name: value
            for name, member in shape.members.items()  # type: ignore[attr-defined]  # a structure has members
            if (value := _parse(member, parameters, f"{prefix}.{_query_name(name, member)}".lstrip("."))) is not None
        }
        return members or None
    if shape.type_name == "list":
        items: list[Any] = []
        while (item := _parse(shape.member, parameters, f"{prefix}.{len(items) + 1}")) is not None:  # type: ignore[attr-defined]  # a list has one
            items.append(item)
        return items or None
    text = parameters.get(prefix)
    if text is None:
        return None
    read: dict[str, Callable[[str], object]] = {"integer": int, "long": int, "boolean": lambda word: word == "true"}
    return read.get(shape.type_name, str)(text)


def _query_name(name: str, member: Shape) -> str:
    location = member.serialization.get("name", name)
    return str(member.serialization.get("queryName", location[0].upper() + location[1:]))


def _answer(operation: str, shape: Shape | None, answer: Mapping[str, Any]) -> ElementTree.Element:
    root = ElementTree.Element(f"{operation}Response", xmlns=_NAMESPACE)
    ElementTree.SubElement(root, "requestId").text = "00000000-0000-0000-0000-000000000000"
    if shape is not None:
        _write(root, shape, answer)
    return root


def _write(parent: ElementTree.Element, shape: Shape, value: Any) -> None:
    if shape.type_name == "structure":
        unknown = set(value) - set(shape.members)  # type: ignore[attr-defined]  # a structure has members
        if unknown:
            raise TypeError(f"{shape.name} has no {', '.join(sorted(unknown))}")
        for name, inner in value.items():
            member = shape.members[name]  # type: ignore[attr-defined]  # as above
            _write(ElementTree.SubElement(parent, member.serialization.get("name", name)), member, inner)
    elif shape.type_name == "list":
        for item in value:
            _write(ElementTree.SubElement(parent, "item"), shape.member, item)  # type: ignore[attr-defined]  # a list has one
    else:
        parent.text = str(value).lower() if isinstance(value, bool) else str(value)


def _error(error: EC2Error) -> ElementTree.Element:
    root = ElementTree.Element("Response")
    inner = ElementTree.SubElement(ElementTree.SubElement(root, "Errors"), "Error")
    ElementTree.SubElement(inner, "Code").text = error.code
    ElementTree.SubElement(inner, "Message").text = error.message
    ElementTree.SubElement(root, "RequestID").text = "00000000-0000-0000-0000-000000000000"
    return root
