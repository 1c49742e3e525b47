"""How are answers given back? As arrays under names, or as columns of Arrow; what is not answered is null."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from policydsl.backends.columns.ready import FAILS, Answers, Array, place_and_code
from policydsl.flat import Flat, OutputColumns, ResultColumn, column_name, is_decimal, places_of
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo

CODES = tuple(f"PC{number}" for number in range(101, 110))


@dataclass(frozen=True, slots=True)
class Written:
    """A column of the answer: its name, its integers or truths, where it is null (None: nowhere), and what
    it is a column of. `result` None: the codes of `error`, as their number after PC."""

    name: str
    values: Array
    null: Array | None
    result: ResultColumn | None
    decimal: bool = False


def written(flat: Flat, answers: Answers, *, decimals: bool, mark: bool) -> Iterator[Written]:
    """The columns of the answer in the order of the outputs; with `mark` each output has `error` beside it."""
    wrong = answers.problems != 0 if answers.problems is not None else None
    for output in flat.outputs:
        fails = answers.fails[output.key]
        if fails is not None and not fails.any():
            fails = None
        null = wrong if fails is None else fails if wrong is None else wrong | fails
        for column in output.columns:
            name = column_name(flat, output.key, column, decimals=decimals)
            values = answers.values[output.key, column.part]
            yield Written(name, values, null, column, is_decimal(column, decimals))
        if mark:
            yield Written(f"{output.key}.error", errors(answers, output), None, None)


def errors(answers: Answers, output: OutputColumns) -> Array:
    """The code of each row as its number after PC; 0 is none."""
    fails = answers.fails[output.key]
    some = next(iter(answers.values.values()))
    found = np.zeros(len(some), np.int16)
    if fails is not None:
        found[fails] = int(FAILS[2:])
    if answers.problems is not None:
        wrong = answers.problems != 0
        found[wrong] = (answers.problems[wrong] % 16 + 100).astype(np.int16)
    return found


def as_numpy(column: Written) -> Array:
    """An array; a masked one where something is null. Members are their places, "held" and sets masks."""
    values, result = column.values, column.result
    if result is not None:
        if isinstance(result.kind, Day):
            values = values.astype("datetime64[D]")
        elif column.decimal:
            scale = Decimal(1).scaleb(-(places_of(result.den) or 0))
            values = np.array([Decimal(v) * scale for v in _decimal_counts(column).tolist()], object)
    if column.null is None:
        return values
    return np.ma.MaskedArray(values, mask=column.null)


def _decimal_counts(column: Written) -> Array:
    """The integers of a decimal, whose denominator is the least power of ten."""
    assert column.result is not None
    places = places_of(column.result.den)
    assert places is not None
    factor = 10**places // column.result.den
    return column.values if factor == 1 else column.values * factor


def as_arrow(column: Written) -> Any:
    """An Arrow array: integers, decimals, truths, days, dictionaries of members, lists of them."""
    import pyarrow as pa

    values, result, null = column.values, column.result, column.null
    if result is None:
        codes = np.where(values == 0, 0, values - 101).astype(np.int8)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=values == 0), pa.array(CODES))
    if column.decimal:
        return _arrow_decimals(_decimal_counts(column), places_of(result.den) or 0, null, pa)
    match result.kind:
        case Quantity() if values.dtype == np.int64:
            # not by the function for all arrays, which loads pandas
            valid = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
            counts = pa.py_buffer(np.ascontiguousarray(values))
            return pa.Array.from_buffers(pa.int64(), len(values), [valid, counts])
        case YesNo() | Quantity():
            return pa.array(values, mask=null)
        case Day():
            return pa.array(values.astype(np.int32), pa.int32(), mask=null).cast(pa.date32())
        case MemberOf():
            return _arrow_members(values, result.members, null, pa)
        case None if result.part == "ground":
            return _arrow_members(values, result.members, null, pa)
        case SetOf() | None:
            return _arrow_sets(values, result.members, null, pa)


def _arrow_members(values: Array, members: tuple[str, ...], null: Array | None, pa: Any) -> Any:
    width = np.int8 if len(members) <= 128 else np.int32
    if null is not None:
        values = np.where(null, 0, values)
    codes = pa.array(values.astype(width), mask=null)
    return pa.DictionaryArray.from_arrays(codes, pa.array(members, pa.string()))


def _arrow_sets(values: Array, members: tuple[str, ...], null: Array | None, pa: Any) -> Any:
    bits = (values[:, None] >> np.arange(len(members))) & 1
    if null is not None:
        bits[null] = 0
    rows, places = np.nonzero(bits)
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=len(values)), out=offsets[1:])
    words = pa.array(members, pa.string()).take(pa.array(places))
    mask = None if null is None else pa.array(null)
    return pa.ListArray.from_arrays(pa.array(offsets), words, mask=mask)


def _arrow_decimals(counts: Array, places: int, null: Array | None, pa: Any) -> Any:
    """Integers of 64 bits as decimals of 128: the upper half repeats the sign."""
    halves = np.empty((len(counts), 2), np.int64)
    halves[:, 0] = counts
    halves[:, 1] = counts >> 63
    valid = None
    if null is not None:
        valid = pa.array(~null).buffers()[1]
    return pa.Array.from_buffers(
        pa.decimal128(38 if places > 18 else 20, places), len(counts), [valid, pa.py_buffer(halves)]
    )


@dataclass(frozen=True, slots=True)
class Bad:
    """Rows with the same problem: the place of its input (or of the given, after the inputs; of an output
    without an answer −1 for the first, −2 …), the code, how many rows there are, and the first of them."""

    place: int
    code: str
    count: int
    first: tuple[int, ...]


def bad_rows(answers: Answers, flat: Flat, most: int = 10) -> Iterator[Bad]:
    """What is wrong with rows, a row counted once for each output that it has no answer for."""
    if answers.problems is not None:
        for value in np.unique(answers.problems).tolist():
            if value:
                place, code = place_and_code(value)
                rows = np.flatnonzero(answers.problems == value)
                yield Bad(place, code, len(rows), tuple(rows[:most].tolist()))
    for k, output in enumerate(flat.outputs):
        fails = answers.fails[output.key]
        if fails is not None:
            if answers.problems is not None:
                fails = fails & (answers.problems == 0)
            rows = np.flatnonzero(fails)
            if len(rows):
                yield Bad(-1 - k, FAILS, len(rows), tuple(rows[:most].tolist()))
