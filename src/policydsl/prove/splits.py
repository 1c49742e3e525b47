"""What does a split do at totals other than the stated one? Its roundings, for every total, by one period.

Next year's total is another, so each division is looked at for every whole multiple of the
rounding step (of the grain, where an input is the total). After a period every rounded share has
risen by whole steps and the division repeats, so one period decides for all totals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil, gcd, lcm

from policydsl.dividing import exact_shares, paid_shares
from policydsl.expressions import LARGEST_FRACTIONS, Expr, Input, Rounding, RoundingMode
from policydsl.ir import Allotment, Arm, Definition, Division, Part, Program
from policydsl.nodes import Node, evolve, node
from policydsl.prove import pieces
from policydsl.prove.cells import TooMany, amounts_valued, cells, reach
from policydsl.prove.limits import consistent
from policydsl.prove.pieces import Beyond, Unsure
from policydsl.prove.symbolic import World
from policydsl.prove.whom import every_axis

#: A period longer than this is not walked through; what then cannot be said is left out.
MOST_TOTALS = 20_000

_ZERO = Fraction(0)
#: What 取整 is taken to mean, when it is not what the policy says.
_READINGS: tuple[RoundingMode, ...] = ("half_up", "down", "up")


@node
class Divided(Node):
    """One total and what became of it: the whole that is divided here, each exact share, each as paid."""

    total: Fraction
    whole: Fraction
    exact: tuple[Fraction, ...]
    paid: tuple[Fraction, ...]


@node
class Reading(Node):
    """The first total, from the stated one on, at which another reading of a rounding pays otherwise.

    `mode` is how it would round; without `holder` nobody takes the remainder and the parts do not
    make the whole. `first` None: there is no such total.
    """

    mode: RoundingMode
    holder: bool
    first: Divided | None


@node
class Findings(Node):
    """What is true of one division for the members of `arm`, whatever the total.

    `above` leads to it from the whole split: each division above it with the arm and part taken.
    `step`: the totals considered are its multiples. `stated`: the totals the policy states.
    `sums`: the parts make the whole for every total. `negative_below`: from that total on no part
    is negative (0: never; None: not known). `acts`: the first total above the stated ones at which
    the rounding changes a share. `remainder`: the most by which it moves whoever takes what it
    leaves over. `readings`: what other readings of the rounding would pay.
    """

    definition: Definition
    division: Division
    arm: Arm
    above: tuple[tuple[Division, Arm, int], ...]
    step: Fraction
    low: Fraction
    stated: tuple[Divided, ...]
    sums: bool
    negative_below: Fraction | None
    acts: Divided | None
    remainder: Fraction | None
    readings: tuple[Reading, ...]


# one division


def divided(
    parts: Sequence[Part], rounding: Rounding | None, whole: Fraction, fixed: Sequence[Fraction | None]
) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Each part's exact share of `whole` and the share it is paid, as `ir.Division` says.

    `fixed` are the amounts of the "fixed" parts.
    """
    shares: list[Fraction | None] = []
    for part, amount in zip(parts, fixed, strict=True):
        how = part.portion.how
        rate = part.portion.rate if how == "rate" else Fraction(how == "all")
        shares.append(None if how == "rest" else amount if how == "fixed" else whole * (rate or _ZERO))
    exact = exact_shares(whole, shares)
    rated = [i for i, part in enumerate(parts) if part.portion.how == "rate"]
    taker = None if rounding is None else taker_of(parts, rounding)
    return tuple(exact), tuple(paid_shares(whole, exact, rated, rounding, taker))


def taker_of(parts: Sequence[Part], rounding: Rounding) -> int | None:
    """Who takes what rounding leaves over: the holder, the payer of the rest, or the last of a rate."""
    rated = [i for i, part in enumerate(parts) if part.portion.how == "rate"]
    rest = next((i for i, part in enumerate(parts) if part.portion.how == "rest"), None)
    if rounding.holder is None or not rated:
        return rest
    named = next((i for i, part in enumerate(parts) if part.payer == rounding.holder), None)
    return named if named is not None else rest if rest is not None else rated[-1]


