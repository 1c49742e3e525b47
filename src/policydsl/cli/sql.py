"""`policydsl sql`: which SELECT computes this policy for every row of a table?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import click

from policydsl.cli.commands import language_option
from policydsl.cli.console import Stop, either, err_diagnostics, out
from policydsl.cli.writing import write_or_fault

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language
    from policydsl.ir import Program


@click.command(
    "sql",
    help=either(
        "Write outputs of a policy (all, when none is named) as one SELECT over a table of cases. Each row gets its "
        "answers, or in the column “problem” the code of what is wrong with it; docs/sql.md describes the columns.",
        "将政策的结果（不写结果名称则为全部）写成一条SELECT，对表中每一行计算。每行给出结果，"
        "有问题的在“problem”列给出代码；各列说明见 docs/sql.md。",
    ),
)
@click.argument("file")
@click.argument("outputs", nargs=-1)
@click.option(
    "--dialect",
    required=True,
    type=click.Choice(("duckdb", "sqlite", "postgres", "spark")),
    help=either("Whose SQL.", "使用哪种数据库的SQL。"),
)
@click.option(
    "--table",
    default="claims",
    show_default=True,
    metavar="NAME",
    help=either(
        "The table with the cases, with its schema if need be: warehouse.claims.",
        "存放各个情形的表，必要时带模式名，如 warehouse.claims。",
    ),
)
@click.option(
    "--columns",
    "shape",
    type=click.Choice(("grains", "decimals", "text", "counts")),
    default="grains",
    show_default=True,
    help=either(
        "How amounts are held: grains (cost_fen, integers of 分), decimals (cost, in 元); "
        "text (everything as a CSV file has it); counts (everything as integers).",
        "金额的存放方式：grains（cost_fen，以分计的整数）、decimals（cost，以元计）；"
        "text（全部为文本，如CSV文件）；counts（全部为整数）。",
    ),
)
@click.option(
    "--labels",
    is_flag=True,
    help=either(
        "Accept the labels and codes of members too, not only their keys.",
        "各项除代号外，也可以是名称、编码。",
    ),
)
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMN",
    help=either(
        "A column of the table to hand on, such as the number of the claim.",
        "照原样带出的列，如单据编号；可写多次。",
    ),
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(("query", "view", "table", "macro")),
    default="query",
    show_default=True,
    help=either(
        "A query, or a view, a table or (DuckDB) a macro made from it.",
        "查询语句，或者建立视图、表、宏（DuckDB）的语句。",
    ),
)
@click.option(
    "--name",
    metavar="NAME",
    help=either(
        "Name of the view, table or macro (default: the policy's).",
        "视图、表或宏的名称（默认为政策的名称）。",
    ),
)
@click.option(
    "-o",
    "--output",
    metavar="FILE.sql",
    help=either("Write to this file (default: standard output).", "写入该文件（默认输出到屏幕）。"),
)
@click.option("--draft", is_flag=True, help=either("Accept drafts too.", "征求意见稿也生成。"))
@language_option
def command(
    file: str,
    outputs: tuple[str, ...],
    dialect: Literal["duckdb", "sqlite", "postgres", "spark"],
    table: str,
    shape: Literal["grains", "decimals", "text", "counts"],
    labels: bool,
    keep: tuple[str, ...],
    kind: Literal["query", "view", "table", "macro"],
    name: str | None,
    output: str | None,
    draft: bool,
    language: Language,
) -> int:
    from policydsl import pipeline
    from policydsl.cli.case import find_outputs
    from policydsl.diagnostics.codes_cli import CALL_CODES, DRAFT
    from policydsl.diagnostics.codes_sql import SQL_NEEDS_EXTRA
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.files import read_source
    from policydsl.source import Source, Span
    from policydsl.tasks import queries

    source = read_source(file)
    if isinstance(source, Diagnostic):
        err_diagnostics([source], language)
        raise Stop(2 if source.code in CALL_CODES else 1)
    checked = pipeline.check(source)
    program = checked.program
    if program is None:
        err_diagnostics(filter(is_error, checked.diagnostics), language)
        raise Stop(1)
    header = program.header
    wanted = find_outputs(program, outputs)
    found: list[Diagnostic] = []
    if header.draft and not draft:
        found.append(Diagnostic(DRAFT, header.name.span, {"title": header.title}))
    if not queries.can_write_sql():
        err_diagnostics([Diagnostic(SQL_NEEDS_EXTRA, Span(Source("", ""), 0, 0))], language)
        raise Stop(2)
    if found:
        err_diagnostics(found, language)
        raise Stop(1)
    text = queries.sql(
        program,
        wanted,
        dialect,
        table=tuple(table.split(".")),
        shape=shape,
        texts=texts_of(program) if labels else None,
        keep=keep,
        kind=kind,
        name=name,
        heading=_heading(program, file),
    )
    if not isinstance(text, str):
        err_diagnostics(text, language)
        raise Stop(1)
    if output is None:
        sys.stdout.write(text)
        return 0
    write_or_fault({output: text})
    out(output)
    return 0


def texts_of(program: Program) -> dict[str, dict[str, int]]:
    """Every text that stands for a member of an input, a key first, with the place of the member."""
    from policydsl.caseinput import names
    from policydsl.kinds import MemberOf, SetOf

    found: dict[str, dict[str, int]] = {}
    for fact in program.facts:
        if isinstance(fact.kind, MemberOf | SetOf):
            members = program.category(fact.kind.category).members
            texts = {member.name.key: place for place, member in enumerate(members)}
            for place, member in enumerate(members):
                for text in (*names(member.name), member.code):
                    if text is not None:
                        texts.setdefault(text, place)
            found[fact.name.key] = texts
    return found


def _heading(program: Program, file: str) -> tuple[str, ...]:
    from policydsl import __version__, pipeline
    from policydsl.cli.compile import short

    header = program.header
    draft = " · 征求意见稿 DRAFT" if header.draft else ""
    return (
        f"{header.title} · {header.name.key}{draft}. Made by policydsl from {short(file)}; edit that.",
        f"meaning {pipeline.meaning(program)} · policydsl {__version__}",
    )
