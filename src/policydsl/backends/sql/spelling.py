"""How is SQL built from parts? Expressions of sqlglot with the brackets they need, spelt the same in four dialects.

Nothing here is text of a policy except names and strings, and those the builder quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlglot import exp

#: What sqlglot's classes make; its own types say little more.
Sql: TypeAlias = Any

#: How closely each operator binds its operands; what is not listed stands for itself.
_BINDS: dict[type[Any], int] = {
    exp.Or: 1, exp.And: 2, exp.Not: 3,
    exp.LT: 4, exp.LTE: 4, exp.GT: 4, exp.GTE: 4, exp.EQ: 4, exp.NEQ: 4, exp.Between: 4, exp.In: 4, exp.Is: 4,
    exp.Like: 4, exp.Glob: 4, exp.RegexpLike: 4,
    exp.DPipe: 5, exp.BitwiseAnd: 5, exp.Add: 6, exp.Sub: 6, exp.Mul: 7, exp.Div: 7, exp.IntDiv: 7, exp.Mod: 7, exp.Neg: 8,
}  # fmt: skip
_ATOM = 9
#: So many conditions stand in one chain; SQLite holds a thousand.
_CHAIN = 40


def column(name: str) -> Sql:
    return exp.column(exp.to_identifier(name, quoted=True))


def number(value: int) -> Sql:
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def text(value: str) -> Sql:
    return exp.Literal.string(value)


def null() -> Sql:
    return exp.Null()


def truth(value: bool) -> Sql:
    return exp.Boolean(this=value)


def call(name: str, *arguments: Sql) -> Sql:
    """A function by the very name that is given."""
    return exp.Anonymous(this=name, expressions=list(arguments))


@cache
def _type(kind: str, dialect: str | None) -> Sql:
    return exp.DataType.build(kind, dialect=dialect)


def cast(value: Sql, kind: str, dialect: str | None = None) -> Sql:
    """`value` as the type `kind`, which is written as `dialect` writes it, if it is one of its own."""
    return exp.Cast(this=value, to=_type(kind, dialect).copy())


def try_cast(value: Sql, kind: str, dialect: str | None = None) -> Sql:
    return exp.TryCast(this=value, to=_type(kind, dialect).copy())


def bracketed(part: Sql, above: int = _ATOM) -> Sql:
    """`part` as an operand of something that binds as closely as `above`: in brackets where it has to be."""
    return exp.Paren(this=part) if _BINDS.get(type(part), _ATOM) < above else part


def _binary(kind: type[Any], left: Sql, right: Sql, **how: Any) -> Sql:
    """Operators stand from the left to the right; dialects do not agree on how closely those bind that are
    rare (&, ||), so their operands are in brackets."""
    binds = _BINDS[kind]
    if kind in (exp.Mod, exp.BitwiseAnd, exp.DPipe) or binds == 4:
        return kind(this=bracketed(left, binds + 1), expression=bracketed(right, binds + 1), **how)
    return kind(this=bracketed(left, binds), expression=bracketed(right, binds + 1), **how)


def plus(left: Sql, right: Sql) -> Sql:
    return _binary(exp.Add, left, right)


def minus(left: Sql, right: Sql) -> Sql:
    return _binary(exp.Sub, left, right)


def times(left: Sql, right: Sql) -> Sql:
    return _binary(exp.Mul, left, right)


def remainder(left: Sql, right: Sql) -> Sql:
    return _binary(exp.Mod, left, right)


def shared_bits(left: Sql, right: Sql) -> Sql:
    return _binary(exp.BitwiseAnd, left, right)


def divided(left: Sql, right: Sql, dialect: str) -> Sql:
    """The whole part of a quotient of integers. Each dialect has one operator that never leaves the integers."""
    if dialect in ("duckdb", "spark"):
        return _binary(exp.IntDiv, left, right)
    # Typed: else a division of unknown types is spelt through floating point.
    return _binary(exp.Div, left, right, typed=True, safe=False)


_COMPARISONS = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "==": exp.EQ, "!=": exp.NEQ}


def compared(op: str, left: Sql, right: Sql) -> Sql:
    return _binary(_COMPARISONS[op], left, right)


def between(value: Sql, low: Sql, high: Sql) -> Sql:
    return exp.Between(this=bracketed(value, 5), low=low, high=high)


def one_of(value: Sql, others: Iterable[Sql]) -> Sql:
    found = list(others)
    return (
        compared("==", value, found[0])
        if len(found) == 1
        else exp.In(this=bracketed(value, 5), expressions=found)
    )


def is_null(value: Sql) -> Sql:
    return exp.Is(this=bracketed(value, 5), expression=exp.Null())


def is_not_null(value: Sql) -> Sql:
    return exp.Not(this=is_null(value))


def is_not_true(condition: Sql) -> Sql:
    """Whether a condition is false or unknown."""
    return exp.Not(this=exp.Is(this=bracketed(condition, 5), expression=exp.Boolean(this=True)))


def negated(condition: Sql) -> Sql:
    return exp.Not(this=bracketed(condition, 3))


def every(conditions: Sequence[Sql]) -> Sql:
    return _joined(exp.And, conditions, True)


def any_of(conditions: Sequence[Sql]) -> Sql:
    return _joined(exp.Or, conditions, False)


def _joined(kind: type[Any], conditions: Sequence[Sql], none: bool) -> Sql:
    if not conditions:
        return truth(none)
    if len(conditions) > _CHAIN:
        size = -(-len(conditions) // _CHAIN)
        parts = (conditions[at : at + size] for at in range(0, len(conditions), size))
        conditions = [exp.Paren(this=_joined(kind, part, none)) for part in parts]
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = _binary(kind, whole, condition)
    return whole


def chosen(arms: Iterable[tuple[Sql, Sql]], otherwise: Sql | None) -> Sql:
    """The value of the first condition that holds; NULL where none does and nothing else is said."""
    case = exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in arms])
    if not case.args["ifs"]:
        return null() if otherwise is None else otherwise
    if otherwise is not None:
        case.set("default", otherwise)
    return case


def joined_text(*parts: Sql) -> Sql:
    whole = parts[0]
    for part in parts[1:]:
        whole = _binary(exp.DPipe, whole, part)
    return whole
