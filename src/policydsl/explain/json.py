"""What does an explanation look like to a program? One object with the same step numbers as the text.

Its schema is `docs/explanation.schema.json`. Every quantity is an object: `text` for people,
`value` as a decimal string (money with the decimals of the grain, or more where it is off the
grain; null where no decimal is exact), `exact` as "n/d".
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias, assert_never

from policydsl.amounts import decimals, say_decimal
from policydsl.explain.lines import headline, step_lines
from policydsl.explain.steps import Choice, Explanation
from policydsl.explain.text import choice_line, fact_value, speech_of
from policydsl.expressions import LARGEST_FRACTIONS, Constant, Interval, Limit, Rounding, Value
from policydsl.facts import Header, Quote
from policydsl.ir import Allotment, Ground, Key, Lookup, Schedule
from policydsl.kinds import Kind, Quantity
from policydsl.trace import (
    AllotmentTrace,
    Computed,
    DivisionTrace,
    ExceptionsTrace,
    Finished,
    FormulaTrace,
    HeldGround,
    LookupTrace,
    PartTrace,
    ScheduleTrace,
    Slice,
    Step,
)
from policydsl.wording import Speech

SCHEMA = "policydsl-explanation/1"

Json: TypeAlias = dict[str, Any]


def to_json(explanation: Explanation) -> Json:
    """The explanation as an object for `json.dumps`; texts are in the explanation's language."""
    speech = speech_of(explanation)
    result = explanation.result
    return {
        "schema": SCHEMA,
        "language": explanation.language,
        "policy": _policy(explanation.program.header, explanation.meaning),
        "output": explanation.output,
        "facts": [_fact(key, value, speech) for key, value in explanation.facts],
        "steps": [{"number": n.number, **_step(n.step, speech)} for n in explanation.steps],
        "result": {"step": explanation.steps[-1].number, **_answer(result, speech)},
        "choices": [_choice(explanation, choice, speech) for choice in explanation.choices],
    }


def _policy(header: Header, meaning: str | None) -> Json:
    return {
        "name": header.name.key,
        "title": header.title,
        "document": header.document,
        "issuer": header.issuer,
        "draft": header.draft,
        "issued_on": _day(header.issued_on),
        "effective_from": _day(header.effective_from),
        "effective_to": _day(header.effective_to),
        "currency": header.currency.code,
        "meaning": meaning,
    }


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _value(value: Value, kind: Kind, speech: Speech) -> Any:
    if isinstance(value, Fraction):
        places = 0
        if isinstance(kind, Quantity) and kind.unit.power("money"):
            places = decimals(speech.program.header.currency.grain) or 0
        return {
            "text": speech.value(value, kind),
            "value": None if decimals(value) is None else say_decimal(value, places),
            "exact": f"{value.numerator}/{value.denominator}",
        }
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _fact(key: str, value: Value, speech: Speech) -> Json:
    fact = speech.program.fact(key)
    return {
        "name": key,
        "label": speech.name(fact.name),
        "open": fact.open,
        "value": _value(value, fact.kind, speech),
        "text": fact_value(key, value, speech),
    }


def _step(step: Step, speech: Speech) -> Json:
    definition = step.definition
    return {
        "definition": definition.name.key,
        "label": speech.name(definition.name),
        **_answer(step, speech),
        "how": _how(step, speech),
        "finished": [_finished(f, definition.kind, speech) for f in step.finished],
        "quotes": [_quote(q) for q in definition.quotes],
        "text": [headline(step, speech), *step_lines(step, speech)],
    }


def _answer(step: Step, speech: Speech) -> Json:
    """The value; of a split its payers, of a table with several results its columns, of a rule
    with grounds the one that gave it and all that held."""
    body = step.definition.body
    answer: Json = {"value": _value(step.value, step.definition.kind, speech)}
    if isinstance(body, Allotment):
        answer["payers"] = {
            key: _value(value, step.definition.kind, speech)
            for key, value in step.parts
            if key != "total" and not isinstance(value, tuple)
        }
    elif isinstance(body, Lookup) and len(body.results) > 1:
        kinds = {name.key: kind for name, kind in zip(body.results, body.kinds, strict=True)}
        answer["columns"] = {
            key: _value(value, kinds[key], speech)
            for key, value in step.parts
            if not isinstance(value, tuple)
        }
    elif isinstance(step.body, ExceptionsTrace):
        held = step.part("held")
        assert isinstance(held, tuple)
        answer["ground"] = step.part("ground")
        answer["held"] = list(held)
    return answer


def _quote(quote: Quote) -> Json:
    answer: Json = {"clause": quote.clause, "words": quote.words}
    if quote.document:
        answer["document"] = quote.document
    return answer


def _computed(computed: Computed, speech: Speech) -> Json:
    """A value, the expression in the policy's names, and the same in figures."""
    plain = isinstance(computed.expr, Constant)
    return {
        "value": _value(computed.value, computed.expr.kind, speech),
        "names": None if plain else speech.expr(computed.expr),
        "figures": None if plain else speech.figures(computed),
    }


