"""How is a column of a lazy frame counted, and what is wrong with a value in it, in Polars expressions?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from policydsl import flat as f
from policydsl.backends.columns.lazy_values import (
    TYPES,
    Expr,
    folded,
    gathered,
    picked,
    whole,
    width,
)
from policydsl.backends.columns.reading import Source, read
from policydsl.backends.columns.ready import place_and_code, sound
from policydsl.backends.columns.writing import CODES
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.runtime import PolicyError

#: Of what type the codes of rows are.
ERRORS = pl.Enum(CODES)
#: The most texts that strings are compared with one by one, and that the codes of a dictionary are.
_COMPARED, _CODES_COMPARED = 12, 60


@dataclass(frozen=True, slots=True)
class Input:
    """The count of an input, of `column_width`, or a truth; whether the fact exists; and what is wrong where one of
    these tests holds, the first of them."""

    count: Expr
    exists: Expr
    wrong: tuple[tuple[Expr, str], ...]


def column_width(column: f.InputColumn) -> int:
    """The width of an input's counts."""
    own = (column.low, column.high, column.safe, column.default or 0)
    return width(min(own), max(own))


def read_input(
    column: f.InputColumn,
    spelling: f.Spelling,
    schema: Mapping[str, Any],
    fixed: Mapping[str, object],
    output: str,
    *,
    in_range: bool,
) -> Input:
    """An input of a frame with this schema. `in_range`: the count is in its range where something is wrong, too.

    Raises PolicyError for a column that is missing or of the wrong type.
    """
    same = next((name for name in fixed if name in spelling.names), None)
    if same is not None:
        return _same(column, spelling, fixed[same], output)
    found = [name for name in (*spelling.minor, *spelling.names) if name in schema]
    if len(found) > 1:
        raise PolicyError("PC103", output, column.key, None, f"one column, not {', '.join(found)}")
    if not found:
        if column.default is None:
            raise PolicyError("PC101", output, column.key)
        return Input(_literal(column, column.default), pl.lit(True), ())
    given = pl.col(found[0])
    counted = _counted(column, spelling, given, schema[found[0]], found[0] in spelling.minor)
    if counted is None:
        raise PolicyError("PC103", output, column.key, None, spelling.wanted)
    count, wrong = counted.count, list(counted.wrong)
    if not isinstance(column.kind, YesNo):
        outside = []
        if counted.least < column.low:
            outside.append(count < column.low)
        if counted.most > column.high:
            outside.append(count > column.high)
        if outside:
            wrong.append((folded(outside, lambda a, b: a | b), "PC106" if column.members else "PC104"))
        if column.step > 1:
            wrong.append((count % column.step != 0, "PC105"))
        count = count.cast(TYPES[column_width(column)], wrap_numerical=True)
    wrong.sort(key=lambda pair: pair[1])  # a value that is too great and off the grain is too great
    needed = not column.optional and column.default is None
    missing = given.is_null()
    if in_range or not needed:
        absent = column.safe if column.optional or column.default is None else column.default
        tests = [missing, *(test for test, _ in wrong)] if in_range else [missing]
        count = pl.when(folded(tests, lambda a, b: a | b)).then(_literal(column, absent)).otherwise(count)
    if needed:
        wrong.insert(0, (missing, "PC101"))
    return Input(count, given.is_not_null(), tuple(wrong))


def _literal(column: f.InputColumn, value: int) -> Expr:
    return pl.lit(bool(value)) if isinstance(column.kind, YesNo) else whole(value, column_width(column))


def _same(column: f.InputColumn, spelling: f.Spelling, value: object, output: str) -> Input:
    """An input that is the same in every row, read as a table of one row is."""
    alone = f.Flat(output, (column,), (), (), (), (), "")
    name = spelling.names[0]
    words = {column.key: spelling}
    ready = sound(alone, read(alone, words, Source((), _no_column, 1), {name: value}, output))
    wrong: tuple[tuple[Expr, str], ...] = ()
    if ready.problems is not None:
        _, code = place_and_code(int(ready.problems[0]))
        wrong = ((pl.lit(True), code),)
    exists = ready.exists.get(column.key)
    count = _literal(column, int(ready.values[column.key][0]))
    return Input(count, pl.lit(exists is None or bool(exists[0])), wrong)


def _no_column(name: str) -> Any:
    raise KeyError(name)


# counts


@dataclass(frozen=True, slots=True)
class _Counted:
    """Integers of any type, what the least and the greatest of that type is, and what is wrong with a value; null
    where the value is. `wrong` holds where something is, and is never null where there is a value."""

    count: Expr
    wrong: tuple[tuple[Expr, str], ...] = ()
    least: int = f.LEAST
    most: int = f.GREATEST


