"""What do all bodies share? Keys and their tests, branches, local variables, roundings and limits."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from policydsl.backends.python.building import Builder, Function, Known, Value
from policydsl.backends.python.expressions import among, number, value
from policydsl.backends.python.scale import (
    Number,
    at,
    common,
    extreme,
    rescaled,
    rounded,
)
from policydsl.backends.python.templates import (
    code,
    constant,
    expr,
)
from policydsl.expressions import (
    Finish,
    Input,
    Interval,
    Limit,
    Rounding,
    Test,
)
from policydsl.ir import (
    Definition,
    Key,
)
from policydsl.kinds import Kind, MemberOf, Quantity, is_money


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a body came to: its values, and for a rule with grounds which gave it and which held."""

    values: tuple[Value, ...]
    ground: ast.expr | None = None
    held: ast.expr | None = None


def finished(definition: Definition, result: Value, fn: Function, kind: Kind | None = None) -> Value:
    """`result` after the roundings and limits, in the denominator it is handed on in."""
    if not isinstance(result, Number):
        return result
    result = finish(definition.finish, result, fn)
    kind = definition.kind if kind is None else kind
    return landed(result, kind, definition.grain if kind == definition.kind else None, fn)


def landed(result: Number, kind: Kind, grain: Fraction | None, fn: Function) -> Number:
    return rescaled(result, fn.builder.canonical(kind, grain, result.den))


def finish(clauses: Sequence[Finish], result: Number, fn: Function) -> Number:
    for clause in clauses:
        match clause:
            case Rounding():
                if clause.scope == "total":
                    result = rounded(result, clause.step, clause.mode, fn.definition)
            case Limit():
                which, function = ("least", "min") if clause.which == "cap" else ("greatest", "max")
                bound = number(clause.bound, fn)
                result = extreme(which, (result, bound), fn.builder.py(function))  # type: ignore[arg-type]
            case _:
                assert_never(clause)
    return result


def kinds_of(keys: Sequence[Key]) -> list[Kind]:
    return [key.value.kind for key in keys]


def _passes(test: Test, key: ast.expr | Number, kind: Kind, fn: Function) -> ast.expr | None:
    """The condition that a key passes a test; None where every value does."""
    match test:
        case None:
            return None
        case frozenset():
            assert not isinstance(key, Number)
            return among(key, kind, test, fn)
        case Interval():
            return _inside(test, key, fn)
        case _:
            assert_never(test)


def _inside(test: Interval, key: Value, fn: Function) -> ast.expr | None:
    low = None if test.low is None else value(test.low, fn)
    high = None if test.high is None else value(test.high, fn)
    den = common([v for v in (low, key, high) if isinstance(v, Number)])
    below = "<=" if test.high_closed else "<"
    x = said_in(key, den)
    if low is not None and high is not None:
        above_ = "<=" if test.low_closed else "<"
        return expr(f"LOW {above_} X {below} HIGH", LOW=said_in(low, den), X=x, HIGH=said_in(high, den))
    if low is not None:
        return expr(f"X {'>=' if test.low_closed else '>'} LOW", X=x, LOW=said_in(low, den))
    return None if high is None else expr(f"X {below} HIGH", X=x, HIGH=said_in(high, den))


def all_pass(tests: Sequence[Test], values: Sequence[Value], keys: Sequence[Key], fn: Function) -> ast.expr:
    """The condition that all keys pass their tests; what the code around has settled is not asked again."""
    conditions: list[ast.expr] = []
    for test, v, key in zip(tests, values, keys, strict=True):
        if isinstance(test, frozenset) and isinstance(key.value, Input) and key.value.key in fn.possible:
            possible = fn.possible[key.value.key]
            if possible <= test:
                continue
            if not possible & test:
                return constant(False)
        condition = _passes(test, v, key.value.kind, fn)
        if condition is not None:
            conditions.append(condition)
    if not conditions:
        return constant(True)
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), conditions)


def row_known(tests: Sequence[Test], keys: Sequence[Key]) -> Known:
    """What is known of the facts where a row or an arm holds."""
    return Known(
        possible={
            key.value.key: test
            for test, key in zip(tests, keys, strict=True)
            if isinstance(test, frozenset)
            and isinstance(key.value, Input)
            and isinstance(key.value.kind, MemberOf)
        }
    )


def key_values(keys: Sequence[Key], fn: Function) -> list[Value]:
    """The keys, each in a local variable unless it is a fact."""
    said: list[Value] = []
    for key in keys:
        v = value(key.value, fn)
        said.append(fn.hold(key.name, v) if isinstance(v, Number) else fn.assign(key.name, v))
    return said


def uncovered(keys: Sequence[Key], fn: Function) -> ast.expr:
    return fn.no_answer(", ".join(key.name for key in keys) or "—")


def chain(
    branches: Sequence[tuple[ast.expr | None, list[ast.stmt]]], otherwise: list[ast.stmt]
) -> list[ast.stmt]:
    """if … elif … else; a condition of None is the last branch."""
    result = otherwise
    for condition, body in reversed(branches):
        if condition is None or (isinstance(condition, ast.Constant) and condition.value is True):
            result = body
        else:
            result = [ast.If(condition, body or [ast.Pass()], result)]
    return result


#: So many branches stand in one if … elif …: each is a level deeper for whoever walks the tree.
LONG = 200


def add_chain(
    branches: Sequence[tuple[ast.expr | None, list[ast.stmt]]], otherwise: list[ast.stmt], fn: Function
) -> None:
    """`chain` as the next statements of a function; one that is too long as several, each asked when no branch before
    it was taken."""
    if len(branches) <= LONG:
        fn.body += chain(branches, otherwise)
        return
    found = fn.temporary("found")
    # for whoever reads the types: what the branches set is always set
    fn.body += next((_copied(body) for _, body in branches if all(map(_sets_figure, body))), [])
    for start in range(0, len(branches), LONG):
        part, rest = branches[start : start + LONG], branches[start + LONG :]
        last = chain(part, code("FOUND = False", FOUND=found) if rest else otherwise)
        block = [*(code("FOUND = True", FOUND=found) if rest else ()), *last]
        fn.body += code("if not FOUND:\n    BODY", FOUND=found, BODY=block) if start else block


def _sets_figure(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)


def _copied(body: list[ast.stmt]) -> list[ast.stmt]:
    return [ast.Assign(s.targets, s.value) for s in body if isinstance(s, ast.Assign)]


def said_in(v: Value, den: int) -> ast.expr:
    return at(v, den) if isinstance(v, Number) else v


def set_local(own: str, v: Value, den: int) -> list[ast.stmt]:
    """A local variable set; what only raises is a statement of its own, for it has no type."""
    if isinstance(v, Number) and v.never:
        return [ast.Expr(v.code)]
    if isinstance(v, ast.Call) and ast.unparse(v.func) == "_rt.no_answer":
        return [ast.Expr(v)]
    return code("NAME = VALUE", NAME=own, VALUE=said_in(v, den))


def printed_den(numbers: Sequence[Number]) -> int:
    """The denominator that shows figures most like print: 1, or 10, 100 …, or what is needed."""
    den = common(numbers)
    power = 1
    while power < den:
        power *= 10
    return power if power % den == 0 else den


def unit_of_cells(kind: Kind, den: int, builder: Builder) -> str:
    if not isinstance(kind, Quantity):
        return ""
    sign = builder.program.header.currency.sign if is_money(kind) else ""
    if kind.percent and den == 100:
        return "%"
    return sign if den == 1 else f"1/{den} {sign}".strip()
