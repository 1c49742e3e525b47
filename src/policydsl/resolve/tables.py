"""What do the rows and columns of a table mean? Heads bound to keys, members and results; cells to values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from policydsl.amounts import say_rate
from policydsl.diagnostics import codes_front as codes
from policydsl.diagnostics.model import Words, listed
from policydsl.expressions import Constant, Expr, Interval, Test, Undefined
from policydsl.facts import Name
from policydsl.kinds import RATE, Day, Kind, MemberOf, Quantity, is_money
from policydsl.model import Band, Column, Key, Row, Table, Tiers
from policydsl.nodes import Node, Span, evolve, node
from policydsl.resolve.clauses import Lines, lines
from policydsl.resolve.facts import kind_of, unit_of
from policydsl.resolve.scope import Failed, Result, Scope, spellings
from policydsl.resolve.values import Values
from policydsl.syntax import ast
from policydsl.syntax.words import choices, meaning


@node
class _Unit(Node):
    """What a bare figure in a column means: its kind, and the factor of 万元 or %."""

    kind: Quantity | None
    factor: Fraction = Fraction(1)


# keys


def keys(scope: Scope, values: Values, paths: Sequence[ast.Path]) -> tuple[Key, ...]:
    result: list[Key] = []
    for path in paths:
        value = values.path(path, frozenset())
        name = ".".join(path.words)
        kind = value.kind
        if not isinstance(kind, MemberOf | Quantity | Day):
            scope.fail(codes.NOT_A_KEY, path.span, name=name, what=scope.say_kind(kind))
        if any(key.value == value for key in result):
            scope.report(codes.KEY_TWICE, path.span, name=name)
            continue
        result.append(Key(name, value, kind.category if isinstance(kind, MemberOf) else None, span=path.span))
    return tuple(result)


def members_by_key(
    scope: Scope, values: Values, keys_: Sequence[Key], words: Sequence[ast.Path | ast.Any], span: Span
) -> tuple[frozenset[str] | None, ...]:
    """The members that a column head or the head of an arm names, gathered key by key."""
    tests: list[frozenset[str] | None] = [None] * len(keys_)
    for word in words:
        if isinstance(word, ast.Any):
            continue
        found = [i for i, key in enumerate(keys_) if key.category and _names_member(scope, key, word)]
        if len(found) > 1:
            names = [scope.categories[keys_[i].category or ""].name.written for i in found]
            scope.fail(
                codes.AMBIGUOUS_MEMBER, word.span, name=".".join(word.words), categories=listed(names),
                example=f"{names[0]}.{word.words[-1]}",
            )  # fmt: skip
        if not found:
            categories = [key for key in keys_ if key.category]
            if len(categories) == 1:
                values.members(word, scope.categories[categories[0].category or ""])
            scope.fail(
                codes.WORD_OF_NO_KEY, word.span, name=".".join(word.words),
                keys=listed(key.name for key in keys_),
            )  # fmt: skip
        i = found[0]
        named = values.members(word, scope.categories[keys_[i].category or ""])
        tests[i] = (tests[i] or frozenset()) | named
    return tuple(tests)


def _names_member(scope: Scope, key: Key, path: ast.Path) -> bool:
    category = scope.categories[key.category or ""]
    words = path.words
    if len(words) == 2 and (words[0] in spellings(category.name) or words[0] == key.name):
        words = words[1:]
    if len(words) != 1:
        return False
    named = [m.name for m in category.members] + [g.name for g in category.groups]
    return any(words[0] in spellings(name) for name in named)


# cells


def figure_cell(values: Values, cell: ast.Cell, unit: _Unit, wanted: Kind | None) -> Expr:
    """A value in a cell. A bare figure has the unit of the column's head; one with a unit must agree."""
    scope = values.scope
    if isinstance(cell, ast.Range | ast.Any | ast.NoLimit | ast.Nothing | ast.Members):
        scope.fail(
            codes.WRONG_KIND, cell.span, found=Words(f"“{cell.span.text}”", f"“{cell.span.text}”"),
            wanted=scope.say_kind(wanted) if wanted else Words("a value", "一个值"),
        )  # fmt: skip
    if isinstance(cell, ast.Figure) and unit.kind is not None and _is_bare(cell):
        return Constant(cell.value * unit.factor, unit.kind, cell.origin, span=cell.span)
    if isinstance(cell, ast.Undefined):
        return Undefined(cell.because or "", wanted or RATE, span=cell.span)
    if wanted is None and isinstance(cell, ast.Figure) and _is_bare(cell):
        if cell.value > 1:
            scope.fail(
                codes.RATE_WITHOUT_PERCENT, cell.span, figure=cell.written, percent=say_rate(cell.value)
            )
        scope.fail(
            codes.NEEDS_UNIT, cell.span, figure=cell.written, wanted=Words("a rate or an amount", "比例或金额"),
            example=f"{cell.written}%",
        )  # fmt: skip
    return values.of_kind(cell, unit.kind or wanted)


