"""How is a `Flat` computed by Polars, for frames that are computed later?

What a row costs is passes over columns. So counts are as narrow as their ranges allow, codes and texts are selected and
not looked up where there are few of them, and `error` is one chain of tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from policydsl import flat as f
from policydsl.backends.columns.lazy_inputs import ERRORS, read_input
from policydsl.backends.columns.lazy_steps import PREFIX, Steps
from policydsl.backends.columns.lazy_values import Expr
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.runtime import PolicyError

__all__ = ["Steps", "computed"]

#: The most members that are selected one after the other; more are looked up.
_SELECTED = 24
#: How many members of a set are looked up together: a list for each subset of them.
_AT_ONCE = 8
#: The most tests that stand one inside the other: what Polars makes ready grows with the square of them.
_CHAIN = 32


def computed(
    steps: Steps,
    spellings: Mapping[str, f.Spelling],
    table: pl.LazyFrame,
    fixed: Mapping[str, object],
    *,
    decimals: bool,
) -> pl.LazyFrame:
    """A lazy frame of the answers, with an `error` beside each output.

    Raises PolicyError for a column that is missing or of the wrong type, and for a `fixed` one that is no input.
    """
    flat, schema = steps.flat, table.collect_schema()
    output = flat.outputs[0].key if flat.outputs else flat.name
    known = {name for spelling in spellings.values() for name in spelling.names}
    for name, value in fixed.items():
        if name not in known:
            raise PolicyError("PC102", output, name, value)
    prepared: list[Expr] = []
    wrong: list[tuple[Expr, str]] = []
    for k, column in enumerate(flat.inputs):
        spelling, in_range = spellings[column.key], column.key in steps.in_range
        read = read_input(column, spelling, schema, fixed, output, in_range=in_range)
        wrong += read.wrong
        if column.optional:
            prepared.append(read.exists.alias(f"{PREFIX}e{k}"))
        prepared.append(read.count.alias(f"{PREFIX}c{k}"))
    error = _first_code(wrong)
    # Beside the table's columns and not instead of them: else a frame of which no column is read has one row.
    frame = table.with_columns(*prepared, error.alias(f"{PREFIX}error"))
    for level in steps.levels:
        frame = frame.with_columns(level)
    return _answered(steps, frame, decimals)


def _first_code(wrong: Sequence[tuple[Expr, str]]) -> Expr:
    """The code of the first test that holds, else null. A test that is null does not hold."""
    chains: list[Expr] = []
    for start in range(0, len(wrong), _CHAIN):
        found = pl.lit(None, ERRORS)
        for test, code in reversed(wrong[start : start + _CHAIN]):
            found = pl.when(test).then(pl.lit(code, ERRORS)).otherwise(found)
        chains.append(found)
    return pl.coalesce(chains) if len(chains) > 1 else chains[0] if chains else pl.lit(None, ERRORS)


def _answered(steps: Steps, frame: pl.LazyFrame, decimals: bool) -> pl.LazyFrame:
    flat, error = steps.flat, pl.col(f"{PREFIX}error")
    broken: list[tuple[Expr, str]] = []
    for given in flat.givens:
        if given.fails is not None:
            broken.append((steps.at(given.fails), "PC108"))
        broken.append((~steps.at(given.holds), "PC107"))
    if broken:
        error = pl.when(error.is_null()).then(_first_code(broken)).otherwise(error)
    errors = []
    for k, output in enumerate(flat.outputs):
        own = error
        if output.fails is not None:
            own = pl.when(own.is_null() & steps.at(output.fails)).then(pl.lit("PC108", ERRORS)).otherwise(own)
        errors.append(own.alias(f"{PREFIX}error{k}"))
    results: list[Expr] = []
    for k, output in enumerate(flat.outputs):
        own = pl.col(f"{PREFIX}error{k}")
        for column in output.columns:
            # What is computed of a row without an answer may be anything, so it is left out before it is turned into anything.
            value = pl.when(own.is_null()).then(steps.at(column.value))
            name = f.column_name(flat, output.key, column, decimals=decimals)
            results.append(_result(value, column, decimals).alias(name))
        results.append(own.alias(f"{output.key}.error"))
    return frame.with_columns(errors).select(results)


def _result(value: Expr, column: f.ResultColumn, decimals: bool) -> Expr:
    """The values of a column of the answer, of its integers or truths, some of which are null."""
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
        case MemberOf():
            return _member(value, column.members)
        case None if column.part != "held":
            return _member(value, column.members)
        case SetOf() | None:
            return _set(value, column.members)


def _member(place: Expr, members: tuple[str, ...]) -> Expr:
    kind = pl.Enum(members)
    if len(members) > _SELECTED:
        return pl.lit(pl.Series(members, dtype=kind)).gather(place.cast(pl.UInt32))
    found: Expr = pl.lit(None, kind)
    for k, member in enumerate(members):
        found = pl.when(place == k).then(pl.lit(member, kind)).otherwise(found)
    return found


def _set(mask: Expr, members: tuple[str, ...]) -> Expr:
    """The lists of members of masks: looked up, some members at a time, and put together."""
    parts = []
    for start in range(0, max(len(members), 1), _AT_ONCE):
        some = members[start : start + _AT_ONCE]
        lists = [[m for k, m in enumerate(some) if bits >> k & 1] for bits in range(1 << len(some))]
        place = (mask // 2**start % 2 ** len(some)).cast(pl.UInt32)
        parts.append(pl.lit(pl.Series(lists, dtype=pl.List(pl.String))).gather(place))
    return pl.concat_list(parts) if len(parts) > 1 else parts[0]
