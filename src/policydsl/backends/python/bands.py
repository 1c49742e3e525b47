"""How are bands over an amount computed? Slice by slice, as a whole, or on a straight line."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm
from typing import assert_never

from policydsl.backends.python.building import Function, Value
from policydsl.backends.python.cells import covered
from policydsl.backends.python.expressions import chosen, number
from policydsl.backends.python.ladders import climb, column_table, column_tests, ladder_of
from policydsl.backends.python.pieces import (
    add_chain,
    all_pass,
    finish,
    finished,
    key_values,
    kinds_of,
    landed,
    set_local,
    uncovered,
)
from policydsl.backends.python.scale import (
    Number,
    Unsupported,
    add,
    at,
    choice,
    common,
    compared,
    extreme,
    figure,
    hull,
    multiply,
    rounded,
    scaled,
)
from policydsl.backends.python.templates import (
    above,
    code,
    constant,
    expr,
    name,
)
from policydsl.backends.python.words import interval
from policydsl.expressions import (
    Expr,
    Rounding,
)
from policydsl.ir import (
    Definition,
    Schedule,
)


def schedule(definition: Definition, body: Schedule, fn: Function) -> Value:
    ladder = ladder_of(definition, body, fn)
    if ladder is not None:
        return climb(definition, ladder, fn)
    keys = key_values(body.keys, fn)
    column = _column(definition, body, keys, fn)
    amount = number(body.amount, fn)
    if body.cap is not None:
        amount = extreme("least", (amount, number(body.cap, fn)), fn.builder.py("min"))
    amount = fn.hold("amount", amount)
    match body.mode:
        case "marginal":
            result = _slices(body, amount, column, fn)
        case "slab":
            result = _slab(body, amount, column, fn)
        case "interpolated":
            return _interpolated(definition, body, amount, column, fn)
        case _:
            assert_never(body.mode)
    return finished(definition, result, fn)


def _column(definition: Definition, body: Schedule, keys: Sequence[Value], fn: Function) -> ast.expr | None:
    """Which column is read: None where there is one, else an index in a local variable."""
    kinds = kinds_of(body.keys)
    if len(body.columns) == 1 and all(t is None for t in body.columns[0].tests):
        return None
    table = column_table(definition, body, fn.builder)
    if table is not None:
        said = [k for k in keys if not isinstance(k, Number)]
        return fn.assign("column", chosen(table, said))
    index: ast.expr = uncovered(body.keys, fn)
    if covered(iter(column_tests(body)), kinds, fn.builder):
        index = constant(len(body.columns) - 1)
    for i, column in reversed(list(enumerate(body.columns))):
        condition = all_pass(column.tests, keys, body.keys, fn)
        index = expr("I if C else REST", I=constant(i), C=condition, REST=index)
    return fn.assign("column", index)


def _cell(cells: Sequence[Number], column: ast.expr | None) -> Number:
    """The cell of the column that is read."""
    if column is None or len(cells) == 1:
        return cells[0]
    if all(c.known is not None for c in cells):
        return cells[0] if len({c.known for c in cells}) == 1 else choice(cells, column)
    den = common(cells)
    said = at(cells[-1], den)
    for i in range(len(cells) - 2, -1, -1):
        said = expr("A if C == I else B", A=at(cells[i], den), B=said, C=column, I=constant(i))
    low, high = hull(cells)
    return Number(said, den, low, high)


def _edges(body: Schedule, fn: Function) -> list[tuple[Number, Number | None]]:
    """The edges of all bands; those that are computed, in local variables, each once."""
    known: dict[Expr, Number] = {}

    def edge(e: Expr) -> Number:
        if e not in known:
            known[e] = fn.hold("edge", number(e, fn))
        return known[e]

    return [(edge(b.low), None if b.high is None else edge(b.high)) for b in body.bands]


def _slices(body: Schedule, amount: Number, column: ast.expr | None, fn: Function) -> Number:
    """Marginal, a statement a band: its part of the amount times its rate."""
    edges = _edges(body, fn)
    products: list[tuple[ast.expr, Number, str]] = []
    for band, (low, high) in zip(body.bands, edges, strict=True):
        top = amount if high is None else extreme("least", (amount, high), fn.builder.py("min"))
        reached = compared(">", amount, low)
        if high is not None and (low.known is None or high.known is None):
            top = fn.hold("top", top)
            reached = compared(">", top, low)
        part = add(top, low, -1)
        limit = None if high is None or high.high is None or low.low is None else high.high - low.low
        if limit is None and amount.high is not None and low.low is not None:
            limit = amount.high - low.low
        part = replace(part, low=Fraction(0), high=limit)
        if body.each_slice is not None:
            part = rounded(part, body.each_slice.step, body.each_slice.mode, fn.definition)
        product = multiply(part, _cell([number(c, fn) for c in band.cells], column))
        if body.each_product is not None:
            product = rounded(product, body.each_product.step, body.each_product.mode, fn.definition)
        products.append((reached, product, interval(band.printed, fn.builder.program)))
    den = common([p for _, p, _ in products])
    total = fn.temporary("total")
    fn.add("NAME = 0", NAME=total)
    for reached, product, printed in products:
        statements = code("if C:\n    NAME += VALUE", C=reached, NAME=total, VALUE=at(product, den))
        fn.body.append(above(statements[0], printed))
    lows = [p.low for _, p, _ in products]
    highs = [p.high for _, p, _ in products]
    low_ = sum((min(x, Fraction(0)) for x in lows if x is not None), Fraction(0))
    high_ = sum((max(x, Fraction(0)) for x in highs if x is not None), Fraction(0))
    return Number(name(total), den, None if None in lows else low_, None if None in highs else high_)


def _slab(body: Schedule, amount: Number, column: ast.expr | None, fn: Function) -> Number:
    """Slab: the whole at the rate of its band, or the band's amount."""
    edges = _edges(body, fn)
    first = edges[0][0]
    results: list[tuple[ast.expr, Number, str]] = []
    for band, (low, high) in zip(body.bands, edges, strict=True):
        den = common([n for n in (low, amount, high) if n is not None])
        left, right = ("<=" if band.low_closed else "<"), ("<=" if band.high_closed else "<")
        if high is None:
            condition = compared(">=" if band.low_closed else ">", amount, low)
        else:
            condition = expr(f"L {left} X {right} H", L=at(low, den), X=at(amount, den), H=at(high, den))
        cell = _cell([number(c, fn) for c in band.cells], column)
        if body.cells_are_rates:
            cell = multiply(replace(add(amount, first, -1), low=Fraction(0)), cell)
        results.append((condition, cell, interval(band.printed, fn.builder.program)))
    return _one_of(results, fn)


