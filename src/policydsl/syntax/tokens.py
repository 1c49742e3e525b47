"""What is a token? A terminal of the grammar, the text it stands for, and where."""

from __future__ import annotations

from policydsl.facts import Quote


class Token:
    """`type` is a terminal of the grammar. `quotes` and `notes` (comment lines) stand above it.

    Thousands are made for a file, so this is a plain class with slots.
    """

    __slots__ = ("end", "first", "notes", "quotes", "start", "text", "type")

    def __init__(self, type: str, text: str, start: int, end: int, first: bool) -> None:
        self.type = type
        self.text = text
        self.start = start
        self.end = end
        #: whether it is the first token of its line
        self.first = first
        self.quotes: tuple[Quote, ...] = ()
        self.notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{self.type}({self.text!r})"
