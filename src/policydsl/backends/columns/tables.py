"""Which kind of table is it, and how is one of the same kind made of the answer?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, TypeAlias

from policydsl.backends.columns.reading import Source
from policydsl.backends.columns.writing import Written, as_arrow, as_numpy

Rebuilt: TypeAlias = Callable[[Sequence[Written]], Any]


def opened(table: Any) -> tuple[Source, Rebuilt]:
    """The columns of a table, and what makes a table of its kind. Raises TypeError for what is none, ValueError
    for columns of different lengths, ImportError where pyarrow is missing."""
    kind = type(table).__module__.split(".")[0]
    if isinstance(table, Mapping):
        return _mapping(table)
    if kind == "pandas" and type(table).__name__ == "DataFrame":
        _arrow_needed()
        return _pandas(table)
    if kind == "polars" and type(table).__name__ == "DataFrame":
        _arrow_needed()
        return _polars(table)
    if hasattr(table, "__arrow_c_stream__") or hasattr(table, "__arrow_c_array__"):
        _arrow_needed()
        return _arrow(table)
    raise TypeError(
        "a table is a mapping of arrays, an Arrow table, a Polars or pandas frame, or has the Arrow protocol; "
        f"this is {type(table).__module__}.{type(table).__name__}"
    )


def _arrow_needed() -> None:
    if find_spec("pyarrow") is None:
        raise ImportError("frames need pyarrow: pip install 'policydsl[frames]'")


def _mapping(table: Mapping[str, Any]) -> tuple[Source, Rebuilt]:
    counts = {
        name: len(column)
        for name, column in table.items()
        if hasattr(column, "__len__") and not isinstance(column, str | set | frozenset)
    }
    if len(set(counts.values())) != 1:
        lengths = ", ".join(f"{name} {count}" for name, count in counts.items()) or "none at all"
        raise ValueError(f"the columns of a table are of one length; these are {lengths}")
    source = Source(table.keys(), lambda name: table[name], next(iter(counts.values())))
    return source, lambda columns: {column.name: as_numpy(column) for column in columns}


def _table(columns: Sequence[Written]) -> Any:
    import pyarrow as pa

    return pa.table({column.name: as_arrow(column) for column in columns})


def _arrow(table: Any) -> tuple[Source, Rebuilt]:
    import pyarrow as pa

    batch = isinstance(table, pa.RecordBatch)
    whole = table if isinstance(table, pa.Table) else pa.table(table)
    source = Source(whole.column_names, whole.column, whole.num_rows)
    if not batch:
        return source, _table
    return source, lambda columns: pa.RecordBatch.from_arrays(
        [as_arrow(c) for c in columns], names=[c.name for c in columns]
    )


def _polars(table: Any) -> tuple[Source, Rebuilt]:
    import polars as pl

    source = Source(table.columns, lambda name: table.get_column(name).to_arrow(), table.height)
    return source, lambda columns: pl.from_arrow(_table(columns))


def _pandas(table: Any) -> tuple[Source, Rebuilt]:
    import pyarrow as pa

    def column(name: str) -> Any:
        series = table[name]
        if series.ndim != 1:  # two columns of one name
            return series.to_numpy()
        try:
            return pa.array(series, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError):
            return series.to_numpy()

    def rebuilt(columns: Sequence[Written]) -> Any:
        frame = _table(columns).to_pandas(types_mapper=_nullable)
        frame.index = table.index
        return frame

    return Source([str(name) for name in table.columns], column, len(table)), rebuilt


def _nullable(kind: Any) -> Any:
    """The pandas type of a column of integers or truths that may be null: never a float."""
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_int64(kind):
        return pd.Int64Dtype()
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    return pd.ArrowDtype(kind) if pa.types.is_decimal(kind) or pa.types.is_date(kind) else None
