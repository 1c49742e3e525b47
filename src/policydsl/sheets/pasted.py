"""Which table stands in pasted text? Cells parted by tabs, or one cell a line as a word processor dumps them.

(tab)分段                       a table whose head is merged, one cell a line: rows are parted by
(tab)费用（元）                 an empty line, and a cell that a merged one covers is a line with
(tab)普通人员比例（%）          a tab alone
"""

from __future__ import annotations

from collections.abc import Sequence

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Diagnostic, Words
from policydsl.nodes import Node, node
from policydsl.sheets.figures import read_text
from policydsl.sheets.grid import Cell, Grid
from policydsl.source import Source, Span

#: The most lines and bytes that are read.
MAX_LINES = 20_000
MAX_BYTES = 2 * 1024 * 1024


@node
class _Piece(Node):
    text: str
    start: int
    end: int


def decode(name: str, data: bytes) -> Source | Diagnostic:
    """The pasted text that `data` is: UTF-8, or UTF-16 with its mark."""
    if len(data) > MAX_BYTES:
        return _too_large(name, Words(f"{MAX_BYTES >> 20} MiB", f"{MAX_BYTES >> 20} MiB"))
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return Source(name, data.decode(encoding))
            except UnicodeDecodeError:
                break
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    also = Words("", "")
    try:
        data.decode("gb18030")
        also = Words("; it reads as GB18030", "，按GB18030可以读出")
    except UnicodeDecodeError:
        pass
    return Diagnostic(codes.TEXT_NOT_UTF8, Span(Source(name, ""), 0, 0), {"also": also})


def read_pasted(source: Source) -> Grid | Diagnostic:
    """The table in a pasted text. Lines without a tab around it are no part of it."""
    text = source.text
    if text.count("\n") > MAX_LINES:
        return _too_large(source.name, Words(f"{MAX_LINES} lines", f"{MAX_LINES}行"))
    lines = _lines(text)
    tabbed = [line for line in lines if "\t" in line.text.strip(" \r\n\u3000").strip()]
    if tabbed:
        return _whole(source, _across(text, lines))
    led = [i for i, line in enumerate(lines) if line.text.startswith("\t")]
    block = lines[led[0] : led[-1] + 1] if led else lines
    loose = next(
        (line for line in block if led and line.text.strip() and not line.text.startswith("\t")), None
    )
    if loose is not None:
        what = Words(
            "two tables in one text, or lines between their cells",
            "文中有不止一个表，或者单元格之间夹有其他文字",
        )
        return Diagnostic(codes.NO_TABLE, Span(source, loose.start, loose.end), {"what": what})
    groups = _groups(block, bool(led))
    widths = [len(group) for group in groups]
    if len(groups) < 2 or max(widths) < 2:
        what = Words("cells are parted by tabs, or stand one a line with an empty line between rows",
                     "单元格之间应有制表符，或者一格一行、各行之间空一行")  # fmt: skip
        return Diagnostic(codes.NO_TABLE, Span(source, 0, min(len(text), 1)), {"what": what})
    return _whole(source, _down(groups))


def _too_large(name: str, limit: Words) -> Diagnostic:
    return Diagnostic(codes.SHEET_TOO_LARGE, Span(Source(name, ""), 0, 0), {"path": name, "limit": limit})


def _lines(text: str) -> list[_Piece]:
    found, at = [], 0
    for line in text.splitlines(keepends=True):
        found.append(_Piece(line.rstrip("\r\n"), at, at + len(line.rstrip("\r\n"))))
        at += len(line)
    return found


# cells side by side


def _across(text: str, lines: list[_Piece]) -> list[list[_Piece]]:
    """Rows of cells parted by tabs; a cell in quotation marks may hold line ends."""
    tabbed = [i for i, line in enumerate(lines) if "\t" in line.text]
    at, end = lines[tabbed[0]].start, lines[tabbed[-1]].end
    quote = text.find('"', 0, at)
    if text.count('"', 0, at) % 2 and (quote == 0 or text[quote - 1] == "\n"):
        at = quote  # the first cell holds line ends
    rows: list[list[_Piece]] = [[]]
    while at <= end:
        if text[at : at + 1] == '"' and (closing := _closing(text, at)) is not None:
            rows[-1].append(_Piece(text[at + 1 : closing].replace('""', '"'), at, closing + 1))
            at = closing + 1
        else:
            stop = min((p for p in (text.find(c, at) for c in "\t\r\n") if p >= 0), default=len(text))
            rows[-1].append(_Piece(text[at:stop], at, stop))
            at = stop
        if text[at : at + 1] == "\t":
            at += 1
        else:
            at = at + 2 if text[at : at + 2] == "\r\n" else at + 1
            rows.append([])
    return [row for row in rows if any(cell.text.strip() for cell in row)]


