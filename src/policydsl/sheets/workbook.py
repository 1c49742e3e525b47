"""What stands in the cells of a workbook? Its sheets as grids, read with python-calamine."""

from __future__ import annotations

import datetime
import io
import re
from typing import TYPE_CHECKING, Any

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Words, listed
from policydsl.sheets.archive import Marks, TooMuch, marks, refusal, whole_file
from policydsl.sheets.formats import exact, shown
from policydsl.sheets.grid import Cell, Grid, Merge, between, column_letters, drawn, reference

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})")

#: The sheet of an exported workbook that says what it was exported from.
KEYS_SHEET = "policydsl"


class Book:
    """An opened workbook: its bytes, and the names of its sheets, those first that people see."""

    def __init__(self, path: str, data: bytes, book: CalamineWorkbook) -> None:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        self.path = path
        self.data = data
        self.book = book
        sheets = [s for s in book.sheets_metadata if s.typ is SheetTypeEnum.WorkSheet]
        self.visible = [s.name for s in sheets if s.visible is SheetVisibleEnum.Visible]
        self.hidden = [s.name for s in sheets if s.visible is not SheetVisibleEnum.Visible]


def open_book(path: str, data: bytes) -> Book | Diagnostic:
    """The workbook that `data`, the bytes of the file at `path`, are; or why they are none."""
    try:
        import python_calamine as calamine
    except (ImportError, OSError):
        return Diagnostic(codes.EXCEL_MISSING, whole_file(path))
    if (refused := refusal(path, data)) is not None:
        return refused
    try:
        return Book(path, data, calamine.load_workbook(io.BytesIO(data)))
    except calamine.PasswordError:
        return Diagnostic(codes.WORKBOOK_PASSWORD, whole_file(path), {"path": path})
    except (calamine.CalamineError, OSError, ValueError) as error:
        return _damaged(path, error)


def _damaged(path: str, error: object) -> Diagnostic:
    words = " ".join(str(error).split())[:120]
    reason = Words(f"its parts do not fit together ({words})", f"各组成部分对不上（{words}）")
    return Diagnostic(codes.WORKBOOK_DAMAGED, whole_file(path), {"path": path, "reason": reason})


def choose_sheet(book: Book, wanted: str | None) -> str | Diagnostic:
    """The sheet called `wanted`; without a name the only one that is filled."""
    if wanted is not None:
        if wanted in (*book.visible, *book.hidden):
            return wanted
        what = Words(f"has no sheet called “{wanted}”", f"中没有名为“{wanted}”的工作表")
    else:
        filled = [s for s in book.visible if len(book.visible) == 1 or _is_filled(book, s)]
        if len(filled) == 1:
            return filled[0]
        what = (
            Words("has several sheets", "有几个工作表")
            if filled
            else Words("has no filled sheet", "中没有内容")
        )
    facts: dict[str, Fact] = {"path": book.path, "what": what, "sheets": listed(book.visible)}
    return Diagnostic(codes.SHEET_UNKNOWN, whole_file(book.path), facts)


def _is_filled(book: Book, sheet: str) -> bool:
    try:
        found: bool = book.book.get_sheet_by_name(sheet).start is not None
    except Exception:  # a broken sheet is told of when it is read
        return True
    return found


def read_grid(book: Book, sheet: str, cells: str | None = None, *, own: bool = False) -> Grid | Diagnostic:
    """The filled cells of a sheet, or those named by `cells` (A1:F9).

    What is hidden is refused unless `own` says that the workbook is one of ours.
    """
    import python_calamine as calamine

    try:
        marked = marks(book.data, sheet)
        if marked is None:
            return _damaged(book.path, sheet)
        found = book.book.get_sheet_by_name(sheet)
        values: list[list[Any]] = found.to_python(skip_empty_area=False)
        merged = found.merged_cell_ranges or []
    except TooMuch as much:
        facts: dict[str, Fact] = {"path": book.path, "limit": much.limit}
        return Diagnostic(codes.SHEET_TOO_LARGE, whole_file(book.path), facts)
    except (calamine.CalamineError, OSError, ValueError) as error:
        return _damaged(book.path, error)
    texts = [
        [_text(v, marked.formulas.get((r, c))) for c, v in enumerate(row)] for r, row in enumerate(values)
    ]
    area = _area(book, sheet, texts, cells)
    if isinstance(area, Diagnostic):
        return area
    if not own and (hidden := _hidden(marked, area, texts)) is not None:
        return Diagnostic(codes.CELLS_HIDDEN, whole_file(book.path), {"sheet": sheet, "which": hidden})
    return _grid(book, sheet, values, texts, merged, marked, area)


