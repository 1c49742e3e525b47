"""What does a value do as one amount rises? Exact piecewise functions of a whole number.

The amount is `n` grains (分, days). On a piece, a value is `slope · n + offsets[n mod period]`: a straight
line, or a line with the steps that rounding gives it, which repeat. Sums, multiples, roundings,
comparisons and choices of such functions are such functions again, so properties are decided for
every `n`, on a few points of each piece, and never by sampling.

A piece may be known only up to an error (`below`, `above`): that is how a rounding is treated
first, because it is rarely what decides. What is unsure then is decided again without error.

A piece counts in whole parts of a denominator of its own: fractions would take four times as long.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Final, Literal, TypeAlias

from policydsl.expressions import CompareOp, RoundingMode
from policydsl.nodes import Node, node

MAX_PERIOD: Final = 20_000
MAX_WINDOW: Final = 20_000

ZERO: Final = Fraction(0)


class Beyond(Exception):
    """The function is none of these, or has steps too fine to follow."""


class Product(Beyond):
    """Two amounts are multiplied, or one is divided by another."""


#: what a comparison gives at a point: yes, no, unsure (within the error), or no answer at all
Truth: TypeAlias = "bool | Literal['void'] | None"


@node
class Piece(Node):
    """The points `low` to `high` (None: without end) and the value there, in parts of `den`.

    The value is `(rise · n + starts[n mod period]) / den`, too low by at most `under` parts or too high
    by `over`. `starts` None: it has no answer there. `piece` makes one of fractions.
    """

    low: int
    high: int | None
    den: int
    rise: int
    starts: tuple[int, ...] | None
    under: int = 0
    over: int = 0

    def parts(self, n: int) -> int:
        """The value at a point, in parts of `den`."""
        assert self.starts is not None
        return self.rise * n + self.starts[n % len(self.starts)]

    def at(self, n: int) -> Fraction:
        return Fraction(self.parts(n), self.den)

    def on(self, low: int, high: int | None) -> Piece:
        """The same on other points."""
        return Piece(low, high, self.den, self.rise, self.starts, self.under, self.over)

    @property
    def slope(self) -> Fraction:
        return Fraction(self.rise, self.den)

    @property
    def offsets(self) -> tuple[Fraction, ...] | None:
        return None if self.starts is None else tuple([Fraction(start, self.den) for start in self.starts])

    @property
    def below(self) -> Fraction:
        return Fraction(self.under, self.den)

    @property
    def above(self) -> Fraction:
        return Fraction(self.over, self.den)


@node
class TruthPiece(Node):
    """The points `low` to `high` and what holds there, repeating with the length of `pattern`."""

    low: int
    high: int | None
    pattern: tuple[Truth, ...]

    def at(self, n: int) -> Truth:
        return self.pattern[n % len(self.pattern)]


#: pieces in order, meeting without gap
Function: TypeAlias = tuple[Piece, ...]
Condition: TypeAlias = tuple[TruthPiece, ...]
Domain: TypeAlias = "tuple[int, int | None]"


# making


def piece(
    low: int,
    high: int | None,
    slope: Fraction,
    offsets: tuple[Fraction, ...],
    below: Fraction = ZERO,
    above: Fraction = ZERO,
) -> Piece:
    """The line `slope · n + offsets[n mod period]`, and what it may be off by."""
    den = lcm(slope.denominator, below.denominator, above.denominator, *(o.denominator for o in offsets))
    rise, under, over, *starts = (
        x.numerator * (den // x.denominator) for x in (slope, below, above, *offsets)
    )
    return Piece(low, high, den, rise, tuple(starts), under, over)


def void(low: int, high: int | None) -> Piece:
    """Points at which there is no answer."""
    return Piece(low, high, 1, 0, None)


def in_parts(
    low: int, high: int | None, den: int, rise: int, starts: tuple[int, ...], under: int = 0, over: int = 0
) -> Piece:
    """The line `(rise · n + starts[n mod period]) / den`, in the fewest parts: equal lines are written alike."""
    common = gcd(den, rise, under, over, *starts)
    if common > 1:
        den, rise, under, over = den // common, rise // common, under // common, over // common
        starts = tuple([start // common for start in starts])
    return Piece(low, high, den, rise, starts, under, over)


def constant(value: Fraction, domain: Domain) -> Function:
    return (Piece(domain[0], domain[1], value.denominator, 0, (value.numerator,)),)


def line(slope: Fraction, domain: Domain) -> Function:
    """`slope · n`."""
    return (Piece(domain[0], domain[1], slope.denominator, slope.numerator, (0,)),)


def nowhere(domain: Domain) -> Function:
    """A value that has no answer at any point."""
    return (void(*domain),)


def always(value: Truth, domain: Domain) -> Condition:
    return (TruthPiece(domain[0], domain[1], (value,)),)


def constant_value(function: Function) -> Fraction | None:
    """The value of a function that is one constant everywhere, exactly."""
    return _flat(function[0]) if len(function) == 1 else None


def value_at(function: Function, n: int) -> Fraction | None:
    """The value at a point; None where there is no answer."""
    piece = piece_at(function, n)
    return None if piece.starts is None else piece.at(n)


def piece_at(pieces: Sequence[Any], n: int) -> Any:
    """The piece that a point lies on."""
    return pieces[bisect_right(pieces, n, key=lambda piece: piece.low) - 1]


# combining


def _together(left: Sequence[Any], right: Sequence[Any]) -> Iterator[tuple[int, int | None, Any, Any]]:
    """The stretches on which both sequences of pieces have one piece each: low, high, left, right."""
    i = j = 0
    low = left[0].low
    while i < len(left) and j < len(right):
        a, b = left[i], right[j]
        if a.high is None:
            high = b.high
        elif b.high is None:
            high = a.high
        else:
            high = min(a.high, b.high)
        yield low, high, a, b
        if high is None:
            return
        low = high + 1
        if a.high == high:
            i += 1
        if b.high == high:
            j += 1


def _period(*lengths: int) -> int:
    period = lcm(*lengths)
    if period > MAX_PERIOD:
        raise Beyond
    return period


def _spread(starts: tuple[int, ...], period: int, factor: int = 1) -> list[int]:
    """One period of starts, in other parts."""
    return [start * factor for start in starts] * (period // len(starts))


def add(left: Function, right: Function, sign: int = 1) -> Function:
    """`left + right`, or with `sign=-1` their difference."""
    return merged([_sum(low, high, a, b, sign) for low, high, a, b in _together(left, right)])


def _sum(low: int, high: int | None, a: Piece, b: Piece, sign: int) -> Piece:
    if a.starts is None or b.starts is None:
        return void(low, high)
    den = lcm(a.den, b.den)
    of_a, of_b = den // a.den, den // b.den
    if len(a.starts) == len(b.starts) == 1:
        starts: tuple[int, ...] = (a.starts[0] * of_a + sign * b.starts[0] * of_b,)
    else:
        period = _period(len(a.starts), len(b.starts))
        pairs = zip(_spread(a.starts, period, of_a), _spread(b.starts, period, sign * of_b), strict=True)
        starts = tuple([x + y for x, y in pairs])
    under, over = (b.under, b.over) if sign > 0 else (b.over, b.under)
    rise = a.rise * of_a + sign * b.rise * of_b
    return in_parts(low, high, den, rise, starts, a.under * of_a + under * of_b, a.over * of_a + over * of_b)


def scale(function: Function, factor: Fraction) -> Function:
    """`factor · function`."""
    return tuple([_scaled(piece, factor) for piece in function])


def _scaled(p: Piece, factor: Fraction) -> Piece:
    if p.starts is None:
        return p
    by = factor.numerator
    under, over = (p.under * by, p.over * by) if by >= 0 else (p.over * -by, p.under * -by)
    starts = tuple([start * by for start in p.starts])
    return in_parts(p.low, p.high, p.den * factor.denominator, p.rise * by, starts, under, over)


def multiply(left: Function, right: Function) -> Function:
    """A product of which on every stretch one side is constant."""
    for a, b in ((left, right), (right, left)):
        factor = constant_value(b)
        if factor is not None:
            return scale(a, factor)
    made: list[Piece] = []
    for low, high, a, b in _together(left, right):
        factor_a, factor_b = _flat(a), _flat(b)
        if a.starts is None or b.starts is None:
            made.append(void(low, high))
        elif factor_b is not None:
            made.append(_scaled(a.on(low, high), factor_b))
        elif factor_a is not None:
            made.append(_scaled(b.on(low, high), factor_a))
        else:
            raise Product
    return merged(made)


def divide(left: Function, right: Function) -> Function:
    """A quotient by what is constant on every stretch; by zero there is no answer."""
    made: list[Piece] = []
    for low, high, a, b in _together(left, right):
        divisor = _flat(b)
        if a.starts is None or b.starts is None or divisor == 0:
            made.append(void(low, high))
        elif divisor is None:
            raise Product
        else:
            made.append(_scaled(a.on(low, high), 1 / divisor))
    return merged(made)


def _flat(piece: Piece) -> Fraction | None:
    """The value of a piece that is one exact constant."""
    if piece.rise or piece.starts is None or len(piece.starts) > 1 or piece.under or piece.over:
        return None
    return Fraction(piece.starts[0], piece.den)


def merged(pieces: Sequence[Piece]) -> Function:
    """Pieces with equal neighbours joined."""
    made = [pieces[0]]
    for p in pieces[1:]:
        last = made[-1]
        if (p.rise, p.den, p.starts, p.under, p.over) == (
            last.rise, last.den, last.starts, last.under, last.over,
        ):  # fmt: skip
            made[-1] = p.on(last.low, p.high)
        else:
            made.append(p)
    return tuple(made)


def choose(condition: Condition, then: Function, otherwise: Function) -> Function:
    """`then` where the condition holds, else `otherwise`."""
    made: list[Piece] = []
    for low, high, truth, both in _together(condition, _paired(then, otherwise)):
        made += _chosen(low, high, truth.pattern, both.then, both.otherwise)
    return merged(made)


@node
class _Pair(Node):
    low: int
    high: int | None
    then: Piece
    otherwise: Piece


def _paired(then: Function, otherwise: Function) -> list[_Pair]:
    return [_Pair(low, high, a, b) for low, high, a, b in _together(then, otherwise)]


def _chosen(
    low: int, high: int | None, pattern: tuple[Truth, ...], then: Piece, otherwise: Piece
) -> list[Piece]:
    if None in pattern:
        raise Unsure
    if len(pattern) == 1:
        if pattern[0] == "void":
            return [void(low, high)]
        return [(then if pattern[0] else otherwise).on(low, high)]
    if "void" in pattern or then.starts is None or otherwise.starts is None:
        return _point_by_point(low, high, pattern, then, otherwise)
    sure = not (then.under or then.over or otherwise.under or otherwise.over)
    if sure and then.rise * otherwise.den == otherwise.rise * then.den:
        period = _period(len(pattern), len(then.starts), len(otherwise.starts))
        den = lcm(then.den, otherwise.den)
        a = _spread(then.starts, period, den // then.den)
        b = _spread(otherwise.starts, period, den // otherwise.den)
        starts = tuple([a[r] if pattern[r % len(pattern)] else b[r] for r in range(period)])
        return [in_parts(low, high, den, then.rise * (den // then.den), starts, 0, 0)]
    return _point_by_point(low, high, pattern, then, otherwise)


def _point_by_point(
    low: int, high: int | None, pattern: tuple[Truth, ...], then: Piece, otherwise: Piece
) -> list[Piece]:
    if high is None or high - low >= MAX_WINDOW:
        raise Beyond
    made = []
    for n in range(low, high + 1):
        truth = pattern[n % len(pattern)]
        p = then if truth else otherwise
        if truth == "void" or p.starts is None:
            made.append(void(n, n))
        else:
            made.append(Piece(n, n, p.den, 0, (p.parts(n),), p.under, p.over))
    return made


class Unsure(Exception):
    """The error of a rounding decides a choice: compute it again without error."""


# rounding

_ERRORS: Final[dict[RoundingMode, tuple[Fraction, Fraction]]] = {
    "half_up": (Fraction(1, 2), Fraction(1, 2)),
    "half_down": (Fraction(1, 2), Fraction(1, 2)),
    "half_even": (Fraction(1, 2), Fraction(1, 2)),
    "up": (Fraction(1), Fraction(1)),
    "down": (Fraction(1), Fraction(1)),
    "ceiling": (ZERO, Fraction(1)),
    "floor": (Fraction(1), ZERO),
}


def rounded(
    function: Function, step: Fraction, mode: RoundingMode, round_to: Callable[[Fraction, Fraction, RoundingMode], Fraction],
    *, exact: bool,
) -> Function:  # fmt: skip
    """`function` to multiples of `step`: with an error, or `exact` as the steps it has."""
    errors = [error * step for error in _ERRORS[mode]]
    made: list[Piece] = []
    for p in function:
        if p.starts is None or _on_grid(p, step):
            made.append(p)
        elif not exact and _flat(p) is None:
            made.append(_off_by(p, *errors))
        else:
            made += [_stepped(part, step, mode, round_to) for part in _by_sign(p)]
    return merged(made)


def _off_by(p: Piece, below: Fraction, above: Fraction) -> Piece:
    """A piece whose value may be off by more."""
    den = lcm(p.den, below.denominator, above.denominator)
    by = den // p.den
    assert p.starts is not None
    under = below.numerator * (den // below.denominator)
    over = above.numerator * (den // above.denominator)
    starts = tuple([start * by for start in p.starts])
    return Piece(p.low, p.high, den, p.rise * by, starts, p.under * by + under, p.over * by + over)


def on_grid(function: Function, step: Fraction) -> bool:
    """Whether every value is a multiple of `step`."""
    return all(piece.starts is not None and _on_grid(piece, step) for piece in function)


def _on_grid(piece: Piece, step: Fraction) -> bool:
    """Whether every value of the piece is a multiple of `step`, so that rounding does nothing."""
    assert piece.starts is not None
    if piece.under or piece.over:
        return False
    # A value of x parts is x · step.denominator / (den · step.numerator) steps.
    one, unit = step.denominator, piece.den * step.numerator
    if piece.low == piece.high:
        return piece.parts(piece.low) * one % unit == 0
    return piece.rise * one % unit == 0 and all(start * one % unit == 0 for start in piece.starts)


def _stepped(
    line: Piece, step: Fraction, mode: RoundingMode, round_to: Callable[[Fraction, Fraction, RoundingMode], Fraction]
) -> Piece:  # fmt: skip
    """The rounded values of a piece of one sign, as offsets that repeat.

    After a period the line has risen by a whole number of steps (an even one for half even), and
    a rounding moves along with its argument.
    """
    assert line.starts is not None
    slope = line.slope
    turns = (slope / step).denominator
    period = _period(len(line.starts), 2 * turns if mode == "half_even" else turns)
    if mode == "half_even" and (slope * period / step) % 2:
        period = _period(2 * period)
    if line.high is not None and line.high - line.low + 1 < period:
        points = range(line.low, line.high + 1)
    else:
        points = range(line.low, line.low + period)
    offsets = [ZERO] * period
    for n in points:
        offsets[n % period] = round_to(line.at(n), step, mode) - slope * n
    return piece(line.low, line.high, slope, tuple(offsets))


def _by_sign(piece: Piece) -> list[Piece]:
    """A piece cut where its value changes sign, for roundings that look at it."""
    made: list[Piece] = []
    for t in joined(_signs(piece, ">=")):
        if len(t.pattern) == 1:
            made.append(piece.on(t.low, t.high))
        elif t.high is not None and t.high - t.low < MAX_WINDOW:
            made += [piece.on(n, n) for n in range(t.low, t.high + 1)]
        else:
            raise Beyond
    return made


# comparing


def compared(left: Function, right: Function, op: CompareOp) -> Condition:
    """Where `left op right` holds."""
    made: list[TruthPiece] = []
    for low, high, a, b in _together(left, right):
        difference = _sum(low, high, a, b, -1)
        if difference.starts is None:
            made.append(TruthPiece(low, high, ("void",)))
        else:
            made += _signs(difference, op)
    return joined(made)


def _signs(d: Piece, op: CompareOp) -> list[TruthPiece]:
    """Where `d op 0` holds on a piece."""
    least, most = _least_and_most(d)
    if least is not None and least == most and not (d.under or d.over):
        return [TruthPiece(d.low, d.high, (_holds(least, op),))]
    below = None if least is None else least - d.under
    above = None if most is None else most + d.over
    if below is not None and below > 0:
        return [TruthPiece(d.low, d.high, (op in (">", ">=", "!="),))]
    if above is not None and above < 0:
        return [TruthPiece(d.low, d.high, (op in ("<", "<=", "!="),))]
    if below is not None and below >= 0 and op in (">=", "<"):
        return [TruthPiece(d.low, d.high, (op == ">=",))]
    if above is not None and above <= 0 and op in ("<=", ">"):
        return [TruthPiece(d.low, d.high, (op == "<=",))]
    if not d.rise:
        assert d.starts is not None
        pattern = tuple([_holds_within(start, d.under, d.over, op) for start in d.starts])
        return [TruthPiece(d.low, d.high, _shortest(pattern))]
    return _crossing(d, op)


def _crossing(d: Piece, op: CompareOp) -> list[TruthPiece]:
    """A line that changes sign: before the window one answer, after it the other, inside point by point."""
    assert d.starts is not None
    sign = 1 if d.rise > 0 else -1
    ends = sorted((sign * (-max(d.starts) - d.over), sign * (-min(d.starts) + d.under)))
    first = max(ends[0] // abs(d.rise), d.low)
    last = -(-ends[1] // abs(d.rise))
    last = last if d.high is None else min(last, d.high)
    if last - first >= MAX_WINDOW:
        raise Beyond
    made = []
    if first > d.low:
        made.append(TruthPiece(d.low, first - 1, (_holds(-sign, op),)))
    for n in range(first, last + 1):
        made.append(TruthPiece(n, n, (_holds_within(d.parts(n), d.under, d.over, op),)))
    if d.high is None or last < d.high:
        made.append(TruthPiece(last + 1, d.high, (_holds(sign, op),)))
    return made


def _holds(d: int, op: CompareOp) -> bool:
    match op:
        case "<":
            return d < 0
        case "<=":
            return d <= 0
        case ">":
            return d > 0
        case ">=":
            return d >= 0
        case "==":
            return d == 0
        case "!=":
            return d != 0


def _holds_within(d: int, under: int, over: int, op: CompareOp) -> Truth:
    if not (under or over):
        return _holds(d, op)
    if op in ("==", "!="):
        apart = d - under > 0 or d + over < 0
        return (op == "!=") if apart else None
    at_low, at_high = _holds(d - under, op), _holds(d + over, op)
    return at_low if at_low == at_high else None


def extremes(piece: Piece) -> tuple[Fraction | None, Fraction | None]:
    """The least and greatest value on a piece, its error left out; None is without end."""
    least, most = _least_and_most(piece)
    return (
        None if least is None else Fraction(least, piece.den),
        None if most is None else Fraction(most, piece.den),
    )


def never_negative(piece: Piece) -> bool:
    """Whether no value of a piece is below zero, its error left out."""
    least, _ = _least_and_most(piece)
    return least is not None and least >= 0


def _least_and_most(piece: Piece) -> tuple[int | None, int | None]:
    """The same in parts. On each residue the values lie on a line, so they are reached within a period of an end."""
    assert piece.starts is not None
    period = len(piece.starts)
    low, high = piece.low, piece.high
    if not piece.rise and (high is None or high - low + 1 >= period):
        return min(piece.starts), max(piece.starts)
    if high is None:
        first = [piece.parts(n) for n in range(low, low + period)]
        return (min(first), None) if piece.rise > 0 else (None, max(first))
    if period == 1:
        at_low, at_high = piece.parts(low), piece.parts(high)
        return (at_low, at_high) if at_low <= at_high else (at_high, at_low)
    if high - low + 1 <= 2 * period:
        points: Sequence[int] = range(low, high + 1)
    else:
        points = [*range(low, low + period), *range(high - period + 1, high + 1)]
    values = [piece.parts(n) for n in points]
    return min(values), max(values)


def order(before: Piece, m: int, after: Piece, n: int) -> int:
    """More than 0 where the value of `after` at `n` is more than that of `before` at `m`, less where it is less."""
    return after.parts(n) * before.den - before.parts(m) * after.den


# conditions


def negated(condition: Condition) -> Condition:
    return tuple(TruthPiece(p.low, p.high, tuple([_not(t) for t in p.pattern])) for p in condition)


def _not(truth: Truth) -> Truth:
    return (not truth) if isinstance(truth, bool) else truth


def both(left: Condition, right: Condition) -> Condition:
    """Where both hold; where the first does not, the second is not asked."""
    if len(left) == 1 and left[0].pattern in ((True,), (False,)):
        return right if left[0].pattern[0] else left
    return _combined(left, right, _and)


def either(left: Condition, right: Condition) -> Condition:
    """Where at least one holds; where the first does, the second is not asked."""
    return negated(_combined(negated(left), negated(right), _and))


def same(left: Condition, right: Condition, op: CompareOp) -> Condition:
    """Two yes/no values compared with `==` or `!=`."""

    def compare(a: Truth, b: Truth) -> Truth:
        if a == "void" or b == "void":
            return "void"
        if a is None or b is None:
            return None
        return (a == b) if op == "==" else (a != b)

    return _combined(left, right, compare)


def _and(a: Truth, b: Truth) -> Truth:
    if a is False or a == "void":
        return a
    if a is True:
        return b
    return False if b is False else None


def _combined(left: Condition, right: Condition, combine: Callable[[Truth, Truth], Truth]) -> Condition:
    made: list[TruthPiece] = []
    for low, high, a, b in _together(left, right):
        period = _period(len(a.pattern), len(b.pattern))
        pattern = tuple(
            [combine(a.pattern[r % len(a.pattern)], b.pattern[r % len(b.pattern)]) for r in range(period)]
        )
        made.append(TruthPiece(low, high, _shortest(pattern)))
    return joined(made)


def _shortest(pattern: tuple[Truth, ...]) -> tuple[Truth, ...]:
    return pattern[:1] if all(t is pattern[0] or t == pattern[0] for t in pattern) else pattern


def joined(pieces: Sequence[TruthPiece]) -> Condition:
    """Truth pieces with equal neighbours joined."""
    made: list[TruthPiece] = []
    first = last = pieces[0]
    for p in pieces[1:]:
        if p.pattern != first.pattern:
            made.append(first if first is last else TruthPiece(first.low, last.high, first.pattern))
            first = p
        last = p
    made.append(first if first is last else TruthPiece(first.low, last.high, first.pattern))
    return tuple(made)


def pick(condition: Condition, then: Condition, otherwise: Condition) -> Condition:
    """`then` where the condition holds, else `otherwise`: a choice between yes/no values."""
    return either(both(condition, then), both(negated(condition), otherwise))
