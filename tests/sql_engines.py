"""How is the SQL of a policy run on rows, by DuckDB, SQLite, PostgreSQL and Spark? Each as an engine of `engines`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engines import Raw, Row
from policydsl import flat as f
from policydsl.backends.sql import Dialect, Field, Shape, fields, results, sql_text
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo

EPOCH = date(1970, 1, 1)
#: A column of the rows' own numbers: the rows of SQL stand in no order.
NUMBER = "row number"
Run = Callable[[str, Sequence[Field], list[tuple[Any, ...]]], list[tuple[Any, ...]]]


def decimal(value: Fraction) -> Decimal:
    """`value`, which has at most nine digits after the point, as a decimal."""
    count = value * 10**9
    assert count.denominator == 1
    return Decimal(int(count)).scaleb(-9)


def cell(field: Field, value: Any, dialect: Dialect) -> Any:
    """A value of a row as its table holds it."""
    if value is None:
        return None
    column, lists = field.column, dialect != "sqlite" and field.form == "plain"
    if field.form == "count":
        match column.kind:
            case Quantity():
                count = value * column.den
                assert count.denominator == 1
                return int(count)
            case Day():
                return (value - EPOCH).days
            case MemberOf():
                return column.members.index(value) if value in column.members else len(column.members)
            case SetOf():
                known = [column.members.index(m) for m in value if m in column.members]
                return sum(1 << m for m in known) if len(known) == len(value) else 1 << len(column.members)
            case YesNo():
                return int(value)
    match column.kind:
        case Quantity():
            exact = decimal(value)
            return f"{exact:f}" if field.form == "text" or dialect == "sqlite" else exact
        case Day():
            return value.isoformat() if field.form == "text" or dialect == "sqlite" else value
        case SetOf():
            return sorted(value) if lists else ",".join(sorted(value))
        case YesNo():
            return (
                ("true" if value else "no")
                if field.form == "text"
                else int(value)
                if dialect == "sqlite"
                else value
            )
        case _:
            return value


def column_type(field: Field, dialect: Dialect) -> str:
    """The type of the column that holds an input."""
    if dialect == "sqlite":
        return ""
    if field.form == "count":
        return "BIGINT"
    text = {"duckdb": "VARCHAR", "postgres": "TEXT", "spark": "STRING"}[dialect]
    if field.form == "text":
        return text
    match field.column.kind:
        case Quantity():
            return "DECIMAL(27, 9)"
        case Day():
            return "DATE"
        case YesNo():
            return "BOOLEAN"
        case SetOf():
            return f"ARRAY<{text}>" if dialect == "spark" else f"{text}[]"
        case MemberOf():
            return text


def raw_of(flat: f.Flat, dialect: Dialect, shape: Shape, answers: list[tuple[Any, ...]]) -> Raw:
    """What a query gave, its rows in order, as the integers and truths that it means."""
    given = results(flat, dialect, shape)
    *_, problems, places = zip(*answers, strict=True)
    outputs = {output.key for output in flat.outputs}
    partly = [code == "PC108" and place in outputs for code, place in zip(problems, places, strict=True)]
    raw = Raw([None if part else code for code, part in zip(problems, partly, strict=True)])
    for output in flat.outputs:
        own = [i for i, result in enumerate(given, 1) if result.output == output.key]
        raw.fails[output.key] = [all(row[i] is None for i in own) for row in answers]
        for i in own:
            result = given[i - 1]
            key = (output.key, result.column.part)
            raw.values[key] = [None if row[i] is None else counted(result, row[i]) for row in answers]
    for i, part in enumerate(partly):
        missing = [output.key for output in flat.outputs if raw.fails[output.key][i]]
        assert not part or missing[0] == places[i]
        assert part or raw.codes[i] is None or len(missing) == len(flat.outputs), "a refused row is paid"
        assert part or raw.codes[i] is not None or not missing, "a row without an answer is not marked"
    return raw


def counted(result: Any, value: Any) -> Any:
    column = result.column
    match result.type:
        case "integer":
            assert type(value) is int
            return value
        case "yes_no":
            assert value in (True, False)
            return bool(value)
        case "decimal":
            assert type(value) is Decimal
            assert value.as_tuple().exponent == -result.places
            count = Fraction(value) * column.den
            assert count.denominator == 1
            return int(count)
        case "day":
            return ((date.fromisoformat(value) if isinstance(value, str) else value) - EPOCH).days
    if column.part == "held" or isinstance(column.kind, SetOf):
        keys = value.split(",") if value else []
        assert keys == sorted(keys, key=column.members.index)
        return sum(1 << column.members.index(key) for key in keys)
    return column.members.index(value)


def engine(dialect: Dialect, run: Run, shape: Shape = "decimals") -> Callable[[f.Flat, Sequence[Row]], Raw]:
    """An engine of `engines`: `run` makes the table of these columns and rows, called claims, and answers the query."""

    def answer(flat: f.Flat, rows: Sequence[Row]) -> Raw:
        read = fields(flat, shape)
        cells = [
            (i, *(cell(field, row.get(field.column.key), dialect) for field in read))
            for i, row in enumerate(rows)
        ]
        query = sql_text(flat, dialect, shape=shape, keep=[NUMBER])
        return raw_of(flat, dialect, shape, sorted(run(query, read, cells), key=lambda row: row[0]))

    return answer


def quoted(name: str, mark: str = '"') -> str:
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def columns_of(read: Sequence[Field], dialect: Dialect) -> str:
    mark = "`" if dialect == "spark" else '"'
    own = "BIGINT" if dialect != "sqlite" else "INTEGER"
    return ", ".join(
        [
            f"{quoted(NUMBER, mark)} {own}",
            *(f"{quoted(r.name, mark)} {column_type(r, dialect)}" for r in read),
        ]
    )


def in_sqlite(connection: sqlite3.Connection) -> Run:
    def run(query: str, read: Sequence[Field], cells: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        connection.execute("DROP TABLE IF EXISTS claims")
        connection.execute(f"CREATE TABLE claims ({columns_of(read, 'sqlite')})")
        places = ", ".join("?" * (len(read) + 1))
        connection.executemany(f"INSERT INTO claims VALUES ({places})", cells)
        return connection.execute(query).fetchall()

    return run


def in_duckdb(connection: Any) -> Run:
    def run(query: str, read: Sequence[Field], cells: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        connection.execute(f"CREATE OR REPLACE TABLE claims ({columns_of(read, 'duckdb')})")
        width = len(read) + 1
        row = f"({', '.join('?' * width)})"
        connection.execute(
            f"INSERT INTO claims VALUES {', '.join([row] * len(cells))}", [c for r in cells for c in r]
        )
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return found

    return run


def in_postgres(connection: Any) -> Run:
    def run(query: str, read: Sequence[Field], cells: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        places = ", ".join(["%s"] * (len(read) + 1))
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS claims")
            cursor.execute(f"CREATE TEMPORARY TABLE claims ({columns_of(read, 'postgres')})")
            cursor.executemany(f"INSERT INTO claims VALUES ({places})", cells)
            cursor.execute(query)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    return run


def in_spark(session: Any) -> Run:
    def run(query: str, read: Sequence[Field], cells: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        frame = session.createDataFrame(cells, columns_of(read, "spark"))
        frame.createOrReplaceTempView("claims")
        return [tuple(row) for row in session.sql(query).collect()]

    return run
