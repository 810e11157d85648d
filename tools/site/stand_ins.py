"""The CDK, as far as importing the constructs goes: the reference is made of their signatures, and loads no Node."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType, new_class
from typing import Protocol


class _StandIn(ModuleType):
    """A package in which every name is a class."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        # With an origin: without one it is taken for a folder of that name.
        self.__spec__ = ModuleSpec(name, None, origin=__file__)

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        # As jsii has it: an interface's name begins with I, and Python knows it as a protocol.
        bases = (Protocol,) if name[:1] == "I" and name[1:2].isupper() else ()
        made = new_class(name, bases, exec_body=lambda body: body.update(__module__=self.__name__))
        setattr(self, name, made)
        return made


def _as_it_is(*_: object, **__: object) -> Callable[[type], type]:
    return lambda decorated: decorated


def put_in_place() -> None:
    """Have ``cdktf``, ``constructs`` and ``jsii`` found here, whatever is installed."""
    sys.modules |= {name: _StandIn(name) for name in ("cdktf", "constructs", "jsii")}
    for decorator in ("implements", "member"):
        setattr(sys.modules["jsii"], decorator, _as_it_is)
