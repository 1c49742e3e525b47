"""How are the steps of a `Flat` written as Polars expressions?

A step that is read once stands inside the one that reads it; one that is read more often becomes a column of its
own, so that no expression is computed twice. Integers stay integers: Polars' `//` on them is exact.
"""

from __future__ import annotations

from functools import partial
from typing import assert_never

import polars as pl

from policydsl import flat as f
from policydsl.backends.columns.lazy_inputs import column_width
from policydsl.backends.columns.lazy_values import (
    SELECTED,
    WIDEST,
    Expr,
    folded,
    gathered,
    looks_up,
    picked,
    placed,
    slot,
    whole,
    widened,
    width,
)
from policydsl.backends.columns.search import FEW, grid, line

#: What the names of our own columns begin with, beside those of the table.
PREFIX = "__policydsl_"
#: The most bands that are summed.
_SUMMED = 2 * FEW


class Steps:
    """Every step of a flat as an expression, for a frame with the columns c0, c1 … of the inputs and e0, e1 … of
    whether they exist, after `PREFIX`.

    `expressions[i]` is step i, an integer of `widths[i]` or a truth. `levels` are the columns to add to the frame
    beforehand, one level after the other. `in_range`: the inputs whose counts must be in their ranges in every row, since
    a look-up outside its figures is an error.
    """

    def __init__(self, flat: f.Flat) -> None:
        self.flat = flat
        self.places = {column.key: k for k, column in enumerate(flat.inputs)}
        self.widths: list[int] = []
        for i in range(len(flat.steps)):
            self.widths.append(self._width(i))
        self.in_range = self._in_range()
        self.expressions: list[Expr] = []
        self.levels: list[list[Expr]] = []
        self._write()

    def _write(self) -> None:
        flat = self.flat
        read = [0] * len(flat.steps)
        for step in flat.steps:
            for i in f.reads(step):
                read[i] += 1
        for i in f.roots(flat):
            read[i] += 2
        depth: list[int] = []
        for i, step in enumerate(flat.steps):
            below = max((depth[j] for j in f.reads(step)), default=0)
            expression = self._step(i, step)
            given = isinstance(step, f.Whole | f.Truth | f.Column | f.Flag | f.Exists)
            if read[i] > 1 and not given:
                if below == len(self.levels):
                    self.levels.append([])
                name = f"{PREFIX}v{i}"
                self.levels[below].append(expression.alias(name))
                expression = pl.col(name)
                below += 1
            depth.append(below)
            self.expressions.append(expression)

    def _width(self, i: int) -> int:
        """How wide step `i` is computed: as what it is computed of, and so that its own range fits."""
        flat, step = self.flat, self.flat.steps[i]
        if f.is_truth(step):
            return 0
        match step:
            case f.Column():
                return column_width(flat.input(step.fact))
            case f.Place():
                return width(0, len(step.edges))
            case f.Pick():
                return width(min(step.values), max(step.values))
            case f.Bands():
                return WIDEST
            case f.Choose():
                return max(width(*flat.ranges[i]), self.widths[step.then], self.widths[step.otherwise])
            case _:
                return max(width(*flat.ranges[i]), *(self.widths[j] for j in f.reads(step)), 0)

    def _in_range(self) -> frozenset[str]:
        indexes: list[int] = []
        for step in self.flat.steps:
            match step:
                case f.Pick() if looks_up(step.values):
                    indexes.append(step.index)
                case f.Bands() if len(step.edges) > _SUMMED or len(step.rates) > SELECTED:
                    indexes.append(step.column)
                case _:
                    pass
        steps = (self.flat.steps[i] for i in f.needed(self.flat.steps, indexes))
        return frozenset(step.fact for step in steps if isinstance(step, f.Column))

    def at(self, i: int, wanted: int = WIDEST) -> Expr:
        """The value of a step, an integer of this width, or a truth."""
        step = self.flat.steps[i]
        if isinstance(step, f.Whole):
            return whole(step.value, wanted)
        return (
            self.expressions[i] if f.is_truth(step) else widened(self.expressions[i], self.widths[i], wanted)
        )

    def _known(self, i: int) -> int | None:
        step = self.flat.steps[i]
        return step.value if isinstance(step, f.Whole) else None

    def _step(self, i: int, step: f.Step) -> Expr:
        at, own = partial(self.at, wanted=self.widths[i]), self.widths[i]
        match step:
            case f.Column() | f.Flag():
                return pl.col(f"{PREFIX}c{self.places[step.fact]}")
            case f.Exists():
                return pl.col(f"{PREFIX}e{self.places[step.fact]}")
            case f.Whole():
                return whole(step.value, own)
            case f.Truth():
                return pl.lit(step.value)
            case f.Sum():
                return at(step.left) + at(step.right)
            case f.Difference():
                return at(step.left) - at(step.right)
            case f.Product():
                return at(step.left) * at(step.right)
            case f.Quotient():
                return at(step.left) // at(step.right)
            case f.Least():
                return pl.min_horizontal(at(step.left), at(step.right))
            case f.Greatest():
                return pl.max_horizontal(at(step.left), at(step.right))
            case f.Choose():
                return pl.when(at(step.test)).then(at(step.then)).otherwise(at(step.otherwise))
            case f.Place():
                return placed(self.at(step.value), step.edges)
            case f.Pick():
                return picked(self.expressions[step.index], step.values)
            case f.Bands():
                return self._bands(step)
            case f.Compare():
                both = max(self.widths[step.left], self.widths[step.right])
                return _compared(step.op, self.at(step.left, both), self.at(step.right, both))
            case f.Both():
                return at(step.left) & at(step.right)
            case f.Either():
                return at(step.left) | at(step.right)
            case f.Opposite():
                return ~at(step.operand)
            case f.Among():
                return self._among(step)
            case f.SharesBit():
                both = max(self.widths[step.operand], width(0, step.bits))
                return (self.at(step.operand, both) & whole(step.bits, both)) != 0
            case _:
                assert_never(step)

    def _among(self, step: f.Among) -> Expr:
        if len(step.values) > FEW:
            return self.at(step.operand).is_in(list(step.values))
        both = max(self.widths[step.operand], width(0, step.values[-1]))
        operand = self.at(step.operand, both)
        return folded([operand == whole(value, both) for value in step.values], lambda a, b: a | b)

    # bands

    def _bands(self, step: f.Bands) -> Expr:
        amount, column = self.at(step.amount), self.expressions[step.column]
        figures = [known for edge in step.edges[1:] if (known := self._known(edge)) is not None]
        if len(step.edges) <= _SUMMED or len(figures) + 1 != len(step.edges):
            return self._summed(amount, step, step.edges, step.rates)
        first = self._summed(amount, step, step.edges[:1], tuple(row[:1] for row in step.rates))
        lines = line(figures, [[rate - row[0] for rate in row[1:]] for row in step.rates])
        evenly = grid(figures)
        if evenly is None:
            place, order = placed(amount, figures), tuple(range(len(figures) + 1))
        else:
            place, order = slot(amount, evenly), evenly.starts
        index = place.cast(pl.UInt32, wrap_numerical=True)
        if len(step.rates) > 1:
            index = column.cast(pl.UInt32, wrap_numerical=True) * len(order) + index
        rates = [row[k] for row in lines.rates for k in order]
        bases = [row[k] for row in lines.bases for k in order]
        return first + gathered(index, rates) * amount + gathered(index, bases)

    def _summed(
        self, amount: Expr, step: f.Bands, edges: tuple[int, ...], rates: tuple[tuple[int, ...], ...]
    ) -> Expr:
        """Telescoped. What is above an edge e that is a figure is max(x, e) − e, and the − e of all bands together
        is one figure for each column, where that stays in 64 bits."""
        low, high = self.flat.ranges[step.amount]
        mores = [tuple(row[k] - (row[k - 1] if k else 0) for row in rates) for k in range(len(edges))]
        most = sum(
            max(map(abs, more)) * (max(-low, high) + 2 * max(map(abs, self.flat.ranges[edge])))
            for edge, more in zip(edges, mores, strict=True)
        )
        below = [0] * len(rates)
        parts: list[Expr] = []
        for edge, more in zip(edges, mores, strict=True):
            figure = self._known(edge)
            if not any(more) or (figure is not None and figure >= high):
                continue
            if figure is None or most > f.GREATEST:
                part = pl.max_horizontal(amount - self.at(edge), whole(0))
            else:
                part = amount if low >= figure else pl.max_horizontal(amount, whole(figure))
                below = [paid - rate * figure for paid, rate in zip(below, more, strict=True)]
            if len(set(more)) > 1:
                part = part * picked(self.expressions[step.column], more, WIDEST)
            elif more[0] != 1:
                part = part * whole(more[0])
            parts.append(part)
        if any(below):
            parts.append(picked(self.expressions[step.column], below, WIDEST))
        return folded(parts, lambda a, b: a + b) if parts else whole(0)


def _compared(op: str, left: Expr, right: Expr) -> Expr:
    match op:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "==":
            return left == right
        case _:
            return left != right
