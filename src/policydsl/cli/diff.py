"""`policydsl diff`: what changed from one policy to another, and who gains or loses?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NoReturn

import click

from policydsl.cli.commands import format_option, language_option
from policydsl.cli.console import Fault, Stop, either, err, err_diagnostics, out, out_json

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language
    from policydsl.ir import Program

_LIMIT: Final = 512 * 2**20


@click.command(
    "diff",
    help=either(
        "What changed from OLD to NEW: declaration by declaration, and for each output the exact amounts and "
        "people for whom it is more, less or the same.",
        "比较两个政策文件（旧、新）：逐项列出改动，并对每项结果列出哪些人、哪些数额增加、减少或者相同。",
    ),
)
@click.argument("old")
@click.argument("new")
@click.option(
    "--api",
    is_flag=True,
    help=either(
        "What a program that calls OLD would meet in NEW; exit status 1 where it would break.",
        "按旧文件编写的程序改用新文件会遇到什么；有不兼容的，退出码为1。",
    ),
)
@click.option(
    "--cases",
    metavar="FILE.csv",
    help=either("Count who of these people gains and loses.", "按这份名单统计增加、减少的人数和金额。"),
)
@click.option(
    "--by",
    multiple=True,
    metavar="COLUMN",
    help=either("With --cases: count by this column.", "与 --cases 同用：按这一列分组统计。"),
)
@click.option(
    "--output",
    "wanted",
    multiple=True,
    metavar="NAME",
    help=either("Only this output (default: all).", "只比较这项结果（默认全部）。"),
)
@click.option(
    "-o",
    "page",
    metavar="FILE.html",
    help=either("Write the report as a page.", "把比较结果写成网页。"),
)
@format_option("text", "json")
@language_option
def command(
    old: str,
    new: str,
    api: bool,
    cases: str | None,
    by: tuple[str, ...],
    wanted: tuple[str, ...],
    page: str | None,
    form: str,
    language: Language,
) -> int:
    from policydsl import pages
    from policydsl.cli.case import find_outputs, open_checked
    from policydsl.tasks import comparing

    if page is not None:
        _may_be_written(page, [path for path in (old, new, cases) if path is not None])
    before, after = open_checked(old, language), open_checked(new, language)
    assert before.program is not None and after.program is not None
    if api:
        return _interface(before.program, after.program, form, language)
    if by and cases is None:
        raise Fault("--by counts the people of --cases; name their file", "--by 用于 --cases，请写出名单文件")
    if page is not None and not pages.available():
        _without_pages(page, language)
    comparison = comparing.compare(before, after, find_outputs(after.program, wanted) if wanted else None)
    if cases is not None:
        comparison = comparing.with_tallies(comparison, *_people(cases, by), by)
    if form == "json":
        out_json(comparing.as_json(comparison, language))
    else:
        for line in comparing.lines(comparison, language):
            out(line)
    if page is not None:
        from policydsl.cli.writing import write_or_fault

        write_or_fault({page: comparing.to_html(comparison, language)})
        err(f"已写入 {page}" if language == "zh" else f"wrote {page}")
    return 0


def _interface(old: Program, new: Program, form: str, language: Language) -> int:
    from policydsl.tasks.comparing import interface

    zh = language == "zh"
    found = interface(old, new)
    broken = any(one.breaks for one in found)
    texts = [one.text.zh if zh else one.text.en for one in found]
    if form == "json":
        out_json([{"breaks": one.breaks, "text": text} for one, text in zip(found, texts, strict=True)])
        return int(broken)
    for one, text in zip(found, texts, strict=True):
        out(f"{_mark(one.breaks, language)}  {text}")
    if not broken:
        out("原有的调用仍然有效" if zh else "every call that worked still works")
    return int(broken)


def _mark(breaks: bool, language: Language) -> str:
    if language == "zh":
        return "不兼容" if breaks else "新增"
    return "breaks" if breaks else "adds"


def _may_be_written(page: str, read: Sequence[str]) -> None:
    """A page is not written over a policy, nor over what it is made from."""
    import os

    from policydsl.files import SUFFIX

    if page.lower().endswith(SUFFIX) or os.path.realpath(page) in map(os.path.realpath, read):
        raise Fault(
            f"“{page}” is not written over: name a page, e.g. `-o {os.path.splitext(page)[0]}.html`",
            f"不能覆盖“{page}”：请写网页文件，如 `-o {os.path.splitext(page)[0]}.html`",
        )


def _without_pages(page: str, language: Language) -> NoReturn:
    from policydsl.diagnostics.codes_document import PAGE_NEEDS_EXTRA
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.source import Source, Span

    err_diagnostics([Diagnostic(PAGE_NEEDS_EXTRA, Span(Source(page, ""), 0, 0))], language)
    raise Stop(2)


def _people(path: str, by: Sequence[str]) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """The rows of a CSV file and its heads."""
    import csv
    import io

    from policydsl.diagnostics.model import Diagnostic, message
    from policydsl.files import read_bytes

    data = read_bytes(path, _LIMIT)
    if isinstance(data, Diagnostic):
        raise Fault(message(data, "en"), message(data, "zh"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Fault(
            f"“{path}” is not UTF-8: save it as “CSV UTF-8” in the spreadsheet",
            f"“{path}”不是UTF-8编码：请在电子表格软件中另存为“CSV UTF-8”",
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        heads = tuple(reader.fieldnames or ())
        rows = list(reader)
    except csv.Error as error:
        raise Fault(f"“{path}” is no CSV: {error}", f"“{path}”不是CSV文件：{error}") from None
    if not heads:
        raise Fault(
            f"“{path}” is empty: the first line names the columns, each further line is a person",
            f"“{path}”是空的：第一行应为列名，其余每行一人",
        )
    if twice := next((name for n, name in enumerate(heads) if name in heads[:n]), None):
        raise Fault(f"“{path}” has two columns “{twice}”", f"“{path}”有两列都叫“{twice}”")
    for name in by:
        if name not in heads:
            raise Fault(
                f"“{path}” has no column “{name}”; it has {', '.join(heads)}",
                f"“{path}”没有名为“{name}”的列，现有：{'、'.join(heads)}",
            )
    return rows, heads
