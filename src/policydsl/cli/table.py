"""`policydsl table`: how do tables get from where officers keep them into a policy, and back?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from policydsl.cli.commands import language_option
from policydsl.cli.console import Fault, Stop, either, err, err_diagnostics, out
from policydsl.cli.help import Group
from policydsl.cli.writing import write_or_fault

if TYPE_CHECKING:
    from typing import Literal

    from policydsl.diagnostics.model import Diagnostic, Language
    from policydsl.sheets.workbook import Book
    from policydsl.source import Source
    from policydsl.syntax.ast import File


@click.group(
    "table",
    cls=Group,
    help=either(
        "Take tables over from workbooks and pasted text, and give them to officers as workbooks.",
        "从工作簿或粘贴的文字导入表格，或者把政策文件中的表导出为工作簿。",
    ),
)
def command() -> None:
    pass


@command.command(
    "import",
    help=either(
        "Print the tiers or table block that a table makes: a sheet of the workbook FILE (.xlsx), or with - the "
        "cells pasted from the clipboard. A workbook made by `table export` is compared with its policy: "
        "what was changed is shown, and written with --write.",
        "把工作簿（.xlsx）中的表格，或者从剪贴板粘贴的表格（文件写作 -），变成可以放进政策文件的分段或表。"
        "由 table export 导出的工作簿，则与政策文件比较，列出改动；加 --write 写入。",
    ),
)
@click.argument("file")
@click.option(
    "--sheet",
    help=either("The sheet (needed when several are filled).", "工作表名称（有几个工作表时须写明）。"),
)
@click.option(
    "--range", "cells", metavar="A1:F9", help=either("The cells, heads included.", "单元格范围，包括表头。")
)
@click.option(
    "--name",
    help=either(
        "What the block is called; one that the policy has keeps its head and its last lines.",
        "分段或表的名称；政策文件中已有的，沿用其首行和表后各行。",
    ),
)
@click.option(
    "--policy", help=either("The policy whose names are recognised.", "政策文件，用来识别表中的名称。")
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(("tiers", "table")),
    help=either("Which block is made.", "导入为分段还是表。"),
)
@click.option(
    "--kind",
    "mode",
    metavar="KIND",
    help=either(
        "How bands are read: marginal, slab, interpolated.", "各段如何套用：超额累进、全额累进、直线内插。"
    ),
)
@click.option(
    "--by",
    metavar="A,B",
    help=either("The categories of the heads, without --policy.", "表头各项所属的类别（没有 --policy 时）。"),
)
@click.option(
    "--of", "amount", metavar="NAME", help=either("The amount that the bands divide.", "分段所依据的数额。")
)
@click.option("-o", "--output", metavar="FILE", help=either("A new file for the block.", "写入新文件。"))
@click.option(
    "--write", is_flag=True, help=either("Write the changes into the policy.", "把改动写入政策文件。")
)
@language_option
def import_(
    file: str, sheet: str | None, cells: str | None, name: str | None, policy: str | None,
    kind: Literal["tiers", "table"] | None, mode: str | None, by: str | None, amount: str | None,
    output: str | None, write: bool, language: Language,
) -> int:  # fmt: skip
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.syntax.words import choices, meaning
    from policydsl.tasks import tables

    known = None if policy is None else _read_policy(policy, language)
    mode_key = None
    if mode is not None and (mode_key := meaning("kinds", mode)) is None:
        raise Fault(
            f"--kind can be {choices('kinds').en}, not “{mode}”",
            f"--kind只能取{choices('kinds').zh}，不能是“{mode}”",
        )
    if file == "-":
        if sys.stdin.isatty():
            end = "Ctrl+Z, Enter" if sys.platform == "win32" else "Ctrl+D"
            zh = f"请粘贴表格，完成后另起一行按{end.replace(', ', '、')}。"
            err(zh if language == "zh" else f"paste the cells, and on a new line end with {end}")
        grid = tables.pasted_table("-", sys.stdin.buffer.read(_LIMIT))
    else:
        book = _open(file, language)
        if tables.is_ours(book):
            return _take_back(book, policy, known, write, language)
        grid = tables.sheet_table(book, sheet, cells)
    if write:
        raise Fault(
            "--write is for a workbook made by `policydsl table export`; a block is printed, or written with -o",
            "--write 用于由 `policydsl table export` 导出的工作簿；其他表格用 -o 写入新文件",
        )
    if isinstance(grid, Diagnostic):
        _stop([grid], language)
    keys = tuple(k.strip() for k in (by or "").replace("、", ",").replace("，", ",").split(",") if k.strip())
    called = name or ("导入的表" if language == "zh" else "imported")
    text, told = tables.table_block(
        grid, known, language, name=called, kind=kind, mode=mode_key, keys=keys, amount=amount
    )
    err_diagnostics(told, language)
    if text is None:
        raise Stop(1)
    if output is None:
        sys.stdout.write(text)
        return 0
    _write_new(output, text, language)
    return 0


@command.command(
    "export",
    help=either(
        "Write the tables and tiers of a policy (all, or those named) into a workbook for officers.",
        "把政策文件中的表和分段（全部，或者写明名称的）导出为工作簿，供经办人员修改。",
    ),
)
@click.argument("file")
@click.argument("names", nargs=-1)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help=either("The new workbook (.xlsx).", "新工作簿（.xlsx）。"),
)
@language_option
def export(file: str, names: tuple[str, ...], output: str, language: Language) -> int:
    from policydsl.tasks.tables import export_tables

    made = export_tables(_read_policy(file, language), names, language)
    if made == ():
        raise Fault(f"“{file}” has no table and no tiers", f"“{file}”中没有表，也没有分段", status=1)
    if isinstance(made, tuple):
        _stop(made, language)
    _write_new(output, made, language)
    return 0


#: more than this is not even looked at; what fits has narrower limits of its own
_LIMIT = 64 * 1024 * 1024


def _read_policy(path: str, language: Language) -> File:
    """The declarations of the policy file at `path`; errors of its syntax end the command."""
    from policydsl import pipeline
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.files import read_source

    source = read_source(path)
    if isinstance(source, Diagnostic):
        _stop([source], language)
    file, wrong = pipeline.read(source)
    if wrong:
        _stop(wrong, language)
    return file


def _open(path: str, language: Language) -> Book:
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.files import read_bytes
    from policydsl.tasks.tables import open_book

    data = read_bytes(path, _LIMIT)
    book = data if isinstance(data, Diagnostic) else open_book(path, data)
    if isinstance(book, Diagnostic):
        _stop([book], language)
    return book


def _take_back(book: Book, path: str | None, file: File | None, write: bool, language: Language) -> int:
    """Show what a workbook changes in its policy, and write it when that is wanted."""
    from policydsl.tasks.tables import returned_tables

    changed, told = returned_tables(book, file)
    if changed is None or path is None or file is None:
        _stop(told, language)
    before = file.span.source
    if changed.text == before.text:
        out(f"{path} 没有改动" if language == "zh" else f"{path}: nothing is changed")
        return 0
    for line in _diff(path, before.text, changed.text):
        out(line)
    _check(before, changed, language)
    sys.stdout.flush()
    if not write and not (sys.stdin.isatty() and sys.stdout.isatty() and _asked(path, language)):
        words = (
            f"{path} 尚未改动；加 --write 写入"
            if language == "zh"
            else f"{path} is not changed yet; add --write"
        )
        out(words)
        return 0
    _replace(path, before.text, changed.text, language)
    out(f"已写入 {path}" if language == "zh" else f"wrote {path}")
    return 0


def _diff(name: str, old: str, new: str) -> Iterator[str]:
    """The lines that differ, with three around them."""
    from difflib import unified_diff

    for line in unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm=""):
        yield line.replace("\r", "")


def _asked(path: str, language: Language) -> bool:
    return click.confirm(f"写入 {path}？" if language == "zh" else f"Write {path}?", default=False)


def _check(before: Source, after: Source, language: Language) -> None:
    """What `check` says of the policy as it would be, and did not say before."""
    from policydsl import pipeline
    from policydsl.diagnostics.model import message

    known = {(d.code, message(d, language)) for d in pipeline.check(before).diagnostics}
    found = [d for d in pipeline.check(after).diagnostics if (d.code, message(d, language)) not in known]
    if found:
        out("改动后，检查出新的问题：" if language == "zh" else "the policy as it would be has new problems:")
        err_diagnostics(found, language)


def _replace(path: str, before: str, text: str, language: Language) -> None:
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.files import read_bytes

    data = read_bytes(path)
    if isinstance(data, Diagnostic) or data.decode("utf-8-sig", "replace") != before:
        raise Fault(
            f"“{path}” was changed meanwhile and is left as it is", f"“{path}”刚刚被改动过，未写入", status=1
        )
    mark = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
    write_or_fault({path: mark + text})


def _write_new(path: str, content: str | bytes, language: Language) -> None:
    if os.path.exists(path):
        raise Fault(
            f"“{path}” exists already and is left as it is; choose another name",
            f"“{path}”已经存在，未作改动；请换一个文件名",
        )
    write_or_fault({path: content})
    out(f"已写入 {path}" if language == "zh" else f"wrote {path}")


def _stop(told: Sequence[Diagnostic], language: Language) -> NoReturn:
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.codes_sheets import SHEET_CALL_CODES

    err_diagnostics(told, language)
    raise Stop(2 if any(d.code in (*CALL_CODES, *SHEET_CALL_CODES) for d in told) else 1)
