"""Which facts may a value depend on? The expressions that stand in a definition, and all they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from policydsl.checks.views import ON, View
from policydsl.expressions import Expr, Finish, Input, Interval, Limit, Present, Ref, children
from policydsl.model import Definition, Ground, Param, Rule, Share, Split, Table, Tiers


def facts_of(expr: Expr, seen: View) -> frozenset[str]:
    """The keys of all facts that `expr` may need, through definitions too."""
    memo_key = ("facts", expr)
    if memo_key in seen.shared:
        return seen.shared[memo_key]  # type: ignore[return-value]
    out: set[str] = set()
    match expr:
        case Input() | Present():
            out.add(expr.key)
        case Ref():
            out |= facts_of_definition(expr.key, seen)
        case _:
            for child in children(expr):
                out |= facts_of(child, seen)
    found = frozenset(out)
    seen.shared[memo_key] = found
    return found


def facts_of_definition(key: str, seen: View) -> frozenset[str]:
    """The keys of all facts that the definition `key` may need."""
    memo_key = ("facts of", key)
    if memo_key in seen.shared:
        return seen.shared[memo_key]  # type: ignore[return-value]
    definition = seen.index.get(key)
    out: set[str] = set()
    if definition is None or (isinstance(definition, Param) and definition.open):
        out.add(key)
    elif isinstance(definition, Param) and any(v.start for v in definition.versions):
        out.add(ON)
    if definition is not None:
        for expr in expressions_of(definition, seen):
            out |= facts_of(expr, seen)
    found = frozenset(out)
    seen.shared[memo_key] = found
    return found


def expressions_of(definition: Definition, seen: View | None = None) -> Iterator[Expr]:
    """Every expression that stands in a definition; with `seen`, those of splits of its shares too."""
    match definition:
        case Param():
            for version in definition.versions:
                yield version.value
            yield from _finish_expressions(definition.finish)
        case Rule():
            yield definition.base
            yield from _ground_expressions(definition.grounds)
            yield from _finish_expressions(definition.finish)
        case Table():
            for key in definition.keys:
                yield key.value
            for row in definition.rows:
                yield from row.results
                for test in row.tests:
                    if isinstance(test, Interval):
                        yield from interval_expressions(test)
            yield from _finish_expressions(definition.finish)
        case Tiers():
            yield definition.amount
            for key in definition.keys:
                yield key.value
            for band in definition.bands:
                yield from interval_expressions(band.interval)
                yield from band.cells
            if definition.cap is not None:
                yield definition.cap.bound
            yield from _finish_expressions(definition.finish)
        case Split():
            if definition.total is not None:
                yield definition.total
            for key in definition.keys:
                yield key.value
            for arm in definition.arms:
                yield from _share_expressions(arm.shares)
            if seen is not None and definition.parent is None:
                for d in seen.policy.definitions:
                    if isinstance(d, Split) and d.parent and d.parent[0] == definition.name.key:
                        yield from expressions_of(d)
        case _:
            assert_never(definition)


def interval_expressions(interval: Interval) -> Iterator[Expr]:
    if interval.low is not None:
        yield interval.low
    if interval.high is not None:
        yield interval.high


def _finish_expressions(finish: tuple[Finish, ...]) -> Iterator[Expr]:
    for clause in finish:
        if isinstance(clause, Limit):
            yield clause.bound


def _ground_expressions(grounds: tuple[Ground, ...]) -> Iterator[Expr]:
    for ground in grounds:
        yield ground.when
        yield ground.value
        yield from _ground_expressions(ground.inner)


def _share_expressions(shares: tuple[Share, ...]) -> Iterator[Expr]:
    for share in shares:
        if share.portion.amount is not None:
            yield share.portion.amount
        yield from _share_expressions(share.parts)


def walk(expr: Expr) -> Iterator[Expr]:
    """`expr` and every expression inside it."""
    yield expr
    for child in children(expr):
        yield from walk(child)
