"""How does DuckDB read files of cases, compute a part of them and write it? The only module that imports duckdb."""

from __future__ import annotations

import atexit
import gc
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from policydsl.batch.given import BatchError, Format, about, unreadable
from policydsl.batch.matching import Column
from policydsl.batch.statements import REJECTS, ROW, VIEW, Plan, answered, name, refused, sums, text, view
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Fact, Words

#: Rows of a row group that is written.
GROUP = 122_880
_CHUNK = "chunk"


class Duck:
    """A connection. Results are the same for every number of threads but one, so there are two at least."""

    def __init__(self, folder: str, *, threads: int, memory: str) -> None:
        import duckdb

        # the command line ends without collecting garbage, which DuckDB would call a leak
        atexit.register(gc.enable)
        atexit.register(gc.unfreeze)
        self.error = duckdb.Error
        self.version: str = duckdb.__version__
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": max(2, threads),
                "memory_limit": memory,
                "temp_directory": os.path.join(folder, "spill"),
                "preserve_insertion_order": True,
                "autoinstall_known_extensions": False,
            },
        )
        self._connection.execute("SET enable_progress_bar = false")

    def __enter__(self) -> Duck:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _all(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.execute(query, list(parameters) or None).fetchall()
        return rows

    # reading

    def columns(self, path: str) -> tuple[Column, ...]:
        """The columns of a Parquet file."""
        try:
            found = self._all(f"DESCRIBE SELECT * FROM {_parquet(path)}")
            written = {row[0] for row in self._all("SELECT name FROM parquet_schema(?)", _plain(path))}
        except self.error as error:
            raise unreadable(path, error) from None
        # DuckDB gives a column another name where two have one
        return tuple(Column(n if n in written else _NUMBERED.sub("", n), str(kind)) for n, kind, *_ in found)

    def groups(self, path: str) -> list[int]:
        """How many rows each row group of a Parquet file has."""
        try:
            found = self._all(
                "SELECT row_group_id, any_value(row_group_num_rows) FROM parquet_metadata(?) GROUP BY 1 ORDER BY 1",
                _plain(path),
            )
        except self.error as error:
            raise unreadable(path, error) from None
        return [rows for _, rows in found]

    def take_rows(self, plan: Plan, path: str, first: int, count: int) -> None:
        """Make these rows of a Parquet file the ones to be answered."""
        rows = f"file_row_number >= {first} AND file_row_number < {first + count}"
        source = f"{_parquet(path)} WHERE {rows}"
        self._view(plan, source, "file_row_number + 1", path, blank=False)

    def take_chunk(
        self, plan: Plan, columns: Sequence[str], chunk: str, form: Format, path: str, before: int
    ) -> int:
        """Make the rows of `chunk`, a piece of the CSV file `path`, the ones to be answered; `before` rows stand
        before it. Gives their number; raises BatchError for a row that has not as many fields as there are columns."""
        types = ", ".join(f"{text(c, 'duckdb')}: 'VARCHAR'" for c in columns)
        mark = "\\t" if form == "tsv" else ","
        source = (
            f"read_csv({text(_plain(chunk), 'duckdb')}, auto_detect = false, header = false, delim = '{mark}', "
            f"quote = '\"', escape = '\"', new_line = '\\n', columns = {{{types}}}, max_line_size = {1 << 26}, buffer_size = {1 << 27})"
        )
        number = name(ROW, "duckdb")
        try:
            self._all(
                f"CREATE OR REPLACE TEMP TABLE {_CHUNK} AS SELECT *, {before} + row_number() OVER () AS {number} FROM {source}"
            )
        except self.error as error:
            raise _broken_row(path, before, error) from None
        self._view(plan, _CHUNK, number, path, blank=True)
        rows: int = self._all(f"SELECT count(*) FROM {_CHUNK}")[0][0]
        return rows

    def _view(self, plan: Plan, source: str, row: str, path: str, *, blank: bool) -> None:
        select = view(plan, "duckdb", source, row, text(path, "duckdb"), blank=blank)
        self._all(f"CREATE OR REPLACE TEMP VIEW {VIEW} AS {select}")

    # answering

    def write_answers(self, plan: Plan, to: str, form: Format, *, heading: bool) -> int:
        """Write the rows that have an answer to the file `to`; gives their number."""
        return self._copy(answered(plan, "duckdb"), to, form, heading=heading)

    def write_rejects(self, plan: Plan, to: str, form: Format, *, none: bool) -> list[tuple[str, str, int]]:
        """Write the rejects to the file `to` and count them by code and column; with `none` there are none."""
        limit = " LIMIT 0" if none else ""
        self._all(f"CREATE OR REPLACE TEMP TABLE rejected AS {refused(plan, 'duckdb')}{limit}")
        # out of a list, lest columns without missing values are written as others than those with some
        columns = ", ".join(f'(["{column}"])[1] AS "{column}"' for column in REJECTS)
        self._copy(f"SELECT {columns} FROM rejected", to, form, heading=False)
        found = self._all('SELECT code, "column", count(*) FROM rejected GROUP BY ALL ORDER BY ALL')
        self._all("DROP TABLE rejected")
        return [(code, column, count) for code, column, count in found]

    def _copy(self, query: str, to: str, form: Format, *, heading: bool) -> int:
        options = f"FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {GROUP}"
        if form != "parquet":
            mark = "\\t" if form == "tsv" else ","
            options = (
                f"FORMAT csv, HEADER {str(heading).lower()}, DELIMITER '{mark}', QUOTE '\"', ESCAPE '\"'"
            )
        written: int = self._all(f"COPY ({query}) TO {text(to, 'duckdb')} ({options})")[0][0]
        return written

    def sums(self, plan: Plan, of: str) -> list[str]:
        """The sum of each result in the Parquet file `of`, as text; "0" of no rows."""
        query = sums(plan, "duckdb", _parquet(of))
        return [] if query is None else [value or "0" for value in self._all(query)[0]]

    def sums_again(self, plan: Plan) -> list[str]:
        """The same, computed anew."""
        query = sums(plan, "duckdb", f"({answered(plan, 'duckdb')})")
        return [] if query is None else [value or "0" for value in self._all(query)[0]]

    def least(self, plan: Plan, key: str, count: int) -> list[tuple[int, int]]:
        """Of the rows that have an answer, those with the least `key` (an expression over their number), and it."""
        number = name(ROW, "duckdb")
        query = f"SELECT {key.format(row=number)} AS k, {number} FROM ({plan.select}) WHERE problem IS NULL"
        return [(int(k), row) for k, row in self._all(f"{query} ORDER BY k LIMIT {count}")]

    def values(
        self, plan: Plan, rows: Sequence[int]
    ) -> Mapping[int, tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """The inputs of these rows as the view has them, and their results."""
        number = name(ROW, "duckdb")
        inputs = ", ".join(name(field, "duckdb") for field in plan.fields)
        results = ", ".join(name(r.name, "duckdb") for r in plan.results)
        chosen = ", ".join(map(str, rows))
        given = self._all(
            f"SELECT {', '.join(filter(None, (number, inputs)))} FROM {VIEW} WHERE {number} IN ({chosen})"
        )
        made = self._all(f"SELECT {number}, {results} FROM ({plan.select}) WHERE {number} IN ({chosen})")
        answers = {row[0]: row[1:] for row in made}
        return {row[0]: (row[1:], answers[row[0]]) for row in given}


_NUMBERED = re.compile(r"_\d+$")


def _plain(path: str) -> str:
    """A path in which no character stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _parquet(path: str) -> str:
    return f"read_parquet({text(_plain(path), 'duckdb')}, hive_partitioning = false)"


def _broken_row(path: str, before: int, error: Exception) -> BatchError:
    words = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", words)
    fields = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", words)
    if line is None:
        return unreadable(path, error)
    if fields is None:
        reason = Words("its quotes do not close", "引号没有成对")
    else:
        reason = Words(
            f"it has {fields[2]} fields; the heading has {fields[1]}",
            f"有{fields[2]}个单元格，而表头有{fields[1]}个",
        )
    facts: dict[str, Fact] = {"row": before + int(line[1]), "reason": reason}
    return BatchError(about(codes.BATCH_CSV_BROKEN, path, facts))
