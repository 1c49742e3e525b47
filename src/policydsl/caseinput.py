"""What does a person mean who writes a fact of a case? 15万元, 2021年8月10日, 固原市, 是."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final, assert_never

from policydsl.amounts import say_decimal, say_interval, say_name, say_quantity, say_unit, say_value
from policydsl.diagnostics.model import Language, Words
from policydsl.expressions import Value
from policydsl.facts import Category, Fact, Name, day_fact
from policydsl.ir import Definition, Program
from policydsl.kinds import Currency, Day, Kind, MemberOf, Quantity, SetOf, YesNo
from policydsl.runtime import PolicyError, one_of

#: The most digits before and after the point of a figure.
WHOLE_DIGITS: Final = 18
PART_DIGITS: Final = 9

_WIDE: Final = str.maketrans("０１２３４５６７８９．，－＋％／：　", "0123456789.,-+%/: ")
_NUMBER: Final = re.compile(
    r"(?P<sign>[-+−]?)(?P<mark>[¥￥]?)(?P<whole>[0-9][0-9,]*)(?:\.(?P<part>[0-9]+))?"
    r"(?P<times>万亿|亿|万|千|百|)(?P<unit>[^0-9.,]*)"
)
_GROUPS: Final = re.compile(r"[0-9]+|[0-9]{1,3}(,[0-9]{3})+")
_RATIO: Final = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")
_DAY: Final = re.compile(r"([0-9]{4})([-/.年])([0-9]{1,2})([-/.月])([0-9]{1,2})(日?)")
_TIMES: Final = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "万亿": 10**12}
_RATES: Final = {"%": Fraction(1, 100), "‰": Fraction(1, 1000)}
_COUNT_WORDS: Final = {
    "person": ("人", "person", "persons"),
    "household": ("户", "household", "households"),
    "case": ("次", "case", "cases"),
    "year": ("年", "岁", "周岁", "year", "years"),
    "month": ("个月", "月", "month", "months"),
    "day": ("天", "日", "day", "days"),
}
_YES: Final = ("yes", "y", "true", "是")
_NO: Final = ("no", "n", "false", "否")
_NONE: Final = ("", "none", "无", "無", "不存在")
_COMMAS: Final = re.compile(r"[,，、;；]")


class Unreadable(ValueError):
    """What a person wrote is no value of the fact; `words` say what is."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.words = Words(en, zh)


def names(name: Name) -> tuple[str, ...]:
    """Everything that a thing may be called: its alias, its name as written, its label."""
    found = (name.key, name.written, name.label)
    return tuple(dict.fromkeys(n for n in found if n))


def find_fact(program: Program, name: str) -> Fact | None:
    """The input called `name`, by alias, written name or label; the day of the case is one of any policy."""
    known = (*program.facts, day_fact(program.header))
    return next((f for f in known if name.strip() in names(f.name)), None)