def is_rounded(parts: Sequence[Part], at: Divided, step: Fraction) -> bool:
    """Whether some share of a rate is no whole number of steps, so that rounding changes it."""
    return any(
        part.portion.how == "rate" and (x / step).denominator != 1
        for part, x in zip(parts, at.exact, strict=True)
    )


def _slope(parts: Sequence[Part], i: int) -> Fraction:
    """By how much part `i` rises with the whole, its steps left out."""
    part = parts[i].portion
    if part.how in ("rate", "all"):
        return part.rate or Fraction(part.how == "all")
    if part.how == "fixed":
        return _ZERO
    return 1 - sum((_slope(parts, n) for n in range(len(parts)) if n != i), _ZERO)


# the places of a split


class _Place:
    """One division of a split and the way to it, with the totals and amounts that the policy states."""

    def __init__(self, above: tuple[tuple[Division, Arm, int], ...], division: Division, arm: Arm) -> None:
        self.above = above
        self.division = division
        self.arm = arm
        self.totals: dict[Fraction, None] = {}
        self.fixed: dict[Expr, Fraction] = {}

    def at(self, total: Fraction, rounding: Rounding | None = None) -> Divided:
        """What becomes of a total here; with `rounding`, if that were the rounding here."""
        whole = total
        for division, arm, i in self.above:
            whole = divided(arm.parts, division.rounding, whole, self._fixed(arm))[1][i]
        exact, paid = divided(
            self.arm.parts, rounding or self.division.rounding, whole, self._fixed(self.arm)
        )
        return Divided(total, whole, exact, paid)

    def _fixed(self, arm: Arm) -> list[Fraction | None]:
        return [
            None if part.portion.amount is None else self.fixed[part.portion.amount] for part in arm.parts
        ]

    def period(self, step: Fraction) -> int:
        """After how many steps of the total this division and those above it repeat."""
        turns, rise = 1, step
        for division, arm, i in (*self.above, (self.division, self.arm, -1)):
            if division.rounding is not None:
                unit = division.rounding.step * (2 if division.rounding.mode == "half_even" else 1)
                for part in arm.parts:
                    if part.portion.rate:
                        turns = lcm(turns, (part.portion.rate * rise / unit).denominator)
            if i >= 0:
                rise *= _slope(arm.parts, i)
        return turns


def findings(program: Program) -> Iterator[Findings]:
    """What is true of every division of every split, in the order of the text."""
    for key in program.outputs:
        definition = program.definition(key)
        if isinstance(definition.body, Allotment):
            yield from _of_split(program, definition, definition.body)


def _of_split(program: Program, definition: Definition, body: Allotment) -> Iterator[Findings]:
    try:
        places = _places(program, definition, body)
    except (Beyond, Unsure, TooMany):
        return  # shares or arms that depend on amounts: the totals cannot be told from the text
    for place in places:
        low, step, high = _totals(program, definition, body, place)
        found_here = _find(definition, place, low, step, high)
        if found_here is not None:
            yield found_here


def _places(program: Program, definition: Definition, body: Allotment) -> list[_Place]:
    roots = [body.total, *_expressions(body.division)]
    found = reach(program, roots)
    follows_amount = bool(amounts_valued(program, [body.total]))
    places: dict[tuple[object, ...], _Place] = {}
    axes = every_axis(program, found)
    for cell in cells(list(axes)):
        if not consistent(cell, program):
            continue
        world = World(program, cell, None, Fraction(1), (0, 0), exact=True)
        total = None if follows_amount else pieces.constant_value(world.function(body.total))
        _walk(world, body.division, (), total, places)
    return list(places.values())


