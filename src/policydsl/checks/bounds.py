"""Within which bounds, and on which grain, does a value lie? Interval arithmetic over rationals.

Both are safe, not sharp: a value never leaves its bounds or its grain, and need not reach them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from math import ceil, gcd, lcm
from typing import assert_never

from policydsl.checks.reach import interval_expressions
from policydsl.checks.values import known, known_amount
from policydsl.checks.views import Range, View, within
from policydsl.expressions import (
    Add,
    And,
    Compare,
    CompareOp,
    Constant,
    Divide,
    Expr,
    Extreme,
    Finish,
    HasAny,
    If,
    Input,
    IsMember,
    Limit,
    Multiply,
    Not,
    Or,
    Present,
    Ref,
    Round,
    Rounding,
    RoundingMode,
    Subtract,
    Undefined,
    Value,
    Within,
)
from policydsl.facts import Fact
from policydsl.kinds import DAY, Day, Kind, is_money
from policydsl.model import Definition, Ground, Param, Rule, Split, Table, Tiers
from policydsl.rounding import round_to

EVERYTHING = Range(None, None)


def fact_range(fact: Fact) -> Range:
    """The range of an input; a day counts as its number of days."""

    def end(bound: Fraction | date | None) -> Fraction | None:
        return Fraction(bound.toordinal()) if isinstance(bound, date) else bound

    return Range(end(fact.low), end(fact.high))


def bounds(expr: Expr, seen: View) -> Range:
    """Bounds that the value of a quantity or a day never leaves; they need not be reached."""
    match expr:
        case Constant():
            return _point(expr.value)
        case Input():
            if expr.key in seen.facts:
                return _point(seen.facts[expr.key])
            if expr.key in seen.ranges:
                return seen.ranges[expr.key]
            fact = seen.inputs.get(expr.key)
            return EVERYTHING if fact is None else fact_range(fact)
        case Ref():
            exact = known_amount(expr, seen)
            return Range(exact, exact) if exact is not None else definition_bounds(expr.key, seen, expr.part)
        case Add():
            a, b = bounds(expr.left, seen), bounds(expr.right, seen)
            return Range(_plus(a.low, b.low), _plus(a.high, b.high))
        case Subtract():
            a, b = bounds(expr.left, seen), bounds(expr.right, seen)
            return Range(_minus(a.low, b.high), _minus(a.high, b.low))
        case Multiply():
            return _product(bounds(expr.left, seen), bounds(expr.right, seen))
        case Divide():
            a, b = bounds(expr.left, seen), bounds(expr.right, seen)
            if b.holds(Fraction(0)) or b.low is None or b.high is None:
                return EVERYTHING if b.holds(Fraction(0)) else _product(a, _inverse(b))
            return _product(a, Range(1 / b.high, 1 / b.low))
        case Extreme():
            parts = [bounds(o, seen) for o in expr.operands]
            return _extreme_range(expr.which, parts)
        case Round():
            r = bounds(expr.operand, seen)
            return _rounded_range(r, expr.step, expr.mode)
        case If():
            decided = known(expr.condition, seen)
            if isinstance(decided, bool):
                return bounds(expr.then if decided else expr.otherwise, seen)
            return _hull(
                [
                    bounds(expr.then, narrowed(expr.condition, True, seen)),
                    bounds(expr.otherwise, narrowed(expr.condition, False, seen)),
                ]
            )
        case Undefined():
            return EMPTY
        case Compare() | And() | Or() | Not() | IsMember() | HasAny() | Present() | Within():
            return EVERYTHING
        case _:
            assert_never(expr)


#: No value at all: bounds that have crossed.
EMPTY = Range(Fraction(1), Fraction(0))


def _point(found: Value) -> Range:
    if isinstance(found, date):
        return Range(Fraction(found.toordinal()), Fraction(found.toordinal()))
    if isinstance(found, Fraction):
        return Range(found, found)
    return EMPTY


def _plus(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return None if a is None or b is None else a + b


def _minus(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return None if a is None or b is None else a - b


def _hull(ranges: list[Range]) -> Range:
    full = [r for r in ranges if r != EMPTY]
    if not full:
        return EMPTY
    lows, highs = [r.low for r in full], [r.high for r in full]
    return Range(
        None if None in lows else min(x for x in lows if x is not None),
        None if None in highs else max(x for x in highs if x is not None),
    )


def _product(a: Range, b: Range) -> Range:
    zero = Range(Fraction(0), Fraction(0))
    if zero in (a, b):
        return zero
    if a.low is None or a.high is None or b.low is None or b.high is None:
        if a.low is not None and b.low is not None and a.low >= 0 and b.low >= 0:
            return Range(a.low * b.low, None)
        return EVERYTHING
    ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Range(min(ends), max(ends))


def _inverse(b: Range) -> Range:
    if b.low is not None and b.low > 0:
        return Range(Fraction(0), 1 / b.low)
    if b.high is not None and b.high < 0:
        return Range(1 / b.high, Fraction(0))
    return EVERYTHING


def _extreme_range(which: str, parts: list[Range]) -> Range:
    parts = [p for p in parts if p != EMPTY]
    if not parts:
        return EMPTY
    lows, highs = [p.low for p in parts], [p.high for p in parts]
    some_low = [x for x in lows if x is not None]
    some_high = [x for x in highs if x is not None]
    if which == "greatest":
        return Range(max(some_low, default=None), None if None in highs else max(some_high))
    return Range(None if None in lows else min(some_low), min(some_high, default=None))


def _rounded_range(r: Range, step: Fraction, mode: RoundingMode) -> Range:
    return Range(
        None if r.low is None else round_to(r.low, step, mode),
        None if r.high is None else round_to(r.high, step, mode),
    )


#: `3 < x` is `x > 3`; what is not `x < 3` is `x >= 3`.
_TURNED: dict[CompareOp, CompareOp] = {
    "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="
}  # fmt: skip
_DENIED: dict[CompareOp, CompareOp] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="
}  # fmt: skip


def narrowed(condition: Expr, outcome: bool, seen: View) -> View:
    """`seen` where `condition` is `outcome`: the ranges of inputs it compares with figures, cut."""
    match condition:
        case Not():
            return narrowed(condition.operand, not outcome, seen)
        case And() if outcome:
            for operand in condition.operands:
                seen = narrowed(operand, True, seen)
            return seen
        case Or() if not outcome:
            for operand in condition.operands:
                seen = narrowed(operand, False, seen)
            return seen
        case Compare(op=op, left=Input(key=key), right=right) if key not in seen.facts:
            bound = bounds(right, seen)
        case Compare(op=op, left=left, right=Input(key=key)) if key not in seen.facts:
            bound = bounds(left, seen)
            op = _TURNED[op]
        case _:
            return seen
    if not outcome:
        op = _DENIED[op]
    old = bounds(Input(key, DAY, span=condition.span), seen)
    fact = seen.inputs.get(key)
    step = fact.grain if fact is not None and fact.grain is not None else Fraction(0)
    low, high = old.low, old.high
    if op in (">", ">=", "==") and bound.low is not None:
        edge_ = bound.low + (step if op == ">" else 0)
        low = edge_ if low is None else max(low, edge_)
    if op in ("<", "<=", "==") and bound.high is not None:
        edge_ = bound.high - (step if op == "<" else 0)
        high = edge_ if high is None else min(high, edge_)
    if op == "!=" and bound.low is not None and bound.low == bound.high and step:
        if low == bound.low:
            low = bound.low + step
        if high == bound.low:
            high = bound.low - step
    return within(seen, {key: Range(low, high)})


def definition_bounds(key: str, seen: View, part: str | None = None) -> Range:
    """Bounds that the value of the definition `key` never leaves."""
    memo_key = ("bounds", key, part)
    if memo_key in seen.memo:
        return seen.memo[memo_key]  # type: ignore[return-value]
    definition = seen.index.get(key)
    match definition:
        case None:
            fact = seen.inputs.get(key)
            found = EVERYTHING if fact is None else fact_range(fact)
        case Param():
            if definition.open:
                fact = seen.inputs.get(key)
                found = EVERYTHING if fact is None else fact_range(fact)
            else:
                found = _hull([bounds(v.value, seen) for v in definition.versions])
                found = _finish_range(found, definition.finish, seen)
        case Rule():
            values = [definition.base, *_ground_value_expressions(definition.grounds)]
            found = _hull([bounds(e, seen) for e in values])
            if definition.overlap == "sum":
                found = _summed(found, len(values))
            found = _finish_range(found, definition.finish, seen)
        case Table():
            column = next((i for i, r in enumerate(definition.results) if r.key == part), 0)
            found = _hull([bounds(r.results[column], seen) for r in definition.rows])
            if definition.overlap == "count":
                found = Range(Fraction(0), Fraction(len(definition.rows)))
            elif definition.overlap == "sum":
                found = _summed(found, len(definition.rows))
            found = _finish_range(found, definition.finish, seen)
        case Tiers():
            cells = _hull([bounds(c, seen) for b in definition.bands for c in b.cells])
            if definition.cells_are_rates and definition.mode != "interpolated":
                paid = _product(
                    _extreme_range(
                        "greatest", [bounds(definition.amount, seen), Range(Fraction(0), Fraction(0))]
                    ),
                    cells,
                )
                found = _hull([paid, Range(Fraction(0), Fraction(0))])
            else:
                found = cells
            found = _finish_range(found, definition.finish, seen)
        case Split():
            if definition.total is None:
                found = EVERYTHING
            else:
                whole = bounds(definition.total, seen)
                found = whole if part in (None, "total") else _hull([whole, Range(Fraction(0), Fraction(0))])
        case _:
            assert_never(definition)
    seen.memo[memo_key] = found
    return found


def _ground_value_expressions(grounds: tuple[Ground, ...]) -> Iterator[Expr]:
    for ground in grounds:
        yield ground.value
        yield from _ground_value_expressions(ground.inner)


def _summed(r: Range, n: int) -> Range:
    low = None if r.low is None else min(r.low, r.low * n)
    high = None if r.high is None else max(r.high, r.high * n)
    return _hull([Range(low, high), Range(Fraction(0), Fraction(0))])


def _finish_range(r: Range, finish: tuple[Finish, ...], seen: View) -> Range:
    for clause in finish:
        if r == EMPTY:
            return r
        match clause:
            case Rounding():
                r = _rounded_range(r, clause.step, clause.mode) if clause.scope == "total" else r
            case Limit():
                r = _extreme_range(
                    "least" if clause.which == "cap" else "greatest", [r, bounds(clause.bound, seen)]
                )
    return r


# Grains


def common(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """The largest step of which both are whole multiples; 0 is a multiple of everything."""
    if a is None or b is None:
        return None
    if a == 0 or b == 0:
        return a + b
    return Fraction(
        gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator
    )


def grain(expr: Expr, seen: View) -> Fraction | None:
    """A step of which the value of a quantity is always a whole multiple; 0 when it is always
    zero, None when there is none (a quotient of two inputs)."""
    match expr:
        case Constant():
            return abs(expr.value) if isinstance(expr.value, Fraction) else Fraction(1)
        case Input():
            exact = seen.facts.get(expr.key)
            if isinstance(exact, Fraction):
                return abs(exact)
            fact = seen.inputs.get(expr.key)
            if fact is None:
                return None
            return Fraction(1) if isinstance(fact.kind, Day) else fact.grain
        case Ref():
            exact = known_amount(expr, seen)
            return abs(exact) if exact is not None else definition_grain(expr.key, seen, expr.part)
        case Add() | Subtract():
            return common(grain(expr.left, seen), grain(expr.right, seen))
        case Multiply():
            a, b = grain(expr.left, seen), grain(expr.right, seen)
            return None if a is None or b is None else a * b
        case Divide():
            a, divisor = grain(expr.left, seen), bounds(expr.right, seen)
            if a is None or divisor.low is None or divisor.low != divisor.high or divisor.low == 0:
                return Fraction(0) if a == 0 else None
            return a / abs(divisor.low)
        case Extreme():
            return _commons(grain(o, seen) for o in expr.operands)
        case Round():
            return expr.step
        case If():
            decided = known(expr.condition, seen)
            if isinstance(decided, bool):
                return grain(expr.then if decided else expr.otherwise, seen)
            return common(grain(expr.then, seen), grain(expr.otherwise, seen))
        case Undefined():
            return Fraction(0)
        case Compare() | And() | Or() | Not() | IsMember() | HasAny() | Present() | Within():
            return Fraction(1)
        case _:
            assert_never(expr)


def _commons(grains: Iterable[Fraction | None]) -> Fraction | None:
    found: Fraction | None = Fraction(0)
    for g in grains:
        found = common(found, g)
    return found


def definition_grain(key: str, seen: View, part: str | None = None) -> Fraction | None:
    """`grain` of the definition `key`. Money that leaves the grain of its currency counts as on it
    here: it is reported where it is defined, and not again wherever it is used."""
    memo_key = ("grain", key, part)
    if memo_key in seen.memo:
        return seen.memo[memo_key]  # type: ignore[return-value]
    definition = seen.index.get(key)
    found: Fraction | None
    if definition is None or (isinstance(definition, Param) and definition.open):
        fact = seen.inputs.get(key)
        found = None if fact is None else fact.grain
    else:
        found = raw_grain(definition, seen, part)
        least = seen.policy.header.currency.grain
        kind = kind_of(definition, part)
        if kind is not None and is_money(kind) and not on_grain(found, least):
            found = least
    seen.memo[memo_key] = found
    return found


def on_grain(found: Fraction | None, step: Fraction) -> bool:
    """Whether every multiple of `found` is a multiple of `step`."""
    return found is not None and (found / step).denominator == 1


def kind_of(definition: Definition, part: str | None = None) -> Kind | None:
    """The kind of a definition's value, or of its column `part`."""
    match definition:
        case Param() | Rule() | Tiers():
            return definition.kind
        case Table():
            column = next((i for i, r in enumerate(definition.results) if r.key == part), 0)
            return definition.kinds[column] if definition.kinds else None
        case Split():
            return definition.total.kind if definition.total is not None else None
        case _:
            assert_never(definition)


