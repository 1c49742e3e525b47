"""How is an expression said in Python? Quantities as integers over their scales, the rest as it is."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import assert_never

from policydsl.backends.python.building import Function, Known, Value
from policydsl.backends.python.scale import (
    Number,
    add,
    at,
    common,
    compared,
    divide,
    extreme,
    figure,
    hull,
    multiply,
    rounded,
)
from policydsl.backends.python.templates import call, constant, expr, item, items
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
    Within,
)
from policydsl.kinds import Day, Kind, MemberOf, Quantity, SetOf, YesNo


def value(e: Expr, fn: Function) -> Value:
    """Any expression."""
    return number(e, fn) if isinstance(e.kind, Quantity) else plain(e, fn)


def number(e: Expr, fn: Function) -> Number:
    """An expression whose kind is a quantity."""
    match e:
        case Constant():
            assert isinstance(e.value, Fraction)
            return figure(e.value)
        case Input():
            return fn.number(e.key)
        case Ref():
            result = fn.read(e)
            assert isinstance(result, Number)
            return result
        case Add():
            return add(number(e.left, fn), number(e.right, fn))
        case Subtract():
            return add(number(e.left, fn), number(e.right, fn), -1)
        case Multiply():
            return multiply(number(e.left, fn), number(e.right, fn))
        case Divide():
            left, right = number(e.left, fn), number(e.right, fn)
            if right.known is None and not (right.low is not None and right.low > 0):
                fn.fails = True
            if right.known == 0:
                return Number(fn.no_answer("÷ 0"), 1, never=True)
            return divide(left, right)
        case Extreme():
            operands = [number(o, fn) for o in e.operands]
            return extreme(e.which, operands, fn.builder.py("max" if e.which == "greatest" else "min"))
        case Round():
            return rounded(number(e.operand, fn), e.step, e.mode, fn.definition)
        case If():
            return _if_number(e, fn)
        case Undefined():
            return Number(fn.no_answer(e.because), 1, never=True)
        case Compare() | And() | Or() | Not() | IsMember() | HasAny() | Present() | Within():
            raise AssertionError(e)
        case _:
            assert_never(e)


def _if_number(e: If, fn: Function) -> Number:
    condition = plain(e.condition, fn)
    with fn.knowing(learnt(e.condition, True, fn)):
        then = number(e.then, fn)
    with fn.knowing(learnt(e.condition, False, fn)):
        otherwise = number(e.otherwise, fn)
    if then.never and otherwise.never:
        return Number(expr("A if C else B", A=then.code, B=otherwise.code, C=condition), 1, never=True)
    den = common((then, otherwise))
    low, high = hull((then, otherwise))
    return Number(expr("A if C else B", A=at(then, den), B=at(otherwise, den), C=condition), den, low, high)


def literal(value: object, kind: Kind, fn: Function) -> ast.expr:
    """A figure of the policy that is no quantity."""
    match kind:
        case YesNo():
            assert isinstance(value, bool)
            return constant(value)
        case Day():
            assert isinstance(value, date)
            return call(fn.builder.py("date"), *(constant(n) for n in (value.year, value.month, value.day)))
        case MemberOf():
            assert isinstance(value, str)
            return fn.builder.member(kind.category, value)
        case SetOf():
            assert isinstance(value, frozenset)
            return call(fn.builder.py("frozenset"), items(fn.builder.members(kind.category, value)))
        case Quantity():
            raise AssertionError(kind)
        case _:
            assert_never(kind)


def plain(e: Expr, fn: Function) -> ast.expr:
    """An expression whose kind is not a quantity."""
    match e:
        case Constant():
            return literal(e.value, e.kind, fn)
        case Input():
            return fn.fact(e.key)
        case Ref():
            result = fn.read(e)
            assert not isinstance(result, Number)
            return result
        case Extreme():
            function = fn.builder.py("max" if e.which == "greatest" else "min")
            return call(function, *(plain(o, fn) for o in e.operands))
        case If():
            condition = plain(e.condition, fn)
            with fn.knowing(learnt(e.condition, True, fn)):
                then = plain(e.then, fn)
            with fn.knowing(learnt(e.condition, False, fn)):
                otherwise = plain(e.otherwise, fn)
            return expr("A if C else B", A=then, B=otherwise, C=condition)
        case Compare():
            return _compare(e, fn)
        case And():
            return _until(e.operands, ast.And(), True, fn)
        case Or():
            return _until(e.operands, ast.Or(), False, fn)
        case Not():
            return negated(plain(e.operand, fn))
        case IsMember():
            decided = _decided(e, fn)
            if decided is not None:
                return constant(decided)
            return among(plain(e.operand, fn), e.operand.kind, e.members, fn)
        case HasAny():
            return among(plain(e.operand, fn), e.operand.kind, e.members, fn)
        case Present():
            return expr("FACT is not None", FACT=fn.facts[e.key])
        case Within():
            start = plain(e.start, fn)
            end = call("_rt.end_of_period", start, constant(e.length), constant(e.unit), constant(e.overflow))
            return expr("START <= DAY <= END", START=start, DAY=plain(e.day, fn), END=end)
        case Undefined():
            return fn.no_answer(e.because)
        case Add() | Subtract() | Multiply() | Divide() | Round():
            raise AssertionError(e)
        case _:
            assert_never(e)


def _until(operands: Sequence[Expr], word: ast.boolop, truth: bool, fn: Function) -> ast.expr:
    said: list[ast.expr] = []
    with fn.knowing(Known()):
        for operand in operands:
            said.append(plain(operand, fn))
            fn.learn(learnt(operand, truth, fn))
    return said[0] if len(said) == 1 else ast.BoolOp(word, said)


def learnt(condition: Expr, truth: bool, fn: Function) -> Known:
    """What is known of the facts wherever `condition` is `truth`."""
    match condition:
        case Present() if truth:
            return Known(frozenset({condition.key}))
        case IsMember(operand=Input(key=key, kind=MemberOf(category=category))):
            members = condition.members
            return Known(possible={key: members if truth else others(category, members, fn)})
        case Not():
            return learnt(condition.operand, not truth, fn)
        case And() if truth:
            return _all_learnt(condition.operands, truth, fn)
        case Or() if not truth:
            return _all_learnt(condition.operands, truth, fn)
        case _:
            return Known()


def _all_learnt(conditions: Sequence[Expr], truth: bool, fn: Function) -> Known:
    existing: frozenset[str] = frozenset()
    possible: dict[str, frozenset[str]] = {}
    for condition in conditions:
        known = learnt(condition, truth, fn)
        existing |= known.existing
        for key, members in known.possible.items():
            possible[key] = possible.get(key, members) & members
    return Known(existing, possible)


def others(category: str, members: frozenset[str], fn: Function) -> frozenset[str]:
    """The members of a category that are not among `members`."""
    return frozenset(m.name.key for m in fn.builder.program.category(category).members) - members


def _decided(e: IsMember, fn: Function) -> bool | None:
    """The answer where the code around has settled it. Type checkers know it too, and refuse the question."""
    if not isinstance(e.operand, Input) or e.operand.key not in fn.possible:
        return None
    possible = fn.possible[e.operand.key]
    if not possible & e.members:
        return False
    return True if possible <= e.members else None


def negated(condition: ast.expr) -> ast.expr:
    """`not` a condition, said as its opposite where there is one."""
    match condition:
        case ast.UnaryOp(op=ast.Not()):
            return condition.operand
        case ast.Compare(ops=[ast.Is()]):
            return ast.Compare(condition.left, [ast.IsNot()], condition.comparators)
        case ast.Compare(ops=[ast.IsNot()]):
            return ast.Compare(condition.left, [ast.Is()], condition.comparators)
        case ast.Compare(ops=[ast.In()]):
            return ast.Compare(condition.left, [ast.NotIn()], condition.comparators)
        case _:
            return ast.UnaryOp(ast.Not(), condition)


def _compare(e: Compare, fn: Function) -> ast.expr:
    if isinstance(e.left.kind, Quantity):
        return compared(e.op, number(e.left, fn), number(e.right, fn))
    left, right = plain(e.left, fn), plain(e.right, fn)
    if isinstance(e.left.kind, YesNo) and e.op in ("==", "!="):
        for known, other in ((e.right, left), (e.left, right)):
            if isinstance(known, Constant):
                return other if bool(known.value) == (e.op == "==") else negated(other)
    return expr(f"A {e.op} B", A=left, B=right)


def among(operand: ast.expr, kind: Kind, members: frozenset[str], fn: Function) -> ast.expr:
    """Whether a member is one of `members`, a set has one of them, or a yes/no is "yes" or "no"."""
    match kind:
        case MemberOf():
            choices = fn.builder.members(kind.category, members)
            if len(choices) == 1:
                return expr("X == MEMBER", X=operand, MEMBER=choices[0])
            return expr("X in MEMBERS", X=operand, MEMBERS=_group(choices, kind.category, fn))
        case SetOf():
            choices = fn.builder.members(kind.category, members)
            if len(choices) == 1:
                return expr("MEMBER in X", X=operand, MEMBER=choices[0])
            group = _group(choices, kind.category, fn)
            return expr("not X.isdisjoint(GROUP)", X=operand, GROUP=group)
        case YesNo():
            if members >= {"yes", "no"}:
                return constant(True)
            return operand if "yes" in members else negated(operand)
        case Quantity() | Day():
            raise AssertionError(kind)
        case _:
            assert_never(kind)


def _group(choices: list[ast.expr], category: str, fn: Function) -> ast.expr:
    """Several members as a constant of the module, one for each such group."""
    text = ",".join(ast.unparse(choice) for choice in choices)
    wanted = f"_{fn.hint or category.upper()}"
    box = call(fn.builder.py("frozenset"), items(choices))
    return fn.builder.table(("members", text), wanted, box)


def chosen(container: ast.expr, keys: Sequence[ast.expr]) -> ast.expr:
    """`container[key][key]…`"""
    for key in keys:
        container = item(container, key)
    return container
