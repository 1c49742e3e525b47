"""What does a value do as one amount rises? Exact piecewise functions of a whole number.

The amount is `n` grains (分, days). On a piece, a value is `slope · n + offsets[n mod period]`: a straight
line, or a line with the steps that rounding gives it, which repeat. Sums, multiples, roundings,
comparisons and choices of such functions are such functions again, so properties are decided for
every `n`, on a few points of each piece, and never by sampling.

A piece may be known only up to an error (`below`, `above`): that is how a rounding is treated
first, because it is rarely what decides. What is unsure then is decided again without error.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import ceil, floor, lcm
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
    """The points `low` to `high` (None: without end). `offsets` None: the value has no answer there."""

    low: int
    high: int | None
    slope: Fraction
    offsets: tuple[Fraction, ...] | None
    below: Fraction = ZERO
    above: Fraction = ZERO

    def at(self, n: int) -> Fraction:
        assert self.offsets is not None
        return self.slope * n + self.offsets[n % len(self.offsets)]


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


def constant(value: Fraction, domain: Domain) -> Function:
    return (Piece(domain[0], domain[1], ZERO, (value,)),)


def line(slope: Fraction, domain: Domain) -> Function:
    """`slope · n`."""
    return (Piece(domain[0], domain[1], slope, (ZERO,)),)


def nowhere(domain: Domain) -> Function:
    """A value that has no answer at any point."""
    return (Piece(domain[0], domain[1], ZERO, None),)


def always(value: Truth, domain: Domain) -> Condition:
    return (TruthPiece(domain[0], domain[1], (value,)),)


def constant_value(function: Function) -> Fraction | None:
    """The value of a function that is one constant everywhere, exactly."""
    first = function[0]
    if len(function) == 1 and not first.slope and first.offsets is not None and len(first.offsets) == 1:
        return None if first.below or first.above else first.offsets[0]
    return None


def value_at(function: Function, n: int) -> Fraction | None:
    """The value at a point; None where there is no answer."""
    piece = _piece_at(function, n)
    return None if piece.offsets is None else piece.at(n)


def truth_at(condition: Condition, n: int) -> Truth:
    truth: Truth = _piece_at(condition, n).at(n)
    return truth


def _piece_at(pieces: Sequence[Any], n: int) -> Any:
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


def _spread(offsets: tuple[Fraction, ...], period: int) -> tuple[Fraction, ...]:
    return offsets if len(offsets) == period else offsets * (period // len(offsets))


def add(left: Function, right: Function, sign: int = 1) -> Function:
    """`left + right`, or with `sign=-1` their difference."""
    made: list[Piece] = []
    for low, high, a, b in _together(left, right):
        if a.offsets is None or b.offsets is None:
            made.append(Piece(low, high, ZERO, None))
            continue
        offsets: tuple[Fraction, ...]
        if len(a.offsets) == len(b.offsets) == 1:
            offsets = (a.offsets[0] + sign * b.offsets[0],)
        else:
            period = _period(len(a.offsets), len(b.offsets))
            pairs = zip(_spread(a.offsets, period), _spread(b.offsets, period), strict=True)
            offsets = tuple([x + sign * y for x, y in pairs])
        below, above = (b.below, b.above) if sign > 0 else (b.above, b.below)
        made.append(Piece(low, high, a.slope + sign * b.slope, offsets, a.below + below, a.above + above))
    return merged(made)


def scale(function: Function, factor: Fraction) -> Function:
    """`factor · function`."""
    made = []
    for p in function:
        if p.offsets is None:
            made.append(p)
            continue
        below, above = (p.below, p.above) if factor >= 0 else (p.above, p.below)
        size = abs(factor)
        made.append(
            Piece(
                p.low,
                p.high,
                p.slope * factor,
                tuple([o * factor for o in p.offsets]),
                below * size,
                above * size,
            )
        )
    return tuple(made)


def multiply(left: Function, right: Function) -> Function:
    """A product of which on every stretch one side is constant."""
    for a, b in ((left, right), (right, left)):
        factor = constant_value(b)
        if factor is not None:
            return scale(a, factor)
    made: list[Piece] = []
    for low, high, a, b in _together(left, right):
        factor_a, factor_b = _flat(a), _flat(b)
        if a.offsets is None or b.offsets is None:
            made.append(Piece(low, high, ZERO, None))
        elif factor_b is not None:
            made += scale((Piece(low, high, a.slope, a.offsets, a.below, a.above),), factor_b)
        elif factor_a is not None:
            made += scale((Piece(low, high, b.slope, b.offsets, b.below, b.above),), factor_a)
        else:
            raise Product
    return merged(made)


def divide(left: Function, right: Function) -> Function:
    """A quotient by what is constant on every stretch; by zero there is no answer."""
    made: list[Piece] = []
    for low, high, a, b in _together(left, right):
        divisor = _flat(b)
        if a.offsets is None or b.offsets is None or divisor == 0:
            made.append(Piece(low, high, ZERO, None))
        elif divisor is None:
            raise Product
        else:
            made += scale((Piece(low, high, a.slope, a.offsets, a.below, a.above),), 1 / divisor)
    return merged(made)


def _flat(piece: Piece) -> Fraction | None:
    """The value of a piece that is one exact constant."""
    if piece.slope or piece.offsets is None or len(piece.offsets) > 1 or piece.below or piece.above:
        return None
    return piece.offsets[0]


def merged(pieces: Sequence[Piece]) -> Function:
    """Pieces with equal neighbours joined."""
    made = [pieces[0]]
    for p in pieces[1:]:
        last = made[-1]
        if (
            p.slope == last.slope
            and p.offsets == last.offsets
            and p.below == last.below
            and p.above == last.above
        ):
            made[-1] = Piece(last.low, p.high, p.slope, p.offsets, p.below, p.above)
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
            return [Piece(low, high, ZERO, None)]
        p = then if pattern[0] else otherwise
        return [Piece(low, high, p.slope, p.offsets, p.below, p.above)]
    if "void" in pattern or then.offsets is None or otherwise.offsets is None:
        return _point_by_point(low, high, pattern, then, otherwise)
    if then.slope == otherwise.slope and not (then.below or then.above or otherwise.below or otherwise.above):
        period = _period(len(pattern), len(then.offsets), len(otherwise.offsets))
        a, b = _spread(then.offsets, period), _spread(otherwise.offsets, period)
        offsets = tuple([a[r] if pattern[r % len(pattern)] else b[r] for r in range(period)])
        return [Piece(low, high, then.slope, offsets)]
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
        offsets = None if truth == "void" or p.offsets is None else (p.at(n),)
        made.append(Piece(n, n, ZERO, offsets, p.below, p.above))
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
    made: list[Piece] = []
    for p in function:
        if p.offsets is None or _on_grid(p, step):
            made.append(p)
        elif not exact:
            below, above = _ERRORS[mode]
            made.append(
                Piece(p.low, p.high, p.slope, p.offsets, p.below + below * step, p.above + above * step)
            )
        else:
            for part in _by_sign(p):
                made.append(_stepped(part, step, mode, round_to))
    return merged(made)


def on_grid(function: Function, step: Fraction) -> bool:
    """Whether every value is a multiple of `step`."""
    return all(piece.offsets is not None and _on_grid(piece, step) for piece in function)


def _on_grid(piece: Piece, step: Fraction) -> bool:
    """Whether every value of the piece is a multiple of `step`, so that rounding does nothing."""
    assert piece.offsets is not None
    if piece.below or piece.above:
        return False
    if piece.low == piece.high:
        return (piece.at(piece.low) / step).denominator == 1
    return (piece.slope / step).denominator == 1 and all((o / step).denominator == 1 for o in piece.offsets)


def _stepped(piece: Piece, step: Fraction, mode: RoundingMode, round_to: Callable[..., Fraction]) -> Piece:
    """The rounded values of a piece of one sign, as offsets that repeat.

    After a period the line has risen by a whole number of steps (an even one for half even), and
    a rounding moves along with its argument.
    """
    assert piece.offsets is not None
    turns = (piece.slope / step).denominator
    period = _period(len(piece.offsets), 2 * turns if mode == "half_even" else turns)
    if mode == "half_even" and (piece.slope * period / step) % 2:
        period = _period(2 * period)
    if piece.high is not None and piece.high - piece.low + 1 < period:
        points = range(piece.low, piece.high + 1)
    else:
        points = range(piece.low, piece.low + period)
    offsets = [ZERO] * period
    for n in points:
        offsets[n % period] = round_to(piece.at(n), step, mode) - piece.slope * n
    return Piece(piece.low, piece.high, piece.slope, tuple(offsets))


def _by_sign(piece: Piece) -> list[Piece]:
    """A piece cut where its value changes sign, for roundings that look at it."""
    nothing = Piece(piece.low, piece.high, ZERO, (ZERO,))
    truth = compared((piece,), (nothing,), ">=")
    if all(len(t.pattern) == 1 for t in truth):
        return [Piece(t.low, t.high, piece.slope, piece.offsets) for t in truth]
    made = []
    for t in truth:
        if len(t.pattern) == 1:
            made.append(Piece(t.low, t.high, piece.slope, piece.offsets))
        elif t.high is not None and t.high - t.low < MAX_WINDOW:
            made += [Piece(n, n, ZERO, (piece.at(n),)) for n in range(t.low, t.high + 1)]
        else:
            raise Beyond
    return made


# comparing


def compared(left: Function, right: Function, op: CompareOp) -> Condition:
    """Where `left op right` holds."""
    made: list[TruthPiece] = []
    for low, high, a, b in _together(left, right):
        if a.offsets is None or b.offsets is None:
            made.append(TruthPiece(low, high, ("void",)))
            continue
        difference = add(
            (Piece(low, high, a.slope, a.offsets, a.below, a.above),),
            (Piece(low, high, b.slope, b.offsets, b.below, b.above),),
            -1,
        )
        for piece in difference:
            made += _signs(piece, op)
    return joined(made)


def _signs(d: Piece, op: CompareOp) -> list[TruthPiece]:
    """Where `d op 0` holds on a piece."""
    least, most = extremes(d)
    if least is not None and most is not None and least == most and not (d.below or d.above):
        return [TruthPiece(d.low, d.high, (_holds(least, op),))]
    below = None if least is None else least - d.below
    above = None if most is None else most + d.above
    if below is not None and below > 0:
        return [TruthPiece(d.low, d.high, (op in (">", ">=", "!="),))]
    if above is not None and above < 0:
        return [TruthPiece(d.low, d.high, (op in ("<", "<=", "!="),))]
    if below is not None and below >= 0 and op in (">=", "<"):
        return [TruthPiece(d.low, d.high, (op == ">=",))]
    if above is not None and above <= 0 and op in ("<=", ">"):
        return [TruthPiece(d.low, d.high, (op == "<=",))]
    if not d.slope:
        assert d.offsets is not None
        pattern = tuple([_holds_within(o, d.below, d.above, op) for o in d.offsets])
        return [TruthPiece(d.low, d.high, _shortest(pattern))]
    return _crossing(d, op)


def _crossing(d: Piece, op: CompareOp) -> list[TruthPiece]:
    """A line that changes sign: before the window one answer, after it the other, inside point by point."""
    assert d.offsets is not None
    bounds = ((-max(d.offsets) - d.above) / d.slope, (-min(d.offsets) + d.below) / d.slope)
    first = max(floor(min(bounds)), d.low)
    last = ceil(max(bounds)) if d.high is None else min(ceil(max(bounds)), d.high)
    if last - first >= MAX_WINDOW:
        raise Beyond
    made = []
    rising = d.slope > 0
    if first > d.low:
        made.append(TruthPiece(d.low, first - 1, (_holds(Fraction(-1 if rising else 1), op),)))
    for n in range(first, last + 1):
        made.append(TruthPiece(n, n, (_holds_within(d.at(n), d.below, d.above, op),)))
    if d.high is None or last < d.high:
        made.append(TruthPiece(last + 1, d.high, (_holds(Fraction(1 if rising else -1), op),)))
    return made


def _holds(d: Fraction, op: CompareOp) -> bool:
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


def _holds_within(d: Fraction, below: Fraction, above: Fraction, op: CompareOp) -> Truth:
    if not (below or above):
        return _holds(d, op)
    if op in ("==", "!="):
        apart = d - below > 0 or d + above < 0
        return (op == "!=") if apart else None
    at_low, at_high = _holds(d - below, op), _holds(d + above, op)
    return at_low if at_low == at_high else None


def extremes(piece: Piece) -> tuple[Fraction | None, Fraction | None]:
    """The least and greatest value on a piece, its error left out; None is without end.

    On each residue the values lie on a line, so they are reached within a period of an end.
    """
    assert piece.offsets is not None
    period = len(piece.offsets)
    if not piece.slope and (piece.high is None or piece.high - piece.low + 1 >= period):
        return min(piece.offsets), max(piece.offsets)
    if piece.high is None:
        first = [piece.at(n) for n in range(piece.low, piece.low + period)]
        return (min(first), None) if piece.slope > 0 else (None, max(first))
    if piece.high - piece.low + 1 <= 2 * period:
        values = [piece.at(n) for n in range(piece.low, piece.high + 1)]
        return min(values), max(values)
    first = [piece.at(n) for n in range(piece.low, piece.low + period)]
    last = [piece.at(n) for n in range(piece.high - period + 1, piece.high + 1)]
    return min(*first, *last), max(*first, *last)


# conditions


def negated(condition: Condition) -> Condition:
    return tuple(TruthPiece(p.low, p.high, tuple([_not(t) for t in p.pattern])) for p in condition)


def _not(truth: Truth) -> Truth:
    return (not truth) if isinstance(truth, bool) else truth


def both(left: Condition, right: Condition) -> Condition:
    """Where both hold; where the first does not, the second is not asked."""
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
    made = [pieces[0]]
    for p in pieces[1:]:
        if p.pattern == made[-1].pattern:
            made[-1] = TruthPiece(made[-1].low, p.high, p.pattern)
        else:
            made.append(p)
    return tuple(made)


def pick(condition: Condition, then: Condition, otherwise: Condition) -> Condition:
    """`then` where the condition holds, else `otherwise`: a choice between yes/no values."""
    return either(both(condition, then), both(negated(condition), otherwise))
