"""How does a page of the policy put things? As an official would write them, in Chinese or English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from policydsl.amounts import decimals, say_decimal, say_interval, say_unit
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Compare,
    Constant,
    Expr,
    Finish,
    HasAny,
    Input,
    Interval,
    IsMember,
    Limit,
    Not,
    Ref,
    Rounding,
    Value,
)
from policydsl.facts import Fact, Name
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo
from policydsl.model import Property
from policydsl.nodes import node
from policydsl.wording import Speech, Style

_ORDER = {
    "<": ("低于", "is below"),
    "<=": ("不超过", "is at most"),
    ">": ("超过", "is over"),
    ">=": ("不低于", "is at least"),
}
_DAYS = {
    "<": ("早于", "is before"),
    "<=": ("不晚于", "is not after"),
    ">": ("晚于", "is after"),
    ">=": ("不早于", "is not before"),
}
_PRINTED_RATIO = re.compile(r"[0-9]+\s*/\s*[0-9]+")
_CHANGES = {
    "fall": ("不减少", "does not fall"),
    "rise": ("不增加", "does not rise"),
    "jump": ("不跳变", "does not jump"),
}
_KINDS = {
    "person": ("人数", "persons"), "household": ("户数", "households"), "case": ("次数", "cases"),
    "year": ("年数", "years"), "month": ("月数", "months"), "day": ("天数", "days"),
}  # fmt: skip
_SCOPES = {
    "total": ("结果", "the result is"),
    "slice": ("每段费用", "each slice is"),
    "product": ("每段金额", "each slice's payment is"),
}


@node
class Voice(Speech):
    """The words of a page; values stand in the plain style, and comparisons in words."""

    # names

    def name(self, name: Name) -> str:
        """What a thing is called; in English a name of programs reads as words: self pay."""
        return self._words(super().name(name))

    def members(self, keys: frozenset[str], category: str) -> str:
        return self._words(super().members(keys, category))

    def value(self, value: Value, kind: Kind, *, plain: bool = False) -> str:
        words = super().value(value, kind, plain=plain)
        return self._words(words) if isinstance(kind, MemberOf | SetOf) else words

    def _words(self, name: str) -> str:
        return name.replace("_", " ") if self.language == "en" else name

    def definition(self, key: str) -> str:
        """What a definition is called; a figure that another document sets is a fact of the case."""
        open_figure = next((f.name for f in self.program.facts if f.name.key == key), None)
        return super().definition(key) if open_figure is None else self.name(open_figure)

    # sentences

    def joined(self, *words: str) -> str:
        """Words together; in Chinese only a Latin letter stands apart, a figure does not."""
        if self.language == "en":
            return " ".join(words)
        text = words[0]
        for word in words[1:]:
            apart = (text[-1].isascii() and text[-1].isalpha()) or (word[0].isascii() and word[0].isalpha())
            text += f" {word}" if apart else word
        return text

    def stop(self, *clauses: str) -> str:
        """Clauses as one sentence with its full stop."""
        words = self.pick("，", ", ").join(c for c in clauses if c)
        return words + "。" if self.language == "zh" else f"{words[:1].upper()}{words[1:]}."

    def said(self, value: Value, kind: Kind) -> str:
        """A value in a sentence: 15412元/人·年."""
        return self.value(value, kind, plain=True)

    def short(self, value: Value, kind: Kind) -> str:
        """A value with 万 or 亿 where it is a whole number of them: 10万元, 1亿元."""
        if isinstance(value, Fraction) and isinstance(kind, Quantity) and self.counts_in_wan(kind):
            unit = say_unit(kind.unit, self.program.header.currency, self.language)
            for size, word in ((10**8, "亿"), (10**4, "万")):
                if value and value % size == 0:
                    return f"{say_decimal(value / size)}{word}{unit}"
        return self.said(value, kind)

    def counts_in_wan(self, kind: Kind) -> bool:
        """Whether large values of a kind are told in 万: money in 元, in Chinese."""
        money = isinstance(kind, Quantity) and kind.unit.power("money") == 1
        return money and self.language == "zh" and self.program.header.currency.sign == "元"

    # expressions

    def compare(self, expr: Compare, style: Style) -> str:
        if expr.op in ("==", "!=") or style != "names":
            if expr.op == "==" and isinstance(expr.left.kind, Quantity) and style == "names":
                return f"{self._expr(expr.left, style, 1)} = {self._expr(expr.right, style, 1)}"
            return super().compare(expr, style)
        words = (_DAYS if isinstance(expr.left.kind, Day) else _ORDER)[expr.op]
        return self.joined(
            self._expr(expr.left, style, 1), self.pick(*words), self._expr(expr.right, style, 1)
        )

    def _expr(self, expr: Expr, style: Style, outer: int) -> str:
        match expr:
            case Constant(kind=Quantity() as kind) if not kind.unit.powers and not kind.percent:
                written = expr.span.text
                if _PRINTED_RATIO.fullmatch(written):  # a half stays 1/2, as it is printed
                    return written + (self.brackets(expr.origin) if expr.origin else "")
            case HasAny() | IsMember() if self.language == "zh":
                assert isinstance(expr.operand.kind, MemberOf | SetOf)
                members = self.members(expr.members, expr.operand.kind.category)
                one = len(expr.members) == 1
                return self.joined(
                    self._expr(expr.operand, style, 1), "属于", members if one else f"{members}之一"
                )
            case Not(operand=operand) if self.language == "zh":
                inside = self._expr(operand, style, 0)
                return f"“{inside}”为否" if isinstance(operand, Input | Ref) else f"并非“{inside}”"
            case _:
                pass
        return super()._expr(expr, style, outer)

    # figures in columns

    def unit(self, kind: Kind) -> str:
        """The unit that a column's head names, "" for what has none: 元, %, 天."""
        if not isinstance(kind, Quantity):
            return ""
        if kind.percent:
            return "%"
        return say_unit(kind.unit, self.program.header.currency, self.language)

    def bare(self, value: Value, kind: Kind) -> str:
        """A value under a head that names its unit: 10000, 60."""
        if isinstance(value, Fraction) and isinstance(kind, Quantity):
            if kind.percent:
                return (
                    say_decimal(value * 100) if decimals(value) is not None else f"{say_decimal(value)} × 100"
                )
            return say_decimal(value)
        return self.value(value, kind, plain=True)

    def cell(self, expr: Expr, kind: Kind) -> str:
        """A cell under a head that names its unit; what is computed is written out."""
        if isinstance(expr, Constant) and expr.origin is None:
            return self.bare(expr.value, kind)
        return self.expr(expr)

    def band(self, interval: Interval) -> str:
        """A range as printed, its figures without the unit that the head names: 100001至200000."""

        def edge(expr: Expr | None) -> str | None:
            return None if expr is None else self.cell(expr, expr.kind)

        if interval.low is not None and interval.low == interval.high:
            return edge(interval.low) or ""
        low, high = edge(interval.low), edge(interval.high)
        if self.language == "zh" and high and not interval.high_closed:
            if low is None:
                return f"不满{high}"
            return f"{low}以上不满{high}" if interval.low_closed else f"超过{low}不满{high}"
        if self.language == "zh" and interval.low_closed and interval.high_closed and low and high:
            return f"{low}–{high}" if isinstance(interval.low, Constant) else f"{low}至{high}"
        return say_interval(low, interval.low_closed, high, interval.high_closed, self.language)

    # kinds and ranges

    def kind(self, kind: Kind) -> str:
        """What a fact is: 金额（元）, 天数, 日期, 是否, 单选（地市）."""
        match kind:
            case Quantity():
                return self._quantity(kind)
            case YesNo():
                return self.pick("是否", "yes or no")
            case Day():
                return self.pick("日期", "a date")
            case MemberOf():
                return self.pick("单选", "one of") + self.pick(
                    f"（{self.category(kind.category)}）", f" {self.category(kind.category)}"
                )
            case SetOf():
                return self.pick("多选", "any of") + self.pick(
                    f"（{self.category(kind.category)}）", f" {self.category(kind.category)}"
                )
            case _:
                assert_never(kind)

    def _quantity(self, kind: Quantity) -> str:
        if kind.unit.power("money"):
            return self.pick("金额", "an amount") + self.brackets(self.unit(kind))
        if kind.percent:
            return self.pick("比例", "a rate")
        powers = kind.unit.powers
        if len(powers) == 1 and powers[0][1] == 1:
            zh, en = _KINDS[powers[0][0]]
            return self.pick(zh, f"a number of {en}")
        if powers:
            return self.pick("数值", "a number") + self.brackets(self.unit(kind))
        return self.pick("数值", "a number")

    def category(self, key: str) -> str:
        return next((self.name(c.name) for c in self.program.categories if c.name.key == key), key)

    def range(self, fact: Fact) -> str:
        """From where to where a fact may lie, "" when it has no bounds."""
        if fact.high is None and (fact.low is None or fact.low == 0):
            return ""
        low, high = (None if b is None else self.short(b, fact.kind) for b in (fact.low, fact.high))
        if isinstance(fact.kind, Day) and low is None:
            return self.pick(f"至{high}", f"until {high}")
        if isinstance(fact.kind, Day) and high is None:
            return self.pick(f"{low}起", f"from {low}")
        return say_interval(low, True, high, True, self.language)

    # lines after a value

    def finish(self, clauses: Sequence[Finish], kind: Kind, holder: str | None = None) -> list[str]:
        """The roundings and limits of a definition, a sentence each."""
        lines = []
        for clause in clauses:
            match clause:
                case Rounding():
                    zh, en = _SCOPES[clause.scope]
                    to = self.rounded_to(clause.mode, clause.step, kind)
                    words = self.pick(f"{zh}{to}", f"{en} {to}")
                    if clause.holder == LARGEST_FRACTIONS:
                        words = self.pick(
                            f"各方先舍去到{self.step(clause.step, kind)}，尾差按最大余数分配",
                            f"each share is rounded down to {self.step(clause.step, kind)}, what is left goes to the largest fractions",
                        )
                    elif holder is not None:
                        words = self.pick(
                            f"各方数额{to}，尾差归{holder}",
                            f"each share is {to}, the remainder goes to {holder}",
                        )
                    lines.append(self.stop(words))
                case Limit():
                    bound = self.expr(clause.bound)
                    lines.append(
                        self.stop(self.pick(f"最高不超过{bound}", f"it is at most {bound}"))
                        if clause.which == "cap"
                        else self.stop(self.pick(f"最低不低于{bound}", f"it is at least {bound}"))
                    )
                case _:
                    assert_never(clause)
        return lines

    # properties

    def property(self, prop: Property) -> str:
        """What a policy promises, or asks of the policies below it."""
        if prop.holds is not None:
            words = self.expr(prop.holds)
        else:
            assert prop.output is not None and prop.change is not None and prop.along is not None
            output, change = self.expr(prop.output), self.pick(*_CHANGES[prop.change])
            fact = self.program.fact(prop.along)
            if prop.members is not None:
                assert isinstance(fact.kind, MemberOf | SetOf)
                first, second = (self.members(frozenset({m}), fact.kind.category) for m in prop.members)
                words = self.pick(
                    f"{self.fact(prop.along)}由{first}改为{second}时，{output}{change}",
                    f"as {self.fact(prop.along)} goes from {first} to {second}, {output} {change}",
                )
            else:
                words = self.pick(
                    f"{self.fact(prop.along)}增加时，{output}{change}",
                    f"as {self.fact(prop.along)} rises, {output} {change}",
                )
        if prop.when is None:
            return self.stop(words)
        when = self.expr(prop.when)
        return self.stop(self.pick(f"{when}的", f"where {when}"), words)
