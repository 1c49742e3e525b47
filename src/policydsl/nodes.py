"""How are the compiler's frozen records made? By attrs, with what all of them share in one base class.

A hundred and fifty record classes are defined at every start, so what attrs would compile for
each of them (`__eq__`, `__hash__`, `__repr__`) stands here once and reads the fields.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

import attrs

from policydsl.source import Span

T = TypeVar("T")
field = attrs.field


def span_field() -> Any:
    """The keyword-only place of a record in its source; it takes no part in equality."""
    return attrs.field(kw_only=True, eq=False)


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field,))
def node(cls: type[T]) -> type[T]:
    """Make `cls`, a subclass of `Node`, a frozen attrs class with slots."""
    return attrs.define(frozen=True, eq=False, repr=False)(cls)


class Node:
    """A record: equal to another of its class when all fields but the spans are equal."""

    __slots__ = ("_hash",)

    if TYPE_CHECKING:
        __attrs_attrs__: tuple[Any, ...]
        _hash: int

    def _content(self) -> tuple[object, ...]:
        read = _READERS.get(type(self)) or _reader(type(self))
        return read(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:  # a record is asked for it as a key, and its parts with it, over and over
            found = hash((type(self), self._content()))
            object.__setattr__(self, "_hash", found)
            return found

    def __repr__(self) -> str:
        fields = ", ".join(f"{a.name}={getattr(self, a.name)!r}" for a in self.__attrs_attrs__ if a.eq)
        return f"{type(self).__name__}({fields})"


#: for each class that was asked for its content what reads the fields that take part in equality
_READERS: dict[type, Callable[[Any], tuple[object, ...]]] = {}


def _reader(cls: type[Node]) -> Callable[[Any], tuple[object, ...]]:
    names = [a.name for a in cls.__attrs_attrs__ if a.eq]
    if len(names) > 1:
        _READERS[cls] = attrgetter(*names)
    else:
        _READERS[cls] = lambda record: tuple([getattr(record, name) for name in names])
    return _READERS[cls]


def evolve(record: T, **changes: object) -> T:
    """A copy of `record` with some fields changed."""
    return attrs.evolve(record, **changes)  # type: ignore[misc]


def fields(record: Node) -> tuple[str, ...]:
    """The names of all fields of a record, in order."""
    return tuple(a.name for a in record.__attrs_attrs__)


def contents(record: Node) -> tuple[object, ...]:
    """What a record holds, its places left out, in the order of its fields."""
    return record._content()


__all__ = ["Node", "Span", "contents", "evolve", "field", "fields", "node", "span_field"]
