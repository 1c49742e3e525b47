"""`policydsl mutate`: which mistakes in copying the notice would nothing in this policy notice?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import format_option, language_option, sources_option
from policydsl.cli.console import Fault, Stop, either, err_diagnostics, out, out_json

if TYPE_CHECKING:
    from policydsl.cli.sources import Texts
    from policydsl.diagnostics.model import Language
    from policydsl.mutate import Outcome, Report, Verdict
    from policydsl.pipeline import Checked
    from policydsl.results import Json
    from policydsl.source import Source

#: The name and version of the form of `--format json`.
SCHEMA = "policydsl-mutate/1"


@click.command(
    "mutate",
    help=either(
        "List what could be miscopied unnoticed: each figure of a policy is changed in turn.",
        "列出抄错而不会被发现之处：逐一改动政策文件中的数额，看检查和举例能否发现。",
    ),
)
@click.argument("file")
@sources_option
@format_option("text", "json")
@language_option
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help=either(
        "Also list the changes that the policy explains and those that make no difference.",
        "也列出政策文件已说明的改动和不影响结果的改动。",
    ),
)
def command(file: str, sources: tuple[str, ...], form: str, language: Language, verbose: bool) -> int:
    from policydsl.cli.sources import Texts
    from policydsl.mutate import mutate

    texts = Texts(sources)
    checked = _sound(file, texts, language)
    source = checked.source
    report = mutate(source, texts.verified(checked))
    if form == "json":
        out_json(_as_json(source, report, language))
    else:
        _print(source, report, language, verbose=verbose)
    return int(bool(report.count("unnoticed")))


def _sound(file: str, texts: Texts, language: Language) -> Checked:
    """A policy without errors whose examples come out; about another nothing can be said."""
    from policydsl import pipeline
    from policydsl.diagnostics.codes_cli import CALL_CODES
    from policydsl.diagnostics.model import Diagnostic, is_error
    from policydsl.diagnostics.render import visible
    from policydsl.files import read_source
    from policydsl.mutate import broken_examples

    source = read_source(file)
    if isinstance(source, Diagnostic):
        err_diagnostics([source], language)
        raise Stop(2 if source.code in CALL_CODES else 1)
    checked = texts.checked(pipeline.check(source))
    if checked.program is None:
        err_diagnostics(filter(is_error, checked.diagnostics), language)
        raise Stop(1)
    if broken := broken_examples(checked.program):
        number, _ = broken[0].example.span.source.position(broken[0].example.span.start)
        raise Fault(
            f"{visible(file)}:{number}: an example does not come out; see `policydsl test {file}` first",
            f"{visible(file)}:{number}：举例不符，请先用 `policydsl test {file}` 核对",
            status=1,
        )
    return checked


def _print(source: Source, report: Report, language: Language, *, verbose: bool) -> None:
    from policydsl.diagnostics.render import visible

    zh = language == "zh"
    for outcome in report.outcomes:
        if outcome.verdict == "unnoticed" or (verbose and outcome.verdict in ("explained", "idle")):
            out(visible(_line(outcome, language)))
            out(visible(f"  {outcome.line:4} | {outcome.shown}"))
    for line in report.unneeded:
        out(
            f"第{line}行：没有需要认可的改动，此行未起作用"
            if zh
            else f"line {line}: nothing is left to accept: this line accepts nothing"
        )
    out(
        f"{visible(source.name)}：{_summary(report, 'zh')}"
        if zh
        else f"{visible(source.name)}: {_summary(report, 'en')}"
    )


def _line(outcome: Outcome, language: Language) -> str:
    if language == "zh":
        what = {
            "unnoticed": "检查和举例都没有发现",
            "explained": f"已说明：{outcome.because}",
            "idle": "不影响任何结果",
        }
        return f"{outcome.name.zh}：第{outcome.line}行 {outcome.said.zh}，{what[outcome.verdict]}"
    what = {
        "unnoticed": "no check or example notices",
        "explained": f"explained: {outcome.because}",
        "idle": "nothing is computed from it",
    }
    return f"{outcome.name.en}: {outcome.said.en} at line {outcome.line}: {what[outcome.verdict]}"


def _summary(report: Report, language: Language) -> str:
    """`312 changes, 312 noticed`, and the other kinds where there are any."""
    idle = report.count("idle")
    total = len(report.outcomes) - idle
    noticed, explained, unnoticed = (report.count(v) for v in ("noticed", "explained", "unnoticed"))
    if language == "zh":
        words = f"{total}处改动，发现{noticed}处"
        words += f"，已说明{explained}处" if explained else ""
        words += f"，未发现{unnoticed}处" if unnoticed else ""
        return words + (f"；另有{idle}处改动不影响结果" if idle else "")
    words = f"{total} change{'' if total == 1 else 's'}, {noticed} noticed"
    words += f", {explained} explained" if explained else ""
    words += f", {unnoticed} not noticed" if unnoticed else ""
    return words + (f"; {idle} more make{'s' if idle == 1 else ''} no difference" if idle else "")


def _as_json(source: Source, report: Report, language: Language) -> Json:
    changes: list[Json] = [
        {
            "declaration": o.name.zh if language == "zh" else o.name.en,
            "line": o.line,
            "change": o.said.zh if language == "zh" else o.said.en,
            "text": o.shown,
            "verdict": o.verdict,
            "code": o.code,
            "example": o.example,
            "because": o.because,
        }
        for o in report.outcomes
    ]
    verdicts: tuple[Verdict, ...] = ("noticed", "explained", "unnoticed", "idle")
    return {
        "schema": SCHEMA,
        "file": source.name,
        "changes": changes,
        "unneeded": list(report.unneeded),
        "summary": {v: report.count(v) for v in verdicts},
    }
