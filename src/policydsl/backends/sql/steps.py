"""How is one step written in SQL? An expression over the columns of the layer before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import assert_never

from policydsl.backends.sql import spelling as s
from policydsl.backends.sql.shape import Dialect
from policydsl.backends.sql.spelling import Sql
from policydsl.flat import (
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


class Writer:
    """Writes steps for one dialect. `level` says which steps are columns, and of which layer; `inputs` is the
    number of each input, by which its columns are called."""

    def __init__(self, flat: Flat, dialect: Dialect, level: Mapping[int, int]) -> None:
        self.steps = flat.steps
        self.dialect = dialect
        self.level = level
        self.inputs = {column.key: n for n, column in enumerate(flat.inputs)}

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
                return s.column(f"i{self.inputs[step.fact]}")
            case Flag():
                return s.column(f"i{self.inputs[step.fact]}")
            case Exists():
                return s.column(f"e{self.inputs[step.fact]}")
            case Whole():
                return self.whole(step.value)
            case Truth():
                return s.truth(step.value)
            case Sum():
                return s.plus(self.read(step.left, layer), self.operand(step.right, layer))
            case Difference():
                return s.minus(self.read(step.left, layer), self.operand(step.right, layer))
            case Product():
                return s.times(self.read(step.left, layer), self.operand(step.right, layer))
            case Quotient():
                return s.divided(self.read(step.left, layer), self.operand(step.right, layer), self.dialect)
            case Least():
                return self._extreme("LEAST", "MIN", step.left, step.right, layer)
            case Greatest():
                return self._extreme("GREATEST", "MAX", step.left, step.right, layer)
            case Choose():
                return self._chosen(i, layer)
            case Place():
                return self.ladder(self.read(step.value, layer), step.edges, range(len(step.edges) + 1))
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

    def ladder(self, value: Sql, bounds: Sequence[int], results: Sequence[int]) -> Sql:
        """`results[k]`, k being how many of `bounds` are not above `value`: a CASE of up to `ARMS` arms, or
        CASEs within CASEs when there are more."""
        if not bounds:
            return self.whole(results[0])
        if len(bounds) < ARMS:
            arms = [
                (s.compared("<", value.copy(), s.number(b)), s.number(r))
                for b, r in zip(bounds, results, strict=False)
            ]
            arms[0] = (arms[0][0], self.whole(results[0]))
            return s.chosen(arms, s.number(results[-1]))
        size = 1
        while size * ARMS <= len(bounds):
            size *= ARMS
        starts = range(0, len(bounds) + 1, size)
        parts = [
            self.ladder(value, bounds[at : min(at + size, len(bounds) + 1) - 1], results[at : at + size])
            for at in starts
        ]
        arms = [
            (s.compared("<", value.copy(), s.number(bounds[at - 1])), part)
            for at, part in zip(starts[1:], parts[:-1], strict=True)
        ]
        return s.chosen(arms, parts[-1])

    def _picked(self, index: Sql, values: Sequence[int]) -> Sql:
        bounds = [k for k, (before, after) in enumerate(pairwise(values), 1) if before != after]
        if len(bounds) < ARMS or self.dialect == "sqlite":
            return self.ladder(index, bounds, [values[0], *(values[k] for k in bounds)])
        place = s.plus(index, s.number(1))
        match self.dialect:
            case "duckdb":
                from sqlglot import exp

                array = exp.Array(expressions=[self.whole(values[0]), *map(s.number, values[1:])])
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
        what most rows do not reach, most rows do not compute."""
        paid: Sql | None = None
        for k in range(len(step.edges) - 1, -1, -1):
            rises = [row[k] - (row[k - 1] if k else 0) for row in step.rates]
            amount, edge = self.read(step.amount, layer), self.operand(step.edges[k], layer)
            more: Sql | None = None
            if any(rises):
                part = s.minus(amount, edge)
                even = all(rise == rises[0] for rise in rises)
                rate = s.number(rises[0]) if even else self._picked(self.read(step.column, layer), rises)
                more = part if even and rises[0] == 1 else s.times(part, rate)
            if more is None and paid is None:
                continue
            inner = paid if more is None else more if paid is None else s.plus(more, paid)
            test = s.compared(">", amount.copy(), edge.copy())
            paid = s.chosen([(test, inner)], s.number(0))
        return self.whole(0) if paid is None else paid
