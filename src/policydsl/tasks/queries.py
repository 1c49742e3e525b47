"""Which SELECT computes a policy for every row of a table? For `sql` and `batch`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from policydsl.diagnostics.model import Diagnostic
from policydsl.pipeline import flatten

if TYPE_CHECKING:
    from policydsl.backends.sql import Dialect, Field, Form, Kind, Result, Shape
    from policydsl.flat import Flat
    from policydsl.ir import Program


def can_write_sql() -> bool:
    """Whether the library that writes SQL is installed."""
    from importlib.util import find_spec

    return find_spec("sqlglot") is not None


def sql(
    program: Program,
    outputs: Sequence[str] | None,
    dialect: Dialect,
    *,
    table: str | Sequence[str] = "claims",
    shape: Shape = "grains",
    texts: Mapping[str, Mapping[str, int]] | None = None,
    keep: Sequence[str] = (),
    kind: Kind = "query",
    name: str | None = None,
    heading: Sequence[str] = (),
) -> str | tuple[Diagnostic, ...]:
    """One SELECT that computes these outputs (None: all) for every row of `table`, or what stands in the way.
    `texts` says which texts stand for which places of an input's category, if not the keys alone."""
    from policydsl.backends.sql import problems, sql_text

    flat = flatten(program, outputs)
    if isinstance(flat, tuple):
        return flat
    found = tuple(
        problems(program, flat, dialect, shape=shape, texts=texts, keep=keep, macro=kind == "macro")
    )
    if found:
        return found
    return sql_text(flat, dialect, table=table, shape=shape, keep=keep, kind=kind, name=name, heading=heading)


def batch_sql(
    program: Program,
    flat: Flat,
    dialect: Dialect,
    *,
    table: str,
    shape: Shape,
    forms: Mapping[str, Form],
    texts: Mapping[str, Mapping[str, int]],
    keep: Sequence[str],
) -> tuple[Callable[[], str], tuple[Field, ...], tuple[Result, ...]] | tuple[Diagnostic, ...]:
    """What writes the SELECT that computes these steps for every row of `table`, with the columns it reads, of which `forms`
    says how each is held, and those it gives after `keep`; or what stands in the way."""
    from policydsl.backends.sql import fields, problems, results, sql_text

    found = tuple(problems(program, flat, dialect, shape=shape, forms=forms, texts=texts, keep=keep))
    if found:
        return found
    write = partial(
        sql_text, flat, dialect, table=table, shape=shape, forms=forms, texts=texts, keep=tuple(keep)
    )
    return cache(write), fields(flat, shape, forms, texts), results(flat, dialect, shape)