def _walk(
    world: World,
    division: Division,
    above: tuple[tuple[Division, Arm, int], ...],
    total: Fraction | None,
    places: dict[tuple[object, ...], _Place],
) -> None:
    keys = [world.symbol(key.value) for key in division.keys]
    arm = next(
        (a for a in division.arms if all(t is None or k in t for t, k in zip(a.tests, keys, strict=True))),
        None,
    )
    if arm is None:
        return
    known = {
        part.portion.amount: pieces.constant_value(world.function(part.portion.amount))
        for part in arm.parts
        if part.portion.amount is not None
    }
    if None in known.values():
        raise Beyond
    marker = (*((id(a), i) for _, a, i in above), id(arm), *known.values())
    place = places.setdefault(marker, _Place(above, division, arm))
    place.fixed.update({e: x for e, x in known.items() if x is not None})
    if total is not None:
        place.totals[total] = None
    for i, part in enumerate(arm.parts):
        if part.division is not None:
            below = (*above, (division, arm, i))
            _walk(world, part.division, below, total, places)
            for inner in places.values():
                if inner.above[: len(below)] == below:
                    inner.fixed.update(place.fixed)


def _expressions(division: Division) -> Iterator[Expr]:
    yield from (key.value for key in division.keys)
    for arm in division.arms:
        for part in arm.parts:
            if part.portion.amount is not None:
                yield part.portion.amount
            if part.division is not None:
                yield from _expressions(part.division)


def _totals(
    program: Program, definition: Definition, body: Allotment, place: _Place
) -> tuple[Fraction, Fraction, Fraction | None]:
    """The totals to consider: the least one, the step between them, the greatest one if there is one."""
    if isinstance(body.total, Input):
        fact = program.fact(body.total.key)
        low = fact.low if isinstance(fact.low, Fraction) else _ZERO
        high = fact.high if isinstance(fact.high, Fraction) else None
        return low, fact.grain or program.header.currency.grain, high
    if not place.totals:
        return _ZERO, definition.grain or program.header.currency.grain, None
    divisions = [*(d for d, _, _ in place.above), place.division]
    steps = [d.rounding.step for d in divisions if d.rounding is not None]
    grain = definition.grain or program.header.currency.grain
    return _ZERO, _common([*(steps or [grain]), *(t for t in place.totals if t)]), None


def _common(figures: Iterable[Fraction]) -> Fraction:
    """The greatest figure of which all are whole multiples."""
    found = _ZERO
    for x in figures:
        top = gcd(found.numerator * x.denominator, x.numerator * found.denominator)
        found = Fraction(top, found.denominator * x.denominator)
    return found


def _find(
    definition: Definition, place: _Place, low: Fraction, step: Fraction, high: Fraction | None
) -> Findings | None:
    """None: the division repeats too late to be looked at, and does nothing up to there."""
    rounding = place.division.rounding
    parts = place.arm.parts
    rounds = rounding is not None and any(part.portion.how == "rate" for part in parts)
    period = place.period(step)
    stated = tuple(place.at(total) for total in sorted(place.totals))
    first = ceil(low / step)
    last = None if high is None else int(high / step)
    start = first if not stated else int(stated[-1].total / step) + 1
    sums, negative, remainder = _over_a_period(place, step, first, last, period)
    first_acts: Divided | None = None
    readings: tuple[Reading, ...] = ()
    if rounding is not None and rounds:
        totals = _turn(start, period, last)
        try:
            first_acts = _first(place, totals, step, lambda at: is_rounded(parts, at, rounding.step))
        except _TooLong:
            return None
        from_stated = start if not stated else int(stated[0].total / step)
        # Half even repeats after twice as many steps as the other ways of rounding.
        readings = tuple(_readings(place, rounding, step, _turn(from_stated, 2 * period, last)))
    return Findings(
        definition, place.division, place.arm, place.above, step, low, stated, sums, negative, first_acts,
        remainder if rounds else None, readings,
    )  # fmt: skip


