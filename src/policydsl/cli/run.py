"""`policydsl run`: what does this policy answer for this case?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import format_option, language_option, settings_option
from policydsl.cli.console import either, err, out, out_json

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language
    from policydsl.ir import Program
    from policydsl.trace import Step


@click.command(
    "run",
    help=either(
        "Compute outputs (all, when none is named) for one case. Facts that are missing are asked for.",
        "按一个具体情况计算结果（不写结果名称则全部计算）。缺少的情况会逐项询问。",
    ),
)
@click.argument("file")
@click.argument("outputs", nargs=-1)
@settings_option
@format_option("text", "json")
@language_option
def command(
    file: str, outputs: tuple[str, ...], settings: tuple[str, ...], form: str, language: Language
) -> int:
    from policydsl import pipeline
    from policydsl.caseinput import say_problem
    from policydsl.cli.case import complete, find_outputs, open_program, read_settings
    from policydsl.runtime import PolicyError

    program = open_program(file, language)
    wanted = find_outputs(program, outputs)
    facts = complete(program, read_settings(program, settings), wanted, language)
    steps: list[Step] = []
    status = 0
    for key in wanted:  # one at a time: where one has no answer the others still have theirs
        try:
            steps.append(pipeline.run(program, facts, (key,)).step(key))
        except PolicyError as error:
            zh = language == "zh"
            words = say_problem(program, error, language)
            err(f"错误：{key}：{words}" if zh else f"error: {key}: {words}")
            status = 1
    _print(program, steps, form, language)
    return status


def _print(program: Program, steps: list[Step], form: str, language: Language) -> None:
    from policydsl.results import as_json, as_text

    if form == "text":
        for step in steps:
            out(as_text(program, step, language))
        return
    # No output can have a name with a dollar sign, so these two never collide with one.
    head = {"$policy": program.header.name.key, "$status": "draft" if program.header.draft else "issued"}
    out_json({**head, **{s.definition.name.key: as_json(program, s) for s in steps}})