def _how(step: Step, speech: Speech) -> Json:
    kind = step.definition.kind
    body, trace = step.definition.body, step.body
    match trace:
        case FormulaTrace():
            return {"form": "formula", "calculation": _computed(trace.value, speech)}
        case LookupTrace():
            assert isinstance(body, Lookup)
            return {
                "form": "table",
                "keys": _keys(body.keys, trace.keys, speech),
                "overlap": body.overlap,
                "rows": [body.rows.index(row) + 1 for row in trace.held],
                "chosen": None if trace.chosen is None else body.rows.index(trace.chosen) + 1,
                "results": [[_computed(c, speech) for c in row] for row in trace.results],
                "quotes": [_quote(q) for row in trace.held for q in row.quotes],
            }
        case ScheduleTrace():
            return _bands(step, trace, speech)
        case ExceptionsTrace():
            return {
                "form": "grounds",
                "base": None if trace.base is None else _computed(trace.base, speech),
                "held": [_held(h, kind, speech) for h in trace.held],
            }
        case AllotmentTrace():
            return {
                "form": "split",
                "total": _computed(trace.total, speech),
                "division": _division(trace.division, kind, speech),
            }
        case _:
            assert_never(trace)


def _keys(keys: tuple[Key, ...], values: tuple[Computed, ...], speech: Speech) -> list[Json]:
    return [
        {"name": key.name, "value": _value(c.value, c.expr.kind, speech)}
        for key, c in zip(keys, values, strict=True)
    ]


def _bands(step: Step, trace: ScheduleTrace, speech: Speech) -> Json:
    body = step.definition.body
    assert isinstance(body, Schedule)
    kind = trace.amount.expr.kind
    return {
        "form": "bands",
        "mode": body.mode,
        "keys": _keys(body.keys, trace.keys, speech),
        "column": trace.column + 1,
        "amount": _computed(trace.amount, speech),
        "cap": None if trace.cap is None else _value(trace.cap.value, trace.cap.expr.kind, speech),
        "counted": _value(trace.counted, kind, speech),
        "edges": [
            {"low": _value(low, kind, speech), "high": None if high is None else _value(high, kind, speech)}
            for low, high in trace.edges
        ],
        "slices": [_slice(s, kind, step.definition.kind, speech) for s in trace.slices],
    }


def _slice(s: Slice, amount: Kind, result: Kind, speech: Speech) -> Json:
    return {
        "band": s.number,
        "low": _value(s.low, amount, speech),
        "high": None if s.high is None else _value(s.high, amount, speech),
        "printed": _printed(s.band.printed, speech),
        "part_exact": _value(s.part_exact, amount, speech),
        "part": _value(s.part, amount, speech),
        "cell": _computed(s.cell, speech),
        "product_exact": _value(s.product_exact, result, speech),
        "product": _value(s.product, result, speech),
        "quotes": [_quote(q) for q in s.band.quotes],
    }


def _printed(interval: Interval, speech: Speech) -> Json:
    return {
        "low": None if interval.low is None else speech.expr(interval.low),
        "low_closed": interval.low_closed,
        "high": None if interval.high is None else speech.expr(interval.high),
        "high_closed": interval.high_closed,
    }


def _held(held: HeldGround, kind: Kind, speech: Speech) -> Json:
    ground = held.ground
    return {
        "ground": ground.name.key,
        "label": speech.name(ground.name),
        "when": speech.expr(ground.when, "both"),
        "exempt": ground.exempt,
        "value": _value(held.value.value, kind, speech),
        "inner": [_held(h, kind, speech) for h in held.inner],
        "quotes": [_quote(q) for q in ground.quotes],
    }


def _division(trace: DivisionTrace, kind: Kind, speech: Speech) -> Json:
    return {
        "whole": _value(trace.whole, kind, speech),
        "keys": _keys(trace.division.keys, trace.keys, speech),
        "parts": [_part(p, kind, speech) for p in trace.parts],
        "quotes": [_quote(q) for q in (*trace.division.quotes, *trace.arm.quotes)],
    }


def _part(part: PartTrace, kind: Kind, speech: Speech) -> Json:
    portion = part.part.portion
    rate = portion.rate
    return {
        "payer": part.part.payer,
        "how": portion.how,
        "rate": None if rate is None else f"{rate.numerator}/{rate.denominator}",
        "written": portion.written,
        "exact": _value(part.exact, kind, speech),
        "value": _value(part.value, kind, speech),
        "rounding": None if part.rounding is None else _rounding(part.rounding),
        "holder": part.holder,
        "division": None if part.division is None else _division(part.division, kind, speech),
    }


def _rounding(rounding: Rounding) -> Json:
    return {
        "mode": rounding.mode,
        "step": f"{rounding.step.numerator}/{rounding.step.denominator}",
        "scope": rounding.scope,
        "holder": None if rounding.holder in (None, LARGEST_FRACTIONS) else rounding.holder,
        "largest_fractions": rounding.holder == LARGEST_FRACTIONS,
    }


def _finished(finished: Finished, kind: Kind, speech: Speech) -> Json:
    clause = finished.clause
    line: Json
    match clause:
        case Rounding():
            line = {"clause": "round", "rounding": _rounding(clause)}
        case Limit():
            bound = finished.bound
            line = {"clause": clause.which, "bound": None if bound is None else _computed(bound, speech)}
        case _:
            assert_never(clause)
    return {
        **line,
        "before": _value(finished.before, kind, speech),
        "after": _value(finished.after, kind, speech),
        "acted": finished.before != finished.after,
    }


def _choice(explanation: Explanation, choice: Choice, speech: Speech) -> Json:
    about = choice.about
    match about:
        case Rounding():
            word = "rounding"
        case Limit():
            word = "limit"
        case Ground():
            word = f"ground {about.name.key}"
        case str():
            word = about
        case _:
            assert_never(about)
    return {
        "number": choice.number,
        "step": choice.step,
        "about": word,
        "because": choice.because,
        "acted": choice.acted,
        "text": choice_line(explanation, choice, speech),
    }