def _is_bare(figure: ast.Figure) -> bool:
    return not figure.unit.powers and not figure.percent and not figure.myriad and not figure.currency


def interval(values: Values, cell: ast.Cell, unit: _Unit, wanted: Kind) -> Interval | None:
    """A range of amounts or days; a single figure is the range of that figure alone; `any` is None."""
    if isinstance(cell, ast.Any):
        return None
    if not isinstance(cell, ast.Range):
        point = _bound(values, cell, unit, wanted)
        return Interval(point, True, point, True, span=cell.span)
    low = _bound(values, cell.low, unit, wanted) if cell.low is not None else None
    high = _bound(values, cell.high, unit, wanted) if cell.high is not None else None
    return Interval(low, cell.low_closed, high, cell.high_closed, span=cell.span)


def _bound(values: Values, cell: ast.Cell, unit: _Unit, wanted: Kind) -> Expr:
    if isinstance(cell, ast.Figure) and _is_bare(cell) and unit.kind is not None:
        return values.adopt(figure_cell(values, cell, unit, wanted), wanted)
    if isinstance(cell, ast.Figure) and _is_bare(cell) and isinstance(wanted, Quantity) and is_money(wanted):
        values.scope.fail(
            codes.NEEDS_UNIT, cell.span, figure=cell.written, wanted=values.scope.say_kind(wanted),
            example=f"{cell.written}{values.scope.header.currency.sign}",
        )  # fmt: skip
    return values.adopt(figure_cell(values, cell, unit, wanted), wanted)


def _unit(scope: Scope, head: ast.Head) -> _Unit:
    if head.unit is None:
        return _Unit(None)
    found = unit_of(scope, head.unit, head.span)
    return _Unit(*found) if found else _Unit(None)


def _whole_rows(scope: Scope, rows: ast.Rows) -> list[ast.Row]:
    """The rows that have a cell for every column; the others are reported."""
    if not rows.rows:
        scope.report(codes.NO_ROWS, rows.span)
    whole = []
    for row in rows.rows:
        if len(row.cells) == len(rows.heads):
            whole.append(row)
        else:
            scope.report(codes.WRONG_CELLS, row.span, cells=len(row.cells), heads=len(rows.heads))
    return whole


def _title(head: ast.Head) -> str:
    return " ".join(".".join(w.words) if isinstance(w, ast.Path) else "any" for w in head.words)


# tiers


def tiers(scope: Scope, values: Values, declared: ast.Tiers) -> Tiers:
    before = len(scope.diagnostics)
    amount = values.value(declared.amount, frozenset())
    if not isinstance(amount.kind, Quantity):
        values.wrong_kind(amount, Quantity(RATE.unit))
    mode = None
    if declared.mode is not None:
        mode = meaning("kinds", declared.mode.words[0])
        if mode is None:
            scope.report(
                codes.UNKNOWN_WORD, declared.mode.span, word=declared.mode.words[0], choices=choices("kinds")
            )
    keys_ = keys(scope, values, declared.keys)
    range_head, *heads = declared.rows.heads
    checked = [(i, head) for i, head in enumerate(heads) if head.check]
    plain = [(i, head) for i, head in enumerate(heads) if not head.check]
    if not plain:
        scope.fail(codes.NO_COLUMN, declared.rows.heads[0].span, what=Words("rates or amounts", "比例或金额"))
    columns = tuple(
        Column(
            members_by_key(scope, values, keys_, head.words if keys_ else (), head.span),
            _title(head),
            _unit(scope, head).kind == RATE,
            span=head.span,
        )
        for _, head in plain
    )
    range_unit = _unit(scope, range_head)
    units = [_unit(scope, head) for _, head in plain]
    wanted = next((unit.kind for unit in units if unit.kind is not None), None)
    bands: list[Band] = []
    of_the_part = False
    for row in _whole_rows(scope, declared.rows):
        try:
            first = row.cells[0]
            of_the_part = of_the_part or (isinstance(first, ast.Range) and first.the_part)
            interval_ = interval(values, first, range_unit, amount.kind)
            if interval_ is None:
                interval_ = Interval(None, False, None, False, span=first.span)
            cells = []
            for (i, _), unit in zip(plain, units, strict=True):
                cell = figure_cell(values, row.cells[i + 1], unit, wanted)
                wanted = wanted or (cell.kind if isinstance(cell.kind, Quantity) else None)
                cells.append(cell)
            made = Band(interval_, tuple(cells), quotes=row.quotes, span=row.span)
            bands.append(_with_checks(scope, values, made, checked, row, amount.kind))
        except Failed:
            continue
    rates = isinstance(wanted, Quantity) and not wanted.unit.powers
    kind: Kind = amount.kind if rates else (wanted or amount.kind)
    tail = lines(values, declared.clauses, kind, Words("tiers", "分段"), schedule=True)
    if len(scope.diagnostics) > before:
        raise Failed
    return Tiers(
        declared.name, kind, amount, mode, keys_, columns, tuple(bands), rates, of_the_part,  # type: ignore[arg-type]
        tail.continuous is not None, tail.continuous.because if tail.continuous else None, tail.amount_cap,
        tail.finish, declared.quotes, declared.notes, tail.because, tail.as_printed, span=declared.span,
    )  # fmt: skip


