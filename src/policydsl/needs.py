"""Which definitions does a definition need? Its expressions, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from policydsl.expressions import Expr, Interval, Limit, Ref, children
from policydsl.ir import Allotment, Definition, Division, Exceptions, Formula, Ground, Lookup, Schedule


def definitions_of(definition: Definition) -> set[str]:
    """The keys of the definitions that `definition` refers to directly."""
    return {key for expr in expressions_of(definition) for key in refs(expr)}


def refs(expr: Expr) -> Iterator[str]:
    """The keys of the definitions that `expr` refers to, with repetitions."""
    stack = [expr]
    while stack:
        e = stack.pop()
        if isinstance(e, Ref):
            yield e.key
        stack += children(e)


def expressions_of(definition: Definition) -> Iterator[Expr]:
    """Every expression that stands directly in the definition."""
    body = definition.body
    match body:
        case Formula():
            yield body.value
        case Lookup():
            yield from (k.value for k in body.keys)
            for row in body.rows:
                for test in row.tests:
                    if isinstance(test, Interval):
                        yield from (e for e in (test.low, test.high) if e is not None)
                yield from row.results
        case Schedule():
            yield body.amount
            yield from (k.value for k in body.keys)
            if body.cap is not None:
                yield body.cap
            for band in body.bands:
                yield band.low
                if band.high is not None:
                    yield band.high
                yield from band.cells
        case Exceptions():
            yield body.base
            yield from _of_grounds(body.grounds)
        case Allotment():
            yield body.total
            yield from _of_division(body.division)
        case _:
            assert_never(body)
    for clause in definition.finish:
        if isinstance(clause, Limit):
            yield clause.bound


def _of_grounds(grounds: Sequence[Ground]) -> Iterator[Expr]:
    for ground in grounds:
        yield ground.when
        yield ground.value
        yield from _of_grounds(ground.inner)


def _of_division(division: Division) -> Iterator[Expr]:
    yield from (k.value for k in division.keys)
    for arm in division.arms:
        for part in arm.parts:
            if part.portion.amount is not None:
                yield part.portion.amount
            if part.division is not None:
                yield from _of_division(part.division)
