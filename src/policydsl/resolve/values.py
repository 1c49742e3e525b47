"""What does an expression mean? Names bound, units checked, bare figures given the unit that is declared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import assert_never

from policydsl.amounts import say_rate
from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics import codes_sets as set_codes
from policydsl.diagnostics.model import Words, listed
from policydsl.expressions import (
    Add,
    And,
    Compare,
    CompareOp,
    Constant,
    Divide,
    DurationUnit,
    Expr,
    Extreme,
    HasAny,
    If,
    Input,
    IsMember,
    Limit,
    Multiply,
    Not,
    Or,
    Present,
    Ref,
    Round,
    Rounding,
    Subtract,
    Undefined,
    Within,
    children,
)  # fmt: skip
from policydsl.facts import Category
from policydsl.facts import Fact as PolicyFact
from policydsl.kinds import (
    AMOUNT,
    DAY,
    MONEY,
    NUMBER,
    PURE,
    RATE,
    YES_NO,
    Day,
    Kind,
    MemberOf,
    Quantity,
    SetOf,
    YesNo,
    is_money,
)  # fmt: skip
from policydsl.model import Period
from policydsl.nodes import Span, evolve
from policydsl.resolve.scope import Failed, Result, Scope, near, spellings
from policydsl.resolve.timelines import ALWAYS, days_of, meets, picked
from policydsl.syntax import ast
from policydsl.syntax.words import meaning

Guards = frozenset[str]
NO_GUARDS: Guards = frozenset()
_DURATIONS: tuple[DurationUnit, ...] = ("day", "month", "year")


class Values:
    """Resolves the expressions of one policy in its scope.

    `guards` are the optional inputs known to exist where an expression stands. `wanted` is the
    kind that is declared there, if any: bare figures adopt its unit.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    # entry points

    def of_kind(self, value: ast.Value, wanted: Kind | None, guards: Guards = NO_GUARDS) -> Expr:
        """`value` as a value of the kind `wanted`; with None, of whatever kind it has."""
        expr = self.value(value, guards, wanted)
        return self.adopt(expr, wanted) if wanted is not None else expr

    def condition(self, value: ast.Value, guards: Guards = NO_GUARDS) -> Expr:
        expr = self.value(value, guards)
        if not isinstance(expr.kind, YesNo):
            self.wrong_kind(expr, YES_NO)
        return expr

    def constant(self, value: ast.Value, wanted: Kind) -> Constant:
        """A value that is written out, as one constant of the kind `wanted`."""
        expr = self.of_kind(value, wanted)
        folded = fold(expr)
        if folded is None:
            self.scope.fail(codes.NOT_CONSTANT, expr.span)
        return folded

    # adoption of units

    def adopt(self, expr: Expr, wanted: Kind) -> Expr:
        """`expr` as a value of `wanted`: bare figures take its unit, everything else must have it."""
        if isinstance(wanted, Quantity) and isinstance(expr.kind, Quantity):
            if expr.kind.unit == wanted.unit:
                self._check_rate(expr, wanted)
                return _with_kind(expr, wanted)
            if _is_figures(expr):
                return self._give_unit(expr, wanted)
            if isinstance(expr, If):
                then, otherwise = self.adopt(expr.then, wanted), self.adopt(expr.otherwise, wanted)
                return evolve(expr, then=then, otherwise=otherwise, kind=wanted)
        elif expr.kind == wanted:
            return expr
        elif isinstance(expr, Undefined):
            return evolve(expr, kind=wanted)
        self.wrong_kind(expr, wanted)
        raise Failed

    def _check_rate(self, expr: Expr, wanted: Quantity) -> None:
        """75 where 75% is meant."""
        if (
            wanted.percent
            and isinstance(expr, Constant)
            and isinstance(expr.kind, Quantity)
            and not expr.kind.percent
        ):
            value = expr.value
            if isinstance(value, Fraction) and value > 1:
                figure = expr.span.text
                self.scope.fail(codes.RATE_WITHOUT_PERCENT, expr.span, figure=figure, percent=say_rate(value))

    def _give_unit(self, expr: Expr, wanted: Quantity) -> Expr:
        """A figure, or sums of figures, in the declared unit: 元 under 元/人·年, a bare number under a count."""
        assert isinstance(expr.kind, Quantity)
        unit = expr.kind.unit
        plain_money = unit == MONEY and is_money(wanted)
        bare = unit == PURE and not expr.kind.percent and (not is_money(wanted) or _is_zero(expr))
        if not (plain_money or bare):
            if unit == PURE and not expr.kind.percent and is_money(wanted):
                figure = expr.span.text
                self.scope.fail(
                    codes.NEEDS_UNIT, expr.span, figure=figure, wanted=self.scope.say_kind(wanted),
                    example=f"{figure}{self.scope.header.currency.sign}",
                )  # fmt: skip
            self.wrong_kind(expr, wanted)
        return _with_kind(expr, wanted)

    def wrong_kind(self, expr: Expr, wanted: Kind) -> None:
        if isinstance(expr.kind, Quantity) and isinstance(wanted, Quantity):
            self.scope.fail(
                codes.UNITS_DIFFER, expr.span,
                left=self.scope.say_kind(expr.kind), right=self.scope.say_kind(wanted),
                done=Words("taken for each other", "互相代替"),
                remedy=self._unit_remedy(expr.kind, wanted),
            )  # fmt: skip
        self.scope.fail(
            codes.WRONG_KIND,
            expr.span,
            found=self.scope.say_kind(expr.kind),
            wanted=self.scope.say_kind(wanted),
        )

    def _unit_remedy(self, left: Quantity, right: Quantity) -> Words:
        if is_money(left) and is_money(right):
            return Words(
                "write the same unit in all places, such as `0元/人·年`; "
                "an amount per person becomes a total when multiplied by a number of persons",
                "各处单位写得一致，如 `0元/人·年`；每人的标准乘以人数才是总额",
            )
        return Words("give both the same unit", "统一为同一单位")

    def _only_days_with_days(self, left: Expr, right: Expr, done: Words) -> None:
        """A day is compared with days; nothing is added to it or taken from it."""
        self.scope.fail(
            codes.UNITS_DIFFER, left.span.to(right.span),
            left=self._shown(left), right=self._shown(right), done=done,
            remedy=Words(
                "compare a day with a day, or ask whether it lies in a period: `a within 60天 after b`",
                "日期只与日期比较；判断是否在一段期间内，写作 `甲 在 乙 后 60天内`",
            ),
        )  # fmt: skip

    # expressions

    def value(self, value: ast.Value, guards: Guards, wanted: Kind | None = None) -> Expr:
        match value:
            case ast.Figure():
                return self.figure(value)
            case ast.DateFigure():
                if value.value is None:
                    self.scope.fail(codes.NO_SUCH_DAY, value.span, day=value.written)
                return Constant(value.value, DAY, span=value.span)
            case ast.YesNo():
                return Constant(value.value, YES_NO, span=value.span)
            case ast.Path():
                return self.path(value, guards, wanted)
            case ast.Arithmetic():
                return self._arithmetic(value, guards, wanted)
            case ast.Negative():
                operand = self.value(value.operand, guards)
                if not isinstance(operand.kind, Quantity):
                    self.wrong_kind(operand, NUMBER)
                minus = Constant(Fraction(-1), NUMBER, span=value.span)
                return fold(Multiply(minus, operand, operand.kind, span=value.span)) or Multiply(
                    minus, operand, operand.kind, span=value.span
                )
            case ast.Extreme():
                return self._extreme(value, guards, wanted)
            case ast.IfThen():
                return self._if(value, guards, wanted)
            case ast.Undefined():
                if wanted is None:
                    self.scope.fail(codes.KIND_UNKNOWN, value.span, name=value.span.text)
                return Undefined(value.because or "", wanted, span=value.span)
            case ast.Finished():
                return self._finished(value, guards, wanted)
            case ast.Compare():
                left, right = self._alike(value.left, value.right, guards, Words("compared", "比较"))
                return Compare(value.op, left, right, YES_NO, span=value.span)
            case ast.Equal():
                return self._equal(value.left, value.right, "==", guards, value.span)
            case ast.Is():
                return self._is(value, guards)
            case ast.In():
                return self._in(value, guards)
            case ast.Has():
                return self._has(value, guards)
            case ast.Presence():
                fact = self._fact(value.path)
                return Present(fact.name.key, YES_NO, span=value.span)
            case ast.Within():
                return self._within(value, guards)
            case ast.InPeriod():
                return self._in_period(value, guards)
            case ast.Logic():
                return self._logic(value, guards)
            case ast.Not():
                return Not(self.condition(value.operand, guards), YES_NO, span=value.span)
            case ast.Nothing() | ast.Members():
                self.scope.fail(
                    codes.WRONG_KIND, value.span, found=Words("a list of members", "几项"),
                    wanted=Words("a single value", "单个值"),
                )  # fmt: skip
            case _:
                assert_never(value)

    def figure(self, figure: ast.Figure) -> Constant:
        currency = self.scope.header.currency
        taken = ("", currency.code, "¥") if currency.code in ("CNY", "JPY") else ("", currency.code)
        if figure.currency not in taken:
            self.scope.report(
                codes.WRONG_CURRENCY, figure.span, figure=figure.written, currency=currency.code
            )
        if _zero_denominator(figure):
            self.scope.report(codes.ZERO_DENOMINATOR, figure.span, figure=figure.written)
        kind = Quantity(figure.unit, figure.percent)
        return Constant(figure.value, kind, figure.origin, span=figure.span)

    def path(self, path: ast.Path, guards: Guards, wanted: Kind | None = None) -> Expr:
        """The value a name stands for: an input, a definition, a part of one, or a member if one is wanted."""
        scope, first = self.scope, path.words[0]
        if isinstance(wanted, MemberOf) and len(path.words) == 1 and first not in scope.facts:
            return self.member(path, scope.categories[wanted.category])
        fact = scope.facts.get(first)
        if fact is not None and len(path.words) == 1:
            return self._read(fact, path.span, guards)
        result = scope.results.get(first)
        if result is not None:
            return self._result(result, path)
        category = scope.categories.get(first)
        if category is not None and len(path.words) == 1:
            scope.use(category.name.key)
            return self._read(scope.category_as_input(category, path.span), path.span, guards)
        if category is not None:
            return self.member(ast.Path(path.words[1:], span=path.span), category)
        if fact is not None:
            scope.fail(
                codes.NO_SUCH_PART, path.span, name=first, part=path.words[1],
                remedy=Words(f"write `{first}`", f"写作 `{first}`"),
            )  # fmt: skip
        if len(path.words) == 1 and meaning("parts", first) == "on" and first not in scope.names:
            scope.dated = True
            return Input("on", DAY, span=path.span)
        if first in scope.periods:
            scope.fail(
                codes.WRONG_KIND, path.span, found=Words(f"the period {first}", f"期间“{first}”"),
                wanted=Words(f"a value; a condition is `day within {first}`", f"一个值；条件写作 `日期 在 {first} 内`"),
            )  # fmt: skip
        if first in scope.names:
            raise Failed  # declared, with errors of its own
        scope.unknown(first, path.span)

    def _read(self, fact: PolicyFact, span: Span, guards: Guards) -> Expr:
        self.scope.use(fact.name.key)
        if fact.optional and not fact.has_default and fact.name.key not in guards:
            self.scope.report(codes.UNGUARDED, span, name=fact.name.written)
        return Input(fact.name.key, fact.kind, span=span)

    def _result(self, result: Result, path: ast.Path) -> Expr:
        key, scope = result.name.key, self.scope
        scope.use(key)
        if not result.ok:
            raise Failed
        if len(path.words) == 1:
            if result.kind is not None:
                return self._whole(result, path.span)
            if result.kind is None:
                parts = listed(f"{path.words[0]}.{part}" for part in result.part_names())
                scope.fail(codes.NOT_A_VALUE, path.span, name=path.words[0], what=result.what, parts=parts)
            return Ref(key, result.kind, span=path.span)
        part = result.parts.get(path.words[1])
        if part is None or len(path.words) > 2:
            known = listed(result.part_names())
            scope.fail(
                codes.NO_SUCH_PART, path.span, name=path.words[0], part=".".join(path.words[1:]),
                remedy=Words(f"its parts are {known.en}", f"组成部分有{known.zh}") if result.parts
                else Words(f"write `{path.words[0]}`", f"写作 `{path.words[0]}`"),
            )  # fmt: skip
        if result.editions:
            return self._part(result, part[0], part[1], path.span)
        return Ref(key, part[1], part[0], span=path.span)

    def _whole(self, result: Result, span: Span) -> Expr:
        """A single value; inside what holds on some days only, the edition or figure of those days."""
        assert result.kind is not None
        here = self._editions(result)
        if len(here) == 1:
            return Ref(here[0][1], result.kind, span=span)
        param = result.figure
        if param is not None and not param.finish and self.scope.window != ALWAYS:
            starts = [version.start for version in param.versions]
            if all(start is not None for start in starts[1:]):
                held = [
                    v
                    for v, w in zip(param.versions, days_of(starts), strict=True)
                    if meets(w, self.scope.window)
                ]
                if len(held) == 1 and len(starts) > 1:
                    return evolve(held[0].value, span=span)
        return Ref(result.name.key, result.kind, span=span)

    def _editions(self, result: Result) -> list[tuple[date | None, str, frozenset[str]]]:
        """The editions of a dated value that hold on some day of what is being resolved."""
        windows = days_of([start for start, _ in result.editions])
        each = zip(result.editions, windows, result.own, strict=True)
        return [(start, key, own) for (start, key), w, own in each if meets(w, self.scope.window)]

    def _part(self, result: Result, part: str, kind: Kind, span: Span) -> Expr:
        """A part of a dated value that has parts: of the edition that holds. Who is no payer then pays nothing."""
        here = self._editions(result)
        zero = Constant(Fraction(0), kind, span=span)
        values = [Ref(key, kind, part, span=span) if part in own else zero for _, key, own in here]
        return picked(values, [start for start, _, _ in here], span)

    def period(self, declared: ast.Period) -> Period:
        """A named period; its days are written out or figures of the policy."""
        first, last = self.of_kind(declared.first, DAY), self.of_kind(declared.last, DAY)
        return Period(declared.name, first, last, span=declared.span)

    def _in_period(self, value: ast.InPeriod, guards: Guards) -> Expr:
        day = self.of_kind(value.day, DAY, guards)
        declared = self.scope.periods.get(".".join(value.period.words))
        if declared is None:
            known = list(self.scope.periods)
            self.scope.fail(
                set_codes.NOT_A_PERIOD,
                value.period.span,
                name=".".join(value.period.words),
                periods=listed(known),
            )
        self.scope.use(declared.name.key)
        period = self.period(declared)
        begun = Compare(">=", day, period.first, YES_NO, span=value.span)
        going_on = Compare("<=", day, period.last, YES_NO, span=value.span)
        return And((begun, going_on), YES_NO, span=value.span)

    def _fact(self, path: ast.Path) -> PolicyFact:
        fact = self.scope.facts.get(path.words[0])
        if fact is None or len(path.words) > 1:
            if path.words[0] not in self.scope.names:
                self.scope.unknown(path.words[0], path.span)
            inputs = listed(f.name.written for f in self.scope.facts.values())
            self.scope.fail(codes.NOT_AN_INPUT, path.span, name=".".join(path.words), inputs=inputs)
        self.scope.use(fact.name.key)
        return fact

    # arithmetic

    def _arithmetic(self, value: ast.Arithmetic, guards: Guards, wanted: Kind | None) -> Expr:
        if value.op in ("+", "-"):
            done = Words("added", "相加") if value.op == "+" else Words("subtracted", "相减")
            left, right = self._alike(value.left, value.right, guards, done, quantity=True)
            assert isinstance(left.kind, Quantity) and isinstance(right.kind, Quantity)
            kind = Quantity(left.kind.unit, left.kind.percent or right.kind.percent)
            if value.op == "+":
                return Add(left, right, kind, span=value.span)
            return Subtract(left, right, kind, span=value.span)
        left, right = self.value(value.left, guards), self.value(value.right, guards)
        for operand in (left, right):
            if not isinstance(operand.kind, Quantity):
                self.wrong_kind(operand, NUMBER)
        assert isinstance(left.kind, Quantity) and isinstance(right.kind, Quantity)
        if value.op == "*":
            unit = left.kind.unit.times(right.kind.unit)
            percent = unit == PURE and (left.kind.percent or right.kind.percent)
            return Multiply(left, right, Quantity(unit, percent), span=value.span)
        divisor = fold(right)
        if divisor is not None and divisor.value == 0:
            self.scope.report(codes.ZERO_DENOMINATOR, right.span, figure=value.span.text)
            raise Failed
        unit = left.kind.unit.times(right.kind.unit, -1)
        return Divide(left, right, Quantity(unit, unit == PURE and left.kind.percent), span=value.span)

    def _alike(
        self,
        left_value: ast.Value,
        right_value: ast.Value,
        guards: Guards,
        done: Words,
        *,
        quantity: bool = False,
    ) -> tuple[Expr, Expr]:
        """Two quantities of one unit, or two days. A bare figure without unit adopts a count's unit."""
        left, right = self.value(left_value, guards), self.value(right_value, guards)
        if not quantity and isinstance(left.kind, Day) and isinstance(right.kind, Day):
            return left, right
        if all(isinstance(o.kind, Quantity | Day) for o in (left, right)) and DAY in (left.kind, right.kind):
            self._only_days_with_days(left, right, done)
        for operand in (left, right):
            if not isinstance(operand.kind, Quantity):
                self.wrong_kind(operand, left.kind if isinstance(left.kind, Quantity | Day) else NUMBER)
        a, b = left.kind, right.kind
        assert isinstance(a, Quantity) and isinstance(b, Quantity)
        if a.unit == b.unit:
            return left, right
        if _may_adopt(right, a):
            return left, _with_kind(right, a)
        if _may_adopt(left, b):
            return _with_kind(left, b), right
        self.scope.fail(
            codes.UNITS_DIFFER, left.span.to(right.span),
            left=self._shown(left), right=self._shown(right), done=done, remedy=self._unit_remedy(a, b),
        )  # fmt: skip

    def _shown(self, expr: Expr) -> Words:
        kind = self.scope.say_kind(expr.kind)
        return Words(f"{expr.span.text} ({kind.en})", f"{expr.span.text}（{kind.zh}）")

    def _extreme(self, value: ast.Extreme, guards: Guards, wanted: Kind | None) -> Expr:
        operands = [self.value(o, guards) for o in value.operands]
        kind = next((o.kind for o in operands if not _is_figures(o)), wanted or operands[0].kind)
        adopted = tuple(self.adopt(o, kind) for o in operands)
        return Extreme(value.which, adopted, kind, span=value.span)

    def _if(self, value: ast.IfThen, guards: Guards, wanted: Kind | None) -> Expr:
        condition = self.condition(value.condition, guards)
        then = self.value(value.then, guards | present(condition), wanted)
        otherwise = self.value(value.otherwise, guards | absent(condition), wanted)
        kind = wanted or next((e.kind for e in (then, otherwise) if not _is_figures(e)), then.kind)
        return If(condition, self.adopt(then, kind), self.adopt(otherwise, kind), kind, span=value.span)

    def _finished(self, value: ast.Finished, guards: Guards, wanted: Kind | None) -> Expr:
        expr = self.value(value.value, guards, wanted)
        for clause in value.clauses:
            match clause:
                case ast.Round():
                    line = self.rounding(clause, expr.kind)
                    expr = Round(expr, line.step, line.mode, expr.kind, span=value.span)
                case ast.Limit(which="cap" | "floor"):
                    bound = self.of_kind(clause.bound, expr.kind, guards)
                    which = "least" if clause.which == "cap" else "greatest"
                    expr = Extreme(which, (expr, bound), expr.kind, span=value.span)  # type: ignore[arg-type]
                case _:
                    self.scope.report(codes.CLAUSE_OUT_OF_PLACE, clause.span, word=Words("value", "算式"))
        return expr

    # lines after a value

    def rounding(self, clause: ast.Round, kind: Kind) -> Rounding:
        """A `round …` line for a value of `kind`; the holder's name is bound by the split."""
        if clause.mode is None:
            self.scope.fail(codes.ROUNDING_UNNAMED, clause.span, half_up="104元", up="104元", down="103元")
        if clause.step is None:
            self.scope.fail(codes.ROUNDING_STEP, clause.span)
        if not isinstance(kind, Quantity):
            self.scope.fail(
                codes.WRONG_KIND,
                clause.span,
                found=self.scope.say_kind(kind),
                wanted=Words("an amount", "数额"),
            )
        step = self.adopt(self.figure(clause.step), kind)
        assert isinstance(step, Constant) and isinstance(step.value, Fraction)
        if step.value <= 0:
            self.scope.fail(codes.ROUNDING_STEP, clause.step.span)
        return Rounding(clause.mode, step.value, clause.scope, None, clause.because, span=clause.span)

    def limit(self, clause: ast.Limit, kind: Kind) -> Limit:
        which = "floor" if clause.which == "floor" else "cap"
        return Limit(which, self.of_kind(clause.bound, kind), clause.because, span=clause.span)  # type: ignore[arg-type]

    # conditions

    def _logic(self, value: ast.Logic, guards: Guards) -> Expr:
        operands: list[Expr] = []
        for operand in value.operands:
            operands.append(self.condition(operand, guards))
            guards = guards | (present(operands[-1]) if value.op == "and" else absent(operands[-1]))
        made = And if value.op == "and" else Or
        return made(tuple(operands), YES_NO, span=value.span)

    def _equal(self, left: ast.Value, right: ast.Value, op: CompareOp, guards: Guards, span: Span) -> Expr:
        a = self.value(left, guards)
        if isinstance(a.kind, YesNo):
            return Compare(op, a, self.condition(right, guards), YES_NO, span=span)
        a, b = self._alike(left, right, guards, Words("compared", "比较"))
        return Compare(op, a, b, YES_NO, span=span)

    def _is(self, value: ast.Is, guards: Guards) -> Expr:
        left = self.value(value.left, guards)
        if isinstance(left.kind, MemberOf):
            category = self.scope.categories[left.kind.category]
            if not isinstance(value.right, ast.Path):
                self.wrong_kind(self.value(value.right, guards), left.kind)
            assert isinstance(value.right, ast.Path)
            members = self.reach(self.members(value.right, category), category, value.reach, value.span)
            test: Expr = IsMember(left, members, YES_NO, span=value.span)
        elif isinstance(left.kind, SetOf):
            self.scope.fail(
                codes.SET_NEEDS_HAS, value.span, name=value.left.span.text, members=value.right.span.text
            )
        elif value.reach is not None:
            self.scope.fail(
                codes.WRONG_KIND, value.span, found=self.scope.say_kind(left.kind),
                wanted=Words("a member of an ordered category", "等级的一项"),
            )  # fmt: skip
        else:
            return self._equal(value.left, value.right, "!=" if value.negated else "==", guards, value.span)
        return Not(test, YES_NO, span=value.span) if value.negated else test

    def _in(self, value: ast.In, guards: Guards) -> Expr:
        left = self.value(value.left, guards)
        if isinstance(left.kind, SetOf):
            members = listed(".".join(path.words) for path in value.members)
            self.scope.fail(codes.SET_NEEDS_HAS, value.span, name=value.left.span.text, members=members)
        if not isinstance(left.kind, MemberOf):
            self.scope.fail(
                codes.WRONG_KIND, left.span, found=self.scope.say_kind(left.kind),
                wanted=Words("a member of a category", "类别的一项"),
            )  # fmt: skip
        test = IsMember(left, self._all(value.members, left.kind.category), YES_NO, span=value.span)
        return Not(test, YES_NO, span=value.span) if value.negated else test

    def _has(self, value: ast.Has, guards: Guards) -> Expr:
        left = self.value(value.left, guards)
        if not isinstance(left.kind, SetOf):
            self.scope.fail(
                codes.WRONG_KIND, left.span, found=self.scope.say_kind(left.kind),
                wanted=Words("a set of members", "多选项"),
            )  # fmt: skip
        return HasAny(left, self._all(value.members, left.kind.category), YES_NO, span=value.span)

    def _within(self, value: ast.Within, guards: Guards) -> Expr:
        day, start = self.value(value.day, guards), self.value(value.start, guards)
        for operand in (day, start):
            if not isinstance(operand.kind, Day):
                self.wrong_kind(operand, DAY)
        length = value.length
        unit = next((d for d in _DURATIONS if length.unit.powers == ((d, 1),)), None)
        if unit is None or length.value.denominator != 1:
            self.scope.fail(
                codes.WRONG_KIND, length.span, found=self.scope.say_kind(Quantity(length.unit, length.percent)),
                wanted=Words("whole days, months or years", "整数天、月或年"),
            )  # fmt: skip
        overflow = self.scope.header.month_end
        return Within(day, start, int(length.value), unit, YES_NO, overflow, span=value.span)

    # members

    def _all(self, paths: Iterable[ast.Path], category_key: str) -> frozenset[str]:
        category = self.scope.categories[category_key]
        return frozenset(m for path in paths for m in self.members(path, category))

    def members(self, path: ast.Path, category: Category) -> frozenset[str]:
        """The members that a word names in `category`: one, or those of a group."""
        words = path.words
        if len(words) == 2 and words[0] in spellings(category.name):
            words = words[1:]
        if len(words) == 1:
            self.scope.use(category.name.key)
            found = self.scope.words_in(category).get(words[0])
            if found is not None:
                return found
        name = ".".join(path.words)
        known = [m.name.written for m in category.members] + [g.name.written for g in category.groups]
        self.scope.fail(
            codes.UNKNOWN_MEMBER, path.span, name=name, category=category.name.written, near=near(name, known),
            members=listed(known),
        )  # fmt: skip

    def member(self, path: ast.Path, category: Category) -> Constant:
        keys = self.members(path, category)
        if len(keys) != 1:
            self.scope.fail(
                codes.WRONG_KIND, path.span, found=Words("a group of members", "一组"),
                wanted=Words("one member", "其中一项"),
            )  # fmt: skip
        return Constant(next(iter(keys)), MemberOf(category.name.key), span=path.span)

    def reach(
        self, members: frozenset[str], category: Category, reach: str | None, span: Span
    ) -> frozenset[str]:
        """The members from this level up or down; categories list the highest level first."""
        if reach is None:
            return members
        if not category.ordered:
            self.scope.fail(codes.NOT_ORDERED, span, category=category.name.written)
        order = [m.name.key for m in category.members]
        places = [order.index(m) for m in members]
        kept = order[: max(places) + 1] if reach == "over" else order[min(places) :]
        return frozenset(kept)