def _area(book: Book, sheet: str, texts: list[list[str]], cells: str | None) -> Merge | Diagnostic:
    """The rectangle that is read: what is named, else what is filled."""
    filled = [(r, c) for r, row in enumerate(texts) for c, text in enumerate(row) if text]
    if not filled:
        what = Words(f"the sheet “{sheet}” is empty", f"工作表“{sheet}”是空的")
        return Diagnostic(codes.NO_TABLE, whole_file(book.path), {"what": what})
    rows, columns = [r for r, _ in filled], [c for _, c in filled]
    whole = Merge(min(rows), min(columns), max(rows), max(columns))
    if cells is None:
        return whole
    match = _RANGE.fullmatch(cells.strip().upper())
    facts = {
        "sheet": sheet,
        "cells": cells,
        "filled": between(whole.top, whole.left, whole.bottom, whole.right),
    }
    if match is None:
        return Diagnostic(codes.CELLS_UNKNOWN, whole_file(book.path), facts)
    sides = sorted((_number(match[1]), _number(match[3]))), sorted((int(match[2]) - 1, int(match[4]) - 1))
    (left, right), (top, bottom) = sides
    area = Merge(max(top, 0), left, min(bottom, whole.bottom), min(right, whole.right))
    if not any(area.top <= r <= area.bottom and area.left <= c <= area.right for r, c in filled):
        return Diagnostic(codes.CELLS_UNKNOWN, whole_file(book.path), facts)
    return area


def _number(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _hidden(marked: Marks, area: Merge, texts: list[list[str]]) -> Words | None:
    """The filled rows and columns of the area that are hidden, in words."""
    rows = [r for r in range(area.top, area.bottom + 1) if r in marked.hidden_rows and any(texts[r])]
    columns = [
        c for c in range(area.left, area.right + 1)
        if any(a <= c <= b for a, b in marked.hidden_columns) and any(c < len(row) and row[c] for row in texts)
    ]  # fmt: skip
    if not rows and not columns:
        return None
    en, zh = [], []
    if rows:
        en.append(f"row{'s' if len(rows) > 1 else ''} {', '.join(str(r + 1) for r in rows[:12])}")
        zh.append(f"第{'、'.join(str(r + 1) for r in rows[:12])}行")
    if columns:
        letters = [column_letters(c) for c in columns[:12]]
        en.append(f"column{'s' if len(columns) > 1 else ''} {', '.join(letters)}")
        zh.append(f"{'、'.join(letters)}列")
    return Words(" and ".join(en), "和".join(zh))


def _text(value: object, formula: str | None) -> str:
    """What a diagnostic shows for a cell."""
    if formula is not None:
        return f"={formula}"
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime.datetime() | datetime.date() | datetime.time() | datetime.timedelta():
            return str(value)
        case str():
            return value.strip()
    number = exact(value)
    text = repr(value)
    return text.removesuffix(".0") if number is None or "e" not in text else str(number)


def _grid(
    book: Book,
    sheet: str,
    values: list[list[Any]],
    texts: list[list[str]],
    merged: list[tuple[tuple[int, int], tuple[int, int]]],
    marked: Marks,
    area: Merge,
) -> Grid:
    width = area.right + 1
    padded = [[*row, *[""] * (width - len(row))][:width] for row in texts[: area.bottom + 1]]
    places = drawn(book.path, padded)
    merges = [Merge(*a, *b) for a, b in merged]
    owner = {
        (r, c): (m.top, m.left)
        for m in merges
        for r in range(max(m.top, area.top), min(m.bottom, area.bottom) + 1)
        for c in range(max(m.left, area.left), min(m.right, area.right) + 1)
    }
    rows = []
    for r in range(area.top, area.bottom + 1):
        row = []
        for c in range(area.left, area.right + 1):
            at_r, at_c = owner.get((r, c), (r, c))
            inside = at_r < len(values) and at_c < len(values[at_r])
            value = values[at_r][at_c] if inside else ""
            span = places[r][c]
            row.append(_cell(value, f"{sheet}!{reference(r, c)}", (at_r, at_c), marked, span))
        rows.append(tuple(row))
    moved = tuple(
        Merge(m.top - area.top, m.left - area.left, m.bottom - area.top, m.right - area.left)
        for m in merges
        if area.top <= m.top <= area.bottom and area.left <= m.left <= area.right
    )
    return Grid(sheet, tuple(rows), moved, span=whole_file(book.path))


def _cell(value: Any, ref: str, place: tuple[int, int], marked: Marks, span: Any) -> Cell:
    formula = marked.formulas.get(place)
    if formula is not None:
        return Cell(f"={formula}", "formula", ref, span=span)
    if place in marked.errors:
        return Cell(marked.errors[place], "error", ref, span=span)
    match value:
        case bool():
            return Cell("TRUE" if value else "FALSE", "truth", ref, span=span)
        case datetime.datetime() if not (value.hour or value.minute or value.second):
            return Cell(value.date().isoformat(), "day", ref, span=span)
        case datetime.date() if not isinstance(value, datetime.datetime):
            return Cell(value.isoformat(), "day", ref, span=span)
        case datetime.datetime() | datetime.time() | datetime.timedelta():
            return Cell(str(value), "error", ref, span=span)
        case str():
            text = value.strip()
            return Cell(text, "text" if text else "empty", ref, span=span)
    number = exact(value)
    if number is None:
        return Cell(repr(value), "number", ref, flaw="inexact", span=span)
    code = marked.formats.get(place, "")
    figure = shown(number, code)
    if figure is None:
        return Cell(_text(value, None), "number", ref, flaw=code, span=span)
    return Cell(figure[0], "number", ref, figure[1], span=span)
