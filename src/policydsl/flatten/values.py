"""What is the denominator of each value? Exact arithmetic on integer steps over static scales.

A `Val` is a step with what it counts. Quotients by a value of the case keep that divisor beside them,
so they too are exact until a rounding divides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import assert_never

from policydsl.expressions import CompareOp, RoundingMode
from policydsl.flatten.building import Builder


@dataclass(frozen=True, slots=True)
class Val:
    """The value of an expression: step `i` / (`den` × step `over`), where it does not fail.

    `over` is never below 1. Of a truth, a day, a place and a mask only `i` and `fails` count.
    """

    i: int
    den: int = 1
    fails: int | None = None
    over: int | None = None


class Unrounded(Exception):
    """A quotient by a value of the case stands where only what has a known denominator can stand."""


def figure(b: Builder, value: Fraction) -> Val:
    return Val(b.whole(value.numerator), value.denominator)


def known(b: Builder, v: Val) -> Fraction | None:
    """The value where it is the same in every row."""
    count = b.known(v.i)
    return None if count is None or v.over is not None else Fraction(count, v.den)


def also(b: Builder, v: Val, *fails: int | None) -> Val:
    """`v`, failing where one of `fails` holds as well."""
    return replace(v, fails=b.any_of(v.fails, *fails))


def without(v: Val) -> Val:
    return replace(v, fails=None)


def at(b: Builder, v: Val, den: int) -> int:
    """The count in 1/`den`, a multiple of the value's own denominator (or the value is known)."""
    if v.over is not None:
        raise Unrounded
    count = b.known(v.i)
    if count is not None:
        whole = Fraction(count, v.den) * den
        assert whole.denominator == 1
        return b.whole(whole.numerator)
    assert den % v.den == 0
    return b.times(v.i, den // v.den)


def common(b: Builder, values: Sequence[Val]) -> int:
    """The least denominator all `values` are counted in."""
    dens = []
    for v in values:
        count = b.known(v.i)
        dens.append(v.den if count is None else Fraction(count, v.den).denominator)
    return lcm(*dens)


def _over(b: Builder, *overs: int | None) -> int | None:
    found: int | None = None
    for over in overs:
        if over is not None:
            found = over if found is None else b.product(found, over)
    return found


def _same_over(b: Builder, values: Sequence[Val]) -> tuple[list[Val], int | None]:
    """The values over one and the same divisor."""
    overs = list(dict.fromkeys(v.over for v in values if v.over is not None))
    if not overs:
        return list(values), None
    result = []
    for v in values:
        missing = _over(b, *(over for over in overs if over != v.over))
        count = v.i if missing is None else b.product(v.i, missing)
        result.append(replace(v, i=count, over=None))
    return result, _over(b, *overs)


def add(b: Builder, x: Val, y: Val, *, minus: bool = False) -> Val:
    (x, y), over = _same_over(b, (x, y))
    den = common(b, (x, y))
    function = b.difference if minus else b.sum
    return Val(function(at(b, x, den), at(b, y, den)), den, b.any_of(x.fails, y.fails), over)


def total(b: Builder, values: Sequence[Val]) -> Val:
    result = Val(b.whole(0))
    for v in values:
        result = add(b, result, v)
    return result


def multiply(b: Builder, x: Val, y: Val) -> Val:
    fails = b.any_of(x.fails, y.fails)
    over = _over(b, x.over, y.over)
    if known(b, x) is not None:
        x, y = y, x
    factor = known(b, y)
    if factor is None:
        return Val(b.product(x.i, y.i), x.den * y.den, fails, over)
    # numerators are divided by what denominators share with them before anything is multiplied
    den = x.den * factor.denominator
    shared = gcd(factor.numerator, den)
    return Val(b.times(x.i, factor.numerator // shared), den // shared if factor else 1, fails, over)


def divide(b: Builder, x: Val, y: Val) -> Val:
    """x / y; fails where y is 0."""
    divisor = known(b, y)
    if divisor == 0:
        return Val(b.whole(0), 1, b.never())
    if divisor is not None:
        return also(b, multiply(b, x, figure(b, 1 / divisor)), y.fails)
    # x/(dx·ox) ÷ y/(dy·oy) = (x·dy·oy) / (dx·ox·y), with the sign moved to the top
    zero = b.whole(0)
    shared = gcd(x.den, y.den)
    top = b.times(x.i, y.den // shared)
    if y.over is not None:
        top = b.product(top, y.over)
    top = b.choose(b.compare("<", y.i, zero), b.negative(top), top)
    size = b.greatest(y.i, b.negative(y.i))
    by_zero = b.compare("==", y.i, zero)
    over = b.greatest(size, b.whole(1))
    fails = b.any_of(x.fails, y.fails, by_zero)
    return settle(b, Val(top, x.den // shared, fails, _over(b, x.over, over)))


def settle(b: Builder, v: Val) -> Val:
    """A quotient whose divisor turns out to be known is an ordinary value."""
    divisor = None if v.over is None else b.known(v.over)
    return v if divisor is None else Val(v.i, v.den * divisor, v.fails)


def compare(b: Builder, op: CompareOp, x: Val, y: Val) -> Val:
    """x op y, a truth, of quantities."""
    fails = b.any_of(x.fails, y.fails)
    (x, y), _ = _same_over(b, (x, y))
    den = common(b, (x, y))
    return Val(b.compare(op, at(b, x, den), at(b, y, den)), 1, fails)


def choose(b: Builder, test: int, x: Val, y: Val) -> Val:
    """x where `test` holds, else y; of any kind."""
    certain = b.certain(test)
    if certain is not None:
        return x if certain else y
    fails = b.of_two(test, x.fails, y.fails)
    for one, other in ((x, y), (y, x)):
        if one.fails is not None and b.certain(one.fails):  # nothing is read of it
            return replace(other, fails=fails)
    if b.is_truth(x.i):
        return Val(b.choose(test, x.i, y.i), 1, fails)
    over: int | None = None
    if x.over is not None or y.over is not None:
        unit = b.whole(1)
        over = b.choose(test, unit if x.over is None else x.over, unit if y.over is None else y.over)
        x, y = replace(x, over=None), replace(y, over=None)
    den = common(b, (x, y))
    return settle(b, Val(b.choose(test, at(b, x, den), at(b, y, den)), den, fails, over))


def select(b: Builder, index: int, values: Sequence[Val]) -> Val:
    """The value at the place `index`, which lies in `values`."""
    first = values[0]
    if b.is_truth(first.i):
        if all(b.certain(v.i) is not None and v.fails is None for v in values):
            places = frozenset(k for k, v in enumerate(values) if b.certain(v.i))
            return Val(b.among(index, places))
    elif all(known(b, v) is not None and v.fails is None for v in values):
        den = common(b, values)
        return Val(b.pick(index, [int((known(b, v) or 0) * den) for v in values]), den)
    result = values[-1]
    for k in range(len(values) - 2, -1, -1):
        result = choose(b, b.compare("==", index, b.whole(k)), values[k], result)
    return result


def extreme(b: Builder, which: str, values: Sequence[Val]) -> Val:
    """The greatest or the least of quantities, days or truths (yes is the greater)."""
    fails = b.any_of(*(v.fails for v in values))
    result = without(values[0])
    for v in map(without, values[1:]):
        if b.is_truth(v.i):
            result = Val((b.either if which == "greatest" else b.both)(result.i, v.i))
        elif v.over is None and result.over is None:
            den = common(b, (result, v))
            function = b.greatest if which == "greatest" else b.least
            result = Val(function(at(b, result, den), at(b, v, den)), den)
        else:
            result = choose(b, better(b, which, v, result), v, result)
    return also(b, result, fails)


def better(b: Builder, which: str, x: Val, y: Val) -> int:
    """Whether x is greater ("greatest") or less than y, as a truth."""
    if b.is_truth(x.i):
        return b.both(x.i, b.opposite(y.i)) if which == "greatest" else b.both(y.i, b.opposite(x.i))
    return compare(b, ">" if which == "greatest" else "<", without(x), without(y)).i


# roundings


def rounded(b: Builder, v: Val, step: Fraction, mode: RoundingMode) -> Val:
    """`v` to a whole multiple of `step`."""
    ratio = 1 / (step * v.den)
    top = b.times(v.i, ratio.numerator)
    divisor = b.whole(ratio.denominator)
    if v.over is not None:
        divisor = b.product(divisor, v.over)
    whole = round_quotient(b, top, divisor, mode)
    return Val(b.times(whole, step.numerator), step.denominator, v.fails)


def round_quotient(b: Builder, n: int, d: int, mode: RoundingMode) -> int:
    """n / d as an integer, d not below 1. Every division in it is one of an integer that is not below 0."""
    if b.known(d) == 1:
        return n
    low, high = b.ranges[n]
    match mode:
        case "floor":
            return _floor(b, n, d)
        case "ceiling":
            return b.negative(_floor(b, b.negative(n), d)) if low < 0 else _away(b, n, d)
        case _:
            pass
    # the other modes are mirror images below zero
    if low >= 0:
        return _not_negative(b, n, d, mode)
    if high <= 0:
        return b.negative(_not_negative(b, b.negative(n), d, mode))
    opposite = b.negative(n)
    size = b.bounded(b.greatest(n, opposite), 0, max(-low, high))
    whole = _not_negative(b, size, d, mode)
    signed = b.choose(b.compare("<", n, b.whole(0)), b.negative(whole), whole)
    by = b.low(d)
    return b.bounded(signed, -(-low // by) - 1, high // by + 1)


def _floor(b: Builder, n: int, d: int) -> int:
    """Divided towards what is less: a whole number of divisors is added first, and taken off after."""
    low = b.low(n)
    if low >= 0:
        return b.quotient(n, d)
    by = b.known(d)
    if by is not None:
        more = -(low // by)
        return b.difference(b.quotient(b.sum(n, b.whole(more * by)), b.whole(by)), b.whole(more))
    zero = b.whole(0)
    above = b.quotient(b.greatest(n, zero), d)
    return b.difference(above, _away(b, b.greatest(b.negative(n), zero), d))


def _away(b: Builder, n: int, d: int) -> int:
    """n / d to the next integer that is not below, n not below 0."""
    return b.quotient(b.sum(n, b.difference(d, b.whole(1))), d)


def _not_negative(b: Builder, n: int, d: int, mode: RoundingMode) -> int:
    match mode:
        case "down" | "floor":
            return b.quotient(n, d)
        case "up" | "ceiling":
            return _away(b, n, d)
        case "half_up" | "half_down" | "half_even":
            return _half(b, n, d, mode)
        case _:
            assert_never(mode)


def _half(b: Builder, n: int, d: int, mode: RoundingMode) -> int:
    """To the nearest integer. Over an odd divisor no value lies in the middle."""
    by = b.known(d)
    if by is not None:
        half = (by - 1) // 2 if mode == "half_down" else by // 2
        shifted = b.sum(n, b.whole(half))
        whole = b.quotient(shifted, d)
        if mode != "half_even" or by % 2:
            return whole
    else:
        shifted = b.sum(b.times(n, 2), d if mode != "half_down" else b.difference(d, b.whole(1)))
        d = b.times(d, 2)
        whole = b.quotient(shifted, d)
        if mode != "half_even":
            return whole
    # in the middle the greater of two was taken; where it is odd, the even one is one less
    rest = b.bounded(b.difference(shifted, b.product(whole, d)), 0, b.high(d) - 1)
    halves = b.quotient(whole, b.whole(2))
    odd = b.bounded(b.difference(whole, b.times(halves, 2)), 0, 1)
    less = b.both(b.compare("==", rest, b.whole(0)), b.compare("==", odd, b.whole(1)))
    return b.bounded(b.difference(whole, b.as_integer(less)), 0, b.high(whole))
