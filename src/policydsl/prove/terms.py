"""How is arithmetic put to a solver? Amounts as linear terms, choices and whole quotients.

Amounts are whole grains and days their ordinals. With `exact` all numbers are whole, and a rounding
is a whole quotient. Without it they may be any numbers, which leaves a rounding as an error of at
most a step and is far quicker to decide: what has no case then has none exactly either.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from math import ceil, floor, gcd, lcm
from typing import Any, Final, Literal, TypeAlias, assert_never

from policydsl.expressions import CompareOp, DurationUnit, RoundingMode, Within
from policydsl.facts import Fact
from policydsl.kinds import Day
from policydsl.nodes import Node, evolve, node
from policydsl.prove.pieces import Beyond, Product
from policydsl.rounding import end_of_period, round_to

#: True, False, or a formula of the solver
Truth: TypeAlias = Any

#: of a choice among more constants than these, a product is not followed
MAX_CHOICES: Final = 64

ZERO: Final = Fraction(0)
_FLIPPED: Final[dict[RoundingMode, RoundingMode]] = {
    "half_up": "half_down",
    "half_down": "half_up",
    "up": "down",
    "down": "up",
}


@node
class Amount(Node):
    """`term / den`, a multiple of `grid` (0: it is 0) from `low` to `high` (None: without end).

    Where it does not leap it changes at most by `steep` for each unit of the amount that is followed.
    """

    term: Any
    den: int
    low: Fraction | None
    high: Fraction | None
    grid: Fraction
    steep: Fraction = ZERO


@node
class Choice(Node):
    """One of several constants or members, kept apart: an amount times a choice of rates is a choice of lines."""

    when: Truth
    then: Symbol
    otherwise: Symbol


@node
class Holds(Node):
    """A yes/no value."""

    truth: Truth


#: an amount or a day, a member by its key, a yes/no value
Symbol: TypeAlias = "Amount | Choice | Holds | str"


@node
class Period(Node):
    """A period of months whose two days both vary: `truth` is known only as far as it was said."""

    truth: Truth
    expr: Within
    day: Amount
    start: Amount


@node
class Quotient(Node):
    """A rounding that acts: the value before it, and after it as a whole number of steps."""

    before: Amount
    whole: Any
    step: Fraction
    mode: RoundingMode


@node
class Ramp(Node):
    """The parts of an amount between ascending edges, each at its rate, together."""

    of: Amount
    gives: Amount
    edges: tuple[Fraction | None, ...]
    rates: tuple[Fraction, ...]


class Terms:
    """The names and rules of one formula, in a context of the module `z3`.

    `inputs` are the amounts and days that occur in it, `counts` the same in whole grains; `rules` is
    what is always so of them. `ramps` are schedules that the formulas of one context share; `steps` are the roundings and schedules in the order they were met; of
    `periods` it is said only in part.
    """

    def __init__(self, z3: Any, context: Any, ramps: dict[tuple[object, ...], Ramp], *, exact: bool) -> None:
        self.z3 = z3
        self.context = context
        self.exact = exact
        self.ramps = ramps
        self.inputs: dict[str, Amount] = {}
        self.counts: dict[str, Any] = {}
        self.rules: list[Truth] = []
        self.steps: list[Quotient | Ramp] = []
        self.periods: list[Period] = []
        self._made = 0
        self._rounded: dict[tuple[object, ...], tuple[Quotient, Amount]] = {}

    # truths

    def both(self, *truths: Truth) -> Truth:
        kept = [t for t in truths if t is not True]
        if any(t is False for t in kept):
            return False
        if len(kept) < 2:
            return kept[0] if kept else True
        return self.z3.And(*kept)

    def either(self, *truths: Truth) -> Truth:
        kept = [t for t in truths if t is not False]
        if any(t is True for t in kept):
            return True
        if len(kept) < 2:
            return kept[0] if kept else False
        return self.z3.Or(*kept)

    def negated(self, truth: Truth) -> Truth:
        return (not truth) if isinstance(truth, bool) else self.z3.Not(truth)

    def where(self, when: Truth, then: Truth, otherwise: Truth) -> Truth:
        """`then` where `when` holds, else `otherwise`."""
        if isinstance(when, bool) or then is otherwise:
            return then if when is True or then is otherwise else otherwise
        return self.both(
            self.either(self.negated(when), then), self.either(when, otherwise)
        )  # fmt: skip

    # names

    def unknown(self, low: Fraction | int | None, high: Fraction | int | None) -> Any:
        """A new number within bounds; a whole one in an exact formula."""
        self._made += 1
        return self._named(f"#{self._made}", low, high)

    def _named(self, name: str, low: Fraction | int | None, high: Fraction | int | None) -> Any:
        made = self.z3.Int if self.exact else self.z3.Real
        term = made(name, self.context)
        if low is not None:
            self.rules.append(term >= ceil(low))
        if high is not None:
            self.rules.append(term <= floor(high))
        return term

    def between(self, fact: Fact, low: Any, high: Any, name: str) -> Amount:
        """The amount that is followed, anywhere between two counts of its grains."""
        count = self.z3.Real(name, self.context)
        self.rules += [count >= low, count <= high]
        grain = range_of(fact)[2]
        return evolve(self.input(fact), term=times(count, grain.numerator), steep=Fraction(1))

    def open_truth(self) -> Truth:
        """A new yes/no value that nothing is known of."""
        self._made += 1
        return self.z3.Bool(f"?{self._made}", self.context)

    def input(self, fact: Fact) -> Amount:
        """The amount (or the ordinal of the day) that a fact gives, in its range."""
        key = fact.name.key
        if key not in self.inputs:
            low, high, grain = range_of(fact)
            least = None if low is None else low / grain
            most = None if high is None else high / grain
            count = self._named(key, least, most)
            self.counts[key] = count
            self.inputs[key] = Amount(times(count, grain.numerator), grain.denominator, low, high, grain)
        return self.inputs[key]

    # amounts

    def constant(self, value: Fraction) -> Amount:
        return Amount(value.numerator, value.denominator, value, value, abs(value))

    def add(self, left: Symbol, right: Symbol, sign: int = 1) -> Symbol:
        if _few(left, right):
            return self._across(lambda a, b: self._sum(a, b, sign), left, right)
        return self._sum(self.flat(left), self.flat(right), sign)

    def _sum(self, a: Amount, b: Amount, sign: int) -> Amount:
        if a.low == a.high and b.low == b.high and a.low is not None and b.low is not None:
            return self.constant(a.low + sign * b.low)
        den = lcm(a.den, b.den)
        term = times(a.term, den // a.den) + times(b.term, sign * (den // b.den))
        low, high = (b.low, b.high) if sign > 0 else (b.high, b.low)
        least, most = plus(a.low, low, sign), plus(a.high, high, sign)
        return Amount(term, den, least, most, common(a.grid, b.grid), a.steep + b.steep)

    def multiply(self, left: Symbol, right: Symbol) -> Symbol:
        """A product of which one side is a constant, or one of several constants."""
        return self._across(self._product, left, right)

    def _product(self, a: Amount, b: Amount) -> Amount:
        if b.low is not None and b.low == b.high:
            return self.scale(a, b.low)
        if a.low is not None and a.low == a.high:
            return self.scale(b, a.low)
        raise Product

    def divide(self, left: Symbol, right: Symbol) -> tuple[Symbol, Truth]:
        """A quotient; it is not answered where the divisor is 0."""
        nonzero = self.negated(self.compared("==", right, self.constant(ZERO)))

        def quotient(a: Amount, b: Amount) -> Amount:
            if b.low is None or b.low != b.high:
                raise Product
            return self.constant(ZERO) if b.low == 0 else self.scale(a, 1 / b.low)

        return self._across(quotient, left, right), nonzero

    def scale(self, a: Amount, factor: Fraction) -> Amount:
        if a.low is not None and a.low == a.high:
            return self.constant(a.low * factor)
        if factor == 0:
            return self.constant(ZERO)
        den = a.den * factor.denominator
        less = gcd(factor.numerator, den)
        ends = [None if end is None else end * factor for end in (a.low, a.high)]
        low, high = ends if factor > 0 else reversed(ends)
        size = abs(factor)
        term = times(a.term, factor.numerator // less)
        return Amount(term, den // less, low, high, a.grid * size, a.steep * size)

    def extreme(self, which: str, left: Symbol, right: Symbol) -> Symbol:
        if _few(left, right):
            return self._across(lambda a, b: self._extreme(which, a, b), left, right)
        return self._extreme(which, self.flat(left), self.flat(right))

    def _extreme(self, which: str, a: Amount, b: Amount) -> Amount:
        first = self.compared(">=" if which == "greatest" else "<=", a, b)
        best = self.choose(first, a, b)
        assert isinstance(best, Amount)
        if isinstance(first, bool):
            return best
        if which == "greatest":
            lows = [low for low in (a.low, b.low) if low is not None]
            return evolve(best, low=max(lows, default=None))
        highs = [high for high in (a.high, b.high) if high is not None]
        return evolve(best, high=min(highs, default=None))

    def _across(self, combine: Callable[[Amount, Amount], Amount], left: Symbol, right: Symbol) -> Symbol:
        """`combine` on two amounts; where one is a choice, on each that can be chosen."""
        if _choices(left) * _choices(right) > MAX_CHOICES:
            left, right = self.flat(left), self.flat(right)
        if isinstance(left, Choice):
            then, otherwise = (self._across(combine, one, right) for one in (left.then, left.otherwise))
            return self.choose(left.when, then, otherwise)
        if isinstance(right, Choice):
            then, otherwise = (self._across(combine, left, one) for one in (right.then, right.otherwise))
            return self.choose(right.when, then, otherwise)
        return combine(amount(left), amount(right))

    # choices

    def choose(self, when: Truth, then: Symbol, otherwise: Symbol) -> Symbol:
        if isinstance(when, bool):
            return then if when else otherwise
        if isinstance(then, Holds) and isinstance(otherwise, Holds):
            return Holds(self.where(when, then.truth, otherwise.truth))
        if is_settled(then) and is_settled(otherwise):
            return then if _alike(then, otherwise) else Choice(when, then, otherwise)
        return self._if(when, self.flat(then), self.flat(otherwise))

    def _if(self, when: Truth, a: Amount, b: Amount) -> Amount:
        den = lcm(a.den, b.den)
        term = self.z3.If(when, *(self._term(times(x.term, den // x.den)) for x in (a, b)))
        low = None if a.low is None or b.low is None else min(a.low, b.low)
        high = None if a.high is None or b.high is None else max(a.high, b.high)
        return Amount(term, den, low, high, common(a.grid, b.grid), max(a.steep, b.steep))

    def _term(self, term: Any) -> Any:
        if not isinstance(term, int):
            return term
        return self.z3.IntVal(term, self.context) if self.exact else self.z3.RealVal(term, self.context)

    def flat(self, symbol: Symbol) -> Amount:
        """A choice among amounts as one amount."""
        if isinstance(symbol, Choice):
            return self._if(symbol.when, self.flat(symbol.then), self.flat(symbol.otherwise))
        return amount(symbol)

    def among(self, symbol: Symbol, members: frozenset[str]) -> Truth:
        match symbol:
            case str():
                return symbol in members
            case Choice():
                return self.where(
                    symbol.when, self.among(symbol.then, members), self.among(symbol.otherwise, members)
                )
            case Holds():
                return self.where(symbol.truth, "yes" in members, "no" in members)
            case _:
                raise Beyond

    def compared(self, op: CompareOp, left: Symbol, right: Symbol) -> Truth:
        if isinstance(left, Amount) and isinstance(right, Amount):
            a, b = left, right
        elif _few(left, right):
            a, b = self.flat(self.add(left, right, -1)), self.constant(ZERO)
        else:
            a, b = self.flat(left), self.flat(right)
        known = _decided(op, plus(a.low, b.high, -1), plus(a.high, b.low, -1))
        if known is not None:
            return known
        den = lcm(a.den, b.den)
        left_term, right_term = times(a.term, den // a.den), times(b.term, den // b.den)
        match op:
            case "<":
                return left_term < right_term
            case "<=":
                return left_term <= right_term
            case ">":
                return left_term > right_term
            case ">=":
                return left_term >= right_term
            case "==":
                return left_term == right_term
            case "!=":
                return left_term != right_term
            case _:
                assert_never(op)

    # rounding

    def round(self, symbol: Symbol, step: Fraction, mode: RoundingMode) -> Symbol:
        if isinstance(symbol, Choice):
            then, otherwise = (self.round(one, step, mode) for one in (symbol.then, symbol.otherwise))
            return self.choose(symbol.when, then, otherwise)
        a = amount(symbol)
        if (a.grid / step).denominator == 1:
            return a
        low, high = (None if end is None else round_to(end, step, mode) for end in (a.low, a.high))
        if low is not None and low == high:
            return self.constant(low)
        # A term is one object in its context: what is the same is rounded to the same.
        key = (a.term.get_id(), a.den, a.low, a.high, step, mode)
        if key not in self._rounded:
            self._rounded[key] = self._quotient(a, step, mode, low, high)
        quotient, made = self._rounded[key]
        self.steps.append(quotient)
        return made

    def _quotient(
        self, a: Amount, step: Fraction, mode: RoundingMode, low: Fraction | None, high: Fraction | None
    ) -> tuple[Quotient, Amount]:
        """A new whole number of steps, and what is so of it."""
        whole = self.unknown(None if low is None else low / step, None if high is None else high / step)
        ratio = Fraction(step.denominator, a.den * step.numerator)
        over = times(a.term, ratio.numerator) - times(whole, ratio.denominator)
        positive = self.compared(">=", a, self.constant(ZERO))
        rules = [
            self.either(self.negated(sign), self._rounds(over, ratio.denominator, as_positive, whole))
            for sign, as_positive in ((positive, mode), (self.negated(positive), _FLIPPED.get(mode, mode)))
            if sign is not False
        ]
        self.rules += rules
        made = Amount(times(whole, step.numerator), step.denominator, low, high, step)
        return Quotient(a, whole, step, mode), made

    def _rounds(self, over: Any, unit: int, mode: RoundingMode, whole: Any) -> Truth:
        """What `over`, the value less `whole` units, may be, for `whole` to be the value rounded; the value is >= 0."""
        match mode:
            case "floor" | "down":
                return self.z3.And(over >= 0, over < unit)
            case "ceiling" | "up":
                return self.z3.And(over <= 0, over > -unit)
            case "half_up":
                return self.z3.And(2 * over >= -unit, 2 * over < unit)
            case "half_down":
                return self.z3.And(2 * over > -unit, 2 * over <= unit)
            case "half_even":
                half = self.unknown(None, None)
                inside = self.z3.And(2 * over > -unit, 2 * over < unit)
                edge = self.z3.Or(2 * over == -unit, 2 * over == unit)
                return self.z3.Or(inside, self.z3.And(edge, whole == 2 * half))
            case _:
                assert_never(mode)

    # what follows, said at once: it often decides without looking into roundings and bands

    def ramp(self, ramp: Ramp, base: Symbol) -> None:
        """A schedule lies between its least and its greatest rate of what is above `base`, its first edge."""
        above = self.extreme("greatest", self.add(ramp.of, base, -1), self.constant(ZERO))
        least, most = (self.multiply(above, self.constant(rate)) for rate in _steepness(ramp))
        self.rules += [self.compared(">=", ramp.gives, least), self.compared("<=", ramp.gives, most)]
        self.steps.append(ramp)

    def in_step(self, left: Sequence[Quotient | Ramp], right: Sequence[Quotient | Ramp]) -> None:
        """Roundings and schedules of two cases keep the order of what they are of."""
        for a, b in zip(left, right, strict=False):
            for low, high in ((a, b), (b, a)):
                if isinstance(low, Quotient) and isinstance(high, Quotient):
                    self._quotients_in_step(low, high)
                elif isinstance(low, Ramp) and isinstance(high, Ramp):
                    self._ramps_in_step(low, high)

    def _quotients_in_step(self, low: Quotient, high: Quotient) -> None:
        if (low.step, low.mode) != (high.step, high.mode) or low.whole is high.whole:
            return
        under = self.compared("<=", low.before, high.before)
        self.rules.append(self.either(self.negated(under), low.whole <= high.whole))
        if _moves_along(low, high):
            step_more = self.add(high.before, self.constant(high.step))
            near = self.compared("<=", low.before, step_more)
            self.rules.append(self.either(self.negated(near), low.whole <= high.whole + 1))

    def _ramps_in_step(self, low: Ramp, high: Ramp) -> None:
        if None in low.edges or (low.edges, low.rates) != (high.edges, high.rates):
            return
        under = self.compared("<=", low.of, high.of)
        more, given = self.add(high.of, low.of, -1), self.add(high.gives, low.gives, -1)
        least, most = (self.multiply(more, self.constant(rate)) for rate in _steepness(low))
        between = self.both(self.compared(">=", given, least), self.compared("<=", given, most))
        self.rules.append(self.either(self.negated(under), between))

    # periods

    def within(self, expr: Within, day: Symbol, start: Symbol) -> Truth:
        """Whether a day lies in the period that follows `start`."""
        if isinstance(start, Choice):
            return self.where(
                start.when, self.within(expr, day, start.then), self.within(expr, day, start.otherwise)
            )
        if isinstance(day, Choice):
            return self.where(
                day.when, self.within(expr, day.then, start), self.within(expr, day.otherwise, start)
            )
        after = self.compared("<=", start, day)
        first, last = amount(start), amount(day)
        if expr.unit == "day":
            end: Symbol = self.add(start, self.constant(Fraction(expr.length)))
            return self.both(after, self.compared("<=", day, end))
        assert None not in (first.low, first.high, last.low)
        lowest, highest = int(first.low or 0), int(first.high or 0)
        if lowest == highest:
            end = self.constant(Fraction(_end(expr, lowest)))
            return self.both(after, self.compared("<=", day, end))
        if last.low == last.high:
            reaching = bisect_left(
                range(lowest, highest + 1), True, key=lambda start: _end(expr, start) >= (last.low or 0)
            )
            return self.both(after, self.compared(">=", start, self.constant(Fraction(lowest + reaching))))
        truth = self.open_truth()
        self.periods.append(Period(truth, expr, last, first))
        shortest, longest = (
            self.add(start, self.constant(Fraction(days)))
            for days in _lengths(expr.length, expr.unit, expr.overflow)
        )
        self.rules += [
            self.either(self.negated(truth), self.both(after, self.compared("<=", day, longest))),
            self.either(truth, self.negated(self.both(after, self.compared("<=", day, shortest)))),
        ]
        return truth


def _steepness(ramp: Ramp) -> tuple[Fraction, Fraction]:
    """The least and the greatest rate; above a last edge and below the first it is none."""
    return min(*ramp.rates, ZERO), max(*ramp.rates, ZERO)


def _moves_along(*quotients: Quotient) -> bool:
    """Whether the rounding of `x + step` is that of `x` and a step, for all values there are."""
    if quotients[0].mode in ("floor", "ceiling"):
        return True
    lows = [quotient.before.low for quotient in quotients]
    return quotients[0].mode != "half_even" and all(low is not None and low >= 0 for low in lows)


@cache
def _lengths(length: int, unit: DurationUnit, overflow: Literal["last", "next"]) -> tuple[int, int]:
    """The fewest and the most days that so many months or years are, whenever they begin."""
    years = length if unit == "year" else length // 12 + 1
    if years > 90:
        return 365 * years - 400, 366 * years + 1
    # Leap years come round in four years, but for 1900 and its like.
    first = [*range(1899 - years, 1901), *range(2000, 2005)]
    starts = [date(year, 1, 1).toordinal() + day for year in first for day in range(366)]
    days = [
        end_of_period(date.fromordinal(start), length, unit, overflow).toordinal() - start for start in starts
    ]
    return min(days), max(days)


def _end(expr: Within, start: int) -> int:
    return end_of_period(date.fromordinal(start), expr.length, expr.unit, expr.overflow).toordinal()


def month_rule(terms: Terms, period: Period, start: int) -> Truth:
    """What the truth of a period is when it begins in the month of the day `start`: exactly."""
    first = date.fromordinal(start).replace(day=1).toordinal()
    ends: list[Truth] = []
    month: list[Truth] = []
    for begin in range(first, first + monthrange(*date.fromordinal(start).timetuple()[:2])[1]):
        on = terms.compared("==", period.start, terms.constant(Fraction(begin)))
        end = terms.constant(Fraction(_end(period.expr, begin)))
        month.append(on)
        ends.append(terms.both(on, terms.compared("<=", period.day, end)))
    exactly = terms.both(terms.compared("<=", period.start, period.day), terms.either(*ends))
    same = terms.where(period.truth, exactly, terms.negated(exactly))
    return terms.either(terms.negated(terms.either(*month)), same)


def range_of(fact: Fact) -> tuple[Fraction | None, Fraction | None, Fraction]:
    """The least and greatest value of an amount or a day (as its ordinal), and its grain."""
    grain = fact.grain if fact.grain is not None else Fraction(1)
    if isinstance(fact.kind, Day):
        low = fact.low if isinstance(fact.low, date) else date.min
        high = fact.high if isinstance(fact.high, date) else date.max
        return Fraction(low.toordinal()), Fraction(high.toordinal()), Fraction(1)
    assert not isinstance(fact.low, date) and not isinstance(fact.high, date)
    low_, high_ = fact.low, fact.high
    return (
        None if low_ is None else ceil(low_ / grain) * grain,
        None if high_ is None else floor(high_ / grain) * grain,
        grain,
    )


def amount(symbol: Symbol) -> Amount:
    if not isinstance(symbol, Amount):
        raise Beyond
    return symbol


def times(term: Any, factor: int) -> Any:
    return term if factor == 1 else term * factor


def common(a: Fraction, b: Fraction) -> Fraction:
    """The coarsest grid that holds two grids."""
    return Fraction(
        gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator
    )


def plus(a: Fraction | None, b: Fraction | None, sign: int) -> Fraction | None:
    return None if a is None or b is None else a + sign * b


def is_settled(symbol: Symbol) -> bool:
    """Whether a value is a constant, a member, or a choice of such."""
    if isinstance(symbol, Amount):
        return symbol.low is not None and symbol.low == symbol.high
    return isinstance(symbol, Choice | str)


def _few(left: Symbol, right: Symbol) -> bool:
    return is_settled(left) and is_settled(right) and _choices(left) * _choices(right) <= MAX_CHOICES


def _choices(symbol: Symbol) -> int:
    return _choices(symbol.then) + _choices(symbol.otherwise) if isinstance(symbol, Choice) else 1


def _alike(a: Symbol, b: Symbol) -> bool:
    if isinstance(a, Amount) and isinstance(b, Amount):
        return a.low == b.low
    return isinstance(a, str) and a == b


def _decided(op: CompareOp, low: Fraction | None, high: Fraction | None) -> bool | None:
    """Whether `d op 0` holds for every `d` between two bounds, or for none."""
    above, below = low is not None and low > 0, high is not None and high < 0
    least, most = low is not None and low >= 0, high is not None and high <= 0
    match op:
        case "<":
            return True if below else False if least else None
        case "<=":
            return True if most else False if above else None
        case ">":
            return True if above else False if most else None
        case ">=":
            return True if least else False if below else None
        case "==":
            return False if above or below else True if least and most else None
        case "!=":
            return True if above or below else False if least and most else None
        case _:
            assert_never(op)
