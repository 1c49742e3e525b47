"""What stands in which cell? A table as it was read, from a workbook or from pasted text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from policydsl.nodes import Node, node, span_field
from policydsl.source import Source, Span

#: `number` is a figure that the sheet holds as one; its text is the exact decimal, in the unit shown.
CellKind: TypeAlias = Literal["empty", "text", "number", "day", "truth", "error", "formula"]


@node
class Cell(Node):
    """One cell. `ref` is what people call it (“Sheet1!C7”, “line 3”), `unit` what its format shows (%, 元).

    `flaw` says what keeps a number from being taken: "inexact", or the format that shows another number.
    """

    text: str
    kind: CellKind
    ref: str
    unit: str = ""
    flaw: str = ""
    span: Span = span_field()


@node
class Merge(Node):
    """Cells shown as one: rows `top` to `bottom`, columns `left` to `right`, all included."""

    top: int
    left: int
    bottom: int
    right: int


@node
class Grid(Node):
    """A rectangle of cells, all rows of one width; merged cells stand in each place that they cover.

    `pasted`: the text shows no merges; a blank under or beside a word may be part of it.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merges: tuple[Merge, ...] = ()
    pasted: bool = False
    span: Span = span_field()


_FOLD = str.maketrans(
    {i: i - 0xFEE0 for i in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]}
)
_PUNCTUATION = str.maketrans("（）％＋－，．：∶［］【】＜＞＝／～", "()%+-,.::[][]<>=/~")
_INVISIBLE = frozenset("\u200b\u200c\u200d\ufeff\u00ad\u2060")


def fold(text: str) -> str:
    """`text` with full-width letters and digits in ASCII, white space as single spaces, nothing invisible."""
    visible = "".join(
        c for c in text if c not in _INVISIBLE and (c.isspace() or unicodedata.category(c)[0] != "C")
    )
    return " ".join(visible.translate(_FOLD).split())


def fold_all(text: str) -> str:
    """`fold`, with punctuation in ASCII too and no white space: for comparing and for reading figures."""
    return fold(text).translate(_PUNCTUATION).replace(" ", "")


def column_letters(column: int) -> str:
    """The name of a column counted from 0: A, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def reference(row: int, column: int) -> str:
    """The name of a cell, row and column counted from 0: C7."""
    return f"{column_letters(column)}{row + 1}"


def between(top: int, left: int, bottom: int, right: int) -> str:
    """The name of a range of cells: A1:F9."""
    return f"{reference(top, left)}:{reference(bottom, right)}"


def drawn(name: str, rows: Iterable[Sequence[str]]) -> list[list[Span]]:
    """The place of each cell in a text with a line for each row of a sheet, for diagnostics to show."""
    text, places, at = [], [], 0
    for row in rows:
        spans = []
        for cell in row:
            shown = " ".join(cell.split())[:60]
            spans.append((at, at + len(shown)))
            text.append(f"{shown} | ")
            at += len(shown) + 3
        text.append("\n")
        at += 1
        places.append(spans)
    source = Source(name, "".join(text))
    return [[Span(source, a, max(b, a + 1)) for a, b in spans] for spans in places]