def raw_grain(definition: Definition, seen: View, part: str | None = None) -> Fraction | None:
    """The grain of a definition's value as it is computed."""
    found: Fraction | None
    match definition:
        case Param():
            found = _commons(grain(v.value, seen) for v in definition.versions)
        case Rule():
            values = (definition.base, *_ground_value_expressions(definition.grounds))
            found = _commons(grain(e, seen) for e in values)
            if definition.overlap == "count":
                found = common(Fraction(1), grain(definition.base, seen))
        case Table():
            column = next((i for i, r in enumerate(definition.results) if r.key == part), 0)
            found = Fraction(1)
            if definition.overlap != "count":
                found = _commons(grain(r.results[column], seen) for r in definition.rows)
        case Tiers():
            found = tiers_grain(definition, seen)
        case Split():
            # A share that leaves the grain is reported by the check of splits.
            if part not in (None, "total") and definition.total is not None:
                return seen.policy.header.currency.grain if is_money(definition.total.kind) else Fraction(1)
            return None if definition.total is None else grain(definition.total, seen)
        case _:
            assert_never(definition)
    return finish_grain(found, definition.finish, seen)


def finish_grain(found: Fraction | None, finish: tuple[Finish, ...], seen: View) -> Fraction | None:
    """The grain of a value after its roundings and limits."""
    for clause in finish:
        match clause:
            case Rounding():
                found = clause.step if clause.scope == "total" else found
            case Limit():
                found = common(found, grain(clause.bound, seen))
    return found


