"""Which rows of a grid are heads, which hold figures, and what does each column hold?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Words
from policydsl.nodes import Node, Span, evolve, node
from policydsl.sheets import figures
from policydsl.sheets.cells import Found
from policydsl.sheets.grid import Cell, Grid, fold, fold_all
from policydsl.sheets.ranges import read_bounds

#: What a column holds: bands, figures, words (members), days, or the numbers of the rows.
Role: TypeAlias = Literal["band", "figure", "words", "days", "serial"]

_SERIAL = frozenset(
    (
        "序号",
        "序號",
        "分段",
        "段",
        "段次",
        "段数",
        "级数",
        "級數",
        "级次",
        "编号",
        "行次",
        "no",
        "no.",
        "#",
        "",
    )
)
_REMARK = ("注", "备注", "備註", "说明", "說明", "note", "remark", "*")


@node
class Body(Node):
    """A table taken apart: the heads above each column, from the top down, and the rows below."""

    heads: tuple[tuple[Cell, ...], ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: str


def take_apart(grid: Grid, found: Found) -> Body | None:
    rows = [(i, row) for i, row in enumerate(grid.rows) if any(c.kind != "empty" for c in row)]
    columns = [c for c in range(len(grid.rows[0])) if any(row[c].kind != "empty" for _, row in rows)]
    cut = [(i, tuple(row[c] for c in columns)) for i, row in rows]
    first = next((n for n, (_, row) in enumerate(cut) if any(_is_value(c) for c in row)), None)
    if first is None:
        found.say(codes.NO_TABLE, top(grid), what=Words("no cell holds a figure", "没有一个单元格是数字"))
        return None
    unit, start = "", 0
    for n, (_, row) in enumerate(cut[:first]):
        texts = {c.text for c in row if c.text}
        stated = next((u for t in texts if (u := figures.stated_unit(t)) is not None), None)
        unit = stated or unit
        if (
            len(columns) > 1
            and (len(texts) == 1 or (stated is not None and len(texts) < len(columns) / 2))
            and n == start
        ):
            start = n + 1
    if start == first:
        found.say(
            codes.NO_TABLE, top(grid), what=Words("there is no head above the figures", "数字上方没有表头")
        )
        return None
    first = _first_of_body(cut, start, first)
    end = len(cut)
    while end > first + 1 and _is_remark(cut[end - 1][1]):
        end -= 1
    for _, row in cut[end:]:
        text = next(c.text for c in row if c.text)
        said = text if len(text) <= 40 else f"{text[:40]}…"
        found.say(
            codes.TABLE_READ_AS, next(c for c in row if c.text),
            what=Words(f"a line below the table is left out: {said}", f"表格下方的文字没有采用：{said}"),
        )  # fmt: skip
    _check_merges(grid, cut, first, found)
    heads = [row for _, row in cut[start:first]]
    if grid.pasted:
        heads = _fill_right(heads)
    over = tuple(_above(heads, c) for c in range(len(columns)))
    return Body(over, tuple(row for _, row in cut[first:end]), unit)


def _first_of_body(cut: Sequence[tuple[int, Sequence[Cell]]], start: int, first: int) -> int:
    """Where the rows below the heads begin: before the first figure, where a column of words has one more word.

    A second head stands over figures only; a row that names a member and holds no figure is a mistake to tell of.
    """
    for c in range(len(cut[0][1])):
        below = [row[c] for _, row in cut[first:]]
        if role_of((), below) == "figure":
            continue
        texts = [row[c].text for _, row in cut[start:first]]
        for n in range(1, len(texts)):
            if texts[n] and any(texts[:n]) and texts[n] not in texts[:n]:
                first = start + n
                break
    return first


def top(grid: Grid) -> Span:
    return next((c.span for row in grid.rows for c in row if c.text), grid.span)


def _is_value(cell: Cell) -> bool:
    if cell.kind in ("number", "formula", "truth", "error", "day"):
        return True
    figure = figures.read_figure(cell)
    # a head may be a year: 2021年
    return figure is not None and not (figure.unit == "年" and len(figure.digits) == 4)


def _is_remark(row: Sequence[Cell]) -> bool:
    texts = {c.text for c in row if c.text}
    if len(row) < 2 or any(_is_value(c) for c in row):
        return False
    return len(texts) == 1 and (len(row) > 2 or fold(next(iter(texts))).lower().startswith(_REMARK))


def _check_merges(grid: Grid, cut: Sequence[tuple[int, Sequence[Cell]]], first: int, found: Found) -> None:
    boundary = cut[first][0]
    for merge in grid.merges:
        if merge.top < boundary <= merge.bottom:
            first_cell = grid.rows[merge.top][merge.left]
            last = grid.rows[min(merge.bottom, len(grid.rows) - 1)][min(merge.right, len(grid.rows[0]) - 1)]
            cells = f"{first_cell.ref}:{last.ref.partition('!')[2]}"
            found.say(
                codes.MERGED_OVER, first_cell.span, cells=cells, what=Words("heads and figures", "表头和数字")
            )


def _fill_right(heads: list[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """In pasted text a merged head stands over its first column only; the others of it are blank."""
    filled = []
    for n, row in enumerate(heads):
        cells = list(row)
        for c in range(1, len(cells)):
            below = any(lower[c].text for lower in heads[n + 1 :])
            if not cells[c].text and below and cells[c - 1].text:
                cells[c] = cells[c - 1]
        filled.append(tuple(cells))
    return filled


def _above(heads: Sequence[Sequence[Cell]], column: int) -> tuple[Cell, ...]:
    parts: list[Cell] = []
    for row in heads:
        cell = row[column]
        if cell.text and (not parts or parts[-1].text != cell.text):
            parts.append(cell)
    return tuple(parts)


def role_of(heads: Sequence[Cell], cells: Sequence[Cell]) -> Role:
    """What most of the cells of a column are; the others of it are told of when they are read."""
    filled = [c for c in cells if c.kind != "empty"]
    numbers = [fold_all(c.text).strip(".、段第") for c in filled]
    title = fold_all("".join(h.text for h in heads)).lower()
    if title in _SERIAL and numbers == [str(i + 1) for i in range(len(filled))]:
        return "serial"
    if filled and all(c.kind == "day" for c in filled):
        return "days"
    values = sum(
        figures.read_figure(c) is not None or c.kind in ("number", "formula", "truth", "error")
        for c in filled
    )
    bands = sum(_is_band(c) for c in filled)
    if bands and 2 * (bands + values) >= len(filled) and bands >= values:
        return "band"
    return "figure" if 2 * values >= len(filled) else "words"


def _is_band(cell: Cell) -> bool:
    return (
        cell.kind == "text"
        and any(c.isdigit() for c in fold(cell.text))
        and read_bounds(cell.text) is not None
    )


def head_cell(body: Body, column: int) -> Cell:
    """The lowest head of a column, or its first cell where it has none."""
    return body.heads[column][-1] if body.heads[column] else body.rows[0][column]


def filled_down(cells: Sequence[Cell], down: bool, found: Found) -> tuple[Cell, ...]:
    """The cells of a column; in pasted text a blank one below a word is part of the same merged cell."""
    if not down:
        return tuple(cells)
    result: list[Cell] = []
    merged = 0
    for cell in cells:
        if cell.kind == "empty" and result and result[-1].text:
            merged += 1
            cell = evolve(result[-1], ref=cell.ref)
        result.append(cell)
    if merged:
        first = next(c for c in cells if c.kind == "empty")
        found.say(
            codes.TABLE_READ_AS, first,
            what=Words(f"{merged} blank cell{'s are' if merged > 1 else ' is'} read as merged with the words above",
                       f"有{merged}个空白单元格，视为与上方的文字合并"),
        )  # fmt: skip
    return tuple(result)
