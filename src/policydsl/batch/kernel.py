"""How are Parquet files answered at the speed of the disk? pyarrow reads and writes them, a compiled kernel computes.

Texts of few kinds stay codes of a dictionary, and columns that are only handed on are not read at all: their bytes are
copied from file to file. It is taken where its libraries are installed and each column can be had so; the rejects are
DuckDB's to list.
"""

from __future__ import annotations

import re
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from typing import Any, NamedTuple

from policydsl.api import Policy
from policydsl.batch.given import unreadable
from policydsl.batch.matching import Column
from policydsl.batch.parts import Part
from policydsl.batch.statements import Plan, Result
from policydsl.batch.work import Written
from policydsl.bulk import Columns, Engine, OnError, RowsError
from policydsl.ir import Program
from policydsl.kinds import MemberOf, SetOf
from policydsl.runtime import PolicyError

#: The most rows of a piece, and the most bytes that are read of it.
ROWS, MOST = 1 << 20, 1 << 26
#: Row groups of fewer rows are written anew, several as one.
SMALL = 1 << 15
#: So many rows of a row group are written anew at once, where some are left out.
LESS = 1 << 17
#: From how many rows on numba repays being loaded. NumPy gives the same bytes.
REPAID = 16_000_000
#: The number of a row in its part, in the table of rows without an answer.
NUMBER = "~number"
#: Writers whose pages or statistics readers distrust by their name, which is not handed on.
_DISTRUSTED = re.compile(r"$|parquet-mr($|.*\b1\.[0-9]\b)|impala", re.IGNORECASE)


#: What DuckDB calls the types that inputs may have.
_TYPES = {
    "bool": "BOOLEAN", "string": "VARCHAR", "large_string": "VARCHAR", "date32[day]": "DATE",
    "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT",
    "uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT",
}  # fmt: skip


class _Group(NamedTuple):
    """A row group of a file. `start` is how many rows of the part stand before it; `copied`: what is handed on of it can be
    copied."""

    path: str
    group: int
    start: int
    rows: int
    copied: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows that were computed together: those with an answer as they are written, and the sums of their results. `rejected`
    is an Arrow table of the inputs of the others, with their numbers in the part."""

    written: tuple[Written, ...]
    answered: int
    sums: tuple[Fraction, ...]
    rejected: Any | None


@dataclass(frozen=True, slots=True)
class _About:
    """What is known of a file: for each row group its rows, the bytes of the inputs, and those of all that is handed on too;
    and whether what is handed on can be copied."""

    rows: list[int]
    read: list[int]
    wanted: list[int]
    copied: bool


def is_there() -> bool:
    """Whether the libraries are installed."""
    return all(find_spec(library) is not None for library in ("numpy", "pyarrow"))


class Files:
    """Parquet files, as their footers describe them. Raises BatchError for what is none. `alike`: all have the same columns."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.paths = paths
        self.metadata = []
        for path in paths:
            try:
                self.metadata.append(pq.read_metadata(path))
            except (pa.ArrowException, OSError) as error:
                raise unreadable(path, error) from None
        first = self.metadata[0].schema
        self.alike = all(about.schema.equals(first) for about in self.metadata)

    def columns(self) -> tuple[Column, ...] | None:
        """The columns, with their types in the words of DuckDB; None where they differ from file to file. A type that no
        input has is as pyarrow calls it."""
        if not self.alike:
            return None
        schema = self.metadata[0].schema.to_arrow_schema()
        return tuple(Column(field.name, _type(str(field.type))) for field in schema)


