"""How every part refuses bad input: faults, and the one exception that carries them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

_SHOWN_LENGTH = 80


def shown(value: object) -> str:
    """A value as it may stand in a message: JSON where it can be, one line, shortened.

    Control characters and everything outside ASCII come out escaped, so that a hostile or
    invisible character in a settings file is seen.
    """
    text = json.dumps(value, default=_said)
    if len(text) > _SHOWN_LENGTH:
        text = text[: _SHOWN_LENGTH - 3] + "..."
    return text


def _said(value: object) -> str:
    # The repr of an object that has none of its own is an address in memory.
    return f"<{type(value).__qualname__}>" if type(value).__repr__ is object.__repr__ else repr(value)


def nearest(name: object, names: Iterable[str]) -> str | None:
    """The one of ``names`` that somebody who typed ``name`` most likely meant, or None."""
    if not isinstance(name, str):
        return None
    # Only now: it is not needed unless something is wrong.
    import difflib  # noqa: PLC0415  # see above

    matches = difflib.get_close_matches(name.lower(), sorted(names), n=1, cutoff=0.6)
    return matches[0] if matches else None


def one_of(names: Iterable[str]) -> str:
    """The allowed names as they stand in a fault: ``one of a, b, c``."""
    listed = ", ".join(names)
    return f"one of {listed}" if listed else "nothing here"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was given.

    Args:
        place: where it stands, such as ``slots.load_balancer[0]``; may be empty.
        value: the value as found, made readable by :func:`shown`; ``nothing`` if it is missing.
        allowed: what may stand there, as a noun phrase that follows "expected".
        nearest: the valid name that was most likely meant, if any.
    """

    place: str
    value: str
    allowed: str
    nearest: str | None = None

    def under(self, place: str) -> Fault:
        """The same fault, seen from further out: ``cidr`` under ``peers.office``.

        A place that ends in a colon is a file.
        """
        if not self.place or not place:
            return replace(self, place=place.removesuffix(":") or self.place)
        joint = "" if self.place.startswith("[") else " " if place.endswith(":") else "."
        return replace(self, place=f"{place}{joint}{self.place}")

    def __str__(self) -> str:
        hint = f"; did you mean {shown(self.nearest)}?" if self.nearest else ""
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.value}: expected {self.allowed}{hint}"


class InputError(ValueError):
    """Bad input. Carries all faults found, not only the first.

    Args:
        faults: at least one :class:`Fault`.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        if not self.faults:
            raise ValueError("an InputError needs at least one fault")
        lines = [str(fault) for fault in self.faults]
        super().__init__(lines[0] if len(lines) == 1 else "\n  ".join([f"{len(lines)} faults:", *lines]))

    def under(self, place: str) -> InputError:
        """The same faults, seen from further out."""
        return InputError(fault.under(place) for fault in self.faults)


class Faults:
    """Collects faults while input is read, so that all are reported at once."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, place: str, value: object, allowed: str, close: str | None = None) -> None:
        """Note one fault; ``value`` is shown as it was given, ``close`` is the nearest valid name."""
        self._faults.append(Fault(place, shown(value), allowed, close))

    def missing(self, place: str, allowed: str) -> None:
        """Note that something required is not there."""
        self._faults.append(Fault(place, "nothing", allowed))

    def take(self, error: InputError) -> None:
        """Note all faults of an error that was caught; one that two checks found is noted once."""
        self._faults.extend(fault for fault in error.faults if fault not in self._faults)

    @contextmanager
    def under(self, place: str) -> Iterator[None]:
        """Collect what the body raises, with ``place`` put in front of it."""
        try:
            yield
        except InputError as error:
            self.take(error.under(place))

    def error(self) -> InputError:
        """One :class:`InputError` with everything collected, of which there has to be something."""
        return InputError(self._faults)

    def raise_any(self) -> None:
        """Raise :meth:`error`, if there is anything."""
        if self._faults:
            raise self.error()


def check_flag(value: object, place: str) -> None:
    """Refuse what is neither True nor False: "no" would be taken for yes.

    Raises:
        InputError: ``value`` is no boolean.
    """
    if not isinstance(value, bool):
        raise refuse(place, value, "true or false")


def refuse(place: str, value: object, allowed: str, close: str | None = None) -> InputError:
    """An :class:`InputError` with one fault, ready to be raised."""
    return InputError([Fault(place, shown(value), allowed, close)])