def _closing(text: str, at: int) -> int | None:
    """Where the quotation mark that closes a cell stands, before a tab or the end of the line."""
    i = at + 1
    while (i := text.find('"', i)) >= 0:
        if text[i + 1 : i + 2] == '"':
            i += 2
            continue
        return i if text[i + 1 : i + 2] in ("", "\t", "\r", "\n") else None
    return None


# one cell a line


def _groups(block: list[_Piece], led: bool) -> list[list[_Piece]]:
    """The cells of each row; where lines begin with a tab, one with nothing after it is an empty cell."""
    groups: list[list[_Piece]] = [[]]
    for line in block:
        if line.text.strip() or (led and line.text.startswith("\t")):
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def _down(groups: list[list[_Piece]]) -> list[list[_Piece]]:
    """The rows of a table dumped one cell a line, each head in the first of the columns that it covers.

    A merged head is dumped once, so that a row of heads is shorter than the rows of figures.
    """
    width = max(map(len, groups))
    full = next(i for i, group in enumerate(groups) if len(group) == width)
    result = list(groups)
    if full > 1 and any(read_text(cell.text) for cell in groups[full]):
        # the blank cells of the last row of heads were lost: they stood under the merged heads at its left
        lowest = result[full - 1]
        nothing = _Piece("", lowest[0].start, lowest[0].start)
        result[full - 1] = [*[nothing] * (width - len(lowest)), *lowest]
    for i in range(full - 1, -1, -1):
        if len(result[i]) < width:
            result[i] = _spread(result[i], result[i + 1], width)
    return result


def _spread(row: list[_Piece], below: list[_Piece], width: int) -> list[_Piece]:
    """The heads of `row`, each moved over the columns below that it covers.

    The blank cells that `below` begins with lie under heads of their own; the others are shared out,
    evenly or where the first of the heads below comes again. Rows that fit neither way stay short.
    """
    if not any(cell.text.strip() for cell in below) or len(below) != width:
        return row
    blank = next(i for i, cell in enumerate(below) if cell.text.strip())
    own, over = row[:blank], row[blank:]
    lower = [cell.text.strip() for cell in below[blank:]]
    starts = [i for i, text in enumerate(lower) if text == lower[0]]
    if not over or any(read_text(text) for text in lower):
        return row
    if len(starts) != len(over):
        if len(lower) % len(over):
            return row
        starts = list(range(0, len(lower), len(lower) // len(over)))
    spread = [_Piece("", over[0].start, over[0].start)] * len(lower)
    for start, cell in zip(starts, over, strict=True):
        spread[start] = cell
    return [*own, *spread]


# both


def _whole(source: Source, rows: Sequence[Sequence[_Piece]]) -> Grid | Diagnostic:
    while rows and all(not row[-1].text.strip() for row in rows if len(row) == max(map(len, rows))):
        longest = max(map(len, rows))
        rows = [row[:-1] if len(row) == longest else row for row in rows]
    width = max(map(len, rows))
    # what is shorter ends in cells that hold nothing, except a head that could not be put over its columns
    figures = next((i for i, row in enumerate(rows) if len(row) == width), 0)
    short = next((row for row in rows[:figures] if 1 < len(row) < width and _in_lines(source, row)), None)
    if short is not None:
        facts = {"heads": len(short), "columns": width}
        return Diagnostic(codes.HEADS_UNCLEAR, Span(source, short[0].start, short[-1].end), facts)
    made = []
    for row in rows:
        cells = []
        for column in range(width):
            piece = row[column] if column < len(row) else _Piece("", row[-1].end, row[-1].end)
            cells.append(_cell(source, piece, column))
        made.append(tuple(cells))
    return Grid(source.name, tuple(made), pasted=True, span=Span(source, 0, len(source.text)))


def _in_lines(source: Source, row: Sequence[_Piece]) -> bool:
    return source.position(row[0].start)[0] != source.position(row[-1].start)[0]


def _cell(source: Source, piece: _Piece, column: int) -> Cell:
    text = piece.text.strip()
    start = piece.start + len(piece.text) - len(piece.text.lstrip())
    line = source.position(piece.start)[0]
    span = Span(source, start, max(start + len(text), start + 1))
    return Cell(text, "text" if text else "empty", f"{line}:{column + 1}", span=span)
