"""Which printed figures break a pattern that the others keep? Advice, silenced by `as printed`.

Two patterns are looked for: one column (or row) of figures that stands a constant above another,
and figures that rise by a constant from band to band. A pattern needs four figures that keep it and
at most a third as many that break it; that two columns are alike is none, because then somebody
wanted the difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias, TypeGuard

from policydsl.diagnostics import codes_prove as codes
from policydsl.diagnostics.model import Diagnostic, Label, Words
from policydsl.expressions import Constant, Expr, Test
from policydsl.kinds import Kind, Quantity
from policydsl.model import Key, Policy, Table, Tiers
from policydsl.nodes import Node, node
from policydsl.prove import wording

#: How many figures a pattern rests on at least.
_SUPPORT = 4

#: Where a figure stands along each key, and along the bands or rows of ranges.
_Place: TypeAlias = tuple[Test, ...]


@node
class _Cell(Node):
    """A printed figure: its value, where it stands, and the number of its band (from 1; 0: no bands)."""

    place: _Place
    band: int
    figure: Constant

    @property
    def value(self) -> Fraction:
        assert isinstance(self.figure.value, Fraction)
        return self.figure.value


def check(policy: Policy) -> Iterator[Diagnostic]:
    """Advice about the figures of all tables and schedules that are not said to stand `as printed`."""
    for d in policy.definitions:
        if isinstance(d, Tiers) and not d.as_printed:
            yield from _figures(_of_tiers(d), d.keys, d.bands[0].cells[0].kind, policy)
        elif isinstance(d, Table) and not d.as_printed:
            for i, kind in enumerate(d.kinds):
                yield from _figures(_of_table(d, i), d.keys, kind, policy)


def _of_tiers(tiers: Tiers) -> list[_Cell]:
    return [
        _Cell(column.tests, i, cell)
        for i, band in enumerate(tiers.bands, 1)
        for column, cell in zip(tiers.columns, band.cells, strict=True)
        if _is_figure(cell)
    ]


def _of_table(table: Table, result: int) -> list[_Cell]:
    """The figures of one result; rows that differ in a range are its bands, in the order of the text."""
    ranged = [i for i, key in enumerate(table.keys) if key.category is None]
    bands: dict[tuple[Test, ...], int] = {}
    found = []
    for row in table.rows:
        cell = row.results[result]
        if not _is_figure(cell):
            continue
        ranges = tuple(row.tests[i] for i in ranged)
        band = bands.setdefault(ranges, len(bands) + 1) if ranged else 0
        place = tuple(None if i in ranged else test for i, test in enumerate(row.tests))
        found.append(_Cell(place, band, cell))
    return found


def _is_figure(cell: Expr) -> TypeGuard[Constant]:
    return isinstance(cell, Constant) and isinstance(cell.value, Fraction)


def _figures(cells: Sequence[_Cell], keys: Sequence[Key], kind: Kind, policy: Policy) -> Iterator[Diagnostic]:
    if not isinstance(kind, Quantity):
        return
    broken: set[int] = set()
    for i, key in enumerate(keys):
        yield from _columns_apart(cells, i, key, keys, kind, policy, broken)
    yield from _rising(cells, keys, kind, policy, broken)


# one column above another


def _columns_apart(
    cells: Sequence[_Cell],
    axis: int,
    key: Key,
    keys: Sequence[Key],
    kind: Kind,
    policy: Policy,
    broken: set[int],
) -> Iterator[Diagnostic]:
    """For each two neighbouring members of a key: the figures of the second less those of the first."""
    members = list(dict.fromkeys(c.place[axis] for c in cells))
    by_place: dict[Test, dict[tuple[_Place, int], _Cell]] = {}
    for c in cells:
        by_place.setdefault(c.place[axis], {})[_moved(c.place, axis, None), c.band] = c
    for low, high in pairwise(m for m in members if isinstance(m, frozenset)):
        under = by_place[low]
        pairs = [(under[at], c) for at, c in by_place[high].items() if at in under]
        usual, odd = _majority([c.value - other.value for other, c in pairs])
        if not usual or not odd:
            continue
        odd_pairs = [pairs[n] for n in odd]
        if all(id(c.figure) in broken or id(other.figure) in broken for other, c in odd_pairs):
            continue
        broken.update(id(c.figure) for _, c in odd_pairs)
        yield Diagnostic(
            codes.DIFFERENCE_BREAKS,
            odd_pairs[0][1].figure.span,
            {
                "high": _members(high, key, policy),
                "low": _members(low, key, policy),
                "usual": _difference(usual, kind, policy),
                "count": len(pairs) - len(odd),
                "breaks": wording.listed(
                    _break(other, c, axis, keys, kind, policy) for other, c in odd_pairs
                ),
            },
            tuple(Label(c.figure.span, Words("and here", "还有此处")) for _, c in odd_pairs[1:]),
        )


def _moved(place: _Place, axis: int, member: Test) -> _Place:
    return (*place[:axis], member, *place[axis + 1 :])


def _majority(values: Sequence[Fraction]) -> tuple[Fraction | None, list[int]]:
    """The value that at least four and three quarters of all are, and where the others stand."""
    if not values:
        return None, []
    usual, support = Counter(values).most_common(1)[0]
    odd = [n for n, x in enumerate(values) if x != usual]
    return (usual, odd) if support >= _SUPPORT and 3 * len(odd) <= support else (None, [])


def _break(other: _Cell, cell: _Cell, axis: int, keys: Sequence[Key], kind: Kind, policy: Policy) -> Words:
    by = _difference(cell.value - other.value, kind, policy)
    where = _where(cell, keys, policy, leave_out=axis)
    return Words(f"{by.en}{' in ' if where.en else ''}{where.en}", f"{where.zh}{by.zh}")


def _difference(by: Fraction, kind: Kind, policy: Policy) -> Words:
    """How far above or below: 5 points above."""
    size = wording.points(abs(by), kind, policy)
    if not by:
        return Words("no difference", "没有差别")
    return Words(f"{size.en} {'above' if by > 0 else 'below'}", f"{'高' if by > 0 else '低'}{size.zh}")


def _where(cell: _Cell, keys: Sequence[Key], policy: Policy, leave_out: int | None = None) -> Words:
    said = [
        _members(test, key, policy)
        for n, (test, key) in enumerate(zip(cell.place, keys, strict=True))
        if n != leave_out and isinstance(test, frozenset)
    ]
    band = [Words(f"band {cell.band}", f"第{cell.band}段")] if cell.band else []
    return wording.listed([*band, *said], " for ", "")


def _members(test: Test, key: Key, policy: Policy) -> Words:
    return wording.members(test if isinstance(test, frozenset) else (), key.category, policy)


# from band to band


def _rising(
    cells: Sequence[_Cell], keys: Sequence[Key], kind: Kind, policy: Policy, broken: set[int]
) -> Iterator[Diagnostic]:
    """Columns whose figures rise by a constant, but for one figure or one step."""
    columns: dict[_Place, list[_Cell]] = {}
    for c in cells:
        if c.band:
            columns.setdefault(c.place, []).append(c)
    for column in columns.values():
        found = _one_off(column) or _one_step(column)
        if found is None:
            continue
        odd, usual, expected = found
        if id(odd.figure) in broken:
            continue
        broken.add(id(odd.figure))
        facts: dict[str, str | int | Words] = {
            "where": _where(odd, keys, policy),
            "value": _say(odd.value, kind, policy),
            "step": wording.points(abs(usual), kind, policy),
            "way": Words("rise", "递增") if usual > 0 else Words("fall", "递减"),
            "expected": _say(expected, kind, policy),
        }
        yield Diagnostic(codes.STEP_BREAKS, odd.figure.span, facts)


def _say(value: Fraction, kind: Kind, policy: Policy) -> Words:
    return wording.amount(value, kind, policy)


def _one_off(column: Sequence[_Cell]) -> tuple[_Cell, Fraction, Fraction] | None:
    """One figure that is off the straight line of the others, what each band adds, and what would be on it."""
    values = [c.value for c in column]
    if len(values) <= _SUPPORT:
        return None
    # Of three figures in a row two are on the line, if only one of all is off it.
    for i, j in ((0, 1), (1, 2), (0, 2)):
        step = (values[j] - values[i]) / (j - i)
        odd = [n for n, x in enumerate(values) if x != values[i] + step * (n - i)]
        if len(odd) == 1 and step:
            n = odd[0]
            return column[n], step, values[i] + step * (n - i)
    return None


def _one_step(column: Sequence[_Cell]) -> tuple[_Cell, Fraction, Fraction] | None:
    """One step between bands that is not that of all others: the figure after it."""
    steps = [after.value - before.value for before, after in pairwise(column)]
    counted: Mapping[Fraction, int] = Counter(steps)
    if not steps:
        return None
    usual = max(counted, key=lambda step: counted[step])
    if not usual or counted[usual] < _SUPPORT or len(steps) - counted[usual] != 1:
        return None
    n = next(i for i, step in enumerate(steps) if step != usual)
    return column[n + 1], usual, column[n].value + usual
