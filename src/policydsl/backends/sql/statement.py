"""Which SELECT computes the outputs of a policy for every row of a table?

Subqueries in a row, each reading the one before: `read` takes the columns of the table as they are and counts
them, `judged` finds what is wrong with each row, then a layer for each level of values that are read twice
(`layers`), and last the columns that are given. No row is left out: one that is refused has its code in
`problem` and nothing in the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from sqlglot import exp

from policydsl.backends.sql import spelling as s
from policydsl.backends.sql.inputs import Reading, absent, read
from policydsl.backends.sql.layers import layers
from policydsl.backends.sql.outputs import shown
from policydsl.backends.sql.shape import PROBLEM, PROBLEM_AT, Dialect, Field, Form, Shape, fields, results
from policydsl.backends.sql.spelling import Sql
from policydsl.backends.sql.spread import spread
from policydsl.backends.sql.steps import Writer
from policydsl.flat import Flat
from policydsl.kinds import YesNo
from policydsl.nodes import evolve

Kind: TypeAlias = Literal["query", "view", "table", "macro"]

#: The name of the argument of a macro.
ROWS = "rows"


def sql_text(
    flat: Flat,
    dialect: Dialect,
    *,
    table: str | Sequence[str] = "claims",
    shape: Shape = "grains",
    forms: Mapping[str, Form] | None = None,
    texts: Mapping[str, Mapping[str, int]] | None = None,
    keep: Sequence[str] = (),
    kind: Kind = "query",
    name: str | None = None,
    heading: Sequence[str] = (),
) -> str:
    """The SQL of a policy for `dialect`, as text that ends in a line feed.

    It reads the columns `fields(flat, shape, forms, texts)` of `table` (a name, or the names of schema and table) and gives the
    columns `keep` of the table as they are, then `results(flat, dialect, shape)`, `problem` and `problem_at`.
    With `kind` it makes a view, a table or a macro (DuckDB) called `name`, which is the policy's if none is
    given; a macro takes the table as its argument. `heading` are lines of comment above it.
    """
    query = _query(flat, dialect, table, fields(flat, shape, forms, texts), keep, kind == "macro", shape)
    statement = _statement(query, kind, name or flat.name)
    text = statement.sql(dialect=dialect, pretty=True, max_text_width=110)
    lines = [f"-- {_printable(line)}" for line in heading]
    return "\n".join([*lines, f"{text};" if kind != "query" else text, ""])


def _printable(line: str) -> str:
    """A line of comment: what could end it becomes a space."""
    return "".join(c if c.isprintable() else " " for c in line)


def _statement(query: Sql, kind: Kind, name: str) -> Sql:
    called = exp.to_identifier(name, quoted=True)
    match kind:
        case "query":
            return query
        case "view" | "table":
            return exp.Create(this=exp.Table(this=called), kind=kind.upper(), expression=query)
        case "macro":
            parameters = [exp.to_identifier(ROWS, quoted=True)]
            function = exp.UserDefinedFunction(
                this=exp.Table(this=called), expressions=parameters, wrapped=True
            )
            returned = exp.ReturnsProperty(this=exp.Schema(this=exp.Var(this="TABLE")), is_table=True)
            properties = exp.Properties(expressions=[returned])
            return exp.Create(this=function, kind="MACRO", expression=query, properties=properties)


class _Chain:
    """Subqueries of which each reads the one before it, and passes on what a later one reads."""

    def __init__(self, dialect: Dialect, table: Sql, avoid: str) -> None:
        self.dialect = dialect
        self.table = table
        self.prefix = "layer" if avoid.casefold().startswith("step") else "step"
        self.layers: list[list[tuple[str, Sql]]] = []

    def add(self, columns: Sequence[tuple[str, Sql]]) -> None:
        """One more subquery, with these columns of its own."""
        self.layers.append(list(columns))

    def select(self, columns: Sequence[tuple[str, Sql]]) -> Sql:
        """The SELECT of these columns over them all."""
        wanted = _read_by(columns)
        selected: list[list[tuple[str, Sql]]] = []
        for layer in reversed(self.layers):
            own = [(name, value) for name, value in layer if name in wanted]
            made = {name for name, _ in own}
            passed = [name for name in wanted if name not in made]
            # the first reads the table, which has nothing to pass on
            all_of_it = [*((name, s.column(name)) for name in passed), *own]
            selected.append(all_of_it or [("row", s.number(1))])
            wanted = dict.fromkeys((*passed, *_read_by(own)))
        source = self.table
        parts = []
        for number, layer in enumerate(reversed(selected)):
            select = _select(layer, source)
            if self.dialect in ("postgres", "sqlite"):
                # else they write its columns where they are read, as often as they are
                select = select.offset(0, copy=False)
            name = exp.to_identifier(f"{self.prefix}_{number}", quoted=True)
            parts.append(exp.CTE(this=select, alias=exp.TableAlias(this=name)))
            source = exp.Table(this=name.copy())
        last = _select(columns, source)
        last.set("with_", exp.With(expressions=parts))
        return last


def _read_by(columns: Sequence[tuple[str, Sql]]) -> dict[str, None]:
    """The names of the columns that these are made from, in order."""
    return dict.fromkeys(c.name for _, value in columns for c in value.find_all(exp.Column))


def _select(columns: Sequence[tuple[str, Sql]], source: Sql) -> Sql:
    named = [_named(value, name) for name, value in columns]
    return exp.select(*named, copy=False).from_(source, copy=False)


def _named(value: Sql, name: str) -> Sql:
    if isinstance(value, exp.Column) and value.name == name:
        return value
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def _query(
    flat: Flat,
    dialect: Dialect,
    table: str | Sequence[str],
    read_fields: Sequence[Field],
    keep: Sequence[str],
    macro: bool,
    shape: Shape,
) -> Sql:
    names = (table,) if isinstance(table, str) else tuple(table)
    source = s.call("QUERY_TABLE", s.column(ROWS)) if macro else _table(names)
    chain = _Chain(dialect, exp.Table(this=source) if macro else source, names[-1])
    kept = [(f"k{i}", s.column(name)) for i, name in enumerate(keep)]

    # the columns of the table, counted
    raw = [evolve(field, name=f"x{n}") for n, field in enumerate(read_fields)]
    readings = [read(field, s.column(field.name), dialect) for field in raw]
    chain.add([*kept, *((f"x{n}", s.column(field.name)) for n, field in enumerate(read_fields))])
    for k in range(max((len(reading.before) for reading in readings), default=0)):
        chain.add([column for reading in readings for layer in reading.before[k : k + 1] for column in layer])
    chain.add([column for n, reading in enumerate(readings) for column in _counted(n, reading, raw[n])])

    # what is wrong with them, and what stands for those that are wrong or not there
    problems: list[tuple[str, str]] = []
    judged = [("p", _problem(raw, readings, problems))]
    for n, field in enumerate(raw):
        judged.append((f"i{n}", _value(field, readings[n], n)))
        if field.column.optional:
            judged.append((f"e{n}", s.negated(absent(field, s.column(field.name)))))
    chain.add(judged)

    # the steps
    flat = spread(flat, dialect)
    plan = layers(flat)
    writer = Writer(flat, dialect, plan.level)
    for k, columns in enumerate(plan.columns, 1):
        chain.add([(f"s{i}", writer.write(i, k)) for i in columns])

    # the answers
    top = len(plan.columns) + 1
    problem = s.column("p")
    if flat.givens:
        chain.add([("q", _contradiction(flat, writer, top, problems))])
        problem = s.column("q")
    answered = s.compared("==", problem, s.number(0))
    fails = {o.key: writer.read(o.fails, top) for o in flat.outputs if o.fails is not None}
    given: list[tuple[str, Sql]] = [(name, s.column(f"k{i}")) for i, name in enumerate(keep)]
    for result in results(flat, dialect, shape):
        value = shown(
            result, writer.read(result.column.value, top), flat.ranges[result.column.value], dialect
        )
        test = [answered.copy()]
        if result.output in fails:
            test.append(s.negated(fails[result.output].copy()))
        given.append((result.name, s.chosen([(s.every(test), value)], None)))
    return chain.select([*given, *_told(problem, problems, fails)])


def _told(
    problem: Sql, problems: Sequence[tuple[str, str]], fails: Mapping[str, Sql]
) -> list[tuple[str, Sql]]:
    """The columns that say which problem a row has, and where. A row in order without one answer has PC108."""
    answered = s.compared("==", problem, s.number(0))
    # the usual row first
    usual = s.every([answered, *(s.negated(fail.copy()) for fail in fails.values())])
    told = []
    for column, which in ((PROBLEM, 0), (PROBLEM_AT, 1)):
        numbers: dict[str, list[Sql]] = {}
        for number, words in enumerate(problems, 1):
            numbers.setdefault(words[which], []).append(s.number(number))
        arms = [(s.one_of(problem.copy(), found), s.text(word)) for word, found in numbers.items()]
        arms += [(fail.copy(), s.text(("PC108", key)[which])) for key, fail in fails.items()]
        # a cast, lest the column has no type where nothing can be wrong
        told.append(
            (column, s.chosen([(usual.copy(), s.null()), *arms], None) if arms else s.cast(s.null(), "text"))
        )
    return told


def _table(names: Sequence[str]) -> Sql:
    parts = [exp.to_identifier(name, quoted=True) for name in names]
    table = exp.Table(this=parts[-1])
    if len(parts) > 1:
        table.set("db", parts[-2])
    if len(parts) > 2:
        table.set("catalog", parts[-3])
    return table


def _counted(n: int, reading: Reading, field: Field) -> list[tuple[str, Sql]]:
    """The columns in which the count of an input stands, and whether the input may have it."""
    if reading.fits is None:
        return [(f"r{n}", reading.count)]
    return [
        (f"r{n}", s.chosen([(reading.fits, reading.count)], _fixed(field, field.column.safe))),
        (f"o{n}", reading.fits.copy()),
    ]


def _fixed(field: Field, value: int) -> Sql:
    return s.truth(bool(value)) if isinstance(field.column.kind, YesNo) else s.number(value)


def _value(field: Field, reading: Reading, n: int) -> Sql:
    """What is computed with: the count, the default where the value is not there, else something safe."""
    column, count = field.column, s.column(f"r{n}")
    if reading.marked:
        count = s.chosen([(s.compared(">=", count, s.number(0)), count.copy())], _fixed(field, column.safe))
    elif reading.fits is None:
        count = exp.Coalesce(this=count, expressions=[_fixed(field, column.safe)])
    if column.default is None:
        return count
    return s.chosen([(absent(field, s.column(field.name)), _fixed(field, column.default))], count)


def _problem(raw: Sequence[Field], readings: Sequence[Reading], problems: list[tuple[str, str]]) -> Sql:
    """The number of the first problem of a row, 0 if it has none; what the numbers mean is put into `problems`."""
    good: list[Sql] = []
    arms: list[tuple[Sql, Sql]] = []
    for n, (field, reading) in enumerate(zip(raw, readings, strict=True)):
        column = field.column
        missing = absent(field, s.column(field.name))
        if reading.marked:
            fine, bad = (s.compared(op, s.column(f"r{n}"), s.number(0)) for op in (">=", "<"))
        elif reading.fits is None:
            fine, bad = s.is_not_null(s.column(f"r{n}")), s.is_null(s.column(f"r{n}"))
        else:
            fine, bad = s.column(f"o{n}"), s.is_not_true(s.column(f"o{n}"))
        if column.optional or column.default is not None:
            fine = s.any_of([fine, missing])
            bad = s.every([bad, s.negated(missing.copy())])
        else:
            problems.append(("PC101", column.key))
            arms.append((missing, s.number(len(problems))))
        good.append(fine)
        for code, condition in reading.codes:
            problems.append((code, column.key))
            sure = isinstance(condition, exp.Boolean)
            arms.append((bad.copy() if sure else s.every([bad.copy(), condition]), s.number(len(problems))))
    if not good:
        return s.number(0)
    return s.chosen([(s.every(good), s.number(0)), *arms], s.number(0))


def _contradiction(flat: Flat, writer: Writer, layer: int, problems: list[tuple[str, str]]) -> Sql:
    """The number of the first problem, the conditions of the policy among them."""
    arms = [(s.compared("!=", s.column("p"), s.number(0)), s.column("p"))]
    for given in flat.givens:
        at = ", ".join(given.inputs)
        if given.fails is not None:
            problems.append(("PC108", at))
            arms.append((writer.read(given.fails, layer), s.number(len(problems))))
        problems.append(("PC107", at))
        arms.append((s.negated(writer.read(given.holds, layer)), s.number(len(problems))))
    return s.chosen(arms, s.number(0))
