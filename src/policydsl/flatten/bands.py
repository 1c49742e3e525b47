"""What does a schedule pay, in steps? As `Bands` where its rates are figures, else slice by slice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import gcd, lcm

from policydsl.expressions import Interval, Rounding
from policydsl.flat import Bands
from policydsl.flatten.building import Builder
from policydsl.flatten.expressions import Scope, compute
from policydsl.flatten.grid import grid_of
from policydsl.flatten.tables import first_row
from policydsl.flatten.values import (
    Val,
    add,
    also,
    at,
    choose,
    common,
    compare,
    divide,
    extreme,
    figure,
    known,
    multiply,
    rounded,
    select,
    total,
    without,
)
from policydsl.ir import Key, Schedule


def schedule(body: Schedule, scope: Scope) -> Val:
    b = scope.b
    keys = [compute(key.value, scope) for key in body.keys]
    amount = compute(body.amount, scope)
    fails = b.any_of(*(k.fails for k in keys), amount.fails)
    counted = without(amount)
    if body.cap is not None:
        cap = compute(body.cap, scope)
        fails = b.any_of(fails, cap.fails)
        counted = extreme(b, "least", (counted, without(cap)))
    column = first_row([c.tests for c in body.columns], body.keys, keys, scope)
    lows = [compute(band.low, scope) for band in body.bands]
    highs = [None if band.high is None else compute(band.high, scope) for band in body.bands]
    fails = b.any_of(fails, column.fails, *(v.fails for v in (*lows, *highs) if v is not None))
    lows = [without(v) for v in lows]
    highs = [None if v is None else without(v) for v in highs]
    cells = [[compute(cell, scope) for cell in band.cells] for band in body.bands]
    value: Val | None = None
    match body.mode:
        case "marginal":
            if not (_acts(body.each_slice, (counted, *lows, *highs), b) or body.each_product):
                value = _bands(counted, column.i, lows, highs, cells, b)
            value = value or _slices(body, counted, column.i, lows, highs, cells, b)
        case "slab":
            value = _slab(body, counted, column.i, lows, highs, cells, scope)
        case "interpolated":
            value = _interpolated(counted, column.i, lows, cells, b)
    return also(b, value, fails)


def _acts(rounding: Rounding | None, values: Sequence[Val | None], b: Builder) -> bool:
    """Whether rounding the differences of these values can change one."""
    if rounding is None:
        return False
    real = [v for v in values if v is not None]
    return any(v.over is not None for v in real) or (1 / rounding.step / common(b, real)).denominator != 1


def _bands(
    x: Val,
    column: int,
    lows: Sequence[Val],
    highs: Sequence[Val | None],
    cells: Sequence[Sequence[Val]],
    b: Builder,
) -> Val | None:
    """The whole schedule in one step, if each band ends where the next begins, its edges ascend in every
    row, and its rates are figures."""
    rates: list[list[Fraction]] = []
    for row in cells:
        figures = [known(b, cell) if cell.fails is None else None for cell in row]
        if any(f is None for f in figures):
            return None
        rates.append([f for f in figures if f is not None])
    if any(high != low for high, low in zip(highs, lows[1:], strict=False)):
        return None
    last = highs[-1]
    edges = [*lows, *([] if last is None else [last])]
    if x.over is not None or any(e.over is not None for e in edges):
        return None
    if last is not None:
        rates.append([Fraction(0)] * len(rates[0]))
    den = common(b, (x, *edges))
    amount, places = at(b, x, den), [at(b, e, den) for e in edges]
    if any(b.high(p) > b.low(q) for p, q in itertools.pairwise(places)):
        return None
    while len(places) > 1 and b.high(amount) <= b.low(places[-1]):  # no amount comes so far
        places, rates = places[:-1], rates[:-1]
    if b.high(amount) <= b.low(places[0]):
        return figure(b, Fraction(0))
    columns = [b.known(column) or 0] if b.known(column) is not None else range(len(rates[0]))
    if len(columns) == 1:
        column = b.whole(0)
    fine = lcm(*(rate.denominator for row in rates for rate in row))
    counts = [tuple(int(row[c] * fine) for row in rates) for c in columns]
    shared = gcd(den * fine, *(count for row in counts for count in row))
    counts = [tuple(count // shared for count in row) for row in counts]
    low, high = _paid(amount, places, counts, b)
    step = Bands(amount, tuple(places), tuple(counts), column)
    return Val(b.bands(step, low, high), den * fine // shared)


def _paid(amount: int, edges: Sequence[int], rates: Sequence[Sequence[int]], b: Builder) -> tuple[int, int]:
    """The least and the most that a schedule pays, widened to what its telescoped form goes through."""
    top, least, most, through = b.high(amount), 0, 0, 0
    for row in rates:
        paid_least = paid_most = between = before = 0
        for i, rate in enumerate(row):
            end = top if i + 1 == len(row) else min(top, b.high(edges[i + 1]))
            width = max(end - b.low(edges[i]), 0)
            paid_least += min(rate, 0) * width
            paid_most += max(rate, 0) * width
            between += abs(rate - before) * max(top - b.low(edges[i]), 0)
            before = rate
        least, most, through = min(least, paid_least), max(most, paid_most), max(through, between)
    b.whole(through)  # too wide, if one of its parts is
    return least, most


def _slices(
    body: Schedule,
    x: Val,
    column: int,
    lows: Sequence[Val],
    highs: Sequence[Val | None],
    cells: Sequence[Sequence[Val]],
    b: Builder,
) -> Val:
    paid: list[Val] = []
    fails: int | None = None
    zero = figure(b, Fraction(0))
    for low, high, row in zip(lows, highs, cells, strict=True):
        top = x if high is None else extreme(b, "least", (x, high))
        reached = compare(b, ">", top, low).i
        part = extreme(b, "greatest", (add(b, top, low, minus=True), zero))
        if body.each_slice is not None:
            part = rounded(b, part, body.each_slice.step, body.each_slice.mode)
        cell = select(b, column, row)
        product = multiply(b, part, without(cell))
        if body.each_product is not None:
            product = rounded(b, product, body.each_product.step, body.each_product.mode)
        paid.append(product)
        fails = b.any_of(fails, b.where(reached, cell.fails))
    return also(b, total(b, paid), fails)


def _slab(
    body: Schedule,
    x: Val,
    column: int,
    lows: Sequence[Val],
    highs: Sequence[Val | None],
    cells: Sequence[Sequence[Val]],
    scope: Scope,
) -> Val:
    """The cell of the first band that the amount is in, times the amount above the first edge."""
    b = scope.b
    part = add(b, x, lows[0], minus=True)

    def paid(cell: Val) -> Val:
        return multiply(b, part, cell) if body.cells_are_rates else cell

    columns = range(len(cells[0]))
    tests = [(Interval(n.low, n.low_closed, n.high, n.high_closed, span=n.span),) for n in body.bands]
    figures = all(cell.fails is None and known(b, cell) is not None for row in cells for cell in row)
    grid = grid_of(tests, (Key(body.amount, "", None),), (x,), scope) if figures else None
    if grid is not None:
        bands: list[int | None] = [None] * grid.cells
        for r in range(len(tests)):
            for place in grid.covered(r):
                bands[place] = r if bands[place] is None else bands[place]
        empty = frozenset(i for i, band in enumerate(bands) if band is None)
        index = b.sum(b.times(column, grid.cells), grid.index)
        cell = select(b, index, [cells[band or 0][c] for c in columns for band in bands])
        return also(b, paid(cell), b.any_of(b.among(grid.index, empty)))
    inside: list[int] = []
    for band, low, high in zip(body.bands, lows, highs, strict=True):
        above = compare(b, ">=" if band.low_closed else ">", x, low).i
        below = b.truth(True) if high is None else compare(b, "<=" if band.high_closed else "<", x, high).i
        inside.append(b.both(above, below))
    value = also(b, figure(b, Fraction(0)), b.never())
    for row, here in zip(reversed(cells), reversed(inside), strict=True):
        value = choose(b, here, paid(select(b, column, row)), value)
    return value


def _interpolated(
    x: Val, column: int, points: Sequence[Val], cells: Sequence[Sequence[Val]], b: Builder
) -> Val:
    """On a point its cell; between two points the straight line."""
    chosen = [select(b, column, row) for row in cells]
    value = also(b, figure(b, Fraction(0)), b.never())
    pieces: list[Callable[[Val], Val]] = []
    for i, (point, cell) in enumerate(zip(points, chosen, strict=True)):

        def on(otherwise: Val, point: Val = point, cell: Val = cell) -> Val:
            return choose(b, compare(b, "==", x, point).i, cell, otherwise)

        pieces.append(on)
        if i:

            def between(otherwise: Val, i: int = i) -> Val:
                left, right = points[i - 1], points[i]
                width = add(b, right, left, minus=True)
                positive = compare(b, ">", width, figure(b, Fraction(0))).i
                # where there is no width there is no amount between, and any other width will do
                safe = choose(b, positive, width, Val(b.whole(1), width.den))
                rising = multiply(b, chosen[i], add(b, x, left, minus=True))
                falling = multiply(b, chosen[i - 1], add(b, right, x, minus=True))
                line = divide(b, add(b, rising, falling), safe)
                inside = b.both(compare(b, "<", left, x).i, compare(b, "<", x, right).i)
                return choose(b, inside, line, otherwise)

            pieces.append(between)
    for piece in reversed(pieces):
        value = piece(value)
    return value
