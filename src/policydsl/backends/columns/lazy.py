"""How is a `Flat` written as Polars expressions, for frames that are computed later?

A step that is read once stands inside the one that reads it; one that is read more often becomes a column of its
own, so that no expression is computed twice. Integers stay integers: Polars' `//` on them is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, TypeAlias, assert_never

import polars as pl

from policydsl import flat as f
from policydsl.backends.columns.search import FEW, line, runs
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.runtime import PolicyError

Expr: TypeAlias = pl.Expr

_ERROR = "__policydsl_error"
_SELECTS = 24


def computed(
    flat: f.Flat,
    spellings: Mapping[str, f.Spelling],
    table: pl.LazyFrame,
    fixed: Mapping[str, object],
    *,
    decimals: bool,
) -> pl.LazyFrame:
    """A lazy frame of the answers, with an `error` beside each output.

    Raises PolicyError for a column that is missing or of the wrong type.
    """
    schema = table.collect_schema()
    output = flat.outputs[0].key if flat.outputs else flat.name
    errors: list[Expr] = []
    prepared: list[Expr] = []
    for k, column in enumerate(flat.inputs):
        count, exists, error = _input(column, spellings[column.key], schema, fixed, output)
        if error is not None:
            errors.append(error)
            count = pl.when(error.is_null()).then(count).otherwise(_literal(column, column.safe))
        if column.optional:
            count = pl.when(exists).then(count).otherwise(_literal(column, column.safe))
            prepared.append(exists.alias(f"__policydsl_e{k}"))
        prepared.append(count.alias(f"__policydsl_c{k}"))
    prepared.append((pl.coalesce(errors) if errors else pl.lit(None, pl.String)).alias(_ERROR))
    return _Writer(flat).written(table.select(prepared), decimals)


# inputs


def _literal(column: f.InputColumn, value: int) -> Expr:
    return pl.lit(bool(value)) if isinstance(column.kind, YesNo) else pl.lit(value, pl.Int64)


def _input(
    column: f.InputColumn,
    spelling: f.Spelling,
    schema: Mapping[str, Any],
    fixed: Mapping[str, object],
    output: str,
) -> tuple[Expr, Expr, Expr | None]:
    """The count of an input, whether the fact exists, and the code of what is wrong with it (None: nothing can be)."""
    same = next((name for name in fixed if name in spelling.names), None)
    found = [name for name in (*spelling.minor, *spelling.names) if name in schema]
    if same is not None:
        given = pl.lit(fixed[same])
        dtype: Any = _type_of(fixed[same])
        minor = False
    elif found:
        given, dtype, minor = pl.col(found[0]), schema[found[0]], found[0] in spelling.minor
    elif column.default is not None:
        return _literal(column, column.default), pl.lit(True), None
    else:
        raise PolicyError("PC101", output, column.key)
    counted = _counted(column, spelling, given, dtype, minor)
    if counted is None:
        raise PolicyError("PC103", output, column.key, None, spelling.wanted)
    count, wrong = counted
    present = given.is_not_null()
    if column.default is not None and not column.optional:
        count = pl.when(present).then(count).otherwise(_literal(column, column.default))
    errors = wrong
    if not isinstance(column.kind, YesNo):
        outside = (count < column.low) | (count > column.high)
        errors = [*errors[:1], (outside, "PC106" if column.members else "PC104"), *errors[1:]]
        if column.step > 1:
            errors.append((count % column.step != 0, "PC105"))
    if not column.optional and column.default is None:
        errors = [(~present, "PC101"), *errors]
    error: Expr = pl.lit(None, pl.String)
    for test, code in reversed(errors):
        error = pl.when(test.fill_null(False)).then(pl.lit(code)).otherwise(error)
    return count, present, error if errors else None


def _type_of(value: object) -> Any:
    match value:
        case bool():
            return pl.Boolean()
        case int():
            return pl.Int64()
        case Decimal():
            return pl.Decimal(38, max(0, -int(value.as_tuple().exponent)))
        case date():
            return pl.Date()
        case str():
            return pl.String()
        case _:
            return None


def _counted(
    column: f.InputColumn, spelling: f.Spelling, given: Expr, dtype: Any, minor: bool
) -> tuple[Expr, list[tuple[Expr, str]]] | None:
    """The count of a column of this type, and what is wrong with a value; None for another type."""
    match column.kind:
        case YesNo():
            return (given, []) if dtype == pl.Boolean else None
        case Day():
            return (given.cast(pl.Int32).cast(pl.Int64), []) if dtype == pl.Date else None
        case Quantity():
            return _quantity(column, given, dtype, minor)
        case MemberOf():
            if dtype.is_integer():
                return given.cast(pl.Int64, strict=False), []
            if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
                places = {str(k): v for k, v in spelling.places.items()}
                return given.cast(pl.String).replace_strict(places, default=-1, return_dtype=pl.Int64), []
            return None
        case SetOf():
            if dtype.is_integer():
                return given.cast(pl.Int64, strict=False), []
            if isinstance(dtype, pl.List):
                bits = {str(k): 1 << v for k, v in spelling.places.items()}
                one = pl.element().cast(pl.String).replace_strict(bits, default=-1, return_dtype=pl.Int64)
                masks = given.list.eval(one.fill_null(-1))
                unknown = masks.list.contains(-1)
                return masks.list.unique().list.sum(), [(unknown, "PC106")]
            return None


def _quantity(
    column: f.InputColumn, given: Expr, dtype: Any, minor: bool
) -> tuple[Expr, list[tuple[Expr, str]]] | None:
    if dtype.is_integer():
        if is_money(column.kind) and not minor:
            return None
        count = given.cast(pl.Int64, strict=False)
        great = given.is_not_null() & count.is_null()
        if minor or column.den == 1:
            return count, [(great, "PC104")]
        return _times(column, count, Fraction(column.den), [(great, "PC104")])
    if isinstance(dtype, pl.Decimal) and not minor:
        unscaled = (
            (given.cast(pl.Decimal(38, dtype.scale)) * 10**dtype.scale)
            .cast(pl.Int128)
            .cast(pl.Int64, strict=False)
        )
        great = given.is_not_null() & unscaled.is_null()
        return _times(column, unscaled, Fraction(column.den, 10**dtype.scale), [(great, "PC104")])
    return None


def _times(
    column: f.InputColumn, count: Expr, factor: Fraction, wrong: list[tuple[Expr, str]]
) -> tuple[Expr, list[tuple[Expr, str]]]:
    if factor.numerator > 1:
        limit = f.GREATEST // factor.numerator
        wrong = [*wrong, ((count > limit) | (count < -limit), "PC104")]
        count = count.clip(-limit, limit) * factor.numerator
    if factor.denominator > 1:
        whole = count // factor.denominator
        off = count % factor.denominator != 0
        wrong = [*wrong, (off & (whole >= column.high), "PC104"), (off & (whole < column.low), "PC104")]
        return whole, [*wrong, (off, "PC109" if column.free else "PC105")]
    return count, wrong


# steps


class _Writer:
    def __init__(self, flat: f.Flat) -> None:
        self.flat = flat
        self.places = {column.key: k for k, column in enumerate(flat.inputs)}
        self.read = [0] * len(flat.steps)
        self.depth = [0] * len(flat.steps)
        for step in flat.steps:
            for i in f.reads(step):
                self.read[i] += 1
        for i in f.roots(flat):
            self.read[i] += 2
        self.expressions: list[Expr] = []

    def written(self, frame: pl.LazyFrame, decimals: bool) -> pl.LazyFrame:
        """Steps that are read more than once, level by level, then the answers."""
        levels: dict[int, list[Expr]] = {}
        for i, step in enumerate(self.flat.steps):
            below = max((self.depth[j] for j in f.reads(step)), default=0)
            expression = self._step(i, step)
            fixed = isinstance(step, f.Whole | f.Truth | f.Column | f.Flag | f.Exists)
            if self.read[i] > 1 and not fixed:
                below += 1
                levels.setdefault(below, []).append(expression.alias(f"__policydsl_v{i}"))
                expression = pl.col(f"__policydsl_v{i}")
            self.depth[i] = below
            self.expressions.append(expression)
        for level in sorted(levels):
            frame = frame.with_columns(levels[level])
        return frame.select(self._results(decimals))

    def _results(self, decimals: bool) -> list[Expr]:
        flat = self.flat
        error = pl.col(_ERROR)
        for given in flat.givens:
            code = (
                pl.when(self.expressions[given.holds])
                .then(pl.lit(None, pl.String))
                .otherwise(pl.lit("PC107"))
            )
            if given.fails is not None:
                code = pl.when(self.expressions[given.fails]).then(pl.lit("PC108")).otherwise(code)
            error = pl.coalesce(error, code)
        results: list[Expr] = []
        for output in flat.outputs:
            own = error
            if output.fails is not None:
                failing = pl.when(self.expressions[output.fails]).then(pl.lit("PC108"))
                own = pl.coalesce(error, failing.otherwise(pl.lit(None, pl.String)))
            for column in output.columns:
                name = f.column_name(flat, output.key, column, decimals=decimals)
                value = pl.when(own.is_null()).then(self._result(column, decimals))
                results.append(value.alias(name))
            results.append(own.alias(f"{output.key}.error"))
        return results

    def _result(self, column: f.ResultColumn, decimals: bool) -> Expr:
        value = self.expressions[column.value]
        if column.kind is None and column.part == "held":
            return self._members(value, column.members)
        match column.kind:
            case Quantity() if f.is_decimal(column, decimals):
                places = f.places_of(column.den) or 0
                count = value * (10**places // column.den)
                unit = pl.lit(Decimal(1).scaleb(-places))
                amount: Expr = count.cast(pl.Decimal(38, 0)).mul(unit).cast(pl.Decimal(38, places))
                return amount
            case Quantity() | YesNo():
                return value
            case Day():
                return value.cast(pl.Int32).cast(pl.Date)
            case MemberOf() | None:
                members = pl.Enum(column.members)
                return value.replace_strict(dict(enumerate(column.members)), return_dtype=members)
            case SetOf():
                return self._members(value, column.members)

    def _members(self, mask: Expr, members: tuple[str, ...]) -> Expr:
        if not members:
            return pl.lit([], pl.List(pl.String))
        each = [
            pl.when((mask & (1 << bit)) != 0).then(pl.lit(member)).otherwise(pl.lit(None, pl.String))
            for bit, member in enumerate(members)
        ]
        return pl.concat_list(each).list.drop_nulls()

    def _at(self, i: int) -> Expr:
        return self.expressions[i]

    def _known(self, i: int) -> int | None:
        step = self.flat.steps[i]
        return step.value if isinstance(step, f.Whole) else None

    def _step(self, i: int, step: f.Step) -> Expr:
        at = self._at
        match step:
            case f.Column() | f.Flag():
                return pl.col(f"__policydsl_c{self.places[step.fact]}")
            case f.Exists():
                return pl.col(f"__policydsl_e{self.places[step.fact]}")
            case f.Whole():
                return pl.lit(step.value, pl.Int64)
            case f.Truth():
                return pl.lit(step.value)
            case f.Sum():
                return at(step.left) + at(step.right)
            case f.Difference():
                return at(step.left) - at(step.right)
            case f.Product():
                return at(step.left) * at(step.right)
            case f.Quotient():
                return at(step.left) // at(step.right)
            case f.Least():
                return self._extreme(step, least=True)
            case f.Greatest():
                return self._extreme(step, least=False)
            case f.Choose():
                return pl.when(at(step.test)).then(at(step.then)).otherwise(at(step.otherwise))
            case f.Place():
                return self._place(at(step.value), step.edges)
            case f.Pick():
                return self._pick(at(step.index), step.values)
            case f.Bands():
                return self._bands(step)
            case f.Compare():
                return _compared(step.op, at(step.left), at(step.right))
            case f.Both():
                return at(step.left) & at(step.right)
            case f.Either():
                return at(step.left) | at(step.right)
            case f.Opposite():
                return ~at(step.operand)
            case f.Among():
                if len(step.values) > FEW:
                    return at(step.operand).is_in(step.values)
                return _joined([at(step.operand) == value for value in step.values], lambda a, b: a | b)
            case f.SharesBit():
                return (at(step.operand) & step.bits) != 0
            case _:
                assert_never(step)

    def _extreme(self, step: f.Least | f.Greatest, *, least: bool) -> Expr:
        left, right = self._at(step.left), self._at(step.right)
        for one, other in ((step.left, right), (step.right, left)):
            known = self._known(one)
            if known is not None:
                return other.clip(upper_bound=known) if least else other.clip(lower_bound=known)
        return pl.min_horizontal(left, right) if least else pl.max_horizontal(left, right)

    def _place(self, value: Expr, edges: tuple[int, ...]) -> Expr:
        if len(edges) <= FEW:
            return _joined([(value >= edge).cast(pl.Int64) for edge in edges], lambda a, b: a + b)
        return pl.lit(pl.Series(edges, dtype=pl.Int64)).search_sorted(value, side="right").cast(pl.Int64)

    def _pick(self, index: Expr, values: tuple[int, ...]) -> Expr:
        found = runs(values)
        if len(found) > _SELECTS:
            return pl.lit(pl.Series(values, dtype=pl.Int64)).gather(index)
        result = pl.lit(found[-1][1], pl.Int64)
        for end, value in reversed(found[:-1]):
            result = pl.when(index < end).then(pl.lit(value, pl.Int64)).otherwise(result)
        return result

    def _bands(self, step: f.Bands) -> Expr:
        amount, column = self._at(step.amount), self._at(step.column)
        figures = [known for edge in step.edges[1:] if (known := self._known(edge)) is not None]
        if len(step.edges) <= 2 * FEW or len(figures) + 1 != len(step.edges):
            return self._summed(amount, column, step.edges, step.rates)
        first = self._summed(amount, column, step.edges[:1], tuple(row[:1] for row in step.rates))
        lines = line(figures, [[rate - row[0] for rate in row[1:]] for row in step.rates])
        index = column * len(lines.rates[0]) + self._place(amount, lines.edges)
        rates = tuple(rate for row in lines.rates for rate in row)
        bases = tuple(base for row in lines.bases for base in row)
        return first + self._pick(index, rates) * amount + self._pick(index, bases)

    def _summed(
        self, amount: Expr, column: Expr, edges: tuple[int, ...], rates: tuple[tuple[int, ...], ...]
    ) -> Expr:
        parts: list[Expr] = []
        for k, edge in enumerate(edges):
            more = tuple(row[k] - (row[k - 1] if k else 0) for row in rates)
            if any(more):
                part = (amount - self._at(edge)).clip(lower_bound=0)
                parts.append(part if set(more) == {1} else part * self._pick(column, more))
        return _joined(parts, lambda a, b: a + b) if parts else pl.lit(0, pl.Int64)


def _joined(parts: Sequence[Expr], join: Callable[[Expr, Expr], Expr]) -> Expr:
    return reduce(join, parts)


def _compared(op: str, left: Expr, right: Expr) -> Expr:
    match op:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "==":
            return left == right
        case _:
            return left != right
