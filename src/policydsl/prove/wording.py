"""How does the prover speak? Names, amounts and people of a program, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

from policydsl.amounts import say_decimal, say_members, say_name, say_number, say_value
from policydsl.diagnostics.model import Language, Words
from policydsl.expressions import Value
from policydsl.facts import Name
from policydsl.ir import Allotment, Definition, Lookup, Program
from policydsl.kinds import Kind, Quantity, is_money
from policydsl.model import Policy

NOTHING = Words("", "")

#: whose currency and categories are spoken of
Speaker: TypeAlias = Program | Policy


def both(text: str) -> Words:
    return Words(text, text)


def named(name: Name) -> Words:
    """What people call it."""
    return Words(say_name(name, "en"), say_name(name, "zh"))


def leading(name: Words) -> Words:
    """A name before a figure: in Chinese one that ends in a letter takes a space."""
    last = name.zh[-1:]
    return Words(name.en, f"{name.zh} " if last.isascii() and last.isalnum() else name.zh)


def amount(value: Fraction, kind: Kind, speaker: Speaker) -> Words:
    """An amount without "per person and year", where the sentence is about amounts alone: 580元."""
    currency = speaker.header.currency
    if is_money(kind):
        sign = currency.sign if not currency.sign.isascii() else f" {currency.sign}"
        return both(f"{say_decimal(value)}{sign}")
    return value_words(value, kind, speaker)


def value_words(value: Value, kind: Kind, speaker: Speaker) -> Words:
    """A value in its unit, as it stands in a sentence: 60%, 30天, 银川市."""

    def say(language: Language) -> str:
        return say_value(
            value,
            kind,
            currency=speaker.header.currency,
            categories=speaker.categories,
            language=language,
            plain=True,
        )

    return Words(say("en"), say("zh"))


def figure(value: Fraction) -> str:
    """A figure without its unit: 104, 13.5."""
    return say_number(value, plain=True)


def points(value: Fraction, kind: Kind, speaker: Speaker) -> Words:
    """A difference: of two rates in percentage points, of two amounts in their unit."""
    if isinstance(kind, Quantity) and kind.percent:
        many = figure(value * 100)
        return Words(f"{many} point{'' if value == Fraction(1, 100) else 's'}", f"{many}个百分点")
    return amount(value, kind, speaker)


def listed(parts: Iterable[Words], en: str = ", ", zh: str = "、") -> Words:
    each = list(parts)
    return Words(en.join(w.en for w in each), zh.join(w.zh for w in each))


def output(definition: Definition, part: str | None) -> Words:
    """An output, or a part of one: payout, funding.central."""
    whole = named(definition.name)
    if part is None:
        return whole
    one = part_name(definition, part)
    return Words(f"{whole.en}.{one.en}", f"{whole.zh}.{one.zh}")


def part_name(definition: Definition, part: str) -> Words:
    """A payer or a column as people call it."""
    if isinstance(definition.body, Allotment) and part == "total":
        return Words("total", "合计")
    return next((named(name) for name in parts_of(definition) if name.key == part), both(part))


def parts_of(definition: Definition) -> tuple[Name, ...]:
    """The names of its payers, or of its columns."""
    body = definition.body
    if isinstance(body, Allotment):
        return (*body.leaves, *body.subtotals)
    return body.results if isinstance(body, Lookup) else ()


def members(keys: Iterable[str], category: str | None, speaker: Speaker) -> Words:
    """Members as people call them: 山区、川区."""
    if category is None:
        known = {"yes": Words("yes", "是"), "no": Words("no", "否")}
        return listed(known.get(k, both(k)) for k in keys)
    each = list(keys)
    return Words(
        say_members(each, category, speaker.categories, "en"),
        say_members(each, category, speaker.categories, "zh"),
    )
