"""How do the checks speak of values and people? In the policy's own words, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Literal

from policydsl.amounts import say_decimal, say_name, say_unit, say_value
from policydsl.checks.views import ON, View
from policydsl.diagnostics.model import Language, Words
from policydsl.expressions import Value
from policydsl.facts import Fact, Name, Quote
from policydsl.kinds import Currency, Day, Kind, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.model import Policy

LANGUAGES: tuple[Language, Language] = ("en", "zh")


def both(en: str, zh: str) -> Words:
    return Words(en, zh)


def named(name: Name) -> Words:
    """What people call it."""
    return Words(say_name(name, "en"), say_name(name, "zh"))


def leading(name: Words) -> Words:
    """A name before a figure: in Chinese one that ends in a letter takes a space."""
    return Words(name.en, f"{name.zh} " if name.zh[-1:].isascii() and name.zh[-1:].isalnum() else name.zh)


def figure(x: Value, kind: Kind, policy: Policy) -> Words:
    """A value in its unit, in the style of a sentence: 150000元, 60%, 银川市."""

    def say(language: Language) -> str:
        return say_value(
            x,
            kind,
            currency=policy.header.currency,
            categories=policy.categories,
            language=language,
            plain=True,
        )

    return Words(say("en"), say("zh"))


def amount(x: Fraction, kind: Kind, policy: Policy) -> Words:
    """An amount without "per person and year": 580元, where the sentence is about amounts alone."""
    if is_money(kind) or not isinstance(kind, Quantity):
        text = f"{say_decimal(x)}{_sign(policy.header.currency)}"
        return Words(text, text)
    return figure(x, kind, policy)


def money(x: Fraction, policy: Policy) -> str:
    """An amount of money with all the decimals of its grain: 54000.00元."""
    currency = policy.header.currency
    places = len(str(currency.grain.denominator)) - 1
    return f"{say_decimal(x, places)}{_sign(currency)}"


def _sign(currency: Currency) -> str:
    return currency.sign if not currency.sign.isascii() else f" {currency.sign}"


def edge(x: Fraction, kind: Kind, policy: Policy) -> Words:
    """A bound of a band or of a row; that of days is written as the day it is."""
    if isinstance(kind, Day):
        return figure(date.fromordinal(int(x)), kind, policy)
    return amount(x, kind, policy)


def listed(parts: Iterable[Words], joint: Literal["、", " + ", "，"] = "、") -> Words:
    """Several things one after another: 银川市、普通; in English with commas."""
    each = list(parts)
    en = ", " if joint in "、，" else joint
    return Words(en.join(w.en for w in each), joint.join(w.zh for w in each))


def person(seen: View, leave_out: Iterable[str] = ()) -> Words:
    """The facts known of a case: 银川市、普通参保人员."""
    gone = set(leave_out)
    return listed(
        _fact_words(seen.inputs.get(key), key, seen.facts[key], seen.policy)
        for key in seen.facts
        if key not in gone
    )


def _fact_words(fact: Fact | None, key: str, x: Value, policy: Policy) -> Words:
    if key == ON and isinstance(x, date):
        return Words(f"on {x.isoformat()}", f"{x.year}年{x.month}月{x.day}日")
    if fact is None:
        return Words(str(x), str(x))
    name = named(fact.name)
    if x is None:
        return Words(f"without {name.en}", f"无{name.zh}")
    match fact.kind:
        case YesNo():
            return name if x else Words(f"not {name.en}", f"非{name.zh}")
        case MemberOf():
            return figure(x, fact.kind, policy)
        case SetOf():
            if not x:
                return Words(f"no {name.en}", f"无{name.zh}")
            held = figure(x, fact.kind, policy)
            return Words(held.en.replace(", ", " and "), held.zh.replace("、", "，同时是", 1))
        case _:
            said = figure(x, fact.kind, policy)
            return Words(f"{name.en} {said.en}", f"{leading(name).zh}{said.zh}")


def case(seen: View, more: Mapping[str, Value] | None = None) -> tuple[tuple[str, str], ...]:
    """The facts known of a case as they would stand in an `example`."""
    facts = {**seen.facts, **(more or {})}
    order = [ON, *seen.inputs]
    return tuple(
        (_written(seen.inputs.get(k), k), _pasted(seen.inputs.get(k), facts[k], seen.policy))
        for k in sorted(facts, key=lambda k: order.index(k) if k in order else len(order))
    )


def _written(fact: Fact | None, key: str) -> str:
    return key if fact is None else fact.name.written


def _pasted(fact: Fact | None, x: Value, policy: Policy) -> str:
    if isinstance(x, date):
        return x.isoformat()
    if x is None:
        return "none"
    if isinstance(x, bool):
        return "yes" if x else "no"
    if isinstance(x, Fraction):
        if fact is not None and isinstance(fact.kind, Quantity) and fact.kind.unit.powers:
            unit = say_unit(fact.kind.unit, policy.header.currency, "zh")
            return f"{say_decimal(x)}{' ' if unit[:1].isascii() else ''}{unit}"
        percent = fact is not None and isinstance(fact.kind, Quantity) and fact.kind.percent
        return f"{say_decimal(x * 100)}%" if percent else say_decimal(x)
    category = fact.kind.category if fact is not None and isinstance(fact.kind, (MemberOf, SetOf)) else ""
    if isinstance(x, frozenset):
        return f"({', '.join(members_written(x, category, policy))})"
    return members_written([x], category, policy)[0]


def members_written(keys: Iterable[str], category: str, policy: Policy) -> list[str]:
    """Members as the policy file writes them, in the order of their category."""
    wanted = set(keys)
    names = {
        m.name.key: m.name.written for c in policy.categories if c.name.key == category for m in c.members
    }
    return [w for k, w in names.items() if k in wanted] + sorted(wanted - set(names))


def members(keys: Iterable[str], category: str | None, policy: Policy) -> Words:
    """Members as people call them: 山区、川区."""
    if category is None:
        said = {"yes": Words("yes", "是"), "no": Words("no", "否")}
        return listed(said.get(k, Words(k, k)) for k in keys)
    return figure(frozenset(keys), SetOf(category), policy)


_FIGURES = re.compile(r"[0-9]+(?:[,，][0-9]{3})*(?:\.[0-9]+)?")
_TIMES = {"万": 10_000, "亿": 100_000_000}


def figures_in(quotes: Iterable[Quote]) -> Iterator[Fraction]:
    """The figures printed in quoted words, without their units; 10万元 counts as 10 and as 100000."""
    for quote in quotes:
        for found in _FIGURES.finditer(quote.words):
            x = Fraction(found.group().replace(",", "").replace("，", ""))
            yield x
            after = quote.words[found.end() : found.end() + 1]
            if after in _TIMES:
                yield x * _TIMES[after]