def find_output(program: Program, name: str) -> Definition | None:
    """The output called `name`, by alias, written name or label."""
    found = (program.definition(key) for key in program.outputs)
    return next((d for d in found if name.strip() in names(d.name)), None)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name among `known` that `name` was probably meant to be."""
    from difflib import get_close_matches

    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def read_value(program: Program, fact: Fact, text: str) -> Value:
    """What `text` says about `fact`. Whether the value is in range and on the grain is not asked here.

    Raises Unreadable.
    """
    return _read(text.strip(), fact.kind, fact.optional, program)


def take_value(program: Program, fact: Fact, given: object) -> Value:
    """A value that a program gave: text as people write it, or Decimal, int, Fraction, bool, date, members.

    A quantity is in the unit of its kind: money in 元, a rate as the number it is. Raises Unreadable.
    """
    kind = fact.kind
    if given is None:
        if fact.optional:
            return None
        raise Unreadable(
            "None says that a fact does not exist, and this one always does", "此项必有其值，不能为None"
        )
    if isinstance(given, str):
        return _read(given.strip(), kind, fact.optional, program)
    match kind:
        case Quantity() if isinstance(given, (int, Fraction)) and not isinstance(given, bool):
            return Fraction(given)
        case Quantity() if isinstance(given, Decimal):
            return _from_decimal(given)
        case Quantity() if isinstance(given, float):
            raise Unreadable(
                "a float is not exact; give a Decimal, an int or a text",
                "float不精确，请用Decimal、int或者文字",
            )
        case YesNo() if isinstance(given, bool):
            return given
        case Day() if isinstance(given, date) and not isinstance(given, datetime):
            return given
        case SetOf() if isinstance(given, Collection) and all(isinstance(m, str) for m in given):
            category = program.category(kind.category)
            return frozenset(_member(str(m).strip(), category) for m in given)
        case _:
            hint = expected(kind, program)
            type_ = type(given).__name__
            raise Unreadable(f"{hint.en} is wanted, not {type_}", f"应为{hint.zh}，所给的类型是{type_}")


def expected(kind: Kind, program: Program) -> Words:
    """What a value of this kind looks like."""
    match kind:
        case Quantity() if kind.unit.power("money"):
            sign = program.header.currency.sign
            if sign == "元":
                return Words("an amount such as 150000元 or 15万元", "金额，例如150000元、15万元")
            return Words(f"an amount such as 150000 {sign}", f"金额，例如150000 {sign}")
        case Quantity() if kind.percent:
            return Words("a rate such as 60%", "比例，例如60%")
        case Quantity() if kind.unit.powers:
            unit = Words(*(say_unit(kind.unit, program.header.currency, c) for c in ("en", "zh")))
            return Words(f"a number of {unit.en}", f"数目（{unit.zh}）")
        case Quantity():
            return Words("a number", "数")
        case YesNo():
            return Words("yes or no", "“是”或“否”")
        case Day():
            return Words("a day such as 2021-08-10", "日期，例如2021年8月10日")
        case MemberOf():
            en, zh = (_listed(program.category(kind.category), c) for c in ("en", "zh"))
            return Words(f"one of {en}", f"以下之一：{zh}")
        case SetOf():
            en, zh = (_listed(program.category(kind.category), c) for c in ("en", "zh"))
            return Words(
                f"any of {en} (with commas between), or none", f"以下各项（可多选，以逗号分隔）或“无”：{zh}"
            )
        case _:
            assert_never(kind)


def describe(program: Program, fact: Fact, language: Language) -> str:
    """A fact as a question needs it: what it is called, what it takes, its range."""
    words = expected(fact.kind, program)
    zh = language == "zh"
    out = f"{title(fact.name)}：{words.zh}" if zh else f"{title(fact.name)}: {words.en}"
    if bounds := range_of(program, fact, language):
        out += f"，{bounds}" if zh else f", {bounds}"
    if fact.optional:
        out += "；不存在的写“无”" if zh else "; none if it does not exist"
    return out


def title(name: Name) -> str:
    """A name for people who must also type it: cost（年度个人负担合理医疗费用）."""
    return name.key if name.shown == name.key else f"{name.key}（{name.shown}）"


def range_of(program: Program, fact: Fact, language: Language) -> str:
    """The range of a fact in words, "" when it has none: 0元至100000000元."""
    if fact.low is None and fact.high is None:
        return ""
    low, high = (
        None
        if bound is None
        else say_value(
            bound,
            fact.kind,
            currency=program.header.currency,
            categories=program.categories,
            language=language,
            plain=True,
        )
        for bound in (fact.low, fact.high)
    )
    return say_interval(low, True, high, True, language)


def say_problem(program: Program, error: PolicyError, language: Language) -> str:
    """What is wrong with a case, in the words of the policy, with the value that was given."""
    fact = next((f for f in (*program.facts, day_fact(program.header)) if f.name.key == error.name), None)
    zh = language == "zh"
    if fact is None or error.code not in ("PC101", "PC104", "PC105"):
        return error.message(language)
    name = f"“{title(fact.name)}”" if zh else title(fact.name)
    if error.code == "PC101":
        words = expected(fact.kind, program)
        return f"没有提供{name}，应为{words.zh}" if zh else f"{name} was not given; it takes {words.en}"
    currency = program.header.currency
    given = (
        say_quantity(error.value, fact.kind, currency, language, plain=True)
        if isinstance(error.value, Fraction) and isinstance(fact.kind, Quantity)
        else str(error.value)
    )
    if error.code == "PC104":
        bounds = range_of(program, fact, language)
        if fact.name.key == "on":
            return (
                f"{name}为{given}，本政策不在施行期内：{bounds}"
                if zh
                else f"{name} is {given}, and the policy is not in force then: {bounds}"
            )
        return f"{name}为{given}，超出范围：{bounds}" if zh else f"{name} is {given}, outside {bounds}"
    grain = ""
    if fact.grain is not None and isinstance(fact.kind, Quantity):
        grain = say_quantity(fact.grain, fact.kind, currency, language, plain=True)
    return (
        f"{name}为{given}，应为{grain}的整数倍"
        if zh
        else f"{name} is {given}; it must be a multiple of {grain}"
    )


def _read(text: str, kind: Kind, optional: bool, program: Program) -> Value:
    match kind:
        case MemberOf():
            category = program.category(kind.category)
            if optional and text.lower() in _NONE and _find(text, category) is None:
                return None
            return _member(text, category)
        case SetOf():
            return _members(text, program.category(kind.category))
        case _ if optional and text.lower() in _NONE:
            return None
        case Quantity():
            return _quantity(text, kind, program.header.currency)
        case YesNo():
            if text.lower() in _YES + _NO:
                return text.lower() in _YES
            raise Unreadable(f"“{text}” is neither yes nor no", f"“{text}”既不是“是”也不是“否”")
        case Day():
            return _day(text)
        case _:
            assert_never(kind)


def _quantity(text: str, kind: Quantity, currency: Currency) -> Fraction:
    ascii_ = text.translate(_WIDE).replace(" ", "")
    if kind.percent and (ratio := _RATIO.fullmatch(ascii_)) and int(ratio[2]):
        return Fraction(int(ratio[1]), int(ratio[2]))
    found = _NUMBER.fullmatch(ascii_)
    if found is None:
        if kind.unit.power("money"):
            raise Unreadable(
                f"“{text}” is no amount; write it like 150000元 or 15万元",
                f"“{text}”不是金额，写法如150000元、15万元",
            )
        raise Unreadable(f"“{text}” is no number", f"“{text}”不是数字")
    whole, part = found["whole"], found["part"] or ""
    if not _GROUPS.fullmatch(whole):
        raise Unreadable(
            f"the commas in “{text}” do not part groups of three digits",
            f"“{text}”中的逗号没有按三位分节",
        )
    whole = whole.replace(",", "")
    if len(whole) > WHOLE_DIGITS or len(part) > PART_DIGITS:
        raise Unreadable(
            f"“{text}” has too many digits: at most {WHOLE_DIGITS} and {PART_DIGITS} decimals",
            f"“{text}”位数过多：整数至多{WHOLE_DIGITS}位，小数至多{PART_DIGITS}位",
        )
    number = Fraction(int(whole + part), 10 ** len(part)) * _TIMES[found["times"]]
    if found["sign"] in ("-", "−"):
        number = -number
    return number * _scale(text, found["unit"], bool(found["mark"]), number, kind, currency)


def _scale(
    text: str, unit: str, marked: bool, number: Fraction, kind: Quantity, currency: Currency
) -> Fraction:
    """What one of the `unit` written after a number is in the unit of `kind`."""
    if kind.percent:
        if unit in _RATES:
            return _RATES[unit]
        if not unit and not marked and not number:
            return Fraction(1)
        if not unit and not marked:
            figure = say_decimal(number)
            raise Unreadable(
                f"“{text}” has no per-cent sign; write {figure}% if that is meant",
                f"“{text}”没有百分号；如为百分之{figure}，写作{figure}%",
            )
    elif kind.unit.power("money"):
        if scale := _money_scale(unit, marked, kind, currency):
            return scale
    elif not marked:
        if not unit:
            return Fraction(1)
        if len(kind.unit.powers) == 1 and unit.lower() in _COUNT_WORDS.get(kind.unit.powers[0][0], ()):
            return Fraction(1)
        if kind.unit.powers and unit == say_unit(kind.unit, currency, "zh"):
            return Fraction(1)
    wanted = Words(*(say_unit(kind.unit, currency, c) for c in ("en", "zh")))
    if kind.percent or not wanted.zh:
        what = (
            Words("a rate takes %", "比例的单位是%") if kind.percent else Words("it has none", "此项没有单位")
        )
        raise Unreadable(f"the unit of “{text}” does not fit: {what.en}", f"“{text}”的单位不对：{what.zh}")
    raise Unreadable(
        f"the unit of “{text}” does not fit: {wanted.en} is wanted",
        f"“{text}”的单位不对，应为{wanted.zh}",
    )


def _money_scale(unit: str, marked: bool, kind: Quantity, currency: Currency) -> Fraction | None:
    head, slash, per = unit.partition("/")
    if slash and per.replace("/", "·") != _per(kind, currency):
        return None
    if marked:
        return Fraction(1) if currency.code == "CNY" and head in ("", "元") else None
    if head.upper() in ("", currency.sign.upper(), currency.code):
        return Fraction(1)
    if currency.code == "CNY":
        return {"角": Fraction(1, 10), "分": Fraction(1, 100)}.get(head)
    return None


def _per(kind: Quantity, currency: Currency) -> str:
    return say_unit(kind.unit, currency, "zh").partition("/")[2]


def _from_decimal(given: Decimal) -> Fraction:
    if not given.is_finite():
        raise Unreadable(f"{given} is no number", f"{given}不是数")
    if not given:
        return Fraction(0)
    # The size is asked first: Decimal("1e400000") must not become an integer of 400,000 digits.
    exponent = int(given.as_tuple().exponent)
    if given.adjusted() < WHOLE_DIGITS and exponent >= -60:
        value = Fraction(given)
        if (value * 10**PART_DIGITS).denominator == 1:
            return value
    raise Unreadable(
        f"too many digits: at most {WHOLE_DIGITS} and {PART_DIGITS} decimals are taken",
        f"位数过多：整数至多{WHOLE_DIGITS}位，小数至多{PART_DIGITS}位",
    )


def _day(text: str) -> date:
    found = _DAY.fullmatch(text.translate(_WIDE).replace(" ", ""))
    if found is None or (found[2], found[4], found[6]) not in (
        ("-", "-", ""),
        ("/", "/", ""),
        (".", ".", ""),
        ("年", "月", "日"),
    ):
        raise Unreadable(
            f"“{text}” is no day; write it like 2021-08-10",
            f"“{text}”不是日期，写法如2021年8月10日、2021-08-10",
        )
    try:
        return date(int(found[1]), int(found[3]), int(found[5]))
    except ValueError:
        raise Unreadable(f"there is no day {text}", f"没有{text}这一天") from None


def _members(text: str, category: Category) -> frozenset[str]:
    if _find(text, category) is None and text.lower() in _NONE:
        return frozenset()
    parts = (text,) if _find(text, category) is not None else _COMMAS.split(text)
    return frozenset(_member(p.strip(), category) for p in parts)


def _member(text: str, category: Category) -> str:
    found = _find(text, category)
    if found is not None:
        return found
    known = [n for m in category.members for n in (*names(m.name), *([m.code] if m.code else []))]
    near = nearest(text, known)
    meant = Words(f"; is “{near}” meant", f"，是否指“{near}”") if near else Words("", "")
    raise Unreadable(
        f"“{text}” is not one of {_listed(category, 'en')}{meant.en}",
        f"“{text}”不在以下各项之中：{_listed(category, 'zh')}{meant.zh}",
    )


def _find(text: str, category: Category) -> str | None:
    """The key of the member called `text`; a key, name or label goes before a code."""
    for member in category.members:
        if text in names(member.name):
            return member.name.key
    for member in category.members:
        if member.code is not None and text == member.code:
            return member.name.key
    folded = [m.name.key for m in category.members if text.lower() in map(str.lower, names(m.name))]
    return folded[0] if len(folded) == 1 else None


def _listed(category: Category, language: Language) -> str:
    words: Sequence[str] = [say_name(m.name, language) for m in category.members]
    return one_of(words, "、" if language == "zh" else ", ")
