"""`policydsl status`: who is bound by what on a day?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import format_option, language_option
from policydsl.cli.console import Fault, either

if TYPE_CHECKING:
    from datetime import date

    from policydsl.diagnostics.model import Language


@click.command(
    "status",
    help=either(
        "Say which policies of a folder are in force on a day, place by place, what they rest on, what they require of "
        "those below and what they leave open; report days with nothing in force and days with two policies. "
        "Exit status: 0 no error, 1 errors, 2 bad call.",
        "逐个地区列出文件夹中某日施行的政策、所依的政策、对下级的规定和另行规定的数额；"
        "并指出没有政策施行的日期和同时有两项政策的日期。退出码：0 没有错误，1 有错误，2 命令用错。",
    ),
)
@click.argument("folder")
@click.option(
    "--on",
    "day",
    metavar="DAY",
    help=either("The day (default: today): 2021-03-01.", "日期（默认今日）：2021-03-01。"),
)
@click.option(
    "--graph",
    is_flag=True,
    help=either(
        "Draw what rests on what (--format svg: as SVG).", "画出政策之间的关系（--format svg：SVG图）。"
    ),
)
@format_option("text", "svg")
@language_option
def command(folder: str, day: str | None, graph: bool, form: str, language: Language) -> int:
    from policydsl.cli.console import err_diagnostics
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.model import is_error
    from policydsl.policyset import PolicySet

    on = _day(day)
    policies = PolicySet.read(folder)
    if form == "svg":
        sys.stdout.write(policies.graph_svg(on, language))
    elif graph:
        sys.stdout.write(policies.graph(language))
    else:
        sys.stdout.write(policies.status_text(on, language))
    problems = [d for d in policies.problems if d.code.severity != "note"]
    err_diagnostics(problems, language)
    if any(d.code in CALL_CODES for d in problems):
        return 2
    return int(any(map(is_error, problems)))


def _day(text: str | None) -> date:
    from datetime import date

    from policydsl.syntax.figures import read_date

    if text is None:
        return date.today()
    from policydsl.source import Source, Span

    try:
        found = read_date(text.strip(), Span(Source("", ""), 0, 0)).value
    except ValueError:
        found = None
    if found is None:
        raise Fault(
            f"--on {text}: no such day; write 2021-03-01", f"--on {text}：没有这一天，写作 2021-03-01"
        )
    return found
