"""How are values written for people? Amounts, rates, days, members and ranges, in Chinese and English.

Two styles. The ledger style is for calculation sheets: 150,000.00元, all the decimals of the
grain. The plain style (`plain=True`) is for sentences: 150000元, 103.5元. Both are exact: a value
that is off the grain keeps all its decimals, and one without finite decimals is written as a
fraction, with an approximation beside it in the ledger style.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import assert_never

from policydsl.diagnostics.model import Language, Words
from policydsl.expressions import Value
from policydsl.facts import Category, Name
from policydsl.kinds import Currency, Day, Kind, MemberOf, Quantity, SetOf, Unit, YesNo

_ZH = {"person": "人", "household": "户", "case": "次", "year": "年", "month": "个月", "day": "天"}
_ZH_PER = {**_ZH, "month": "月"}
_EN_MANY = {"case": "cases", "person": "persons", "household": "households"}


def decimals(value: Fraction) -> int | None:
    """How many decimals write `value` exactly; None when no number of them does."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def say_decimal(value: Fraction, places: int = 0, *, grouped: bool = False) -> str:
    """`value` as a decimal with at least `places` decimals, or as `n/d` where none is exact."""
    exact = decimals(value)
    if exact is None:
        return f"{value.numerator}/{value.denominator}"
    places = max(places, exact)
    scaled = abs(value.numerator) * 10**places // value.denominator
    whole, part = divmod(scaled, 10**places)
    digits = f"{whole:,}" if grouped else str(whole)
    tail = f".{part:0{places}d}" if places else ""
    return f"{'-' if value < 0 else ''}{digits}{tail}"


def say_about(value: Fraction, places: int = 6) -> str:
    """`value` cut to `places` decimals and marked as going on: 33.333333…"""
    scaled = abs(value.numerator) * 10**places // value.denominator
    whole, part = divmod(scaled, 10**places)
    return f"{'-' if value < 0 else ''}{whole:,}.{part:0{places}d}…"


def say_number(value: Fraction, places: int = 0, *, plain: bool = False) -> str:
    """A number without a unit: 1,234.5; with `plain` 1234.5. Without finite decimals 100/3."""
    return say_decimal(value, places, grouped=not plain)


def say_rate(value: Fraction) -> str:
    """A rate as a percentage: 60%, 13.5%; one without finite decimals as a fraction: 1/3."""
    return (
        f"{value.numerator}/{value.denominator}"
        if decimals(value) is None
        else f"{say_decimal(value * 100)}%"
    )


def say_figure(value: Fraction, currency: Currency, *, plain: bool = False) -> str:
    """The figure of an amount without its currency: 150,000.00; with `plain` 150000."""
    return say_decimal(value, 0 if plain else decimals(currency.grain) or 0, grouped=not plain)


def say_unit(unit: Unit, currency: Currency, language: Language) -> str:
    """A unit as it stands after a figure: 元/人·年, 天; in English “元 per person and year”, “days”."""
    over = [(d, p) for d, p in unit.powers if p > 0]
    under = [(d, -p) for d, p in unit.powers if p < 0]

    def power(word: str, exponent: int) -> str:
        return word if exponent == 1 else f"{word}^{exponent}"

    if language == "zh":
        top = "·".join(power(currency.sign if d == "money" else _ZH[d], p) for d, p in over)
        bottom = "·".join(power(_ZH_PER[d], p) for d, p in under)
        return f"{top}/{bottom}" if bottom else top
    top = "·".join(power(currency.sign if d == "money" else _EN_MANY.get(d, f"{d}s"), p) for d, p in over)
    bottom = " and ".join(power(d, p) for d, p in under)
    return f"{top} per {bottom}".strip() if bottom else top


def say_quantity(
    value: Fraction, kind: Quantity, currency: Currency, language: Language, *, plain: bool = False
) -> str:
    """A number in its unit: 580.00元/人·年, 90天, 60%, 1,234.5."""
    if not kind.unit.powers:
        return say_rate(value) if kind.percent else say_number(value, plain=plain)
    unit = say_unit(kind.unit, currency, language)
    if kind.unit.power("money"):
        figure = say_figure(value, currency, plain=plain)
        about = "" if plain or decimals(value) is not None else f"（≈{say_about(value)}{unit}）"
        return f"{figure}{'' if not unit[0].isascii() else ' '}{unit}{about}"
    figure = say_number(value, plain=plain)
    if language == "zh":
        return f"{figure}{unit}"
    if value == 1 and len(kind.unit.powers) == 1 and kind.unit.powers[0][1] == 1:
        unit = kind.unit.powers[0][0]
    return f"{figure} {unit}"


