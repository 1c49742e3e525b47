"""What is an expression in steps? Everything is computed; what is not read does not fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import assert_never

from policydsl.expressions import (
    Add,
    And,
    Compare,
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
from policydsl.flat import Exists
from policydsl.flatten.building import Builder
from policydsl.flatten.days import count_of, end_of_period
from policydsl.flatten.values import (
    Val,
    add,
    also,
    choose,
    compare,
    divide,
    extreme,
    figure,
    multiply,
    rounded,
    without,
)
from policydsl.kinds import DAY, YES_NO, Kind, MemberOf, SetOf, YesNo


class Scope:
    """What expressions may read: the inputs, the definitions flattened so far, the members of categories."""

    def __init__(
        self,
        b: Builder,
        facts: Mapping[str, Val],
        optional: frozenset[str],
        places: Mapping[str, Mapping[str, int]],
        definition: Callable[[str, str | None], Val],
    ) -> None:
        self.b = b
        self.facts = facts
        self.optional = optional
        self.places = places
        self.definition = definition

    def constant(self, value: Value, kind: Kind) -> Val:
        """A figure, a day, a member …, as a step."""
        b = self.b
        match value:
            case bool():
                return Val(b.truth(value))
            case Fraction():
                return figure(b, value)
            case date():
                return Val(b.whole(count_of(value)))
            case str():
                assert isinstance(kind, MemberOf)
                return Val(b.whole(self.places[kind.category][value]))
            case frozenset():
                assert isinstance(kind, SetOf)
                return Val(b.whole(mask(value, self.places[kind.category])))
            case None:
                raise AssertionError("a figure exists")
            case _:
                assert_never(value)


def mask(members: frozenset[str], places: Mapping[str, int]) -> int:
    """Some members of a category as a mask."""
    return sum(1 << places[member] for member in members if member in places)


def nothing(b: Builder, kind: Kind) -> Val:
    """The value of what never has one."""
    return Val(b.truth(False) if isinstance(kind, YesNo) else b.whole(0), 1, b.never())


def compute(expr: Expr, scope: Scope) -> Val:
    """The value of `expr`, failing exactly in the rows for which the interpreter has no answer."""
    b = scope.b
    b.span = expr.span
    match expr:
        case Constant():
            return scope.constant(expr.value, expr.kind)
        case Input():
            return scope.facts[expr.key]
        case Ref():
            return scope.definition(expr.key, expr.part)
        case Add() | Subtract() | Multiply() | Divide():
            left, right = compute(expr.left, scope), compute(expr.right, scope)
            b.span = expr.span
            match expr:
                case Add():
                    return add(b, left, right)
                case Subtract():
                    return add(b, left, right, minus=True)
                case Multiply():
                    return multiply(b, left, right)
                case Divide():
                    return divide(b, left, right)
        case Extreme():
            return extreme(b, expr.which, [compute(o, scope) for o in expr.operands])
        case Round():
            operand = compute(expr.operand, scope)
            b.span = expr.span
            return rounded(b, operand, expr.step, expr.mode)
        case If():
            test = compute(expr.condition, scope)
            then, otherwise = compute(expr.then, scope), compute(expr.otherwise, scope)
            return also(b, choose(b, test.i, then, otherwise), test.fails)
        case Compare():
            return equal_or_ordered(expr, compute(expr.left, scope), compute(expr.right, scope), b)
        case And() | Or():
            return _until(expr, isinstance(expr, Or), scope)
        case Not():
            operand = compute(expr.operand, scope)
            return Val(b.opposite(operand.i), 1, operand.fails)
        case IsMember():
            operand = compute(expr.operand, scope)
            assert isinstance(expr.operand.kind, MemberOf)
            places = scope.places[expr.operand.kind.category]
            wanted = frozenset(places[m] for m in expr.members if m in places)
            return Val(b.among(operand.i, wanted), 1, operand.fails)
        case HasAny():
            operand = compute(expr.operand, scope)
            assert isinstance(expr.operand.kind, SetOf)
            bits = mask(expr.members, scope.places[expr.operand.kind.category])
            return Val(b.shares_bit(operand.i, bits), 1, operand.fails)
        case Present():
            exists = expr.key in scope.optional
            return Val(b.flag(Exists(expr.key)) if exists else b.truth(True))
        case Within():
            day, start = compute(expr.day, scope), compute(expr.start, scope)
            end = end_of_period(b, start.i, expr.length, expr.unit, expr.overflow)
            inside = b.both(b.compare("<=", start.i, day.i), b.compare("<=", day.i, end))
            return Val(inside, 1, b.any_of(day.fails, start.fails))
        case Undefined():
            return nothing(b, expr.kind)
        case _:
            assert_never(expr)


def equal_or_ordered(expr: Compare, left: Val, right: Val, b: Builder) -> Val:
    """Two values of one kind, compared; the divisor beside a quotient is multiplied across."""
    b.span = expr.span
    fails = b.any_of(left.fails, right.fails)
    if b.is_truth(left.i) or expr.left.kind in (YES_NO, DAY) or isinstance(expr.left.kind, MemberOf | SetOf):
        return Val(b.compare(expr.op, left.i, right.i), 1, fails)
    return compare(b, expr.op, left, right)


def _until(expr: And | Or, decisive: bool, scope: Scope) -> Val:
    """The operands from the left; one after the first decisive one fails nothing."""
    b = scope.b
    result = Val(b.truth(not decisive))
    looking = b.truth(True)  # whether none was decisive yet
    fails: int | None = None
    for operand in expr.operands:
        value = compute(operand, scope)
        fails = b.any_of(fails, b.where(looking, value.fails))
        joined = b.either if decisive else b.both
        result = Val(joined(result.i, value.i))
        looking = b.opposite(result.i) if decisive else result.i
    return Val(without(result).i, 1, fails)
