"""Which row of a table holds? One look-up in a grid where its tests are figures, else row after row.

Each key becomes a dimension: a member's place, yes or no, the interval between two neighbouring bounds, or
one bit a test of a set. A row covers some places of each dimension, so the cell of the grid says which
rows hold there.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, prod

from policydsl.expressions import Interval, Test
from policydsl.flatten.building import Builder
from policydsl.flatten.expressions import Scope, compute, mask
from policydsl.flatten.values import Val, compare, known
from policydsl.ir import Key
from policydsl.kinds import Quantity, SetOf
from policydsl.nodes import Node

#: The most cells a grid has, and the most that its rows may cover together.
_CELLS, _COVERED = 1 << 20, 1 << 24


@dataclass(frozen=True, slots=True)
class Dimension:
    """The step that says which place of `size` a row is at, and for each row of the table the places it covers."""

    index: int
    size: int
    covered: tuple[Sequence[int], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """`index`: the step of the cell's number; for each cell the rows that hold there, in order."""

    index: int
    cells: int
    _rows: tuple[tuple[Sequence[int], ...], ...]  # by row, by dimension: places times stride

    def covered(self, row: int) -> Iterator[int]:
        """The cells in which a row holds."""
        for places in itertools.product(*self._rows[row]):
            yield sum(places)


def grid_of(
    tests: Sequence[Sequence[Test]], keys: Sequence[Key], values: Sequence[Val], scope: Scope
) -> Grid | None:
    """The grid of these rows of tests, one test a key; None where a bound is no figure or it grows too large."""
    b = scope.b
    dimensions: list[Dimension] = []
    for k, (key, value) in enumerate(zip(keys, values, strict=True)):
        own = _dimensions([row[k] for row in tests], key, value, scope)
        if own is None:
            return None
        dimensions += own
    dimensions = [d for d in dimensions if d.size > 1 or any(not c for c in d.covered)]
    cells = prod(d.size for d in dimensions)
    if cells > _CELLS:
        return None
    if sum(prod(len(d.covered[r]) for d in dimensions) for r in range(len(tests))) > _COVERED:
        return None
    index = b.whole(0)
    stride = cells
    rows: list[list[Sequence[int]]] = [[] for _ in tests]
    for d in dimensions:
        stride //= d.size
        index = b.sum(index, b.times(d.index, stride))
        for r, row in enumerate(rows):
            row.append([place * stride for place in d.covered[r]])
    return Grid(index, cells, tuple(map(tuple, rows)))


def _dimensions(tests: Sequence[Test], key: Key, value: Val, scope: Scope) -> list[Dimension] | None:
    b = scope.b
    if any(isinstance(test, Interval) for test in tests):
        spans = [_span(test, value, scope) for test in tests]
        if None in spans:
            return None
        return [_intervals([s for s in spans if s is not None], value, b)]
    asked = [test for test in tests if isinstance(test, frozenset)]
    if not asked:
        return []
    if b.is_truth(value.i):
        covered = tuple(
            (0, 1)
            if not isinstance(t, frozenset)
            else [i for i, word in enumerate(("no", "yes")) if word in t]
            for t in tests
        )
        return [Dimension(b.as_integer(value.i), 2, covered)]
    places = scope.places[_category(key)]
    if isinstance(key.value.kind, SetOf):
        return [
            Dimension(
                b.as_integer(b.shares_bit(value.i, mask(test, places))),
                2,
                tuple((1,) if t == test else (0, 1) for t in tests),
            )
            for test in dict.fromkeys(asked)
        ]
    everything = range(len(places))
    return [
        Dimension(
            value.i,
            len(places),
            tuple(
                sorted(places[m] for m in t if m in places) if isinstance(t, frozenset) else everything
                for t in tests
            ),
        )
    ]


def _category(key: Key) -> str:
    kind = key.value.kind
    category = getattr(kind, "category", None) or key.category
    assert category is not None
    return category


def _span(test: Test, value: Val, scope: Scope) -> tuple[int | None, int | None] | None:
    """From which count on a test holds, and from which on no more; None where a bound is no figure."""
    if value.over is not None:
        return None
    if not isinstance(test, Interval):
        return (None, None)
    low = high = None
    if test.low is not None:
        bound = _figure(test.low, scope)
        if bound is None:
            return None
        low = ceil(bound * value.den) if test.low_closed else floor(bound * value.den) + 1
    if test.high is not None:
        bound = _figure(test.high, scope)
        if bound is None:
            return None
        high = floor(bound * value.den) + 1 if test.high_closed else ceil(bound * value.den)
    return low, high


def _figure(expr: Node, scope: Scope) -> Fraction | None:
    bound = compute(expr, scope)  # type: ignore[arg-type]
    return None if bound.fails is not None else known(scope.b, bound)


def _intervals(spans: Sequence[tuple[int | None, int | None]], value: Val, b: Builder) -> Dimension:
    low, high = b.ranges[value.i]
    edges = sorted({edge for span in spans for edge in span if edge is not None and low < edge <= high})
    starts = [low, *edges]
    covered = [
        range(_first(starts, first), len(starts) if end is None else _first(starts, end))
        for first, end in spans
    ]
    return Dimension(b.place(value.i, edges), len(starts), tuple(covered))


def _first(starts: Sequence[int], edge: int | None) -> int:
    """The first of the intervals that begin at `starts` which does not lie below `edge`."""
    return 0 if edge is None else bisect_left(starts, edge)


# row after row


def holds(tests: Sequence[Test], values: Sequence[Val], keys: Sequence[Key], scope: Scope) -> Val:
    """Whether every key passes its test; a test behind one that is not passed fails nothing."""
    b = scope.b
    result = b.truth(True)
    fails: int | None = None
    for test, value, key in zip(tests, values, keys, strict=True):
        passed = _passes(test, value, key, scope)
        fails = b.any_of(fails, b.where(result, passed.fails))
        result = b.both(result, passed.i)
    return Val(result, 1, fails)


def _passes(test: Test, value: Val, key: Key, scope: Scope) -> Val:
    b = scope.b
    match test:
        case None:
            return Val(b.truth(True))
        case frozenset():
            if b.is_truth(value.i):
                yes, no = "yes" in test, "no" in test
                return Val(b.truth(yes) if yes == no else value.i if yes else b.opposite(value.i))
            places = scope.places[_category(key)]
            if isinstance(key.value.kind, SetOf):
                return Val(b.shares_bit(value.i, mask(test, places)))
            return Val(b.among(value.i, frozenset(places[m] for m in test if m in places)))
        case Interval():
            return _inside(test, value, key, scope)


def _inside(interval: Interval, value: Val, key: Key, scope: Scope) -> Val:
    b = scope.b
    quantity = isinstance(key.value.kind, Quantity)
    own = Val(value.i, value.den, None, value.over)
    result = b.truth(True)
    fails: int | None = None
    sides = (
        (interval.low, ">=" if interval.low_closed else ">"),
        (interval.high, "<=" if interval.high_closed else "<"),
    )
    for side, op in sides:
        if side is not None:
            bound = compute(side, scope)
            fails = b.any_of(fails, b.where(result, bound.fails))
            bound = Val(bound.i, bound.den, None, bound.over)
            passed = compare(b, op, own, bound).i if quantity else b.compare(op, own.i, bound.i)  # type: ignore[arg-type]
            result = b.both(result, passed)
    return Val(result, 1, fails)
