"""What does a printed figure say? Figures, units and days from their spellings, exactly."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from policydsl.kinds import CURRENCIES, MONEY, PURE, Unit, unit
from policydsl.source import Span
from policydsl.syntax.ast import DateFigure, Figure
from policydsl.syntax.words import meaning

_FIGURE = re.compile(r"([¥￥]?)([0-9]+(?:\.[0-9]+)?)(?:/([0-9]+)|([万萬亿億]*)([^/]*)((?:/.+)?))")
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_COINS = {"元": Fraction(1), "角": Fraction(1, 10), "分": Fraction(1, 100)}
_POINTS = frozenset(("个百分点", "個百分點", "个百分點", "個百分点"))


def read_figure(text: str, span: Span) -> Figure:
    """The figure that a NUMBER token stands for. A denominator of 0 reads as 0 (resolving reports it)."""
    match = _FIGURE.fullmatch(text)
    assert match is not None, text
    sign, digits, denominator, myriads, word, per = match.groups()
    value = Fraction(digits)
    if denominator is not None:
        value = value / int(denominator) if int(denominator) else Fraction(0)
        return Figure(value, PURE, written=text, span=span)
    for myriad in myriads or "":
        value *= _MYRIADS[myriad]
    base, percent, points, currency = PURE, False, False, ""
    if word in _COINS:
        value, base, currency = value * _COINS[word], MONEY, "CNY"
    elif word in CURRENCIES:
        base, currency = MONEY, word
    elif sign:
        base, currency = MONEY, "¥"
    elif word in ("%", "％") or word in _POINTS:
        value, percent, points = value / 100, True, word in _POINTS
    elif word == "‰":
        value, percent = value / 1000, True
    elif word:
        dimension = meaning("dimensions", word)
        assert dimension is not None, word
        base = unit(**{dimension: 1})
    return Figure(
        value, base.times(read_per(per), -1) if per else base, percent, points, bool(myriads), currency,
        written=text, span=span,
    )  # fmt: skip


def read_per(text: str) -> Unit:
    """The unit of `/人·年` or `/人/年`, without the stroke: person × year."""
    result = PURE
    for word in re.split(r"[/·]", text.lstrip("/")):
        dimension = meaning("dimensions", word)
        assert dimension is not None, word
        result = result.times(unit(**{dimension: 1}))
    return result


def read_date(text: str, span: Span) -> DateFigure:
    """The day of `2021-12-06` or `2021年12月6日`; a day that does not exist has no value."""
    year, month, day = (int(part) for part in re.findall(r"[0-9]+", text))
    try:
        return DateFigure(date(year, month, day), text, span=span)
    except ValueError:
        return DateFigure(None, text, span=span)
