"""How is a policy's table given to an officer? As a workbook: instructions, one sheet a table, lists to choose from.

The same policy gives the same bytes. What stands in a cell is text or a number, never a formula,
whatever it begins with. A hidden row and a hidden column say which column and row each cell
belongs to, and a hidden sheet which tables were exported, so that changes find their way back.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from policydsl.diagnostics import codes_sheets as codes
from policydsl.diagnostics.model import Diagnostic, Language
from policydsl.diagnostics.render import cells as width
from policydsl.sheets.archive import whole_file
from policydsl.sheets.exported import FORM, Exported, digest, is_number
from policydsl.sheets.grid import column_letters, reference
from policydsl.sheets.vocabulary import Kind
from policydsl.sheets.workbook import KEYS_SHEET
from policydsl.syntax import ast
from policydsl.syntax.words import spelling

#: rows after the last one that lists and formats reach to, for those that are added
_SPARE = 200
_HEAD = 2

_GUIDE: Mapping[Language, tuple[str, ...]] = {
    "zh": (
        "本工作簿由政策文件 {file} 导出，每个工作表是一个表。",
        "可以做的：改数字；改范围；从清单中另选项目；增加、删除整行；调整各行的先后。",
        "数字照原文写，单位见表头；范围写成 100001-200000、10万元以下、超过1万元至10万元、500001以上 的形式。",
        "一格写几项的，用顿号分开，如：甲、乙。不分项目的写“不限”。可以选择的项目见“{choices}”。",
        "不要改的：表头、工作表名称、隐藏的第1行和A列。需要增减栏目的，在政策文件中修改后重新导出。",
        "不要用公式。需要计算的，算好后粘贴为数值，并与原文核对。",
        "改好后运行：policydsl table import 本文件.xlsx --policy {file}",
        "先列出政策文件将有哪些改动；加 --write 才写入。没有改动的，政策文件一个字也不变。",
    ),
    "en": (
        "This workbook was exported from the policy file {file}; each sheet is one table of it.",
        "You may change figures and ranges, choose other members from the lists, add and delete whole rows, and put rows in another order.",
        "Write figures as the notice prints them, in the unit of the head; write ranges as 100001-200000, up to 10万元, over 1万元 up to 10万元, 500001 and over.",
        "Several members in one cell are parted by commas; what holds for all of them is written “any”. The sheet “{choices}” lists what can be chosen.",
        "Leave the heads, the names of the sheets, the hidden row 1 and the hidden column A as they are. Columns are added or removed in the policy itself, which is then exported again.",
        "Use no formulas: paste what was computed as values, and compare it with the notice.",
        "Then run: policydsl table import this-file.xlsx --policy {file}",
        "It lists what would change in the policy, and writes it with --write. Without changes the policy stays as it is, to the byte.",
    ),
}  # fmt: skip
_GUIDE_SHEET: Mapping[Language, str] = {"zh": "说明", "en": "Read me"}
_CHOICES_SHEET: Mapping[Language, str] = {"zh": "可选项目", "en": "Choices"}


def write_book(file: ast.File, tables: Sequence[Exported], language: Language) -> bytes | Diagnostic:
    """The bytes of a workbook with these tables of the policy `file`."""
    path = file.span.source.name
    try:
        import xlsxwriter
    except ImportError:
        return Diagnostic(codes.EXCEL_MISSING, whole_file(path))
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    header = next((d.name for d in file.declarations if isinstance(d, ast.Policy)), None)
    key, title = (header.key, header.shown) if header is not None else ("", path)
    book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
    _Writer(book, language).write(key, title, os.path.basename(path), tables)
    book.close()
    return stream.getvalue()


class _Writer:
    """Writes one workbook."""

    def __init__(self, book: Any, language: Language) -> None:
        self.book = book
        self.language = language
        free = {"locked": False}
        self.bold = book.add_format({"bold": True, "font_size": 13})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "bg_color": "#DDEBF7"}
        )
        self.text = book.add_format({**free, "num_format": "@", "border": 1})
        self.number = book.add_format({**free, "border": 1})
        self.free = book.add_format(free)
        self._decimals: dict[int, Any] = {}
        self._taken: set[str] = {KEYS_SHEET}

    def write(self, policy: str, title: str, file: str, tables: Sequence[Exported]) -> None:
        guide = self.book.add_worksheet(self._sheet_name(_GUIDE_SHEET[self.language]))
        choices_name = self._sheet_name(_CHOICES_SHEET[self.language])
        guide.set_column(0, 0, 100)
        guide.write_string(0, 0, title, self.bold)
        for i, line in enumerate(_GUIDE[self.language]):
            guide.write_string(i + 1, 0, line.format(file=file, choices=choices_name), self.wrapped)
        kinds = list({k.name.written: k for t in tables for k in t.kinds if k is not None}.values())
        sheets = [self.book.add_worksheet(self._sheet_name(t.title)) for t in tables]
        lists = self._choices(choices_name, kinds)
        for sheet, table in zip(sheets, tables, strict=True):
            self._table(sheet, table, lists)
        keys = self.book.add_worksheet(KEYS_SHEET)
        keys.very_hidden()
        for column, text in enumerate((FORM, policy, self.language)):
            keys.write_string(0, column, text)
        for row, table in enumerate(tables):
            keys.write_string(row + 1, 0, table.key)
            keys.write_string(row + 1, 1, digest(table))
            keys.write_string(row + 1, 2, sheets[row].name)
        if sheets:
            sheets[0].activate()

    def _sheet_name(self, text: str) -> str:
        """A name that a sheet may have, and that no other has."""
        plain = re.sub(r"[\[\]:*?/\\]", " ", text).strip("' ")[:28] or "table"
        name, n = plain, 1
        while name.lower() in self._taken or name.lower() == "history":
            n += 1
            name = f"{plain} {n}"
        self._taken.add(name.lower())
        return name

    def _choices(self, name: str, kinds: Sequence[Kind]) -> dict[str, str]:
        """A sheet with the members of each category; by category, the cells that list them."""
        if not kinds:
            return {}
        sheet = self.book.add_worksheet(name)
        lists = {}
        for column, kind in enumerate(kinds):
            shown = [*(m.shown for m in kind.members), spelling("ANY", self.language) or "any"]
            sheet.set_column(column, column, max(map(width, (kind.name.shown, *shown))) + 2)
            sheet.write_string(0, column, kind.name.shown, self.head)
            for row, text in enumerate(shown):
                sheet.write_string(row + 1, column, text)
            letters = column_letters(column)
            lists[kind.name.written] = f"='{name}'!${letters}$2:${letters}${len(shown) + 1}"
        sheet.protect()
        return lists

    def _table(self, sheet: Any, table: Exported, lists: Mapping[str, str]) -> None:
        # a row can be deleted only where none of its cells is locked, those beside the table too
        sheet.set_column(len(table.heads) + 1, 16_383, None, self.free)
        sheet.write_string(0, 0, KEYS_SHEET)
        sheet.write_string(1, 0, table.key)
        sheet.write_string(1, 1, table.title, self.bold)
        sheet.write_string(_HEAD, 0, "head")
        last = _HEAD + len(table.shown) + _SPARE
        for c, head in enumerate(table.heads):
            sheet.write_string(0, c + 1, f"c{c}")
            sheet.write_string(_HEAD, c + 1, head, self.head)
            column = [row[c] for row in table.shown if c < len(row)]
            widest = max(map(width, column), default=0)
            sheet.set_column(c + 1, c + 1, min(max(widest, min(width(head), 24), 8) + 2, 60), self.free)
            self._validate(sheet, table, c, column, last, lists)
        for r, row in enumerate(table.shown):
            sheet.write_string(_HEAD + 1 + r, 0, f"r{r}", self.free)
            for c, text in enumerate(row):
                self._write(sheet, _HEAD + 1 + r, c + 1, text)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.set_column(0, 0, None, self.free, {"hidden": True})
        sheet.freeze_panes(_HEAD + 1, 0)
        allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort")
        sheet.protect("", dict.fromkeys(allowed, True))

    def _write(self, sheet: Any, row: int, column: int, text: str) -> None:
        if not is_number(text):
            sheet.write_string(row, column, text, self.text)
            return
        places = len(text.partition(".")[2])
        if places and text.endswith("0"):
            if places not in self._decimals:
                form = {"locked": False, "border": 1, "num_format": f"0.{'0' * places}"}
                self._decimals[places] = self.book.add_format(form)
            sheet.write_number(row, column, Decimal(text), self._decimals[places])
            return
        sheet.write_number(row, column, Decimal(text), self.number)

    def _validate(
        self, sheet: Any, table: Exported, c: int, column: Sequence[str], last: int, lists: Mapping[str, str]
    ) -> None:
        kind = table.kinds[c]
        zh = self.language == "zh"
        if kind is not None:
            rule: dict[str, object] = {
                "validate": "list",
                "source": lists[kind.name.written],
                "error_type": "warning",  # several members may stand in one cell
                "error_title": kind.name.shown[:32],
                "error_message": "不在清单中。一格写几项的，用顿号分开。"
                if zh
                else "Not in the list. Part several members by commas.",
            }
        elif table.roles[c] == "figure" and column and all(map(is_number, column)):
            rule = {
                "validate": "decimal",
                "criteria": ">=",
                "value": 0,
                "error_type": "warning",
                "error_title": "数字" if zh else "Figure",
                "error_message": "应为数字，单位见表头。"
                if zh
                else "A figure is wanted, in the unit of the head.",
            }
        else:
            return
        sheet.data_validation(f"{reference(_HEAD + 1, c + 1)}:{reference(last, c + 1)}", rule)
