"""What stands on the page of a policy? Its parts as frozen records, every text still plain."""

from __future__ import annotations

from typing import Literal, TypeAlias

from policydsl.diagnostics.model import Language
from policydsl.diagnostics.render import cells
from policydsl.document.drawing import Drawing
from policydsl.facts import Quote
from policydsl.nodes import Node, node


@node
class Link(Node):
    """Words that lead to the part of the page with this anchor."""

    words: str
    anchor: str


@node
class Cell(Node):
    """A cell of a grid over `rows` × `columns` places. `head` says what it is the head of; the `unit` of
    a column's head stands behind its words."""

    words: str
    rows: int = 1
    columns: int = 1
    head: Literal["", "column", "row"] = ""
    figure: bool = False
    unit: str = ""
    anchor: str = ""

    @property
    def short(self) -> bool:
        """Whether the words are better kept in one line."""
        return cells(self.words) <= 20


@node
class Grid(Node):
    """A table. `caption` tells those who cannot see it what it holds."""

    caption: str
    heads: tuple[tuple[Cell, ...], ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: the caption is shown, too
    titled: bool = False


@node
class Prose(Node):
    lines: tuple[str, ...]


@node
class Item(Node):
    """One of several grounds, conditions, choices: its sentence, the clause, the author's reason."""

    words: str
    title: str = ""
    quotes: tuple[Quote, ...] = ()
    because: str = ""
    note: str = ""
    link: Link | None = None
    anchor: str = ""
    inner: tuple[Item, ...] = ()


@node
class Items(Node):
    """Items one below another, with their numbers."""

    items: tuple[Item, ...]


@node
class Figure(Node):
    """A drawn curve with what is said below it."""

    drawing: Drawing
    notes: tuple[str, ...] = ()


Block: TypeAlias = Prose | Grid | Items | Figure


@node
class Entry(Node):
    """One declaration. `word` is what it is (标准, 分担 …), `value` its figure where it has just one,
    `code` its name in programs, `also` the notice's own word for it on an English page. `choices` lead
    to what its author settled."""

    anchor: str
    word: str
    name: str
    code: str
    also: str = ""
    value: str = ""
    quotes: tuple[Quote, ...] = ()
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    choices: tuple[Link, ...] = ()
    uses: tuple[Link, ...] = ()
    used_by: tuple[Link, ...] = ()


@node
class Part(Node):
    anchor: str
    title: str
    intro: str = ""
    entries: tuple[Entry, ...] = ()
    blocks: tuple[Block, ...] = ()


@node
class Page(Node):
    """A whole page. `banner` stands above everything; `facts` are the lines of its head."""

    language: Language
    title: str
    banner: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    digests: tuple[tuple[str, str], ...]
    maker: str
