"""What is wrong with these policies? The work of `policydsl check`, apart from its options.

`main` comes here directly when no option is given, because reading options takes a tenth of the
whole time of a check.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policydsl import __version__
from policydsl.cli.console import err, has_colour, out

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Diagnostic, Language


def check(
    paths: Sequence[str],
    form: str,
    language: Language,
    *,
    verbose: bool = False,
    notches: bool = False,
    sources: Sequence[str] = (),
    policies: str | None = None,
) -> int:
    """Check all policies that `paths` mean, print what is found in that form, return the exit status.

    `verbose` adds what can be said of policies without errors, `notches` where their outputs leap;
    `sources` are folders with the texts of notices, `policies` one with the policies that others name.
    """
    from policydsl import pipeline
    from policydsl.cli.sources import Texts
    from policydsl.diagnostics import codes_cli
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.diagnostics.render import visible
    from policydsl.files import find_policies, read_source

    found: list[Diagnostic] = []
    more: list[Diagnostic] = []
    smooth: list[str] = []
    files = 0
    texts = Texts(sources)
    for path in find_policies(paths):
        source = path if isinstance(path, Diagnostic) else read_source(path, policies)
        if isinstance(source, Diagnostic):
            here: tuple[Diagnostic, ...] = (source,)
        else:
            checked = texts.checked(pipeline.check(source))
            here = checked.diagnostics
            leaps: tuple[Diagnostic, ...] = ()
            if verbose or notches:
                from policydsl.tasks import remarks

                more += remarks.remarks(checked) if verbose else ()
                leaps = remarks.notches(checked) if notches else ()
                more += leaps
            if notches and form == "text" and not leaps and checked.program is not None:
                smooth.append(source.name)
        files += not any(d.code in codes_cli.CALL_CODES for d in here)
        found += here
        if verbose and form == "text" and not here:
            out(
                f"{visible(str(path))}：没有问题"
                if language == "zh"
                else f"{visible(str(path))}: no problems"
            )
    found += more
    for name in smooth:
        out(
            f"{visible(name)}：没有跳变，也没有因数额增加而减少的结果"
            if language == "zh"
            else f"{visible(name)}: no output leaps, falls or takes more than all of an amount"
        )
    calls = [d for d in found if d.code in codes_cli.CALL_CODES]
    if form == "text":
        _print_text(found, calls, files, language, texts.remark(language))
    else:
        _print_for_programs(form, found, files, language)
        if (remark := texts.remark(language)) is not None:
            err(remark)
    return 2 if calls else int(any(map(is_error, found)))


def _print_text(
    found: list[Diagnostic], calls: list[Diagnostic], files: int, language: Language, remark: str | None
) -> None:
    from policydsl.cli.console import err_diagnostics
    from policydsl.diagnostics import render

    rest = [d for d in found if d not in calls]
    sys.stdout.write(render.text(rest, language, colour=has_colour(sys.stdout)))
    err_diagnostics(calls, language)
    if remark is not None:
        out(render.visible(remark))
    if files:
        out(render.summary(render.count(rest), files, language))


def _print_for_programs(form: str, found: list[Diagnostic], files: int, language: Language) -> None:
    from policydsl.cli.console import out_json
    from policydsl.diagnostics import machine, render

    if form == "json":
        out_json(machine.as_json(found, files, language))
    elif form == "sarif":
        out_json(machine.as_sarif(found, language, __version__))
    else:
        sys.stdout.write(machine.as_github(found, language))
        out(render.summary(render.count(found), files, language))
