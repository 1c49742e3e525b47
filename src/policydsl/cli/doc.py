"""`policydsl doc`: how does a policy read as a page for people?"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import language_option
from policydsl.cli.console import Fault, Stop, either, err_diagnostics, out

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Code, Diagnostic, Language
    from policydsl.diagnostics.model import Fact as Said


@click.command(
    "doc",
    help=either(
        "Write a policy as one HTML page for people: its provisions with their clauses, tables, payout curves, "
        "worked examples and what its author settled. It needs no network and prints well.",
        "将政策文件写成一个供阅读的网页：各项规定及其条款、表格、支付曲线、计算举例和选定的读法；不需联网，可以打印。",
    ),
)
@click.argument("file")
@click.option(
    "-o",
    "--output",
    metavar="PAGE.html",
    help=either("The page; without it the page goes to standard output.", "网页文件；不写则输出到标准输出。"),
)
@language_option
def command(file: str, output: str | None, language: Language) -> int:
    from policydsl import pages
    from policydsl.cli.case import open_checked
    from policydsl.diagnostics import codes_document as codes
    from policydsl.files import SUFFIX, reason_of, write_all
    from policydsl.tasks.pages import page

    if output is None and sys.stdout.isatty():
        raise Fault("write where the page goes: -o PAGE.html", "请写明网页存到哪里：-o 网页.html")
    if output is not None and (_same(file, output) or output.lower().endswith(SUFFIX)):
        other = os.path.splitext(output)[0] + ".html"
        _stop(_of_file(codes.PAGE_OVER_POLICY, output, {"path": output, "other": other}), language)
    if not pages.available():
        _stop(_of_file(codes.PAGE_NEEDS_EXTRA, "", {}), language)
    checked = open_checked(file, language)
    made = page(checked, language)
    if output is None:
        sys.stdout.buffer.write(made.encode("utf-8"))  # the page says so, whatever the console's encoding is
        return 0
    try:
        write_all({output: made})
    except (OSError, ValueError) as error:
        _stop(_of_file(codes.PAGE_UNWRITABLE, output, {"path": output, "reason": reason_of(error)}), language)
    out(output)
    return 0


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _of_file(code: Code, path: str, facts: dict[str, Said]) -> Diagnostic:
    from policydsl.diagnostics.model import Diagnostic
    from policydsl.source import Source, Span

    return Diagnostic(code, Span(Source(path, ""), 0, 0), facts)


def _stop(diagnostic: Diagnostic, language: Language) -> None:
    err_diagnostics([diagnostic], language)
    raise Stop(2)
