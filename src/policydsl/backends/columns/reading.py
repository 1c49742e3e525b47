"""How do the columns of a table become counts? NumPy arrays, Arrow arrays and what can be turned into one.

Nothing is copied that is an integer of 64 bits already. What a whole column cannot be is refused at once (PC103);
what a row has wrong is noted for that row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from policydsl.backends.columns.ready import Array, Problems, Ready, dtype_of, earlier, problem
from policydsl.flat import GREATEST, Flat, InputColumn, Spelling
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.runtime import PolicyError

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Source:
    """A table: its column names, how one is had, and how many rows there are."""

    names: Collection[str]
    column: Callable[[str], Any]
    count: int


@dataclass
class _Read:
    """A column as counts. `missing`: where there is no value; `wrong`: problems found on the way."""

    values: Array
    missing: Array | None = None
    wrong: Problems | None = None


class _Refused(Exception):
    """A column that cannot be what it should."""


def read(
    flat: Flat, words: Mapping[str, Spelling], source: Source, fixed: Mapping[str, object], output: str
) -> Ready:
    """The rows of a table as integers. `fixed` has inputs that are the same in every row.

    Raises PolicyError PC101 for a column that is not there, PC102 for a fixed input that is not one of the inputs,
    PC103 for a column of the wrong type.
    """
    known = {name: key for key, w in words.items() for name in w.names}
    given = {}
    for name, value in fixed.items():
        if name not in known:
            raise PolicyError("PC102", output, name, value)
        given[known[name]] = value
    count = source.count
    ready = Ready(count, {})
    for place, column in enumerate(flat.inputs):
        own = words[column.key]
        minor = False
        if column.key in given:
            data: Any = _Same(given[column.key])
        else:
            found = [n for n in (*own.minor, *own.names) if n in source.names]
            if len(found) > 1:
                raise PolicyError("PC103", output, column.key, None, f"one column, not {', '.join(found)}")
            if not found:
                if column.default is not None:
                    ready.values[column.key] = np.full(count, column.default, dtype_of(column))
                    if column.optional:
                        ready.exists[column.key] = None
                    continue
                raise PolicyError("PC101", output, column.key)
            data = source.column(found[0])
            minor = found[0] in own.minor
        try:
            done = _column(column, own, data, minor, count, place)
        except _Refused as refused:
            raise PolicyError("PC103", output, column.key, None, str(refused) or own.wanted) from None
        _settle(ready, column, done, place)
    return ready


class _Same:
    """A value that is the same in every row."""

    def __init__(self, value: object) -> None:
        self.value = value


def _settle(ready: Ready, column: InputColumn, done: _Read, place: int) -> None:
    """What is not there: an optional fact that does not exist, a default, or a problem."""
    values, missing, wrong = done.values, done.missing, done.wrong
    values = values.astype(dtype_of(column), copy=False)
    if missing is not None and not missing.any():
        missing = None
    exists: Array | None = None
    if missing is not None:
        if column.optional:
            exists = ~missing
        elif column.default is not None:
            values = np.where(missing, np.array(column.default, values.dtype), values)
        else:
            absent = np.where(missing, problem(place, "PC101"), 0).astype(np.int32)
            values = np.where(missing, np.array(column.safe, values.dtype), values)
            wrong = absent if wrong is None else np.where(missing, absent, wrong).astype(np.int32)
        if wrong is not None and (column.optional or column.default is not None):
            wrong[missing] = 0
    ready.values[column.key] = values
    if column.optional:
        ready.exists[column.key] = exists
    if wrong is not None and wrong.any():
        ready.problems = earlier(ready.problems, wrong)


def _column(column: InputColumn, words: Spelling, data: Any, minor: bool, count: int, place: int) -> _Read:
    if isinstance(data, _Same) or not hasattr(data, "__len__") or isinstance(data, str | frozenset | set):
        value = data.value if isinstance(data, _Same) else data
        one = _objects(column, words, [value], minor, place)
        return _Read(
            np.repeat(one.values, count),
            None if one.missing is None else np.repeat(one.missing, count),
            None if one.wrong is None else np.repeat(one.wrong, count),
        )
    if len(data) != count:
        raise _Refused(f"{count} rows")
    if isinstance(data, np.ndarray):
        return _numpy(column, words, data, minor, place)
    if isinstance(data, list | tuple):
        return _objects(column, words, data, minor, place)
    return _arrow(column, words, data, minor, place)


# NumPy


def _numpy(column: InputColumn, words: Spelling, data: Array, minor: bool, place: int) -> _Read:
    if data.ndim != 1:
        raise _Refused
    missing = None
    if isinstance(data, np.ma.MaskedArray):
        missing = np.ma.getmaskarray(data).copy()
        data = data.data
    kind = data.dtype.kind
    match column.kind:
        case YesNo() if kind == "b":
            return _Read(data, missing)
        case Day() if kind == "M":
            return _days(data, missing, place)
        case Quantity() if kind in "iu":
            return _integers(column, data, missing, minor, place)
        case MemberOf() | SetOf() if kind in "iu":
            return _codes(column, data, missing, place)
        case MemberOf() if kind == "U":
            texts, codes = np.unique(data, return_inverse=True)
            return _dictionary(column, words, texts.tolist(), codes.reshape(-1), missing, place)
        case _ if kind == "O":
            done = _objects(column, words, data.tolist(), minor, place)
            if missing is not None:
                done.missing = missing if done.missing is None else done.missing | missing
            return done
        case _:
            raise _Refused


def _days(data: Array, missing: Array | None, place: int) -> _Read:
    absent = np.isnat(data)
    days = data.astype("datetime64[D]")
    wrong = None
    if data.dtype != days.dtype:
        off = (days.astype(data.dtype) != data) & ~absent
        if off.any():
            wrong = np.where(off, problem(place, "PC103"), 0).astype(np.int32)
    if absent.any():
        missing = absent if missing is None else absent | missing
    counts = days.astype(np.int64)
    if missing is not None:
        counts = np.where(missing, 0, counts)
    return _Read(counts, missing, wrong)


def _integers(column: InputColumn, data: Array, missing: Array | None, minor: bool, place: int) -> _Read:
    """Counts of the smallest unit, or whole numbers of what is no money."""
    if is_money(column.kind) and not minor:
        raise _Refused
    wrong = None
    if data.dtype == np.uint64 and data.size and int(data.max()) > GREATEST:
        wrong = np.where(data > GREATEST, problem(place, "PC104"), 0).astype(np.int32)
        data = np.where(data > GREATEST, np.uint64(0), data)
    counts = data.astype(np.int64, copy=False)
    if minor or column.den == 1:
        return _Read(counts, missing, wrong)
    return _scaled(column, counts, Fraction(column.den), missing, wrong, place)


def _scaled(
    column: InputColumn,
    counts: Array,
    factor: Fraction,
    missing: Array | None,
    wrong: Problems | None,
    place: int,
) -> _Read:
    """Integers times `factor`, noting those that are too great and those that are then off the grain."""
    limit = GREATEST // factor.numerator
    if factor.numerator > 1 and counts.size:
        great = (counts > limit) | (counts < -limit)
        if great.any():
            wrong = earlier(wrong, np.where(great, problem(place, "PC104"), 0).astype(np.int32))
            counts = np.where(great, 0, counts)
        counts = counts * factor.numerator
    if factor.denominator > 1:
        whole = counts // factor.denominator
        off = whole * factor.denominator != counts
        if off.any():
            # between two counts: above the range from its greatest count on
            code = "PC109" if column.free else "PC105"
            note = np.where(whole >= column.high, problem(place, "PC104"), problem(place, code))
            wrong = earlier(wrong, np.where(off, note, 0).astype(np.int32))
        counts = whole
    return _Read(counts, missing, wrong)


def _codes(column: InputColumn, data: Array, missing: Array | None, place: int) -> _Read:
    """Places in the category, or masks; what is outside becomes a problem, not another member."""
    if data.dtype in (np.int64, np.uint8) and dtype_of(column) == data.dtype:
        return _Read(data, missing)
    wrong = None
    if data.size and (int(data.min()) < 0 or int(data.max()) > column.high):
        outside = (data < 0) | (data > column.high)
        data = np.where(outside, column.safe, data)
        if missing is not None:
            outside &= ~missing
        wrong = np.where(outside, problem(place, "PC106"), 0).astype(np.int32)
    return _Read(data.astype(dtype_of(column)), missing, wrong)


def _dictionary(
    column: InputColumn,
    words: Spelling,
    texts: Sequence[object],
    codes: Array,
    missing: Array | None,
    place: int,
) -> _Read:
    """Codes of a dictionary of texts, as places in the category."""
    places = [words.places.get(str(text), -1) for text in texts]
    table = np.array([column.safe if p < 0 else p for p in places] or [column.safe], dtype_of(column))
    values = table.take(codes, mode="clip")
    wrong = None
    if -1 in places:
        unknown = np.array([p < 0 for p in places]).take(codes, mode="clip")
        if missing is not None:
            unknown &= ~missing
        wrong = np.where(unknown, problem(place, "PC106"), 0).astype(np.int32)
    return _Read(values, missing, wrong)


# Python's values


def _objects(column: InputColumn, words: Spelling, data: Sequence[object], minor: bool, place: int) -> _Read:
    """One by one: Decimal, int, bool, date, text, collections of texts; None is no value."""
    counts: list[int] = []
    codes: list[int] = []
    missing: list[bool] = []
    for value in data:
        missing.append(value is None)
        count, code = (column.safe, None) if value is None else _one(column, words, value, minor)
        counts.append(count)
        codes.append(0 if code is None else problem(place, code))
    return _Read(
        np.array(counts, dtype_of(column)),
        np.array(missing, np.bool_) if any(missing) else None,
        np.array(codes, np.int32) if any(codes) else None,
    )


def _one(column: InputColumn, words: Spelling, value: object, minor: bool) -> tuple[int, str | None]:
    """The count of a value, and what is wrong with it. Raises _Refused for a wrong type."""
    match column.kind:
        case Quantity():
            if isinstance(value, np.integer):
                value = int(value)
            if isinstance(value, int) and not isinstance(value, bool):
                if is_money(column.kind) and not minor:
                    raise _Refused
                exact = Fraction(value) if minor else Fraction(value) * column.den
            elif isinstance(value, Decimal) and not minor:
                if not value.is_finite() or (not value and value.is_signed()) or value.adjusted() > 40:
                    return column.safe, "PC104"
                if value.as_tuple().exponent < -60:  # type: ignore[operator]
                    return column.safe, "PC109" if column.free else "PC105"
                exact = Fraction(value) * column.den
            elif isinstance(value, Fraction) and not minor:
                exact = value * column.den
            else:
                raise _Refused
            if not column.low <= exact <= column.high:
                return column.safe, "PC104"
            if exact.denominator != 1:
                return column.safe, "PC109" if column.free else "PC105"
            return int(exact), None
        case YesNo():
            if not isinstance(value, bool | np.bool_):
                raise _Refused
            return int(value), None
        case Day():
            if isinstance(value, datetime) or not isinstance(value, date):
                raise _Refused
            return value.toordinal() - _EPOCH, None
        case MemberOf():
            if not isinstance(value, str):
                raise _Refused
            place = words.places.get(value, -1)
            return (column.safe, "PC106") if place < 0 else (place, None)
        case SetOf():
            if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
                raise _Refused
            mask = 0
            for element in value:
                place = words.places.get(str(element), -1)
                if place < 0:
                    return column.safe, "PC106"
                mask |= 1 << place
            return mask, None


# Arrow


def _arrow(column: InputColumn, words: Spelling, data: Any, minor: bool, place: int) -> _Read:
    import pyarrow as pa

    array = data
    if not isinstance(array, pa.Array | pa.ChunkedArray):
        try:
            array = pa.chunked_array(array) if hasattr(array, "__arrow_c_stream__") else pa.array(array)
        except (pa.ArrowException, TypeError, ValueError):
            raise _Refused from None
    if isinstance(array, pa.ChunkedArray):
        if not array.num_chunks:
            array = pa.nulls(0, array.type)
        else:
            array = array.combine_chunks() if array.num_chunks > 1 else array.chunk(0)
        if isinstance(array, pa.ChunkedArray):  # too much for one
            array = pa.concat_arrays(array.chunks)
    missing = None
    if array.null_count:
        missing = array.is_null().to_numpy(zero_copy_only=False)
    kind = array.type
    if pa.types.is_null(kind):
        return _Read(np.full(len(array), column.safe, dtype_of(column)), np.ones(len(array), np.bool_))
    match column.kind:
        case YesNo() if pa.types.is_boolean(kind):
            return _Read(_filled(array, False).to_numpy(zero_copy_only=False), missing)
        case Day() if pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None):
            return _days(array.to_numpy(zero_copy_only=False), missing, place)
        case Quantity() if pa.types.is_integer(kind):
            return _integers(column, _plain(array, pa), missing, minor, place)
        case Quantity() if pa.types.is_decimal(kind) and not minor:
            return _decimals(column, array, missing, place)
        case MemberOf() | SetOf() if pa.types.is_integer(kind):
            return _codes(column, _plain(array, pa), missing, place)
        case MemberOf():
            texts, codes = _encoded(array, pa)
            return _dictionary(column, words, texts, codes, missing, place)
        case SetOf() if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return _sets(column, words, array, missing, place)
        case _:
            raise _Refused


def _filled(array: Any, value: object) -> Any:
    return array.fill_null(value) if array.null_count else array


def _plain(array: Any, pa: Any) -> Array:
    """The integers of an Arrow array, without a copy where none is null."""
    whole = _filled(array, 0)
    # not by its method, which loads pandas
    found: Array = np.frombuffer(whole.buffers()[1] or b"", whole.type.to_pandas_dtype())
    return found[whole.offset : whole.offset + len(whole)]


def _decimals(column: InputColumn, array: Any, missing: Array | None, place: int) -> _Read:
    """Decimals of up to 38 digits: two halves of 64 bits each, of which the upper one must say nothing."""
    import pyarrow as pa

    scale = array.type.scale
    if not pa.types.is_decimal128(array.type):
        array = array.cast(pa.decimal128(38, scale))
    halves = np.frombuffer(array.buffers()[1], np.int64)[2 * array.offset : 2 * (array.offset + len(array))]
    low, high = halves[0::2], halves[1::2]
    great = high != low >> 63
    counts = low.copy()
    wrong = None
    if missing is not None:
        great &= ~missing
        counts[missing] = 0
    if great.any():
        wrong = np.where(great, problem(place, "PC104"), 0).astype(np.int32)
        counts[great] = 0
    return _scaled(column, counts, Fraction(column.den, 1) / Fraction(10) ** scale, missing, wrong, place)


def _encoded(array: Any, pa: Any) -> tuple[list[object], Array]:
    """A column of texts as its dictionary and codes."""
    kind = array.type
    if not pa.types.is_dictionary(kind):
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        if not text:
            raise _Refused
        array = array.dictionary_encode()
    texts = array.dictionary.to_pylist()
    if any(not isinstance(text, str) for text in texts):
        raise _Refused
    return texts, _plain(array.indices, pa)


def _sets(column: InputColumn, words: Spelling, array: Any, missing: Array | None, place: int) -> _Read:
    """Lists of members as masks."""
    import pyarrow as pa

    lengths = np.asarray(_filled(array.value_lengths(), 0).to_numpy(zero_copy_only=False), np.int64)
    elements = array.flatten()
    masks = np.zeros(len(array), np.int64)
    wrong = None
    if len(elements):
        if pa.types.is_null(elements.type):
            texts: list[object] = []
            codes = np.zeros(len(elements), np.int64)
        else:
            texts, codes = _encoded(elements, pa)
        places = np.array([words.places.get(str(t), -1) for t in texts] or [-1], np.int64)
        found = places.take(codes, mode="clip")
        if elements.null_count:
            found[elements.is_null().to_numpy(zero_copy_only=False)] = -1
        rows = np.repeat(np.arange(len(array)), lengths)
        unknown = found < 0
        np.bitwise_or.at(masks, rows[~unknown], np.int64(1) << found[~unknown])
        if unknown.any():
            wrong = np.zeros(len(array), np.int32)
            wrong[rows[unknown]] = problem(place, "PC106")
    return _Read(masks, missing, wrong)
