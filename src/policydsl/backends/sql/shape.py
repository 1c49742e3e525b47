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

from policydsl.flat import Flat, InputColumn, ResultColumn
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
    """A column that is read: its name in the table, the input and the form it holds it in."""

    name: str
    column: InputColumn
    form: Form


@node
class Result(Node):
    """A column that is given. `type`: integer (64 bits, a count of 1/den), decimal (with `places` digits after the
    point, in the unit), yes_no, day, or text (a key, or keys with commas between)."""

    name: str
    output: str
    column: ResultColumn
    type: Literal["integer", "decimal", "yes_no", "day", "text"]
    places: int = 0


def fields(flat: Flat, shape: Shape = "grains", forms: Mapping[str, Form] | None = None) -> tuple[Field, ...]:
    """The columns that are read, in the order of the policy; `forms` says for an input how it is held,
    whatever the shape."""
    found = []
    for column in flat.inputs:
        form = (forms or {}).get(column.key) or _form(column, shape)
        found.append(Field(_counted_name(column, flat) if form == "count" else column.key, column, form))
    return tuple(found)


def results(flat: Flat, dialect: Dialect, shape: Shape = "grains") -> tuple[Result, ...]:
    """The columns that are given for the outputs, in order; `PROBLEM` and `PROBLEM_AT` follow them."""
    found = []
    for output in flat.outputs:
        for column in output.columns:
            name = output.key if column.part is None else f"{output.key}_{column.part}"
            match column.kind:
                case Quantity():
                    found.append(_quantity(flat, dialect, shape, name, output.key, column))
                case YesNo():
                    found.append(Result(name, output.key, column, "yes_no"))
                case Day():
                    found.append(Result(name, output.key, column, "day"))
                case MemberOf() | SetOf() | None:
                    found.append(Result(name, output.key, column, "text"))
    return tuple(found)


def decimal_places(den: int) -> int | None:
    """How many digits after the point any count of 1/`den` has, None if no number of them is enough."""
    places = 0
    while 10**places % den:
        places += 1
        if places > den.bit_length():
            return None
    return places


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
    return column.key if column.den == 1 else f"{column.key}_per_{column.den}"


def _quantity(
    flat: Flat, dialect: Dialect, shape: Shape, name: str, output: str, column: ResultColumn
) -> Result:
    counted = shape == "counts" or (shape == "grains" and column.grains)
    places = decimal_places(column.den)
    if column.den == 1 and not column.grains:
        return Result(name, output, column, "integer")
    if counted or dialect == "sqlite" or places is None or places > 18:
        unit = flat.minor if column.grains else f"per_{column.den}"
        return Result(f"{name}_{unit}", output, column, "integer")
    return Result(name, output, column, "decimal", places)
