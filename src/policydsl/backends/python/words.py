"""What do docstrings and comments of a generated module say? The notice's words, units, ranges, roundings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from policydsl.amounts import say_quantity, say_unit, say_value
from policydsl.expressions import LARGEST_FRACTIONS, Constant, Expr, Interval, Limit, Rounding, RoundingMode
from policydsl.facts import Fact, Header, Quote
from policydsl.ir import Allotment, Definition, Division, Exceptions, Lookup, Program, Schedule
from policydsl.kinds import Kind, Quantity

_ROUNDED: dict[RoundingMode, str] = {
    "half_up": "rounded half up",
    "half_down": "rounded half down",
    "half_even": "rounded half even",
    "up": "rounded up",
    "down": "rounded down",
    "ceiling": "rounded to the ceiling",
    "floor": "rounded to the floor",
}


def one_line(text: str) -> str:
    """`text` with every run of white space made one space."""
    return " ".join(text.split())


def quoted(quotes: Iterable[Quote]) -> list[str]:
    """二（五）“起付标准…”, a line each."""
    return [one_line(f"{q.place}“{q.words}”") for q in quotes]


def document(header: Header) -> str:
    """The first line of a module."""
    parts = [header.title, header.name.key]
    if header.document:
        parts.append(header.document)
    if header.draft:
        parts.append("DRAFT")
    return one_line(" · ".join(parts))


def unit_of(kind: Kind, program: Program) -> str:
    """元/人·年, 天, %; nothing for a number without a unit or for another kind."""
    if not isinstance(kind, Quantity):
        return ""
    if kind.percent:
        return "rate"
    return say_unit(kind.unit, program.header.currency, "zh") if kind.unit.powers else ""


def figure(value: Fraction, kind: Kind, program: Program) -> str:
    assert isinstance(kind, Quantity)
    return say_quantity(value, kind, program.header.currency, "zh", plain=True)


def fact_line(fact: Fact, program: Program) -> str:
    """cost: 年度个人负担合理医疗费用, 0元 .. 1亿元, in 0.01元."""
    words = [fact.name.shown] if fact.name.shown != fact.name.key else []

    def said(bound: object) -> str:
        return say_value(
            bound,  # type: ignore[arg-type]
            fact.kind,
            currency=program.header.currency,
            categories=program.categories,
            language="zh",
            plain=True,
        )

    if fact.low is not None and fact.high is not None:
        words.append(f"{said(fact.low)} .. {said(fact.high)}")
    elif fact.low is not None:
        words.append(f"≥ {said(fact.low)}")
    elif fact.high is not None:
        words.append(f"≤ {said(fact.high)}")
    elif unit := unit_of(fact.kind, program):
        words.append(unit)
    if fact.grain is not None and isinstance(fact.kind, Quantity) and fact.grain != 1:
        words.append(f"in {figure(fact.grain, fact.kind, program)}")
    if fact.optional:
        words.append("None if it does not exist")
    if fact.has_default:
        words.append(f"{said(fact.default)} if not given")
    if fact.open:
        words.append("set by another document")
    return one_line(", ".join(words))


def roundings(definition: Definition, program: Program) -> Iterator[str]:
    """Every rounding and limit of the definition, with the author's reason."""
    match definition.body:
        case Schedule() as body:
            for rounding, what in ((body.each_slice, "each slice "), (body.each_product, "each product ")):
                if rounding is not None:
                    yield _rounding(rounding, definition.kind, program, what)
        case Allotment() as body:
            for inner in _divisions(body.division):
                if inner.rounding is not None:
                    yield _rounding(inner.rounding, definition.kind, program)
        case _:
            pass
    for clause in definition.finish:
        match clause:
            case Rounding(scope="total"):
                yield _rounding(clause, definition.kind, program)
            case Limit():
                word = "at most" if clause.which == "cap" else "at least"
                yield f"{word} {expression(clause.bound, program)}{_because(clause.because)}"
            case _:
                pass


def _divisions(division: Division) -> Iterator[Division]:
    yield division
    for arm in division.arms:
        for part in arm.parts:
            if part.division is not None:
                yield from _divisions(part.division)


def _rounding(rounding: Rounding, kind: Kind, program: Program, what: str = "") -> str:
    step = figure(rounding.step, kind, program) if isinstance(kind, Quantity) else str(rounding.step)
    held = ""
    if rounding.holder == LARGEST_FRACTIONS:
        held = ", remainder to the largest fractions"
    elif rounding.holder is not None:
        held = f", remainder to {rounding.holder}"
    return f"{what}{_ROUNDED[rounding.mode]} to {step}{held}{_because(rounding.because)}"


def _because(because: str | None) -> str:
    return f" (the author's choice: {one_line(because)})" if because else ""


def choices(definition: Definition) -> list[str]:
    """What the author chose where the notice is silent."""
    reasons = list(definition.because)
    match definition.body:
        case Schedule() as body if body.continuous_because:
            reasons.append(body.continuous_because)
        case Lookup() | Exceptions() as body if body.overlap_because:
            reasons.append(body.overlap_because)
        case _:
            pass
    return [one_line(reason) for reason in reasons]


def expression(expr: Expr, program: Program) -> str:
    """An expression as the author wrote it, or a figure in its unit."""
    if expr.span.text.strip():
        return one_line(expr.span.text)
    if isinstance(expr, Constant) and isinstance(expr.value, Fraction):
        return figure(expr.value, expr.kind, program)
    return getattr(expr, "key", "") or type(expr).__name__


def interval(printed: Interval, program: Program) -> str:
    """A range as printed."""
    if printed.span.text.strip():
        return one_line(printed.span.text)
    low = "" if printed.low is None else expression(printed.low, program)
    high = "" if printed.high is None else expression(printed.high, program)
    return f"{low}-{high}" if high else f"{low} and over"


def docstring(lines: Sequence[str], indent: str = "    ") -> str:
    """The lines as a docstring, those after the first at the indentation of the code."""
    if len(lines) == 1:
        return lines[0]
    rest = "\n".join(f"{indent}{line}" if line else "" for line in lines[1:])
    return f"{lines[0]}\n{rest}\n{indent}"