class Kernel:
    """The answers to row groups, computed by `threads` threads ahead of who asks for them. `writer` says what its bytes
    depend on; `template` is an output without rows."""

    writer: str
    template: Written

    def __init__(
        self, program: Program, outputs: tuple[str, ...], plan: Plan, files: Files, threads: int
    ) -> None:
        import pyarrow as pa

        self.plan = plan
        self.writer = f"pyarrow {pa.__version__}"
        self._paths = files.paths
        reads = [r for r in plan.matched.reads if r.column is not None]
        self._keep = list(plan.matched.keep)
        self._inputs = [str(r.column) for r in reads]
        self._wanted = list(dict.fromkeys((*self._keep, *self._inputs)))
        self._members = [str(r.column) for r in reads if isinstance(r.input.kind, MemberOf)]
        self._errors = [f"{output}.error" for output in dict.fromkeys(r.output for r in plan.results)]
        self._own = threading.local()
        self._lock = threading.Lock()
        self._threads = max(1, threads)
        self._pool: ThreadPoolExecutor | None = None
        self._todo: Iterator[list[_Group]] = iter(())
        self._ahead: deque[Future[Piece]] = deque()
        rows = sum(about.num_rows for about in files.metadata)
        fast = find_spec("numba") is not None and (rows >= REPAID or "numba" in sys.modules)
        engine: Engine = "numba" if fast else "numpy"

        def columns(on_error: OnError) -> Columns:
            return Columns(Policy(program, ()), outputs, on_error, not plan.matched.grains, engine, 1)

        self._make = columns
        self._columns = columns("raise")
        self._marking: Columns | None = None
        self._files: list[_About] = []
        self._fits = self._can() and self._look(files.metadata, alike=files.alike)

    def fits(self) -> bool:
        """Whether it can answer these files: their columns, and row groups that the memory holds."""
        return self._fits

    def _can(self) -> bool:
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
        return not any("." in name for name in self._wanted)  # a path, to pyarrow

    def _look(self, metadata: Sequence[Any], *, alike: bool) -> bool:
        import pyarrow as pa
        import pyarrow.parquet as pq

        # the empty table of a schema would load pandas
        nothing = self._file(self._paths[0]).read_row_groups([], columns=self._wanted).select(self._wanted)
        fields = list(nothing.schema)
        # what files have in common, if they differ, is that values may be missing
        self._schema = pa.schema(fields if alike else [field.with_nullable(True) for field in fields])
        self._nothing = nothing = _in(self._schema, nothing)
        try:
            made = self._columns(nothing.select(self._inputs))
        except PolicyError:  # a type that the SQL knows what to do with
            return False
        self._short = _short_decimals(metadata[0])
        data = self._written([_beside(nothing.select(self._keep), made)])
        self.template = Written(data)
        own = pq.ParquetFile(pa.BufferReader(data)).schema
        self._files = [_about(about, own, self._keep, self._inputs) for about in metadata]
        return all(
            (read if file.copied else wanted) <= MOST
            for file in self._files
            for read, wanted in zip(file.read, file.wanted, strict=True)
        )

    def groups(self, number: int) -> Sequence[int]:
        """How many rows each row group of a file has."""
        return self._files[number].rows

    def begin(self, parts: Iterable[Part]) -> None:
        """Get ready to compute these parts."""
        self._todo = (groups for part in parts for groups in self._cut(part))
        self._pool = ThreadPoolExecutor(self._threads)

    def pieces(self, part: Part) -> Iterator[Piece]:
        """The pieces of the part that is next."""
        assert self._pool is not None
        for _ in self._cut(part):
            while len(self._ahead) <= self._threads and (groups := next(self._todo, None)) is not None:
                self._ahead.append(self._pool.submit(self._piece, groups))
            yield self._ahead.popleft().result()

    def joined(self, rejected: Sequence[Any]) -> Any:
        """The rows without an answer of several pieces; none of none."""
        import pyarrow as pa

        if rejected:
            return pa.concat_tables(rejected)
        none = _plain(self._nothing.select(self._inputs))
        return none.append_column(NUMBER, pa.nulls(0, pa.int64()))

    def close(self) -> None:
        """Let the threads end what they do; what is left is not begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _cut(self, part: Part) -> Iterator[list[_Group]]:
        """The row groups of a part, a piece after the other: as many as come to so many rows and bytes."""
        taken: list[_Group] = []
        rows = size = 0
        for stretch in part:
            at, about = 0, self._files[stretch.number]
            for group, count in enumerate(about.rows):
                if stretch.before <= at < stretch.before + stretch.count and count:
                    copied = about.copied and count >= SMALL
                    more = (about.read if copied else about.wanted)[group]
                    if taken and (rows + count > ROWS or size + more > MOST or taken[-1].copied != copied):
                        yield taken
                        taken, rows, size = [], 0, 0
                    start = stretch.start + at - stretch.before
                    taken.append(_Group(stretch.path, group, start, count, copied))
                    rows += count
                    size += more
                at += count
        if taken:
            yield taken

    # in one of the threads

    def _file(self, path: str) -> Any:
        """The file, opened once by each thread."""
        import pyarrow.parquet as pq

        if getattr(self._own, "path", None) != path:
            self._own.file = pq.ParquetFile(path, read_dictionary=self._members)
            self._own.path = path
        return self._own.file

    def _piece(self, groups: Sequence[_Group]) -> Piece:
        import numpy as np
        import pyarrow as pa

        copied = groups[0].copied
        table = self._read(groups, self._inputs if copied else self._wanted)
        inputs, rejected, good = table.select(self._inputs), None, None
        made = None if self._marking else self._all_answered(inputs)
        if made is None:
            assert self._marking is not None
            made = self._marking(inputs)
            wrong = np.zeros(len(table), np.bool_)
            for name in self._errors:
                wrong |= made.column(name).is_valid().to_numpy()
            if wrong.any():
                numbers = np.concatenate([np.arange(g.start + 1, g.start + g.rows + 1) for g in groups])
                rejected = inputs.append_column(NUMBER, pa.array(numbers)).filter(pa.array(wrong))
                rejected = _plain(rejected)
                good = pa.array(~wrong)
            made = made.select([r.name for r in self.plan.results])
        if copied:
            written = tuple(self._copied(groups, made, good))
        else:
            written = (Written(self._written([_filtered(_beside(table.select(self._keep), made), good)])),)
        answers = _filtered(made, good)
        sums = tuple(_sum(answers.column(r.name), r) for r in self.plan.results if r.summed)
        return Piece(written, answers.num_rows, sums, rejected)

    def _all_answered(self, inputs: Any) -> Any | None:
        """The answers, if every row has one."""
        try:
            return self._columns(inputs)
        except RowsError:
            with self._lock:  # what marks them is compiled once
                if self._marking is None:
                    marking = self._make("mark")
                    marking(inputs.slice(0, 0))
                    self._marking = marking
            return None

    def _read(self, groups: Sequence[_Group], columns: list[str]) -> Any:
        import pyarrow as pa

        schema = pa.schema([self._schema.field(name) for name in columns])
        tables = []
        for path in dict.fromkeys(group.path for group in groups):
            own = [group.group for group in groups if group.path == path]
            try:
                table = self._file(path).read_row_groups(own, columns=columns, use_threads=False)
                tables.append(_in(schema, table.select(columns)))
            except (pa.ArrowException, OSError) as error:
                raise unreadable(path, error) from None
        return pa.concat_tables(tables).unify_dictionaries()

    def _written(self, tables: Iterable[Any]) -> memoryview:
        return _written(tables, short=self._short)

    def _copied(self, groups: Sequence[_Group], made: Any, good: Any) -> Iterator[Written]:
        """The results beside columns that are copied; a row group of which rows are left out is written anew."""
        whole: list[tuple[_Group, Any]] = []
        for group in groups:
            at = group.start - groups[0].start
            results = made.slice(at, group.rows)
            own = None if good is None else good.slice(at, group.rows)
            if own is None or own.true_count == group.rows:
                whole.append((group, results))
                continue
            yield from self._beside_copies(whole)
            whole = []
            yield Written(self._written(self._anew(group, results, own)))
        yield from self._beside_copies(whole)

    def _beside_copies(self, whole: Sequence[tuple[_Group, Any]]) -> Iterator[Written]:
        if whole:
            places = tuple((group.path, group.group) for group, _ in whole)
            yield Written(self._written([results for _, results in whole]), places, tuple(self._keep))

    def _anew(self, group: _Group, results: Any, good: Any) -> Iterator[Any]:
        """Some rows of a row group, a few at a time."""
        import pyarrow as pa

        schema = pa.schema([self._schema.field(name) for name in self._keep])
        at = 0
        try:
            for batch in self._file(group.path).iter_batches(
                LESS, row_groups=[group.group], columns=self._keep, use_threads=False
            ):
                kept = _in(schema, pa.Table.from_batches([batch]).select(self._keep))
                whole = _beside(kept, results.slice(at, len(kept)))
                yield whole.filter(good.slice(at, len(kept)))
                at += len(kept)
        except (pa.ArrowException, OSError) as error:
            raise unreadable(group.path, error) from None


def _type(kind: str) -> str:
    decimal = re.fullmatch(r"decimal\d+\((\d+), (\d+)\)", kind)
    return f"DECIMAL({decimal[1]},{decimal[2]})" if decimal else _TYPES.get(kind, kind)


def _about(metadata: Any, own: Any, keep: Sequence[str], inputs: Sequence[str]) -> _About:
    """What is to be known of a file. `own` is the schema in which the columns that are handed on are written."""
    schema = metadata.schema
    tops = [schema.column(i).path.split(".")[0] for i in range(len(schema))]
    groups = [metadata.row_group(g) for g in range(metadata.num_row_groups)]

    def bytes_of(names: Sequence[str]) -> list[int]:
        columns = [i for i, top in enumerate(tops) if top in names]
        return [sum(group.column(i).total_uncompressed_size for i in columns) for group in groups]

    places = [i for name in keep for i, top in enumerate(tops) if top == name]
    same = all(
        at < len(own) and _kind(schema.column(i)) == _kind(own.column(at)) for at, i in enumerate(places)
    )
    copied = bool(keep) and same and not _DISTRUSTED.match(metadata.created_by or "")
    return _About([g.num_rows for g in groups], bytes_of(inputs), bytes_of([*keep, *inputs]), copied)


def _short_decimals(metadata: Any) -> bool:
    """Whether a file has decimals as integers, as DuckDB writes those of up to 18 digits."""
    columns = [metadata.schema.column(i) for i in range(len(metadata.schema))]
    return any(c.logical_type.type == "DECIMAL" and c.physical_type in ("INT32", "INT64") for c in columns)


def _kind(column: Any) -> tuple[object, ...]:
    """What the bytes of a column depend on, and what they mean."""
    means = str(column.logical_type)
    return (
        column.path,
        column.physical_type,
        column.length,
        column.max_definition_level,
        column.max_repetition_level,
        # what an integer is that nobody says anything about
        "None" if means in ("Int(bitWidth=64, isSigned=true)", "Int(bitWidth=32, isSigned=true)") else means,
    )


def _in(schema: Any, table: Any) -> Any:
    """The table in this schema, as files may differ in small things."""
    import pyarrow as pa

    if table.schema.types == schema.types:
        return pa.Table.from_arrays(table.columns, schema=schema)
    return table.cast(schema)


def _beside(kept: Any, results: Any) -> Any:
    for name, column in zip(results.column_names, results.columns, strict=True):
        kept = kept.append_column(name, column) if kept.num_columns else results.select([name])
    return kept


def _filtered(table: Any, good: Any) -> Any:
    return table if good is None else table.filter(good)


def _plain(table: Any) -> Any:
    """The table with texts in place of dictionaries, which a database would take for a type of its own."""
    import pyarrow as pa

    fields = [f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def _written(tables: Iterable[Any], *, short: bool) -> memoryview:
    """A Parquet file in memory, with a row group for each table that has rows. `short`: decimals of few digits as integers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    into, writer = pa.BufferOutputStream(), None
    for table in tables:
        if writer is None:
            # integers are seldom of few kinds: looking costs more than packing their differences, which makes them smaller
            kinds = [(field.name, field.type) for field in table.schema]
            packed = [name for name, kind in kinds if pa.types.is_int64(kind) or pa.types.is_int32(kind)]
            plain = [name for name, kind in kinds if pa.types.is_integer(kind) or pa.types.is_decimal(kind)]
            writer = pq.ParquetWriter(
                into,
                table.schema,
                compression=_compression(table.schema, packed),
                use_dictionary=[name for name, _ in kinds if name not in plain],
                column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
                store_decimal_as_integer=short,
                store_schema=False,
                write_page_index=False,
            )
        if table.num_rows:
            writer.write_table(table, row_group_size=ROWS)
    assert writer is not None
    writer.close()
    return memoryview(into.getvalue())


def _compression(schema: Any, packed: Sequence[str]) -> str | dict[str, str]:
    """What is packed is not compressed as well. In a nested column this cannot be said by its name."""
    import pyarrow as pa

    if any(pa.types.is_nested(kind) for kind in schema.types):
        return "snappy"
    return {name: "none" if name in packed else "snappy" for name in schema.names}


def _sum(column: Any, result: Result) -> Fraction:
    """The sum of a column without nulls, beyond 64 bits where need be."""
    import numpy as np

    if result.decimal:
        import pyarrow.compute as pc

        exact = pc.sum(column).as_py()
        return Fraction(0 if exact is None else exact)
    total = 0
    for chunk in column.chunks:
        values: Any = np.from_dlpack(chunk)  # its own method would load pandas
        total += (int((values >> 32).sum()) << 32) + int(np.bitwise_and(values, 0xFFFFFFFF).sum())
    return Fraction(total)
