"""How are expressions, ranges, quotes and choices said to people? In names, in figures, or in names with their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias, assert_never

from policydsl.amounts import (
    say_day,
    say_figure,
    say_interval,
    say_members,
    say_name,
    say_quantity,
    say_value,
)
from policydsl.diagnostics.model import Language
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Add,
    And,
    Compare,
    Constant,
    Divide,
    Expr,
    Extreme,
    Finish,
    HasAny,
    If,
    Input,
    Interval,
    IsMember,
    Limit,
    Multiply,
    Not,
    Or,
    Present,
    Ref,
    Round,
    Rounding,
    RoundingMode,
    Subtract,
    Test,
    Undefined,
    Value,
    Within,
    children,
)
from policydsl.facts import Name, Quote
from policydsl.ir import Allotment, Definition, Exceptions, Ground, Lookup, Overlap, Program
from policydsl.kinds import Kind, MemberOf, Quantity, SetOf, Unit
from policydsl.nodes import Node, node
from policydsl.rounding import end_of_period
from policydsl.trace import Computed, Step

#: "names": 个人缴费标准 − 参保补助. "both": 个人缴费标准（300.00元/人） − 参保补助（270.00元/人）.
Style: TypeAlias = Literal["names", "both"]

ROUNDINGS: dict[RoundingMode, tuple[str, str]] = {
    "half_up": ("四舍五入到", "rounded half up to"),
    "half_down": ("五舍六入到", "rounded half down to"),
    "half_even": ("四舍六入五成双到", "rounded half even to"),
    "up": ("进一到", "rounded up to"),
    "down": ("舍去到", "rounded down to"),
    "ceiling": ("向上取整到", "rounded to the ceiling of"),
    "floor": ("向下取整到", "rounded to the floor of"),
}
OVERLAPS: dict[Overlap, tuple[str, str]] = {
    "agree": ("各项结果相同", "all give the same"),
    "first": ("按先后次序", "the first applies"),
    "greatest": ("就高", "the greatest applies"),
    "least": ("就低", "the least applies"),
    "sum": ("累加", "they add up"),
    "count": ("计数", "they are counted"),
}
#: The mark of everything that is made from a notice that is not issued.
DRAFT = (
    "【征求意见稿：只供测算，不作支付依据】",
    "[DRAFT FOR COMMENT: for estimates only, no ground for payment]",
)

#: What a choice is about: a line of the definition, how several rows or grounds agree, whole-unit
#: bands read as continuous, one ground, or the definition as a whole.
About: TypeAlias = Finish | Ground | Literal["overlap", "bands", "definition"]

_OPS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@node
class Speech(Node):
    """One language, the policy whose names are spoken, and the values of one case."""

    program: Program
    language: Language
    facts: Mapping[str, Value]
    steps: Mapping[str, Step]

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def brackets(self, words: str) -> str:
        return self.pick(f"（{words}）", f" ({words})")

    def joined(self, *words: str) -> str:
        """Words of a condition: apart in English, together in Chinese but for letters and digits."""
        if self.language == "en":
            return " ".join(words)
        text = words[0]
        for word in words[1:]:
            text += " " + word if text[-1].isascii() or word[0].isascii() else word
        return text

    def quoted(self, words: str) -> str:
        return f"“{words}”"

    def listed(self, words: list[str]) -> str:
        return self.pick("、", ", ").join(words)

    # names

    def name(self, name: Name) -> str:
        return say_name(name, self.language)

    def fact(self, key: str) -> str:
        return self.name(self.program.fact(key).name)

    def definition(self, key: str) -> str:
        return self.name(self.program.definition(key).name)

    def part(self, definition: Definition, key: str) -> str:
        """A payer of a split, or a column of a table."""
        body = definition.body
        names: tuple[Name, ...] = ()
        if isinstance(body, Allotment):
            names = (*body.leaves, *body.subtotals)
        elif isinstance(body, Lookup):
            names = body.results
        return next((self.name(n) for n in names if n.key == key), key)

    def ref(self, ref: Ref) -> str:
        whole = self.definition(ref.key)
        if ref.part is None:
            return whole
        part = self.part(self.program.definition(ref.key), ref.part)
        return self.pick(f"{whole}之{part}", f"{whole}.{part}")

    def members(self, keys: frozenset[str], category: str) -> str:
        return say_members(keys, category, self.program.categories, self.language)

    # values

    def value(self, value: Value, kind: Kind, *, plain: bool = False) -> str:
        return say_value(
            value,
            kind,
            currency=self.program.header.currency,
            categories=self.program.categories,
            language=self.language,
            plain=plain,
        )

    def figure(self, value: Fraction, kind: Kind) -> str:
        """A quantity inside a calculation: money without its unit, all else with it."""
        assert isinstance(kind, Quantity)
        if kind.unit.power("money"):
            return say_figure(value, self.program.header.currency)
        return say_quantity(value, kind, self.program.header.currency, self.language)

    def step(self, step: Fraction, kind: Kind) -> str:
        """The unit that a rounding rounds to: 0.01元."""
        if isinstance(kind, Quantity) and kind.unit.power("money"):
            kind = Quantity(Unit((("money", 1),)))
        return self.value(step, kind, plain=True)

    def rounded_to(self, mode: RoundingMode, step: Fraction, kind: Kind) -> str:
        """四舍五入到0.01元."""
        zh, en = ROUNDINGS[mode]
        return self.pick(zh, f"{en} ") + self.step(step, kind)

    # expressions

    def expr(self, expr: Expr, style: Style = "names") -> str:
        """The expression in the policy's names; with "both" each name has its value beside it."""
        return self._expr(expr, style, 0)

    def _expr(self, expr: Expr, style: Style, outer: int) -> str:
        def binary(sign: str, left: Expr, right: Expr, level: int) -> str:
            words = f"{self._expr(left, style, level)} {sign} {self._expr(right, style, level + 1)}"
            return f"({words})" if level < outer else words

        match expr:
            case Constant():
                words = self.value(expr.value, expr.kind, plain=True)
                return words if expr.origin is None else words + self.brackets(expr.origin)
            case Input():
                value = self.facts.get(expr.key)
                return self._named(self.fact(expr.key), value, expr.kind, style)
            case Ref():
                return self._named(self.ref(expr), self._ref_value(expr), expr.kind, style)
            case Add():
                return binary("+", expr.left, expr.right, 1)
            case Subtract():
                return binary("−", expr.left, expr.right, 1)
            case Multiply():
                return binary("×", expr.left, expr.right, 2)
            case Divide():
                return binary("÷", expr.left, expr.right, 2)
            case Extreme():
                operands = self.listed([self._expr(o, style, 0) for o in expr.operands])
                greater = expr.which == "greatest"
                return self.pick(
                    f"（{operands}）中{'较高者' if greater else '较低者'}",
                    f"{'greater' if greater else 'smaller'} of ({operands})",
                )
            case Round():
                operand = self._expr(expr.operand, style, 1)
                to = self.rounded_to(expr.mode, expr.step, expr.kind)
                return f"({operand} {to})"
            case If():
                condition = self._expr(expr.condition, style, 0)
                then = self._expr(expr.then, style, 0)
                otherwise = self._expr(expr.otherwise, style, 0)
                return self.pick(
                    f"（如果 {condition} 则 {then} 否则 {otherwise}）",
                    f"(if {condition} then {then} else {otherwise})",
                )
            case Compare():
                return self.compare(expr, style)
            case And():
                words = self._all_of(self.pick("且", "and"), [self._expr(o, style, 1) for o in expr.operands])
                return self.pick(f"（{words}）", f"({words})") if outer else words
            case Or():
                words = self._all_of(self.pick("或", "or"), [self._expr(o, style, 1) for o in expr.operands])
                return self.pick(f"（{words}）", f"({words})") if outer else words
            case Not():
                words = self._expr(expr.operand, style, 0)
                return self.pick(f"并非（{words}）", f"not ({words})")
            case IsMember():
                operand = self._expr(expr.operand, style, 1)
                category = _category(expr.operand)
                members = self.members(expr.members, category)
                if len(expr.members) == 1:
                    return self.joined(operand, self.pick("为", "is"), members)
                return self.joined(operand, self.pick(f"属于（{members}）", f"is one of ({members})"))
            case HasAny():
                operand = self._expr(expr.operand, style, 1)
                members = self.members(expr.members, _category(expr.operand))
                if len(expr.members) == 1:
                    return self.joined(operand, self.pick("含", "has"), members)
                return self.joined(operand, self.pick(f"含任一（{members}）", f"has any of ({members})"))
            case Present():
                fact = self.fact(expr.key)
                return self.joined("有", fact) if self.language == "zh" else f"{fact} exists"
            case Within():
                return self._within(expr, style)
            case Undefined():
                return self.pick("不作规定", "undefined") + self.brackets(expr.because)
            case _:
                assert_never(expr)

    def _named(self, name: str, value: Value, kind: Kind, style: Style) -> str:
        if style == "names":
            return name
        absent = self.pick("无", "none")
        return name + self.brackets(absent if value is None else self.value(value, kind))

    def _ref_value(self, ref: Ref) -> Value:
        step = self.steps.get(ref.key)
        if step is None:
            return None
        if ref.part is None:
            return step.value
        value = step.part(ref.part)
        assert not isinstance(value, tuple)
        return value

    def compare(self, expr: Compare, style: Style) -> str:
        left, right = self._expr(expr.left, style, 1), self._expr(expr.right, style, 1)
        if expr.op in ("==", "!="):
            if expr.right == Constant(True, expr.right.kind, span=expr.right.span) and expr.op == "==":
                return left
            sign = self.pick("为", "is") if expr.op == "==" else self.pick("不为", "is not")
            return self.joined(left, sign, right)
        return f"{left} {_OPS[expr.op]} {right}"

    def _all_of(self, word: str, operands: list[str]) -> str:
        if self.language == "en":
            return f" {word} ".join(operands)
        return f"，{word}".join(f" {o}" if o[0].isascii() and i else o for i, o in enumerate(operands))

    def _within(self, expr: Within, style: Style) -> str:
        day, start = self._expr(expr.day, style, 1), self._expr(expr.start, style, 1)
        begins = self._day_of(expr.start) if style == "both" else None
        until = ""
        if begins is not None:
            end = end_of_period(begins, expr.length, expr.unit, expr.overflow)
            last = say_day(end, self.language)
            until = self.pick(f"（至{last}，含当日）", f" (until {last}, included)")
        if self.language == "zh":
            length = f"{expr.length}{ {'day': '天', 'month': '个月', 'year': '年'}[expr.unit] }"
            return self.joined(day, "在", start, "后") + f"{length}内{until}"
        length = f"{expr.length} {expr.unit}{'' if expr.length == 1 else 's'}"
        return f"{day} within {length} after {start}{until}"

    def _day_of(self, expr: Expr) -> date | None:
        value: Value = None
        if isinstance(expr, Constant):
            value = expr.value
        elif isinstance(expr, Input):
            value = self.facts.get(expr.key)
        elif isinstance(expr, Ref):
            value = self._ref_value(expr)
        return value if isinstance(value, date) else None

    # parts of declarations

    def test(self, test: Test, category: str | None, style: Style = "both") -> str:
        """What a row asks of one key: members, a range, or anything."""
        match test:
            case None:
                return self.pick("不限", "any")
            case frozenset():
                if category is None:
                    return self.listed(
                        sorted(self.pick({"yes": "是", "no": "否"}.get(t, t), t) for t in test)
                    )
                return self.members(test, category)
            case Interval():
                low = None if test.low is None else self.edge(test.low, style)
                high = None if test.high is None else self.edge(test.high, style)
                return say_interval(low, test.low_closed, high, test.high_closed, self.language)
            case _:
                assert_never(test)

    def edge(self, expr: Expr, style: Style = "both") -> str:
        """A bound of a range: a figure, or a name with its value."""
        if isinstance(expr, Constant):
            return self.value(expr.value, expr.kind, plain=style == "names")
        return self.expr(expr, style)

    def quote(self, quote: Quote) -> str:
        before = f"{quote.document} " if quote.document else ""
        return self.pick(
            f"{quote.document or '原文'}{quote.clause}：“{quote.words}”",
            f"{before}clause {quote.clause}: “{quote.words}”",
        )

    def period(self, start: date | None, end: date | None) -> str:
        """When a policy is in force; "" when it does not say."""
        if start is None:
            return ""
        first = say_day(start, self.language)
        if end is None:
            return self.pick(f"{first}起施行", f"in force from {first}")
        last = say_day(end, self.language)
        return self.pick(f"{first}至{last}施行", f"in force {first} to {last}")

    def about(self, about: About, definition: Definition) -> str:
        """What the author of the policy settled in a definition."""
        match about:
            case Rounding():
                words = self.rounded_to(about.mode, about.step, definition.kind)
                if about.holder == LARGEST_FRACTIONS:
                    return words + self.pick("，尾差按最大余数分配", ", remainder by largest fractions")
                if about.holder is not None:
                    holder = self.part(definition, about.holder)
                    return words + self.pick(f"，尾差归{holder}", f", remainder to {holder}")
                if about.scope != "total":
                    return self.pick("每段", "each band ") + words
                return words
            case Limit():
                return self.pick(
                    "最高" if about.which == "cap" else "最低", "cap" if about.which == "cap" else "floor"
                )
            case Ground():
                return self.pick(f"例外“{self.name(about.name)}”", f"ground “{self.name(about.name)}”")
            case "bands":
                return self.pick("各段连续", "bands continuous")
            case "overlap":
                body = definition.body
                assert isinstance(body, Lookup | Exceptions)
                zh, en = OVERLAPS[body.overlap]
                return self.pick(f"同时符合时{zh}", f"where several apply, {en}")
            case "definition":
                return self.pick("读法", "the reading")
            case _:
                assert_never(about)

    # calculations

    def figures(self, computed: Computed) -> str:
        """The calculation in figures, each branch as it was taken: 300.00 − 270.00."""
        return self._figures(computed, 0, _one_unit(computed))

    def _figures(self, computed: Computed, outer: int, bare: bool) -> str:
        expr = computed.expr

        def binary(sign: str, level: int) -> str:
            left, right = computed.parts
            words = f"{self._figures(left, level, bare)} {sign} {self._figures(right, level + 1, bare)}"
            return f"({words})" if level < outer else words

        match expr:
            case Add():
                return binary("+", 1)
            case Subtract():
                return binary("−", 1)
            case Multiply():
                return binary("×", 2)
            case Divide():
                return binary("÷", 2)
            case If():
                return self._figures(computed.parts[1], outer, bare)
            case Extreme():
                operands = self.listed([self._figures(p, 0, bare) for p in computed.parts])
                greater = expr.which == "greatest"
                words = self.pick(
                    f"（{operands}）中{'较高者' if greater else '较低者'}",
                    f"{'greater' if greater else 'smaller'} of ({operands})",
                )
                return self._and_value(words, computed) if outer else words
            case Round():
                (operand,) = computed.parts
                inside = self._figures(operand, 1, bare)
                exact = self._leaf(operand, bare)
                to = self.rounded_to(expr.mode, expr.step, expr.kind)
                words = f"{inside} = {exact}" if inside != exact else exact
                return f"[{words}，{to}]" if self.language == "zh" else f"[{words}, {to}]"
            case _:
                return self._leaf(computed, bare)

    def _and_value(self, words: str, computed: Computed) -> str:
        return f"[{words} = {self._leaf(computed, False)}]"

    def _leaf(self, computed: Computed, bare: bool) -> str:
        kind = computed.expr.kind
        if bare and isinstance(computed.value, Fraction):
            return self.figure(computed.value, kind)
        return self.value(computed.value, kind)

    def chain(self, computed: Computed) -> str:
        """`= names = figures`, without what would only repeat; "" for a figure that stands for itself."""
        if isinstance(computed.expr, Constant):
            origin = computed.expr.origin
            return "" if origin is None else self.brackets(origin)
        words = f" = {self.expr(computed.expr)}"
        if isinstance(computed.expr, Input | Ref):
            return words
        return f"{words} = {self.figures(computed)}"

    def branches(self, computed: Computed) -> list[str]:
        """Why each `if` on the way took its branch."""
        lines: list[str] = []
        if isinstance(computed.expr, If):
            condition, branch = computed.parts
            lines.append(self.verdict(condition.expr, condition.value is True))
            return lines + self.branches(branch)
        for part in computed.parts:
            lines += self.branches(part)
        return lines

    def verdict(self, condition: Expr, holds: bool) -> str:
        words = self.expr(condition, "both")
        return self.pick(
            f"{'符合' if holds else '不符合'}：{words}", f"{'holds' if holds else 'does not hold'}: {words}"
        )


def _category(operand: Expr) -> str:
    kind = operand.kind
    return kind.category if isinstance(kind, MemberOf | SetOf) else ""


def _one_unit(computed: Computed) -> bool:
    """Whether every amount of money in the calculation has the unit of its result."""
    kind = computed.expr.kind
    stack = [computed]
    while stack:
        c = stack.pop()
        stack += c.parts
        own = c.expr.kind
        if (
            not c.parts
            and isinstance(own, Quantity)
            and isinstance(kind, Quantity)
            and own.unit.powers
            and own.unit != kind.unit
        ):
            return False
    return not children(computed.expr) or isinstance(kind, Quantity)
