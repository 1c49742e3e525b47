"""How are many bands written in SQL, and how is one of many edges found? In several steps, with arrays to look up.

A few bands are CASEs one within the other, which is the fastest that DuckDB has; with more they would be too
deep for a parser, and every row would compute all of them. So the band is searched for, and a line in it read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import gcd

from policydsl.backends.sql.shape import Dialect
from policydsl.backends.sql.steps import ARMS
from policydsl.flat import (
    GREATEST,
    LEAST,
    Bands,
    Choose,
    Compare,
    Difference,
    Flat,
    Greatest,
    Least,
    Pick,
    Place,
    Product,
    Quotient,
    Step,
    Sum,
    Whole,
    moved,
)
from policydsl.nodes import evolve

#: How many bands are CASEs one within the other.
FEW = ARMS


#: From so many edges on they are found by the bucket that a value falls into, where there are arrays; so many
#: buckets there are at most, and so many edges in one.
MANY, BUCKETS, CROWD = 33, 4096, 2


def spread(flat: Flat, dialect: Dialect) -> Flat:
    """`flat` with every schedule of many bands, and every search among many edges, as steps of other kinds."""
    if not any(
        (isinstance(step, Bands) and len(step.edges) > FEW)
        or (isinstance(step, Place) and len(step.edges) >= MANY)
        for step in flat.steps
    ):
        return flat
    made = _Made(arrays=dialect != "sqlite")
    new: dict[int, int] = {}
    for i, step in enumerate(flat.steps):
        there = moved(step, new)
        if isinstance(there, Bands) and len(there.edges) > FEW:
            new[i] = _line(there, made) or _sum(there, made)
            made.ranges[new[i]] = flat.ranges[i]
        elif isinstance(there, Place):
            new[i] = made.place(there)
        else:
            new[i] = made.add(there, *flat.ranges[i])
    return evolve(
        flat,
        steps=tuple(made.steps),
        ranges=tuple(made.ranges),
        givens=tuple(
            evolve(g, holds=new[g.holds], fails=None if g.fails is None else new[g.fails])
            for g in flat.givens
        ),
        outputs=tuple(
            evolve(
                o,
                fails=None if o.fails is None else new[o.fails],
                columns=tuple(evolve(c, value=new[c.value]) for c in o.columns),
            )
            for o in flat.outputs
        ),
    )


class _Made:
    """Steps as they are made. `arrays`: whether the dialect has them."""

    def __init__(self, *, arrays: bool) -> None:
        self.arrays = arrays
        self.steps: list[Step] = []
        self.ranges: list[tuple[int, int]] = []

    def add(self, step: Step, low: int = LEAST, high: int = GREATEST) -> int:
        self.steps.append(step)
        self.ranges.append((low, high))
        return len(self.steps) - 1

    def whole(self, value: int) -> int:
        return self.add(Whole(value), value, value)

    def place(self, step: Place) -> int:
        """Where a value is among the edges. With many of them: how many there are before its bucket, and then
        one more for each edge of the bucket that it is not below."""
        edges, count = step.edges, len(step.edges)
        width = _width(edges) if self.arrays and count >= MANY else None
        if width is None:
            return self.add(step, 0, count)
        first, last = edges[0], edges[-1]
        inside = self.add(
            Least(self.add(Greatest(step.value, self.whole(first))), self.whole(last)), first, last
        )
        bucket = self.add(Quotient(self.add(Difference(inside, self.whole(first))), self.whole(width)))
        starts = [(edge - first) // width for edge in edges]
        before = tuple(bisect_left(starts, number) for number in range(starts[-1] + 1))
        found = self.add(Pick(bucket, before), 0, count)
        beyond = (*edges, GREATEST)
        for _ in range(_crowd(starts)):
            edge = self.add(Pick(found, beyond))
            more = self.add(
                Choose(self.add(Compare(">=", step.value, edge), 0, 1), self.whole(1), self.whole(0)), 0, 1
            )
            found = self.add(Sum(found, more), 0, count)
        return found


def _width(edges: Sequence[int]) -> int | None:
    """A width of buckets that leaves few edges in each; None if there is none."""
    widest = max(1, min(after - before for before, after in pairwise(edges)))
    for width in (
        gcd(*(edge - edges[0] for edge in edges)),
        widest,
        (edges[-1] - edges[0]) // (BUCKETS - 1) + 1,
    ):
        starts = [(edge - edges[0]) // width for edge in edges]
        if starts[-1] < BUCKETS and _crowd(starts) <= CROWD:
            return width
    return None


def _crowd(starts: Sequence[int]) -> int:
    """How many edges are in the fullest bucket."""
    return max(Counter(starts).values())


def _first(step: Bands, made: _Made) -> int:
    """What the first rate would pay if there were no other band."""
    part = made.add(Greatest(made.add(Difference(step.amount, step.edges[0])), made.whole(0)))
    return made.add(Product(part, made.add(Pick(step.column, tuple(row[0] for row in step.rates)))))


def _line(step: Bands, made: _Made) -> int | None:
    """What is paid above that: in band k, of which all edges but the first are figures, it is slope × amount +
    constant. None where they are no figures, or the product does not fit."""
    edges = [made.steps[edge] for edge in step.edges[1:]]
    figures = [edge.value for edge in edges if isinstance(edge, Whole)]
    if len(figures) < len(edges):
        return None
    columns = len(step.rates)
    slopes: list[int] = []
    constants: list[int] = []
    for k in range(len(figures) + 1):
        for row in step.rates:
            slopes.append(row[k] - row[0])
            constants.append(-sum((row[i] - row[i - 1]) * figures[i - 1] for i in range(1, k + 1)))
    low, high = made.ranges[step.amount]
    greatest = max(map(abs, slopes)) * max(abs(low), abs(high))
    if greatest + max(map(abs, constants)) > GREATEST // 2:
        return None
    first = _first(step, made)
    band = made.place(Place(step.amount, tuple(figures)))
    cell = made.add(Sum(made.add(Product(band, made.whole(columns))), step.column), 0, len(slopes) - 1)
    rise = made.add(Product(step.amount, made.add(Pick(cell, tuple(slopes)))))
    return made.add(Sum(made.add(Sum(first, rise)), made.add(Pick(cell, tuple(constants)))))


def _sum(step: Bands, made: _Made) -> int:
    """The same band after band."""
    paid = _first(step, made)
    for k in range(1, len(step.edges)):
        rises = tuple(row[k] - row[k - 1] for row in step.rates)
        part = made.add(Greatest(made.add(Difference(step.amount, step.edges[k])), made.whole(0)))
        paid = made.add(Sum(paid, made.add(Product(part, made.add(Pick(step.column, rises))))))
    return paid
