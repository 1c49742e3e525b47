"""How is a `Flat` written as Polars expressions, for frames that are computed later?

A step that is read once stands inside the one that reads it; one that is read more often becomes a column of its
own, so that no expression is computed twice. Integers stay integers: Polars' `//` on them is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any, TypeAlias, assert_never

import polars as pl

from policydsl import flat as f
from policydsl.backends.columns.ready import is_small
from policydsl.backends.columns.search import FEW, buckets, line, runs
from policydsl.backends.columns.writing import CODES
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
        read = _input(column, spellings[column.key], schema, fixed, output)
        if read.error is not None:
            errors.append(read.error)
        if column.optional:
            prepared.append(read.exists.alias(f"__policydsl_e{k}"))
        prepared.append(read.count.alias(f"__policydsl_c{k}"))
    error = pl.lit(0, pl.UInt8)
    for one in reversed(errors):
        error = pl.when(one != 0).then(one).otherwise(error)
    prepared.append(error.alias(_ERROR))
    return _Writer(flat).written(table.select(prepared), decimals)


# inputs. A code is its number after PC1 in 8 bits; 0 is none.


@dataclass(frozen=True, slots=True)
class _Input:
    """The count of an input, whether the fact exists, and the code of what is wrong (None: nothing can be)."""

    count: Expr
    exists: Expr
    error: Expr | None


_NONE = pl.lit(0, pl.UInt8)


def _code(code: str) -> Expr:
    return pl.lit(int(code[2:]) - 100, pl.UInt8)


def _integer(column: f.InputColumn) -> Any:
    """What an input is counted in: 16 bits for places, so that what is computed of them alone is quick."""
    return pl.Int16 if is_small(column) else pl.Int64


def _literal(column: f.InputColumn, value: int) -> Expr:
    return pl.lit(bool(value)) if isinstance(column.kind, YesNo) else pl.lit(value, _integer(column))


def _input(
    column: f.InputColumn,
    spelling: f.Spelling,
    schema: Mapping[str, Any],
    fixed: Mapping[str, object],
    output: str,
) -> _Input:
    same = next((name for name in fixed if name in spelling.names), None)
    found = [name for name in (*spelling.minor, *spelling.names) if name in schema]
    if same is not None:
        given = pl.lit(fixed[same])
        dtype: Any = _type_of(fixed[same])
        minor = False
    elif len(found) == 1:
        given, dtype, minor = pl.col(found[0]), schema[found[0]], found[0] in spelling.minor
    elif found:
        raise PolicyError("PC103", output, column.key, None, f"one column, not {', '.join(found)}")
    elif column.default is not None:
        return _Input(_literal(column, column.default), pl.lit(True), None)
    else:
        raise PolicyError("PC101", output, column.key)
    counted = _counted(column, spelling, given, dtype, minor)
    if counted is None:
        raise PolicyError("PC103", output, column.key, None, spelling.wanted)
    count, wrong = counted
    exists = given.is_not_null()
    if not isinstance(column.kind, YesNo):
        outside = ~count.is_between(column.low, column.high)
        wrong = [*wrong, (outside, "PC106" if column.members else "PC104")]
        if column.step > 1:
            wrong.append((count % column.step != 0, "PC105"))
        count = count.cast(_integer(column), strict=False)
    wrong.sort(key=lambda pair: pair[1])  # a value that is too great and off the grain is too great
    needed = not column.optional and column.default is None
    error: Expr | None = None
    for test, code in reversed(wrong):
        otherwise = _NONE if error is None else error
        error = pl.when(test.fill_null(False)).then(_code(code)).otherwise(otherwise)
    if needed or error is not None:
        error = (
            pl.when(exists)
            .then(_NONE if error is None else error)
            .otherwise(_code("PC101") if needed else _NONE)
        )
    # A count that is missing or out of range goes through the steps as it is: what comes of it is not shown.
    if not needed:
        absent = column.safe if column.optional or column.default is None else column.default
        count = pl.when(exists).then(count).otherwise(_literal(column, absent))
    return _Input(count, exists, error)


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
                return given, []
            if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
                places = {str(k): v for k, v in spelling.places.items()}
                return given.cast(pl.String).replace_strict(places, default=-1, return_dtype=pl.Int64), []
            return None
        case SetOf():
            if dtype.is_integer():
                return given, []
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
        if dtype in (pl.UInt64, pl.UInt128, pl.Int128):
            given = given.clip(f.LEAST, f.GREATEST)  # no range ends there
        count = given.cast(pl.Int64)
        return (count, []) if minor or column.den == 1 else _times(column, count, Fraction(column.den), [])
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
    """Steps as expressions. `small`: of 16 bits, computed of places and small figures alone."""

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
        self.small = self._small()
        self.expressions: list[Expr] = []

    def _small(self) -> list[bool]:
        flat = self.flat
        narrow = {column.key for column in flat.inputs if is_small(column)}
        small: list[bool] = []
        for step, (low, high) in zip(flat.steps, flat.ranges, strict=True):
            fits = low >= -(2**15) and high < 2**15
            match step:
                case f.Column():
                    small.append(step.fact in narrow)
                case f.Whole():
                    small.append(fits)
                case f.Sum() | f.Difference() | f.Product():
                    both = (step.left, step.right)
                    moving = any(not isinstance(flat.steps[i], f.Whole) for i in both)
                    small.append(fits and moving and all(small[i] for i in both))
                case _:
                    small.append(False)
        return small

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
            broken = (
                pl.when(self.expressions[given.holds]).then(pl.lit(0, pl.UInt8)).otherwise(_code("PC107"))
            )
            if given.fails is not None:
                broken = pl.when(self.expressions[given.fails]).then(_code("PC108")).otherwise(broken)
            error = pl.when(error != 0).then(error).otherwise(broken)
        results: list[Expr] = []
        for output in flat.outputs:
            own = error
            if output.fails is not None:
                failing = pl.when(self.expressions[output.fails]).then(_code("PC108"))
                own = pl.when(error != 0).then(error).otherwise(failing.otherwise(pl.lit(0, pl.UInt8)))
            for column in output.columns:
                name = f.column_name(flat, output.key, column, decimals=decimals)
                results.append(pl.when(own == 0).then(self._result(column, decimals)).alias(name))
            codes = pl.Series([None, *CODES], dtype=pl.Enum(CODES))
            results.append(pl.lit(codes).gather(own).alias(f"{output.key}.error"))
        return results

    def _result(self, column: f.ResultColumn, decimals: bool) -> Expr:
        value = self._at(column.value)
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
                members = pl.Series(column.members, dtype=pl.Enum(column.members))
                return pl.lit(members).gather(value.clip(0, len(column.members) - 1).fill_null(0))
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
        """The value of a step, an integer in 64 bits."""
        return self.expressions[i].cast(pl.Int64) if self.small[i] else self.expressions[i]

    def _pair(self, i: int, left: int, right: int) -> tuple[Expr, Expr]:
        """What step `i` is computed of, as wide as itself."""
        if self.small[i]:
            return self.expressions[left], self.expressions[right]
        return self._at(left), self._at(right)

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
                return pl.lit(step.value, pl.Int16 if self.small[i] else pl.Int64)
            case f.Truth():
                return pl.lit(step.value)
            case f.Sum():
                left, right = self._pair(i, step.left, step.right)
                return left + right
            case f.Difference():
                left, right = self._pair(i, step.left, step.right)
                return left - right
            case f.Product():
                left, right = self._pair(i, step.left, step.right)
                return left * right
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
                return self._pick(self.expressions[step.index], step.values)
            case f.Bands():
                return self._bands(step)
            case f.Compare():
                narrow = self.small[step.left] and self.small[step.right]
                read = self.expressions.__getitem__ if narrow else at
                return _compared(step.op, read(step.left), read(step.right))
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
        found = buckets(edges)
        if found is None:
            return pl.lit(pl.Series(edges, dtype=pl.Int64)).search_sorted(value, side="right").cast(pl.Int64)
        inside = value.clip(found.low, found.high).fill_null(found.low)
        bucket = ((inside - found.low) // 2**found.shift).cast(pl.UInt32)
        starts, following = (
            pl.lit(pl.Series(values, dtype=pl.Int64)) for values in (found.starts, found.next)
        )
        return starts.gather(bucket) + (inside >= following.gather(bucket)).cast(pl.Int64)

    def _pick(self, index: Expr, values: tuple[int, ...]) -> Expr:
        found = runs(values)
        if len(found) > _SELECTS:
            inside = (
                index.cast(pl.Int64).clip(0, len(values) - 1).fill_null(0)
            )  # of a wrong input it may be outside
            return pl.lit(pl.Series(values, dtype=pl.Int64)).gather(inside)
        result = pl.lit(found[-1][1], pl.Int64)
        for end, value in reversed(found[:-1]):
            result = pl.when(index < end).then(pl.lit(value, pl.Int64)).otherwise(result)
        return result

    def _bands(self, step: f.Bands) -> Expr:
        amount, column = self._at(step.amount), self.expressions[step.column]
        figures = [known for edge in step.edges[1:] if (known := self._known(edge)) is not None]
        if len(step.edges) <= 2 * FEW or len(figures) + 1 != len(step.edges):
            return self._summed(amount, column, step.edges, step.rates)
        first = self._summed(amount, column, step.edges[:1], tuple(row[:1] for row in step.rates))
        lines = line(figures, [[rate - row[0] for rate in row[1:]] for row in step.rates])
        index = column.cast(pl.Int64) * len(lines.rates[0]) + self._place(amount, lines.edges)
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
