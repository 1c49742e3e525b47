"""Does Spark answer as the interpreter does? One session with two threads, where Java and pyspark are installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engines import compared, expected, program_of, rows_for
from policydsl.backends.sql import Field, Shape, sql_text
from policydsl.flatten import flatten
from sql_engines import NUMBER, Run, column_type, engine, quoted
from test_sql import DAYS, NX, TEXTS, WORKED, fits, flat_of, policy, read_policy

pytest.importorskip("pyspark", reason="pyspark is not installed: the extra `engines`")
pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="there is no Java"
    ),
    pytest.mark.xdist_group("spark"),
]

SHAPES: tuple[Shape, ...] = ("decimals", "counts", "text")


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "ERROR",
        "spark.sql.adaptive.enabled": "false",
        # a machine that lives for half a minute compiles its own code no further than it must
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    builder = SparkSession.builder.master("local[2]").appName("policydsl tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def literal(value: Any) -> str:
    """A value of a row as Spark writes it."""
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case Decimal():
            return f"{value:f}BD"
        case date():
            return f"DATE '{value}'"
        case list():
            return f"array({', '.join(map(literal, value))})"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def in_literals(session: Any, *, compiled: bool) -> Run:
    """Rows as literals of a query, which Spark answers without a job; with `compiled` as rows of a job, whose code
    it generates first."""

    def run(query: str, read: Sequence[Field], cells: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        kinds = ["BIGINT", *(column_type(field, "spark") for field in read)]
        names = [NUMBER, *(field.name for field in read)]
        columns = ", ".join(
            f"CAST(c{i} AS {kind}) AS {quoted(name, '`')}"
            for i, (kind, name) in enumerate(zip(kinds, names, strict=True))
        )
        rows = ", ".join(f"({', '.join(map(literal, row))})" for row in cells)
        table = f"SELECT {columns} FROM VALUES {rows} AS v({', '.join(f'c{i}' for i in range(len(names)))})"
        frame = session.sql(table)
        if compiled:
            frame = frame.repartition(1)
        frame.createOrReplaceTempView("claims")
        return [tuple(row) for row in session.sql(query).collect()]

    return run


def test_random_policies_agree_with_the_interpreter(request: pytest.FixtureRequest, session: Any) -> None:
    """Eight of them, or a hundredth of `--examples`; every sixth seed in code that Spark compiles."""
    many = max(8, request.config.getoption("--examples") // 100)
    tried = 0
    for seed in range(1000, 1000 + many):
        program = program_of(seed)
        flat = flatten(program)
        if isinstance(flat, tuple):
            continue
        shape = SHAPES[seed % 3]
        rows = [row for row in rows_for(program, 20, seed) if fits(flat, row, shape)]
        run = engine("spark", in_literals(session, compiled=seed % 6 == 0), shape)
        found = compared(program, flat, rows, run(flat, rows), [expected(program, row) for row in rows])
        assert not found, (seed, shape, found[:3])
        tried += 1
    assert tried > many // 2


def test_the_payout_of_worked_cases_from_parquet_to_parquet(session: Any, tmp_path: Any) -> None:
    given, paid = str(tmp_path / "claims"), str(tmp_path / "paid")
    names = "cost_fen, city, `group`, disease, due"
    rows = ", ".join(f"({', '.join(map(literal, row))})" for row in WORKED)
    session.sql(f"SELECT * FROM VALUES {rows} AS v({names})").write.parquet(given)
    session.read.parquet(given).createOrReplaceTempView("bills")
    flat = flat_of(policy(NX), "payout")
    session.sql(sql_text(flat, "spark", table="bills", keep=["due"])).write.parquet(paid)
    found = [tuple(row) for row in session.read.parquet(paid).collect()]
    assert sorted(found) == sorted((row[4], row[4], None, None) for row in WORKED)


def test_texts_and_large_integers_are_read_exactly_or_refused(session: Any) -> None:
    flat = flat_of(read_policy("policy p\ninput cost: money in 0元 .. 1000元\nrule d = cost\n"))
    rows = ", ".join(f"({i}, {literal(text)})" for i, (text, _) in enumerate(TEXTS))
    session.sql(f"SELECT * FROM VALUES {rows} AS v(n, cost)").createOrReplaceTempView("texts")
    found = session.sql(sql_text(flat, "spark", table="texts", shape="text", keep=["n"])).collect()
    assert {TEXTS[row[0]]: row[2] for row in found} == {(t, c): c for t, c in TEXTS}
    text = "policy p\ninput since: date in 2000-01-01 .. 2100-12-31\nrule late when since from 2020-01-01\n"
    flat = flat_of(read_policy(text))
    rows = ", ".join(f"({literal(day)})" for day, _ in DAYS)
    session.sql(f"SELECT * FROM VALUES {rows} AS v(since)").createOrReplaceTempView("days")
    found = session.sql(sql_text(flat, "spark", table="days", shape="text", keep=["since"])).collect()
    assert {row[0]: row[2] for row in found} == dict(DAYS)
    text = "policy p\ninput cost: money in 0元 .. 100000000000000元\nrule d = (cost ÷ 3) rounded down to 0.01元\n"
    flat = flat_of(read_policy(text))
    values = [2**53 - 1, 2**53, 2**53 + 1, 10**16, 2, 3, 0]
    session.range(1).selectExpr(
        f"explode(array({', '.join(map(str, values))})) AS cost_fen"
    ).createOrReplaceTempView("large")
    found = session.sql(sql_text(flat, "spark", table="large", keep=["cost_fen"])).collect()
    assert sorted((row[0], row[1]) for row in found) == sorted((v, v // 3) for v in values)
