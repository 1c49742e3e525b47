"""How is an answer written as a column of SQL: an amount, a day, a key, a list of keys?"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from sqlglot import exp

from policydsl.backends.sql import spelling as s
from policydsl.backends.sql.shape import Dialect, Result
from policydsl.backends.sql.spelling import Sql
from policydsl.kinds import SetOf


def shown(result: Result, value: Sql, limits: tuple[int, int], dialect: Dialect) -> Sql:
    """`value`, an integer within `limits` or a truth, as the column `result`."""
    match result.type:
        case "integer" | "yes_no":
            return value
        case "decimal":
            return _decimal(value, result, max(map(abs, limits)))
        case "day":
            return _day(value, dialect)
        case "text":
            members = result.column.members
            if result.column.part == "held" or isinstance(result.column.kind, SetOf):
                return _keys(value, members, dialect)
            places = [exp.If(this=s.number(i), true=s.text(key)) for i, key in enumerate(members)]
            return exp.Case(this=value, ifs=places)
        case _:
            assert_never(result.type)


def _decimal(value: Sql, result: Result, most: int) -> Sql:
    """A count of 1/den in its unit, by a product: a quotient of decimals is a binary float in DuckDB."""
    unit = Fraction(10**result.places, result.column.den)
    assert unit.denominator == 1
    digits, places = len(str(most)), result.places
    count = s.cast(value, f"decimal({digits}, 0)")
    if places == 0:
        return count
    one = s.cast(exp.Literal.number(f"0.{unit.numerator:0{places}d}"), f"decimal({places}, {places})")
    width = max(len(str(most * unit.numerator)), places) + 1
    return s.cast(s.times(count, one), f"decimal({width}, {places})")


def _day(value: Sql, dialect: Dialect) -> Sql:
    start = s.cast(s.text("1970-01-01"), "date")
    match dialect:
        case "duckdb" | "postgres":
            return s.plus(start, s.cast(value, "int"))
        case "spark":
            return s.call("DATE_ADD", start, s.cast(value, "int"))
        case "sqlite":
            return s.call("DATE", s.times(value, s.number(86400)), s.text("unixepoch"))


def _keys(value: Sql, members: tuple[str, ...], dialect: Dialect) -> Sql:
    """The keys of the bits of a mask, with commas between."""
    whole: Sql | None = None
    for place, key in enumerate(members):
        bit = s.compared("!=", s.shared_bits(value.copy(), s.number(1 << place)), s.number(0))
        part = s.chosen([(bit, s.text(f",{key}"))], s.text(""))
        whole = part if whole is None else exp.DPipe(this=whole, expression=part)
    return s.text("") if whole is None else s.call("SUBSTR", whole, s.number(2))
