"""What is the denominator of each value? Exact arithmetic on integer expressions over static scales.

A `Number` is an integer expression that counts 1/`den` of the unit: an amount in 分 has 100. The
denominator is known while compiling, so generated code adds, multiplies and compares integers and
divides where a rounding says so. What is known of the size of a value (`low`, `high`) tells which
roundings need not look at the sign.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Literal

from policydsl.backends.python.templates import call, constant, expr, items
from policydsl.expressions import RoundingMode
from policydsl.rounding import round_to


class Unsupported(Exception):
    """An expression that integers over a static denominator cannot say."""


@dataclass(frozen=True, slots=True)
class Number:
    """`code` / `den`, between `low` and `high` (None: not known).

    `known` is the value where the compiler knows it. With `over` the value is also divided by that
    integer expression: a quotient, which only a rounding can take. `never`: reading it raises.
    """

    code: ast.expr
    den: int
    low: Fraction | None = None
    high: Fraction | None = None
    known: Fraction | None = None
    over: ast.expr | None = None
    never: bool = False


def figure(value: Fraction) -> Number:
    """A number that is known."""
    return Number(constant(value.numerator), value.denominator, value, value, value)


def at(n: Number, den: int) -> ast.expr:
    """The integer expression that counts 1/`den`. The value is a whole number of them."""
    if n.never:
        return n.code
    if n.over is not None:
        raise Unsupported
    if n.known is not None:
        count = n.known * den
        if count.denominator != 1:
            raise Unsupported
        if n.den == den:
            return n.code
        return constant(count.numerator)
    if den % n.den == 0:
        return scaled(n.code, den // n.den)
    if n.den % den == 0:
        return expr("N // D", N=n.code, D=constant(n.den // den))
    factor = Fraction(den, n.den)
    return expr("N // D", N=scaled(n.code, factor.numerator), D=constant(factor.denominator))


def rescaled(n: Number, den: int) -> Number:
    """The same value counted in 1/`den`."""
    return n if n.den == den or n.never else replace(n, code=at(n, den), den=den)


def scaled(n: ast.expr, factor: int) -> ast.expr:
    """`n` times `factor`, written without a product by one."""
    if factor == 1:
        return n
    if isinstance(n, ast.Constant) and isinstance(n.value, int):
        return constant(n.value * factor)
    return expr("N * F", N=n, F=constant(factor))


def common(numbers: Sequence[Number]) -> int:
    """The least denominator that all of `numbers` can be counted in."""
    return lcm(*(n.den for n in numbers if not n.never)) if numbers else 1


def add(a: Number, b: Number, sign: Literal[1, -1] = 1) -> Number:
    """a + b, or with `sign` -1 a - b."""
    if a.never or b.never:
        return a if a.never else b
    if a.over is not None or b.over is not None:
        raise Unsupported
    if a.known is not None and b.known is not None:
        return figure(a.known + sign * b.known)
    if b.known == 0:
        return a
    if a.known == 0 and sign == 1:
        return b
    den = common((a, b))
    template = "A + B" if sign == 1 else "A - B"
    low, high = (b.low, b.high) if sign == 1 else (b.high, b.low)
    return Number(
        expr(template, A=at(a, den), B=at(b, den)),
        den,
        None if a.low is None or low is None else a.low + sign * low,
        None if a.high is None or high is None else a.high + sign * high,
    )


def multiply(a: Number, b: Number) -> Number:
    if a.never or b.never:
        return a if a.never else b
    if a.over is not None or b.over is not None:
        raise Unsupported
    if a.known is not None and b.known is not None:
        return figure(a.known * b.known)
    if a.known is not None:
        a, b = b, a
    low, high = _product_bounds(a, b)
    if b.known is not None:
        factor, den = b.known.numerator, a.den * b.known.denominator
        shared = gcd(factor, den)
        return Number(scaled(a.code, factor // shared), den // shared, low, high)
    return Number(expr("A * B", A=a.code, B=b.code), a.den * b.den, low, high)


def _product_bounds(a: Number, b: Number) -> tuple[Fraction | None, Fraction | None]:
    if a.low is not None and a.high is not None and b.low is not None and b.high is not None:
        corners = (a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high)
        return min(corners), max(corners)
    if a.low is not None and b.low is not None and a.low >= 0 and b.low >= 0:
        return a.low * b.low, None
    return None, None


def divide(a: Number, b: Number) -> Number:
    """a / b; where b is not known the quotient has no static denominator."""
    if a.never or b.never:
        return a if a.never else b
    if b.known is not None and b.known != 0:
        return multiply(a, figure(1 / b.known))
    if a.over is not None or b.over is not None:
        raise Unsupported
    # a/da ÷ b/db = (a × db) / (da × b)
    shared = gcd(b.den, a.den)
    positive = b.low is not None and b.low > 0
    low = Fraction(0) if positive and a.low is not None and a.low >= 0 else None
    return Number(scaled(a.code, b.den // shared), a.den // shared, low, None, over=b.code)


def extreme(which: Literal["greatest", "least"], numbers: Sequence[Number], function: ast.expr) -> Number:
    """`function` is Python's max or min."""
    never = next((n for n in numbers if n.never), None)
    if never is not None:
        return never
    known = [n.known for n in numbers if n.known is not None]
    if len(known) == len(numbers):
        return figure(max(known) if which == "greatest" else min(known))
    den = common(numbers)
    lows = [n.low for n in numbers]
    highs = [n.high for n in numbers]
    low: Fraction | None
    high: Fraction | None
    if which == "greatest":
        low = max((x for x in lows if x is not None), default=None)
        high = None if None in highs else max(x for x in highs if x is not None)
    else:
        low = None if None in lows else min(x for x in lows if x is not None)
        high = min((x for x in highs if x is not None), default=None)
    return Number(ast.Call(function, [at(n, den) for n in numbers], []), den, low, high)


