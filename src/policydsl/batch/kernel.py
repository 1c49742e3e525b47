"""How are Parquet files answered at the speed of the disk? pyarrow reads and writes them, a compiled kernel computes.

Texts of few kinds stay codes of a dictionary from file to file, which is what makes it faster than a database. It is
taken where its libraries are installed and each column can be had so; the rejects are DuckDB's to list.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from policydsl.api import Policy
from policydsl.batch.given import unreadable
from policydsl.batch.statements import Plan, Result
from policydsl.bulk import Columns, Engine
from policydsl.ir import Program
from policydsl.kinds import MemberOf, SetOf
from policydsl.runtime import PolicyError

#: Rows of a row group that is written, and the most bytes that a row group that is read may hold.
GROUP, MOST = 122_880, 1 << 26
#: From how many rows on numba repays being loaded. NumPy gives the same bytes.
REPAID = 3_000_000


def is_there() -> bool:
    """Whether the libraries are installed."""
    return all(find_spec(library) is not None for library in ("numpy", "pyarrow"))


class Kernel:
    """The answers to row groups. `writer` says what its bytes depend on."""

    def __init__(self, program: Program, outputs: tuple[str, ...], plan: Plan, rows: int) -> None:
        import pyarrow as pa

        self.plan = plan
        self.writer = f"pyarrow {pa.__version__}"
        engine: Engine = "numba" if rows >= REPAID and find_spec("numba") is not None else "numpy"
        self._columns = Columns(Policy(program, ()), outputs, "mark", not plan.matched.grains, engine, 1)
        self._inputs = [r.column for r in plan.matched.reads if r.column is not None]
        self._members = [
            r.column
            for r in plan.matched.reads
            if isinstance(r.input.kind, MemberOf) and r.column is not None
        ]
        self._errors = [f"{output}.error" for output in dict.fromkeys(r.output for r in plan.results)]
        self._open: tuple[str, Any] | None = None

    def fits(self, paths: tuple[str, ...]) -> bool:
        """Whether it can answer these files: their columns, and row groups that the memory holds."""
        for read in self.plan.matched.reads:
            if read.column is None:
                if read.fixed is not None or read.input.default is None:
                    return False
            elif read.change != "none" and not isinstance(read.input.kind, MemberOf):
                return False
        for result in self.plan.results:
            if result.column.part == "held" or isinstance(result.column.kind, SetOf):
                return False
        if [r.name for r in self.plan.results] != list(self._columns.results):
            return False
        if any("." in name for name in (*self._inputs, *self.plan.matched.keep)):  # a path, to pyarrow
            return False
        for path in paths:
            about = self._file(path).metadata
            if any(about.row_group(g).total_byte_size > MOST for g in range(about.num_row_groups)):
                return False
        try:
            self._answers(self._file(paths[0]).schema_arrow.empty_table())
        except PolicyError:  # a type that the SQL knows what to do with
            return False
        return True

    def _file(self, path: str) -> Any:
        import pyarrow.parquet as pq

        if self._open is None or self._open[0] != path:
            self._open = (path, pq.ParquetFile(path, read_dictionary=self._members))
        return self._open[1]

    def write_answers(self, path: str, first: int, count: int, to: str) -> tuple[int, list[str]]:
        """Write the rows that have an answer, of these in whole row groups, to the file `to`; gives their number, and the
        sum of each result as text."""
        import pyarrow as pa

        file = self._file(path)
        wanted = list(dict.fromkeys((*self.plan.matched.keep, *self._inputs)))
        groups = list(_groups(file.metadata, first, count))
        answered = 0
        sums = [Fraction(0) for result in self.plan.results if result.summed]
        writer: Any = None

        def answers(group: int) -> Any:
            return self._answers(file.read_row_group(group, columns=wanted))

        try:
            with ThreadPoolExecutor(1) as pool:
                # the next is read and computed while one is written
                ahead = pool.submit(answers, groups[0]) if groups else None
                for at in range(len(groups)):
                    assert ahead is not None
                    try:
                        table = ahead.result()
                    except (pa.ArrowException, OSError) as error:
                        raise unreadable(path, error) from None
                    ahead = pool.submit(answers, groups[at + 1]) if at + 1 < len(groups) else None
                    answered += table.num_rows
                    sums = [s + more for s, more in zip(sums, self._sums(table), strict=True)]
                    writer = writer or _writer(to, table.schema)
                    writer.write_table(table, row_group_size=GROUP)
            if writer is None:
                empty = self._answers(file.schema_arrow.empty_table().select(wanted))
                writer = _writer(to, empty.schema)
        finally:
            if writer is not None:
                writer.close()
        return answered, [str(s) for s in sums]

    def _answers(self, table: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        made = self._columns(table.select(self._inputs))
        whole = table.select(list(self.plan.matched.keep))
        for result in self.plan.results:
            whole = whole.append_column(result.name, made.column(result.name))
        wrong = [made.column(name) for name in self._errors]
        if any(column.null_count < len(column) for column in wrong):
            good = wrong[0].is_null()
            for column in wrong[1:]:
                good = pc.and_(good, column.is_null())
            whole = whole.filter(good)
        assert isinstance(whole, pa.Table)
        return whole

    def _sums(self, table: Any) -> Iterator[Fraction]:
        for result in self.plan.results:
            if result.summed:
                yield _sum(table.column(result.name), result)


def _groups(metadata: Any, first: int, count: int) -> Iterator[int]:
    at = 0
    for group in range(metadata.num_row_groups):
        if first <= at < first + count:
            yield group
        at += metadata.row_group(group).num_rows


def _writer(to: str, schema: Any) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # integers are seldom of few kinds, and looking costs three times as much as writing them
    plain = [f.name for f in schema if not (pa.types.is_integer(f.type) or pa.types.is_decimal(f.type))]
    return pq.ParquetWriter(
        to, schema, compression="snappy", use_dictionary=plain, store_schema=False, write_page_index=False
    )


def _sum(column: Any, result: Result) -> Fraction:
    """The sum of a column without nulls, beyond 64 bits where need be."""
    import numpy as np
    import pyarrow.compute as pc

    if result.decimal:
        total = pc.sum(column).as_py()
        return Fraction(0 if total is None else total)
    values = column.to_numpy()
    low = int(np.bitwise_and(values, 0xFFFFFFFF).sum())
    return Fraction((int((values >> 32).sum()) << 32) + low)