def _counted(
    column: f.InputColumn, spelling: f.Spelling, given: Expr, dtype: Any, minor: bool
) -> _Counted | None:
    """The count of a column of this type; None for a type it cannot have."""
    match column.kind:
        case YesNo():
            return _Counted(given) if dtype == pl.Boolean else None
        case Day():
            return _Counted(given.to_physical(), (), *_ends(pl.Int32)) if dtype == pl.Date else None
        case Quantity():
            return _quantity(column, given, dtype, minor)
        case MemberOf():
            return _integers(given, dtype) if dtype.is_integer() else _place(spelling, given, dtype)
        case SetOf():
            if dtype.is_integer():
                return _integers(given, dtype)
            if isinstance(dtype, pl.List):
                return _mask(column, spelling, given, dtype.inner)
            return None


def _integers(given: Expr, dtype: Any) -> _Counted:
    least, most = _ends(dtype)
    if most <= 2**63:
        return _Counted(given, (), least, most)
    if least < 0:
        given = given.clip(lower_bound=f.LEAST)
    return _Counted(
        given.clip(upper_bound=f.GREATEST).cast(pl.Int64), (), max(least, f.LEAST)
    )  # no range ends there


def _ends(dtype: Any) -> tuple[int, int]:
    """The least and the greatest that a type of integers holds."""
    name = str(dtype)
    bits = int(name.removeprefix("U").removeprefix("Int"))
    return (0, 2**bits - 1) if name.startswith("U") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _quantity(column: f.InputColumn, given: Expr, dtype: Any, minor: bool) -> _Counted | None:
    if dtype.is_integer():
        if is_money(column.kind) and not minor:
            return None
        counted = _integers(given, dtype)
        if minor or column.den == 1:
            return counted
        return _times(column, counted.count.cast(pl.Int64), Fraction(column.den), ())
    if isinstance(dtype, pl.Decimal) and not minor:
        unscaled = (
            (given.cast(pl.Decimal(38, dtype.scale)) * 10**dtype.scale)
            .cast(pl.Int128)
            .cast(pl.Int64, strict=False)
        )
        great = given.is_not_null() & unscaled.is_null()
        return _times(column, unscaled, Fraction(column.den, 10**dtype.scale), ((great, "PC104"),))
    return None


def _times(
    column: f.InputColumn, count: Expr, factor: Fraction, wrong: tuple[tuple[Expr, str], ...]
) -> _Counted:
    if factor.numerator > 1:
        limit = f.GREATEST // factor.numerator
        wrong = (*wrong, ((count > limit) | (count < -limit), "PC104"))
        count = count.clip(-limit, limit) * factor.numerator
    if factor.denominator > 1:
        floor = count // factor.denominator
        off = count % factor.denominator != 0
        wrong = (*wrong, (off & (floor >= column.high), "PC104"), (off & (floor < column.low), "PC104"))
        return _Counted(floor, (*wrong, (off, "PC109" if column.free else "PC105")))
    return _Counted(count, wrong)


# texts


def _place(spelling: f.Spelling, given: Expr, dtype: Any) -> _Counted | None:
    """The places of texts; a place after the last for one that is none."""
    places, unknown = spelling.places, max(spelling.places.values()) + 1
    own = width(0, unknown)
    if isinstance(dtype, pl.Enum) and len(dtype.categories):
        codes = [places.get(text, unknown) for text in dtype.categories]
        found = given.to_physical()
        if codes != list(range(len(codes))):
            found = picked(found, codes)
    elif not _is_text(dtype):
        return None
    elif len(places) <= (_COMPARED if dtype == pl.String else _CODES_COMPARED):
        found = whole(unknown, own)
        for text, place in places.items():
            found = pl.when(given == pl.lit(text)).then(whole(place, own)).otherwise(found)
    else:
        code = given.cast(pl.String).cast(pl.Enum(list(places)), strict=False).to_physical()
        found = gathered(code, list(places.values()), own).fill_null(whole(unknown, own))
    return _Counted(pl.when(given.is_not_null()).then(found), (), 0, unknown)


def _mask(column: f.InputColumn, spelling: f.Spelling, given: Expr, inner: Any) -> _Counted | None:
    """The masks of lists of texts."""
    if not _is_text(inner):
        return None
    bits = {text: 1 << place for text, place in spelling.places.items()}
    one = pl.element().cast(pl.String).replace_strict(bits, default=-1, return_dtype=pl.Int64)
    masks = given.list.eval(one.fill_null(-1))
    unknown = masks.list.contains(-1)
    return _Counted(masks.list.unique().list.sum(), ((unknown, "PC106"),), 0, column.high)


def _is_text(dtype: Any) -> bool:
    return dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum)