def hull(numbers: Sequence[Number]) -> tuple[Fraction | None, Fraction | None]:
    """The bounds of a value that is one of `numbers`."""
    real = [n for n in numbers if not n.never]
    lows, highs = [n.low for n in real], [n.high for n in real]
    low = None if None in lows or not real else min(x for x in lows if x is not None)
    high = None if None in highs or not real else max(x for x in highs if x is not None)
    return low, high


@dataclass(frozen=True, slots=True)
class Division:
    """How a rounding of integers is written: (`factor` × n + `offset`) // `divisor`, or a helper's name."""

    factor: int
    offset: int
    divisor: int
    helper: str | None = None


def division(mode: RoundingMode, ratio: Fraction, *, negative: bool) -> Division:
    """How n × `ratio` is rounded to an integer; `negative` says that n may be below zero."""
    a, b = ratio.numerator, ratio.denominator
    if b == 1:
        return Division(a, 0, 1)
    if mode == "floor" or (mode == "down" and not negative):
        return Division(a, 0, b)
    if mode == "ceiling" or (mode == "up" and not negative):
        return Division(a, b - 1, b)
    if negative or (mode == "half_even" and b % 2 == 0):
        return Division(a, 0, b, mode)
    if b % 2:  # no value lies in the middle
        return Division(2 * a, b, 2 * b)
    return Division(a, b // 2 - (mode == "half_down"), b)


def rounded(n: Number, step: Fraction, mode: RoundingMode, definition: str) -> Number:
    """`n` to a whole multiple of `step`; `definition` is whose rounding it is, for errors."""
    if n.never:
        return n
    if n.known is not None:
        return figure(round_to(n.known, step, mode))
    low = None if n.low is None else round_to(n.low, step, mode)
    high = None if n.high is None else round_to(n.high, step, mode)
    if n.over is not None:
        ratio = step * n.den
        whole = call(
            "_rt.quotient",
            expr("_rt.MODE", MODE=mode),
            constant(definition),
            scaled(n.code, ratio.denominator),
            scaled(n.over, ratio.numerator),
        )
        return Number(scaled(whole, step.numerator), step.denominator, low, high)
    ratio = 1 / (step * n.den)
    how = division(mode, ratio, negative=n.low is None or n.low < 0)
    whole = scaled(n.code, how.factor)
    if how.helper is not None:
        whole = call(f"_rt.{how.helper}", whole, constant(how.divisor))
    elif how.divisor != 1:
        shifted = expr("N + O", N=whole, O=constant(how.offset)) if how.offset else whole
        whole = expr("N // D", N=shifted, D=constant(how.divisor))
    return Number(scaled(whole, step.numerator), step.denominator, low, high)


def compared(op: str, a: Number, b: Number) -> ast.expr:
    """`a op b`, a condition."""
    if a.never or b.never:
        return (a if a.never else b).code
    if a.over is not None or b.over is not None:
        raise Unsupported
    den = common((a, b))
    return expr(f"A {op} B", A=at(a, den), B=at(b, den))


def choice(numbers: Sequence[Number], index: ast.expr) -> Number:
    """The one of several known numbers that `index` counts to."""
    den = common(numbers)
    low, high = hull(numbers)
    return Number(expr("T[I]", T=items([at(n, den) for n in numbers]), I=index), den, low, high)
