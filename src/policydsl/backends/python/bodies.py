"""How is a definition computed in Python? A form for each kind of body, the notice's table where there is one."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import assert_never

from policydsl.backends.python.building import Builder, Function, Known, Value
from policydsl.backends.python.cells import cases, covered, holds, nested
from policydsl.backends.python.expressions import among, chosen, learnt, number, plain, value
from policydsl.backends.python.names import camel, ground_paths, mangled, upper
from policydsl.backends.python.scale import (
    Number,
    Unsupported,
    add,
    at,
    choice,
    common,
    compared,
    division,
    extreme,
    figure,
    hull,
    multiply,
    rescaled,
    rounded,
    scaled,
)
from policydsl.backends.python.templates import (
    above,
    beside,
    call,
    code,
    constant,
    expr,
    item,
    items,
    name,
    tall,
)
from policydsl.backends.python.words import interval, one_line, quoted
from policydsl.expressions import (
    LARGEST_FRACTIONS,
    Constant,
    Expr,
    Finish,
    Input,
    Interval,
    Limit,
    Ref,
    Rounding,
    Test,
    children,
)
from policydsl.ir import (
    Allotment,
    Arm,
    Definition,
    Division,
    Exceptions,
    Formula,
    Ground,
    Key,
    Lookup,
    Part,
    Row,
    Schedule,
)
from policydsl.kinds import Kind, MemberOf, Quantity, SetOf, YesNo, is_money


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a body came to: its values, and for a rule with grounds which gave it and which held."""

    values: tuple[Value, ...]
    ground: ast.expr | None = None
    held: ast.expr | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """A marginal schedule that was made ready beforehand, for every case of its categories.

    `table` is the constant, `keys` the facts it is looked up by. The value counted in the unit of
    the answer (`den` to one) is (rate × amount + base) // `divisor` × `step`. `direct`: the amount is
    a fact as it is, and nothing follows the schedule.
    """

    table: ast.expr
    keys: tuple[str, ...]
    amount: Number
    divisor: int
    den: int
    step: int
    direct: bool


def compute(definition: Definition, fn: Function) -> Outcome:
    """The definition's values; statements that they need are added to `fn`."""
    body = definition.body
    match body:
        case Formula():
            return Outcome((_finished(definition, value(body.value, fn), fn),))
        case Lookup():
            values = _lookup(definition, body, fn)
            return Outcome(
                tuple(_finished(definition, v, fn, k) for v, k in zip(values, body.kinds, strict=True))
            )
        case Schedule():
            return Outcome((_schedule(definition, body, fn),))
        case Exceptions():
            return _exceptions(definition, body, fn)
        case Allotment():
            return Outcome(_allotment(definition, body, fn))
        case _:
            assert_never(body)


def _finished(definition: Definition, result: Value, fn: Function, kind: Kind | None = None) -> Value:
    """`result` after the roundings and limits, in the denominator it is handed on in."""
    if not isinstance(result, Number):
        return result
    result = finish(definition.finish, result, fn)
    kind = definition.kind if kind is None else kind
    return _landed(result, kind, definition.grain if kind == definition.kind else None, fn)


def _landed(result: Number, kind: Kind, grain: Fraction | None, fn: Function) -> Number:
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


# keys


def _kinds(keys: Sequence[Key]) -> list[Kind]:
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
    x = _said(key, den)
    if low is not None and high is not None:
        above_ = "<=" if test.low_closed else "<"
        return expr(f"LOW {above_} X {below} HIGH", LOW=_said(low, den), X=x, HIGH=_said(high, den))
    if low is not None:
        return expr(f"X {'>=' if test.low_closed else '>'} LOW", X=x, LOW=_said(low, den))
    return None if high is None else expr(f"X {below} HIGH", X=x, HIGH=_said(high, den))


def _all_pass(tests: Sequence[Test], values: Sequence[Value], keys: Sequence[Key], fn: Function) -> ast.expr:
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


def _row_known(tests: Sequence[Test], keys: Sequence[Key]) -> Known:
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


