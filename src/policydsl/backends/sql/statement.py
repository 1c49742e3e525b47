"""Which SELECT computes the outputs of a policy for every row of a table?

Subqueries in a row, each reading the one before: the columns of the table as they are, whether each is what it may be
or its count, whether all are in order and the number of what is not, a layer for each level of values that are read
twice (`layers`), and last the columns that are given. No row is left out: one that is refused has its code in
`problem` and nothing in the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from sqlglot import exp

from policydsl.backends.sql import spelling as s
from policydsl.backends.sql.inputs import Reading, absent, read
from policydsl.backends.sql.layers import layers
from policydsl.backends.sql.loose import loose
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

    # the columns of the table, and whether each is what it may be, or its count
    raw = [evolve(field, name=f"x{n}") for n, field in enumerate(read_fields)]
    inputs = [(n, field, read(field, s.column(field.name), dialect)) for n, field in enumerate(raw)]
    chain.add([*kept, *((f"x{n}", s.column(field.name)) for n, field in enumerate(read_fields))])
    for k in range(max((len(reading.before) for _, _, reading in inputs), default=0)):
        chain.add(
            [column for _, _, reading in inputs for layer in reading.before[k : k + 1] for column in layer]
        )

    # what is computed with: at once where a wrong value does no harm, else when it is known which are in order
    flat = spread(flat, dialect)
    most = {f.column.key: r.most for _, f, r in inputs if r.most is not None and not f.column.optional}
    harmless = loose(flat, most)
    looked = [_looked_at(n, reading) for n, _, reading in inputs]
    judged = [("ok", s.every([_good(n, field, reading) for n, field, reading in inputs]))]
    called: dict[str, str] = {}
    early: set[str] = set()
    for n, field, reading in inputs:
        key = field.column.key
        called[key] = f"i{n}"
        if key in harmless and reading.loose is not None:
            looked.append((f"i{n}", _defaulted(field, reading.loose)))
            early.add(key)
        elif key in harmless and field.column.default is None:
            called[key] = f"r{n}"
            early.add(key)
        else:
            judged.append((f"i{n}", _defaulted(field, _guarded(n, field, reading))))
        if field.column.optional:
            judged.append((f"e{n}", s.negated(absent(field, s.column(field.name)))))
    chain.add(looked)

    # the steps: whether all is in order stands in the first of their layers, and the number of what is not in the second
    plan = layers(flat, early)
    writer = Writer(flat, dialect, plan.level, called)
    problems: list[tuple[str, str]] = []
    wrong = [fault for n, field, reading in inputs for fault in _faults(n, field, reading)]
    ok, number = s.column("ok"), s.column("p")
    top = max(len(plan.columns), 2) + 1
    for k in range(1, top):
        steps = [(f"s{i}", writer.write(i, k)) for i in (*plan.columns, (), ())[k - 1]]
        if k == 1:
            steps = [*judged, *steps]
        elif k == 2:
            steps = [("p", _numbered(ok, wrong, problems, dialect)), *steps]
        chain.add(steps)

    # what contradicts the conditions of the policy, and what it gives no answer to
    if flat.givens:
        sound, contradictions = _givens(flat, writer, top)
        chain.add([("q", _numbered(s.every([ok, *sound]), contradictions, problems, dialect, before=number))])
        number = s.column("q")
    # a number says it faster than a truth: rows that follow one another have the same
    in_order = s.compared("==", number, s.number(0))
    fails = {o.key: writer.read(o.fails, top) for o in flat.outputs if o.fails is not None}
    given: list[tuple[str, Sql]] = [(name, s.column(f"k{i}")) for i, name in enumerate(keep)]
    for result in results(flat, dialect, shape):
        value = shown(
            result, writer.read(result.column.value, top), flat.ranges[result.column.value], dialect
        )
        test = [in_order.copy()]
        if result.output in fails:
            test.append(s.negated(fails[result.output].copy()))
        given.append((result.name, s.chosen([(s.every(test), value)], None)))
    if fails:
        usual = s.every([in_order, *(s.negated(fail.copy()) for fail in fails.values())])
        unanswered = [(fail.copy(), ("PC108", key)) for key, fail in fails.items()]
        chain.add([("told", _numbered(usual, unanswered, problems, dialect, before=number))])
        number = s.column("told")
    return chain.select([*given, *_told(number, problems, dialect)])


#: A condition, and what is wrong where it holds: a code, and the input or output that it speaks of.
_Fault: TypeAlias = tuple[Sql, tuple[str, str]]


def _numbered(
    usual: Sql,
    faults: Sequence[_Fault],
    problems: list[tuple[str, str]],
    dialect: Dialect,
    before: Sql | None = None,
) -> Sql:
    """The number of the first thing that is wrong with a row: what `before` says, or else one of `faults`; 0 for the
    usual row, with which nothing is. What the numbers mean is put into `problems`."""
    if not faults:
        return s.number(0)
    arms = [] if before is None else [(s.compared("!=", before.copy(), s.number(0)), before.copy())]
    for condition, words in faults:
        problems.append(words)
        arms.append((condition, s.number(len(problems))))
    # DuckDB looks for a number of 64 bits in arrays
    none = s.cast(s.number(0), "bigint") if dialect == "duckdb" else s.number(0)
    return s.chosen([(usual, none), *arms], s.number(0))


def _told(number: Sql, problems: Sequence[tuple[str, str]], dialect: Dialect) -> list[tuple[str, Sql]]:
    """The columns that say which problem a row has, and where."""
    told = []
    for column, which in ((PROBLEM, 0), (PROBLEM_AT, 1)):
        if not problems:  # a cast, lest the column has no type where nothing can be wrong
            told.append((column, s.cast(s.null(), "text")))
        elif (
            dialect == "duckdb"
        ):  # which finds no text under 0, and that at once for rows that follow one another
            texts = exp.Array(expressions=[s.text(words[which]) for words in problems])
            told.append((column, s.call("LIST_EXTRACT", texts, number.copy())))
        else:
            numbers: dict[str, list[Sql]] = {}
            for k, words in enumerate(problems, 1):
                numbers.setdefault(words[which], []).append(s.number(k))
            arms = [(s.one_of(number.copy(), found), s.text(word)) for word, found in numbers.items()]
            # the usual row first
            told.append(
                (column, s.chosen([(s.compared("==", number.copy(), s.number(0)), s.null()), *arms], None))
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


def _looked_at(n: int, reading: Reading) -> tuple[str, Sql]:
    """The column that says whether an input may have its value, or its count."""
    return (f"r{n}", reading.count) if reading.fits is None else (f"o{n}", reading.fits)


def _good(n: int, field: Field, reading: Reading) -> Sql:
    """Whether an input is what it may be."""
    if reading.fits is not None:
        good = s.column(f"o{n}")
    elif reading.beyond is not None:
        good = s.compared("<", s.column(f"r{n}"), s.number(reading.beyond))
    else:
        good = s.is_not_null(s.column(f"r{n}"))
    return s.any_of([good, absent(field, s.column(field.name))]) if _may_lack(field) else good


def _faults(n: int, field: Field, reading: Reading) -> Iterator[_Fault]:
    """What may be wrong with an input, in the order in which it is told."""
    column = field.column
    missing = absent(field, s.column(field.name))
    if reading.fits is not None:
        bad = s.is_not_true(s.column(f"o{n}"))
    elif reading.beyond is not None:
        bad = s.compared("==", s.column(f"r{n}"), s.number(reading.beyond))
    else:
        bad = s.is_null(s.column(f"r{n}"))
    if _may_lack(field):
        bad = s.every([bad, s.negated(missing)])
    else:
        yield missing, ("PC101", column.key)
    for code, condition in reading.codes:
        sure = isinstance(condition, exp.Boolean)
        yield bad.copy() if sure else s.every([bad.copy(), condition]), (code, column.key)


def _may_lack(field: Field) -> bool:
    """Whether the value need not be there."""
    return field.column.optional or field.column.default is not None


def _fixed(field: Field, value: int) -> Sql:
    return s.truth(bool(value)) if isinstance(field.column.kind, YesNo) else s.number(value)


def _guarded(n: int, field: Field, reading: Reading) -> Sql:
    """The count of an input where it is what it may be, else something safe."""
    count, safe = s.column(f"r{n}"), _fixed(field, field.column.safe)
    if reading.fits is not None:
        return s.chosen([(s.column(f"o{n}"), reading.count)], safe)
    if reading.beyond is not None:
        return s.chosen([(s.compared("<", count, s.number(reading.beyond)), count.copy())], safe)
    return exp.Coalesce(this=count, expressions=[safe])


def _defaulted(field: Field, count: Sql) -> Sql:
    """The count, or the default where the value is not there."""
    if field.column.default is None:
        return count
    return s.chosen([(absent(field, s.column(field.name)), _fixed(field, field.column.default))], count)


def _givens(flat: Flat, writer: Writer, layer: int) -> tuple[list[Sql], list[_Fault]]:
    """What holds where nothing contradicts the conditions of the policy, and what does not where something does."""
    sound: list[Sql] = []
    faults: list[_Fault] = []
    for given in flat.givens:
        at = ", ".join(given.inputs)
        if given.fails is not None:
            fails = writer.read(given.fails, layer)
            sound.append(s.negated(fails.copy()))
            faults.append((fails, ("PC108", at)))
        holds = writer.read(given.holds, layer)
        sound.append(holds)
        faults.append((s.negated(holds.copy()), ("PC107", at)))
    return sound, faults
