"""Mappings that came from outside, read key by key: tables (TOML) and settings (JSON)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rancher_ports.errors import Faults, check_flag, nearest, one_of, refuse

_TEXT = "a text that is not empty"
_TEXTS = "a list of names"


class Section:
    """A mapping read key by key; what is wrong is noted, and reading goes on.

    Args:
        value: what was found; anything but a mapping is a fault, and reads as an empty one.
        place: where it was found.
        faults: where faults are noted.
        keys: the keys that may stand in it, or None where any may.
        what: what a key is called in a fault, such as "a slot".
    """

    def __init__(
        self, value: object, place: str, faults: Faults, keys: Iterable[str] | None = None, what: str = "a key"
    ) -> None:
        self.place = place
        self._faults = faults
        self.is_mapping = isinstance(value, Mapping)
        self._values: Mapping[str, object] = value if isinstance(value, Mapping) else {}
        if not self.is_mapping:
            faults.add(place, value, "a mapping")
        if keys is not None:
            keys = tuple(keys)
            for key in self._values:
                if key not in keys:
                    faults.add(place, key, f"{what}, {one_of(keys)}", nearest(key, keys))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def items(self) -> Iterator[tuple[str, object]]:
        """Keys and values as they stand there."""
        return iter(self._values.items())

    def at(self, key: str) -> str:
        """The place of a key."""
        return f"{self.place}.{key}" if self.place else key

    def value(self, key: str) -> object:
        """What stands under a key, or None."""
        return self._values.get(key)

    def text(self, key: str, allowed: str = _TEXT) -> str | None:
        """A text that must be there; None, with a fault noted, if it is not."""
        if key not in self:
            if self.is_mapping:
                self._faults.missing(self.at(key), allowed)
            return None
        return self.optional_text(key, allowed)

    def optional_text(self, key: str, allowed: str = _TEXT) -> str | None:
        """A text, or None where there is none or, with a fault noted, something else."""
        value = self._values.get(key)
        if key in self and (not isinstance(value, str) or not value.strip()):
            self._faults.add(self.at(key), value, allowed)
            return None
        return value if isinstance(value, str) else None

    def flag(self, key: str) -> bool:
        """True or false; false where there is nothing."""
        value = self._values.get(key, False)
        with self._faults.under(""):
            check_flag(value, self.at(key))
        return value is True

    def number(self, key: str, allowed: str = "a whole number") -> int | None:
        """A whole number, or None where there is nothing or, with a fault noted, something else."""
        value = self._values.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self._faults.add(self.at(key), value, allowed)
        return None

    def texts(self, key: str, allowed: str = _TEXTS) -> tuple[str, ...]:
        """A list of texts, each once; empty where there is nothing."""
        return read_texts(self._values.get(key, []), self.at(key), self._faults, allowed)

    def section(self, key: str, keys: Iterable[str] | None = None, what: str = "a key") -> Section:
        """A mapping within; an empty one where there is nothing."""
        return Section(self._values.get(key, {}), self.at(key), self._faults, keys, what)


def read_texts(value: object, place: str, faults: Faults, allowed: str = _TEXTS) -> tuple[str, ...]:
    """A list of texts, each once, in the order found; what is anything else is noted and left out."""
    if not isinstance(value, list):
        faults.add(place, value, allowed)
        return ()
    found: list[str] = []
    for index, entry in enumerate(value):
        if not isinstance(entry, str) or not entry:
            faults.add(f"{place}[{index}]", entry, _TEXT)
        elif entry in found:
            faults.add(f"{place}[{index}]", entry, "each name once")
        else:
            found.append(entry)
    return tuple(found)


def mapping(value: object, place: str) -> Mapping[str, object]:
    """A mapping of parsed JSON; an empty one where there is nothing.

    Raises:
        InputError: it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refuse(place, type(value).__name__, "a mapping")
    return value
