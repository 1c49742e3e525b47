"""`policydsl check`: what is wrong with these policies?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from policydsl import __version__
from policydsl.cli.commands import format_option, language_option
from policydsl.cli.console import either, has_colour, out, out_json

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Diagnostic, Language


@click.command(
    "check",
    help=either(
        "Check policy files, or all *.pol in folders. Exit status: 0 no error, 1 errors, 2 bad call.",
        "检查政策文件，或者文件夹中的全部 *.pol。退出码：0 没有错误，1 有错误，2 命令用错。",
    ),
)
@click.argument("paths", nargs=-1, required=True)
@format_option("text", "json", "sarif", "github")
@language_option
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help=either("Also list the files without problems.", "也列出没有问题的文件。"),
)
def command(paths: tuple[str, ...], form: str, language: Language, verbose: bool) -> int:
    from policydsl import pipeline
    from policydsl.diagnostics import codes_cli
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.diagnostics.render import visible
    from policydsl.files import find_policies, read_source

    found: list[Diagnostic] = []
    files = 0
    for path in find_policies(paths):
        source = path if isinstance(path, Diagnostic) else read_source(path)
        if isinstance(source, Diagnostic):
            here: tuple[Diagnostic, ...] = (source,)
        else:
            here = pipeline.check(source).diagnostics
        files += not any(d.code in codes_cli.CALL_CODES for d in here)
        found += here
        if verbose and form == "text" and not here:
            out(
                f"{visible(str(path))}：没有问题"
                if language == "zh"
                else f"{visible(str(path))}: no problems"
            )
    calls = [d for d in found if d.code in codes_cli.CALL_CODES]
    if form == "text":
        _print_text(found, calls, files, language)
    else:
        _print_for_programs(form, found, files, language)
    return 2 if calls else int(any(map(is_error, found)))


def _print_text(found: list[Diagnostic], calls: list[Diagnostic], files: int, language: Language) -> None:
    from policydsl.cli.console import err_diagnostics
    from policydsl.diagnostics import render

    rest = [d for d in found if d not in calls]
    sys.stdout.write(render.text(rest, language, colour=has_colour(sys.stdout)))
    err_diagnostics(calls, language)
    if files:
        out(render.summary(render.count(rest), files, language))


def _print_for_programs(form: str, found: list[Diagnostic], files: int, language: Language) -> None:
    from policydsl.diagnostics import machine, render

    if form == "json":
        out_json(machine.as_json(found, files, language))
    elif form == "sarif":
        out_json(machine.as_sarif(found, language, __version__))
    else:
        sys.stdout.write(machine.as_github(found, language))
        out(render.summary(render.count(found), files, language))
