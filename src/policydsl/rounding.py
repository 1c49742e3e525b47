"""What does a rounding mode, or a period counted in months, mean? Exact rules used wherever one is applied."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, assert_never

from policydsl.expressions import DurationUnit, RoundingMode

_HALF = Fraction(1, 2)


def round_to(value: Fraction, step: Fraction, mode: RoundingMode) -> Fraction:
    """The whole multiple of `step` that `mode` makes of `value`.

    half_up, half_down and half_even go to the nearest multiple; a value in the middle goes away
    from zero, towards zero, or to the even multiple. up goes away from zero and down towards it;
    ceiling and floor go to the greater and to the smaller multiple. Negative values are the
    mirror image of positive ones, but for ceiling and floor.
    """
    scaled = value / step
    whole = scaled.numerator // scaled.denominator
    part = scaled - whole
    if part == 0:
        return value
    negative = scaled < 0
    match mode:
        case "floor":
            more = False
        case "ceiling":
            more = True
        case "down":
            more = negative
        case "up":
            more = not negative
        case "half_up":
            more = part > _HALF or (part == _HALF and not negative)
        case "half_down":
            more = part > _HALF or (part == _HALF and negative)
        case "half_even":
            more = part > _HALF or (part == _HALF and whole % 2 == 1)
        case _:
            assert_never(mode)
    return (whole + more) * step


def end_of_period(start: date, length: int, unit: DurationUnit, overflow: Literal["last", "next"]) -> date:
    """The last day of the period of `length` days, months or years that follows `start`.

    `start` itself is not counted: 90 days after 1 March end on 30 May. Where the month is too
    short for the day, the period ends on its last day, or with "next" on the first of the month
    after. A period that runs out of the calendar ends on its last day, 9999-12-31.
    """
    if unit == "day":
        try:
            return start + timedelta(days=length)
        except OverflowError:
            return date.max
    months = start.year * 12 + start.month - 1 + (length if unit == "month" else 12 * length)
    year, month = divmod(months, 12)
    month += 1
    if year > date.max.year:
        return date.max
    days = monthrange(year, month)[1]
    if start.day <= days:
        return date(year, month, start.day)
    if overflow == "last":
        return date(year, month, days)
    return date(year, month, days) + timedelta(days=1)
