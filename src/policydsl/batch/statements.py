"""Which SELECT answers the rows of files, and which lists those it cannot answer?

The SQL of the policy reads a table of its own column names, so a view stands between it and the files: under names that no
file can have, it passes on what is kept. Names and texts of the user stand in quotes that they cannot leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from policydsl.batch.matching import Matched, Read
from policydsl.diagnostics.model import Diagnostic
from policydsl.flat import Flat, ResultColumn, places_of
from policydsl.ir import Program
from policydsl.kinds import SetOf
from policydsl.nodes import Node, node
from policydsl.tasks import queries

Engine: TypeAlias = Literal["duckdb", "spark"]
VIEW = "claims"
#: The number of a row in its file, and its file, in the view.
ROW, FILE = "~row", "~file"
#: So many characters of a value are shown among the rejects.
SHOWN = 200
#: The columns of the rejects.
REJECTS = ("file", "row", "column", "value", "code")


@node
class Result(Node):
    """A column of the answers. `summed`: its values can be added up."""

    name: str
    output: str
    column: ResultColumn
    summed: bool
    decimal: bool


@node
class Plan(Node):
    """How rows are answered: what writes the SELECT over the view `claims`, the column in the view of each input, and the
    results."""

    matched: Matched
    write: Callable[[], str]
    fields: tuple[str, ...]
    results: tuple[Result, ...]
    givens: tuple[tuple[str, ...], ...]

    @property
    def select(self) -> str:
        return self.write()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the output."""
        return (*self.matched.keep, *(r.name for r in self.results))


def plan(
    program: Program,
    flat: Flat,
    engine: Engine,
    matched: Matched,
    texts: Mapping[str, Mapping[str, int]],
) -> Plan | tuple[Diagnostic, ...]:
    """How the rows of files with these columns are answered, or what stands in the way."""
    kept = [_keep(i) for i in range(len(matched.keep))]
    raw = [_raw(i) for i, read in enumerate(matched.reads) if read.column is not None]
    made = queries.batch_sql(
        program,
        flat,
        engine,
        table=VIEW,
        shape="grains" if matched.grains else "decimals",
        forms={read.input.key: read.form for read in matched.reads},
        texts={
            read.input.key: _without_commas(read, texts.get(read.input.key, {})) for read in matched.reads
        },
        keep=[*kept, *raw, ROW, FILE],
    )
    if len(made) != 3 or isinstance(made[0], Diagnostic):
        return tuple(d for d in made if isinstance(d, Diagnostic))
    write, fields, results = made
    return Plan(
        matched,
        write,
        tuple(field.name for field in fields),
        tuple(
            Result(r.name, r.output, r.column, r.type in ("integer", "decimal"), r.type == "decimal")
            for r in results
        ),
        tuple(given.inputs for given in flat.givens),
    )


def _without_commas(read: Read, texts: Mapping[str, int]) -> Mapping[str, int]:
    """In a text with commas between its members, a name with a comma cannot stand."""
    if isinstance(read.input.kind, SetOf) and read.form == "text":
        keys = read.input.members
        return {text: place for text, place in texts.items() if "," not in text or text in keys}
    return texts


def _keep(number: int) -> str:
    return f"~keep {number}"


def _raw(number: int) -> str:
    return f"~raw {number}"


def name(text: str, engine: Engine) -> str:
    """A name in quotes."""
    mark = "`" if engine == "spark" else '"'
    return f"{mark}{text.replace(mark, mark * 2)}{mark}"


def text(value: str, engine: Engine) -> str:
    """A text in quotes."""
    if engine == "spark":
        value = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{value}'"
    return "'" + value.replace("'", "''") + "'"


def _as_text(expression: str, engine: Engine) -> str:
    return f"CAST({expression} AS {'STRING' if engine == 'spark' else 'VARCHAR'})"


def view(plan: Plan, engine: Engine, source: str, row: str, file: str, *, blank: bool) -> str:
    """The SELECT of the view over `source`. `row` and `file` are the expressions of the number of a row and of its file;
    with `blank` the source has NULL where a text is empty."""
    columns = []
    for number, (read, field) in enumerate(zip(plan.matched.reads, plan.fields, strict=True)):
        columns.append(f"{_read(read, engine, blank)} AS {name(field, engine)}")
        if read.column is not None:
            columns.append(f"{_as_text(name(read.column, engine), engine)} AS {name(_raw(number), engine)}")
    columns += [f"{name(c, engine)} AS {name(_keep(i), engine)}" for i, c in enumerate(plan.matched.keep)]
    columns += [f"{row} AS {name(ROW, engine)}", f"{file} AS {name(FILE, engine)}"]
    return f"SELECT {', '.join(columns)} FROM {source}"


