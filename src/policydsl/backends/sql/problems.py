"""What stands in the way of writing a policy in a dialect of SQL? Names, above all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policydsl.backends.sql.shape import PROBLEM, PROBLEM_AT, Dialect, Form, Shape, fields, results
from policydsl.diagnostics.codes_sql import (
    COLUMN_NAME_TOO_LONG,
    COMMA_IN_KEY,
    NO_TABLE_MACROS,
    SAME_COLUMN,
)
from policydsl.diagnostics.model import Diagnostic, Fact, Words
from policydsl.flat import Flat
from policydsl.ir import Program
from policydsl.kinds import SetOf
from policydsl.source import Span

#: What people call the dialects.
TITLES: dict[Dialect, str] = {
    "duckdb": "DuckDB",
    "sqlite": "SQLite",
    "postgres": "PostgreSQL",
    "spark": "Spark",
}
#: PostgreSQL cuts longer names, and says so in a notice that nobody reads.
_POSTGRES_BYTES = 63


def problems(
    program: Program,
    flat: Flat,
    dialect: Dialect,
    *,
    shape: Shape = "grains",
    forms: Mapping[str, Form] | None = None,
    texts: Mapping[str, Mapping[str, int]] | None = None,
    keep: Sequence[str] = (),
    macro: bool = False,
) -> Iterator[Diagnostic]:
    """What is wrong with the SQL that `sql_text` would make."""
    here = program.header.name.span
    if macro and dialect != "duckdb":
        yield Diagnostic(NO_TABLE_MACROS, here, {"dialect": TITLES[dialect]})
    read = fields(flat, shape, forms, texts)
    given = results(flat, dialect, shape)
    inputs = [
        (f.name, _called("the input", "输入项", f.column.key), program.fact(f.column.key).name.span)
        for f in read
    ]
    columns = [(name, _called("the kept column", "保留的列", name), here) for name in keep]
    columns += [
        (r.name, _called("the output", "结果", r.output), program.definition(r.output).name.span)
        for r in given
    ]
    columns += [
        (name, _called("the column of problems", "问题列", name), here) for name in (PROBLEM, PROBLEM_AT)
    ]
    for listed in (inputs, columns):
        yield from _same(listed, dialect)
    if dialect == "postgres":
        for name, _, span in (*inputs, *columns):
            size = len(name.encode("utf-8"))
            if size > _POSTGRES_BYTES:
                facts: dict[str, Fact] = {
                    "name": name,
                    "bytes": size,
                    "limit": _POSTGRES_BYTES,
                    "dialect": TITLES[dialect],
                }
                yield Diagnostic(COLUMN_NAME_TOO_LONG, span, facts)
    for field in read:
        if isinstance(field.column.kind, SetOf) and (field.form == "text" or dialect == "sqlite"):
            span = program.fact(field.column.key).name.span
            yield from _commas([text for text, _ in field.texts], field.column.key, span)
    for result in given:
        if result.type == "text" and (result.column.part == "held" or isinstance(result.column.kind, SetOf)):
            yield from _commas(
                result.column.members, result.name, program.definition(result.output).name.span
            )


def _called(en: str, zh: str, name: str) -> Words:
    return Words(f"{en} “{name}”", f"{zh}“{name}”")


def _same(listed: Sequence[tuple[str, Words, Span]], dialect: Dialect) -> Iterator[Diagnostic]:
    seen: dict[str, Words] = {}
    for name, words, span in listed:
        # only PostgreSQL looks at capitals in a quoted name
        known = name if dialect == "postgres" else name.lower()
        if known in seen:
            facts: dict[str, Fact] = {
                "first": seen[known],
                "second": words,
                "name": name,
                "dialect": TITLES[dialect],
            }
            yield Diagnostic(SAME_COLUMN, span, facts)
        else:
            seen[known] = words


def _commas(members: Sequence[str], what: str, span: Span) -> Iterator[Diagnostic]:
    for member in members:
        if "," in member:
            yield Diagnostic(COMMA_IN_KEY, span, {"member": member, "what": Words(f"“{what}”", f"“{what}”")})