def _one_of(results: Sequence[tuple[ast.expr, Number, str]], fn: Function) -> Number:
    """The first of several results whose condition holds; none is a case without an answer."""
    den = common([r for _, r, _ in results])
    own = fn.temporary("result")
    branches: list[tuple[ast.expr | None, list[ast.stmt]]] = []
    for condition, result, printed in results:
        (statement,) = set_local(own, result, den)
        branches.append((condition, [above(statement, printed)]))
    add_chain(branches, [ast.Expr(fn.no_answer("—"))], fn)
    low, high = hull([r for _, r, _ in results])
    return Number(name(own), den, low, high)


def _interpolated(
    definition: Definition, body: Schedule, amount: Number, column: ast.expr | None, fn: Function
) -> Value:
    """On the straight line between two points."""
    points = [number(b.low, fn) for b in body.bands]
    cells = [[number(c, fn) for c in b.cells] for b in body.bands]
    if all(p.known is not None for p in points) and all(c.known is not None for row in cells for c in row):
        return finished(definition, _straight(body, amount, points, cells, column, fn), fn)
    first = next((c for c in definition.finish if isinstance(c, Rounding) and c.scope == "total"), None)
    if first is None or definition.finish[0] is not first:
        raise Unsupported
    edges = [fn.hold("edge", p) for p in points]
    results = []
    for i, (edge, row) in enumerate(zip(edges, cells, strict=True)):
        here = _cell(row, column)
        shown = interval(body.bands[i].printed, fn.builder.program)
        if i:
            before = _cell(cells[i - 1], column)
            run = add(amount, edges[i - 1], -1)
            width = replace(add(edge, edges[i - 1], -1), low=Fraction(1, 10**9))
            den = lcm(run.den, width.den)
            rise = multiply(add(here, before, -1), Number(at(run, den), den))
            start = multiply(before, Number(at(width, den), den))
            whole = add(start, rise)
            value_ = Number(scaled(whole.code, den), whole.den, None, None, over=at(width, den))
            if whole.known is not None:
                raise Unsupported
            span = common((edges[i - 1], amount, edge))
            inside = expr("L < X < H", L=at(edges[i - 1], span), X=at(amount, span), H=at(edge, span))
            results.append((inside, rounded(value_, first.step, first.mode, fn.definition), shown))
        exact = rounded(here, first.step, first.mode, fn.definition)
        results.append((compared("==", amount, edge), exact, shown))
    result = finish(definition.finish[1:], _one_of(results, fn), fn)
    return landed(result, definition.kind, definition.grain, fn)


def _straight(
    body: Schedule,
    amount: Number,
    points: Sequence[Number],
    cells: Sequence[Sequence[Number]],
    column: ast.expr | None,
    fn: Function,
) -> Number:
    results: list[tuple[ast.expr, Number, str]] = []
    at_first = compared("==", amount, points[0])
    shown = [interval(b.printed, fn.builder.program) for b in body.bands]
    results.append((at_first, _cell(cells[0], column), shown[0]))
    for i in range(1, len(points)):
        low, high = points[i - 1].known, points[i].known
        assert low is not None
        assert high is not None
        slopes, bases = [], []
        for before, here in zip(cells[i - 1], cells[i], strict=True):
            assert before.known is not None
            assert here.known is not None
            slope = (here.known - before.known) / (high - low)
            slopes.append(figure(slope))
            bases.append(figure(before.known - slope * low))
        line = add(multiply(amount, _cell(slopes, column)), _cell(bases, column))
        bounds = hull([*cells[i - 1], *cells[i]])
        den = common((points[i - 1], amount, points[i]))
        inside = expr("L < X <= H", L=at(points[i - 1], den), X=at(amount, den), H=at(points[i], den))
        results.append((inside, replace(line, low=bounds[0], high=bounds[1]), shown[i]))
    return _one_of(results, fn)