def _with_checks(
    scope: Scope, values: Values, band: Band, checked: list[tuple[int, ast.Head]], row: ast.Row, kind: Kind
) -> Band:
    """The figures of `= base` and `= quick_deduction` columns."""
    for i, head in checked:
        word = head.words[0].words[0] if isinstance(head.words[0], ast.Path) else ""
        what = meaning("checks", word)
        if what is None:
            scope.fail(codes.UNKNOWN_WORD, head.span, word=word, choices=choices("checks"))
        unit = _unit(scope, head)
        figure = values.adopt(figure_cell(values, row.cells[i + 1], unit, kind), kind)
        if not isinstance(figure, Constant):
            scope.fail(codes.NOT_CONSTANT, figure.span)
        band = evolve(band, **{what: figure})
    return band


# tables


@node
class _Layout(Node):
    """Which columns are keys, results, or results for some members of the keys (a pivot)."""

    key_columns: dict[int, int]
    results: tuple[Name, ...]
    #: column → the result it gives and the members it is for
    result_columns: dict[int, tuple[int, tuple[frozenset[str] | None, ...]]]


def table(scope: Scope, values: Values, declared: ast.Table) -> Table:
    before = len(scope.diagnostics)
    overlap = None
    if declared.overlap is not None:
        overlap = meaning("overlaps", declared.overlap.words[0])
        if overlap is None:
            scope.report(
                codes.UNKNOWN_WORD,
                declared.overlap.span,
                word=declared.overlap.words[0],
                choices=choices("overlaps"),
            )
    declared_kind = kind_of(scope, declared.type) if declared.type is not None else None
    keys_ = keys(scope, values, declared.keys)
    heads = declared.rows.heads
    layout = _layout(scope, values, declared, keys_)
    units = [_unit(scope, head) for head in heads]
    kinds: list[Kind | None] = [declared_kind] * len(layout.results)
    for column, (result, _) in layout.result_columns.items():
        head_kind = units[column].kind
        if head_kind is not None and (declared_kind is None or not _refines(declared_kind, head_kind)):
            kinds[result] = head_kind
    rows: list[Row] = []
    for row in _whole_rows(scope, declared.rows):
        try:
            rows += _table_rows(values, row, keys_, layout, units, kinds)
        except Failed:
            continue
    for name, kind in zip(layout.results, kinds, strict=True):
        if kind is None and len(scope.diagnostics) == before:
            scope.report(codes.KIND_UNKNOWN, declared.name.span, name=name.written)
    if len(scope.diagnostics) > before:
        raise Failed
    settled = tuple(kind or RATE for kind in kinds)
    tail: Lines = lines(values, declared.clauses, settled[0], Words("table", "表"), rows=True)
    return Table(
        declared.name, keys_, layout.results, settled, tuple(rows), overlap, declared.overlap_because,  # type: ignore[arg-type]
        tail.finish, declared.quotes, declared.notes, tail.because, tail.as_printed, span=declared.span,
    )  # fmt: skip


def _refines(declared: Kind, head: Quantity) -> bool:
    """`money per person` over a head that says 元 only: the declared kind is the fuller one."""
    return (
        isinstance(declared, Quantity) and is_money(declared) and is_money(head) and not head.unit.powers[1:]
    )


