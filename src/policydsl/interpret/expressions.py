"""What is the value of an expression? Exact, with the value of every part that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import assert_never

from policydsl.expressions import (
    Add,
    And,
    Compare,
    CompareOp,
    Constant,
    Divide,
    Expr,
    Extreme,
    HasAny,
    If,
    Input,
    IsMember,
    Multiply,
    Not,
    Or,
    Present,
    Ref,
    Round,
    Subtract,
    Undefined,
    Value,
    Within,
)
from policydsl.rounding import end_of_period, round_to
from policydsl.runtime import PolicyError
from policydsl.trace import Computed, Step


class Environment:
    """What an expression may read: the facts, and the definitions computed so far.

    A definition that has no answer stands here as its error, which is raised where it is read.
    `read` collects the keys of the definitions that were. `name` is whose expression it is: it
    goes into errors.
    """

    __slots__ = ("facts", "name", "read", "steps")

    def __init__(
        self, facts: Mapping[str, Value], steps: Mapping[str, Step | PolicyError], name: str
    ) -> None:
        self.facts = facts
        self.steps = steps
        self.name = name
        self.read: set[str] = set()

    def no_answer(self, because: str) -> PolicyError:
        return PolicyError("PC108", self.name, self.name, None, because)

    def input(self, key: str) -> Value:
        value = self.facts[key]
        if value is None:
            raise self.no_answer(f"{key}: none")
        return value

    def ref(self, ref: Ref) -> Value:
        self.read.add(ref.key)
        step = self.steps[ref.key]
        if isinstance(step, PolicyError):
            raise step
        if ref.part is None:
            return step.value
        value = step.part(ref.part)
        assert not isinstance(value, tuple)
        return value


def number(computed: Computed) -> Fraction:
    """The value of an expression whose kind is a quantity."""
    assert isinstance(computed.value, Fraction), computed
    return computed.value


def truth(computed: Computed) -> bool:
    """The value of a condition."""
    assert isinstance(computed.value, bool), computed
    return computed.value


def compute(expr: Expr, env: Environment) -> Computed:
    """The value of `expr`; raises `PolicyError` PC108 where it has none.

    A fact that does not exist may be asked about (`Present`) but not read. `If`, `And` and `Or`
    look no further than they need, from left to right.
    """
    match expr:
        case Constant():
            return Computed(expr, expr.value)
        case Input():
            return Computed(expr, env.input(expr.key))
        case Ref():
            return Computed(expr, env.ref(expr))
        case Add():
            left, right = compute(expr.left, env), compute(expr.right, env)
            return Computed(expr, number(left) + number(right), (left, right))
        case Subtract():
            left, right = compute(expr.left, env), compute(expr.right, env)
            return Computed(expr, number(left) - number(right), (left, right))
        case Multiply():
            left, right = compute(expr.left, env), compute(expr.right, env)
            return Computed(expr, number(left) * number(right), (left, right))
        case Divide():
            left, right = compute(expr.left, env), compute(expr.right, env)
            if number(right) == 0:
                raise env.no_answer("÷ 0")
            return Computed(expr, number(left) / number(right), (left, right))
        case Extreme():
            parts = tuple(compute(o, env) for o in expr.operands)
            return Computed(expr, extreme(expr.which, [p.value for p in parts]), parts)
        case Round():
            operand = compute(expr.operand, env)
            return Computed(expr, round_to(number(operand), expr.step, expr.mode), (operand,))
        case If():
            condition = compute(expr.condition, env)
            branch = compute(expr.then if truth(condition) else expr.otherwise, env)
            return Computed(expr, branch.value, (condition, branch))
        case Compare():
            left, right = compute(expr.left, env), compute(expr.right, env)
            return Computed(expr, compare(expr.op, left.value, right.value), (left, right))
        case And() | Or():
            return _until(expr, isinstance(expr, Or), env)
        case Not():
            operand = compute(expr.operand, env)
            return Computed(expr, not truth(operand), (operand,))
        case IsMember():
            operand = compute(expr.operand, env)
            return Computed(expr, operand.value in expr.members, (operand,))
        case HasAny():
            operand = compute(expr.operand, env)
            assert isinstance(operand.value, frozenset)
            return Computed(expr, not operand.value.isdisjoint(expr.members), (operand,))
        case Present():
            return Computed(expr, env.facts[expr.key] is not None)
        case Within():
            day, start = compute(expr.day, env), compute(expr.start, env)
            assert isinstance(day.value, date)
            assert isinstance(start.value, date)
            end = end_of_period(start.value, expr.length, expr.unit, expr.overflow)
            return Computed(expr, start.value <= day.value <= end, (day, start))
        case Undefined():
            raise env.no_answer(expr.because)
        case _:
            assert_never(expr)


def _until(expr: And | Or, decisive: bool, env: Environment) -> Computed:
    """Look at the operands from the left until one is `decisive` (no for And, yes for Or)."""
    parts: list[Computed] = []
    for operand in expr.operands:
        parts.append(compute(operand, env))
        if truth(parts[-1]) is decisive:
            return Computed(expr, decisive, tuple(parts))
    return Computed(expr, not decisive, tuple(parts))


def compare(op: CompareOp, left: Value, right: Value) -> bool:
    """Two quantities or two days in order; any two values of one kind alike or not."""
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        order = (left > right) - (left < right)
    else:
        assert isinstance(left, date)
        assert isinstance(right, date)
        order = (left > right) - (left < right)
    match op:
        case "<":
            return order < 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
        case ">=":
            return order >= 0
        case _:
            assert_never(op)


def extreme(which: str, values: list[Value]) -> Value:
    """The greatest or the least of some quantities, days or yes/no values (yes is the greater)."""
    return values[first_extreme(which, values)]


def first_extreme(which: str, values: list[Value]) -> int:
    """Where the greatest or the least of `values` stands first."""
    best = 0
    for i, value in enumerate(values):
        if compare(">" if which == "greatest" else "<", _ranked(value), _ranked(values[best])):
            best = i
    return best


def _ranked(value: Value) -> Value:
    return Fraction(int(value)) if isinstance(value, bool) else value
