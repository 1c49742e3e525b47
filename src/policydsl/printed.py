"""Which figures does a passage of running text print? Numbers with their units, ratios and days, in any writing.

580元, 1.5万元, 60%, 60％, 8∶2, 百分之六十, 八成, 一半, 全额, 三个月, 二级, 2021年8月10日, 〔2021〕32号. Where a
figure begins and ends is told in the text as given; spaces may stand between a number and its unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, TypeAlias

from policydsl.nodes import Node, field, node

#: What a printed figure counts. "number" is one whose unit says nothing more (5个, 30种, 60 in a table);
#: "calendar" a day, month or year, or the part of one that is printed.
Measure: TypeAlias = Literal[
    "money", "rate", "ratio", "day", "month", "year", "calendar", "level", "document", "number"
]


@node
class Printed(Node):
    """A figure at `start` to `end` of the text it was found in.

    `value` is in 元, in days, months or years, and of a rate the number it is (60% is 3/5). `parts` are the
    weights of a ratio, the year and number of a document, or year, month and day (0: not printed).
    `number` is what stands there without its unit: 60 of 60%, 15000 of 1.5万元.
    """

    measure: Measure
    value: Fraction
    number: Fraction
    parts: tuple[Fraction, ...] = ()
    start: int = field(default=0, eq=False)
    end: int = field(default=0, eq=False)
    written: str = field(default="", eq=False)


def widths(text: str) -> str:
    """`text` with full-width characters as half-width ones and ∶ as a colon; no character more or less."""
    return text if text.isascii() else text.translate(_WIDTHS)


#: U+FF01 to U+FF5E are the ASCII characters in full width.
_WIDTHS = {
    **{c: chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)},
    ord("∶"): ":", ord("︰"): ":", ord("\u3000"): " ", ord("\u00a0"): " ",
}  # fmt: skip

_HAN = "〇零○一二三四五六七八九十百千万萬亿億两兩壹贰貳叁參肆伍陆陸柒捌玖拾佰仟"
_S = r"[ \t]?"
_CALENDAR = (
    rf"(?P<year>[12][0-9]{{3}}){_S}年(?:{_S}(?P<month>[0-9]{{1,2}}){_S}月(?:{_S}(?P<day>[0-9]{{1,2}}){_S}[日号號])?)?"
    rf"|(?P<hanyear>[〇零○一二三四五六七八九]{{4}})年(?:(?P<hanmonth>[一二三四五六七八九十]{{1,2}})月"
    rf"(?:(?P<handay>[一二三四五六七八九十]{{1,3}})[日号號])?)?"
    rf"|(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?![0-9])"
    rf"|(?P<onlymonth>[0-9]{{1,2}}){_S}月(?:{_S}(?P<onlyday>[0-9]{{1,2}}){_S}[日号號])?"
)
_HAN_UNITS = "元圆圓年天日月级級档檔倍户戶"
_FIGURE = re.compile(
    r"[\[(〔﹝【](?P<docyear>[0-9]{4})[\])〕﹞】][ \t]?(?P<docnumber>[0-9]+)[ \t]?[号號]"
    rf"|{_CALENDAR}"
    r"|(?P<ratio>[0-9]+(?:\.[0-9]+)?(?:[:∶][0-9]+(?:\.[0-9]+)?)+)"
    r"|(?P<number>[0-9]+(?:,[0-9]{3}(?![0-9]))*(?:\.[0-9]+)?)(?:/(?P<under>[0-9]+)|[ \t]?(?P<times>[万萬亿億]{0,2})"
    r"(?P<unit>[元圆圓角分%‰天日年]|个百分点|個百分點|个月|個月|周岁|周歲|岁|歲)?)"
    rf"|(?P<of>[{_HAN}]{{1,9}})分之(?P<share>[{_HAN}]{{1,9}})"
    rf"|(?<![完达達])(?P<tenths>[一二三四五六七八九])成(?![员員功立为為本果长長就年人])"
    r"|(?P<half>一半|半数|半數)|(?P<all>全额|全額)"
    rf"|第(?P<ordinal>[一二三四五六七八九十]{{1,3}})批"
    rf"|(?<![统統同唯惟专專逐第之])(?P<han>[{_HAN}]{{1,16}})(?P<hanunit>[{_HAN_UNITS}]|个百分点|個百分點|个月|個月|周岁|周歲|岁|歲)"
)
_WHOLE = {"百": Fraction(100), "千": Fraction(1000), "万": Fraction(10_000), "萬": Fraction(10_000)}
_TIMES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_COINS = {
    "元": Fraction(1),
    "圆": Fraction(1),
    "圓": Fraction(1),
    "角": Fraction(1, 10),
    "分": Fraction(1, 100),
}
_LENGTHS: dict[str, Measure] = {
    "天": "day", "日": "day", "月": "month", "个月": "month", "個月": "month",
    "年": "year", "岁": "year", "歲": "year", "周岁": "year", "周歲": "year",
}  # fmt: skip
#: No figure is so long; a run of digits beyond it is none.
_LONGEST = 64
#: 二级, 一档: which one it is, not how many; 市县两级 is no level
_LEVELS = frozenset("级級档檔")


def figures(text: str) -> Iterator[Printed]:
    """The figures of `text` from left to right; none contains another."""
    for match in _FIGURE.finditer(widths(text)):
        start, end = match.span()
        if end - start > _LONGEST:
            continue
        if match["number"] and not (match["unit"] or match["under"]):
            end = match.end("times") if match["times"] else match.end("number")  # no space after it
        if (said := _read(match)) is not None:
            yield Printed(*said, start, end, text[start:end])


#: What a figure counts, its value, its number, its parts.
_Said: TypeAlias = tuple[Measure, Fraction, Fraction, tuple[Fraction, ...]]


def _read(match: re.Match[str]) -> _Said | None:
    if match["docyear"]:
        parts = (Fraction(match["docyear"]), Fraction(match["docnumber"]))
        return "document", parts[1], parts[1], parts
    if (day := _calendar(match)) is not None:
        return "calendar", Fraction(0), day[0] or day[1], day
    if match["ratio"]:
        weights = tuple(Fraction(w) for w in re.split("[:∶]", match["ratio"]))
        return "ratio", weights[0], weights[0], weights
    if match["number"]:
        return _number(match)
    if match["of"]:
        of = _WHOLE.get(match["of"]) or han_number(match["of"])
        share = _WHOLE.get(match["share"]) or han_number(match["share"])
        if not of or share is None:
            return None
        return "rate", share / of, share, ()
    if match["tenths"]:
        tenths = han_number(match["tenths"]) or Fraction(0)
        return "rate", tenths / 10, tenths, ()
    if match["half"]:
        return "rate", Fraction(1, 2), Fraction(1, 2), ()
    if match["all"]:
        return "rate", Fraction(1), Fraction(1), ()
    if match["ordinal"]:
        n = han_number(match["ordinal"])
        return None if n is None else ("level", n, n, ())
    return _han(match["han"], match["hanunit"])


def _calendar(match: re.Match[str]) -> tuple[Fraction, ...] | None:
    if match["year"]:
        found = (match["year"], match["month"] or "0", match["day"] or "0")
        return tuple(Fraction(part) for part in found)
    if match["iso"]:
        return tuple(Fraction(part) for part in match["iso"].split("-"))
    if match["onlymonth"]:
        return Fraction(0), Fraction(match["onlymonth"]), Fraction(match["onlyday"] or 0)
    if match["hanyear"]:
        year = "".join(str(_DIGITS[c]) for c in match["hanyear"])
        rest = (han_number(match[name] or "零") or Fraction(0) for name in ("hanmonth", "handay"))
        return (Fraction(year), *rest)
    return None


def _number(match: re.Match[str]) -> _Said:
    number = Fraction(match["number"].replace(",", ""))
    if match["under"]:
        value = number / int(match["under"]) if int(match["under"]) else number
        return "rate", value, value, ()
    for sign in match["times"] or "":
        number *= _TIMES[sign]
    unit = match["unit"] or ""
    if unit in _COINS:
        return "money", number * _COINS[unit], number, ()
    if unit in ("%", "个百分点", "個百分點"):
        return "rate", number / 100, number, ()
    if unit == "‰":
        return "rate", number / 1000, number, ()
    if unit:
        return _LENGTHS[unit], number, number, ()
    return "number", number, number, ()


def _han(written: str, unit: str) -> _Said | None:
    number = han_number(written)
    if number is None or (unit in _LEVELS and written in ("两", "兩")):
        return None
    if unit in _COINS:
        return "money", number, number, ()
    if unit in _LEVELS:
        return "level", number, number, ()
    if unit in _LENGTHS:
        return _LENGTHS[unit], number, number, ()
    if unit in ("个百分点", "個百分點"):
        return "rate", number / 100, number, ()
    return "number", number, number, ()


_DIGITS = {
    "〇": 0, "零": 0, "○": 0, "一": 1, "壹": 1, "二": 2, "两": 2, "兩": 2, "贰": 2, "貳": 2, "三": 3, "叁": 3, "參": 3,
    "四": 4, "肆": 4, "五": 5, "伍": 5, "六": 6, "陆": 6, "陸": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
}  # fmt: skip
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}


def han_number(written: str) -> Fraction | None:
    """The number of 五百八十, 伍佰捌拾, 一万五千, 二〇二一; None for what is no number (百百, 万)."""
    if all(c in _DIGITS for c in written):
        return Fraction("".join(str(_DIGITS[c]) for c in written))
    total = section = digit = 0
    waiting = False
    place = 10_000
    for c in written:
        if c in _DIGITS:
            if waiting and digit:
                return None
            digit, waiting = _DIGITS[c], True
        elif c in _PLACES:
            if _PLACES[c] >= place or (not waiting and _PLACES[c] != 10):
                return None
            place = _PLACES[c]
            section += (digit if waiting else 1) * place
            digit, waiting = 0, False
        else:
            if not (section or digit or total):
                return None
            if _TIMES[c] == 10**8:
                total = (total + section + digit) * 10**8
            else:
                total += (section + digit) * 10**4
            section = digit = 0
            waiting, place = False, 10_000
    return Fraction(total + section + digit)


def same(meant: Printed, found: Printed) -> bool:
    """Whether a notice that prints `found` says `meant`. A bare number says any unit that it is meant in;
    a month stands for its first and its last day, a year for its first and last."""
    if meant.measure == "calendar":
        return found.measure == "calendar" and _same_day(meant.parts, found.parts)
    if found.measure == "ratio":
        if meant.measure == "ratio":
            return meant.parts == found.parts
        return meant.measure == "rate" and meant.value * sum(found.parts) in found.parts
    if found.measure in ("calendar", "document") or meant.measure in ("ratio", "document"):
        return meant == found
    if meant.measure == "number":
        return meant.number in (found.number, found.value)
    if found.measure == "number":
        return meant.number == found.number
    return meant.measure == found.measure and meant.value == found.value


def _same_day(meant: tuple[Fraction, ...], found: tuple[Fraction, ...]) -> bool:
    year, month, day = meant
    if found[0] and found[0] != year:
        return False
    if found[1] and found[1] != month:
        return False
    if found[2]:
        return found[2] == day
    if not found[1]:
        return (int(month), int(day)) in ((1, 1), (12, 31))
    return day == 1 or (date(int(year), int(month), int(day)) + timedelta(1)).day == 1
