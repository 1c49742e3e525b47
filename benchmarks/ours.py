"""How does each of our own engines compute a workload? Columns, SQL on DuckDB, and the compiled module row by row."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from benchmarks.scalar import CITIES, EDGES, RURAL_POOR
from benchmarks.ways import Way
from benchmarks.workloads import GROUPS, MEMBERS, PAYOUT, RATE, STATUSES, Table, Workload

import policydsl
from policydsl import pipeline
from policydsl.tasks import queries


def rows_of(table: Table) -> int:
    return len(next(iter(table.values())))


def columns_ways(
    policy: policydsl.Policy, outputs: tuple[str, ...], table: Table, threads: tuple[int, ...] = (1, 2)
) -> list[Way]:
    """NumPy, numba and Polars behind `policydsl.columns`, with all checks of the inputs."""
    count = rows_of(table)
    ways = []
    for threads_ in threads:
        kernel = policydsl.columns(policy, outputs, engine="numba", threads=threads_)
        name = f"policydsl columns, numba, {threads_} thread{'s' if threads_ > 1 else ''}"
        ways.append(Way(name, count, lambda kernel=kernel: kernel(table)))  # type: ignore[misc]
    blocked = policydsl.columns(policy, outputs, engine="numpy")
    lazily = policydsl.columns(policy, outputs, on_error="mark")
    frame = pl.DataFrame(table)
    return [
        *ways,
        Way("policydsl columns, NumPy", count, lambda: blocked(table)),
        Way("policydsl columns, Polars expressions", count, lambda: lazily(frame.lazy()).collect()),
    ]


class Database:
    """DuckDB with a table `claims`, whose rows are numbered."""

    def __init__(self, table: Table) -> None:
        self.rows = rows_of(table)
        self.connection = duckdb.connect()
        self.connection.register("given", pa.table({**table, "number": np.arange(self.rows)}))
        self.connection.execute("CREATE TABLE claims AS SELECT * FROM given")
        self.connection.unregister("given")

    def way(self, name: str, query: str, numbered: str, threads: int) -> Way:
        """`query` for an Arrow table. Its rows come in no order, with several threads: `numbered` has their numbers."""

        def run(query: str = query) -> Any:
            self.connection.execute(f"SET threads = {threads}")
            return self.connection.sql(query).to_arrow_table()

        return Way(
            f"{name}, {threads} thread{'s' if threads > 1 else ''}",
            self.rows,
            run,
            _in_order,
            first=lambda: run(numbered),
        )


def _in_order(table: Any) -> Mapping[str, Any]:
    order = np.argsort(table["number"].to_numpy())
    return {name: table[name].to_numpy()[order] for name in table.column_names if name.endswith("_fen")}


def sql_of(policy: policydsl.Policy, outputs: tuple[str, ...], keep: tuple[str, ...] = ()) -> str:
    query = queries.sql(policy.program, outputs, "duckdb", shape="counts", keep=keep)
    assert isinstance(query, str)
    return query


def sql_ways(
    policy: policydsl.Policy, outputs: tuple[str, ...], table: Table, threads: tuple[int, ...] = (1, 2)
) -> list[Way]:
    """Our SELECT on DuckDB, inputs checked, the answers as an Arrow table; with its counterpart for the payout."""
    database = Database(table)
    queries = sql_of(policy, outputs), sql_of(policy, outputs, ("number",))
    ways = [database.way("policydsl SQL on DuckDB", *queries, n) for n in threads]
    if outputs == PAYOUT.outputs:
        plain = plain_sum(), plain_sum("number, ")
        ways += [database.way("plain sum over bands on DuckDB, unchecked", *plain, n) for n in threads]
    return ways


def plain_sum(before: str = "") -> str:
    """The payout as one writes it in SQL: each slice times its rate, all added up; nothing is checked."""
    starts = " ".join(f"WHEN {place} THEN {amount * 100}" for place, amount in enumerate(CITIES.values()))
    start = f'CASE WHEN "group" = 1 THEN {RURAL_POOR * 100} ELSE CASE city {starts} END END'
    slices = []
    low = f"CAST({start} AS BIGINT)"
    for k, edge in enumerate((*EDGES, None)):
        top = "cost_fen" if edge is None else f"least(cost_fen, {edge * 100})"
        rates = " ".join(f"WHEN {place} THEN {rate}" for place, rate in enumerate(RATE[:, k]))
        slices.append(f'greatest({top} - {low}, 0) * CASE "group" * 2 + disease {rates} END')
        low = str(edge * 100) if edge is not None else low
    return f"SELECT {before}({' + '.join(slices)} + 50) // 100 AS payout_fen FROM claims"


# row by row


def compiled(policy: policydsl.Policy) -> types.ModuleType:
    """The module that `policydsl compile` writes."""
    module = types.ModuleType(policy.name)
    sys.modules[module.__name__] = module
    text = pipeline.compile_python(policy.program, source_name="people.pol")
    exec(compile(text, "people.py", "exec"), module.__dict__)
    return module


def python_way(policy: policydsl.Policy, workload: Workload, table: Table) -> Way:
    """The compiled module, called for each row with the facts of that row."""
    module = compiled(policy)
    enums = {name: list(getattr(module, name.capitalize())) for name in MEMBERS}
    status = list(module.Status)
    sets = {
        mask: frozenset(s for k, s in enumerate(status) if mask >> k & 1)
        for mask in range(1 << len(STATUSES))
    }
    assert [str(group) for group in enums["group"]] == list(GROUPS)

    def column(name: str) -> list[Any]:
        places = table[name].tolist()
        if name == "statuses":
            return [sets[mask] for mask in places]
        return [enums[name][place] for place in places] if name in enums else places

    facts = {name: column(name) for name in table}
    payout, funding, self_pay = module.payout_fen, module.funding_fen, module.self_pay_fen
    calls: dict[str, Callable[[], list[Any]]] = {
        "payout": lambda: [
            payout(cost_fen=a, city=b, group=c, disease=d)
            for a, b, c, d in zip(*(facts[n] for n in PAYOUT.inputs), strict=True)
        ],
        "funding": lambda: [
            funding(subsidy_fen=a, area=b) for a, b in zip(facts["subsidy_fen"], facts["area"], strict=True)
        ],
        "self_pay": lambda: [self_pay(statuses=a) for a in facts["statuses"]],
    }

    def run() -> list[list[Any]]:
        return [calls[output]() for output in workload.outputs]

    def answers(given: list[list[Any]]) -> Mapping[str, Any]:
        arrays = [np.array(column, np.int64).reshape(len(column), -1) for column in given]
        columns = np.concatenate(arrays, axis=1)
        return {name: columns[:, k] for k, name in enumerate(workload.results)}

    return Way("policydsl compiled module, row by row", rows_of(table), run, answers)
