"""Which columns does the SQL of a policy read, and which does it give? Names and types, without any SQL.

An input is read in one of three forms:

- `count`: an integer that counts as the policy's own arithmetic does: an amount in the smallest unit of the
  currency (`cost_fen`), a rate or another quantity in 1/den of its unit, a day from 1970-01-01, a member by its
  place in the category (from 0), a set as a mask of places, yes/no as 1 and 0.
- `plain`: the dialect's own type: DECIMAL or an integer in the unit (元), DATE, BOOLEAN, a member's key
  as text, a set as an array of keys. SQLite has integers and text alone: yes/no is 1 or 0, a day
  '2021-08-10', a set 'a,b', and a quantity an integer or text.
- `text`: what a CSV file holds: 150000.00, 2021-08-10, true or false, a key, keys with commas between; an empty
  text is a value that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

from policydsl.flat import Flat, InputColumn, ResultColumn, column_name, is_decimal, places_of
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo
from policydsl.nodes import Node, node

Dialect: TypeAlias = Literal["duckdb", "sqlite", "postgres", "spark"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
Form: TypeAlias = Literal["count", "plain", "text"]
#: How a table holds its columns: amounts counted in fen (the rest plain), everything plain, as text, or counted.
Shape: TypeAlias = Literal["grains", "decimals", "text", "counts"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

#: The column that says what is wrong with a row (PC104; NULL: nothing), and the one that names the input.
PROBLEM, PROBLEM_AT = "problem", "problem_at"


@node
class Field(Node):
    """A column that is read: its name in the table, the input and the form it holds it in. `texts` are those
    that stand for members, with the places of these."""

    name: str
    column: InputColumn
    form: Form
    texts: tuple[tuple[str, int], ...] = ()


@node
class Result(Node):
    """A column that is given. `type`: integer (64 bits, a count of 1/den), decimal (with `places` digits after the
    point, in the unit), yes_no, day, or text (a key, or keys with commas between)."""

    name: str
    output: str
    column: ResultColumn
    type: Literal["integer", "decimal", "yes_no", "day", "text"]
    places: int = 0


def fields(
    flat: Flat,
    shape: Shape = "grains",
    forms: Mapping[str, Form] | None = None,
    texts: Mapping[str, Mapping[str, int]] | None = None,
) -> tuple[Field, ...]:
    """The columns that are read, in the order of the policy. `forms` says for an input how it is held, whatever
    the shape, and `texts` which texts stand for which members of it; without that, their keys do."""
    found = []
    for column in flat.inputs:
        form = (forms or {}).get(column.key) or _form(column, shape)
        places = (texts or {}).get(column.key) or {key: i for i, key in enumerate(column.members)}
        name = _counted_name(column, flat) if form == "count" else column.key
        found.append(Field(name, column, form, tuple(places.items())))
    return tuple(found)


def results(flat: Flat, dialect: Dialect, shape: Shape = "grains") -> tuple[Result, ...]:
    """The columns that are given for the outputs, in order; `PROBLEM` and `PROBLEM_AT` follow them."""
    return tuple(
        _result(flat, output.key, column, _decimals(column, dialect, shape))
        for output in flat.outputs
        for column in output.columns
    )


def _decimals(column: ResultColumn, dialect: Dialect, shape: Shape) -> bool:
    """Whether a quantity is given in its unit: amounts in grains are counted, and SQLite has no decimals."""
    if dialect == "sqlite" or shape == "counts":
        return False
    return shape != "grains" or not column.grains


def _result(flat: Flat, output: str, column: ResultColumn, decimals: bool) -> Result:
    name = column_name(flat, output, column, decimals=decimals)
    match column.kind:
        case Quantity():
            places = places_of(column.den) or 0
            if is_decimal(column, decimals) and (places or column.grains):
                return Result(name, output, column, "decimal", places)
            return Result(name, output, column, "integer")
        case YesNo():
            return Result(name, output, column, "yes_no")
        case Day():
            return Result(name, output, column, "day")
        case MemberOf() | SetOf() | None:
            return Result(name, output, column, "text")


def _form(column: InputColumn, shape: Shape) -> Form:
    match shape:
        case "grains":
            return "count" if column.grains else "plain"
        case "decimals":
            return "plain"
        case "text":
            return "text"
        case "counts":
            return "count"


def _counted_name(column: InputColumn, flat: Flat) -> str:
    if column.grains:
        return f"{column.key}_{flat.minor}"
    return column.key if column.den == 1 else f"{column.key}_x{column.den}"