def _over_a_period(
    place: _Place, step: Fraction, first: int, last: int | None, period: int
) -> tuple[bool, Fraction | None, Fraction | None]:
    """Whether the parts always make the whole, the total from which none is negative, and the most
    that rounding moves whoever takes what it leaves over."""
    parts, rounding = place.arm.parts, place.division.rounding
    if period > MOST_TOTALS:
        return _by_bounds(place)
    slope = step
    for _, arm, i in place.above:
        slope *= _slope(arm.parts, i)
    rise = [_slope(parts, i) * slope * period for i in range(len(parts))]
    takers = _takers(parts, rounding)
    sums, most = True, _ZERO
    not_below: int | None = 0
    end = first + period if last is None else min(first + period, last + 1)
    for k in range(first, end):
        at = place.at(k * step)
        sums = sums and sum(at.paid, _ZERO) == at.whole
        for i, x in enumerate(at.paid):
            if i in takers:
                most = max(most, abs(x - at.exact[i]))
            if x >= 0 or not_below is None:
                continue
            if rise[i] <= 0:
                not_below = None
            else:
                turns = ceil(-x / rise[i])
                after = k + (turns - 1) * period
                not_below = max(not_below, 1 + (after if last is None else min(after, last)))
    return sums, None if not_below is None else not_below * step, most


def _takers(parts: Sequence[Part], rounding: Rounding | None) -> set[int]:
    if rounding is None:
        return set()
    if rounding.holder == LARGEST_FRACTIONS:
        return {i for i, part in enumerate(parts) if part.portion.how == "rate"}
    taker = taker_of(parts, rounding)
    return set() if taker is None else {taker}


def _by_bounds(place: _Place) -> tuple[bool, Fraction | None, Fraction | None]:
    """The same for a period too long to walk through: safe bounds, from the most each rounding can do."""
    parts, rounding = place.arm.parts, place.division.rounding
    slopes = sum((_slope(parts, i) for i in range(len(parts))), _ZERO)
    fixed = any(part.portion.how == "fixed" for part in parts)
    rest = any(part.portion.how == "rest" for part in parts)
    sums = rest or (slopes == 1 and not fixed and (rounding is None or rounding.holder is not None))
    if rounding is None:
        return sums, None if fixed else _ZERO, None
    each = rounding.step * (Fraction(1, 2) if rounding.mode.startswith("half") else 1)
    if rounding.holder == LARGEST_FRACTIONS:
        return sums, _ZERO, rounding.step
    rated = sum(part.portion.how == "rate" for part in parts)
    takes_too = _takers(parts, rounding) & {i for i, p in enumerate(parts) if p.portion.how == "rate"}
    most = each * (rated - len(takes_too))
    return sums, _ZERO if rounding.mode in ("down", "floor") and not fixed else None, most


class _TooLong(Exception):
    """The period is too long to walk through, and what is looked for has not turned up so far."""


def _first(
    place: _Place, totals: range, step: Fraction, wanted: Callable[[Divided], bool], rounding: Rounding | None = None
) -> Divided | None:  # fmt: skip
    """The first of some totals that is `wanted`, divided as here or with another `rounding`."""
    for k in totals[:MOST_TOTALS]:
        at = place.at(k * step, rounding)
        if wanted(at):
            return at
    if len(totals) > MOST_TOTALS:
        raise _TooLong
    return None


def _turn(start: int, period: int, last: int | None) -> range:
    """A period of totals from `start` on, as far as there are totals."""
    return range(start, start + period if last is None else min(start + period, last + 1))


def _readings(place: _Place, rounding: Rounding, step: Fraction, totals: range) -> Iterator[Reading]:
    """What the rounding would do without a holder, and in the other ways that 取整 could mean."""
    if rounding.holder in (None, LARGEST_FRACTIONS):
        return
    ways: list[tuple[Rounding, Callable[[Divided], bool]]] = []
    if not any(part.portion.how == "rest" for part in place.arm.parts):
        ways.append((evolve(rounding, holder=None), lambda at: sum(at.paid, _ZERO) != at.whole))
    ways += [
        (evolve(rounding, mode=mode), lambda at: at.paid != place.at(at.total).paid)
        for mode in _READINGS
        if mode != rounding.mode
    ]
    for other, differs in ways:
        try:
            found = _first(place, totals, step, differs, other)
        except _TooLong:
            continue
        yield Reading(other.mode, other.holder is not None, found)