def _key_values(keys: Sequence[Key], fn: Function) -> list[Value]:
    """The keys, each in a local variable unless it is a fact."""
    said: list[Value] = []
    for key in keys:
        v = value(key.value, fn)
        said.append(fn.hold(key.name, v) if isinstance(v, Number) else fn.assign(key.name, v))
    return said


def _uncovered(keys: Sequence[Key], fn: Function) -> ast.expr:
    return fn.no_answer(", ".join(key.name for key in keys) or "—")


def _branches(
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


# tables


def _lookup(definition: Definition, body: Lookup, fn: Function) -> list[Value]:
    dense = _dense(definition, body, fn)
    return dense if dense is not None else _rows(definition, body, fn)


def _dense(definition: Definition, body: Lookup, fn: Function) -> list[Value] | None:
    """A table of known figures by categories: a dictionary for every case."""
    kinds = _kinds(body.keys)
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
    dens = [_printed_den([v for v in column if isinstance(v, Number)]) for column in columns]

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


def _printed_den(numbers: Sequence[Number]) -> int:
    """The denominator that shows figures most like print: 1, or 10, 100 …, or what is needed."""
    den = common(numbers)
    power = 1
    while power < den:
        power *= 10
    return power if power % den == 0 else den


def _units(body: Lookup, dens: Sequence[int], fn: Function) -> str:
    said = []
    for column, kind, den in zip(body.results, body.kinds, dens, strict=True):
        unit = _unit(kind, den, fn.builder)
        if unit:
            said.append(unit if len(dens) == 1 else f"{column.key}: {unit}")
    return ", ".join(said)


def _unit(kind: Kind, den: int, builder: Builder) -> str:
    if not isinstance(kind, Quantity):
        return ""
    sign = builder.program.header.currency.sign if is_money(kind) else ""
    if kind.percent and den == 100:
        return "%"
    return sign if den == 1 else f"1/{den} {sign}".strip()


def _rows(definition: Definition, body: Lookup, fn: Function) -> list[Value]:
    """A table as conditions, row by row."""
    kinds = _kinds(body.keys)
    keys = _key_values(body.keys, fn)
    conditions = [_all_pass(row.tests, keys, body.keys, fn) for row in body.rows]
    if body.overlap == "count":
        counted = call(fn.builder.py("sum"), items(conditions))
        return [Number(counted, 1, Fraction(0), Fraction(len(conditions))) for _ in body.results]
    cells: list[list[Value]] = []
    for row in body.rows:
        with fn.knowing(_row_known(row.tests, body.keys)):
            cells.append([value(result, fn) for result in row.results])
    results = [mangled(r.key) for r in body.results]
    dens = [
        common([n for row in cells if isinstance(n := row[i], Number)]) if isinstance(k, Quantity) else 1
        for i, k in enumerate(body.kinds)
    ]
    if body.overlap in ("agree", "first"):
        return _first_row(body, conditions, cells, results, dens, fn)
    return _several_rows(body, conditions, cells, results, dens, fn)


def _said(v: Value, den: int) -> ast.expr:
    return at(v, den) if isinstance(v, Number) else v


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
                fn.add("NAME = VALUE", NAME=own, VALUE=_said(cell, den))
        notes = quoted(written.quotes)
        if notes and block:
            above(block[0], *notes)
        branches.append((condition, block))
    kinds = _kinds(body.keys)
    categories = not any(isinstance(k, SetOf) for k in kinds) and not any(
        isinstance(test, Interval) for row in body.rows for test in row.tests
    )
    if categories and covered(iter([row.tests for row in body.rows]), kinds, fn.builder):
        branches[-1] = (None, branches[-1][1])
        fn.body += _branches(branches, [])
    else:
        fn.body += _branches(branches, [ast.Expr(_uncovered(body.keys, fn))])
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
                fn.add("NAME.append(VALUE)", NAME=own, VALUE=_said(cell, den))
        fn.body += _branches([(condition, block)], [])
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
            stop = _uncovered(body.keys, fn)
            fn.add("if not HELD:\n    STOP", HELD=own, STOP=[ast.Expr(stop)])
        said = call(fn.builder.py("max" if body.overlap == "greatest" else "min"), name(own))
        values.append(Number(said, den, low, high) if numbers else said)
    return values


# bands


def _schedule(definition: Definition, body: Schedule, fn: Function) -> Value:
    ladder = ladder_of(definition, body, fn)
    if ladder is not None:
        return _climb(definition, ladder, fn)
    keys = _key_values(body.keys, fn)
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
    return _finished(definition, result, fn)


def _column_tests(body: Schedule) -> list[tuple[Test, ...]]:
    return [tuple(c.tests) for c in body.columns]


def _column(definition: Definition, body: Schedule, keys: Sequence[Value], fn: Function) -> ast.expr | None:
    """Which column is read: None where there is one, else an index in a local variable."""
    kinds = _kinds(body.keys)
    if len(body.columns) == 1 and all(t is None for t in body.columns[0].tests):
        return None
    table = _column_table(definition, body, fn.builder)
    if table is not None:
        said = [k for k in keys if not isinstance(k, Number)]
        return fn.assign("column", chosen(table, said))
    index: ast.expr = _uncovered(body.keys, fn)
    if covered(iter(_column_tests(body)), kinds, fn.builder):
        index = constant(len(body.columns) - 1)
    for i, column in reversed(list(enumerate(body.columns))):
        condition = _all_pass(column.tests, keys, body.keys, fn)
        index = expr("I if C else REST", I=constant(i), C=condition, REST=index)
    return fn.assign("column", index)


def _column_table(definition: Definition, body: Schedule, builder: Builder) -> ast.expr | None:
    """A dictionary from the keys to the column, where they are categories and every case has one."""
    kinds = _kinds(body.keys)
    tests = _column_tests(body)
    if not kinds or any(isinstance(k, SetOf) for k in kinds) or not covered(iter(tests), kinds, builder):
        return None

    def leaf(case: tuple[str, ...]) -> ast.expr:
        return constant(next(i for i, t in enumerate(tests) if holds(t, case)))

    key = definition.name.key
    return builder.table((key, "columns"), f"_{upper(key)}_COLUMN", nested(kinds, leaf, builder))


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
        (statement,) = code("NAME = VALUE", NAME=own, VALUE=at(result, den))
        branches.append((condition, [above(statement, printed)]))
    fn.body += _branches(branches, [ast.Expr(fn.no_answer("—"))])
    low, high = hull([r for _, r, _ in results])
    return Number(name(own), den, low, high)


def _interpolated(
    definition: Definition, body: Schedule, amount: Number, column: ast.expr | None, fn: Function
) -> Value:
    """On the straight line between two points."""
    points = [number(b.low, fn) for b in body.bands]
    cells = [[number(c, fn) for c in b.cells] for b in body.bands]
    if all(p.known is not None for p in points) and all(c.known is not None for row in cells for c in row):
        return _finished(definition, _straight(body, amount, points, cells, column, fn), fn)
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
    return _landed(result, definition.kind, definition.grain, fn)


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


# marginal schedules made ready for every case of their categories


def ladder_of(definition: Definition, body: Schedule, fn: Function) -> Ladder | None:
    """The schedule as a table of edges, rates and bases; None where it depends on more than categories,
    or rounds each slice, or has holes."""
    if body.mode != "marginal" or body.each_slice is not None or body.each_product is not None:
        return None
    builder = fn.builder
    if any(a.high is None or a.high != b.low for a, b in zip(body.bands, body.bands[1:], strict=False)):
        return None
    keys = _finite_facts(definition, body, builder)
    column_table = _column_table(definition, body, builder) if body.keys else None
    if keys is None or (column_table is None and len(body.columns) > 1):
        return None
    # The cases are walked when the module is imported: there the facts are the loop's variables.
    loop = builder.new_function(fn.definition, {key: name(mangled(key)) for key in keys})
    start = number(body.bands[0].low, loop)
    highs = [None if b.high is None else number(b.high, loop) for b in body.bands]
    cells = [[number(c, loop) for c in b.cells] for b in body.bands]
    column = (
        constant(0)
        if column_table is None
        else chosen(column_table, [plain(k.value, loop) for k in body.keys])
    )
    if loop.fails or loop.body:
        return None
    amount = number(body.amount, fn)
    if body.cap is not None:
        amount = extreme("least", (amount, number(body.cap, fn)), builder.py("min"))
    if amount.over is not None or amount.never or amount.high is None:
        return None
    printed = _printed_den([h for h in highs if h is not None])
    scale = lcm(amount.den, start.den, printed)
    rates = _printed_den([c for row in cells for c in row])
    low, _ = hull([c for row in cells for c in row])
    negative = low is None or low < 0
    first = definition.finish[0] if definition.finish else None
    rounding = first if isinstance(first, Rounding) and first.scope == "total" else None
    rest = definition.finish if rounding is None else definition.finish[1:]
    exact = scale * rates
    den = builder.canonical(definition.kind, definition.grain, exact if rounding is None else 1)
    if rounding is not None:
        how = division(rounding.mode, 1 / (rounding.step * exact), negative=negative)
        if how.helper is not None or (rounding.step * den).denominator != 1:
            return None
        factor, offset, divisor, step = how.factor, how.offset, how.divisor, int(rounding.step * den)
    else:
        if rest or exact % den:
            den = exact
        factor, offset, divisor, step = 1, 0, exact // den, 1
    key = definition.name.key
    rows = [
        beside(
            items([constant(None) if h is None else at(h, printed), items([at(c, rates) for c in row])]),
            interval(b.printed, builder.program),
        )
        for b, h, row in zip(body.bands, highs, cells, strict=True)
    ]
    bands: ast.expr = items(rows)
    fixed = all(h is None or h.known is not None for h in highs) and all(
        c.known is not None for row in cells for c in row
    )
    if fixed:
        titles = " | ".join(one_line(c.title) for c in body.columns if c.title)
        sign = _unit(body.amount.kind, printed, builder)
        notes = [
            *quoted((*definition.quotes, *(q for b in body.bands for q in b.quotes))),
            f"up to ({sign}), then {'%' if rates == 100 else f'1/{rates}'}{f' by column: {titles}' if titles else ''}",
        ]
        bands = builder.table((key, "bands"), f"_{upper(key)}_BANDS", tall(bands), *notes)
    made: ast.expr = call(
        "_rt.marginal",
        bands,
        column=column,
        start=at(start, scale),
        scale=constant(scale // printed),
        factor=constant(factor),
        offset=constant(offset),
        limit=constant(int(amount.high * scale)),
    )
    for fact_key in reversed(keys):
        made = _for_each(fact_key, made, builder)
    table = builder.table((key, "ladder"), f"_{upper(key)}", made)
    direct = isinstance(body.amount, Input) and body.cap is None and amount.den == scale and not rest
    return Ladder(table, tuple(keys), rescaled(amount, scale), divisor, den, step, direct)


def _for_each(key: str, inner: ast.expr, builder: Builder) -> ast.expr:
    """{city: … for city in City}"""
    kind = builder.program.fact(key).kind
    own = mangled(key)
    domain: ast.expr = (
        items([constant(False), constant(True)]) if isinstance(kind, YesNo) else name(camel(kind.category))  # type: ignore[union-attr]
    )
    loop = ast.comprehension(ast.Name(own, ast.Store()), domain, [], 0)
    return ast.DictComp(name(own), inner, [loop])


def _finite_facts(definition: Definition, body: Schedule, builder: Builder) -> list[str] | None:
    """The categories that edges, rates and columns depend on; None if they depend on more."""
    found: set[str] = set()
    stack: list[Expr] = [key.value for key in body.keys]
    for band in body.bands:
        stack += [band.low, *band.cells]
        if band.high is not None:
            stack.append(band.high)
    while stack:
        e = stack.pop()
        if isinstance(e, Input):
            found.add(e.key)
        elif isinstance(e, Ref):
            found.update(builder.program.definition(e.key).inputs)
        stack += children(e)
    keys = [key for key in definition.inputs if key in found]
    facts = [builder.program.fact(key) for key in keys]
    if any(f.optional for f in facts) or cases([f.kind for f in facts], builder) is None:
        return None
    return keys


def ladder_value(ladder: Ladder, rate: ast.expr, base: ast.expr, amount: ast.expr) -> ast.expr:
    """(rate * amount + base) // divisor"""
    line = expr("RATE * X + BASE", RATE=rate, X=amount, BASE=base)
    whole = line if ladder.divisor == 1 else expr("LINE // D", LINE=line, D=constant(ladder.divisor))
    return scaled(whole, ladder.step)


def _climb(definition: Definition, ladder: Ladder, fn: Function) -> Value:
    """The schedule's value by its ladder."""
    row = chosen(ladder.table, [fn.facts[key] for key in ladder.keys])
    edges, rates, bases = (fn.temporary(word) for word in ("edges", "rates", "bases"))
    amount = fn.hold("amount", ladder.amount)
    index = fn.temporary("i")
    fn.add("E, R, B = ROW[4]", E=edges, R=rates, B=bases, ROW=row)
    fn.add("I = BISECT(E, X)", I=index, BISECT=fn.builder.py("bisect_left"), E=edges, X=amount.code)
    rate, base = item(name(rates), name(index)), item(name(bases), name(index))
    rounds = any(isinstance(c, Rounding) and c.scope == "total" for c in definition.finish[:1])
    result = Number(ladder_value(ladder, rate, base, amount.code), ladder.den, Fraction(0))
    rest = finish(definition.finish[1:] if rounds else definition.finish, result, fn)
    return _landed(rest, definition.kind, definition.grain, fn)


# grounds


def _exceptions(definition: Definition, body: Exceptions, fn: Function) -> Outcome:
    """Every ground that holds with what it gives, then which of them counts."""
    key = definition.name.key
    enum = name(f"{camel(key)}Ground")
    base = value(body.base, fn)
    given = _ground_values(body.grounds, "", body, fn)
    numbers = [v for v, _ in (*given.values(), (base, False)) if isinstance(v, Number)]
    den = common(numbers)
    several = body.overlap in ("sum", "count")
    first = body.overlap in ("agree", "first")
    # The pairs in `held` tell which grounds hold, unless a pair may stand for another ground.
    listed = (
        several or any(g.inner for g in body.grounds) or (first and any(fails for _, fails in given.values()))
    )
    of = fn.builder.annotation(definition.kind, inner=True, counted=True)
    pair = items([of, expr("ENUM | None", ENUM=enum) if several else enum])
    applied = fn.temporary("applied") if listed else ""
    if listed:
        _new_list(applied, enum, fn)

    def level(grounds: Sequence[Ground], outer: str, above_: tuple[str, ...]) -> str:
        held = fn.temporary("held" if not outer else f"held_{outer.replace('.', '_')}")
        _new_list(held, item(fn.builder.py("tuple"), pair), fn)
        for path, ground in _own_paths(grounds, outer):
            fn.hint = f"{upper(key)}_{upper(path.replace('.', '_'))}"
            when = plain(ground.when, fn)
            fn.hint = ""
            member = expr("ENUM.GROUND", ENUM=enum, GROUND=upper(path.replace(".", "_")))
            said, may_fail = given[path]
            with fn.block() as block:
                if applied:
                    fn.add("MET.append(GROUND)", MET=applied, GROUND=member)
                own = items([_said(said, den), member])
                if ground.inner:
                    with fn.knowing(learnt(ground.when, True, fn)):
                        inner = level(ground.inner, path, (held, *above_))
                    own = expr(
                        "PICK if HELD else OWN", PICK=_pick(body.overlap, inner, den), HELD=inner, OWN=own
                    )
                if may_fail and first:
                    # A ground that is passed over need not have a value, nor one within it.
                    for passed in (held, *above_):
                        own = expr("HELD[0] if HELD else OWN", HELD=passed, OWN=own)
                fn.add("HELD.append(PAIR)", HELD=held, PAIR=own)
            fn.body.append(above(ast.If(when, block, []), *quoted(ground.quotes)))
        return held

    held = level(body.grounds, "", ())
    result, ground = fn.temporary("result"), fn.temporary("ground")
    fn.add(
        "RESULT, GROUND = PICK if HELD else BASE",
        RESULT=result,
        GROUND=ground,
        PICK=_pick(body.overlap, held, den),
        HELD=held,
        BASE=items([_said(base, den), expr("ENUM.BASE", ENUM=enum)]),
    )
    everything = name(applied) if listed else expr("[ground for _, ground in HELD]", HELD=held)
    said_ground = expr("GROUND or MET[0]", GROUND=ground, MET=applied) if several else name(ground)
    final: Value = name(result)
    if numbers:
        low, high = hull(numbers)
        if several:
            low, high = (Fraction(0) if low is not None and low >= 0 else None), None
        final = _finished(definition, Number(name(result), den, low, high), fn)
    return Outcome((final,), said_ground, call(fn.builder.py("tuple"), everything))


def _new_list(own: str, of: ast.expr, fn: Function) -> None:
    listed = item(fn.builder.py("list"), of)
    fn.body.append(ast.AnnAssign(ast.Name(own, ast.Store()), listed, ast.List([], ast.Load()), 1))


def _ground_values(
    grounds: Sequence[Ground], outer: str, body: Exceptions, fn: Function
) -> dict[str, tuple[Value, bool]]:
    """The own value of each ground, by its path, and whether it may be missing."""
    values: dict[str, tuple[Value, bool]] = {}
    for path, ground in _own_paths(grounds, outer):
        before, fn.fails = fn.fails, False
        with fn.knowing(learnt(ground.when, True, fn)):
            own = figure(Fraction(1)) if body.overlap == "count" else value(ground.value, fn)
            values[path] = own, fn.fails
            values |= _ground_values(ground.inner, path, body, fn)
        fn.fails = fn.fails or before
    return values


def _own_paths(grounds: Sequence[Ground], outer: str) -> list[tuple[str, Ground]]:
    """These grounds with their paths, without those inside them."""
    return [(path, g) for path, g in ground_paths(tuple(grounds), outer) if any(g is own for own in grounds)]


def _pick(overlap: str, held: str, den: int) -> ast.expr:
    if overlap in ("agree", "first"):
        return item(name(held), constant(0))
    if overlap == "count":
        return call("_rt.number_of", name(held), constant(den))
    helper = {"greatest": "greatest", "least": "least", "sum": "together"}[overlap]
    return call(f"_rt.{helper}", name(held))


# splits


def _allotment(definition: Definition, body: Allotment, fn: Function) -> tuple[Value, ...]:
    """The payers' shares (leaves, then subtotals), then the total."""
    total = fn.hold("total", number(body.total, fn))
    paid = _divide(definition, body.division, total, fn)
    values: list[Value] = []
    for payer in (*body.leaves, *body.subtotals):
        share = paid.get(payer.key, figure(Fraction(0)))
        values.append(_landed(share, definition.kind, definition.grain, fn))
    values.append(_landed(total, definition.kind, definition.grain, fn))
    return tuple(values)


def _divide(definition: Definition, split: Division, whole: Number, fn: Function) -> dict[str, Number]:
    """What each payer bears of `whole`."""
    kinds = _kinds(split.keys)
    if all(test is None for test in split.arms[0].tests):
        return _shares(definition, split, split.arms[0], whole, fn)
    keys = _key_values(split.keys, fn)
    arms: list[tuple[ast.expr, list[ast.stmt], dict[str, Number]]] = []
    for arm in split.arms:
        with fn.block() as block, fn.knowing(_row_known(arm.tests, split.keys)):
            shares = _shares(definition, split, arm, whole, fn)
        arms.append((_all_pass(arm.tests, keys, split.keys, fn), block, shares))
    payers = list(dict.fromkeys(payer for _, _, shares in arms for payer in shares))
    nothing = figure(Fraction(0))
    merged: dict[str, Number] = {}
    names: dict[str, tuple[str, int]] = {}
    for payer in payers:
        all_shares = [shares.get(payer, nothing) for _, _, shares in arms]
        den = fn.builder.canonical(definition.kind, definition.grain, common(all_shares))
        own = fn.temporary(payer)
        names[payer] = own, den
        merged[payer] = Number(name(own), den, *hull(all_shares))
    branches: list[tuple[ast.expr | None, list[ast.stmt]]] = []
    for (condition, block, shares), arm in zip(arms, split.arms, strict=True):
        assigned: list[ast.stmt] = []
        for payer, (own, den) in names.items():
            assigned += code("NAME = VALUE", NAME=own, VALUE=at(shares.get(payer, nothing), den))
        body = [*block, *assigned]
        if arm.quotes:
            above(body[0], *quoted(arm.quotes))
        branches.append((condition, body))
    tests: list[tuple[Test, ...]] = [tuple(arm.tests) for arm in split.arms]
    if not any(isinstance(k, SetOf) for k in kinds) and covered(iter(tests), kinds, fn.builder):
        branches[-1] = (None, branches[-1][1])
        fn.body += _branches(branches, [])
    else:
        fn.body += _branches(branches, [ast.Expr(_uncovered(split.keys, fn))])
    return merged


def _shares(
    definition: Definition, split: Division, arm: Arm, whole: Number, fn: Function
) -> dict[str, Number]:
    values = _exact_shares(arm.parts, whole, fn)
    if split.rounding is not None:
        values = _rounded_shares(arm.parts, values, whole, split.rounding, fn)
    paid: dict[str, Number] = {}
    for part, share in zip(arm.parts, values, strict=True):
        if part.division is not None:
            share = fn.hold(part.payer, share)
            below = _divide(definition, part.division, share, fn)
        else:
            below = {}
        for payer, borne in ((part.payer, share), *below.items()):
            paid[payer] = add(paid[payer], borne) if payer in paid else borne
    return paid


def _exact_shares(parts: Sequence[Part], whole: Number, fn: Function) -> list[Number]:
    shares: list[Number | None] = []
    for part in parts:
        portion = part.portion
        match portion.how:
            case "rate":
                assert portion.rate is not None
                shares.append(multiply(whole, figure(portion.rate)))
            case "fixed":
                assert portion.amount is not None
                shares.append(fn.hold(part.payer, number(portion.amount, fn)))
            case "all":
                shares.append(whole)
            case "rest":
                shares.append(None)
            case _:
                assert_never(portion.how)
    rest = whole
    for share in shares:
        if share is not None:
            rest = add(rest, share, -1)
    return [rest if share is None else share for share in shares]


def _rounded_shares(
    parts: Sequence[Part], exact: Sequence[Number], whole: Number, rounding: Rounding, fn: Function
) -> list[Number]:
    """Rates rounded; the holder, or else the payer of the rest, takes the whole minus the others."""
    values = list(exact)
    rated = [i for i, part in enumerate(parts) if part.portion.how == "rate"]
    if not rated:
        return values
    if rounding.holder == LARGEST_FRACTIONS:
        return _largest_fractions(parts, values, rated, rounding, fn)
    rest = next((i for i, part in enumerate(parts) if part.portion.how == "rest"), None)
    taker = rest
    if rounding.holder is not None:
        named = next((i for i, part in enumerate(parts) if part.payer == rounding.holder), None)
        taker = named if named is not None else rest if rest is not None else rated[-1]
    for i in rated:
        if i != taker or rounding.holder is None:
            share = rounded(exact[i], rounding.step, rounding.mode, fn.definition)
            values[i] = fn.hold(parts[i].payer, share)
    if taker is not None:
        left = whole
        for i, share in enumerate(values):
            if i != taker:
                left = add(left, share, -1)
        values[taker] = left
    return values


def _largest_fractions(
    parts: Sequence[Part], exact: Sequence[Number], rated: Sequence[int], rounding: Rounding, fn: Function
) -> list[Number]:
    values = list(exact)
    den = lcm(common([exact[i] for i in rated]), rounding.step.denominator)
    shares = items([at(exact[i], den) for i in rated])
    names = [fn.temporary(parts[i].payer) for i in rated]
    target = ast.Tuple([ast.Name(own, ast.Store()) for own in names], ast.Store())
    made = call("_rt.largest_fractions", shares, constant(int(rounding.step * den)))
    fn.body.append(ast.Assign([target], made))
    for i, own in zip(rated, names, strict=True):
        low = exact[i].low
        floor = Fraction(0) if low is not None and low >= 0 else None
        values[i] = Number(name(own), den, floor, None)
    return values
