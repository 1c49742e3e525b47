"""On which day does a period end? Months and years counted in steps over days since 1970-01-01.

The calendar is that of Howard Hinnant's `chrono` papers: years begin in March, so that the leap day is
the last of a year, and everything is a division of integers that are not below 0.
"""

from __future__ import annotations

from datetime import date

from policydsl.expressions import DurationUnit
from policydsl.flatten.building import Builder

EPOCH = date(1970, 1, 1).toordinal()
FIRST, LAST = date.min.toordinal() - EPOCH, date.max.toordinal() - EPOCH
#: From the first of March of the year 0 to 1970-01-01.
_SHIFT = 719468


def count_of(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def end_of_period(b: Builder, start: int, length: int, unit: DurationUnit, overflow: str) -> int:
    """The last day of the period of `length` days, months or years that follows `start`; one that runs out
    of the calendar ends on its last day. See `policydsl.rounding.end_of_period`."""
    last = b.whole(LAST)
    if unit == "day":
        return b.least(b.sum(start, b.whole(length)), last)
    month, day = _month_and_day(b, start)
    month = b.sum(month, b.whole(length if unit == "month" else 12 * length))
    first = _first_of_month(b, month)
    following = _first_of_month(b, b.sum(month, b.whole(1)))
    days = b.bounded(b.difference(following, first), 28, 31)
    if overflow == "last":
        end = b.sum(first, b.difference(b.least(day, days), b.whole(1)))
    else:
        end = b.least(b.sum(first, b.difference(day, b.whole(1))), following)
    return b.least(end, last)


def _month_and_day(b: Builder, day: int) -> tuple[int, int]:
    """The month, counted from March of the year 0, and the day in it, from 1."""

    def divided(i: int, by: int) -> int:
        return b.quotient(i, b.whole(by))

    since = b.bounded(b.sum(day, b.whole(_SHIFT)), 0, LAST + _SHIFT)
    era = divided(since, 146097)
    of_era = b.bounded(b.difference(since, b.times(era, 146097)), 0, 146096)
    years = b.sum(
        b.difference(of_era, divided(of_era, 1460)),
        b.difference(divided(of_era, 36524), divided(of_era, 146096)),
    )
    year = b.bounded(divided(b.bounded(years, 0, 146096), 365), 0, 399)
    before = b.sum(b.times(year, 365), b.difference(divided(year, 4), divided(year, 100)))
    of_year = b.bounded(b.difference(of_era, before), 0, 365)
    month = divided(b.sum(b.times(of_year, 5), b.whole(2)), 153)
    gone = divided(b.sum(b.times(month, 153), b.whole(2)), 5)
    in_month = b.bounded(b.sum(b.difference(of_year, gone), b.whole(1)), 1, 31)
    return b.sum(b.times(b.sum(b.times(era, 400), year), 12), month), in_month


def _first_of_month(b: Builder, month: int) -> int:
    """The first day of a month that is counted from March of the year 0."""

    def divided(i: int, by: int) -> int:
        return b.quotient(i, b.whole(by))

    year = divided(month, 12)
    in_year = b.bounded(b.difference(month, b.times(year, 12)), 0, 11)
    leap = b.sum(b.difference(divided(year, 4), divided(year, 100)), divided(year, 400))
    before = b.sum(b.times(year, 365), leap)
    gone = divided(b.sum(b.times(in_year, 153), b.whole(2)), 5)
    return b.sum(b.sum(before, gone), b.whole(-_SHIFT))