# what a condition says of optional facts


def present(condition: Expr) -> Guards:
    """The optional inputs that exist wherever `condition` holds."""
    match condition:
        case Present():
            return frozenset((condition.key,))
        case And():
            return frozenset().union(*(present(o) for o in condition.operands))
        case Not():
            return absent(condition.operand)
        case _:
            return NO_GUARDS


def absent(condition: Expr) -> Guards:
    """The optional inputs that exist wherever `condition` does not hold."""
    match condition:
        case Not():
            return present(condition.operand)
        case Or():
            return frozenset().union(*(absent(o) for o in condition.operands))
        case _:
            return NO_GUARDS


# figures


def fold(expr: Expr) -> Constant | None:
    """`expr` as one constant, when it is made of figures only."""
    match expr:
        case Constant():
            return expr
        case Add() | Subtract() | Multiply() | Divide():
            left, right = fold(expr.left), fold(expr.right)
            if left is None or right is None:
                return None
            a, b = left.value, right.value
            if not isinstance(a, Fraction) or not isinstance(b, Fraction):
                return None
            match expr:
                case Add():
                    value = a + b
                case Subtract():
                    value = a - b
                case Multiply():
                    value = a * b
                case Divide():
                    if b == 0:
                        return None
                    value = a / b
            return Constant(value, expr.kind, span=expr.span)
        case _:
            return None


