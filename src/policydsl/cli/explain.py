"""`policydsl explain`: why is this the answer, and what does this code mean?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from policydsl.cli.commands import format_option, language_option, settings_option
from policydsl.cli.console import Fault, either, out, out_json

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language

_CODE = re.compile(r"P[DC][0-9]{3}|[A-Z0-9]+(_[A-Z0-9]+)+")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@click.command(
    "explain",
    help=either(
        "Explain an answer (FILE OUTPUT --set …), or what a code such as PD401 means.",
        "说明一个结果是怎样算出的（文件 结果 --set …），或者说明代码（如 PD401）的含义。",
    ),
)
@click.argument("subject", metavar="FILE|CODE")
@click.argument("output", required=False)
@settings_option
@format_option("text", "json")
@language_option
def command(
    subject: str, output: str | None, settings: tuple[str, ...], form: str, language: Language
) -> int:
    if output is None and _CODE.fullmatch(subject.upper()):
        return _explain_code(subject.upper(), language)
    from policydsl import pipeline
    from policydsl.caseinput import say_problem, title
    from policydsl.cli.case import complete, find_outputs, open_program, read_settings
    from policydsl.runtime import PolicyError

    program = open_program(subject, language)
    if output is None:
        named = "、".join(title(program.definition(k).name) for k in program.outputs)
        raise Fault(f"name the output to explain: {named}", f"缺少结果名称，可以是：{named}")
    (key,) = find_outputs(program, (output,))
    facts = complete(program, read_settings(program, settings), (key,), language)
    try:
        explained = pipeline.explain(program, facts, key, language)
    except PolicyError as error:
        raise Fault(say_problem(program, error, "en"), say_problem(program, error, "zh"), status=1) from None
    if form == "json":
        out_json(pipeline.explanation_json(explained))
    else:
        out(pipeline.explanation_text(explained).rstrip("\n"))
    return 0


def _explain_code(number: str, language: Language) -> int:
    """Print the title, message and remedy of a code; words in ‹ › stand for what differs from case to case."""
    zh = language == "zh"
    if re.fullmatch(r"PC[0-9]{3}", number):
        from policydsl.runtime import PolicyError

        try:
            words = PolicyError(number, "", "‹name›", None, "‹allowed›").message(language)
        except KeyError:
            raise _no_code(number) from None
        out(f"{number}\n{words}")
        return 0
    from policydsl.diagnostics.codes import find
    from policydsl.diagnostics.render import SEVERITY_WORDS

    code = find(number)
    if code is None:
        raise _no_code(number)
    out(
        f"{code.number} {code.name}（{SEVERITY_WORDS['zh'][code.severity]}）"
        if zh
        else f"{code.number} {code.name} ({code.severity})"
    )
    out(code.title_zh if zh else code.title_en)
    out("")
    out(_PLACEHOLDER.sub(r"‹\1›", code.zh if zh else code.en))
    if help_ := (code.help_zh if zh else code.help_en):
        out(("改法：" if zh else "help: ") + _PLACEHOLDER.sub(r"‹\1›", help_))
    return 0


def _no_code(number: str) -> Fault:
    return Fault(f"there is no code {number}", f"没有代码{number}")
