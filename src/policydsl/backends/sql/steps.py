"""How is one step written in SQL? An expression over the columns of the layer before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, assert_never

from policydsl.backends.sql import spelling as s
from policydsl.backends.sql.shape import Dialect
from policydsl.backends.sql.spelling import Sql
from policydsl.flat import (
    GREATEST,
    Among,
    Bands,
    Both,
    Choose,
    Column,
    Compare,
    Difference,
    Either,
    Exists,
    Flag,
    Flat,
    Greatest,
    Least,
    Opposite,
    Pick,
    Place,
    Product,
    Quotient,
    SharesBit,
    Sum,
    Truth,
    Whole,
)

#: So many arms a CASE has before it is divided into CASEs of as many, and an array is read instead, where there are arrays.
ARMS = 8
#: Lines are written only where their figures and all that they add up to fit the integers that DuckDB takes literals for.
_NARROW = 2**29
#: What 32 bits hold.
_WIDEST = 2**31 - 1


class Writer:
    """Writes steps for one dialect. `level` says which steps are columns, and of which layer; `inputs` is the column of
    each input, and the number in it that of whether it is there."""

    def __init__(
        self, flat: Flat, dialect: Dialect, level: Mapping[int, int], inputs: Mapping[str, str]
    ) -> None:
        self.steps = flat.steps
        self.ranges = flat.ranges
        self.dialect = dialect
        self.level = level
        self.inputs = inputs

    def read(self, i: int, layer: int) -> Sql:
        """Step `i` as an expression in `layer`: a column of an earlier one, or written out."""
        known = self.level.get(i)
        return s.column(f"s{i}") if known is not None and known < layer else self.write(i, layer)

    def whole(self, value: int) -> Sql:
        """An integer that stands alone: of 64 bits, where a literal would be of 32."""
        return s.number(value) if self.dialect == "sqlite" else s.cast(s.number(value), "bigint")

    def write(self, i: int, layer: int) -> Sql:
        step = self.steps[i]
        match step:
            case Column():
                return s.column(self.inputs[step.fact])
            case Flag():
                return s.column(self.inputs[step.fact])
            case Exists():
                return s.column(f"e{self.inputs[step.fact][1:]}")
            case Whole():
                return self.whole(step.value)
            case Truth():
                return s.truth(step.value)
            case Sum():
                return s.plus(self.read(step.left, layer), self.operand(step.right, layer))
            case Difference():
                return s.minus(self.read(step.left, layer), self.operand(step.right, layer))
            case Product():
                right = self.steps[step.right]
                if isinstance(right, Pick) and self._inside(step.right, layer) and self._wide(step.left):
                    figure = self._picked(self.read(right.index, layer), right.values, alone=False)
                else:
                    figure = self.operand(step.right, layer)
                return s.times(self.read(step.left, layer), figure)
            case Quotient():
                return s.divided(self.read(step.left, layer), self.operand(step.right, layer), self.dialect)
            case Least():
                return self._extreme("LEAST", "MIN", step.left, step.right, layer)
            case Greatest():
                return self._extreme("GREATEST", "MAX", step.left, step.right, layer)
            case Choose():
                return self._chosen(i, layer)
            case Place():
                places = [(k, 0) for k in range(len(step.edges) + 1)]
                return self.ladder(self.read(step.value, layer), step.edges, places)
            case Pick():
                return self._picked(self.read(step.index, layer), step.values)
            case Bands():
                return self._bands(step, layer)
            case Compare():
                return s.compared(step.op, self.operand(step.left, layer), self.operand(step.right, layer))
            case Both():
                return s.every([self.read(j, layer) for j in self._chain(i, Both, layer)])
            case Either():
                return s.any_of([self.read(j, layer) for j in self._chain(i, Either, layer)])
            case Opposite():
                return s.negated(self.read(step.operand, layer))
            case Among():
                return self._among(self.read(step.operand, layer), step.values)
            case SharesBit():
                return s.compared(
                    "!=", s.shared_bits(self.read(step.operand, layer), s.number(step.bits)), s.number(0)
                )
            case _:
                assert_never(step)

    def operand(self, i: int, layer: int) -> Sql:
        """The same beside another operand, whose 64 bits a literal takes over."""
        step = self.steps[i]
        return s.number(step.value) if isinstance(step, Whole) else self.read(i, layer)

    def _wide(self, i: int) -> bool:
        """Whether a step is of 64 bits, since it may need them."""
        return max(map(abs, self.ranges[i])) > _WIDEST

    def _inside(self, i: int, layer: int) -> bool:
        """Whether the step is written out in this layer."""
        return not self.level.get(i, layer) < layer

    def _extreme(self, function: str, in_sqlite: str, left: int, right: int, layer: int) -> Sql:
        a, b = self.read(left, layer), self.operand(right, layer)
        if self.dialect == "duckdb":  # several times as fast as its function
            return s.chosen([(s.compared("<" if function == "LEAST" else ">", a, b), a.copy())], b.copy())
        return s.call(in_sqlite if self.dialect == "sqlite" else function, a, b)

    def _chosen(self, i: int, layer: int) -> Sql:
        """A chain of choices is one CASE with an arm each."""
        arms: list[tuple[Sql, Sql]] = []
        while True:
            step = self.steps[i]
            assert isinstance(step, Choose)
            # the first arm says how wide the others are
            value = self.operand(step.then, layer) if arms else self.read(step.then, layer)
            arms.append((self.read(step.test, layer), value))
            i = step.otherwise
            if not (isinstance(self.steps[i], Choose) and self._inside(i, layer)):
                return s.chosen(arms, self.operand(i, layer))

    def _chain(self, i: int, kind: type[Both] | type[Either], layer: int) -> list[int]:
        """The operands of operands of one kind, from left to right."""
        found: list[int] = []
        stack = [i]
        while stack:
            j = stack.pop()
            step = self.steps[j]
            if isinstance(step, kind) and (j == i or self._inside(j, layer)):
                stack += (step.right, step.left)
            else:
                found.append(j)
        return found

    def _among(self, value: Sql, values: Sequence[int]) -> Sql:
        if len(values) > 2 and values[-1] - values[0] == len(values) - 1:
            return s.between(value, s.number(values[0]), s.number(values[-1]))
        return s.one_of(value, map(s.number, values))

    def ladder(self, value: Sql, bounds: Sequence[int], lines: Sequence[Line]) -> Sql:
        """`lines[k]` at `value`, k being how many of `bounds` are not above it: a CASE of up to `ARMS` arms, or
        CASEs within CASEs when there are more."""
        if not bounds:
            return self._at(lines[0], value, alone=True)
        if len(bounds) < ARMS:
            arms = [
                (s.compared("<", value.copy(), s.number(bound)), self._at(line, value, alone=not k))
                for k, (bound, line) in enumerate(zip(bounds, lines, strict=False))
            ]
            return s.chosen(arms, self._at(lines[-1], value))
        size = 1
        while size * ARMS <= len(bounds):
            size *= ARMS
        starts = range(0, len(bounds) + 1, size)
        parts = [
            self.ladder(value, bounds[at : min(at + size, len(bounds) + 1) - 1], lines[at : at + size])
            for at in starts
        ]
        arms = [
            (s.compared("<", value.copy(), s.number(bounds[at - 1])), part)
            for at, part in zip(starts[1:], parts[:-1], strict=True)
        ]
        return s.chosen(arms, parts[-1])

    def _at(self, line: Line, value: Sql, *, alone: bool = False) -> Sql:
        """start + rise × value, which is wide where it stands `alone`."""
        start, rise = line
        first = self.whole(start) if alone else s.number(start)
        if not rise:
            return first
        part = value.copy() if abs(rise) == 1 else s.times(value.copy(), s.number(abs(rise)))
        if not start and rise > 0:
            return part if self.dialect == "sqlite" or not alone else s.cast(part, "bigint")
        return s.plus(first, part) if rise > 0 else s.minus(first, part)

    def _from_both_ends(
        self, index: Sql, bounds: Sequence[int], lines: Sequence[Line], count: int, *, alone: bool
    ) -> Sql:
        """The same for the places of a list, longer pieces first: an arm is asked for by what those before it left."""
        starts, ends = [0, *bounds], [*bounds, count]
        low, high = 0, len(lines) - 1
        arms: list[tuple[Sql, Sql]] = []
        while low < high:
            if ends[low] - starts[low] >= ends[high] - starts[high]:
                test, line = s.compared("<", index.copy(), s.number(ends[low])), lines[low]
                low += 1
            else:
                test, line = s.compared(">=", index.copy(), s.number(starts[high])), lines[high]
                high -= 1
            arms.append((test, self._at(line, index, alone=alone and not arms)))
        return s.chosen(arms, self._at(lines[low], index, alone=alone and not arms))

    def _picked(self, index: Sql, values: Sequence[int], *, alone: bool = True) -> Sql:
        """`values[index]`, of 64 bits if it stands `alone`; a few narrow ones are faster beside what has them."""
        bounds, lines = pieces(values)
        if len(bounds) < ARMS:
            return self._from_both_ends(index, bounds, lines, len(values), alone=alone)
        if self.dialect == "sqlite":
            return self.ladder(index, bounds, lines)
        place = s.plus(index, s.number(1))
        match self.dialect:
            case "duckdb":
                # one text is read in a third of the time of as many numbers
                array = s.cast(s.text(f"[{', '.join(map(str, values))}]"), "bigint[]", "duckdb")
                return s.call("LIST_EXTRACT", array, place)
            case "postgres":
                from sqlglot import exp

                listed = s.cast(s.text("{" + ",".join(map(str, values)) + "}"), "bigint[]")
                return exp.Bracket(this=exp.Paren(this=listed), expressions=[place], offset=1)
            case "spark":
                array = s.call("ARRAY", self.whole(values[0]), *map(s.number, values[1:]))
                return s.call("ELEMENT_AT", array, s.cast(place, "int"))

    def _bands(self, step: Bands, layer: int) -> Sql:
        """Telescoped, each band behind the test that the amount is above its edge, within the one before it:
        what most rows do not reach, most rows do not compute. Bands in a row whose figures are the same for every row
        are one CASE, with what the bands below a row's own pay together."""
        paid: Sql | None = None
        amount = self.read(step.amount, layer)
        for group in reversed(self._groups(step)):
            if len(group) > 1:
                paid = self._run(amount, group, paid)
                continue
            ((edge_at, rises),) = group
            edge = self.operand(edge_at, layer)
            more: Sql | None = None
            if any(rises):
                part = s.minus(amount.copy(), edge)
                even = len(set(rises)) == 1
                column = self.read(step.column, layer)
                rate = (
                    s.number(rises[0])
                    if even
                    else self._picked(column, rises, alone=not self._wide(step.amount))
                )
                more = part if even and rises[0] == 1 else s.times(part, rate)
            if more is None and paid is None:
                continue
            inner = paid if more is None else more if paid is None else s.plus(more, paid)
            test = s.compared(">", amount.copy(), edge.copy())
            paid = s.chosen([(test, inner)], s.number(0))
        return self.whole(0) if paid is None else paid

    def _groups(self, step: Bands) -> list[list[tuple[int, tuple[int, ...]]]]:
        """The low edge of each band and what its rate is above the one before, in each column of the schedule; together
        are those in a row whose edges are figures and whose columns are equal."""
        groups: list[list[tuple[int, tuple[int, ...]]]] = []
        same = False
        for k, edge in enumerate(step.edges):
            rises = tuple(row[k] - (row[k - 1] if k else 0) for row in step.rates)
            fixed = len(set(rises)) == 1 and isinstance(self.steps[edge], Whole)
            if fixed and same and self._fits([*groups[-1], (edge, rises)], self.ranges[step.amount]):
                groups[-1].append((edge, rises))
            else:
                groups.append([(edge, rises)])
            same = fixed
        return groups

    def _fits(self, group: Sequence[tuple[int, tuple[int, ...]]], amount: tuple[int, int]) -> bool:
        """Whether no number that `_run` writes or computes leaves 64 bits."""
        lines = self._lines(group)
        furthest = max(map(abs, (*amount, *(edge for edge, _, _ in lines))))
        return max(abs(start) + 2 * furthest * abs(rate) for _, start, rate in lines) <= GREATEST // 2

    def _lines(self, group: Sequence[tuple[int, tuple[int, ...]]]) -> list[tuple[int, int, int]]:
        """Of each band its edge, what those below it pay together, and its rate; all beyond the group's first edge."""
        lines: list[tuple[int, int, int]] = []
        edge = start = rate = 0
        for edge_at, rises in group:
            there = self.steps[edge_at]
            assert isinstance(there, Whole)
            start += rate * (there.value - edge)
            edge, rate = there.value, rate + rises[0]
            lines.append((edge, start, rate))
        return lines

    def _run(self, amount: Sql, group: Sequence[tuple[int, tuple[int, ...]]], beyond: Sql | None) -> Sql:
        """What the bands of a group pay, and beyond the last edge that and `beyond`."""
        lines = self._lines(group)
        values = [self.whole(0)]
        for edge, start, rate in lines:
            part = s.minus(amount.copy(), s.number(edge)) if edge else amount.copy()
            slice_ = part if rate == 1 else s.times(part, s.number(rate))
            values.append(
                s.number(start) if not rate else slice_ if not start else s.plus(s.number(start), slice_)
            )
        last = values.pop()
        arms = [
            (s.compared("<=", amount.copy(), s.number(edge)), value)
            for (edge, _, _), value in zip(lines, values, strict=True)
        ]
        return s.chosen(arms, last if beyond is None else s.plus(last, beyond))


#: start + rise × value
Line: TypeAlias = tuple[int, int]


def pieces(values: Sequence[int]) -> tuple[list[int], list[Line]]:
    """`values` by their places as a few lines, and the places from which on each but the first holds. The last is
    level, so that no place beyond them makes a number that is not among them."""
    level = [k for k in range(len(values)) if not k or values[k] != values[k - 1]]
    found: list[tuple[int, int]] = []  # where a line begins, and how it rises
    at, last = 0, len(values) - 1
    while at < last:
        rise = values[at + 1] - values[at]
        end = at + 1
        while end < last and values[end + 1] - values[end] == rise:
            end += 1
        if rise and end == last:
            end -= 1
        found.append((at, rise if end > at else 0))
        at = end + 1
    if at == last:
        found.append((last, 0))
    if len(found) >= len(level) or max(map(abs, values)) * len(values) > _NARROW:
        found = [(at, 0) for at in level]
    return [at for at, _ in found[1:]], [(values[at] - rise * at, rise) for at, rise in found]
