"""How does DuckDB read files of cases, compute a part of them and write it? The only module that imports duckdb."""

from __future__ import annotations

import atexit
import gc
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policydsl.batch.given import Format, unreadable
from policydsl.batch.matching import Column
from policydsl.batch.parts import Broken, Part
from policydsl.batch.statements import REJECTS, ROW, VIEW, Plan, answered, name, refused, sums, text, view
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Words

#: Rows of a row group that is written.
GROUP = 122_880
_CHUNK, _PIECE, _TABLE = "chunk", "~piece", "given_rows"
#: A row of `_values` that is not to be looked at.
_NOTHING = "(0, '', 0, '', '')"


class Duck:
    """A connection. Results are the same for every number of threads but one, so there are two at least."""

    def __init__(self, folder: str, *, threads: int, memory: str) -> None:
        import duckdb

        # the command line ends without collecting garbage, which DuckDB would call a leak
        atexit.register(gc.enable)
        atexit.register(gc.unfreeze)
        self.error = duckdb.Error
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
            found = self._all(f"DESCRIBE SELECT * FROM {_parquet([path])}")
            written = {row[0] for row in self._all("SELECT name FROM parquet_schema(?)", _plain(path))}
        except self.error as error:
            raise unreadable(path, error) from None
        # DuckDB gives a column another name where two have one
        return tuple(Column(n if n in written else _NUMBERED.sub("", n), str(kind)) for n, kind, *_ in found)

    def unlike(self, paths: Sequence[str]) -> list[str]:
        """Of these Parquet files those that are written otherwise than the first, or cannot be read: their columns are to be
        looked at one by one."""
        schema = 'list((name, duckdb_type, num_children, scale, "precision") ORDER BY column_id)'
        try:
            found = dict(
                self._all(
                    f"SELECT file_name, {schema} FROM parquet_schema({_list(paths)}) GROUP BY file_name"
                )
            )
        except self.error:
            return list(paths)
        first = found.get(paths[0])
        return [path for path in paths if first is None or found.get(path) != first]

    def groups(self, paths: Sequence[str]) -> list[list[int]]:
        """How many rows each row group of each of these Parquet files has."""
        try:
            found = self._all(
                "SELECT file_name, row_group_id, any_value(row_group_num_rows) "
                f"FROM parquet_metadata({_list(paths)}) GROUP BY 1, 2 ORDER BY 1, 2"
            )
        except self.error as error:
            raise unreadable(paths[0], error) from None
        groups: dict[str, list[int]] = {path: [] for path in paths}
        for path, _, rows in found:
            groups[path].append(rows)
        return [groups[path] for path in paths]

    def take_rows(self, plan: Plan, part: Part) -> None:
        """Make these rows of Parquet files the ones to be answered. Several files are taken whole."""
        if len(part) == 1:
            first, last = part[0].before, part[0].before + part[0].count
            rows = f"file_row_number >= {first} AND file_row_number < {last}"
            source = f"{_parquet([part[0].path])} WHERE {rows}"
            self._view(plan, source, f"file_row_number + {1 - first}", blank=False)
            return
        number = name(ROW, "duckdb")
        paths = [stretch.path for stretch in part if stretch.count] or [part[0].path]
        source = f"(SELECT *, row_number() OVER () AS {number} FROM {_parquet(paths)})"
        self._view(plan, source, number, blank=False)

    def take_table(self, plan: Plan, table: Any, number: str) -> None:
        """Make the rows of an Arrow table the ones to be answered: inputs of some rows of a part, with their numbers in it
        in the column `number`."""
        self._connection.register(_TABLE, table)
        kept = [c for c in plan.matched.keep if c not in table.column_names]
        nothing = "".join(f", NULL AS {name(c, 'duckdb')}" for c in kept)
        source = f"(SELECT *{nothing} FROM {_TABLE})"
        self._view(plan, source, name(number, "duckdb"), blank=False)

    def take_chunks(
        self, plan: Plan, columns: Sequence[str], pieces: Sequence[str], form: Format
    ) -> list[int]:
        """Make the rows of these pieces of CSV files the ones to be answered; gives how many there are of each. Raises
        DuckDB's error for a row that has not as many cells as there are columns, and for quotes that do not close."""
        types = ", ".join(f"{text(c, 'duckdb')}: 'VARCHAR'" for c in columns)
        mark = "\\t" if form == "tsv" else ","
        source = (
            f"read_csv({_list(pieces)}, auto_detect = false, header = false, delim = '{mark}', filename = '{_PIECE}', "
            f"quote = '\"', escape = '\"', new_line = '\\n', columns = {{{types}}}, max_line_size = {1 << 26}, buffer_size = {1 << 27})"
        )
        number = name(ROW, "duckdb")
        self._all(
            f"CREATE OR REPLACE TEMP TABLE {_CHUNK} AS SELECT *, row_number() OVER () AS {number} FROM {source}"
        )
        self._view(plan, _CHUNK, number, blank=True)
        counts = dict(self._all(f'SELECT "{_PIECE}", count(*) FROM {_CHUNK} GROUP BY 1'))
        return [counts.get(piece, 0) for piece in pieces]

    def _view(self, plan: Plan, source: str, row: str, *, blank: bool) -> None:
        select = view(plan, "duckdb", source, row, "''", blank=blank)
        self._all(f"CREATE OR REPLACE TEMP VIEW {VIEW} AS {select}")

    # answering

    def write_answers(self, plan: Plan, to: str, form: Format, *, heading: bool) -> int:
        """Write the rows that have an answer to the file `to`; gives their number."""
        return self._copy(answered(plan, "duckdb"), to, form, heading=heading)

    def write_rejects(
        self, plan: Plan, to: str, form: Format, part: Part, broken: Sequence[Broken], *, none: bool
    ) -> list[tuple[str, str, int]]:
        """Write the rejects to the file `to`, the `broken` ones among them, and count them by code and column; with `none` no row
        that was taken is one."""
        limit = " LIMIT 0" if none else ""
        self._all(f"CREATE OR REPLACE TEMP TABLE refused AS {refused(plan, 'duckdb')}{limit}")
        from_files = _values((s.number, s.path, s.start, s.start + s.count, s.before - s.start) for s in part)
        told = _values((b.number, b.path, b.row, b.text, codes.BATCH_CSV_BROKEN.number) for b in broken)
        self._all(
            f"""CREATE OR REPLACE TEMP TABLE rejected AS
            SELECT f.path AS file, r.row + f.moved AS row, r.column, r.value, r.code, f.number
            FROM refused r JOIN ({from_files}) f (number, path, start, stop, moved) ON r.row > f.start AND r.row <= f.stop
            UNION ALL SELECT b.path, b.row, '', b.value, b.code, b.number
            FROM ({told}) b (number, path, row, value, code) WHERE {str(bool(broken)).lower()}
            ORDER BY number, row"""
        )
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
        query = sums(plan, "duckdb", _parquet([of]))
        return [] if query is None else [value or "0" for value in self._all(query)[0]]

    def sums_again(self, plan: Plan) -> list[str]:
        """The same, computed anew."""
        query = sums(plan, "duckdb", f"({answered(plan, 'duckdb')})")
        return [] if query is None else [value or "0" for value in self._all(query)[0]]

    def least(self, plan: Plan, key: str, count: int) -> list[tuple[int, int]]:
        """Of the rows that have an answer, those with the least `key` (an expression over their number in the part), and it."""
        number = name(ROW, "duckdb")
        query = f"SELECT {key.format(row=number)} AS k, {number} FROM ({plan.select}) WHERE problem IS NULL"
        return [(int(k), row) for k, row in self._all(f"{query} ORDER BY k LIMIT {count}")]

    def values(
        self, plan: Plan, rows: Sequence[int]
    ) -> Mapping[int, tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """The inputs of these rows of the part as the view has them, and their results."""
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


def _list(paths: Sequence[str]) -> str:
    return f"[{', '.join(text(_plain(path), 'duckdb') for path in paths)}]"


def _parquet(paths: Sequence[str]) -> str:
    return f"read_parquet({_list(paths)}, hive_partitioning = false)"


def _values(rows: Iterable[tuple[int | str, ...]]) -> str:
    """The rows as a table in SQL; one that means nothing where there are none."""
    listed = [
        f"({', '.join(str(v) if isinstance(v, int) else text(v, 'duckdb') for v in row)})" for row in rows
    ]
    return f"VALUES {', '.join(listed) or _NOTHING}"


def csv_fault(error: Exception) -> tuple[int, Words] | None:
    """The row of a piece that DuckDB cannot read, and why; None where it is something else."""
    words = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", words)
    if line is None:
        return None
    if "unterminated quote" in words:
        return int(line[1]), Words("its quotes do not close", "引号没有成对")
    fields = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", words)
    if fields is None:
        return None
    return int(line[1]), Words(
        f"it has {fields[2]} cells; the heading has {fields[1]}",
        f"有{fields[2]}个单元格，而表头有{fields[1]}个",
    )