def _layout(scope: Scope, values: Values, declared: ast.Table, keys_: tuple[Key, ...]) -> _Layout:
    key_columns: dict[int, int] = {}
    others: list[tuple[int, ast.Head]] = []
    for column, head in enumerate(declared.rows.heads):
        place = _key_of(scope, values, keys_, head)
        if place is not None and place not in key_columns.values():
            key_columns[column] = place
        else:
            others.append((column, head))
    if not others:
        scope.fail(codes.NO_COLUMN, declared.rows.heads[-1].span, what=declared.name.written)
    missing = [key for i, key in enumerate(keys_) if i not in key_columns.values()]
    pivoted = [key for key in missing if key.category is not None]
    if missing and not all(_is_pivot(scope, pivoted, head) for _, head in others):
        scope.fail(
            codes.NO_COLUMN,
            declared.rows.heads[0].span.to(declared.rows.heads[-1].span),
            what=missing[0].name,
        )
    if missing:
        columns = {
            column: (0, members_by_key(scope, values, keys_, head.words, head.span))
            for column, head in others
        }
        return _Layout(key_columns, (declared.name,), columns)
    nowhere = (None,) * len(keys_)
    if len(others) == 1:
        return _Layout(key_columns, (declared.name,), {others[0][0]: (0, nowhere)})
    names = tuple(_result_name(head) for _, head in others)
    return _Layout(key_columns, names, {column: (i, nowhere) for i, (column, _) in enumerate(others)})


def _key_of(scope: Scope, values: Values, keys_: tuple[Key, ...], head: ast.Head) -> int | None:
    """The key whose name is the whole head of a column, in either of its spellings."""
    if len(head.words) != 1 or not isinstance(head.words[0], ast.Path):
        return None
    path = head.words[0]
    word = ".".join(path.words)
    for i, key in enumerate(keys_):
        if word == key.name:
            return i
        named = scope.names.get(path.words[0])
        if named is not None and named is scope.names.get(key.name.split(".")[0]) and len(path.words) == 1:
            return i
    return None


def _is_pivot(scope: Scope, keys_: list[Key], head: ast.Head) -> bool:
    return bool(keys_) and all(
        isinstance(word, ast.Any) or any(_names_member(scope, key, word) for key in keys_)
        for word in head.words
    )


def _result_name(head: ast.Head) -> Name:
    """The name of a result column; a second, ASCII word is its alias: `封顶线 cap (元)`."""
    words = [".".join(w.words) if isinstance(w, ast.Path) else "any" for w in head.words]
    if len(words) == 2 and words[1].isascii():
        return Name(words[0], words[1], span=head.span)
    return Name(" ".join(words), span=head.span)


def _table_rows(
    values: Values,
    row: ast.Row,
    keys_: tuple[Key, ...],
    layout: _Layout,
    units: list[_Unit],
    kinds: list[Kind | None],
) -> list[Row]:
    """The row, or one row for each pivoted column."""
    tests: list[Test] = [None] * len(keys_)
    cells: list[Span] = [row.span] * len(keys_)
    for column, place in layout.key_columns.items():
        cell = row.cells[column]
        cells[place] = cell.span
        tests[place] = _test(values, cell, keys_[place], units[column])
    results: dict[tuple[frozenset[str] | None, ...], list[Expr | None]] = {}
    for column, (result, members) in layout.result_columns.items():
        value = figure_cell(values, row.cells[column], units[column], kinds[result])
        wanted = kinds[result]
        if wanted is None:
            kinds[result] = value.kind
        else:
            value = values.adopt(value, wanted)
        results.setdefault(members, [None] * len(layout.results))[result] = value
    made = []
    for members, found in results.items():
        merged = tuple(t if m is None else m for t, m in zip(tests, members, strict=True))
        made.append(
            Row(merged, tuple(f for f in found if f is not None), tuple(cells), row.quotes, span=row.span)
        )
    return made


def _test(values: Values, cell: ast.Cell, key: Key, unit: _Unit) -> Test:
    if key.category is None:
        return interval(values, cell, unit, key.value.kind)
    category = values.scope.categories[key.category]
    match cell:
        case ast.Any():
            return None
        case ast.Path():
            return values.members(cell, category)
        case ast.Members():
            return frozenset(m for path in cell.paths for m in values.members(path, category))
        case ast.Range(low=ast.Path() as level, high=None):
            return values.reach(values.members(level, category), category, "over", cell.span)
        case ast.Range(low=None, high=ast.Path() as level):
            return values.reach(values.members(level, category), category, "under", cell.span)
        case _:
            values.scope.fail(
                codes.WRONG_KIND, cell.span, found=Words(f"“{cell.span.text}”", f"“{cell.span.text}”"),
                wanted=values.scope.say_kind(key.value.kind),
            )  # fmt: skip


def table_result(scope: Scope, made: Table) -> Result:
    """How others refer to a table: by its name when it has one result, else by its columns."""
    if len(made.results) == 1:
        return Result(made.name, made.kinds[0], what=Words("a table", "表"))
    parts = {
        spelling: (name.key, kind)
        for name, kind in zip(made.results, made.kinds, strict=True)
        for spelling in spellings(name)
    }
    return Result(made.name, None, parts, Words("a table of several results", "有多栏结果的表"))
