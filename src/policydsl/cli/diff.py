"""`policydsl diff`: what changed from one policy to another, and who gains or loses?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from policydsl.cli.commands import format_option, language_option
from policydsl.cli.console import Fault, Stop, either, err, err_diagnostics, out, out_json

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language
    from policydsl.difference.told import Both
    from policydsl.differences import Answers, Tally
    from policydsl.kinds import Kind

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
        "按旧文件编写的程序改用新文件会遇到什么；有不兼容的，退出状态为1。",
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
    from policydsl import pipeline
    from policydsl.cli.case import find_outputs, open_checked
    from policydsl.difference import told

    before, after = open_checked(old, language), open_checked(new, language)
    assert before.program is not None and after.program is not None
    both = told.Both(before.program, after.program)
    if api:
        return _interface(both, form, language)
    if by and cases is None:
        raise Fault("--by counts the people of --cases; name their file", "--by 用于 --cases，请写出名单文件")
    if page is not None and not pipeline.can_make_pages():
        from policydsl.diagnostics.codes_document import PAGE_NEEDS_EXTRA
        from policydsl.diagnostics.model import Diagnostic
        from policydsl.source import Source, Span

        err_diagnostics([Diagnostic(PAGE_NEEDS_EXTRA, Span(Source(page, ""), 0, 0))], language)
        raise Stop(2)
    declared = pipeline.declared(before, after)
    outputs = set(find_outputs(both.new, wanted)) if wanted else None
    answers = [a for a in pipeline.answers(both.old, both.new) if outputs is None or a.key in outputs]
    same = pipeline.meaning(both.old) == pipeline.meaning(both.new)
    counted = _counted(both, answers, cases, by) if cases is not None else {}
    if form == "json":
        document = told.as_json(declared, answers, both, language, same=same)
        out_json({**document, "cases": told.tallies_json(counted, by)} if cases is not None else document)
    else:
        for line in told.lines(declared, answers, both, language, same=same):
            out(line)
        for line in told.tallies_lines(counted, by, both, language):
            out(line)
    if page is not None:
        from policydsl.cli.writing import write_or_fault

        text = pipeline.difference_page(declared, answers, counted, by, both, language, same=same)
        write_or_fault({page: text})
        err(f"已写入 {page}" if language == "zh" else f"wrote {page}")
    return 0


def _interface(both: Both, form: str, language: Language) -> int:
    from policydsl import pipeline
    from policydsl.difference import told

    found = pipeline.interface(both.old, both.new)
    broken = any(one.breaks for one in found)
    if form == "json":
        out_json([{"breaks": one.breaks, "text": told.say(one.text, language)} for one in found])
    else:
        for line in told.interface_lines(found, language):
            out(line)
        if not broken:
            out("原有的调用仍然有效" if language == "zh" else "every call that worked still works")
    return int(broken)


def _counted(
    both: Both, answers: Sequence[Answers], path: str, by: Sequence[str]
) -> dict[str, tuple[Tally, ...]]:
    """The people of a CSV file counted, for each output that can be added up."""
    import csv
    import io

    from policydsl import pipeline
    from policydsl.diagnostics.model import Diagnostic, message
    from policydsl.files import read_bytes, reason_of

    data = read_bytes(path, _LIMIT)
    if isinstance(data, Diagnostic):
        raise Fault(message(data, "en"), message(data, "zh"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = reason_of(error)
        raise Fault(f"“{path}” is not UTF-8: {reason.en}", f"“{path}”不是UTF-8编码：{reason.zh}") from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    heads = tuple(reader.fieldnames or ())
    for name in by:
        if name not in heads:
            raise Fault(
                f"“{path}” has no column “{name}”; it has {', '.join(heads)}",
                f"“{path}”没有名为“{name}”的列，现有：{'、'.join(heads)}",
            )
    rows = list(reader)
    wanted = dict.fromkeys(
        a.key
        for a in answers
        if a.part is None and a.outcome in ("same", "different", "open") and _sums(a.kind)
    )
    return {key: pipeline.tallies(both.old, both.new, key, rows, heads, by) for key in wanted}


def _sums(kind: Kind | None) -> bool:
    from policydsl.kinds import Quantity

    return isinstance(kind, Quantity)
