"""Which policy, outputs and facts does a call mean? What `run` and `explain` share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from policydsl import pipeline
from policydsl.caseinput import (
    Unreadable,
    describe,
    find_fact,
    find_output,
    names,
    nearest,
    read_value,
    say_problem,
    title,
)
from policydsl.cli.console import Fault, Stop, err, err_diagnostics
from policydsl.diagnostics.codes_cli import CALL_CODES
from policydsl.diagnostics.model import Diagnostic, is_error
from policydsl.files import read_source
from policydsl.kinds import MemberOf, SetOf

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language
    from policydsl.expressions import Value
    from policydsl.facts import Fact, Member
    from policydsl.ir import Program
    from policydsl.pipeline import Checked


def open_program(path: str, language: Language) -> Program:
    """The checked policy at `path`; a draft is announced. Prints what is wrong and raises Stop."""
    checked = open_checked(path, language)
    assert checked.program is not None
    if checked.program.header.draft:
        err(
            "【征求意见稿：只供测算，不作支付依据】"
            if language == "zh"
            else "[DRAFT FOR COMMENT: for estimates only, no ground for payment]"
        )
    return checked.program


def open_checked(path: str, language: Language) -> Checked:
    """What became of the policy at `path`, which has a program. Prints what is wrong and raises Stop."""
    source = read_source(path)
    if isinstance(source, Diagnostic):
        err_diagnostics([source], language)
        raise Stop(2 if source.code in CALL_CODES else 1)
    checked = pipeline.check(source)
    if checked.program is None:
        err_diagnostics(filter(is_error, checked.diagnostics), language)
        raise Stop(1)
    return checked


def find_outputs(program: Program, wanted: Sequence[str]) -> tuple[str, ...]:
    """The keys of the outputs called so; all of them when none is named. Raises Fault."""
    keys: list[str] = []
    for name in wanted:
        definition = find_output(program, name)
        if definition is None:
            known = [n for key in program.outputs for n in names(program.definition(key).name)]
            shown = [title(program.definition(key).name) for key in program.outputs]
            raise _unknown(name, known, shown, "output", "结果")
        keys.append(definition.name.key)
    return tuple(dict.fromkeys(keys)) or program.outputs


def read_settings(program: Program, settings: Sequence[str]) -> dict[str, Value]:
    """The facts that `--set NAME=VALUE` give. Raises Fault: 2 for a name, 1 for a value."""
    facts: dict[str, Value] = {}
    for setting in settings:
        name, equals, text = setting.replace("＝", "=", 1).partition("=")
        if not equals:
            raise Fault(
                f"“{setting}” sets nothing; write --set NAME=VALUE",
                f"“{setting}”没有写明取值；写法：--set 名称=值",
            )
        fact = find_fact(program, name)
        if fact is None:
            known = [n for f in program.facts for n in names(f.name)]
            raise _unknown(name, known, [title(f.name) for f in program.facts], "input", "输入项")
        if fact.name.key in facts:
            raise Fault(f"{title(fact.name)} is set twice", f"“{title(fact.name)}”给了两次")
        try:
            facts[fact.name.key] = read_value(program, fact, text)
        except Unreadable as error:
            words, name = error.words, title(fact.name)
            raise Fault(f"{name}: {words.en}", f"{name}：{words.zh}", status=1) from None
    return facts


def complete(
    program: Program, facts: dict[str, Value], outputs: Sequence[str], language: Language
) -> dict[str, Value]:
    """The facts with the missing ones asked for on a terminal, and everything found in order.

    Prints all that is wrong and raises Stop: 2 when facts are missing, 1 when facts are wrong.
    """
    missing = [e.name for e in pipeline.problems(program, facts, outputs) if e.code == "PC101"]
    if missing and sys.stdin is not None and sys.stdin.isatty():
        for key in missing:
            facts = {**facts, key: _ask(program, program.fact(key), facts, outputs, language)}
    wrong = pipeline.problems(program, facts, outputs)
    missing = [e.name for e in wrong if e.code == "PC101"]
    zh = language == "zh"
    word = "错误：" if zh else "error: "
    for message in dict.fromkeys(say_problem(program, e, language) for e in wrong if e.code != "PC101"):
        err(word + message)
    if missing:
        err(word + ("还缺以下情况：" if zh else "these facts are missing:"))
        for key in missing:
            err(f"  --set {key}=…    {describe(program, program.fact(key), language)}")
    if wrong:
        raise Stop(2 if missing else 1)
    return facts


def _unknown(name: str, known: Sequence[str], shown: Sequence[str], en: str, zh: str) -> Fault:
    near = nearest(name.strip(), known)
    if near:
        return Fault(
            f"there is no {en} “{name}”; is “{near}” meant?", f"没有名为“{name}”的{zh}，是否指“{near}”？"
        )
    listed = "、".join(shown)
    return Fault(
        f"there is no {en} “{name}”; there are: {', '.join(shown)}",
        f"没有名为“{name}”的{zh}；可用的有：{listed}",
    )


def _ask(
    program: Program, fact: Fact, facts: dict[str, Value], outputs: Sequence[str], language: Language
) -> Value:
    """Ask for one fact until the answer fits."""
    zh = language == "zh"
    members = _members(program, fact)
    err(describe(program, fact, language) if not members else f"{title(fact.name)}{'：' if zh else ':'}")
    for number, member in enumerate(members, 1):
        err(f"  {number}) {member.name.shown}")
    if isinstance(fact.kind, SetOf):
        err(
            "  （可多选，以逗号分隔；没有的直接回车）"
            if zh
            else "  (several with commas between; none: Enter)"
        )
    elif fact.optional:
        err("  （不存在的直接回车）" if zh else "  (if it does not exist: Enter)")
    while True:
        sys.stderr.write("> ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        try:
            value = read_value(program, fact, _numbered(line.strip(), members))
        except Unreadable as error:
            err(error.words.zh if zh else error.words.en)
            continue
        wrong = pipeline.problems(program, {**facts, fact.name.key: value}, outputs)
        mine = [e for e in wrong if e.name == fact.name.key]
        if not mine:
            return value
        err(say_problem(program, mine[0], language))


def _members(program: Program, fact: Fact) -> tuple[Member, ...]:
    match fact.kind:
        case MemberOf() | SetOf() as kind:
            return program.category(kind.category).members
        case _:
            return ()


def _numbered(text: str, members: Sequence[Member]) -> str:
    """An answer with the numbers of the list replaced by the members' keys."""
    if not members:
        return text
    words = text.replace("，", ",").replace("、", ",").split(",")
    return ",".join(
        members[int(w) - 1].name.key
        if w.strip().isascii() and w.strip().isdigit() and 1 <= int(w) <= len(members)
        else w
        for w in words
    )
