"""Which case shows best that a property does not hold? One that people can read: round amounts, early days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import count, islice
from typing import TYPE_CHECKING, TypeAlias

from policydsl.expressions import Compare, Constant, Expr, Value, Within
from policydsl.facts import Fact
from policydsl.ir import Ensure, Program
from policydsl.kinds import Day, MemberOf, SetOf, YesNo
from policydsl.nodes import Node, node
from policydsl.prove import pieces as p
from policydsl.prove.cells import Reach
from policydsl.prove.pieces import Condition
from policydsl.rounding import end_of_period

if TYPE_CHECKING:
    from policydsl.trace import Broken


@node
class Witness(Node):
    """A case that breaks a property, and what came of it when it was computed. For a change, `before`
    is the point just below, or the other member."""

    facts: Mapping[str, Value]
    before: Mapping[str, Value] | None
    broken: Broken


#: what comes of a case (facts, and for a change those of the point before) if it breaks a property
Replay: TypeAlias = Callable[[Ensure, Mapping[str, Value], "Mapping[str, Value] | None"], "Broken | None"]


# round points and early days


def earliest(broken: Condition) -> Iterator[int]:
    """The first days on which the condition holds, one of each piece."""
    for piece in islice((piece for piece in broken if True in piece.pattern), 8):
        yield next(n for n in count(piece.low) if piece.at(n) is True)


def roundest(broken: Condition) -> Iterator[int]:
    """Points at which the condition holds, the roundest first; a few of each piece."""
    found: list[int] = []
    for piece in broken:
        if not any(t is True for t in piece.pattern):
            continue
        found += _round_points(piece)
    yield from sorted(found, key=roundness)[:8]


def _round_points(piece: p.TruthPiece) -> list[int]:
    """Points of a piece at which it holds: the first multiple of each power of ten that has one."""
    period = len(piece.pattern)
    high = piece.high if piece.high is not None else piece.low + max(period, 10**8) * 10
    found: list[int] = []
    step = 10**18
    while step:
        first = -(-piece.low // step) * step
        multiples = islice(range(first, high + 1, step), period + 1)
        point = next((n for n in multiples if piece.pattern[n % period] is True), None)
        if point is not None:
            found.append(point)
        step //= 10
    return found


def round_point(low: int, high: int | None, pattern: tuple[p.Truth, ...] = (True,)) -> int:
    """The roundest of the points from `low` to `high` at which the pattern holds."""
    return min(_round_points(p.TruthPiece(low, high, pattern)), key=roundness)


def roundness(n: int) -> tuple[int, int]:
    """How many figures a number needs, and how big it is: rounder and smaller ones come first."""
    if n == 0:
        return (0, 0)
    text = str(abs(n)).rstrip("0")
    return (len(text), abs(n))


def value_of(fact: Fact, n: int, grain: Fraction) -> Value:
    return date.fromordinal(n) if isinstance(fact.kind, Day) else n * grain


def candidates(program: Program, fact: Fact, found: Reach) -> Iterator[Value]:
    """Values worth trying for a fact: what it is when not given, its ends, and the figures it is
    compared with, a grain to either side; of amounts the roundest first. Of a fact that is neither an
    amount nor a day it only matters that it exists."""
    if isinstance(fact.kind, MemberOf):
        yield program.category(fact.kind.category).members[0].name.key
    elif isinstance(fact.kind, SetOf):
        yield frozenset[str]()
    elif isinstance(fact.kind, YesNo):
        yield False
    else:
        likely = _likely_days(fact, found) if isinstance(fact.kind, Day) else _likely_amounts(fact, found)
        tried: dict[Value, None] = {fact.default: None} if fact.has_default else {}
        tried.update(dict.fromkeys(likely))
        yield from tried or {Fraction(0): None}


def _likely_days(fact: Fact, found: Reach) -> list[date]:
    low = fact.low if isinstance(fact.low, date) else date(2021, 1, 1)
    around = (1, 30, 89, 90, 91, 92, 93, 366, -1, -30, -91, -93, -366)
    days = [low.toordinal() + offset for offset in (0, *around)]
    for e in found.expressions:
        for side in sides_of(e) if isinstance(e, Compare | Within) else ():
            if isinstance(side, Constant) and isinstance(side.value, date):
                named = [side.value]
                if isinstance(e, Within):
                    named.append(end_of_period(side.value, e.length, e.unit, e.overflow))
                days += [day.toordinal() + offset for day in named for offset in (0, 1, -1)]
    last = date.max.toordinal()
    return [day for n in days if 1 <= n <= last and inside(fact, day := date.fromordinal(n))]


def _likely_amounts(fact: Fact, found: Reach) -> list[Fraction]:
    grain = fact.grain or Fraction(1)
    figures: list[object] = [fact.low, fact.high, Fraction(0)]
    for e in found.expressions:
        if isinstance(e, Compare):
            figures += [side.value for side in sides_of(e) if isinstance(side, Constant)]
    near = [x + n * grain for x in figures if isinstance(x, Fraction) for n in (0, 1, -1)]
    kept = [x for x in near if (x / grain).denominator == 1 and inside(fact, x)]
    return sorted(kept, key=lambda x: roundness(int(x / grain)))


def inside(fact: Fact, value: Fraction | date) -> bool:
    """Whether an amount or a day is in the range of the fact."""
    above = fact.low is None or value >= fact.low  # type: ignore[operator]
    return above and (fact.high is None or value <= fact.high)  # type: ignore[operator]


def sides_of(expr: Compare | Within) -> tuple[Expr, ...]:
    return (expr.left, expr.right) if isinstance(expr, Compare) else (expr.day, expr.start)
