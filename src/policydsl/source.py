"""Where does something stand? Texts, and spans of code points in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

#: The folders that other policies may be in, the nearest first: what messages call each, and what is there.
Beside: TypeAlias = "Callable[[], Iterable[tuple[str, Sequence[Source]]]]"


class Source:
    """The text of one policy file, with the offsets at which its lines begin.

    `name` is what messages call the file, usually its path. `beside` gives the other policies
    at hand; only a policy that names others in its header asks for them.
    """

    __slots__ = ("_starts", "beside", "name", "text")

    def __init__(self, name: str, text: str, *, beside: Beside | None = None) -> None:
        self.name = name
        self.text = text
        self.beside = beside
        self._starts: list[int] | None = None

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of `offset`, both counted from 1, the column in code points."""
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line end."""
        starts = self._line_starts()
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def __repr__(self) -> str:
        return f"Source({self.name!r})"


class Span:
    """The code points `start` to `end` (not included) of `source`."""

    __slots__ = ("end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))

    def __repr__(self) -> str:
        line, column = self.source.position(self.start)
        return f"Span({self.source.name}:{line}:{column})"