def _read(read: Read, engine: Engine, blank: bool) -> str:
    if read.column is None:
        return _as_text("NULL" if read.fixed is None else text(read.fixed, engine), engine)
    column = name(read.column, engine)
    if read.form == "text" and read.change != "day":
        column = _as_text(column, engine)
        if blank:
            column = f"COALESCE({column}, '')"
    match read.change:
        case "none" | "text":
            return column
        case "day":  # what is no midnight stays a text that is no day
            whole = _as_text(f"CAST({column} AS DATE)", engine)
            at_midnight = f"{column} = CAST(CAST({column} AS DATE) AS TIMESTAMP)"
            return f"CASE WHEN {at_midnight} THEN {whole} ELSE {_as_text(column, engine)} END"
        case "minor":
            places = places_of(read.input.den) or 0
            number = _matches(column, "-?[0-9]{1,18}([.][0-9]{1,7})?", engine)
            zero = _matches(column, "-0+([.]0+)?", engine)
            unit = f"0.{1:0{places}d}" if places else "1"
            moved = _as_text(f"CAST({column} AS DECIMAL(25, 7)) * {unit}", engine)
            return f"CASE WHEN {number} AND NOT {zero} THEN {moved} ELSE {column} END"


def _matches(column: str, pattern: str, engine: Engine) -> str:
    if engine == "spark":
        return f"{column} RLIKE '^({pattern})$'"
    return f"regexp_full_match({column}, '{pattern}')"


def answered(plan: Plan, engine: Engine) -> str:
    """The rows that have every answer: what is kept of them, and the results.

    A kept column stands in a CASE, lest DuckDB sees that nothing is missing in a part and writes a column of another
    kind than where something is.
    """
    kept = [
        f"CASE WHEN problem IS NULL THEN {name(_keep(i), engine)} END AS {name(c, engine)}"
        for i, c in enumerate(plan.matched.keep)
    ]
    results = [name(result.name, engine) for result in plan.results]
    return f"SELECT {', '.join((*kept, *results))} FROM ({plan.select}) WHERE problem IS NULL"


def refused(plan: Plan, engine: Engine) -> str:
    """The rejects: file, row, the column as the files call it, its value, and the code."""
    at = list(_places(plan))

    def cases(values: Sequence[str], other: str) -> str:
        arms = " ".join(f"WHEN {text(key, engine)} THEN {v}" for (key, _), v in zip(at, values, strict=True))
        return f"CASE problem_at {arms} ELSE {other} END" if arms else other

    columns = [", ".join(plan.matched.column_of(key) for key in keys) for _, keys in at]
    raw = {r.input.key: i for i, r in enumerate(plan.matched.reads) if r.column is not None}
    values = []
    for _, keys in at:
        parts = [f"COALESCE({name(_raw(raw[key]), engine)}, '')" for key in keys if key in raw]
        values.append(" || ', ' || ".join(parts) or "''")
    shown = f"NULLIF(SUBSTR({cases(values, repr(''))}, 1, {SHOWN}), '')"
    listed = (
        (name(FILE, engine), "file"),
        (name(ROW, engine), "row"),
        (cases([text(c, engine) for c in columns], "problem_at"), "column"),
        (shown, "value"),
        ("problem", "code"),
    )
    select = ", ".join(f"{what} AS {name(called, engine)}" for what, called in listed)
    return f"SELECT {select} FROM ({plan.select}) WHERE problem IS NOT NULL"


def _places(plan: Plan) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What `problem_at` may say of inputs, and which inputs it means."""
    for read in plan.matched.reads:
        yield read.input.key, (read.input.key,)
    for keys in dict.fromkeys(plan.givens):
        if len(keys) != 1:
            yield ", ".join(keys), keys


def sums(plan: Plan, engine: Engine, source: str) -> str | None:
    """The sum of each result that is a quantity, exactly; None where there is none."""
    added = [_as_text(f"SUM({name(r.name, engine)})", engine) for r in plan.results if r.summed]
    return f"SELECT {', '.join(added)} FROM {source}" if added else None