def _is_figures(expr: Expr) -> bool:
    """Whether only figures stand in `expr`."""
    return isinstance(expr, Constant) or (
        isinstance(expr, Add | Subtract | Multiply | Divide) and all(_is_figures(c) for c in children(expr))
    )


def _is_zero(expr: Expr) -> bool:
    return isinstance(expr, Constant) and expr.value == 0


def _may_adopt(expr: Expr, wanted: Quantity) -> bool:
    """A bare zero goes with any unit, a bare number with a count of things."""
    if not isinstance(expr, Constant) or not isinstance(expr.kind, Quantity) or expr.kind.unit != PURE:
        return False
    return not expr.kind.percent and (expr.value == 0 or not is_money(wanted))


def _with_kind(expr: Expr, kind: Quantity) -> Expr:
    """`expr` and the figures it is made of in the unit `kind`."""
    if expr.kind == kind:
        return expr
    if _is_figures(expr) and isinstance(expr, Add | Subtract):
        return evolve(expr, left=_with_kind(expr.left, kind), right=_with_kind(expr.right, kind), kind=kind)
    return evolve(expr, kind=kind)


def _zero_denominator(figure: ast.Figure) -> bool:
    """Whether `1/0` is written; reading gives it the value 0."""
    _, stroke, denominator = figure.written.rpartition("/")
    return bool(stroke) and denominator.isdigit() and int(denominator) == 0


__all__ = ["AMOUNT", "NO_GUARDS", "RATE", "Guards", "Values", "absent", "fold", "present"]
