"""How is a marginal schedule made ready beforehand? As edges, rates and bases for each case of its categories."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from policydsl.backends.python.building import Builder, Function, Value
from policydsl.backends.python.cells import cases, covered, holds, nested
from policydsl.backends.python.expressions import chosen, number, plain
from policydsl.backends.python.names import camel, mangled, upper
from policydsl.backends.python.pieces import finish, kinds_of, landed, printed_den, unit_of_cells
from policydsl.backends.python.scale import (
    Number,
    at,
    division,
    extreme,
    hull,
    rescaled,
    scaled,
)
from policydsl.backends.python.templates import (
    beside,
    call,
    constant,
    expr,
    item,
    items,
    name,
    tall,
)
from policydsl.backends.python.words import interval, one_line, quoted
from policydsl.expressions import (
    Expr,
    Input,
    Ref,
    Rounding,
    Test,
    children,
)
from policydsl.ir import (
    Definition,
    Schedule,
)
from policydsl.kinds import SetOf, YesNo


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


def column_tests(body: Schedule) -> list[tuple[Test, ...]]:
    return [tuple(c.tests) for c in body.columns]


def column_table(definition: Definition, body: Schedule, builder: Builder) -> ast.expr | None:
    """A dictionary from the keys to the column, where they are categories and every case has one."""
    kinds = kinds_of(body.keys)
    tests = column_tests(body)
    if not kinds or any(isinstance(k, SetOf) for k in kinds) or not covered(iter(tests), kinds, builder):
        return None

    def leaf(case: tuple[str, ...]) -> ast.expr:
        return constant(next(i for i, t in enumerate(tests) if holds(t, case)))

    key = definition.name.key
    return builder.table((key, "columns"), f"_{upper(key)}_COLUMN", nested(kinds, leaf, builder))


def ladder_of(definition: Definition, body: Schedule, fn: Function) -> Ladder | None:
    """The schedule as a table of edges, rates and bases; None where it depends on more than categories,
    or rounds each slice, or has holes."""
    if body.mode != "marginal" or body.each_slice is not None or body.each_product is not None:
        return None
    builder = fn.builder
    if any(a.high is None or a.high != b.low for a, b in zip(body.bands, body.bands[1:], strict=False)):
        return None
    keys = _finite_facts(definition, body, builder)
    columns = column_table(definition, body, builder) if body.keys else None
    if keys is None or (columns is None and len(body.columns) > 1):
        return None
    # The cases are walked when the module is imported: there the facts are the loop's variables.
    loop = builder.new_function(fn.definition, {key: name(mangled(key)) for key in keys})
    start = number(body.bands[0].low, loop)
    highs = [None if b.high is None else number(b.high, loop) for b in body.bands]
    cells = [[number(c, loop) for c in b.cells] for b in body.bands]
    column = constant(0) if columns is None else chosen(columns, [plain(k.value, loop) for k in body.keys])
    if loop.fails or loop.body:
        return None
    amount = number(body.amount, fn)
    if body.cap is not None:
        amount = extreme("least", (amount, number(body.cap, fn)), builder.py("min"))
    if amount.over is not None or amount.never or amount.high is None:
        return None
    printed = printed_den([h for h in highs if h is not None])
    scale = lcm(amount.den, start.den, printed)
    rates = printed_den([c for row in cells for c in row])
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
        sign = unit_of_cells(body.amount.kind, printed, builder)
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


def climb(definition: Definition, ladder: Ladder, fn: Function) -> Value:
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
    return landed(rest, definition.kind, definition.grain, fn)
