"""How does a person mistype a figure or a day? The last digit, two digits swapped, the point moved."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

_FIGURE = re.compile(
    r"(?P<before>[¥￥]?)(?P<digits>[0-9]+(?:\.[0-9]+)?)(?:/(?P<under>[0-9]+))?(?P<unit>.*)", re.DOTALL
)
_DAY = re.compile(r"([0-9]{4})(-|年)([0-9]{1,2})(-|月)([0-9]{1,2})(日?)")


def figure_slips(written: str, *, percent: bool = False) -> tuple[str, ...]:
    """Other figures in the writing of `written`, each once: 44.5元 gives 44.6元, 44.4元, 45.4元, 4.45元, 445元.

    `percent`: the figure is a percentage, so that 61 may also be written 0.61.
    """
    match = _FIGURE.fullmatch(written)
    if match is None:
        return ()
    before, digits, under, unit = match["before"], match["digits"], match["under"], match["unit"]
    if under is not None:
        parts = [f"{d}/{under}" for d in _last_digit(digits)]
        parts += [f"{digits}/{d}" for d in _last_digit(under) if int(d)]
    else:
        parts = [*_last_digit(digits), *_swapped(digits), *_point_moved(digits, 1), *_point_moved(digits, -1)]
        if percent or unit[:1] in ("%", "％"):
            parts += _point_moved(digits, -2)
    return tuple(f"{before}{part}{unit}" for part in dict.fromkeys(parts) if part != digits)


def weight_slips(written: str) -> tuple[str, ...]:
    """Other ratios than 8:2: one weight changed by one, two neighbours swapped."""
    marks = re.findall(r"[:：∶]", written)
    weights = re.split(r"[:：∶]", written)

    def ratio(changed: list[str]) -> str:
        return changed[0] + "".join(m + w for m, w in zip(marks, changed[1:], strict=True))

    found = []
    for i, weight in enumerate(weights):
        found += [ratio([*weights[:i], other, *weights[i + 1 :]]) for other in _last_digit(weight)]
    for i in range(len(weights) - 1):
        found.append(ratio([*weights[:i], weights[i + 1], weights[i], *weights[i + 2 :]]))
    return tuple(dict.fromkeys(f for f in found if f != written))


def day_slips(written: str) -> tuple[str, ...]:
    """The days beside `written`, and the same day of the next month and of the next year, in its writing.

    A day that does not exist has none.
    """
    match = _DAY.fullmatch(written)
    if match is None:
        return ()
    year, month, number = int(match[1]), int(match[3]), int(match[5])
    try:
        day = date(year, month, number)
    except ValueError:
        return ()
    others = []
    if day < date.max:
        others.append(day + timedelta(days=1))
    if day > date.min:
        others.append(day - timedelta(days=1))
    for year_, month_ in ((year + month // 12, month % 12 + 1), (year + 1, month)):
        if year_ <= date.max.year:
            others.append(date(year_, month_, min(number, monthrange(year_, month_)[1])))
    dashes = match[2] == "-"
    written_ = (o.isoformat() if dashes else f"{o.year:04}年{o.month}月{o.day}日" for o in others)
    return tuple(dict.fromkeys(written_))


def _last_digit(digits: str) -> Iterator[str]:
    whole, point, part = digits.partition(".")
    number = int(whole + part)
    for other in (number + 1, number - 1):
        if other >= 0:
            yield _pointed(other, len(part), point)


def _swapped(digits: str) -> Iterator[str]:
    """The last two neighbouring digits that differ, swapped, where that leaves no zero in front."""
    places = [i for i, c in enumerate(digits) if c != "."]
    for left, right in reversed(list(pairwise(places))):
        if digits[left] == digits[right]:
            continue
        swapped = list(digits)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        other = "".join(swapped)
        if not re.match(r"0[0-9]", other):
            yield other
            return


def _point_moved(digits: str, places: int) -> Iterator[str]:
    """`digits` times ten to the power of `places`, without zeros that say nothing."""
    whole, _, part = digits.partition(".")
    number, decimals = int(whole + part), len(part)
    if number == 0:
        return
    if places > 0:
        number *= 10**places
    else:
        decimals -= places
    while decimals and number % 10 == 0:
        number, decimals = number // 10, decimals - 1
    yield _pointed(number, decimals, "." if decimals else "")


def _pointed(number: int, decimals: int, point: str) -> str:
    if not point:
        return str(number)
    text = f"{number:0{decimals + 1}}"
    return f"{text[:-decimals]}.{text[-decimals:]}"