def tiers_grain(tiers: Tiers, seen: View) -> Fraction | None:
    """The grain of what `tiers` pays before its roundings of the total."""
    cells = _commons(grain(c, seen) for b in tiers.bands for c in b.cells)
    if tiers.mode == "interpolated":
        return None
    if not tiers.cells_are_rates:
        return cells
    if any(isinstance(c, Rounding) and c.scope == "product" for c in tiers.finish):
        return next(c.step for c in tiers.finish if isinstance(c, Rounding) and c.scope == "product")
    steps = next((c.step for c in tiers.finish if isinstance(c, Rounding) and c.scope == "slice"), None)
    if steps is None:
        edges = (grain(e, seen) for b in tiers.bands for e in interval_expressions(b.interval))
        steps = common(grain(tiers.amount, seen), _commons(edges))
        if tiers.cap is not None:
            steps = common(steps, grain(tiers.cap.bound, seen))
    return None if steps is None or cells is None else steps * cells


def terminates(x: Fraction) -> bool:
    """Whether `x` has finitely many decimals."""
    d = x.denominator
    for p in (2, 5):
        while d % p == 0:
            d //= p
    return d == 1


def period(rates: Iterable[Fraction]) -> int:
    """After how many steps the fractional parts of all `rates` repeat together."""
    return lcm(1, *(r.denominator for r in rates))


def first_on_grid(x: Fraction, step: Fraction) -> Fraction:
    """The first multiple of `step` that is at least `x`."""
    return ceil(x / step) * step
