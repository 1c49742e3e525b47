"""Which rows are explained as a sample, and what is said of them? The same rows whenever the same files are computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from policydsl import pipeline
from policydsl.batch.matching import Read
from policydsl.batch.statements import Plan
from policydsl.caseinput import read_value
from policydsl.diagnostics.model import Language
from policydsl.expressions import Value
from policydsl.ir import Program
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.trace import Step

#: An odd number: multiples of it visit all remainders of 2**61, far from each other.
_STEP, _SIZE = 0x9E3779B97F4A7C15 % 2**61 | 1, 2**61


def key(seed: str, part: int) -> str:
    """An expression over the number of a row, {row}, by which rows of a part are drawn: the least ones are."""
    start = int.from_bytes(hashlib.sha256(f"{seed} {part}".encode()).digest()[:7], "big")
    return f"((CAST({{row}} AS HUGEINT) + {start}) * {_STEP}) % {_SIZE}"


def facts(program: Program, reads: Sequence[Read], values: Sequence[Any]) -> dict[str, Value]:
    """The inputs of a row as the interpreter takes them."""
    found: dict[str, Value] = {}
    for read, value in zip(reads, values, strict=True):
        key = read.input.key
        if value is None or (value == "" and not isinstance(read.input.kind, SetOf)):
            if read.input.optional:
                found[key] = None
            continue
        found[key] = _value(program, read, value)
    return found


def _value(program: Program, read: Read, value: Any) -> Value:
    column = read.input
    if isinstance(value, str):
        return read_value(program, program.fact(column.key), value)
    match column.kind:
        case Quantity():
            exact = Fraction(value)
            return exact / column.den if read.form == "count" else exact
        case SetOf():
            return frozenset(member for text in value for member in _members(program, read, text))
        case Day() | YesNo() | MemberOf():
            assert isinstance(value, date | bool)
            return value


def _members(program: Program, read: Read, text: str) -> frozenset[str]:
    if text in read.input.members:
        return frozenset((text,))
    found = read_value(program, program.fact(read.input.key), text)
    assert isinstance(found, frozenset)
    return found


def explained(
    program: Program,
    plan: Plan,
    given: Mapping[str, Value],
    results: Sequence[Any],
    outputs: Sequence[str],
    language: Language,
    say: Callable[[str], str],
) -> str:
    """Why the results of a row are what they are. Raises AssertionError where the interpreter says something else."""
    trace = pipeline.run(program, given, outputs)
    for result, value in zip(plan.results, results, strict=True):
        if result.summed:
            step = trace.step(result.output)
            exact = (
                Fraction(value)
                if isinstance(value, Decimal) or result.decimal
                else Fraction(value, result.column.den)
            )
            wanted = _of(step, result.column.part)
            if exact != wanted:
                raise AssertionError(say(f"{result.name}: {value} instead of {wanted}"))
    texts = []
    for output in outputs:
        texts.append(pipeline.explanation_text(pipeline.explain(program, given, output, language)))
    return "\n".join(texts)


def _of(step: Step, part: str | None) -> object:
    if part is None:
        return step.value
    return step.part(part)