def say_day(value: date, language: Language) -> str:
    """A day: 2021年8月10日, in English 2021-08-10."""
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else value.isoformat()


def said_day(value: date) -> Words:
    """The same in both languages."""
    return Words(say_day(value, "en"), say_day(value, "zh"))


def say_name(name: Name, language: Language) -> str:
    """What readers of `language` call it: the label in Chinese; in English a label in ASCII, else the key."""
    if language == "zh" or (name.label is not None and name.label.isascii()):
        return name.shown
    return name.english or name.key


def say_member(key: str, category: str, categories: Iterable[Category], language: Language) -> str:
    """The member of that key as people call it; a key that is unknown stands for itself."""
    for c in categories:
        if c.name.key == category:
            for member in c.members:
                if member.name.key == key:
                    return say_name(member.name, language)
    return key


def say_members(
    keys: Iterable[str], category: str, categories: Sequence[Category], language: Language
) -> str:
    """Several members in the order of their category: 孤儿、低保对象; of none 无, in English “none”."""
    wanted = set(keys)
    order = [m.name.key for c in categories if c.name.key == category for m in c.members]
    ordered = [k for k in order if k in wanted] + sorted(wanted - set(order))
    words = [say_member(k, category, categories, language) for k in ordered]
    if not words:
        return "无" if language == "zh" else "none"
    return ("、" if language == "zh" else ", ").join(words)


def say_value(
    value: Value,
    kind: Kind,
    *,
    currency: Currency,
    categories: Sequence[Category],
    language: Language,
    plain: bool = False,
) -> str:
    """Any value of a case or a result as people write it; None is “does not exist”."""
    zh = language == "zh"
    if value is None:
        return "不存在" if zh else "does not exist"
    match kind:
        case Quantity():
            assert isinstance(value, Fraction)
            return say_quantity(value, kind, currency, language, plain=plain)
        case YesNo():
            return ("是" if value else "否") if zh else ("yes" if value else "no")
        case Day():
            assert isinstance(value, date)
            return say_day(value, language)
        case MemberOf():
            assert isinstance(value, str)
            return say_member(value, kind.category, categories, language)
        case SetOf():
            assert isinstance(value, frozenset)
            return say_members(value, kind.category, categories, language)
        case _:
            assert_never(kind)


def say_days(low: date | None, high: date | None, language: Language) -> str:
    """The days from one to another, both included; None is open: 2022年1月1日及以后."""
    if low is not None and low == high:
        return say_day(low, language)
    first, last = (None if day is None else say_day(day, language) for day in (low, high))
    if language == "zh":
        if first is None:
            return "任何日期" if last is None else f"{last}及以前"
        return f"{first}及以后" if last is None else f"{first}至{last}"
    if first is None:
        return "any day" if last is None else f"until {last}"
    return f"from {first} on" if last is None else f"{first} to {last}"


def say_interval(
    low: str | None, low_closed: bool, high: str | None, high_closed: bool, language: Language
) -> str:
    """A range between two bounds that are already written out: 超过3,000.00元至100,000.00元.

    A closed bound belongs to the range; None is open to infinity.
    """
    if language == "zh":
        if low is None:
            return "不限" if high is None else f"{high}以下" if high_closed else f"低于{high}"
        if high is None:
            return f"{low}以上" if low_closed else f"超过{low}"
        if low_closed:
            return f"{low}至{high}" if high_closed else f"不低于{low}、低于{high}"
        return f"超过{low}至{high}" if high_closed else f"超过{low}、低于{high}"
    if low is None:
        return "any" if high is None else f"up to {high}" if high_closed else f"below {high}"
    if high is None:
        return f"{low} and over" if low_closed else f"over {low}"
    if low_closed:
        return f"{low} to {high}" if high_closed else f"from {low} below {high}"
    return f"over {low} up to {high}" if high_closed else f"over {low} below {high}"
