"""What does a table give, in steps?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from policydsl.expressions import Test
from policydsl.flatten.expressions import Scope, compute
from policydsl.flatten.grid import grid_of, holds
from policydsl.flatten.values import Val, add, also, better, choose, figure, known, select, without
from policydsl.ir import Key, Lookup, Overlap


def lookup(body: Lookup, scope: Scope) -> tuple[Val, ...]:
    """A value for each result of a table."""
    b = scope.b
    values = [compute(key.value, scope) for key in body.keys]
    fails = b.any_of(*(v.fails for v in values))
    tests = [row.tests for row in body.rows]
    if body.overlap == "count":
        results: list[list[Val]] = [[figure(b, Fraction(1))] * len(body.results) for _ in body.rows]
    else:
        results = [[compute(result, scope) for result in row.results] for row in body.rows]
    columns = list(zip(*results, strict=True)) if results else [() for _ in body.results]
    summed: Overlap = "sum" if body.overlap == "count" else body.overlap
    grid = grid_of(tests, body.keys, values, scope)
    if grid is not None and all(v.fails is None and _fixed(v, scope) for column in columns for v in column):
        covered: list[list[int]] = [[] for _ in range(grid.cells)]
        for r in range(len(tests)):
            for cell in grid.covered(r):
                covered[cell].append(r)
        made = tuple(_fixed_column(column, covered, grid.index, summed, scope) for column in columns)
        return tuple(also(b, v, fails) for v in made)
    if grid is not None and summed in ("agree", "first"):
        chosen = first_row(tests, body.keys, values, scope)
        made = tuple(also(b, select(b, chosen.i, column), chosen.fails) for column in columns)
        return tuple(also(b, v, fails, *(m.fails for m in made)) for v in made)
    held = [holds(t, values, body.keys, scope) for t in tests]
    fails = b.any_of(fails, *(h.fails for h in held))
    groups = [together(summed, [h.i for h in held], column, scope) for column in columns]
    if summed != "sum":
        fails = b.any_of(fails, *(b.opposite(g.held) for g in groups))
    return tuple(also(b, g.value, fails, *(other.value.fails for other in groups)) for g in groups)


def _fixed(v: Val, scope: Scope) -> bool:
    return scope.b.certain(v.i) is not None if scope.b.is_truth(v.i) else known(scope.b, v) is not None


def _fixed_column(
    column: Sequence[Val], covered: Sequence[Sequence[int]], index: int, overlap: Overlap, scope: Scope
) -> Val:
    """The values of one result in each cell of the grid, looked up."""
    b = scope.b
    truths = bool(column) and b.is_truth(column[0].i)
    figures = [Fraction(bool(b.certain(v.i))) if truths else known(b, v) or Fraction(0) for v in column]
    cells: list[Fraction | None] = []
    for rows in covered:
        held = [figures[r] for r in rows]
        if overlap == "sum":
            cells.append(sum(held, Fraction(0)))
        elif not held:
            cells.append(None)
        elif overlap == "greatest":
            cells.append(max(held))
        elif overlap == "least":
            cells.append(min(held))
        else:
            cells.append(held[0])
    present = [c for c in cells if c is not None]
    if not present:
        return Val(b.truth(False) if truths else b.whole(0), 1, b.never())
    empty = frozenset(i for i, cell in enumerate(cells) if cell is None)
    fails = b.any_of(b.among(index, empty)) if len(empty) <= 8 else None
    if len(empty) > 8:
        missing = b.pick(index, [int(cell is None) for cell in cells])
        fails = b.any_of(b.compare("==", missing, b.whole(1)))
    if truths and overlap != "sum":
        chosen = b.pick(index, [int(cell or 0) for cell in cells])
        return Val(b.compare("==", chosen, b.whole(1)), 1, fails)
    value = select(b, index, [figure(b, present[0] if cell is None else cell) for cell in cells])
    return also(b, value, fails)


def first_row(
    tests: Sequence[Sequence[Test]], keys: Sequence[Key], values: Sequence[Val], scope: Scope
) -> Val:
    """The place of the first row that holds, failing where none does; failures of the keys are left out."""
    b = scope.b
    grid = grid_of(tests, keys, [without(v) for v in values], scope)
    if grid is not None:
        first: list[int | None] = [None] * grid.cells
        for r in range(len(tests)):
            for cell in grid.covered(r):
                if first[cell] is None:
                    first[cell] = r
        empty = [r is None for r in first]
        fallback = next((r for r in first if r is not None), None)
        if fallback is None:
            return Val(b.whole(0), 1, b.never())
        row = b.pick(grid.index, [fallback if r is None else r for r in first])
        if not any(empty):
            return Val(row)
        return Val(row, 1, b.any_of(b.compare("==", b.pick(grid.index, [int(e) for e in empty]), b.whole(1))))
    held = [holds(t, values, keys, scope) for t in tests]
    row = b.whole(max(len(tests) - 1, 0))
    for r in range(len(tests) - 2, -1, -1):
        row = b.choose(held[r].i, b.whole(r), row)
    none = b.truth(True)
    for h in held:
        none = b.both(none, b.opposite(h.i))
    return Val(row, 1, b.any_of(none, *(h.fails for h in held)))


@dataclass(frozen=True, slots=True)
class Together:
    """What several that hold make: `held` any at all, the value, and the place of the one that gave it
    (−1 where several made it). The value fails where one it is made of fails; where none holds it means nothing."""

    held: int
    value: Val
    which: int


def together(overlap: Overlap, held: Sequence[int], values: Sequence[Val], scope: Scope) -> Together:
    """What of `values` holds where `held` does, by the rule for overlaps; with "sum" and none it is 0."""
    b = scope.b
    any_held = b.truth(False)
    for h in held:
        any_held = b.either(any_held, h)
    if not values:
        return Together(any_held, Val(b.whole(0)), b.whole(-1))
    if overlap in ("sum", "count"):
        fails = b.any_of(*(b.where(h, v.fails) for h, v in zip(held, values, strict=True)))
        result, number, which = Val(b.whole(0)), b.whole(0), b.whole(-1)
        for k, (h, v) in enumerate(zip(held, values, strict=True)):
            amount = figure(b, Fraction(1)) if overlap == "count" else replace(v, i=b.as_integer(v.i))
            result = add(b, result, choose(b, h, without(amount), figure(b, Fraction(0))))
            number = b.sum(number, b.as_integer(h))
            which = b.choose(h, b.whole(k), which)
        one = b.compare("==", number, b.whole(1))
        which = b.choose(one, which, b.whole(-1))
        return Together(any_held, also(b, without(result), None if overlap == "count" else fails), which)
    if overlap in ("agree", "first"):
        value, which = values[-1], b.whole(len(values) - 1)
        for k in range(len(values) - 2, -1, -1):
            value = choose(b, held[k], values[k], value)
            which = b.choose(held[k], b.whole(k), which)
        return Together(any_held, value, which)
    fails = b.any_of(*(b.where(h, v.fails) for h, v in zip(held, values, strict=True)))
    value, which, have = without(values[0]), b.whole(0), held[0]
    for k in range(1, len(values)):
        own = without(values[k])
        taken = b.both(held[k], b.either(b.opposite(have), better(b, overlap, own, value)))
        value = choose(b, taken, own, value)
        which = b.choose(taken, b.whole(k), which)
        have = b.either(have, held[k])
    return Together(any_held, also(b, value, fails), which)
