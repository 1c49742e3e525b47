"""How is an example shown that did not come out? Its facts, what was expected, where it first differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policydsl.amounts import say_name, say_value
from policydsl.caseinput import say_problem
from policydsl.diagnostics.render import visible
from policydsl.results import as_json, as_text, json_value

if TYPE_CHECKING:
    from policydsl.diagnostics.model import Language
    from policydsl.examples import Difference, ExampleResult
    from policydsl.expressions import Value
    from policydsl.ir import Program
    from policydsl.kinds import Kind
    from policydsl.results import Json
    from policydsl.trace import Step


def failure_text(file: str, program: Program, result: ExampleResult, language: Language) -> str:
    """Everything that tells why the example failed, in some lines."""
    zh = language == "zh"
    line, _ = result.example.span.source.position(result.example.span.start)
    lines = [
        f"不符：举例“{result.example.title}”" if zh else f"failed: example “{result.example.title}”",
        f"  --> {file}:{line}",
        ("  已知情况：" if zh else "  facts: ") + _facts(program, result, language),
    ]
    if result.error is not None:
        lines.append(f"  {say_problem(program, result.error, language)}")
    if result.example.refused and result.answered:
        named = ("、" if zh else ", ").join(result.answered)
        lines.append(
            f"  应无结果，但算出了：{named}"
            if zh
            else f"  should be refused, but these have an answer: {named}"
        )
    for difference in result.differs:
        expected, got = (_value(program, difference, which, language) for which in ("expected", "got"))
        name = _named(program, difference, language)
        lines.append(
            f"  {name}：应为{expected}，算得{got}" if zh else f"  {name}: expected {expected}, got {got}"
        )
    if result.differs and result.trace is not None:
        lines += _first(program, result, language)
    for broken in result.broken:
        number, _ = broken.ensure.span.source.position(broken.ensure.span.start)
        text = " ".join(broken.ensure.span.text.split())
        lines.append(
            f"  第{number}行的要求不成立：{text}" if zh else f"  does not hold (line {number}): {text}"
        )
    return visible("\n".join(lines))


def example_json(program: Program, result: ExampleResult, language: Language) -> Json:
    """The result of one example; values as `run --format json` writes them."""
    example = result.example
    line, _ = example.span.source.position(example.span.start)
    shown: dict[str, Json] = {"title": example.title, "line": line, "passed": result.passed}
    shown["facts"] = {k: _fact_json(program, k, v) for k, v in example.facts}
    if result.passed:
        return shown
    shown["differs"] = [
        {
            "output": d.expected.output,
            "part": d.expected.part,
            "expected": _difference_json(program, d, d.expected.value),
            "got": _difference_json(program, d, d.got),
        }
        for d in result.differs
    ]
    first = _first_step(result)
    shown["first_difference"] = first.definition.name.key if first else None
    steps = result.trace.steps if result.trace else ()
    shown["steps"] = {s.definition.name.key: as_json(program, s) for s in steps}
    shown["broken"] = [" ".join(b.ensure.span.text.split()) for b in result.broken]
    shown["error"] = say_problem(program, result.error, language) if result.error else None
    shown["answered"] = list(result.answered)
    return shown


def _first_step(result: ExampleResult) -> Step | None:
    """The first step, in the order of computing, of which something else was expected."""
    wrong = {d.expected.output for d in result.differs}
    steps = result.trace.steps if result.trace else ()
    return next((s for s in steps if s.definition.name.key in wrong), None)


def _first(program: Program, result: ExampleResult, language: Language) -> list[str]:
    """The first step that differs and, as what it came from, the steps before it."""
    first = _first_step(result)
    if first is None or result.trace is None:
        return []
    name = first.definition.name
    shown = name.key if name.shown == name.key else f"{name.key} {name.shown}"
    lines = [f"  最先不符的一步：{shown}" if language == "zh" else f"  first step that differs: {shown}"]
    for step in result.trace.steps:
        lines += [f"    {line}" for line in as_text(program, step, language).splitlines()]
        if step is first:
            break
    return lines


def _facts(program: Program, result: ExampleResult, language: Language) -> str:
    said = []
    for key, value in result.example.facts:
        fact = next((f for f in program.facts if f.name.key == key), None)
        name = say_name(fact.name, language) if fact is not None else key
        said.append(f"{name} = {_said(program, value, fact.kind if fact else None, language)}")
    return ("，" if language == "zh" else ", ").join(said)


def _named(program: Program, difference: Difference, language: Language) -> str:
    expected = difference.expected
    name = say_name(program.definition(expected.output).name, language)
    return name if expected.part is None else f"{name}.{expected.part}"


def _value(program: Program, difference: Difference, which: str, language: Language) -> str:
    value = difference.expected.value if which == "expected" else difference.got
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(value)
    return _said(program, value, difference.expected.kind, language)


def _said(program: Program, value: Value, kind: Kind | None, language: Language) -> str:
    if kind is None or value is None:
        return str(value)
    header = program.header
    return say_value(
        value, kind, currency=header.currency, categories=program.categories, language=language, plain=True
    )


def _fact_json(program: Program, key: str, value: Value) -> Json:
    fact = next((f for f in program.facts if f.name.key == key), None)
    return str(value) if fact is None else json_value(value, fact.kind, fact.grain, program)


def _difference_json(program: Program, difference: Difference, value: Value | tuple[str, ...]) -> Json:
    expected = difference.expected
    if isinstance(value, tuple):
        return list(value)
    if expected.kind is None:
        return None if value is None else str(value)
    grain = program.definition(expected.output).grain if expected.part != "ground" else None
    return json_value(value, expected.kind, grain, program)
