"""`policydsl batch`: what does this policy pay for every row of these files?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import click

from policydsl.cli.commands import language_option, settings_option
from policydsl.cli.console import Stop, either, err, err_diagnostics, out, out_json

if TYPE_CHECKING:
    from policydsl.batch.given import Target
    from policydsl.batch.run import Job, Progress, Summary
    from policydsl.diagnostics.model import Language
    from policydsl.expressions import Value
    from policydsl.ir import Program


@click.command(
    "batch",
    help=either(
        "Compute outputs of a policy (all, when none is named) for every row of Parquet or CSV files, however many. The "
        "output has the columns of the files and the results. A row that cannot be answered is listed in a file of its "
        "own. docs/batch.md describes the columns.",
        "对Parquet或CSV文件中的每一行计算政策的结果（不写结果名称则为全部），行数不限。输出含文件原有各列和计算结果；"
        "不能计算的行另列一个文件。各列说明见 docs/batch.zh.md。",
    ),
)
@click.argument("file")
@click.argument("outputs", nargs=-1)
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    required=True,
    metavar="PATH",
    help=either("A file of cases, or a folder of them.", "存放各个情形的文件或文件夹；可写多次。"),
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="PATH",
    help=either(
        "The output: a file, or with a / at the end a folder of files.",
        "输出文件；以 / 结尾的为文件夹，分成多个文件。",
    ),
)
@click.option(
    "--rejects",
    metavar="PATH",
    help=either(
        "The file of rows that cannot be answered (default: ….rejects.csv beside the output).",
        "列出不能计算的行的文件（默认为输出旁的 ….rejects.csv）。",
    ),
)
@click.option(
    "--max-rejects",
    "limit",
    type=click.IntRange(0),
    metavar="N",
    help=either("Stop when more rows than this cannot be answered.", "不能计算的行超过此数即停止。"),
)
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMN",
    help=either("A column to hand on (default: all).", "照原样带出的列（默认全部）；可写多次。"),
)
@click.option(
    "--results-only",
    "bare",
    is_flag=True,
    help=either("Hand on no column of the files.", "不带出文件原有的列，只写计算结果。"),
)
@settings_option
@click.option(
    "--explain-sample",
    "sample",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help=either("Explain this many rows in ….explained.txt.", "抽取若干行，在 ….explained.txt 中逐步说明。"),
)
@click.option(
    "--resume", is_flag=True, help=either("Go on with a run that was broken off.", "继续上次中断的计算。")
)
@click.option(
    "--force", is_flag=True, help=either("Replace what is there, begin again.", "替换已有的输出，重新开始。")
)
@click.option(
    "--engine",
    type=click.Choice(("duckdb", "spark")),
    default="duckdb",
    show_default=True,
    help=either("What reads, computes and writes.", "用什么读取、计算和写出。"),
)
@click.option(
    "--master",
    default="local[*]",
    show_default=True,
    metavar="URL",
    help=either(
        "For Spark: where it runs (spark://host:7077, yarn).", "Spark的运行位置（spark://主机:7077、yarn）。"
    ),
)
@click.option(
    "--threads", type=click.IntRange(1), metavar="N", help=either("How many threads there are.", "线程数。")
)
@click.option(
    "--memory",
    default="600MB",
    show_default=True,
    metavar="SIZE",
    help=either("The most memory that DuckDB takes for rows.", "DuckDB存放各行所用内存的上限。"),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    help=either("Form of the summary.", "汇总的格式。"),
)
@click.option("--draft", is_flag=True, help=either("Compute drafts too.", "征求意见稿也计算。"))
@language_option
def command(
    file: str,
    outputs: tuple[str, ...],
    inputs: tuple[str, ...],
    output: str,
    rejects: str | None,
    limit: int | None,
    keep: tuple[str, ...],
    bare: bool,
    settings: tuple[str, ...],
    sample: int,
    resume: bool,
    force: bool,
    engine: Literal["duckdb", "spark"],
    master: str,
    threads: int | None,
    memory: str,
    form: Literal["text", "json"],
    draft: bool,
    language: Language,
) -> int:
    from policydsl.batch import given
    from policydsl.cli.case import find_outputs, open_checked, read_settings
    from policydsl.cli.sql import texts_of
    from policydsl.diagnostics.codes_batch import BATCH_CALL_CODES
    from policydsl.diagnostics.codes_cli import DRAFT
    from policydsl.diagnostics.model import Diagnostic

    program = open_checked(file, language).program
    assert program is not None
    header = program.header
    if header.draft and not draft:
        err_diagnostics([Diagnostic(DRAFT, header.name.span, {"title": header.title})], language)
        raise Stop(1)
    wanted = find_outputs(program, outputs)
    fixed = _texts(read_settings(program, settings))
    if keep and bare:
        zh = language == "zh"
        err("--keep 与 --results-only 只能写一个" if zh else "--keep and --results-only exclude each other")
        raise Stop(2)
    try:
        if engine == "spark":
            from policydsl.batch import spark

            _only_on_duckdb({"--resume": resume, "--explain-sample": sample, "--rejects": rejects})
            columns = None if bare else keep
            summary, target = spark.run(
                program, wanted, inputs, output, fixed, texts_of(program), columns, limit, master, force=force
            )
        else:
            from policydsl.batch import run

            if (missing := run.needs()) is not None:
                raise given.BatchError(missing)
            found = given.inputs(inputs)
            target = given.target(output, rejects, found)
            job = run.Job(
                program, wanted, found, target, fixed, texts_of(program), keep, bare, limit, sample,
                threads or _processors(), memory, language,
            )  # fmt: skip
            summary = _run(job, resume=resume, force=force)
    except given.BatchError as error:
        err_diagnostics(error.diagnostics, language)
        raise Stop(2 if any(d.code in BATCH_CALL_CODES for d in error.diagnostics) else 1) from None
    except KeyboardInterrupt:
        zh = language == "zh"
        err("\n已中断，加 --resume 可以继续" if zh else "\nstopped; go on with --resume")
        raise Stop(130) from None
    if form == "json":
        out_json(_as_json(summary, target))
    else:
        for line in _lines(program, summary, target, sample > 0, language):
            out(line)
    return int(summary.rejected > 0)


def _only_on_duckdb(options: Mapping[str, object]) -> None:
    """Raises BatchError for options that say nothing to Spark."""
    from policydsl.batch.given import BatchError, about
    from policydsl.diagnostics.codes_batch import BATCH_NOT_ON_SPARK
    from policydsl.diagnostics.model import Words

    instead = Words(
        "leave it out: Spark repeats lost work itself, and the rejects are a folder beside the output",
        "去掉该选项：Spark自行重做中断的部分，不能计算的行列在输出旁的文件夹中",
    )
    for option, given in options.items():
        if given:
            facts = {"what": Words(f"`{option}`", f" `{option}`"), "instead": instead}
            raise BatchError(about(BATCH_NOT_ON_SPARK, "", facts))


def _run(job: Job, *, resume: bool, force: bool) -> Summary:
    from policydsl.batch import run

    with _shown(job.language) as progress:
        return run.run(job, resume=resume, force=force, progress=progress)


@contextmanager
def _shown(language: Language) -> Iterator[Progress]:
    """What shows the progress: nothing, or on a terminal a bar with rows per second and the time left."""
    if not sys.stderr.isatty():
        yield lambda rows, total, read, size: None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    words = ("行", "行/秒") if language == "zh" else ("rows", "rows/s")
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(f"{{task.fields[rows]:,}} {words[0]}  {{task.fields[speed]:,}} {words[1]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, rows=0, speed=0)
        began: list[tuple[int, int]] = []

        def progress(rows: int, total: int | None, read: int, size: int) -> None:
            now = int(monotonic() * 1000)
            began.append((now, rows))
            spent, done = now - began[0][0], rows - began[0][1]
            whole, at = (size, read) if total is None else (total, rows)
            bar.update(task, total=whole, completed=at, rows=rows, speed=done * 1000 // spent if spent else 0)

        yield progress


def _lines(
    program: Program, summary: Summary, target: Target, explained: bool, language: Language
) -> Iterator[str]:
    from policydsl.amounts import say_value
    from policydsl.diagnostics.render import visible

    zh = language == "zh"
    path, rejects = visible(target.path), visible(target.rejects)
    yield (
        f"{path}：{summary.answered:,}行" + ("" if summary.rejected else "，全部算出")
        if zh
        else f"{path}: {_rows(summary.answered)}" + ("" if summary.rejected else ", all that were given")
    )
    for total in summary.totals:
        shown = say_value(
            total.value,
            total.kind,
            currency=program.header.currency,
            categories=(),
            language=language,
            plain=False,
        )
        yield f"  {total.name} 合计 {shown}" if zh else f"  {total.name}: {shown} in all"
    if summary.rejected:
        yield (
            f"{rejects}：{summary.rejected:,}行不能计算"
            if zh
            else f"{rejects}: {_rows(summary.rejected)} that cannot be answered"
        )
        for code, column, count in summary.rejects:
            where = f"：{visible(column)} " if zh else f": {visible(column)}, "
            if not column:  # the row as a whole
                where = "：" if zh else ": "
            yield f"  {code} {_MEANING[code][zh]}{where}{f'{count:,}行' if zh else _rows(count)}"
    if explained:
        yield f"{visible(target.sample)}：抽样说明" if zh else f"{visible(target.sample)}: the rows explained"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _as_json(summary: Summary, target: Target) -> dict[str, object]:
    from policydsl.amounts import say_decimal

    return {
        "output": target.path,
        "rows": summary.rows,
        "answered": summary.answered,
        "totals": {total.name: say_decimal(total.value) for total in summary.totals},
        "rejects": {
            "path": target.rejects,
            "rows": summary.rejected,
            "by": [{"code": c, "column": column, "rows": count} for c, column, count in summary.rejects],
        },
    }


def _texts(facts: Mapping[str, Value]) -> dict[str, str]:
    """What `--set` gives, as the text of a CSV file."""
    from fractions import Fraction

    from policydsl.amounts import decimals, say_decimal

    found = {}
    for key, value in facts.items():
        match value:
            case None:
                found[key] = ""
            case bool():
                found[key] = "true" if value else "false"
            case Fraction():
                found[key] = say_decimal(value, decimals(value) or 0)
            case frozenset():
                found[key] = ",".join(sorted(value))
            case _:
                found[key] = str(value)
    return found


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


#: What the codes of rejects say, in a few words.
_MEANING = {
    "PC101": ("missing", "缺少取值"),
    "PC103": ("of the wrong type", "类型不符"),
    "PC104": ("out of range", "超出范围"),
    "PC105": ("finer than the smallest unit", "小于最小单位"),
    "PC106": ("not one of the members", "不在所列各项之中"),
    "PC107": ("contradicts the policy's conditions", "与政策中的前提矛盾"),
    "PC108": ("no answer in the policy", "政策中没有结果"),
    "PC109": ("too many digits", "小数位过多"),
    "PD766": ("more or fewer cells than the heading", "单元格数与表头不符"),
}
