"""How is a table computed? As a dictionary of its figures, or row by row."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from fractions import Fraction

from policydsl.backends.python.building import Function, Value
from policydsl.backends.python.cells import cases, covered, holds, nested
from policydsl.backends.python.expressions import chosen, plain, value
from policydsl.backends.python.names import mangled, upper
from policydsl.backends.python.pieces import (
    add_chain,
    all_pass,
    chain,
    key_values,
    kinds_of,
    printed_den,
    row_known,
    said_in,
    set_local,
    uncovered,
    unit_of_cells,
)
from policydsl.backends.python.scale import (
    Number,
    at,
    common,
    figure,
    hull,
)
from policydsl.backends.python.templates import (
    above,
    call,
    constant,
    item,
    items,
    name,
    tall,
)
from policydsl.backends.python.words import quoted
from policydsl.expressions import (
    Constant,
    Interval,
)
from policydsl.ir import (
    Definition,
    Lookup,
    Row,
)
from policydsl.kinds import Quantity, SetOf


def lookup(definition: Definition, body: Lookup, fn: Function) -> list[Value]:
    dense = _dense(definition, body, fn)
    return dense if dense is not None else _rows(definition, body, fn)


def _dense(definition: Definition, body: Lookup, fn: Function) -> list[Value] | None:
    """A table of known figures by categories: a dictionary for every case."""
    kinds = kinds_of(body.keys)
    every = cases(kinds, fn.builder)
    if every is None or not body.keys:
        return None
    if any(isinstance(test, Interval) for row in body.rows for test in row.tests):
        return None
    if any(not isinstance(result, Constant) for row in body.rows for result in row.results):
        return None
    filled: dict[tuple[str, ...], tuple[Value, ...]] = {}
    for case in every:
        held = [row for row in body.rows if holds(row.tests, case)]
        values = _combined(body, held, fn)
        if values is None:
            return None
        filled[case] = values
    columns = list(zip(*filled.values(), strict=True))
    dens = [printed_den([v for v in column if isinstance(v, Number)]) for column in columns]

    def leaf(case: tuple[str, ...]) -> ast.expr:
        cells = [
            at(v, den) if isinstance(v, Number) else v for v, den in zip(filled[case], dens, strict=True)
        ]
        return cells[0] if len(cells) == 1 else items(cells)

    key = definition.name.key
    units = _units(body, dens, fn)
    notes = [*quoted((*definition.quotes, *(q for row in body.rows for q in row.quotes)))]
    if units:
        notes.append(units)
    table = tall(nested(kinds, leaf, fn.builder)) if len(kinds) > 1 else nested(kinds, leaf, fn.builder)
    constant_ = fn.builder.table((key, "table"), f"_{upper(key)}_TABLE", table, *notes)
    said = chosen(constant_, [plain(k.value, fn) for k in body.keys])
    if len(columns) > 1:
        said = fn.assign("row", said)
    results: list[Value] = []
    for i, (column, den) in enumerate(zip(columns, dens, strict=True)):
        cell = said if len(columns) == 1 else item(said, constant(i))
        numbers = [v for v in column if isinstance(v, Number)]
        results.append(Number(cell, den, *hull(numbers)) if numbers else cell)
    return results


def _combined(body: Lookup, held: Sequence[Row], fn: Function) -> tuple[Value, ...] | None:
    """What the rows that hold for a case give together; None where that is no known figure."""
    if body.overlap == "count":
        return tuple(figure(Fraction(len(held))) for _ in body.results)
    if not held and body.overlap != "sum":
        return None
    results: list[Value] = []
    for i in range(len(body.results)):
        cells = [row.results[i] for row in held]
        if body.overlap in ("agree", "first"):
            results.append(value(cells[0], fn))
            continue
        known = [cell.value for cell in cells if isinstance(cell, Constant)]
        figures = [v for v in known if isinstance(v, Fraction)]
        if len(figures) != len(cells):
            return None
        match body.overlap:
            case "greatest":
                results.append(figure(max(figures)))
            case "least":
                results.append(figure(min(figures)))
            case "sum":
                results.append(figure(sum(figures, Fraction(0))))
            case _:
                raise AssertionError(body.overlap)
    return tuple(results)


def _units(body: Lookup, dens: Sequence[int], fn: Function) -> str:
    said = []
    for column, kind, den in zip(body.results, body.kinds, dens, strict=True):
        unit = unit_of_cells(kind, den, fn.builder)
        if unit:
            said.append(unit if len(dens) == 1 else f"{column.key}: {unit}")
    return ", ".join(said)


def _rows(definition: Definition, body: Lookup, fn: Function) -> list[Value]:
    """A table as conditions, row by row."""
    keys = key_values(body.keys, fn)
    conditions = [all_pass(row.tests, keys, body.keys, fn) for row in body.rows]
    if body.overlap == "count":
        counted = call(fn.builder.py("sum"), items(conditions))
        return [Number(counted, 1, Fraction(0), Fraction(len(conditions))) for _ in body.results]
    cells: list[list[Value]] = []
    for row in body.rows:
        with fn.knowing(row_known(row.tests, body.keys)):
            cells.append([value(result, fn) for result in row.results])
    results = [mangled(r.key) for r in body.results]
    dens = [
        common([n for row in cells if isinstance(n := row[i], Number)]) if isinstance(k, Quantity) else 1
        for i, k in enumerate(body.kinds)
    ]
    if body.overlap in ("agree", "first"):
        return _first_row(body, conditions, cells, results, dens, fn)
    return _several_rows(body, conditions, cells, results, dens, fn)


def _first_row(
    body: Lookup,
    conditions: Sequence[ast.expr],
    cells: Sequence[Sequence[Value]],
    results: Sequence[str],
    dens: Sequence[int],
    fn: Function,
) -> list[Value]:
    names = [fn.temporary("value" if len(results) == 1 else r) for r in results]
    branches: list[tuple[ast.expr | None, list[ast.stmt]]] = []
    for condition, row, written in zip(conditions, cells, body.rows, strict=True):
        with fn.block() as block:
            for own, cell, den in zip(names, row, dens, strict=True):
                fn.body += set_local(own, cell, den)
        notes = quoted(written.quotes)
        if notes and block:
            above(block[0], *notes)
        branches.append((condition, block))
    kinds = kinds_of(body.keys)
    categories = not any(isinstance(k, SetOf) for k in kinds) and not any(
        isinstance(test, Interval) for row in body.rows for test in row.tests
    )
    if categories and covered(iter([row.tests for row in body.rows]), kinds, fn.builder):
        branches[-1] = (None, branches[-1][1])
        add_chain(branches, [], fn)
    else:
        add_chain(branches, [ast.Expr(uncovered(body.keys, fn))], fn)
    values: list[Value] = []
    for i, own in enumerate(names):
        numbers = [n for row in cells if isinstance(n := row[i], Number)]
        values.append(Number(name(own), dens[i], *hull(numbers)) if numbers else name(own))
    return values


def _several_rows(
    body: Lookup,
    conditions: Sequence[ast.expr],
    cells: Sequence[Sequence[Value]],
    results: Sequence[str],
    dens: Sequence[int],
    fn: Function,
) -> list[Value]:
    """greatest, least and sum: all rows that hold, in a list a result."""
    names = [fn.temporary(f"{r}_held") for r in results]
    for own, kind in zip(names, body.kinds, strict=True):
        of = fn.builder.annotation(kind, inner=True, counted=True)
        fn.body.append(
            ast.AnnAssign(
                ast.Name(own, ast.Store()), item(fn.builder.py("list"), of), ast.List([], ast.Load()), 1
            )
        )
    for condition, row in zip(conditions, cells, strict=True):
        with fn.block() as block:
            for own, cell, den in zip(names, row, dens, strict=True):
                fn.add("NAME.append(VALUE)", NAME=own, VALUE=said_in(cell, den))
        fn.body += chain([(condition, block)], [])
    values: list[Value] = []
    for i, (own, den) in enumerate(zip(names, dens, strict=True)):
        numbers = [n for row in cells if isinstance(n := row[i], Number)]
        low, high = hull(numbers)
        if body.overlap == "sum":
            low = Fraction(0) if low is not None and low >= 0 else None
            high = None if high is None else max(high, Fraction(0)) * len(cells)
            values.append(Number(call(fn.builder.py("sum"), name(own)), den, low, high))
            continue
        if not any(isinstance(c, ast.Constant) and c.value is True for c in conditions):
            stop = uncovered(body.keys, fn)
            fn.add("if not HELD:\n    STOP", HELD=own, STOP=[ast.Expr(stop)])
        said = call(fn.builder.py("max" if body.overlap == "greatest" else "min"), name(own))
        values.append(Number(said, den, low, high) if numbers else said)
    return values
