"""Which column of the files is which input of the policy, and how does it hold it?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from policydsl.batch.given import about
from policydsl.caseinput import names, title
from policydsl.diagnostics import codes_batch as codes
from policydsl.diagnostics.model import Diagnostic, Fact, Words, listed
from policydsl.flat import Flat, InputColumn
from policydsl.ir import Program
from policydsl.kinds import Day, MemberOf, Quantity, SetOf, YesNo, is_money
from policydsl.nodes import Node, node

#: How an input stands in the SQL: counted, in the type of the database, or as text.
Form: TypeAlias = Literal["count", "plain", "text"]
#: What is done to a column before the SQL reads it: nothing, a cast to text, a day made of midnight, or fen as
#: text made 元 as text.
Change: TypeAlias = Literal["none", "text", "day", "minor"]


@node
class Column(Node):
    """A column of the files: its name, and its type as DuckDB or Spark calls it, in capitals."""

    name: str
    type: str


@node
class Read(Node):
    """How an input is read: from `column`, or where that is None as the text `fixed` (None: not given)."""

    input: InputColumn
    column: str | None
    form: Form
    change: Change = "none"
    fixed: str | None = None


@node
class Matched(Node):
    """All inputs, the columns that are handed on, and whether amounts are given in grains (fen) or in their unit."""

    reads: tuple[Read, ...]
    keep: tuple[str, ...]
    grains: bool

    def column_of(self, key: str) -> str:
        """What the files call the input `key`."""
        return next((r.column for r in self.reads if r.input.key == key and r.column is not None), key)


_INTEGER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER")
_DECIMAL = re.compile(r"DECIMAL\(\d+,(\d+)\)")
_TEXT = re.compile(r"VARCHAR|STRING|ENUM\(.*\)", re.DOTALL)
_TEXTS = re.compile(r"(VARCHAR|ENUM\(.*\))\[\]|ARRAY<STRING>", re.DOTALL)
_STAMP = re.compile(r"TIMESTAMP(_NS|_MS|_S|_NTZ)?|DATETIME")


def match(
    program: Program,
    flat: Flat,
    columns: Sequence[Column],
    path: str,
    *,
    texts_only: bool,
    fixed: Mapping[str, str],
    keep: Sequence[str] | None,
) -> Matched | tuple[Diagnostic, ...]:
    """What the columns are to the policy, or all that is wrong with them. `fixed` are inputs that are the same in
    every row, as texts; `keep` the columns to hand on (none named: all; None: none). With `texts_only` the files know no types."""
    found: list[Diagnostic] = []
    seen: dict[str, list[str]] = {}
    for column in columns:
        seen.setdefault(column.name.casefold(), []).append(column.name)
    twice = [name or "“”" for same in seen.values() if len(same) > 1 or same == [""] for name in same]
    if twice:
        return (about(codes.BATCH_COLUMN_TWICE, path, {"columns": listed(twice)}),)
    by_name = {column.name: column for column in columns}
    reads = []
    for wanted in flat.inputs:
        one = _read(program, flat, wanted, by_name, path, texts_only, fixed)
        if isinstance(one, Diagnostic):
            found.append(one)
        else:
            reads.append(one)
    for name in keep or ():
        if name not in by_name:
            found.append(about(codes.BATCH_NO_COLUMN, path, {"column": name, "columns": listed(by_name)}))
    if found:
        return tuple(found)
    kept = () if keep is None else tuple(dict.fromkeys(keep)) or tuple(by_name)
    grains = any(r.column is not None and r.input.grains and _is_minor(program, flat, r) for r in reads)
    return Matched(tuple(reads), kept, grains)


def _minor_names(program: Program, flat: Flat, column: InputColumn) -> tuple[str, ...]:
    own = names(program.fact(column.key).name)
    return tuple(f"{name}_{flat.minor}" for name in own) if column.grains else ()


def _is_minor(program: Program, flat: Flat, read: Read) -> bool:
    return read.column in _minor_names(program, flat, read.input)


def _read(
    program: Program,
    flat: Flat,
    column: InputColumn,
    by_name: Mapping[str, Column],
    path: str,
    texts_only: bool,
    fixed: Mapping[str, str],
) -> Read | Diagnostic:
    fact = program.fact(column.key)
    own, minor = names(fact.name), _minor_names(program, flat, column)
    there = [name for name in (*minor, *own) if name in by_name]
    called = title(fact.name)
    if column.key in fixed:
        there.append("--set")
    if len(there) > 1:
        return about(codes.BATCH_TWO_COLUMNS, path, {"input": called, "columns": listed(there)})
    if column.key in fixed:
        return Read(column, None, "text", fixed=fixed[column.key])
    if not there:
        if column.optional or column.default is not None:
            return Read(column, None, "text")
        wanted = Words(
            " or ".join(f"`{n}`" for n in (*own, *minor)), "或".join(f"`{n}`" for n in (*own, *minor))
        )
        facts: dict[str, Fact] = {
            "input": called,
            "columns": listed(by_name),
            "names": wanted,
            "key": column.key,
        }
        return about(codes.BATCH_COLUMN_MISSING, path, facts)
    given = by_name[there[0]]
    if texts_only:
        return Read(column, given.name, "text", "minor" if given.name in minor else "none")
    held = _held(column, given, given.name in minor)
    if held is not None:
        return Read(column, given.name, *held)
    wanted = _wanted(program, flat, column, given.name in minor)
    facts = {"column": given.name, "input": called, "type": given.type, "wanted": wanted}
    return about(codes.BATCH_COLUMN_TYPE, path, facts)


def _held(column: InputColumn, given: Column, minor: bool) -> tuple[Form, Change] | None:
    """How a column of this type holds the input; None where it cannot."""
    kind = given.type
    if kind == '"NULL"' or kind in ("NULL", "VOID"):  # a column of nothing but missing values
        return "text", "text"
    if _TEXT.fullmatch(kind):
        # an enum and the like are texts once they are cast
        form: Form = "plain" if isinstance(column.kind, MemberOf) else "text"
        return form, "minor" if minor else "text"
    match column.kind:
        case Quantity():
            if _INTEGER.fullmatch(kind):
                if minor:
                    return "count", "none"
                return None if is_money(column.kind) else ("plain", "none")
            scale = _DECIMAL.fullmatch(kind)
            return ("plain", "none") if scale and int(scale[1]) <= 18 and not minor else None
        case Day():
            return (
                ("plain", "none") if kind == "DATE" else ("text", "day") if _STAMP.fullmatch(kind) else None
            )
        case YesNo():
            return (
                ("plain", "none")
                if kind == "BOOLEAN"
                else ("text", "text")
                if _INTEGER.fullmatch(kind)
                else None
            )
        case SetOf():
            return ("plain", "none") if _TEXTS.fullmatch(kind) else None
        case MemberOf():
            return None


def _wanted(program: Program, flat: Flat, column: InputColumn, minor: bool) -> Words:
    match column.kind:
        case Quantity() if column.grains:
            unit, sign = flat.minor, program.header.currency.sign
            key = column.key
            return Words(
                f"integers of {unit} in a column `{key}_{unit}`, or DECIMAL (not floating point) of {sign} in a column "
                f"`{key}`, for example with `CAST(… AS DECIMAL(18, 2))` where it is made",
                f"以分计的整数（列名 `{key}_{unit}`），或者以{sign}计的DECIMAL（列名 `{key}`，不能是浮点数），"
                "例如在生成文件处写 `CAST(… AS DECIMAL(18, 2))`",
            )
        case Quantity():
            return Words(
                "DECIMAL, integers or text (no floating point)", "DECIMAL、整数或文本（不能是浮点数）"
            )
        case Day():
            return Words("DATE, or text such as 2021-08-10", "DATE，或者 2021-08-10 这样的文本")
        case YesNo():
            return Words("BOOLEAN, or text: true, false", "BOOLEAN，或者文本：是、否")
        case SetOf():
            return Words("a list of texts, or text with commas between", "文本的列表，或者以逗号分隔的文本")
        case MemberOf():
            return Words("text: the keys, labels or codes of the members", "文本，即各项的代号、名称或编码")


def clashes(matched: Matched, results: Sequence[str], path: str) -> Iterator[Diagnostic]:
    """Columns that are handed on under the name of a result."""
    taken = {name.casefold() for name in results}
    for name in matched.keep:
        if name.casefold() in taken:
            yield about(codes.BATCH_COLUMN_TAKEN, path, {"column": name})
