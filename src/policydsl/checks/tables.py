"""Does a table answer for every combination of its keys, once, and is each of its rows reached?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from policydsl.checks import words
from policydsl.checks.bounds import bounds, first_on_grid, grain
from policydsl.checks.coverage import (
    Atom,
    Axis,
    as_person,
    axis,
    cells,
    depends_on,
    may_be,
    members_of,
    rows_of,
)
from policydsl.checks.people import people
from policydsl.checks.slices import Edges
from policydsl.checks.values import NoAnswer, Unknown, edge, known
from policydsl.checks.views import View, on_its_days, view
from policydsl.checks.worlds import cuts_of
from policydsl.diagnostics import codes_checks as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import Expr, Input, Interval, Test
from policydsl.kinds import MemberOf, Quantity, SetOf
from policydsl.model import Key, Policy, Table


def check(policy: Policy) -> Iterator[Diagnostic]:
    """The problems of all tables."""
    every = view(policy)
    for d in policy.definitions:
        seen = on_its_days(every, d.name.key)
        if isinstance(d, Table):
            yield from _table(d, seen)


def _table(table: Table, seen: View) -> Iterator[Diagnostic]:
    needed = depends_on((t for row in table.rows for t in row.tests), seen)
    found = people(needed, seen)
    if found is None:
        yield Diagnostic(codes.TOO_MANY_CASES, table.name.span, {"name": words.named(table.name)})
        return
    looked = Looked(len(table.rows))
    for who in found:
        axes = _axes(table, who)
        every = None if axes is None else cells(axes, len(table.rows))
        if every is None:
            yield Diagnostic(codes.TOO_MANY_CASES, table.name.span, {"name": words.named(table.name)})
            return
        for atoms, mask in every:
            yield from _cell(table, atoms, mask, who, looked)
    yield from _missing(table, looked)
    yield from _unreached(table, looked)


class Looked:
    """What looking at one combination after the other has shown of a table."""

    def __init__(self, rows: int) -> None:
        self.missing: list[tuple[tuple[Atom, ...], View]] = []
        self.held = [False] * rows
        self.first = [False] * rows
        self.before: dict[int, int] = {}
        self.contradicted: set[int] = set()


def _axes(table: Table, who: View) -> list[Axis] | None:
    axes: list[Axis] = []
    for i, key in enumerate(table.keys):
        tests = [row.tests[i] for row in table.rows]
        values = members_of(key, who)
        axes.append(_stretches(key, tests, who) if values is None else axis(values, tests))
    return axes


def _stretches(key: Key, tests: Sequence[Test], who: View) -> Axis:
    """An amount for every bound in `tests` and one for every stretch between two of them: inside a
    stretch all amounts meet the same rows."""
    domain, step = bounds(key.value, who), grain(key.value, who)
    ranges = [_ends(t, who) for t in tests]
    points = {x for r in ranges if r is not None for x in (r.low, r.high) if x is not None}
    points |= {x for x in (domain.low, domain.high) if x is not None}
    if isinstance(key.value, Input):  # where a given begins or ceases to allow amounts
        points |= cuts_of(key.value.key, [g.condition for g in who.policy.givens], who)
    tried = set(points)
    for a, b in pairwise(sorted(points)):
        between = (a + b) / 2 if not step else first_on_grid(a, step)
        if step and between == a:
            between += step
        if between < b:
            tried.add(between)
    if points:
        tried |= {min(points) - (step or 1), max(points) + (step or 1)}
    amounts = sorted(
        x for x in tried or {Fraction(0)} if domain.holds(x) and (not step or (x / step).denominator == 1)
    )
    masks = [0] * len(amounts)
    for i, r in enumerate(ranges):
        if r is None:
            continue
        first = 0 if r.low is None else (bisect_left if r.low_closed else bisect_right)(amounts, r.low)
        last = len(amounts)
        if r.high is not None:
            last = (bisect_right if r.high_closed else bisect_left)(amounts, r.high)
        for n in range(first, last):
            masks[n] |= 1 << i
    return tuple(zip(amounts, masks, strict=True))


def _ends(test: Test, who: View) -> Edges | None:
    """The bounds of a range as numbers; None when they have no value."""
    if not isinstance(test, Interval):
        return Edges(None, False, None, False)
    try:
        return Edges(edge(test.low, who), test.low_closed, edge(test.high, who), test.high_closed)
    except (Unknown, NoAnswer):
        return None


def _cell(
    table: Table, atoms: tuple[Atom, ...], mask: int, who: View, looked: Looked
) -> Iterator[Diagnostic]:
    if mask == 0:
        if table.overlap not in ("sum", "count"):
            person = as_person(table.keys, atoms, who)
            if may_be(person):
                looked.missing.append((atoms, person))
        return
    lowest = (mask & -mask).bit_length() - 1
    looked.first[lowest] = True
    if mask & (mask - 1) == 0:
        looked.held[lowest] = True
        return
    held = rows_of(mask)
    for i in held:
        looked.held[i] = True
        looked.before.setdefault(i, lowest)
    if table.overlap is not None:
        return
    who_ = as_person(table.keys, atoms, who)
    for i in held[1:]:
        if i in looked.contradicted:
            continue
        if table.rows[i].results == table.rows[lowest].results:
            continue
        column = _differ(table.rows[lowest].results, table.rows[i].results, who_)
        if column is not None and may_be(who_):
            looked.contradicted.add(i)
            yield _contradiction(table, lowest, i, column, who_)


def _differ(one: tuple[Expr, ...], two: tuple[Expr, ...], who: View) -> int | None:
    """The first column in which two rows give (or may give) different values."""
    for i, (a, b) in enumerate(zip(one, two, strict=True)):
        if a != b:
            x, y = known(a, who), known(b, who)
            if x is None or y is None or x != y:
                return i
    return None


def _contradiction(table: Table, one: int, two: int, column: int, who: View) -> Diagnostic:
    a, b = table.rows[one], table.rows[two]
    return Diagnostic(
        codes.ROWS_CONTRADICT,
        b.results[column].span,
        {
            "who": words.person(who),
            "one": _result(a.results[column], who),
            "two": _result(b.results[column], who),
        },
        (Label(a.results[column].span, words.both("the other value", "另一个值")),),
        words.case(who),
    )


def _result(expr: Expr, who: View) -> Words:
    found = known(expr, who)
    if found is None:
        return words.both(expr.span.text, expr.span.text)
    if isinstance(found, Fraction) and isinstance(expr.kind, Quantity):
        return words.amount(found, expr.kind, who.policy)
    return words.figure(found, expr.kind, who.policy)


def _missing(table: Table, looked: Looked) -> Iterator[Diagnostic]:
    if not looked.missing:
        return
    people_ = [_combination(table.keys, atoms, who) for atoms, who in looked.missing[:3]]
    atoms, first = looked.missing[0]
    more = len(looked.missing) - len(people_)
    yield Diagnostic(
        codes.CELL_MISSING,
        table.name.span,
        {
            "name": words.named(table.name),
            "who": Words("; ".join(w.en for w in people_), "；".join(w.zh for w in people_)),
            "more": words.both(f" and {more} more", f"等{len(looked.missing)}种情形")
            if more
            else words.both("", ""),
            "row": " | ".join(_written(k, a, first) for k, a in zip(table.keys, atoms, strict=True)),
        },
        case=words.case(first),
    )


def _combination(keys: tuple[Key, ...], atoms: tuple[Atom, ...], who: View) -> Words:
    return words.listed([_atom(k, a, who) for k, a in zip(keys, atoms, strict=True)])


def _atom(key: Key, atom: Atom, who: View) -> Words:
    if isinstance(atom, Fraction):
        return words.edge(atom, key.value.kind, who.policy)
    keys = sorted(atom) if isinstance(atom, frozenset) else [atom]
    return words.members(keys, _category(key), who.policy)


def _category(key: Key) -> str | None:
    kind = key.value.kind
    return kind.category if isinstance(kind, (MemberOf, SetOf)) else None


def _written(key: Key, atom: Atom, who: View) -> str:
    if isinstance(atom, Fraction):
        return words.edge(atom, key.value.kind, who.policy).zh
    category = _category(key)
    keys = atom if isinstance(atom, frozenset) else {atom}
    return ", ".join(words.members_written(keys, category, who.policy) if category else sorted(keys))


def _unreached(table: Table, looked: Looked) -> Iterator[Diagnostic]:
    for i, row in enumerate(table.rows):
        place = row.cells[0].to(row.cells[-1]) if row.cells else row.span
        if not looked.held[i]:
            yield Diagnostic(codes.ROW_NEVER, place, {"name": words.named(table.name), "row": i + 1})
        elif not looked.first[i] and i not in looked.contradicted and table.overlap in (None, "first"):
            before = looked.before[i]
            code = codes.ROW_SHADOWED if table.overlap == "first" else codes.ROW_REPEATED
            yield Diagnostic(
                code,
                place,
                {
                    "name": words.named(table.name),
                    "target": table.name.key,
                    "row": i + 1,
                    "before": before + 1,
                },
                (Label(table.rows[before].span, words.both(f"row {before + 1}", f"第{before + 1}行")),),
            )
