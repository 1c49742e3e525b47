"""`policydsl check`: which options does it take?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policydsl.cli.checking import check
from policydsl.cli.commands import format_option, language_option, sources_option
from policydsl.cli.console import either

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language


@click.command(
    "check",
    help=either(
        "Check policy files, or all *.pol in folders. Exit status: 0 no error, 1 errors, 2 bad call.",
        "检查政策文件，或者文件夹中的全部 *.pol。退出码：0 没有错误，1 有错误，2 命令用错。",
    ),
)
@click.argument("paths", nargs=-1, required=True)
@sources_option
@format_option("text", "json", "sarif", "github")
@language_option
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help=either(
        "Also list the files without problems, and say from which total each rounding acts.",
        "也列出没有问题的文件，并说明各项取整从多少总额开始起作用。",
    ),
)
@click.option(
    "--policies",
    metavar="DIR",
    help=either(
        "Where the policies are that others name in their headers (default: around each file).",
        "政策开头所引的其他政策在哪个文件夹（默认在该文件附近查找）。",
    ),
)
@click.option(
    "--notches",
    is_flag=True,
    help=either(
        "Also list where a result leaps, falls or rises by more than the amount does.",
        "也列出结果在何处跳变、减少或者比数额增加得更快。",
    ),
)
def command(
    paths: tuple[str, ...],
    sources: tuple[str, ...],
    form: str,
    language: Language,
    verbose: bool,
    notches: bool,
    policies: str | None,
) -> int:
    return check(paths, form, language, verbose=verbose, notches=notches, sources=sources, policies=policies)
